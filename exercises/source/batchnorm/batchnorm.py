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
# # Exercise 2 · Batch normalization
#
# You write batch normalization (批量归一化) from its formula: first in two dimensions, then in four,
# first for training, then for prediction, then the Block whose averages survive saving. At the end your
# layer trains a network.
#
# **Read first:** notebooks 3 and 5; for the last task, notebook 8. **Time:** 90 minutes.
# **Points:** 20.
#
# | task | points |
# |---|---|
# | 1 `normalize_2d` | 4 |
# | 2 `normalize_4d` | 4 |
# | 3 `batch_norm`: output 2, gradient 2, averages 1, prediction 1, arguments 1 | 7 |
# | 4 the Block: training, prediction, gradient, saving, in a network | 5 |
#
# The check below each task says what was expected, what came, and the likely reason. Its numbers are
# random. While it runs, the package's own normalizers and those of Gluon and other libraries refuse
# to work.
#
# In a terminal, `d2l-bn check batchnorm batchnorm.ipynb` makes all checks of this notebook, and names the sections to
# read again.

# %%
from mxnet import autograd, init, np, npx
from mxnet.gluon import nn

npx.set_np()

# %% [markdown]
# ## 1 · Two dimensions (4 points)
#
# X of shape (N, C) holds N examples with C features each. Every feature gets a mean (均值) and a variance
# (方差) over the examples:
#
# $$\mu = \frac1N \sum_n x_n, \qquad \sigma^2 = \frac1N \sum_n (x_n - \mu)^2, \qquad
# y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta$$
#
# X, `gamma` and `beta` are `mx.np` arrays, `eps` is a number. Note that the variance divides by N (it is the
# biased one), and that $\varepsilon$ stands inside the root.
# `gamma` and `beta` have shape (1, C).


# %% nbgrader={"grade_id": "normalize_2d", "solution": true}
def normalize_2d(X, gamma, beta, eps):
    """X, (N, C), normalized by the statistics of the batch, scaled by gamma, shifted by beta."""
    ### BEGIN SOLUTION
    mean = X.mean(axis=0, keepdims=True)
    var = ((X - mean) ** 2).mean(axis=0, keepdims=True)
    return gamma * (X - mean) / np.sqrt(var + eps) + beta
    ### END SOLUTION


# %% nbgrader={"grade_id": "normalize_2d_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("batchnorm", "normalize_2d", globals())

# %% [markdown]
# ## 2 · Four dimensions (4 points)
#
# Behind a convolution (卷积) X has shape (N, C, H, W), and a channel (通道) is one feature: the mean and the
# variance of a channel run over all examples *and* all pixels, m = N·H·W values.
#
# $$\mu_c = \frac1m \sum_{n,h,w} x_{nchw}, \qquad
# \sigma_c^2 = \frac1m \sum_{n,h,w} (x_{nchw} - \mu_c)^2$$
#
# `gamma` and `beta` have shape (1, C, 1, 1).


# %% nbgrader={"grade_id": "normalize_4d", "solution": true}
def normalize_4d(X, gamma, beta, eps):
    """X, (N, C, H, W), normalized by the statistics of the batch, for each channel."""
    ### BEGIN SOLUTION
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
    return gamma * (X - mean) / np.sqrt(var + eps) + beta
    ### END SOLUTION


# %% nbgrader={"grade_id": "normalize_4d_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("batchnorm", "normalize_4d", globals())

# %% [markdown]
# ## 3 · Both, in training and in prediction (7 points)
#
# Now the chapter's function. It returns three arrays, `(Y, new_mean, new_var)`.
#
# **In training**, when `autograd.is_training()` is true, Y is as above, and the moving averages (移动平均) move
# towards the statistics of the batch. The momentum weights the *old* value:
#
# $$\text{new} = \text{momentum} \cdot \text{old} + (1 - \text{momentum}) \cdot \text{batch}$$
#
# **In prediction**, $\mu$ and $\sigma^2$ are the moving averages, so that the output of an example depends on
# that example alone; the averages are returned as they came.
#
# All arrays are `mx.np` arrays, and all statistics have the shape of `gamma`; `eps` and `momentum` are numbers.
# Make new arrays; leave those that you are given as they are.
#
# The function will be part of a network: autograd must find its way from Y back to X, also through the mean
# and the variance. So stay with `mx.np`, and compute them outside of `autograd.pause()`. (A trap: the gradient
# of `X.var()` is 0 in MXNet 1.9. Write the variance out, as above.) The check looks at $\partial L/\partial X$.


# %% nbgrader={"grade_id": "batch_norm", "solution": true}
def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """(Y, new_mean, new_var) for X of shape (N, C) or (N, C, H, W), in the mode of autograd."""
    ### BEGIN SOLUTION
    mean, var = moving_mean, moving_var
    if autograd.is_training():
        axes = (0,) if X.ndim == 2 else (0, 2, 3)
        mean = X.mean(axis=axes, keepdims=True)
        var = ((X - mean) ** 2).mean(axis=axes, keepdims=True)
        moving_mean = momentum * moving_mean + (1 - momentum) * mean
        moving_var = momentum * moving_var + (1 - momentum) * var
    Y = gamma * (X - mean) / np.sqrt(var + eps) + beta
    return Y, moving_mean, moving_var
    ### END SOLUTION


# %% nbgrader={"grade_id": "batch_norm_check", "grade": true, "points": 7}
from d2l_bn.exercises import check

check("batchnorm", "batch_norm", globals())

# %% [markdown]
# ## 4 · The Block (5 points)
#
# Write the layer `BatchNorm(num_features, num_dims, eps, momentum)`, which calls your `batch_norm` and keeps
# what it needs from one batch to the next:
#
# - `gamma` and `beta`, which start at 1 and 0 and are trained;
# - `moving_mean` and `moving_var`, which start at 0 and 1. They move in each forward pass in training mode,
#   they are not trained, they carry no graph of autograd, and they are saved by `save_parameters`.
#
# `num_dims` is 2 or 4; the shape of all four is (1, C) or (1, C, 1, 1). `self.params.get(name, shape=...,
# init=..., grad_req=...)` makes a parameter; `parameter.data()` is its array.
#
# The check also trains the layer for three steps behind a dense one. A mistake in `batch_norm` costs nothing
# here: the Block is looked at with a right function in its place, too.


# %% nbgrader={"grade_id": "layer", "solution": true}
class BatchNorm(nn.Block):
    """Batch normalization with its parameters and moving averages."""

    def __init__(self, num_features, num_dims, eps=1e-5, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        shape = (1, num_features) if num_dims == 2 else (1, num_features, 1, 1)
        self.eps, self.momentum = eps, momentum
        get = self.params.get
        self.gamma = get("gamma", shape=shape, init=init.One())
        self.beta = get("beta", shape=shape, init=init.Zero())
        self.moving_mean = get("moving_mean", shape=shape, init=init.Zero(), grad_req="null")
        self.moving_var = get("moving_var", shape=shape, init=init.One(), grad_req="null")
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        mean, var = self.moving_mean.data(), self.moving_var.data()
        gamma, beta = self.gamma.data(), self.beta.data()
        Y, new_mean, new_var = batch_norm(X, gamma, beta, mean, var, self.eps, self.momentum)
        if autograd.is_training():
            with autograd.pause():
                mean[:] = new_mean.detach()
                var[:] = new_var.detach()
        return Y
        ### END SOLUTION


# %% nbgrader={"grade_id": "layer_check", "grade": true, "points": 5}
from d2l_bn.exercises import check

check("batchnorm", "layer", globals())

# %% [markdown]
# ## Your layer at work
#
# No points, but what all of it is for: your layer in the four places of LeNet, on 400 drawn garments (a stand-in
# for Fashion-MNIST), beside the same network without it. Predict first: which line falls, and how fast?

# %%
import d2l_bn
from d2l_bn import figures
from d2l_bn.exercises import small_run


def compare():
    """The training loss of both networks, epoch by epoch."""
    mine = d2l_bn.lenet(norm=lambda channels, rank: BatchNorm(channels, rank))
    lines = {
        "your layer": small_run.losses(0, lr=1.0, net=mine, epochs=5),
        "none": small_run.losses(0, lr=1.0, norm=None, epochs=5),
    }
    figures.draw_lines(lines, xlabel="epoch", ylabel="training loss")


small_run.attempt(compare)

# %% [markdown]
# A guess costs ln 10 = 2.3, and the network without it is still there. **Go on:** move `places` (1 to 4) or the
# learning rate; use another batch of one in training and see what your layer does. Then exercise 3.
