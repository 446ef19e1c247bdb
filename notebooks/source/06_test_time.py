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
# # 6 · Test time: which statistics?
#
# In training, batch normalization (批量归一化) uses the mean and the variance of the batch at hand.
# Which ones should it use when the training is over (rows 7 and 26)? The weights are what they are;
# only the statistics are left to choose, and the choice is worth up to sixteen points of test
# accuracy.
#
# **After this notebook you can**
#
# - name three kinds of statistics for test time (测试), say what each costs, and choose one;
# - replace the moving averages of a trained network by the statistics of the training set;
# - find out when predictions depend on who else is in the batch, and show it;
# - remove batch normalization from a finished network without changing its answers.
#
# **Time:** 1 to 2 minutes to run on two CPU cores, 45 minutes to read.
#
# **Needs:** notebooks 2 and 3, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# It covers rows 7, 26, 33, 50 and 72 of the course, and corrections 1 and 14. Cells with
# `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import itertools
from statistics import mean, median
from time import perf_counter

import numpy
from mxnet import autograd, np, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments import load
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.batch_norm_layers import averages, kept_averages
from d2l_bn.networks.folding import fold
from d2l_bn.networks.population import population_statistics

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

# %% [markdown]
# # Part one: three kinds of statistics
#
# | | computed from | cost | an image's answer depends on |
# |---|---|---|---|
# | **batch** (小批量) | the test batch itself | none | the other images in its batch |
# | **moving average** (移动平均) | the last twenty or so training batches, each seen with *other* weights | none | the last steps of training |
# | **population** (总体) | the training set, with the weights of now | one pass forward over training images | the training set |
#
# The third is what the paper defines (row 50); the moving average is its cheap stand-in (row 72).
#
# > **Correction 1.** Source 000 says that for *prediction* "one generally takes a larger batch" and
# > that the moving average belongs to *training*. It is the other way round (notebook 3). We shall
# > see that a large batch *would* do at test time, and why one does not want to rely on it.
#
# ## Fifteen measurements
#
# How much does the choice matter? The chapter's network was trained three times, with three seeds
# (随机种子), five epochs each, at the chapter's settings: learning rate 1, batches of 256. After each
# epoch, the *same weights* were tested with each kind of statistics. That takes a quarter of an hour,
# so the results are in a file, which `d2l-bn run population` makes.

# %%
KINDS = {"moving": "moving average", "batch": "batch of 256", "population": "population"}
runs = load.records("population")
tested = {  # (seeds, epochs)
    kind: load.stacked(runs, f"test_accuracy_{kind}_by_epoch") for kind in KINDS
}

settings = "norm", "lr", "batch_size", "epochs", "population_batches"
print(runs[0]["data"], {name: runs[0]["case"][name] for name in settings})

# %% [markdown]
# Three seeds times five epochs are 15 cases. In how many is the test accuracy (测试精度) with
# population statistics *at least* that with the moving average?

# %%
prediction = None  # 0 to 15

at_least = int((tested["population"] >= tested["moving"]).sum())
self_check("the number of cases", prediction, at_least)

# %% [markdown]
# Every seed has a colour; black shows the mean of the three and their range.

# %% tags=["cover"]
seeds = sorted(run["seed"] for run in runs)

axes = figures.draw_runs(
    {title: dict(zip(seeds, tested[kind].tolist())) for kind, title in KINDS.items()},
    ylabel="test accuracy",
)

# %% [markdown]
# The same in numbers:

# %%
columns = [load.stacked(runs, "train_accuracy_by_epoch"), *tested.values()]
rows = [
    [seed, epoch + 1, *(f"{column[run, epoch]:.3f}" for column in columns)]
    for run, seed in enumerate(seeds)
    for epoch in range(columns[0].shape[1])
]
table(["seed", "epoch", "training accuracy", *KINDS.values()], rows)

# %% [markdown]
# With the moving average, the test accuracy jumps up and down, while the training accuracy climbs
# steadily. With population statistics it climbs as well, and hardly jumps. **The weights were good
# all the time. The averages were not.**
#
# To put a number on the jumping: the spread (极差) of a run is its best minus its worst test accuracy
# in epochs 3 to 5, when the weights change little.


# %%
def spread(kind, seed):
    late = tested[kind][seeds.index(seed), 2:]
    return max(late) - min(late)


for kind, title in KINDS.items():
    spreads = [spread(kind, seed) for seed in seeds]
    each = ", ".join(f"seed {seed} {s:.3f}" for seed, s in zip(seeds, spreads))
    accuracy = tested[kind].mean()
    print(f"{title:14} accuracy {accuracy:.3f}, spread {mean(spreads):.3f} on average ({each})")

mean_spread = {kind: mean(spread(kind, seed) for seed in seeds) for kind in KINDS}
ratio = mean_spread["population"] / mean_spread["moving"]
gain = (tested["population"] - tested["moving"]).max()

print(f"\npopulation at least as good as the moving average: {at_least} of {len(rows)} cases")
print(f"its largest gain: {gain:.3f}")
print(
    f"its mean spread: {ratio:.2f} times that of the moving average; at most 1/3: {ratio <= 1 / 3}"
)

# %% [markdown]
# Read the numbers with care. In one case the moving average was *better*, and with seed 1 its spread
# was no larger than the population's: it was lucky three times in a row. The mean over three seeds
# says that such luck is rare, not that it does not happen.
#
# The statistics of the test batch itself are nearly as good as those of the population: 256 images
# are a large sample. We come to what is wrong with them in part three.

# %% [markdown]
# # Part two: population statistics
#
# ## Do it yourself
#
# Now on this machine, in small: a third of the images, two epochs, Gluon's layer (the same as the
# package's, and faster on a CPU).

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(256, data=data, limit=1500 if FAST else 20_000)

net = d2l_bn.lenet("gluon")
net.hybridize()
history = d2l_bn.train(net, train_iter, test_iter, epochs=2, lr=1.0)

for epoch in history.epochs:
    print(epoch)

# %% [markdown]
# `recalibrate` (校准) runs the training images through the network, in training mode, without
# gradients. It notes mean and variance of what each normalization layer sees, and puts the result in
# the place of the moving averages. No weight changes.
#
# Predict: what does the test accuracy do?

# %%
prediction = None  # "up", "down" or "same" (same: it changes by less than one point)


def weights_of(net):
    """All parameters but the averages."""
    named = net._collect_params_with_prefix().items()
    return {name: p.data().asnumpy() for name, p in named if "running" not in name}


left_by_training = {
    name: [p.data().asnumpy() for p in averages(layer)]
    for name, layer in net._children.items()
    if name.startswith("norm")
}
before, weights = d2l_bn.evaluate(net, test_iter), weights_of(net)

start = perf_counter()
d2l_bn.recalibrate(net, train_iter)
seconds = perf_counter() - start

after = d2l_bn.evaluate(net, test_iter)
answer = "same" if abs(after - before) < 0.01 else "up" if after > before else "down"
self_check("the direction", prediction, answer)

# %%
unchanged = all((weights[name] == value).all() for name, value in weights_of(net).items())

print(f"test accuracy with the moving average: {before:.3f}")
print(f"with population statistics:            {after:.3f}, after {seconds:.1f} s")
print("every weight is what it was:          ", unchanged)

# %% [markdown]
# `d2l_bn.train(..., recalibrate=True)` does this after each epoch and records both accuracies;
# `scripts/train_lenet_bn.py --recalibrate` does it from the command line.
#
# ## What was wrong with the moving average
#
# `population_statistics` returns what `recalibrate` saw, batch by batch. We look at the channel
# whose moving mean is farthest from its population mean, measured in standard deviations.

# %%
statistics = population_statistics(net, train_iter)


def distance(name):
    """Of each channel's moving mean from the population mean, in standard deviations."""
    population = statistics[name]
    return (left_by_training[name][0].reshape(-1) - population.mean) / population.variance() ** 0.5


name = max(statistics, key=lambda layer: abs(distance(layer)).max())
channel = int(abs(distance(name)).argmax())
batch_means = statistics[name].means[:, channel]

ax = figures.draw_averages(
    batch_means,
    {
        "moving average, left by training": [left_by_training[name][0].reshape(-1)[channel]]
        * len(batch_means)
    },
    truth=[statistics[name].mean[channel]] * len(batch_means),
    ylabel="mean",
    title=f"Channel {channel} of {name}, all batches seen with the same weights",
)

# %% [markdown]
# With the weights of now, the means of the batches lie closely together. The moving average is not
# noisy; it is *elsewhere*. It was made from batches that earlier weights had seen. At a learning rate
# of 1, the weights had moved on, and in the last step, with the gradient of a smaller and noisier
# batch, perhaps farthest of all (notebook 3).
#
# How far off are all channels of each layer, on average?

# %%
ax = figures.draw_bars(
    {"distance": {name: (distance(name) ** 2).mean() ** 0.5 for name in statistics}},
    ylabel="standard deviations",
    number_format="{:.2f}",
    title="Moving means: how far from the population's (root mean square)",
)

# %% [markdown]
# ## How many batches does it take?
#
# A whole pass over 60,000 images takes seconds. Do fewer do? Guess: how many batches of 256 are
# enough to come within half a point of all of them?

# %%
prediction = None  # 1, 2, 5, 10, 20 or 40

numbers = [n for n in (1, 2, 5, 10, 20, 40) if n <= len(train_iter)]
by_number = []
for n in numbers:
    train_iter.epoch = 10  # the same order each time
    d2l_bn.recalibrate(net, train_iter, batches=n)
    by_number.append(d2l_bn.evaluate(net, test_iter))

enough = next((n for n, a in zip(numbers, by_number) if abs(a - after) <= 0.005), numbers[-1])
self_check("the number of batches", prediction, enough)

# %%
ax = figures.draw_lines(
    {
        "population, from that many batches": by_number,
        "population, all batches": [after] * len(numbers),
        "moving average": [before] * len(numbers),
    },
    x=numbers,
    xlabel="training batches of 256",
    ylabel="test accuracy",
)
ax.set_xscale("log")
_ = ax.set_xticks(numbers, [str(n) for n in numbers])

# %% [markdown]
# Few, perhaps one. The number counts for little; what counts is that they are seen with the *weights
# of now*. From here on we take twenty.

# %%
twenty = list(itertools.islice(train_iter, 20))
d2l_bn.recalibrate(net, twenty)

# %% [markdown]
# ## The formula
#
# The paper's estimate, over batches $B$:
#
# $$\mu = E_B[\mu_B], \qquad \sigma^2 = \frac{m}{m-1}\, E_B[\sigma_B^2]$$
#
# $m$ is the number of values that a channel has in a batch: $N$ after a fully connected layer,
# $N \cdot H \cdot W$ after a convolution. What is $m$ for `norm1`, with batches of 256 and maps of
# 24 × 24?

# %%
prediction = None  # a whole number

m = 256 * 24 * 24
self_check(
    "m of norm1",
    prediction,
    m,
    reasons=[
        (256, "That is N; a channel of one image has 24 * 24 values, and all of them count."),
        (24 * 24, "That is one image; there are 256."),
    ],
)

# %% [markdown]
# Why the factor? Inside a batch the variance is measured around the *batch's own* mean, which lies
# closer to its values than the true mean does. So $\sigma_B^2$ is too small, by $(m-1)/m$ on average.
# With batches of four values, taken from a distribution with variance 1:

# %%
npx.random.seed(0)
small_batches = np.random.normal(size=(100_000, 4))
biased = small_batches.var(axis=1).mean().item()

print(f"E[σ²] of batches of 4:  {biased:.3f}")
print(f"times m/(m-1) = 4/3:    {4 / 3 * biased:.3f}")

# %% [markdown]
# And for the network? The factor of each layer, next to a second effect: the batch means themselves
# vary, and the *pooled* variance (合并方差) of all values together contains that, too.

# %%
print("layer      m          m/(m-1)     pooled / E[σ²]")
for name, population in statistics.items():
    m = int(population.counts[0])
    pooled = (population.variance("pooled") / population.variance("biased")).mean()
    print(f"{name}    {m:7,}    {m / (m - 1):.6f}    {pooled:.6f}")

# %%
for kind in ("biased", "unbiased", "pooled"):
    d2l_bn.recalibrate(net, twenty, variance=kind)
    print(f"{kind:8} test accuracy {d2l_bn.evaluate(net, test_iter):.4f}")

d2l_bn.recalibrate(net, twenty)  # unbiased, as in the paper, for what follows

# %% [markdown]
# With batches of 256 the factor is 1.000007 after a convolution and 1.004 after a dense layer. It
# matters for small batches after dense layers, and hardly anywhere else.
#
# > **Correction 14.** Source 003 writes: 对于标准偏差采用每个batch σB的无偏估计, "for the *standard
# > deviation*, take the unbiased estimate of each batch's σB". It is the *variance* that is averaged.
# > Two batches with deviations 1 and 3 have the mean variance (1 + 9)/2 = 5; the mean deviation,
# > squared, is 4. And $m$ contains $H \cdot W$.

# %%
for name, population in statistics.items():
    of_deviations = numpy.sqrt(population.variances).mean(axis=0) ** 2
    ratio = (of_deviations / population.variances.mean(axis=0)).mean()
    print(f"{name}: (mean deviation)² / mean variance = {ratio:.5f}")

# %% [markdown]
# # Part three: what is wrong with the statistics of the test batch?
#
# They cost nothing, they need no average, and in part one they were as good as the population's. Here
# is what breaks them (row 33), and one case that speaks for them.


# %%
def batches_of(images, labels, size):
    """Batches (X, y) of ``size`` from NumPy arrays: images (n, 28, 28) of bytes or floats."""
    images = images / numpy.float32(255) if images.dtype == "uint8" else images
    X, y = np.array(images[:, None], dtype="float32"), np.array(labels, dtype="int32")
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(y), size)]


def with_batch_statistics(data):
    with kept_averages(net), autograd.train_mode():  # and leave no trace
        return d2l_bn.evaluate(net, data)


def with_population(data):
    return d2l_bn.evaluate(net, data)


# %% [markdown]
# ## Small batches
#
# An online service (在线服务) gets its images one by one (row 72). What is the test accuracy with
# statistics of a batch of **one**? There are ten classes.

# %%
prediction = None  # a number between 0 and 1, to within 0.05

some = 256 if FAST else 512
images, labels = test_iter.images[:some], test_iter.labels[:some]
sizes = (1, 2, 4, 8, 16, 32, 64, 256)
by_size = {
    "statistics of the batch": [
        with_batch_statistics(batches_of(images, labels, n)) for n in sizes
    ],
    "population": [with_population(batches_of(images, labels, n)) for n in sizes],
}
alone = by_size["statistics of the batch"][0]
close = prediction is not None and abs(prediction - alone) < 0.05
self_check("the accuracy", alone if close else prediction, alone)

# %%
ax = figures.draw_lines(by_size, x=sizes, xlabel="images in a test batch", ylabel="test accuracy")
ax.set_xscale("log")
_ = ax.set_xticks(sizes, [str(n) for n in sizes])

# %% [markdown]
# With batches of one it is guessing. After a dense layer, a single image has one value for each
# feature, and that is its own mean: $x - \mu = 0$, whatever $x$ is. Every image gets the *same*
# scores:

# %%
with kept_averages(net), autograd.train_mode():
    scores = [net(X)[0] for X, _ in batches_of(images[:5], labels[:5], 1)]

print("largest difference of the scores of five images:", np.stack(scores).std(axis=0).max())

# %% [markdown]
# With population statistics (or the moving average) an image's answer does not depend on its
# company: the line is flat.
#
# ## Batches of one class
#
# Now large batches, 256 images each, but all of the same class: a shop photographs all its trousers
# on Monday. Predict the accuracy with the statistics of the batch, roughly.

# %%
prediction = None  # a number between 0 and 1, to within 0.1

one_class = {}
for number, name in enumerate(d2l_bn.CLASS_NAMES):
    chosen = numpy.flatnonzero(test_iter.labels == number)[:256]
    one_class[name] = batches_of(test_iter.images[chosen], test_iter.labels[chosen], 256)

by_class = {
    "statistics of the batch": {
        n.replace(" ", "\n"): with_batch_statistics(d) for n, d in one_class.items()
    },
    "population": {n.replace(" ", "\n"): with_population(d) for n, d in one_class.items()},
}
accuracy = mean(by_class["statistics of the batch"].values())
close = prediction is not None and abs(prediction - accuracy) < 0.1
self_check("the mean accuracy of the ten", accuracy if close else prediction, accuracy)

# %%
ax = figures.draw_bars(by_class, ylabel="test accuracy", number_format="{:.2f}")
ax.tick_params(axis="x", labelsize=8)

# %% [markdown]
# What all images of the batch have in common goes into the mean, and is subtracted. In a batch of
# trousers, that is what makes them trousers. What is left is the difference of each pair of trousers
# from the others, and the network reads classes into that.
#
# ## One image, two answers
#
# Even ordinary mixed batches, if they are small, change answers. We deal the same test images into
# batches twice, in two random orders, and count the images whose predicted class changes.


# %%
def predictions(order, size):
    """The predicted class of each image, dealt into batches in this order."""
    predicted = numpy.empty(len(order), dtype=int)
    with kept_averages(net), autograd.train_mode():
        for start in range(0, len(order), size):
            members = order[start : start + size]
            X, _ = batches_of(images[members], labels[members], size)[0]
            predicted[members] = net(X).argmax(axis=1).asnumpy()
    return predicted


random = numpy.random.default_rng(0)
orders = [random.permutation(some) for _ in range(2)]

print("batches of    images whose class depends on the batch")
for size in (4, 8, 16, 64):
    first, second = (predictions(order, size) for order in orders)
    print(f"{size:7} {(first != second).mean():20.1%}")

# %% [markdown]
# Here is one of them, framed, in two batches of eight: right in one, wrong in the other. Above each
# image stands what the network says. The framed pictures are the same, pixel by pixel.

# %%
SIZE = 8
orders = [orders[0]]
answers = [predictions(orders[0], SIZE)]
spoilt = []
while len(spoilt) == 0:  # deal again until there is one
    orders[1:] = [random.permutation(some)]
    answers[1:] = [predictions(orders[1], SIZE)]
    spoilt = numpy.flatnonzero((answers[0] == labels) & (answers[1] != labels))
example = int(spoilt[0])

shown, titles, marked = {}, {}, {}
for text, order, answer in zip(("one batch", "another"), orders, answers):
    start = int(numpy.flatnonzero(order == example)[0]) // SIZE * SIZE
    members = sorted(order[start : start + SIZE], key=lambda i: i != example)  # the example first
    shown[text] = [images[i] / 255 for i in members]
    titles[text] = [d2l_bn.CLASS_NAMES[answer[i]].replace(" ", "\n") for i in members]
    marked[text] = [i == example for i in members]

print("the framed image is of class:", d2l_bn.CLASS_NAMES[labels[example]])
axes = figures.draw_image_rows(shown, titles=titles, marked=marked)

# %% [markdown]
# ### Move it yourself
#
# **Predict first.** A small network has learned to tell drawn garments apart. It looks at a sandal, in
# a batch with seven others. Which company makes it *least* sure of the sandal: seven boots, seven
# trousers or seven other sandals?

# %%
least_sure = None  # "boots", "trousers" or "sandals"

# %% [markdown]
# Drag garments into the batch, or take the buttons.

# %%
figures.interactive("company")

# %%
self_check("the company that makes it least sure", least_sure, "sandals")

# %% [markdown]
# **With the statistics of the batch, what a network says of an image depends on the company that the
# image is in; with fixed statistics it depends on its own pixels alone.**
#
# Nobody wants to explain this to a customer. It also makes a test irreproducible: the accuracy
# depends on the order of the test images. With fixed statistics, of whatever kind, there is one
# answer:

# %%
alone, together = batches_of(images, labels, 1), batches_of(images, labels, some)[0][0]
scores = np.concatenate([net(X) for X, _ in alone])

print("largest difference of scores, alone or among all:", np.abs(scores - net(together)).max())

# %% [markdown]
# ## Images from elsewhere
#
# Now for something that speaks *for* the statistics of the batch. The test images come from another
# camera, a distribution shift (分布偏移): brighter, darker, noisy, or as negatives.

# %%
noise = random.normal(scale=0.2, size=(some, 28, 28))
SHIFTS = {
    "as they are": lambda x: x,
    "brighter: (1 + x) / 2": lambda x: (1 + x) / 2,
    "darker: 0.3 x": lambda x: 0.3 * x,
    "noisy": lambda x: x + noise[: len(x)],
    "negative: 1 - x": lambda x: 1 - x,
}
floats = images / numpy.float32(255)
axes = figures.draw_image_rows({name: shift(floats[:8]) for name, shift in SHIFTS.items()})

# %% [markdown]
# Which statistics does better on the *brighter* images? And on the *negatives*?

# %%
on_brighter = None  # "batch", "population" or "neither" (within 2 points)
on_negatives = None

by_shift = {"statistics of the batch": {}, "population": {}}
for name, shift in SHIFTS.items():
    shifted = batches_of(shift(floats).astype("float32"), labels, 256)
    label = name.split(":")[0].replace("as they are", "as they\nare")
    by_shift["statistics of the batch"][label] = with_batch_statistics(shifted)
    by_shift["population"][label] = with_population(shifted)


def better(label):
    batch, population = (by_class[label] for by_class in by_shift.values())
    return (
        "neither"
        if abs(batch - population) < 0.02
        else "batch"
        if batch > population
        else "population"
    )


self_check("the answer for brighter images", on_brighter, better("brighter"))
self_check("the answer for negatives", on_negatives, better("negative"))

# %%
ax = figures.draw_bars(by_shift, ylabel="test accuracy", number_format="{:.3f}")

# %% [markdown]
# With the statistics of the batch, brighter and darker images are classified *just* as well as the
# originals. That is no accident. The first convolution is linear and has no padding, so that
# $w * (a x + b) = a\,(w * x) + b \sum w$: the same scale and shift for all values of a channel. The
# batch's own mean and deviation take both away again. (A negative has $a = -1$: the sign stays.)

# %%
X, _ = batches_of(floats, labels, some)[0]
brighter = (1 + X) / 2

with kept_averages(net), autograd.train_mode():
    by_batch = np.abs(net(brighter) - net(X)).max().item()
by_population = np.abs(net(brighter) - net(X)).max().item()

print(f"largest change of a score: {by_batch:.4f} with the statistics of the batch")
print(f"                           {by_population:.4f} with population statistics")

# %% [markdown]
# There is a way to have both. **Recalibrate on images from the new camera.** It needs no labels, and
# after it, answers are definite again. (As a method it is called AdaBN: Li et al., 2016.) Here the
# new camera takes brighter pictures of *training* garments:

# %%
shift = SHIFTS["brighter: (1 + x) / 2"]
unlabelled = shift(train_iter.images[:5120] / numpy.float32(255)).astype("float32")
shifted = batches_of(shift(floats).astype("float32"), labels, 256)

print(f"brighter images, statistics of the original images: {with_population(shifted):.3f}")
d2l_bn.recalibrate(net, batches_of(unlabelled, train_iter.labels[:5120], 256))
print(f"                 recalibrated on brighter images:   {with_population(shifted):.3f}")

d2l_bn.recalibrate(net, twenty)  # back to the original images

# %% [markdown]
# ## Sequences
#
# One more drawback belongs to the list of row 33. A recurrent network (循环神经网络) applies the same
# layer at each step of a sequence. Whose statistics should it use? Below, one recurrent layer,
# $h_t = \tanh(W h_{t-1} + x_t)$, runs over 512 random sequences, and we take the deviation of
# $W h_{t-1} + x_t$ over the batch at each step.

# %%
npx.random.seed(1)
W = 1.5 * np.random.normal(size=(64, 64)) / 8
h, by_step = np.zeros((512, 64)), []
for _ in range(40):
    before_tanh = np.dot(h, W) + 0.3 * np.random.normal(size=(512, 64))
    by_step.append(before_tanh.std(axis=0).mean().item())
    h = np.tanh(before_tanh)

ax = figures.draw_averages(
    by_step,
    {"one average for all steps": [mean(by_step)] * 40},
    ylabel="deviation",
    title="Every step of a recurrent layer has statistics of its own",
)
_ = ax.set_xlabel("step")

# %% [markdown]
# One average for all steps is wrong for the first ones. An average for each step has nothing for a
# sequence that is longer than those in training. That is why recurrent networks use layer
# normalization (层归一化), which needs no statistics of a batch.

# %% [markdown]
# # Part four: folding
#
# ## Two linear maps in a row
#
# With fixed statistics, batch normalization is nothing but a scale and a shift for each channel. It
# follows a convolution or a dense layer, which is linear, too. Two linear maps in a row are one
# (折叠, folding):
#
# $$\gamma\,\frac{(Wu + b) - \mu}{\sqrt{\sigma^2+\varepsilon}} + \beta = W'u + b', \qquad
# W' = s\,W,\quad b' = s\,(b - \mu) + \beta,\quad s = \frac{\gamma}{\sqrt{\sigma^2+\varepsilon}}$$
#
# By hand, for the dense layer `dense1` and its `norm3`:

# %%
dense, norm = net.dense1, net.norm3
s = norm.gamma.data() / np.sqrt(norm.running_var.data() + 1e-5)  # (120,)
W_folded = s.reshape(-1, 1) * dense.weight.data()  # a factor for each output
b_folded = s * (dense.bias.data() - norm.running_mean.data()) + norm.beta.data()

u = np.random.normal(size=(4, 256))
two_layers = norm(dense(u))
one_layer = np.dot(u, W_folded.T) + b_folded
print("largest difference:", np.abs(two_layers - one_layer).max())

# %% [markdown]
# `fold` does it for the whole network and returns a new one. LeNet has 15 layers, of which 4 are
# batch normalizations. Predict the number of layers that are left.

# %%
prediction = None  # a whole number

folded = fold(net)
folded.hybridize()
self_check("the number of layers", prediction, len(folded))

# %%
X = next(iter(test_iter))[0]
difference = np.abs(folded(X) - net(X)).max().item()
same = d2l_bn.evaluate(folded, test_iter), d2l_bn.evaluate(net, test_iter)


def numbers_in(net):
    return sum(p.data().size for p in net.collect_params().values())


print(f"layers             {len(net):6}   folded {len(folded):6}")
print(f"stored numbers     {numbers_in(net):6,}   folded {numbers_in(folded):6,}")
print(f"test accuracy      {same[1]:6.4f}   folded {same[0]:6.4f}")
print(f"largest difference of a score: {difference:.1e}, below 1e-5: {difference < 1e-5}")

# %% [markdown]
# The same answers, with 904 numbers less: those of the four normalization layers, $\gamma$, $\beta$,
# mean and variance of 226 channels. And faster:


# %%
def milliseconds(net, X, repeats=30):
    times = []
    for _ in range(repeats + 3):
        npx.waitall()
        start = perf_counter()
        net(X)
        npx.waitall()
        times.append(1000 * (perf_counter() - start))
    return median(times[3:])


times = {
    name: {f"{n} images" if n > 1 else "1 image": milliseconds(each, X[:n]) for n in (1, 256)}
    for name, each in (("with batch normalization", net), ("folded", folded))
}
for group in ("1 image", "256 images"):
    slow, fast = (by_group[group] for by_group in times.values())
    print(f"{group:10} {slow:6.2f} ms, folded {fast:6.2f} ms: {slow / fast:.2f} times as fast")

ax = figures.draw_marks(times, ylabel="milliseconds", number_format="{:.2f}")

# %% [markdown]
# In a finished network, batch normalization costs nothing: it was a way to *train*, and it can be
# removed afterwards. Two conditions: the statistics are fixed, and the layer comes right behind a
# linear one. And no way back: training the folded network is training without batch normalization.
#
# ## Summary
#
# | | batch | moving average | population |
# |---|---|---|---|
# | after training at a large learning rate | good | jumps | good |
# | one image at a time | guessing | works | works |
# | batches of one class | fails | works | works |
# | the same image, the same answer | no | yes | yes |
# | brighter or darker images | unchanged | worse | worse, unless recalibrated on them |
# | can be folded | no | yes | yes |
# | extra work | none | none | some batches forward, once |
#
# - The test accuracy of the chapter's network jumps because its averages lag behind its weights.
#   Population statistics cure that without touching a weight.
# - A few batches are enough, if they are seen with the weights of now.
# - $m/(m-1)$ belongs to the variance, with $m = N \cdot H \cdot W$, and matters for small batches
#   after dense layers only.
# - Statistics of the test batch make the images of a batch depend on each other.
#
# ## Exercises
#
# 1. Train with `lr=0.1` in place of 1.0, and compare the two test accuracies after each epoch. What
#    happens to the difference, and why? (`d2l_bn.train(..., recalibrate=True)` records both.)
# 2. Take the moving average with momentum 0.5, and with 0.99. Before you run it: which one is closer
#    to the population now, and which one would be if the weights stood still?
# 3. How large must a *mixed* batch be until fewer than one image in a hundred changes its class from
#    one order to the next?
# 4. What if a batch has two classes, in equal shares? And eight of the ten?
# 5. Fold a network with `placement="after"`, where normalization comes behind the activation. How
#    many layers are left, and why? The cell below tells you whether you are right.

# %%
layers_left = None  # exercise 5

after_activation = d2l_bn.lenet("gluon", placement="after")
after_activation.initialize()
after_activation(X[:1])  # fixes the shapes
self_check("the number of layers", layers_left, len(fold(after_activation)))

# %% [markdown]
# ## Where to read on
#
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167: section 3.1 and Algorithm 2.
# - Wu & Johnson, *Rethinking "Batch" in BatchNorm*, 2021, arXiv 2105.07576: population statistics
#   ("PreciseBN") and much more on what a batch should be.
# - Li et al., *Revisiting Batch Normalization for Practical Domain Adaptation*, 2016, arXiv
#   1603.04779: recalibrating on images from elsewhere.
# - Jacob et al., *Quantization and Training of Neural Networks*, 2018, arXiv 1712.05877, section 3.2:
#   folding.
# - `d2l_bn/networks/population.py` and `d2l_bn/networks/folding.py`.
