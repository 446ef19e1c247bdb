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
# # Exercise 3 · Backward
#
# You derive the gradient (梯度) of batch normalization (批量归一化), first stage by stage, then in closed
# form, then for prediction, and at last for group normalization (组归一化). In between your gradient trains a
# network.
#
# **Read first:** notebook 4, *Backward, by hand*. **Time:** 150 minutes. **Points:** 20.
#
# | task | points |
# |---|---|
# | 1 `backward_stages` | 6 |
# | 2 `backward` | 6 |
# | 3 `backward_in_prediction` | 3 |
# | 4 `group_norm_backward` | 5 |
#
# By hand means: no `autograd`. The checks refuse `record` and `backward`, the package's own gradient, and
# constants. All arrays that they pass are `mx.np` arrays in float64. With central differences (中心差分) you can
# check yourself; see below task 2.
#
# In a terminal, `d2l-bn check backward backward.ipynb` makes all checks of this notebook, and names the sections to
# read again.

# %%
import mxnet
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.exercises import small_run

npx.set_np()


def forward_stages(X, gamma, beta, eps):
    """Every array of the forward pass in training, by name."""
    axes = (0,) if X.ndim == 2 else (0, 2, 3)
    v = {"X": X, "gamma": gamma, "beta": beta}
    v["mean"] = X.mean(axis=axes, keepdims=True)
    v["centred"] = X - v["mean"]
    v["squares"] = v["centred"] ** 2
    v["var"] = v["squares"].mean(axis=axes, keepdims=True)
    v["inverse"] = (v["var"] + eps) ** -0.5
    v["X_hat"] = v["centred"] * v["inverse"]
    v["Y"] = gamma * v["X_hat"] + beta
    return v


# %% [markdown]
# ## 1 · Stage by stage (6 points)
#
# `forward_stages` makes one array from those before it. Walk back: for each array $v$ find
# $\partial L/\partial v$, given `dY` = $\partial L/\partial y$. Two rules are enough.
#
# 1. Each use multiplies: if $v = f(u)$, then $\dfrac{\partial L}{\partial u}$ is
#    $\dfrac{\partial L}{\partial v}\,f'(u)$.
# 2. Several uses add up. `X` is used for `mean` and `centred`, `centred` for `squares` and `X_hat`. One number
#    that broadcasting (广播) copies to $m$ places gets the sum of $m$ gradients; each of the $m$ values of a mean
#    gets one $m$-th.
#
# Write `backward_stages(dY, v)`, where `v` is what `forward_stages` returned for X of shape (N, C) or (N, C, H, W).
# It returns a dictionary with
# the gradients of `Y`, `beta`, `gamma`, `X_hat`, `inverse`, `var`, `squares`, `centred`, `mean` and `X`, each of the
# shape of its array. The check judges each stage for itself, so a mistake early on costs one stage only.


# %% nbgrader={"grade_id": "backward_stages", "solution": true}
def backward_stages(dY, v):
    """From the names of the arrays in v to their gradients."""
    axes = (0,) if dY.ndim == 2 else (0, 2, 3)
    m = dY.size // dY.shape[1]  # values of a channel
    d = {"Y": dY}
    ### BEGIN SOLUTION

    def total(gradient):
        return gradient.sum(axis=axes, keepdims=True)

    d["beta"] = total(dY)
    d["gamma"] = total(dY * v["X_hat"])
    d["X_hat"] = dY * v["gamma"]
    d["inverse"] = total(d["X_hat"] * v["centred"])
    d["var"] = -0.5 * v["inverse"] ** 3 * d["inverse"]
    d["squares"] = np.broadcast_to(d["var"] / m, dY.shape)
    d["centred"] = d["X_hat"] * v["inverse"] + 2 * v["centred"] * d["squares"]
    d["mean"] = -total(d["centred"])
    d["X"] = d["centred"] + d["mean"] / m
    ### END SOLUTION
    return d


# %% nbgrader={"grade_id": "backward_stages_check", "grade": true, "points": 6}
from d2l_bn.exercises import check

check("backward", "backward_stages", globals())

# %% [markdown]
# ## 2 · In closed form (6 points)
#
# Put the stages together on paper. Everything collapses into three lines; sums run over the $m$ values of a
# channel:
#
# $$\frac{\partial L}{\partial\beta} = \sum \frac{\partial L}{\partial y}, \qquad
# \frac{\partial L}{\partial\gamma} = \sum \frac{\partial L}{\partial y}\,\hat x, \qquad
# \frac{\partial L}{\partial x} = \frac{\gamma}{m\sqrt{\sigma^2+\varepsilon}}
# \left(m\,\frac{\partial L}{\partial y} - \;?\; - \hat x\;?\right)$$
#
# The two question marks are for you. Write `backward(dY, X, gamma, eps)`, which returns
# `(dX, dgamma, dbeta)`; `gamma` and its gradient have the shape (1, C) or (1, C, 1, 1).


# %% nbgrader={"grade_id": "backward", "solution": true}
def backward(dY, X, gamma, eps):
    """(dX, dgamma, dbeta) in training, X of shape (N, C) or (N, C, H, W)."""
    ### BEGIN SOLUTION
    axes = (0,) if X.ndim == 2 else (0, 2, 3)
    m = X.size // X.shape[1]
    mean = X.mean(axis=axes, keepdims=True)
    deviation = np.sqrt(((X - mean) ** 2).mean(axis=axes, keepdims=True) + eps)
    X_hat = (X - mean) / deviation
    dbeta = dY.sum(axis=axes, keepdims=True)
    dgamma = (dY * X_hat).sum(axis=axes, keepdims=True)
    dX = gamma / (m * deviation) * (m * dY - dbeta - X_hat * dgamma)
    return dX, dgamma, dbeta
    ### END SOLUTION


# %% [markdown]
# Check it yourself, if you like: `check_gradients` moves each entry a little to the right and to the left.
# (Why are the numbers for `dY` random, and not ones?)

# %%
X = np.random.normal(2, 3, size=(5, 2)).astype("float64")
dY = np.random.normal(size=(5, 2)).astype("float64")
gamma, beta = np.full((1, 2), 1.5, dtype="float64"), np.zeros((1, 2), dtype="float64")

try:
    dX, dgamma, dbeta = backward(dY, X, gamma, 0.1)
    print(
        check_gradients(
            lambda X: forward_stages(X, gamma, beta, 0.1)["Y"], {"X": X}, dY, analytic={"X": dX}
        )
    )
except NotImplementedError:
    print("not written yet")

# %% nbgrader={"grade_id": "backward_check", "grade": true, "points": 6}
from d2l_bn.exercises import check

check("backward", "backward", globals())

# %% [markdown]
# ### Your gradient at work
#
# No points: your `backward` takes its place in the chain rule of a real network. Below the normalizer, and above it,
# autograd does its work; at the normalizer itself nothing is recorded, and what passes there is what you return. The
# data are 400 drawn garments. Predict first: where would the loss be without the normalizer?


# %%
def descend(normalized, lr=0.3, epochs=5):
    """The mean loss of each epoch, of dense → sigmoid → dense → normalizer → sigmoid → dense."""
    mxnet.random.seed(0)
    batches, _ = d2l_bn.load_fashion_mnist(20, data="synthetic", limit=400, seed=0)
    below, above = nn.Sequential(), nn.Sequential()
    below.add(nn.Dense(64, activation="sigmoid"), nn.Dense(64))
    above.add(nn.Activation("sigmoid"), nn.Dense(10))
    for part in (below, above):
        part.initialize(init.Xavier())
    steps = [
        gluon.Trainer(p.collect_params(), "sgd", {"learning_rate": lr}) for p in (below, above)
    ]
    gamma, beta, line = np.ones((1, 64)), np.zeros((1, 64)), []
    for _ in range(epochs):
        total = 0.0
        for X, y in batches:
            with autograd.record():
                U = below(X.reshape(len(X), -1))
            Y = forward_stages(U, gamma, beta, 1e-5)["Y"] if normalized else U.copy()
            Y.attach_grad()
            with autograd.record():
                loss = gluon.loss.SoftmaxCrossEntropyLoss()(above(Y), y)
            loss.backward()
            dU = Y.grad
            if normalized:
                dU, dgamma, dbeta = backward(Y.grad, U, gamma, 1e-5)  # yours
                gamma = gamma - lr / len(X) * dgamma
                beta = beta - lr / len(X) * dbeta
            U.backward(dU)
            for trainer in steps:
                trainer.step(len(X))
            total += float(loss.sum())
        line.append(total / 400)
    return line


def compare():
    lines = {"your gradient": descend(True), "no normalizer": descend(False)}
    figures.draw_lines(lines, xlabel="epoch", ylabel="training loss")


small_run.attempt(compare)

# %% [markdown]
# ## 3 · In prediction (3 points)
#
# In prediction mode the mean and the variance are the moving averages (移动平均): constants that no $x$ acts
# on. Write `backward_in_prediction(dY, X, gamma, moving_mean, moving_var, eps)`, which returns
# `(dX, dgamma, dbeta)` for
#
# $$y = \gamma\,\frac{x - \text{moving\_mean}}{\sqrt{\text{moving\_var}+\varepsilon}} + \beta$$


# %% nbgrader={"grade_id": "backward_in_prediction", "solution": true}
def backward_in_prediction(dY, X, gamma, moving_mean, moving_var, eps):
    """(dX, dgamma, dbeta) in prediction."""
    ### BEGIN SOLUTION
    axes = (0,) if X.ndim == 2 else (0, 2, 3)
    deviation = np.sqrt(moving_var + eps)
    X_hat = (X - moving_mean) / deviation
    dgamma = (dY * X_hat).sum(axis=axes, keepdims=True)
    return gamma / deviation * dY, dgamma, dY.sum(axis=axes, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "backward_in_prediction_check", "grade": true, "points": 3}
from d2l_bn.exercises import check

check("backward", "backward_in_prediction", globals())

# %% [markdown]
# ## 4 · The siblings: group normalization (5 points)
#
# Group normalization (组归一化) takes its mean and variance within G groups of C/G channels in a row, of each
# example alone; layer normalization (层归一化) is G = 1. For X of shape (N, C, H, W), with $m = C/G \cdot H \cdot W$ values in
# a group of one example:
#
# $$y = \gamma_c\,\hat x + \beta_c, \qquad \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}$$
#
# Two things are new. The index set of the statistics and that of γ and β are no longer the same: γ differs *within* a
# group. And a γ of one channel serves all examples.
#
# Write `group_norm_backward(dY, X, num_groups, gamma, eps)`, which returns `(dX, dgamma, dbeta)`; `gamma` and its gradient
# have the shape (1, C, 1, 1). Start from $g = \gamma_c\,\partial L/\partial y$, which is $\partial L/\partial\hat x$.


# %% nbgrader={"grade_id": "group_norm_backward", "solution": true}
def group_norm_backward(dY, X, num_groups, gamma, eps):
    """(dX, dgamma, dbeta) of group normalization, X of shape (N, C, H, W)."""
    ### BEGIN SOLUTION

    def grouped(array):
        return array.reshape(array.shape[0], num_groups, -1)

    def mean(array):
        return array.mean(axis=2, keepdims=True)

    centred = grouped(X) - mean(grouped(X))
    deviation = np.sqrt(mean(centred**2) + eps)
    x_hat, g = centred / deviation, grouped(gamma * dY)
    dX = (g - mean(g) - x_hat * mean(g * x_hat)) / deviation
    dgamma = (dY * x_hat.reshape(X.shape)).sum(axis=(0, 2, 3), keepdims=True)
    return dX.reshape(X.shape), dgamma, dY.sum(axis=(0, 2, 3), keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "group_norm_backward_check", "grade": true, "points": 5}
from d2l_bn.exercises import check

check("backward", "group_norm_backward", globals())
