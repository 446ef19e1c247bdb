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
# The formula of batch normalization (批量归一化) fits on one line. Nearly everything that goes
# wrong with it goes wrong *around* the formula: in what the layer remembers, when it remembers it,
# and what it lets pass. This notebook walks into fifteen traps, one after the other. Each is shown
# failing first, and then right.
#
# **After this notebook you can**
#
# - say what a layer with statistics has to store, and check that a file holds it;
# - recognize fifteen mistakes by their symptoms, most of which raise no error;
# - compare two implementations of a layer number by number, in both modes, gradients included.
#
# **Time:** about 1 minute to run on two CPU cores, 60 minutes to read.
#
# **Needs:** notebooks 1 to 3, and Fashion-MNIST (30 MB, found or fetched by itself).
#
# It covers rows 14, 17, 21, 22, 24, 26 and 33 of the course, and corrections 4, 5 and 6. Cells with
# `prediction = None` wait for your answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for a network this small, one thread is faster

import gc
import inspect
import math
import tempfile
from statistics import median
from time import perf_counter

import mxnet as mx
import numpy
import psutil  # comes with Jupyter
from IPython.display import Markdown
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.self_check import self_check
from d2l_bn.norms.reference import chapter
from d2l_bn.norms.running_average import from_pytorch
from d2l_bn.training.loop import DivergenceError

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

# %% [markdown]
# # Part one: the chapter's Block
#
# ## Read it first
#
# This is the layer of the chapter (row 14), kept in the package as it was, for comparison. It
# computes the right thing in training. Read it, and note what would worry you. There are six defects
# in it and in the loop that trains it.

# %%
Markdown(f"```python\n{inspect.getsource(chapter.BatchNorm)}```")

# %% [markdown]
# And the function that it calls:

# %%
Markdown(f"```python\n{inspect.getsource(chapter.batch_norm)}```")

# %% [markdown]
# Three layers compete from here on: the chapter's, Gluon's own `nn.BatchNorm` (row 17), which
# needs no `num_dims` and finds the number of channels by itself, and the package's.


# %%
def gluons(num_features, num_dims):
    return nn.BatchNorm(in_channels=num_features)


LAYERS = {"chapter": chapter.BatchNorm, "Gluon": gluons, "package": d2l_bn.BatchNorm}


def fresh(name, num_features, num_dims):
    layer = LAYERS[name](num_features, num_dims)
    layer.initialize()
    return layer


def averages(layer):
    """The moving mean and variance of any of the three, as arrays of one axis."""
    if isinstance(layer, nn.BatchNorm):  # Gluon says "running"
        pair = layer.running_mean, layer.running_var
    else:
        pair = layer.moving_mean, layer.moving_var
    arrays = [p.data() if isinstance(p, gluon.Parameter) else p for p in pair]
    return [array.asnumpy().reshape(-1) for array in arrays]


holds = {}  # which layer stands which test: we fill it on the way and draw it at the end

# %% [markdown]
# In training all three compute the same. (A full comparison comes in part three.)

# %%
npx.random.seed(0)
X = np.random.normal(loc=3.0, scale=2.0, size=(8, 6, 5, 5))

with autograd.train_mode():
    outputs = {name: fresh(name, 6, 4)(X) for name in LAYERS}

for name, Y in outputs.items():
    print(
        f"{name:8} largest difference from the package {np.abs(Y - outputs['package']).max():.0e}"
    )

# %% [markdown]
# ## What a layer has to remember
#
# Source 001 asks for the inventory of batch normalization (row 24): two parameters that are trained
# (可训练的参数), $\gamma$ and $\beta$; two statistics (统计参数), mean and variance; and
# hyperparameters (超参数): momentum, the number of channels, and $\varepsilon$, which it forgets.
#
# The chapter's LeNet has four such layers, with 6, 16, 120 and 84 channels. How many numbers do
# they have to *store*, parameters and statistics together?

# %%
prediction = None  # a whole number

channels = (6, 16, 120, 84)
self_check(
    "the number of stored numbers",
    prediction,
    4 * sum(channels),
    reasons=[
        (2 * sum(channels), "Those are the trained ones; the two statistics have to be kept, too."),
        (16, "16 arrays; each has a number for each channel."),
    ],
)

# %% [markdown]
# Which of these values does prediction need, and which does a file written by `save_parameters`
# hold? We save each layer and look into its file.

# %%
NAMES = {"running_mean": "moving_mean", "running_var": "moving_var"}
NEEDED = {"gamma": True, "beta": True, "moving_mean": True, "moving_var": True}
NEEDED["eps"] = True


def names_in_file(layer):
    net = nn.Sequential()  # a lone layer would be saved under other names
    net.add(layer)
    with tempfile.TemporaryDirectory() as folder:
        net.save_parameters(f"{folder}/layer.params")
        names = [name.split(".")[-1] for name in npx.load(f"{folder}/layer.params")]
    return [NAMES.get(name, name) for name in names]


in_file = {name: names_in_file(fresh(name, 6, 4)) for name in LAYERS}
inventory = {
    value: {"needed": needed, **{f"{n}'s file": value in in_file[n] for n in LAYERS}}
    for value, needed in NEEDED.items()
}
inventory["momentum"] = {}  # neither needed nor stored
ax = figures.draw_checks(inventory, title="What prediction needs, and what is stored")

# %% [markdown]
# Two things stand out. The chapter's file lacks two values that prediction needs. And **no** file
# holds $\varepsilon$: it is part of the code. Load weights into a layer with another $\varepsilon$,
# and nobody notices (trap 11 is such a case).
#
# ## Trap 1: the file without statistics
#
# `save_parameters` writes parameters. The chapter's averages are plain attributes. To see what that
# does, we train three networks for a few batches, with the chapter's loop.

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=320 if FAST else 1920)

nets = {}
for name, make in LAYERS.items():
    npx.random.seed(0)  # the same weights,
    train_iter.epoch = 0  # and the same order of the images
    nets[name] = d2l_bn.lenet(make)
    nets[name].initialize(init.Xavier())
    seconds = chapter.train_epoch(nets[name], train_iter, batch_size=64)
    accuracy = d2l_bn.evaluate(nets[name], test_iter)
    print(f"{name:8} {len(train_iter)} batches, {seconds:4.1f} s, test accuracy {accuracy:.3f}")

# %% [markdown]
# Now each one is saved, and loaded into a new network of the same kind. Predict: which of the three
# has the same test accuracy as before?

# %%
predictions = {"chapter": None, "Gluon": None, "package": None}  # True or False


def reloaded(name):
    net = d2l_bn.lenet(LAYERS[name])
    with tempfile.TemporaryDirectory() as folder:
        nets[name].save_parameters(f"{folder}/net.params")
        net.load_parameters(f"{folder}/net.params")
    return net


news = {name: reloaded(name) for name in LAYERS}
images = test_iter.images[:64, None] / numpy.float32(255)  # (64, 1, 28, 28)
images = np.array(images)
holds["saving keeps the averages"] = {
    name: bool((news[name](images) == nets[name](images)).all()) for name in LAYERS
}
for name, prediction in predictions.items():
    self_check(f"{name}: the same", prediction, holds["saving keeps the averages"][name])

# %%
for name in LAYERS:
    before, after = (d2l_bn.evaluate(n[name], test_iter) for n in (nets, news))
    print(f"{name:8} test accuracy {before:.3f}, after loading {after:.3f}")

# %% [markdown]
# Loading raised no error, and the chapter's network guesses. The picture shows the largest output
# of each of its normalization layers for the same 64 images. After loading, they are hundreds of
# times as large.


# %%
def largest_outputs(net):
    X, largest = images, {}
    for name, layer in net._children.items():
        X = layer(X)
        if name.startswith("norm"):
            largest[name] = np.abs(X).max().item()
    return largest


ax = figures.draw_marks(
    {
        "before saving": largest_outputs(nets["chapter"]),
        "after loading": largest_outputs(news["chapter"]),
    },
    number_format="{:,.1f}",
    ylabel="largest output",
    title="The chapter's layers, the same weights, the same images",
)

# %% [markdown]
# **The cure:** make the averages parameters with `grad_req="null"`, as Gluon and the package do.
# What is a parameter is saved, loaded, cast and moved to a device with the rest.
#
# ## Trap 2: a variance that starts at 0
#
# Why so large? The file had no averages, so the layer has those of a new one: mean 0 and variance
# 0. By what does the chapter's new layer *multiply* its input in prediction mode, with
# $\varepsilon = 10^{-5}$?

# %%
prediction = None  # a number

factor = fresh("chapter", 1, 2)(np.ones((1, 1))).item()
self_check(
    "the factor",
    prediction,
    factor,
    reasons=[
        (1.0, "That is with a variance of 1: the root of 1 + 0.00001 is nearly 1."),
        (1e5, "Divided by the *root* of the variance plus epsilon."),
    ],
)

# %%
one = np.ones((1, 1))
factors = {name: fresh(name, 1, 2)(one).item() for name in LAYERS}
holds["untrained, it passes the input on"] = {n: abs(f - 1) < 0.01 for n, f in factors.items()}

for name, factor in factors.items():
    print(f"{name:8} multiplies by {factor:.5f}")

# %% [markdown]
# What that does to an untrained network: one image, the first convolution, normalization and
# sigmoid. Black is 0, white is 1. Multiplied by 316, nearly every value saturates (饱和) the
# sigmoid.


# %% tags=["cover"]
def first_maps(name):
    npx.random.seed(0)
    net = d2l_bn.lenet(LAYERS[name])
    net.initialize(init.Xavier())
    return list(net.act1(net.norm1(net.conv1(images[:1])))[0])  # 6 maps (24, 24)


axes = figures.draw_image_rows({name: first_maps(name) for name in LAYERS})

# %% [markdown]
# **The cure:** `moving_var` starts at 1.
#
# ## Trap 3: averages that carry a graph
#
# In training, the forward pass runs under `autograd.record()`. MXNet then notes every operation in
# a graph (计算图), with what its gradient will need, until backward has run or nobody refers to the
# result any more. The chapter's `moving_mean = momentum * moving_mean + ...` is noted as well. The
# attribute keeps it: with the average of this batch, of the one before, and so on.
#
# `autograd.get_symbol` returns the graph that an array hangs on. We run four recorded forward passes,
# throw the outputs away, and count the arrays in the graph of each moving mean.

# %%
npx.random.seed(0)
X = np.random.normal(size=(8, 3))
weight = np.ones((1,))
weight.attach_grad()  # stands for the weights of the layers before


def graph_size(layer):
    mean = layer.running_mean if isinstance(layer, nn.BatchNorm) else layer.moving_mean
    array = mean.data() if isinstance(mean, gluon.Parameter) else mean
    try:
        return len(autograd.get_symbol(array).get_internals().list_outputs())
    except mx.MXNetError:  # "NDArray is not part of a computation graph"
        return 0


sizes = {}
for name in LAYERS:
    layer, sizes[name] = fresh(name, 3, 2), []
    for _ in range(4):
        with autograd.record():
            layer(weight * X)
        sizes[name].append(graph_size(layer))
    print(f"{name:8} {sizes[name]}")

holds["the averages carry no graph"] = {name: counts[-1] <= 1 for name, counts in sizes.items()}

# %% [markdown]
# (The 1 of Gluon's is the average itself.) Five more with each pass, and the input of every batch among
# them. We do it again with 4 MiB of input, and ask the operating system how much memory this process
# has.


# %%
def mebibytes():
    npx.waitall()
    return psutil.Process().memory_info().rss / 2**20


passes = 6 if FAST else 16
X = np.random.normal(size=(64, 16, 32, 32))  # 4 MiB

memory = {}
for label in (*LAYERS, "chapter, with backward"):
    layer = fresh(label.split(",")[0], 16, 4)
    gc.collect()
    memory[label] = []
    for _ in range(passes + 1):
        with autograd.record():
            Y = layer(weight * X)
        if label.endswith("backward"):
            Y.backward()
        del Y
        memory[label].append(mebibytes())
    memory[label] = [value - memory[label][0] for value in memory[label]]  # after the first

ax = figures.draw_lines(memory, xlabel="recorded forward passes", ylabel="more memory (MiB)")

# %% [markdown]
# With backward after each pass, the batches are set free. Is the graph gone, too? Predict how many
# arrays are in it after four such passes.

# %%
prediction = None  # a whole number

layer, counts = fresh("chapter", 3, 2), []
for _ in range(4):
    with autograd.record():
        Y = layer(weight * np.ones((8, 3)))
    Y.backward()
    counts.append(graph_size(layer))

self_check(
    "the number of arrays in the graph",
    prediction,
    counts[-1],
    reasons=[
        (sizes["chapter"][-1], "That is without backward."),
        (0, "Backward lets go of the batch, but the averages still hang on each other."),
    ],
)

# %%
print("with backward after each pass:", counts)

# %% [markdown]
# The chain of averages stays, and grows for as long as the training runs, by a few small arrays a
# batch. A plain training loop survives that. A loop that skips backward now and then (a batch with a
# bad loss, an evaluation under `record()`) keeps whole batches.
#
# ## Trap 4: gradients through the past
#
# The graph does worse than use memory. Sometimes one wants a gradient in *prediction* mode: to see
# which pixels a prediction depends on, or to train on with frozen statistics. That is
# `record(train_mode=False)`. The averages are constants then.
#
# Three small networks with the same weights first see a batch in training mode: either forward
# only, or a whole training step, forward and backward. Then we ask each for the gradient of the
# first weights in prediction mode.


# %%
def network(name):
    npx.random.seed(3)
    net = nn.Sequential()
    net.add(nn.Dense(6, in_units=4), LAYERS[name](6, 2), nn.Dense(3, in_units=6))
    net.initialize(init.Normal(0.5))
    return net


npx.random.seed(1)
X = np.random.normal(loc=1.0, scale=3.0, size=(16, 4))
weighting = np.random.normal(size=(16, 3))


def gradient_in_prediction(name, backward_first, mode=True):
    """What MXNet finds for the first weights, and what is right with the averages of now."""
    net = network(name)
    with autograd.record():
        loss = (net(X) * weighting).sum()
    if backward_first:
        loss.backward()
    var = np.array(averages(net[1])[1])
    with autograd.record(train_mode=False):
        loss = (net(X) * weighting).sum()
    loss.backward(train_mode=mode)  # True is the default
    # with constant averages this network is linear, and its gradient a product
    upstream = np.dot(weighting, net[2].weight.data()) / np.sqrt(var + 1e-5)  # (16, 6)
    return net[0].weight.grad().copy(), np.dot(upstream.T, X)  # (6, 4)


agrees = {}
for name in LAYERS:
    for backward_first in (False, True):
        try:
            found, right = gradient_in_prediction(name, backward_first)
            agrees[name, backward_first] = bool(np.allclose(found, right, rtol=1e-3, atol=1e-3))
            result = f"largest error {np.abs(found - right).max().item():.1e}"
        except mx.MXNetError as error:
            agrees[name, backward_first] = False
            result = f"MXNetError: {str(error).splitlines()[-1][12:70]}..."
        print(f"{name:8} {'after a step:   ' if backward_first else 'after a forward:'} {result}")

holds["right gradients in prediction mode"] = {
    name: agrees[name, False] and agrees[name, True] for name in LAYERS
}

# %% [markdown]
# Two of the three fail, for two reasons.
#
# **The chapter's layer.** After a training step it crashes: its averages hang on a graph that
# backward has already taken apart. After a forward pass alone it returns *wrong numbers*: the
# gradient also runs through the averages, back into the batch before.

# %%
found, right = gradient_in_prediction("chapter", backward_first=False)
axes = figures.draw_matrices(
    {"right": right, "chapter's": found, "difference": found - right},
    rows="feature",
    columns="input",
)

# %% [markdown]
# **The cure:** compute the averages under `autograd.pause()`, from detached statistics, and write
# them *into* the parameter: `moving_mean[:] = ...`.
#
# **Gluon's layer** has its formula for the gradient inside, one for each mode. `backward()` has a
# mode of its own, which is training unless you say otherwise; what `record` said does not count. In
# the package's layer, the mode of the *forward* pass decides.

# %%
for mode in (True, False):
    found, right = gradient_in_prediction("Gluon", backward_first=True, mode=mode)
    error = np.abs(found - right).max().item()
    print(f"Gluon, loss.backward(train_mode={mode!s:5}): largest error {error:.1e}")

# %% [markdown]
# **The cure:** where you write `record(train_mode=False)`, write `backward(train_mode=False)`, too.
#
# ## Trap 5: shapes that fit by accident
#
# Which of these does the chapter's layer refuse? Predict the number of errors.

# %%
prediction = None  # 0 to 5

CASES = {  # what: (num_features, num_dims, shape of the input)
    "2-D input, 4-D layer": (3, 4, (4, 3)),
    "1 channel, layer for 3": (3, 4, (4, 1, 5, 5)),
    "num_dims = 3": (3, 3, (4, 3, 5, 5)),
    "num_dims = 0": (3, 0, (4, 3, 5, 5)),
    "num_dims = '4'": (3, "4", (4, 3, 5, 5)),
}


def attempt(name, num_features, num_dims, shape):
    try:
        with autograd.train_mode():
            return f"accepted, output {fresh(name, num_features, num_dims)(np.ones(shape)).shape}"
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


attempts = {what: attempt("chapter", *case) for what, case in CASES.items()}
refused = sum(not result.startswith("accepted") for result in attempts.values())
self_check("the number of errors", prediction, refused)

# %%
for what, case in CASES.items():
    print(f"{what}\n    chapter: {attempts[what]}\n    package: {attempt('package', *case)}")

holds["a wrong shape is refused"] = {
    name: not any(attempt(name, *case).startswith("accepted") for case in CASES.values())
    for name in ("chapter", "package")
}

# %% [markdown]
# None. The first is the worst. Four examples with three features go in; broadcasting (广播, notebook
# 1) makes a table of each *pair* of a channel and a feature. In the picture, the layer has
# $\gamma = 1, 2, 3$.

# %%
layer = fresh("chapter", 3, 4)
layer.gamma.set_data(np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1))
npx.random.seed(4)
X = np.random.normal(size=(4, 3))

with autograd.train_mode():
    Y = layer(X)  # (1, 3, 4, 3)

axes = figures.draw_matrices(
    {"X": X, "Y[0, 0]": Y[0, 0], "Y[0, 1]": Y[0, 1], "Y[0, 2]": Y[0, 2]},
    rows="example",
    columns="feature",
)

# %% [markdown]
# The chapter's own check, `assert len(X.shape) in (2, 4)`, stands in the branch for training only,
# and both are allowed in any layer.
#
# **The cure:** compare the input with what the layer was made for, before anything is computed, and
# say what came, what was expected and what to do.
#
# ## Trap 6: `step(batch_size)` and the last batch
#
# `trainer.step(n)` divides the gradient by `n`. The chapter's loop adds up the losses of a batch
# and calls `step(256)`, so it takes the mean. 60,000 images are 234 batches of 256 and a last one
# of 96, for which it also divides by 256. By what is the learning rate multiplied in that step?

# %%
prediction = None  # a number

self_check(
    "the factor",
    prediction,
    96 / 256,
    reasons=[(256 / 96, "The sum of 96 losses is divided by 256: the step is too short.")],
)

# %% [markdown]
# One short step in 235 goes unnoticed. By accident, it even helps the test that comes right after it:
# a short step on few, noisy images spoils less (notebook 3 measures that). But what if *every* batch
# is smaller than `batch_size`? Someone tries the code on 96 images, with a learning rate of 0.1.


# %%
def loss_curve(divisor, lr):
    net = nn.Dense(10, in_units=784)
    net.initialize(init.Constant(0))
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    X = np.array(train_iter.images[:96].reshape(96, 784) / numpy.float32(255))
    y = np.array(train_iter.labels[:96])
    curve = []
    for _ in range(40):
        with autograd.record():
            loss = loss_function(net(X), y)
        loss.backward()
        trainer.step(divisor)
        curve.append(loss.mean().item())
    return curve


curves = {
    "step(256), learning rate 0.1": loss_curve(256, 0.1),
    "step(96), learning rate 0.1": loss_curve(96, 0.1),
    "step(96), learning rate 0.0375": loss_curve(96, 0.1 * 96 / 256),
}
first, _, third = curves.values()
print("step(256) with 0.1 is step(96) with 0.0375:", numpy.allclose(first, third, rtol=1e-4))
ax = figures.draw_lines(curves, ylabel="loss of the 96 images")

# %% [markdown]
# The learning rate is not what it says. **The cure:** `trainer.step(len(y))`, as in
# `d2l_bn.train`; then the learning rate belongs to the *mean* loss of whatever batch there is.
#
# ## Trap 7: two devices, one average
#
# A network may live on several devices (设备), each with its share of a batch. MXNet lets us try it
# without a GPU: `cpu(0)` and `cpu(1)` count as two. (They share one memory, which hides some
# mistakes that two GPUs would not.)
#
# The data on `cpu(0)` have mean 0, those on `cpu(1)` mean 10. The devices take turns.

# %%
devices = [mx.cpu(0), mx.cpu(1)]
npx.random.seed(5)
shares = [np.random.normal(loc=10.0 * (t % 2), size=(64, 1)) for t in range(40)]

layers = {name: LAYERS[name](1, 2) for name in ("chapter", "package")}
for layer in layers.values():
    layer.initialize(ctx=devices)

trace = {"chapter's only mean": [], "package's on cpu(0)": [], "package's on cpu(1)": []}
on_its_device = {}
for t, share in enumerate(shares):
    share = share.as_in_ctx(devices[t % 2])
    with autograd.train_mode():
        results = {name: layer(share) for name, layer in layers.items()}
    for name, Y in results.items():
        on_its_device[name] = on_its_device.get(name, True) and Y.ctx == share.ctx
    trace["chapter's only mean"].append(layers["chapter"].moving_mean.item())
    for device in devices:
        mean = layers["package"].moving_mean.data(device).item()
        trace[f"package's on {device}"].append(mean)

holds["one copy for each device"] = on_its_device
for name, right in on_its_device.items():
    print(f"{name:8} every output is on the device of its input: {right}")

ax = figures.draw_lines(trace, xlabel="batches, the devices in turn", ylabel="moving mean")

# %% [markdown]
# The chapter's layer has a single average, and carries it to whichever device asks. With each visit
# the other device's data are mixed in. Its `gamma.data()` without a device takes the copy on the
# current one, so that outputs are on the wrong device; with two GPUs that is an error.
#
# A parameter has a copy on each device; `.data(X.ctx)` is the one beside `X`. A file gets the mean of
# the copies:

# %%
net, loaded = nn.Sequential(), nn.Sequential()
net.add(layers["package"])
loaded.add(d2l_bn.BatchNorm(1, 2))

with tempfile.TemporaryDirectory() as folder:
    net.save_parameters(f"{folder}/net.params")
    loaded.load_parameters(f"{folder}/net.params")

for device in devices:
    print(f"moving mean on {device}: {layers['package'].moving_mean.data(device).item():.2f}")
print(f"moving mean in the file:   {loaded[0].moving_mean.data().item():.2f}")

# %% [markdown]
# (Each copy still sees its own device's share only. Statistics over all devices would be
# *synchronized* batch normalization, 同步批量归一化.)
#
# ## Trap 8: a reduction that takes its time
#
# The sixth defect only costs time. One forward and backward pass of the layer alone, on the output
# of the chapter's first convolution:

# %%
npx.random.seed(0)
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
print(
    f"the chapter's takes {times['chapter'] / times['package']:.0f} times as long as the package's"
)
ax = figures.draw_marks(
    {"forward and backward": times}, ylabel="milliseconds", number_format="{:.0f}"
)

# %% [markdown]
# The same formulas, the same results. `mean(axis=(0, 2, 3))` and `** 2` are slow in MXNet on a CPU;
# notebook 1 has the cure: a mean is a matrix product.
#
# > **Correction 5.** The chapter's Block has these six defects: it loses its statistics (trap 1),
# > starts the variance at 0 (2), carries a graph (3 and 4), broadcasts wrong shapes (5), is used
# > with the wrong divisor in the last batch (6), and is slow (8).

# %% [markdown]
# # Part two: traps of MXNet itself
#
# ## Trap 9: when do the averages move?
#
# Five events, one after the other, on the same batch with mean 5. The averages have momentum 0.9,
# so each move goes a tenth of the way. When does the moving mean of *Gluon's* layer leave 0?

# %%
prediction = None  # 1, 2, 3, 4 or 5

EVENTS = [
    "1 forward,\nprediction",
    "2 forward,\ntraining mode",
    "3 forward,\nrecorded",
    "4 backward",
    "5 backward\nagain",
]
npx.random.seed(6)
X = np.random.normal(loc=5.0, size=(64, 1))


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
first = next(number for number, mean in enumerate(traces["Gluon"], start=1) if mean != 0)
self_check(
    "the first event that moves Gluon's average",
    prediction,
    first,
    reasons=[
        (2, "So it is for the package's layer: each forward pass in training mode counts."),
        (3, "Recording is not enough."),
    ],
)

# %%
ax = figures.draw_bars(
    {name: dict(zip(EVENTS, means)) for name, means in traces.items()},
    number_format="{:.2f}",
    ylabel="moving mean",
)

holds["backward twice moves it once"] = {
    name: bool(means[4] == means[3]) for name, means in traces.items()
}
holds["forward passes refresh the averages"] = {
    name: bool(means[1] != means[0]) for name, means in traces.items()
}

# %% [markdown]
# Gluon's layer moves its statistics inside its *backward*, and again if backward runs again, say
# for two losses. The package's moves them in each forward pass in training mode, as PyTorch's does.
# (That is a trap of its own: to *look* at training mode and leave no trace, use
# `d2l_bn.networks.batch_norm_layers.kept_averages`.)
#
# **Where it hurts.** A well-known recipe says: to refresh the statistics, run some batches forward
# in training mode. With Gluon's layer nothing happens, and no error is raised.
# `d2l_bn.recalibrate` does it for both kinds; notebook 6 is about that.

# %%
layer = nn.BatchNorm(in_channels=1)
layer.initialize()
batches = [np.random.normal(loc=5.0, scale=2.0, size=(64, 1)) for _ in range(50)]

for batch in batches:
    with autograd.train_mode():
        layer(batch)
print("after 50 forward passes:  mean {:.2f}, variance {:.2f}".format(*map(float, averages(layer))))

d2l_bn.recalibrate(layer, batches)
print("after d2l_bn.recalibrate: mean {:.2f}, variance {:.2f}".format(*map(float, averages(layer))))

# %% [markdown]
# ## Trap 10: the layer that never learns its statistics
#
# If Gluon's statistics move in backward, what if backward never reaches the layer? Make it the
# first layer, to standardize the input, without $\gamma$ and $\beta$. Nothing before it and nothing
# in it has a gradient.


# %%
def first_layer_after_training(norm):
    net = nn.Sequential()
    net.add(norm, nn.Dense(1, in_units=1))
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    for batch in batches:
        with autograd.record():
            loss = net(batch).sum()
        loss.backward()
        trainer.step(64)
    return "mean {:.2f}, variance {:.2f}".format(*map(float, averages(norm)))


print("Gluon, neither scale nor center:")
print("   ", first_layer_after_training(nn.BatchNorm(in_channels=1, scale=False, center=False)))
print("Gluon, with its default scale and center:")
print("   ", first_layer_after_training(nn.BatchNorm(in_channels=1)))
print("package:")
print("   ", first_layer_after_training(d2l_bn.BatchNorm(1, 2)))

# %% [markdown]
# The first never moved: in prediction it passes the raw input on, to weights that were trained on
# standardized input.
#
# ## Trap 11: the raw operator's defaults
#
# Below Gluon's layer lies the operator `npx.batch_norm`. Its defaults are not those of the layer:
# `fix_gamma=True` and `eps=1e-3`. We hand it $\gamma = 3$. What is $\gamma$ afterwards?

# %%
prediction = None  # a number

npx.random.seed(7)
X = np.random.normal(scale=0.05, size=(64, 1))
gamma, beta = np.array([3.0]), np.array([0.0])

with autograd.train_mode():
    wrong = npx.batch_norm(X, gamma, beta, np.zeros((1,)), np.ones((1,)))

self_check(
    "gamma",
    prediction,
    gamma.item(),
    reasons=[(3.0, "fix_gamma means: take 1. It also writes the 1 into your array.")],
)

# %%
gamma = np.array([3.0])
with autograd.train_mode():
    statistics = np.zeros((1,)), np.ones((1,))
    right = npx.batch_norm(X, gamma, beta, *statistics, fix_gamma=False, eps=1e-5)

print(f"with the defaults:            deviation {wrong.std().item():.3f}, expected 3")
print(f"fix_gamma=False and eps=1e-5: deviation {right.std().item():.3f}")

# %% [markdown]
# Two mistakes in one number: $\gamma$ was 1, and with `eps=1e-3` a channel with a small deviation
# does not come out with deviation 1, but with $\sigma/\sqrt{\sigma^2 + \varepsilon}$:

# %%
deviations = [10 ** (k / 8) for k in range(-32, 9)]
ax = figures.draw_lines(
    {f"ε = {e:g}": [s / math.sqrt(s * s + e) for s in deviations] for e in (1e-3, 1e-5)},
    x=deviations,
    xlabel="standard deviation of the channel",
    ylabel="after normalization",
)
ax.set_xscale("log")

# %% [markdown]
# ## Trap 12: half precision
#
# float16 (半精度) halves the memory, and its largest number is 65,504. A channel of the chapter's
# first layer has $m = 256 \cdot 24 \cdot 24 = 147{,}456$ values in a batch. What does the chapter's
# layer get when it divides by $m$ in float16?

# %%
prediction = None  # a number

self_check("1000 / m, in float16", prediction, float(numpy.float16(1000) / numpy.float16(147456)))

# %% [markdown]
# We normalize the same data on different scales in float16. The output should have deviation 1
# (less where $\varepsilon$ matters, at the left). Where a line ends, the output is NaN.

# %%
npx.random.seed(8)
X = np.random.normal(size=(256, 1, 24, 24))
scales = [10 ** (k / 2) for k in range(-6, 9, 2 if FAST else 1)]

deviation = {name: [] for name in LAYERS}
for name in LAYERS:
    for scale in scales:
        layer = LAYERS[name](1, 4)
        layer.cast("float16")
        layer.initialize()
        with autograd.train_mode():
            Y = layer((scale * X).astype("float16"))
        deviation[name].append(Y.astype("float32").std().item())

holds["float16, on every scale"] = {
    name: all(abs(d - 1) < 0.01 for d, s in zip(values, scales) if s >= 1)
    for name, values in deviation.items()
}
ax = figures.draw_lines(
    deviation, x=scales, xlabel="scale of the data", ylabel="deviation of the output"
)
ax.set_xscale("log")
ax.set_yscale("symlog", linthresh=0.1)
_ = ax.set_ylim(-0.02, 200)

# %% [markdown]
# - The **chapter's** sums and $m$ overflow (溢出) to infinity. For small data, a number divided by
#   infinity is 0: the variance is 0, and the data are multiplied by 316. For larger data, infinity
#   divided by infinity is NaN.
# - **Gluon's** computes in float32, and holds out up to a deviation of 256. Above that, the
#   *variance* exceeds 65,504, is rounded to infinity, and all outputs are 0.
# - The **package's** keeps statistics, $\gamma$ and $\beta$ in float32 throughout, and rounds only
#   the output.
#
# ## Trap 13: one bad pixel
#
# A single pixel of a single image is NaN, in a batch of 64. How many of the 64 rows of scores are
# NaN, in prediction and in training mode?

# %%
in_prediction = None  # 0 to 64
in_training = None

X = images.copy()
X[3, 0, 14, 14] = float("nan")


def bad_rows(scores):
    return int(np.isnan(scores).any(axis=1).sum())


net = reloaded("package")
predicted = bad_rows(net(X))
with autograd.train_mode():
    trained = bad_rows(net(X))

self_check(
    "in prediction",
    in_prediction,
    predicted,
    reasons=[(1, "One would think so, of the bad image; see below where the NaN went.")],
)
self_check(
    "in training",
    in_training,
    trained,
    reasons=[(1, "The mean of the batch contains the pixel, and every image loses that mean.")],
)

# %%
good = reloaded("package")
change = np.abs(good(X) - good(images)).max(axis=1)  # of each image's scores, in prediction
print(f"rows of scores with NaN: {predicted} in prediction, {trained} of 64 in training")
print(f"in prediction, {int((change > 0).sum())} row changed, by up to {change.max().item():.2f}")
print(f"in prediction *afterwards*, for images without NaN: {bad_rows(net(images))} of 64 are NaN")

# %% [markdown]
# In prediction, only the bad image suffers, and it hides it: max pooling (最大汇聚) compares, every
# comparison with NaN is false, and so the NaN drops out. The scores are finite, and wrong.
#
# In training, the mean of the batch is NaN, and with it everything. The examples of a batch are
# tied together, for better and worse (rows 26 and 33). And that forward pass also made the moving
# averages NaN: the network is lost for prediction, though not a single weight has changed.
#
# `trainer.step` then finishes the weights off. It checks nothing:

# %%
labels = np.array(test_iter.labels[:64], dtype="int32")


def not_finite(net):
    values = [p.data().asnumpy() for p in net.collect_params().values()]
    return sum((~numpy.isfinite(v)).sum() for v in values), sum(v.size for v in values)


net = reloaded("package")
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
with autograd.record():
    loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), labels)
loss.backward()
trainer.step(64)
print("after one step: {:,} of {:,} numbers are not finite".format(*not_finite(net)))

# %% [markdown]
# **The cure:** look at the loss before you believe it, and keep the last good weights. That is what
# `d2l_bn.train` does.

# %%
net = reloaded("package")
try:
    d2l_bn.train(net, [(images, labels), (X, labels)], epochs=1, lr=0.1)
except DivergenceError as error:
    print("DivergenceError:", error)
print("the network: {:,} of {:,} numbers are not finite".format(*not_finite(net)))

# %% [markdown]
# ## Trap 14: `hybridize` freezes the mode
#
# `hybridize` runs `hybrid_forward` once, notes the operations, and replays them ever after. A Python
# `if` is no operation. This layer asks for the mode, and is called first in prediction mode:


# %%
class Careless(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        if autograd.is_training():
            return x - x.mean(axis=0, keepdims=True)
        return x  # stands for: x minus the moving mean


x = np.array([[1.0], [3.0]])
for hybrid in (False, True):
    layer = Careless()
    layer.hybridize(hybrid)
    layer(x)  # the first call, in prediction mode
    with autograd.train_mode():
        print(f"hybridize({hybrid!s:5}), in training mode:", layer(x).reshape(-1))

# %% [markdown]
# The second one went on predicting while it was trained. **The cure:** leave the mode to an
# operator that asks for it when it *runs*, as Gluon's layer does (`F.npx.batch_norm`), or be a plain
# `Block`, as the package's is: `net.hybridize()` then compiles the other layers only.
#
# ## Trap 15: a momentum from PyTorch
#
# > **Correction 4.** Source 000 explains `momentum的用法`, "the use of momentum", by the momentum of
# > the *optimizer*, just before code in which `momentum` is the weight of a *moving average*. The
# > two have nothing in common. Notebook 2 is about them.
#
# Frameworks also disagree on which value the second one weights. MXNet: 0.9 of the *old* average.
# PyTorch, and source 001: 0.1 of the *new* statistic. We copy a PyTorch layer's `momentum=0.1` into
# Gluon's layer as it is, and feed it 200 noisy batches of 8 with mean 5:


# %%
def error_of_average(momentum):
    layer = nn.BatchNorm(in_channels=1, momentum=momentum)
    layer.initialize()
    npx.random.seed(9)
    errors = []
    for _ in range(200):
        with autograd.record():
            Y = layer(np.random.normal(loc=5.0, scale=2.0, size=(8, 1)))
        Y.backward()
        errors.append(abs(averages(layer)[0].item() - 5.0))
    return sum(errors[100:]) / 100


for way, momentum in (("copied", 0.1), ("converted", from_pytorch(0.1))):
    print(f"0.1 {way:9} → {momentum:.1f}: the mean is {error_of_average(momentum):.2f} off")

# %% [markdown]
# # Part three: is it the same layer?
#
# ## NumPy code with four mistakes
#
# Source 001 has the layer in NumPy, for images (`BatchNorm2D`, row 21) and for vectors
# (`BatchNorm1D`, row 22, with the remark 我瞎写的,仅供参考, "I made this up, for reference only").
# Two lines of the first one stop it at once:

# %%
X = numpy.ones((2, 3, 4, 4))
for line in ("X.size(1)", "X[:, 0].numel()"):
    try:
        eval(line)
    except Exception as error:
        print(f"{line:16} {type(error).__name__}: {error}")

# %% [markdown]
# Those are PyTorch's methods. The second class runs, and is wrong in silence: it takes the mean of
# *all* numbers. Three features, eight examples; the bands are mean ± deviation:

# %%
from d2l_bn.norms.reference.plain_numpy import BatchNorm1D, BatchNorm2D

random = numpy.random.default_rng(0)
X = random.normal(loc=[0.0, 5.0, 10.0], scale=[0.5, 1.0, 2.0], size=(8, 3))
pooled = (X - X.mean()) / numpy.sqrt(X.var() + 1e-5)  # what source 001 computes
by_feature = BatchNorm1D(3)(X)

axes = figures.draw_stages(
    {"X": X, "source 001: pooled": pooled, "reference: per feature": by_feature}
)

# %% [markdown]
# Both classes move an *unbiased* variance (无偏方差), $\frac{1}{m-1}\sum (x-\mu)^2$, as the paper and
# PyTorch do. The chapter, MXNet and ONNX move the biased one, $\frac1m \sum (x-\mu)^2$. By what do
# the two differ for a batch of 8 vectors? And for 8 images of 24 × 24?

# %%
for_vectors, for_images = None, None  # the unbiased divided by the biased variance

self_check("for vectors", for_vectors, 8 / 7)
self_check(
    "for images",
    for_images,
    4608 / 4607,
    reasons=[(8 / 7, "A channel of 8 images has m = 8 * 24 * 24 values.")],
)


# %%
def moved_variance(layer, X):
    layer(X)
    return (layer.running_var - 0.9) / 0.1  # the part that is new: 0.9 comes from the start, 1


for kind, shape in ((BatchNorm1D, (8, 3)), (BatchNorm2D, (8, 3, 24, 24))):
    X = random.normal(size=shape)
    ratio = moved_variance(kind(3, unbiased=True), X) / moved_variance(kind(3), X)
    print(f"{shape!s:14} unbiased / biased = {ratio.mean():.6f}")

# %% [markdown]
# With *one* value in each channel, $m - 1 = 0$. Source 001 then divides 0 by 0, and its average is
# NaN from there on. The reference refuses:

# %%
try:
    BatchNorm1D(3, unbiased=True)(numpy.ones((1, 3)))
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# > **Correction 6.** NumPy code with four mistakes calls `.size(1)` and `.numel()`, which NumPy arrays do
# > not have; $\gamma$ and $\beta$ are the numbers 1 and 0, one for all channels and never trained; it
# > divides by zero for one value in a channel; and `BatchNorm1D` pools all features. The package's
# > `reference.py` is the same layer, right. It is the oracle of the package's tests.
#
# ## ONNX's definition
#
# ONNX is a format for exchanging networks between frameworks. Its `BatchNormalization` (operator
# version 15) is as near as there is to a standard, and it is short enough to write down. Note
# $\varepsilon = 10^{-5}$, momentum 0.9 for the old value, and the population variance (总体方差),
# which divides by $m$: exactly the chapter's conventions.


# %%
def onnx_batch_normalization(
    X, scale, B, input_mean, input_var, training_mode, epsilon=1e-5, momentum=0.9
):
    if not training_mode:
        return (X - input_mean) / numpy.sqrt(input_var + epsilon) * scale + B
    all_except_channel = (0,) if X.ndim == 2 else (0, 2, 3)
    current_mean = X.mean(axis=all_except_channel, keepdims=True)
    current_var = X.var(axis=all_except_channel, keepdims=True)
    running_mean = input_mean * momentum + current_mean * (1 - momentum)
    running_var = input_var * momentum + current_var * (1 - momentum)
    Y = (X - current_mean) / numpy.sqrt(current_var + epsilon) * scale + B
    return Y, running_mean, running_var


# %% [markdown]
# ## The comparison
#
# Five implementations get the same input, the same $\gamma$, $\beta$ and averages, all random, all in
# float64. From each we take seven results. NumPy has no gradients; for the last two they are central
# differences (中心差分), which are right to about nine digits.

# %%
from d2l_bn.diagnostics.gradient_check import numeric_gradient


def by_layer(name, X, statistics, upstream):
    """A layer's seven results, its gradients by autograd."""
    gamma, beta, mean, var = (np.array(s, dtype="float64") for s in statistics)
    layer = LAYERS[name](X.shape[1], X.ndim)
    layer.cast("float64")
    layer.initialize()
    layer.gamma.set_data(gamma.reshape(layer.gamma.shape))
    layer.beta.set_data(beta.reshape(layer.beta.shape))
    if name == "chapter":
        layer.moving_mean, layer.moving_var = mean, var
    elif name == "Gluon":
        layer.running_mean.set_data(mean.reshape(-1))
        layer.running_var.set_data(var.reshape(-1))
    else:
        layer.moving_mean.set_data(mean)
        layer.moving_var.set_data(var)
    X = np.array(X, dtype="float64")
    predicted = layer(X)
    X.attach_grad()
    with autograd.record():
        Y = layer(X)
    Y.backward(np.array(upstream, dtype="float64"))
    gradients = [X.grad, layer.gamma.grad(), layer.beta.grad()]
    arrays = [array.asnumpy() for array in (Y, predicted, *gradients)]
    return arrays[:2] + averages(layer) + arrays[2:]


def by_formula(formula, X, statistics, upstream):
    """The same seven of a function of NumPy arrays, its gradients by central differences."""
    Y, mean, var = formula(X, *statistics, True)
    predicted = formula(X, *statistics, False)
    inputs = [X, *statistics]
    gradients = []
    for k in range(3):

        def of_one(value, k=k):
            values = [value.asnumpy() if j == k else x for j, x in enumerate(inputs)]
            return np.array(formula(*values, True)[0], dtype="float64")

        arrays = (np.array(a, dtype="float64") for a in (inputs[k], upstream))
        gradients.append(numeric_gradient(of_one, *arrays).asnumpy())
    return [Y, predicted, mean, var, *gradients]


def by_reference(X, gamma, beta, mean, var, training):
    layer = (BatchNorm1D if X.ndim == 2 else BatchNorm2D)(X.shape[1])
    layer.gamma, layer.beta, layer.running_mean, layer.running_var = (
        s.reshape(-1) for s in (gamma, beta, mean, var)
    )
    layer.training = training
    Y = layer(X)
    return (Y, layer.running_mean, layer.running_var) if training else Y


# %%
RESULTS = [
    "output in training",
    "output in prediction",
    "new moving mean",
    "new moving variance",
    "gradient of X",
    "gradient of γ",
    "gradient of β",
]


def largest_differences(shape):
    """From (implementation, result) to its largest difference from the package's."""
    X, upstream = random.normal(loc=2.0, scale=3.0, size=(2, *shape))
    of_channels = (1, shape[1]) + (1,) * (len(shape) - 2)
    statistics = random.uniform(0.5, 2.0, size=(4, *of_channels))
    results = {name: by_layer(name, X, statistics, upstream) for name in LAYERS}
    results["NumPy"] = by_formula(by_reference, X, statistics, upstream)
    results["ONNX"] = by_formula(onnx_batch_normalization, X, statistics, upstream)
    package = results.pop("package")
    return {
        (name, result): numpy.abs(a.reshape(-1) - b.reshape(-1)).max()
        for name, arrays in results.items()
        for result, a, b in zip(RESULTS, arrays, package)
    }


both = [largest_differences(shape) for shape in ((6, 3), (6, 3, 4, 4))]
largest = {key: max(d[key] for d in both) for key in both[0]}
names = ["Gluon", "chapter", "NumPy", "ONNX"]

lines = ["| largest difference from the package | " + " | ".join(names) + " |", "|---" * 5 + "|"]
for result in RESULTS:
    values = (f"{largest[name, result]:.0e}" for name in names)
    lines.append(f"| {result} | " + " | ".join(values) + " |")
Markdown("\n".join(lines))

# %%
print("all of them below a millionth:", max(largest.values()) < 1e-6)
print(f"0.9 in float32 is {numpy.float32(0.9):.10f}")

# %% [markdown]
# It is the same layer, five times. (The largest number in the table is Gluon's average: its operator
# keeps the momentum in float32, even where the data are float64.) For one batch of correct input,
# nothing tells the five apart.
#
# **All the differences lie around the formula.** Here they are, as this notebook measured them (– means
# that the test was not made, or does not apply). Speed is not in the table; there Gluon's wins (trap
# 8).

# %%
ax = figures.draw_checks(holds)

# %% [markdown]
# ## Summary
#
# | trap | what one sees | what to do |
# |---|---|---|
# | 1 averages as attributes | the loaded network guesses | parameters with `grad_req="null"` |
# | 2 `moving_var` starts at 0 | outputs 316 times too large | start it at 1 |
# | 3 averages carry a graph | memory grows | `autograd.pause()`, `.detach()` |
# | 4 the same; the mode of backward | a crash, or wrong gradients, in prediction mode | the same; `backward(train_mode=False)` |
# | 5 broadcasting | a result of the wrong shape, or not even that | check shapes first |
# | 6 `step(batch_size)` | another learning rate than written | `step(len(y))` |
# | 7 one average, two devices | averages of mixed data | `parameter.data(X.ctx)` |
# | 8 slow reductions | an epoch takes a minute | a mean as a matrix product |
# | 9 Gluon moves them in backward | forward passes refresh nothing | `d2l_bn.recalibrate` |
# | 10 nothing needs a gradient | averages stay at 0 and 1 | keep $\gamma$ or $\beta$, or the package's layer |
# | 11 `npx.batch_norm` | $\gamma$ becomes 1, $\varepsilon$ is 100 times as large | `fix_gamma=False, eps=1e-5` |
# | 12 float16 | 0, NaN, or 316 times too large | statistics in float32 |
# | 13 a NaN | nearly all weights NaN after one step | check the loss before the step |
# | 14 `hybridize` | training mode does not come on | no Python `if` on the mode |
# | 15 `momentum` from PyTorch | noisy predictions | `from_pytorch` |
#
# Few of them raise an error, and most leave the *training* accuracy alone. Compare predictions
# before and after: before saving and after loading, in a batch and alone, on one device and on
# another. That finds nearly all of them.
#
# ## Exercises
#
# 1. Write a test that would have found trap 1, in five lines, for any layer. Try it on `nn.Dropout`
#    and on `d2l_bn.BatchNorm`.
# 2. Repair the chapter's layer: make a subclass of `chapter.BatchNorm` that passes as many lines of
#    the last picture as you can. Which one needs the fewest words?
# 3. In trap 4, by how much are the chapter's gradients wrong after *two* recorded forward passes?
#    Predict first: does it get better or worse?
# 4. In trap 13, one NaN pixel spoils 64 rows of scores in training. How many would it spoil with
#    layer normalization (层归一化), which takes its statistics from each example alone?
# 5. In PyTorch, $\frac{m}{m-1}\sigma^2$ goes into the average. For which layer of LeNet and which
#    batch size would a converted network notice? The cell tells you whether your number is right:
#    the ratio of the two variances for `norm3`, with batches of 32.

# %%
ratio = None  # exercise 5

self_check("the ratio", ratio, 32 / 31, [(32 * 16 / (32 * 16 - 1), "norm3 follows a dense layer.")])

# %% [markdown]
# ## Where to read on
#
# - **Notebook 6, Test time:** which statistics to predict with.
# - ONNX, *Operator Schemas*, `BatchNormalization`, version 15: the definition above.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167: Algorithm 2 has the unbiased
#   variance.
# - `d2l_bn/norms/batch.py` and `d2l_bn/norms/reference/plain_numpy.py`: the layer, and its reference, side by side.
