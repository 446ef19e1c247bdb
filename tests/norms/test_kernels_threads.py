"""Threads in the operators: where they pay, with the same bits, and also after a fork."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from d2l_bn.norms import kernels
from d2l_bn.norms.kernels import build

pytestmark = [
    pytest.mark.skipif(not kernels.available(), reason=f"runs on {kernels.status()}"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc"),
]

STEP = """
import hashlib, os, sys
import numpy
from mxnet import autograd, np, npx
import d2l_bn
from d2l_bn.networks.convolution import Conv2D
from d2l_bn.networks.pooling import AvgPool2D, MaxPool2D
from d2l_bn.norms.group import GroupNorm

d2l_bn.lenet  # NumPy mode
layers = [
    Conv2D(5, kernel_size=3, in_channels=2),
    d2l_bn.BatchNorm(2, num_dims=4),
    GroupNorm(2, num_dims=4, num_groups=2),
    MaxPool2D(2, 2),
    AvgPool2D(2, 2),
]


def step(layer, size=40):
    # Below MXNet's own threshold for threads, above that of the operators.
    X = np.array(numpy.random.RandomState(1).normal(size=(31, 2, size, size)), dtype="float32")
    X.attach_grad()
    layer.initialize()
    for seed, parameter in enumerate(layer.collect_params().values()):
        values = numpy.random.RandomState(seed).uniform(0.5, 2, size=parameter.shape)
        parameter.set_data(np.array(values, dtype="float32"))
    with autograd.record():
        Y = layer(X)
    Y.backward(Y)
    parameters = layer.collect_params().values()
    gradients = [p.grad() for p in parameters if p.grad_req != "null"]
    return b"".join(array.asnumpy().tobytes() for array in (Y, X.grad, *gradients))


def threads():
    return len(os.listdir("/proc/self/task"))
"""


def python(code, threads):
    done = subprocess.run(
        [sys.executable, "-c", STEP + code],
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_bit_depends_on_the_number_of_threads():
    code = "print(*(hashlib.sha256(step(layer)).hexdigest() for layer in layers))"
    one = python(code, 1)
    assert len(set(one.split())) == 5
    for threads in (2, 3):
        assert python(code, threads) == one


@pytest.mark.skipif(not build.uses_threads(), reason="built by a compiler without GCC's OpenMP")
def test_threads_come_for_large_arrays_only():
    code = "step(layers[1], 5); before = threads(); step(layers[1]); print(threads() - before)"
    grown = {threads: [int(python(code, threads)) for _ in range(3)] for threads in (1, 3)}
    # MXNet may start a thread of its own at any moment, and ends none.
    assert min(grown[1]) == 0 and min(grown[3]) >= 1


def test_a_forked_process_computes_after_its_parent_did():
    """A sweep may start its processes this way, and threads are not copied by a fork."""
    code = """
expected = [step(layer) for layer in layers]
child = os.fork()
if child == 0:
    os._exit(0 if [step(layer) for layer in layers] == expected else 3)
print(os.waitpid(child, 0)[1])
"""
    assert python(code, 2) == "0\n"
