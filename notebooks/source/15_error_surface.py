# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 15 · The error surface
#
# Two features (特征): one takes the values 1, 2, 3, the other 100, 200, 300. Gradient descent (梯度下降)
# fits a linear model to them, and after ten thousand steps it is not there yet. Divide the second
# feature by 100, take the means away, and *one* step is enough. The model is the same, the data are the
# same; what has changed is the shape of the error surface (误差曲面), the loss as a function of the
# weights. This notebook draws that surface, predicts from its shape how fast descent can go, and tests
# every prediction; first with two weights, then inside a network.
#
# **After this notebook you can**
#
# - compute the Hessian (黑塞矩阵) of a linear model from its features, and from that the largest stable
#   learning rate (学习率) and the number of steps;
# - write descent with momentum (动量), and say from one picture what it does to each direction;
# - say what centring, scaling and whitening each do, and what none of them can do;
# - choose a batch size by noise and by cost, and name the four difficulties of descent;
# - measure the surface of a network, with and without batch normalization (批量归一化).
#
# **Time:** about a minute to run on two CPU cores, 15 minutes to read, and as long again to predict.
#
# **Needs:** what a gradient (梯度) is; Fashion-MNIST (30 MB, found or fetched by itself) for the last
# part. Cells with `None` wait for your answer; left as they are, they do no harm.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os
from math import log, sqrt

import mxnet as mx
import numpy as np  # NumPy: float64 on small matrices
from mxnet import autograd, gluon, init, npx
from mxnet import np as mxnp
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.descent import GradientDescent, Momentum, descend, descend_on_batches
from d2l_bn.descent.surfaces import LeastSquares, Quadratic, SaddlePoint
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments.statistics import estimate

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # less of everything: to see that it runs
check = predictions("error_surface")

# %% [markdown]
# # Part one: two features, two scales
#
# All nine combinations of the values, once raw and once standardized (标准化): each feature with mean 0
# and variance 1. The pictures are in true proportion, a unit as long on one axis as on the other.


# %%
def standardize(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


nine = np.array([(a, b) for a in (1, 2, 3) for b in (100, 200, 300)], dtype=float)  # (9, 2)
versions = {
    "raw": nine,
    "centred": nine - nine.mean(axis=0),
    "scaled, not centred": nine / nine.std(axis=0),
    "standardized": standardize(nine),
}
targets = standardize(nine) @ [1.0, 1.0]  # (9,)
surfaces = {name: LeastSquares(X, targets, name=name) for name, X in versions.items()}

# %% tags=["cover"]
axes = figures.new_axes(2, height=3.9)
for ax, name in zip(axes, ("raw", "standardized")):
    path = descend(surfaces[name], GradientDescent(0.1), (0, 0), steps=0)
    figures.draw_paths(surfaces[name], {"": path}, title=name, true_proportion=True, ax=ax)
figures.show(
    axes,
    alt="Contours of the same loss over windows of the same size. With raw features they are straight "
    "parallel lines, a gorge without a visible slope along it; with standardized ones they are circles "
    "around the minimum.",
)

# %% [markdown]
# On the left a gorge: for the eye it has no slope along $w_1$. On the right a round bowl, where the
# gradient points at the minimum, the star.
#
# ## The Hessian is made of the features
#
# The model is $\hat y = w_1 x_1 + w_2 x_2$, the loss $L(w) = \frac{1}{2n}\sum_i(\hat y_i - y_i)^2$. Its
# second derivatives do not depend on $w$, nor on $y$:
#
# $$H = \frac1n X^\top X = \begin{pmatrix} E[x_1^2] & E[x_1x_2] \\ E[x_1x_2] & E[x_2^2] \end{pmatrix}.$$
#
# One line of MXNet:

# %%
X = mxnp.array(nine)  # (n, 2)
H = X.T @ X / len(X)  # (2, 2)

print(H)
print(
    "the package's surface has the same:", bool(np.allclose(H.asnumpy(), surfaces["raw"].hessian))
)

# %% [markdown]
# How many steps descent needs depends on the condition number (条件数)
# $\kappa = \lambda_{\max}/\lambda_{\min}$, the ratio of the eigenvalues (特征值) of $H$. What is it for
# the standardized features?

# %%
kappa_standardized = None  # a number

check("kappa_standardized", kappa_standardized)

# %%
print("features              λ min         λ max      condition number   largest rate")
for name, surface in surfaces.items():
    low, high = np.linalg.eigvalsh(surface.hessian)
    rate = surface.largest_stable_learning_rate
    print(f"{name:20}{low:8.3f} {high:14,.3f} {surface.condition_number:18,.1f} {rate:15.3g}")

# %% [markdown]
# **Scale:** the ranges differ by 100, and the condition number of the centred features is the *square*
# of that. **Mean:** raw features are worse still, since a feature with a large mean is, first of all, a
# constant; scaling alone leaves that. **Both together** give 1.
#
# > **About the source.** The lecture that this example comes from prints `X1=[1,2,3]` and
# > `X2=[100,200,300]` and calls them two *inputs*. They are two *features*, columns of the data. Taken
# > as three examples, (1, 100), (2, 200), (3, 300), the second column is a hundred times the first:
# > $\lambda_{\min} = 0$, and no scaling of the columns changes that. What is meant are the ranges.
#
# ## The largest learning rate, predicted and tried
#
# Along an eigenvector (特征向量) with eigenvalue $\lambda$, a step multiplies the distance to the minimum
# by $1 - \alpha\lambda$. So descent is stable for $\alpha < 2/\lambda_{\max}$. Try it on the raw
# features, with the loop that every training is: forward, backward, step.


# %%
def loss_after(X, y, rate, steps):
    X, y, w = mxnp.array(X), mxnp.array(y), mxnp.zeros(2, dtype="float64")
    w.attach_grad()
    for _ in range(steps):
        with autograd.record():
            loss = ((X @ w - y) ** 2).mean() / 2
        loss.backward()
        w -= rate * w.grad
    return loss.item()


limit = surfaces["raw"].largest_stable_learning_rate
for share in (0.99, 1.01):
    print(f"{share} of the limit: loss {loss_after(nine, targets, share * limit, 400):.3g}")

# %% [markdown]
# Sharp to the percent. And the cost: the flattest direction shrinks by $1 - \alpha\lambda_{\min}$ a step.
# At the best rate, $2/(\lambda_{\max} + \lambda_{\min})$, the distance falls by
# $\frac{\kappa - 1}{\kappa + 1}$ a step. So a tenth of the distance takes about $\kappa \ln(10)/2$
# steps: **plain descent pays in proportion to κ.** (From here on paths are computed by `descend`, the
# same loop in double precision, which records every point.)

# %%
print("features                     κ      predicted      needed")
for name in ("centred", "scaled, not centred", "standardized"):
    surface = surfaces[name]
    (low, high), vectors = np.linalg.eigh(surface.hessian)
    factor = (surface.condition_number - 1) / (surface.condition_number + 1)
    predicted = max(1, np.ceil(log(0.1) / log(factor))) if factor > 1e-9 else 1
    best, budget = np.array(surface.minima[0]), int(1.1 * predicted) + 2
    path = descend(surface, GradientDescent(2 / (low + high)), best + vectors[:, 0], budget)
    needed = path.steps_to(float(surface.value(best)) + low * 0.5 * 0.01)
    print(f"{name:20} {surface.condition_number:10,.1f}  {predicted:12,.0f}  {needed!s:>10}")

# %% [markdown]
# # Part two: momentum in the valley
#
# Not every valley can be standardized away. What can a better rule do about it? Take the valley
# $f(w) = \frac12(w_1^2 + 100\,w_2^2)$: curvature (曲率) 1 along it, 100 across, $\kappa = 100$. Plain
# descent must keep $\alpha < 0.02$ for the steep direction, and then takes at most 2 % off the flat one
# in each step.
#
# A ball that rolls into the valley has inertia. Momentum gives the descent a velocity $v$ that keeps a
# share $\gamma$ of what it was:
#
# $$v \leftarrow \gamma v + \alpha \nabla f(w), \qquad w \leftarrow w - v .$$
#
# By hand, with $\alpha = 0.01$, $\gamma = 0.9$:
#
# | step | gradient | $v$ | $w$ |
# |---|---|---|---|
# | start | | (0, 0) | (−4, 1) |
# | 1 | (−4, 100) | 0.01 · (−4, 100) = (−0.04, 1) | (−3.96, 0) |
#
# After one step $w_2$ is 0: the floor of the valley, where the gradient across is 0. What is $w_2$ after
# the *second* step?

# %%
second = None  # a number

check("second_step", second)

# %%
alpha, gamma, curvature = 0.01, 0.9, mxnp.array([1.0, 100.0])
w, v = mxnp.array([-4.0, 1.0]), mxnp.zeros(2)
theirs, update = (
    w.copy(),
    mx.optimizer.get_updater(mx.optimizer.SGD(momentum=0.9, learning_rate=0.01)),
)

for step in (1, 2, 3):
    gradient = curvature * w
    v = gamma * v + alpha * gradient
    w = w - v
    update(0, curvature * theirs, theirs)  # MXNet's, which writes into its last argument
    print(f"step {step}: yours {w}, MXNet's {theirs}")

# %% [markdown]
# (MXNet keeps $-v$. PyTorch's form is $v \leftarrow \gamma v + \nabla f$, $w \leftarrow w - \alpha v$: the
# same path while $\alpha$ is constant, another one when a schedule changes it.)

# %%
valley = Quadratic((1.0, 100.0), x_range=(-4.4, 2.0), y_range=(-1.3, 1.3))
start = (-4.0, 1.0)
paths = {
    "plain": descend(valley, GradientDescent(0.018), start, steps=60),
    "momentum 0.9": descend(valley, Momentum(0.018, 0.9), start, steps=60),
}
axes = figures.new_axes(rows=2, height=6.4)
for ax, (label, path) in zip(axes, paths.items()):
    figures.draw_paths(
        valley, {label: path}, title=f"{label}, 60 steps", true_proportion=True, ax=ax
    )
    ax.get_legend().remove()
figures.show(
    axes,
    alt="The valley in true proportion. Plain descent swings across it and has come two thirds of the way "
    "after sixty steps; with momentum the path runs along the valley, past the minimum, and comes back.",
)

# %% [markdown]
# ## Each direction for itself
#
# Why does it help? Along each eigenvector the descent is a thing of its own, with one curvature
# $\lambda$. There, momentum is a matrix of two rows that acts on velocity and distance $x$:
#
# $$\begin{pmatrix} v \\ x \end{pmatrix} \leftarrow
# \begin{pmatrix} \gamma & \alpha\lambda \\ -\gamma & 1 - \alpha\lambda \end{pmatrix}
# \begin{pmatrix} v \\ x \end{pmatrix}.$$
#
# After many steps the larger of its two eigenvalues, in size, is the factor by which the distance
# shrinks in each. Their product is $\gamma$ (the determinant). When they are a complex pair they are of
# one size. With $\gamma = 0.81$, what is the factor then?

# %%
factor_when_complex = None  # a number

check("factor_when_complex", factor_when_complex)


# %%
def shrinking(product, gamma):
    """The factor per step; ``product`` is the rate times the curvature."""
    matrix = np.array([[gamma, product], [-gamma, 1 - product]])
    return np.abs(np.linalg.eigvals(matrix)).max()


products = np.geomspace(1e-3, 5, 300)
ax = figures.draw_lines(
    {f"γ = {g}": [shrinking(p, g) for p in products] for g in (0.0, 0.5, 0.9)},
    x=products,
    xlabel=r"rate times curvature, $\alpha\lambda$",
    ylabel="the distance, times this in each step",
)
ax.set(xscale="log", ylim=(0, 1.25))
ax.axhline(1, color="grey", lw=0.8)
ax.annotate("diverges", (1.1e-3, 1.05), color="grey")
figures.show(
    ax,
    alt="The factor per step against the rate times the curvature, on a logarithmic axis. Without "
    "momentum it has a narrow dip to 0 at 1 and passes 1 at 2. With momentum 0.9 it falls from 1 to "
    "0.95, stays there over three powers of ten, and passes 1 at 3.8.",
)

# %% [markdown]
# Read the picture from the left, where the curvature is small.
#
# - **Overdamped:** two real eigenvalues; the ball creeps. Momentum makes it creep $1/(1-\gamma)$ times as
#   fast, since steps that agree add up.
# - **Critical damping (临界阻尼)** is the corner, at $\alpha\lambda = (1 - \sqrt\gamma)^2$: no other
#   $\gamma$ is faster for this curvature.
# - **Underdamped:** a complex pair, the ball swings; the factor is $\sqrt\gamma$ *whatever the curvature
#   is*. This flat stretch is what momentum is for: directions that differ a thousandfold in curvature
#   shrink equally fast.
# - It **diverges** beyond $\alpha\lambda = 2(1 + \gamma)$.
#
# The three kinds in one dimension, $\alpha\lambda = 0.01$:

# %%
kinds = {"overdamped, γ = 0.6": 0.6, "critical, γ = 0.81": 0.81, "underdamped, γ = 0.98": 0.98}
distances = {}
for label, gamma in kinds.items():
    x, v, distances[label] = 1.0, 0.0, [1.0]
    for _ in range(120):
        v = gamma * v + 0.01 * x
        x = x - v
        distances[label].append(x)
figures.show(
    figures.draw_lines(distances, ylabel="distance to the minimum"),
    alt="Three ways to the minimum in one dimension: the overdamped one creeps towards it, the "
    "critically damped one is there after sixty steps without passing it, the underdamped one swings.",
)

# %% [markdown]
# ## How much it helps
#
# Put the smallest curvature on the left corner of the flat stretch and the largest on the right one:
# $\alpha\lambda_{\min} = (1 - \sqrt\gamma)^2$ and $\alpha\lambda_{\max} = (1 + \sqrt\gamma)^2$. Divide,
# and
#
# $$\sqrt{\gamma^*} = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}, \qquad
# \alpha^* = \left(\frac{2}{\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}}\right)^2$$
#
# (Polyak 1964). It is the factor of plain descent with $\sqrt\kappa$ in the place of $\kappa$. So for
# $\kappa = 10{,}000$, how many times fewer steps, roughly?

# %%
times_fewer = None  # a number

check("times_fewer", times_fewer)

# %%
print("    κ    plain, best rate   momentum, best γ and rate    best γ")
for kappa in (10, 100, 1000, 10_000)[: 3 if FAST else 4]:
    surface, here = Quadratic((1.0, kappa)), (-4.0, 4.0 / sqrt(kappa))  # equal shares of f
    goal = 1e-6 * float(surface.value(np.array(here)))
    root = (sqrt(kappa) - 1) / (sqrt(kappa) + 1)
    plain = descend(surface, GradientDescent(2 / (1 + kappa)), here, steps=8 * kappa)
    heavy = descend(surface, Momentum((2 / (sqrt(kappa) + 1)) ** 2, root**2), here, steps=8 * kappa)
    print(f"{kappa:6d} {plain.steps_to(goal):12d} {heavy.steps_to(goal):20d} {root**2:22.3f}")

# %% [markdown]
# **Momentum pays in proportion to √κ.** The best γ grows with κ, and in a network nobody knows κ: 0.9 is
# a habit, 0.99 is right for worse valleys. A schedule of γ is in notebook 17.
#
# # Part three: correlation
#
# ## What standardizing cannot do
#
# It makes the variances equal; it does not remove correlation (相关性). With correlation $\rho$ the
# standardized features have $H = \begin{pmatrix}1&\rho\\\rho&1\end{pmatrix}$. What is $\kappa$ for
# $\rho = 0.9$?

# %%
kappa_correlated = None  # a number

check("kappa_correlated", kappa_correlated)


# %%
def whiten(X):
    """Uncorrelated features of variance 1: rotate to the eigenvectors, then scale."""
    X = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    return X @ vectors / np.sqrt(values)


rng = np.random.default_rng(0)
print("ρ       standardized   (1+ρ)/(1-ρ)   whitened")
for rho in (0.0, 0.5, 0.9, 0.99):
    mixed = rng.multivariate_normal([2, 200], [[1, 100 * rho], [100 * rho, 1e4]], size=5000)
    kappas = [LeastSquares(f(mixed), mixed[:, 0]).condition_number for f in (standardize, whiten)]
    print(f"{rho:4.2f} {kappas[0]:12.1f} {(1 + rho) / (1 - rho):14.1f} {kappas[1]:12.3f}")

# %% [markdown]
# Whitening removes it, at the price of an eigenvector decomposition. Batch normalization is
# standardizing: cheap, and blind to correlation.
#
# ### Move it yourself
#
# **Predict first.** Two features with $\rho = 0.8$ and deviations 1 and 1 have $\kappa = 9$. You may give
# each of them any deviation you like: how small can $\kappa$ become? And with deviations 1 and 1 and a
# learning rate of 1.25: beyond which positive $\rho$ does descent diverge?

# %%
smallest = None  # a condition number
last_stable = None  # a correlation

# %% [markdown]
# Set the correlation to 0.8 and drag the edges of the box. Then press "whitened", set the learning
# rate to 1.25, and move the correlation.

# %%
figures.interactive("features_and_correlation")

# %%
check("smallest_kappa", smallest)
check("last_stable", last_stable)

# %% [markdown]
# **Scaling two features can do no better than making their deviations equal; what is left is the
# correlation: $\kappa = (1 + |\rho|)/(1 - |\rho|)$, and a largest rate of $2/(1 + |\rho|)$.**
#
# # Part four: how many examples for a step?
#
# A gradient is a mean over examples (样本). **Batch** descent (批量梯度下降) takes all of them,
# **stochastic** descent (随机梯度下降) one, **mini-batch** descent (小批量梯度下降) some, in practice 50
# to 256. The rule is the same. We fit a line to 256 noisy examples with standardized features.

# %%
rng = np.random.default_rng(1)
X = standardize(rng.normal(size=(256, 2)))
y = X @ [2.0, -1.0] + rng.normal(size=256)
loss = LeastSquares(X, y, width=(5.0, 4.0), start=(0.2, 0.6))
SIZES = {"stochastic, 1": 1, "mini-batch, 16": 16, "batch, 256": 256}

axes = figures.new_axes(3, height=3.2, sharey=True)
for ax, (label, size) in zip(axes, SIZES.items()):
    epochs = 40 if size == 256 else 2
    path = descend_on_batches(
        loss, GradientDescent(0.1), loss.start, batch_size=size, epochs=epochs
    )
    figures.draw_paths(loss, {label: path}, title=f"{label}: {path.steps} steps", ax=ax)
    ax.get_legend().remove()
    ax.set_ylabel("")
axes[0].set_ylabel("$w_2$")
figures.show(
    axes,
    alt="Paths to the minimum of a round bowl: with single examples the path goes straight there and "
    "then wanders about the minimum, with sixteen it wanders less, with all 256 it is a smooth line.",
)

# %% [markdown]
# ## Noise and cost
#
# At one fixed place, draw many batches and look how much their gradients scatter. From 1 example to
# 16, by which factor does the scatter (standard deviation, 标准差) fall?

# %%
scatter_factor = None  # a number

check("scatter_factor", scatter_factor)

# %%
single = np.stack([loss.gradient_on(np.array([1.0, 0.0]), [row]) for row in range(256)])  # (256, 2)
single -= single.mean(axis=0)
spread_of_one = np.sqrt((single**2).sum(axis=1).mean())
lowest = float(loss.value(np.array(loss.minima[0])))

print("batch size   scatter    σ/√B·√((n-B)/(n-1))")
for size in (1, 16, 64, 256):
    draws = [single[rng.choice(256, size, replace=False)].mean(axis=0) for _ in range(1000)]
    measured = np.sqrt((np.array(draws) ** 2).sum(axis=1).mean())
    print(
        f"{size:10d} {measured:9.3f} {spread_of_one / sqrt(size) * sqrt((256 - size) / 255):14.3f}"
    )

# %% [markdown]
# (The second root is there because a batch is drawn without repetition: all 256 have no scatter.) A step
# of batch descent costs 256 gradients, one of stochastic descent costs one. So compare at equal
# *examples seen*, ten orders of the examples each:

# %%
EPOCHS, ORDERS = 4, 3 if FAST else 10
quarters = np.arange(1, 4 * EPOCHS + 1) / 4
excess = {}
for label, size in SIZES.items():
    options = {"batch_size": size, "epochs": EPOCHS}
    excess[label] = []
    for seed in range(ORDERS):
        path = descend_on_batches(loss, GradientDescent(0.1), loss.start, seed=seed, **options)
        excess[label].append(path.values[(quarters * 256 / size).astype(int)] - lowest)

ax = figures.draw_seed_bands(
    excess, x=quarters, xlabel="epochs (examples seen / 256)", ylabel="loss above the minimum"
)
ax.set_yscale("log")
figures.show(
    ax,
    alt="Loss above the minimum over four epochs on a logarithmic axis: stochastic descent is ahead "
    "after a quarter of an epoch and stays on a floor of noise, mini-batches reach a much lower floor, "
    "batch descent has hardly started after its four steps.",
)

# %% [markdown]
# Stochastic descent is far ahead at first, and then stays on a *floor* of noise; mini-batches get to a
# lower one; batch descent has made four steps. The floor is in proportion to the learning rate, which
# is why one lowers the rate towards the end (notebook 17). The hardware adds its own reason for
# batches: 256 gradients in one matrix product take little longer than one.
#
# # Part five: the four difficulties of descent
#
# A page on training techniques lists four.
#
# 1. **Choosing the learning rate:** too small is slow, too large diverges. Part one: the steepest
#    direction bounds it, and the flattest pays.
# 2. **A schedule that is fixed in advance** cannot suit the data at hand. Notebook 17 measures what
#    schedules are worth.
# 3. **One rate for all parameters:** part two; the rules of notebook 16 give each its own.
# 4. **Being caught in one of many local minima** (局部最小值). This one is not what it seems.
#
# ## Minima or saddle points?
#
# Where the gradient is zero, the signs of the Hessian's eigenvalues decide: all positive, a minimum;
# mixed, a saddle point (鞍点). In $d$ dimensions there are $d$ signs. If they were like coin tosses, how
# probable would a minimum be in 10 dimensions?

# %%
ten_heads = None  # a number

check("ten_heads", ten_heads)


# %%
def share_of_minima(d, draws):
    """Of random symmetric matrices, those whose eigenvalues are all positive."""
    A = rng.normal(size=(draws, d, d))
    return (np.linalg.eigvalsh((A + A.transpose(0, 2, 1)) / 2)[:, 0] > 0).mean()


for d in (1, 2, 3, 4):
    print(f"{d} dimensions: {share_of_minima(d, 20_000):.4f}, coins {0.5**d:.4f}")

# %% [markdown]
# Eigenvalues repel each other, so that all of one sign is far rarer than with coins. A network's surface
# is not random, and this is no proof; measurements on networks agree with it (Dauphin et al. 2014). In
# networks, saddle points and bad conditioning are the trouble rather than local minima.
#
# A saddle point does not hold a descent for ever. Off the ridge by $\delta$, the distance grows by
# $1 + \alpha|\lambda|$ a step, so that each factor of ten closer costs the same number of steps more.

# %%
saddle = SaddlePoint()
offsets = (1e-1, 1e-4, 1e-8)
runs = {
    f"off by {offset:.0e}": descend(saddle, GradientDescent(0.1), (-1.6, offset), steps=260)
    for offset in offsets
}
ax = figures.draw_values(runs)
ax.set_ylim(1e-6, 3)
figures.show(
    ax,
    alt="The loss near a saddle point over 260 steps, for three starts: each has a plateau, the longer "
    "the closer the start is to the ridge, and then falls.",
)
for label, run in runs.items():
    print(f"{label}: {run.steps_to(0.05)} steps to get away")
print(f"each factor of ten: about {log(10) / log(1.1):.0f} steps")

# %% [markdown]
# The loss curve shows a plateau (平台) and then falls: who stops too early takes it for a minimum.
#
# And where there *is* a local minimum on the way, a ball with enough momentum rolls through it. One
# weight, $f(x) = x^2/20 - \frac12 e^{-2(x+3)^2}$: a bowl around 0 with a dip near −3. All start at −6.

# %%
for gamma in (0.0, 0.5, 0.9):
    x, v = -6.0, 0.0
    for _ in range(300):
        slope = x / 10 + 2 * (x + 3) * np.exp(-2 * (x + 3) ** 2)
        v = gamma * v + 0.1 * slope
        x = x - v
    print(f"γ = {gamma}: comes to rest at {x:.2f}")

# %% [markdown]
# # Part six: inside a network
#
# ## Pixels
#
# Classify Fashion-MNIST with a linear model and squared errors: the Hessian is $E[xx^\top]$ of the
# pixels, now 784 by 784.

# %%
data = "synthetic" if FAST and find_local() is None else "auto"
N = 800 if FAST else 3000
train_iter, _ = d2l_bn.load_fashion_mnist(256, data=data, limit=N)
images, labels = train_iter.images, train_iter.labels

scaled = images.reshape(len(images), -1) / 255.0  # (N, 784)
inputs = {
    "bytes, 0 to 255": 255 * scaled,
    "divided by 255": scaled,
    "divided, centred": scaled - scaled.mean(axis=0),
    "standardized": (scaled - scaled.mean(axis=0)) / (scaled.std(axis=0) + 0.01),
}
print("pixels              λ max   largest rate   sum of all λ   share of λ max   λ max / 100th λ")
for label, X in inputs.items():
    values = np.linalg.eigvalsh(X.T @ X / len(X))[::-1]  # the largest first
    print(
        f"{label:16}{values[0]:11,.4g} {2 / values[0]:12.2g} {values.sum():15,.0f} "
        f"{values[0] / values.sum():14.2f} {values[0] / values[99]:16,.0f}"
    )

# %% [markdown]
# (The smallest eigenvalue is 0, for pixels that are always black; so we take the hundredth. The 0.01 in
# the deviation is for those, too.)
#
# - **Dividing by 255** changes no ratio: the surface becomes flatter, the largest rate larger, and the
#   steps stay what they were. (It has another merit: *one* rate does for all data sets.)
# - **Taking the mean away** does help: the largest eigenvalue was mostly the *mean image*.
# - **Standardizing makes $\lambda_{\max}$ larger again**, some eight times as large. Is that worse? The
#   sum of the eigenvalues is the sum of the variances. Before, most pixels had a small one; now all
#   have 1, so that the sum has grown even more. All curvatures grew, and a smaller rate takes that
#   back. What counts is how *unequal* they are: the share of the largest, and its ratio to the
#   hundredth, are the smallest of all.
#
# ## Behind the layers
#
# For a dense layer $z = Wx$ somewhere inside, its block of the Hessian is, to a first approximation, a
# curvature that comes from above times $E[xx^\top]$ of the *layer's own input*. We look at the first
# weights of the LeNet: without batch normalization, with it before the sigmoid (sigmoid函数) as in the
# chapter, and with it after the sigmoid. Where is the last layer's input worst conditioned?

# %%
worst_input = None  # "without", "before the sigmoid" or "after the sigmoid"

check("worst_input", worst_input)

# %%
KINDS = {
    "without": {"norm": None},
    "before the sigmoid": {"norm": "batch", "placement": "before"},
    "after the sigmoid": {"norm": "batch", "placement": "after"},
}
some = mxnp.array(images[: min(N, 1000), None] / np.float32(255), dtype="float32")


def spectrum_of_last_input(net, X):
    """Eigenvalues of E[x x'] at the input of the last layer, the largest first."""
    *layers, last = net._children.values()
    with autograd.train_mode():  # normalize with this batch
        for layer in layers:
            X = layer(X)
    x = X.reshape(len(X), -1).asnumpy().astype(float)
    return np.linalg.eigvalsh(x.T @ x / len(x))[::-1]


spectra = {}
for kind, options in KINDS.items():
    npx.random.seed(0)
    net = d2l_bn.lenet(**options)
    net.initialize(init.Xavier())
    spectra[kind] = spectrum_of_last_input(net, some)
    print(f"{kind:20} largest over median: {spectra[kind][0] / np.median(spectra[kind]):14,.0f}")

# %%
ax = figures.draw_lines(
    spectra,
    x=range(1, 1 + len(spectra["without"])),
    xlabel="number of the eigenvalue",
    ylabel="eigenvalue",
    title="E[xx'] at the input of the last layer, before any training",
    log=True,
)
figures.show(
    ax,
    alt="Eigenvalues at the input of the last layer, on a logarithmic axis. Without normalization one is "
    "large and all others are a hundred thousand times smaller or less; with it before the sigmoid one "
    "stands out and the others fall slowly; with it after the sigmoid none stands out.",
)

# %% [markdown]
# Without normalization all images look alike deep in the network: one large eigenvalue and next to
# nothing besides. That is the plateau on which this LeNet starts. Batch normalization makes the
# differences between images large again in each layer. Before the sigmoid it leaves the sigmoid's own
# mean of one half, one large eigenvalue; after the sigmoid it takes that away, too.
#
# > **About the source.** The page on training techniques says that batch normalization "re-establishes
# > normalized *parameters*" in each mini-batch. It normalizes *activations* (激活值). The parameters are
# > what they are; their surface becomes better conditioned.
#
# ## A real network's surface
#
# Can one look at it? Li et al. (2018) cut through the surface along two random directions, and make
# one filter's step as long as the filter is, so that a network with large weights and one with small
# weights are drawn to one scale. Four lines:


# %%
def filter_normalized_direction(net):
    """By parameter, a random direction; every filter of it as long as the network's own."""
    directions = {}
    for name, p in net._collect_params_with_prefix().items():
        d = mxnp.random.normal(size=p.shape)
        rows, own = d.reshape(len(d), -1), p.data().reshape(len(d), -1)
        if len(p.shape) > 1:  # biases, γ and β stay
            lengths = [mxnp.sqrt((a**2).sum(axis=1, keepdims=True)) for a in (own, rows)]
            directions[name] = (rows * lengths[0] / lengths[1]).reshape(p.shape)
    return directions


# %% [markdown]
# We train a LeNet with ReLU for some seconds, once without and once with batch normalization, and
# compute the loss of one batch on a grid of shares of the two directions.

# %%
cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
batch = (some[:256], mxnp.array(labels[:256], dtype="int32"))
shares = np.linspace(-1, 1, 9 if FAST else 21)


def surface_around(norm, rate):
    net = d2l_bn.lenet(norm, activation="relu")
    net.initialize(init.Xavier())
    net.hybridize()
    d2l_bn.train(net, train_iter, epochs=1 if FAST else 6, lr=rate, optimizer="adam")
    parameters = net._collect_params_with_prefix()
    here = {name: p.data().copy() for name, p in parameters.items()}
    npx.random.seed(1)
    first, second = (filter_normalized_direction(net) for _ in range(2))
    heights = np.zeros((len(shares), len(shares)))
    for i, j in np.ndindex(*heights.shape):
        for name in first:
            step = float(shares[j]) * first[name] + float(shares[i]) * second[name]
            parameters[name].set_data(here[name] + step)
        with autograd.train_mode():  # normalize with this batch, as in training
            heights[i, j] = cross_entropy(net(batch[0]), batch[1]).mean().item()
    return heights


surfaces_of_networks = {
    "without": surface_around(None, 0.003),
    "with batch normalization": surface_around("gluon", 0.003),
}

# %%
axes = figures.new_axes(2, height=4.0, sharey=True)
levels = np.geomspace(0.2, 20, 14)
for ax, (name, heights) in zip(axes, surfaces_of_networks.items()):
    lines = ax.contour(shares, shares, heights, levels=levels, cmap="viridis")
    ax.clabel(lines, lines.levels[::2], fmt="%.1f", fontsize=9)
    ax.plot(0, 0, "k*", ms=12)
    ax.set(title=name, xlabel="share of the first direction", aspect="equal")
    ax.grid(False)
axes[0].set_ylabel("share of the second direction")
figures.show(
    axes,
    alt="The loss of two small networks around their trained weights, as contours over two random "
    "directions, with the same levels in both.",
)
for name, heights in surfaces_of_networks.items():
    middle = len(shares) // 2
    print(
        f"{name}: loss here {heights[middle, middle]:.2f}, highest at the edge {heights.max():.1f}"
    )

# %% [markdown]
# The star is where training stopped. Both networks sit in a bowl (in Li et al.'s pictures a plain network
# of 56 layers sits in a mountain range). With batch normalization the loss rises less for steps of the
# same relative length, and more alike to all sides; without it some sides are steep. It is a cut along two
# random directions out of some 44,000: a picture, not a proof. Notebook 10 measures along the gradient.
#
# ## What it buys: the range of learning rates
#
# A multilayer perceptron (多层感知机), 784-100-100-10 with sigmoids, with and without batch normalization:
# forty steps of 128 images at each rate. Does batch normalization move the *upper* end of the rates at
# which it learns (loss below 1.5), the *lower* end, or both?

# %%
moved = None  # "upper", "lower" or "both"


# %%
def perceptron(norm):
    net = nn.HybridSequential()
    for _ in range(2):
        net.add(nn.Dense(100))
        if norm:
            net.add(nn.BatchNorm())
        net.add(nn.Activation("sigmoid"))
    net.add(nn.Dense(10))
    net.initialize(init.Xavier())
    net.hybridize()
    return net


pixels, classes = mxnp.array(scaled, dtype="float32"), mxnp.array(labels, dtype="int32")


def final_loss(norm, rate, seed, steps):
    npx.random.seed(seed)
    net, rng, last = perceptron(norm), np.random.default_rng(seed), []
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": rate}, kvstore=None)
    for step in range(steps):
        rows = mxnp.array(rng.choice(len(labels), 128, replace=False), dtype="int32")
        with autograd.record():
            losses = cross_entropy(net(pixels[rows]), classes[rows])
        losses.backward()
        trainer.step(128)
        if step >= steps - 10:
            last.append(losses.mean())
    value = float(np.mean([x.item() for x in last]))
    return min(value, 4.0) if np.isfinite(value) else 4.0  # what diverged is drawn at 4


rates = (0.1, 1.0, 10.0) if FAST else (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
found = {
    name: [
        estimate([final_loss(norm, rate, seed, 15 if FAST else 40) for seed in range(3)])
        for rate in rates
    ]
    for name, norm in (("plain", False), ("BN", True))
}

# %%
ax = figures.draw_error_curves(
    {name: [each.bar for each in estimates] for name, estimates in found.items()},
    x=rates,
    log_x=True,
    xlabel="learning rate",
    ylabel="loss after 40 steps",
)
ax.axhline(1.5, color="grey", lw=0.8)
figures.show(
    ax,
    alt="The loss after forty steps against the learning rate. Without batch normalization it is below "
    "1.5 in a narrow range, if anywhere; with it over a range of rates that begins earlier.",
)
learning = {
    name: [rate for rate, each in zip(rates, estimates) if each.mean < 1.5]
    for name, estimates in found.items()
}
for name, good in learning.items():
    print(f"{name}: mean loss below 1.5 with the rates {good}")

# %%
ends = {
    "lower": min(learning["BN"], default=0) < min(learning["plain"], default=99),
    "upper": max(learning["BN"], default=0) > max(learning["plain"], default=0),
}
check("moved", moved, "both" if all(ends.values()) else "lower" if ends["lower"] else "upper")

# %% [markdown]
# ## What you can do now
#
# - For squared errors the Hessian is $E[xx^\top]$. You compute from it the largest rate,
#   $2/\lambda_{\max}$, which holds to the percent, and the steps, in proportion to $\kappa$; with
#   momentum, to $\sqrt\kappa$.
# - Different ranges enter $\kappa$ squared; means enter as well; correlation stays after standardizing.
# - Noise falls with $1/\sqrt B$ and cost grows with $B$. Saddle points cost time, not success.
# - Batch normalization standardizes the inputs of every layer anew in every step, so that each layer has
#   the better conditioned surface.
#
# ## Exercises
#
# 1. The features have uniform distributions over 0 to 1 and 0 to 1000, and are independent. Predict the
#    condition number after centring, and check it with `LeastSquares`.
# 2. A column of ones in the place of the second feature makes its weight a bias. What is the condition
#    number for the values 1, 2, 3, and what after centring that column?
#
# <details><summary>Solution of 1</summary>
#
# The variances are 1/12 and 1000²/12, and the features are uncorrelated: $\kappa = 10^6$.
#
# ```python
# X = np.random.default_rng(0).random((100_000, 2)) * [1, 1000]
# LeastSquares(X - X.mean(axis=0), X[:, 0]).condition_number
# ```
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# $H = \begin{pmatrix} 14/3 & 2 \\ 2 & 1 \end{pmatrix}$ has the eigenvalues 5.55 and 0.12, so
# $\kappa = 46$. Centred, $H = \begin{pmatrix} 2/3 & 0 \\ 0 & 1 \end{pmatrix}$ and $\kappa = 1.5$: weight and
# bias no longer disturb each other.
#
# </details>
#
# ## Where to read on
#
# - **Notebook 16, Optimizers compared:** rules that give each weight its own rate. **Notebook 10, Why it
#   works:** the same surface measured along the gradient.
# - Goh, *Why Momentum Really Works*, Distill 2017: part two, with sliders.
# - LeCun, Bottou, Orr & Müller, *Efficient BackProp*, 1998, sections 4 and 5: part one.
# - Dauphin et al., *Identifying and attacking the saddle point problem*, NeurIPS 2014, arXiv 1406.2572.
# - Li et al., *Visualizing the Loss Landscape of Neural Nets*, NeurIPS 2018, arXiv 1712.09913, section 4.
# - Santurkar et al., *How Does Batch Normalization Help Optimization?*, NeurIPS 2018, arXiv 1805.11604.
