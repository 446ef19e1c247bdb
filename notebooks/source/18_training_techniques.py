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
# # 18 · Training techniques
#
# Batch normalization (批量归一化) is one of a dozen techniques that make a network trainable. One of
# the course's sources lists the others in a few lines each, as rules: "do not use sigmoid", "keep the
# learning rate between 1e-5 and 1e-3", "shuffle". Here each rule is measured, without and with batch
# normalization, since some of them are rules for networks *without* it.
#
# **After this notebook you can**
#
# - choose an activation (激活函数) and first weights (权重初始化), and count the ReLUs that died;
# - centre, scale and whiten data (白化) without a look at the test set;
# - see from a loss curve that a learning rate (学习率) is too small or too large;
# - go through the checklist: gradient check (梯度检查), hyperparameter search (超参数搜索), ensembles
#   (模型组合);
# - stop early (早停), order examples (洗牌, 课程学习), and write dropout (丢弃法) by hand.
#
# **Time:** about 2 minutes to run on two CPU cores, 75 minutes to read.
#
# **Needs:** notebooks 2 and 3, and Fashion-MNIST (30 MB, found or fetched by itself). The long runs
# are in a file.
#
# It covers rows 42 to 47, 49, 53 and 64 to 66 of the course, and corrections 12, 13 and 16. Cells
# with `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import tempfile
from pathlib import Path
from statistics import mean

import numpy
from ipywidgets import FloatLogSlider, FloatSlider, SelectionSlider, interact
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.curriculum import difficulties, easy_first
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.data.preprocessing import centre, scale, whiten
from d2l_bn.diagnostics.dead_relus import dead_units
from d2l_bn.diagnostics.network_gradient_check import check_network
from d2l_bn.diagnostics.signal_propagation import propagate
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import SOURCES, judge
from d2l_bn.experiments.statistics import difference, estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.activations import ACTIVATIONS, maxout
from d2l_bn.networks.deep_network import deep_network
from d2l_bn.networks.dropout import dropout
from d2l_bn.networks.initializers import INITIALIZERS, deviation, draw
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.ensemble import load_ensemble

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=600 if FAST else 3000)
images, labels = train_iter.images, train_iter.labels

# %% [markdown]
# The long runs: LeNets (ten layers of dense units, for the first weights) trained on a few thousand
# images for an epoch or two, with three seeds (随机种子) for each setting. `d2l-bn
# run STUDY` makes them, with one of the names below. Networks with batch normalization are tested with
# population statistics (notebook 6). A run whose loss became infinite counts as a guess, 0.1.

# %%
NORMS = {None: "without BN", "gluon": "with BN"}
STUDIES = (
    "orders",
    "learning_rate_range",
    "activations",
    "deep_initialization",
    "early_stopping",
    "ensembles",
    "hyperparameter_search",
)


def tested(study, **case):
    """Test accuracies after the last epoch, one for each seed."""
    return list(load.by_seed(study, "test_accuracy", **case).values())


for study in STUDIES:
    case = load.records(study)[0]["case"]
    print(
        f"{study:21} {len(load.records(study)):3} runs, "
        f"{case['examples']} examples, {case['epochs']} epochs, batches of {case['batch_size']}"
    )

# %% [markdown]
# What the source says is judged (notebook 20): a claim is confirmed under a condition if the 95 %
# confidence interval (置信区间) of its effect over the seeds lies above zero, and the mean is large
# enough to matter. Nobody types a verdict in.


# %%
def judged(topic):
    """The claims of the source on a topic that the long runs decide."""
    rows = []
    for claim in SOURCES["training tricks"]:
        if claim.topic == topic and set(claim.studies) <= set(STUDIES):
            verdict = claim.verdict()
            measured = claim.effect + (f"; at least {claim.at_least:g}" if claim.at_least else "")
            effects = verdict.details().replace("; ", "<br>")
            ruling = f"**{verdict.ruling}**" + (f"<br>{claim.remark}" if claim.remark else "")
            rows.append([claim.meaning, measured, effects, ruling])
    return table(["the source says", "measured", "effect, ± 95 %", "verdict"], rows)


# %% [markdown]
# # Part one: activations
#
# ## Five functions and their slopes
#
# A unit's gradient is multiplied by the slope (斜率) φ′ of its activation. Blue: the function; red,
# dashed: its slope.

# %%
x = np.linspace(-4, 4, 201)
five = {name: ACTIVATIONS[name] for name in ("sigmoid", "tanh", "relu", "leaky", "elu")}

axes = figures.draw_activations({name: (phi(x), phi.slope(x)) for name, phi in five.items()}, x)

# %%
table(
    ["activation", "$\\varphi(x)$", "$\\varphi'(x)$"],
    [[name, f"${phi.formula}$", f"${phi.slope_formula}$"] for name, phi in five.items()],
)

# %% [markdown]
# Ten layers of sigmoids, one after the other, each with a weight of 1. What is the *largest* factor by
# which the slopes alone can multiply a gradient on its way through all ten?

# %%
prediction = None  # a number

largest = float(ACTIVATIONS["sigmoid"].slope(np.zeros((1,)))[0])
self_check(
    "the factor",
    prediction,
    largest**10,
    reasons=[(0.25, "That is one layer; ten slopes multiply.")],
)

# %% [markdown]
# The formulas above explain; a network uses Gluon's layers. Are they the same, and is what autograd
# (自动求导) computes the slope? At 0, where ReLU has a kink, MXNet takes the left slope.

# %%
for name, phi in five.items():
    x.attach_grad()
    with autograd.record():
        y = phi.layer()(x)
    y.backward()
    value = float(np.abs(y - phi(x)).max())
    slope = float(np.abs(x.grad - phi.slope(x)).max())
    print(f"{name:8} largest difference: value {value:.1e}, slope {slope:.1e}")

# %% [markdown]
# **Maxout** learns its own activation: each unit has K linear pieces, and its output is the greatest
# of them. It is always convex; ReLU is the case of two pieces, one of which is 0. It costs K times the
# weights, and Gluon has none (`d2l_bn.networks.activations.Maxout`). Three units with random pieces:

# %%
npx.random.seed(5)
maxouts = {}
for pieces in (2, 3, 5):
    slopes, heights = np.random.normal(size=(1, pieces)), np.random.normal(size=(pieces,))
    maxouts[f"{pieces} pieces"] = maxout(x.reshape(-1, 1) @ slopes + heights, pieces).reshape(-1)

ax = figures.draw_lines(maxouts, x=x.asnumpy(), xlabel="x", ylabel="maxout")

# %% [markdown]
# ## Which one trains best?
#
# The source says: with ReLU, a small learning rate; try leaky ReLU, maxout, ELU; do not expect much of
# tanh; *do not use sigmoid*. Each dot is a LeNet with one seed, the line the mean of three.

# %%
for lr in load.case_values("activations", "lr"):
    ax = figures.draw_dots(
        {
            title: {name: tested("activations", activation=name, norm=norm, lr=lr) for name in five}
            for norm, title in NORMS.items()
        },
        ylabel="test accuracy",
        number_format="{:.2f}",
        title=f"learning rate {lr:g}",
    )

# %%
for norm, title in NORMS.items():
    best = {
        name: max(
            mean(tested("activations", activation=name, norm=norm, lr=lr))
            for lr in load.case_values("activations", "lr")
        )
        for name in five
    }
    row = ", ".join(f"{name} {accuracy:.3f}" for name, accuracy in best.items())
    print(f"{title:10} best of the learning rates: {row}")
    print(f"{'':10} best minus worst: {max(best.values()) - min(best.values()):.3f}")

# %% [markdown]
# Without batch normalization the choice decides: the sigmoid network is still at the guess. With it,
# all five train, and the distance between the best and the worst is a small part of what it was.
# So "do not use sigmoid" is, in this size, a rule for networks *without* batch normalization. The
# rules one by one:

# %%
judged("activations")

# %% [markdown]
# ## Dead ReLUs
#
# Where a ReLU is 0, its slope is 0. A unit that is 0 *for every example* gets no gradient, ever: it is
# dead (神经元死亡). `dead_units` counts. We push the biases of a fresh layer down and look.

# %%
prediction = None  # of 128 units, how many are dead with biases of -2? To within 30

pixels = np.array(images.reshape(len(images), -1) / 255, dtype="float32")
npx.random.seed(0)
net = deep_network(depth=1, rule="he")
counts = {}
for bias in (0.0, -0.5, -1.0, -2.0, -4.0):
    net._children["dense1"].bias.set_data(bias * np.ones((128,)))
    counts[bias] = int(dead_units(net, [(pixels, None)], ["act1"])["act1"].sum())
close = prediction is not None and abs(prediction - counts[-2.0]) <= 30
self_check("the number of dead units", counts[-2.0] if close else prediction, counts[-2.0])

# %%
ax = figures.draw_bars(
    {"dead": {f"bias {bias:g}": count for bias, count in counts.items()}},
    ylabel="of 128 units",
    number_format="{:.0f}",
    title="ReLUs that are 0 for all training images",
)

# %% [markdown]
# In training it is a step that is too long which pushes units there. In the LeNets above, after
# training: which share of the units of each layer is dead?

# %%
lrs = load.case_values("activations", "lr")
dead = {
    f"{title}, lr {lr:g}": {
        layer: [
            run["measures"].get(f"dead/{layer}", numpy.nan)
            for run in load.select("activations", activation="relu", norm=norm, lr=lr)
        ]
        for layer in ("act1", "act2", "act3", "act4")
    }
    for norm, title in NORMS.items()
    for lr in lrs
}
ax = figures.draw_dots(dead, ylabel="share of dead units", number_format="{:.2f}")

# %% [markdown]
# This is why the ReLU network without batch normalization does not leave the guess at a learning rate
# of 1. Batch normalization helps for a plain reason: it puts the mean of every channel at β, which
# starts at 0. A unit whose input is centred is above 0 for about half of the batch.
#
# # Part two: preprocessing
#
# Four transformations (数据预处理), each $z = (x - \mu)\,W$. The statistics come from the *training* set.
# Two neighbouring pixels of a garment, 600 images:

# %%
flat = images.reshape(len(images), -1) / 255.0
pair = flat[:600, [14 * 28 + 12, 14 * 28 + 13]]
steps = {
    "as it is": pair,
    "centred": centre(pair)(pair),
    "scaled": scale(pair)(pair),
    "whitened, PCA": whiten(pair, "pca")(pair),
    "whitened, ZCA": whiten(pair, "zca")(pair),
}

axes = figures.draw_clouds(steps, xlabel="pixel", ylabel="its neighbour")

# %% [markdown]
# After *scaling* both features have variance 1. What is their covariance (协方差) then: 0, or the
# correlation (相关系数) that they had before?

# %%
prediction = None  # "0" or "the correlation"

left_over = numpy.cov(steps["scaled"].T, bias=True)[0, 1]
correlation = numpy.corrcoef(pair.T)[0, 1]
answer = "the correlation" if abs(left_over - correlation) < 0.01 else "0"
self_check("the covariance", prediction, answer)
for name, points in steps.items():
    covariance = numpy.cov(points.T, bias=True)
    print(f"{name:14} variances {covariance[0, 0]:.3f} {covariance[1, 1]:.3f}, ", end="")
    print(f"covariance {covariance[0, 1]:.3f}")

# %% [markdown]
# Batch normalization is the *scaling* of this list, with statistics of the batch, for each layer. It
# does not whiten: the paper calls that too expensive (a matrix of 784 by 784 to decompose, at each
# step). What is left undone shows in the condition number (条件数) of the second moments, which decides
# how fast gradient descent can be (notebook 15). Images averaged to 7 × 7 pixels:

# %%
tiny = flat.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)
conditions = {}
for name, transform in {
    "as it is": None,
    "centred": centre(tiny),
    "scaled": scale(tiny),
    "whitened": whiten(tiny),
}.items():
    Z = tiny if transform is None else transform(tiny)
    conditions[name] = numpy.linalg.cond(Z.T @ Z / len(Z))

ax = figures.draw_marks({"": conditions}, ylabel="condition number")

# %% [markdown]
# Whitened *images*, with ZCA: what neighbouring pixels share is gone, and the edges are left. A small
# ε also lifts the noise. The last row goes the way back (逆变换).

# %%
some = flat[:8]
zca = {eps: whiten(flat, "zca", eps=eps) for eps in (1e-1, 1e-3)}
shown = {"images": some}
shown.update({f"ZCA, ε = {eps:g}": transform(some) for eps, transform in zca.items()})
shown["and back"] = zca[1e-3].invert(zca[1e-3](some))

axes = figures.draw_image_rows(
    {text: rows.reshape(-1, 28, 28) for text, rows in shown.items()}, limits=None
)
print("largest difference there and back:", f"{abs(shown['and back'] - some).max():.1e}")

# %% [markdown]
# And the test set? It goes through the transformation that the training set has fixed. Its own mean is
# then *nearly* 0, and that is as it should be: at test time there may be one image only.

# %%
transform = scale(flat)
test_flat = test_iter.images.reshape(len(test_iter.images), -1) / 255.0
for name, X in (("training", flat), ("test", test_flat)):
    print(f"{name:9} largest mean of a pixel: {abs(transform(X).mean(axis=0)).max():.4f}")

# %% [markdown]
# # Part three: the first weights
#
# ## The deviation of first weights
#
# The source gives three rules, the third one as
# `w = np.random.randn((fan_in,fan_out)/np.sqrt(fan_in)`. A parenthesis is missing, and where one would
# put it first, Python divides a tuple:

# %%
fan_in, fan_out = 400, 300

for line in (
    "numpy.random.randn((fan_in, fan_out) / numpy.sqrt(fan_in)",
    "numpy.random.randn((fan_in, fan_out) / numpy.sqrt(fan_in))",
    "numpy.random.randn(fan_in, fan_out) / numpy.sqrt(fan_in)",
):
    try:
        print(f"{line}\n    gives a matrix with deviation {eval(line).std():.4f}")
    except Exception as error:
        print(f"{line}\n    {type(error).__name__}: {error}")

# %% [markdown]
# The rule is $\sigma = 1/\sqrt{\text{in}}$ (LeCun). For ReLU, which sets half of the values to zero, it
# needs a factor $\sqrt 2$ (He); Glorot's ("Xavier") is $\sqrt{2/(\text{in} + \text{out})}$, for the way
# back as well. Gluon has them all:

# %%
print("rule      formula   drawn by NumPy   drawn by Gluon")
for rule, initializer in INITIALIZERS.items():
    layer = nn.Dense(fan_out, in_units=fan_in)
    layer.initialize(initializer)
    ours, theirs = draw(rule, fan_in, fan_out).std(), float(layer.weight.data().std())
    print(f"{rule:8} {deviation(rule, fan_in, fan_out):8.4f} {ours:14.4f} {theirs:16.4f}")

# %% [markdown]
# ## Ten layers
#
# A batch of images goes through ten dense layers of 128 ReLUs, untrained. With the first rule,
# weights of 0.01: by about which factor does the deviation (标准差) of the activations change from one
# layer to the next? (The sum of 128 terms; half of the inputs are 0.)

# %%
prediction = None  # a number, to within a third

X, y = np.array(scale(flat)(flat[:256]), dtype="float32"), np.array(labels[:256])
npx.random.seed(0)
signals = {
    (rule, normalize): propagate(deep_network(rule=rule, normalize=normalize), X, y)
    for rule in INITIALIZERS
    for normalize in (False, True)
}
ten = [f"act{layer}" for layer in range(1, 11)]


def per_layer(signal, way):
    """The factor by which it changes from one layer to the next, on average."""
    return (getattr(signal["act10"], way) / getattr(signal["act2"], way)) ** (1 / 8)


factor = per_layer(signals["0.01", False], "forward")
close = prediction is not None and abs(prediction / factor - 1) < 1 / 3
self_check(
    "the factor",
    factor if close else prediction,
    factor,
    reasons=[(0.01, "That is one weight; a sum of 128 random terms grows with the root of 128.")],
)

# %% tags=["cover"]
grid = figures.new_axes(2, rows=2, height=6.4, sharex=True, sharey="col")
for row, normalize in zip(grid, (False, True)):
    for ax, way, what in zip(
        row, ("forward", "backward"), ("activations: deviation", "gradients: root mean square")
    ):
        figures.draw_lines(
            {
                rule: [getattr(signals[rule, normalize][name], way) for name in ten]
                for rule in INITIALIZERS
            },
            x=range(1, 11),
            xlabel="layer",
            title=f"{what}, {'with' if normalize else 'without'} BN",
            log=True,
            ax=ax,
        )
for ax in grid.ravel()[[0, 1, 3]]:  # one legend, where there is room
    ax.get_legend().remove()

# %% [markdown]
# Without normalization the activations vanish or explode by a constant factor for each layer, and the
# gradients do the same on their way back (梯度消失, 梯度爆炸). He's rule, made for ReLU, keeps both. With
# batch normalization the activations are the *same* for all five rules: it divides the scale of the
# weights away.

# %%
print("factor per layer      forward   backward (from a layer to the one below)")
for (rule, normalize), signal in signals.items():
    name = f"{rule}, {'with' if normalize else 'without'} BN"
    print(
        f"{name:20} {per_layer(signal, 'forward'):8.3f} {1 / per_layer(signal, 'backward'):10.3f}"
    )
print(f"\n√(π/(π-1)) = {(numpy.pi / (numpy.pi - 1)) ** 0.5:.3f}")

# %% [markdown]
# Look at the last column with care. With batch normalization the gradient *grows* on its way down, by
# some 1.2 for each layer and whatever the rule: in theory √(π/(π−1)) for ReLU (Yang et al. 2019). Ten
# layers do not mind; a hundred, without skip connections (残差连接), would.
#
# And trained? One epoch from each start:

# %%
ax = figures.draw_dots(
    {
        title: {rule: tested("deep_initialization", rule=rule, norm=norm) for rule in rules}
        for norm, title in NORMS.items()
        for rules in [load.case_values("deep_initialization", "rule")]
    },
    ylabel="test accuracy",
    number_format="{:.2f}",
    title="ten layers, one epoch",
)

# %% [markdown]
# With batch normalization every start trains, the two bad ones as well; but they do *not* train equally
# well. The scale of the weights in front of a batch normalization has no influence on what comes out
# of it. It has one on the step: the gradient is divided by the same scale, so that what counts is the
# effective learning rate (有效学习率) η/σ² (notebook 13). For the 128 × 128 layers, compared with Xavier:

# %%
for rule in load.case_values("deep_initialization", "rule"):
    ratio = (deviation("xavier", 128, 128) / deviation(rule, 128, 128)) ** 2
    accuracies = (mean(tested("deep_initialization", rule=rule, norm=norm)) for norm in NORMS)
    row = ", ".join(f"{title} {value:.2f}" for title, value in zip(NORMS.values(), accuracies))
    print(f"{rule:7} effective learning rate times {ratio:7.3g}; test accuracy {row}")

# %% [markdown]
# So "less sensitive to the initialization" (row 47) means: the signal does not die. The learning rate
# that fits still depends on the start. (And the last layer, which has no normalization behind it, sees
# the scale of its weights as it is.) Notebook 7 has the same comparison for the LeNet.

# %%
judged("initialization")

# %% [markdown]
# # Part four: the learning rate
#
# The source: 1e-6 is too small; **"too large (such as 1e-6)"**; and between 1e-5 and 1e-3 it is right.
#
# > **Correction 13.** "Too large" must be 1e6, or any number of that sort. And the range contradicts
# > the chapter, which trains at 1.0. No range is right for all networks, optimizers and batch sizes.
#
# LeNets with ReLU, plain gradient descent, three seeds; predict: which of these learning rates is the
# best *with* batch normalization?

# %%
prediction = None  # 1e-6, 1e-5, 1e-3, 0.1, 1.0 or 1e6

lrs = sorted(load.case_values("learning_rate_range", "lr"))
by_lr = {
    title: [tested("learning_rate_range", norm=n, lr=lr) for lr in lrs]
    for n, title in NORMS.items()
}
best_lr = lrs[int(numpy.argmax([mean(seeds) for seeds in by_lr["with BN"]]))]
self_check("the learning rate", prediction, best_lr)

# %%
ax = figures.draw_error_curves(
    {title: [estimate(seeds).bar for seeds in rows] for title, rows in by_lr.items()},
    x=lrs,
    log_x=True,
    xlabel="learning rate",
    ylabel="test accuracy after an epoch",
    title="mean and 95 % interval of three seeds",
)
_ = ax.axvspan(1e-5, 1e-3, color="#E69F00", alpha=0.15)

# %% [markdown]
# The shaded range is the one that the source recommends. What became of the runs at 1e6?

# %%
for norm, title in NORMS.items():
    for run in load.select("learning_rate_range", norm=norm, lr=1e6):
        losses = run["measures"]["loss_by_epoch"]
        loss = f"mean loss {losses[-1]:.3g}" if losses else "loss infinite or NaN"
        print(f"{title}, seed {run['seed']}: {run['outcome']}, {loss}")

# %%
judged("learning rate")

# %% [markdown]
# ## What it looks like
#
# A small network (784 → 64 ReLUs → 10), the loss (损失) of each of the first 60 batches. Too small: a
# straight line that hardly falls. Too large: it jumps, or leaves the figure. Move the sliders (in
# Jupyter; on paper the figure below stands for it): what does momentum (动量) do to the best learning
# rate, and what the batch size (批量大小)?


# %%
def loss_curve(lr, momentum=0.0, batch_size=64, steps=60):
    npx.random.seed(0)
    net = nn.HybridSequential()
    net.add(nn.Dense(64, activation="relu"), nn.Dense(10))
    net.initialize(init.Xavier())
    net.hybridize()
    options = {"learning_rate": lr, "momentum": momentum}
    trainer = gluon.Trainer(net.collect_params(), "sgd", options, kvstore=None)
    loss_function, random = gluon.loss.SoftmaxCrossEntropyLoss(), numpy.random.RandomState(0)
    losses = []
    for _ in range(steps):
        batch = random.randint(0, len(images), batch_size)
        with autograd.record():
            loss = loss_function(net(pixels[batch]), np.array(labels[batch])).mean()
        loss.backward()
        trainer.step(1)
        losses.append(min(float(loss), 10.0))  # what is beyond the figure
    return losses


def show_curves(curves, title="", ax=None):
    ax = figures.draw_lines(curves, ylabel="loss (at most 10)", title=title, ax=ax)
    ax.set_ylim(0, 5)


_ = interact(
    lambda lr, momentum, batch_size: show_curves(
        {f"lr {lr:.2g}, momentum {momentum:.2f}": loss_curve(lr, momentum, batch_size)}
    ),
    lr=FloatLogSlider(value=0.1, min=-4, max=1, step=0.25, continuous_update=False),
    momentum=FloatSlider(value=0.0, min=0.0, max=0.95, step=0.05, continuous_update=False),
    batch_size=SelectionSlider(options=[4, 16, 64, 256], value=64, continuous_update=False),
)

# %%
left, middle, right = figures.new_axes(3, height=3.8, sharey=True)
rates = (1e-3, 1e-2, 0.1, 1.0, 3.0)
show_curves({f"lr {lr:g}": loss_curve(lr) for lr in rates}, "no momentum, batch 64", left)
with_momentum = {f"lr {lr:g}": loss_curve(lr, 0.9) for lr in rates}
show_curves(with_momentum, "momentum 0.9, batch 64", middle)
sizes = {f"batch {n}": loss_curve(0.1, 0.0, n) for n in (4, 16, 64, 256)}
show_curves(sizes, "lr 0.1, no momentum", right)

# %% [markdown]
# # Part five: the checklist
#
# ## The gradient check
#
# Before a new layer is trained, its gradients are compared with central differences (中心差分), in
# float64. `check_network` does so for each parameter of a small network:

# %%
npx.random.seed(1)


class Forgetful(nn.Dense):
    """A dense layer whose bias gets no gradient: someone wrote .detach() where it does not belong."""

    def forward(self, X):
        return np.dot(X, self.weight.data().T) + self.bias.data().detach()


def small_network(last):
    net = nn.Sequential()
    net.add(nn.Dense(4, in_units=5), d2l_bn.BatchNorm(4, num_dims=2), nn.Activation("sigmoid"))
    net.add(last(3, in_units=4))
    net.initialize()
    net.cast("float64")
    return net


few, classes = np.random.normal(size=(8, 5)).astype("float64"), np.array([0, 1, 2, 0, 1, 2, 0, 1])

print(check_network(small_network(nn.Dense), few, classes))
print("\nnow with the forgetful layer:\n")
print(check_network(small_network(Forgetful), few, classes))

# %% [markdown]
# The forgetful network would have trained, only worse: nothing but the check tells.
#
# ## Search: a grid or at random?
#
# Nine runs are to be spent on two hyperparameters (超参数): the learning rate, from 0.001 to 10, and the
# weight decay (权重衰减), from 1e-6 to 0.1. A 3 × 3 grid tries *three* learning rates; nine random points
# try nine. The colour is the accuracy on validation data (验证集), for one grid and two random searches:

# %%
validated = {}
for strategy, seed in (("grid", 0), ("random", 0), ("random", 2)):
    points = load.select("hyperparameter_search", strategy=strategy, seed=seed)
    validated[f"{strategy}, seed {seed}"] = (
        [run["case"]["lr"] for run in points],
        [run["case"]["optimizer_params"]["wd"] for run in points],
        [load.measured(run, "validation_accuracy") for run in points],
    )

axes = figures.draw_search(
    validated, xlabel="learning rate", ylabel="weight decay", colour="validation accuracy"
)

# %% [markdown]
# The colours change from left to right, and much less from top to bottom: one of the two matters most.
# That is the usual case, and what speaks for random search (Bergstra & Bengio 2012). The *test*
# accuracy of the point that validation chose, for three searches each:

# %%
chosen = {"grid": [], "random": []}
for strategy, accuracies in chosen.items():
    for seed in (0, 1, 2):
        points = load.select("hyperparameter_search", strategy=strategy, seed=seed)
        winner = max(points, key=lambda run: load.measured(run, "validation_accuracy"))
        accuracies.append(load.measured(winner, "test_accuracy"))
        lr, wd = winner["case"]["lr"], winner["case"]["optimizer_params"]["wd"]
        print(f"{strategy:6} seed {seed}: lr {lr:7.3g}, wd {wd:7.2g}, ", end="")
        print(f"test accuracy {accuracies[-1]:.3f}")

# %%
ax = figures.draw_dots({"searches": chosen}, ylabel="test accuracy")
ax.get_legend().remove()

gap = difference(dict(enumerate(chosen["random"])), dict(enumerate(chosen["grid"])))
print("random search finds a better setting than a grid:", judge({"nine runs": gap}))

# %% [markdown]
# The spread of the random searches is a part of the result: nine random points may be lucky or not,
# and in the middle panel nearly all of them lie at rates that are too large. The grid is the same each
# time; one that happens to hit a good learning rate is hard to beat, but one does not know beforehand
# that it does.
#
# ## Ensembles
#
# Several networks, trained from different seeds, are wrong in different places. The mean of their
# probabilities (概率的平均) is better than one of them. By how many points, for five?

# %%
prediction = None  # points of test accuracy (100 points = 1), to within 1

together, alone = (  # (seeds, networks)
    load.stacked("ensembles", f"test_accuracy_population/{name}") for name in ("together", "alone")
)
gains = [100 * (one[-1] - mean(other)) for one, other in zip(together, alone)]
close = prediction is not None and abs(prediction - mean(gains)) < 1
self_check(
    "the gain in points", round(mean(gains), 2) if close else prediction, round(mean(gains), 2)
)
print("gain in points, three groups of five networks:", [round(gain, 2) for gain in gains])

# %%
members = alone.shape[1]
ax = figures.draw_over_seeds(
    {
        "together": together,
        "alone, mean": [[mean(group)] * members for group in alone],
        "alone, the best": [[max(group)] * members for group in alone],
    },
    range(1, members + 1),
    xlabel="networks",
    ylabel="test accuracy",
    title="three groups: mean and range",
)
_ = ax.set_xticks(range(1, members + 1))

# %%
judged("ensembles")

# %% [markdown]
# In practice the networks come from files. `load_ensemble` builds each, loads it, and gives one network
# whose output is the mean:

# %%
with tempfile.TemporaryDirectory() as folder:
    paths = []
    for seed in (0, 1, 2):
        net = d2l_bn.lenet("gluon", activation="relu")
        net.hybridize()
        d2l_bn.train(net, train_iter, epochs=1, lr=0.1, seed=seed, recalibrate=10)
        paths.append(Path(folder) / f"{seed}.params")
        d2l_bn.save_weights(net, paths[-1])
        print(f"seed {seed} alone: {d2l_bn.evaluate(net, test_iter):.3f}")
    together = load_ensemble(lambda: d2l_bn.lenet("gluon", activation="relu"), paths)

print(f"together:     {d2l_bn.evaluate(together, test_iter):.3f}")

# %% [markdown]
# ## What ails it?
#
# Six small networks were trained on drawn garments, 60 steps each, and in each something went wrong: a
# learning rate too large or too small, first weights too large, dead ReLUs, moving averages that never
# move, shuffled labels. Probes (探针) have read gradients, steps and outputs all the while.
#
# ### Move it yourself
#
# **Predict first.** Of the six training losses, how many end above 2, near that of guessing
# ($\ln 10$ = 2.30)? And how many look exactly as in a healthy network?

# %%
near_guessing = None  # of 6
healthy_looking = None

# %% [markdown]
# Go through the patients. Look at the curves, open the probes that you need, and choose a diagnosis
# (诊断); a wrong one says which probe speaks against it.

# %%
figures.interactive("sick_network")

# %%
self_check("the number of losses near that of guessing", near_guessing, 4)
self_check("the number of losses that look healthy", healthy_looking, 1)

# %% [markdown]
# **Four losses end alike for four different reasons, and one looks healthy while its network is not: a
# loss curve says that something is wrong at most, and a few numbers inside the network say what.**

# %% [markdown]
# # Part six: against overfitting
#
# ## Early stopping
#
# 1,000 images to train on and 500 to validate on, 25 epochs (轮): with batch normalization the training
# accuracy comes close to 1, and the other two stay behind, which is overfitting (过拟合). The source: *if
# the error on the validation set no longer improves, stop*. A dotted line marks the epoch with the
# best validation accuracy of each seed.

# %%
panels = figures.new_axes(2, height=3.8, sharey=True)
for ax, (norm, title) in zip(panels, NORMS.items()):
    stopped = load.select("early_stopping", norm=norm)
    validation = load.stacked(stopped, "validation_accuracy_by_epoch")
    figures.draw_over_seeds(
        {
            "train": load.stacked(stopped, "train_accuracy_by_epoch"),
            "validation": validation,
            "test": [load.accuracies_by_epoch(run) for run in stopped],
        },
        range(1, validation.shape[1] + 1),
        xlabel="epoch",
        ylabel="accuracy",
        title=title,
        ax=ax,
    )
    for accuracies in validation:
        ax.axvline(1 + int(numpy.argmax(accuracies)), color="#666666", linestyle=":")

# %% [markdown]
# What would patience (耐心) of so many epochs have cost or saved? `best_epoch` is the package's rule; the
# test accuracy is that of the weights that it would have kept.

# %%
print(
    "             patience   epochs trained   test accuracy of what is kept   (of the last epoch)"
)
for norm, title in NORMS.items():
    for patience in (1, 3, 5, 10):
        trained, kept, last = [], [], []
        for run in load.select("early_stopping", norm=norm):
            rule = EarlyStopping([], patience=patience)
            scores = run["measures"]["validation_accuracy_by_epoch"]
            tests = load.accuracies_by_epoch(run)
            over = [
                n for n in range(1, len(scores) + 1) if n - rule.best_epoch(scores[:n]) >= patience
            ]
            trained.append(over[0] if over else len(scores))
            kept.append(tests[rule.best_epoch(scores[: trained[-1]]) - 1])
            last.append(tests[-1])
        print(
            f"{title:12} {patience:8} {mean(trained):16.1f} {mean(kept):20.3f} {mean(last):26.3f}"
        )

# %% [markdown]
# With a patience of 1 the *noise* of the validation accuracy stops the training after a few epochs,
# long before it is done: with 500 images its standard error (标准误) is nearly two points. Does the
# epoch with the best validation accuracy of all 25 have a better test accuracy than the last one?

# %%
judged("early stopping")

# %% [markdown]
# Compare the last two columns of the table above: here a patience that saves epochs pays for them with
# accuracy. The network with batch normalization overfits, but its test accuracy does not fall on these
# data: it stays level or creeps up. Early stopping is an answer to a curve that turns down; look whether
# yours does, and take a validation set that is large enough to tell.
#
# In the package it is an argument of `train`, with exact resume (断点续训), and the history says what
# happened:

# %%
rest, validation = train_iter.hold_out(len(images) // 4)
net = d2l_bn.lenet("gluon", activation="relu")
net.hybridize()
history = d2l_bn.train(
    net,
    rest,
    test_iter,
    epochs=3 if FAST else 12,
    lr=0.1,
    recalibrate=10,
    early_stopping=EarlyStopping(validation, patience=2),
)
for epoch in history.epochs:
    print(epoch)
print(
    f"stopped early: {history.stopped_early}; the weights are those of epoch {history.best_epoch}"
)

# %% [markdown]
# ## L1 and L2
#
# A penalty on the weights is added to the loss: $\lambda \sum |w|$ (L1) or $\frac{\lambda}{2} \sum w^2$
# (L2; in Gluon the argument `wd` of the optimizer, notebook 13). The gradient of the first is
# $\lambda$ whatever the size of the weight, so that small weights go to 0; that of the second is
# $\lambda w$, so that large ones shrink most. A linear classifier, whose weights are ten images:


# %%
def classifier(l1=0.0, l2=0.0, steps=100 if FAST else 400):
    npx.random.seed(0)
    W, b = np.random.normal(0, 0.01, size=(784, 10)), np.zeros((10,))
    loss_function, target = gluon.loss.SoftmaxCrossEntropyLoss(), np.array(labels)
    for parameter in (W, b):
        parameter.attach_grad()
    for _ in range(steps):
        with autograd.record():
            loss = loss_function(pixels @ W + b, target).mean()
        loss.backward()
        W[:] = W - 0.2 * (W.grad + l2 * W)
        W[:] = np.sign(W) * np.maximum(np.abs(W) - 0.2 * l1, 0)  # a step that does not pass 0
        b[:] = b - 0.2 * b.grad
    X = np.array(test_flat, dtype="float32")
    correct = ((X @ W + b).argmax(axis=1).asnumpy() == test_iter.labels).mean()
    return W.asnumpy(), correct


penalties = {"none": {}, "L2, λ = 0.03": {"l2": 0.03}, "L1, λ = 0.003": {"l1": 0.003}}
weights = {}
for name, penalty in penalties.items():
    weights[name], accuracy = classifier(**penalty)
    W = weights[name]
    print(
        f"{name:14} test accuracy {accuracy:.3f}, exactly 0: {(W == 0).mean():5.1%}, "
        f"largest |w| {abs(W).max():.2f}"
    )

# %%
axes = figures.draw_image_rows(
    {name: [W[:, k].reshape(28, 28) for k in range(10)] for name, W in weights.items()},
    titles={"none": [name.replace(" ", "\n") for name in d2l_bn.CLASS_NAMES]},
    limits=(-0.3, 0.3),
)

# %% [markdown]
# L2 makes the large weights smaller; L1 sets the small ones to exactly 0 and leaves the largest. Neither
# raises the test accuracy here: so short a training of a linear classifier does not overfit, and a
# penalty then only takes away. Notebook 13 has L2 together with batch normalization.

# %% [markdown]
# # Part seven: the order of the examples
#
# ## Shuffled or sorted
#
# If the training images come class after class (按类排序), a batch holds one class. Predict: the test
# accuracy of the network *with* batch normalization, trained on sorted images?

# %%
prediction = None  # a number between 0 and 1, to within 0.1

accuracy = mean(tested("orders", order="sorted", norm="gluon"))
close = prediction is not None and abs(prediction - accuracy) < 0.1
self_check("the test accuracy", accuracy if close else prediction, accuracy)

# %%
ax = figures.draw_dots(
    {
        title: {
            order.replace("_", "\n"): tested("orders", order=order, norm=norm)
            for order in load.case_values("orders", "order")
        }
        for norm, title in NORMS.items()
    },
    ylabel="test accuracy",
    number_format="{:.2f}",
)

# %% [markdown]
# And the training accuracy of the same sorted runs, as the batches went by?

# %%
for order in ("shuffled", "sorted"):
    for norm, title in NORMS.items():
        trained = load.by_seed("orders", "train_accuracy", order=order, norm=norm).values()
        print(f"{order:9} {title:10} training {[round(value, 2) for value in trained]}, ", end="")
        print(f"test {[round(value, 2) for value in tested('orders', order=order, norm=norm)]}")

# %% [markdown]
# Sorted data deceive. Within a class, the network soon answers with that class and is right, batch
# after batch, whatever the image: a training accuracy that looks like learning. The last class of the
# pass is the answer for every test image, as the test accuracy says: it is the share of that class.

# %%
_, test_set = d2l_bn.load_fashion_mnist(256, data=data, limit=2000)  # the images of the long runs
share = (test_set.labels == 9).mean()
print(f"share of the last class, {d2l_bn.CLASS_NAMES[9]}, in the test set: {share:.4f}")

# %% [markdown]
# Batch normalization does not save it, although it was tested with statistics of the whole training
# set here. It adds a harm of its own: what all images of a class have in common is subtracted with the
# mean of the batch, so that the network is trained on what is *left* of an image, and tested on
# another distribution (notebook 6). How much milder mixtures of classes do is exercise 6.
#
# ## Curriculum (课程学习)
#
# "Sort the examples in some meaningful way" (row 64): easy ones first. How hard an example is tells the
# loss of a *teacher*, a network trained for an epoch. The easiest and the hardest for one:

# %%
teacher = d2l_bn.lenet("gluon", activation="relu")
teacher.hybridize()
d2l_bn.train(teacher, train_iter, epochs=1, lr=0.1, recalibrate=10)
scores = difficulties(teacher, train_iter)
order = easy_first(scores, buckets=5, epochs=1)(0)
ranked = numpy.argsort(scores)

rows = {"easiest": ranked[:8], "hardest": ranked[-8:]}
axes = figures.draw_image_rows(
    {name: [images[i] / 255 for i in chosen] for name, chosen in rows.items()},
    titles={
        name: [d2l_bn.CLASS_NAMES[labels[i]].replace(" ", "\n") for i in chosen]
        for name, chosen in rows.items()
    },
)

# %% [markdown]
# `easy_first` cuts the examples into five buckets by their score and goes through them one after the
# other, shuffled within each: the same examples as in a shuffled epoch, in another order. The classes
# in the first and the last bucket:

# %%
fifth = len(order) // 5
buckets = {
    "first bucket": numpy.bincount(labels[order[:fifth]], minlength=10),
    "last bucket": numpy.bincount(labels[order[-fifth:]], minlength=10),
}
ax = figures.draw_bars(
    {
        name: {c.replace(" ", "\n"): n for c, n in zip(d2l_bn.CLASS_NAMES, counts)}
        for name, counts in buckets.items()
    },
    ylabel="examples",
    number_format="{:.0f}",
)
ax.tick_params(axis="x", labelsize=8)

# %% [markdown]
# The easy examples are of a few classes, and most of the hard ones are of others: a curriculum is a
# little bit of sorting, too. Its gain over shuffling, in points, in the runs above:

# %%
for order in ("easy_first", "hard_first"):
    for norm, title in NORMS.items():
        pairs = zip(
            tested("orders", order=order, norm=norm),
            tested("orders", order="shuffled", norm=norm),
        )
        gains = [round(100 * (one - other), 1) for one, other in pairs]
        print(f"{order:11} {title:10} gain over shuffled, by seed: {gains}")

# %%
judged("order of the examples")

# %% [markdown]
# In these runs *both* epochs were in that order, so that the weights at the end are those that the last
# bucket left: the same harm as from sorted data, in a milder form, and it is there with batch
# normalization, too. The source claims the curriculum for "gradually solving difficult problems":
# Fashion-MNIST is none, and its hardest images are often those with a doubtful label. A curriculum that
# is meant to help ends with shuffled epochs; `easy_first(scores, epochs=1)` gives that.
#
# # Part eight: dropout by hand
#
# > **Correction 16.** The source's code has `np.maxmium`, and two statements run together on one line
# > (`H2 *= M2 # dropout = np.dot(W3,H2) + b3`: the output is in the comment). And p is there the
# > probability to *keep* a unit; Gluon's `nn.Dropout(rate)` has the probability to *drop* it.
#
# There are two ways. The source's: drop in training, and multiply by p in prediction. The *inverted*
# one (反向丢弃), of Gluon and everyone today: divide by p in training, and do nothing in prediction.
# p = 0.8, and the same ones come in; what goes out?

# %%
npx.random.seed(0)
ones, keep = np.ones((100_000,)), 0.8
gluons = nn.Dropout(1 - keep)

print("                 training: values          mean    deviation   prediction")
for name, layer in {
    "not inverted": lambda X: dropout(X, keep, inverted=False),
    "inverted": lambda X: dropout(X, keep),
    "Gluon": gluons,
}.items():
    with autograd.train_mode():
        Y = layer(ones)
    found = ", ".join(f"{value:.2f}" for value in numpy.unique(Y.asnumpy()))
    print(
        f"{name:14} {found:>18} {float(Y.mean()):15.3f} {float(Y.std()):10.3f} "
        f"{float(layer(ones)[0]):12.2f}"
    )

# %% [markdown]
# In both ways the mean in training *is* the value in prediction: the expectations agree. The deviations
# do not: that is the variance shift (方差偏移) which batch normalization behind a dropout stumbles over
# (notebook 13).
#
# "One mask, one model; all share their weights": the prediction stands for the mean over all masks.
# How good is it? For a network with dropout, the mean of the probabilities over many masks, against
# one pass without:

# %%
net = d2l_bn.lenet("gluon", activation="relu", dropout={"act3": 0.5})
net.hybridize()
d2l_bn.train(net, train_iter, epochs=1, lr=0.1, recalibrate=10)
X, y = next(iter(test_iter))

one_pass = npx.softmax(net(X))
hidden = X
for name, layer in net._children.items():
    if name == "drop_act3":
        break
    hidden = layer(hidden)
rest_of_net = list(net._children.values())[list(net._children).index("drop_act3") + 1 :]


def with_mask():
    with autograd.train_mode():
        H = dropout(hidden, 0.5)
    for layer in rest_of_net:
        H = layer(H)  # in prediction mode: batch normalization takes its population statistics
    return npx.softmax(H)


distances, total = [], 0
masks = (1, 2, 5, 10, 20, 50, 100)
for number in range(1, masks[-1] + 1):
    total = total + with_mask()
    if number in masks:
        distances.append(float(np.abs(total / number - one_pass).mean()))

ax = figures.draw_lines(
    {"": distances},
    x=masks,
    xlabel="masks averaged",
    ylabel="mean difference",
    title="Probabilities: the mean over masks against one pass without dropout",
)

# %% [markdown]
# The line comes down and then stays: the single pass is *nearly* the mean of the ensemble, and exactly
# that only for linear layers.
#
# # Summary
#
# - Without batch normalization the activation and the first weights decide whether a network trains
#   at all. With it every choice here trains, the activations nearly equally well; the learning rate that
#   fits still depends on the first weights.
# - A dead ReLU is 0 for all examples, and no gradient revives it: count them.
# - Preprocessing is fitted on the training set. Batch normalization scales; it does not whiten.
# - No range of learning rates is right in general: look at the curve, and search in log steps.
# - Check gradients before training. A search of nine points, on a grid or at random, is partly luck.
#   Average a few networks at the end if you can afford them.
# - Early stopping saves epochs. It is as noisy as the validation accuracy, and may cost accuracy: be
#   patient.
# - Shuffle. On sorted data the training accuracy misleads, and batch normalization does not help.
# - Inverted dropout leaves prediction alone. Know whether a library's number keeps or drops.
#
# ## Exercises
#
# 1. `ACTIVATIONS` has a softplus, $\ln(1 + e^x)$, under MXNet's name `softrelu`. Which tests of the
#    table above does it pass, and can a softplus die? Add a swish, $x / (1 + e^{-x})$, in a cell, with
#    its slope and Gluon's layer.
# 2. Repeat the ten layers with tanh instead of ReLU. Which rule keeps the activations now, and why not
#    He's?
# 3. Give the ten layers a depth of 50, with batch normalization. What is the ratio of the gradients of
#    the first and the last layer, and what does √(π/(π−1)) predict?
# 4. Whiten with ε = 1e-8 and look at the images. Which components have been lifted?
# 5. Build an ensemble of five epochs of *one* run (snapshots) instead of five runs. How much of the gain
#    is left?
# 6. Write an order that has two classes in each batch, as a function of the epoch, and give it to
#    `Batches.in_order`. Where between shuffled and sorted does it lie?
#
# ## Where to read on
#
# - Notebook 13: dropout and weight decay together with batch normalization.
# - Notebook 16: the optimizers, which choose the length of each parameter's step themselves.
# - Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852: the first weights.
# - Yang et al. 2019, *A Mean Field Theory of Batch Normalization*, arXiv:1902.08129: why its gradients
#   grow with depth.
# - Bergstra & Bengio 2012, *Random Search for Hyper-Parameter Optimization*.
# - Prechelt 1998, *Early Stopping – But When?*
