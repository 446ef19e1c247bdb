"""What the workers of test_group.py do: one function a task."""

import os
import signal
import sys
import time

import numpy
from mxnet import autograd, np, npx

from d2l_bn import BatchNorm
from d2l_bn.norms.sync_batch import SyncBatchNorm
from d2l_bn.workers.group import current_group

npx.set_np()


def one_big_batch():
    """Forward, gradients and averages of a synchronized layer, with parts of different size."""
    group = current_group()
    random = numpy.random.default_rng(0)
    for mean in (0, 1e4):
        batch = random.normal(mean, 2, (17, 3, 5, 5)).astype("float32")
        upstream = random.normal(size=batch.shape).astype("float32")
        mine = slice(group.rank, None, group.size)
        Y, dX, dgamma, var = answer(BatchNorm(3, 4), batch, upstream)
        y, dx, dg, v = answer(SyncBatchNorm(3, 4), batch[mine], upstream[mine])
        dg = group.sum(f"gamma {mean}", np.array(dg)).asnumpy()
        scale = abs(dX).max()
        assert abs(Y[mine] - y).max() < 1e-5, abs(Y[mine] - y).max()
        assert abs(dX[mine] - dx).max() < 1e-6 * max(scale, 1), abs(dX[mine] - dx).max()
        numpy.testing.assert_allclose(dgamma, dg, 1e-4, 1e-4)
        numpy.testing.assert_allclose(var, v, 1e-5)


def answer(layer, batch, upstream):
    layer.initialize()
    layer.gamma.set_data(np.array([1.0, -2.0, 0.5]).reshape(1, 3, 1, 1))
    X = np.array(batch)
    X.attach_grad()
    with autograd.record():
        Y = layer(X)
    Y.backward(np.array(upstream))
    arrays = Y, X.grad, layer.gamma.grad(), layer.moving_var.data()
    return [array.asnumpy() for array in arrays]


def keeps_its_input():
    group = current_group()
    X = np.array([1.0, 2.0]) * (group.rank + 1)
    for _ in range(3):
        assert group.sum("x", X).tolist() == [3.0, 6.0]
    assert X.tolist() == [1.0 * (group.rank + 1), 2.0 * (group.rank + 1)]


def killed():
    _sum_until(lambda: os.kill(os.getpid(), signal.SIGKILL))


def raises():
    def broken():
        raise ValueError("broken on purpose")

    _sum_until(broken)


def _sum_until(end):
    group = current_group()
    for step in range(1000):
        if step == 2 and group.rank == 1:
            end()
        group.sum("x", np.ones(3)).wait_to_read()


def lonely():
    from d2l_bn.workers import group

    group.SECONDS_TO_CONNECT = 1
    group.current_group()


def sleeps(file):
    current_group()
    with open(file, "a") as started:
        started.write(f"{os.getpid()}\n")
    time.sleep(600)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
