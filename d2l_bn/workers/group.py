r"""The workers that this process belongs to, and sums over them.

A process that nobody launched as a worker is a group of one, and its own sum.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import sys
import threading
from collections.abc import Iterator

import mxnet as mx
import numpy
from mxnet import autograd, np, npx
from mxnet.base import _LIB, check_call

from d2l_bn._support.launcher import is_worker

__all__ = ["Group", "StoreGroup", "all_sum", "current_group"]

SECONDS_TO_CONNECT = 60


class Group:
    r"""One process alone: the sum over all workers is what it has.

    >>> Group().sum("moments", np.array([1.0, 2.0]))
    array([1., 2.])
    """

    rank = 0
    size = 1

    def prepare(self, name: str, like: np.ndarray) -> None:
        """Agree to sum arrays as ``like`` under ``name``; all workers in the same order."""

    def sum(self, name: str, X: np.ndarray) -> np.ndarray:
        """The sum of every worker's ``X``; carries no gradient, see :func:`all_sum`."""
        return X


class StoreGroup(Group):
    r"""The workers of a distributed key-value store.

    Sums are the same bits on every worker: the server adds once, and all pull the result.

    Arguments:
        store: of ``mx.kv.create('dist_sync')``.
        rank: this worker's number, from 0; the store's own unless given.
    """

    def __init__(self, store: mx.kv.KVStoreBase, rank: int | None = None) -> None:
        # A worker that fails must end; by default it waits for the others to end as well.
        check_call(_LIB.MXKVStoreSetBarrierBeforeExit(store.handle, 0))
        self._store = store
        self._shapes: dict[str, tuple[tuple[int, ...], str]] = {}
        self.rank = store.rank if rank is None else rank
        self.size = store.num_workers

    def prepare(self, name: str, like: np.ndarray) -> None:
        if name in self._shapes:
            return
        self._shapes[name] = _kind(like)
        zeros = np.zeros(like.shape, dtype=like.dtype, ctx=like.ctx)
        self._store.init(name, zeros)
        # The first push makes the store's buffers, and must not happen in two threads at once.
        self.sum(name, zeros).wait_to_read()

    def sum(self, name: str, X: np.ndarray) -> np.ndarray:
        self.prepare(name, X)
        if self._shapes[name] != _kind(X):
            raise ValueError(
                f"{name} was {self._shapes[name]} on this worker and is now {_kind(X)}; expected "
                "one shape and dtype for a name"
            )
        # A backward pass comes in a thread of its own, with legacy arrays.
        total = np.zeros_like(X) if isinstance(X, np.ndarray) else mx.nd.zeros_like(X)
        # A copy: the store takes the array that is pushed for its buffer, and pulls into it.
        self._store.push(name, X.copy())
        self._store.pull(name, out=total)
        return total


def _kind(X: np.ndarray | mx.nd.NDArray) -> tuple[tuple[int, ...], str]:
    return X.shape, numpy.dtype(X.dtype).name


class _AllSum(autograd.Function):
    """y = Σ x over workers; the gradient of each worker's x is the sum of every worker's dy."""

    def __init__(self, name: str, group: Group) -> None:
        super().__init__()
        self._name, self._group = name, group

    def forward(self, X: np.ndarray) -> np.ndarray:
        return self._group.sum(self._name, X)

    def backward(self, dY: mx.nd.NDArray) -> mx.nd.NDArray:
        return self._group.sum(f"{self._name}/gradient", dY)


def all_sum(name: str, X: np.ndarray, group: Group | None = None) -> np.ndarray:
    r"""The sum of every worker's ``X``, differentiable.

    .. math:: y = \sum_k x_k, \qquad
        \frac{\partial \sum_j L_j}{\partial x_k} = \sum_j \frac{\partial L_j}{\partial y}

    Every worker's loss depends on every worker's ``X``: hence the sum in the gradient as well. All
    workers must call it under the same names, in the same order, and run backward if one does.

    Arguments:
        name: of the sum, one for each place in the network.
        X: of the same shape and dtype on every worker.
        group: the workers; those of this process unless given.

    >>> all_sum("moments", np.array([1.0, 2.0]))
    array([1., 2.])
    """
    group = current_group() if group is None else group
    if group.size == 1:
        return X
    group.prepare(name, X)
    group.prepare(f"{name}/gradient", X)
    return _AllSum(name, group)(X) if autograd.is_recording() else group.sum(name, X)


@functools.cache
def current_group() -> Group:
    r"""The group of this process: of the launcher that started it, or itself alone.

    >>> current_group().size
    1
    """
    if not is_worker():
        return Group()
    rank = os.environ.get("D2L_BN_WORKER")
    # MXNet ends the threads of autograd.Function first when it shuts down, and then waits for what
    # they had still to do: a worker that fails in the middle would not end.
    atexit.register(npx.waitall)
    with _time_limit():
        store = mx.kv.create("dist_sync")  # waits for all others
    return StoreGroup(store, None if rank is None else int(rank))


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    """End this process if the others are not there in time: the store itself waits for ever."""

    def give_up() -> None:
        where = ":".join(os.environ.get(f"DMLC_PS_ROOT_{part}", "?") for part in ("URI", "PORT"))
        sys.stderr.write(
            f"the other workers did not come together at {where} in {SECONDS_TO_CONNECT} s: does a "
            "firewall stand between, or does DMLC_INTERFACE have to name the network?\n"
        )
        sys.stderr.flush()
        os._exit(1)

    timer = threading.Timer(SECONDS_TO_CONNECT, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
