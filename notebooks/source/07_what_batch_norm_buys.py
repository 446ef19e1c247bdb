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
# Two networks, the same images, the same learning rate (学习率) of 1. One of them learns, the other
# stays at a guess for ever. One line of code is the difference. What exactly did that line buy: a
# larger learning rate, a start that matters less, speed? And which part of the layer earns it?
#
# **After this notebook you can**
#
# - read a map of learning rates, and say by how much batch normalization (批量归一化, BN) widens the
#   range that trains;
# - say how a wrong initialization (初始化) shows, and when BN repairs it;
# - take a layer apart to find out which piece does the work;
# - tell an effect from the luck of a seed (随机种子).
#
# **Time:** one minute to run on two CPU cores, 10 minutes to read.
#
# **Needs:** notebooks 3 to 6, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# Cells with `prediction = None` wait for your answer.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import itertools
import math
import os

import mxnet as mx
import numpy
from IPython.display import display
from mxnet import autograd, gluon, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen_setting
from d2l_bn.experiments.statistics import CHANCE, difference, estimate
from d2l_bn.figures.markdown_table import table

npx.set_np()
check = predictions("what_batch_norm_buys")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs
data = "auto"
if FAST and find_local() is None:
    data = "synthetic"  # drawn garments, NOT Fashion-MNIST: only to see that the notebook runs

train_iter, test_iter = d2l_bn.load_fashion_mnist(
    64, data=data, limit=640 if FAST else 9_600, seed=0
)

# %% [markdown]
# # Part one: one line
#
# The chapter's LeNet, with ReLU. The second line of `block` is the one that makes the difference.


# %%
def network(norm=None):
    """LeNet; ``norm()`` makes the layer that stands before each activation."""
    mx.random.seed(0)  # the same first weights each time
    net = nn.HybridSequential()

    def block(layer, *behind):
        between = [norm()] if norm else []
        net.add(layer, *between, nn.Activation("relu"), *behind)

    block(nn.Conv2D(6, kernel_size=5), nn.MaxPool2D(pool_size=2))
    block(nn.Conv2D(16, kernel_size=5), nn.MaxPool2D(pool_size=2))
    block(nn.Dense(120))
    block(nn.Dense(84))
    net.add(nn.Dense(10))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    return net


def descend(net, lr, steps):
    """So many steps of gradient descent, with the loss of each."""
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})
    batches = itertools.chain.from_iterable(itertools.repeat(train_iter))  # epoch after epoch
    losses = []
    for X, y in itertools.islice(batches, steps):
        with autograd.record():
            loss = loss_function(net(X), y)
        loss.backward()
        trainer.step(len(y))
        losses.append(loss.mean().item())
    return losses


# %% [markdown]
# Before you run it: what is the loss (损失) of a network that gives each of the ten classes the same
# probability? A training that is *at* this number has learned nothing.

# %%
prediction = None  # a number

check("loss_of_a_guess", prediction)

# %%
STEPS = 10 if FAST else 100
runs = {
    "without BN": descend(network(), lr=1.0, steps=STEPS),
    "with BN": descend(network(nn.BatchNorm), lr=1.0, steps=STEPS),
}
ax = figures.draw_lines(runs, ylabel="loss of the batch", title="ReLU, learning rate 1")
ax.axhline(math.log(10), color="grey", linestyle=":")
ax.set_ylim(0, 4)
figures.show(
    ax,
    alt="Loss over 100 steps at learning rate 1. With BN it falls from 2.3 to 0.6. Without BN it "
    "stays near 2.3, jumps once, and then stands at 2.3 for good, the loss of a guess, which a dotted line marks.",
)

# %% [markdown]
# One of the first steps threw the plain network to where its ReLUs are off for every image, and no gradient
# (梯度) leads back from there. So is BN a licence for large rates? That is one seed at one rate. To
# know more we need a grid of rates, and several seeds.
#
# # Part two: how large can the learning rate be?
#
# The chapter says: 可以选择比较大的初始学习率, "one can choose a rather large initial learning rate". It
# has been measured: six learning rates, with BN and without, with ReLU and with the sigmoid, and eight
# seeds for each: 192 trainings of your loop above. Each sees 9,600 images twice, 300 steps.
# Networks with BN are tested with population statistics (notebook 6).
#
# **Predict first.** Of 0.03, 0.1, 0.3, 1, 3, 10, which is the first rate at which the plain network with
# ReLU learns nothing?

# %%
prediction = None  # one of the six rates

check("first_rate_that_fails", prediction)

# %% tags=["cover"]
NORMS = {None: "without BN", "gluon": "with BN"}
RATES = sorted(load.case_values("learning_rate", "lr"))


def accuracy(activation, norm, lr):
    """From the seed to the test accuracy."""
    return load.by_seed("learning_rate", "test_accuracy", activation=activation, norm=norm, lr=lr)


def draw_map(activation, ax):
    results = [[estimate(accuracy(activation, norm, lr)) for lr in RATES] for norm in NORMS]
    return figures.draw_heatmap(
        [[result.mean for result in row] for row in results],
        errors=[[result.margin for result in row] for row in results],
        rows=list(NORMS.values()),
        columns=[f"{lr:g}" for lr in RATES],
        xlabel="learning rate" if activation == "sigmoid" else "",
        title=f"test accuracy after 300 steps, {activation} (± 95 % over {results[0][0].n} seeds)",
        ax=ax,
    )


axes = figures.new_axes(1, rows=2, height=4.6)
for activation, ax in zip(("relu", "sigmoid"), axes):
    draw_map(activation, ax)
figures.show(
    axes,
    alt="Two maps of test accuracy over six learning rates. With ReLU, the network without BN "
    "learns up to a rate of 0.3, and nothing from 1 on; with BN it learns up to 3. With the sigmoid, "
    "the network without BN is near a guess everywhere, and the one with BN learns at every rate.",
)

# %% [markdown]
# Read a row from left to right: slow, good, broken. The best rate of a row was chosen on a validation
# set (验证集), 2,000 of the training images that no run has trained on; the accuracies are on the test
# set, which has had no say.

# %%
rows = []
for activation in ("relu", "sigmoid"):
    for norm, name in NORMS.items():
        best = chosen_setting("learning_rate", activation=activation, norm=norm)["lr"]
        means = {lr: estimate(accuracy(activation, norm, lr)).mean for lr in RATES}
        if max(means.values()) < 2 * CHANCE:
            rows.append([activation, name, "none", "a guess at each", "none"])
            continue
        near = [lr for lr in RATES if means[lr] > means[best] - 0.05]
        good = f"{min(near):g} to {max(near):g}"
        rows.append(
            [activation, name, f"{best:g}", estimate(accuracy(activation, norm, best)), good]
        )
table(["activation", "network", "best rate", "accuracy there", "rates within 0.05 of it"], rows)

# %% [markdown]
# Two things are mixed in the chapter's sentence, and the two activations (激活函数) tell them apart:
#
# - **With ReLU** both networks learn, and the question is fair: how much further to the right does the
#   row of BN reach? The *best* rate hardly moves. What moves is the rate at which it *breaks*.
# - **With the sigmoid** the plain network hardly leaves the plateau on which it starts (notebook 5),
#   whatever the rate. BN does not make the rate larger here; it makes learning possible in this time.
#
# How many powers of ten is the largest good rate further to the right? In this course such a question
# goes to court (notebook 20): what would matter ($\delta$, here a factor of two) was laid down before
# the runs were looked at, and the answer is an interval over seeds.

# %%
court["larger_learning_rate"].judge()

# %% [markdown]
# ### Move it yourself
#
# **Predict first.** The study jumps from rate 3 to rate 10. Choose a rate between them, train *your*
# network with BN at it, and put it on the map as a dot of its own. Which test accuracy will it reach?

# %%
my_rate = 5.0  # yours: from 3 to 10
my_accuracy = None  # your prediction: a number between 0 and 1

# %%
mine = network(nn.BatchNorm)
descend(mine, my_rate, 20 if FAST else 300)  # some five seconds
d2l_bn.recalibrate(mine, train_iter, batches=50)
reached = d2l_bn.evaluate(mine, test_iter)

# %%
check("my_run", my_accuracy, reached)

# %%
figures.interactive("learning_rate_map", own=[(my_rate, round(reached, 4))])

# %% [markdown]
# **BN does not move the best learning rate far to the right; it moves the rate at which training
# breaks. What lies between two rates of the map one run tells, not a line.**
#
# ## Where the brake is
#
# Why does a rate that is far too large not break a network with BN? The output of $\mathrm{BN}(Wu)$
# does not depend on the length of $W$:

# %%
u, W = np.random.normal(size=(16, 5)), np.random.normal(size=(5, 4))


def standardize(z):
    return (z - z.mean(axis=0)) / z.std(axis=0)


apart = abs(standardize(np.dot(u, W)) - standardize(np.dot(u, 1000 * W))).max()
print(f"W and 1000 W: the outputs differ by at most {apart.item():.0e}")

# %% [markdown]
# So no gradient points along $W$, each step stands at a right angle to it, and by Pythagoras makes it
# *longer*. On a longer $W$ the same step turns the direction by less: what counts is
# $\eta / \|W\|^2$, the *effective* learning rate (有效学习率; the gradient itself shrinks as $1/\|W\|$,
# and a step of length $\eta\|g\|$ turns $W$ by $\eta\|g\|/\|W\|$). Watch it in your network, in the
# second convolution:

# %%
lengths, effective = {}, {}
for lr in (0.1, 1.0, 3.0):
    net = network(nn.BatchNorm)
    net(next(iter(train_iter))[0])  # the first batch decides the shapes
    (weight,) = (p for p in net.collect_params().values() if p.shape == (16, 6, 5, 5))
    length = []
    for _ in range(4 if FAST else 12):
        length.append(np.linalg.norm(weight.data()).item())
        descend(net, lr, 5)
    lengths[f"rate {lr:g}"] = length
    effective[f"rate {lr:g}"] = lr / numpy.square(length)

axes = figures.new_axes(2, height=3.4)
five = 5 * numpy.arange(len(length))
for ax, lines, name in zip(axes, (lengths, effective), ("‖W‖", "η / ‖W‖²")):
    figures.draw_lines(lines, x=five, ylabel=name, log=ax is axes[1], ax=ax)
figures.show(
    axes,
    alt="Left, the length of the second convolution's weights over 55 steps: it grows fast in the "
    "first steps, the more the larger the rate. Right, the rate divided by the square of that "
    "length: rates that are 30 times apart at the start come much nearer to each other.",
)

# %% [markdown]
# Rates that start 30 times apart end up much closer together. The brake is built in, and it is the
# reason why weight decay acts on a network with BN as a learning rate (notebook 14).
#
# ## And without a larger rate?
#
# Bjorck et al. (2018) say that the larger rate is the *reason* for what BN buys: held to the small rate of a
# plain network, their network with BN was no better. Here, at every rate at which the plain network
# learns:

# %%
gains = {}
for lr in RATES:
    plain, batch = (accuracy("relu", norm, lr) for norm in (None, "gluon"))
    if estimate(plain).mean > 2 * CHANCE:
        gains[f"rate {lr:g}"] = difference(batch, plain)
figures.show(
    figures.draw_estimates(
        gains, xlabel="test accuracy, with BN minus without, ReLU", reference=(0, "no difference")
    ),
    alt="The gain of BN in test accuracy at the rates at which the plain network with ReLU learns; "
    "all intervals lie to the right of zero.",
)

# %% [markdown]
# In this network BN is ahead at the *same* rate, too, and the most at the smallest one. So "it allows a larger
# rate" is true, and is not all. (Theirs had 110 layers and trained until it learned no more; this one
# has five, and 300 steps.)
#
# # Part three: does the initialization matter less?
#
# Now the first weights: drawn from a normal distribution with deviation σ, or by Xavier's rule (泽维尔
# 初始化), which chooses the deviation of each layer by its size. The learning rate is 0.1 for ReLU and 1
# for the sigmoid; 564 steps.

# %%
choices = load.case_values("initialization", "init")


def started(**case):
    """Test accuracy over seeds with one initialization."""
    return estimate(load.by_seed("initialization", "test_accuracy", **case))


axes = figures.new_axes(1, rows=2, height=4.6)
for activation, ax in zip(("relu", "sigmoid"), axes):
    results = [
        [started(activation=activation, norm=norm, init=init) for init in choices] for norm in NORMS
    ]
    figures.draw_heatmap(
        [[result.mean for result in row] for row in results],
        errors=[[result.margin for result in row] for row in results],
        rows=list(NORMS.values()),
        columns=[f"σ = {init:g}" if init != "xavier" else "Xavier" for init in choices],
        xlabel="first weights" if activation == "sigmoid" else "",
        title=f"test accuracy after 564 steps, {activation} (± 95 % over {results[0][0].n} seeds)",
        ax=ax,
    )
figures.show(
    axes,
    alt="Two maps of test accuracy over four initializations. With ReLU and without BN two of the "
    "four stay at a guess; with BN all four learn. With the sigmoid only BN learns, from all four.",
)

# %% [markdown]
# With σ = 0.01 each layer of the plain network makes the signal some ten times smaller, with σ = 1 some
# ten times larger. BN takes the scale away behind each layer, so it cannot add up. "Matters less" is not
# "does not matter": look at σ = 1 with BN. (Long weights, a low effective rate: the brake is on from the
# start.)

# %%
court["less_sensitive_to_initialization"].judge()

# %% [markdown]
# # Part four: accuracy against steps
#
# The curve that everybody has seen: accuracy (精度) over steps, with BN above. Here it is, each network
# at its own best rate.

# %%
curves = {}
for norm, name in NORMS.items():
    setting = chosen_setting("learning_rate", activation="relu", norm=norm)
    rows = load.stacked("learning_rate", "curve", activation="relu", norm=norm, **setting)
    curves[name] = rows[:, :, 2]
    print(f"{name}: learning rate {setting['lr']:g}")
ax = figures.draw_over_seeds(
    curves, rows[0, :, 0], xlabel="step", ylabel="training accuracy of the last 50 batches",
    title="ReLU, each at its best rate",
)  # fmt: skip
figures.show(
    ax,
    alt="Training accuracy over 300 steps, with ReLU. The curve with BN starts higher and stays "
    "above the one without BN, and the intervals over seeds do not touch.",
)

# %%
court["faster_training"].judge()

# %% [markdown]
# # Part five: which piece does the work?
#
# BN subtracts a mean and divides by a deviation. Which of the two does it? Write two layers that each do
# one half. `nn.Lambda` makes a layer of a function.


# %%
def centre(X):
    """X minus the mean of each channel over the batch."""
    axes = (0, 2, 3) if X.ndim == 4 else (0,)
    return X - X.mean(axis=axes, keepdims=True)


def scale(X):
    """X divided by the deviation of each channel over the batch, and nothing subtracted."""
    axes = (0, 2, 3) if X.ndim == 4 else (0,)
    return X / np.sqrt(X.var(axis=axes, keepdims=True) + 1e-5)


# %% [markdown]
# The chapter's network has sigmoids. All values behind a sigmoid are positive, so a sum of them is mostly
# the *same* number for every image. **Predict:** which of the two halves trains the network with sigmoids?

# %%
prediction = None  # "centre", "scale", "both" or "neither"

check("the_half_that_trains", prediction)


# %%
X, y = next(iter(train_iter))
for function in (centre, scale):
    net = d2l_bn.lenet(lambda channels, rank, f=function: nn.Lambda(f), activation="sigmoid")
    mx.random.seed(0)
    net.initialize(mx.init.Xavier())
    values = X
    for name, layer in net._children.items():
        values = layer(values)
        if name.startswith("norm"):
            flat = (abs(values) > 4).mean().item()
            print(f"{function.__name__:7} into sigmoid {name[-1]}: {flat:4.0%} at its flat ends")

# %% [markdown]
# A sigmoid at its flat end passes no gradient. And the trainings: 564 steps at learning rate 1, here with γ and β (but for the variant in which they
# are not trained):

# %%
VARIANTS = {
    "no normalizer": {"norm": None},
    "the mean alone": {"norm": "mean_only"},
    "the deviation alone": {"norm": "variance_only"},
    "both, γ and β not trained": {"norm": "frozen"},
    "BN": {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True, "placement": "before"},
}


def variant(name):
    return estimate(load.by_seed("variants", "test_accuracy", **VARIANTS[name]))


figures.show(
    figures.draw_estimates(
        {name: variant(name) for name in VARIANTS},
        xlabel="test accuracy",
        reference=(CHANCE, "a guess"),
    ),
    alt="Test accuracies of five variants of the layer. No normalizer and the deviation alone stay "
    "at a guess, the mean alone comes close to BN, and BN without trained γ and β as well.",
)

# %% [markdown]
# Subtracting the mean alone comes far, dividing alone comes nowhere. How large is what the images have in common? The
# mean of a channel over its deviation, in a plain network as it starts:

# %%
net = d2l_bn.lenet(norm=None)
mx.random.seed(0)
net.initialize(mx.init.Xavier())
values = X
for name, layer in net._children.items():
    values = layer(values)
    if name.startswith(("conv", "dense")):
        axes = (0, 2, 3) if values.ndim == 4 else (0,)
        ratio = numpy.median((abs(values.mean(axis=axes)) / values.std(axis=axes)).asnumpy())
        print(f"{name}: |μ| / σ = {ratio:.1f}, the median of its channels")

# %% [markdown]
# Divide by a small σ without taking μ away, and that common number becomes huge; the sigmoids then sit at
# their flat ends. The mean has to go first. (Salimans & Kingma put *mean-only* batch normalization
# beside their weight normalization for this reason.)
#
# ## The bias is dead weight
#
# BN takes the mean away, and the bias (偏置) $b$ with it: $\mathrm{BN}(Wu+b) = \mathrm{BN}(Wu)$. What is
# the gradient of $b$?

# %%
prediction = None  # a number

check("gradient_of_the_bias", prediction)

# %%
net = network(nn.BatchNorm)
with autograd.record():
    loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
loss.backward()
for name, parameter in net.collect_params(".*(conv|dense).*").items():
    print(f"{name:32} largest gradient {abs(parameter.grad()).max().item():.0e}")

# %% [markdown]
# Zero but for rounding, in each layer that has BN behind it. β does the work of the bias. (The last layer has no BN behind it,
# and keeps its bias.)
#
# ## Before the activation, or after it?
#
# Some say before, since sums are bell-shaped and activations are not; some say that it hardly matters.
# The difference, each place at its own best rate. How large a difference would matter was fixed beforehand: two
# points of accuracy.

# %%
court["before_or_after_alike"].judge()

# %% [markdown]
# ## One place only
#
# The network has four places for the layer. What if BN stands in *one* of them? **Predict:** in how many of the
# four places does a single layer lift the sigmoid network off the plateau?

# %%
prediction = None  # 0 to 4

check("places_that_rescue", prediction)

# %%
places = {
    f"only behind {name}": {"norm": "gluon", "places": (place,)}
    for place, name in enumerate(("conv 1", "conv 2", "dense 1", "dense 2"), start=1)
}
VARIANTS.update(places)
figures.show(
    figures.draw_estimates(
        {name: variant(name) for name in ("no normalizer", *places, "BN")},
        xlabel="test accuracy",
        reference=(CHANCE, "a guess"),
    ),
    alt="Test accuracy with BN in one place only: each of the four places learns, the later the "
    "place, the better; behind the last dense layer it is as good as BN in all four.",
)

# %% [markdown]
# Any single place rescues the network, and the later the better. So there is no *one spot* that BN mends. What
# goes wrong without it depends on the setting: with this one (batches of 64, rate 1) the last sigmoid saturates
# after some 200 steps, with larger batches it does not, and the network still learns late. Notebook 5 has
# both side by side, and what is cause and what is consequence.
#
# ## Two lesser promises
#
# **No more local response normalization.** AlexNet's layer, *local response normalization*
# (局部响应归一化), divides each value by a number from the channels beside it. The chapter says that with BN
# it is not needed any more. The runs have it in BN's place; what it would add *beside* BN has not been run.
#
# **Shuffling.** The chapter's notes praise putting other examples together in each epoch (打乱): a paper found
# one per cent. What does it add, with BN and without?

# %%
for name in ("better_than_local_response", "shuffling_adds_a_point"):
    display(court[name].judge())

# %% [markdown]
# ## Summary
#
# - BN widens the range of learning rates to the right: with ReLU the plain network breaks at 1, the one with BN at
#   10. The best rate stays about where it was, and BN is ahead at the *same* small rate, too.
# - The brake: steps at a right angle make the weights longer, and longer weights turn by less.
# - A wrong scale of the first weights cannot add up from layer to layer.
# - With sigmoids, the mean does most of the work, and γ and β next to none; one layer in any place rescues the
#   network. The bias before the layer is dead weight.
# - One small network, few steps: the *size* of these effects is this network's.
#
# You can now read and make a map of learning rates, and take a layer apart by leaving out a piece at a time.
#
# ## Exercises
#
# 1. Give `descend` momentum (动量) 0.9: `{"learning_rate": lr, "momentum": 0.9}`. By about which factor does the
#    first rate that fails move, with BN? Say it before you run 60 steps at 0.3, 1, 3.
# 2. In which place would you put a single BN layer in a network with *two* convolutions and *eight* dense
#    layers with sigmoids? Say why, before you think about how to test it.
#
# <details><summary>Solution</summary>
#
# 1. With momentum 0.9 steps in one direction add up to ten times the length: the plain network now breaks at about a
#    tenth of the rate (0.1 to 0.3). With BN the brake works as before, and the edge moves by less than ten:
#    long steps make long weights.
# 2. A late place, but not the last if the signal has died before it: BN can blow up differences between the
#    images that are small, but not those that rounding has swallowed. Behind the fourth or fifth dense
#    layer is a good guess; the test is `draw_estimates` over the ten places, with as many seeds as it takes.
#
# </details>
#
# ## Where to read on
#
# - **Notebook 9, Small batches:** where BN costs more than it buys. **Notebook 10, Why does it work?** It is not what
#   the name of the paper says.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, sections 3.3 and 4.2.
# - Bjorck et al., *Understanding Batch Normalization*, 2018, arXiv 1806.02375, sections 2 and 3: large rates as *the* reason.
# - Arora, Li & Lyu, *Theoretical Analysis of Auto Rate-Tuning by Batch Normalization*, 2018, arXiv 1812.03981:
#   the brake, as a theorem.
