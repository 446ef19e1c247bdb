r"""How a signal fares on its way through a deep network, forwards and backwards.

Source: Glorot & Bengio 2010; Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_count
from d2l_bn.networks.activations import ACTIVATIONS
from d2l_bn.networks.batch_norm_layers import kept_averages
from d2l_bn.networks.initializers import INITIALIZERS

__all__ = ["Signal", "deep_network", "propagate"]


def deep_network(
    depth: int = 10,
    width: int = 128,
    *,
    activation: str = "relu",
    rule: str = "he",
    normalize: bool = False,
    num_classes: int = 10,
    in_units: int = 784,
) -> nn.HybridSequential:
    r"""``depth`` dense layers of equal width, each with its activation, and one to the classes.

    Layers are called dense1, norm1 (with ``normalize``: Gluon's batch normalization), act1, dense2,
    …, output. The network is initialized.

    Arguments:
        activation: a name of :data:`d2l_bn.networks.activations.ACTIVATIONS`.
        rule: a name of :data:`d2l_bn.networks.initializers.INITIALIZERS`, for all dense layers.

    Raises:
        ValueError: an unknown name, a size below 1.

    >>> net = deep_network(depth=2, width=5, normalize=True)
    >>> list(net._children)
    ['dense1', 'norm1', 'act1', 'dense2', 'norm2', 'act2', 'output']
    """
    check_count("depth", depth, "the hidden layers")
    check_count("width", width, "the units of a layer")
    choices = ("activation", activation, ACTIVATIONS), ("rule", rule, INITIALIZERS)
    for what, name, table in choices:
        if name not in table:
            raise ValueError(f"{what} is {name!r}; expected one of {', '.join(map(repr, table))}")
    net = nn.HybridSequential()
    for number in range(1, depth + 1):
        inputs = in_units if number == 1 else width
        net.register_child(nn.Dense(width, in_units=inputs), f"dense{number}")
        if normalize:
            net.register_child(nn.BatchNorm(in_channels=width), f"norm{number}")
        net.register_child(ACTIVATIONS[activation].layer(), f"act{number}")
    net.register_child(nn.Dense(num_classes, in_units=width), "output")
    net.initialize(INITIALIZERS[rule])
    return net


@dataclass(frozen=True)
class Signal:
    r"""What one layer gave for a batch, and what came back to it.

    ``gradients`` are those of the *sum* of the losses with respect to the layer's output.
    """

    outputs: numpy.ndarray
    gradients: numpy.ndarray

    @property
    def forward(self) -> float:
        """The standard deviation of the outputs."""
        return float(self.outputs.std())

    @property
    def backward(self) -> float:
        """The root of the mean square of the gradients."""
        return float(numpy.sqrt(numpy.square(self.gradients.astype("float64")).mean()))


def propagate(net: nn.Sequential, X: np.ndarray, y: np.ndarray) -> dict[str, Signal]:
    r"""One batch forwards and backwards, in training mode: what each layer sees.

    The network is as it was afterwards, its moving averages and its gradients included (as long as
    ``grad_req`` is ``'write'``).

    Arguments:
        net: an initialized sequence of layers, such as :func:`deep_network` or the LeNet.
        X, y: a batch.

    Returns:
        A :class:`Signal` for each layer, by name, in their order.

    >>> net = deep_network(depth=3, width=50, rule="0.01")
    >>> X, y = np.random.normal(size=(64, 784)), np.zeros((64,))
    >>> signals = propagate(net, X, y)
    >>> deviations = [signals[f"act{k}"].forward for k in (1, 2, 3)]
    >>> deviations[1] < 0.1 * deviations[0], deviations[2] < 0.1 * deviations[1]  # dying away
    (True, True)
    """
    with kept_averages(net):
        return _propagate(net, X, y)


def _propagate(net: nn.Sequential, X: np.ndarray, y: np.ndarray) -> dict[str, Signal]:
    # MXNet gives gradients of inputs and parameters, not of values in between. So to each output a
    # variable is added that is zero: its gradient is that of the output.
    outputs, taps = {}, {}
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    with autograd.record():
        for name, layer in net._children.items():
            X = layer(X)
            with autograd.pause():
                taps[name] = np.zeros_like(X)
            taps[name].attach_grad()
            X = outputs[name] = X + taps[name]
        loss = loss_function(X, y)
    gradients = autograd.grad(loss, list(taps.values()))
    return {
        name: Signal(output.asnumpy(), gradient.asnumpy())
        for (name, output), gradient in zip(outputs.items(), gradients)
    }
