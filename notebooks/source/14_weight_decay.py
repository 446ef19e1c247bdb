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
# # 14 · Weight decay with batch normalization
#
# Weight decay (权重衰减), or L2, is said to keep weights small, since small weights make a simple function. Now
# look at these two networks. One was trained with weight decay. The other had none; instead its learning
# rate *grew*, exponentially, without end. Their weights are far apart in length. Their losses are not.
#
# **After this notebook you can**
#
# - show that the length of such weights has no effect, and say what it sets instead;
# - derive where decay brings the length to rest, and see it in a network;
# - train the same network without decay, by a rate that grows;
# - say for which parameters decay still is what it is known for.
#
# **Time:** some 15 seconds to run on two CPU cores, 8 minutes to read (code apart).
#
# **Needs:** notebooks 3 and 4, and Fashion-MNIST (30 MB, found or fetched by itself). Cells with `None` wait for
# your answer. The long runs were made beforehand, by `d2l-bn run weight_decay`.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os

import numpy
from mxnet import autograd, gluon, init, np, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.scale_invariance import scale_invariant
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.batch_norm_layers import kept_averages

npx.set_np()
npx.random.seed(0)
check = predictions("weight_decay")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

# %% tags=["cover"]
(LR,) = load.case_values("weight_decay", "lr")
(TWIN,) = load.case_values(load.select("weight_decay", way="growing rate"), "weight_decay")
STEPS = load.records("weight_decay")[0]["measures"]["steps"]
ways = {
    f"decay λ = {TWIN}": {"weight_decay": TWIN, "way": "decay"},
    "no decay, growing rate": {"weight_decay": TWIN, "way": "growing rate"},
}


def recorded(measure, **fields):
    """(seeds, looks), or (seeds, epochs)."""
    return load.stacked("weight_decay", measure, **{"norm": "gluon", "way": "decay", **fields})


with figures.style():
    left, right = figures.new_axes(2, height=3.6)
    lengths = {name: recorded("weight_norm/dense1", **way) for name, way in ways.items()}
    figures.draw_over_seeds(lengths, STEPS, ylabel="length of the weights", title="dense1", ax=left)
    losses = {name: recorded("loss_by_epoch", **way) for name, way in ways.items()}
    epochs = range(1, next(iter(losses.values())).shape[1] + 1)
    figures.draw_over_seeds(
        losses, epochs, xlabel="epoch", ylabel="training loss", title="loss", ax=right
    )
    right.set_xticks(epochs)
    figures.show(
        left,
        alt="Left, the length of the weights of dense1 by training step: with decay it falls, with the "
        "growing rate it rises. Right, the training loss of the two by epoch: the lines lie on each other.",
    )

# %% [markdown]
# So what does weight decay do, where a batch normalization (批量归一化) stands behind the weights?
#
# ## The length has no effect
#
# Multiply the weights w in front of a batch normalization by 10. Mean and deviation of the output grow
# tenfold as well, and are taken away again. So for $\alpha > 0$, up to ε,
#
# $$f(\alpha w) = f(w), \qquad \nabla f(\alpha w) = \tfrac{1}{\alpha} \nabla f(w), \qquad
# w \cdot \nabla f(w) = 0.$$
#
# The first is scale invariance (尺度不变性); the others follow by differentiating it with respect to $w$ and
# to $\alpha$. By which factor does the length of the gradient (梯度) change if w becomes ten times as long? And
# does the loss stay if w becomes −w?

# %%
gradient_factor = None  # a number
minus = None  # True or False

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, _ = d2l_bn.load_fashion_mnist(64, data=data, limit=640 if FAST else 3200)
X, y = next(iter(train_iter))
cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()


def lenet(norm="gluon", activation="relu", pooling="max"):
    """With ReLU, which learns in few steps; the same weights each time."""
    npx.random.seed(1)
    net = d2l_bn.lenet(norm, activation=activation, pooling=pooling)
    net.initialize(init.Xavier())
    net(X)  # now the shapes are known
    return net


def loss_and_gradient(net, weight):
    with kept_averages(net):
        with autograd.record():
            loss = cross_entropy(net(X), y).mean()
        loss.backward()
    return loss.item(), weight.grad().copy()


net = lenet()
weight = net.dense1.weight
w = weight.data().copy()
rows, gradients = [], {}
for alpha in (1, 10, -1):
    weight.set_data(alpha * w)
    loss, gradients[alpha] = loss_and_gradient(net, weight)
    cosine = (w * gradients[alpha]).sum() / np.sqrt(
        np.square(w).sum() * np.square(gradients[alpha]).sum()
    )
    rows.append(
        [
            f"{alpha} w",
            f"{loss:.5f}",
            f"{np.sqrt(np.square(gradients[alpha]).sum()).item():.5f}",
            f"{cosine.item():.5f}",
        ]
    )
weight.set_data(w)

# %%
check("gradient_factor", gradient_factor)
check("minus", minus)
table(
    ["weights of dense1", "loss", "length of the gradient", "cosine between w and the gradient"],
    rows,
)

# %% [markdown]
# **Long weights make no steep function here.** What decay is known for, it cannot do. (That is why "with batch
# normalization you need not care about L2" sounds right. Batch normalization does not replace weight decay,
# though; it changes what weight decay *does*.)
#
# ## A brake that sets itself
#
# What does the length do? A step turns $w$ by an angle of about $\eta\|\nabla f\| / \|w\|$, and $\|\nabla f\|$
# itself goes with $1/\|w\|$. With $g$ for the length of the gradient at $\|w\| = 1$,
#
# $$\text{angle} \approx \frac{\eta}{\|w\|^2}\, g.$$
#
# So what counts is the **effective learning rate** (有效学习率) $\eta/\|w\|^2$. Now take steps without decay.
# The gradient is perpendicular to w. Does w become longer, shorter, or neither?

# %%
prediction = None  # "longer", "shorter" or "same"

# %%
check("length", prediction)

# %% [markdown]
# Watch it in the plane. The loss is $-\cos$ of the angle between w and a target; as in a minibatch, the target
# is a little different at each step. That is scale invariant, and its gradient fits in a line. **Write the step
# with decay:** gradient descent on the loss, and each step takes the share $\eta\lambda$ off w.


# %%
def gradient(w, target):
    length = (w @ w) ** 0.5
    return -(target - (w @ target) * w / length**2) / length


def step(w, target, lr, decay):
    return None  # your line: one step of descent, with decay


right, up = numpy.array([1.0, 0.0]), numpy.array([0.0, 1.0])
after = step(right, up, lr=0.5, decay=0.1)  # from w = (1, 0) towards (0, 1)

# %%
check("step", after)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def step(w, target, lr, decay):
#     return (1 - lr * decay) * w - lr * gradient(w, target)
# ```
#
# Gluon's SGD with `wd=λ` does the same: it adds λw to the gradient. (Adam then divides λw by the root of its
# second moment, which is another thing: notebook 17 has AdamW.)
#
# </details>


# %%
def step(w, target, lr, decay):  # the solution, so that the notebook runs
    return (1 - lr * decay) * w - lr * gradient(w, target)


def path(decay, lr=0.5, steps=1500):
    random = numpy.random.default_rng(0)
    w = numpy.array([-0.6, 0.8])
    trace = [w]
    for angle in random.normal(0, 0.7, size=steps):
        w = step(w, numpy.array([numpy.cos(angle), numpy.sin(angle)]), lr, decay)
        trace.append(w)
    return numpy.array(trace)


toy_decays = (0.0, 0.01, 0.04)
paths = {f"λ = {decay:g}": path(decay) for decay in toy_decays}
with figures.style():
    left, right = figures.new_axes(2, height=4.0)
    for (name, trace), colour in zip(paths.items(), figures.COLOURS):
        left.plot(*trace[:400].T, ".", markersize=3, color=colour, label=name)
    left.plot(*paths["λ = 0"][0], "k*", markersize=12, label="start")
    left.set(title="the first 400 steps of w", xlabel="w₁", ylabel="w₂", aspect="equal")
    left.legend(markerscale=2)
    figures.draw_lines(
        {name: numpy.linalg.norm(trace, axis=1) for name, trace in paths.items()},
        ylabel="length of w",
        title="1,500 steps",
        ax=right,
    )
    figures.show(
        left,
        alt="Left, w in the plane turns from its start to the target direction, along the x axis. Without decay it "
        "runs on outwards, with decay it stays within a short stretch. Right, the length of w: without decay it "
        "grows for ever, more and more slowly; with decay it comes to rest, the earlier and shorter the larger λ.",
    )

# %% [markdown]
# *Without* decay w grows, and with it the brake: the angle of a step becomes smaller and smaller, whatever η
# was. *With* decay the length comes to rest. In one step $\|w\|^2$ grows by $\eta^2\|\nabla f\|^2 = \eta^2
# g^2/\|w\|^2$ and shrinks by $2\eta\lambda\|w\|^2$. The two are equal at the equilibrium (平衡)
#
# $$\|w\|^4 = \frac{\eta g^2}{2\lambda}, \qquad\text{where}\qquad
# \frac{\eta}{\|w\|^2} = \frac{\sqrt{2\eta\lambda}}{g},$$
#
# reached within a few times $1/(2\eta\lambda)$ steps. By which factor does the effective rate in equilibrium
# change with four times λ? And with four times η?

# %%
four_times = None
four_times_rate = None

# %%
check("four_times", four_times)
check("four_times_rate", four_times_rate)

# %%
angles = numpy.random.default_rng(0).normal(0, 0.7, size=1500)  # the targets of path()
rows = []
for decay in toy_decays[1:]:
    trace = paths[f"λ = {decay:g}"]
    turned = angles - numpy.arctan2(trace[:-1, 1], trace[:-1, 0])
    g2 = (numpy.sin(turned[-500:]) ** 2).mean()  # the gradient at ‖w‖ = 1, squared
    measured = numpy.linalg.norm(trace[-500:], axis=1).mean()
    rows.append([f"{decay:g}", f"{measured:.2f}", f"{(0.5 * g2 / (2 * decay)) ** 0.25:.2f}"])
table(["λ", "length of w, measured over the last 500 steps", "formula"], rows)

# %% [markdown]
# ## In a LeNet
#
# Recorded: LeNets with batch normalization and decay of the weights in front of it, for several λ. The lines
# are effective rates; where they are flat, the length is at rest.

# %%
DECAYS = sorted(load.case_values("weight_decay", "weight_decay"))


def effective(decay, layer):
    """(seeds, looks): the effective learning rate."""
    return LR / recorded(f"weight_norm/{layer}", weight_decay=decay) ** 2


with figures.style():
    axes = figures.new_axes(2, height=3.6)
    for ax, layer in zip(axes, ("conv1", "dense1")):
        figures.draw_over_seeds(
            {f"λ = {decay:g}": effective(decay, layer) for decay in DECAYS},
            STEPS,
            ylabel="effective learning rate",
            title=layer,
            log=True,
            ax=ax,
        )
    figures.show(
        axes,
        alt="The effective learning rate of conv1 and dense1 by training step, on a logarithmic axis, for three λ. "
        "Without decay both fall. With the largest decay that of conv1 soon levels off, higher than the others; that "
        "of dense1, a hundred times smaller, rises to the end of the run.",
    )

# %% [markdown]
# The two layers have the same η, and effective rates that are two orders of magnitude apart: `dense1` has many
# more weights, and is longer. Without decay the rates fall: *every* network with batch normalization has a
# schedule of its own. Decay lifts them.
#
# Is the equilibrium where the formula puts it? For the largest λ, with $g = \|\nabla f\|\,\|w\|$ from the
# recorded gradients of the second half:

# %%
largest, half = max(DECAYS), len(STEPS) // 2
rows = []
for layer in ("conv1", "conv2", "dense1", "dense2"):
    gradients, norms = (
        recorded(f"{kind}/{layer}", weight_decay=largest)
        for kind in ("gradient_norm", "weight_norm")
    )
    g2 = ((gradients * norms) ** 2)[:, half:].mean(axis=1)
    formula = (2 * LR * largest / g2) ** 0.5
    rows.append([layer, f"{(LR / norms[:, -1] ** 2).mean():.2g}", f"{formula.mean():.2g}"])
print(f"λ = {largest}: 1/(2ηλ) = {1 / (2 * LR * largest):.0f} steps; the run has {STEPS[-1]}")
table(["layer", "measured η/‖w‖² at the end", "formula √(2ηλ)/g"], rows)

# %% [markdown]
# The two convolutions have come to rest. The dense layers are long at the start and have small gradients: decay
# shortens them step by step, and the end of the run is not yet their equilibrium.

# %%
court["decay_raises_the_rate"].judge()

# %% [markdown]
# ## Decay without decay
#
# If decay sets a learning rate and nothing else, a learning rate can take its place. Let $w_t$ be the weights
# with decay. Without decay, but with the rate
#
# $$\eta_t = \eta\,(1 - \eta\lambda)^{-(2t+1)}, \qquad t = 0, 1, \ldots$$
#
# the weights are $(1 - \eta\lambda)^{-t}\, w_t$: longer, in the same direction, and so the *function*, up to ε, is the
# same in every step (Li & Arora, 2019). Try it: two networks from the same start, on the same batches. Biases, γ
# and β have no scale invariance; they get plain steps in both.


# %%
def train(net, way, lr=0.1, decay=0.05, steps=40):
    """The scores of X after each step, by the statistics of the batch."""
    free = {id(weight) for weight in scale_invariant(net).values()}
    trained = [p for p in net.collect_params().values() if p.grad_req != "null"]
    batches = [batch for _ in range(10) for batch in fixed][:steps]
    dtype, scores = net.output.weight.dtype, []
    for t, (images, labels) in enumerate(batches):
        with autograd.record():
            loss = cross_entropy(net(images.astype(dtype)), labels).mean()
        loss.backward()
        for p in trained:
            if id(p) in free and way == "decay":
                p.set_data((1 - lr * decay) * p.data() - lr * p.grad())
            elif id(p) in free:
                p.set_data(p.data() - lr * (1 - lr * decay) ** -(2 * t + 1) * p.grad())
            else:
                p.set_data(p.data() - lr * p.grad())
        with autograd.train_mode(), kept_averages(net):
            scores.append(net(X.astype(dtype)).asnumpy())
    return numpy.array(scores)


def tiny_epsilon(channels, rank):
    return gluon.nn.BatchNorm(epsilon=1e-12)


fixed = list(train_iter)[:8]
pairs = {
    "ReLU and max pooling": ("float32", {}),
    "softplus and average pooling": ("float32", {"activation": "softrelu", "pooling": "avg"}),
    "ReLU and max pooling, double precision, ε = 1e-12": ("float64", {"norm": tiny_epsilon}),
}
rows, looks = [], (1, 5, 20, 40)
for name, (dtype, options) in pairs.items():
    decayed, grown = lenet(**options), lenet(**options)
    for net in (decayed, grown):
        net.cast(dtype)
    scores = train(decayed, "decay"), train(grown, "growing rate")
    gaps = [abs(b - a).max() / abs(a).max() for a, b in zip(*scores)]
    rows.append([name, *(f"{gaps[look - 1]:.0e}" for look in looks)])
lengths = [numpy.linalg.norm(net.dense1.weight.data().asnumpy()) for net in (decayed, grown)]
print(
    f"length of dense1: with decay {lengths[0]:.2f}, with the growing rate {lengths[1]:.2f}, ratio {lengths[1] / lengths[0]:.4f}"
)
print(f"by the theorem, (1 − ηλ)^(−40) = {0.995**-40:.4f}")
print("largest difference of a score / largest score, after each number of steps:")
table(["the two networks", *(str(look) for look in looks)], rows)

# %% [markdown]
# The last row is the theorem: the same scores, to ten digits and more, from weights of another length. In single
# precision rounding (舍入), and ε, which is not quite nothing, part the two a little in the first step. Where the
# network is smooth, they stay close. ReLU and max pooling have kinks: a value that lies right at one falls to the
# other side in one of the two networks, its gradient jumps, and a few steps later these are two networks that learn
# alike, but no longer the same one. (These are scores by the statistics of the batch. A moving average lags behind
# weights that grow, and behind weights that shrink, each in its own way: test with population statistics, as
# notebook 6 says.)
#
# The picture at the top has such a pair over a longer run. By how much did the learning rate grow
# there? (η, λ and the number of steps are in `LR`, `TWIN` and `STEPS[-1]`.)

# %%
prediction = None  # a factor

# %%
check("growth", prediction, (1 - LR * TWIN) ** (-2 * STEPS[-1]))

# %% [markdown]
# Nothing blows up. Is there a difference in test accuracy that would matter?

# %%
decay_is_a_rate = court["decay_is_a_rate"].judge()
figures.show(
    figures.draw_judgement(decay_is_a_rate),
    alt="The difference in test accuracy between decay and the growing rate with its interval, against the band of "
    "one point within which it would not matter.",
)

# %%
decay_is_a_rate

# %% [markdown]
# ## Does it give what a rate cannot?
#
# The same function can be had by a growing rate; but who trains with one? The practical question is another: with the rate *tuned*, is
# there anything left for decay to add? Notebook 17 has runs with a constant rate and with one that falls along a cosine, with and
# without decay of these weights, each at the rate that was best on validation images (验证集):

# %%
court["decay_adds_nothing"].judge()

# %% [markdown]
# "Supported" means that the two do not differ by a point: what a moderate decay does here, a tuned rate can do as well. That is no advice
# against decay. One who has not tuned the rate, or trains so long that the effective rate would die away, has a use for it.

# %% [markdown]
# ## With and without batch normalization
#
# Last, the test accuracy by λ at one learning rate. Without batch normalization the same weights decay, and there
# the length counts.

# %%
NETWORKS = {"BN": "gluon", "without BN": None}


def by_decay(name, decay, measure="test_accuracy"):
    return load.by_seed(
        "weight_decay", measure, norm=NETWORKS[name], weight_decay=decay, way="decay"
    )


ax = figures.draw_error_curves(
    {name: [estimate(by_decay(name, decay)).bar for decay in DECAYS] for name in NETWORKS},
    x=range(len(DECAYS)),
    xlabel="weight decay λ",
    ylabel="test accuracy",
)
ax.set_xticks(range(len(DECAYS)), [f"{decay:g}" for decay in DECAYS])
figures.show(
    ax, alt="Test accuracy for three values of weight decay, with batch normalization and without."
)

# %%
court["large_decay_harms_descent"].judge()

# %% [markdown]
# The largest decay raises the *training* loss in both networks, so this is not about overfitting (过拟合): what suffers is the
# descent. Without batch normalization the decay makes the function flatter. With it, the effective rate does it, since the growing
# rate above, without any decay, ends with the same loss. Whether a higher effective rate would pay in a longer training, these
# short runs cannot say.
#
# **Which parameters?** MXNet's optimizers decay everything, biases, γ and β too. Only weights *in front of* a
# normalization are scale invariant. For the last layer, which has none behind it, decay is what it is known for.
# To choose, set `wd_mult` of a parameter to 0; `d2l_bn.diagnostics.scale_invariance.decay_only` does it.
#
# ## What you can now do
#
# - You can show that in front of a batch normalization $f(\alpha w) = f(w)$ for $\alpha > 0$, that the gradient is
#   perpendicular to w and goes with $1/\|w\|$.
# - You can say what length and decay do there: they set the effective rate $\eta/\|w\|^2$. Without decay it falls
#   by itself; with decay it comes to rest at $\sqrt{2\eta\lambda}/g$.
# - You can train without decay what was trained with it, by a growing rate.
# - You know that decay is still L2 for the last layer, and that MXNet decays γ and β unless told otherwise.
#
# ## Exercises
#
# 1. Each *filter* (卷积核) of a convolution is scale invariant on its own. Multiply one filter of `conv1` by 100 and
#    show that the scores stay. Why do the figures use the length of the whole layer all the same?
# 2. Is a layer with weight normalization, $w = g\,v/\|v\|$ (notebook 12), scale invariant in v, in g, in both?
#    What do you decay there, and to what end?
#
# <details><summary>Solution of 1</summary>
#
# ```python
# net = lenet()
# with autograd.train_mode(), kept_averages(net):
#     before = net(X)
#     weight = net.conv1.weight.data()
#     weight[0] *= 100
#     print(np.abs(net(X) - before).max())  # below 0.001: rounding, and ε
# ```
#
# All filters of a layer get the same η, and the brake works on each by itself. The length of the layer is the root
# of the sum of the squares of theirs; as long as they stay of similar length, one number tells the story.
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# In v: $v/\|v\|$ does not change. Not in g, which is the length of w. Decay of v sets the effective rate of the
# direction, as here; decay of g is L2 as it is known, it makes w shorter. With a batch normalization behind it, w as
# a whole is scale invariant, and decay of g does nothing for the function either.
#
# </details>
#
# ## Where to read on
#
# - van Laarhoven, 2017: *L2 Regularization versus Batch and Weight Normalization*, arXiv 1706.05350, section 3: the
#   effective learning rate.
# - Zhang, Wang, Xu & Grosse, 2018: *Three Mechanisms of Weight Decay Regularization*, arXiv 1810.12281; Hoffer et
#   al., 2018: *Norm matters*, arXiv 1803.01814.
# - Li & Arora, 2019: *An Exponential Learning Rate Schedule for Deep Learning*, arXiv 1910.07454, theorem 1.
# - `d2l_bn/diagnostics/scale_invariance.py`: the theorem as an optimizer, `GrowingSGD`.
# - **Notebook 13:** dropout, the other regularizer. **Notebook 17:** schedules, and AdamW.
