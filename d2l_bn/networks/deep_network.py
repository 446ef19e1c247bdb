r"""A deep network of dense layers, in which a signal dies or grows."""

from __future__ import annotations

from mxnet.gluon import nn

from d2l_bn._support.arguments import check_choice, check_count
from d2l_bn.networks.activations import ACTIVATIONS
from d2l_bn.networks.initializers import INITIALIZERS

__all__ = ["deep_network"]


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
    check_choice("activation", activation, ACTIVATIONS)
    check_choice("rule", rule, INITIALIZERS)
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
