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
# In the left bowl below, AdaGrad is at the minimum within twenty steps. On the right the bowl has been
# turned, and nothing else: after forty steps with the same learning rate (学习率) it is not even
# half-way. So which optimizer (优化器) is good? You will write seven of them, and then put them on
# trial, together with what is said about them: "on the whole, Adam is the best choice at present",
# says a page on training techniques.
#
# **After this notebook you can**
#
# - write seven optimizers, each in one to four lines, and say what each adds to the one before;
# - predict what a rule does on a valley, at a saddle point (鞍点), and on a turned valley;
# - compare optimizers fairly: as many trials for each, settings chosen on other data than those of
#   the comparison, several seeds (随机种子);
# - choose one for your problem.
#
# **Time:** about a minute to run on two CPU cores, 15 minutes to read, and half an hour to write the
# seven.
#
# **Needs:** notebook 15: the valley and momentum (动量). The long runs are in a file; nothing is
# downloaded. Cells with `None` wait for your answer; left as they are, they do no harm.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os
from math import cos, log10, sin
from statistics import mean

import mxnet as mx
import numpy as np  # NumPy: float64 for paths over the plane
from mxnet import autograd, gluon, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.descent import (
    CONTESTANTS,
    RATES,
    AdaDelta,
    AdaGrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    descend,
    race,
)
from d2l_bn.descent.surfaces import Beale, LongValley, Quadratic, Rosenbrock, SaddlePoint
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.judgement import Claim, Contrast, interaction
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # less of everything: to see that it runs
check = predictions("optimizers_compared")

# %% tags=["cover"]
angle = 0.5  # radians
turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
window = {"x_range": (-5.0, 3.0), "y_range": (-3.0, 2.0)}
bowl = Quadratic((1.0, 100.0), name="bowl", **window)
turned = Quadratic(
    (1.0, 100.0), angle=angle, start=tuple(turn @ bowl.start), name="turned bowl", **window
)

axes = figures.new_axes(2, height=3.4, sharey=True)
for ax, surface in zip(axes, (bowl, turned)):
    path = descend(surface, AdaGrad(1.5), surface.start, steps=40)
    figures.draw_paths(surface, {"AdaGrad": path}, title=surface.name, true_proportion=True, ax=ax)
figures.show(
    axes,
    alt="The contours of a long narrow bowl, once along the axes and once turned by 29 degrees, with "
    "forty steps of AdaGrad: along the axes it goes straight to the minimum, in the turned bowl it "
    "falls to the floor of the valley and creeps along it.",
)

# %% [markdown]
# # Part one: you write seven rules
#
# A rule takes the weights $w$, the gradient $g$ at $w$, a state (what it remembers) and the number
# of the step $t = 1, 2, \dots$; it returns the new weights and the new state. All arithmetic is
# coordinate by coordinate. The first is given:


# %%
ALPHA, GAMMA, RHO, BETA1, BETA2 = 0.01, 0.9, 0.9, 0.9, 0.999


def gradient_descent(w, g, state, t):
    return w - ALPHA * g, state


def compare(mine, start_state, theirs):
    """Twenty steps over the bowl by ``mine``, and by the package's rule."""
    w, state = np.array(bowl.start), start_state
    for t in range(1, 21):
        step = mine(w, bowl.gradient(w), state, t)
        if step is None:
            return print(f"{mine.__name__} is not written yet")
        w, state = step
    expected = descend(bowl, theirs, bowl.start, steps=20).points[-1]
    verdict = "the same" if np.allclose(w, expected) else "NOT the same yet"
    print(f"{mine.__name__}: {w}; the package: {expected}; {verdict}")


compare(gradient_descent, None, GradientDescent(ALPHA))

# %% [markdown]
# ## Momentum and Nesterov's look-ahead
#
# Momentum (notebook 15) keeps a velocity $v$, its state, which starts at 0:
#
# $$v \leftarrow \gamma v + \alpha g, \qquad w \leftarrow w - v.$$


# %%
def momentum(w, g, v, t):
    return None  # two lines


compare(momentum, np.zeros(2), Momentum(ALPHA, GAMMA))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def momentum(w, g, v, t):
#     v = GAMMA * v + ALPHA * g
#     return w - v, v
# ```
#
# </details>
#
# Momentum will move by $-\gamma v$ whatever the gradient says. Nesterov's momentum
# (涅斯捷罗夫动量) looks ahead (前瞻): it goes there first, and takes the gradient *there*.

# %%
steep = Quadratic((1.0, 6.0), x_range=(-4.5, 1.5), y_range=(-2.2, 2.0))
axes = figures.draw_look_ahead(steep, (-3.6, 1.5), (-1.6, 1.9), learning_rate=0.12, decay=0.9)
figures.show(
    axes,
    alt="One step from the same place with the same velocity. Momentum adds the gradient of the place "
    "that it leaves and shoots across the valley; Nesterov's rule adds that of the place ahead, which "
    "points back to the floor of the valley, and lands near it.",
)

# %% [markdown]
# In words: $v \leftarrow \gamma v + \alpha \nabla f(w - \gamma v)$, $w \leftarrow w - v$. An
# optimizer is handed the gradient at the weights, so the *look-ahead point* has to be the weights. Call
# it $\tilde w = w - \gamma v$, put it into the two equations, and they become
#
# $$v \leftarrow \gamma v + \alpha g, \qquad \tilde w \leftarrow \tilde w - \alpha g - \gamma v
# \qquad\text{with } g = \nabla f(\tilde w).$$


# %%
def nesterov(w, g, v, t):
    return None  # two lines


compare(nesterov, np.zeros(2), Nesterov(ALPHA, GAMMA))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def nesterov(w, g, v, t):
#     v = GAMMA * v + ALPHA * g
#     return w - ALPHA * g - GAMMA * v, v
# ```
#
# </details>
#
# ## AdaGrad and RMSProp: a step length for each coordinate
#
# From here on the rules are *adaptive* (自适应). AdaGrad divides by the root of *all* squared gradients
# so far; RMSProp by that of the *latest* ones, a moving average (移动平均):
#
# | | state | step |
# |---|---|---|
# | AdaGrad | $s \leftarrow s + g^2$ | $w \leftarrow w - \alpha\, g / \sqrt{s + \epsilon}$ |
# | RMSProp | $s \leftarrow \rho s + (1 - \rho)\, g^2$ | the same |

# %%
EPS = 1e-8


def adagrad(w, g, s, t):
    return None  # two lines


def rmsprop(w, g, s, t):
    return None  # two lines


compare(adagrad, np.zeros(2), AdaGrad(ALPHA, eps=EPS))
compare(rmsprop, np.zeros(2), RMSProp(ALPHA, RHO, EPS))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def adagrad(w, g, s, t):
#     s = s + g * g
#     return w - ALPHA * g / np.sqrt(s + EPS), s
#
#
# def rmsprop(w, g, s, t):
#     s = RHO * s + (1 - RHO) * g * g
#     return w - ALPHA * g / np.sqrt(s + EPS), s
# ```
#
# </details>
#
# Let the gradient be 5 in every step, so that AdaGrad's $s$ is 25, 50, 75, … How long is its
# *hundredth* step, compared with its first?

# %%
hundredth = None  # a number below 1

check("adagrad_hundredth", hundredth)


# %%
def step_lengths(rule, gradient=5.0, steps=400):
    w = np.zeros(1)
    state, lengths = rule.start(w), []
    for t in range(1, steps + 1):
        new, state = rule.step(w, np.array([gradient]), state, t)
        lengths.append(abs(new - w)[0])
        w = new
    return lengths


lengths = {"AdaGrad": step_lengths(AdaGrad(0.1)), "RMSProp": step_lengths(RMSProp(0.1))}
ax = figures.draw_lines(
    lengths, x=range(1, 401), ylabel="step length", log=True, title="Under a constant gradient"
)
ax.set_xscale("log")
figures.show(
    ax,
    alt="Step length over 400 steps under a constant gradient, both axes logarithmic: AdaGrad's falls "
    "along a straight line, RMSProp's falls a little at first and then stays at the learning rate.",
)

slope = log10(lengths["AdaGrad"][399] / lengths["AdaGrad"][3]) / log10(100)
print(
    f"AdaGrad's steps fall like t^{slope:.2f}; together, 400 are {sum(lengths['AdaGrad']):.1f} long"
)

# %% [markdown]
# A page on training techniques says that AdaGrad's rate falls "until infinitely small, so that
# nothing more can be learned". It falls like $1/\sqrt t$, and the sum of $1/\sqrt t$ grows without
# end: slower and slower, but any distance. RMSProp forgets, and keeps its length.
#
# ## AdaDelta: the size of earlier steps in the place of the rate
#
# A learning rate has a unit: weight² per loss. AdaDelta gets rid of it. It averages its own squared
# *steps* $\Delta^2$ in a second state $d$, as RMSProp does with gradients, and their roots' quotient
# makes the step:
#
# $$s \leftarrow \rho s + (1-\rho) g^2, \qquad \Delta = \frac{\sqrt{d + \epsilon}}{\sqrt{s + \epsilon}}\,g,
# \qquad d \leftarrow \rho d + (1-\rho) \Delta^2, \qquad w \leftarrow w - \Delta.$$
#
# No rate. But $d$ starts at 0, so that the first step is $\sqrt{\epsilon/(1-\rho)}$ long: the
# beginning hangs on $\epsilon$.

# %%
EPS_D = 1e-5


def adadelta(w, g, state, t):
    s, d = state
    return None  # four lines; the state is a pair


compare(adadelta, (np.zeros(2), np.zeros(2)), AdaDelta(RHO, EPS_D))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def adadelta(w, g, state, t):
#     s, d = state
#     s = RHO * s + (1 - RHO) * g * g
#     step = np.sqrt(d + EPS_D) / np.sqrt(s + EPS_D) * g
#     d = RHO * d + (1 - RHO) * step * step
#     return w - step, (s, d)
# ```
#
# </details>
#
# ## Adam: momentum over RMSProp, both corrected
#
# Adam averages gradients *and* squares, in $m$ and $s$. Both start at 0, and for a while are too
# small: after $t$ steps their weights add up to $1 - \beta^t$ only. Dividing by that makes true
# averages of them, $\hat m$ and $\hat s$; this is the bias correction (偏差修正).
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad s \leftarrow \beta_2 s + (1 - \beta_2) g^2, \quad
# \hat m = \frac{m}{1 - \beta_1^t}, \quad \hat s = \frac{s}{1 - \beta_2^t}, \quad
# w \leftarrow w - \alpha \frac{\hat m}{\sqrt{\hat s} + \epsilon}.$$
#
# With the correction the first step is $\alpha$ long. How many times $\alpha$ would it be *without*,
# with $\beta_1 = 0.9$, $\beta_2 = 0.999$?

# %%
uncorrected = None  # a number

check("adam_uncorrected", uncorrected)


# %%
def adam(w, g, state, t):
    m, s = state
    return None  # about five lines


compare(adam, (np.zeros(2), np.zeros(2)), Adam(ALPHA, BETA1, BETA2, EPS))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def adam(w, g, state, t):
#     m, s = state
#     m = BETA1 * m + (1 - BETA1) * g
#     s = BETA2 * s + (1 - BETA2) * g * g
#     m_hat, s_hat = m / (1 - BETA1**t), s / (1 - BETA2**t)
#     return w - ALPHA * m_hat / (np.sqrt(s_hat) + EPS), (m, s)
# ```
#
# </details>

# %%
t = np.arange(1, 61)
axes = figures.new_axes(2, height=3.0)
for ax, name, beta in zip(axes, ("m", "s"), (BETA1, BETA2)):
    average = 1 - beta**t  # of gradients that are all 1
    lines = {f"${name}$": average, rf"$\hat {name}$": average / (1 - beta**t)}
    figures.draw_lines(lines, x=t, title=rf"$\beta$ = {beta}", ax=ax)
axes[0].set_ylabel("average of gradients of 1")
figures.show(
    axes,
    alt="The averages of gradients that are all 1. Without the correction m needs some thirty steps to "
    "come near 1, and s is at 0.06 after sixty; with the correction both are 1 from the first step.",
)

# %% [markdown]
# ## The same in MXNet, and where ε stands
#
# MXNet has all seven. Fifty steps over a bowl, and the largest difference on the way:

# %%
round_bowl = Quadratic((1.0, 20.0))
pairs = {
    "gradient descent": (GradientDescent(0.04), mx.optimizer.SGD(learning_rate=0.04)),
    "momentum": (Momentum(0.04), mx.optimizer.SGD(learning_rate=0.04, momentum=0.9)),
    "Nesterov": (Nesterov(0.04), mx.optimizer.NAG(learning_rate=0.04, momentum=0.9)),
    "AdaGrad": (AdaGrad(0.5), mx.optimizer.AdaGrad(learning_rate=0.5)),
    "RMSProp": (RMSProp(0.05), mx.optimizer.RMSProp(learning_rate=0.05)),
    "AdaDelta": (AdaDelta(), mx.optimizer.AdaDelta()),
    "Adam": (Adam(0.1), mx.optimizer.Adam(learning_rate=0.1)),
    "Adam, ε = 0.001": (Adam(0.1, eps=1e-3), mx.optimizer.Adam(learning_rate=0.1, epsilon=1e-3)),
}


for name, (rule, theirs) in pairs.items():
    path, update = descend(round_bowl, rule, (-4, 1), steps=50), mx.optimizer.get_updater(theirs)
    w, worst = mx.np.array([-4.0, 1.0]), 0.0
    for expected in path.points[1:]:
        update(0, w * mx.np.array([1.0, 20.0]), w)  # parameter number 0; writes into w
        worst = max(worst, np.abs(w.asnumpy() - expected).max())
    print(f"{name:17} largest difference {worst:.1e}")

print("1 - 0.999 in single precision:", 1 - np.float32(0.999))

# %% [markdown]
# Two lines stand out. **Adam's** 1.6e-5 is rounding (舍入): MXNet computes $1 - \beta_2$ in single
# precision, and $1 - 0.999$ is not 0.001 there but 0.0009999871. **With ε = 0.001** the difference is
# real. The paper adds ε to $\sqrt{\hat s}$, as we do; MXNet adds it to $\sqrt s$, and multiplies the
# rate by $\sqrt{1 - \beta_2^t} / (1 - \beta_1^t)$. So its ε counts
# $1/\sqrt{1 - \beta_2^t}$ times as much, 32 times at the first step. With 1e-8 nobody sees it.
#
# | | ε stands | in MXNet | in PyTorch |
# |---|---|---|---|
# | AdaGrad | $\sqrt{s + \epsilon}$ | inside the root | outside |
# | RMSProp | $\sqrt{s + \epsilon}$ | inside | outside |
# | AdaDelta | $\sqrt{d + \epsilon} / \sqrt{s + \epsilon}$ | inside | inside |
# | Adam | $\sqrt{\hat s} + \epsilon$ | outside, of $\sqrt s$ | outside, of $\sqrt{\hat s}$ |
#
# # Part two: on surfaces
#
# To be fair, each rule tries the same sixteen learning rates from 0.0001 to 10 and runs with its best:
# the one with the fewest steps to a ten-thousandth of the first height. (For AdaDelta, the root of
# ε.) We draw two rules at a time.

# %%
SURFACES = {
    "bowl": bowl,
    "turned bowl": turned,
    "long valley": LongValley(),
    "saddle point": SaddlePoint(),
    "Beale": Beale(),
    "Rosenbrock": Rosenbrock(),
}
STEPS = 100 if FAST else 500
rates = RATES[4::3] if FAST else RATES
results = {name: race(surface, rates=rates, steps=STEPS) for name, surface in SURFACES.items()}


# %%
def show_two(name, first, second, alt, shown=120):
    """The paths of two rules, each at its best rate, and how high they are."""
    left, right = figures.new_axes(2, height=3.8)
    paths = {label: results[name][label].path.first(shown) for label in (first, second)}
    figures.draw_paths(SURFACES[name], paths, title=name, ax=left)
    ax = figures.draw_values(paths, ax=right)
    ax.set_title("height")
    ax.set_ylim(bottom=max(1e-7, ax.get_ylim()[0]))
    ax.get_legend().remove()
    figures.show((left, right), alt=alt)
    for label in (first, second):
        steps = results[name][label].steps
        print(f"{label}: {f'over {STEPS}' if steps is None else steps} steps")


# %% [markdown]
# ## The bowl, along the axes and turned
#
# An adaptive rule divides each coordinate by the size of its own gradients. Where steep and flat are
# *coordinates*, that undoes the bad conditioning (病态). Now turn the bowl and the start with it, by
# half a radian. The eigenvalues, the condition number (条件数) and the first height stay. Which rules
# take another number of steps?

# %%
who_notices = None  # "the adaptive ones", "the others" or "all"

check("who_notices", who_notices)

# %%
for name in ("bowl", "turned bowl"):
    show_two(
        name,
        "AdaGrad",
        "momentum",
        f"AdaGrad and momentum on the {name}, paths and heights over the steps: AdaGrad is far ahead "
        "along the axes and far behind in the turned bowl; momentum's path is the same, turned.",
    )

# %%
for label in CONTESTANTS:
    straight, tilted = (results[name][label].steps for name in ("bowl", "turned bowl"))
    print(f"{label:17} {straight!s:>5} steps along the axes, {tilted!s:>5} turned")

# %% [markdown]
# (None: not within the steps that were tried.) Gradient descent, momentum and Nesterov do not know
# where the axes are. A rule that scales coordinates depends on the coordinates; and in a network,
# nobody has turned the axes in its favour.
#
# ## The long valley
#
# The floor falls with a slope of 0.05 however far away the minimum is; the walls are two hundred times
# as steep. A rule whose step is in proportion to the gradient creeps.

# %%
show_two(
    "long valley",
    "gradient descent",
    "Adam",
    "Gradient descent and Adam in the long valley: gradient descent creeps along the floor, Adam walks "
    "along it in steps of constant length.",
    shown=STEPS,
)

# %% [markdown]
# ## The saddle point
#
# The start is a thousandth off the ridge.

# %%
show_two(
    "saddle point",
    "momentum",
    "Adam",
    "Momentum and Adam near a saddle point: momentum runs along the ridge to the saddle point first "
    "and leaves it then, Adam leaves the ridge at once.",
)

# %% [markdown]
# For Adam a gradient of 0.001 is a gradient like any other, and it leaves the ridge at once.
#
# ## Beale's function
#
# $$f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2$$
#
# (Beale 1958), with the minimum 0 at (3, 0.5): nearly flat in the middle, and over 100,000 high at the
# corners of the window. No one rate suits both: what is right on the plateau (平台) explodes at the
# walls.

# %%
show_two(
    "Beale",
    "momentum",
    "Adam",
    "Momentum and Adam on Beale's function, from a place on the slope to the plateau with the minimum.",
)

# %% [markdown]
# ## Rosenbrock's function
#
# $$f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2$$
#
# (Rosenbrock 1960), with the minimum 0 at (1, 1): into the valley $y = x^2$ it is a few steps, along
# it hundreds. The valley bends, so that no fixed direction is the flat one; at the minimum the
# condition number is 2,500.

# %%
show_two(
    "Rosenbrock",
    "Nesterov",
    "Adam",
    "Nesterov's rule and Adam on Rosenbrock's function: both are in the bent valley after a few steps, "
    "and need a long time along its floor.",
    shown=STEPS,
)

# %% [markdown]
# ## All seven
#
# The fewest steps of each rule. In brackets, the most that it needs when it starts from five places
# nearby with the same rate: with its best rate out of sixteen a rule may be *lucky*, one huge jump
# that happens to land well.

# %%
rng, rows = np.random.default_rng(0), []
for label, make in CONTESTANTS.items():
    cells = [label]
    for name, surface in SURFACES.items():
        run, needed = results[name][label], []
        for _ in range(1 if FAST else 5):
            near = np.array(surface.start) * (1 + 0.1 * rng.normal(size=2))
            once = race(surface, {label: make}, rates=(run.rate,), steps=STEPS, start=near)[label]
            needed.append(STEPS + 1 if once.steps is None else once.steps)
        best, worst = (
            f"over {STEPS}" if n is None or n > STEPS else str(n) for n in (run.steps, max(needed))
        )
        cells.append(f"{best} ({worst})")
    rows.append(cells)
table(["rule", *SURFACES], rows)

# %% [markdown]
# Read it by columns, and look at the brackets before you crown a winner: the rule that is best on one
# surface is beaten on another, and several of the best numbers were luck.
#
# ### Move it yourself
#
# **Predict first.** A valley with the condition number 50 along the axes: with the best of the sixteen
# rates AdaGrad arrives after 5 steps, momentum after 86. Then the valley is turned by 45°, and both
# may choose their rates anew. Which arrives first, and how many steps does momentum need?

# %%
first_now = None  # "AdaGrad" or "momentum"
steps_of_momentum = None  # a number

# %% [markdown]
# Press "Best rate for both"; turn the surface by 45°, and press it again. Then try two other rules, and
# the saddle point, with the start exactly on its ridge.

# %%
figures.interactive("two_rules")

# %%
check("first_in_turned_valley", first_now)
check("momentum_in_turned_valley", steps_of_momentum)

# %% [markdown]
# **A rule that scales each coordinate is only as good as the coordinates: turn the valley, and AdaGrad
# needs thirty times as many steps, while momentum takes the same path, turned.**
#
# # Part three: in the chapter's network
#
# First, *your* rule trains the LeNet: the loop of any optimizer, in MXNet. Each parameter has its own
# state. Put your `adam` in the place of the package's (write `mx.np.sqrt` for `np.sqrt`, or leave it:
# NumPy's functions take MXNet's arrays, too).

# %%
rule = Adam(0.01)
step, start_of = rule.step, rule.start

npx.random.seed(0)
net = d2l_bn.lenet("gluon")
net.initialize(mx.init.Xavier())
cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
batches, _ = d2l_bn.load_fashion_mnist(64, data="synthetic", limit=1280)
states, losses = {}, []
for t, (X, y) in enumerate(batches, start=1):
    with autograd.record():
        loss = cross_entropy(net(X), y).mean()
    loss.backward()
    for name, p in net.collect_params().items():
        if p.grad_req != "null":  # all but the moving averages
            states.setdefault(name, start_of(p.data()))
            w, states[name] = step(p.data(), p.grad(), states[name], t)
            p.set_data(w)
    losses.append(loss.item())
print("loss after 1, 5, 10, 20 steps:", [round(losses[t - 1], 3) for t in (1, 5, 10, 20)])

# %% [markdown]
# (On drawn garments, so that nothing need be downloaded. `RuleOptimizer(Adam(0.01))` hands a rule to
# Gluon's `Trainer` with all its bookkeeping.)
#
# ## A fair comparison
#
# Now MXNet's seven on Fashion-MNIST, 150 steps of 64 images, with and without batch normalization
# (批量归一化), over eight seeds. Each has **five settings**, a factor of $\sqrt{10}$ of step length
# apart, around what people commonly use. A setting is chosen by the accuracy on 2,400 images that
# are held out, and then measured on the test images. (Choose by the images that you report on, and you
# report your luck.) `d2l-bn run optimizers` makes the records.

# %%
MIDDLE = {  # the optimizer's name in MXNet, its momentum, and the middle one of its five settings
    "gradient descent": ("sgd", None, 0.3),
    "momentum": ("sgd", 0.9, 0.1),
    "Nesterov": ("nag", 0.9, 0.1),
    "AdaGrad": ("adagrad", None, 0.03),
    "RMSProp": ("rmsprop", None, 0.003),
    "AdaDelta": ("adadelta", None, 1e-5),
    "Adam": ("adam", None, 0.003),
}
NETWORKS = {"plain": None, "BN": "gluon"}


def records_of(label, network):
    """From the setting to the records of its seeds."""
    name, velocity, _ = MIDDLE[label]
    found = {}
    for record in load.select("optimizers", optimizer=name, norm=NETWORKS[network]):
        case = record["case"]
        if case["optimizer_params"].get("momentum") == velocity:
            setting = case["optimizer_params"].get("epsilon", case["lr"])
            found.setdefault(setting, []).append(record)
    return dict(sorted(found.items()))


def average(records, measure):
    return estimate([load.measured(record, measure) for record in records])


def chosen(label, network):
    """The setting that is best on the images that were held out."""
    found = records_of(label, network)
    return max(found, key=lambda setting: average(found[setting], "validation_accuracy").mean)


accuracy = {
    network: {
        label: average(records_of(label, network)[chosen(label, network)], "test_accuracy")
        for label in MIDDLE
    }
    for network in NETWORKS
}
counts = [len(r) for label in MIDDLE for n in NETWORKS for r in records_of(label, n).values()]
print(f"{sum(counts)} runs, {min(counts)} seeds for each of {len(counts)} settings")

# %% [markdown]
# Guess before you look. *Without* batch normalization this LeNet with sigmoids starts on a plateau
# (notebook 15: deep inside, all images look alike). How many of the seven get above an accuracy of 0.2
# within 150 steps, with their best setting?

# %%
off_the_plateau = None  # 0 to 7

check(
    "off_the_plateau",
    off_the_plateau,
    sum(found.mean > 0.2 for found in accuracy["plain"].values()),
)

# %%
axes = figures.new_axes(2, height=3.4)
for ax, (network, estimates) in zip(axes, accuracy.items()):
    figures.draw_estimates(estimates, xlabel="test accuracy", title=network, ax=ax).margins(x=0.15)
axes[1].set_yticklabels([])
figures.show(
    axes,
    alt="Test accuracy of the seven optimizers at their chosen settings, without batch normalization "
    "on the left and with it on the right: on the left they lie far apart, on the right close "
    "together.",
)

for network, estimates in accuracy.items():
    values = [found.mean for found in estimates.values()]
    print(f"{network:5} from the worst optimizer to the best: {max(values) - min(values):.3f}")
gains = [accuracy["BN"][label].mean - accuracy["plain"][label].mean for label in MIDDLE]
print(f"batch normalization, with the same optimizer: {min(gains):+.3f} to {max(gains):+.3f}")

# %% [markdown]
# The printed differences are the lesson: how much the choice of an optimizer matters *depends on the
# network*, and what the network is made of matters more.
#
# ## How much does the learning rate matter?
#
# All five settings of each, as multiples of the middle one (for AdaDelta, of $\sqrt\epsilon$).

# %%
multiples = [0.1, 0.32, 1, 3.2, 10]
axes = figures.new_axes(4, rows=2, height=5.2, sharex=True, sharey=True)
for ax, label in zip(axes.flat, MIDDLE):
    curves = {
        network: [average(r, "test_accuracy").bar for r in records_of(label, network).values()]
        for network in NETWORKS
    }
    figures.draw_error_curves(curves, x=multiples, log_x=True, title=label, ax=ax)
    ax.get_legend().remove()
    ax.set_xlabel("")
axes[0, 0].set_ylabel("test accuracy")
axes[1, 0].set_ylabel("test accuracy")
axes[1, 1].set_xlabel("setting / the middle one (bars: 95 % intervals)")
axes[1, 3].axis("off")
axes[1, 3].legend(*axes[0, 0].get_legend_handles_labels(), loc="center")
figures.show(
    axes,
    alt="A small panel for each of the seven optimizers: test accuracy over five step lengths, with and "
    "without batch normalization. With it the curves are high and flat over a wide range; without it "
    "most settings of most rules stay at a guess.",
)

# %% [markdown]
# # Part four: sparse features
#
# "If the input data are sparse (稀疏数据), an adaptive rate gives the best results", says the same page.
# The argument: a rare feature gets few gradients, and AdaGrad gives it large steps when one comes. That
# an adaptive rule wins on sparse data would not yet show it: perhaps it wins on any data. The
# sentence is about the *difference*: its lead on sparse data less its lead on dense (稠密) data.
#
# Logistic regression (对数几率回归) with 200 features. Sparse: feature $j$ is 1 with probability $0.5/j$,
# else 0. Dense: all features are there in every example, with the same variance.

# %%
FEATURES, BATCH = 200, 16
RARITY = 0.5 / np.arange(1, FEATURES + 1)


def examples(n, sparse, rng, weights):
    if sparse:
        X = (rng.random((n, FEATURES)) < RARITY).astype(float)
    else:
        X = rng.normal(size=(n, FEATURES)) * np.sqrt(np.mean(RARITY * (1 - RARITY)))
    return X, (rng.random(n) < 1 / (1 + np.exp(-X @ weights))).astype(float)


def excess_loss(rule, sparse, seed, steps):
    """The test loss above that of the true weights, after ``steps`` batches of new examples."""
    rng = np.random.default_rng(seed)
    weights = rng.choice([-2.0, 2.0], FEATURES)
    X, y = examples(BATCH * steps, sparse, rng, weights)
    X_test, y_test = examples(2000, sparse, rng, weights)
    w = np.zeros(FEATURES)
    state = rule.start(w)
    with np.errstate(over="ignore"):
        for t in range(1, steps + 1):
            rows = slice((t - 1) * BATCH, t * BATCH)
            errors = 1 / (1 + np.exp(-X[rows] @ w)) - y[rows]
            w, state = rule.step(w, errors @ X[rows] / BATCH, state, t)
    loss, best = (np.mean(np.logaddexp(0, s) - y_test * s) for s in (X_test @ w, X_test @ weights))
    return float(loss - best)


# %% [markdown]
# Each rule tries nine rates on data of seed 100, and is measured with its best one on ten other seeds.
# Which is the best on sparse features?

# %%
GRID = [10 ** (k / 2) for k in range(-6, 3)][:: 4 if FAST else 1]
SEEDS, LONG = range(3 if FAST else 10), 60 if FAST else 300

measured = {}
for kind in ("sparse", "dense"):
    for label, make in CONTESTANTS.items():
        sparse = kind == "sparse"
        rate = min(GRID, key=lambda r: excess_loss(make(r), sparse, 100, LONG))
        measured[kind, label] = {s: excess_loss(make(rate), sparse, s, LONG) for s in SEEDS}

# %%
winner = None  # the name of a rule

check(
    "winner_on_sparse",
    winner,
    min(CONTESTANTS, key=lambda label: mean(measured["sparse", label].values())),
)

# %%
axes = figures.new_axes(2, height=3.4)
for ax, kind in zip(axes, ("sparse", "dense")):
    estimates = {label: estimate(measured[kind, label]) for label in CONTESTANTS}
    figures.draw_estimates(estimates, xlabel="loss above the best", title=kind, ax=ax)
    ax.margins(x=0.15)
axes[1].set_yticklabels([])
figures.show(
    axes,
    alt="Loss above that of the true weights for each of the seven rules, on sparse features and on "
    "dense ones, with 95 percent intervals over ten seeds.",
)

# %% [markdown]
# And the sentence itself, as a claim: what is compared, how large a difference would matter, and why,
# are written down in a few lines; the court decides as it does everywhere in this course.


# %%
def lead(kind, rule):
    """By how much the rule's loss is below plain descent's, seed by seed."""
    return Contrast(measured[kind, "gradient descent"], measured[kind, rule])


Claim(
    name="sparse_adaptive",
    quote="如果输入数据是稀疏的,adaptive learning-rate方法效果最好",
    meaning="on sparse data, adaptive rules are the best",
    kind="only",
    effect="lead over plain descent in loss: on sparse data minus on dense",
    measure=lambda: {
        rule: interaction(lead("sparse", rule), lead("dense", rule))
        for rule in ("AdaGrad", "RMSProp", "Adam")
    },
    delta=0.005,
    because="it is a tenth of what plain descent has left to learn",
).judge()

# %% [markdown]
# Two different things. AdaGrad is the best on *both* kinds of data, so that its victory on sparse data
# alone would have shown nothing. But its lead is larger there, and so is that of the others that scale
# each coordinate.
#
# # Part five: what is said, and what the runs say
#
# Each sentence on trial once, with the records of part three; the same verdicts stand in the claim
# court (notebook 20). *Undecided* means that the interval holds both nothing and something that would
# matter; it is not "no".

# %%
court["momentum_is_faster"].judge()

# %%
court["nesterov_is_better"].judge()

# %%
court["adagrad_needs_no_tuning"].judge()

# %%
court["adadelta_needs_no_rate"].judge()

# %%
court["adaptive_alike"].judge()

# %%
court["adaptive_is_fast"].judge()

# %%
judgement = court["adam_is_best"].judge()
figures.show(
    figures.draw_judgement(judgement),
    alt="The test accuracy of Adam minus that of each other optimizer, with and without batch "
    "normalization, with 95 percent intervals and the band of what would not matter.",
)

# %%
judgement

# %% [markdown]
# All of it holds for this network, 150 steps, and five settings each. A claim may fail here and hold
# elsewhere; but a claim about "on the whole" should hold here, too.
#
# ## Which one when
#
# - **Start with momentum 0.9** (or Nesterov) and a normalized network, and tune the learning rate by
#   factors of three. Then a schedule of the rate (notebook 17).
# - **Adam, RMSProp or AdaGrad** where the scales of gradients differ from layer to layer and nothing
#   normalizes them, or where a network does not get off a plateau. Tune their rate all the same.
# - **AdaGrad** where features are rare; its dying rate is a schedule for free in short runs.
# - **RMSProp** is Adam without momentum and without the correction. **AdaDelta** moves the learning rate
#   into ε, where one forgets to tune it.
#
# ## What you can do now
#
# You have written seven optimizers and know what each remembers: a velocity, squares, steps, both. You
# know that momentum adds up what agrees, and that adaptive rules rescale coordinates, which helps where
# the axes are right. You can tell a fair comparison from an unfair one.
#
# ## Exercises
#
# 1. Let AdaGrad run for 5,000 steps on the long valley with the rate 0.1. How far can it come at most?
#    Predict it from $1/\sqrt t$.
# 2. Write `nadam`, Adam with Nesterov's look-ahead: in the step, take
#    $\beta_1 \hat m + (1 - \beta_1) g / (1 - \beta_1^t)$ in the place of $\hat m$. Race it against Adam.
#
# <details><summary>Solution of 1</summary>
#
# Along the valley the gradient has one sign and nearly one size, so that step $t$ is $0.1/\sqrt t$ long;
# together $0.1 \sum_{t=1}^{5000} t^{-1/2} \approx 0.1 \cdot (2\sqrt{5000} - 1.46) = 14.0$. The start is
# 20 away. Check it with `descend(LongValley(), AdaGrad(0.1), (-20, 1), 5000).points[-1]`.
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# ```python
# class Nadam(Adam):
#     def step(self, w, g, state, t):
#         m, s = state
#         m = self.beta1 * m + (1 - self.beta1) * g
#         s = self.beta2 * s + (1 - self.beta2) * g * g
#         ahead = (self.beta1 * m + (1 - self.beta1) * g) / (1 - self.beta1**t)
#         root = np.sqrt(s / (1 - self.beta2**t)) + self.eps
#         return w - self.learning_rate * ahead / root, (m, s)
#
#
# race(Rosenbrock(), {"Adam": Adam, "Nadam": Nadam})
# ```
#
# </details>
#
# ## Where to read on
#
# - **Notebook 17, Schedules:** a rate that changes on the way, and AdamW.
# - Ruder, *An overview of gradient descent optimization algorithms*, 2016, arXiv 1609.04747: the rules
#   with their history.
# - Kingma & Ba, *Adam*, ICLR 2015, arXiv 1412.6980, sections 2 and 3: the bias correction.
# - Wilson et al., *The Marginal Value of Adaptive Gradient Methods in Machine Learning*, NeurIPS 2017,
#   arXiv 1705.08292; Choi et al., *On Empirical Comparisons of Optimizers for Deep Learning*, 2019,
#   arXiv 1910.05446: what tuning does to such comparisons.
