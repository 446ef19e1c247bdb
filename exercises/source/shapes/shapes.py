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
# # Exercise 1 · Shapes
#
# Every mistake in a normalizer is a question of *which* numbers go into a mean (均值), and of the
# *shape* (形状) of the result. Here you predict shapes without any array, and then compute with
# arrays.
#
# **Read first:** notebook 1, *Axis and keepdims*. **Time:** 45 minutes. **Points:** 20.
#
# | task | points |
# |---|---|
# | 1 `mean_shape` · 2 `broadcast_shape` · 3 `centre` · 4 `channel_mean` · 5 `check_images` | 4 each |
#
# Each task has a cell for your solution and a check below it. The check says what is right, and of
# what is wrong: what was expected, what came, and the likely reason. Its numbers are random, new in
# each run, so that no constant is right twice. While it runs, the package's own normalizers and those
# of other libraries refuse to work: the task is to write them. When your work is graded, the same
# questions are asked of other shapes.
#
# In a terminal, `d2l-bn check shapes shapes.ipynb` makes all checks of this notebook, and names the sections to
# read again.

# %%
from mxnet import np, npx

npx.set_np()

# %% [markdown]
# ## 1 · The shape of a mean (4 points)
#
# `X.mean(axis=a, keepdims=False)` strikes the axis (轴) `a` out of the shape of X; with
# `keepdims=True` the axis stays, with length 1:
#
# $$(n_0, \dots, n_a, \dots, n_k) \;\to\; (n_0, \dots, n_k) \quad\text{or}\quad
# (n_0, \dots, 1, \dots, n_k)$$
#
# Write `mean_shape(shape, axis, keepdims)`, which *predicts* the shape of the result. `axis` is a
# number or a tuple of different numbers, counted from 0; `shape` is a tuple. It is arithmetic on tuples: the check allows no arrays.
#
# For example, `mean_shape((2, 3, 4), 1, False)` is `(2, 4)` and `mean_shape((2, 3, 4), (0, 2), True)`
# is `(1, 3, 1)`.


# %% nbgrader={"grade_id": "mean_shape", "solution": true}
def mean_shape(shape, axis, keepdims):
    """The shape of X.mean(axis=axis, keepdims=keepdims) for X of this shape, as a tuple."""
    ### BEGIN SOLUTION
    axes = (axis,) if isinstance(axis, int) else axis
    if keepdims:
        return tuple(1 if k in axes else n for k, n in enumerate(shape))
    return tuple(n for k, n in enumerate(shape) if k not in axes)
    ### END SOLUTION


# %% nbgrader={"grade_id": "mean_shape_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("shapes", "mean_shape", globals())

# %% [markdown]
# ## 2 · Broadcasting (4 points)
#
# In `A + B`, the shapes are aligned at their *last* axes. Two lengths go together if they are equal, or
# if one of them is 1 or missing; the result has the other one. This is broadcasting (广播).
#
# ```
#     A        5  1  4
#     B           3  1
#     A + B    5  3  4
# ```
#
# Write `broadcast_shape(a, b)` for two tuples: the shape of `A + B` as a tuple, or `None` if the shapes do not go
# together. No arrays here, either.


# %% nbgrader={"grade_id": "broadcast_shape", "solution": true}
def broadcast_shape(a, b):
    """The shape of A + B for arrays of the shapes a and b; None if they do not go together."""
    ### BEGIN SOLUTION
    rank = max(len(a), len(b))
    a = (1,) * (rank - len(a)) + a
    b = (1,) * (rank - len(b)) + b
    result = ()
    for m, n in zip(a, b):
        if m != n and m != 1 and n != 1:
            return None
        result += (n if m == 1 else m,)
    return result
    ### END SOLUTION


# %% nbgrader={"grade_id": "broadcast_shape_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("shapes", "broadcast_shape", globals())

# %% [markdown]
# ## 3 · Subtract the mean (4 points)
#
# $$y = x - \mu, \qquad \mu = \text{the mean of } x \text{ along the given axis}$$
#
# Write `centre(X, axis)` for an `mx.np` array of any rank and an axis, or a tuple of axes. Predict first:
# for which shapes would a missing `keepdims` raise an error, and for which would it give wrong numbers
# in silence? Leave X itself as it is.


# %% nbgrader={"grade_id": "centre", "solution": true}
def centre(X, axis):
    """X minus its mean along axis; a new array of the shape of X."""
    ### BEGIN SOLUTION
    return X - X.mean(axis=axis, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "centre_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("shapes", "centre", globals())

# %% [markdown]
# ## 4 · The mean of a channel (4 points)
#
# For an `mx.np` array X of shape (N, C, H, W), a channel (通道) has one mean over all examples and all pixels:
#
# $$\mu_c = \frac{1}{N H W} \sum_{n,h,w} x_{nchw}$$
#
# Write `channel_mean(X)`, which returns all of them in the shape (1, C, 1, 1), ready to be subtracted.


# %% nbgrader={"grade_id": "channel_mean", "solution": true}
def channel_mean(X):
    """The mean of each channel of X, (N, C, H, W), as an array of shape (1, C, 1, 1)."""
    ### BEGIN SOLUTION
    return X.mean(axis=(0, 2, 3), keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "channel_mean_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("shapes", "channel_mean", globals())

# %% [markdown]
# ## 5 · Make a wrong shape loud (4 points)
#
# Broadcasting lets much pass that is a mistake. The chapter uses `assert` to stop it; a library raises an
# error that says what came and what was expected.
#
# Write `check_images(X, channels)` for an `mx.np` array X: it returns nothing if X has four axes and `channels` entries along
# axis 1. Otherwise it raises a `ValueError` whose message contains the shape that came, for instance
# `X has shape (2, 5); expected (N, 3, H, W)`.


# %% nbgrader={"grade_id": "check_images", "solution": true}
def check_images(X, channels):
    """Raise a ValueError that names the shape of X unless it is (N, channels, H, W)."""
    ### BEGIN SOLUTION
    if X.ndim != 4 or X.shape[1] != channels:
        raise ValueError(f"X has shape {X.shape}; expected (N, {channels}, H, W)")
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_images_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("shapes", "check_images", globals())
