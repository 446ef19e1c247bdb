r"""How a signal fares on its way through a deep network, forwards and backwards.

Source: Glorot & Bengio 2010; Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn.networks.batch_norm_layers import kept_averages

__all__ = ["Signal", "propagate"]


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
        net: an initialized sequence of layers, such as ``deep_network()`` or ``lenet()`` make.
        X, y: a batch.

    Returns:
        A :class:`Signal` for each layer, by name, in their order.

    >>> from d2l_bn.networks.deep_network import deep_network
    >>> net = deep_network(depth=3, width=50, rule="0.01")
    >>> X, y = np.random.normal(size=(64, 784)), np.zeros((64,))
    >>> signals = propagate(net, X, y)
    >>> deviations = [signals[f"act{k}"].forward for k in (1, 2, 3)]
    >>> deviations[1] < 0.1 * deviations[0], deviations[2] < 0.1 * deviations[1]  # dying away
    (True, True)
    """
    # MXNet gives gradients of inputs and parameters, not of values in between. So to each output a
    # variable is added that is zero: its gradient is that of the output.
    outputs, taps = {}, {}
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    with kept_averages(net):  # Gluon's layers move theirs on the way back
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
