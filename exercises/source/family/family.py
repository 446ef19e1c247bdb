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
# # Exercise 5 · The family
#
# The normalizers differ in one thing: over which axes (轴) they take their mean and variance, their *index
# set*. Here you write three of them from it.
#
# | normalizer | statistics over | one mean and variance |
# |---|---|---|
# | batch normalization (批量归一化) | N, H, W | per channel |
# | layer normalization (层归一化) | C, H, W | per example |
# | instance normalization (实例归一化) | H, W | per example and channel |
# | group normalization (组归一化) | C/G, H, W | per example and group |
# | weight standardization (权重标准化) | I, kH, kW | per output filter of a *weight* |
#
# **Read first:** exercise 2, and notebook 11 where you have it. **Time:** 60 minutes. **Points:** 20.
#
# | task | points |
# |---|---|
# | 1 `normalize` | 4 |
# | 2 `group_norm` | 6 |
# | 3 `standardize_weight` | 5 |
# | 4 `adain` | 5 |
#
# Tasks 2 to 4 may call your `normalize`; if there is a mistake in it, they are looked at with a right one in
# its place, so that a mistake costs points once.
#
# All arrays are `mx.np` arrays. The checks compare with arithmetic in NumPy, on random arrays. The package's own normalizers, Gluon's and
# those of other libraries refuse to work meanwhile.
#
# In a terminal, `d2l-bn check family family.ipynb` makes all checks of this notebook, and names the sections to
# read again.

# %%
from mxnet import np, npx

npx.set_np()

# %% [markdown]
# ## 1 · What they have in common (4 points)
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}$$
#
# with $\mu$ and the biased variance $\sigma^2$ over the given axes. Write `normalize(X, axes, eps)` for an array
# of any rank and a tuple of axes.


# %% nbgrader={"grade_id": "normalize", "solution": true}
def normalize(X, axes, eps):
    """X with mean 0 and, up to eps, variance 1 over axes."""
    ### BEGIN SOLUTION
    mean = X.mean(axis=axes, keepdims=True)
    var = ((X - mean) ** 2).mean(axis=axes, keepdims=True)
    return (X - mean) / np.sqrt(var + eps)
    ### END SOLUTION


# %% nbgrader={"grade_id": "normalize_check", "grade": true, "points": 4}
from d2l_bn.exercises import check

check("family", "normalize", globals())

# %% [markdown]
# ## 2 · Group normalization (6 points)
#
# X of shape (N, C, H, W); the channels form G groups of C/G channels *in a row*. Each group of each example is
# normalized by itself, over its C/G channels and over H and W. Then every channel is scaled and shifted:
#
# $$y = \gamma_c\,\hat x + \beta_c$$
#
# `gamma` and `beta` have shape (1, C, 1, 1). With G = 1 it is layer normalization, with G = C instance
# normalization. (A reshape makes the groups an axis of their own. Which one?)


# %% nbgrader={"grade_id": "group_norm", "solution": true}
def group_norm(X, num_groups, gamma, beta, eps):
    """X, (N, C, H, W), normalized within num_groups groups of channels."""
    ### BEGIN SOLUTION
    N, C, H, W = X.shape
    groups = X.reshape(N, num_groups, C // num_groups, H, W)
    X_hat = normalize(groups, (2, 3, 4), eps).reshape(X.shape)
    return gamma * X_hat + beta
    ### END SOLUTION


# %% nbgrader={"grade_id": "group_norm_check", "grade": true, "points": 6}
from d2l_bn.exercises import check

check("family", "group_norm", globals())

# %% [markdown]
# ## 3 · Weight standardization (5 points)
#
# It normalizes no data but the weight of a convolution (卷积), W of shape (O, I, kH, kW): each of the O filters
# gets mean 0 and variance 1 over its own I·kH·kW numbers.
#
# $$\hat W = \frac{W - \mu_o}{\sqrt{\sigma_o^2 + \varepsilon}}$$
#
# A widely read introduction has this formula without its parenthesis: mind it. Write
# `standardize_weight(W, eps)`.


# %% nbgrader={"grade_id": "standardize_weight", "solution": true}
def standardize_weight(W, eps):
    """W, (O, I, kH, kW), with mean 0 and variance 1 for each output filter."""
    ### BEGIN SOLUTION
    return normalize(W, (1, 2, 3), eps)
    ### END SOLUTION


# %% nbgrader={"grade_id": "standardize_weight_check", "grade": true, "points": 5}
from d2l_bn.exercises import check

check("family", "standardize_weight", globals())

# %% [markdown]
# ## 4 · Adaptive instance normalization (5 points)
#
# AdaIN (自适应实例归一化) gives the features of a *content* image the statistics of a *style* image. Mean and
# deviation are those of each channel of each image, over H and W:
#
# $$\text{AdaIN}(x, y) = \sigma(y)\,\frac{x - \mu(x)}{\sigma(x)} + \mu(y), \qquad
# \sigma(\cdot) = \sqrt{\text{variance} + \varepsilon}$$
#
# Write `adain(content, style, eps)`. The two may differ in height and width.


# %% nbgrader={"grade_id": "adain", "solution": true}
def adain(content, style, eps):
    """content, (N, C, H, W), with the mean and deviation of style for each image and channel."""
    ### BEGIN SOLUTION
    mean = style.mean(axis=(2, 3), keepdims=True)
    var = ((style - mean) ** 2).mean(axis=(2, 3), keepdims=True)
    return np.sqrt(var + eps) * normalize(content, (2, 3), eps) + mean
    ### END SOLUTION


# %% nbgrader={"grade_id": "adain_check", "grade": true, "points": 5}
from d2l_bn.exercises import check

check("family", "adain", globals())
