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
# # 11 · The family in pictures
#
# Batch normalization (批量归一化) has siblings: layer, instance and group normalization. All of them
# compute $\hat x = (x - \mu)/\sqrt{\sigma^2 + \varepsilon}$ and then $\gamma \hat x + \beta$. They
# differ in one thing, *which values share a mean and a variance*, and a picture shows it at a glance.
# Two more relatives leave the activations alone and normalize the weights.
#
# **After this notebook you can**
#
# - say for each normalizer who shares statistics (统计量) with whom, and test it on any layer;
# - give an image the colours and the contrast of another one, with nothing but means and deviations;
# - say what weight normalization and weight standardization do to a weight, and what they cannot do;
# - say why recurrent networks take layer normalization, and what it buys in an experiment.
#
# **Time:** 1 to 2 minutes to run on two CPU cores, 50 minutes to read.
#
# **Needs:** notebooks 1 and 5, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# It covers rows 29 to 39 of the course, and corrections 10 and 11. Cells with `prediction = None`
# wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import warnings

import numpy
import scipy.misc
from matplotlib import cbook
from matplotlib import pyplot as plt
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments import load
from d2l_bn.experiments.statistics import difference, estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.row_reader import NORMS, PIXEL_DEVIATION, PIXEL_MEAN, RowReader
from d2l_bn.norms.adaptive_instance import adaptive_instance_norm
from d2l_bn.norms.group import GroupNorm, group_norm
from d2l_bn.norms.instance import InstanceNorm, instance_norm
from d2l_bn.norms.layer import LayerNorm, layer_norm
from d2l_bn.norms.moments import moments
from d2l_bn.norms.standardized_weight import StandardizedConv2D, standardize_weight
from d2l_bn.norms.weight import WeightNorm, length, weight_norm

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs


# %% [markdown]
# # Part one: who shares with whom?
#
# ## The cubes
#
# The output of a convolution has four axes: N images, C channels, H rows and W columns. The *index
# set* of a normalizer says over which of them μ and σ² are taken:
#
# | | statistics over | one mean and variance |
# |---|---|---|
# | batch normalization | N, H, W | per channel |
# | layer normalization (层归一化, row 31) | C, H, W | per example |
# | instance normalization (实例归一化, row 29) | H, W | per example and channel |
# | group normalization (组归一化, row 32) | C/G, H, W | per example and group of C/G channels |
#
# Row 37 asks for the well-known picture of it, and here it is made from the axes. `index_sets`
# numbers the sets and gives each value of an array (4, 6, 2, 2) the number of its own.

# %%
shape = 4, 6, 2, 2  # N, C, H, W
sets = {
    "Batch norm\nover N, H, W": figures.index_sets(shape, axes=(0, 2, 3)),
    "Layer norm\nover C, H, W": figures.index_sets(shape, axes=(1, 2, 3)),
    "Instance norm\nover H, W": figures.index_sets(shape, axes=(2, 3)),
    "Group norm\nover C/G, H, W": figures.index_sets(shape, axes=(1, 2, 3), num_groups=2),
}

# %% [markdown]
# Before you look: how many means does each of the four compute for this array?

# %%
batch, layer, instance, group = None, None, None, None

answers = batch, layer, instance, group
for (title, numbers), answer in zip(sets.items(), answers):
    name = title.split("\n")[0].lower()
    self_check(f"the number of means of {name}", answer, len(numpy.unique(numbers)))

# %% [markdown]
# Each cube below is the whole array: channels to the right, images into the depth, and the pixels of
# a channel on top of each other. Blue is *one* index set: all values that share one mean and one
# variance with the corner nearest to you.

# %%
axes = figures.draw_cubes(sets, only=(0, -1, 0, 0))

# %% [markdown]
# And all sets at once, a colour for each:

# %% tags=["cover"]
axes = figures.draw_cubes(sets)

# %% [markdown]
# Only in the first cube does a colour run into the depth. **Batch normalization alone lets images
# share.** The other three treat each image by itself.
#
# ### Move it yourself
#
# **Predict first.** Start from instance normalization. Which one axis must be averaged over as well
# to make it batch normalization? And which to make it layer normalization?

# %%
to_batch = None  # "N", "C", "H" or "W"
to_layer = None

# %%
figures.interactive("axis_collapser", H=True, W=True)

# %%
self_check("the axis from instance to batch normalization", to_batch, "N")
self_check("the axis from instance to layer normalization", to_layer, "C")

# %% [markdown]
# **The whole family has H and W in common; batch normalization adds N, layer normalization adds C,
# group normalization adds a part of C.**
#
# ## The same picture, by experiment
#
# The cubes above are drawn from a definition. Does the code agree? Change *one* value of the input,
# and see which values of the output change. Values that share a mean must change together (row 70),
# and no others may.

# %%
one, zero = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))


def batch_norm(X):
    with autograd.train_mode():  # statistics of the batch
        return d2l_bn.batch_norm(X, one, zero, zero, one)[0]


functions = {
    "Batch norm": batch_norm,
    "Layer norm": lambda X: layer_norm(X, one, zero),
    "Instance norm": lambda X: instance_norm(X, one, zero),
    "Group norm": lambda X: group_norm(X, one, zero, num_groups=2),
}


def changed(function, X, where):
    """Which outputs change when the value at ``where`` does."""
    other = X.copy()
    other[where] += 1
    return numpy.abs((function(other) - function(X)).asnumpy()) > 1e-6


npx.random.seed(0)
X = np.random.normal(size=shape)
corner = 0, 5, 0, 0
measured = {name: changed(function, X, corner) for name, function in functions.items()}
axes = figures.draw_cubes(measured)

# %%
for (name, mask), numbers in zip(measured.items(), sets.values()):
    as_defined = (mask == (numbers == numbers[corner])).all()
    print(f"{name:14} {mask.sum():2} of {mask.size} outputs change; the index set: {as_defined}")

# %% [markdown]
# ## In numbers, for a real layer
#
# For the first convolution of LeNet and a batch of 256, how many statistics are there, and from how
# many values is each of them? The second number says how far a mean can be trusted; the third column
# says the same for a batch of one.

# %%
rows = []
for name, axes_of, groups in (
    ("batch", (0, 2, 3), None),
    ("layer", (1, 2, 3), None),
    ("instance", (2, 3), None),
    ("group, G = 2", (1, 2, 3), 2),
):
    counts = []
    for n in (256, 1):
        numbers = figures.index_sets((n, 6, 24, 24), axes_of, groups)
        counts += [len(numpy.unique(numbers)), numbers.size // len(numpy.unique(numbers))]
    rows.append([name, *(f"{count:,}" for count in counts[:2]), f"{counts[3]:,}"])
table(["normalizer", "means", "values in each", "values in each, batch of one"], rows)

# %% [markdown]
# ## One number between two siblings: G
#
# Group normalization splits the channels into G groups of neighbours. `num_groups` is a number to
# choose (row 36), and its two ends have names of their own. Which G gives layer normalization, and
# which instance normalization, for six channels?

# %%
for_layer, for_instance = None, None

self_check("G of layer normalization", for_layer, 1)
self_check("G of instance normalization", for_instance, 6)

# %%
by_groups = {
    f"G = {groups}": figures.index_sets(shape, (1, 2, 3), num_groups=groups)
    for groups in (1, 2, 3, 6)
}
axes = figures.draw_cubes(by_groups, only=(0, -1, 0, 0))

# %%
for name, groups in (("Layer norm", 1), ("Instance norm", 6)):
    gap = functions[name](X) - group_norm(X, one, zero, num_groups=groups)
    print(f"{name} and group norm with G = {groups}: difference {np.abs(gap).max():.1e}")

try:
    group_norm(X, one, zero, num_groups=4)
except ValueError as error:
    print(error)

# %% [markdown]
# ## What leaves the answer as it was?
#
# A normalizer *forgets* whatever is the same for a whole index set: a factor and a shift. So the sets
# tell which changes of the input it does not see at all. We look at the output of the first image,
# after changes of the input; ✓ means that it stays the same (to 0.001).

# %%
changes = {
    "the other images are replaced": lambda X: np.concatenate([X[:1], 5 * X[1:] + 3]),
    "all images: 3x + 2": lambda X: 3 * X + 2,
    "this image: 3x + 2": lambda X: np.concatenate([3 * X[:1] + 2, X[1:]]),
    "this image, three channels: 3x + 2": lambda X: np.concatenate(
        [np.concatenate([X[:1, :3], 3 * X[:1, 3:] + 2], axis=1), X[1:]]
    ),
    "this image, one channel: 3x + 2": lambda X: np.concatenate(
        [np.concatenate([X[:1, :5], 3 * X[:1, 5:] + 2], axis=1), X[1:]]
    ),
    "one channel of all images: 3x + 2": lambda X: np.concatenate(
        [X[:, :5], 3 * X[:, 5:] + 2], axis=1
    ),
}
rows = []
for text, change in changes.items():
    cells = []
    for function in functions.values():
        gap = np.abs(function(change(X))[0] - function(X)[0]).max().item()
        cells.append("✓" if gap < 1e-3 else f"{gap:.2f}")
    rows.append([text, *cells])
table(["change", *functions], rows)

# %% [markdown]
# Read the first row: batch normalization is the only one that minds the other images, its main
# drawback (row 33). Read the last: batch and instance normalization do not mind a channel of another
# scale, the other two do. Instance normalization forgets most, and that is not always good: how strong
# a channel is in *this* image, compared with others, is often what tells a class.
#
# ## Training and prediction
#
# A layer whose statistics come from one example needs no moving average, and computes the same in
# training and in prediction (训练与预测). The difference between the two modes, largest over a batch:

# %%
layers = {
    "batch": d2l_bn.BatchNorm(6, num_dims=4),
    "layer": LayerNorm(6, num_dims=4),
    "instance": InstanceNorm(6),
    "group": GroupNorm(6, num_dims=4, num_groups=2),
}
for name, block in layers.items():
    block.initialize()
    with autograd.train_mode():
        in_training = block(X)
    stored = [p.name.split("_")[-1] for p in block.collect_params().values()]
    gap = np.abs(block(X) - in_training).max().item()
    print(f"{name:9} training - prediction: {gap:.3f}   parameters: {len(stored)}")

# %% [markdown]
# ## Each *sample*, not each feature
#
# Source 002 says: 层归一化将激活的每个特征归一化为零均值和单位方差, "layer normalization gives each
# *feature* mean 0 and variance 1". That is batch normalization. Layer normalization gives it to each
# **sample** (样本), over its features. After a dense layer, (N, C) = (4, 6):

# %%
dense_output = np.random.normal(3, 2, size=(4, 6))
Y = layer_norm(dense_output, np.ones((1, 6)), np.zeros((1, 6))).asnumpy()
print("means of the four samples:", Y.mean(axis=1).round(3) + 0.0)
print("means of the six features:", Y.mean(axis=0).round(3))

# %% [markdown]
# ## Gluon's layers: three traps
#
# Gluon has `nn.LayerNorm`, too. We run the experiment from above on it. Predict: behind a
# convolution, how many of the 96 outputs change with one value?

# %%
prediction = None  # a whole number

gluons = nn.LayerNorm(in_channels=2)
gluons.initialize()
both = {
    "d2l_bn's layer_norm\nover C, H, W": measured["Layer norm"],
    "Gluon's nn.LayerNorm\nover W alone": changed(gluons, X, corner),
}
self_check(
    "the number of changed outputs",
    prediction,
    int(both["Gluon's nn.LayerNorm\nover W alone"].sum()),
    reasons=[(24, "That is the whole image, as for layer_norm.")],
)

# %%
axes = figures.draw_cubes(both)

# %% [markdown]
# `nn.LayerNorm` takes the **last axis only**. For (N, C), that is right. Behind a convolution it
# normalizes each row of pixels by itself. (To use it there, flatten first.) In this package, γ and β
# have one value per channel, as in the paper on group normalization, so that layer normalization is
# exactly the case G = 1.
#
# The other two do not take `mx.np` arrays at all. And `nn.GroupNorm` has one γ and one β per *group*,
# where the paper has them per channel:

# %%
for block in (nn.InstanceNorm(in_channels=6), nn.GroupNorm(num_groups=2)):
    block.initialize()
    try:
        block(X)
    except TypeError as error:
        reason = str(error).split(". ")[1].split(",")[0]
        print(f"nn.{type(block).__name__}: {reason}")

print("shape of γ in nn.GroupNorm(num_groups=2):", block.gamma.shape)
print("shape of γ in d2l_bn's GroupNorm:        ", layers["group"].gamma.shape)

# %% [markdown]
# ## Behind a dense layer
#
# There are no H and W there. Layer and group normalization have the features left. Instance
# normalization has nothing: one value, which is its own mean.

# %%
try:
    InstanceNorm(120, num_dims=2)
except ValueError as error:
    print(error)

net = d2l_bn.lenet(norm="instance")
print("normalizers in that LeNet:", [name for name in net._children if name.startswith("norm")])

# %% [markdown]
# # Part two: statistics as style
#
# ## What instance normalization throws away
#
# Two photographs come with the installed packages: a raccoon from SciPy, and Rear Admiral Grace Hopper
# from matplotlib. Their three channels are red, green and blue. We make a dark copy of the raccoon and
# one with a green cast, and apply instance normalization to each channel (row 29). Are the three
# still different?


# %%
def shrink(photograph, factor):
    """(H, W, 3) of bytes to (3, H / factor, W / factor) in [0, 1]."""
    h, w, _ = (size // factor for size in photograph.shape)
    tiles = photograph[: h * factor, : w * factor].reshape(h, factor, w, factor, 3)
    return tiles.mean(axis=(1, 3)).transpose(2, 0, 1) / 255


with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # SciPy 1.12 moves it elsewhere
    raccoon = shrink(scipy.misc.face()[:, 230:998], 6)
hopper = shrink(plt.imread(cbook.get_sample_data("grace_hopper.jpg"))[20:532], 4)
photographs = np.array(numpy.stack([raccoon, hopper]), dtype="float32")  # (2, 3, 128, 128)

factor = np.array([0.5, 0.9, 0.5]).reshape(3, 1, 1)
versions = np.stack([photographs[0], 0.35 * photographs[0], factor * photographs[0]])
rgb_one, rgb_zero = np.ones((1, 3, 1, 1)), np.zeros((1, 3, 1, 1))
normalized = instance_norm(versions, rgb_one, rgb_zero)

axes = figures.draw_image_rows(
    {"photograph": versions, "instance norm": 0.5 + 0.22 * normalized},  # 0.22: to be seen
    titles={"photograph": ["as it is", "dark", "green cast"]},
    size=1.9,
)
print("largest difference after instance norm:", np.abs(normalized - normalized[:1]).max())

# %% [markdown]
# Light and colour cast are a factor for each channel of each image, and that is what instance
# normalization takes away. What is left is the *form*. It was invented for pictures in the style of a
# painting, where the contrast of the photograph should not matter.
#
# ## AdaIN: another image's statistics
#
# If the statistics are the style, then they can be exchanged. Adaptive instance normalization
# (自适应实例归一化, AdaIN, row 30) is instance normalization whose γ and β are not learned, but read
# off a *style* image s:
#
# $$\mathrm{AdaIN}(x, s) = \sigma(s)\,\frac{x - \mu(x)}{\sigma(x)} + \mu(s)$$
#
# for each channel of each image. Predict: with the statistics of the other photograph, what colour
# will the leaves behind the raccoon have, and what becomes of the blue of the sky behind Hopper?

# %%
swapped = adaptive_instance_norm(photographs, photographs[::-1])
axes = figures.draw_image_rows(
    {"photographs": photographs, "with the other's\nstatistics": swapped}, size=2.4
)

# %%
rows = []
for name, image in (
    ("raccoon", photographs[0]),
    ("Hopper", photographs[1]),
    ("raccoon with Hopper's statistics", swapped[0]),
):
    mean, var = moments(image, (1, 2))
    pairs = zip(mean.reshape(-1).tolist(), np.sqrt(var).reshape(-1).tolist())
    rows.append([name, *(f"{m:.3f} ± {s:.3f}" for m, s in pairs)])
table(["mean ± deviation", "red", "green", "blue"], rows)

# %% [markdown]
# Six numbers changed hands: a mean and a deviation for each of three channels. And back: with its
# *own* statistics as the style, an image comes back as it was.

# %%
back = adaptive_instance_norm(swapped, photographs)
print("there and back, largest difference:", np.abs(back - photographs).max())

# %% [markdown]
# One can also go part of the way:

# %%
shares = [0, 0.25, 0.5, 0.75, 1]
steps = [(1 - a) * photographs[0] + a * swapped[0] for a in shares]
titles = {"raccoon": [f"{a:.0%}" for a in shares]}
axes = figures.draw_image_rows({"raccoon": steps}, titles=titles, size=1.6)

# %% [markdown]
# ## In feature space
#
# Colours are a shallow style. The paper does the same with the channels of a *convolution*
# (feature space, 特征空间). There, a channel is not red or blue, but, say, "edges like this one", and
# its mean and deviation say how many there are and how strong. We take the first layer of a LeNet,
# trained for a moment: six filters of 5 × 5.

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(256, data=data, limit=1500 if FAST else 8000)

net = d2l_bn.lenet("gluon")
net.hybridize()
history = d2l_bn.train(net, train_iter, test_iter, epochs=2, lr=1.0, recalibrate=10)
print(history.last)

filters = net.conv1.weight.data().asnumpy()[:, 0]
axes = figures.draw_image_rows({"six filters": filters}, limits=None)

# %% [markdown]
# To look at the result, we must come back from features to pixels. The layer is linear: 784 pixels
# give 3,456 features, so that the image that fits best is a least squares problem (最小二乘). Without
# AdaIN in between, it gives the image itself:

# %%
pixels = np.array(numpy.eye(784).reshape(784, 1, 28, 28), dtype="float32")  # one after the other
offset = net.conv1(np.zeros((1, 1, 28, 28)))
matrix = (net.conv1(pixels) - offset).asnumpy().reshape(784, -1)  # (784, 3456)
solve = numpy.linalg.pinv(matrix)


def decode(features):
    """The images whose features come closest."""
    return ((features - offset).asnumpy().reshape(len(features), -1) @ solve).reshape(-1, 28, 28)


labels = [0, 3, 2, 7, 8]  # t-shirt, dress, pullover, sneaker, bag
chosen = [int(numpy.flatnonzero(test_iter.labels == label)[2]) for label in labels]
garments = np.array(test_iter.images[chosen][:, None] / 255, dtype="float32")
features = net.conv1(garments)
print(
    "decoded, largest error of a pixel:", np.abs(np.array(decode(features)) - garments[:, 0]).max()
)

# %% [markdown]
# The upper row shows the styles. Below, each row is one garment, with the statistics of each style in
# turn; the diagonal is a garment in its own style.

# %%
names = [d2l_bn.CLASS_NAMES[label] for label in labels]
shown = {"style": garments}
for name, feature in zip(names, features):
    content = np.repeat(np.expand_dims(feature, 0), len(labels), axis=0)
    shown[name] = decode(adaptive_instance_norm(content, features))
axes = figures.draw_image_rows(shown)

# %% [markdown]
# The form comes from the row, the light from the column. A dark style makes a garment dark; a bright
# one that fills its picture washes out all others, even their background. Twelve numbers did that, two
# for each channel. For brush strokes one takes many channels of a deep network, and trains a decoder.

# %% [markdown]
# # Part three: normalizing weights
#
# ## Weight normalization: direction and length
#
# Weight normalization (权重归一化, row 34) does not look at activations. It writes each output's
# weight vector as a length $g$ (长度) times a direction (方向), and trains $g$ and $v$:
#
# $$w = g\,\frac{v}{\lVert v \rVert}$$
#
# Two consequences, in two dimensions. Left: however long $v$ is, $w$ is the same (three directions, and
# in each of them two $v$, one of them longer). Right: the gradient
# with respect to $v$ is the part of the gradient with respect to $w$ that is orthogonal to $v$; along
# $v$ nothing can change.

# %%
v, g = np.array([[1.5, 1.0]]), np.array([[1.0]])
upstream = np.array([[0.4, 1.1]])  # the gradient that arrives at w
v.attach_grad()
g.attach_grad()
with autograd.record():
    w = weight_norm(v, g)
w.backward(upstream)


def arrow(ax, vector, colour, label, start=(0, 0)):
    tip = [float(a) + float(b) for a, b in zip(start, vector)]
    ax.annotate("", tip, start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.2})
    ax.text(tip[0] + 0.06, tip[1] + 0.03, label, color=colour, fontsize=11)


left, right = figures.new_axes(2, height=3.8)
directions = numpy.deg2rad([20, 70, 120])
for angle, sizes in zip(directions, ((1.5, 2.4), (0.6, 1.8), (0.5, 1.4))):
    for size in sizes:
        some_v = np.array([[numpy.cos(angle), numpy.sin(angle)]]) * size
        arrow(left, some_v[0], figures.COLOURS[0], "v")
    arrow(left, weight_norm(some_v, g)[0], figures.COLOURS[3], "w")
left.add_patch(plt.Circle((0, 0), g.item(), fill=False, linestyle="--", color="grey"))
left.set_title("two lengths of v, one w, on the circle of radius g")

arrow(right, v[0], figures.COLOURS[0], "v")
arrow(right, upstream[0], figures.COLOURS[1], "gradient of w", start=v[0].tolist())
arrow(
    right,
    v.grad[0] * length(v).item(),
    figures.COLOURS[2],
    "of v, times ‖v‖/g",
    start=v[0].tolist(),
)
right.set_title("the gradient of v is orthogonal to v")
for ax in (left, right):
    ax.set(xlim=(-1.2, 3.4), ylim=(-1.2, 2.6), aspect="equal")

print("gradient of v, times v:", np.abs((v.grad * v).sum()))

# %% [markdown]
# By Pythagoras, a step orthogonal to $v$ makes $v$ *longer*, always, whatever the learning rate: and
# the longer $v$, the shorter the next step in direction. The length of $v$ is a brake that sets
# itself. A regression with a learning rate that is much too large without it shows both:

# %%
rng = numpy.random.default_rng(0)
inputs = np.array(rng.normal(size=(256, 10)) * 2, dtype="float32")
targets = np.array(inputs.asnumpy() @ rng.normal(size=(10, 1)), dtype="float32")


def regression(layer, lr, steps=60):
    """The loss, and the length of the trained vector, after each step of gradient descent."""
    npx.random.seed(0)
    layer.initialize(init.Normal(0.3))
    trainer = gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": lr})
    inner = layer.layer if isinstance(layer, WeightNorm) else layer
    losses, lengths = [], []
    for _ in range(steps):
        with autograd.record():
            loss = gluon.loss.L2Loss()(layer(inputs), targets)
        loss.backward()
        losses.append(min(loss.mean().item(), 1e6))
        lengths.append(min(length(inner.weight.data()).item(), 1e6))
        trainer.step(len(inputs))
    return losses, lengths


losses, lengths = {}, {}
for lr in (0.1, 0.5):
    for name, made in (
        ("plain", nn.Dense(1, use_bias=False, in_units=10)),
        ("weight norm", WeightNorm(nn.Dense(1, use_bias=False, in_units=10))),
    ):
        losses[f"{name}, lr {lr}"], lengths[f"{name}, lr {lr}"] = regression(made, lr)

left, right = figures.new_axes(2, height=3.6)
figures.draw_lines(losses, ylabel="loss", log=True, ax=left)
normed = {name: line for name, line in lengths.items() if name.startswith("weight")}
_ = figures.draw_lines(normed, ylabel="length of v", ax=right)

# %%
for name, line in normed.items():
    grows = all(after >= before * (1 - 1e-6) for before, after in zip(line, line[1:]))
    print(f"{name}: ‖v‖ from {line[0]:.2f} to {line[-1]:.2f}; never shorter: {grows}")
for name, line in losses.items():
    print(f"{name:21} last loss {line[-1]:.3g}")

# %% [markdown]
# At the start, $g = \lVert v \rVert$, and the wrapped layer computes what it computed before. And note
# what weight normalization does *not* do: the activations keep whatever mean and variance they have.
# It needs no batch and no statistics, and it gives no guarantee about what comes out.

# %%
dense = nn.Dense(3, in_units=4)
dense.initialize(init.Normal(1.0))
some = np.random.normal(5, 1, size=(8, 4))
before = dense(some)
wrapped = WeightNorm(dense)
print("largest change by wrapping:", np.abs(wrapped(some) - before).max())
print("means of its outputs:      ", wrapped(some).mean(axis=0).round(2))

# %% [markdown]
# ## Weight standardization: one filter at a time
#
# Weight standardization (权重标准化, row 38) gives the weights of each *output filter* mean 0 and
# variance 1, in each forward pass, and lets the gradient run through. Source 002 shows a convolution
# that does it (row 39), with this line:

# %%
line = "std = weight.std(dim=(1,2,3) + 1e-5"

try:
    compile(line, "source 002", "exec")
except SyntaxError as error:
    print("Python says:", error.msg)
print("opened:", line.count("("), " closed:", line.count(")"))

# %% [markdown]
# A parenthesis is missing, and it matters where it goes. In the place that comes to mind first, at
# the end, ε is added to the *axes*:

# %%
try:
    (1, 2, 3) + 1e-5
except TypeError as error:
    print(error)

# %% [markdown]
# It belongs behind the axes: `weight.std(dim=(1,2,3), keepdim=True) + 1e-5`. The `keepdim` is missing
# as well: without it, a vector of O deviations would be divided into the *last* axis, kW, of the
# weights. The statistics are those of one filter each, over its inputs and its pixels, (I, kH, kW).
# How many values are that for the second convolution of LeNet, with weights (16, 6, 5, 5)?

# %%
prediction = None  # a whole number

weight = net.conv2.weight.data()
self_check("the number of values", prediction, weight[0].size)

# %%
standardized = standardize_weight(weight)
axes = figures.draw_shapes(
    {f"filter {k}": weight[k].reshape(-1) for k in (0, 5, 10, 15)},
    {f"filter {k}": standardized[k].reshape(-1) for k in (0, 5, 10, 15)},
)

# %%
means, deviations = (f(weight.asnumpy(), axis=(1, 2, 3)) for f in (numpy.mean, numpy.std))
print(f"16 filters, means from {means.min():.3f} to {means.max():.3f},", end=" ")
print(f"deviations from {deviations.min():.3f} to {deviations.max():.3f}")
after = standardized.asnumpy()
means, deviations = (f(after, axis=(1, 2, 3)) for f in (numpy.mean, numpy.std))
print(f"standardized: |mean| at most {abs(means).max():.1e},", end=" ")
print(f"deviations from {deviations.min():.4f} to {deviations.max():.4f}")

# %% [markdown]
# ## What it does to conditioning
#
# Why should a mean of 0 help? The inputs of this convolution come out of a sigmoid: all of them are
# positive. So in $w \cdot x$ the *sum* of the weights meets the *mean* of the inputs, and that one
# direction, $(1, 1, \dots, 1)$, weighs more than all others. For a linear layer, the curvature of a
# squared error is the matrix $E[x x^\top]$, and its eigenvalues (特征值) tell how well conditioned the
# descent is. We take it for the patches (6 × 5 × 5 = 150 values) that `conv2` sees, and again for
# weights that are restricted to mean 0.

# %%
X_images = np.array(test_iter.images[:200][:, None] / 255, dtype="float32")
hidden = X_images
for name in ("conv1", "norm1", "act1", "pool1"):
    hidden = net._children[name](hidden)
windows = numpy.lib.stride_tricks.sliding_window_view(hidden.asnumpy(), (5, 5), axis=(2, 3))
patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, 150).astype("float64")  # (N·8·8, 150)

curvature = patches.T @ patches / len(patches)
project = numpy.eye(150) - 1 / 150  # takes the mean away
eigenvalues = {
    "any weights": numpy.linalg.eigvalsh(curvature)[::-1],
    "weights of mean 0": numpy.linalg.eigvalsh(project @ curvature @ project)[::-1][:-1],
}
ax = figures.draw_lines(
    {name: values[:40] for name, values in eigenvalues.items()},
    xlabel="eigenvalue, the largest 40",
    ylabel="curvature",
    log=True,
)

# %%
for name, values in eigenvalues.items():
    share = values[0] / values.sum()
    print(
        f"{name:18} largest {values[0]:7.2f}, {share:.0%} of the sum; to the tenth: {values[0] / values[9]:.0f}"
    )

# %% [markdown]
# The largest curvature sets the largest learning rate that does not diverge (row 53). Without that
# one direction it is much smaller, and most of the others are as they were. And what does the real
# layer do? Through the standardization, the gradient of a filter has no part along $(1, \dots, 1)$,
# and none along the filter itself (but for ε):

# %%
convolution = StandardizedConv2D(16, kernel_size=5, in_channels=6)
convolution.initialize(init.Xavier())
with autograd.record():
    loss = np.square(convolution(hidden[:8]) - 1).mean()
loss.backward()
gradient = convolution.layer.weight.grad().asnumpy().reshape(16, -1)
filters = convolution.layer.weight.data().asnumpy().reshape(16, -1)
size = numpy.linalg.norm(gradient, axis=1)
print("gradient along (1, …, 1), a cosine:  ", abs(gradient.sum(axis=1) / size / 150**0.5).max())
along = (gradient * filters).sum(axis=1) / size / numpy.linalg.norm(filters, axis=1)
print("gradient along the filter, a cosine:", abs(along).max())

# %% [markdown]
# Like batch normalization behind it would, standardized weights forget their scale: ten times the
# weights give the same output, again but for ε. What they do not fix is the scale of the *inputs*. Hence the pair
# GN+WS (row 40): groups for the activations, standardization for the weights, and no batch anywhere.
# Notebook 9 has the race.

# %%
before = convolution(hidden[:8])
convolution.layer.weight.set_data(10 * convolution.layer.weight.data())
for what, output in (
    ("ten times the weights", convolution(hidden[:8])),
    ("ten times the inputs", convolution(10 * hidden[:8])),
):
    change = np.abs(output - before).max() / np.abs(before).max()
    print(f"{what:21}: largest change / largest output = {change.item():.4f}")

# %% [markdown]
# # Part four: recurrent networks
#
# ## Why batch normalization is awkward there
#
# A recurrent network (循环神经网络) applies one layer again and again, along a sequence. Ours reads a
# garment from top to bottom, two rows at a time, in 14 steps:
#
# $$a_t = W [x_t, h_{t-1}] + b, \qquad h_t = \tanh(\mathrm{norm}(a_t))$$
#
# Whose statistics should batch normalization take (row 33)? Those of step t, over the images of the
# batch. But they differ from step to step. Here are mean and deviation of four hidden units before
# the tanh, over 512 images, in a network without normalization:

# %%
npx.random.seed(3)
reader = RowReader(norm=None)
reader.initialize(init.Xavier())
sample = np.array(train_iter.images[:512][:, None] / 255, dtype="float32")
states = np.stack(reader.states(sample))  # (14, 512, 64)
a = numpy.arctanh(states.asnumpy().clip(-0.999999, 0.999999))  # back to before the tanh

left, right = figures.new_axes(2, height=3.6)
units = [0, 1, 2, 3]
figures.draw_lines({f"unit {u}": a[:, :, u].mean(axis=1) for u in units}, ylabel="mean", ax=left)
_ = figures.draw_lines(
    {f"unit {u}": a[:, :, u].std(axis=1) for u in units}, ylabel="deviation", ax=right
)

# %% [markdown]
# One moving average for all steps is wrong for most of them. One for each step is right, but it needs
# a layer for each, and a longer sequence finds none:

# %%
per_step = RowReader("batch_per_step")
per_step.initialize()
print("batch normalizations:", len(per_step.norms))
try:
    per_step(np.zeros((1, 1, 32, 28)))
except ValueError as error:
    print(error)

# %% [markdown]
# And sequences have different lengths. In a batch of 64 sentences, few are still running at a late
# step, and the statistics there come from those few. With lengths between 5 and 40, all equally
# likely:

# %%
lengths_of = rng.integers(5, 41, size=64)
running = [(lengths_of > t).sum() for t in range(40)]
error_of_mean = [1 / n**0.5 if n else None for n in running]

left, right = figures.new_axes(2, height=3.4)
figures.draw_lines({"sequences still running": running}, ylabel="sequences", ax=left)
_ = figures.draw_lines(
    {"batch norm, over these": error_of_mean, "layer norm, over 64 units": [1 / 8] * 40},
    ylabel="error of the mean, in deviations",
    ax=right,
)

# %% [markdown]
# Layer normalization (rows 31, 35) takes the hidden units of *one* sequence at *one* step. Lengths,
# batches and steps do not matter to it, and training and prediction are the same:

# %%
reader = RowReader("layer")
reader.initialize()
longer = np.concatenate([sample[:4], sample[4:8]], axis=2)  # 56 rows
together, alone = reader(longer), np.concatenate([reader(longer[i : i + 1]) for i in range(4)])
print("28 steps in place of 14:", together.shape)
print("alone or in a batch, largest difference:", np.abs(together - alone).max())

# %% [markdown]
# ## What it buys: an experiment
#
# Five versions of the network, each trained with three seeds, from initial weights of three sizes: a
# quarter of Xavier's, Xavier's, and four times those. With weights that are too large, a tanh
# saturates at every step, and the gradient has 14 of them to pass. Which version suffers least? The
# results of the runs are in a file, which `d2l-bn run recurrent` makes within a quarter of an hour.
# After training, batch normalization is tested twice: with its moving averages and, since
# these lag behind the weights, with population statistics (notebook 6).

# %%
records = load.records("recurrent")
scales = sorted(load.case_values(records, "scale"))
TITLES = {
    None: "none",
    "batch": "batch, one for all steps",
    "batch_per_step": "batch, one for each step",
    "layer": "layer",
    "weight": "weight",
}


def accuracies(norm, scale, measure="test_accuracy_moving"):
    """The last value of each seed; a run that diverged counts as guessing."""
    return load.by_seed(records, measure, norm=norm, scale=scale)


print(records[0]["data"], records[0]["case"])
print("seeds:", sorted({r["seed"] for r in records}), " runs:", len(records))

# %% [markdown]
# Predict: with weights four times too large, which of the five has the best test accuracy?

# %%
prediction = None  # "none", "batch, one for each step", "layer", ...

best = max(NORMS, key=lambda norm: estimate(accuracies(norm, max(scales))).mean)
self_check("the best one", prediction, TITLES[best])

# %% [markdown]
# Marks are means over the seeds, bars the 95 % interval.

# %%
left, right = figures.new_axes(2, height=4.2, sharey=True)
for ax, measure in ((left, "train_accuracy"), (right, "test_accuracy_moving")):
    curves = {}
    for norm, title in TITLES.items():
        values = [estimate(accuracies(norm, scale, measure)) for scale in scales]
        curves[title] = [e.bar for e in values]
    figures.draw_error_curves(
        curves,
        x=scales,
        xlabel="initial weights, in units of Xavier's",
        title="training accuracy" if measure == "train_accuracy" else "test accuracy",
        log_x=True,
        ax=ax,
    )
left.get_legend().remove()
_ = left.set_ylabel("accuracy")

# %%
rows = []
for norm, title in TITLES.items():
    values = [estimate(accuracies(norm, scale)) for scale in scales]
    spread = max(e.mean for e in values) - min(e.mean for e in values)
    rows.append([title, *values, f"{spread:.3f}"])
for norm in ("batch", "batch_per_step"):
    values = [estimate(accuracies(norm, s, "test_accuracy_population")) for s in scales]
    spread = max(e.mean for e in values) - min(e.mean for e in values)
    rows.append([f"{TITLES[norm]}; population statistics", *values, f"{spread:.3f}"])
table(["test accuracy ± 95 %", *(f"weights × {scale:g}" for scale in scales), "best - worst"], rows)

# %% [markdown]
# The two panels differ, and that is the point of row 33: the left one is measured with the statistics
# of each batch, in training; the right one without. A version that stands high on the left and low on
# the right has learned well and cannot show it. The last two rows of the table say how much of that
# was the lag of the moving averages. In a loop the rest is harder to avoid than in LeNet: a small error
# in the statistics of one step changes the state, and with it the input of every later step.
#
# Now differences, seed by seed, with their 95 % margins. A difference that is smaller than its margin
# is none that this experiment has shown; it has three seeds, one learning rate, and short training.


# %%
def sensitivity(norm):
    """Best minus worst mean test accuracy over the sizes."""
    means = [estimate(accuracies(norm, scale)).mean for scale in scales]
    return max(means) - min(means)


for norm in sorted(NORMS, key=sensitivity):
    print(f"{TITLES[norm]:25} best - worst size {sensitivity(norm):.3f}")
print()
for scale in scales:
    shared, each = (accuracies(norm, scale) for norm in ("batch", "batch_per_step"))
    print(f"weights × {scale:<5g} one for each step - one for all: {difference(each, shared)}")
for scale in scales:
    plain, layer_normalized = (accuracies(norm, scale) for norm in (None, "layer"))
    print(f"weights × {scale:<5g} layer - none: {difference(layer_normalized, plain)}")

# %% [markdown]
# ## A trap of layer normalization: the empty row
#
# The reader shifts its pixels to mean 0 (`PIXEL_MEAN`). Why? Garments begin with black rows. With
# black = 0, zero biases and $h_0 = 0$, all hidden units are exactly 0: their deviation is 0, layer
# normalization divides by $\sqrt\varepsilon$, and on its way back the gradient is multiplied by
# $1/\sqrt\varepsilon \approx 316$, and by W, *at each such step*. After k black pairs of rows:


# %%
def gradient_length(black_steps, fill):
    """Of the loss with respect to the weights of the loop, over a batch of 16 images."""
    npx.random.seed(0)
    net = RowReader("layer")
    net.initialize(init.Xavier())
    images = sample[:16].copy()
    images[:, :, : 2 * black_steps] = fill
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(images), np.zeros(16)).mean()
    loss.backward()
    gradient = [p.grad() for p in net.dense.collect_params().values()]
    return float(np.sqrt(sum(np.square(g).sum() for g in gradient)))


# a pixel of PIXEL_MEAN is 0 after the shift: what a black one would be without it
black_steps = [0, 1, 2, 3, 4]
ax = figures.draw_lines(
    {
        "black is 0": [gradient_length(k, PIXEL_MEAN) for k in black_steps],
        f"black is {-PIXEL_MEAN / PIXEL_DEVIATION:.2f}": [
            gradient_length(k, 0.0) for k in black_steps
        ],
    },
    x=black_steps,
    xlabel="black steps at the start",
    ylabel="length of the gradient",
    log=True,
)
_ = ax.set_xticks(black_steps)

# %% [markdown]
# Statistics of *one* example can be those of nothing at all. A batch nearly always has something in
# it; an empty row of one image has not. Where inputs may be constant, shift them, give them noise, or
# take a larger ε.

# %% [markdown]
# ## Summary
#
# | | normalizes | over | needs a batch | training = prediction |
# |---|---|---|---|---|
# | batch norm | activations | N, H, W | yes | no |
# | layer norm | activations | C, H, W | no | yes |
# | instance norm | activations | H, W | no | yes |
# | group norm | activations | C/G, H, W | no | yes |
# | AdaIN | activations | H, W; γ and β from a style | no | yes |
# | weight norm | weights: $g\,v/\lVert v \rVert$ | I, kH, kW (length only) | no | yes |
# | weight standardization | weights | I, kH, kW (mean and variance) | no | yes |
#
# - One picture tells the normalizers apart, and one experiment checks any layer: change a value, and
#   see what changes with it.
# - Whatever is the same for a whole index set is forgotten: for instance normalization, light and
#   contrast of each channel, which is why statistics can serve as style.
# - Gluon's `LayerNorm` takes the last axis only.
# - In recurrent networks the statistics of a batch belong to a step, and there may be no such step at
#   test time. Layer normalization has no such trouble, but has its own with empty inputs.
#
# ## Exercises
#
# 1. Which axes would a "row normalization" take, that gives each row of pixels of each channel mean
#    0? Draw its cube with `index_sets`, and find the layer in this notebook that does it.
# 2. Positional normalization takes the statistics over C alone. Write it with
#    `d2l_bn.norms.normalize.normalize`, and mark the outputs that change with one value.
# 3. Exchange only the means of the two photographs, or only the deviations. Which of the two is the
#    colour, and which the contrast?
# 4. AdaIN with a *garment* as style and one of the photographs, in grey, as content: what comes out,
#    and why does the size of the images not matter?
# 5. Show that layer normalization of $a = W u$ does not change if all of W is multiplied by 2, but
#    does if one row of W is. And batch normalization? (Section 5 of the paper on layer normalization
#    has a table of such invariances.) The cell below tells you whether you are right.

# %%
one_row_changes_layer_norm, one_row_changes_batch_norm = None, None  # True or False

W, u = np.random.normal(size=(6, 5)), np.random.normal(size=(8, 5))
twice = W.copy()
twice[0] *= 2
flat_one, flat_zero = np.ones((1, 6)), np.zeros((1, 6))


def changes_by(function):
    return bool(np.abs(function(np.dot(u, twice.T)) - function(np.dot(u, W.T))).max() > 1e-3)


def batch_norm_2d(a):
    with autograd.train_mode():
        return d2l_bn.batch_norm(a, flat_one, flat_zero, flat_zero, flat_one)[0]


self_check(
    "that one row of W changes layer normalization",
    one_row_changes_layer_norm,
    changes_by(lambda a: layer_norm(a, flat_one, flat_zero)),
)
self_check(
    "that one row of W changes batch normalization",
    one_row_changes_batch_norm,
    changes_by(batch_norm_2d),
)

# %% [markdown]
# ## Where to read on
#
# - Wu & He, *Group Normalization*, 2018, arXiv 1803.08494: figure 2 is the picture of the cubes.
# - Ba, Kiros & Hinton, *Layer Normalization*, 2016, arXiv 1607.06450.
# - Ulyanov, Vedaldi & Lempitsky, *Instance Normalization*, 2016, arXiv 1607.08022; Huang & Belongie,
#   *Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization*, 2017, arXiv
#   1703.06868.
# - Salimans & Kingma, *Weight Normalization*, 2016, arXiv 1602.07868; Qiao et al., *Micro-Batch
#   Training with Batch-Channel Normalization and Weight Standardization*, 2019, arXiv 1903.10520.
# - Cooijmans et al., *Recurrent Batch Normalization*, 2016, arXiv 1603.09025: batch normalization in
#   an LSTM, with statistics for each step.
# - `d2l_bn/norms/normalize.py`, the one computation of them all, and its callers `layer.py`,
#   `instance.py`, `group.py`, `adaptive_instance.py`.
