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
# # 10 · Why does it work?
#
# Batch normalization (批量归一化, BN) makes networks train faster; notebook 7 measured by how much. The
# *reason* is another matter. The paper that introduced it gave one, internal covariate shift
# (内部协变量偏移), and the sources of this course repeat it. A later paper, Santurkar et al. 2018, put
# that reason to the test and rejected it (row 74). Here we repeat the test on LeNet, and then
# look for a better reason.
#
# **After this notebook you can**
#
# - measure internal covariate shift in two ways, and *inject* it;
# - tell what batch normalization does to a distribution from what it does to a gradient (梯度), by
#   an experiment that has one without the other;
# - measure how smooth a loss (损失) is along a step: its band, the predictiveness of the gradient,
#   the effective β, the largest curvature (曲率);
# - say what "larger gradient, hence faster" gets wrong.
#
# **Time:** 1 to 2 minutes to run on two CPU cores, 60 minutes to read.
#
# **Needs:** notebooks 5 and 4, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# It covers rows 1, 18, 70 and 74 of the course, touches 19 and 73, and makes correction 7. Cells
# with `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import mxnet as mx
import numpy
from IPython.display import Markdown
from mxnet import autograd, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.diagnostics.covariate_shift import gradient_shift, input_moments, moment_shift
from d2l_bn.diagnostics.loss_landscape import along_gradient, layer_gradients
from d2l_bn.diagnostics.scale_invariance import weight_norms
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments import load
from d2l_bn.experiments.claims.verdict import judge
from d2l_bn.experiments.statistics import difference, estimate, times
from d2l_bn.norms.detached_batch import DetachedBatchNorm
from d2l_bn.norms.noisy_batch import NoisyBatchNorm

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs
data = "auto"
if FAST and find_local() is None:
    data = "synthetic"  # drawn garments, NOT Fashion-MNIST: only to see that the notebook runs

train_iter, test_iter = d2l_bn.load_fashion_mnist(
    64, data=data, limit=1_280 if FAST else 5_120, seed=0
)
X, y = next(iter(train_iter))
print(train_iter)

# %% [markdown]
# # Part one: the suspects
#
# | | the reason that is given | where | what it predicts |
# |---|---|---|---|
# | A | the distribution (分布) of a layer's inputs keeps shifting, and each layer has to adapt anew; BN holds it still | rows 1 and 18 | put the shift back, and BN is as slow as none |
# | B | BN makes gradients larger, and larger gradients learn faster | row 19 | make them larger by other means, and it is as fast as BN |
# | C | BN makes the loss smoother along a step, so that the gradient here still tells something about *there* | row 74 | the loss varies less along a step, and gradients change less |
#
# Source 001 has A in these words: 每一层的参数更新会导致上层的输入数据分布发生变化 … 高层需要不断去重新适应底层的参数更新,
# "each layer's update changes the distribution of the next layer's input … the higher layers have to
# adapt again and again to the updates of the lower ones". Source 000 says the same of batches (row
# 1): if each has another distribution, training is slow. And B: 梯度变大意味着学习收敛速度快.
#
# ## First: which part of a distribution?
#
# 001 says that BN pulls the inputs "back to a standard normal distribution" (标准正态分布). We give
# it 4,000 values from an exponential distribution, whose skewness (偏度) is 2: a long tail to the
# right. A normal distribution has skewness 0. What is the skewness of BN's output?

# %%
prediction = None  # a number, to within 0.2


def normalize(z):
    """Batch normalization with γ = 1, β = 0, in training mode."""
    one, zero = np.ones((1, z.shape[1])), np.zeros((1, z.shape[1]))
    with autograd.train_mode():
        return d2l_bn.batch_norm(z, one, zero, zero, one)[0]


def standardized_moment(z, power):
    """The mean of ((z - mean) / deviation) to this power: 3, the skewness; 4, the kurtosis."""
    z = z.astype("float64")
    return (((z - z.mean()) / z.std()) ** power).mean().item()


mx.random.seed(0)
z = np.random.exponential(1.0, size=(4_000, 1))
out = normalize(z)
skewness = standardized_moment(out, 3)
close = prediction is not None and abs(prediction - skewness) < 0.2
self_check(
    "the skewness of the output",
    skewness if close else prediction,
    skewness,
    reasons=[(0, "BN shifts and stretches. Both leave the shape of a distribution as it is.")],
)

# %%
for name, values in (("before", z), ("after", out)):
    third, fourth = standardized_moment(values, 3), standardized_moment(values, 4)
    print(
        f"{name:6s}: mean {values.mean().item():5.2f}, deviation {values.std().item():.2f}, "
        f"skewness {third:.2f}, kurtosis {fourth:.2f}  (normal: 0 and 3)"
    )

axes = figures.draw_shapes({"exponential": z}, {"exponential": out})

# %% [markdown]
# > **Correction 7, first part.** BN fixes two moments, mean and variance. It makes no normal
# > distribution. So if A is the reason, it must be about these two moments.

# %% [markdown]
# # Part two: the shift
#
# ## See it
#
# Three networks with ReLU: without BN, with BN, and with BN followed by **noise** (噪声). The noise is
# that of Santurkar et al. It draws, anew in each step and for each channel $c$, a mean
# $\mu_c \sim U(-0.5, 0.5)$ and a scale $\sigma_c \sim U(1, 1.25)$, then shifts and stretches
# each value by about that much: $y = s x + m$, $m \sim U(\mu_c - 0.1, \mu_c + 0.1)$,
# $s \sim N(\sigma_c, 0.1^2)$. Whatever BN did for the stillness of distributions, this undoes it.


# %%
def noisy(channels, rank):
    return NoisyBatchNorm(nn.BatchNorm(in_channels=channels))


NORMS = {"none": None, "BN": "gluon", "noisy BN": noisy}
LIMITS = (-3, 3)

watched, nets, histories = {}, {}, {}
for name, norm in NORMS.items():
    nets[name] = d2l_bn.lenet(norm, activation="relu")
    layer = "conv2" if norm is None else "norm2"  # whose output enters the activation
    with ActivationStats(nets[name], [layer], every=1, limits=LIMITS) as stats:
        histories[name] = d2l_bn.train(nets[name], train_iter, epochs=1, lr=0.1, seed=0)
    watched[name] = stats[layer]

axes = figures.draw_through_training(
    {f"{name}: into act2": (seen.edges, seen.histograms) for name, seen in watched.items()},
    watched["none"].steps,
    columns=1,
)

# %% [markdown]
# Each column of a panel is a histogram (直方图) of all values that enter the second activation
# (激活函数) in one step. Without BN they spread and move; with BN they stand still; with noise they jump
# in every step. Which of the three networks has the lowest loss after this one pass, do you think?

# %%
prediction = None  # "none", "BN" or "noisy BN"

losses = {name: history.last.loss for name, history in histories.items()}
self_check("the network with the lowest mean loss", prediction, min(losses, key=losses.get))
for name, loss in losses.items():
    print(f"{name:8s}  mean loss {loss:.3f}")

# %% [markdown]
# ## Measure it
#
# One number for "how far did a distribution move": take mean $\mu_c$ and deviation $\sigma_c$ of
# each channel, before and after a step, on the same images, and
#
# $$\text{shift} = \sqrt{\frac{\sum_c (\mu'_c - \mu_c)^2 + (\sigma'_c - \sigma_c)^2}{\sum_c \sigma_c^2}}$$
#
# A shift of 1 means: by one deviation. Below, one step each by hand, from where the three networks
# stand now. In which network do the inputs of `act2` shift most?

# %%
prediction = None  # "none", "BN" or "noisy BN"


def step(net, X, y, lr):
    """One step of gradient descent."""
    loss_function = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    with autograd.record():
        loss = loss_function(net(X), y)
    loss.backward()
    mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr}, kvstore=None).step(len(y))


shifts = {}
for name, net in nets.items():
    before = input_moments(net, X, ["act2"])
    step(net, X, y, lr=0.1)
    shifts[name] = moment_shift(before["act2"], input_moments(net, X, ["act2"])["act2"])

self_check("the network that shifts most", prediction, max(shifts, key=shifts.get))
for name, shift in shifts.items():
    print(f"{name:8s}  shift {shift:.3f}")

# %% [markdown]
# One step of one seed (随机种子) proves little. A script has measured such things every 20 steps, with
# three seeds, for ReLU (learning rate 0.1) and for the chapter's sigmoid (learning rate 1). It
# takes a quarter of an hour: `d2l-bn run landscape`. A fourth network has noise four
# times as strong.

# %%
records = load.select("landscape", lr_factor=1)
config = records[0]["case"]
print(records[0]["data"], {name: config[name] for name in ("batch_size", "steps", "every")})
for name in ("activation", "network"):
    print(f"{name}:", ", ".join(load.case_values(records, name)))

ACTIVATIONS = ("relu", "sigmoid")
NETWORKS = {"none": "none", "batch": "BN", "noisy": "noisy BN", "very_noisy": "very noisy BN"}
PLACES = ("act1", "act2", "act3", "act4")


def column(name, network, activation):
    """(seeds, looks): one measure, of the runs at the learning rate of the activation."""
    return load.stacked(records, name, network=network, activation=activation)


def per_seed(measure, network, activation, lr_factor=1):
    """One number for each seed."""
    fields = {"network": network, "activation": activation, "lr_factor": lr_factor}
    return load.by_seed("landscape", measure, **fields)


STEPS = column("step", "none", "relu")[0]


def mean_of(name, network, activation, places=PLACES):
    """(seeds, looks): a column, its mean over the places in the network."""
    parts = [column(f"{name}/{place}", network, activation) for place in places]
    return numpy.mean(parts, axis=0)


axes = figures.new_axes(2, height=3.8, sharey=True)
for ax, activation in zip(axes, ACTIVATIONS):
    figures.draw_over_seeds(
        {title: mean_of("moment_shift", n, activation) for n, title in NETWORKS.items()},
        STEPS,
        ylabel="shift in one step, in deviations" if activation == "relu" else "",
        title=activation,
        log=True,
        legend=activation == "relu",
        ax=ax,
    )

# %% [markdown]
# Lines are means over three seeds and the four activations, shades the range over the seeds. BN
# alone reduces the shift by a factor of a hundred and more: that part of the story is true. (The
# plain network with sigmoids seems to shift enormously. It is stuck, and its examples have become so
# alike that the deviation, the unit here, is nearly 0; notebook 5 has seen this. In units of the
# inputs themselves it moves less. The verdicts below use the network with ReLU where this matters.)

# %% [markdown]
# ## Does it matter?
#
# Hypothesis A orders the networks by their shift. The noisy network shifts about as much as the one
# without BN, a hundred times more than the one with BN. So it should train like the one without. Does
# it? Predict, for ReLU: is its training loss (训练损失) after 160 steps nearer to that of BN or to
# that of none?

# %%
prediction = None  # "BN" or "none"

final = {
    (network, activation): per_seed("final_loss", network, activation)
    for network in (*NETWORKS, "detached")
    for activation in ACTIVATIONS
}


def kept(value, network, activation):
    """(none - network) / (none - BN) by seed: 1 is as good as BN, 0 as none."""
    none, batch, other = (per_seed(value, n, activation) for n in ("none", "batch", network))
    return {seed: (none[seed] - other[seed]) / (none[seed] - batch[seed]) for seed in none}


share = estimate(kept("final_loss", "noisy", "relu")).mean
self_check("the nearer one", prediction, "BN" if share > 0.5 else "none")

# %%
LOSS_STEPS = STEPS + config["every"] / 2  # each is the mean of the steps up to the next

axes = figures.new_axes(2, height=3.8, sharey=True)
for ax, activation in zip(axes, ACTIVATIONS):
    figures.draw_over_seeds(
        {t: column("loss_between_looks", n, activation) for n, t in NETWORKS.items()},
        LOSS_STEPS,
        ylabel="training loss" if activation == "relu" else "",
        title=activation,
        legend=activation == "relu",
        ax=ax,
    )

# %% [markdown]
# And the test accuracy (测试精度) after these few steps, of each seed. (Noise is for training. The
# statistics for testing were computed without it, over 40 batches; notebook 6.)

# %%
ax = figures.draw_dots(
    {
        title: {a: list(per_seed("test_accuracy", n, a).values()) for a in ACTIVATIONS}
        for n, title in NETWORKS.items()
    },
    ylabel="test accuracy",
)

# %% [markdown]
# How much of BN's gain over none is left when its distributions are made to jump? Here is the share
# that is kept: 1 would be as good as BN, 0 as bad as none.

# %%
print("share of BN's gain that is kept          training loss          test accuracy")
for activation in ACTIVATIONS:
    for network in ("noisy", "very_noisy"):
        shares = [
            estimate(kept(value, network, activation)) for value in ("final_loss", "test_accuracy")
        ]
        print(f"{activation:8s} {NETWORKS[network]:14s}", *(f"{share!s:>22}" for share in shares))

# %% [markdown]
# Noise costs something. How could it not? It blurs what each layer tells the next, and the training
# loss is measured with the noise on. But with a shift of the size that the plain network has, the
# larger part of the gain is still there; and with four times the noise the network still tests
# better than without BN.
#
# ## The other definition
#
# "Shift of distributions" may be the wrong thing to measure. What does a layer that "has to adapt
# again" feel? Its *gradient* changes. Santurkar et al. define internal covariate shift so: let $G_i$
# be the gradient of the weights $W_i$ of layer $i$ before a step, and $G'_i$ that on the same batch
# after the layers *before* it have made their step (and it has not). Without shift, $G' = G$. At
# hand for the three networks:

# %%
for name in ("none", "BN"):
    print(name)
    for layer, shift in gradient_shift(nets[name], X, y, lr=0.1).items():
        print(f"  {layer:7s} |G - G'| / |G| = {shift.relative:.2f}   cosine {shift.cosine:.2f}")

# %% [markdown]
# And through training. In which network do the gradients of ReLU's `conv2`, the layer with only
# one layer before it, shift more?

# %%
prediction = None  # "none" or "BN"

on_conv2 = times(*(per_seed("gradient_shift/conv2", n, "relu") for n in ("none", "batch")))
self_check("the network", prediction, "none" if on_conv2.mean > 0 else "BN")

# %%
LAYERS = ("conv2", "dense1", "dense2", "output")

axes = figures.new_axes(4, rows=2, height=5.4, sharex=True, sharey="row")
for row, activation in zip(axes, ACTIVATIONS):
    for ax, layer in zip(row, LAYERS):
        figures.draw_over_seeds(
            {
                NETWORKS[n]: column(f"gradient_cosine/{layer}", n, activation)
                for n in ("none", "batch")
            },
            STEPS,
            xlabel="training step" if activation == "sigmoid" else "",
            ylabel=f"{activation}: cosine of G and G'" if layer == "conv2" else "",
            title=layer if activation == "relu" else "",
            legend=activation == "relu" and layer == "conv2",
            ax=ax,
        )

# %% [markdown]
# A cosine (余弦) of 1 is no shift. BN is not the one with less of it: not in the early layers, where
# it has *more*. (With sigmoids the plain network has next to none, and it does not learn at all.)
#
# ## Verdict on A
#
# Each claim below becomes an effect (效应) for each of the two activations, positive in the direction
# of the claim, with its 95 % confidence interval (置信区间) over the seeds. It holds under a condition
# if the whole interval is above 0. "Times" are given as logarithms to base 10: 1 is a factor of ten.

# %%
verdicts = {}


def ratios(measure, first="none", second="batch"):
    """By what factor a measure is larger in one network than in another, for each activation."""
    return {
        a: times(per_seed(measure, first, a), per_seed(measure, second, a)) for a in ACTIVATIONS
    }


def gaps(first, second):
    """By how much the final training loss of one network is above that of another."""
    return {a: difference(final[first, a], final[second, a]) for a in ACTIVATIONS}


def say(claim, effects, **options):
    """Judge a claim, print the verdict, and keep it for the summary."""
    verdicts[claim] = judge(effects, **options)
    print(f"{claim}:\n    {verdicts[claim]}")


say("with BN, distributions shift less (times)", ratios("moment_shift/*"))
say("with BN, gradients shift less (times)", ratios("gradient_shift/*"))
say(
    "noisy BN shifts more than none, in units of the inputs (times)",
    ratios("absolute_shift/*", "noisy", "none"),
)
say("noisy BN, which shifts, trains no better than none (loss)", gaps("noisy", "none"))
for value, what in (("test_accuracy", "test accuracy"), ("final_loss", "loss")):
    say(
        f"noisy BN keeps more than half of BN's gain in {what} (share - 0.5)",
        {
            a: estimate({seed: share - 0.5 for seed, share in kept(value, "noisy", a).items()})
            for a in ACTIVATIONS
        },
    )
say("noisy BN trains worse than BN (loss)", gaps("noisy", "batch"))
say(
    "noisy BN tests worse than BN (accuracy)",
    {
        a: difference(*(per_seed("test_accuracy", n, a) for n in ("batch", "noisy")))
        for a in ACTIVATIONS
    },
)
say("very noisy BN trains worse than none (loss)", gaps("very_noisy", "none"))

# %% [markdown]
# So BN does hold two moments still, and that is not why it helps. (Row 74; and row 1 with it: in
# the noisy networks each *batch* had another distribution in every layer, and they trained.)

# %% [markdown]
# # Part three: the same distributions, another gradient
#
# Row 70: change one $z$ and *all* $\hat z$ of its channel change, for $\mu$ and $\sigma$ are made of
# it. Source 004 sees in this a cost, so much to recompute. It is also the point. The gradient of BN
# knows of it: that is what makes it more than a division (notebook 4).
#
# We can build a BN that does not know: forward the same, digit for digit, so the same distributions,
# the same stillness. Backward, $\mu$ and $\sigma$ count as constants. If stillness were the reason,
# this `DetachedBatchNorm` would do just as well.

# %%
z = np.random.normal(2, 3, size=(8, 1))
dY = np.random.normal(size=(8, 1))

for kind in (d2l_bn.BatchNorm, DetachedBatchNorm):
    layer = kind(1, num_dims=2)
    layer.initialize()
    z.attach_grad()
    with autograd.record():
        out = layer(z)
    out.backward(dY)
    for what, values in (("output", out), ("gradient", z.grad)):
        numbers = "".join(f"{value:7.2f}" for value in values.asnumpy().ravel())
        print(f"{kind.__name__:17s} {what:8s} {numbers}")

# %% [markdown]
# Will a network with it train better than none, or worse?

# %%
prediction = None  # "better" or "worse", for ReLU

gain = difference(final["none", "relu"], final["detached", "relu"])
self_check("the detached network", prediction, "better" if gain.mean > 0 else "worse")

# %%
TITLES = {"none": "none", "batch": "BN", "detached": "detached BN"}

axes = figures.new_axes(2, height=3.8, sharey=True)
for ax, activation in zip(axes, ACTIVATIONS):
    figures.draw_over_seeds(
        {t: column("loss_between_looks", n, activation) for n, t in TITLES.items()},
        LOSS_STEPS,
        ylabel="training loss" if activation == "relu" else "",
        title=activation,
        legend=activation == "relu",
        ax=ax,
    )

# %% [markdown]
# Its inputs shift as little as BN's do. It is still, and it is useless:

# %%
say("detached BN shifts less than none (times)", {
    "relu": times(*(per_seed("moment_shift/*", n, "relu") for n in ("none", "detached")))
})  # fmt: skip
say(
    "detached BN, with the same outputs, trains worse than BN (loss)",
    gaps("detached", "batch"),
)
say("detached BN trains better than none (loss)", gaps("none", "detached"))

# %% [markdown]
# (Only ReLU in the first line: with sigmoids the detached network runs so far off that its sigmoids give
# constants, which have no deviation to measure by.)
#
# Why does it fail? Because BN removes the length of the weights (权重) in front
# of it, the loss does not depend on that length:
# $L(\alpha w) = L(w)$. So the true gradient has no part along $w$: it is **orthogonal** (正交) to it.
# Does that show in numbers? And for the detached gradient?

# %%
prediction = None  # True or False: is BN's gradient orthogonal to w, to within a cosine of 0.01?


def fresh(norm):
    """LeNet with ReLU, as it starts."""
    net = d2l_bn.lenet(norm, activation="relu")
    mx.random.seed(0)
    net.initialize(mx.init.Xavier())
    net(X)  # the first input decides the sizes of the layers
    return net


def cosine_with_weights(norm):
    """The cosine of each layer's weight and its gradient, in a fresh network."""
    net = fresh(norm)
    gradients = layer_gradients(net, X, y)
    cosines = {}
    for name in ("conv1", "conv2", "dense1", "dense2"):
        w = getattr(net, name).weight.data().asnumpy().ravel()
        g = gradients[name]
        cosines[name] = float(w @ g / numpy.linalg.norm(w) / numpy.linalg.norm(g))
    return cosines


def detached(channels, rank):
    return DetachedBatchNorm(channels, rank)


cosines = {
    title: cosine_with_weights(norm)
    for title, norm in (("none", None), ("BN", "batch"), ("detached BN", detached))
}
self_check("the answer", prediction, max(abs(cosine) for cosine in cosines["BN"].values()) < 0.01)

# %%
print("cosine of weight and gradient   conv1     conv2    dense1    dense2")
for title, by_layer in cosines.items():
    print(f"{title:27s}", *(f"{cosine:9.4f}" for cosine in by_layer.values()))

# %% [markdown]
# A step at a right angle to $w$ makes $w$ longer by little. The detached gradient has a part along
# $w$, which promises a lower loss if $w$ becomes longer (or shorter), and never keeps its word, for the
# length changes nothing. So it goes on, step after step. Ioffe and Szegedy describe this for a bias that
# grows and grows, and call it the reason for letting the gradient through $\mu$ and $\sigma$.

# %%
lengths = {}
for title, norm in (("BN", "batch"), ("detached BN", detached)):
    net = fresh(norm)
    weights = {"conv2": net.conv2.weight}
    lengths[title] = []
    train_iter.epoch = 0
    for X_batch, y_batch in train_iter:
        lengths[title].append(weight_norms(weights)["conv2"])
        step(net, X_batch, y_batch, lr=0.1)
        if len(lengths[title]) == 20:
            break

ax = figures.draw_lines(lengths, xlabel="step", ylabel="length of conv2's weight")

# %% [markdown]
# The benefit is in the *gradient*. What does BN do to it? For one channel, with
# $r = 1/\sqrt{\sigma^2 + \varepsilon}$ and the gradient $g$ that arrives from above,
#
# $$\|\nabla_x L\|^2 = \gamma^2 r^2 \Big( \|g\|^2 - \tfrac1m \big({\textstyle\sum} g\big)^2
#   - \tfrac1m \big({\textstyle\sum} g\, \hat x\big)^2 \Big)$$
#
# (up to $\varepsilon$; Santurkar et al., theorem 4.1, is this with ≤ and for the loss). Two parts are
# taken away: what would only move the mean, and what would only change the deviation. Check it:

# %%
m, gamma = 64, 1.5
x, g = (np.random.normal(size=(m, 1)).astype("float64") for _ in range(2))
g = g + 1.0  # so that its mean is not 0
x.attach_grad()
with autograd.record():
    one, zero = np.ones((1, 1), dtype="float64"), np.zeros((1, 1), dtype="float64")
    out = d2l_bn.batch_norm(x, gamma * one, zero, zero, one, eps=1e-12)[0]
out.backward(g)

x_hat, r2 = out / gamma, 1 / x.var()
left = (x.grad**2).sum()
parts = (g**2).sum(), g.sum() ** 2 / m, (g * x_hat).sum() ** 2 / m
right = gamma**2 * r2 * (parts[0] - parts[1] - parts[2])
print(f"left {left.item():.6f}, right {right.item():.6f}")
print("of |g|², the mean takes {:.0%}, the deviation {:.0%}".format(
    *((part / parts[0]).item() for part in parts[1:])))  # fmt: skip

# %% [markdown]
# Shorter by what is useless; and scaled by $\gamma / \sigma$. Whether this makes the loss
# *smoother* is a question of measurement.

# %% [markdown]
# # Part four: the landscape
#
# ## One walk
#
# Stand at the weights $w$, take the gradient $g$ of one batch, and walk along it: $w - \eta g$ for
# growing $\eta$, without learning on the way. Two things to see: the **loss**, and the distance of
# the **gradient** from the one at the start, $\|g(w) - g(w - \eta g)\| / \|g(w)\|$. A value of 1
# means: the gradient there has nothing to do with the one that pointed the way.

# %%
walks = {
    name: along_gradient(nets[name], X, y, 0.1 * numpy.geomspace(0.05, 8, 6 if FAST else 14))
    for name in ("none", "BN")
}
step_sizes = walks["none"].step_sizes

left, right = figures.new_axes(2, height=3.8)
figures.draw_lines(
    {name: walk.losses for name, walk in walks.items()},
    x=step_sizes, xlabel="η", ylabel="loss of the batch", ax=left,
)  # fmt: skip
figures.draw_lines(
    {name: walk.predictiveness for name, walk in walks.items()},
    x=step_sizes, xlabel="η", ylabel="relative change of the gradient", ax=right,
)  # fmt: skip
for ax in (left, right):
    ax.set_xscale("log")
    ax.axvline(0.1, color="black", linewidth=0.8)  # the learning rate

# %% [markdown]
# The thin line is the learning rate (学习率). All weights are back where they were: `along_gradient`
# looks and leaves no trace.
#
# ## All walks
#
# The script has taken such walks every 20 steps, each with $\eta$ from a quarter of the learning
# rate to four times as much. The **band** (带) of a step reaches from the least to the greatest loss
# on its walk.

# %% tags=["cover"]
axes = figures.new_axes(2, height=3.8)
for ax, activation in zip(axes, ACTIVATIONS):
    losses = {
        NETWORKS[n]: column("losses_along_gradient", n, activation) for n in ("none", "batch")
    }
    figures.draw_bands(
        {title: (values.min(axis=2), values.max(axis=2)) for title, values in losses.items()},
        STEPS,
        ylabel="loss along the gradient",
        title=activation,
        log=True,
        ax=ax,
    )

# %% [markdown]
# With ReLU (left) it is the picture of the paper: without BN, a walk along the gradient soon leads
# *up*, to several times the loss; with BN nearly any step in the range is a good one. With sigmoids
# (right) it is the other way round! The plain network stands on a plateau (平坦区), where nothing
# varies because nothing is learnt. **Smooth is not enough**; a desert is smooth.
#
# ### Move it yourself
#
# **Predict first.** There are 24 such walks with ReLU for each network: three seeds, eight places. At
# *twice* the learning rate, in how many of the 24 is the loss above where the walk began, without BN
# and with it?

# %%
up_without_bn = None  # 0, 4 or 14
up_with_bn = None

# %% [markdown]
# Move the step size to the end, at several places of the training; then the same with sigmoids.

# %%
figures.interactive("step_along_gradient")

# %%
self_check("the number of walks that lead up without BN", up_without_bn, 14)
self_check("the number of walks that lead up with BN", up_with_bn, 0)

# %% [markdown]
# **With ReLU, a gradient keeps its promise for a longer step if the network has BN: twice the learning
# rate leads down in every walk, without BN in fewer than half of them. With sigmoids it is the
# network without BN that keeps it: on a plateau little is promised.**
#
# ## Predictiveness, β, curvature
#
# Three more numbers for each place. The relative change of the gradient at $\eta$ = learning rate;
# the **effective β**, the largest $\|g(w) - g(w-\eta g)\| / (\eta\|g\|)$ on the walk; and, at three
# places, the magnitude of the largest eigenvalue (特征值) of the Hessian (黑塞矩阵), by ten power
# iterations (幂迭代). On a
# quadratic, rates above $2/\lambda_{max}$ diverge.

# %%
factor = config["step_factors"].index(1.0)


def change_at_rate(network, activation):
    """(seeds, looks): the relative change of the gradient one learning step away."""
    distances = column("gradient_distances", network, activation)[..., factor]
    return distances / column("gradient_norm", network, activation)


axes = figures.new_axes(2, rows=2, height=6.0, sharex=True)
for panels, activation in zip(axes.T, ACTIVATIONS):
    for ax, title, look in zip(
        panels,
        ("relative change of the gradient", "effective β"),
        (change_at_rate, lambda n, a: column("smoothness", n, a)),
    ):
        figures.draw_over_seeds(
            {NETWORKS[n]: look(n, activation) for n in ("none", "batch")},
            STEPS,
            xlabel="training step" if title == "effective β" else "",
            ylabel=title if activation == "relu" else "",
            title=activation if title != "effective β" else "",
            log=True,
            legend=activation == "relu" and title == "effective β",
            ax=ax,
        )

# %%
print("largest eigenvalue of the Hessian, mean of the seeds, at step")
for activation in ACTIVATIONS:
    steps = column("curvature_step", "none", activation)[0]
    print(f"{activation:20s}" + "".join(f"{step:9.0f}" for step in steps))
    for network in ("none", "batch"):
        values = column("largest_eigenvalue", network, activation).mean(axis=0)
        print(f"  {NETWORKS[network]:18s}" + "".join(f"{value:9.2f}" for value in values))
    (lr,) = load.case_values(load.select(records, activation=activation), "lr")
    print(f"  2 / learning rate   {2 / lr:7.2f}")

# %% [markdown]
# ## Verdict on C
#
# Four claims, at the learning rate of each activation. Each number is a geometric mean (几何平均) over
# the steps that were looked at, so that one wild step does not decide.


# %%
def by_seed(values, network, activation):
    """Geometric means over the looks, from (seeds, looks)."""
    return dict(enumerate(10 ** numpy.log10(values).mean(axis=1)))


def width(network, activation):
    """(seeds, looks): the width of the band of losses."""
    losses = column("losses_along_gradient", network, activation)
    return losses.max(axis=2) - losses.min(axis=2)


def less_with_bn(look):
    """For each activation: by what factor the numbers are larger without BN."""
    return {
        a: times(by_seed(look("none", a), "none", a), by_seed(look("batch", a), "batch", a))
        for a in ACTIVATIONS
    }


say("with BN, the band of losses is narrower (times)", less_with_bn(width))
say("with BN, the gradient changes less along a step (times)", less_with_bn(change_at_rate))
say(
    "with BN, the effective β is smaller (times)",
    less_with_bn(lambda n, a: column("smoothness", n, a)),
)
say(
    "with BN, the largest curvature is smaller (times)",
    less_with_bn(lambda n, a: column("largest_eigenvalue", n, a)),
)

# %% [markdown]
# Read the marks with care. A cross says that three seeds do not confirm a claim; where the whole
# interval is below 0, they confirm its opposite. And curvature is measured in units of the weights,
# whose length in front of BN means nothing (part three): the width of the band, in units of the loss,
# is the fairer comparison.
#
# # Part five: larger, hence faster?
#
# Hypothesis B, in three predictions. First: with BN, gradients are larger. Here is the length of
# the whole gradient, and of each layer's.

# %%
axes = figures.new_axes(2, height=3.8)
for ax, activation in zip(axes, ACTIVATIONS):
    figures.draw_over_seeds(
        {NETWORKS[n]: column("gradient_norm", n, activation) for n in ("none", "batch")},
        STEPS,
        ylabel="length of the gradient" if activation == "relu" else "",
        title=activation,
        log=True,
        legend=activation == "relu",
        ax=ax,
    )

# %%
ALL_LAYERS = ("conv1", *LAYERS)
print(
    "mean length of the gradient of  "
    + "".join(f"{layer:>9}" for layer in ALL_LAYERS)
    + "   longest / shortest"
)
for activation in ACTIVATIONS:
    for network in ("none", "batch"):
        lengths = [
            column(f"layer_gradient_norm/{layer}", network, activation).mean()
            for layer in ALL_LAYERS
        ]
        spread = max(lengths) / min(lengths)
        print(
            f"{activation:8s} {NETWORKS[network]:22s}",
            *(f"{length:8.4f}" for length in lengths),
            f"{spread:13.1f}",
        )

# %% [markdown]
# With ReLU, BN's gradient is not the longer one, and BN is faster. With sigmoids it is longer. But
# look at the last column: there, the layers' gradients are *alike* with BN and hundreds of times
# apart without. One learning rate has to serve them all.
#
# Second: a gradient that is larger by other means trains as fast. Multiply the loss by 3: each
# gradient is 3 times as long, and each step, too. It is the same as 3 times the learning rate. Third:
# BN with a gradient of a *tenth* loses its advantage. Predict: does BN at a tenth of its rate still
# have a lower loss than the plain network at its full rate, for both activations?

# %%
prediction = None  # True or False

a_tenth = {a: per_seed("final_loss", "batch", a, lr_factor=0.1) for a in ACTIVATIONS}
self_check(
    "the answer",
    prediction,
    all(difference(final["none", a], a_tenth[a]).mean > 0 for a in ACTIVATIONS),
)

# %%
ax = figures.draw_dots(
    {
        f"{NETWORKS[n]}, gradient × {factor:g}": {
            a: list(per_seed("final_loss", n, a, lr_factor=factor).values()) for a in ACTIVATIONS
        }
        for n, factor in (("none", 1), ("none", 3), ("none", 10), ("batch", 1), ("batch", 0.1))
    },
    ylabel="final training loss",
    number_format="{:.2f}",
)

# %% [markdown]
# Longer steps do not help the plain networks. Shorter ones do slow BN down, as they would any network;
# with sigmoids it is far ahead all the same.
#
# ## Verdict on B

# %%
larger = {f: {a: per_seed("final_loss", "none", a, lr_factor=f) for a in ACTIVATIONS}
          for f in (3, 10)}  # fmt: skip

say("with BN, the gradient is larger (times)", ratios("gradient_norm", "batch", "none"))
for f, by_activation in larger.items():
    say(
        f"with a gradient {f} times as large, none trains better (loss)",
        {a: difference(final["none", a], by_activation[a]) for a in ACTIVATIONS},
    )
say(
    "BN with a tenth of its gradient is worse than none (loss)",
    {a: difference(a_tenth[a], final["none", a]) for a in ACTIVATIONS},
)

# %% [markdown]
# > **Correction 7, second part.** "Larger gradient, hence faster" is not the argument. A gradient
# > is a direction and a promise about a neighbourhood. What counts is how far the promise is good,
# > and that one rate suits all layers.

# %% [markdown]
# # Summary
#
# All verdicts of this notebook, as the cells above have computed them:

# %%
lines = ["| claim | verdict | ReLU | sigmoid |", "|---|---|---|---|"]
for claim, verdict in verdicts.items():
    cells = [
        f"{effect!s} {'✓' if verdict.holds_under(a) else '✗'}"
        for a, effect in verdict.effects.items()
    ]
    lines.append("| " + " | ".join([claim, f"**{verdict.ruling}**", *cells]) + " |")
Markdown("\n".join(lines))

# %% [markdown]
# - **Shift is not the reason** (rows 1, 18 and 74). BN does hold mean and deviation still. With the
#   shift put back, and more of it than the plain network has, most of the gain stays.
# - **The gradient is** (row 70). The same outputs, as still as before, with a gradient that does not
#   know of $\mu$ and $\sigma$: far worse than BN, and no better than none.
# - **Smoothness is a part of it** (row 74), and a smaller one here than in the paper. With ReLU the
#   band of losses along a step is several times narrower. The finer measures, change of the gradient
#   and β, do not tell the two networks apart with three seeds, and the largest curvature is no smaller
#   with BN. On the plateau of the sigmoids the plain network is the smoother one, and learns nothing;
#   there BN brings gradients that arrive, of similar length in all layers.
# - **Larger is not faster** (correction 7).
# - What this does not show: one small network, one data set, the first 160 steps, batches of 64. The
#   verdicts are about these. Santurkar et al. have others, and a proof for one layer.
#
# ## Exercises
#
# 1. How much noise is too much? Make `NoisyBatchNorm` stronger until the network trains no better
#    than without BN. Which of `shift`, `scale` and `jitter` hurts first? Why that one?
# 2. Put noise behind *one* of the four layers only (`lenet` calls your function with the number of
#    channels: 6, 16, 120, 84). Behind which does it cost most?
# 3. The band of losses depends on the range of steps. Take one network, one batch, and `along_gradient`
#    from 0.01 to 10 times the learning rate. Where does the band of BN open?
# 4. Layer normalization (层归一化) does not hold the distributions of *channels* still. Compare
#    `lenet("layer")` with `lenet("gluon")`: shift, predictiveness, loss after 80 steps. Which suspect
#    does that speak against?
# 5. In `gradient_shift` the layers before are updated, and the layer itself is not. Write the
#    mirror image: how much does a layer's own step change the gradients of the layers *before* it?
#    Before you run it: for which layer is it 0?
# 6. Scale invariance, by hand: if $w$ is made 10 times as long in front of a BN layer, the length of
#    its gradient is multiplied by …? The cell below knows.

# %%
answer = None  # exercise 6: a number

net = fresh("batch")
before = numpy.linalg.norm(layer_gradients(net, X, y)["dense1"])
net.dense1.weight.set_data(10 * net.dense1.weight.data())
after = numpy.linalg.norm(layer_gradients(net, X, y)["dense1"])
self_check("the factor, rounded to two digits,", answer, round(after / before, 2))

# %% [markdown]
# ## Where to read on
#
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167: section 2, where the reason is
#   given, and the example of the bias that grows.
# - Santurkar, Tsipras, Ilyas & Madry, *How Does Batch Normalization Help Optimization?*, 2018, arXiv
#   1805.11604: section 2 is our part two, section 3 our part four, section 4 the theorems.
# - Bjorck, Gomes, Selman & Weinberger, *Understanding Batch Normalization*, 2018, arXiv 1806.02375:
#   the larger learning rates, and what becomes of a network without BN at such rates.
# - Kohler et al., *Exponential convergence rates for Batch Normalization*, 2018, arXiv 1805.10694:
#   length and direction of weights, apart.
# - Notebook 13 for the length of the weights and what weight decay does to it; notebook 15 for
#   error surfaces and their condition numbers.
# - `d2l_bn/diagnostics/loss_landscape.py`, `d2l_bn/diagnostics/covariate_shift.py`, `d2l_bn/norms/noisy_batch.py`,
#   `d2l_bn/norms/detached_batch.py`.
