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
# # 13 · Batch normalization with dropout and L2
#
# The sources say that batch normalization (批量归一化) regularizes (正则化), that one can then do
# without dropout (随机失活) and L2, and that dropout and batch normalization do not go together. Here
# we compute what ought to happen, measure it, and let the numbers judge.
#
# **After this notebook you can**
#
# - compute how dropout shifts the variance that a batch normalization sees, and repair it;
# - measure batch noise (批噪声), and say how much it does against overfitting (过拟合);
# - explain what weight decay (权重衰减) does to weights whose length has no effect;
# - say what shuffling (打乱) is worth, and what happens to the statistics without it.
#
# **Time:** 1 to 2 minutes to run on two CPU cores, 60 minutes to read.
#
# **Needs:** notebooks 3, 5 and 6, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# It covers rows 2, 23, 28, 49 and 66 of the course, and corrections 9 and 17. Cells with
# `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import itertools

import numpy
from mxnet import autograd, gluon, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.batch_noise import score_spread
from d2l_bn.diagnostics.scale_invariance import scale_invariant
from d2l_bn.diagnostics.variance_shift import variance_shift, without_dropout
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import CLAIMS, judge
from d2l_bn.experiments.statistics import estimate, paired
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.batch_norm_layers import kept_averages

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

# %% [markdown]
# The long runs were made beforehand, with several seeds (随机种子), by these three commands:
#
# | command | results |
# |---|---|
# | `d2l-bn run variance_shift` | `results/variance_shift.jsonl` |
# | `d2l-bn run regularization` | `results/regularization.jsonl` |
# | `d2l-bn run weight_decay` | `results/weight_decay.jsonl` |
#
# How long they took together, and on how many networks and seeds:

# %%
STUDIES = ("variance_shift", "regularization", "weight_decay")

for name in STUDIES:
    records = load.records(name)
    seeds = sorted({record["seed"] for record in records})
    minutes = sum(record["seconds"] for record in records) / 60
    print(f"{name}: {len(records)} networks, seeds {seeds}, {minutes:.0f} minutes")
    settings = ("activation", "lr", "batch_size", "examples", "epochs")
    print("  ", records[0]["data"], {setting: records[0]["case"][setting] for setting in settings})

# %% [markdown]
# The networks are the chapter's LeNet with ReLU in place of the sigmoid, since it learns in fewer
# steps without normalization, too, and can be compared. **In all that follows, "a ± b" is a mean over
# seeds and its 95 % confidence interval** (置信区间); with three seeds that is wide. A difference is
# called one if zero lies outside the interval. Among twenty comparisons without any difference one
# will be called so by chance: a surprising line needs a second experiment.


# %%
def finding(change, what):
    """A sentence on a difference, by whether its interval contains 0."""
    if abs(change.mean) <= change.margin:
        return f"{what}: {change} includes 0, not decided by these seeds."
    return f"{what}: {change}, {'more' if change.mean > 0 else 'less'}."


# %% [markdown]
# # Part one: dropout and the variance
#
# ## What dropout does
#
# Dropout of rate $p$ sets each value to zero with probability $p$ (row 66). Gluon's layer is
# *inverted*: in training it multiplies what is left by $1/(1-p)$, and in prediction it does nothing.
#
# > **Correction 9.** Source 001 says that dropout scales the *weights* of the neurons
# > (对神经元权重进行缩放). It scales *activations* (激活值); no weight changes.
#
# A dense layer follows a dropout of rate 0.5. What is the largest change of its weights after a
# forward pass in training mode?

# %%
prediction = None  # a number

npx.random.seed(0)
dropout, dense = nn.Dropout(0.5), nn.Dense(4, in_units=3)
dense.initialize()
X = np.random.normal(1.0, 1.0, size=(100_000, 3))
before = dense.weight.data().copy()

with autograd.train_mode():
    dropped = dropout(X)
    dense(dropped)

self_check("the largest change", prediction, np.abs(dense.weight.data() - before).max().item())
print("activations before:", X[0])
print("and behind dropout:", dropped[0])

# %% [markdown]
# The mean stays, and that is what the factor is for. What about the variance (方差)? A value $x$
# becomes $x/(1-p)$ with probability $1-p$, and else 0. So the mean of the squares becomes
# $E[x^2]/(1-p)$, and the variance grows by
#
# $$\frac{E[x^2]}{1-p} - E[x^2] = \frac{p}{1-p}\,E[x^2]$$
#
# Here mean and variance of $x$ are 1, and $p$ = 0.5. What is the variance in training?

# %%
prediction = None  # a number

variance = 1 + 0.5 / (1 - 0.5) * (1 + 1)  # E[x²] is the variance plus the squared mean
self_check(
    "the variance",
    prediction,
    variance,
    reasons=[(2, "E[x²] is not the variance; it is the variance plus the square of the mean: 2.")],
)
print(f"formula {variance:.2f}, measured {dropped.var().item():.2f}, before {X.var().item():.2f}")

# %% [markdown]
# ## Then comes a batch normalization
#
# It stores, in training, a variance of 3. In prediction it gets values with a variance of 1, and
# divides them by $\sqrt 3$ all the same. This is the **variance shift** (方差偏移, row 28): with
# $x$ at hand, the ratio is
#
# $$\frac{\sigma^2_{\text{prediction}}}{\sigma^2_{\text{training}}} =
# \frac{\mathrm{Var}[x]}{\mathrm{Var}[x] + \frac{p}{1-p} E[x^2]}$$
#
# A linear layer in between, $u = \sum_i w_i x_i$, does not repair it. The masks are independent, so
# that their variances add up: $\frac{p}{1-p} \sum_i w_i^2 E[x_i^2]$. But the ratio changes: the
# $x_i$ of a real network are correlated (相关), and their common part makes $\mathrm{Var}[u]$ large,
# while it does nothing for the masks.
#
# ### Move it yourself
#
# **Predict first.** Dropout with $p$ = 0.5 stands right in front of a batch normalization, and the
# values have the mean 0: by which factor is the variance in training larger than in prediction? And by
# which factor if their mean is twice their deviation, $E[x]^2/\mathrm{Var}[x] = 4$?

# %%
factor_centred = None  # a number
factor_with_mean = None

# %% [markdown]
# Drag the diamond. Then choose the other places; behind the dense layer, move the correlation.

# %%
figures.interactive("dropout_strip")

# %%
self_check("the factor with mean 0", factor_centred, 2.0)
self_check(
    "the factor with a mean of two deviations",
    factor_with_mean,
    6.0,
    reasons=[(5.0, "That is E[x²]: dropout adds it to the variance of x, 1.")],
)

# %% [markdown]
# **In front of a batch normalization, dropout adds $\frac{p}{1-p}E[x^2]$ to a variance that predictions
# do not bring: the larger the mean beside the deviation the worse; the larger the common part of a dense
# layer's inputs the milder; and behind the last normalization nothing is shifted.**

# %% [markdown]
# ## On a LeNet
#
# Now we train one with a dropout of 0.5 right *before each* batch normalization: conv, dropout, BN,
# ReLU. `variance_shift` measures the variances in both modes, with the same weights, and computes
# what the formula expects.

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=1000 if FAST else 10_000)
epochs = 1 if FAST else 2

before_each = {"conv1": 0.5, "conv2": 0.5, "dense1": 0.5, "dense2": 0.5}
dropped_net = d2l_bn.lenet("gluon", activation="relu", dropout=before_each)
dropped_net.hybridize()
print(d2l_bn.train(dropped_net, train_iter, epochs=epochs, lr=0.1).last)

some = list(itertools.islice(train_iter, 40))
d2l_bn.recalibrate(dropped_net, some)  # the stored variances are those of the weights of now
shifts = variance_shift(dropped_net, some)

# %% [markdown]
# Look at the first layer. Which part of the variance in training is left in prediction? Guess from
# $p$ = 0.5. The pixels are not negative, so that what a filter gives has a mean other than zero.

# %%
prediction = None  # a number below 1, to within 0.1

ratio = shifts["norm1"].ratio
close = prediction is not None and abs(prediction - ratio) < 0.1
self_check("the ratio", ratio if close else prediction, ratio)

# %%
rows, product = [], 1.0
for name, shift in shifts.items():
    product *= shift.expected_ratio
    rows.append([name, *(f"{v:.3f}" for v in (shift.ratio, shift.expected_ratio, product))])
table(["layer", "measured", "formula, this layer's dropout alone", "product of these so far"], rows)

# %% [markdown]
# In the first layer the formula has it. Further on the measured ratio is *smaller*. The formula knows
# the dropout of one layer; but the layers before it have already sent on values that are too small,
# since they were divided by too large a deviation. The shifts of the layers accumulate (累积), as
# source 001 says. If they simply multiplied, the last column would be the measured one. It has the
# right size and no more: in between stand ReLU and pooling, which are not linear.
#
# And the test accuracy? The weights are the same in both lines, and only the statistics differ: as
# stored in training, and as *recalibrated* (校准) without dropout, that is, computed from what the
# layers meet in prediction. After that the ratio of the variances has to be 1.

# %%
print(f"statistics with dropout at work: {d2l_bn.evaluate(dropped_net, test_iter):.3f}")

with without_dropout(dropped_net):
    d2l_bn.recalibrate(dropped_net, some)
print(f"recalibrated without dropout:    {d2l_bn.evaluate(dropped_net, test_iter):.3f}")

shifts = variance_shift(dropped_net, some)
print("prediction / stored:", {name: f"{s.stored_ratio:.3f}" for name, s in shifts.items()})

# %% [markdown]
# ## Three places, three rates, several seeds
#
# Is "before" worse than "behind"? Three orders are compared:
#
# - **before each BN**: conv, dropout, BN, ReLU;
# - **behind each BN**: conv, BN, ReLU, (pool,) dropout, and the next convolution or dense layer
#   stands between it and the next BN;
# - **behind the last BN** only.
#
# Lines: measured, with the range of the seeds. Hollow diamonds: the formula.

# %% tags=["cover"]
LAYERS = ("norm1", "norm2", "norm3", "norm4")
PLACES = ("before each BN", "behind each BN", "behind the last BN")
RATES = sorted(set(load.case_values("variance_shift", "rate")) - {0.0})
RATIOS = {"measured": "variance_ratio", "expected": "expected_variance_ratio"}


def ratios(places, rate, kind):
    """(seeds, layers)"""
    fields = {"dropout_where": places, "rate": rate}
    by_layer = [
        load.stacked("variance_shift", f"{RATIOS[kind]}/{name}", **fields) for name in LAYERS
    ]
    return numpy.transpose(by_layer)


axes = figures.draw_shifts(
    {
        places: {
            f"p = {rate}": {kind: ratios(places, rate, kind) for kind in RATIOS} for rate in RATES
        }
        for places in PLACES
    },
    LAYERS,
)

# %% [markdown]
# How good is the formula where nothing was inherited, that is, at the first batch normalization with
# a dropout in front?

# %%
first = {"before each BN": 0, "behind each BN": 1}
errors = numpy.array([
    abs(ratios(places, rate, "expected") / ratios(places, rate, "measured") - 1)[:, layer]
    for places, layer in first.items()
    for rate in RATES
])  # fmt: skip
print(f"largest relative error in {errors.size} networks: {errors.max():.3f}")

# %% [markdown]
# And what does it cost? For each network, the accuracy with the statistics of training and with those
# of prediction, recalibrated without dropout.

# %%
STATISTICS = {
    "test_accuracy_population_with_dropout": "of training",
    "test_accuracy_population": "of prediction",
}


def tested_by(places, rate, measure):
    fields = {"dropout_where": places, "rate": rate}
    return load.by_seed("variance_shift", measure, **fields)


groups = [("none", 0.0), *itertools.product(PLACES, RATES)]
by_statistics = {
    title: {
        f"{places.replace(' each', chr(10) + 'each').replace(' the', chr(10) + 'the')}\n{rate}": list(
            tested_by(places, rate, measure).values()
        )
        for places, rate in groups
    }
    for measure, title in STATISTICS.items()
}
ax = figures.draw_dots(by_statistics, ylabel="test accuracy", number_format="{:.2f}")
ax.tick_params(axis="x", labelsize=7)

# %% [markdown]
# Row 28 in numbers: what the shift costs is the difference of the two, with the same weights.

# %%
cost, rows = {}, []
for places, rate in groups:
    training, prediction = (tested_by(places, rate, measure) for measure in STATISTICS)
    cost[places, rate] = paired(prediction, training)
    rows.append([places, rate, estimate(training), estimate(prediction), cost[places, rate]])
head = "dropout", "rate", "with the statistics of training", "of prediction", "the shift costs"
table(head, rows)

# %%
for (places, rate), change in cost.items():
    print(finding(change, f"the shift costs, {places}, rate {rate}"))

# %% [markdown]
# An interval can be wide because the seeds differ in *how much* they lose, and not in whether they
# do. How much each of them loses, by the largest rate before each BN:

# %%
strongest = max(RATES)
training, prediction = (tested_by("before each BN", strongest, s) for s in STATISTICS)
print({seed: round(prediction[seed] - training[seed], 3) for seed in training})

# %% [markdown]
# Which of the two places is better, with either sort of statistics?

# %%
for measure, title in STATISTICS.items():
    for rate in RATES:
        apart = paired(
            *(tested_by(f"{place} each BN", rate, measure) for place in ("behind", "before"))
        )
        print(
            finding(apart, f"behind each BN against before each, rate {rate}, statistics {title}")
        )

# %% [markdown]
# With the statistics of training, before each BN has the lower mean at every rate, but the seeds
# scatter too much to decide. Once the statistics are repaired the means are the other way round, and
# at rate 0.3 that is decided: then it is dropout *behind* each BN that costs more. So what is wrong
# with "before" is the shift, and not the place.
#
# > **Correction 9, continued.** Source 001 concludes: 所以只有在Dropout在所有BN后面时能同时使用, the two
# > go together *only* if dropout comes after all BN. That is too strong. The shift depends on the
# > rate and on the place, and the figure shows rates and places where it is small. Wide residual
# > networks (Zagoruyko & Komodakis, 2016) put a dropout of 0.3 between the two convolutions of each
# > block, with many a BN still to come, and gain by it; their many channels make the shift smaller, as
# > Li et al. explain. And there is a remedy: recalibrate in prediction mode.
#
# Not all of what dropout does is shift. With a rate of 0.5 in all four places the accuracy stays
# below that without dropout, whatever the statistics: this network is small, and in a few epochs it
# has hardly begun to overfit. There is little for dropout to prevent, and it takes half of the
# features away. To see dropout at its own work, we need fewer examples and more epochs.

# %% [markdown]
# # Part two: does batch normalization regularize?
#
# ## The claim
#
# Source 001 (row 23): each time an example (样本) is visited, it meets others in its batch, and so
# other statistics; its output is never the same, as if the data had been augmented (数据增强). First
# let us see this noise. One test image, in two hundred random batches, with three batch sizes:

# %%
net = d2l_bn.lenet("gluon", activation="relu")
net.hybridize()
print(d2l_bn.train(net, train_iter, test_iter, epochs=epochs, lr=0.1, recalibrate=40).last)

images = np.array(test_iter.images[:512, None] / 255, dtype="float32")
random = numpy.random.default_rng(0)


def in_company(size, draws=50 if FAST else 200):
    """Scores of the first image for its own class, among size - 1 random others."""
    scores = []
    with kept_averages(net), autograd.train_mode():
        for _ in range(draws):
            others = random.choice(numpy.arange(1, 512), size - 1, replace=False)
            batch = images[np.array([0, *others], dtype="int32")]
            scores.append(net(batch)[0, int(test_iter.labels[0])].item())
    return scores


alone = net(images[:1])[0, int(test_iter.labels[0])].item()
scores = {size: in_company(size) for size in (8, 32, 128)}

with figures.style():
    axes = figures.new_axes(3, height=3.0, sharex=True, sharey=True)
    for ax, (size, values), colour in zip(axes, scores.items(), figures.COLOURS):
        ax.hist(values, bins=20, color=colour)
        ax.axvline(alone, color="black", linestyle="--", label="in prediction")
        ax.set(title=f"batches of {size}", xlabel="score of the right class")
    axes[0].set_ylabel("batches")
    _ = axes[2].legend()

# %% [markdown]
# The mean of a batch of $m$ examples scatters by $\sigma/\sqrt m$. If the scores follow, then how
# many times larger should their spread be at batches of 8 than at batches of 128?

# %%
prediction = None  # a number

self_check(
    "the factor",
    prediction,
    (128 / 8) ** 0.5,
    reasons=[(16, "The deviation goes with the root of the number of examples.")],
)
print(f"measured on this image: {numpy.std(scores[8]) / numpy.std(scores[128]):.1f}")

# %% [markdown]
# For all 512 images: the deviation of a score over batches, divided by the deviation of scores over
# images. 0.1 would be a tenth of what tells the images apart. The dashed line has the slope
# $-\frac12$.

# %%
sizes = (4, 8, 16, 32, 64, 128)
spread = [score_spread(net, images, size, orders=3 if FAST else 8) for size in sizes]

ax = figures.draw_lines(
    {"measured": spread, "1 / √m": [spread[-1] * (128 / size) ** 0.5 for size in sizes]},
    x=sizes,
    xlabel="examples in a batch",
    ylabel="spread of a score",
    log=True,
)
ax.set_xscale("log")
_ = ax.set_xticks(sizes, [str(size) for size in sizes])

# %% [markdown]
# Over the seeds of the recorded runs, the exponent $b$ in "spread goes with $m^b$":


# %%
def exponent(measures):
    spreads = {n: v for n, v in measures.items() if n.startswith("score_spread/")}
    logs = numpy.log([[int(name.split("/")[1]), value] for name, value in spreads.items()])
    return numpy.polyfit(*logs.T, 1)[0]


exponents = load.by_seed("regularization", exponent, variant="BN")
print("exponent:", estimate(exponents))

# %% [markdown]
# Near $-\frac12$, but somewhat steeper, and the interval does not contain it. $-\frac12$ would be
# exact if the scores were linear in the means of the batch; they are not.

# %% [markdown]
# ## Is the noise good against overfitting?
#
# So there is noise in every training step. Source 001 concludes that batch normalization relieves
# overfitting to some degree (能一定程度上缓解过拟合). To see it we need a network that overfits: few
# examples, many epochs.

# %%
case = load.records("regularization")[0]["case"]
print(f"{case['examples']} examples, {case['epochs']} epochs, batches of {case['batch_size']}")


def of_variant(name, measure):
    return load.by_seed("regularization", measure, variant=name)


def tested(name):
    """Test accuracies; with batch normalization, those with population statistics."""
    return of_variant(name, "test_accuracy")


def fitted(name):
    """Accuracies on the training set, in prediction mode like those on the test set."""
    return of_variant(name, "train_accuracy_moving")


VARIANTS = ("none", "BN", "dropout", "L2", "BN, dropout", "BN, L2", "BN of 8", "BN of 4")
ax = figures.draw_dots(
    {
        title: {name.replace(", ", ",\n"): list(measure(name).values()) for name in VARIANTS}
        for title, measure in (("training set", fitted), ("test set", tested))
    },
    ylabel="accuracy",
    number_format="{:.2f}",
)

# %% [markdown]
# Dropout (rate 0.5) stands in front of the last layer, behind all batch normalizations; L2 decays all
# parameters. "BN of 8" and "BN of 4" are *ghost batches* (Hoffer et al., 2017): the gradient is that
# of the whole batch, but the statistics are of parts of 8 or 4 examples. Nothing changes but the
# **noise**, and so these two test the claim itself.

# %%
rows = [
    [
        name,
        estimate(fitted(name)),
        estimate(tested(name)),
        paired(fitted(name), tested(name)),
        paired(tested(name), tested("BN")),
    ]
    for name in VARIANTS
]
table(["network", "training accuracy", "test accuracy", "gap", "test, against BN"], rows)


# %%
def compare(first, second, what, measure=tested):
    """A sentence on first minus second."""
    return finding(paired(measure(first), measure(second)), what)


for measure, column in ((tested, "test accuracy"), (fitted, "training accuracy")):
    print(compare("BN", "none", f"BN against none, {column}", measure))


def gaps(name):
    """Training minus test accuracy: how far a network overfits."""
    return {seed: fitted(name)[seed] - value for seed, value in tested(name).items()}


def gaps_with_averages(name):
    """The same, with the moving averages on both sides."""
    tested_so = of_variant(name, "test_accuracy_moving")
    return {seed: fitted(name)[seed] - value for seed, value in tested_so.items()}


print(compare("BN", "none", "BN against none, gap between the two", gaps))
print(compare("BN", "none", "the same, moving averages on both sides", gaps_with_averages))
print()
for other in ("BN of 8", "BN of 4"):
    print(compare(other, "BN", f"{other} against BN, gap", gaps))
    print(compare(other, "BN", f"{other} against BN, training accuracy", fitted))
    print(compare(other, "BN", f"{other} against BN, test accuracy"))

# %% [markdown]
# Two things are mixed in "BN against none". Batch normalization makes the network learn *faster*: in
# the same number of epochs it fits the training set better, and the gap between training and test
# is wider than without. The better test accuracy is then a merit of the optimization (优化), and not
# of regularization. Only the ghost batches separate the two, since they change the noise and leave
# the rest. Statistics of 8 or of 4 do narrow the gap: **the noise works against overfitting**, as the
# source says. But a narrow gap is not the aim. With 4 it narrows since the training accuracy falls,
# and the test accuracy falls with it; with 8 no change of the test accuracy can be seen.
#
# ## Are dropout and L2 needed no more?
#
# Sources 000 and 003 (row 2): with batch normalization one can do without both. What does each add,
# without it and with it?

# %%
for name in ("dropout", "L2"):
    print(compare(name, "none", f"{name} against none, test accuracy"))
    print(compare(f"BN, {name}", "BN", f"BN with {name} against BN, test accuracy"))
    print(compare(f"BN, {name}", "BN", f"BN with {name} against BN, gap", gaps))

# %% [markdown]
# Dropout narrows the gap with batch normalization in place, too. But none of the four lines on test
# accuracy shows a gain, neither with batch normalization nor without. So these seeds do not say that
# dropout and L2 are needed here; nor do they say that batch normalization *took their place*, for
# without it they had nothing to give either. Gains and losses of a point or two, which lie within the
# intervals, stay open.

# %% [markdown]
# # Part three: weight decay, where the length of the weights has no effect
#
# ## Scale invariance
#
# Behind a convolution or a dense layer stands a batch normalization. Multiply the weights by 10:
# mean and deviation of the output grow tenfold as well, and are taken away again. So, up to ε,
#
# $$f(\alpha w) = f(w), \qquad \nabla f(\alpha w) = \tfrac{1}{\alpha} \nabla f(w), \qquad
# w \cdot \nabla f(w) = 0.$$
#
# The first is scale invariance (尺度不变性); the other two follow from it by differentiating with
# respect to $w$ and to $\alpha$. We take `dense1` and try: by which factor does the length of the
# gradient (梯度) change if the weights become ten times as long?

# %%
prediction = None  # a number

loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
X, y = next(iter(train_iter))


def loss_and_gradient(weight):
    with kept_averages(net):
        with autograd.record():
            loss = loss_function(net(X), y).mean()
        loss.backward()
        return loss.item(), weight.grad().asnumpy().astype("float64")


weight = scale_invariant(net)["dense1"]
w = weight.data().copy()
loss, gradient = loss_and_gradient(weight)
weight.set_data(10 * w)
loss_10, gradient_10 = loss_and_gradient(weight)
weight.set_data(w)

length = numpy.linalg.norm
self_check(
    "the factor of the gradient's length",
    prediction,
    round(length(gradient_10) / length(gradient), 3),
    reasons=[(1, "The loss stays, but a step of one length turns a longer vector less.")],
)
cosine = (w.asnumpy() * gradient).sum() / length(w.asnumpy()) / length(gradient)
print(f"loss: {loss:.6f}, with weights ten times as long {loss_10:.6f}")
print(f"cosine of the angle between weights and gradient: {cosine:.6f}")

# %% [markdown]
# L2 punishes long weights, because without normalization they make a steep function. Here they make
# *no* difference to the function. So L2 cannot do what it is known for.
#
# > **Correction 17.** Sources 000 and 003: with BN one need not care about dropout and L2 any more
# > (再也不用去理会过拟合中drop out、L2正则项参数的选择问题). Batch normalization does not replace weight
# > decay. It changes what weight decay *does*.
#
# ## The effective learning rate
#
# What it does follows from the two other equations. A step turns $w$ by an angle that goes with
# $\eta \|\nabla f\| / \|w\|$, and $\|\nabla f\|$ itself goes with $1/\|w\|$. So what counts is the
# **effective learning rate** (有效学习率) $\eta/\|w\|^2$.
#
# - *Without* decay: the step is perpendicular to $w$. What does Pythagoras say about the length of
#   $w$ from step to step?

# %%
prediction = None  # "longer", "shorter" or "same"


def decay_runs(measure, norm, decay, way="decay"):
    """(seeds, looks), or a row of epochs for each seed."""
    fields = {"norm": norm, "weight_decay": decay, "way": way}
    return load.stacked("weight_decay", measure, **fields)


lengths = decay_runs("weight_norm/conv1", "gluon", 0.0)
answer = "longer" if (lengths[:, -1] > lengths[:, 0]).all() else "shorter"
self_check("the word", prediction, answer, [("same", "A leg at a right angle makes it longer.")])

# %% [markdown]
# - *With* decay $\lambda$, each step shortens $w$ by the factor $1 - \eta\lambda$. The growth is large
#   where $w$ is short, and the shrinking where it is long: there is an equilibrium (平衡), at
#   $\|w\|^4 = \eta g^2 / 2\lambda$, where $g$ is the length of the gradient at $\|w\| = 1$. It is
#   reached after some multiple of $1/(2\eta\lambda)$ steps.
#
# Recorded: LeNets with batch normalization, for several $\lambda$; decay reaches the weights in front
# of a batch normalization only.

# %%
(LR,) = load.case_values("weight_decay", "lr")
DECAYS = sorted(load.case_values("weight_decay", "weight_decay"))
steps = load.records("weight_decay")[0]["measures"]["steps"]


def effective(decay, layer):
    """(seeds, looks): the effective learning rate."""
    return LR / decay_runs(f"weight_norm/{layer}", "gluon", decay) ** 2


with figures.style():
    axes = figures.new_axes(2, height=3.6)
    for ax, layer in zip(axes, ("conv1", "dense1")):
        figures.draw_over_seeds(
            {f"λ = {decay:g}": effective(decay, layer) for decay in DECAYS},
            steps,
            ylabel="effective learning rate",
            title=layer,
            log=True,
            ax=ax,
        )

# %% [markdown]
# The effective rates of the two layers differ by two orders of magnitude at the start, though both
# have the same $\eta$: `dense1` has many more weights, and is longer. Without decay (λ = 0) they fall;
# the larger the decay, the higher they end.
#
# Is the equilibrium where the formula puts it? For the largest λ, $g$ is taken from the recorded
# gradients, $g = \|\nabla f\| \cdot \|w\|$, in the second half of the run.

# %%
largest = max(DECAYS)
rows = []
for layer in ("conv1", "conv2", "dense1", "dense2"):
    half = len(steps) // 2
    gradient, norm = (
        decay_runs(f"{name}/{layer}", "gluon", largest) for name in ("gradient_norm", "weight_norm")
    )
    g2 = ((gradient * norm) ** 2)[:, half:].mean(axis=1)
    formula = (2 * LR * largest / g2) ** 0.5
    measured = LR / norm[:, -1] ** 2
    rows.append([layer, f"{measured.mean():.2g}", f"{formula.mean():.2g}"])
print(f"λ = {largest}: 1/(2ηλ) = {1 / (2 * LR * largest):.0f} steps, the run has {steps[-1]}")
table(["layer", "measured η/‖w‖² at the end", "formula √(2ηλ)/g"], rows)

# %% [markdown]
# Small layers with large gradients come to rest early. A layer with many weights is long at the start
# and has small gradients: decay shortens it step by step, and the end of the run is not yet its
# equilibrium.
#
# ## Decay without decay
#
# If decay sets a learning rate and nothing else, then a learning rate can take its place. Let $w_t$
# be the weights with decay. Without decay, but with the rate
#
# $$\eta_t = \eta\,(1 - \eta\lambda)^{-(2t+1)}, \qquad t = 0, 1, \ldots$$
#
# the weights are $(1 - \eta\lambda)^{-t}\, w_t$: longer, and in the same direction, so that the
# *function* is the same in every step (Li & Arora, 2019). A learning rate that grows
# **exponentially**, and nothing blows up. By how much does it grow over the recorded run?

# %%
prediction = None  # a factor; to within a tenth of it

(twin_decay,) = load.case_values(load.select("weight_decay", way="growing rate"), "weight_decay")
growth = (1 - LR * twin_decay) ** (-2 * steps[-1])
close = prediction is not None and abs(prediction / growth - 1) < 0.1
self_check("the factor", growth if close else prediction, growth)

# %%
with figures.style():
    axes = figures.new_axes(2, height=3.6)
    ways = {
        f"decay, λ = {twin_decay}": ("gluon", twin_decay),
        "growing rate, no decay": ("gluon", twin_decay, "growing rate"),
        "neither": ("gluon", 0.0),
    }
    figures.draw_over_seeds(
        {name: decay_runs("weight_norm/dense1", *run) for name, run in ways.items()},
        steps,
        ylabel="length of the weights",
        title="dense1",
        ax=axes[0],
    )
    losses = {name: decay_runs("loss_by_epoch", *run) for name, run in ways.items()}
    figures.draw_over_seeds(
        losses,
        range(1, losses["neither"].shape[1] + 1),
        xlabel="epoch",
        ylabel="training loss",
        title="loss",
        ax=axes[1],
    )

# %% [markdown]
# The lengths go apart, and the losses stay together. They are not equal to the last digit: the two
# round (舍入) in different places, ε is not quite nothing, and training enlarges small differences.

# %%
decayed, grown = (decay_runs("weight_norm/dense1", *run)[:, -1] for run in list(ways.values())[:2])
expected = (1 - LR * twin_decay) ** -steps[-1]
print(f"ratio of the lengths: {(grown / decayed).mean():.4f}, by the theorem {expected:.4f}")


def decay_tested(norm, decay, way="decay", measure="test_accuracy"):
    """By seed; with batch normalization, by population statistics."""
    fields = {"norm": norm, "weight_decay": decay, "way": way}
    return load.by_seed("weight_decay", measure, **fields)


apart = paired(decay_tested("gluon", twin_decay, "growing rate"), decay_tested("gluon", twin_decay))
print(finding(apart, "growing rate against decay, test accuracy"))

# %% [markdown]
# ## With and without batch normalization
#
# Last, the test accuracy by λ. Without batch normalization, the same weights decay, and here the
# length counts.

# %%
NETWORKS = {"BN": "gluon", "without BN": None}


def by_decay(name, decay):
    return decay_tested(NETWORKS[name], decay)


ax = figures.draw_error_curves(
    {name: [estimate(by_decay(name, decay)).bar for decay in DECAYS] for name in NETWORKS},
    x=range(len(DECAYS)),
    xlabel="weight decay λ",
    ylabel="test accuracy",
)
_ = ax.set_xticks(range(len(DECAYS)), [f"{decay:g}" for decay in DECAYS])

# %%
for name in NETWORKS:
    for decay in DECAYS[1:]:
        change = paired(by_decay(name, decay), by_decay(name, 0.0))
        print(finding(change, f"{name}, λ = {decay:g} against 0, test accuracy"))
for name, norm in NETWORKS.items():
    ends = [decay_tested(norm, decay, measure="loss") for decay in (largest, 0.0)]
    print(finding(paired(*ends), f"{name}, λ = {largest:g} against 0, training loss"))

# %% [markdown]
# The largest decay costs accuracy in both networks, and raises the *training* loss in both. So this
# is not about overfitting; what suffers is the descent. Without batch normalization the decay makes
# the function flatter. With it, the effective rate does it: the growing rate above, without any decay,
# ends with the same loss. Whether a higher effective rate pays in a longer training is a question
# that these short runs cannot answer.

# %% [markdown]
# # Part four: shuffling
#
# ## The claim of one per cent
#
# Sources 000 and 003 (row 49) list among the merits of batch normalization that one can shuffle the
# training data thoroughly, so that no example meets the same companions again, and that "the
# literature says" it gains 1 % of accuracy. (The literature is Ioffe & Szegedy, 2015, section 4.2.1:
# about 1 % of *validation* accuracy on ImageNet, for shuffling *within* shards of a distributed
# store.) Here: the same small set, in a new order each epoch, or in the same batches each time.
# Every other circumstance is shared, the seeds included. How many points do you expect?

# %%
prediction = None  # percentage points; to within half a point

gain = paired(tested("BN"), tested("BN, fixed"))
points = round(100 * gain.mean, 1)
close = prediction is not None and abs(prediction - points) <= 0.5
self_check("the gain in points", points if close else prediction, points)

# %%
ORDERS = {"each epoch": "", "once": ", fixed", "one class\na batch": ", one class"}
ax = figures.draw_dots(
    {
        name: {order: list(tested(name + suffix).values()) for order, suffix in ORDERS.items()}
        for name in ("BN", "none")
    },
    ylabel="test accuracy",
    title="Shuffled each epoch, once, or into batches of one class",
)

# %%
print(finding(gain, "BN, new batches against fixed ones"))
print(compare("none", "none, fixed", "without BN, new batches against fixed ones"))

# %% [markdown]
# A claim of one per cent can be decided if the margin is well below 0.01. Is it?

# %%
from_zero = gain.mean - gain.margin > 0
from_a_point = gain.mean + gain.margin < 0.01
print(f"margin {gain.margin:.3f}; 0 is {'ruled out' if from_zero else 'possible'},", end=" ")
print(f"a gain of 0.01 is {'ruled out' if from_a_point else 'possible'}")

# %% [markdown]
# ## Batches of one class
#
# The far end of not shuffling: nearly all batches hold examples of a single class (单一类别). Compare,
# for the same weights, the accuracy in training, that in the test with the moving averages, and that
# with the statistics of mixed batches.


# %%
def as_met(name):
    return of_variant(name, "train_accuracy")


one_class = {
    title: {name: list(measure(f"{name}, one class").values()) for name in ("BN", "none")}
    for title, measure in (
        ("training, as met", as_met),
        ("test", lambda name: of_variant(name, "test_accuracy_moving")),
        ("test, statistics\nof mixed batches", tested),
    )
}
ax = figures.draw_dots(one_class, ylabel="accuracy", number_format="{:.2f}")
print(compare("BN, one class", "BN", "with BN, batches of one class against mixed ones, test"))
print(compare("none, one class", "none", "without BN, the same"))

# %% [markdown]
# Each step pulls the network towards the class of its batch, and away from all others. Without batch
# normalization this is easily done: raise the score of that class for whatever image comes. The next
# batch undoes it, so that the accuracy *as met* can be below that of a guess. With batch
# normalization, what all images of a batch have in common is subtracted (notebook 6), and that is
# just what tells their class; so this short cut leads less far, but the class has to be told from
# what is left. A part of that is learned.
#
# **Mixed batches are no merit of batch normalization.** Descent needs them with it and without it: a
# batch has to be a sample (样本) of the data, for its gradient as for its statistics.

# %% [markdown]
# # The claims, judged
#
# Every claim of the sources that these runs bear on, by the rule of notebook 20: an effect counts if
# its interval lies above 0 and its mean is not below the smallest effect that counts. **"Does not
# hold" can also mean that the seeds are too few to see it**; the interval tells which.

# %%
rows = []
for claim in CLAIMS:
    if set(claim.studies) & set(STUDIES):
        found = claim.verdict()
        cells = (claim.topic, claim.meaning, claim.effect, f"**{found.ruling}**", found.details())
        rows.append([cell.replace("|", r"\|") for cell in cells])
table(["topic", "claim", "measured", "verdict", "effects"], rows)

# %% [markdown]
# "Only behind all of BN" compares networks with one dropout and with four; what they lose is then not
# all due to the shift. The claims as we would put them, each with one thing changed:


# %%
def log_rate(decay, layer):
    """ln of the effective learning rate at the end, by seed."""
    return dict(enumerate(numpy.log(effective(decay, layer)[:, -1])))


OURS = {
    "the shift itself costs accuracy (same weights, other statistics)": judge(
        {f"{places}, {rate}": change for (places, rate), change in cost.items() if rate},
        at_least=0.01,
    ),
    "noisier statistics narrow the gap between training and test": judge(
        {other: paired(gaps("BN"), gaps(other)) for other in ("BN of 8", "BN of 4")}
    ),
    "noisier statistics give a better test accuracy": judge(
        {other: paired(tested(other), tested("BN")) for other in ("BN of 8", "BN of 4")}
    ),
    "BN gains test accuracy without narrowing the gap": judge(
        {
            "test accuracy": paired(tested("BN"), tested("none")),
            "gap": paired(gaps("BN"), gaps("none")),
        }
    ),
    "with BN, dropout or L2 still adds test accuracy": judge(
        {name: paired(tested(f"BN, {name}"), tested("BN")) for name in ("dropout", "L2")}
    ),
    "with BN, decay raises the effective learning rate (ln of the factor)": judge(
        {
            layer: paired(*(log_rate(decay, layer) for decay in (largest, 0.0)))
            for layer in ("conv1", "conv2", "dense1", "dense2")
        }
    ),
}
rows = [[claim, f"**{found.ruling}**", found.details()] for claim, found in OURS.items()]
table(["claim", "verdict", "effects"], rows)

# %% [markdown]
# # Summary
#
# - Dropout in front of a batch normalization makes it store too large a variance, by
#   $\frac{p}{1-p} E[x^2]$, and $\frac{p}{1-p} \sum w_i^2 E[x_i^2]$ behind a linear layer. The shifts of
#   several layers accumulate.
# - Behind the last batch normalization a dropout shifts nothing. Elsewhere the shift depends on rate
#   and place, and recalibrating without dropout repairs the statistics.
# - In training, an example's output depends on its batch, by an amount that goes nearly with $1/\sqrt m$.
#   More of this noise narrows the gap between training and test; that it raises the test accuracy
#   is not seen here. Batch normalization as such gains test accuracy with a *wider* gap.
# - In front of a batch normalization the length of the weights has no effect on the function. Weight
#   decay sets the effective learning rate $\eta/\|w\|^2$, and a growing rate can take its place.
# - Whether new batches in each epoch gain a per cent over fixed ones is within the noise of five seeds.
# - A batch has to be a sample of the data, for its gradient as for its statistics: mix them.
#
# # Exercises
#
# 1. Compute the expected shift for a dropout of rate 0.3 right behind a *sigmoid*, whose outputs have
#    mean 0.5 and deviation 0.1, and in front of a batch normalization. Compare with a tanh of mean 0
#    and the same deviation. What follows for where to put it? Measure both with `variance_shift`.
# 2. Take `dropped_net` and set the rate of all four dropouts to 0.1 (`lenet(dropout=...)`). At which
#    rate does the shift begin to cost a point of test accuracy?
# 3. Each *filter* of a convolution is scale invariant on its own. Multiply one filter of `conv1` by
#    100 and show that the scores stay. Why do the figures use the length of the whole layer all the
#    same?
# 4. The last layer has no batch normalization behind it. What does weight decay do to *it*? Train with
#    `decay_only(net, {"output": net.output.weight})` and look at its length and at the test accuracy.
# 5. Write the effective learning rate for the filters of a layer with weight normalization
#    (权重归一化, notebook 11). Is it scale invariant, too?
#
# # Where to read on
#
# - Li, Chen, Hu & Yang, 2018: *Understanding the Disharmony between Dropout and Batch Normalization by
#   Variance Shift*, arXiv 1801.05134. The shift, also for wide residual networks.
# - Hoffer, Hubara & Soudry, 2017: *Train longer, generalize better*, arXiv 1705.08741. Ghost batches.
# - van Laarhoven, 2017: *L2 Regularization versus Batch and Weight Normalization*, arXiv 1706.05350;
#   Zhang, Wang, Xu & Grosse, 2018: *Three Mechanisms of Weight Decay Regularization*, arXiv
#   1810.12281; Hoffer et al., 2018: *Norm matters*, arXiv 1803.01814.
# - Li & Arora, 2019: *An Exponential Learning Rate Schedule for Deep Learning*, arXiv 1910.07454.
# - `d2l_bn/diagnostics/variance_shift.py`, `d2l_bn/diagnostics/batch_noise.py`, `d2l_bn/diagnostics/scale_invariance.py`.
# - Notebook 18: dropout by hand, early stopping, and the order of the examples. Notebook 20: all claims
#   of the sources, and what became of them.
