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
# # 12 · Normalizing weights, and normalizing in loops
#
# Put a batch normalization (批量归一化) inside the loop of a recurrent network (循环神经网络), and it learns. Look at the
# left of each pair below: on the training set, by the statistics of its batches, it is as good as the others or better. Then
# predict with its moving averages, on the right.
#
# **After this notebook you can**
#
# - write weight normalization and weight standardization, and say what they promise and what they do not;
# - say why batch normalization is awkward in a loop, and put layer normalization into a recurrent cell;
# - build an LSTM with normalized gates, and say what that bought in a fair comparison;
# - choose a normalizer for a task, with a measurement behind each line.
#
# **Time:** some 20 seconds to run on two CPU cores, 10 minutes to read (code apart).
#
# **Needs:** notebooks 6 and 11, and Fashion-MNIST (30 MB, found or fetched by itself). Cells with `None` wait for your
# answer. The long runs were made beforehand, by `d2l-bn run recurrent` and
# `d2l-bn run gates`.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os

import numpy
from matplotlib import pyplot as plt
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.statistics import estimate
from d2l_bn.experiments.studies.gates import CHOSEN
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.gated_reader import GatedReader
from d2l_bn.networks.row_reader import PIXEL_DEVIATION, PIXEL_MEAN, RowReader
from d2l_bn.norms.group import group_norm
from d2l_bn.norms.layer import layer_norm
from d2l_bn.norms.standardized_weight import StandardizedConv2D, standardize_weight
from d2l_bn.norms.weight import WeightNorm, weight_norm

npx.set_np()
npx.random.seed(0)
check = predictions("weights_and_recurrent")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

# %% tags=["cover"]
TITLES = {
    None: "none",
    "layer": "layer",
    "weight": "weight",
    "batch": "batch, one\nfor all steps",
    "batch_per_step": "batch, one\nfor each step",
}


def arm(norm, measure, scale=1):
    """By seed, from first weights of so many times Xavier's."""
    return load.by_seed("recurrent", measure, norm=norm, scale=scale)


SHOWN = {"training, as met": "train_accuracy", "test, moving averages": "test_accuracy_moving"}
figures.show(
    figures.draw_dots(
        {
            title: {TITLES[norm]: list(arm(norm, measure).values()) for norm in TITLES}
            for title, measure in SHOWN.items()
        },
        ylabel="accuracy",
        number_format="{:.2f}",
    ),
    alt="A dot for each seed: accuracies in training and in the test of a recurrent network with five normalizers. Without a "
    "normalizer and with weight normalization the two agree; with either batch normalization the test accuracy is some ten points "
    "lower in each seed; with layer normalization one seed of three falls off.",
)

# %% [markdown]
# Where a batch is no help, one can normalize what needs none: the *weights*, or *one example at one step*.
#
# # Part one: normalizing weights
#
# ## Weight normalization: direction and length
#
# Weight normalization (权重归一化; Salimans & Kingma, 2016) does not look at activations. It writes the weight vector of each
# output as a length (长度) $g$ times a direction (方向), and trains $g$ and $v$:
#
# $$w = g\,\frac{v}{\lVert v \rVert}$$
#
# Write it for v of shape (outputs, inputs) and g of shape (outputs, 1).


# %%
def my_weight_norm(v, g):
    return None  # your line


v, g = np.random.normal(size=(3, 5)), np.array([[1.0], [2.0], [3.0]])
check("weight_norm", my_weight_norm(v, g), weight_norm(v, g))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_weight_norm(v, g):
#     return g * v / np.sqrt(np.square(v).sum(axis=1, keepdims=True))
# ```
#
# </details>
#
# The package's `weight_norm(v, g)` is the same with checks; `WeightNorm(layer)` wraps a dense layer or a convolution, and
# starts with $g = \lVert v \rVert$, so that the wrapped layer computes what it computed before.
#
# Two consequences, in two dimensions. Left: however long v is, w is the same. Right: the gradient (梯度) with respect to v is
# $g/\lVert v \rVert$ times the part of the gradient with respect to w that is orthogonal (正交) to v; along v nothing can change.

# %%
v, g = np.array([[1.5, 1.0]]), np.array([[1.0]])
upstream = np.array([[0.4, 1.1]])  # the gradient that arrives at w
v.attach_grad()
with autograd.record():
    w = weight_norm(v, g)
w.backward(upstream)


def arrow(ax, vector, colour, label, start=(0, 0)):
    tip = [float(a) + float(b) for a, b in zip(start, vector)]
    ax.annotate("", tip, start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.2})
    ax.text(tip[0] + 0.06, tip[1] + 0.03, label, color=colour, fontsize=11)


with figures.style():
    left, right = figures.new_axes(2, height=3.8)
    for angle, sizes in zip(numpy.deg2rad([20, 70, 120]), ((1.5, 2.4), (0.6, 1.8), (0.5, 1.4))):
        direction = np.array([[numpy.cos(angle), numpy.sin(angle)]])
        for size, label in zip(sizes, ("", "v")):
            arrow(left, (size * direction)[0], figures.COLOURS[0], label)
        arrow(left, weight_norm(direction, g)[0], figures.COLOURS[3], "w")
    left.add_patch(plt.Circle((0, 0), 1, fill=False, linestyle="--", color="grey"))
    left.set_title("two lengths of v, one w, on the circle of radius g")
    arrow(right, v[0], figures.COLOURS[0], "v")
    arrow(right, upstream[0], figures.COLOURS[1], "gradient of w", start=v[0].tolist())
    size = np.sqrt(np.square(v).sum()).item()
    arrow(right, v.grad[0] * size, figures.COLOURS[2], "of v, times ‖v‖/g", start=v[0].tolist())
    right.set_title("the gradient of v is orthogonal to v")
    for ax in (left, right):
        ax.set(xlim=(-1.2, 3.4), ylim=(-1.2, 2.6), aspect="equal", xlabel="first weight")
    left.set_ylabel("second weight")
    figures.show(
        left,
        alt="Left, three directions with a short and a long v each; the w of both is the same arrow to a circle of radius g. "
        "Right, the gradient of w leaves the tip of v at an angle; its part orthogonal to v is the gradient of v, times ‖v‖/g.",
    )

# %% [markdown]
# A step orthogonal to v makes v *longer*, whatever the learning rate (学习率), and the longer v, the less the next step turns
# it. The length of v is a brake that sets itself; notebook 14 has the same brake in front of batch normalization. A regression with a
# learning rate that is much too large without it:

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
        lengths.append(np.sqrt(np.square(inner.weight.data()).sum()).item())
        trainer.step(len(inputs))
    return losses, lengths


def plain():
    return nn.Dense(1, use_bias=False, in_units=10)


losses, lengths = {}, {}
for lr in (0.1, 0.5):
    losses[f"plain, lr {lr}"], _ = regression(plain(), lr)
    losses[f"weight norm, lr {lr}"], lengths[f"weight norm, lr {lr}"] = regression(
        WeightNorm(plain()), lr
    )

with figures.style():
    left, right = figures.new_axes(2, height=3.6)
    figures.draw_lines(losses, ylabel="loss", log=True, ax=left)
    figures.draw_lines(lengths, ylabel="length of v", ax=right)
    figures.show(
        left,
        alt="Left, the loss on a logarithmic axis: plain descent converges at 0.1 and diverges at 0.5; with weight norm both "
        "rates converge. Right, the length of v, which jumps in the first steps and then stays, more so at 0.5.",
    )

# %% [markdown]
# What does weight normalization promise of mean and variance of the *outputs*?

# %%
promise = None  # "mean", "variance", "both" or "nothing"

# %%
check("weights_needed", promise)
wrapped = WeightNorm(nn.Dense(3, in_units=4))
wrapped.initialize(init.Normal(1.0))
outputs = wrapped(np.random.normal(5, 1, size=(1000, 4)))
print("means of its outputs:     ", outputs.mean(axis=0).asnumpy().round(2))
print("deviations of its outputs:", outputs.std(axis=0).asnumpy().round(2))

# %% [markdown]
# ## Weight standardization: one filter at a time
#
# Weight standardization (权重标准化; Qiao et al., 2019) gives the weights of each *output filter* (卷积核) mean 0 and variance 1
# in each forward pass, and lets the gradient run through. A survey of normalization layers shows a convolution that does it, in
# PyTorch, with this line:
#
# ```python
# std = weight.std(dim=(1,2,3) + 1e-5
# ```
#
# A parenthesis is missing. In the place that comes to mind first, at the end, ε is added to the *axes*: `(1, 2, 3) + 1e-5` is a
# TypeError. It belongs behind the axes; and without `keepdim=True` the vector of deviations would be divided into the *last*
# axis of the weights. In MXNet, with ε inside the root as everywhere here:


# %%
def my_standardize(weight, eps=1e-5):
    axes = (1, 2, 3)  # inputs, and the pixels of the filter
    mean = weight.mean(axis=axes, keepdims=True)
    var = np.square(weight - mean).mean(axis=axes, keepdims=True)
    return (weight - mean) / np.sqrt(var + eps)


# %% [markdown]
# The second convolution of LeNet has weights (16, 6, 5, 5). From how many values is each mean?

# %%
prediction = None  # a whole number

# %%
check("filter_values", prediction)

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(256, data=data, limit=1500 if FAST else 8000)
net = d2l_bn.lenet("gluon")  # trained for a moment, so that the weights are those of a network
net.hybridize()
print(d2l_bn.train(net, train_iter, epochs=1, lr=1.0).last)

weight = net.conv2.weight.data()
standardized = my_standardize(weight)
print(
    f"mine and the package's differ by {np.abs(standardized - standardize_weight(weight)).max().item():.0e}"
)
figures.show(
    figures.draw_shapes(
        {f"filter {k}": weight[k].reshape(-1) for k in (0, 5, 10, 15)},
        {f"filter {k}": standardized[k].reshape(-1) for k in (0, 5, 10, 15)},
    ),
    alt="Histograms of the 150 weights of four filters, and below those of the standardized ones: each with mean 0 and "
    "deviation 1, and of the same form.",
)

# %% [markdown]
# ## What it does to conditioning
#
# Why should a mean of 0 help? The inputs of this convolution come out of a sigmoid: all of them are positive. In $w \cdot x$ the
# *sum* of the weights meets the *mean* of the inputs, and that one direction, $(1, 1, \dots, 1)$, weighs more than all others. For
# a linear layer the curvature (曲率) of a squared error is $E[x x^\top]$; its eigenvalues (特征值) tell how well conditioned the
# descent is. Here for the patches (150 values) that `conv2` sees, for any weights, and for weights that are kept at mean 0:

# %%
hidden = np.array(test_iter.images[:200][:, None] / 255, dtype="float32")
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
figures.show(
    figures.draw_lines(
        {name: values[:40] for name, values in eigenvalues.items()},
        xlabel="eigenvalue, the largest 40",
        ylabel="curvature",
        log=True,
    ),
    alt="The largest 40 eigenvalues on a logarithmic axis. For any weights the first stands far above the rest; for weights "
    "of mean 0 it is missing, and the others are as they were.",
)
for name, values in eigenvalues.items():
    print(f"{name:18} largest {values[0]:7.2f}, {values[0] / values.sum():.0%} of the sum")

# %% [markdown]
# The largest curvature sets the largest learning rate that does not diverge (发散). Without that one direction it is much
# smaller, and the others are as they were. The layer takes it away: through the standardization, the gradient of a filter has no
# part along $(1, \dots, 1)$, and none along the filter itself. So what do standardized weights forget: ten times the *weights*,
# ten times the *inputs*, both, or neither?

# %%
prediction = None  # "weights", "inputs", "both" or "neither"

# %%
check("forgets", prediction)
convolution = StandardizedConv2D(16, kernel_size=5, in_channels=6)
convolution.initialize(init.Xavier())
before = convolution(hidden[:8])
convolution.layer.weight.set_data(10 * convolution.layer.weight.data())
for what, output in (
    ("ten times the weights", convolution(hidden[:8])),
    ("ten times the inputs", convolution(10 * hidden[:8])),
):
    change = np.abs(output - before).max() / np.abs(before).max()
    print(f"{what:21}: largest change / largest output = {change.item():.4f}")

# %% [markdown]
# What it does not fix is the scale of the inputs. Hence the pair GN+WS: groups for the activations, standardization for the
# weights, and no batch anywhere. Notebook 9 has its race against batch normalization with small batches.
#
# ## Batch-channel normalization
#
# The paper on weight standardization has a third part, which its readers often leave out. A group (or channel) normalization
# forgets how strong a channel is over the whole data set; one that is weak everywhere stays weak, and behind a ReLU it may be dead.
# Batch normalization cannot forget that, but needs a batch. *Batch-channel normalization* does both, one behind the other: first
# per channel over the data, then per example over groups of channels. For small batches, the first takes *running* statistics
# that are used in training, too:


# %%
class BatchChannelNorm(nn.Block):
    """First each channel by running statistics of the data, then each example in groups."""

    def __init__(self, channels, groups, momentum=0.9):
        super().__init__()
        self.groups, self.momentum = groups, momentum
        self.mean, self.var = np.zeros((1, channels, 1, 1)), np.ones((1, channels, 1, 1))
        self.one, self.zero = np.ones((1, channels, 1, 1)), np.zeros((1, channels, 1, 1))

    def forward(self, X):
        if autograd.is_training():
            with autograd.pause():  # no gradient through the statistics: the paper's estimates
                self.mean += (1 - self.momentum) * (
                    X.mean(axis=(0, 2, 3), keepdims=True) - self.mean
                )
                square = np.square(X - self.mean).mean(axis=(0, 2, 3), keepdims=True)
                self.var += (1 - self.momentum) * (square - self.var)
        X_hat = (X - self.mean) / np.sqrt(self.var + 1e-5)
        return group_norm(X_hat, self.one, self.zero, self.groups)


layer = BatchChannelNorm(6, groups=2)
strength = np.array([0.1, 1, 1, 1, 1, 10]).reshape(1, 6, 1, 1)  # a weak channel and a loud one
for _ in range(100):  # batches of two images
    with autograd.train_mode():
        Y = layer(strength * np.random.normal(size=(2, 6, 8, 8)))
X = strength * np.random.normal(size=(64, 6, 8, 8))
for name, Y in (
    ("group norm alone", group_norm(X, layer.one, layer.zero, 2)),
    ("batch-channel norm", layer(X)),
):
    print(
        f"{name:18}: deviation of each channel", np.sqrt(Y.var(axis=(0, 2, 3))).asnumpy().round(2)
    )

# %% [markdown]
# (γ and β are left out here; the paper has them in both parts.)
#
# # Part two: recurrent networks
#
# ## Why batch normalization is awkward there
#
# A recurrent network applies one layer again and again, along a sequence. Ours reads a garment from top to bottom, two rows at
# a time, in 14 steps:
#
# $$a_t = W [x_t, h_{t-1}] + b, \qquad h_t = \tanh(\mathrm{norm}(a_t))$$


# %%
def read(x, W, b, norm=lambda a: a):
    """The state after each step of x, (N, steps, inputs)."""
    h, states = np.zeros((len(x), len(b))), []
    for t in range(x.shape[1]):
        a = np.dot(np.concatenate([x[:, t], h], axis=1), W.T) + b
        h = np.tanh(norm(a))
        states.append(h)
    return np.stack(states)


npx.random.seed(3)
reader = RowReader(norm=None)
reader.initialize(init.Xavier())
sample = np.array(train_iter.images[:512][:, None] / 255, dtype="float32")
from_package = np.stack(reader.states(sample))  # (14, 512, 64)
pairs = ((sample - PIXEL_MEAN) / PIXEL_DEVIATION).reshape(len(sample), 14, 56)
W, b = reader.dense.weight.data(), reader.dense.bias.data()
print(
    f"mine and the package's RowReader differ by {np.abs(read(pairs, W, b) - from_package).max().item():.0e}"
)

# %% [markdown]
# Whose statistics should batch normalization take? Those of step t, over the batch. But they differ from step to step. Here are
# mean and deviation (标准差) of four hidden units before the tanh, over 512 images. How many moving means does it take to
# have one for each of the 64 units at each of the 14 steps?

# %%
prediction = None  # a whole number

# %%
check("steps", prediction)
a = numpy.arctanh(from_package.asnumpy().clip(-0.999999, 0.999999))  # back to before the tanh
with figures.style():
    left, right = figures.new_axes(2, height=3.6)
    figures.draw_lines(
        {f"unit {u}": a[:, :, u].mean(axis=1) for u in range(4)}, ylabel="mean", ax=left
    )
    figures.draw_lines(
        {f"unit {u}": a[:, :, u].std(axis=1) for u in range(4)}, ylabel="deviation", ax=right
    )
    figures.show(
        left,
        alt="Mean and deviation of four hidden units by step: both change from the first step to the last, each unit in "
        "its own way.",
    )

# %% [markdown]
# One moving average (移动平均) for all steps is wrong for most of them. One for each step is right, and a longer sequence finds none. And in
# a batch of sequences of different lengths, few are still running at a late step; the statistics there come from those few. A small
# error in the statistics of one step changes the state, and with it the input of every later step: that is what the picture at the
# top shows. How much of it is lag of the averages? The same networks, with population statistics (总体统计量, notebook 6):

# %%
WAYS = {
    "training, as met": "train_accuracy",
    "test, moving averages": "test_accuracy_moving",
    "test, population statistics": "test_accuracy_population",
}
rows = [
    [
        TITLES[norm].replace("\n", " "),
        *(estimate(arm(norm, measure)) for measure in WAYS.values()),
    ]
    for norm in ("batch", "batch_per_step")
]
table(["accuracy ± 95 %", *WAYS], rows)

# %% [markdown]
# A part of it was lag, and most was not: the statistics are those of the training set now, and still the state drifts.
#
# ## Layer normalization: one sequence at one step
#
# Layer normalization (层归一化; Ba et al., 2016) takes the hidden units of *one* sequence at *one* step. Lengths, batches and steps do
# not matter to it, and training and prediction are the same. In `read` it is one argument:

# %%
one, zero = np.ones((1, 64)), np.zeros((1, 64))


def norm(a):
    return layer_norm(a, one, zero)


longer = np.concatenate([pairs[:4], pairs[4:8]], axis=1)  # 28 steps
together = read(longer, W, b, norm)
alone = np.concatenate([read(longer[i : i + 1], W, b, norm) for i in range(4)], axis=1)
print("28 steps in place of 14:", together.shape)
print(f"alone or in a batch, largest difference: {np.abs(together - alone).max().item():.0e}")

# %% [markdown]
# **A trap: the empty row.** The reader shifts its pixels to mean 0. Why? Garments begin with black rows. With black = 0, zero biases
# and $h_0 = 0$, all hidden units are exactly 0: their deviation is 0, layer normalization divides by $\sqrt\varepsilon$, and on its way
# back the gradient is multiplied by $1/\sqrt\varepsilon \approx 316$, and by W, *at each such step*. After k black pairs of rows:


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


black_steps = [0, 1, 2, 3, 4]  # a pixel of PIXEL_MEAN is 0 after the shift
fills = {"black is 0": PIXEL_MEAN, f"black is {-PIXEL_MEAN / PIXEL_DEVIATION:.2f}": 0.0}
ax = figures.draw_lines(
    {name: [gradient_length(k, fill) for k in black_steps] for name, fill in fills.items()},
    x=black_steps,
    xlabel="black steps at the start",
    ylabel="length of the gradient",
    log=True,
)
ax.set_xticks(black_steps)
figures.show(
    ax,
    alt="The length of the gradient against the number of black steps, on a logarithmic axis: where black is 0 it grows a "
    "hundredfold and more with each step, where black is shifted it stays.",
)

# %% [markdown]
# Statistics of *one* example can be those of nothing at all. Where inputs may be constant, shift them, give them noise, or take a
# larger ε.
#
# ## Gates: an LSTM and a GRU
#
# A long short-term memory (长短期记忆网络) makes four blocks of $a_t$: three gates i, f, o and a candidate g. The survey advises
# group normalization (组归一化) with weight standardization for such layers. The normalizer goes where the plain cell has it too: to
# the whole of $a_t$, in front of the nonlinearities.


# %%
def lstm_step(x, h, c, W, b, norm=lambda a: a):
    a = np.dot(np.concatenate([x, h], axis=1), W.T) + b
    i, f, g, o = np.split(norm(a), 4, axis=1)
    c = npx.sigmoid(f + 1) * c + npx.sigmoid(i) * np.tanh(g)  # + 1: remember, at first
    return npx.sigmoid(o) * np.tanh(c), c


def lstm(x, W, b, norm=lambda a: a, units=64):
    h = c = np.zeros((len(x), units))
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, W, b, norm)
    return h


# %% [markdown]
# `group_norm` can normalize each gate by itself. With how many groups, for the $a_t$ of an LSTM?

# %%
prediction = None  # a whole number

# %%
check("groups", prediction)
gates = np.ones((1, 256)), np.zeros((1, 256))
for title, settings, norm in (
    ("no normalizer", {}, lambda a: a),
    ("layer norm", {"norm": "layer"}, lambda a: layer_norm(a, *gates)),
    ("group norm", {"norm": "group"}, lambda a: group_norm(a, *gates, num_groups=4)),
):
    package = GatedReader("lstm", **settings)
    package.initialize(init.Xavier())
    scores = package.output(lstm(pairs[:8], package.weight.data(), np.zeros(256), norm))
    print(
        f"{title:13}: mine and the package's GatedReader differ by {np.abs(scores - package(sample[:8])).max().item():.0e}"
    )

# %% [markdown]
# A gated recurrent unit (门控循环单元) has two gates and a candidate that sees the *reset* state, so that its normalizer is a second
# one: `GatedReader("gru", norm="group")`. Weight normalization and standardization change W, once for all steps.
#
# ## What it buys: an experiment
#
# Two questions. Does layer normalization help the tanh cell? Do groups with standardized weights help an LSTM, as the survey advises? A
# fair answer lets each of the four networks have its own learning rate, chosen by validation images (验证集) that it is not tested on;
# then eight seeds (随机种子), 72 steps each. Before you look: which of the two would you bet on?

# %%
NAMES = {
    ("tanh", None): "tanh",
    ("tanh", "layer"): "tanh,\nlayer norm",
    ("lstm", None): "LSTM",
    ("lstm", "group+standardized"): "LSTM,\nGN + WS",
}
tested = {
    name: load.by_seed("gates", "test_accuracy", cell=cell, norm=norm, lr=CHOSEN[cell, norm])
    for (cell, norm), name in NAMES.items()
}
figures.show(
    figures.draw_dots(
        {"one network": {name: list(values.values()) for name, values in tested.items()}},
        ylabel="test accuracy",
    ),
    alt="Test accuracies of eight seeds of four recurrent networks. The plain tanh cell and that with layer norm lie alike; both LSTMs "
    "lie some points higher, the one with groups and standardized weights a little above the other.",
)
table(
    ["network", "learning rate", "test accuracy"],
    [
        [NAMES[key].replace("\n", " "), f"{CHOSEN[key]:g}", estimate(tested[NAMES[key]])]
        for key in NAMES
    ],
)

# %%
names = (
    "layer_norm_for_recurrent",
    "group_and_standardized_for_gates",
    "weight_norm_for_recurrent",
)
table(
    ["what is said", "measured", "effect, 95 % interval", "verdict"],
    [court[name].judge().row() for name in names],
)

# %% [markdown]
# **Layer normalization: nothing, here.** The mean difference is nearly 0, and the interval reaches two points to both sides. What it buys
# in a loop is not accuracy on 14 steps of garments but what the section on it showed: no statistics to keep, any length, any batch. Its
# gains were measured on long sequences and large networks, which are beyond this course.
#
# **Groups and standardized weights in the LSTM: a gain.** The interval lies above 0; whether it is a gain of the point that one would
# change a cell for, eight seeds do not decide. Note what *is* large: the step from the plain cell to the gates.
#
# # Which one when?
#
# The advice of the documents, line by line, and what the runs of this course say to it *here*: small networks, garments, short
# trainings. "Undecided" is an answer, too: nobody need believe such a line on the strength of these runs. (Notebook 20 has the
# effects, notebook 9 the batch sizes.)

# %%
ADVICE = [
    ("a deep network, large batches", "batch norm", "trains_where_plain_does_not"),
    (
        "batches of a few images",
        "group norm in place of batch norm",
        "group_norm_for_small_batches",
    ),
    ("the same", "layer norm in place of batch norm", "layer_norm_for_small_batches"),
    ("the same", "group norm rather than layer norm", "group_beats_layer_norm"),
    (
        "one image at a time",
        "group norm with weight standardization",
        "standardized_group_norm_at_one",
    ),
    ("a sequence", "layer norm", "layer_norm_for_recurrent"),
    ("an LSTM", "group norm with weight standardization", "group_and_standardized_for_gates"),
    ("a sequence", "weight norm rather than batch norm", "weight_norm_for_recurrent"),
    ("no normalizer wanted", "weight norm, for speed", "weight_norm_is_faster"),
    ("the style of another image", "adaptive instance norm", "adain_takes_the_style"),
]
rows = []
for task, take, name in ADVICE:
    judgement = court[name].judge()
    rows.append(
        [task, take, judgement.claim.effect, f"**{judgement.verdict}** {judgement.verdict.chinese}"]
    )
table(["for", "take", "what was measured", "verdict"], rows)

# %% [markdown]
# ## What you can now do
#
# | | normalizes | over | needs a batch | promises |
# |---|---|---|---|---|
# | weight norm | weights: $g\,v/\lVert v \rVert$ | inputs of one output | no | length g of w |
# | weight standardization | weights | inputs of one output | no | mean 0, variance 1 of w |
# | layer norm in a loop | activations | units of one example at one step | no | mean 0, variance 1 of each step |
# | batch-channel norm | activations | first N, H, W, then C/G, H, W | running statistics | both |
#
# - You can write each in three lines, and put a normalizer into the loop of an RNN, an LSTM, a GRU.
# - You can say why batch normalization shines in training there and not in the test.
# - You know the trap of the empty row.
#
# ## Exercises
#
# 1. Show that layer normalization of $a = W u$ does not change if all of W is multiplied by 2, but does if one row of W is. And
#    batch normalization? (Ba et al., section 5, has a table of such invariances.)
# 2. With weight normalization behind inputs of mean 5, as above, the outputs have large means. The paper adds *mean-only batch
#    normalization*: subtract the mean of the batch, and do not divide. Add it, and say what it needs at test time.
#
# <details><summary>Solution of 1</summary>
#
# ```python
# W, u = np.random.normal(size=(6, 5)), np.random.normal(size=(8, 5))
# row = W.copy()
# row[0] *= 2
# ln = lambda W: layer_norm(np.dot(u, W.T), np.ones((1, 6)), np.zeros((1, 6)))
#
#
# def bn(W):
#     a = np.dot(u, W.T)
#     return (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + 1e-5)
#
#
# for f in (ln, bn):
#     print(np.abs(f(2 * W) - f(W)).max(), np.abs(f(row) - f(W)).max())
# ```
#
# The units of an example share their statistics in layer normalization: one that becomes louder shifts the others. In batch
# normalization each unit has its own, and a factor of its row is forgotten.
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# `outputs - outputs.mean(axis=0)` in training; at test time the mean must come from somewhere else, a moving average: the batch is
# back, by a side door. (`d2l_bn.norms.batch_variants.MeanOnlyBatchNorm` does it.)
#
# </details>
#
# ## Where to read on
#
# - Salimans & Kingma, *Weight Normalization*, 2016, arXiv 1602.07868, section 2; section 3.1: mean-only batch normalization.
# - Qiao et al., *Micro-Batch Training with Batch-Channel Normalization and Weight Standardization*, 2019, arXiv 1903.10520,
#   sections 3 and 4.
# - Ba, Kiros & Hinton, *Layer Normalization*, 2016, arXiv 1607.06450, section 3.1; Cooijmans et al., *Recurrent Batch
#   Normalization*, 2016, arXiv 1603.09025: in an LSTM, with statistics for each step.
# - `d2l_bn/norms/weight.py`, `standardized_weight.py`; `d2l_bn/networks/row_reader.py`, `gated_reader.py`.
# - **Notebook 14:** the brake of the length in front of batch normalization. **Notebook 23:** layer normalization in transformers.
