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
# # 21 · Why is it slow? From formulas to a kernel
#
# Two layers compute the same numbers by the same formula. One needs more than twenty times as long
# as the other, and neither has a mistake in it. Where does the time go?
#
# **After this notebook you can**
#
# - say how fast an operation *could* be, before you run it, from the bytes (字节) it must move;
# - count the passes that a formula makes over memory (内存), and predict its time from the count;
# - read a kernel (内核) in C, change its loop, and see speed and precision (精度) change.
#
# **Time:** under a minute to run on two CPU cores, 10 minutes to read (code apart), and as long again to predict and to change the kernel.
#
# **Needs:** notebook 5, and for part six a C compiler (编译器). No data, no network connection.
#
# Cells with `None` wait for your answer. Left empty, they do no harm. All times are those of *your*
# machine, measured as you run the cell; close what else is running.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
from mxnet import autograd, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.exercises.predictions import predictions
from d2l_bn.norms import kernels
from d2l_bn.norms.batch import BatchNorm, batch_norm
from d2l_bn.norms.moments import expand, mean_over
from d2l_bn.norms.reference import chapter

npx.set_np()
npx.random.seed(17)
check = predictions("from_formulas_to_a_kernel")

# %% [markdown]
# ## The riddle
#
# The first normalizer of LeNet gets an array of 256 images × 6 channels × 24 × 24 pixels. A clock
# for anything that computes: MXNet only *queues* an operation, so we wait before and after. Each
# contestant runs in turn, several times, and the fastest time counts: nothing makes a program faster
# than it is, but much on a busy machine makes it slower.


# %%
def race(contestants, rounds=15):
    """The fastest milliseconds of each contestant; the first round does not count."""
    times = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            npx.waitall()
            start = time.perf_counter()
            run()
            npx.waitall()
            if number > 0:
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: min(measured) for name, measured in times.items()}


shape = (256, 6, 24, 24)
X, dY = np.random.normal(3, 2, size=shape), np.random.normal(size=shape)
small = (1, 6, 1, 1)
gamma, beta = np.random.uniform(0.5, 2, size=small), np.random.normal(size=small)
zero, one = np.zeros(small), np.ones(small)
for array in (X, gamma, beta):
    array.attach_grad()


def train_step(forward):
    """Forward and backward, as in training."""
    with autograd.record():
        Y = forward(X, gamma, beta)
    Y.backward(dY)


def by_the_chapter(X, gamma, beta):
    return chapter.batch_norm(X, gamma, beta, zero, one, 1e-5, 0.9)[0]


gluon_layer = nn.BatchNorm()
gluon_layer.initialize()


def by_gluon(X, gamma, beta):
    return gluon_layer(X)


seconds = race(
    {
        "the chapter's code": lambda: train_step(by_the_chapter),
        "Gluon's layer": lambda: train_step(by_gluon),
    },
    rounds=3,
)
for name, value in seconds.items():
    print(f"{name:20s} {value:7.1f} ms, forward and backward")

# %% [markdown]
# ## How fast could it be?
#
# Two things take time: computing, and fetching. Count both.
#
# *Computing.* Forward and backward, batch normalization does some 20 additions and multiplications
# for each value. A core of today does at least 10 billion of them a second.

# %%
operations = 20 * X.size
print(f"{X.size:,} values, {operations / 1e6:.0f} million operations")
print(f"at 10 billion a second: {1e3 * operations / 10e9:.1f} ms")

# %% [markdown]
# *Fetching.* The array does not fit into the fast caches (缓存) of a core. How fast memory is,
# a copy tells: it reads every byte once, writes every byte once, and computes nothing.

# %%
target = np.zeros(shape)
copy = race({"copy": lambda: X.copyto(target)}, rounds=30)["copy"]
megabytes = 4 * X.size / 1e6  # float32: 4 bytes a value
bandwidth = 2 * megabytes / copy  # MB/ms, which is GB/s

print(f"the array has {megabytes:.1f} MB, a copy takes {copy:.2f} ms: {bandwidth:.0f} GB/s")

# %% [markdown]
# So a value costs as much to bring as several operations on it. An operation that computes little
# is as slow as memory: it is *memory-bound* (访存受限). The line "time = bytes / bandwidth" is one
# side of what is called the *roofline* (屋顶线模型); the other side is the processor's own speed.
#
# From now on we count time in **copies**. Forward, batch normalization must read X and write Y: one
# copy. Backward it must read dY and X, and write dX: one and a half.
#
# **Predict.** How many copies does the chapter's code take, forward and backward? Put your guess in
# place of `None`.

# %%
guess = None

measured = seconds["the chapter's code"] / copy
print(f"the chapter's code: {measured:.0f} copies, where 2.5 would do")
if guess is not None:
    print(f"your guess: {guess}, {max(guess, measured) / min(guess, measured):.1f} times off")

# %% [markdown]
# ## Part one: counting passes
#
# Here is the chapter's forward pass. Each operation is a *pass* (遍历): it reads whole arrays from
# memory and writes a whole array back, even if the next line needs it again at once.
#
# ```python
# mean  = X.mean(axis=(0, 2, 3), keepdims=True)               # read X
# var   = ((X - mean) ** 2).mean(axis=(0, 2, 3), ...)         # read, write; read, write; read
# X_hat = (X - mean) / np.sqrt(var + eps)                     # read, write; read, write
# Y     = gamma * X_hat + beta                                # read, write; read, write
# ```
#
# **Predict.** How many times does an array of the size of X cross the line between memory and
# processor? Count the words *read* and *write*.

# %%
crossings = None

check("crossings", crossings)

# %% [markdown]
# A pass that does everything while the value is at hand is called *fused* (算子融合). For batch
# normalization one pass is not enough, since the last value changes the mean of the first; but one
# channel is small enough to stay in the cache between the passes. So memory is read once.

# %% tags=["cover"]
chapters = [
    ("μ", 1, 0),
    ("x − μ", 1, 1),
    ("( )²", 1, 1),
    ("σ²", 1, 0),
    ("x − μ", 1, 1),
    ("/ √", 1, 1),
    ("γ ·", 1, 1),
    ("+ β", 1, 1),
]
ax = figures.draw_memory_passes(
    {"the chapter, forward": chapters, "fused, forward": [("μ, σ², y", 1, 1)]}
)
figures.show(
    ax,
    alt="Arrows between memory and processor: eight operations of the chapter's forward pass cross the line 14 "
    "times, the fused one crosses it twice, once to read and once to write.",
)

# %% [markdown]
# 14 crossings are 7 copies. The chapter's code took far more. So there must be a second reason.
#
# ## Part two: some passes are slower than others

# %%
mean = mean_over(X, (0, 2, 3))
times = race(
    {
        "X.mean(axis=(0, 2, 3))": lambda: X.mean(axis=(0, 2, 3)),
        "the same as products with ones": lambda: mean_over(X, (0, 2, 3)),
        "X - mean, broadcast": lambda: X - mean,
        "X - expand(mean), products": lambda: X - expand(mean, shape),
        "X ** 2": lambda: X**2,
        "X * X": lambda: X * X,
    }
)
for name, value in times.items():
    print(f"{name:32s} {value:6.2f} ms = {value / copy:5.1f} copies")

# %% [markdown]
# A mean only reads, and should cost half a copy. MXNet walks over the array element by element, and
# works out for each where it belongs; for `** 2` it calls the general power, which knows roots and
# fractions. A sum over the last axes is also a product with a vector of ones,
#
# $$\sum_{h,w} x_{nchw} = \sum_k x_{nc,k} \cdot 1,$$
#
# and for products every library has code that runs as fast as memory. That is all that the
# package's `mean_over` does:
#
# ```python
# ones = np.ones((H, W))
# mean = np.tensordot(X, ones, 2) / (H * W)     # (N, C, H, W) · (H, W) -> (N, C)
# mean = mean.mean(axis=0)                      # the small rest
# ```
#
# The same formulas with products for sums are what the package's `batch_norm` computes:


# %%
def by_products(X, gamma, beta):
    return batch_norm(X, gamma, beta, zero, one)[0]


times = race({"products": lambda: train_step(by_products)})
print(f"forward and backward: {times['products'] / copy:.0f} copies")

# %% [markdown]
# ## Part three: memory that is not there
#
# There is a third reason, and it does not stand in any line of the code. Each operation makes a new array.
# Its memory comes from the operating system, which only *promises* it: the first touch of each piece
# of 4 kB stops the program, the system looks for a free page (内存页), fills it with zeros, and lets
# the program go on. That is a *page fault* (缺页). Where a freed array goes back to the system at
# once, the next one pays again.
#
# glibc, the C library of Linux, can be told to keep freed memory. This package tells it, unless one
# of its variables is set. So here are two new Python processes, one with the default of the
# system, one without page faults. Each runs the two array versions, and counts.

# %%
PROGRAM = """
import json, resource, time
from mxnet import autograd, np, npx
from d2l_bn.norms.batch import batch_norm
from d2l_bn.norms.reference import chapter

X, dY = np.random.normal(3, 2, size=(2, 256, 6, 24, 24))
one, zero = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
X.attach_grad()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

measured = {}
for name, function in (("chapter", chapter.batch_norm), ("products", batch_norm)):
    times, counts = [], []
    for _ in range(9):
        npx.waitall()
        start, before = time.perf_counter(), faults()
        with autograd.record():
            Y = function(X, one, zero, zero, one, 1e-5, 0.9)[0]
        Y.backward(dY)
        npx.waitall()
        times.append(1e3 * (time.perf_counter() - start))
        counts.append(faults() - before)
    measured[name] = [min(times[2:]), min(counts[2:])]
print(json.dumps(measured))
"""


def in_a_new_process(**variables):
    command = [sys.executable, "-c", PROGRAM]
    output = subprocess.check_output(command, env={**os.environ, **variables}, text=True)
    return json.loads(output.splitlines()[-1])


given_back = in_a_new_process(MALLOC_MMAP_THRESHOLD_="131072", MALLOC_TRIM_THRESHOLD_="131072")
kept = in_a_new_process()
for name in kept:
    for how, measured in (("given back", given_back), ("kept", kept)):
        milliseconds, count = measured[name]
        print(f"{name:9s} memory {how:10s}  {milliseconds:7.1f} ms  {count:8.0f} page faults")

# %% [markdown]
# **Work out.** An array has 884,736 values of 4 bytes, a page has 4,096 bytes. How many page faults
# does *one* new array cost?

# %%
faults = None

check("page_faults", faults)

# %% [markdown]
# ## Part four: the backward pass in closed form
#
# `autograd` (自动微分) walks back through every operation, and each has a backward pass of its own:
# twice as many passes as forward. Notebook 4 found the closed form. With
# $\hat x = (x - \mu)\,r$ and $r = 1/\sqrt{\sigma^2 + \varepsilon}$, per channel:
#
# $$dx = \gamma\, r \left( dy - \tfrac1m \textstyle\sum dy - \hat x\, \tfrac1m \sum dy\, \hat x
# \right)$$


# %%
def closed_form(X, gamma, beta):
    """Forward, and the gradient of X by the formula, in array operations."""
    axes = (0, 2, 3)
    with autograd.pause():
        centred = X - expand(mean_over(X, axes), shape)
        r = 1 / np.sqrt(mean_over(centred * centred, axes) + 1e-5)
        X_hat = centred * expand(r, shape)
        Y = X_hat * expand(gamma, shape) + expand(beta, shape)
        removed = expand(mean_over(dY, axes), shape) + X_hat * expand(
            mean_over(dY * X_hat, axes), shape
        )
        return Y, expand(gamma * r, shape) * (dY - removed)


train_step(by_products)
difference = np.abs(closed_form(X, gamma, beta)[1] - X.grad).max().item()
print(f"largest difference from autograd: {difference:.0e}")

# %% [markdown]
# Fewer passes, but still some twenty arrays are written and read again. No formula in whole arrays
# can do better. What is needed is a loop.
#
# ## Part five: the kernel
#
# The package has batch normalization in C++, which MXNet loads as an operator of its own. This is
# the part that matters, as it stands in `d2l_bn/norms/kernels/moments.h`:

# %%
source = Path(kernels.__file__).with_name("moments.h").read_text(encoding="utf-8")
start = source.index("template <typename T>\nvoid moments(")
print(source[start : source.index("\n}\n", start) + 2])

# %% [markdown]
# Two passes over one channel: the sum, and then the squares of the differences. A third pass writes
# `(x - mean) * scale + shift`. One channel has 590 kB: the second and the third pass find it in the
# cache. `sum` and `add_sums` are loops with the line `#pragma omp simd reduction(+ : …)`, which
# allows the compiler to add eight numbers at once (SIMD, 单指令多数据).
#
# **Predict** the order of the five before you run the cell, the slowest first.


# %%
layer = BatchNorm(6, num_dims=4)  # takes the kernel where it was built
layer.initialize()

taken = {
    "1 the chapter's code": given_back["chapter"][0],
    "2 products with ones": given_back["products"][0],
    **race(
        {
            "3 no page faults": lambda: train_step(by_products),
            "4 closed form": lambda: closed_form(X, gamma, beta),
            "5 the kernel": lambda: train_step(lambda X, *_: layer(X)),
            "(Gluon's layer)": lambda: train_step(by_gluon),
        }
    ),
}
print(f"here runs: {kernels.status()}\n")
for name, value in taken.items():
    speedup = taken["1 the chapter's code"] / value
    print(f"{name:22s} {value:7.2f} ms {value / copy:7.1f} copies   {speedup:5.1f} times as fast")

# %%
ax = figures.new_axes(height=2.8)
names = list(taken)[::-1]
for row, name in enumerate(names):
    ax.plot(taken[name] / copy, row, "o", color=figures.COLOURS[0], markersize=9)
    ax.text(1.15 * taken[name] / copy, row, f"{taken[name] / copy:.0f}", va="center")
ax.axvline(2.5, color="black", linestyle="--", linewidth=1)
ax.text(2.6, len(names) - 0.8, "what must be moved", fontsize=9, va="center")
ax.set_yticks(range(len(names)), names)
ax.set_ylim(-0.6, len(names) - 0.4)
ax.set_xlim(2, 2.5 * max(taken.values()) / copy)
ax.set_xscale("log")
ax.set_xlabel("copies of the array, forward and backward (each line ten times the one before)")
figures.show(
    ax,
    alt="The time of the five versions and of Gluon's layer in copies of the array, as dots on a logarithmic axis: "
    "each version is further left, the kernel nearest to the dashed line of what must be moved.",
)

# %% [markdown]
# Neither the formula nor the processor has changed. What changed is how often each value travels.
# The kernel is still above the dashed line: a call of an operator costs some 0.1 ms whatever it
# computes, and backward makes a second round over dY and X.
#
# ## Part six: your own kernel
#
# A kernel is a short piece of C. This one computes the mean and the variance of 1,500 rows of 576
# values, in `float` within a row and in `double` from row to row, as the package's does.

# %%
KERNEL = r"""
void moments(const float *x, long rows, long n, double *mean, double *var) {
  double sum = 0, squares = 0, m = (double)rows * n;
  for (long r = 0; r < rows; ++r) {
    float s = 0;
#pragma omp simd reduction(+ : s)
    for (long i = 0; i < n; ++i) s += x[r * n + i];
    sum += s;
  }
  const float mu = sum / m;
  for (long r = 0; r < rows; ++r) {
    float q = 0;
#pragma omp simd reduction(+ : q)
    for (long i = 0; i < n; ++i) q += (x[r * n + i] - mu) * (x[r * n + i] - mu);
    squares += q;
  }
  *mean = sum / m;
  *var = squares / m;
}
"""


def compiled(source, flags=("-O3", "-fopenmp-simd", "-ffp-contract=off")):
    """The function ``moments`` of a C source, or None where there is no compiler."""
    folder = Path(tempfile.mkdtemp())
    (folder / "kernel.c").write_text(source)
    library = folder / "kernel.so"
    command = ["cc", *flags, "-shared", "-fPIC", folder / "kernel.c", "-o", library]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        return None
    return ctypes.CDLL(str(library)).moments


def run_kernel(function, values):
    """Mean, variance, and the milliseconds of the fastest of twenty calls."""
    mean, var = ctypes.c_double(), ctypes.c_double()
    pointer = values.ctypes.data_as(ctypes.c_void_p)
    rows, n = (ctypes.c_long(size) for size in values.shape)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        function(pointer, rows, n, ctypes.byref(mean), ctypes.byref(var))
        times.append(1e3 * (time.perf_counter() - start))
    return mean.value, var.value, min(times)


values = numpy.random.RandomState(17).normal(size=(1500, 576)).astype("float32")
two_pass = compiled(KERNEL)
if two_pass is None:
    print("no C compiler here: read on, and run this cell where there is one")
else:
    print("mean {:.5f}, variance {:.5f}, {:.2f} ms".format(*run_kernel(two_pass, values)))

# %% [markdown]
# There is a formula that needs one pass only: $\sigma^2 = E[x^2] - E[x]^2$. Half the reading!
#
# **Predict:** what will change, and when, if the mean is 10,000 instead of 0?

# %%
ONE_PASS = r"""
void moments(const float *x, long rows, long n, double *mean, double *var) {
  double sum = 0, squares = 0, m = (double)rows * n;
  for (long r = 0; r < rows; ++r) {
    float s = 0, q = 0;
#pragma omp simd reduction(+ : s, q)
    for (long i = 0; i < n; ++i) { s += x[r * n + i]; q += x[r * n + i] * x[r * n + i]; }
    sum += s;
    squares += q;
  }
  *mean = sum / m;
  *var = squares / m - *mean * *mean;
}
"""
one_pass = compiled(ONE_PASS)
if one_pass is not None:
    print(f"{'':10s} {'mean':>8s} {'true variance':>14s} {'computed':>10s} {'ms':>6s}")
    for centre in (0, 100, 10_000):
        shifted = (values + numpy.float32(centre)).astype("float32")
        truth = shifted.astype("float64").var()
        for name, function in (("two passes", two_pass), ("one pass", one_pass)):
            _, var, ms = run_kernel(function, shifted)
            print(f"{name:10s} {centre:8d} {truth:14.5f} {var:10.5f} {ms:6.2f}")

# %% [markdown]
# At a mean of 10,000 both $E[x^2]$ and $E[x]^2$ are near 100,000,000, and `float` has seven digits:
# their difference, 1, is lost, and may even be negative. This is called *cancellation* (抵消). The
# one pass was faster and wrong. A kernel gives you both choices, and nobody checks them for you:
# that is why the package keeps the slow array version, and tests the fast one against it.
#
# ## Part seven: what is left
#
# How does the time of a whole LeNet divide up now? Each layer, forward and backward, on the array
# that it meets in the network:

# %%
net = d2l_bn.lenet()
net.initialize()
signal = np.random.uniform(size=(256, 1, 28, 28))
inputs = {}
for name, child in net._children.items():
    inputs[name] = signal
    signal = child(signal)


def layer_step(child, X):
    X.attach_grad()

    def run():
        with autograd.record():
            Y = child(X)
        Y.backward()

    return run


times = race({name: layer_step(child, inputs[name]) for name, child in net._children.items()})
kinds = {"conv": "convolutions", "norm": "batch norm", "act": "sigmoids", "pool": "pooling"}
shares = {}
for name, value in times.items():
    kind = kinds.get(name.rstrip("0123456789"), "dense layers")
    shares[kind] = shares.get(kind, 0) + value
ax = figures.draw_bars(
    {"LeNet": shares}, ylabel="ms, forward and backward", title="A batch of 256 images"
)
figures.show(
    ax,
    alt="Bars: the milliseconds of LeNet's convolutions, normalizations, sigmoids, pooling and dense layers, "
    "forward and backward. The convolutions have most.",
)

# %% [markdown]
# The convolutions (卷积) have most of it now. They are *compute-bound* (计算受限): every value is
# used many times, so memory is not what they wait for. Their time depends on how well the processor's
# vector units are fed. The framework's code is oneDNN's, made for channels in groups of 8 or 16; LeNet
# has 1 and 6. The package's own, `convolution.cc` beside `batch_norm.cc`, takes eight neighbours in a
# row of the image instead, and keeps sums of several rows and outputs in registers, so that each
# vector that was fetched is used more than once.
#
# Groups of channels are also what ails the framework's pooling (汇聚), which computes next to nothing:

# %%
pool, gluon_pool = net.pool1, nn.MaxPool2D(2, 2)
P = inputs["pool1"]
times = race(
    {
        "the package's max pooling": layer_step(pool, P),
        "Gluon's max pooling": layer_step(gluon_pool, P),
    }
)
for name, value in times.items():
    print(f"{name:28s} {value:6.2f} ms = {value / copy:5.1f} copies")

# %% [markdown]
# It must read X and write a quarter of it, then read that quarter and write dX: 1.25 copies. On some
# processors oneDNN has fast code for it, on others a slow one for every case that nobody had in
# mind.
#
# **And on a GPU?** Its memory is 10 to 30 times as fast and its arithmetic some 100 times, so that
# even more operations are memory-bound; fusion matters more, not less. But its thousands of threads
# hide the index arithmetic that made `mean(axis=…)` slow here, and its memory is never given back
# between two operations. So parts two and three disappear, part one stays: on the GPU of the
# chapter's authors, the layer in array operations took 3.6 s an epoch, the fused one 2.4 s.

# %% [markdown]
# ## Summary
#
# | step | what was wrong | how it was seen |
# |---|---|---|
# | 1 the chapter's code | general code for sums and powers | one operation against a copy |
# | 2 products with ones | fresh memory for every array | page faults |
# | 3 no page faults | autograd's passes | counting reads and writes |
# | 4 closed form | every operation goes to memory and back | the picture of the passes |
# | 5 the kernel | a call's own cost, a second look at X | the dashed line |
#
# - Before you optimize, ask what the machine *must* do: bytes over bandwidth, operations over speed.
# - Measure in a unit of your machine, such as a copy, and let the contestants take turns.
# - Fuse: a value that is at hand is free; a value that was written back is not.
# - Fast and right are two things. Keep a slow version that anyone can read, and test against it.
#
# ## Exercises
#
# 1. The update of the weights, $w \leftarrow w - \eta g$, written as `w[:] = w - lr * g`: how many
#    crossings, and how many if it is fused?
# 2. Make the one-pass kernel right without giving up its one pass: subtract the *first* value of the
#    array from every $x$, and correct the mean at the end. Compile it with `compiled`, and run it on
#    a mean of 10,000. On which data does it still fail?

# %%
crossings_plain, crossings_fused = None, None  # exercise 1

check("plain_update", crossings_plain)
check("fused_update", crossings_fused)

MY_KERNEL = ONE_PASS  # exercise 2: change it
mine = compiled(MY_KERNEL)
if mine is not None:
    shifted = (values + numpy.float32(10_000)).astype("float32")
    truth = shifted.astype("float64").var()
    print(f"true variance {truth:.5f}, yours {run_kernel(mine, shifted)[1]:.5f}")

# %% [markdown]
# <details><summary>Solutions</summary>
#
# 1. `lr * g` reads and writes (2), `w - …` reads two and writes one (3), `w[:] = …` reads and
#    writes (2): 7. Fused it reads w and g and writes w: 3. MXNet's `sgd_update` is such a kernel.
# 2. Take `const float k = x[0];`, sum `x[r * n + i] - k` and its square, and at the end
#    `*mean = k + sum / m; *var = squares / m - (sum / m) * (sum / m);`. It fails where the first
#    value is far from all others: one outlier of 0 before values around 10,000 brings the
#    cancellation back.
#
# </details>
#
# ## Where to read on
#
# - `d2l_bn/norms/kernels/`: all of the package's C++, and how it becomes an operator of MXNet's.
# - Williams, Waterman & Patterson, *Roofline: An Insightful Visual Performance Model for Multicore
#   Architectures*, 2009.
# - Chan, Golub & LeVeque, *Algorithms for Computing the Sample Variance*, 1983: one pass, two passes,
#   and what lies between.
# - Dao et al., *FlashAttention*, 2022, arXiv 2205.14135: the same thought, for attention.
# - Andrej Karpathy, *llm.c*, `doc/layernorm/layernorm.md`: layer normalization from PyTorch to C.
