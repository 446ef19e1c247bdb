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
# # 7 · What does batch normalization buy?
#
# Larger learning rates (学习率), less care with the initialization (初始化), faster training: this
# is what batch normalization (批量归一化, BN) is praised for (rows 2 and 47). This notebook measures
# each on the chapter's LeNet, with three seeds (随机种子), and then takes the layer apart: which of
# its pieces earns the praise, and in which place of the network?
#
# **After this notebook you can**
#
# - read a map of learning rates and tell by how much BN widens the range that trains;
# - say how a wrong initial scale shows, and when BN repairs it;
# - plan a small study: a grid, seeds, an error, and a difference that is larger than the error.
#
# **Time:** 2 minutes to run on two CPU cores, 50 minutes to read.
#
# **Needs:** notebooks 3, 5 and 6 (population statistics), and Fashion-MNIST (30 MB, found or
# fetched by itself).
#
# It covers rows 2, 27, 47, 51, 52, 69 and 73 of the course. Cells with `prediction = None` wait for
# your answer.

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
from d2l_bn.experiments.claims import judge, measures
from d2l_bn.experiments.lenet_training import lenet_case, train_lenet
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.runner import run_study
from d2l_bn.experiments.short_training import SHORT_BATCH_NORM
from d2l_bn.experiments.statistics import CHANCE, difference, estimate
from d2l_bn.experiments.study import Study, grid
from d2l_bn.figures.markdown_table import table
from d2l_bn.norms.moments import moments

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs
data = "auto"
if FAST and find_local() is None:
    data = "synthetic"  # drawn garments, NOT Fashion-MNIST: only to see that the notebook runs

# %% [markdown]
# # Part one: how a study is made
#
# A **case** (试验条件) is everything that a training run depends on, but for its seed. A **grid** (网格)
# is every combination of some settings. A **study** (试验) has a question and the cases that answer it;
# it trains each case with each seed, and a record of the results is written after each run. Here is a
# small one, of one epoch on few images:

# %%
small = lenet_case(examples=512 if FAST else 4_000, epochs=1, test_examples=1_000)
cases = grid(small, norm=(None, "gluon"), activation=("sigmoid",), lr=(0.1, 1.0, 10.0))
first = Study("first", "How large can the learning rate be?", cases, train_lenet, seeds=(0,))

path = run_study(first, tempfile.mkdtemp(), data=data)

rows = []
for record in read_records(path):
    case = record["case"]
    columns = ("loss", "train_accuracy", "test_accuracy_moving")
    numbers = [load.measured(record, name) for name in columns]
    rows.append([case["norm"], f"{case['lr']:g}", *(f"{number:.3f}" for number in numbers)])
table(["norm", "learning rate", "loss", "training accuracy", "test accuracy"], rows)

# %% [markdown]
# `"gluon"` is Gluon's own BN layer, the same as this package's and quicker. The training accuracy is a
# mean over the whole epoch, its first steps included, and therefore lags behind. The test accuracy of
# networks with BN has a trouble of its own: after few steps the moving averages are those of another
# network (notebook 6). So in what follows, networks with BN are tested with **population statistics**
# (总体统计量) over 50 batches, and plain networks as they are.
#
# One run says little. The studies below have three seeds for each setting; a number such as
# $0.850 \pm 0.025$ is the mean over the seeds and the half width of its 95 % confidence interval
# (置信区间). They take an hour together, so their results are in files. `d2l-bn run learning_rate` makes
# what is missing of the first one, `initialization` and `variants` the others.

# %%
rates = load.records("learning_rate")

NORMS = {None: "none", "gluon": "BN"}
settings = rates[0]["case"]
steps = settings["epochs"] * -(-settings["examples"] // settings["batch_size"])
print(f"{settings['examples']:,} images, {settings['epochs']} epochs of batches of "
      f"{settings['batch_size']}: {steps} steps. {rates[0]['data']}")  # fmt: skip

# %% [markdown]
# # Part two: how large can the learning rate be?
#
# The claim (rows 2 and 47): with BN one can choose a larger learning rate. Predict for the network
# with ReLU **without** BN: at which of the rates 0.03, 0.1, 0.3, 1, 3, 10, 30 does it first fail to
# learn, that is, stay below 0.2 test accuracy on average?

# %%
learning_rates = measures.learning_rates()


def accuracy(activation, norm, lr):
    """Test accuracy over seeds at one learning rate."""
    return estimate(measures.accuracy(activation, norm, lr))


def first_failure(activation, norm):
    """The smallest learning rate above the best one at which nothing is learnt; infinity if none."""
    means = {lr: accuracy(activation, norm, lr).mean for lr in learning_rates}
    best = max(means, key=means.get)
    return min(
        (lr for lr in learning_rates if lr > best and means[lr] < 2 * CHANCE), default=numpy.inf
    )


prediction = None

self_check("the first rate that fails", prediction, first_failure("relu", None))

# %% tags=["cover"]
for activation in ("sigmoid", "relu"):
    results = [[accuracy(activation, norm, lr) for lr in learning_rates] for norm in NORMS]
    figures.draw_heatmap(
        [[result.mean for result in row] for row in results],
        errors=[[result.margin for result in row] for row in results],
        rows=list(NORMS.values()),
        columns=[f"{lr:g}" for lr in learning_rates],
        xlabel="learning rate",
        title=f"Test accuracy after {steps} steps, {activation} (± 95 %)",
    )

# %% [markdown]
# Read a row from left to right: too small, good, too large. How wide is the good range? Count the
# rates at which a network comes within 0.05 of its own best.

# %%
rows = []
for activation in ("sigmoid", "relu"):
    for norm, name in NORMS.items():
        results = {lr: accuracy(activation, norm, lr) for lr in learning_rates}
        best = max(results, key=lambda lr: results[lr].mean)
        near = [lr for lr in learning_rates if results[lr].mean > results[best].mean - 0.05]
        width = f"{min(near):g} to {max(near):g}" if results[best].mean > 0.5 else "it never learns"
        failure = first_failure(activation, norm)
        failure = "none of these" if failure == numpy.inf else f"{failure:g}"
        rows.append([activation, name, f"{best:g}", results[best], width, failure])
head = "activation", "norm", "best rate", "best accuracy", "rates within 0.05", "first that fails"
table(head, rows)

# %% [markdown]
# Two things are mixed in the claim, and the two activations tell them apart:
#
# - **With the sigmoid**, the plain network hardly leaves the plateau on which it starts (notebook
#   4: each layer shrinks the differences between the images), whatever the rate. BN does not make
#   the rate larger here; it makes learning possible within this time.
# - **With ReLU** both learn, and the question is a fair one: how much further to the right does the
#   row of BN reach?
#
# ### Move it yourself
#
# **Predict first.** The study jumps from rate 3 to rate 10. Choose a rate between them, train the
# network with ReLU and BN at it, and put your run on the map. Which test accuracy will it reach, to
# within 0.05? (With BN the map has it at 0.78 for rate 3, and at 0.1, a guess, for rate 10.)

# %%
my_rate = 5.0  # yours: from 3 to 10
my_accuracy = None  # a number between 0 and 1

# %%
case = {**SHORT_BATCH_NORM, "activation": "relu", "lr": my_rate}
mine = Study("mine", "What does my rate do?", [case], train_lenet, seeds=(0,))
path = run_study(mine, tempfile.mkdtemp(), data=data, examples=512 if FAST else None)
reached = load.measured(read_records(path)[0], "test_accuracy")

# %% [markdown]
# Point at the dots, and compare yours with its neighbours; then the same with the sigmoid.

# %%
figures.interactive("learning_rate_map", own=[(my_rate, round(reached, 4))])

# %%
close = my_accuracy is not None and abs(my_accuracy - reached) < 0.05
self_check("the test accuracy of my run", reached if close else my_accuracy, reached)

# %% [markdown]
# **BN does not move the best learning rate to the right, it widens the range: with ReLU the plain
# network learns nothing from 1 on, the one with BN from 10 on, and what lies between two rates of the
# map one run tells, not a line.**
#
# Why a rate that is far too large does not break a network with BN: the output of $\mathrm{BN}(Wu)$
# does not depend on the length of $W$, so the gradient stands at a right angle to $W$, a large step
# makes $W$ longer, and a longer $W$ has a smaller gradient. The brake is built in (notebook 13).

# %%
npx.random.seed(1)
layer = d2l_bn.BatchNorm(4, num_dims=2)
layer.initialize()
u, W = np.random.normal(size=(16, 5)), np.random.normal(size=(5, 4))
with autograd.train_mode():
    apart = abs(layer(np.dot(u, W)) - layer(np.dot(u, 1000 * W))).max()
print(f"W and 1000 W: the outputs of the layer differ by at most {float(apart):.0e}")

# %% [markdown]
# # Part three: does the initialization matter less?
#
# The weights start as draws from a normal distribution with deviation σ, or Xavier's way, which
# chooses the deviation of each layer by its size. The learning rate is the chapter's for the sigmoid
# and 0.1 for ReLU.

# %%
choices = load.case_values("initialization", "init")


def started(**case):
    """Test accuracy over seeds with one initialization."""
    return estimate(load.by_seed("initialization", "test_accuracy", **case))


for activation in ("sigmoid", "relu"):
    results = [
        [started(activation=activation, norm=norm, init=init) for init in choices] for norm in NORMS
    ]
    (lr,) = load.case_values(load.select("initialization", activation=activation), "lr")
    figures.draw_heatmap(
        [[result.mean for result in row] for row in results],
        errors=[[result.margin for result in row] for row in results],
        rows=list(NORMS.values()),
        columns=[f"σ = {init:g}" if init != "xavier" else "Xavier" for init in choices],
        xlabel="first weights",
        title=f"Test accuracy after {steps} steps, {activation}, learning rate {lr:g}",
    )

# %% [markdown]
# Sensitivity in one number: the best minus the worst initialization, for each seed.

# %%
for activation in ("sigmoid", "relu"):
    for norm, name in NORMS.items():
        print(
            f"{activation:8}{name:5} best minus worst: {estimate(measures.sensitivity(activation, norm))}"
        )

# %% [markdown]
# # Part four: accuracy against steps
#
# Row 73 is the curve that everybody has seen: accuracy (精度) over steps, with BN above. Here it is
# for this network, each at the learning rate that was best for it; the line is the mean over the
# seeds, the band reaches from the lowest seed to the highest.

# %%
curves = {}
for activation in ("sigmoid", "relu"):
    for norm, name in NORMS.items():
        best = measures.best_rate(activation, norm)
        rows = load.stacked("learning_rate", "curve", activation=activation, norm=norm, lr=best)
        curves[f"{activation}, {name}, lr {best:g}"] = rows[:, :, 2]
points = rows[0, :, 0]
ax = figures.draw_seed_bands(
    curves, x=points, xlabel="step", ylabel="training accuracy of the last 50 batches"
)

# %% [markdown]
# How many steps until the training accuracy first reaches 0.7?

# %%
LEVEL = 0.7
rows = []
for activation in ("sigmoid", "relu"):
    for norm, name in NORMS.items():
        best = measures.best_rate(activation, norm)
        needed = measures.steps_to(LEVEL, activation, norm, best).values()
        shown = ", ".join(f"> {steps}" if n == steps else f"{n:.0f}" for n in needed)
        rows.append([activation, name, f"{best:g}", shown])
table(["activation", "norm", "learning rate", "steps to 0.7, each seed"], rows)

# %% [markdown]
# # Part five: which piece does the work?
#
# The chapter's exercises ask for it: leave out a piece, change a place, and look. Everything else is
# the chapter's: the sigmoid, learning rate 1. The variants of the layer are
#
# | name | what it computes |
# |---|---|
# | mean only | $\gamma (x - \mu) + \beta$ |
# | variance only | $\gamma x / \sqrt{\sigma^2 + \varepsilon} + \beta$ |
# | γ, β frozen | $(x - \mu) / \sqrt{\sigma^2 + \varepsilon}$ |
#
# Predict: which of the first two trains?

# %%
VARIANTS = {
    "no normalizer": {"norm": None},
    "local response": {"norm": "local_response"},
    "mean only": {"norm": "mean_only"},
    "variance only": {"norm": "variance_only"},
    "γ, β frozen": {"norm": "frozen"},
    "BN": measures.BATCH_NORM,
    "BN, no bias": {"norm": "gluon", "use_bias": False},
    "BN after act.": {"norm": "gluon", "placement": "after"},
}


def variant(name):
    return load.by_seed("variants", "test_accuracy", **VARIANTS[name])


prediction = None  # "mean only", "variance only", "both" or "neither"

learns = [name for name in ("mean only", "variance only") if estimate(variant(name)).mean > 0.5]
answer = "both" if len(learns) == 2 else learns[0] if learns else "neither"
self_check("what trains", prediction, answer)

# %%
results = {name: estimate(variant(name)) for name in VARIANTS}
ax = figures.draw_estimates(
    {name: result.bar for name, result in results.items()},
    xlabel="test accuracy (bars: 95 % interval over 3 seeds)",
    reference=(CHANCE, "a guess"),
)

# %% [markdown]
# Subtracting the mean alone comes far; dividing by the deviation alone comes nowhere. Why? Behind a
# sigmoid all values are positive, so that a sum of them is mostly the same number for every image.
# How much larger is the mean of a channel than its deviation over the images?

# %%
net = d2l_bn.lenet(norm=None)
X, y = next(iter(d2l_bn.load_fashion_mnist(64, data=data, limit=640)[0]))
d2l_bn.train(net, [(X, y)], epochs=1, lr=1e-12)  # Xavier's start, and next to no step from there
values = X
for name, layer in net._children.items():
    values = layer(values)
    if name.startswith(("conv", "dense")):
        mean, var = moments(values, (0, 2, 3) if values.ndim == 4 else (0,))
        ratio = float(numpy.median((abs(mean) / np.sqrt(var)).asnumpy()))
        print(f"{name}: |μ| / σ = {ratio:.1f}, the median of its channels")

# %% [markdown]
# Dividing by a small σ without taking μ away makes that common number huge, and the sigmoids sit at
# their flat ends. The mean has to go first. (Which also says why *mean-only* batch normalization is
# what Salimans & Kingma put beside their weight normalization.)
#
# *Local response normalization* (局部响应归一化), AlexNet's layer, is the one that BN is said to make
# unnecessary (row 2): it divides each value by a number from the channels beside it, with constants
# that make that number nearly the same everywhere. It does not help this network.
#
# **The bias** (row 51). BN takes the mean away, and the bias (偏置) $b$ with it: $\mathrm{BN}(Wu+b) =
# \mathrm{BN}(Wu)$, to the last bit but rounding. Its gradient is zero; β does its work.

# %%
net = d2l_bn.lenet(norm="batch")
d2l_bn.train(net, [(X, y)], epochs=1, lr=0.01)
with autograd.record():
    loss = (net(X) * np.random.normal(size=(len(y), 10))).sum()
loss.backward()
for name in ("conv1", "conv2", "dense1", "dense2", "output"):
    layer = getattr(net, name)
    largest = float(abs(layer.bias.grad()).max()), float(abs(layer.weight.grad()).max())
    print(
        f"{name:7} largest gradient: of the bias {largest[0]:.0e}, of the weights {largest[1]:.0e}"
    )

# %% [markdown]
# **Before or after the activation** (rows 27, 52 and 69)? Row 52 says before, since sums are
# bell-shaped and activations are not; row 69 says that it hardly matters. The difference:

# %%
gap = difference(variant("BN"), variant("BN after act."))
print(f"before minus after the activation: {gap}")

# %% [markdown]
# **One place only.** The network has four places for the layer. Which single one helps most?

# %%
places = {
    f"only behind {name}": {"norm": "gluon", "places": (place,)}
    for place, name in enumerate(("conv 1", "conv 2", "dense 1", "dense 2"), start=1)
}
VARIANTS.update(places)
shown = ["no normalizer", *places, "BN"]
results = {name: estimate(variant(name)) for name in shown}
ax = figures.draw_estimates(
    {name: result.bar for name, result in results.items()},
    xlabel="test accuracy (bars: 95 % interval over 3 seeds)",
    reference=(CHANCE, "a guess"),
)

# %% [markdown]
# One layer in the last place does as much as four. What BN mends in this network is, in the main, one
# spot: the input of the last sigmoid, which saturates without it (notebook 20, row 19).
#
# ## What was bought
#
# A verdict (notebook 20 has the rules): the claim **holds** where the confidence interval of the
# effect lies above zero and the effect is large enough to matter, **with a condition** where that is
# so for one activation only, and **does not hold** otherwise.

# %%
ACTIVATIONS = ("sigmoid", "relu")


def gain(activation, lr):
    return difference(
        measures.accuracy(activation, "gluon", lr), measures.accuracy(activation, None, lr)
    )


def best_gain(activation):
    with_bn, without = (
        measures.accuracy(activation, norm, measures.best_rate(activation, norm))
        for norm in ("gluon", None)
    )
    return difference(with_bn, without)


def less_sensitive(activation):
    return difference(
        measures.sensitivity(activation, None), measures.sensitivity(activation, "gluon")
    )


verdicts = {
    "at learning rate 3, BN trains and the plain network does not": judge(
        {name: gain(name, 3.0) for name in ACTIVATIONS}, at_least=0.3
    ),
    "at the smallest rate, BN is ahead, too": judge(
        {name: gain(name, min(learning_rates)) for name in ACTIVATIONS}, at_least=0.01
    ),
    "each at its best rate, BN is ahead": judge(
        {name: best_gain(name) for name in ACTIVATIONS}, at_least=0.01
    ),
    "with BN the initialization matters less": judge(
        {name: less_sensitive(name) for name in ACTIVATIONS}, at_least=0.05
    ),
    "γ and β are needed": judge(
        {"sigmoid": difference(variant("BN"), variant("γ, β frozen"))}, at_least=0.01
    ),
    "before the activation is better than after it": judge({"sigmoid": gap}, at_least=0.01),
}
rows = []
for claim, verdict in verdicts.items():
    effects = "; ".join(f"{name} {effect}" for name, effect in verdict.effects.items())
    rows.append([claim, effects, f"**{verdict.ruling}**"])
table(["claim", "effect on test accuracy", "verdict"], rows)

# %% [markdown]
# ## Summary
#
# - The maps show the same everywhere: BN makes the range of good settings *wider*, by a factor of
#   about ten for ReLU. Whether it makes the best result *better* is a question of its own, with an
#   answer of its own in the table above.
# - The sigmoid network owes BN that it trains at all in so few steps; the ReLU network owes it room,
#   and better results at each rate.
# - Of the layer's pieces, the mean does most of the work here, and γ and β do next to none. One layer
#   in the right place is enough. The bias before the layer is dead weight.
# - Three seeds, $3 \times 12{,}000$ images and a LeNet: the size of the effects is this network's.
#   That there is an effect, and in which direction, is what to take along.
#
# ## Exercises
#
# 1. `d2l-bn run learning_rate --examples 1000` runs the first study at a size for the
#    classroom. Do its maps show the same? What has become of the error bars?
# 2. Where would momentum (动量) 0.9 move the rows of the map? Write the grid with
#    `optimizer_params=({"momentum": 0.9},)` and `examples=2000`, and run it.
# 3. In which place would you put a single BN layer in a network with *two* convolutions and *eight*
#    dense layers? Say why before you think about how to test it.
# 4. The bias of the last layer has no BN behind it. What is lost if it is left out?
#
# ## Where to read on
#
# - **Notebook 9, Small batches**, and **notebook 13, Dropout and L2**: the other half of the praise.
# - **Notebook 10, Why does it work?** It is not what the name of the paper says.
# - **Notebook 20, Claim court:** every claim, with its verdict.
# - Ioffe & Szegedy 2015, arXiv 1502.03167, sections 3.3 and 4.2. Bjorck et al., *Understanding Batch
#   Normalization*, 2018, arXiv 1806.02375: large learning rates as *the* reason for what BN buys.
