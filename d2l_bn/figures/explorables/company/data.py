r"""A small network, trained on drawn garments, and garments to fill its batch of eight with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from .. import pictures

if TYPE_CHECKING:
    from mxnet.gluon import nn

TRAINING, BATCH, EPOCHS, LR = 5000, 100, 5, 1.0
PIXELS, HIDDEN, CLASSES = pictures.SIDE**2, 24, 10
EACH, SANDAL = 7, 5
FRAMED = 13  # which sandal: not among the seven, and right in prediction mode
STILL = {"others": [35, 36, 37, 38, 39, 40, 41]}  # of what there is a picture where no scripts run


def build() -> dict:
    r"""The ``network``'s numbers, seven ``garments`` of each class, and the ``framed`` sandal.

    The garments are of another draw than those of the training.
    """
    from d2l_bn.data.garments import garments

    images, labels = garments(500, seed=1)
    shown = [numpy.flatnonzero(labels == c)[:EACH] for c in range(CLASSES)]
    return {
        "network": numbers(trained()),
        "garments": [pictures.small(image) for image in images[numpy.concatenate(shown)]],
        "framed": pictures.small(images[numpy.flatnonzero(labels == SANDAL)[FRAMED]]),
    }


def untrained() -> nn.Sequential:
    """Dense, BN, sigmoid, dense; the first dense layer needs no bias, as BN takes its mean away."""
    from mxnet.gluon import nn

    from d2l_bn.norms.batch import BatchNorm

    net = nn.Sequential()
    net.add(
        nn.Dense(HIDDEN, in_units=PIXELS, use_bias=False),
        BatchNorm(HIDDEN, num_dims=2),
        nn.Activation("sigmoid"),
        nn.Dense(CLASSES, in_units=HIDDEN),
    )
    net.initialize()
    net.cast("float64")  # so that the training ends alike on every machine
    return net


def trained() -> nn.Sequential:
    from mxnet import np

    from d2l_bn.data.garments import garments
    from d2l_bn.networks.initializers import draw
    from d2l_bn.training.loop import train

    images, labels = garments(TRAINING)
    pixels = numpy.stack([pictures.pixels(pictures.small(image)) for image in images])
    X, y = np.array(pixels.reshape(TRAINING, PIXELS)), np.array(labels.astype("int32"))
    net = untrained()
    for seed, layer in enumerate((net[0], net[3])):
        outputs, inputs = layer.weight.shape
        layer.weight.set_data(np.array(draw("xavier", inputs, outputs, seed).T))
    batches = [(X[i : i + BATCH], y[i : i + BATCH]) for i in range(0, TRAINING, BATCH)]
    train(net, batches, epochs=EPOCHS, lr=LR)
    return net


def parameters(net: nn.Sequential) -> dict:
    """The network's parameters by the names that they have in the data."""
    dense, norm, _, output = net
    return {
        "weight": dense.weight,  # (24, 196)
        "gamma": norm.gamma,
        "beta": norm.beta,
        "mean": norm.moving_mean,
        "variance": norm.moving_var,
        "output": output.weight,  # (10, 24)
        "bias": output.bias,
    }


def numbers(net: nn.Sequential) -> dict:
    found = {
        name: parameter.data().asnumpy().round(3).ravel().tolist()
        for name, parameter in parameters(net).items()
    }
    return {**found, "eps": net[1].eps}


def network(numbers: dict) -> nn.Sequential:
    """The package's network with the numbers of the data."""
    from mxnet import np

    net = untrained()
    for name, parameter in parameters(net).items():
        parameter.set_data(np.array(numbers[name], dtype="float64").reshape(parameter.shape))
    return net
