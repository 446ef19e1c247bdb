"""LeNet's operations one by one, forward and backward: this package's, Gluon's, PyTorch's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy

SHAPES = {  # of the input, at a batch of 256
    "convolution 1→6, 5×5": (256, 1, 28, 28),
    "convolution 6→16, 5×5": (256, 6, 12, 12),
    "batch normalization": (256, 6, 24, 24),
    "sigmoid": (256, 6, 24, 24),
    "max pooling 2×2": (256, 6, 24, 24),
    "average pooling 2×2": (256, 6, 24, 24),
    "dense 256→120": (256, 256),
    "update of the weights": (44_426,),
}


def milliseconds(run: Callable[[], None], wait: Callable[[], None], repeats: int) -> list[float]:
    """Of each call, after three that do not count."""
    times = []
    for number in range(repeats + 3):
        wait()
        start = time.perf_counter()
        run()
        wait()
        if number >= 3:
            times.append(1e3 * (time.perf_counter() - start))
    return times


def in_mxnet(own: bool) -> dict[str, Callable[[], None]]:
    """From a name to a run forward and backward: in this package's layers, or in Gluon's."""
    from mxnet import autograd, np
    from mxnet.gluon import nn
    from mxnet.optimizer import SGD

    import d2l_bn
    from d2l_bn.networks.convolution import Conv2D
    from d2l_bn.networks.pooling import AvgPool2D, MaxPool2D

    layers = {
        "convolution 1→6, 5×5": (Conv2D if own else nn.Conv2D)(6, kernel_size=5),
        "convolution 6→16, 5×5": (Conv2D if own else nn.Conv2D)(16, kernel_size=5),
        "batch normalization": d2l_bn.BatchNorm(6, 4) if own else nn.BatchNorm(),
        "sigmoid": nn.Activation("sigmoid"),
        "max pooling 2×2": (MaxPool2D if own else nn.MaxPool2D)(2, 2),
        "average pooling 2×2": (AvgPool2D if own else nn.AvgPool2D)(2, 2),
        "dense 256→120": nn.Dense(120),
    }

    def run(layer: nn.Block, X: np.ndarray, dY: np.ndarray) -> Callable[[], None]:
        def step() -> None:
            given = X if X.grad is not None else X.detach()  # as if it were a new batch each time
            with autograd.record():
                Y = layer(given)
            Y.backward(dY)

        return step

    runs = {}
    for name, layer in layers.items():
        layer.initialize()
        layer.hybridize()
        X = np.array(numpy.random.RandomState(0).randn(*SHAPES[name]), dtype="float32")
        if SHAPES[name][1] != 1:  # nobody asks for the gradient of the images
            X.attach_grad()
        runs[name] = run(layer, X, np.ones_like(layer(X)))
    rule = SGD(learning_rate=0.1)
    weight, grad = (np.zeros(44_426).as_nd_ndarray() for _ in range(2))
    runs["update of the weights"] = lambda: rule.update([0], [weight], [grad], [None])
    X, copy = np.ones(SHAPES["batch normalization"]), np.zeros(SHAPES["batch normalization"])
    runs["one copy of (256, 6, 24, 24)"] = lambda: X.copyto(copy)
    return runs


def in_pytorch() -> dict[str, Callable[[], None]]:
    """The same in PyTorch's layers."""
    import torch
    from torch import nn

    layers = {
        "convolution 1→6, 5×5": nn.Conv2d(1, 6, 5),
        "convolution 6→16, 5×5": nn.Conv2d(6, 16, 5),
        "batch normalization": nn.BatchNorm2d(6),
        "sigmoid": nn.Sigmoid(),
        "max pooling 2×2": nn.MaxPool2d(2, 2),
        "average pooling 2×2": nn.AvgPool2d(2, 2),
        "dense 256→120": nn.Linear(256, 120),
    }
    runs = {}
    for name, layer in layers.items():
        X = torch.randn(*SHAPES[name], requires_grad=SHAPES[name][1] != 1)
        dY = torch.ones_like(layer(X))
        runs[name] = lambda layer=layer, X=X, dY=dY: layer(X).backward(dY)
    weight = torch.zeros(44_426, requires_grad=True)
    weight.grad = torch.ones(44_426)
    runs["update of the weights"] = torch.optim.SGD([weight], 0.1).step
    X, copy = torch.ones(SHAPES["batch normalization"]), torch.zeros(SHAPES["batch normalization"])
    runs["one copy of (256, 6, 24, 24)"] = lambda: copy.copy_(X)
    return runs


def compare(repeats: int = 40) -> dict[str, dict[str, float]]:
    """Median milliseconds by operation and by contestant, which take turns at each operation."""
    from mxnet import npx

    contestants = {"this package": in_mxnet(own=True), "Gluon": in_mxnet(own=False)}
    try:
        contestants["PyTorch"] = in_pytorch()
    except ImportError:
        pass
    times: dict[str, dict[str, list[float]]] = {}
    for _ in range(5):
        for contestant, runs in contestants.items():
            for name, run in runs.items():
                measured = milliseconds(run, npx.waitall, repeats // 5)
                times.setdefault(name, {}).setdefault(contestant, []).extend(measured)
    return {
        name: {contestant: statistics.median(values) for contestant, values in row.items()}
        for name, row in times.items()
    }


def table(operations: dict[str, dict[str, float]]) -> str:
    """As Markdown."""
    contestants = list(next(iter(operations.values())))
    lines = [
        f"| forward and backward, ms | {' | '.join(contestants)} |",
        "|---|" + "---|" * len(contestants),
    ]
    for name, row in operations.items():
        lines.append(f"| {name} | {' | '.join(f'{row[c]:.2f}' for c in contestants)} |")
    return "\n".join(lines)
