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
# # 8 · Block and traps
#
# You train a network, save it, load it, and it guesses. The same weights, the same images, no error.
# The formula of batch normalization (批量归一化) fits on one line, and that line was right. Nearly
# everything that goes wrong with it goes wrong *around* the formula: in what the layer remembers,
# when it remembers it, and what it lets pass.
#
# **After this notebook you can**
#
# - say what a layer with statistics has to store, and check that a file holds it;
# - recognize six mistakes by their symptoms, most of which raise no error, and look up nine more;
# - compare two implementations of a layer number by number, in both modes, gradients included.
#
# **Time:** about a minute to run on two CPU cores, 15 minutes to read and do.
#
# **Needs:** lessons 1 to 6, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# Cells with `None` wait for your answer.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import inspect
import os
import tempfile
from statistics import median
from time import perf_counter

import mxnet as mx
import numpy
from IPython.display import Markdown
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.statistics import difference
from d2l_bn.norms.reference import chapter
from d2l_bn.norms.running_average import from_pytorch
from d2l_bn.training.loop import DivergenceError

npx.set_np()
check = predictions("block_and_traps")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

# %% [markdown]
# # Part one: the chapter's Block
#
# This is the layer of the chapter, kept in the package as it was. It computes the right thing in
# training. Read it, and note what would worry you. (Editions differ: which one does what is in
# lesson 3.)

# %%
Markdown(f"```python\n{inspect.getsource(chapter.BatchNorm)}```")

# %% [markdown]
# Three layers compete from here on: the chapter's, Gluon's own `nn.BatchNorm`, which finds the number
# of channels by itself, and the package's. We train a LeNet with each, for thirty batches of 64, from
# the same weights and with the same images in the same order.


# %%
def gluons(num_features, num_dims):
    return nn.BatchNorm(in_channels=num_features)


LAYERS = {"chapter": chapter.BatchNorm, "Gluon": gluons, "package": d2l_bn.BatchNorm}
holds = {}  # which layer stands which test: filled on the way

data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=320 if FAST else 1920)

nets, weights_after = {}, {}
for name, make in LAYERS.items():
    npx.random.seed(0)  # the same weights
    train_iter.epoch = 0  # the same order
    nets[name] = d2l_bn.lenet(make)
    nets[name].initialize(init.Xavier())
    first = next(iter(train_iter))
    train_iter.epoch = 0
    chapter.train_epoch(nets[name], [first], batch_size=64)
    weights_after[name] = nets[name].dense1.weight.data().copy()  # after one step
    train_iter.epoch = 0
    chapter.train_epoch(nets[name], train_iter, batch_size=64)
    print(f"{name:8} test accuracy {d2l_bn.evaluate(nets[name], test_iter):.3f}")

for name in ("chapter", "Gluon"):
    apart = [
        np.abs(w - w_package).max().item()
        for w, w_package in (
            (weights_after[name], weights_after["package"]),
            (nets[name].dense1.weight.data(), nets["package"].dense1.weight.data()),
        )
    ]
    print(
        f"{name:8} differs from the package by {apart[0]:.0e} after 1 step, {apart[1]:.0e} at the end"
    )

# %% [markdown]
# One seed (随机种子), three accuracies: is one of the layers better? No. They add up in another order,
# and differ by rounding (舍入) in the seventh digit. At learning rate 1 each step amplifies a
# difference, and after thirty steps it is seen in the first digit. Two networks that differ by
# rounding are like two seeds.

# %% [markdown]
# ## What a layer has to remember
#
# Two arrays that are trained, $\gamma$ and $\beta$, and two statistics (统计量), mean and variance. The
# four layers of LeNet have 6, 16, 120 and 84 channels (通道). How many numbers have to be *stored*?

# %%
stored_numbers = None

check("stored_numbers", stored_numbers)

# %% [markdown]
# ## Trap 1: the file without statistics
#
# Now each network is saved, and loaded into a new one of the same kind. Which of the three has the
# same test accuracy as before?

# %%
chapter_same, gluon_same, package_same = None, None, None  # True or False

check("chapter_same", chapter_same)
check("gluon_same", gluon_same)
check("package_same", package_same)


# %%
def reloaded(name):
    net = d2l_bn.lenet(LAYERS[name])
    with tempfile.TemporaryDirectory() as folder:
        nets[name].save_parameters(f"{folder}/net.params")
        net.load_parameters(f"{folder}/net.params")
        stored = {key.split(".")[-1] for key in npx.load(f"{folder}/net.params") if "norm1" in key}
    return net, sorted(stored)


holds["the file holds the averages"] = {}
for name in LAYERS:
    net, stored = reloaded(name)
    holds["the file holds the averages"][name] = len(stored) == 4
    before, after = (d2l_bn.evaluate(n, test_iter) for n in (nets[name], net))
    print(
        f"{name:8} test accuracy {before:.3f}, after loading {after:.3f}; norm1 in the file: {stored}"
    )

# %% [markdown]
# `save_parameters` writes *parameters*. The chapter's averages are plain attributes. Loading raises
# no error. The figure has the largest output of each normalization layer for the same 64 images.


# %%
images = np.array(test_iter.images[:64, None] / numpy.float32(255))  # (64, 1, 28, 28)


def largest_outputs(net):
    H, largest = images, {}
    for name, layer in net._children.items():
        H = layer(H)
        if name.startswith("norm"):
            largest[name] = np.abs(H).max().item()
    return largest


ax = figures.draw_marks(
    {
        "before saving": largest_outputs(nets["chapter"]),
        "after loading": largest_outputs(reloaded("chapter")[0]),
    },
    number_format="{:,.1f}",
    ylabel="largest output",
    title="The chapter's layers, the same weights, the same images",
)
figures.show(
    ax,
    alt="The largest output of each of the chapter's four layers, on a logarithmic axis: of the order "
    "of 1 to 10 before saving, hundreds of times as large after loading.",
)

# %% [markdown]
# **The cure:** averages are parameters with `grad_req="null"`. What is a parameter is saved, loaded,
# cast and moved to a device with the rest. (No file holds $\varepsilon$: it is part of the code. Load
# into a layer with another one, and nobody notices.)
#
# ## Trap 2: a variance that starts at 0
#
# Why so large? The file had no averages, so the layer has those of a new one: mean 0, variance 0. By
# what does the chapter's new layer *multiply* in prediction mode (预测模式), with $\varepsilon =
# 10^{-5}$?

# %%
factor_of_a_new_layer = None  # a number

check("factor_of_a_new_layer", factor_of_a_new_layer)


# %% [markdown]
# What that does to an untrained network: one image, the first convolution, normalization and
# sigmoid.


# %% tags=["cover"]
def fresh(name, num_features, num_dims):
    layer = LAYERS[name](num_features, num_dims)
    layer.initialize()
    return layer


def first_maps(name):
    npx.random.seed(0)
    net = d2l_bn.lenet(LAYERS[name])
    net.initialize(init.Xavier())
    return list(net.act1(net.norm1(net.conv1(images[:1])))[0])  # 6 maps (24, 24)


ones = np.ones((1, 1))
factors = {name: fresh(name, 1, 2)(ones).item() for name in LAYERS}
print("an input of 1 comes out as", {name: round(factor, 2) for name, factor in factors.items()})
holds["an untrained layer passes its input on"] = {n: abs(f - 1) < 0.01 for n, f in factors.items()}

rows = figures.draw_image_rows({name: first_maps(name) for name in LAYERS})
figures.show(
    rows,
    alt="Six feature maps of one garment in each of three untrained networks. With Gluon's and the "
    "package's layer they are grey shades; with the chapter's nearly every pixel is black or white.",
)

# %% [markdown]
# **The cure:** `moving_var` starts at 1.
#
# ## Trap 3: who weighs how much in the last batch?
#
# `trainer.step(n)` divides the summed gradients (梯度) by `n`. The chapter's loop calls `step(256)`,
# and for the last batch of an epoch, which has 96 images of the 60,000, it calls `step(256)`, too.
# Someone changes that to `step(96)`, to get a proper mean. How many times the weight of another image
# has an image of the last batch then?

# %%
weight_in_the_last_batch = None  # a number

check("weight_in_the_last_batch", weight_in_the_last_batch)

# %% [markdown]
# It looks like a defect of the chapter and is a *choice*: divided by 256, all images of an epoch
# weigh alike; divided by 96, all batches do. The longer, noisier step comes right before the test.
# The study `last_batch` makes both steps from the same weights and tests after each:

# %%
steps = {
    name: load.stacked("last_batch", f"test_accuracy_moving_by_epoch/{name}").ravel()
    for name in ("before", "divided_by_256", "divided_by_its_size")
}
for name, values in steps.items():
    print(f"{name:20s} test accuracy {values.mean():.3f}, mean of {len(values)} epochs")
better = (steps["divided_by_256"] > steps["divided_by_its_size"]).sum()
by_seed = load.stacked("last_batch", "test_accuracy_moving_by_epoch/divided_by_256").mean(axis=1)
other = load.stacked("last_batch", "test_accuracy_moving_by_epoch/divided_by_its_size").mean(axis=1)
gain = difference(dict(enumerate(by_seed)), dict(enumerate(other)))
print(f"divided by 256 is better in {better} of {len(steps['before'])} epochs, by {gain}")

# %% [markdown]
# So the package weighs examples alike, as the chapter does (`weigh_alike="examples"`). The trap is
# another one: `step(256)` with a data set of 96 images. There every step is a *shorter* one, and the
# learning rate is not what it says. By what is a rate of 0.1 multiplied?

# %%
factor_of_the_rate = None  # a number

check("factor_of_the_rate", factor_of_the_rate)

# %% [markdown]
# ## Trap 4: when do the averages move?
#
# Five events, one after the other, on the same batch with mean 5. With momentum 0.9, each move goes a
# tenth of the way. At which event does the moving mean of *Gluon's* layer leave 0?

# %%
first_move = None  # 1, 2, 3, 4 or 5

check("first_move", first_move)

# %%
EVENTS = ["1 forward,\nprediction", "2 forward,\ntraining", "3 forward,\nrecorded"]
EVENTS += ["4 backward", "5 backward\nagain"]
npx.random.seed(6)
X = np.random.normal(loc=5.0, size=(64, 1))


def averages(layer):
    """The moving mean and variance of any of the three, as arrays of one axis."""
    pair = ("running_mean", "running_var") if isinstance(layer, nn.BatchNorm) else None
    arrays = [getattr(layer, name) for name in pair or ("moving_mean", "moving_var")]
    arrays = [a.data() if isinstance(a, gluon.Parameter) else a for a in arrays]
    return [array.asnumpy().reshape(-1) for array in arrays]


def moves(name):
    layer, means = fresh(name, 1, 2), []
    layer(X)
    means.append(averages(layer)[0].item())
    with autograd.train_mode():
        layer(X)
    means.append(averages(layer)[0].item())
    with autograd.record():
        Y = layer(X)
    means.append(averages(layer)[0].item())
    for _ in range(2):
        Y.backward(retain_graph=True)
        means.append(averages(layer)[0].item())
    return means


traces = {name: moves(name) for name in ("Gluon", "package")}
holds["backward twice moves them once"] = {n: m[4] == m[3] for n, m in traces.items()}
holds["a forward pass in training moves them"] = {n: m[1] != m[0] for n, m in traces.items()}

ax = figures.draw_bars(
    {name: dict(zip(EVENTS, means)) for name, means in traces.items()},
    number_format="{:.2f}",
    ylabel="moving mean",
)
figures.show(
    ax,
    alt="The moving mean after five events. Gluon's stays at 0 until the backward pass and moves again "
    "with the second one; the package's moves with each forward pass in training mode.",
)

# %% [markdown]
# Gluon's layer moves its statistics inside its *backward*, and again if backward runs again, say for
# two losses. The package's moves them in each forward pass in training mode, as PyTorch's does. (To
# *look* at training mode and leave no trace, use `kept_averages`.)
#
# **Where it hurts.** A well-known recipe says: to refresh the statistics, run some batches forward
# in training mode. With Gluon's layer nothing happens, and no error is raised.

# %%
layer = nn.BatchNorm(in_channels=1)
layer.initialize()
batches = [np.random.normal(loc=5.0, scale=2.0, size=(64, 1)) for _ in range(50)]

for batch in batches:
    with autograd.train_mode():
        layer(batch)
print("after 50 forward passes:  mean {:.2f}, variance {:.2f}".format(*map(float, averages(layer))))

d2l_bn.recalibrate(layer, batches)  # works for both kinds; lesson 6
print("after d2l_bn.recalibrate: mean {:.2f}, variance {:.2f}".format(*map(float, averages(layer))))

# %% [markdown]
# ## Trap 5: one bad pixel
#
# A single pixel of a single image is NaN, in a batch of 64. How many of the 64 rows of scores are
# NaN, in prediction and in training mode?

# %%
bad_in_prediction = None  # 0 to 64
bad_in_training = None

check("bad_in_prediction", bad_in_prediction)
check("bad_in_training", bad_in_training)

# %%
bad = images.copy()
bad[3, 0, 14, 14] = float("nan")


def bad_rows(scores):
    return int(np.isnan(scores).any(axis=1).sum())


net = reloaded("package")[0]
good_scores, scores = net(images), net(bad)
print(f"in prediction: {bad_rows(scores)} of 64 rows are NaN; row 3 moved by", end=" ")
print(f"{np.abs(scores - good_scores)[3].max().item():.2f}")
with autograd.train_mode():
    print(f"in training:   {bad_rows(net(bad))} of 64 rows are NaN")
print(f"afterwards, in prediction, for images without NaN: {bad_rows(net(images))} of 64")

# %% [markdown]
# In prediction, only the bad image suffers, and it hides it: max pooling (最大汇聚) compares, every
# comparison with NaN is false, and so the NaN drops out. The scores are finite, and wrong.
#
# In training, the mean of the batch is NaN, and with it everything: the examples of a batch are tied
# together, for better and worse. That one forward pass has also made the moving averages NaN. And
# `trainer.step` checks nothing. **The cure:** look at the loss before you believe it, and keep the
# last good weights. That is what `d2l_bn.train` does:

# %%
labels = np.array(test_iter.labels[:64], dtype="int32")
net = reloaded("package")[0]
try:
    d2l_bn.train(net, [(images, labels), (bad, labels)], epochs=1, lr=0.1)
except DivergenceError as error:
    print("DivergenceError:", error)
print("rows that are NaN afterwards:", bad_rows(net(images)))

# %% [markdown]
# ## Trap 6: a momentum from PyTorch
#
# `momentum` here is the weight of a *moving average*, and has nothing to do with the momentum of an
# optimizer (lesson 2; the notes that explain `momentum的用法` by the optimizer's confuse the two). Frameworks disagree on which
# value it weights: MXNet 0.9 of the *old* average, PyTorch 0.1 of the *new* statistic. Copy PyTorch's
# 0.1 into Gluon's layer, and how many times as large is the error of the average, roughly, on noisy
# batches of 8?

# %%
times_the_error = None  # a number; to within 1.5


# %%
def error_of_average(momentum):
    layer = nn.BatchNorm(in_channels=1, momentum=momentum)
    layer.initialize()
    npx.random.seed(9)
    errors = []
    for _ in range(400):
        with autograd.record():
            Y = layer(np.random.normal(loc=5.0, scale=2.0, size=(8, 1)))
        Y.backward()
        errors.append((averages(layer)[0].item() - 5.0) ** 2)
    return (sum(errors[100:]) / 300) ** 0.5


copied, converted = error_of_average(0.1), error_of_average(from_pytorch(0.1))
print(f"copied, 0.1: the mean is {copied:.2f} off; converted, 0.9: {converted:.2f} off")

# %%
check("times_the_error", times_the_error, copied / converted)

# %% [markdown]
# # Part two: from the symptom to the cause
#
# ### Move it yourself
#
# **Predict first.** Below, six trainings went wrong. In how many of them is a batch normalization to
# blame?

# %%
with_batch_norm = None  # 0 to 6

# %% [markdown]
# Look at the two curves, open a probe or two, choose a diagnosis. Which probe would you open first,
# always?

# %%
figures.interactive("sick_network")

# %%
check("with_batch_norm", with_batch_norm)

# %% [markdown]
# **A training loss that falls while the test accuracy stays at a guess points to what only prediction
# uses: the averages. Everything else shows in the loss already.**
#
# # Part three: is it the same layer?
#
# Five implementations get the same input, the same $\gamma$, $\beta$ and averages, all random, in
# float64: the three layers, plain NumPy, and the definition of `BatchNormalization` in ONNX, a format
# for exchanging networks, as near as there is to a standard, and short enough to write down:


# %%
def onnx_batch_normalization(X, scale, B, input_mean, input_var, training, eps=1e-5, momentum=0.9):
    if not training:
        return (X - input_mean) / numpy.sqrt(input_var + eps) * scale + B
    all_but_channel = (0,) if X.ndim == 2 else (0, 2, 3)
    mean, var = (f(X, axis=all_but_channel, keepdims=True) for f in (numpy.mean, numpy.var))
    running_mean = input_mean * momentum + mean * (1 - momentum)
    running_var = input_var * momentum + var * (1 - momentum)
    return (X - mean) / numpy.sqrt(var + eps) * scale + B, running_mean, running_var


# %% [markdown]
# ## NumPy code with four mistakes
#
# The interview questions have the layer in NumPy, for images (`BatchNorm2D`) and for vectors
# (`BatchNorm1D`, with the remark 我瞎写的,仅供参考, "I made this up, for reference only"). It calls
# `X.size(1)` and `numel()`, which are PyTorch's; $\gamma$ and $\beta$ are the numbers 1 and 0 and never
# trained; with one value in a channel it divides by zero. And `BatchNorm1D` takes the mean of *all*
# numbers, without an error:

# %%
from d2l_bn.norms.reference.plain_numpy import BatchNorm1D, BatchNorm2D

random = numpy.random.default_rng(0)
X = random.normal(loc=[0.0, 5.0, 10.0], scale=[0.5, 1.0, 2.0], size=(8, 3))
pooled = (X - X.mean()) / numpy.sqrt(X.var() + 1e-5)

axes = figures.draw_stages({"X": X, "pooled": pooled, "per feature": BatchNorm1D(3)(X)})
figures.show(
    axes,
    alt="Eight examples with three features. Before, the features have different means and spreads. "
    "Pooled, they still have; normalized per feature, all three have mean 0 and deviation 1.",
)

# %% [markdown]
# That NumPy code and the paper move an *unbiased* variance (无偏方差), $\frac{1}{m-1}\sum (x-\mu)^2$, the
# chapter, MXNet and ONNX the biased one. By what do the two differ for 8 vectors? For 8 images of
# 24 × 24?

# %%
for_vectors, for_images = None, None  # the unbiased divided by the biased variance

check("for_vectors", for_vectors)
check("for_images", for_images)

# %% [markdown]
# ## The comparison
#
# Seven results from each. NumPy has no gradients: there they are central differences (中心差分).

# %%
from d2l_bn.diagnostics.layer_results import RESULTS, results_of_formula, results_of_layer


def by_reference(X, gamma, beta, mean, var, training):
    layer = (BatchNorm1D if X.ndim == 2 else BatchNorm2D)(X.shape[1])
    layer.gamma, layer.beta, layer.running_mean, layer.running_var = (
        s.reshape(-1) for s in (gamma, beta, mean, var)
    )
    layer.training = training
    Y = layer(X)
    return (Y, layer.running_mean, layer.running_var) if training else Y


FORMULAS = {"NumPy": by_reference, "ONNX": onnx_batch_normalization}
largest = {}
for shape in ((6, 3), (6, 3, 4, 4)):
    X, upstream = random.normal(loc=2.0, scale=3.0, size=(2, *shape))
    statistics = random.uniform(0.5, 2.0, size=(4, 1, shape[1]) + (1,) * (len(shape) - 2))
    given = X, statistics, upstream
    results = {n: results_of_layer(make(shape[1], X.ndim), *given) for n, make in LAYERS.items()}
    results.update({n: results_of_formula(formula, *given) for n, formula in FORMULAS.items()})
    for name, of_one in results.items():
        for result in RESULTS:
            apart = numpy.abs(of_one[result] - results["package"][result]).max()
            largest[name, result] = max(apart, largest.get((name, result), 0.0))

names = ["Gluon", "chapter", "NumPy", "ONNX"]
lines = ["| largest difference from the package | " + " | ".join(names) + " |", "|---" * 5 + "|"]
for result in RESULTS:
    values = (f"{largest[name, result]:.0e}" for name in names)
    lines.append(f"| {result} | " + " | ".join(values) + " |")
Markdown("\n".join(lines))

# %% [markdown]
# It is the same layer, five times. (The largest number is Gluon's average: its operator keeps the
# momentum in float32 even where the data are float64.) **All the differences lie around the formula.**
# The last table of this lesson has them on one page.

# %% [markdown]
# # Appendix: nine more
#
# Each in a few lines: what one sees, why, and the cure.
#
# ## Averages that carry a graph
#
# Under `autograd.record()` MXNet notes every operation, and the chapter's `moving_mean = momentum *
# moving_mean + …` is one. The average hangs on this batch, that on the one before, and so on: memory
# (内存) grows with each recorded forward pass.


# %%
def graph_size(layer):
    mean = layer.running_mean if isinstance(layer, nn.BatchNorm) else layer.moving_mean
    array = mean.data() if isinstance(mean, gluon.Parameter) else mean
    try:
        return len(autograd.get_symbol(array).get_internals().list_outputs())
    except mx.MXNetError:  # "NDArray is not part of a computation graph"
        return 0


weight = np.ones((1,))
weight.attach_grad()  # stands for the weights of the layers before
holds["the averages carry no graph"] = {}
for name in LAYERS:
    layer, sizes = fresh(name, 3, 2), []
    for _ in range(4):
        with autograd.record():
            layer(weight * np.random.normal(size=(8, 3)))
        sizes.append(graph_size(layer))
    print(f"{name:8} arrays in the graph of its average: {sizes}")
    holds["the averages carry no graph"][name] = sizes[-1] <= 1

# %% [markdown]
# **The cure:** move the averages under `autograd.pause()`, *into* the parameter: `moving_mean[:] = …`.
#
# ## Gradients in prediction mode
#
# Sometimes one wants a gradient in *prediction* mode: which pixels does the score depend on? That is
# `record(train_mode=False)`. Three things can go wrong. The chapter's layer crashes after a training
# step (its averages hang on a graph that is gone), or returns gradients that run into the batch before.
# Gluon's layer has its formula inside, and `backward()` has a mode *of its own*, which is training
# unless you say otherwise. And MXNet's own max pooling, through oneDNN, notes only in training mode where
# each maximum was. What should the gradient be here? (It runs in a process of its own, to be safe.)

# %%
import subprocess
import sys

POOLING = """
from mxnet import autograd, np, npx
from mxnet.gluon import nn
npx.set_np()
X = np.array([[[[1.0, 2.0, 5.0, 4.0], [3.0, 0.0, 6.0, 4.0]]]])  # two windows of 2 x 2
for mode in (True, False):
    X.attach_grad()
    with autograd.record(train_mode=mode):
        Y = nn.MaxPool2D(pool_size=2, strides=2)(X)
    Y.backward(np.array([[[[10.0, 20.0]]]]), train_mode=mode)
    print(f"train_mode={mode!s:5}: outputs {Y.reshape(-1)}, gradient", X.grad[0, 0].tolist())
"""
print(subprocess.run([sys.executable, "-c", POOLING], capture_output=True, text=True).stdout)

# %% [markdown]
# 10 belongs to the 3 and 20 to the 6. In prediction mode they go wherever the memory happened to point,
# or nowhere (the package's own operator, where it is built, is right in both modes). **The cure:** write
# `record(train_mode=False)` *and* `backward(train_mode=False)`; and for a gradient through max pooling
# freeze the statistics (`use_global_stats=True`) and record in training mode.
#
# ## Shapes that fit by accident
#
# The chapter's layer accepts 2-D input into a 4-D layer, 1 channel into 3, and `num_dims` of 3, 0 or
# `'4'`. Broadcasting (广播, lesson 1) makes a table of each *pair* of a channel and a feature. **The
# cure:** check shapes before anything is computed.

# %%
holds["a wrong shape is refused"] = {}
for name in ("chapter", "package"):
    try:
        with autograd.train_mode():
            print(name, "(4, 3) →", fresh(name, 3, 4)(np.ones((4, 3))).shape)
        holds["a wrong shape is refused"][name] = False
    except ValueError as error:
        print(name, "ValueError:", error)
        holds["a wrong shape is refused"][name] = True

# %% [markdown]
# ## Two devices, one average
#
# The chapter's layer has a single average and carries it to whichever device (设备) asks, so that the
# data of all devices mix in it, and its outputs can land on the wrong one. **The cure:** a parameter
# has a copy on each device; `.data(X.ctx)` is the one beside `X`. (Statistics over *all* devices are
# synchronized batch normalization, 同步批量归一化: lesson 24.)
#
# ## Slow reductions
#
# `mean(axis=(0, 2, 3))` and `** 2` are slow in MXNet on a CPU. **The cure:** a mean is a matrix product
# (lesson 1), or an operator of one's own (lesson 21).
#
# ## The layer that never learns its statistics
#
# Gluon's layer moves its averages in backward. As the *first* layer, with `scale=False, center=False`,
# nothing before it and nothing in it has a gradient: backward never reaches it, and its averages stay
# at 0 and 1. **The cure:** keep $\gamma$ or $\beta$, or take the package's layer.
#
# ## The raw operator's defaults
#
# `npx.batch_norm`, below Gluon's layer, has `fix_gamma=True` and `eps=1e-3`. We hand it $\gamma = 3$.
# What is $\gamma$ afterwards?

# %%
gamma_afterwards = None  # a number

check("gamma_afterwards", gamma_afterwards)

# %%
X = np.random.normal(scale=0.05, size=(64, 1))
for options in ({}, {"fix_gamma": False, "eps": 1e-5}):
    gamma = np.array([3.0])
    with autograd.train_mode():
        Y = npx.batch_norm(X, gamma, np.zeros((1,)), np.zeros((1,)), np.ones((1,)), **options)
    print(
        f"{options}: γ is {gamma.item():.0f} afterwards, deviation of the output {Y.std().item():.3f}"
    )

# %% [markdown]
# ## Half precision
#
# The largest number of float16 (半精度) is 65,504, and a channel of the first layer has 147,456 values.
# Sums, and $m$ itself, overflow (上溢). The chapter's layer gives 0 or NaN; Gluon's holds out up to a
# deviation of 256, above which the *variance* overflows. **The cure:** statistics in float32, only the
# output rounded.

# %%
holds["float16 on every scale"] = dict.fromkeys(LAYERS, True)
for scale in (0.1, 10, 1000):
    deviations = {}
    for name in LAYERS:
        layer = LAYERS[name](1, 4)
        layer.cast("float16")
        layer.initialize()
        npx.random.seed(8)
        with autograd.train_mode():
            Y = layer((scale * np.random.normal(size=(256, 1, 24, 24))).astype("float16"))
        deviations[name] = round(float(Y.astype("float32").std()), 3)
        holds["float16 on every scale"][name] &= abs(deviations[name] - 1) < 0.01
    print(f"data of deviation {scale:6}: output of deviation {deviations}")

# %% [markdown]
# ## `hybridize` freezes the mode
#
# `hybridize` runs `hybrid_forward` once, notes the operations, and replays them ever after. A Python
# `if autograd.is_training()` is no operation: the mode of the first call stays. **The cure:** leave the
# mode to an operator that asks when it *runs*, as Gluon's layer does, or be a plain `Block`.

# %% [markdown]
# ## On one page
#
# As measured above (– means that the test was not made), with the time of a pass forward and backward
# on the output of the chapter's first convolution:


# %%
X = np.random.normal(size=(64 if FAST else 256, 6, 24, 24))
X.attach_grad()
upstream = np.random.normal(size=X.shape)


def milliseconds(name, repeats):
    layer, times = fresh(name, 6, 4), []
    for _ in range(repeats + 1):
        npx.waitall()
        start = perf_counter()
        with autograd.record():
            Y = layer(X)
        Y.backward(upstream)
        npx.waitall()
        times.append(1000 * (perf_counter() - start))
    return median(times[1:])


times = {name: milliseconds(name, 3 if name == "chapter" else 9) for name in LAYERS}
marks = {True: "✓", False: "✗", None: "–"}
lines = ["| | " + " | ".join(LAYERS) + " |", "|---" * 4 + "|"]
for test, results in holds.items():
    lines.append(f"| {test} | " + " | ".join(marks[results.get(name)] for name in LAYERS) + " |")
lines.append("| milliseconds here | " + " | ".join(f"{times[n]:.1f}" for n in LAYERS) + " |")
Markdown("\n".join(lines))

# %% [markdown]
# ## Summary
#
# | trap | what one sees | what to do |
# |---|---|---|
# | 1 averages as attributes | the loaded network guesses | parameters with `grad_req="null"` |
# | 2 `moving_var` starts at 0 | outputs 316 times too large | start it at 1 |
# | 3 the divisor of a step | another learning rate than written | know what weighs alike |
# | 4 Gluon moves averages in backward | forward passes refresh nothing | `d2l_bn.recalibrate` |
# | 5 a NaN | nearly all weights NaN after one step | check the loss before the step |
# | 6 `momentum` from PyTorch | noisy predictions | `from_pytorch` |
#
# Few of them raise an error, and most leave the *training* accuracy alone. You can now find them by
# comparing predictions: before saving and after loading, in a batch and alone, on one device and on
# another.
#
# ## Exercises
#
# **1.** Write a test that would have found trap 1, in five lines, for any layer.
#
# <details><summary>Solution</summary>
#
# ```python
# def survives_saving(make, X):
#     net, again = nn.Sequential(), nn.Sequential()
#     net.add(make()); again.add(make()); net.initialize()
#     with autograd.record(): Y = net(X)
#     Y.backward()                                     # moves the averages of any layer
#     net.save_parameters("layer.params"); again.load_parameters("layer.params")
#     return bool((net(X) == again(X)).all())
# ```
#
# `survives_saving(lambda: chapter.BatchNorm(3, 2), X)` is False. The pass in training mode matters:
# without it the averages are those of a new layer, and even the chapter's passes.
# </details>
#
# **2.** In trap 5, one NaN spoils 64 rows of scores in training. How many would it spoil with layer
# normalization (层归一化)? With batch normalization over *ghost batches* of 16?
#
# <details><summary>Solution</summary>
#
# One: layer normalization takes its statistics from each example alone. With ghost batches of 16,
# sixteen: those that share a mean with it.
# </details>
#
# ## Where to read on
#
# - **Lesson 6, Test time:** which statistics to predict with. **Lesson 21:** how the layer became fast.
# - ONNX, *Operator Schemas*, `BatchNormalization`, version 15: the definition above.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167: Algorithm 2 has the unbiased
#   variance.
# - `d2l_bn/norms/batch.py` and `d2l_bn/norms/reference/plain_numpy.py`: the layer, and its reference,
#   side by side.
