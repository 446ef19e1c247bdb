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
# # 5 · Forward, piece by piece
#
# Here is a network of eight layers. Its data are in order, and so is its code. It starts at the loss
# of a guess, and that is where it stays. With batch normalization (批量归一化, BN for short) between
# the same layers it learns within seconds. Why?
#
# The usual answer is one word, saturation (饱和). You will see that it is half of the truth, and find
# the other half.
#
# **After this notebook you can**
#
# - find out in four looks (first loss, spread, gradient, update-to-data ratio) why a network does not
#   learn;
# - tell what is cause and what is consequence when sigmoids saturate, and what BN does about either;
# - say which properties of a distribution (分布) BN changes, which it leaves, and which numbers a BN
#   layer keeps.
#
# **Time:** about a minute to run on two CPU cores, 20 minutes to read and do.
#
# **Needs:** lessons 1, 3 and 4, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# Cells with `None` wait for your answer.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import math
import os

import mxnet as mx
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.statistics import estimate
from d2l_bn.networks.batch_norm_layers import batch_norms

npx.set_np()
check = predictions("forward_piece_by_piece")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # few examples: to see that it runs
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be

train_iter, test_iter = d2l_bn.load_fashion_mnist(
    256, data=data, limit=1_280 if FAST else 12_800, seed=0
)
batches = list(train_iter)
X, labels = batches[0]
loss_function = gluon.loss.SoftmaxCrossEntropyLoss()

# %% [markdown]
# # Part one: a network that does not learn
#
# ## The first loss
#
# Eight layers of 64 sigmoids, with or without BN before each, and ten scores.

# %%
DEPTH = 8


def deep_net(norm, weights, activation="sigmoid"):
    net = nn.Sequential()
    for _ in range(DEPTH):
        net.add(nn.Dense(64))
        if norm:
            net.add(d2l_bn.BatchNorm(64, num_dims=2))
        net.add(nn.Activation(activation))
    net.add(nn.Dense(10))
    mx.random.seed(0)
    net.initialize(weights)
    return net


# %% [markdown]
# The first check needs no training. A network that knows nothing should give each of the ten classes
# the probability 1/10. What is its loss (损失), the cross-entropy (交叉熵), then?

# %%
first_loss = None  # a number

check("first_loss", first_loss)

# %%
starts = {
    "Xavier": init.Xavier(),
    "normal, 1.0": init.Normal(1.0),
    "normal, 0.01": init.Normal(0.01),
}

for start, weights in starts.items():
    for name, norm in (("plain", False), ("with BN", True)):
        with autograd.train_mode():
            loss = loss_function(deep_net(norm, weights)(X), labels).mean().item()
        print(f"{start:12s}  {name:8s} first loss {loss:5.2f}")

# %% [markdown]
# Xavier's start is a little above a guess, large weights are far above it: that network is sure of
# itself, and wrong. A first loss above $\ln 10$ means that the first steps only unlearn. (Smaller
# weights in the *last* layer cure it.)
#
# ## A hundred steps
#
# Now training, by a loop that we can see:


# %%
def fit(net, lr, epochs=2):
    """The loss at each step of plain gradient descent."""
    net(X)  # the first input decides the sizes
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})
    losses = []
    for features, answers in batches * epochs:
        with autograd.record():
            loss = loss_function(net(features), answers).mean()
        loss.backward()
        trainer.step(1)  # the loss is a mean already
        losses.append(loss.item())
    return losses


curves = {
    name: fit(deep_net(norm, init.Xavier()), lr=1.0)
    for name, norm in (("plain", False), ("BN", True))
}
ax = figures.draw_lines(curves, ylabel="loss")
ax.axhline(math.log(10), color="#666666", linewidth=1)
figures.show(
    ax,
    alt="Loss over a hundred steps: the plain network stays at 2.3, the loss of a guess; the one "
    "with BN falls below 0.7.",
)

# %% [markdown]
# ## Move it yourself
#
# **Predict first.** Below are twelve drawn shirts and twelve drawn boots in such networks, untrained.
# After layer 8 of the plain one all 24 are one point. If you magnify that point until it is as large
# as the images were, do the shirts still lie apart from the boots?

# %%
apart_when_magnified = None  # True or False

# %% [markdown]
# Move the layer from 0 to 8, then magnify.

# %%
figures.interactive("collapse_of_layers")

# %%
check("apart_when_magnified", apart_when_magnified)

# %% [markdown]
# **A plain deep network does not mix its images up: it shrinks what tells them apart, layer by layer;
# with BN the distances stay.**
#
# ## How much a layer shrinks
#
# A sigmoid (sigmoid函数) is steepest in the middle. How steep?

# %%
largest_slope = None  # a number

check("largest_slope", largest_slope)

# %%
axes = figures.draw_sigmoid()
figures.show(
    axes,
    alt="Left, the sigmoid with its tangent at 0, which has slope a quarter and fits well between "
    "-1 and 1. Right, its slope: a quarter at 0, below a twentieth beyond 3 on both sides.",
)

# %% [markdown]
# Xavier's weights are made so that a linear layer keeps the size of what goes through. The sigmoid
# behind it then shrinks every difference to a quarter at best. What is left of a difference after
# seven of them?

# %%
left_of_a_difference = None  # a number

check("left_of_a_difference", left_of_a_difference)


# %% [markdown]
# Measure it: the spread (离散程度) of each sigmoid's inputs over the examples, which is the $\sigma$
# that BN would divide by, and on the way back the length of each layer's gradient.


# %%
def look(net):
    """Inputs of all sigmoids, and the gradient of each dense layer's weights."""
    inputs, H = [], X
    with autograd.record():
        for layer in net:
            if isinstance(layer, nn.Activation):
                inputs.append(H)
            H = layer(H)
        loss = loss_function(H, labels).mean()
    loss.backward()
    dense = [layer for layer in net if isinstance(layer, nn.Dense)]
    return inputs, [layer.weight.grad().copy() for layer in dense]


looks = {
    (start, norm): look(deep_net(norm == "BN", weights))
    for start, weights in starts.items()
    for norm in ("plain", "BN")
}
spreads = {n: [z.std(axis=0).mean().item() for z in looks["Xavier", n][0]] for n in ("plain", "BN")}
lengths = {
    n: [np.linalg.norm(g).item() for g in looks["Xavier", n][1][:-1]] for n in ("plain", "BN")
}
print("plain, each spread / the one before:")
print("   ", [round(b / a, 2) for a, b in zip(spreads["plain"], spreads["plain"][1:])])

# %%
left, right = figures.new_axes(2, height=3.6)
layers = range(1, DEPTH + 1)
text = {"x": layers, "xlabel": "layer", "log": True}
figures.draw_lines(spreads, ylabel="spread over the examples", title="forward", ax=left, **text)
figures.draw_lines(lengths, ylabel="length of the gradient", title="backward", ax=right, **text)
figures.show(
    left,
    alt="Two plots on logarithmic axes, over the eight layers. Without BN the spread of the inputs "
    "falls from about 0.4 to a hundred-thousandth, and the gradient from the last layer back to the "
    "first by as much. With BN both stay level.",
)

# %% [markdown]
# Each layer shrinks the differences to a little less than a quarter, as its inputs are not all in the
# middle. And the gradient suffers the same on its way back.
#
# So weights four times as large should do. Such a *gain* is derived like this for every activation
# (lesson 18). Try it, without BN: `magnitude=48` makes Xavier's weights four times as large.

# %%
wide, _ = look(deep_net(False, init.Xavier(magnitude=48)))
print("gain 4, spreads:", [round(z.std(axis=0).mean().item(), 2) for z in wide])
losses = fit(deep_net(False, init.Xavier(magnitude=48)), lr=0.1)
print(f"loss, first step {losses[0]:.2f}, last ten steps {sum(losses[-10:]) / 10:.2f}")

# %% [markdown]
# Better: most of the difference survives, and the loss begins to fall. But larger inputs leave the
# steep middle, the slope is then no longer a quarter, and a gain that fits at the first step need not
# fit at the hundredth.
#
# ## What BN does about it
#
# BN divides by $\sigma$, whatever it is by now. Forwards that multiplies the differences by
# $1/\sigma$, and backwards the gradient (lesson 4: $\gamma/\sigma$). Together with the slope of the
# sigmoid:

# %%
H, number = X, 0
print("BN layer   σ of its input   1/σ    slope of its sigmoid   1/σ × slope")
with autograd.train_mode():
    for layer in deep_net(True, init.Xavier()):
        Z = layer(H)
        if isinstance(layer, d2l_bn.BatchNorm):
            number += 1
            sigma = H.std(axis=0).mean().item()
            slope = (npx.sigmoid(Z) * (1 - npx.sigmoid(Z))).mean().item()
            print(
                f"{number:8d}   {sigma:14.2f}   {1 / sigma:.1f}   {slope:20.2f}   {slope / sigma:11.2f}"
            )
        H = Z

# %% [markdown]
# A slope of about .2 and a division by about .2, which is ×5: together about 1. That is how values and
# gradients get through eight layers. (The first layer has the pixels before it, not a sigmoid.)

# %% [markdown]
# ## Larger, hence faster?
#
# "The gradient is larger, hence training is faster", one reads. If that were the reason, the plain
# network would need a larger *learning rate* (学习率) and nothing else, since a step is the rate times
# the gradient. We try 1, 100 and 10,000. With how many of the three does the plain network reach a
# loss below 1.5?

# %%
rates_that_work = None  # a whole number

check("rates_that_work", rates_that_work)

# %%
for name, rates in (("plain", (1, 100, 10_000)), ("BN", (0.1, 1))):
    for rate in rates:
        losses = fit(deep_net(name == "BN", init.Xavier()), rate)
        print(
            f"{name:5s} learning rate {rate:<7}  loss of the last ten steps {sum(losses[-10:]) / 10:.2f}"
        )

# %% [markdown]
# None: at 1 nothing moves, at 100 it has blown up already. One number per layer says why, the
# *update-to-data ratio*: by what share of its own length would the weight change in one step?
# A rule of thumb asks for about $10^{-3}$, and for the same in all layers.


# %%
def update_to_data(net, lr):
    _, gradients = look(net)
    dense = [layer for layer in net if isinstance(layer, nn.Dense)]
    return [
        lr * (np.linalg.norm(g) / np.linalg.norm(layer.weight.data())).item()
        for layer, g in zip(dense, gradients)
    ]


ratios = {
    "plain, rate 1": update_to_data(deep_net(False, init.Xavier()), 1),
    "plain, rate 10,000": update_to_data(deep_net(False, init.Xavier()), 10_000),
    "BN, rate 0.1": update_to_data(deep_net(True, init.Xavier()), 0.1),
}
ax = figures.draw_lines(
    ratios, x=range(1, DEPTH + 2), xlabel="layer (9: the scores)", ylabel="update / data", log=True
)
ax.axhspan(3e-4, 3e-2, color="#009E73", alpha=0.15, lw=0)
figures.show(
    ax,
    alt="The update-to-data ratio over nine layers, logarithmic, with a healthy band around a "
    "thousandth. With BN at rate 0.1 all layers lie in or near the band. Without BN the ratio rises "
    "by five powers of ten from the first layer to the last, at rate 1 and at rate 10,000 alike.",
)

# %% [markdown]
# A rate that moves the first layer of the plain network is many thousand times too large for its last.
# With BN, one rate suits all. Not "larger" is the point, but *alike*: how well conditioned the steps
# are. (Lesson 10 goes on from here.)

# %% [markdown]
# # Part two: and saturation?
#
# ## Is it there at the start?
#
# An inviting explanation: sigmoids drift into their flat ends (orange in the figure above), where the
# slope is next to nothing, and gradients vanish (梯度消失). A page of interview questions puts it
# so: 数据在网络中传播时整体分布逐渐往非线性函数的取值区间的上下限两端靠近.
#
# Look at the untrained plain network with Xavier's weights. Is more than a tenth of its values
# saturated, beyond ±3? And is the first layer's gradient below a thousandth of the last one's?

# %%
many_saturated = None  # True or False
gradient_vanishes = None  # True or False

check("many_saturated", many_saturated)
check("gradient_vanishes", gradient_vanishes)

# %%
print(f"{'':20s} saturated   mean slope   gradient, first layer   last layer")
for (start, norm), (inputs, gradients) in looks.items():
    slope = [(npx.sigmoid(z) * (1 - npx.sigmoid(z))).mean().item() for z in inputs]
    saturated = [(np.abs(z) > 3).mean().item() for z in inputs]
    first, last = (np.linalg.norm(gradients[i]).item() for i in (0, -1))
    print(
        f"{start + ', ' + norm:20s} {100 * sum(saturated) / DEPTH:7.0f} %   {sum(slope) / DEPTH:10.3f}"
        f"   {first:21.0e}   {last:10.0e}"
    )

# %% [markdown]
# - Small weights or Xavier's, plain: **nothing is saturated**, the slope is nearly the best one, and
#   the gradient vanishes all the same, by the quarter a layer.
# - Large weights, plain: much is saturated, and the gradient does *not* vanish.
# - With BN the slope is *smaller* than with Xavier's weights alone, and the gradient arrives.
#
# So "BN keeps the inputs where the sigmoid is steep" is not why it gets through. But that was before
# the first step.
#
# ## A race
#
# The chapter's LeNet without BN, 564 steps, eight seeds (随机种子), in two settings: batches of 64 at
# rate 1, and batches of 256 at rate 0.9. In which does the last sigmoid end in a flat end (outputs
# below .05 or above .95)?

# %%
saturated_where = None  # 64, 256, "both" or "neither"

check("saturated_where", saturated_where)

# %%
SETTINGS = {
    "batches of 64, rate 1": {"batch_size": 64, "lr": 1.0},
    "batches of 256, rate 0.9": {"batch_size": 256, "lr": 0.9},
}


def seen(measure):
    return {
        name: load.stacked("saturation", measure, norm=None, interfered=None, **setting)
        for name, setting in SETTINGS.items()
    }


steps = load.records("saturation")[0]["measures"]["step"]
left, right = figures.new_axes(2, height=4.0)
figures.draw_over_seeds(
    seen("saturated/act4"), steps, ylabel="share saturated", title="the last sigmoid", ax=left
)
figures.draw_over_seeds(
    seen("spread/act4"),
    steps,
    ylabel="spread over the images",
    title="its inputs",
    log=True,
    legend=False,
    ax=right,
)
figures.show(
    left,
    alt="Left, the share of the last sigmoid's outputs that are saturated, over 564 steps: with "
    "batches of 64 it rises from 0 after step 150 to nearly all, with batches of 256 it stays low. "
    "Right, the spread of its inputs over the images, logarithmic: with batches of 256 it rises a "
    "hundredfold by step 300, with batches of 64 it hardly rises.",
)

# %% [markdown]
# Read both together. For 150 steps neither is saturated, and neither learns: the images are too
# alike, as in part one. Then two things race:
#
# - the *differences* between images grow, slowly at first, each step by a share of what is there;
# - the inputs of the last sigmoid all drift the *same* way. With the images alike, all that the last
#   layers can follow is how often each class happens to occur in the batch, and that is noise: more of
#   it in batches of 64.
#
# With 256 the differences arrive first. With 64 the drift does: the sigmoid is flat, the differences
# are multiplied by a slope of nearly nothing, and now the network cannot leave.
#
# Cause or consequence? One can interfere. In the bad setting, let the two layers around that sigmoid
# learn at a tenth of the rate, which takes the push away. Does the network learn?

# %%
slow_learns = None  # True or False

check("slow_learns", slow_learns)


# %%
def accuracy(setting, **case):
    return estimate(load.by_seed("saturation", "test_accuracy", **SETTINGS[setting], **case))


small, large = SETTINGS
results = {"256: plain": accuracy(large, norm=None, interfered=None)}
for name, how in (("plain", None), ("slow", "slow")):
    results[f"64: {name}"] = accuracy(small, norm=None, interfered=how)
for place, layer in enumerate(("conv1", "conv2", "dense1", "dense2"), start=1):
    results[f"64: one BN, behind {layer}"] = accuracy(small, norm="gluon", places=(place,))

ax = figures.draw_estimates(
    results,
    xlabel="test accuracy after 564 steps",
    reference=(0.1, "a guess"),
    number_format="{:.2f}",
)
figures.show(
    ax,
    alt="Test accuracy after 564 steps with 95 % intervals. Batches of 256 learn. Batches of 64 guess; "
    "with slow last layers they learn, and with one BN in any of four places they learn best.",
)

# %% [markdown]
# Saturation is **no cause of the first standstill**: the collapse of differences is, and nothing is
# saturated then. And it is **a consequence** of what the last layers do meanwhile: slow them, and it
# does not come, and the network learns.
#
# Is it a cause, too, once it is there? Put it in yourself, in the good setting: subtract 3.4 from the
# inputs of the last sigmoid before the first step, which is about where those of the small batches end.
# Nothing else is changed. Does the network still leave 2.3 within 300 steps?

# %%
shifted_learns = None  # True or False

check("shifted_learns", shifted_learns)

# %%
print("Two trainings of 300 steps, some ten seconds each", flush=True)
curves = {}
for name, shift in (("as it is", 0.0), ("saturated before the first step", -3.4)):
    net = d2l_bn.lenet(None)
    mx.random.seed(0)
    net.initialize(init.Xavier())
    net(X)
    net.dense2.bias.set_data(net.dense2.bias.data() + shift)
    curves[name] = fit(net, lr=0.9, epochs=6)

ax = figures.draw_lines(curves, ylabel="loss", title="LeNet without BN, batches of 256, rate 0.9")
figures.show(
    ax,
    alt="Loss over 300 steps of a plain LeNet with batches of 256. As it is, it stays at 2.3 for some "
    "two hundred steps and then falls; saturated before the first step, it stays at 2.3 to the end.",
)

# %% [markdown]
# It does not. That was one seed; the study has eight, and two more ways to interfere in the bad setting: slow *and*
# shifted; and *held*, where after each step the biases before the last sigmoid are moved so that its inputs have the mean −1.5
# again, about where those of the good setting stay.

# %%
for name, setting, how in (
    ("256: shifted", large, "shifted"),
    ("64: slow and shifted", small, "slow, shifted"),
    ("64: held", small, "held"),
):
    case = {"norm": None, "interfered": how, **SETTINGS[setting]}
    reached = load.by_seed("saturation", "test_accuracy", **case).values()
    print(f"{name:22s} test accuracy at most {max(reached):.3f}, in {len(reached)} seeds")
held = {"norm": None, "interfered": "held", **SETTINGS[small]}
for layer in ("act3", "act4"):
    share = load.stacked("saturation", f"saturated/{layer}", **held)[:, -1].mean()
    print(f"held, at the end: {100 * share:.0f} % of {layer} saturated")

# %% [markdown]
# Put in, and nothing else, saturation makes a network that learns into one that does not: **a cause**, then, from the
# moment when it is there. And holding the last sigmoid by hand does not help: the push finds another way, into the third.
#
# And *any single* BN rescues the network, even the one behind the first convolution, far from the last
# sigmoid. It is not one spot that BN repairs: it gives the differences a head start in the race.
#
# What the court of lesson 20 makes of the sentences, which speak of any network:

# %%
for name in ("sigmoids_drift", "saturation_keeps_from_learning", "gradients_vanish"):
    judgement = court[name].judge()
    only = " and ".join(judgement.supported_only_in)
    print(
        f"{court[name].meaning}: {judgement.verdict}"
        + (f", but supported for {only}" if only else "")
    )

# %% [markdown]
# # Part three: the layer by itself
#
# ## Two moments, and nothing else
#
# BN fixes two numbers of each channel (通道): the mean (均值) becomes 0, the variance (方差) 1, the
# first two *moments* (矩). The interview questions say more: that it pulls any distribution back to
# the 标准正态分布, the standard normal distribution. Does it? Three features: one skewed (偏斜), one with
# two humps, one uniform.


# %%
def normalize(X):
    """BN in training mode with γ = 1 and β = 0."""
    axes = tuple(axis for axis in range(X.ndim) if axis != 1)
    centred = X - X.mean(axis=axes, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + 1e-5)


npx.random.seed(4)
size = 20_000
humps = np.concatenate(
    [np.random.normal(-3, 1, size // 4), np.random.normal(2, 0.5, 3 * size // 4)]
)
skewed, uniform = np.random.exponential(2.0, size=size), np.random.uniform(5, 9, size=size)
three = np.stack([skewed, humps, uniform], axis=1)  # (20000, 3)

print("mean after", normalize(three).mean(axis=0).round(4))
print("var  after", normalize(three).var(axis=0).round(4))

# %% [markdown]
# The *skewness* (偏度), the mean of $\hat x^3$, is 0 for a symmetric distribution and 2 for the
# exponential distribution (指数分布) of the first feature. What is it after BN?

# %%
skewness = None  # a number, for the first feature

check("skewness", skewness)

# %%
names = ("skewed", "two humps", "uniform")
after = normalize(three)
print("skewness after:", (after**3).mean(axis=0).round(2))

axes = figures.draw_shapes(
    {name: three[:, i] for i, name in enumerate(names)},
    {name: after[:, i] for i, name in enumerate(names)},
)
figures.show(
    axes,
    alt="Histograms of three features before and after BN: a skewed one, one with two humps, a "
    "uniform one. The shapes are the same before and after; none is the normal distribution drawn "
    "over it.",
)

# %% [markdown]
# The shapes stay; only the numbers on the axis differ. A shift and a stretch make no skewed
# distribution symmetric, and no two humps one.

# %% [markdown]
# ## One value moves, and all move
#
# Eight examples, one feature. We raise the input of example 2 by 3. How many of the eight outputs
# change in training (训练)? And in prediction (预测), where mean and deviation are constants?

# %%
changed_in_training = None  # whole numbers
changed_in_prediction = None

check("changed_in_training", changed_in_training)
check("changed_in_prediction", changed_in_prediction)

# %% tags=["cover"]
z = np.array([0.4, -0.9, 1.3, -0.5, -0.2, 1.9, -0.8, 0.1]).reshape(8, 1)
moved = z.copy()
moved[2] += 3


def predict(z_new):  # with the mean and the deviation of the eight as they were
    return (z_new - z.mean()) / z.std()


axes = figures.draw_moved(
    {
        "input z": (z, moved),
        "output, training": (normalize(z), normalize(moved)),
        "output, prediction": (predict(z), predict(moved)),
    }
)
figures.show(
    axes,
    alt="Eight values before and after example 2 is raised by 3. Of the inputs only that one moves. "
    "In training its output rises and the seven others are drawn together; in prediction "
    "only its own output moves.",
)

# %% [markdown]
# In training, the output for an example depends on *who else is in its batch*: the mean has risen, and
# the deviation by which all are divided has grown. In principle one could take the mean over all
# 60,000 examples; each step would then need them all. How much the others feel of one falls with
# $1/m$:

# %%
for m in (4, 16, 64, 256, 1024):
    changes = []
    for _ in range(20):
        z_m = np.random.normal(size=(m, 1))
        push = 3 * (np.arange(m) == 0).reshape(m, 1)
        changes.append(np.abs(normalize(z_m + push) - normalize(z_m))[1:].mean().item())
    print(f"batch of {m:4d}: the others move by {sum(changes) / 20:.4f} on average")

# %% [markdown]
# ## What a layer keeps
#
# *Which parameters does BN have?* is a question for interviews. Two that are trained, $\gamma$ and
# $\beta$; two statistics (统计量) that the forward pass moves; and hyperparameters (超参数): the number
# of channels, the momentum, and $\varepsilon$, which most answers forget.

# %%
net = d2l_bn.lenet()
net.initialize(init.Xavier())
net(np.zeros((1, 1, 28, 28)))

for layer in batch_norms(net).values():
    kept = {name: p.data().size for name, p in layer._reg_params.items()}
    print(layer, kept)

# %% [markdown]
# How large a share of the network's *trained* parameters belongs to BN?

# %%
share_of_parameters = None  # in percent

check("share_of_parameters", share_of_parameters)

# %%
counts = {"BN": 0, "others": 0}
for name, parameter in net.collect_params().items():
    if parameter.grad_req != "null":
        counts["BN" if "norm" in name else "others"] += parameter.data().size
print(counts, f"{100 * counts['BN'] / sum(counts.values()):.1f} %")

# %% [markdown]
# ## Weight sharing
#
# A convolution (卷积) makes 6 maps of 100 × 100: 60,000 values for each image. If each were a feature
# of its own, how many $\gamma$ would the layer have? And how many has it, thanks to weight sharing
# (权值共享)?

# %%
without_sharing = None
with_sharing = None

check("without_sharing", without_sharing)
check("with_sharing", with_sharing)

# %% [markdown]
# A filter (卷积核) answers in the same way wherever in the image a thing is. A BN layer that scaled each
# place differently would destroy that. The cell shifts maps by 7 pixels, before the layer and after.

# %%
maps = np.random.normal(size=(8, 6, 100, 100)) * np.linspace(0.2, 2.0, 100)  # livelier at the right

for name, shape in (("per position", (8, -1)), ("per channel", maps.shape)):
    first = normalize(maps.reshape(shape)).reshape(maps.shape)
    mean, deviation = maps.reshape(shape), first.reshape(shape)  # what the layer learned on `maps`
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    mean, deviation = mean.mean(axis=axes, keepdims=True), mean.std(axis=axes, keepdims=True)
    shifted = ((np.roll(maps, 7, axis=3).reshape(shape) - mean) / deviation).reshape(maps.shape)
    difference = np.abs(shifted - np.roll(first, 7, axis=3)).max().item()
    print(f"{name:12s}: shifting before or after the layer differs by {difference:.3f} at most")

# %% [markdown]
# # Part four: in training
#
# ## Activations through training
#
# `ActivationStats` hangs a hook (钩子) on layers and keeps a histogram (直方图) of their outputs. Here
# is what goes into and what comes out of the first and the last BN layer of LeNet, over a hundred
# steps.

# %%
epochs, every = (1, 1) if FAST else (2, 4)
net_bn = d2l_bn.lenet()
watch = {
    "conv1": "into norm1",
    "norm1": "out of norm1",
    "dense2": "into norm4",
    "norm4": "out of norm4",
}
with ActivationStats(net_bn, list(watch), every=every) as watched:
    d2l_bn.train(net_bn, train_iter, epochs=epochs, lr=1.0, seed=0)

axes = figures.draw_through_training(
    {title: (watched[name].edges, watched[name].histograms) for name, title in watch.items()},
    watched["norm1"].steps,
)
figures.show(
    axes,
    alt="Histograms over the training steps, one panel each: what goes into the first BN layer "
    "spreads out within the first steps; what comes out of both layers stays around mean 0 and "
    "deviation 1.",
)

# %% [markdown]
# At the left, the inputs of a BN layer move while the layers before it learn: *internal covariate
# shift* (内部协变量偏移). At the right, only $\gamma$ and $\beta$ move them. BN removes the shift of two
# moments, and leaves the rest, such as the dark line of the first layer: where an image is black, a
# convolution gives its bias (偏置), always the same number. Whether the shift is what makes training
# slow is a question of its own, for lesson 10.
#
# ## The linear region
#
# After BN, say the interview questions, 大部分值落入激活函数的线性区内, *most values lie in the linear
# region of the activation*, which loses its non-linearity (非线性), so that γ and β are needed. For
# the first half: how many percent of normally distributed values lie within ±1?

# %%
within_one = None  # in percent, to the nearest ten

check("within_one", within_one)


# %%
def line_explains(net):
    """The share of a sigmoid's output that a straight line gives (R²), for each of the four."""
    shares, H = [], X
    with autograd.train_mode():
        for layer in net:
            if isinstance(layer, nn.Activation):
                z, a = H.reshape(-1), layer(H).reshape(-1)
                shares.append(((z - z.mean()) * (a - a.mean())).mean() / (z.std() * a.std()))
            H = layer(H)
    return "  ".join(f"{100 * share.item() ** 2:5.1f} %" for share in shares)


fresh = {}
for name, norm in (("without BN", None), ("with BN", "batch")):
    fresh[name] = d2l_bn.lenet(norm)
    mx.random.seed(0)
    fresh[name].initialize(init.Xavier())
    fresh[name](X)

print("a line explains, in the sigmoids 1 to 4")
for name, network in {**fresh, "with BN, trained": net_bn}.items():
    print(f"{name:17s}", line_explains(network))

# %% [markdown]
# Nearly linear, that is true. But without BN it is *more* linear still, as the inputs have less spread
# (part one). BN does not take the non-linearity away, it brings some. Whether γ and β are needed for it,
# the court has tried with several seeds:

# %%
print(court["gamma_and_beta_needed"].meaning, "·", court["gamma_and_beta_needed"].judge().verdict)

# %% [markdown]
# ## What γ and β can do, and what they did
#
# They *can* undo the layer: with $\gamma = \sqrt{\sigma^2+\varepsilon}$ and $\beta = \mu$ it gives back
# what came in. The chapter's text goes further: 不仅进行了归一化操作还恢复了x的特征分布, "it
# not only normalizes but also restores the distribution of x". We set them so for one batch. Does the
# layer still give back what comes in for a batch of ankle boots only, in training mode?

# %%
undone_for_boots = None  # True or False

check("undone_for_boots", undone_for_boots)

# %%
Z = fresh["without BN"].conv1(X)
layer = d2l_bn.BatchNorm(6, num_dims=4)
layer.initialize()
mean = Z.mean(axis=(0, 2, 3), keepdims=True)
var = Z.var(axis=(0, 2, 3), keepdims=True)
layer.gamma.set_data(np.sqrt(var + layer.eps))
layer.beta.set_data(mean)

X_test, labels_test = next(iter(test_iter))
with autograd.train_mode():
    for name, images in (("the same batch", X), ("boots only", X_test[labels_test == 9])):
        Z_new = fresh["without BN"].conv1(images)
        difference = np.abs(layer(Z_new) - Z_new).max().item()
        print(f"{name:14s}: differs by {difference / Z.std().item():.0e} deviations at most")

# %% [markdown]
# In training mode each batch has its own mean and deviation, so what undoes one batch does not undo
# another. In prediction mode they are constants, and γ and β can undo BN once and for all. They *can*.
# Did they, in the network that was trained above? If so, every γ would be the σ of its input and every
# β the μ, on the dashed lines:

# %%
scale, shift = {}, {}
for name, norm in batch_norms(net_bn).items():
    scale[name] = np.sqrt(norm.moving_var.data() + norm.eps), norm.gamma.data()
    shift[name] = norm.moving_mean.data(), norm.beta.data()

left, right = figures.draw_agreement({"scale": scale, "shift": shift})
left.set(xlabel="σ of the input", ylabel="γ")
right.set(xlabel="μ of the input", ylabel="β")
figures.show(
    left,
    alt="Left, γ of every channel over the σ of its input; right, β over μ. The dashed line where "
    "they would be equal is met by few: most γ lie near 1 and most β near 0, whatever σ and μ are.",
)

# %% [markdown]
# They do not: most γ stay near 1 and most β near 0. But these are a hundred steps; the first layer has
# begun to move, and after the five epochs of lesson 3 they have gone further. The court has looked at
# longer runs:

# %%
print(
    court["gamma_restores_the_input"].meaning,
    "·",
    court["gamma_restores_the_input"].judge().verdict,
)

# %% [markdown]
# ## Summary
#
# | said of BN | found here |
# |---|---|
# | it makes a normal distribution | two moments; the shape stays |
# | without it, sigmoids saturate and gradients vanish | gradients vanish first, with nothing saturated; saturation follows, where noise wins the race, and then holds |
# | it makes gradients larger, hence training faster | alike in all layers, so that one rate fits |
# | it makes the sigmoid linear | nearly; without BN it was more so |
# | γ and β restore the input | they can; training is another matter |
# | one spot is what it repairs | any single one of four rescues the network |
#
# You can now take four looks at a network that does not learn: its first loss, the spread of its
# activations, its gradients, and the update-to-data ratio.
#
# <details><summary>What else is claimed, and where it is tried</summary>
#
# Larger learning rates, less care for the initialization: lesson 7. Less dropout, less L2: 13. No
# local response normalization (局部响应归一化), training data shuffled completely: 20. Internal covariate
# shift as *the* reason: 10.
# </details>
#
# ## Exercises
#
# **1. Full covariance as a layer.** BN fixes the variance of each feature and leaves their
# covariances (协方差). Write a layer that makes the whole covariance matrix of a batch the identity
# (`np.linalg.cholesky` and `np.linalg.inv` help). What does it need of the batch? What does it cost?
#
# <details><summary>Solution</summary>
#
# ```python
# def whiten(X, eps=1e-3):  # (m, d)
#     centred = X - X.mean(axis=0, keepdims=True)
#     covariance = np.dot(centred.T, centred) / len(X) + eps * np.eye(X.shape[1])
#     return np.dot(centred, np.linalg.inv(np.linalg.cholesky(covariance)).T)
# ```
#
# It needs more examples than features ($m > d$), or the matrix has no inverse but for $\varepsilon$:
# 64 examples cannot say anything about $120 \cdot 119 / 2$ covariances of `dense1`. It costs $d^3$ on
# top of $m d^2$, and the order of the features now matters. In between lie blocks: whitening within
# groups of channels (Huang et al. 2018, *Decorrelated Batch Normalization*).
# </details>
#
# **2. Another transform.** The *probability integral transform* replaces each value by its rank in
# the batch, divided by $m$: whatever came in, the output is uniform. Would it do as a layer?
#
# <details><summary>Solution</summary>
#
# It fixes *all* moments, so it does what BN is wrongly said to do. But a rank is a step function: its
# derivative is 0 wherever it exists, and no gradient comes through. And distances are lost: how far two
# examples lie apart no longer counts, only who lies between them.
# </details>
#
# ## Where to read on
#
# - **Lesson 6, Test time:** what prediction with the averages costs.
# - Glorot & Bengio, *Understanding the difficulty of training deep feedforward neural networks*,
#   AISTATS 2010, section 3: saturation of sigmoids, seen as it happens.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, sections 1 and 3: the claims.
# - Santurkar et al., *How Does Batch Normalization Help Optimization?*, 2018, arXiv 1805.11604.
# - Andrej Karpathy, *Building makemore, Part 3*: the same four looks at another network.
