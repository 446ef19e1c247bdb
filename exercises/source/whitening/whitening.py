# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 7 · Whitening (optional)
#
# Batch normalization (批量归一化) makes each feature's variance 1, and leaves how the features go together
# as it is. *Whitening* (白化) takes the full covariance (协方差) and makes it the identity. Here you write it as a layer,
# and see what it costs.
#
# **Read first:** exercises 2 and 3. **Time:** 60 minutes. **Points:** 10, beside the others.
#
# | task | points |
# |---|---|
# | 1 `whiten`: values 3, gradient 2 | 5 |
# | 2 the Block: training 2, prediction 2, saving 1 | 5 |
#
# In a terminal, `d2l-bn check whitening whitening.ipynb` makes all checks of this notebook, and names the sections to
# read again.

# %%
from mxnet import autograd, init, np, npx
from mxnet.gluon import nn

npx.set_np()

# %% [markdown]
# ## 1 · The function (5 points)
#
# For X of shape (N, C), with $\Sigma = \frac1N (X-\mu)^\top (X-\mu)$ of shape (C, C):
#
# $$Y = (X - \mu)\,(\Sigma + \varepsilon I)^{-1/2}$$
#
# The root is the symmetric one, so that Y is as near to X as a white Y can be (ZCA); without off-diagonal entries it is
# batch normalization. Write `whiten(X, eps)` for an `mx.np` array X in float32.
#
# The gradient is to come back through all of it. `np.linalg.eigh` of MXNet 1.9 hands none back, but products do. For a
# symmetric $A$ with positive eigenvalues, divided by its size $s = \sqrt{\sum a_{ij}^2}$, start with $Y_0 = A/s$, $Z_0 = I$ and
# repeat
#
# $$T = \tfrac12 (3I - Z Y), \qquad Y \leftarrow Y T, \qquad Z \leftarrow T Z$$
#
# (Newton's iteration). Then $Z \to (A/s)^{-1/2}$, so that $A^{-1/2}$ is $Z/\sqrt s$; twenty steps are plenty here.


# %% nbgrader={"grade_id": "whiten", "solution": true}
def whiten(X, eps):
    """X, (N, C), with mean 0 and, up to eps, the identity for its covariance."""
    ### BEGIN SOLUTION
    centred = X - X.mean(axis=0, keepdims=True)
    cov = np.dot(centred.T, centred) / len(X)
    return np.dot(centred, inverse_root(cov + eps * np.eye(X.shape[1])))


def inverse_root(A):
    """A to the power -1/2, by Newton's iteration."""
    size, one = (A * A).sum() ** 0.5, np.eye(len(A))
    Y, Z = A / size, one
    for _ in range(20):
        T = 1.5 * one - 0.5 * np.dot(Z, Y)
        Y, Z = np.dot(Y, T), np.dot(T, Z)
    return Z / size**0.5
    ### END SOLUTION


# %% nbgrader={"grade_id": "whiten_check", "grade": true, "points": 5}
from d2l_bn.exercises import check

check("whitening", "whiten", globals())

# %% [markdown]
# ## 2 · The Block (5 points)
#
# Write `Whitening(num_features, eps, momentum)` for X of shape (N, C). In training it whitens by the batch, and the averages
# `moving_mean`, (1, C), and `moving_cov`, (C, C), move as in exercise 2: momentum weights the old value. They start at 0 and
# at the identity (`init=init.Constant(array)` starts a parameter at an array), are not trained, and are saved. In prediction
# they take the place of the batch's statistics. A mistake in `whiten` costs nothing here.


# %% nbgrader={"grade_id": "layer", "solution": true}
class Whitening(nn.Block):
    """Whitening with moving averages of mean and covariance."""

    def __init__(self, num_features, eps=1e-3, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.eps, self.momentum = eps, momentum
        get, C, none = self.params.get, num_features, {"grad_req": "null"}
        identity = init.Constant(np.eye(C))
        self.moving_mean = get("moving_mean", shape=(1, C), init=init.Zero(), **none)
        self.moving_cov = get("moving_cov", shape=(C, C), init=identity, **none)
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        mean, cov = self.moving_mean.data(), self.moving_cov.data()
        if not autograd.is_training():
            return np.dot(X - mean, inverse_root(cov + self.eps * np.eye(len(cov))))
        with autograd.pause():
            centred = X - X.mean(axis=0, keepdims=True)
            keep = self.momentum
            mean[:] = keep * mean + (1 - keep) * X.mean(axis=0, keepdims=True)
            cov[:] = keep * cov + (1 - keep) * np.dot(centred.T, centred) / len(X)
        return whiten(X, self.eps)
        ### END SOLUTION


# %% nbgrader={"grade_id": "layer_check", "grade": true, "points": 5}
from d2l_bn.exercises import check

check("whitening", "layer", globals())

# %% [markdown]
# **Go on:** How does the time of `whiten` grow with C, and that of batch normalization? How many examples does a covariance of
# C features need? (Try N < C without ε.) Whitening in groups of features is what is used: *Decorrelated Batch
# Normalization* (Huang et al. 2018).
