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
# # 24 · Many devices
#
# A batch is split over several devices, each of which trains a copy of the network on its part; the gradients are
# added up. For most layers nothing changes. Batch normalization (批量归一化) is the exception. Below, one LeNet was
# trained on batches of 64 images, again and again with the same data. The only difference: over how many devices the
# 64 were spread, and whether these shared their statistics (统计量).
#
# **After this notebook you can**
#
# - say what devices must add up so that a split batch (小批量) trains as a whole one does, with and without BN;
# - write synchronized batch normalization, forward and backward, with two sums;
# - say what it costs to leave it out, by the number of images on a device;
# - train one network with several processes, on one machine or on several.
#
# **Time:** a minute to run on two CPU cores, 9 minutes to read (code apart).
#
# **Needs:** notebooks 3, 4 and 9, and Fashion-MNIST (30 MB, found or fetched by itself). Cells with `None` wait for
# your answer. The long runs were made beforehand, by `d2l-bn run device_statistics`.

# %% tags=["cover"]
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import mxnet as mx
from mxnet import autograd, gluon, init, np, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen, chosen_setting
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.norms.batch import batch_norm
from d2l_bn.norms.per_device_batch import PerDeviceBatchNorm

npx.set_np()
npx.random.seed(0)
check = predictions("many_devices")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

STUDY = "device_statistics"
(BATCH,) = load.case_values(STUDY, "batch_size")
IMAGES = sorted(n for n in load.case_values(STUDY, "examples_per_device") if n is not None)


def error(images):
    """Test error in per cent by seed, at the rate that is best on validation images."""
    accuracy = chosen(STUDY, examples_per_device=images)
    return estimate([100 * (1 - value) for value in accuracy.values()])


own = [error(images) for images in IMAGES]
shared = error(None)
with figures.style():
    ax = figures.draw_error_curves(
        {"statistics of its own": own, "shared by all devices": [shared] * len(IMAGES)},
        x=IMAGES,
        xlabel="images on a device",
        ylabel="test error in %",
        log_x=True,
    )
    ax.set_xticks(IMAGES, [str(images) for images in IMAGES])
    figures.show(
        ax,
        alt="Test error against the number of images on a device. With statistics of its own the error falls "
        "steeply from two images to sixteen; with shared statistics it is a flat line below.",
    )

# %% [markdown]
# ## What is added up
#
# Without normalization the loss is a sum over examples, and so is its gradient (梯度). Two devices with half of the
# batch each need one sum over devices, of the gradients, and then make the same step. MXNet calls a device a context.
# Two of them can stand on one processor, which is enough to see what happens:


# %%
def gradients(net, X, y, devices):
    """Each device takes its part of the batch; the gradients of all of them, added up."""
    net.collect_params().reset_ctx(devices)
    parts = zip(gluon.utils.split_and_load(X, devices), gluon.utils.split_and_load(y, devices))
    with autograd.record():
        losses = [cross_entropy(net(X_part), y_part).sum() for X_part, y_part in parts]
    autograd.backward(losses)
    return {
        name: sum(gradient.as_in_ctx(devices[0]) for gradient in parameter.list_grad())
        for name, parameter in net.collect_params().items()
        if parameter.grad_req != "null"
    }


data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, _ = d2l_bn.load_fashion_mnist(16, data=data, limit=160)
X, y = next(iter(train_iter))
cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
ONE, TWO = [mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]


def difference(norm):
    """The gradient of the split batch against that of the whole one, relative, for conv1."""
    net = d2l_bn.lenet(norm)
    net.initialize(init.Xavier())
    net(X)
    whole, split = (gradients(net, X, y, devices) for devices in (ONE, TWO))
    name = net.conv1.weight.name
    return (np.abs(whole[name] - split[name]).max() / np.abs(whole[name]).max()).item()


# %% [markdown]
# Is the sum of the two halves' gradients the gradient of the whole batch? Two answers, True or False:

# %%
without_normalization = None
with_batch_norm = None

# %%
for norm in (None, "batch", "layer"):
    print(
        f"norm={norm!r}: the largest difference is {difference(norm):.1e} of the largest gradient"
    )

# %%
check("without_normalization", without_normalization)
check("with_batch_norm", with_batch_norm)

# %% [markdown]
# Layer normalization (层归一化) does not mind: an example's statistics are its own. With BN an example's loss depends on
# its company, and half of the company is on another device. This is no error of the split; the split batch is
# *another function* of the weights. Each device also keeps moving averages (移动平均) of its own, and they drift apart:

# %%
net = d2l_bn.lenet("batch")
net.initialize(init.Xavier(), ctx=TWO)
with autograd.train_mode():
    for part in gluon.utils.split_and_load(X, TWO):
        net(part)
for device, average in zip(TWO, net.norm1.moving_mean.list_data()):
    print(device, average.reshape(-1).asnumpy().round(4))

# %% [markdown]
# ## The moments of all
#
# Four values of one channel: 1 and 3 on the first device, 10 and 50 on the second. Their means are 2 and 30, their
# variances (方差) 1 and 400, and the mean of the variances is 200.5. What is the variance of all four?

# %%
variance = None

# %%
parts = [np.array([[1.0], [3.0]]), np.array([[10.0], [50.0]])]
check("variance", variance)

# %% [markdown]
# Averaging the variances leaves out what the *means* differ by, and with two images on a device that is much. What
# devices can add up are sums. Two of them are needed, one after the other, since the squares are of differences from
# the common mean:
#
# $$\mu = \frac{\sum_k \sum_{x \in k} x}{\sum_k m_k}, \qquad
# \sigma^2 = \frac{\sum_k \sum_{x \in k} (x - \mu)^2}{\sum_k m_k}$$
#
# where device $k$ has $m_k$ values. Write it. `parts` has a list of arrays, (examples, channels), one for each device:


# %%
def shared_moments(parts):
    """Mean and variance of each channel over all devices."""
    return None, None  # yours


# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def shared_moments(parts):
#     m = sum(len(part) for part in parts)
#     mean = sum(part.sum(axis=0) for part in parts) / m
#     var = sum(np.square(part - mean).sum(axis=0) for part in parts) / m
#     return mean, var
# ```
#
# </details>

# %%
mean, var = shared_moments(parts)
check("shared_moments", None if var is None else var.item())

# %% [markdown]
# ## And backwards
#
# In the forward pass (前向传播) each device contributes $s_k$ to a sum $s = \sum_k s_k$, and *every* device uses $s$.
# So every device's loss depends on $s_k$, and backwards each contribution is owed all the gradients:
#
# $$\frac{\partial}{\partial s_k} \sum_j L_j = \sum_j \frac{\partial L_j}{\partial s}$$
#
# The gradient of a sum over devices is a sum over devices. As an operation of MXNet, with `total` for what adds up:
#
# ```python
# class AllSum(autograd.Function):
#     def forward(self, s):
#         return total(s)
#
#     def backward(self, ds):
#         return total(ds)
# ```
#
# In one process we can play all devices ourselves: the parts are slices, `total` is `sum`, and autograd finds the sum
# of the gradients by itself. So this is batch normalization of 16 values on 8 devices with two each, synchronized or
# not:


# %%
def normalized(parts, moments):
    """The parts, each less the mean and divided by the deviation that ``moments`` gives for it."""
    return np.concatenate(
        [(part - mean) / np.sqrt(var + 1e-5) for part, (mean, var) in zip(parts, moments)]
    )


def of_all(parts):
    m = sum(len(part) for part in parts)
    mean = sum(part.sum(axis=0) for part in parts) / m
    return [(mean, sum(np.square(part - mean).sum(axis=0) for part in parts) / m)] * len(parts)


def of_each(parts):
    return [(part.mean(axis=0), part.var(axis=0)) for part in parts]


values = np.random.normal(3, 2, (16, 5))
upstream = np.random.normal(0, 1, (16, 5))


def answer(normalize):
    values.attach_grad()
    with autograd.record():
        Y = normalize(values)
    Y.backward(upstream)
    return Y, values.grad.copy()


one, zero = np.ones((1, 5)), np.zeros((1, 5))
whole = answer(lambda X: batch_norm(X, one, zero, zero, one)[0])
rows = []
for name, moments in {"shared": of_all, "of each device": of_each}.items():
    split = answer(lambda X, moments=moments: normalized(parts := np.split(X, 8), moments(parts)))
    differences = (np.abs(a - b).max().item() for a, b in zip(whole, split))
    rows.append([name, *(f"{d:.1e}" for d in differences)])
table(["statistics", "difference of the outputs", "of the gradients"], rows)

# %% [markdown]
# The package has the same, with checks, for processes in the place of slices:
# `d2l_bn.norms.sync_batch.sync_batch_norm` and the Block `SyncBatchNorm`; `d2l_bn.workers.group.all_sum` is the
# operation. The chapter's LeNet has four BN layers. How many sums over devices does one training step take, forward
# and backward, with the one for the gradients of all weights together?

# %%
sums = None

# %%
check("sums", sums)

# %% [markdown]
# ## What it costs to leave it out
#
# Frameworks leave it out by default, in training with several devices. Is that harmless? What each device's own
# statistics do, one process can show: `PerDeviceBatchNorm` normalizes each few images of a batch on their own.

# %%
layer = PerDeviceBatchNorm(1, num_dims=2, examples=2)
layer.initialize()
with autograd.train_mode():
    print(layer(np.concatenate(parts)).reshape(-1))

# %% [markdown]
# Whatever the two images on a device are, one comes out near −1 and the other near +1 in every channel. The study
# above trained with {2, 4, 8, 16} images a device and with shared statistics, each at three learning rates (学习率), of
# which the best on validation images was taken, with several seeds (随机种子).
#
# From how many images on a device on is the mean error at most a point above that with shared statistics?

# %%
images_enough = None  # 2, 4, 8 or 16

# %%
rates = {n: chosen_setting(STUDY, examples_per_device=n)["lr"] for n in (*IMAGES, None)}
rows = [
    [
        f"{n} on each of {BATCH // n} devices" if n else "shared",
        rates[n],
        f"{e.mean:.1f} ± {e.margin:.1f}",
    ]
    for n, e in zip((*IMAGES, None), (*own, shared))
]
enough = next((n for n, e in zip(IMAGES, own) if e.mean - shared.mean <= 1), None)
check("images_enough", images_enough, enough)
table(["statistics", "learning rate", "test error in %"], rows)

# %% [markdown]
# What the court (notebook 20) says, where a point of accuracy (精度) is what matters:

# %%
for claim in ("devices_need_shared_statistics", "sixteen_images_need_none"):
    print(court[claim].judge())

# %% [markdown]
# With 32 images on a device and more, as in classification, it is usually left out. Detection and segmentation take
# large images, two on a device, and there it decides: MegDet (Peng et al. 2018) trained with
# statistics over all devices, others with group normalization (组归一化), which at two images a device has 10.6 points
# less error than BN on ImageNet (Wu & He 2018). Those are their numbers; a CPU cannot show them.
#
# ## Several processes
#
# Contexts of one process are of use with several GPUs. Processes work everywhere, and on several machines. Each
# process, a *worker*, runs the same program. MXNet's key-value store adds: a worker pushes an array under a name, a
# server sums what has come, every worker pulls the sum. One command starts all of it:

# %%
limit = "400" if FAST else "6000"
folder = Path(tempfile.mkdtemp())


def train(workers, *more):
    """``d2l-bn train`` with so many workers; its last line, and the speed of its last epoch."""
    out = folder / f"{workers}"
    command = [sys.executable, "-m", "d2l_bn", "train", "--workers", str(workers), "--data", data]
    settings = ["--norm", "sync", "--limit", limit, "--batch-size", "100", "--out", str(out), *more]
    # One thread in each process, so that two workers have twice the threads of one.
    threads = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run([*command, *settings], capture_output=True, text=True, env=threads)
    assert done.returncode == 0, done.stderr
    last = json.loads((out / "metrics.json").read_text())["epochs"][-1]
    return done.stdout.splitlines()[-1], last["examples_per_second"]


speed = {}
for workers in (1, 2):
    line, speed[workers] = train(workers, "--epochs", "1" if FAST else "2")
    print(f"{workers} worker{'s' * (workers > 1)}: {line}")
print(f"\ntwo workers are {speed[2] / speed[1]:.2f} times as fast as one")

# %% [markdown]
# The losses agree to rounding (舍入): with `--norm sync` two workers train as one. On one small machine they are
# hardly faster, or slower: a step of this LeNet takes some ten milliseconds, each of the sums takes a fraction of one, and
# every worker waits for the slowest. What grows with the network is the computing, not the number of sums; networks
# that take a second a step are where workers pay. Without `sync` a step needs one sum only.
#
# Several machines: `d2l-bn train --workers 4 --hosts anna,bert`, if `ssh` reaches them without a password and the package
# is in the same place. If a worker dies, the command stops the others and says in one line which one and of
# what; the checkpoint goes on with any number of workers, since all of them hold the same weights:

# %%
line, _ = train(2, "--epochs", "2" if FAST else "3", "--resume")  # went through before: goes on
print(line)

# %% [markdown]
# ## What you can now do
#
# - You can say that without BN devices add up gradients only, and with it two sums more for each layer, forwards,
#   and two backwards.
# - You can write synchronized batch normalization, and you do not average variances.
# - You can say from how many images on a device its own statistics are good enough, here.
# - You can train with several processes by one command, and go on after one of them died.
#
# ## Exercises
#
# 1. One sum would do in the place of two: each device sends $m_k$, $m_k\mu_k$ and its own $\sum (x-\mu_k)^2 + m_k\mu_k^2$.
#    Try it on values around 10,000 with deviation 1, in float32. Why does the package take two?
# 2. The averages of the devices drift apart. Which of them should be saved: those of the first device, or the mean of all?
#    What is missing in the mean of the variances?
#
# <details><summary>Solution of 1</summary>
#
# ```python
# parts = np.split(np.random.normal(10_000, 1, (64, 1)), 8)
# m = sum(len(p) for p in parts)
# mean = sum(len(p) * p.mean() for p in parts) / m
# squares = sum(np.square(p - p.mean()).sum() + len(p) * np.square(p.mean()) for p in parts) / m
# print(squares - np.square(mean), np.concatenate(parts).var())
# ```
#
# $m_k\mu_k^2$ is some $10^8$ times as large as the variance, and float32 has seven digits: what is left after the
# subtraction is rounding. Sums of squares of *differences from the common mean* have nothing to subtract. (One sum is
# possible if the squares are taken around a value that all devices know and that is near the mean, such as the
# moving average.)
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# The mean of all: it uses $k$ times as many images, and lags no more. But the variance of a device's few images is
# around that device's own mean; what the devices' means differ by is missing, and with $n$ values a device the mean of the
# variances is $(n-1)/n$ of the variance, on average. Recomputing the statistics of the training set (notebook 6) mends
# both.
#
# </details>
#
# ## Where to read on
#
# - Peng et al., 2018: *MegDet: A Large Mini-Batch Object Detector*, arXiv 1711.07240, section 3.2.
# - Wu & Johnson, 2021: *Rethinking "Batch" in BatchNorm*, arXiv 2105.07576, section 2.
# - Li et al., 2014: *Scaling Distributed Machine Learning with the Parameter Server*, OSDI: push and pull.
# - `d2l_bn/workers/group.py` and `d2l_bn/training/together.py`: all that workers agree on.
