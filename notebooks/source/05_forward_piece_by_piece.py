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
# # 5 · Forward, piece by piece
#
# Notebook 3 trained a network with batch normalization (批量归一化, BN for short). Much is said
# about why it helps: it makes the values normal, it keeps them out of the flat ends of the sigmoid,
# it makes the gradients larger. This notebook takes the forward pass (前向传播) apart and looks at
# each of these. Some of them turn out to be half true.
#
# **After this notebook you can**
#
# - say which properties of a distribution (分布) BN changes, and which it leaves;
# - count the parameters of a BN layer and say which of them are trained, which are saved and which
#   do not exist, thanks to weight sharing (权值共享);
# - measure in a network where the inputs of a sigmoid lie, how its gradients vanish, and what BN
#   does about it.
#
# **Time:** under 2 minutes to run on two CPU cores, 50 minutes to read.
#
# **Needs:** notebooks 1 and 3, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# It covers rows 1, 2, 5, 18 to 20, 24, 26, 48 and 70 of the course, and corrections 2, 3 and 7.
# Cells with `prediction = None` wait for your answer.

# %%
import contextlib
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import mxnet as mx
from IPython.display import Markdown
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.exercises.self_check import self_check
from d2l_bn.networks.batch_norm_layers import batch_norms, kept_averages
from d2l_bn.norms.moments import moments

npx.set_np()
npx.random.seed(4)
FAST = os.environ.get("D2L_BN_FAST") == "1"  # few examples: to see that it runs

# %% [markdown]
# # Part one: the layer
#
# ## Two moments, and nothing else
#
# BN fixes two numbers of each channel (通道): the mean (均值) becomes 0 and the variance (方差) 1.
# These are the first two *moments* (矩) of a distribution. One of the course's sources says more:
# that BN pulls any distribution back to the 标准正态分布, the *standard normal distribution*. Does
# it?
#
# Take a batch with three features: one skewed (偏斜), one with two humps, one uniform.


# %%
def batch_norm(X):
    """BN in training mode with γ = 1, β = 0; the averages are not needed here."""
    shape = (1, X.shape[1]) + (1,) * (X.ndim - 2)
    one, zero = np.ones(shape), np.zeros(shape)
    with autograd.train_mode():
        return d2l_bn.batch_norm(X, one, zero, zero, one)[0]


size = 20_000
humps = np.concatenate(
    [np.random.normal(-3, 1, size // 4), np.random.normal(2, 0.5, 3 * size // 4)]
)
skewed, uniform = np.random.exponential(2.0, size=size), np.random.uniform(5, 9, size=size)

X = np.stack([skewed, humps, uniform], axis=1)  # (20000, 3)
Y = batch_norm(X)

print("mean before", X.mean(axis=0), " after", Y.mean(axis=0).round(4))
print("var  before", X.var(axis=0), " after", Y.var(axis=0).round(4))

# %% [markdown]
# Now the *skewness* (偏度), the mean of $\hat x^3$: 0 for a symmetric distribution, 2 for the
# exponential distribution (指数分布) of the first feature. What is it after BN?

# %%
prediction = None  # a number, for the first feature


def skewness(X):
    standardized = (X - X.mean(axis=0)) / X.std(axis=0)
    return (standardized**3).mean(axis=0)


self_check(
    "the skewness after BN",
    None if prediction is None else round(prediction),
    2,
    reasons=[(0, "That would be a symmetric distribution, such as the normal one.")],
)

# %%
print("skewness before", skewness(X).round(3), " after", skewness(Y).round(3))

# %% tags=["cover"]
names = ("skewed", "two humps", "uniform")
before = {name: X[:, i] for i, name in enumerate(names)}
after = {name: Y[:, i] for i, name in enumerate(names)}

axes = figures.draw_shapes(before, after)

# %% [markdown]
# The blue histograms (直方图) and the orange ones have the same shape; only the numbers on the axis
# differ. BN shifts and stretches, and a shift and a stretch make no skewed distribution
# symmetric, and two humps do not become one. None of the three is the dashed line, the normal
# distribution (正态分布).
#
# > **Correction 7, first half.** BN fixes two moments. It does not make a normal distribution.

# %% [markdown]
# ## One value moves, and all move
#
# Eight examples, one feature. We raise the input $z$ of example 2 by 3. In training (训练) mode,
# how many of the eight outputs $\hat z$ change?

# %%
prediction = None  # a whole number

z = np.array([0.4, -0.9, 1.3, -0.5, -0.2, 1.9, -0.8, 0.1]).reshape(8, 1)
moved = z.copy()
moved[2] += 3

z_hat, moved_hat = batch_norm(z), batch_norm(moved)
self_check(
    "the number of outputs that change",
    prediction,
    int((np.abs(z_hat - moved_hat) > 1e-6).sum().item()),
    reasons=[(1, "The mean and the deviation change, too, and all outputs are made with them.")],
)

# %% [markdown]
# In prediction (预测) mode the mean and the deviation are constants, the moving averages (移动平均)
# from training (here: those of the eight values as they were). How many now?

# %%
prediction = None

one, zero = np.ones((1, 1)), np.zeros((1, 1))
averages = {
    "moving_mean": z.mean(axis=0, keepdims=True),
    "moving_var": z.var(axis=0, keepdims=True),
}
predicted = d2l_bn.batch_norm(z, one, zero, **averages)[0]
moved_predicted = d2l_bn.batch_norm(moved, one, zero, **averages)[0]
self_check(
    "the number of outputs that change",
    prediction,
    int((np.abs(predicted - moved_predicted) > 1e-6).sum().item()),
)

# %%
axes = figures.draw_moved(
    {
        "input z": (z, moved),
        "output, training": (z_hat, moved_hat),
        "output, prediction": (predicted, moved_predicted),
    }
)

# %% [markdown]
# In training, example 2 goes up, and the others are pushed down and drawn together: the mean has
# risen and the deviation, by which all are divided, has grown. So the output for an example
# depends on *who else is in its batch*. In prediction each example stands for itself. That is the
# difference between the two modes (row 26). Notebook 4 has the same matter as a matrix of
# derivatives.
#
# In principle one could take the mean over *all* 60,000 examples. Then moving one would move
# 60,000 outputs, and each training step would need the whole data set. Therefore batches. How much
# do the others feel of one, if the batch grows?

# %%
print("batch   the moved one   the others, on average (of 20 batches each)")
for m in (4, 16, 64, 256, 1024):
    changes = []
    for _ in range(20):
        z_m = np.random.normal(size=(m, 1))
        moved_m = z_m + 3 * (np.arange(m) == 0).reshape(m, 1)
        changes.append(np.abs(batch_norm(moved_m) - batch_norm(z_m)))
    change = np.stack(changes).mean(axis=0)
    print(f"{m:5d}   {change[0].item():13.3f}   {change[1:].mean().item():.4f}")

# %% [markdown]
# Four times the batch, about a quarter of the effect. In a small batch the examples disturb each
# other a lot. (Notebook 9 measures what that costs.)

# %% [markdown]
# ## What a layer keeps
#
# *Which parameters does BN have?* is a question for interviews, and source 001 answers: two that are
# trained, two statistics, and as hyperparameters (超参数) the momentum and the number of channels. Let
# the network answer. The table is made from the four BN layers of the chapter's LeNet.

# %%
net = d2l_bn.lenet()
mx.random.seed(0)
net.initialize(init.Xavier())
net(np.zeros((1, 1, 28, 28)))  # the first input decides the sizes of the other layers

rows = [
    "| layer | parameter | shape | numbers | trained by the optimizer | moved by the forward pass |"
]
rows.append("|---|---|---|---|---|---|")
for layer_name, layer in batch_norms(net).items():
    for name, parameter in layer._reg_params.items():
        trained = parameter.grad_req != "null"
        marks = ("yes", "") if trained else ("", "in training mode")
        cells = (layer_name, f"`{name}`", parameter.shape, parameter.data().size, *marks)
        rows.append("| " + " | ".join(map(str, cells)) + " |")
Markdown("\n".join(rows))

# %% [markdown]
# All four are saved with the network (notebook 3 does it). The hyperparameters are chosen, once, by
# who writes the network. Source 001 leaves out ε:

# %%
for layer in batch_norms(net).values():
    print(layer)

# %% [markdown]
# How large a share of the network's *trained* parameters belongs to BN?

# %%
prediction = None  # in percent

counts = {"BN": 0, "others": 0}
for name, parameter in net.collect_params().items():
    if parameter.grad_req != "null":
        counts["BN" if "norm" in name else "others"] += parameter.data().size

share = 100 * counts["BN"] / (counts["BN"] + counts["others"])
print(counts)
self_check("the share, rounded to a whole percent,", prediction, round(share))

# %% [markdown]
# ## Weight sharing
#
# Suppose that a convolution (卷积) makes 6 maps of 100×100. That is 60,000 values for each image.
# If each of them were a feature of its own, how many $\gamma$ would the layer have? And how many
# has it?

# %%
without_sharing = None
with_sharing = None

per_position = d2l_bn.BatchNorm(6 * 100 * 100, num_dims=2)
per_channel = d2l_bn.BatchNorm(6, num_dims=4)
for layer in (per_position, per_channel):
    layer.initialize()

self_check("the number of γ without sharing", without_sharing, per_position.gamma.data().size)
self_check("the number of γ with sharing", with_sharing, per_channel.gamma.data().size)

# %%
for name, layer in (("per position", per_position), ("per channel", per_channel)):
    sizes = {key: parameter.data().size for key, parameter in layer._reg_params.items()}
    print(f"{name:13s}", sizes)

# %% [markdown]
# 6 in place of 60,000. A convolution shares its filter (卷积核) over all places of the image, and
# BN shares its $\gamma$, $\beta$, $\mu$ and $\sigma^2$ in the same way. This is not only thrift. A
# filter answers in the same way wherever in the image a thing is; a BN layer that scaled each
# place differently would destroy that. The cell shifts a picture by 7 pixels, before and after.

# %%
maps = np.random.normal(size=(8, 6, 100, 100)) * np.linspace(0.2, 2.0, 100)  # livelier at the right
layouts = {"per position": (per_position, (8, -1)), "per channel": (per_channel, maps.shape)}

for name, (layer, shape) in layouts.items():
    with autograd.train_mode():
        layer(maps.reshape(shape))  # moves the averages
    shifted_first = layer(np.roll(maps, 7, axis=3).reshape(shape)).reshape(maps.shape)
    shifted_last = np.roll(layer(maps.reshape(shape)).reshape(maps.shape), 7, axis=3)
    difference = np.abs(shifted_first - shifted_last).max().item()
    print(f"{name:12s}: shifting before or after the layer differs by {difference:.2f} at most")

# %% [markdown]
# Sharing also means that the mean of a channel is taken over *all* values of that channel: all
# examples, all places.
#
# > **Correction 2.** A comment in source 000 has 某通道单个图片的均值, the mean "of a channel of a
# > single image". It is the mean over $m \cdot p \cdot q$ values, for $m$ images with maps of
# > $p \times q$. For LeNet's first layer and a batch of 256 these are

# %%
print(256 * 24 * 24, "values in one mean")

# %% [markdown]
# # Part two: the network
#
# ## What is claimed
#
# The course's sources give these reasons and merits of BN. This notebook looks into the ones
# marked "here"; the others are put to the test in the notebooks named.
#
# | row | claim | tested in |
# |---|---|---|
# | 1 | a network learns a distribution, and one that shifts makes it slow | here, 10 |
# | 18 | each layer's input shifts as the layers before it learn (内部协变量偏移) | here, 10 |
# | 18 | BN makes each input a standard normal distribution | above |
# | 19 | inputs drift into the flat ends of the sigmoid, and gradients vanish (梯度消失) | here |
# | 19 | BN makes gradients larger, and therefore training faster | here |
# | 20 | then most values lie where the sigmoid is linear; γ and β make up for it | here |
# | 5 | γ and β can restore what was there before | here |
# | 2 | learning rates can be larger, the initialization matters less | 7 |
# | 2 | BN regularizes (正则化): less dropout, less L2 | 12 |
# | 2 | no more need for local response normalization (局部响应归一化) | 14 |
# | 2 | training data can be shuffled (打乱) completely | 14 |
#
# First the data: a part of Fashion-MNIST, to keep the waiting short.

# %%
data = "auto"
if FAST and find_local() is None:
    data = "synthetic"  # drawn garments, NOT Fashion-MNIST: only to see that the notebook runs

train_iter, test_iter = d2l_bn.load_fashion_mnist(
    256, data=data, limit=1_280 if FAST else 12_800, seed=0
)
print(train_iter)
X, labels = next(iter(train_iter))
X_test, labels_test = next(iter(test_iter))

# %% [markdown]
# ## Activations through training
#
# `ActivationStats` hangs a hook (钩子) on layers: a function that is called with each output. It
# keeps a histogram of the output every few training steps. We watch what goes into each of LeNet's
# four BN layers and what comes out of it.

# %%
epochs, every = (1, 1) if FAST else (2, 4)
weighted, norms = ("conv1", "conv2", "dense1", "dense2"), ("norm1", "norm2", "norm3", "norm4")
sigmoids = ("act1", "act2", "act3", "act4")

net_bn = d2l_bn.lenet()
with ActivationStats(net_bn, [*weighted, *norms, *sigmoids], every=every) as watched:
    history_bn = d2l_bn.train(net_bn, train_iter, test_iter, epochs=epochs, lr=1.0, seed=0)

print(history_bn.last)

# %% [markdown]
# Each panel is a row of histograms, one for each step that was looked at. Dark: many values. The
# orange lines are the mean and one deviation around it. At the left the inputs of the BN layers, at
# the right their outputs, with γ and β.

# %%
panels = {}
for name, norm in zip(weighted, norms):
    panels[f"{name}: into {norm}"] = watched[name].edges, watched[name].histograms
    panels[f"out of {norm}"] = watched[norm].edges, watched[norm].histograms

axes = figures.draw_through_training(panels, watched["norm1"].steps)

# %%
print("layer    mean, first → last step    deviation, first → last step")
for name in (name for pair in zip(weighted, norms) for name in pair):
    seen = watched[name]
    print(
        f"{name:7s}  {seen.means[0]:10.2f} → {seen.means[-1]:5.2f}  "
        f"{seen.stds[0]:22.2f} → {seen.stds[-1]:5.2f}"
    )

# %% [markdown]
# At the left, the inputs of the first two BN layers spread out, to three times their deviation, most
# of it in the first 20 steps. The layers before them learn, so their outputs shift. This is what
# source 001 calls *internal covariate shift* (内部协变量偏移). At the right the outputs stay around
# mean 0 and deviation 1; only γ and β move them, and slowly (see the last layer).
#
# BN removes the shift of two moments. It leaves the spikes of the first layer. Where an image is
# black, a convolution gives its bias (偏置), always the same number:

# %%
bias = net_bn.conv1.bias.data().reshape(1, 6, 1, 1)
share = (np.abs(net_bn.conv1(X) - bias) < 1e-6).mean().item()
print(f"{100 * share:.0f} % of the outputs of conv1 are its bias and nothing else")

# %% [markdown]
# Whether the shift is what makes training slow is another question, and notebook 10 puts it to the
# test.
#
# ## Do they drift into the flat ends?
#
# Source 001 says of networks *without* BN: 数据在网络中传播时整体分布逐渐往非线性函数的取值区间的上下限两端靠近,
# the values drift towards both ends of the activation, where gradients vanish. We train LeNet
# without BN for as long, and ask: in how many percent of the outputs of its last sigmoid is it in a
# flat end, below 0.05 or above 0.95?

# %%
prediction = None  # in percent

net_plain = d2l_bn.lenet(None)
with ActivationStats(net_plain, [*weighted, *sigmoids], every=every) as watched_plain:
    history_plain = d2l_bn.train(net_plain, train_iter, epochs=epochs, lr=0.9, seed=0)

share = 100 * watched_plain["act4"].saturated[-1]
self_check("the share, rounded to ten percent,", prediction, round(share, -1))

# %%
print(history_plain.last)
panels = {
    f"{name}: into {act}": (watched_plain[name].edges, watched_plain[name].histograms)
    for name, act in zip(weighted, sigmoids)
}
axes = figures.draw_through_training(panels, watched_plain["act1"].steps)

# %%
for title, stats in (("without BN", watched_plain), ("with BN", watched)):
    shares = [f"{name} {100 * stats[name].saturated[-1]:4.1f} %" for name in sigmoids]
    print(f"in a flat end at the last step, {title:10s}:", "  ".join(shares))

# %% [markdown]
# None. The inputs of the last sigmoid do move, and in that direction, but they are not nearly
# there, while the network does no better than guessing. With BN a few outputs *are* in a flat end,
# as BN gives the values a larger spread than they had. So saturation is not what keeps the plain
# network from learning. What is? See part three.

# %% [markdown]
# ## The same layer in its two modes
#
# After training, the first BN layer on one test batch: in training mode it takes the statistics of
# this batch, in prediction mode the moving averages. In which of the two is the mean of each
# channel 0, up to rounding? (We set $\gamma = 1$ and $\beta = 0$ to see the normalization alone.)

# %%
prediction = None  # "training" or "prediction"

self_check("the mode", prediction, "training")

# %%
maps = net_bn.conv1(X_test)  # (256, 6, 24, 24)
layer = net_bn.norm1
averages = {"moving_mean": layer.moving_mean.data(), "moving_var": layer.moving_var.data()}
one, zero = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))

axes = figures.draw_spreads(
    {
        "training mode": batch_norm(maps),
        "prediction mode": d2l_bn.batch_norm(maps, one, zero, **averages)[0],
    }
)

# %% [markdown]
# In prediction, mean and deviation are only *about* 0 and 1: the averages are those of the training
# batches, made with older weights. How much this costs is the subject of notebook 6.

# %% [markdown]
# # Part three: gradients
#
# ## The sigmoid, and its slope
#
# In the middle, the sigmoid is nearly its tangent; at both ends it is nearly constant. Backward,
# each gradient is multiplied by the *slope* (斜率). How large is the slope at its steepest place, in
# the middle?

# %%
prediction = None  # a number

self_check(
    "the largest slope of the sigmoid",
    prediction,
    0.25,
    reasons=[(1.0, "The curve rises by 1, but over a width of about 4."), (0.5, "That is φ(0).")],
)

# %%
axes = figures.draw_sigmoid()

# %% [markdown]
# So two things can make a gradient small in a network of sigmoids:
#
# 1. **saturation (饱和)**: a value beyond ±3 (orange) has a slope below a fifth of the best one;
# 2. **the quarter**: even the best slope is $\frac14$, and every layer multiplies by it once more.
#
# The sources name the first. Here is the gradient that comes through one sigmoid layer if all its
# inputs are shifted towards the flat end, without and with BN in front of it:


# %%
def gradient_through(layers, inputs):
    """Length of the gradient for the inputs, if a random one arrives at the outputs."""
    inputs = inputs.copy()
    inputs.attach_grad()
    with autograd.record():
        outputs = layers(inputs)
    npx.random.seed(0)
    outputs.backward(np.random.normal(size=outputs.shape))
    return np.linalg.norm(inputs.grad).item()


inputs = np.random.normal(size=(256, 64))
print("shift   without BN    with BN")
for shift in (0, 2, 4, 8):
    plain = gradient_through(npx.sigmoid, inputs + shift)
    normalized = gradient_through(lambda z: npx.sigmoid(batch_norm(z)), inputs + shift)
    print(f"{shift:5d}   {plain:10.3f}   {normalized:8.3f}")

# %% [markdown]
# Saturation is real, and BN undoes it at once: it takes the shift away. But does it *happen*, in
# a network at the start of its training? We build a deep one: 8 layers of 64 sigmoids, once plain
# and once with BN before each sigmoid, with three ways to draw the first weights.


# %%
DEPTH = 8


def deep_net(norm, weights, activation="sigmoid"):
    net = nn.Sequential()
    for _ in range(DEPTH):
        net.add(nn.Dense(64))
        if norm:
            net.add(d2l_bn.BatchNorm(64, num_dims=2))
        net.add(nn.Activation(activation))
    net.add(nn.Dense(10))
    mx.random.seed(0)
    net.initialize(weights)
    return net


loss_function = gluon.loss.SoftmaxCrossEntropyLoss()


def look(net):
    """Inputs of all sigmoids, and the length of the gradient for each layer's weights."""
    inputs, H = [], X
    with autograd.record():
        for layer in net:
            if isinstance(layer, nn.Activation):
                inputs.append(H)
            H = layer(H)
        loss = loss_function(H, labels).mean()
    loss.backward()
    dense = [layer for layer in net if isinstance(layer, nn.Dense)]
    return inputs, [np.linalg.norm(layer.weight.grad()).item() for layer in dense]


starts = {
    "normal, 0.01": init.Normal(0.01),
    "Xavier": init.Xavier(),
    "normal, 1.0": init.Normal(1.0),
}
looks = {
    f"{start}, {'BN' if norm else 'plain'}": look(deep_net(norm, weights))
    for start, weights in starts.items()
    for norm in (False, True)
}

# %% [markdown]
# Without BN and with Xavier's weights: is the share of saturated values, beyond ±3, above 10 %? And
# is the gradient of the first layer less than a thousandth of the last one's?

# %%
many_saturated = None  # True or False
gradient_vanishes = None  # True or False

inputs, gradients = looks["Xavier, plain"]
saturated = [(np.abs(z) > 3).mean().item() for z in inputs]
self_check("the first answer", many_saturated, max(saturated) > 0.1)
self_check("the second answer", gradient_vanishes, gradients[0] < gradients[-1] / 1000)

# %%
print(f"{'':19s}  saturated   mean slope   gradient, first layer   last layer")
for name, (inputs, gradients) in looks.items():
    slope = [(npx.sigmoid(z) * (1 - npx.sigmoid(z))).mean().item() for z in inputs]
    saturated = [(np.abs(z) > 3).mean().item() for z in inputs]
    print(
        f"{name:19s}  {100 * sum(saturated) / DEPTH:7.0f} %   {sum(slope) / DEPTH:10.3f}"
        f"   {gradients[0]:21.0e}   {gradients[-1]:10.0e}"
    )

# %% [markdown]
# Read this table twice.
#
# - Plain with small weights or Xavier's: **nothing is saturated**. The slope is nearly the best one,
#   $\frac14$. And the gradient vanishes all the same: the quarter, layer after layer. (Xavier's
#   weights keep lengths about as they are; the small ones shrink them further.)
# - Plain with large weights: much is saturated, and the gradient does *not* vanish. Large weights
#   make up for the small slope.
# - With BN the slope is *smaller* than with Xavier's weights alone. And the gradient arrives.
#
# So "BN keeps the inputs where the sigmoid is steep" is not the reason here. What is? Look forward.
# How much do the inputs of a layer differ from one example to the next? This is the spread (离散程度)
# that BN measures with $\sigma$.

# %%
spreads, lengths = {}, {}
for name, (inputs, gradients) in looks.items():
    if not name.startswith("normal, 1.0"):
        spreads[name] = [z.std(axis=0).mean().item() or None for z in inputs]  # no log of 0
        lengths[name] = gradients[:-1]

left, right = figures.new_axes(2, height=4.0)
layers = range(1, DEPTH + 1)
figures.draw_lines(
    spreads, x=layers, xlabel="layer", title="forward: spread over the examples", log=True, ax=left
)
ax = figures.draw_lines(
    lengths, x=layers, xlabel="layer", title="backward: length of the gradient", log=True, ax=right
)

# %% [markdown]
# Left: in the plain networks each layer makes the examples more alike, to a quarter or less. With
# Xavier's weights, a shirt and a boot differ after eight layers in the fifth digit; with the small
# weights, after six, in no digit at all. The activations are fine, the *differences* between
# examples are gone. Right: the gradient suffers the same on its way back,
# from layer 8 to layer 1.
#
# ### Move it yourself
#
# **Predict first.** Below are twelve drawn shirts and twelve drawn boots in such networks. After layer
# 8 of the plain one all 24 are one point. If you magnify that point until it is as large as the
# images were, do the shirts still lie apart from the boots?

# %%
apart_when_magnified = None  # True or False

# %% [markdown]
# Move the layer from 0 to 8, then magnify.

# %%
figures.interactive("collapse_of_layers")

# %%
self_check("that they lie apart when magnified", apart_when_magnified, True)

# %% [markdown]
# **A plain deep network does not mix its images up: it shrinks what tells them apart, to a quarter
# layer by layer; with BN the distances stay.**
#
# BN divides by $\sigma$. If a layer shrinks the differences to about a quarter, BN multiplies them
# by about 4: forwards, and (notebook 4: the factor $\gamma/\sigma$) backwards as well. Together
# with the slope of the sigmoid that makes about 1:

# %%
net = deep_net(True, init.Xavier())
with autograd.train_mode():
    H, number = X, 0
    print("BN layer   σ of its input   1/σ    slope of its sigmoid   product of these two")
    for layer in net:
        Z = layer(H)
        if isinstance(layer, d2l_bn.BatchNorm):
            number += 1
            sigma = H.std(axis=0).mean().item()
            slope = (npx.sigmoid(Z) * (1 - npx.sigmoid(Z))).mean().item()
            product = slope / sigma
            print(
                f"{number:8d}   {sigma:14.2f}   {1 / sigma:.1f}   {slope:20.2f}   {product:20.2f}"
            )
        H = Z

# %% [markdown]
# That is how the gradient gets through eight layers: shrunk by each sigmoid, stretched by each BN.
# (The first BN layer has the pixels of the images before it, not a sigmoid.)

# %% [markdown]
# ## Larger, hence faster?
#
# "The gradient is larger, hence training is faster." If that were the reason, a plain network with
# a larger *learning rate* (学习率) would do as well: its steps are the rate times the gradient. The
# gradient of the plain network above is smaller by a factor of some ten thousand. We try 1, 100 and
# 10,000. Predict: with how many of these three does the plain network learn to be right in half
# of the cases?

# %%
prediction = None  # a whole number

histories = {}
for name, norm, rates in (("plain", False, (1, 100, 10_000)), ("BN", True, (0.1, 1))):
    for rate in rates:
        net = deep_net(norm, init.Xavier())
        histories[name, rate] = d2l_bn.train(net, train_iter, epochs=epochs, lr=rate, seed=0)

learned = [
    rate
    for (name, rate), history in histories.items()
    if name == "plain" and history.last.train_accuracy > 0.5
]
self_check("the number of rates", prediction, len(learned))

# %%
for (name, rate), history in histories.items():
    loss, accuracy = history.last.loss, history.last.train_accuracy
    print(f"{name:5s} learning rate {rate:<7}  loss {loss:10.2f}  training accuracy {accuracy:.3f}")

# %% [markdown]
# No rate is large enough, and the larger ones are too large already. The reason is in the table
# above: in the plain network the gradient of the *last* layer is healthy. A rate that moves the
# first layer is ten thousand times too large for the last. With BN all layers have gradients of a
# similar length, and one rate suits them all, even if it is ten times smaller.

# %%
for name in ("Xavier, plain", "Xavier, BN"):
    _, gradients = looks[name]
    print(f"{name:14s} longest gradient / shortest: {max(gradients) / min(gradients):.0f}")

# %% [markdown]
# > **Correction 7, second half.** "Larger gradient, so faster" is not the argument. What counts is
# > that the directions of a network are *alike*: its conditioning (条件数), and how smooth the loss
# > is along a step. Notebook 10 measures that.

# %% [markdown]
# ## LeNet
#
# The chapter's network is not deep, four sigmoids only. The same look at it, at the start:

# %%
names = ("conv1", "conv2", "dense1", "dense2", "output")
lengths = {}
for name, norm in (("without BN", None), ("with BN", "batch")):
    net = d2l_bn.lenet(norm)
    mx.random.seed(0)
    net.initialize(init.Xavier())
    with autograd.record():
        loss = loss_function(net(X), labels).mean()
    loss.backward()
    lengths[name] = [np.linalg.norm(getattr(net, layer).weight.grad()).item() for layer in names]

ax = figures.draw_lines(lengths, xlabel="", ylabel="length of the gradient", log=True)
_ = ax.set_xticks(range(5), names)

# %% [markdown]
# Here the ratio is some hundreds without BN, and about two with it. So the plain LeNet can learn in
# the end (notebook 3: it starts after more than an epoch), where the deep plain network cannot.

# %% [markdown]
# ## The linear region
#
# Source 001 continues: after BN 大部分值落入激活函数的线性区内, *most values lie in the linear region of
# the activation*, which therefore loses its non-linearity (非线性); so BN has γ and β, to find a
# balance. Three claims. First: what share of normalized values lies within ±1 (green), where the
# sigmoid is nearly its tangent? Suppose that they are about normally distributed.

# %%
prediction = None  # in percent

fresh = d2l_bn.lenet()
mx.random.seed(0)
fresh.initialize(init.Xavier())
fresh_plain = d2l_bn.lenet(None)
mx.random.seed(0)
fresh_plain.initialize(init.Xavier())


def sigmoid_inputs(net):
    """What goes into the four sigmoids of a LeNet, in training mode, for one test batch."""
    inputs, H = {}, X_test
    keep = kept_averages(net) if hasattr(net, "norm1") else contextlib.nullcontext()
    with keep, autograd.train_mode():
        for layer in net:
            if isinstance(layer, nn.Activation):
                inputs[len(inputs) + 1] = H
            H = layer(H)
    return inputs


at_start = sigmoid_inputs(fresh)
within = (np.abs(at_start[3]) < 1).mean().item()
answer = None if prediction is None else round(prediction, -1)
self_check("the share, rounded to ten percent,", answer, round(100 * within, -1))

# %%
print(f"third sigmoid: {100 * within:.0f} % within ±1")

# %% [markdown]
# Second: is the sigmoid linear there? Put a straight line through the points $(z, \varphi(z))$ and
# ask how much of the variance of $\varphi(z)$ it explains (决定系数, $R^2$). 100 % would be a
# linear layer.


# %%
def line_explains(z):
    z = z.reshape(-1).astype("float64")
    a = npx.sigmoid(z)
    correlation = ((z - z.mean()) * (a - a.mean())).mean() / (z.std() * a.std())
    return 100 * correlation.item() ** 2


def table(nets):
    print("a line explains, in the sigmoid of layer    1       2       3       4")
    for name, net in nets.items():
        shares = [line_explains(z) for z in sigmoid_inputs(net).values()]
        print(f"{name:40s}", "  ".join(f"{share:4.1f} %" for share in shares))


table({"without BN, at the start": fresh_plain, "with BN, at the start": fresh})

# %% [markdown]
# The sigmoid is nearly linear on normalized values, that much is true. But compare with the network
# *without* BN: there its inputs have a smaller spread and it is *more* linear still. BN does not
# take the non-linearity away, it brings a little.
#
# Third: do γ and β make up for it? We compare the network that was trained above with one whose γ
# and β stay at 1 and 0.

# %%
net_frozen = d2l_bn.lenet()
for layer in batch_norms(net_frozen).values():
    layer.gamma.grad_req = layer.beta.grad_req = "null"
history_frozen = d2l_bn.train(net_frozen, train_iter, epochs=epochs, lr=1.0, seed=0)

table({"with BN, trained": net_bn, "trained with γ = 1, β = 0": net_frozen})
print("training accuracy")
for name, history in (("γ, β trained", history_bn), ("γ = 1, β = 0", history_frozen)):
    print(f"    {name:13s} {history.last.train_accuracy:.3f}")

# %%
panels = {f"layer {i}, at the start": z for i, z in at_start.items()}
panels.update({f"layer {i}, trained": z for i, z in sigmoid_inputs(net_bn).items()})
axes = figures.draw_sigmoid_inputs(panels)

# %% [markdown]
# γ and β move a little, and so do the shapes of the distributions. But the network whose γ and β
# are fixed learns about as well. The layers after a BN layer have weights of their own and can do
# most of what γ and β could. (That is one run with one seed; notebook 7 has several.)
#
# ## What γ and β can do, and what they did
#
# They *can* undo the layer: with $\gamma = \sqrt{\sigma^2+\varepsilon}$ and $\beta = \mu$ it gives
# back what came in. We take LeNet *without* BN, put its weights into LeNet *with* BN, and set each
# γ and β so that the layer undoes itself on one batch. Do the two networks agree on this batch? On a
# batch of ankle boots only? ("Agree" shall mean: up to 1 % of the spread of the scores.)

# %%
agree_on_this = None  # True or False
agree_on_another = None


def undo(layer, mean, var):
    layer.gamma.set_data(np.sqrt(var + layer.eps))
    layer.beta.set_data(mean)


plain, undone = fresh_plain, d2l_bn.lenet()
undone.initialize()
undone(X)
for name in names:  # conv1, conv2, dense1, dense2, output
    for key in ("weight", "bias"):
        source = getattr(getattr(plain, name), key)
        getattr(getattr(undone, name), key).set_data(source.data())

with autograd.train_mode():
    H = X
    for layer in undone:
        if isinstance(layer, d2l_bn.BatchNorm):
            mean, var = moments(H, (0, 2, 3) if H.ndim == 4 else (0,))
            undo(layer, mean, var)
        H = layer(H)

    batches = {"the same batch": X, "boots only": X_test[labels_test == 9]}
    differ = {name: np.abs(undone(b) - plain(b)).max().item() for name, b in batches.items()}

spread_of_scores = plain(X).std(axis=0).mean().item()
self_check("the first answer", agree_on_this, differ["the same batch"] < 0.01 * spread_of_scores)
self_check("the second answer", agree_on_another, differ["boots only"] < 0.01 * spread_of_scores)

# %%
print(f"spread of the scores over the examples: {spread_of_scores:.1e}")
for name, difference in differ.items():
    print(f"largest difference, {name:14s}: {difference:.1e}")

# %% [markdown]
# They agree on the one batch, and not on the other, which has other means and other deviations. In
# prediction mode mean and deviation are fixed, whatever the batch. There, γ and β can undo BN once
# and for all, so a network with BN can compute all that one without it can:

# %%
for layer in batch_norms(undone).values():
    undo(layer, layer.moving_mean.data(), layer.moving_var.data())

for name, batch in batches.items():
    difference = np.abs(undone(batch) - plain(batch)).max().item()
    print(f"largest difference in prediction mode, {name:14s}: {difference:.1e}")

# %% [markdown]
# They can. Did they? If training had undone BN, then every γ would be the $\sqrt{\sigma^2 +
# \varepsilon}$ of its input and every β the $\mu$: all marks would lie on the dashed lines.

# %%
scale, shift = {}, {}
for name, layer in batch_norms(net_bn).items():
    scale[name] = np.sqrt(layer.moving_var.data() + layer.eps), layer.gamma.data()
    shift[name] = layer.moving_mean.data(), layer.beta.data()

left, right = figures.draw_agreement({"scale": scale, "shift": shift})
_ = left.set(xlabel="σ of the input", ylabel="γ")
_ = right.set(xlabel="μ of the input", ylabel="β")

# %% [markdown]
# They do not. γ stays near 1 whatever $\sigma$ is, and β near 0.
#
# > **Correction 3.** Source 000: 不仅进行了归一化操作还恢复了x的特征分布, "it not only normalizes but also
# > restores the distribution of x". γ and β *can* restore it; training does not make them do so.

# %% [markdown]
# ## Summary
#
# | claim | what this notebook found |
# |---|---|
# | BN makes a normal distribution | no: two moments; the shape stays |
# | an output depends on its own input | in prediction; in training, on the whole batch |
# | a γ and a β for each value | one of each for each *channel* |
# | activations saturate, so gradients vanish | where they vanished, nothing was saturated |
# | why they vanish without BN | each layer shrinks the differences between examples |
# | what BN does | divides by σ, which undoes the shrinking, forwards and backwards |
# | larger gradient, so faster | no rate helps the plain deep network; *alike* gradients do |
# | BN makes the sigmoid linear | nearly; without BN it was more so |
# | γ and β restore the input | they can, in prediction for every batch; training did not do it |
#
# These are measurements on small networks of sigmoids, with one seed. For other activations see
# exercise 3.
#
# ## Exercises
#
# 1. Which statement about a *median* is true after BN: always 0, 0 for symmetric distributions, or
#    always the same as before? Try it on the three features of part one.
# 2. Two examples in a batch, one feature. What are the two outputs, for whatever inputs? What does
#    that say about training with batches of two?
# 3. Repeat the deep networks with `"tanh"`, whose slope in the middle is 1, and with `"relu"`:
#    `deep_net(norm, weights, "tanh")`. Predict first: for which start does the gradient vanish?
# 4. A VGG-like layer has 512 channels of 28×28. How many numbers does its BN layer keep, averages
#    included? How many would it keep without weight sharing? The cell below checks your numbers.
# 5. Give each layer of the deep plain network a step of its own size, the same share of the length
#    of its weights: $w \leftarrow w - 0.01\,\frac{|w|}{|g|}\,g$ with the gradient $g$. Does it begin
#    to learn within six epochs? What does that say about the second half of correction 7?

# %%
with_sharing, without_sharing = None, None  # exercise 4

self_check("the number with sharing", with_sharing, 4 * 512)
self_check("the number without sharing", without_sharing, 4 * 512 * 28 * 28)

# %% [markdown]
# ## Where to read on
#
# - **Notebook 4, Backward, by hand:** where the factor $\gamma/\sigma$ comes from, and what else
#   happens to a gradient.
# - **Notebook 6, Test time:** what prediction with the averages costs.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, sections 1 and 3: the claims.
# - Glorot & Bengio, *Understanding the difficulty of training deep feedforward neural networks*,
#   AISTATS 2010: spreads of activations and gradients, layer by layer.
# - Santurkar et al., *How Does Batch Normalization Help Optimization?*, 2018, arXiv 1805.11604.
