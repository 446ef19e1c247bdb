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
# Why would one normalize (归一化) anything at all? Because of the shape of the error surface
# (误差曲面), the loss as a function of the weights. This notebook draws it, predicts from its shape
# how fast gradient descent (梯度下降) can go, and tests the prediction; first with two weights, then
# inside a network.
#
# **After this notebook you can**
#
# - compute the Hessian (海森矩阵) of a linear model from its features, and from that the largest
#   stable learning rate (学习率) and the number of steps;
# - say what centring, scaling and whitening (白化) each do to the condition number (条件数), and what
#   none of them can do;
# - choose between batch, stochastic and mini-batch descent by noise and by cost;
# - say why saddle points (鞍点) rather than local minima are in the way;
# - measure the conditioning inside a network, with and without batch normalization (批量归一化).
#
# **Time:** about 2 minutes to run on two CPU cores, 60 minutes to read.
#
# **Needs:** notebook 2 (the narrow valley), and Fashion-MNIST (30 MB, found or fetched by itself).
#
# It covers rows 45 (in part), 54, 55, 67 and 68 of the course, and corrections 15 and 18. Cells with
# `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

from math import log, sqrt
from time import perf_counter

import numpy as np  # NumPy: float64 on small matrices
from mxnet import autograd, gluon, init, npx
from mxnet import np as mxnp
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.descent import GradientDescent, descend, descend_on_batches
from d2l_bn.descent.surfaces import LeastSquares, SaddlePoint
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments.statistics import estimate

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # less of everything: to see that it runs

# %% [markdown]
# # Part one: two features, two scales
#
# The lecture behind the course's last source puts it like this: take inputs 1, 2, 3 and inputs 100,
# 200, 300. A small change of the weight of the second kind changes the loss a lot, so the surface is
# steep in that direction and flat in the other.
#
# > **Correction 18.** The source calls `X1=[1,2,3]` and `X2=[100,200,300]` "two inputs". They are two
# > *features* (特征), columns of the data, of three examples. Normalizing means normalizing each
# > column.
#
# The model is linear, $\hat y = w_1 x_1 + w_2 x_2$, with the mean squared error
# $L(w) = \frac{1}{2n}\sum_i(\hat y_i - y_i)^2$. Its Hessian does not depend on $w$ at all:
#
# $$H = \frac1n X^\top X = \begin{pmatrix} E[x_1^2] & E[x_1x_2] \\ E[x_1x_2] & E[x_2^2] \end{pmatrix}.$$
#
# With the three examples exactly as printed, (1, 100), (2, 200), (3, 300), what is the condition
# number $\lambda_{\max}/\lambda_{\min}$?

# %%
prediction = None  # a number, or float("inf")

printed = LeastSquares([[1, 100], [2, 200], [3, 300]], [1, 2, 3])

print(printed.hessian.round(2))
print("eigenvalues:", np.linalg.eigvalsh(printed.hessian).round(6))
if prediction is not None:
    print("right" if prediction == printed.condition_number else "look at the eigenvalues")

# %% [markdown]
# Infinite! The second column is a hundred times the first, so one eigenvalue (特征值) is 0: along one
# direction the loss does not change, and no scaling of the columns will change that. The source's
# numbers stand for the *ranges* of two features. So we take all nine combinations.


# %%
def standardize(X):
    """Each feature with mean 0 and variance 1: feature normalization."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


nine = np.array([(a, b) for a in (1, 2, 3) for b in (100, 200, 300)], dtype=float)  # (9, 2)
versions = {
    "raw": nine,
    "centred": nine - nine.mean(axis=0),
    "scaled, not centred": nine / nine.std(axis=0),
    "standardized": standardize(nine),
}
targets = standardize(nine) @ [1.0, 1.0]  # (9,)


def surface_of(name):
    X = versions[name]
    return LeastSquares(X, targets - targets.mean(), name=name, start=(0.0, 0.0))


surfaces = {name: surface_of(name) for name in versions}

# %% [markdown]
# What is the condition number after standardizing (标准化), that is after subtracting each feature's
# mean and dividing by its deviation?

# %%
prediction = None  # a number

self_check(
    "the condition number of the standardized features",
    prediction,
    surfaces["standardized"].condition_number,
    reasons=[(1e4, "That is the centred one: the square of the ratio of the ranges.")],
)

# %%
print("features                  Hessian                         condition number   largest rate")
for name, surface in surfaces.items():
    (a, b), (_, d) = surface.hessian
    numbers = f"[{a:9.3f} {b:9.3f}; {b:9.3f} {d:9.1f}]"
    rate = surface.largest_stable_learning_rate
    print(f"{name:20} {numbers}  {surface.condition_number:14,.1f}   {rate:12.3g}")

# %% [markdown]
# Three lessons in one table. **Scale:** the ranges differ by 100, and the condition number of the
# centred features is the *square* of that. **Mean:** raw features are worse still, since a feature
# with a large mean is, first of all, a constant; scaling alone leaves that. **Both together** give 1.
#
# A course that works with a random sample gets a condition number near 10,000, not exactly that:

# %%
rng = np.random.default_rng(0)
sampled = []
for _ in range(200):
    X = np.stack([rng.choice([1.0, 2, 3], 60), rng.choice([100.0, 200, 300], 60)], axis=1)
    before = LeastSquares(X - X.mean(axis=0), X[:, 0]).condition_number
    sampled.append((before, LeastSquares(standardize(X), X[:, 0]).condition_number))

low, middle, high = np.quantile(sampled, [0.05, 0.5, 0.95], axis=0)
print(
    f"60 examples, before: {middle[0]:7,.0f} (in 90 % of samples {low[0]:,.0f} to {high[0]:,.0f})"
)
print(f"             after:  {middle[1]:7.2f} (in 90 % of samples {low[1]:.2f} to {high[1]:.2f})")

# %% [markdown]
# ## The picture
#
# The same loss over windows of the same size, 4 by 4 around the minimum.

# %% tags=["cover"]
left, right = figures.new_axes(2, height=4.4)
for ax, name in ((left, "raw"), (right, "standardized")):
    path = descend(surfaces[name], GradientDescent(0.1), (0, 0), steps=0)
    figures.draw_paths(surfaces[name], {"": path}, title=name, ax=ax)
    ax.get_legend().remove()

# %% [markdown]
# On the left a gorge: for the eye it has no slope along $w_1$. On the right a round bowl, where the
# gradient points at the minimum.
#
# ## The largest learning rate, predicted and tried
#
# Along an eigenvector with eigenvalue $\lambda$, a step multiplies the distance to the minimum by
# $1 - \alpha\lambda$. So descent is stable for $\alpha < 2/\lambda_{\max}$ (notebook 2). The table
# above predicts the limits; we try 1 % below and 1 % above.

# %%
for name in ("raw", "standardized"):
    surface = surfaces[name]
    limit = surface.largest_stable_learning_rate
    for share in (0.99, 1.01):
        path = descend(surface, GradientDescent(share * limit), (0, 0), steps=3000)
        print(f"{name:13} {share} × {limit:.3g}: ", path.stopped or f"f = {path.values[-1]:.3g}")

# %% [markdown]
# Sharp to the percent. Now the cost: the flattest direction shrinks by
# $1 - \alpha\lambda_{\min}$ in each step. At its best, with $\alpha = 2/(\lambda_{\max} +
# \lambda_{\min})$, the distance falls by $\frac{\kappa - 1}{\kappa + 1}$ a step, with the condition
# number $\kappa$. How many steps for a tenth of the distance, that is a hundredth of the loss? About
# $\kappa \ln(10)/2$.

# %%
print("features              κ              predicted      needed")
budget = 20_000 if FAST else 100_000
for name in ("raw", "centred", "scaled, not centred", "standardized"):
    surface = surfaces[name]
    low, high = np.linalg.eigvalsh(surface.hessian)
    # start along the flattest direction: the worst case, and the one that the formula is for
    flattest = np.linalg.eigh(surface.hessian)[1][:, 0]
    start = np.array(surface.minima[0]) + flattest
    kappa = surface.condition_number
    factor = (kappa - 1) / (kappa + 1)
    predicted = max(1, np.ceil(log(0.1) / log(factor))) if factor > 1e-9 else 1
    if predicted > budget:
        needed = "not tried"
    else:
        path = descend(surface, GradientDescent(2 / (low + high)), start, int(1.1 * predicted) + 2)
        needed = path.steps_to(float(surface.value(np.array(surface.minima[0]))) + low * 0.5 * 0.01)
    print(f"{name:20} {kappa:10,.1f}  {predicted:14,.0f}  {needed!s:>12}")

# %% [markdown]
# Standardized, **one** step is enough, since every direction has the same curvature.
#
# ## Paths

# %%
axes = figures.new_axes(2, height=4.4)
for ax, name in zip(axes, ("centred", "standardized")):
    surface = surfaces[name]
    rate = 0.45 * surface.largest_stable_learning_rate
    away = np.array([1.6, 1.2]) if name == "standardized" else np.array([1.6, 0.02])
    path = descend(surface, GradientDescent(rate), np.array(surface.minima[0]) - away, steps=200)
    if name == "centred":
        surface.y_range = tuple(surface.minima[0][1] + 0.03 * np.array([-1, 1]))
    share = 1 - path.values[-1] / path.values[0]
    print(f"{name:13} after 200 steps: {100 * share:.2f} % of the first loss gone")
    figures.draw_paths(surface, {"200 steps": path}, title=name, ax=ax)

# %% [markdown]
# Mind the scales: the left picture is stretched a hundredfold in $w_2$, or there would be nothing to
# see. The path drops to the floor at once and then hardly moves along $w_1$. (That much of the loss
# is gone on the left says little: it was the steep part.)
#
# ## What standardizing cannot do
#
# It makes the variances equal; it does not remove correlation (相关性). With correlation $\rho$, the
# standardized features have $H = \begin{pmatrix}1&\rho\\\rho&1\end{pmatrix}$. What is its condition
# number for $\rho = 0.9$?

# %%
prediction = None  # a number

rho = 0.9
self_check(
    "the condition number for rho = 0.9",
    prediction,
    (1 + rho) / (1 - rho),
    reasons=[(10.0, "1/(1 - ρ) would be 10; the eigenvalues are 1 + ρ and 1 - ρ.")],
)


# %%
def whiten(X):
    """Uncorrelated features of variance 1: rotate to the eigenvectors, then scale."""
    X = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    return X @ vectors / np.sqrt(values)


print("ρ       standardized   (1+ρ)/(1-ρ)   whitened")
for rho in (0.0, 0.5, 0.9, 0.99):
    mixed = rng.multivariate_normal([2, 200], [[1, 100 * rho], [100 * rho, 1e4]], size=5000)
    kappas = [LeastSquares(f(mixed), mixed[:, 0]).condition_number for f in (standardize, whiten)]
    print(f"{rho:4.2f} {kappas[0]:12.1f} {(1 + rho) / (1 - rho):14.1f} {kappas[1]:12.3f}")

# %% [markdown]
# Whitening (白化) removes it, at the price of an eigenvector decomposition. Batch normalization is
# standardizing: cheap, and blind to correlation. And the three examples as the source printed them
# have $\rho = 1$: there even whitening divides by zero.

# %% [markdown]
# ### Move it yourself
#
# **Predict first.** Two features with $\rho = 0.8$ and deviations 1 and 1 have $\kappa = 9$. You may
# give each of them any deviation you like: how small can $\kappa$ become? And with deviations 1 and 1
# and a learning rate of 1.25: beyond which positive $\rho$ does descent diverge?

# %%
smallest = None  # a condition number
last_stable = None  # a correlation

# %% [markdown]
# Set the correlation to 0.8 and drag the edges of the box. Then press "whitened", set the learning
# rate to 1.25, and move the correlation.

# %%
figures.interactive("features_and_correlation")

# %%
self_check("the smallest condition number at ρ = 0.8", smallest, 9.0)
self_check(
    "the last stable correlation", last_stable, 0.6, [(0.8, "The limit is 2/(1 + ρ), not 1/ρ.")]
)

# %% [markdown]
# **Scaling two features can do no better than making their deviations equal; what is left is the
# correlation: $\kappa = (1 + |\rho|)/(1 - |\rho|)$, and a largest rate of $2/(1 + |\rho|)$.**

# %% [markdown]
# # Part two: how many examples for a step?
#
# A gradient is a mean over examples. **Batch** descent (批量梯度下降) takes all of them, **stochastic**
# descent (随机梯度下降) takes one, **mini-batch** descent (小批量梯度下降) takes some. The update rule is
# the same. We fit a line with 256 noisy examples and standardized features.

# %%
rng = np.random.default_rng(1)
X = standardize(rng.normal(size=(256, 2)))
y = X @ [2.0, -1.0] + rng.normal(size=256)
loss = LeastSquares(X, y, width=(5.0, 4.0), start=(0.2, 0.6))
SIZES = {"stochastic, 1": 1, "mini-batch, 16": 16, "batch, 256": 256}

paths = {
    label: descend_on_batches(
        loss, GradientDescent(0.1), loss.start, batch_size=size, epochs=40 if size == 256 else 2
    )
    for label, size in SIZES.items()
}
ax = figures.draw_paths(loss, paths, title="2 epochs (batch descent: 40)")

# %% [markdown]
# ## Noise
#
# At one fixed point, draw many batches and look how much their gradients scatter. From 1 example to
# 16, by which factor does the scatter (standard deviation, 标准差) fall?

# %%
prediction = None  # a number

self_check(
    "the factor from 1 to 16, roughly",
    prediction,
    sqrt(16),
    reasons=[(16.0, "The variance falls by 16; the deviation by its root.")],
)

# %%
here = np.array([1.0, 0.0])
single = np.stack([loss.gradient_on(here, [row]) for row in range(256)])  # (256, 2)
spread_of_one = np.sqrt(((single - single.mean(axis=0)) ** 2).sum(axis=1).mean())

print("batch size   scatter measured   σ/√B·√((n-B)/(n-1))")
for size in (1, 4, 16, 64, 256):
    draws = [
        single[rng.choice(256, size, replace=False)].mean(axis=0) for _ in range(2000)
    ] - single.mean(axis=0)
    measured = np.sqrt((np.array(draws) ** 2).sum(axis=1).mean())
    formula = spread_of_one / sqrt(size) * sqrt((256 - size) / 255)
    print(f"{size:10d} {measured:18.3f} {formula:18.3f}")

# %% [markdown]
# (The second root is there because a batch is drawn without repetition: all 256 have no scatter.)
#
# ## Cost
#
# A step of batch descent costs 256 times the gradients of a stochastic one. So compare at equal
# *examples seen*, ten orders of the examples (seeds, 随机种子) each.

# %%
EPOCHS, ORDERS = 4, 3 if FAST else 10
lowest = float(loss.value(np.array(loss.minima[0])))
excess = {}
for label, size in SIZES.items():
    runs = [
        descend_on_batches(
            loss, GradientDescent(0.1), loss.start, batch_size=size, epochs=EPOCHS, seed=seed
        ).values
        - lowest
        for seed in range(ORDERS)
    ]
    at = (np.arange(1, 4 * EPOCHS + 1) / 4 * 256 / size).astype(int)  # after each quarter epoch
    excess[label] = [[run[step] for step in at] for run in runs]

ax = figures.draw_seed_bands(
    excess,
    x=np.arange(1, 4 * EPOCHS + 1) / 4,
    xlabel="epochs (examples seen / 256)",
    ylabel="loss above the minimum",
    title="Mean and range over orders of the examples, learning rate 0.1",
)
ax.set_yscale("log")

for label, runs in excess.items():
    print(f"{label:15} after a quarter epoch {np.mean([run[0] for run in runs]):.3f},", end=" ")
    print(f"at the end {np.mean([run[-1] for run in runs]):.4f}")

# %% [markdown]
# Stochastic descent is far ahead after a quarter of an epoch, and then stays on a *floor* of noise. The
# mini-batches catch up within the first epochs and get to a much lower floor. Batch descent has no floor,
# and has hardly started: it has made four steps. The floor follows the learning rate; this is why one lowers the
# rate towards the end.

# %%
print("rate     floor, batches of 1    floor, batches of 16")
for rate in (0.2, 0.1, 0.05, 0.025):
    floors = []
    for size in (1, 16):
        run = descend_on_batches(
            loss, GradientDescent(rate), loss.minima[0], batch_size=size, epochs=4 if FAST else 20
        )
        floors.append((run.values[len(run.values) // 2 :] - lowest).mean())
    print(f"{rate:5.3f} {floors[0]:18.4f} {floors[1]:22.5f}")

# %% [markdown]
# There is a second reason for batches: the hardware. One gradient of 256 examples is one matrix
# product; 256 gradients of one example are 256 calls.

# %%
print("batch size   microseconds per example")
for size in (1, 16, 256):
    rows = np.arange(size)
    start = perf_counter()
    for _ in range(300):
        loss.gradient_on(here, rows)
    print(f"{size:10d} {(perf_counter() - start) / 300 / size * 1e6:14.2f}")

# %% [markdown]
# # Part three: what makes descent difficult
#
# Source 003 lists: choosing the learning rate; one rate for all parameters; and "being caught in
# numerous local minima". We have seen the first two: the rate is bounded by the steepest direction
# and paid for by the flattest. What about the third?
#
# > **Correction 15.** In networks, saddle points and bad conditioning, rather than local minima
# > (局部极小值), are the trouble.
#
# Where the gradient is zero, the signs of the Hessian's eigenvalues decide: all positive, a minimum;
# mixed, a saddle point. In $d$ dimensions there are $d$ signs. If they were like coin tosses, how
# probable would a minimum be in 10 dimensions?

# %%
prediction = None  # a number

self_check("the probability of ten heads", prediction, 0.5**10)


# %%
def share_of_minima(d, draws):
    """Of random symmetric matrices, those whose eigenvalues are all positive."""
    A = rng.normal(size=(draws, d, d))
    return (np.linalg.eigvalsh((A + A.transpose(0, 2, 1)) / 2)[:, 0] > 0).mean()


dimensions = (1, 2, 3, 4, 5)
draws = 20_000 if FAST else 200_000
shares = [share_of_minima(d, draws) for d in dimensions]

for d, share in zip(dimensions, shares):
    print(f"{d} dimensions: {share:.5f}, coins {0.5**d:.5f}")

ax = figures.draw_lines(
    {
        "random symmetric matrices": [s or None for s in shares],
        "coins": [0.5**d for d in dimensions],
    },
    x=dimensions,
    xlabel="dimensions",
    ylabel="share that are minima",
    log=True,
)
_ = ax.set_xticks(dimensions)

# %% [markdown]
# Eigenvalues repel each other, so that all of one sign is far rarer than with coins. A random point
# with zero gradient in thousands of dimensions is a saddle point. A network's surface is not random,
# and the argument is not a proof; measurements on networks agree with it (Dauphin et al. 2014).
#
# A saddle point does not hold a descent for ever, it only takes time: off the ridge by $\delta$, the
# distance grows by $1 + \alpha|\lambda|$ a step. Each factor of ten closer costs the same number of
# steps more.

# %%
saddle = SaddlePoint()
rate = 0.1
for offset in (1e-1, 1e-2, 1e-4, 1e-8):
    path = descend(saddle, GradientDescent(rate), (-1.6, offset), steps=400)
    print(f"off the ridge by {offset:.0e}: {path.steps_to(0.05)} steps to get away from it")

print(f"each factor of ten: about {log(10) / log(1 + rate):.0f} steps")

_ = figures.draw_values(
    {
        f"off by {offset:.0e}": descend(saddle, GradientDescent(rate), (-1.6, offset), steps=260)
        for offset in (1e-1, 1e-4, 1e-8)
    }
).set_ylim(1e-6, 3)

# %% [markdown]
# The loss curve shows a plateau (平台), and then falls: if you stop too early, it looks like a
# minimum.

# %% [markdown]
# # Part four: inside a network
#
# ## Pixels
#
# First the input layer. Classify Fashion-MNIST with a linear model and squared errors: the Hessian
# is $E[xx^\top]$ of the pixels again, now 784 by 784. We compare raw bytes, bytes divided by 255, the
# same without their mean image, and standardized pixels.

# %%
data = "synthetic" if FAST and find_local() is None else "auto"
N = 800 if FAST else 4000
train_iter, _ = d2l_bn.load_fashion_mnist(256, data=data, limit=N)
images, labels = train_iter.images, train_iter.labels

pixels = images.reshape(len(images), -1).astype(float)  # (N, 784)
scaled = pixels / 255
inputs = {
    "bytes, 0 to 255": pixels,
    "divided by 255": scaled,
    "divided, centred": scaled - scaled.mean(axis=0),
    "standardized": (scaled - scaled.mean(axis=0)) / (scaled.std(axis=0) + 0.01),
}
spectra = {
    label: np.linalg.eigvalsh(X.T @ X / len(X))[::-1] for label, X in inputs.items()
}  # the largest first

print("pixels             largest eigenvalue   largest / 100th    largest stable rate")
for label, values in spectra.items():
    numbers = f"{values[0]:16.4g} {values[0] / values[99]:18,.0f} {2 / values[0]:20.3g}"
    print(f"{label:18} {numbers}")

# %% [markdown]
# (The smallest eigenvalue is 0, for pixels that are always black; so we take the hundredth. The 0.01
# in the deviation is for those, too.) Dividing by 255 changes no ratio. Taking the mean away does: the
# largest eigenvalue was mostly the *mean image*.
#
# Do the predicted limits hold? Batch descent on ten outputs at once, 1 % below and 1 % above. Each input
# has a minimum of its own, so we look at the loss above it.

# %%
onehot = np.eye(10)[labels]  # (N, 10)
aims = onehot - onehot.mean(axis=0)  # around 0, so that no bias is needed


def linear_descent(X, rate, steps):
    """The loss above its minimum after each step from zero weights, and the accuracy at the end."""
    H, b = X.T @ X / len(X), X.T @ aims / len(X)
    lowest = np.linalg.lstsq(H, b, rcond=1e-12)[0]
    W, above = np.zeros((X.shape[1], 10)), []
    for _ in range(steps):
        W = W - rate * (H @ W - b)
        off = W - lowest
        above.append((off * (H @ off)).sum() / 2)
    return above, ((X @ W).argmax(axis=1) == labels).mean()


curves, steps = {}, 40 if FAST else 400
for label, X in inputs.items():
    limit = 2 / spectra[label][0]
    too_fast, _ = linear_descent(X, 1.01 * limit, steps)
    curves[label], accuracy = linear_descent(X, 0.99 * limit, steps)
    print(f"{label:16} below the limit: {curves[label][-1]:.4f} above the minimum,", end=" ")
    print(f"accuracy {accuracy:.3f}; beyond it, the loss grows: {too_fast[-1] > too_fast[-10]}")

ax = figures.draw_lines(
    curves, ylabel="loss above its minimum", log=True, title="1 % below each limit"
)

# %% [markdown]
# With bytes and with bytes / 255 the curves are the same: the surface became flatter, the largest
# learning rate larger, and the steps stayed what they were. (The division has another merit: *one*
# learning rate does for all data sets.) Without the mean image, and standardized, the eigenvalues lie
# closer together, and as many steps get further.
#
# ## Behind the layers
#
# For a dense layer $z = Wx$ somewhere inside, its block of the Hessian is (to first approximation) a
# curvature that comes from above times $E[xx^\top]$ of the *layer's own input*. We put the LeNet's
# first weights (Xavier) under the microscope: the eigenvalues of $E[xx^\top]$ at the input of each
# dense layer, without batch normalization, with it before the sigmoid (sigmoid 函数) as in the
# chapter, and with it after the sigmoid.


# %%
def spectrum_behind(net, X):
    """Eigenvalues of E[x x'] at the input of each dense layer, the largest first."""
    found = {}
    with autograd.train_mode():  # normalize with this batch
        for name, layer in net._children.items():
            if isinstance(layer, nn.Dense):
                x = X.reshape(len(X), -1).asnumpy().astype(float)
                found[name] = np.linalg.eigvalsh(x.T @ x / len(x))[::-1]
            X = layer(X)
    return found


KINDS = {
    "without": {"norm": None},
    "before the sigmoid": {"norm": "batch", "placement": "before"},
    "after the sigmoid": {"norm": "batch", "placement": "after"},
}
SEEDS = (0, 1) if FAST else (0, 1, 2)
some = mxnp.array(images[: min(N, 2000), None] / np.float32(255), dtype="float32")

behind = {kind: [] for kind in KINDS}
for kind, options in KINDS.items():
    for seed in SEEDS:
        npx.random.seed(seed)
        net = d2l_bn.lenet(**options)
        net.initialize(init.Xavier())
        behind[kind].append(spectrum_behind(net, some))

# %% [markdown]
# The condition number again as the largest eigenvalue over the median one, the mean over seeds and
# its range. Where is it worst?

# %%
prediction = None  # "without", "before the sigmoid" or "after the sigmoid"


def ratios(kind, layer):
    return [found[layer][0] / np.median(found[layer]) for found in behind[kind]]


layers = list(behind["without"][0])
self_check(
    f"the worst conditioned input of the layer '{layers[-1]}'",
    prediction,
    max(KINDS, key=lambda kind: np.mean(ratios(kind, layers[-1]))),
)

# %%
print("layer     ", "".join(f"{kind:>38}" for kind in KINDS))
for layer in layers:
    cells = []
    for kind in KINDS:
        values = ratios(kind, layer)
        cells.append(f"{np.mean(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})")
    print(f"{layer:10}", "".join(f"{cell:>38}" for cell in cells))

# %%
ax = figures.draw_lines(
    {kind: behind[kind][0][layers[-1]] for kind in KINDS},
    xlabel="number of the eigenvalue",
    ylabel="eigenvalue",
    title=f"E[xx'] at the input of the layer '{layers[-1]}', before any training",
    log=True,
)

# %% [markdown]
# Without normalization, deep in the network all images look alike: the outputs of the sigmoids hardly
# differ from image to image, and $E[xx^\top]$ is one large eigenvalue and next to nothing besides. That is the plateau on which the LeNet without batch normalization starts (notebook 16).
# Batch normalization makes the differences between images as large as they can be, in each layer
# anew. Before the sigmoid it leaves the sigmoid's own mean of one half, one large eigenvalue; after
# the sigmoid it takes that away, too.
#
# > **Correction 15, second half.** Source 003 says that batch normalization "re-establishes
# > normalized *parameters*" in each mini-batch. It normalizes *activations* (激活值). The parameters
# > are what they are; their surface becomes better conditioned.
#
# ## What it buys: the range of learning rates
#
# A multilayer perceptron (多层感知机), 784-100-100-10 with sigmoids, with and without batch
# normalization: 60 steps of 128 images at each learning rate. How far does the loss fall below
# $\ln 10 = 2.30$, that of guessing?


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


def loss_after(norm, rate, seed, steps):
    npx.random.seed(seed)
    net, rng = perceptron(norm), np.random.default_rng(seed)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": rate}, kvstore=None)
    cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
    last = []
    for step in range(steps):
        rows = rng.choice(len(labels), 128, replace=False)
        X = mxnp.array(scaled[rows], dtype="float32")
        with autograd.record():
            losses = cross_entropy(net(X), mxnp.array(labels[rows], dtype="int32"))
        losses.backward()
        trainer.step(128)
        if step >= steps - 10:
            last.append(losses.mean())
    value = float(np.mean([x.item() for x in last]))
    return value if np.isfinite(value) else float("inf")


rates = (0.1, 1.0, 10.0) if FAST else (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
steps = 15 if FAST else 60
final = {
    name: {rate: [loss_after(norm, rate, seed, steps) for seed in SEEDS] for rate in rates}
    for name, norm in (("without", False), ("with batch normalization", True))
}

# %%
CAP = 4.0  # a loss beyond this is drawn there


ax = figures.draw_error_curves(
    {
        name: [estimate(np.minimum(by_rate[rate], CAP)).bar for rate in rates]
        for name, by_rate in final.items()
    },
    x=rates,
    log_x=True,
    xlabel="learning rate",
    ylabel=f"loss after {steps} steps",
)
for name, by_rate in final.items():
    good = [rate for rate in rates if np.mean(by_rate[rate]) < 1.5]
    print(f"{name}: mean loss below 1.5 with the rates {good}")

# %% [markdown]
# (The marks are means over the seeds, the bars their 95 % interval.) Read off for yourself at which rates
# each of them learns within so few steps, and whether batch normalization moves the *upper* limit, the
# *lower* one, or both.

# %% [markdown]
# ## Summary
#
# - For squared errors the Hessian is $E[xx^\top]$: the features alone decide how fast descent can go.
#   The limit $2/\lambda_{\max}$ holds to the percent, and the number of steps grows with
#   $\kappa = \lambda_{\max}/\lambda_{\min}$.
# - Different ranges enter $\kappa$ squared; means enter as well; correlation stays after
#   standardizing, and goes with whitening.
# - Noise falls with $1/\sqrt B$ and cost grows with $B$. Small batches are fast at first and end on a
#   floor that follows the learning rate.
# - Saddle points cost time, not success. They look like a plateau.
# - Batch normalization standardizes the inputs of every layer, again in every step, so that each layer
#   has the better conditioned surface.
#
# ## Exercises
#
# 1. The features have the ranges 0 to 1 and 0 to 1000. Predict the condition number of the centred
#    features, for uniform distributions. Check it with `LeastSquares`.
# 2. Add a column of ones in the place of the second feature: a weight and a bias. What is the
#    condition number for the values 1, 2, 3, and what after centring?
# 3. Repeat the cost comparison with 16 and 256 and a learning rate of 0.1 · 16 for the larger one.
#    Does it make up for the fewer steps?
# 4. Put `npx.relu` in the place of the sigmoid (`d2l_bn.lenet(activation="relu")`) in the spectra
#    behind the layers. What changes, and why?
#
# The cell below checks exercise 2.

# %%
with_bias, centred_bias = None, None

ones = np.ones((3, 1))
column = np.array([[1.0], [2.0], [3.0]])
self_check(
    "with a bias",
    with_bias,
    LeastSquares(np.hstack([column, ones]), [0, 0, 0]).condition_number,
)
self_check(
    "centred",
    centred_bias,
    LeastSquares(np.hstack([column - 2, ones]), [0, 0, 0]).condition_number,
)

# %% [markdown]
# ## Where to read on
#
# - **Notebook 16, Optimizers compared:** rules that give each direction its own rate.
# - **Notebook 10, Why it works:** the same surface measured along the gradient.
# - LeCun, Bottou, Orr & Müller, *Efficient BackProp*, 1998: sections 4 and 5 are this notebook's
#   part one.
# - Dauphin et al., *Identifying and attacking the saddle point problem*, NeurIPS 2014, arXiv
#   1406.2572.
# - Santurkar et al., *How Does Batch Normalization Help Optimization?*, NeurIPS 2018, arXiv
#   1805.11604.
