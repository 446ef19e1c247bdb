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
# Batch normalization (批量归一化, BN) makes networks train; notebook 7 measured by how much. The *reason*
# is another matter. The paper that introduced it gave one, internal covariate shift (内部协变量偏移), and
# nearly every course repeats it. Santurkar et al. (2018) put that reason to the test, and it failed. This
# notebook repeats the test on LeNet: an investigation with three suspects, in which some of the
# evidence points nowhere.
#
# **After this notebook you can**
#
# - measure internal covariate shift in two ways, and *inject* it;
# - tell what BN does to a distribution (分布) from what it does to a gradient (梯度), by an experiment that
#   changes one without the other, and say what such an experiment cannot show;
# - measure how smooth a loss (损失) is along a step, and say why a curvature (曲率) far above the limit of a quadratic need not
#   break a training.
#
# **Time:** one minute to run on two CPU cores, 12 minutes to read.
#
# **Needs:** notebooks 4, 5 and 7, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# Cells with `prediction = None` wait for your answer.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os

import mxnet as mx
import numpy
from mxnet import autograd, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.diagnostics.covariate_shift import gradient_shift
from d2l_bn.diagnostics.loss_landscape import along_gradient, largest_eigenvalue, layer_gradients
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen, chosen_setting
from d2l_bn.experiments.statistics import difference, estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.norms.detached_batch import DetachedBatchNorm
from d2l_bn.norms.noisy_batch import NoisyBatchNorm

npx.set_np()
check = predictions("why_it_works")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs
data = "auto"
if FAST and find_local() is None:
    data = "synthetic"  # drawn garments, NOT Fashion-MNIST: only to see that the notebook runs

train_iter, test_iter = d2l_bn.load_fashion_mnist(
    64, data=data, limit=1_280 if FAST else 5_120, seed=0
)
X, y = next(iter(train_iter))

# %% [markdown]
# # Part one: the suspects
#
# | | the reason that is given | what it predicts |
# |---|---|---|
# | **A, shift** | the distribution of a layer's inputs keeps shifting, and each layer has to adapt anew; BN holds it still | put the shift back, and BN is as slow as none |
# | **B, size** | BN makes gradients larger, and larger gradients learn faster | make them larger by other means, and it is as fast as BN |
# | **C, smoothness** | BN makes the loss smoother along a step, so that the gradient *here* still tells something about *there* | the loss varies less along a step, and gradients change less |
#
# A has these words in this course's documents: 每一层的参数更新会导致上层的输入数据分布发生变化 … 高层需要不断去重新适应底层的参数更新,
# "each layer's update changes the distribution of the next layer's input … the higher layers have to adapt
# again and again to the updates of the lower ones". And B: 梯度变大意味着学习收敛速度快.
#
# ### Pin it down first
#
# Below are five experiments of this notebook. The letters stand where each suspect would have to expect the outcome: at 0, as bad as
# without BN, or at 1, as good as with it. Put your own pin in each row *now*, and open a row when its part of the notebook is done.

# %%
figures.interactive("detective_board")

# %%
suspect = None  # whom would you arrest? "A", "B" or "C"

# %% [markdown]
# ## What a distribution keeps
#
# One document says that BN pulls the inputs "back to a standard normal distribution" (标准正态分布). Give it
# 4,000 values from an exponential distribution, whose skewness (偏度) is 2, a long tail to the right; a normal distribution
# has 0. What is the skewness of BN's output?

# %%
prediction = None  # a number

check("skewness_behind_bn", prediction)


# %%
def normalize(z):
    """Batch normalization of (m, C) with γ = 1 and β = 0, in training."""
    return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)


mx.random.seed(0)
z = np.random.exponential(1.0, size=(4_000, 1))
for name, values in (("before", z), ("after", normalize(z))):
    skewness = (((values - values.mean()) / values.std()) ** 3).mean().item()
    print(
        f"{name:6}: mean {values.mean().item():5.2f}, deviation {values.std().item():.2f}, "
        f"skewness {skewness:.2f}"
    )

# %% [markdown]
# BN fixes two moments, mean and variance. It makes no normal distribution. So if A is the reason, it must be
# about these two moments.
#
# # Part two: the shift
#
# ## Put it back
#
# Santurkar's idea: let BN hold the distributions still, and then shake them. Behind BN, each channel gets a new
# mean and a new scale *in each step*, drawn at random. Whatever stillness BN has brought, this undoes.


# %%
def shake(Y, shift=0.5, scale=1.25):
    """Another mean and another scale for each channel, drawn anew at each call."""
    shape = (1, Y.shape[1]) + (1,) * (Y.ndim - 2)
    mean = np.random.uniform(-shift, shift, size=shape)
    factor = np.random.uniform(1, scale, size=shape)
    return factor * Y + mean


# %% [markdown]
# (The package's `NoisyBatchNorm` does so, with a little jitter for each single value, as the paper has it.) Three
# networks with ReLU, one pass over 5,120 images; watch what enters the second activation (激活函数):


# %%
def noisy(channels, rank):
    return NoisyBatchNorm(nn.BatchNorm(in_channels=channels))


NORMS = {"none": None, "BN": "gluon", "noisy BN": noisy}
watched, nets, losses = {}, {}, {}
for name, norm in NORMS.items():
    nets[name] = d2l_bn.lenet(norm, activation="relu")
    layer = "conv2" if norm is None else "norm2"  # whose output enters the activation
    with ActivationStats(nets[name], [layer], every=1, limits=(-3, 3)) as stats:
        history = d2l_bn.train(nets[name], train_iter, epochs=1, lr=0.1, seed=0)
    watched[name], losses[name] = stats[layer], history.last.loss

axes = figures.draw_through_training(
    {f"{name}: into act2": (seen.edges, seen.histograms) for name, seen in watched.items()},
    watched["none"].steps,
    columns=1,
)
figures.show(
    axes,
    alt="Three strips, one for each network: histograms of what enters the second activation, step "
    "by step. Without BN they drift and spread, with BN they stand still, with noise they jump in "
    "every step.",
)

# %% [markdown]
# Each column is a histogram (直方图) of one step. Suspect A has an alibi to give: which of the three networks has the lowest
# mean loss after this pass?

# %%
prediction = None  # "none", "BN" or "noisy BN"; and which is second?

check("lowest_loss", prediction, min(losses, key=losses.get))

# %%
print({name: round(loss, 3) for name, loss in losses.items()})

# %% [markdown]
# ## Measure it
#
# One number for "how far did a distribution move": mean $\mu_c$ and deviation $\sigma_c$ of each channel, before and
# after a step, on the same images, and
#
# $$\text{shift} = \sqrt{\frac{\sum_c (\mu'_c - \mu_c)^2 + (\sigma'_c - \sigma_c)^2}{\sum_c \sigma_c^2}}$$
#
# A shift of 1 means: by one deviation. One step of one seed (随机种子) proves little. So the same networks were trained for 160
# steps with eight seeds, and measured every 20 steps (`d2l-bn run landscape`). A fourth has noise four times as
# strong.

# %%
records = load.select("landscape", lr_factor=1)
config = records[0]["case"]
ACTIVATIONS = ("relu", "sigmoid")
NETWORKS = {"none": "none", "batch": "BN", "noisy": "noisy BN", "very_noisy": "very noisy BN"}


def column(name, network, activation="relu"):
    """(seeds, looks): one measure, at the learning rate of the activation."""
    return load.stacked(records, name, network=network, activation=activation)


def per_seed(measure, network, activation="relu"):
    """From the seed to one number."""
    return load.by_seed(records, measure, network=network, activation=activation)


STEPS = column("step", "none")[0]
shifts = {
    title: numpy.mean([column(f"moment_shift/act{i}", n) for i in (1, 2, 3, 4)], axis=0)
    for n, title in NETWORKS.items()
}
between_looks = STEPS + config["every"] / 2  # each loss is the mean of the steps up to the next

left, right = figures.new_axes(2, height=3.8)
figures.draw_over_seeds(shifts, STEPS, ylabel="shift in one step, in deviations", log=True,
                        title="ReLU: the shift", legend=False, ax=left)  # fmt: skip
figures.draw_over_seeds(
    {title: column("loss_between_looks", n) for n, title in NETWORKS.items()},
    between_looks, ylabel="training loss", title="… and the loss", ax=right,
)  # fmt: skip
figures.show(
    (left, right),
    alt="Left, the shift of four networks on a logarithmic axis: BN is a hundred times below the "
    "plain network, the noisy ones as high as it or higher. Right, their losses: BN lowest, noisy "
    "BN close above it, the plain network highest at first.",
)

# %% [markdown]
# BN alone reduces the shift by a factor of a hundred: that part of the story is true. But the loss does not follow the
# order of the shifts. How much of BN's gain is left when its distributions jump? 1 would be as good as BN, 0 as bad
# as none.


# %%
def kept(measure, network, activation):
    """(none - network) / (none - BN), by seed."""
    none, batch, other = (per_seed(measure, n, activation) for n in ("none", "batch", network))
    return estimate({s: (none[s] - other[s]) / (none[s] - batch[s]) for s in none})


rows = [
    [activation, NETWORKS[n], *(kept(m, n, activation) for m in ("final_loss", "test_accuracy"))]
    for activation in ACTIVATIONS
    for n in ("noisy", "very_noisy")
]
table(["", "network", "of the gain in training loss", "of the gain in test accuracy"], rows)

# %% [markdown]
# At the paper's noise the networks shift as much as the one without BN (look at the left panel), and keep nearly all of the gain. At four
# times the noise, with ReLU, much of it is gone: each layer's message is blurred. Is that the price of the shift, or of the noise? This
# experiment cannot tell, and Santurkar's could not either.
#
# All these networks ran at one learning rate. Perhaps it suits one better than another? The same again, each at the
# rate that was best on validation images:

# %%
TUNED = {"none": "none", "batch": "BN", "noisy": "noisy BN", "detached": "detached BN (part three)"}


def tuned(network):
    return estimate(chosen("noise_and_detachment", network=network))


rates = {n: chosen_setting("noise_and_detachment", network=n)["lr"] for n in TUNED}
figures.show(
    figures.draw_estimates(
        {f"{title}, rate {rates[n]:g}": tuned(n) for n, title in TUNED.items()},
        xlabel="test accuracy after 160 steps, ReLU",
    ),
    alt="Test accuracy of four networks, each at its own best learning rate, with intervals over "
    "the seeds: none, BN, noisy BN and detached BN.",
)

# %% [markdown]
# ## What may be said of A
#
# In court (notebook 20 has the rules), with a $\delta$ that was laid down before:

# %%
court["gain_without_stillness"].judge()

# %%
court["same_distribution_is_better"].judge()

# %% [markdown]
# The first says that the gain does not need stillness, the second that stillness adds nothing to it that would matter. Both hold
# for a shift of the size that these networks have, and for two points of accuracy; "shift never matters" is not what was tested.
#
# ## The other definition
#
# Perhaps "shift of distributions" is the wrong thing to measure. What does a layer that "has to adapt again" feel? Its
# *gradient* changes. Let $G$ be the gradient of a layer's weights before a step, and $G'$ that on the same batch after
# the layers *before* it have made their step (and it has not). Without shift, $G' = G$:

# %%
for name in ("none", "BN"):
    for layer, shift in gradient_shift(nets[name], X, y, lr=0.1).items():
        print(
            f"{name:5} {layer:7} |G − G'| / |G| = {shift.relative:.2f}   cosine {shift.cosine:.2f}"
        )

# %% [markdown]
# And through training, with eight seeds. In which network do the gradients of `conv2` shift more, the layer with only
# one layer before it? And those of `output`, with four before it?

# %%
at_conv2, at_output = None, None  # "none" or "BN", each

LAYERS = ("conv2", "dense1", "dense2", "output")
by_layer = court["gradients_shift_less"].judge()
more = dict(zip(LAYERS, by_layer.comparisons))
check("gradient_shift_at_conv2", at_conv2, "none" if more["conv2"].effect > 0 else "BN")
check("gradient_shift_at_output", at_output, "none" if more["output"].effect > 0 else "BN")

# %%
figures.show(
    figures.draw_judgement(by_layer),
    alt="By layer, the power of ten by which the gradient shifts more without BN, with intervals: "
    "left of zero at conv2, right of it at output.",
)

# %% [markdown]
# To the left of the line BN shifts *more*, to the right less. **It depends on the layer**: one number for "the
# network", an average, hides it. By this definition, too, stillness is not what the gain follows.
#
# # Part three: the same distributions, another gradient
#
# Change one $z$, and *all* $\hat z$ of its channel change, for $\mu$ and $\sigma$ are made of it. BN's gradient knows of
# that (notebook 4). Build a BN that does not: forward the same to the last digit, backward with $\mu$ and $\sigma$ for
# constants.


# %%
def detached(z):
    """What ``normalize`` computes, with another gradient."""
    with autograd.pause():  # nothing in here has a gradient
        mean, deviation = z.mean(axis=0), np.sqrt(z.var(axis=0) + 1e-5)
    return (z - mean) / deviation


z, dY = np.random.normal(2, 3, size=(6, 1)), np.random.normal(size=(6, 1))
for function in (normalize, detached):
    z.attach_grad()
    with autograd.record():
        out = function(z)
    out.backward(dY)
    for what, values in (("output", out), ("gradient", z.grad)):
        print(f"{function.__name__:9} {what:8}", *(f"{v:7.2f}" for v in values.asnumpy().ravel()))

# %% [markdown]
# As still as BN, value by value. Will a network with it train better than one without any, at the same rate of 0.1, or worse?

# %%
prediction = None  # "better" or "worse"

gain = difference(per_seed("final_loss", "none"), per_seed("final_loss", "detached"))
check("detached_network", prediction, "better" if gain.mean > 0 else "worse")

# %%
TITLES = {"none": "none", "batch": "BN", "detached": "detached BN"}
figures.show(
    figures.draw_over_seeds(
        {title: column("loss_between_looks", n) for n, title in TITLES.items()},
        between_looks,
        ylabel="training loss",
        title="ReLU, learning rate 0.1",
    ),
    alt="Training loss over 160 steps. BN is lowest; the detached network, with the same outputs as "
    "BN, stays far above it.",
)

# %% [markdown]
# Its inputs hold just as still, and it is far behind BN. Why? BN removes the length of the weights (权重) in front of it,
# so $L(\alpha w) = L(w)$, and the true gradient has no part along $w$: it is **orthogonal** (正交) to it. The detached one?

# %%
prediction = None  # "BN", "detached BN", "both" or "neither": whose gradient is orthogonal to w?

check("orthogonal_gradients", prediction)


# %%
def fresh(norm):
    """LeNet with ReLU, as it starts."""
    net = d2l_bn.lenet(norm, activation="relu")
    mx.random.seed(0)
    net.initialize(mx.init.Xavier())
    net(X)  # the first input decides the sizes of the layers
    return net


KINDS = {
    "none": None,
    "BN": "batch",
    "detached BN": lambda channels, rank: DetachedBatchNorm(channels, rank),
}
rows = []
for title, norm in KINDS.items():
    net = fresh(norm)
    gradients = layer_gradients(net, X, y)
    cosines = []
    for name in ("conv1", "conv2", "dense1", "dense2"):
        w, g = getattr(net, name).weight.data().asnumpy().ravel(), gradients[name]
        cosines.append(f"{w @ g / numpy.linalg.norm(w) / numpy.linalg.norm(g):.4f}")
    rows.append([title, *cosines])
table(["cosine of weight and gradient", "conv1", "conv2", "dense1", "dense2"], rows)

# %% [markdown]
# The detached gradient has a part along $w$, which promises a lower loss if $w$ becomes longer (or shorter), and never keeps
# its word, for the length changes nothing.
#
# **What this shows, and what not.** The detached vector is the gradient of *no* loss. That the network fails shows that
# a wrong gradient fails; Ioffe and Szegedy found so first, with a bias that grew and grew. It shows that stillness is not
# *enough*. It does not show that the terms through $\mu$ and $\sigma$ are why BN is better than no BN. (A smaller
# rate does not save it: the figure of part two has it at the best of its own.)
#
# ## What BN takes out of a gradient
#
# For one channel, with $r = 1/\sqrt{\sigma^2 + \varepsilon}$ and the gradient $g$ that arrives from above,
#
# $$\|\nabla_x L\|^2 = \gamma^2 r^2 \Big( \|g\|^2 - \tfrac1m \big({\textstyle\sum} g\big)^2
#   - \tfrac1m \big({\textstyle\sum} g\, \hat x\big)^2 \Big)$$
#
# (up to $\varepsilon$; it follows from notebook 4, and is what the theorems of Santurkar et al. rest on). Two parts are taken
# away: what would only move the mean, and what would only change the deviation. Whether a gradient that is shorter by these,
# and scaled by $\gamma/\sigma$, makes the loss *smoother* is a question of measurement.
#
# # Part four: the landscape
#
# ## One walk
#
# Stand at the weights $w$, take the gradient $g$ of one batch, and walk along it: $w - \eta g$ for growing $\eta$, without
# learning on the way. Two things to see: the **loss**, and the distance of the **gradient** from the one at the start,
# $\|g(w) - g(w - \eta g)\| / \|g(w)\|$. At 1 it has changed by its own length; a gradient that has kept its length
# and stands orthogonal to the one that pointed the way is at $\sqrt 2$.

# %%
walks = {
    name: along_gradient(nets[name], X, y, 0.1 * numpy.geomspace(0.05, 8, 6 if FAST else 14))
    for name in ("none", "BN")
}
axes = figures.new_axes(2, height=3.6)
for ax, what, name in zip(
    axes, ("losses", "predictiveness"), ("loss of the batch", "change of the gradient, relative")
):
    figures.draw_lines(
        {title: getattr(walk, what) for title, walk in walks.items()},
        x=walks["none"].step_sizes, xlabel="η (grey: the learning rate)", ylabel=name, ax=ax,
    )  # fmt: skip
    ax.set_xscale("log")
    ax.axvline(0.1, color="grey", linewidth=0.8)
figures.show(
    axes,
    alt="The loss and the relative change of the gradient along one walk, for the network without "
    "BN and the one with it, over step sizes from a twentieth to eight times the learning rate.",
)

# %% [markdown]
# ## Move it yourself
#
# Such walks were taken every 20 steps of the training; here are 24 for each network with ReLU: three of the seeds, eight places.
# **Predict first:** at *twice* the learning rate, in how many of the 24 is the loss above where the walk began?

# %%
up_without_bn = None  # 0, 4 or 14
up_with_bn = None

# %% [markdown]
# Move the step size to the end, at several places of the training; then the same with sigmoids.

# %%
figures.interactive("step_along_gradient")

# %%
check("walks_up_without_bn", up_without_bn)
check("walks_up_with_bn", up_with_bn)

# %% [markdown]
# **With ReLU, a gradient keeps its promise for a longer step if the network has BN. With sigmoids it is the network without
# BN that keeps it: it stands on a plateau (平坦区), where little is promised. Smooth is not enough; a desert is smooth.**

# %% tags=["cover"]
axes = figures.new_axes(2, height=3.8)
for ax, activation in zip(axes, ACTIVATIONS):
    along = {NETWORKS[n]: column("losses_along_gradient", n, activation) for n in ("none", "batch")}
    figures.draw_bands(
        {title: (values.min(axis=2), values.max(axis=2)) for title, values in along.items()},
        STEPS,
        ylabel="least and greatest loss on a walk" if activation == "relu" else "",
        title=activation,
        log=True,
        ax=ax,
    )
figures.show(
    axes,
    alt="Bands from the least to the greatest loss on a walk along the gradient, over training, on "
    "a logarithmic axis. With ReLU the band without BN is several times wider than with BN; with "
    "sigmoids the band without BN is a line.",
)

# %% [markdown]
# ## Four measures of smoothness
#
# The width of that **band** (带); the relative **change** of the gradient one learning step away; the **effective β**, the largest
# $\|g(w) - g(w-\eta g)\| / (\eta\|g\|)$ on a walk; and the magnitude of the largest eigenvalue (特征值) of the
# Hessian (黑塞矩阵). By what factor is each larger without BN? (The plain network with sigmoids has not learned at all, and is
# no test of it: the court says so.)

# %%
MEASURES = ("narrower_losses", "steadier_gradient", "smaller_smoothness", "smaller_curvature")
judged = {name: court[name].judge() for name in MEASURES}
rows = []
for judgement in judged.values():
    (relu,) = (c for c in judgement.comparisons if c.name == "relu")
    rows.append([judgement.claim.quote, relu.shown(), str(relu.verdict)])
delta = judged["narrower_losses"].claim.delta
table(["claim (ReLU)", f"log₁₀ of none / BN, 95 % (would matter: {delta:.2f})", "verdict"], rows)

# %% [markdown]
# "Conditioning and smoothness are the argument" says many a summary, this course's flash cards once included. On *this* network the runs
# say so of the first measure, the one that is in units of the loss. They do not say so of the curvature. In Santurkar's deeper network all of
# them agreed.
#
# ## A curvature that should break it
#
# On a quadratic, gradient descent diverges at rates above $2/\lambda_{max}$. The measured curvatures, and $2/\eta$:

# %%
rows = []
for network in ("none", "batch"):
    values = column("largest_eigenvalue", network)
    rows.append([NETWORKS[network], *(f"{v:.0f}" for v in values.mean(axis=0)), f"{2 / 0.1:.0f}"])
steps = [f"step {step:.0f}" for step in column("curvature_step", "none")[0]]
table(["largest curvature, ReLU, mean over the seeds", *steps, "2 / learning rate"], rows)

# %% [markdown]
# At the start BN's is some ten times $2/\eta$, and the training does not break; later both stand near $2/\eta$. Two things
# are known of this:
#
# - **A loss landscape is no quadratic.** Cohen et al. (2021) let full-batch gradient descent run, and saw $\lambda_{max}$ *rise* to
#   $2/\eta$ and stay there, while the loss went on falling by fits and starts: the *edge of stability* (稳定性边缘). To stand at
#   $2/\eta$, or above it for a while, is normal.
# - **In front of BN the curvature has no units.** Make $w$ ten times as long: the network computes the same. What becomes of the
#   largest curvature?

# %%
prediction = None  # multiplied by 100, 10, 1, 0.1 or 0.01?

check("curvature_at_ten_times_the_length", prediction)

# %%
for factor in (1, 10):
    net = fresh("batch")
    for name in ("conv1", "conv2", "dense1", "dense2"):
        weight = getattr(net, name).weight
        weight.set_data(factor * weight.data())
    curvature = largest_eigenvalue(net, X, y, iterations=3 if FAST else 10)
    gradient = numpy.linalg.norm(layer_gradients(net, X, y)["conv2"])
    print(
        f"weights × {factor:2}: largest curvature {curvature:8.2f}, |gradient of conv2| {gradient:.4f}"
    )

# %% [markdown]
# (What is left at × 10 is mostly the curvature of the last layer, of γ and of β, which were not made longer.)
# So a step that is too long for the curvature makes $w$ longer, at a right angle to it, and the longer $w$ has less
# curvature: the network tunes its own rate until the step fits. Arora et al. (2018) made a theorem of it, and notebook 7
# showed the brake at work. The width of the band, in units of the loss, is the fairer measure.
#
# # Part five: larger, hence faster?
#
# Suspect B says: with BN the gradient is larger, and therefore it is faster. Two predictions. First: make the plain network's
# gradients larger by other means. Multiply the loss by 3: each gradient is 3 times as long, and so is each step; it is
# the same as 3 times the learning rate. Does it help? Second: BN with a *tenth* of its gradient should lose its
# advantage. Is it still below the plain network's loss?

# %%
prediction = (
    None  # "yes" or "no": BN at a tenth of its rate below the plain network at its full rate?
)

CONTROLS = (("none", 1), ("none", 3), ("none", 10), ("batch", 1), ("batch", 0.1))


def final(network, factor, activation="relu"):
    fields = {"network": network, "lr_factor": factor, "activation": activation}
    return load.by_seed("landscape", "final_loss", **fields)


gap = difference(final("none", 1), final("batch", 0.1))
check("a_tenth_of_the_gradient", prediction, "yes" if gap.mean > 0 else "no")

# %%
axes = figures.new_axes(1, rows=2, height=5.0)
for ax, activation in zip(axes, ACTIVATIONS):
    figures.draw_estimates(
        {
            f"{NETWORKS[n]}, gradient × {factor:g}": estimate(final(n, factor, activation))
            for n, factor in CONTROLS
        },
        xlabel="final training loss",
        title=activation,
        reference=(numpy.log(10), "a guess"),
        number_format="{:.2f}",
        ax=ax,
    )
figures.show(
    axes,
    alt="Final training loss of the plain network with gradients 1, 3 and 10 times as long and of "
    "BN with its gradient and a tenth of it, for ReLU and the sigmoid, with intervals.",
)

# %% [markdown]
# Longer steps do not bring the plain network to where BN is, and at ten times the length it learns nothing. A tenth of the gradient slows BN down, as
# it would any network. How *long* a gradient is can be changed by one number, the learning rate, and that number has been
# tuned. What no single number can mend is that the layers differ:

# %%
rows = []
for activation in ACTIVATIONS:
    for network in ("none", "batch"):
        lengths = [
            column(f"layer_gradient_norm/{layer}", network, activation).mean()
            for layer in ("conv1", *LAYERS)
        ]
        spread = f"{max(lengths) / min(lengths):.1f}"
        rows.append([activation, NETWORKS[network], *(f"{v:.4f}" for v in lengths), spread])
table(["", "length of the gradient", "conv1", *LAYERS, "longest / shortest"], rows)

# %% [markdown]
# With sigmoids, the gradients of the layers are alike with BN, and hundreds of times apart without. One learning rate has to
# serve them all. (That is *conditioning*, and BN's best case.)
#
# # The verdict
#
# Back to your suspect. What the runs of this course say, with intervals over eight seeds:

# %%
TRIALS = {
    "holds_inputs_still": "A",
    "gain_without_stillness": "A",
    "same_distribution_is_better": "A",
    "larger_gradient_is_faster": "B",
    "narrower_losses": "C",
    "smaller_curvature": "C",
}
rows = []
for name, who in TRIALS.items():
    judgement = court[name].judge()
    claim = judgement.claim
    rows.append([who, claim.meaning or claim.quote, claim.kind, f"**{judgement.verdict}**"])
table(["suspect", "claim", "kind", "verdict"], rows)

# %%
check("suspect", suspect)

# %% [markdown]
# - **A, shift:** BN does hold mean and deviation still. With as much shift put back as the plain network has, nothing that would
#   matter is lost. So on this network A has not done it. (Noise four times as strong does cost something.)
# - **B, size:** larger is not faster. That the layers' gradients become *alike* is something else, and it helps where they were far
#   apart.
# - **C, smoothness:** along a step, with ReLU, yes. By curvature, no; on a plateau the plain network is the smoother one, and learns
#   nothing.
# - What this does not show: one small network, one data set, 160 steps, batches of 64. Two are acquitted, and against the third
#   there is evidence of one kind out of four. Nobody is convicted.
#
# You can now inject a suspected cause, remove it, and say what an experiment leaves open.
#
# ## Exercises
#
# 1. In `gradient_shift` the layers *before* are updated and the layer itself is not. Write the mirror image in words: how much does
#    a layer's own step change the gradients of the layers before it? For which layer is it 0?
# 2. If $w$ is made 10 times as long in front of a BN layer, the length of its gradient is multiplied by …? Say it from $L(10 w) =
#    L(w)$, then look for it in the printed lines above.
#
# <details><summary>Solution</summary>
#
# 1. Update layer $i$ alone, and compare the gradients of layers $j < i$ before and after. It is 0 for none in general, but
#    there is nothing to compare for the first layer, which has none before it. The gradient that comes back to $j$ passes
#    through $W_i$, so it changes even where the distributions forward do not: the "other half" of covariate shift.
# 2. By 1/10. Differentiate $L(10 w) = L(w)$ by $w$: $10\, \nabla L(10 w) = \nabla L(w)$. Differentiate once more, and the curvature is
#    multiplied by 1/100.
#
# </details>
#
# ## Where to read on
#
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, section 2: where the reason is given.
# - Santurkar, Tsipras, Ilyas & Madry, *How Does Batch Normalization Help Optimization?*, 2018, arXiv 1805.11604: section 2 is our
#   part two, section 3 our part four, section 4 the theorems.
# - Arora, Li & Lyu, *Theoretical Analysis of Auto Rate-Tuning by Batch Normalization*, 2018, arXiv 1812.03981.
# - Cohen, Kaur, Li, Kolter & Talwalkar, *Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability*, 2021, arXiv
#   2103.00065.
# - Kohler et al., *Exponential convergence rates for Batch Normalization*, 2018, arXiv 1805.10694: length and direction apart.
