"""What all tests share: one thread, no display, the same random numbers each time."""

from __future__ import annotations

import os
import random

# Before MXNet is imported: with one thread, sums have one order and results one value.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MPLBACKEND"] = "Agg"

import d2l_bn._support.backend  # noqa: F401, I001  says in one message why MXNet cannot run, if so
import mxnet as mx
import numpy
import pytest
from hypothesis import settings

settings.register_profile("d2l_bn", deadline=None, derandomize=True)
settings.load_profile("d2l_bn")


def pytest_collection_modifyitems(items):
    """What takes longest starts first: the other processes do the rest meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def seeds():
    """The same random numbers in each test, whatever ran before it."""
    random.seed(0)
    numpy.random.seed(0)
    mx.random.seed(0)


@pytest.fixture(scope="session")
def fashion_mnist_source() -> str | None:
    """Where this machine has the real data; None if nowhere."""
    from d2l_bn.data.fashion_mnist import find_local

    return find_local()


@pytest.fixture(autouse=True)
def _skip_without_real_data(request):
    if request.node.get_closest_marker("real_data"):
        if request.getfixturevalue("fashion_mnist_source") is None:
            pytest.skip("no Fashion-MNIST on this machine; `make data` fetches it")


@pytest.fixture
def run(monkeypatch, capsys):
    """``run("d2l-bn train", ...)`` gives (status, stdout, stderr), in this process."""
    from command_line import InProcess

    return InProcess(monkeypatch, capsys)
