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
# # 9 · Small batches
#
# Batch normalization (批量归一化) takes its mean and variance from a batch (小批量). When images are
# large and memory is short, a batch has one, two or four of them. What is left of the statistics
# (统计量) then, and which of the relatives helps (rows 33, 36 and 38 to 41)?
#
# **After this notebook you can**
#
# - say what batch normalization computes from one value and from two, by formula, and check it;
# - predict how noisy a mean and a variance are from the size of the batch;
# - say what batch renormalization corrects, and what it cannot;
# - choose a normalizer for a given batch size, and name the measurement behind the choice.
#
# **Time:** 2 to 4 minutes to run on two CPU cores, 45 minutes to read.
#
# **Needs:** notebooks 3 and 6, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# Cells with `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import tempfile

import numpy
from mxnet import autograd, np, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments import load
from d2l_bn.experiments.lenet_training import lenet_case, train_lenet
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.runner import run_study
from d2l_bn.experiments.statistics import difference, estimate
from d2l_bn.experiments.study import Study
from d2l_bn.figures.markdown_table import table
from d2l_bn.norms.batch_renorm import BatchRenorm, batch_renorm, corrections
from d2l_bn.norms.group import GroupNorm, group_norm
from d2l_bn.norms.instance import instance_norm
from d2l_bn.norms.layer import layer_norm

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs


# %% [markdown]
# # Part one: one value, two values
#
# ## A single value
#
# Behind a dense layer (全连接层), a channel has one value per example. In a batch of one, the mean
# *is* that value:
#
# $$\mu = x, \qquad \sigma^2 = 0, \qquad
#   y = \gamma\,\frac{x - x}{\sqrt{0 + \varepsilon}} + \beta = \beta$$
#
# So what does the layer put out for $x = 3$ and for $x = -100$, with $\gamma = 2$, $\beta = 0.5$?

# %%
prediction = None  # two numbers, such as (2.0, -2.0)


def normalized(X, gamma=1.0, beta=0.0):
    """Batch normalization of (N, C) or (N, C, H, W) as in training."""
    shape = (1, X.shape[1]) + (1,) * (X.ndim - 2)
    one = np.ones(shape, dtype=X.dtype)
    with autograd.train_mode():
        return d2l_bn.batch_norm(X, gamma * one, beta * one, 0 * one, one)[0]


outputs = tuple(normalized(np.array([[x]]), 2.0, 0.5).item() for x in (3.0, -100.0))
self_check("the pair of outputs", prediction, outputs)
print("outputs:", outputs)

# %% [markdown]
# The output does not depend on the input. Then no gradient (梯度) can come back through it either.
# Measured, for a batch of one behind a dense layer with 120 outputs, next to group normalization
# (组归一化) with two groups:

# %%
npx.random.seed(0)
X, upstream = np.random.normal(size=(2, 1, 120))


def gradient_size(layer):
    """How long the gradient is that a layer sends back for ``upstream``."""
    layer.initialize()
    x = X.copy()
    x.attach_grad()
    with autograd.record():
        Y = layer(x)
    Y.backward(upstream)
    return np.linalg.norm(x.grad).item()


sizes = {
    "batch normalization": gradient_size(d2l_bn.BatchNorm(120, 2)),
    "batch renormalization": gradient_size(BatchRenorm(120, 2)),
    "group normalization": gradient_size(GroupNorm(120, 2, num_groups=2)),
}
for name, size in sizes.items():
    print(f"{name:22} length of the gradient at batch size 1: {size:.3g}")

# %% [markdown]
# With batch normalization behind a dense layer, a batch of one trains nothing that comes before. (We
# come to *renormalization* in part three. It does not help here.)
#
# ## One image behind a convolution
#
# Behind a convolution (卷积), a channel of one image has $H \cdot W$ values, and there *is* a mean and
# a variance. Which relative of batch normalization is it, then, when the batch is one image?

# %%
prediction = None  # "layer", "instance" or "group"

X = np.random.normal(3, 2, size=(1, 6, 24, 24))
one, zero = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
relatives = {
    "layer": layer_norm(X, one, zero),
    "instance": instance_norm(X, one, zero),
    "group": group_norm(X, one, zero, num_groups=2),
}
distances = {name: np.abs(Y - normalized(X)).max().item() for name, Y in relatives.items()}
self_check("the relative", prediction, min(distances, key=distances.get))

# %%
for name, distance in distances.items():
    print(f"largest difference from {name + ' normalization':22} {distance:.2g}")

# %% [markdown]
# ## Two values
#
# In a batch of two, behind a dense layer, let $\delta = (x_1 - x_2)/2$. The mean is in the middle,
# the variance is $\delta^2$, and
#
# $$\hat x_1 = \frac{\delta}{\sqrt{\delta^2 + \varepsilon}} \approx \operatorname{sign}(x_1 - x_2),
#   \qquad \hat x_2 = -\hat x_1$$
#
# **Each channel says which of the two examples had more of it, and not how much.** One bit is left.
# Below, one example of a batch takes every value from −3 to 3, while the others stay where they are.

# %%
x = numpy.linspace(-3, 3, 241)
others = numpy.random.RandomState(0).randn(255)
curves = {}
for m in (1, 2, 4, 16, 256):
    batch = numpy.vstack([x, numpy.repeat(others[: m - 1, None], len(x), axis=1)])
    curves[f"batch of {m}"] = normalized(np.array(batch))[0].asnumpy()

ax = figures.draw_lines(
    curves,
    x=x,
    xlabel="x of the first example",
    ylabel="its normalized value",
    title="What is left of a value, by the number of values in the batch",
)

# %% [markdown]
# With 256 values the line is nearly straight: the value passes. With 2 it is a step. With 1 it is
# nothing. How large can a normalized value be at all, in a batch of $m$? Its square is largest when
# all the others are equal, and then $|\hat x| = \sqrt{m - 1}$. Predict it for $m = 5$:

# %%
prediction = None  # a number

largest = normalized(np.array([[1e6], [0.0], [0.0], [0.0], [0.0]]))[0].item()
self_check("the largest value", prediction, round(largest, 4))

# %% [markdown]
# ### Move it yourself
#
# So far the others stood still. In training they are drawn anew for each batch. **Predict first:** in
# prediction $x = 1.5$ comes out as 1.5, if the population has mean 0 and deviation 1. Of the sizes 4, 16, 64
# and 256, which is the first at which it comes within 0.2 of that in all of eight batches?

# %%
size = None  # 4, 16, 64 or 256

# %%
figures.interactive("batch_size_slider")

# %%
self_check("the size", size, 256, [(64, "Look at the eight batches: one gives 2.05.")])

# %% [markdown]
# **A batch of 1 passes nothing, a batch of 2 one bit, a batch of 4 a bent curve of its own; it takes
# hundreds of values until each batch passes what prediction will.**

# %% [markdown]
# # Part two: noise
#
# ## How far from the truth is a batch?
#
# A short training, for real activations to measure on: what arrives at `norm1` (behind the first
# convolution) and at `norm3` (behind the first dense layer).

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=1024 if FAST else 6000)
net = d2l_bn.lenet("gluon", activation="relu")
net.hybridize()
history = d2l_bn.train(net, train_iter, epochs=1, lr=0.1)
print(history.epochs[-1])

# %%
SIZES = (1, 2, 4, 8, 32, 256)
COUNT = 1024 if FAST else 4096
order = numpy.random.RandomState(0).permutation(len(train_iter.images))[:COUNT]
images = np.array(train_iter.images[order][:, None] / numpy.float32(255), dtype="float32")


def inputs_of(name):
    """What arrives at a layer: (examples, channels, values of an example)."""
    Y = images
    for key, layer in net._children.items():
        if key == name:
            return Y.asnumpy().reshape(*Y.shape[:2], -1)
        Y = layer(Y)


def in_batches(values, size):
    """(batches, size, channels, values of an example)"""
    count = len(values) // size
    return values[: count * size].reshape(count, size, *values.shape[1:])


activations = {name: inputs_of(name) for name in ("norm1", "norm3")}
for name, values in activations.items():
    print(name, "(examples, channels, values of an example):", values.shape)

# %% [markdown]
# For each batch size, cut the images into batches, and compute mean and variance of each. How much
# do they vary from batch to batch? The scatter of the batch means is measured in units of the
# population's standard deviation (标准差), that of the batch variances in units of its variance.
#
# Statistics says: the scatter of a mean of $m$ independent values is $\sigma / \sqrt m$. From a batch
# of 4 to a batch of 256, by which factor does it fall?

# %%
prediction = None  # a number


def scatter(values, size):
    """Of the batch means and variances around the population's, relative, over the channels."""
    batches = in_batches(values, size)
    means, variances = batches.mean(axis=(1, 3)), batches.var(axis=(1, 3))
    variance = values.var(axis=(0, 2))
    of_means = means.std(axis=0, ddof=1) / numpy.sqrt(variance)
    of_variances = variances.std(axis=0, ddof=1) / variance
    return numpy.median(of_means), numpy.median(of_variances)


self_check("the factor", prediction, (256 / 4) ** 0.5, [(64, "That is the ratio of the sizes.")])

# %%
noise = {
    name: numpy.array([scatter(values, size) for size in SIZES])
    for name, values in activations.items()
}
axes = figures.new_axes(2, sharey=True)
for ax, (name, points) in zip(axes, noise.items()):
    law = points[0, 0] / numpy.sqrt(SIZES)
    figures.draw_lines(
        {"batch means": points[:, 0], "batch variances": points[:, 1], "1/√N": law},
        x=SIZES,
        xlabel="batch size N",
        ylabel="scatter, relative" if name == "norm1" else "",
        title=name,
        log=True,
        ax=ax,
    )
    ax.set_xscale("log")
    ax.set_xticks(SIZES, [str(size) for size in SIZES])
    ax.minorticks_off()

for name, points in noise.items():
    slope = numpy.polyfit(numpy.log(SIZES), numpy.log(points[:, 0]), 1)[0]
    print(f"{name}: the scatter of batch means goes like N to the power {slope:.2f}")

# %% [markdown]
# The law holds. And the convolution? A channel of `norm1` has $24 \cdot 24 = 576$ values per image.
# If they were independent, one image would be as good as a batch of 576 behind a dense layer. They
# are not: neighbouring pixels are alike, and a dark shirt is dark all over. How many independent
# values is an image worth?

# %%
worth = {name: 1 / points[0, 0] ** 2 for name, points in noise.items()}
for name, number in worth.items():
    print(f"{name}: {activations[name].shape[2]} values per image, worth {number:.1f}")

# %% [markdown]
# ## The gap between training and prediction
#
# In training a value is normalized by its batch, in prediction (预测) by the population. The same
# image gets two different answers (row 33). How different, on average over images and channels? The
# unit is the deviation of a normalized value, which is 1.

# %%
EPS = 1e-5


def gap(values, size, r_max=1.0, d_max=0.0):
    """Root mean square of: normalized in training minus normalized in prediction."""
    batches = in_batches(values, size)
    axes = (1, 3)
    mean = values.mean(axis=(0, 2))[:, None]
    sigma = numpy.sqrt(values.var(axis=(0, 2)) + EPS)[:, None]
    batch_mean = batches.mean(axis=axes, keepdims=True)
    batch_sigma = numpy.sqrt(batches.var(axis=axes, keepdims=True) + EPS)
    r = numpy.clip(batch_sigma / sigma, 1 / r_max, r_max)
    d = numpy.clip((batch_mean - mean) / sigma, -d_max, d_max)
    in_training = (batches - batch_mean) / batch_sigma * r + d
    in_prediction = (batches - mean) / sigma
    return numpy.sqrt(((in_training - in_prediction) ** 2).mean())


gaps = {name: [gap(values, size) for size in SIZES] for name, values in activations.items()}
ax = figures.draw_lines(
    gaps,
    x=SIZES,
    xlabel="batch size",
    ylabel="root mean square",
    title="The same value, normalized in training and in prediction: the difference",
)
ax.set_xscale("log")
ax.set_xticks(SIZES, [str(size) for size in SIZES])
ax.minorticks_off()

# %% [markdown]
# At 256 the two agree. At 1 behind a dense layer the difference is 1, as large as what is to be
# computed: in training the value is always 0.
#
# # Part three: batch renormalization
#
# Ioffe (2017) corrects the difference where it arises. With μ and σ from the moving averages:
#
# $$\hat x = \frac{x - \mu_B}{\sigma_B}\,r + d, \qquad
#   r = \frac{\sigma_B}{\sigma}, \qquad d = \frac{\mu_B - \mu}{\sigma}$$
#
# Put in $r$ and $d$, and $\hat x = (x - \mu)/\sigma$ comes out: what prediction computes. The trick is
# in the gradient. $r$ and $d$ count as *constants*, so it still runs through $\mu_B$ and $\sigma_B$.
# And both are clipped (截断): $1/r_{max} \le r \le r_{max}$ and $|d| \le d_{max}$, with 3 and 5 at the
# end of the paper's schedule. What is $\hat x$ with $r_{max} = 1$ and $d_{max} = 0$?

# %%
prediction = None  # "batch normalization", "group normalization" or "the input"

X = np.random.normal(size=(4, 3))
one, zero = np.ones((1, 3)), np.zeros((1, 3))
with autograd.train_mode():
    Y, *_ = batch_renorm(X, one, zero, zero + 0.3, one * 2, r_max=1, d_max=0)
is_batch_norm = np.abs(Y - normalized(X)).max().item() < 1e-5
self_check("the answer", prediction, "batch normalization" if is_batch_norm else "the input")

# %% [markdown]
# $r$ and $d$ of the batches of `norm3`, for every batch size: the mean over batches and channels, and
# their deviation as a bar. (μ and σ are the population's here.)


# %%
def of_batches(values, size):
    """r and d of every batch and channel, unclipped."""
    mean, var = (np.array(s(axis=(0, 2)))[None] for s in (values.mean, values.var))
    pairs = [corrections(np.array(b[:, :, 0]), mean, var) for b in in_batches(values, size)[:256]]
    r, d = (numpy.concatenate([pair[i].asnumpy() for pair in pairs]) for i in (0, 1))
    return r, d


found = {size: of_batches(activations["norm3"], size) for size in SIZES}
axes = figures.new_axes(2)
for i, (ax, name) in enumerate(zip(axes, ("r", "d"))):
    points = [(found[size][i].mean(), found[size][i].std()) for size in SIZES]
    figures.draw_error_curves(
        {name: points}, x=SIZES, xlabel="batch size", title=f"{name} at norm3", log_x=True, ax=ax
    )
    ax.get_legend().remove()

rows = []
for size, (r, d) in found.items():
    clipped = ((r < 1 / 3) | (r > 3)).mean(), (abs(d) > 5).mean()
    rows.append([size, f"{r.mean():.3f}", f"{abs(d).mean():.3f}", *(f"{c:.1%}" for c in clipped)])
table(["batch size", "mean r", "mean of abs(d)", "r clipped at 3", "d clipped at 5"], rows)

# %% [markdown]
# $r$ is below 1 on average: a small batch *underestimates* the deviation, since it measures around
# its own mean (notebook 6, $m/(m-1)$). At batch size 1 it would be 0, and is clipped. What is left of
# the gap?

# %%
limits = {"batch normalization": (1, 0), "batch renormalization": (3, 5)}
ax = figures.draw_lines(
    {
        name: [gap(activations["norm3"], size, *most) for size in SIZES]
        for name, most in limits.items()
    },
    x=SIZES,
    xlabel="batch size",
    ylabel="root mean square",
    title="The gap at norm3",
)
ax.set_xscale("log")
ax.set_xticks(SIZES, [str(size) for size in SIZES])
ax.minorticks_off()

# %% [markdown]
# Forwards, the gap is closed but for what is clipped. Backwards it is not: at batch size 1 behind a dense layer the output is
# $d$, a constant, and part one measured the gradient that comes back through a constant. And in real
# training the averages are not the population's, but those of earlier weights.
#
# # Part four: the experiment
#
# ## Six batch sizes, six normalizers
#
# Source 002 describes a figure that is lost: group normalization with weight standardization
# (权重标准化, row 38) against batch normalization, down to batch size 1 (row 40). Here it is again, with
# this course's LeNet. Every run sees the **same number of examples**, once. The learning rate
# (学习率) grows in proportion to the batch size, as in the paper on group normalization: a batch of
# twice the size takes half as many steps, each twice as long. Three seeds (随机种子) each. The runs
# take about an hour, so they are in a file; `d2l-bn run small_batches` makes
# it.

# %%
records = load.records("small_batches")
KINDS = {
    "BN": {"norm": "batch", "weights": None},
    "GN": {"norm": "group", "weights": None},
    "GN+WS": {"norm": "group", "weights": "standardized"},
    "LN": {"norm": "layer", "weights": None},
    "IN": {"norm": "instance", "weights": None},
    "renorm": {"norm": "renorm", "weights": None},
}


def by_seed(kind, size, measure="test_accuracy_moving"):
    """From the seed to the last value."""
    return load.by_seed("small_batches", measure, batch_size=size, **KINDS[kind])


one = records[0]["case"]
settings = {name: one[name] for name in ("activation", "examples", "epochs", "test_examples")}
print(len(records), "runs of", settings, "on", records[0]["data"])
print("learning rates:", {r["case"]["batch_size"]: r["case"]["lr"] for r in records})

# %% [markdown]
# Which one is worst at batch size 2? Which one at 256? Predict before you look.

# %%
worst_at_2, worst_at_256 = None, None  # of "BN", "GN", "GN+WS", "LN", "IN", "renorm"


def worst(size):
    means = {kind: estimate(by_seed(kind, size)).mean for kind in KINDS}
    return min(means, key=means.get)


self_check("the worst at batch size 2", worst_at_2, worst(2))
self_check("the worst at batch size 256", worst_at_256, worst(256))

# %% tags=["cover"]
ax = figures.draw_error_curves(
    {kind: [estimate(by_seed(kind, size)).bar for size in SIZES] for kind in KINDS},
    x=SIZES,
    xlabel="batch size",
    ylabel="test accuracy",
    title="The same examples in batches of different size: mean and 95 % interval",
    log_x=True,
)

# %%
rows = [[kind, *(estimate(by_seed(kind, size)) for size in SIZES)] for kind in KINDS]
table(["test accuracy", *(f"batch {size}" for size in SIZES)], rows)

# %% [markdown]
# A number such as 0.850 ± 0.025 is the mean over *n* seeds and the half width of its 95 % confidence
# interval (置信区间). The right end of the figure is no competition between batch sizes: a batch of
# 256 makes few steps of the same examples. Compare the normalizers *at the same* batch size.
#
# ## Batch size 2
#
# Is GN+WS ahead of BN in the same number of examples, by more than the seeds account for?

# %%
prediction = None  # GN+WS minus BN at batch size 2, in test accuracy

lead = difference(by_seed("GN+WS", 2), by_seed("BN", 2))
ahead = lead.mean > lead.margin
self_check("the lead, to one decimal,", prediction, round(lead.mean, 1))
print(f"GN+WS minus BN at batch size 2: {lead}; ahead by more than the margin: {ahead}")

# %%
curves = {}
for kind in ("BN", "GN", "GN+WS"):
    rows = load.stacked(records, "curve", batch_size=2, **KINDS[kind])
    curves[kind] = rows[:, :, 1]
    examples = 2 * rows[0, :, 0]

ax = figures.draw_seed_bands(
    curves,
    x=examples,
    xlabel="examples seen",
    ylabel="training loss",
    title="Batches of 2: mean and range over seeds",
)

# %% [markdown]
# The *training* loss (训练损失) already differs, so it is not a matter of which statistics are used in
# prediction. The same question, asked of the test: BN with population statistics in place of the
# moving averages (notebook 6).

# %%
rows = []
for kind in ("BN", "renorm"):
    for size in SIZES[1:]:
        moving, population = (
            by_seed(kind, size, f"test_accuracy_{kind_of}") for kind_of in ("moving", "population")
        )
        gain = difference(population, moving)
        rows.append([kind, size, estimate(moving), estimate(population), gain])
table(["", "batch", "moving average", "population", "gain"], rows)

# %% [markdown]
# ## Why? A test of the reason
#
# Part one says: at batch size 2 the layers behind *dense* layers pass one bit a channel, and those
# behind convolutions have enough values. If that is the reason, then BN in the places 1 and 2 only,
# behind the convolutions, must do much better than BN in all four. We run it, in small. (`places`
# says where the normalizers stand.)

# %%
prediction = None  # "better" or "no better", for BN in the places 1 and 2

PLACES = {"all four": (1, 2, 3, 4), "convolutions": (1, 2), "dense layers": (3, 4)}
cases = [
    lenet_case(
        norm="batch",
        places=places,
        compiled=True,
        activation="relu",
        batch_size=2,
        lr=2 / 640,
        examples=60 if FAST else 1500,
        epochs=1,
        test_examples=100 if FAST else 1000,
        population_batches=10 if FAST else 100,
    )
    for places in PLACES.values()
]
study = Study("places", "In which places does it help?", cases, train_lenet, seeds=(0, 1, 2))
made = read_records(run_study(study, tempfile.mkdtemp(), data=data))
at_places = {name: load.by_seed(made, "test_accuracy", places=p) for name, p in PLACES.items()}

step = difference(at_places["convolutions"], at_places["all four"])
self_check("the answer", prediction, "better" if step.mean > step.margin else "no better")

# %%
ax = figures.draw_estimates(
    {name: estimate(v).bar for name, v in at_places.items()},
    xlabel="test accuracy, population statistics",
    title="BN at batch size 2, by its places",
    reference=(0.1, "guessing"),
)
print(f"behind the convolutions only, minus all four: {step}")

# %% [markdown]
# ## Does weight standardization do it, or group normalization?
#
# The effect of each of the two, at every batch size:

# %%
pairs = {
    "GN minus BN": ("GN", "BN"),
    "GN+WS minus GN": ("GN+WS", "GN"),
    "renorm minus BN": ("renorm", "BN"),
}


def gains(first, second):
    """Differences by seed, at each batch size."""
    return [difference(by_seed(first, size), by_seed(second, size)) for size in SIZES]


ax = figures.draw_error_curves(
    {name: [gain.bar for gain in gains(*pair)] for name, pair in pairs.items()},
    x=SIZES,
    xlabel="batch size",
    ylabel="difference in test accuracy",
    log_x=True,
)
_ = ax.axhline(0, color="black", linewidth=0.8)

# %% [markdown]
# # Part five: which one when?
#
# Row 41 as a table. The first two columns are advice. The third is the measurement that stands
# behind it, and the last says, computed, whether it bears the advice out *here*: the difference
# exceeds its margin.


# %%
def compare(first, second, size):
    """(text, verdict) of one difference."""
    gain = gains(first, second)[SIZES.index(size)]
    if gain is None or gain.n < 2:
        return f"{first} − {second} at {size}: no runs yet", "not measured"
    text = f"{first} − {second} at {size}: {gain}"
    return text, "yes" if gain.mean > gain.margin else "no" if -gain.mean > gain.margin else "open"


advice = [
    ("batches of 32 and more", "BN: fast, and free in prediction", compare("BN", "GN", 32)),
    ("the same, at 256", "BN", compare("BN", "GN", 256)),
    ("batches of 2 to 8", "GN", compare("GN", "BN", 8)),
    ("the same, at 2", "GN with WS rather than BN", compare("GN+WS", "BN", 2)),
    ("the same, at 2", "GN with WS rather than GN alone", compare("GN+WS", "GN", 2)),
    ("small batches, prediction must stay free", "batch renorm", compare("renorm", "BN", 8)),
    ("single images", "GN with WS, never BN behind dense layers", compare("GN+WS", "BN", 1)),
]
rows = [[when, what, *measured] for when, what, measured in advice]
rows += [
    ["sequences, recurrent networks", "LN", "notebooks 6 and 11", "see there"],
    ["style, contrast to be thrown away", "IN, AdaIN", "notebook 11", "see there"],
]
table(["when", "take", "measured, test accuracy", "borne out here"], rows)

# %% [markdown]
# "BN is free in prediction": `fold` multiplies it into the layer before (notebook 6). GN, LN and IN
# compute statistics for every image they see, in prediction as well.
#
# ## Summary
#
# - In a batch of one, BN behind a dense layer puts out β, and the gradient stops there. Behind a
#   convolution it is instance normalization.
# - In a batch of two, one bit of each value passes a dense layer's BN.
# - Batch means scatter like $1/\sqrt N$. The pixels of an image are worth far fewer independent values
#   than there are of them.
# - Batch renormalization closes the gap between training and prediction in the forward pass; its
#   gradient still is that of the batch.
# - Normalizers of single examples do not know the batch size. What depends on it in their curves is
#   the number and length of the steps.
#
# ## Exercises
#
# 1. `normalized` in a batch of three: which values can a channel take if two of the three examples
#    are equal? Compute, then check.
# 2. The learning rate grew in proportion to the batch. Try its root instead:
#    `lenet_case(norm="group", activation="relu", batch_size=256, lr=0.05 * (256 / 32) ** 0.5,
#    examples=6000, epochs=1)`, and the same for 2. Which end gains?
# 3. Renormalization with `BatchRenorm(..., momentum=0.9)`: at batch size 2, how many examples
#    does its average see? Why does the paper take 0.99?
# 4. Dropout (notebook 13) adds noise as small batches do. Why does it not need a second set of
#    statistics for prediction?
#
# ## Where to read on
#
# - Wu & He, *Group Normalization*, 2018, arXiv 1803.08494: figure 1 is the curve of part four on
#   ImageNet.
# - Qiao et al., *Micro-Batch Training with Batch-Channel Normalization and Weight Standardization*,
#   2019, arXiv 1903.10520: GN+WS down to batch size 1.
# - Ioffe, *Batch Renormalization*, 2017, arXiv 1702.03275: three pages, and Algorithm 1.
# - `d2l_bn/norms/batch_renorm.py`, `group.py` and `standardized_weight.py`.
