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
# # 16 · Optimizers compared
#
# Plain gradient descent (梯度下降) has one learning rate (学习率) for all parameters and all times. Six
# rules want to do better. One of the course's sources closes its list with "on the whole, Adam is
# the best choice at present", and gives no numbers. This notebook has the numbers: on surfaces, in
# the chapter's network with and without batch normalization (批量归一化), and on sparse data (稀疏数据).
#
# **After this notebook you can**
#
# - write seven optimizers (优化器), each in one to four lines, and say what each adds to the one before;
# - predict what a rule does on a valley, at a saddle point (鞍点), and on a turned valley;
# - compare optimizers fairly: the same number of trials for each, several seeds (随机种子), error bars;
# - judge seven claims about them, and choose one for your problem.
#
# **Time:** about 2 minutes to run on two CPU cores, 60 minutes to read.
#
# **Needs:** notebooks 2 and 15. The long runs are in a file; nothing is downloaded.
#
# It covers rows 12 and 55 to 63 of the course, and corrections 4 and 15. Cells with
# `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import inspect
from math import cos, log10, sin, sqrt
from statistics import mean

import mxnet as mx
import numpy as np  # NumPy: float64 for paths over the plane
from IPython.display import Image, display
from mxnet import autograd, gluon, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.descent import (
    CONTESTANTS,
    RATES,
    RULES,
    AdaDelta,
    AdaGrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    RuleOptimizer,
    descend,
    race,
    ramp,
)
from d2l_bn.descent.surfaces import Beale, LongValley, Quadratic, Rosenbrock, SaddlePoint
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments import load
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # less of everything: to see that it runs

# %% [markdown]
# # Part one: seven rules
#
# | rule | row | formula, $g$ is the gradient | it remembers |
# |---|---|---|---|
# | gradient descent | 54 | $\theta \leftarrow \theta - \alpha g$ | nothing |
# | momentum (动量) | 12, 56 | $v \leftarrow \gamma v + \alpha g,\ \ \theta \leftarrow \theta - v$ | a velocity |
# | Nesterov | 57 | the same with $g$ taken at $\theta - \gamma v$ | a velocity |
# | AdaGrad | 58 | $s \leftarrow s + g^2,\ \ \theta \leftarrow \theta - \alpha g/\sqrt{s + \epsilon}$ | all squares |
# | RMSProp | 60 | $s \leftarrow \rho s + (1-\rho) g^2,\ \ \theta \leftarrow \theta - \alpha g/\sqrt{s + \epsilon}$ | recent squares |
# | AdaDelta | 59 | as RMSProp, with $\sqrt{d + \epsilon}$ for $\alpha$; $d$ averages squared *steps* | squares, steps |
# | Adam | 61 | $m \leftarrow \beta_1 m + (1-\beta_1) g,\ s \leftarrow \beta_2 s + (1-\beta_2) g^2,\ \theta \leftarrow \theta - \alpha \hat m/(\sqrt{\hat s} + \epsilon)$ | both |
#
# All operations are coordinate by coordinate. From AdaGrad on, the rules are called *adaptive*
# (自适应): each coordinate has its own step length. In the package the body of a rule is its formula:

# %%
print(inspect.getsource(Adam.step))

# %% [markdown]
# > **Correction 4.** The `decay` of `Momentum` is the momentum of the *optimizer*. The `momentum` of
# > `BatchNorm` is a weight in a moving average that only prediction reads. They share a name and
# > nothing else (notebook 2).
#
# The same rules in MXNet: fifty steps on a bowl, and the largest difference on the way. (MXNet
# computes in float32, the package's paths in float64.)

# %%
bowl = Quadratic((1.0, 20.0))
pairs = {
    "gradient descent": (GradientDescent(0.04), mx.optimizer.SGD(learning_rate=0.04)),
    "momentum": (Momentum(0.04), mx.optimizer.SGD(learning_rate=0.04, momentum=0.9)),
    "Nesterov": (Nesterov(0.04), mx.optimizer.NAG(learning_rate=0.04, momentum=0.9)),
    "AdaGrad": (AdaGrad(0.5), mx.optimizer.AdaGrad(learning_rate=0.5)),
    "RMSProp": (RMSProp(0.05), mx.optimizer.RMSProp(learning_rate=0.05)),
    "AdaDelta": (AdaDelta(), mx.optimizer.AdaDelta()),
    "Adam": (Adam(0.1), mx.optimizer.Adam(learning_rate=0.1)),
}
for name, (rule, theirs) in pairs.items():
    path, update = descend(bowl, rule, (-4, 1), steps=50), mx.optimizer.get_updater(theirs)
    theta, worst = mx.np.array([-4.0, 1.0]), 0.0
    for expected in path.points[1:]:
        update(0, theta * mx.np.array([1.0, 20.0]), theta)
        worst = max(worst, np.abs(theta.asnumpy() - expected).max())
    print(f"{name:17} largest difference {worst:.1e}")

# %% [markdown]
# ## What the step length does
#
# Let the gradient be 5 in every step. Gradient descent then always moves by $5\alpha$. And AdaGrad,
# with $s = 25, 50, 75, \dots$: how long is its *hundredth* step, compared with its first?

# %%
prediction = None  # a number below 1

self_check(
    "the hundredth step of AdaGrad over the first",
    prediction,
    1 / sqrt(100),
    reasons=[(0.01, "s grows by 100; the step has the root of it.")],
)


# %%
def step_lengths(rule, gradient=5.0, steps=400):
    theta = np.zeros(1)
    state, lengths = rule.start(theta), []
    for t in range(1, steps + 1):
        new, state = rule.step(theta, np.array([gradient]), state, t)
        lengths.append(abs(new - theta)[0])
        theta = new
    return lengths


rules = {
    "AdaGrad": AdaGrad(0.1),
    "RMSProp": RMSProp(0.1),
    "AdaDelta": AdaDelta(),
    "Adam": Adam(0.1),
}
lengths = {name: step_lengths(rule) for name, rule in rules.items()}

ax = figures.draw_lines(
    lengths, x=range(1, 401), ylabel="step length", log=True, title="Under a constant gradient"
)
ax.set_xscale("log")

slope = log10(lengths["AdaGrad"][399] / lengths["AdaGrad"][3]) / log10(400 / 4)
print(f"AdaGrad falls like t^{slope:.2f}; together its 400 steps are {sum(lengths['AdaGrad']):.1f}")
print(
    f"with gradient 0.05 in the place of 5: Adam's first step is {step_lengths(Adam(0.1), 0.05)[0]:.3f}"
)

# %% [markdown]
# Source 003 says that AdaGrad's rate falls "until infinitely small, so that nothing more can be
# learned". It falls like $1/\sqrt t$, and the sum of $1/\sqrt t$ grows without end: slower and slower,
# but it can go any distance. Adam holds its length, RMSProp too after a longer start, and AdaDelta's
# grows from a small one. And none of the four knows the *scale* of the gradient, as long as its square
# is large beside $\epsilon$.

# %% [markdown]
# # Part two: the races
#
# Six surfaces. To be fair, each rule tries the same sixteen learning rates from 0.0001 to 10, and
# runs with its best: the one with the fewest steps to a ten thousandth of the first height. (AdaDelta
# has no learning rate; its $\epsilon$ is chosen so that its first step is as long as RMSProp's.)

# %%
turn = np.array([[cos(0.5), -sin(0.5)], [sin(0.5), cos(0.5)]])  # by half a radian

SURFACES = {
    "bowl": Quadratic((1.0, 100.0), name="bowl"),
    "turned bowl": Quadratic(
        (1.0, 100.0),
        angle=0.5,
        start=tuple(turn @ (-4.0, 1.0)),  # the bowl's start, turned with it
        y_range=(-3.0, 3.0),
        name="turned bowl",
    ),
    "long valley": LongValley(),
    "saddle point": SaddlePoint(),
    "Beale": Beale(),
    "Rosenbrock": Rosenbrock(),
}
STEPS = 100 if FAST else 500
rates = RATES[4::3] if FAST else RATES

results = {name: race(surface, rates=rates, steps=STEPS) for name, surface in SURFACES.items()}


# %%
def show_race(name, shown=150, log=False):
    """The race as an animation, as a still figure on the contours, and on the surface."""
    surface = SURFACES[name]
    paths = {label: run.path.first(shown) for label, run in results[name].items()}
    frames = 10 if FAST else 40
    display(Image(data=figures.animate_paths(surface, paths, title=name, frames=frames)))
    figures.draw_paths(surface, paths, title=f"{name}: the first {shown} steps")
    figures.draw_paths_in_space(surface, paths, log=log, title=name)


# %% [markdown]
# ## The bowl, along the axes
#
# An ill-conditioned (病态的) bowl with the condition number 100, its long axis along $\theta_1$. Which
# kind of rule has an advantage when the steep and the flat direction are *coordinates*?

# %%
show_race("bowl")

# %% [markdown]
# The adaptive rules divide each coordinate by the size of its own gradients. Where steep and flat are
# coordinates, that undoes the bad conditioning: their first steps are as long in the one as in the other,
# a diagonal. It does not make all of them fast: where steps do not shrink with the gradient, they have
# to be short to come to rest.
#
# ## The same bowl, turned
#
# Now turn the bowl, and the start with it, by half a radian (29°). Nothing else changes: same
# eigenvalues, same condition number, same height of the start. Which rules take a different number of
# steps?

# %%
prediction = None  # "the adaptive ones", "the others" or "all"

ADAPTIVE = ("AdaGrad", "RMSProp", "AdaDelta", "Adam")
OTHERS = tuple(label for label in CONTESTANTS if label not in ADAPTIVE)


def notice(labels):
    """Does one of the rules take another number of steps on the turned bowl?"""
    straight, turned = results["bowl"], results["turned bowl"]
    return any(straight[label].steps != turned[label].steps for label in labels)


kinds = {"the adaptive ones": ADAPTIVE, "the others": OTHERS}
noticing = [kind for kind, labels in kinds.items() if notice(labels)]
self_check("the rules that notice", prediction, "all" if len(noticing) == 2 else "".join(noticing))
show_race("turned bowl")

# %%
for label in CONTESTANTS:
    straight, turned = (results[name][label].steps for name in ("bowl", "turned bowl"))
    print(f"{label:17} {straight!s:>5} steps along the axes, {turned!s:>5} turned")

# %% [markdown]
# (None: not within the steps that were tried.) Gradient descent, momentum and Nesterov do not know
# where the axes are: their paths are the old ones, turned. A rule that scales coordinates depends on
# the coordinates. In a network, nobody has turned the axes in its favour.
#
# ## The long valley
#
# The floor falls with the slope 0.05, the walls are 200 times as steep. A rule that steps in
# proportion to the gradient creeps.

# %%
show_race("long valley")

# %% [markdown]
# ## The saddle point

# %%
show_race("saddle point")

# %% [markdown]
# The start is a thousandth off the ridge. The rules in proportion to the gradient run along it to the
# saddle point first. AdaGrad, RMSProp and Adam leave the ridge at once: for them a gradient of 0.001 is
# a gradient like any other. (AdaDelta is at its best here with an $\epsilon$ that is large beside the
# square of such a gradient, and so steps in proportion, too.) To leave at once is not to arrive first, as
# the table below shows.
#
# (Row 55, correction 15: saddle points are what a large network is full of.)
#
# ## Beale's function

# %%
show_race("Beale", log=True)

# %% [markdown]
# ## Rosenbrock's banana

# %% tags=["cover"]
show_race("Rosenbrock", log=True)

# %% [markdown]
# ## Steps needed
#
# The fewest steps of each rule; in brackets, with how many of the sixteen learning rates it arrived at
# all. The least in each column is bold.


# %%
def fewest(name):
    return min((run.steps for run in results[name].values() if run.steps is not None), default=None)


rows = []
for label in CONTESTANTS:
    cells = [label]
    for name in SURFACES:
        run = results[name][label]
        arrived = sum(steps is not None for steps in run.needed.values())
        number = f"over {STEPS}" if run.steps is None else str(run.steps)
        first = run.steps is not None and run.steps == fewest(name)
        cells.append(f"{f'**{number}**' if first else number} ({arrived})")
    rows.append(cells)
table(["rule", *SURFACES], rows)

# %% [markdown]
# Do not crown a winner yet. With its best rate out of sixteen, a rule may be *lucky*: one huge jump
# that happens to land well. So start again from five places close by, with the rates as they are.

# %%
rng = np.random.default_rng(0)
rows = []
for label, make in CONTESTANTS.items():
    cells = [label]
    for name, surface in SURFACES.items():
        rate, needed = results[name][label].rate, []
        for _ in range(2 if FAST else 5):
            near = np.array(surface.start) * (1 + 0.1 * rng.normal(size=2))
            run = race(surface, {label: make}, rates=(rate,), steps=STEPS, start=near)[label]
            needed.append(STEPS + 1 if run.steps is None else run.steps)
        middle, most = sorted(needed)[len(needed) // 2], max(needed)
        cells.append(" to ".join("over" if n > STEPS else str(n) for n in (middle, most)))
    rows.append(cells)
table(["rule: middle and worst of the starts", *SURFACES], rows)

# %% [markdown]
# ## A schedule for momentum
#
# Source 003 advises to begin with $\gamma = 0.5$ and to go to 0.9 later. On all six surfaces, the best
# of the same learning rates for each:

# %%
schedules = {
    "γ = 0.5": lambda rate: Momentum(rate, 0.5),
    "γ = 0.9": lambda rate: Momentum(rate, 0.9),
    "γ from 0.5 to 0.9": lambda rate: Momentum(rate, ramp(0.5, 0.9, steps=50)),
    "Nesterov, 0.5 to 0.9": lambda rate: Nesterov(rate, ramp(0.5, 0.9, steps=50)),
}
raced = {
    name: race(surface, schedules, rates=rates[::2] if FAST else rates, steps=STEPS)
    for name, surface in SURFACES.items()
}
rows = []
for label in schedules:
    needed = [raced[name][label].steps for name in SURFACES]
    rows.append([label, *(f"over {STEPS}" if n is None else str(n) for n in needed)])
table(["", *SURFACES], rows)

# %% [markdown]
# ### Move it yourself
#
# **Predict first.** A valley with the condition number 50 that lies along the axes: with the best of
# the sixteen rates AdaGrad arrives after 5 steps, momentum after 86. Then the valley is turned by 45°,
# and both may choose their rates anew. Which of the two arrives first, and how many steps does momentum
# need?

# %%
first_now = None  # "AdaGrad" or "momentum"
steps_of_momentum = None  # a number

# %% [markdown]
# Press "Best rate for both"; turn the surface by 45°, and press it again. Then try two other rules, and
# the saddle point, with the start exactly on its ridge.

# %%
figures.interactive("two_rules")

# %%
self_check("the first one in the turned valley", first_now, "momentum")
self_check("momentum's steps in the turned valley", steps_of_momentum, 86)

# %% [markdown]
# **A rule that scales each coordinate is only as good as the coordinates: turn the valley, and AdaGrad
# needs thirty times as many steps, while momentum takes the same path, turned.**
#
# ## Rate and momentum together
#
# Momentum in the bowl, along the axes: $\gamma$ = 0.5 above, 0.9 below; the rate grows to the right.

# %%
grid = figures.new_axes(3, rows=2, height=5.6)
for row, momentum in zip(grid, (0.5, 0.9)):
    for ax, rate in zip(row, (0.002, 0.008, 0.02)):
        surface = SURFACES["bowl"]
        path = descend(surface, Momentum(rate, momentum), surface.start, 80)
        figures.draw_paths(surface, {"": path}, title=f"α = {rate}, γ = {momentum}", ax=ax)
        ax.get_legend().remove()

# %% [markdown]
# # Part three: the chapter's network, without and with batch normalization
#
# First: a rule of the package drives Gluon's `Trainer` like any optimizer. Ten steps of the LeNet with
# our Adam and with MXNet's, from the same weights, on the same batches:


# %%
def ten_steps(optimizer):
    npx.random.seed(0)
    net = d2l_bn.lenet("gluon")
    net.initialize(mx.init.Xavier())
    trainer = gluon.Trainer(net.collect_params(), optimizer, kvstore=None)
    cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
    batches, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=320)
    losses = []
    for X, y in batches:
        with autograd.record():
            loss = cross_entropy(net(X), y)
        loss.backward()
        trainer.step(len(y))
        losses.append(loss.mean().item())
    return losses


ours = ten_steps(RuleOptimizer(Adam(0.01)))
theirs = ten_steps(mx.optimizer.Adam(learning_rate=0.01))
print("losses, ours:  ", " ".join(f"{value:.4f}" for value in ours))
print("losses, MXNet's", " ".join(f"{value:.4f}" for value in theirs))
print(
    "`d2l_bn.train(..., optimizer='ruleoptimizer', optimizer_params={'rule': name})`, name one of"
)
print(", ".join(RULES))

# %% [markdown]
# Now the comparison: MXNet's optimizers on real Fashion-MNIST, 150 steps of 64 images. Each of the
# seven has **five settings**, a factor of $\sqrt{10}$ of step length apart, around what people commonly
# use for it; each setting has three seeds. `d2l-bn run optimizers` makes the
# results.

# %%
SETTINGS = {  # the optimizer's name, and the middle one of its five settings
    "gradient descent": ("sgd", {}, 0.3),
    "momentum": ("sgd", {"momentum": 0.9}, 0.1),
    "Nesterov": ("nag", {"momentum": 0.9}, 0.1),
    "AdaGrad": ("adagrad", {}, 0.03),
    "RMSProp": ("rmsprop", {}, 0.003),
    "AdaDelta": ("adadelta", {}, 1e-5),
    "Adam": ("adam", {}, 0.003),
}
NETWORKS = {"without": None, "with batch normalization": "gluon"}
LABELS = {(kind, "momentum" in params): label for label, (kind, params, _) in SETTINGS.items()}

# runs[network][label][setting] is the list of the seeds' records
runs = {network: {label: {} for label in SETTINGS} for network in NETWORKS}
for record in load.records("optimizers"):
    case = record["case"]
    label = LABELS[case["optimizer"], "momentum" in case["optimizer_params"]]
    network = next(name for name, norm in NETWORKS.items() if norm == case["norm"])
    setting = case["optimizer_params"].get("epsilon", case["lr"])
    runs[network][label].setdefault(setting, []).append(record)

seeds = [
    len(found) for by_label in runs.values() for s in by_label.values() for found in s.values()
]
print(f"{sum(seeds)} runs, {min(seeds)} to {max(seeds)} seeds for each setting")

# %% [markdown]
# What is compared is the training loss (训练损失) over the last 50 steps, which is what an optimizer is
# asked to lower, and the test accuracy (with population statistics where there is batch
# normalization, since the moving average is not ready after 150 steps).

# %%
GUESSING = np.log(10)  # the loss of ten equally probable classes


def loss_of(record):
    finished = record["outcome"] == "finished"
    # diverged: as bad as it gets
    return min(record["measures"]["curve"][-1][1], 3.0) if finished else 3.0


def accuracy_of(record):
    return load.measured(record, "test_accuracy")


def losses(network, label):
    """Setting to the loss over seeds, smallest setting first."""
    found = runs[network][label]
    return {s: estimate(map(loss_of, found[s])) for s in sorted(found)}


best = {
    network: {
        label: min(losses(network, label), key=lambda s: losses(network, label)[s].mean)
        for label in SETTINGS
        if runs[network][label]
    }
    for network in NETWORKS
}

# %% [markdown]
# Guess before you look. *Without* batch normalization, the LeNet with sigmoids starts on a plateau (平台;
# notebook 15: deep inside, all images look alike). How many of the seven get a mean loss below 2.0, with
# the best of their settings, within 150 steps?

# %%
prediction = None  # 0 to 7


def learned(network):
    return [s for s in best[network] if losses(network, s)[best[network][s]].mean < 2.0]


self_check("the number that leave the plateau", prediction, len(learned("without")))

# %%
print("leave the plateau:", ", ".join(learned("without")) or "none")

axes = figures.new_axes(2, height=3.8)
for ax, network in zip(axes, NETWORKS):
    estimates = {label: losses(network, label)[s].bar for label, s in best[network].items()}
    figures.draw_estimates(
        estimates,
        xlabel="loss, steps 101 to 150",
        title=network,
        reference=(GUESSING, "guessing") if network == "without" else None,
        ax=ax,
    )
    ax.margins(x=0.12)  # room for the numbers
    if ax.get_legend() is not None:
        ax.legend(loc="center")

# %%
rows = []
for label in SETTINGS:
    cells = [label]
    for network in NETWORKS:
        if label not in best[network]:
            cells += ["", "", ""]
            continue
        setting = best[network][label]
        accuracy = estimate(map(accuracy_of, runs[network][label][setting]))
        cells += [f"{setting:g}", losses(network, label)[setting], accuracy]
    rows.append(cells)
table(["best of five", *(["setting", "loss", "test accuracy"] * 2)], rows)

# %% [markdown]
# (The left three columns without, the right three with batch normalization; ± is the 95 % interval
# over the seeds.)
#
# ## How much does the learning rate matter?
#
# All five settings, as multiples of the middle one (for AdaDelta, the root of the multiple of
# $\epsilon$).

# %%
multiples = [10 ** (k / 2) for k in range(-2, 3)]
axes = figures.new_axes(2, height=4.2, sharey=True)
for ax, network in zip(axes, NETWORKS):
    curves = {
        label: [found.bar for found in losses(network, label).values()]
        for label in SETTINGS
        if len(runs[network][label]) == 5
    }
    if curves:
        figures.draw_error_curves(
            curves,
            x=[float(f"{m:.2g}") for m in multiples],
            log_x=True,
            xlabel="step length / the middle one",
            ylabel="loss, steps 101 to 150",
            title=network,
            ax=ax,
        )
if axes[0].get_legend() is not None:
    axes[0].get_legend().remove()

# %% [markdown]
# The same as a number: the worst mean loss of the *middle three* settings minus the best one. Over a
# tenfold range of step lengths, this is what a careless choice costs.


# %%
def cost_of_carelessness(network, label):
    values = [found.mean for found in losses(network, label).values()]
    return max(values[1:4]) - min(values) if len(values) == 5 else float("nan")


for label in SETTINGS:
    costs = [cost_of_carelessness(network, label) for network in NETWORKS]
    print(f"{label:17} without {costs[0]:.3f}, with batch normalization {costs[1]:.3f}")

# %% [markdown]
# (A cost near 0 without batch normalization is no merit if no setting learned anything.)
#
# # Part four: sparse features
#
# Source 003: "if the input data are sparse, an adaptive learning rate gives the best results". The
# argument: a rare feature gets few gradients, and AdaGrad gives it large steps when one comes. Test it:
# logistic regression (逻辑回归) with 200 features, each 0 or 1. Feature $j$ is present with probability
# $0.5/j$: the first in every second example, the last in one of 400. All weights are equally
# important *when present*.

# %%
FEATURES, BATCH = 200, 16
RARITY = 0.5 / np.arange(1, FEATURES + 1)


def examples(n, sparse, rng, weights):
    """Features and labels; the dense ones have the same variances, in every example."""
    if sparse:
        X = (rng.random((n, FEATURES)) < RARITY).astype(float)
    else:
        X = rng.normal(size=(n, FEATURES)) * np.sqrt(np.mean(RARITY * (1 - RARITY)))
    probability = 1 / (1 + np.exp(-X @ weights))
    return X, (rng.random(n) < probability).astype(float)


def test_loss(X, y, theta):
    scores = X @ theta
    return np.mean(np.logaddexp(0, scores) - y * scores)


def logistic_descent(rule, sparse, seed, steps):
    """The test loss above that of the true weights, after ``steps`` batches of new examples."""
    rng = np.random.default_rng(seed)
    weights = rng.choice([-2.0, 2.0], FEATURES)
    X, y = examples(BATCH * steps, sparse, rng, weights)
    X_test, y_test = examples(2000, sparse, rng, weights)
    theta = np.zeros(FEATURES)
    state = rule.start(theta)
    with np.errstate(over="ignore"):
        for t in range(1, steps + 1):
            rows = slice((t - 1) * BATCH, t * BATCH)
            errors = 1 / (1 + np.exp(-X[rows] @ theta)) - y[rows]
            theta, state = rule.step(theta, errors @ X[rows] / BATCH, state, t)
    return test_loss(X_test, y_test, theta) - test_loss(X_test, y_test, weights)


# %% [markdown]
# Each rule tries nine learning rates with seed 100, and is then measured with its best one on other
# seeds. Who wins on sparse features? And on dense ones (稠密), where all features are always there?

# %%
prediction = None  # a name for the sparse ones

GRID = [10 ** (k / 2) for k in range(-6, 3)][:: 4 if FAST else 1]
TRIES, LONG = (2, 60) if FAST else (5, 300)

measured, chosen = {}, {}
for kind in ("sparse", "dense"):
    for label, make in CONTESTANTS.items():
        args = kind == "sparse"
        rate = min(GRID, key=lambda r: logistic_descent(make(r), args, 100, LONG))
        chosen[kind, label] = rate
        measured[kind, label] = [logistic_descent(make(rate), args, s, LONG) for s in range(TRIES)]

winner = {
    kind: min(CONTESTANTS, key=lambda label: mean(measured[kind, label]))
    for kind in ("sparse", "dense")
}
self_check("the winner on sparse features", prediction, winner["sparse"])

# %%
axes = figures.new_axes(2, height=3.6)
for ax, kind in zip(axes, ("sparse", "dense")):
    figures.draw_estimates(
        {label: estimate(measured[kind, label]).bar for label in CONTESTANTS},
        xlabel="test loss above the true weights'",
        title=kind,
        ax=ax,
    ).margins(x=0.12)

plain = {kind: measured[kind, "gradient descent"] for kind in ("sparse", "dense")}
for kind, label in winner.items():
    print(f"{kind}: {label} is best on average, with the rate {chosen[kind, label]:.3g};", end=" ")
    pairs = list(zip(measured[kind, label], plain[kind]))
    gain = mean(b - a for a, b in pairs)
    print(f"below gradient descent with {sum(a < b for a, b in pairs)} of {TRIES} seeds,", end=" ")
    print(f"by {gain:.4f} on average")

# %% [markdown]
# # Part five: the claims, judged
#
# Seven claims of source 003, and what was measured here. A verdict in this table is computed, not
# written.


# %%
def best_loss(network, label):
    return losses(network, label)[best[network][label]].mean if label in best[network] else 3.0


def ranking(network):
    return sorted(SETTINGS, key=lambda label: best_loss(network, label))


def verdict(holds):
    return "holds here" if holds else "does not hold here"


places = {network: ranking(network).index("AdaGrad") + 1 for network in NETWORKS}
by_eps = [found.mean for found in losses("with batch normalization", "AdaDelta").values()]
first_on = [n for n in SURFACES if fewest(n) and results[n]["Adam"].steps == fewest(n)]
adam_places = {network: ranking(network).index("Adam") + 1 for network in NETWORKS}
careless = {
    kind: mean(cost_of_carelessness("with batch normalization", label) for label in group)
    for kind, group in (("adaptive", ADAPTIVE), ("others", OTHERS))
}
fastest = {
    network: {
        kind: min(best_loss(network, label) for label in group)
        for kind, group in (("adaptive", ADAPTIVE), ("others", OTHERS))
    }
    for network in NETWORKS
}
alike = [best_loss("with batch normalization", label) for label in ("RMSProp", "AdaDelta", "Adam")]
seven = [best_loss("with batch normalization", label) for label in SETTINGS]


def by_network(values, number="{}"):
    return ", ".join(f"{network} {number.format(value)}" for network, value in values.items())


claims = [
    (
        "AdaGrad's rate falls until it learns nothing more",
        f"falls like t^{slope:.2f}; place of 7 in the LeNet: {by_network(places)}",
        verdict(max(places.values()) >= 6),
    ),
    (
        "AdaDelta needs no learning rate",
        f"with ε from 1e-7 to 1e-3 its loss is {min(by_eps):.2f} to {max(by_eps):.2f} with "
        "batch normalization"
        if by_eps
        else "no results yet",
        verdict(bool(by_eps) and max(by_eps) - min(by_eps) < 0.1),
    ),
    (
        "Adam is the best choice on the whole",
        f"fewest steps on {len(first_on)} of {len(SURFACES)} surfaces; place of 7 in the LeNet: "
        f"{by_network(adam_places)}; best on sparse data: {winner['sparse']}",
        verdict(len(first_on) > len(SURFACES) / 2 and set(adam_places.values()) == {1}),
    ),
    (
        "adaptive rules need no tuning",
        "cost of carelessness with batch normalization, adaptive "
        f"{careless['adaptive']:.2f}, others {careless['others']:.2f}",
        verdict(careless["adaptive"] < 0.05),
    ),
    (
        "for fast convergence, take an adaptive one",
        "lowest loss, adaptive against others: "
        + "; ".join(
            f"{network} {values['adaptive']:.2f} against {values['others']:.2f}"
            for network, values in fastest.items()
        ),
        ", ".join(
            f"{network}: {verdict(values['adaptive'] < values['others'])}"
            for network, values in fastest.items()
        ),
    ),
    (
        "RMSProp, AdaDelta and Adam do equally well",
        f"their best losses with batch normalization span {max(alike) - min(alike):.2f}, "
        f"those of all seven {max(seven) - min(seven):.2f}",
        verdict(max(alike) - min(alike) < 0.05),
    ),
    (
        "sparse data: an adaptive rule is best",
        f"best on average: {winner['sparse']} (sparse), {winner['dense']} (dense)",
        verdict(winner["sparse"] in ADAPTIVE),
    ),
]
table(["claim", "measured", "verdict"], [list(claim) for claim in claims])

# %% [markdown]
# "Here" means: these surfaces, this network, 150 steps, these five settings each. A claim may fail here
# and hold elsewhere; but a claim about "on the whole" should hold here, too.
#
# Mind one more number: the difference that *batch normalization* makes to each optimizer, beside the
# difference between optimizers.

# %%
gains = [
    best_loss("without", label) - best_loss("with batch normalization", label) for label in SETTINGS
]
print(f"batch normalization lowers the best loss by {min(gains):.2f} to {max(gains):.2f}")
for network in NETWORKS:
    values = [best_loss(network, label) for label in SETTINGS]
    print(
        f"{network}: between the best and the worst optimizer lie {max(values) - min(values):.2f}"
    )

# %% [markdown]
# ## Which one when
#
# - **Start with momentum 0.9** (or Nesterov) and a normalized network, and tune the learning rate by
#   factors of three. Compare the spread over optimizers above with what batch normalization does.
# - **Adam, RMSProp or AdaGrad** where the scales of gradients differ from layer to layer and nothing
#   normalizes them, or where a network does not get off a plateau. Tune their rate all the same.
# - **AdaGrad** where features are rare; its dying rate is a schedule for free in short runs.
# - **RMSProp** is Adam without momentum and without the correction of the start. **AdaDelta** moves the
#   learning rate into $\epsilon$, where one forgets to tune it.
# - None of them removes the need to look at the loss curve.
#
# ## Summary
#
# - Momentum adds up what agrees; adaptive rules rescale coordinates. The second helps when the axes are
#   right, and not when they are turned.
# - Adaptive steps do not know the size of the gradient, unless its square is small beside $\epsilon$.
#   That gets them off plateaus and ridges, and lets them jump about near a minimum.
# - A comparison without equal tuning for all is worth nothing. With it, little was left between the
#   seven where there was batch normalization, and a lot where there was none.
# - Batch normalization changes the problem; the optimizer only changes the way through it.
#
# ## Exercises
#
# 1. Write `Nadam`, Adam with Nesterov's look ahead, as a rule with `start` and `step`. Race it.
# 2. Race all seven on `Quadratic((1.0, 100.0), angle=a)` for eleven angles from 0 to π/2, and draw the
#    steps of AdaGrad and momentum against the angle.
# 3. Let AdaGrad run for 5000 steps on the long valley with the rate 0.1. Predict from $1/\sqrt t$ how
#    far it comes.
# 4. Add `RuleOptimizer("momentum", learning_rate=0.1, decay=0.99)` to the LeNet: what does the loss
#    curve of 100 steps look like, and why?
#
# The cell below checks exercise 3: the distance along the valley, by the sum of $0.1/\sqrt t$.

# %%
distance = None

self_check("the distance, at most", distance, float((0.1 / np.sqrt(np.arange(1, 5001))).sum()))

# %% [markdown]
# ## Where to read on
#
# - **Notebook 20, The claim court:** the claims about batch normalization.
# - **Notebook 18, Training techniques:** learning rates, initialization, early stopping.
# - Sebastian Ruder, *An overview of gradient descent optimization algorithms*, 2016, arXiv 1609.04747:
#   the rules, with their history.
# - Wilson et al., *The Marginal Value of Adaptive Gradient Methods in Machine Learning*, NeurIPS 2017,
#   arXiv 1705.08292.
# - Choi et al., *On Empirical Comparisons of Optimizers for Deep Learning*, 2019, arXiv 1910.05446: what
#   tuning does to such comparisons.
