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
# # 17 · Schedules
#
# At a constant learning rate (学习率) of 0.3 the plain network of this notebook learns nothing: it stays
# at a guess. Let the rate *rise* to 0.3 during the first third of the training and fall afterwards, and
# the same network, with most seeds (随机种子), gets three images of four right after as many steps. So
# what is "the" right rate? There is none: it is another one at the start, in the middle, and at the end.
#
# **After this notebook you can**
#
# - write six learning rate schedules (学习率调度) in a line or three each, and train with them;
# - say why a rate should fall, and why it may have to rise first;
# - find a rate in one short run, with a rate finder (学习率范围测试);
# - say why batch normalization (批量归一化) with weight decay (权重衰减) is a schedule of its own;
# - write AdamW, and say what Adam does to a weight decay.
#
# **Time:** half a minute to run on two CPU cores, 10 minutes to read, and as long again to write.
#
# **Needs:** notebooks 15 and 16; Fashion-MNIST (30 MB, found or fetched by itself). The long runs are in
# a file. Cells with `None` wait for your answer; left as they are, they do no harm.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os

import mxnet as mx
import numpy as np  # NumPy: float64 for paths over the plane
from mxnet import autograd, gluon, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.descent import Adam, AdamW, Momentum, descend, ramp
from d2l_bn.descent.surfaces import LeastSquares, Quadratic
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.statistics import estimate
from d2l_bn.experiments.studies.schedules import CHOSEN, DECAY, RATES
from d2l_bn.training.rate_finder import find_rate
from d2l_bn.training.schedules import SCHEDULES, Cosine, Steps, WarmUp

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # less of everything: to see that it runs
check = predictions("schedules")
NETWORKS = {"plain": None, "BN": "gluon"}


def arm(network, schedule, rate=None, decay=0.0):
    """The records of one schedule; at its chosen peak rate, unless another is given."""
    norm = NETWORKS[network]
    rate = CHOSEN[norm, schedule, decay] if rate is None else rate
    runs = load.select("schedules", norm=norm, schedule=schedule, lr=rate)
    return [r for r in runs if r["case"]["optimizer_params"]["wd"] == decay]


def accuracy(runs):
    return estimate([load.measured(run, "test_accuracy") for run in runs])


# %% tags=["cover"]
axes = figures.new_axes(2, height=3.4, sharey=True)
for ax, network in zip(axes, NETWORKS):
    rates = RATES[NETWORKS[network]]
    curves = {
        name: [accuracy(arm(network, schedule, rate)).bar for rate in rates]
        for name, schedule in (("constant", "constant"), ("one cycle", "one_cycle"))
    }
    figures.draw_error_curves(curves, x=rates, log_x=True, xlabel="peak rate", title=network, ax=ax)
    ax.get_legend().remove()
axes[0].set(ylabel="test accuracy", ylim=(0, 1))
axes[0].legend(loc="lower left")
figures.show(
    axes,
    alt="Test accuracy against the peak of the learning rate, without batch normalization on the left "
    "and with it on the right. At a constant rate the accuracy falls off a cliff at the largest rate; "
    "with a rate that rises first and falls then it falls far less.",
)

# %% [markdown]
# # Part one: six schedules
#
# A schedule multiplies the rate. We write it as a function of the *share* $s$ of the steps that are
# done, from 0 to 1, so that it suits a training of any length. (`mxnet.lr_scheduler` and PyTorch count
# steps.)
#
# | schedule | factor |
# |---|---|
# | step | 1, then 0.1 from $s = 0.5$ on, then 0.01 from $s = 0.75$ on |
# | line | from 1 to 0, straight |
# | cosine (余弦) | half a wave, $\frac12(1 + \cos \pi s)$ |
# | warm-up (预热) | up from 0 along a line until $s = 0.1$; then a cosine over what is left |
# | one cycle | half a wave up from 1/25 to 1 until $s = 0.3$, then half a wave down to nearly 0 |
#
# The sixth is the constant 1. At which share has a cosine halved the rate?

# %%
half = None  # a share

check("half", half)


# %%
def step(share):
    return None  # one line


def cosine(share):
    return None  # one line


def warm_up(share):
    return None  # three lines; use your cosine


def compare(mine, theirs):
    values = [mine(share) for share in np.linspace(0, 0.99, 100)]
    if None in values:
        return print(f"{mine.__name__} is not written yet")
    expected = [theirs(share) for share in np.linspace(0, 0.99, 100)]
    print(f"{mine.__name__}:", "right" if np.allclose(values, expected) else "not yet")


for mine, theirs in ((step, Steps()), (cosine, Cosine()), (warm_up, WarmUp())):
    compare(mine, theirs)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def step(share):
#     return 1.0 if share < 0.5 else 0.1 if share < 0.75 else 0.01
#
#
# def cosine(share):
#     return (1 + np.cos(np.pi * share)) / 2
#
#
# def warm_up(share):
#     if share < 0.1:
#         return share / 0.1
#     return cosine((share - 0.1) / 0.9)
# ```
#
# </details>

# %%
shares = np.linspace(0, 1, 201)
axes = figures.new_axes(3, rows=2, height=3.8, sharex=True, sharey=True)
for ax, (name, schedule) in zip(axes.flat, SCHEDULES.items()):
    ax.plot(shares, [schedule(share) for share in shares])
    ax.set(title=f"schedule: {name}", ylim=(0, 1.1))
axes[1, 1].set_xlabel("share of the steps")
axes[0, 0].set_ylabel("factor")
axes[1, 0].set_ylabel("factor")
figures.show(
    axes,
    alt="Six small panels with the factor of the rate over the share of the steps: constant; two steps "
    "down by ten; a straight line down; half a cosine wave down; up along a line and then a cosine "
    "down; up and down in two half waves.",
)

# %% [markdown]
# ## A training with a schedule
#
# One line more than any other loop: before each step, set the rate.


# %%
def train(net, batches, rate, schedule, epochs):
    """The losses of the last epoch's batches, on average."""
    cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
    settings = {"learning_rate": rate, "momentum": 0.9}
    trainer = gluon.Trainer(net.collect_params(), "sgd", settings, kvstore=None)
    total, losses = epochs * len(batches), []
    for _ in range(epochs):
        for X, y in batches:
            with autograd.record():
                loss = cross_entropy(net(X), y)
            loss.backward()
            trainer.set_learning_rate(rate * schedule(len(losses) / total))  # the line
            trainer.step(len(y))
            losses.append(loss.mean().item())
    return np.mean(losses[-len(batches) :])


data = "synthetic" if FAST and find_local() is None else "auto"
batches, _ = d2l_bn.load_fashion_mnist(64, data=data, limit=640 if FAST else 3200)


def fresh(norm):
    npx.random.seed(0)
    net = d2l_bn.lenet(norm, activation="relu")
    net.initialize(mx.init.Xavier())
    net(next(iter(batches))[0])
    net.hybridize()
    return net


for name in ("constant", "cosine"):
    loss = train(fresh("gluon"), batches, 0.1, SCHEDULES[name], epochs=1 if FAST else 3)
    print(f"{name:9} loss in the last epoch {loss:.3f}")

# %% [markdown]
# The package does the same by `d2l_bn.train(..., schedule="cosine")`, with checks and checkpoints, and
# so does `d2l-bn train --schedule cosine`.
#
# # Part two: why a rate should fall
#
# In notebook 15 stochastic descent (随机梯度下降) stayed on a floor of noise (噪声) above the minimum. The
# gradient of a batch is the true one plus noise; near the minimum only the noise is left, and the
# weights wander about as far as the rate lets them. If the rate is halved, what becomes of the height of
# the floor: times …?

# %%
floor_factor = None  # a number

check("floor_factor", floor_factor)

# %%
rng = np.random.default_rng(1)
X = rng.normal(size=(256, 2))
line = LeastSquares(X, X @ [2.0, -1.0] + rng.normal(size=256))
lowest = float(line.value(np.array(line.minima[0])))


def heights(schedule, rate, steps, seed=0, batch=4):
    """Above the minimum, at every step of stochastic descent."""
    rng, w, found = np.random.default_rng(seed), np.zeros(2), []
    for t in range(steps):
        gradient = line.gradient_on(w, rng.integers(0, 256, batch))
        w = w - rate * schedule(t / steps) * gradient
        found.append(float(line.value(w)) - lowest)
    return np.array(found)


for rate in (0.2, 0.1, 0.05):
    floor = heights(SCHEDULES["constant"], rate, steps=2000 if FAST else 20_000)[500:].mean()
    print(f"learning rate {rate:g}: floor {floor:.4f}")

# %%
ways = {
    "constant, 0.2": (SCHEDULES["constant"], 0.2),
    "constant, 0.02": (SCHEDULES["constant"], 0.02),
    "cosine from 0.2": (Cosine(), 0.2),
}
runs = {
    name: np.mean([heights(*way, 600, seed) for seed in range(5 if FAST else 40)], axis=0)
    for name, way in ways.items()
}
ax = figures.draw_lines(runs, ylabel="height, mean of 40 runs", log=True)
figures.show(
    ax,
    alt="Height above the minimum over 600 steps on a logarithmic axis. A constant rate of 0.2 is fast "
    "and stays high; 0.02 takes longer and gets ten times lower; the cosine is as fast as the first and "
    "ends as low as the second.",
)

# %% [markdown]
# **Fast first, quiet then: a falling rate has both.** (For convergence to the minimum itself the rates
# must add up to infinity and their squares must not; Robbins & Monro 1951.)
#
# # Part three: how large at its peak?
#
# ## A rate finder
#
# One short training answers, in which the rate grows by the same factor at each step, from far too
# small to far too large (Smith 2017). Ten lines, and the network is spoilt afterwards:


# %%
def losses_at(net, rates):
    cross_entropy, losses = gluon.loss.SoftmaxCrossEntropyLoss(), []
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"momentum": 0.9}, kvstore=None)
    for rate, (X, y) in zip(rates, batches):
        with autograd.record():
            loss = cross_entropy(net(X), y)
        loss.backward()
        trainer.set_learning_rate(rate)
        trainer.step(len(y))
        losses.append(loss.mean().item())
    return losses


rates = np.geomspace(1e-4, 10, len(batches))
for rate, loss in list(zip(rates, losses_at(fresh(None), rates)))[:: max(1, len(rates) // 8)]:
    print(f"learning rate {rate:.4f}: loss {loss:.3f}")

# %% [markdown]
# The package's `find_rate` also smooths the losses, stops where they explode, and puts the network back
# as it was. Which network can take the larger rates?

# %%
larger = None  # "plain" or "BN"

check("larger", larger)

# %%
found = {
    name: find_rate(
        fresh(norm), batches, steps=30 if FAST else 100, optimizer_params={"momentum": 0.9}
    )
    for name, norm in NETWORKS.items()
}
axes = figures.new_axes(2, height=3.2, sharey=True)
for ax, (name, search) in zip(axes, found.items()):
    figures.draw_lines(
        {name: search.smoothed}, x=search.rates, xlabel="learning rate", title=name, ax=ax
    )
    ax.axvline(search.lowest, color="grey", ls=":", lw=1.5)
    ax.axvline(search.suggested, color="black", ls="--", lw=1)
    ax.set(xscale="log", xlim=(1e-4, 10), ylim=(0, 3.5))
    ax.get_legend().remove()
axes[0].set_ylabel("loss, smoothed")
figures.show(
    axes,
    alt="The smoothed loss against a rate that grows during one short training, without and with batch "
    "normalization: it falls, has a lowest place (dotted) and explodes beyond it. The suggestion, a "
    "tenth of that rate, is dashed.",
)
for name, search in found.items():
    by_validation = CHOSEN[NETWORKS[name], "constant", 0.0]
    print(f"{name:5} lowest at {search.lowest:.2g}, suggested {search.suggested:.2g};", end=" ")
    print(f"chosen on held-out images for a constant rate: {by_validation:g}")

# %% [markdown]
# It is a first guess and costs seconds; a search on held-out images, as in the study below, is the
# answer.
#
# ## Rising first: warm-up and one cycle
#
# Look at the first picture again. A peak at which a constant rate fails is less trouble if the rate
# *rises* to it. At the start the weights are random and the surface is steep; a few careful steps lead to
# flatter places, where a long step does no harm. (Goyal et al. 2017 needed this for batches of 8,192
# images; transformers need it, too.) One cycle makes a principle of it: rise to a very large rate, fall
# to nearly none, and let the momentum do the opposite (Smith & Topin 2018).

# %%
print("peak rate         ", "".join(f"{rate:>18g}" for rate in RATES[None]))
for schedule in ("constant", "cosine", "warmup", "one_cycle"):
    cells = (accuracy(arm("plain", schedule, rate)) for rate in RATES[None])
    print(f"{schedule:18}", "".join(f"{cell.mean:11.3f} ± {cell.margin:.3f}" for cell in cells))

# %% [markdown]
# (Test accuracy without batch normalization; ± is half of the 95 % interval. At the largest peak a short
# warm-up helps few seeds; the long rise of one cycle helps most, and with batch normalization all.)
#
# ## A schedule for momentum
#
# The page on training techniques advises to begin with $\gamma = 0.5$ and to go to 0.9 when the gradients
# are not so large any more. The valley of notebook 15, five starts, and for each rule the best of
# sixteen rates; also the best *constant* γ, without which the comparison would be unfair:

# %%
valley, rng = Quadratic((1.0, 100.0)), np.random.default_rng(0)
starts = [(-4.0 * (0.5 + rng.random()), 2 * rng.random()) for _ in range(2 if FAST else 5)]
contestants = {f"γ = {g}": g for g in (0.5, 0.7, 0.8, 0.9, 0.95)}
contestants["γ from 0.5 to 0.9 in 20 steps"] = ramp(0.5, 0.9, steps=20)
contestants["γ from 0.5 to 0.8 in 20 steps"] = ramp(0.5, 0.8, steps=20)


def steps_needed(gamma, start):
    goal = 1e-4 * float(valley.value(np.array(start)))
    rates = np.geomspace(0.003, 0.035, 6 if FAST else 16)
    needed = (descend(valley, Momentum(r, gamma), start, 400).steps_to(goal) for r in rates)
    return min((n for n in needed if n is not None), default=400)


for label, gamma in contestants.items():
    print(f"{label:31} {np.mean([steps_needed(gamma, start) for start in starts]):6.1f} steps")

# %% [markdown]
# The ramp is better than 0.9 throughout, its own end; it is not better than the best constant γ. What it
# saves is the search for that.
#
# # Part four: measured
#
# A LeNet with ReLU on Fashion-MNIST, momentum 0.9, 600 steps of 64 images, with and without batch
# normalization. Each schedule has four or five peak rates; the one with the best accuracy on 2,400 held-out
# images, on average over three seeds, is measured on the test images. The figure says over how many
# seeds; where they are too few for an answer, the court says how many it would take.

# %%
NAMES = ["constant", "step", "cosine", "warmup", "one_cycle", "momentum 0.5 to 0.9"]
axes = figures.new_axes(2, height=3.2)
for ax, network in zip(axes, NETWORKS):
    estimates = {
        f"{name}, {CHOSEN[NETWORKS[network], name, 0.0]:g}": accuracy(arm(network, name))
        for name in NAMES
    }
    figures.draw_estimates(estimates, xlabel="test accuracy", title=network, ax=ax)
    ax.margins(x=0.15)
figures.show(
    axes,
    alt="Test accuracy of six schedules at their chosen peak rates, which stand beside the names, "
    "without batch normalization on the left and with it on the right, with 95 percent intervals.",
)

# %%
for network in NETWORKS:
    best = {name: accuracy(arm(network, name)).mean for name in NAMES}
    largest = max(RATES[NETWORKS[network]])
    far = [accuracy(arm(network, name, largest)).mean for name in ("constant", "one_cycle")]
    print(f"{network}: what the best schedule gains on the constant rate,", end=" ")
    print(f"each at its best peak: {max(best.values()) - best['constant']:+.3f};", end=" ")
    print(f"one cycle at the largest peak, {largest:g}: {far[1] - far[0]:+.3f}")

# %% [markdown]
# Two numbers of quite different size. At its best peak a schedule gains little in so short a training;
# far from it, the right schedule is the difference between a network and none. **A schedule forgives.**

# %%
court["cycle_stands_a_large_peak"].judge()

# %%
court["falling_rate_is_better"].judge()

# %%
court["warm_up_is_better"].judge()

# %%
court["schedule_matters_less_with_bn"].judge()

# %%
court["momentum_from_half"].judge()

# %% [markdown]
# ## Fixed in advance
#
# "A schedule that is defined in advance cannot adapt to the characteristics of the data", says the same
# page; the second of its four difficulties of descent. So it is: a schedule knows how many steps there
# will be, and nothing of what happens in them. Compare the chosen peak rates of the two networks above:
# the *shape* of a schedule is common property, its *scale* belongs to one network and one data set, and
# has to be found for it. What looks at the run while it goes on (lower the rate when the validation
# accuracy has not risen for so long; stop early, notebook 19) adapts, and has settings of its own.
#
# # Part five: batch normalization with weight decay is a schedule
#
# ## The length of a weight does nothing but set its rate
#
# A layer with batch normalization right behind it: make its weights ten times as long. Its outputs are
# ten times as large, and the normalization divides that away. What happens to the gradient of the
# weights?

# %%
gradient_factor = None  # the new gradient over the old one

check("gradient_factor", gradient_factor)

# %%
X, y = mx.np.random.normal(size=(32, 5)), mx.np.random.normal(size=(32, 1))
w = mx.np.random.normal(size=(5, 1))
for length in (1.0, 10.0):
    v = length * w
    v.attach_grad()
    with autograd.record():
        z = X @ v
        centred = z - z.mean()
        normalized = centred / mx.np.sqrt((centred**2).mean())
        loss = ((normalized - y) ** 2).mean()
    loss.backward()
    size, along = mx.np.sqrt((v.grad**2).sum()).item(), (v * v.grad).sum().item()
    print(
        f"{length:2g} times as long: loss {loss.item():.4f}, gradient {size:.4f}, w·g {along:.0e}"
    )

# %% [markdown]
# The loss is the same, and the gradient a tenth. So a step turns weights of ten times the length by a
# *hundredth* of the angle: the **effective learning rate** (有效学习率) is $\eta / \|w\|^2$. And as the
# gradient is perpendicular to $w$ (the last number is rounding), *every step makes the weights longer*: without
# any schedule the effective rate falls by itself. Weight decay λ makes them shorter; the two come to
# rest at
#
# $$\|w\|^4 = \frac{\eta g^2}{2\lambda}, \qquad \eta_\text{eff} = \frac{\sqrt{2\eta\lambda}}{g}$$
#
# with the length $g$ of the gradient at $\|w\| = 1$ (van Laarhoven 2017). In the runs of part four, for
# the second convolution, all with the peak rate 0.1:

# %%
ways = {
    "constant rate": ("constant", 0.0),
    f"constant rate, decay {DECAY:g}": ("constant", DECAY),
    "cosine": ("cosine", 0.0),
}
lines = {}
for label, (schedule, decay) in ways.items():
    runs = arm("BN", schedule, 0.1, decay)
    steps = np.array(runs[0]["measures"]["steps"])
    squares = np.array([r["measures"]["weight_norm/conv2"] for r in runs]) ** 2  # (seeds, looks)
    rates = 0.1 * np.array([SCHEDULES[schedule](s / steps[-1]) for s in steps])
    lines[label] = (rates / squares)[:, :-1]
ax = figures.draw_seed_bands(
    lines, x=steps[:-1], ylabel=r"effective rate $\eta/\|w\|^2$", xlabel="training step"
)
ax.set_yscale("log")
figures.show(
    ax,
    alt="The effective learning rate of the second convolution over 600 steps on a logarithmic axis. At "
    "a constant rate it falls fivefold within fifty steps and slowly on; with weight decay it comes to "
    "rest higher; with a cosine it falls to nothing at the end.",
)

# %% [markdown]
# At a *constant* rate the effective rate falls, steeply at first: a schedule that nobody wrote. Weight
# decay holds it up. So behind a batch normalization weight decay does not make the function simpler: it
# is a knob of the rate. (Decay can even be left out exactly, if the rate grows from step to step: Li &
# Arora 2019; notebook 14 runs it.)
#
# # Part six: AdamW
#
# In plain descent an L2 penalty and weight decay are the same: $\lambda w$ is added to the gradient. Adam
# divides the gradient by $\sqrt{\hat s}$, and *the penalty with it*. AdamW (Loshchilov & Hutter 2019)
# leaves it out of the quotient:
#
# $$w \leftarrow w - \alpha\left(\frac{\hat m}{\sqrt{\hat s} + \epsilon} + \lambda w\right).$$
#
# Two weights, both 1; one has gradients of ±1, the other of ±100, with mean 0. With the L2 penalty in
# Adam, which one is decayed less?

# %%
decayed_less = None  # "small gradients", "large gradients" or "alike"

check("decayed_less", decayed_less)


# %%
def adamw(w, g, state, t, alpha=0.001, decay=1.0):
    return None  # the step of Adam(alpha) from w by g, then the decay


w, state = np.ones(2), AdamW(0.001).start(np.ones(2))
result = adamw(w, np.array([2.0, 200.0]), state, 1)
expected = AdamW(0.001, decay=1.0).step(w, np.array([2.0, 200.0]), state, 1)[0]
print("adamw is", "not written yet" if result is None else np.allclose(result[0], expected))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def adamw(w, g, state, t, alpha=0.001, decay=1.0):
#     new, state = Adam(alpha).step(w, g, state, t)
#     return new - alpha * decay * w, state
# ```
#
# </details>

# %%
noise = np.array([1.0, 100.0]) * np.random.default_rng(0).choice([-1.0, 1.0], size=(500, 1))


def after(rule, penalty):
    """The two weights after 500 steps; ``penalty`` times the weights goes into the gradient."""
    w = np.ones(2)
    state = rule.start(w)
    for t, g in enumerate(noise, start=1):
        w, state = rule.step(w, g + penalty * w, state, t)
    return w


without = after(Adam(0.001), 0.0)
for name, rule, penalty in (
    ("Adam with an L2 penalty", Adam(0.001), 1.0),
    ("AdamW", AdamW(0.001, decay=1.0), 0.0),
):
    small, large = without - after(rule, penalty)
    print(f"{name:24} takes off {small:.4f} (small gradients), {large:.4f} (large gradients)")

# %% [markdown]
# `d2l_bn.train(..., optimizer="ruleoptimizer", optimizer_params={"rule": "adamw", "decay": 0.01})` trains
# with it. And remember part five: behind a batch normalization the decay sets a rate in AdamW, too.
#
# ## What you can do now
#
# You write a schedule as a function of a share, train with it, and find its peak in one short run. You
# know that a rate should fall because of noise, and may have to rise because of the start; that the
# length of a normalized weight is a schedule in itself, and that decay turns it; and what the W in AdamW
# leaves alone.
#
# ## Exercises
#
# 1. Write `restarts`, a cosine that starts anew at the shares 1/7 and 3/7, each cycle twice as long as
#    the one before (SGDR). Draw it.
# 2. Behind a batch normalization the rate is 0.1 and the decay 0.001. You double the rate, and want the
#    same effective rate at rest. What decay do you take?
#
# <details><summary>Solution of 1</summary>
#
# ```python
# def restarts(share):
#     for first, last in ((0, 1 / 7), (1 / 7, 3 / 7), (3 / 7, 1)):
#         if share < last:
#             return Cosine()((share - first) / (last - first))
#     return 0.0
# ```
#
# `d2l_bn.train(..., schedule=restarts)` takes it as it is.
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# The effective rate at rest goes with $\sqrt{\eta\lambda}$: half the decay, 0.0005. Only the way there is
# another one.
#
# </details>
#
# ## Where to read on
#
# - **Notebook 14, Weight decay:** decay and the growing rate. **Notebook 19:** early stopping and search.
# - Smith, *Cyclical Learning Rates*, 2017, arXiv 1506.01186, section 3.3: the rate finder; Smith &
#   Topin, *Super-Convergence*, 2018, arXiv 1708.07120: one cycle.
# - Loshchilov & Hutter, *SGDR*, 2017, arXiv 1608.03983: the cosine; and *Decoupled Weight Decay
#   Regularization*, 2019, arXiv 1711.05101: AdamW.
# - Goyal et al., *Accurate, Large Minibatch SGD*, 2017, arXiv 1706.02677, section 2.2: warm-up.
# - van Laarhoven, *L2 Regularization versus Batch and Weight Normalization*, 2017, arXiv 1706.05350;
#   Li & Arora, *An Exponential Learning Rate Schedule for Deep Learning*, 2020, arXiv 1910.07454.
