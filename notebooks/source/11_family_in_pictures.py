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
# Four famous layers differ in *one argument of `mean`*. Run the cell and read it again: these four lines
# are batch, layer, instance and group normalization. All else in the four papers is
# $\hat x = (x - \mu)/\sqrt{\sigma^2 + \varepsilon}$, then $\gamma \hat x + \beta$.
#
# **After this notebook you can**
#
# - say for each normalizer which values share a mean, write it in three lines, and test it on any layer;
# - say what a normalizer forgets, and choose one by that;
# - give an image the colours and the contrast of another one, with nothing but means and deviations.
#
# **Time:** some 20 seconds to run on two CPU cores, 10 minutes to read (code apart).
#
# **Needs:** notebooks 1 and 5, and Fashion-MNIST (30 MB, found or fetched by itself). Cells with `None` wait
# for your answer; left empty, they do no harm.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

from mxnet import autograd, np, npx

npx.set_np()
npx.random.seed(0)

X = np.random.normal(size=(4, 6, 2, 2))  # N = 4 images, C = 6 channels, H = 2 rows, W = 2 columns

print("batch   ", X.mean(axis=(0, 2, 3)).shape)
print("layer   ", X.mean(axis=(1, 2, 3)).shape)
print("instance", X.mean(axis=(2, 3)).shape)
print("group   ", X.reshape(4, 2, 3, 2, 2).mean(axis=(2, 3, 4)).shape)  # 6 channels in 2 groups


# %%
import os
import warnings

import numpy
import scipy.misc
from matplotlib import cbook
from matplotlib import pyplot as plt
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments.claims import court
from d2l_bn.figures.markdown_table import table
from d2l_bn.norms.adaptive_instance import adaptive_instance_norm
from d2l_bn.norms.group import GroupNorm, group_norm
from d2l_bn.norms.instance import InstanceNorm, instance_norm
from d2l_bn.norms.layer import LayerNorm, layer_norm

check = predictions("family_in_pictures")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

# %% [markdown]
# # Part one: who shares with whom?
#
# ## The cubes
#
# Here is the goal, the picture by which the family is known (Wu & He, 2018, figure 2), made from the
# axes above. Each cube is the whole array: channels (通道) to the right, images into the depth, the pixels of
# a channel on top of each other. Blue is *one* index set: all values that share a mean and a variance
# with the corner nearest to you.

# %% tags=["cover"]
sets = {
    "Batch norm\nover N, H, W": figures.index_sets(X.shape, axes=(0, 2, 3)),
    "Layer norm\nover C, H, W": figures.index_sets(X.shape, axes=(1, 2, 3)),
    "Instance norm\nover H, W": figures.index_sets(X.shape, axes=(2, 3)),
    "Group norm\nover C/G, H, W": figures.index_sets(X.shape, axes=(1, 2, 3), num_groups=2),
}
figures.show(
    figures.draw_cubes(sets, only=(0, -1, 0, 0)),
    alt="Four cubes of 4 images, 6 channels and 4 pixels. Blue are, for batch norm, one channel through "
    "all images; for layer norm, the whole front image; for instance norm, one channel of it; for group "
    "norm, three of its six channels.",
)

# %% [markdown]
# Only in the first cube does the blue run into the depth: **batch normalization alone lets images
# share.** The other three treat each image by itself, so that the size of the batch does not matter to
# them, and training (训练) and prediction (预测) are the same.
#
# | | statistics over | one mean and variance (统计量) |
# |---|---|---|
# | batch normalization (批量归一化) | N, H, W | per channel |
# | layer normalization (层归一化) | C, H, W | per example |
# | instance normalization (实例归一化) | H, W | per example and channel |
# | group normalization (组归一化) | C/G, H, W | per example and group of C/G channels |
#
# Each colour below is one set. Predict how many colours the last cube has.

# %%
group_means = None  # a whole number

# %%
check("group_means", group_means)

# %%
figures.show(
    figures.draw_cubes(sets),
    alt="The same four cubes with every index set in a colour of its own: 6 sets for batch norm, 4 for "
    "layer norm, 24 for instance norm, 8 for group norm.",
)

# %% [markdown]
# ### Move it yourself
#
# **Predict first.** Start from instance normalization. Which one axis (轴) must be averaged over as well to
# make it batch normalization? And which to make it layer normalization?

# %%
to_batch = None  # "N", "C", "H" or "W"
to_layer = None

# %%
figures.interactive("axis_collapser", H=True, W=True)

# %%
check("to_batch", to_batch)
check("to_layer", to_layer)

# %% [markdown]
# **The whole family has H and W in common; batch normalization adds N, layer normalization adds C, group
# normalization adds a part of C.**
#
# ## Three lines make a normalizer
#
# The mean over some axes becomes a layer by subtracting it and dividing by the deviation. `keepdims`
# keeps the axes, so that broadcasting (广播) finds its place (notebook 1).


# %%
def normalize(X, axes, eps=1e-5):
    mean = X.mean(axis=axes, keepdims=True)
    var = np.square(X - mean).mean(axis=axes, keepdims=True)
    return (X - mean) / np.sqrt(var + eps)


one, zero = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))  # γ and β
pairs = {
    "layer": (normalize(X, (1, 2, 3)), layer_norm(X, one, zero)),
    "instance": (normalize(X, (2, 3)), instance_norm(X, one, zero)),
}
for name, (mine, package) in pairs.items():
    print(f"{name}: mine and the package's differ by {np.abs(mine - package).max().item():.0e}")

# %% [markdown]
# Now you: **group normalization.** Its groups are neighbours: of six channels in two groups, 0, 1, 2 and
# 3, 4, 5. There is no axis "group" in X, but the fourth line of the first cell has made one. Write the
# function for any G, with `normalize`.


# %%
def my_group_norm(X, num_groups):
    N, C, H, W = X.shape
    return None  # your line: cut the groups out, normalize, and put them back


check("group_norm", my_group_norm(X, 2), group_norm(X, one, zero, num_groups=2))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_group_norm(X, num_groups):
#     N, C, H, W = X.shape
#     return normalize(X.reshape(N, num_groups, -1, H, W), (2, 3, 4)).reshape(X.shape)
# ```
#
# </details>
#
# The package has the same with γ, β and checks: `group_norm(X, gamma, beta, num_groups)`. γ and β have one
# value for each *channel*, whatever the index set is, as the paper has it.
#
# ## The same picture, by experiment
#
# The cubes are drawn from a definition. Does the code agree? Change *one* value of the input: the values
# that share a mean with it must change, and no others may. This test finds the index set of any layer
# whose code you cannot read.


# %%
def batch_norm(X):
    with autograd.train_mode():  # statistics of the batch
        return d2l_bn.batch_norm(X, one, zero, zero, one)[0]


functions = {
    "batch": batch_norm,
    "layer": lambda X: layer_norm(X, one, zero),
    "instance": lambda X: instance_norm(X, one, zero),
    "group": lambda X: group_norm(X, one, zero, num_groups=2),
}


def changed(function, X, where):
    """Which outputs change when the value at ``where`` does."""
    other = X.copy()
    other[where] += 1
    return numpy.abs((function(other) - function(X)).asnumpy()) > 1e-6


corner = 0, 5, 0, 0  # the one nearest to you
measured = {name: changed(function, X, corner) for name, function in functions.items()}
for (name, mask), numbers in zip(measured.items(), sets.values()):
    as_drawn = (mask == (numbers == numbers[corner])).all()
    print(f"{name:9} {mask.sum():2} of {mask.size} outputs change; the blue cells: {as_drawn}")

# %% [markdown]
# ## Gluon's layer normalization takes the last axis
#
# Gluon has an `nn.LayerNorm`, too. The same test, behind a convolution (卷积): how many of the 96 outputs
# change with one value?

# %%
prediction = None  # a whole number

gluons = nn.LayerNorm(in_channels=2)  # it wants the length of the last axis, W
gluons.initialize()
both = {
    "d2l_bn's layer_norm\nover C, H, W": measured["layer"],
    "Gluon's nn.LayerNorm\nover W alone": changed(gluons, X, corner),
}

# %%
check("gluon_changed", prediction, int(changed(gluons, X, corner).sum()))

# %%
figures.show(
    figures.draw_cubes(both),
    alt="Left, all 24 values of the front image are coloured; right, two values of one row of pixels.",
)

# %% [markdown]
# For (N, C), behind a dense layer (全连接层), that is layer normalization. Behind a convolution it normalizes
# each *row of pixels* by itself, and runs without a word. Transformers, whose arrays are (N, T, C), want just
# this: each token by itself (notebook 23). Here, flatten first or take the package's. Two more traps:
# `nn.GroupNorm` has one γ for each *group*, and neither it nor `nn.InstanceNorm` takes `mx.np` arrays.
#
# ## Each *sample*, not each feature
#
# A survey of normalization layers says: 层归一化将激活的每个特征归一化为零均值和单位方差, "layer
# normalization gives each *feature* mean 0 and variance 1". That is batch normalization. Layer
# normalization gives it to each **sample** (样本), over its features (特征):

# %%
dense_output = np.random.normal(3, 2, size=(4, 6))
Y = layer_norm(dense_output, np.ones((1, 6)), np.zeros((1, 6))).asnumpy()
print("means of the four samples:", Y.mean(axis=1).round(3) + 0.0)
print("means of the six features:", Y.mean(axis=0).round(3))

# %% [markdown]
# # Part two: what a normalizer forgets
#
# ## What leaves the answer as it was?
#
# A factor and a shift that are the same for a whole index set are taken away (up to ε; a *negative* factor
# turns the sign). So the sets tell which changes of the input a normalizer does not see. Look at the output
# of the first image. Predict the last line of the table: one channel of *this* image becomes 3x + 2. Whose
# output stays?

# %%
prediction = None  # "batch", "layer", "instance" or "group"

# %%
check("forgets_most", prediction)


# %%
def part(X, images, channels):
    """A copy of X with 3x + 2 in these images and channels."""
    Y = X.copy()
    Y[images, channels] = 3 * X[images, channels] + 2
    return Y


every, this = slice(None), slice(1)
changes = {
    "the other images are replaced": np.concatenate([X[:1], 5 * X[1:] + 3]),
    "all images: 3x + 2": part(X, every, every),
    "one channel of all images: 3x + 2": part(X, every, slice(5, 6)),
    "this image: 3x + 2": part(X, this, every),
    "this image, half of the channels: 3x + 2": part(X, this, slice(3, 6)),
    "this image, one channel: 3x + 2": part(X, this, slice(5, 6)),
}
rows = []
for text, other in changes.items():
    gaps = [np.abs(f(other)[0] - f(X)[0]).max().item() for f in functions.values()]
    rows.append([text, *("stays" if gap < 1e-3 else f"changes by {gap:.2f}" for gap in gaps)])
table(["change", *functions], rows)

# %% [markdown]
# Batch normalization is the only one that minds the other images, its main drawback. Instance normalization
# forgets most, and that is not always good: how strong a channel is in *this* image, beside the others, is
# often what tells a class. What a layer forgets, the network cannot use; choose by that.
#
# ## One number between two siblings: G
#
# `num_groups` is a number to choose. Its two ends have names of their own. Which G gives layer normalization,
# and which instance normalization, for six channels?

# %%
for_layer, for_instance = None, None

# %%
check("for_layer", for_layer)
check("for_instance", for_instance)

# %%
by_groups = {f"G = {g}": figures.index_sets(X.shape, (1, 2, 3), num_groups=g) for g in (1, 2, 3, 6)}
figures.show(
    figures.draw_cubes(by_groups, only=(0, -1, 0, 0)),
    alt="Four cubes for G = 1, 2, 3 and 6: the blue part of the front image shrinks from all six channels "
    "to three, two and one.",
)

# %%
for name, groups in (("layer", 1), ("instance", 6)):
    gap = np.abs(functions[name](X) - group_norm(X, one, zero, num_groups=groups)).max().item()
    print(f"{name} norm and group norm with G = {groups} differ by {gap:.0e}")

try:
    group_norm(X, one, zero, num_groups=4)
except ValueError as error:
    print(error)

# %% [markdown]
# "In practice, group normalization is better than layer normalization", says the survey: two groups against one, then. On a LeNet with 6
# and 16 channels, for four batch sizes:

# %%
court["group_beats_layer_norm"].judge()
# %% [markdown]
# ## Training and prediction
#
# Statistics of one example need no moving average (移动平均). The difference between the two modes, and how many
# values stand behind each mean, for LeNet's first convolution and a batch of 256 or of one:

# %%
layers = {
    "batch": d2l_bn.BatchNorm(6, num_dims=4),
    "layer": LayerNorm(6, num_dims=4),
    "instance": InstanceNorm(6),
    "group": GroupNorm(6, num_dims=4, num_groups=2),
}
values = {"batch": "N·H·W", "layer": "C·H·W", "instance": "H·W", "group": "C/G·H·W"}
counts = {
    "batch": (256 * 576, 576),
    "layer": 2 * (6 * 576,),
    "instance": 2 * (576,),
    "group": 2 * (3 * 576,),
}
rows = []
for name, layer in layers.items():
    layer.initialize()
    with autograd.train_mode():
        in_training = layer(X)
    gap = np.abs(layer(X) - in_training).max().item()
    rows.append([name, f"{gap:.3f}", values[name], *(f"{n:,}" for n in counts[name])])
head = ["normalizer", "training − prediction", "values in a mean", "batch of 256", "batch of one"]
table(head, rows)

# %% [markdown]
# Behind a dense layer there are no H and W. Layer and group normalization have the features left. Instance
# normalization has nothing, one value that is its own mean: `InstanceNorm(120, num_dims=2)` is refused, and
# `lenet(norm="instance")` has normalizers behind its two convolutions only.
#
# # Part three: statistics as style
#
# ## What instance normalization throws away
#
# Two photographs come with the installed packages: a raccoon from SciPy, and Rear Admiral Grace Hopper from
# matplotlib. Their three channels are red, green and blue. We make a dark copy of the raccoon and one with a
# green cast, and apply instance normalization. Are the three still different?


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

cast = np.array([0.5, 0.9, 0.5]).reshape(3, 1, 1)
versions = np.stack([photographs[0], 0.35 * photographs[0], cast * photographs[0]])
normalized = normalize(versions, (2, 3))

figures.show(
    figures.draw_image_rows(
        {"photograph": versions, "instance norm": 0.5 + 0.22 * normalized},  # 0.22: to be seen
        titles={"photograph": ["as it is", "dark", "green cast"]},
        size=1.9,
    ),
    alt="A raccoon as photographed, darkened, and with a green cast; below, after instance norm, three "
    "pictures that look the same.",
)
print(
    f"largest difference after instance norm: {np.abs(normalized - normalized[:1]).max().item():.4f}"
)

# %% [markdown]
# Light and colour cast are a factor for each channel of each image, and that is what instance normalization
# takes away (the rest is ε). What is left is the *form*. It was invented for style transfer (风格迁移), where the
# contrast of the photograph should not matter.
#
# ## AdaIN: another image's statistics
#
# If the statistics are the style, they can be exchanged. Adaptive instance normalization (自适应实例归一化,
# AdaIN) is instance normalization whose γ and β are not learned, but read off a *style* image s:
#
# $$\mathrm{AdaIN}(x, s) = \sigma(s)\,\frac{x - \mu(x)}{\sigma(x)} + \mu(s)$$


# %%
def my_adain(X, style):
    mean = style.mean(axis=(2, 3), keepdims=True)
    var = np.square(style - mean).mean(axis=(2, 3), keepdims=True)
    return np.sqrt(var) * normalize(X, (2, 3)) + mean


gap = np.abs(
    my_adain(photographs, photographs[::-1])
    - adaptive_instance_norm(photographs, photographs[::-1])
)
print(
    f"mine and the package's differ by {gap.max().item():.0e}"
)  # ε, which the package has in both roots

# %% [markdown]
# The two photographs exchange their statistics. Hopper's is one of strong contrast, a black uniform and a white
# cap; the raccoon's is all middle tones. Whose has the stronger contrast *after* the exchange?

# %%
prediction = None  # "raccoon" or "hopper"

# %%
check("contrast", prediction)

# %%
swapped = adaptive_instance_norm(photographs, photographs[::-1])
figures.show(
    figures.draw_image_rows(
        {"photographs": photographs, "with the other's\nstatistics": swapped}, size=2.4
    ),
    alt="The raccoon and Hopper; below, the raccoon in strong contrast with deep shadows and a violet tint, "
    "and Hopper pale, as in haze.",
)

# %% [markdown]
# Six numbers changed hands, a mean and a deviation (标准差) for each of three channels. One can also go part
# of the way:

# %%
shares = [0, 0.25, 0.5, 0.75, 1]
steps = [(1 - a) * photographs[0] + a * swapped[0] for a in shares]
figures.show(
    figures.draw_image_rows(
        {"raccoon": steps}, titles={"raccoon": [f"{a:.0%}" for a in shares]}, size=1.6
    ),
    alt="Five pictures of the raccoon, from its own colours to those of Hopper's picture in four steps.",
)

# %% [markdown]
# ## In feature space
#
# Colours are a shallow style. The paper does the same with the channels of a *convolution* (feature space,
# 特征空间): there a channel is, say, "edges like this one", and its mean and deviation say how many there are
# and how strong. We take the first layer of a LeNet, trained for a moment (some 3 seconds): six filters of
# 5 × 5.

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(256, data=data, limit=1500 if FAST else 8000)

net = d2l_bn.lenet("gluon")
net.hybridize()
history = d2l_bn.train(net, train_iter, test_iter, epochs=2, lr=1.0, recalibrate=10)
print(history.last)

# %% [markdown]
# To look at the result we must come back from features to pixels. The layer is linear, 784 pixels to 3,456
# features, so that the image that fits best is a problem of least squares (最小二乘). Without AdaIN in
# between it gives the image itself.

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
error = np.abs(np.array(decode(features)) - garments[:, 0]).max().item()
print(f"decoded, largest error of a pixel: {error:.4f}")

# %% [markdown]
# The upper row shows the styles. Below, each row is one garment with the statistics of each style in turn;
# the diagonal is a garment in its own style.

# %%
shown = {"style": garments}
for name, feature in zip([d2l_bn.CLASS_NAMES[label] for label in labels], features):
    content = np.repeat(np.expand_dims(feature, 0), len(labels), axis=0)
    shown[name] = decode(adaptive_instance_norm(content, features))
figures.show(
    figures.draw_image_rows(shown),
    alt="Five garments in a row as styles, and below a grid of 5 × 5: in each row one garment, which gets "
    "as dark or as bright as the style above it.",
)

# %% [markdown]
# The form comes from the row, the light from the column. A dark style makes a garment dark; a bright one that
# fills its picture washes out all others, even their background. Twelve numbers did that, two for each channel.
# For brush strokes one takes many channels of a deep network, and trains a decoder.
#
# ## What you can now do
#
# | | over | needs a batch | training = prediction | forgets |
# |---|---|---|---|---|
# | batch norm | N, H, W | yes | no | scale and shift of a channel in all images |
# | layer norm | C, H, W | no | yes | scale and shift of an image |
# | instance norm | H, W | no | yes | scale and shift of each channel of an image |
# | group norm | C/G, H, W | no | yes | scale and shift of each group of an image |
# | AdaIN | H, W; γ and β from a style | no | yes | as instance norm; puts the style's in its place |
#
# - You can tell the normalizers apart by one picture, write each as `normalize` over its axes, and find the
#   index set of an unknown layer by changing one value.
# - You can say what each forgets, and why statistics can serve as style.
# - You know that Gluon's `LayerNorm` takes the last axis only.
#
# Which one when? For large batches of images batch normalization, for small ones group normalization
# (notebook 9); for sequences layer normalization (notebooks 12 and 23); for style instance normalization.
#
# ## Exercises
#
# 1. *Positional normalization* takes the statistics over C alone. Write it with `normalize`, predict how many
#    of the 96 outputs change with one value, and check with `changed`.
# 2. Gluon's layer has an argument: `nn.LayerNorm(axis=1, in_channels=6)`. Find its index set with `changed`. Whom do you know
#    that does the same? (The gradients of the siblings are tasks of notebook 4.)
# 3. Exchange only the means of the two photographs, or only the deviations. Which of the two is the colour,
#    and which the contrast?
#
# <details><summary>Solution of 1</summary>
#
# ```python
# changed(lambda X: normalize(X, (1,)), X, corner).sum()  # 6: one pixel of one image, all channels
# ```
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# ```python
# mystery = nn.LayerNorm(axis=1, in_channels=6)
# mystery.initialize()
# figures.draw_cubes({"mystery": changed(mystery, X, corner)})
# ```
#
# One pixel of one image, through all channels: the positional normalization of exercise 1.
#
# </details>
#
# ## Where to read on
#
# - Wu & He, *Group Normalization*, 2018, arXiv 1803.08494: figure 2 is the picture of the cubes.
# - Ba, Kiros & Hinton, *Layer Normalization*, 2016, arXiv 1607.06450: section 5 has a table of what each
#   normalizer forgets.
# - Ulyanov, Vedaldi & Lempitsky, *Instance Normalization*, 2016, arXiv 1607.08022; Huang & Belongie,
#   *Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization*, 2017, arXiv 1703.06868.
# - `d2l_bn/norms/normalize.py`, the one computation of them all, and its callers `layer.py`, `instance.py`,
#   `group.py`, `adaptive_instance.py`.
# - **Notebook 12:** normalizing weights, and normalizers inside recurrent networks. **Notebook 23:** what
#   transformers use today.
