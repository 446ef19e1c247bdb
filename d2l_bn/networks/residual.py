r"""Residual networks: blocks that add what they compute to what they were given.

.. math:: \text{post-activation:}\; y = \varphi(x + f(x)), \quad f = \text{norm} \circ \text{conv}
    \circ \varphi \circ \text{norm} \circ \text{conv}

.. math:: \text{pre-activation:}\; y = x + f(x), \quad f = \text{conv} \circ \varphi \circ
    \text{norm} \circ \text{conv} \circ \varphi \circ \text{norm}

Source: He, Zhang, Ren & Sun 2015, *Deep Residual Learning for Image Recognition*, arXiv:1512.03385,
section 4.2 (the networks for CIFAR-10); the same 2016, *Identity Mappings in Deep Residual
Networks*, arXiv:1603.05027 (pre-activation).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mxnet import init
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_choice, check_count, check_number
from d2l_bn.networks.initializers import INITIALIZERS
from d2l_bn.networks.normalizers import NORMALIZERS
from d2l_bn.networks.residual_block import HybridResidualBlock, ResidualBlock, Scale, Shortcut

__all__ = ["resnet"]

ORDERS = ("post", "pre")
STAGES = (1, 2, 4)  # the width of each, in multiples of the first one's

MakeNorm = Callable[[int, int], Any]  # of the channels and the rank of the input


def resnet(
    depth: int = 20,
    norm: str | MakeNorm | None = "batch",
    *,
    skip: bool = True,
    order: str = "post",
    zero_gamma: bool = False,
    branch_scale: float | None = None,
    width: int = 8,
    num_classes: int = 10,
) -> nn.Sequential | nn.HybridSequential:
    r"""The residual network for small images, such as (N, 1, 28, 28): 6n + 2 layers with weights.

    A 3×3 convolution, three stages of n blocks with two 3×3 convolutions each, the mean over the
    image, and a dense layer to the classes. The stages have ``width``, twice and four times as many
    channels; the first convolution and the first block of the second and third stage halve height
    and width. (He et al. begin with 16 channels and halve twice only: sixteen times the time.)
    Shortcuts have no weights: where a block halves the image, every second pixel of it is taken,
    and zeros fill the new channels (option A of the paper). Convolutions start from He's weights
    and have a bias only where there is no normalizer.

    Arguments:
        depth: 6n + 2: 8, 14, 20, 26, 32, …
        norm: as in :func:`d2l_bn.lenet`: a name, a function of (channels, rank), or ``None``.
        skip: ``False`` leaves the shortcuts out, all else being equal: a plain network.
        order: ``'post'`` or ``'pre'``, see the top of this module. With ``'pre'`` a last normalizer
            and activation stand in front of the mean.
        zero_gamma: γ of the last normalizer of a branch starts at 0, and with it the branch: such a
            block is the identity at the start [Goyal et al. 2017, arXiv:1706.02677, section 5.1].
            Blocks with new channels start with γ = 1: a channel of zeros behind a branch of zeros
            would get no gradient through ReLU, and stay so for ever.
        branch_scale: a trained number, with this value at the start, multiplies each branch; 0 is
            SkipInit [De & Smith 2020, arXiv:2002.10444, section 3], with which ``norm=None`` can be
            trained.
        width: channels of the first stage.
        num_classes: outputs of the last layer.

    Returns:
        A network, not initialized, whose layers are called conv, norm, act, block1, block2, …,
        pool, output; norm and act stand in front of pool with ``order='pre'``. A block has
        ``branch`` and ``shortcut``. As with ``lenet``, it can be hybridized as a whole unless a
        layer cannot.

    Raises:
        ValueError: a depth that is not 6n + 2; an argument out of range; ``zero_gamma`` without a
            normalizer, or with ``order='pre'``, where all gradients of a branch would be 0; either
            of the two zeros without the shortcut that would carry the signal.

    >>> from mxnet import np
    >>> net = resnet(8, norm=None)
    >>> net.initialize()
    >>> net(np.ones((2, 1, 28, 28))).shape
    (2, 10)
    >>> list(net._children)
    ['conv', 'act', 'block1', 'block2', 'block3', 'pool', 'output']
    """
    check_choice("order", order, ORDERS)
    check_count("depth", depth, "the layers with weights")
    check_count("width", width, "the channels of the first stage")
    check_count("num_classes", num_classes, "the outputs of the last layer")
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"depth is {depth}; expected 6n + 2: 8, 14, 20, 26, 32, …")
    if not callable(norm):
        check_choice("norm", norm, (*NORMALIZERS, None))
    if branch_scale is not None:
        check_number("branch_scale", branch_scale, "[0, inf)", "what a branch is multiplied by")
    _check_zeros(norm, skip, order, zero_gamma, branch_scale)
    make_norm = NORMALIZERS[norm] if isinstance(norm, str) else norm

    ends = _normalized(make_norm, width * (1 if order == "post" else STAGES[-1]))
    layers: dict[str, nn.Block] = {"conv": _convolution(width, 2, make_norm)}
    if order == "post":
        layers.update(ends)
    blocks_a_stage, channels = (depth - 2) // 6, width
    for stage, multiple in enumerate(STAGES):
        for number in range(blocks_a_stage):
            strides = 2 if stage > 0 and number == 0 else 1
            inputs, channels = channels, width * multiple
            branch = _branch(make_norm, order, inputs, channels, strides)
            if zero_gamma and strides == 1:
                branch["norm2"].gamma.init = init.Zero()
            if branch_scale is not None:
                branch["scale"] = Scale(branch_scale)
            layers[f"block{stage * blocks_a_stage + number + 1}"] = _block(
                branch, strides, skip, activate=order == "post"
            )
    if order == "pre":
        layers.update(ends)
    layers["pool"] = nn.GlobalAvgPool2D()
    layers["output"] = nn.Dense(num_classes, in_units=channels)
    return _sequential(layers)


def _check_zeros(
    norm: Any, skip: bool, order: str, zero_gamma: bool, branch_scale: float | None
) -> None:
    if zero_gamma and norm is None:
        raise ValueError("zero_gamma=True with norm=None: there is no γ; expected a normalizer")
    if zero_gamma and order == "pre":
        raise ValueError(
            "zero_gamma=True with order='pre': behind γ = 0 come ReLU and a convolution, through "
            "which no gradient of a zero comes back; expected order='post', or branch_scale=0"
        )
    if not skip and (zero_gamma or branch_scale is not None):
        raise ValueError(
            "zero_gamma or branch_scale with skip=False: the branch alone carries the signal; "
            "expected skip=True"
        )


def _branch(
    make_norm: MakeNorm | None, order: str, inputs: int, channels: int, strides: int
) -> dict[str, nn.Block]:
    """Its layers by name, in their order."""
    conv1 = {"conv1": _convolution(channels, strides, make_norm, inputs)}
    conv2 = {"conv2": _convolution(channels, 1, make_norm, channels)}
    if order == "pre":
        norm1 = _normalized(make_norm, inputs, "1")
        return {**norm1, **conv1, **_normalized(make_norm, channels, "2"), **conv2}
    last = _normalized(make_norm, channels, "2")
    del last["act2"]  # comes behind the sum
    return {**conv1, **_normalized(make_norm, channels, "1"), **conv2, **last}


def _convolution(
    channels: int, strides: int, make_norm: MakeNorm | None, inputs: int = 0
) -> nn.Conv2D:
    """3×3 with padding: MXNet's own, which is the faster one for so many channels."""
    return nn.Conv2D(
        channels,
        kernel_size=3,
        strides=strides,
        padding=1,
        use_bias=make_norm is None,
        in_channels=inputs,
        weight_initializer=INITIALIZERS["he"],
    )


def _normalized(make_norm: MakeNorm | None, channels: int, number: str = "") -> dict[str, nn.Block]:
    """A normalizer, if any, and the activation behind it."""
    activation = {f"act{number}": nn.Activation("relu")}
    layer = None if make_norm is None else make_norm(channels, 4)
    if not isinstance(layer, (nn.Block, type(None))):
        raise TypeError(
            f"norm gave a {type(layer).__name__}; expected a function of (channels, rank of the "
            "input) that gives a Gluon block, or None"
        )
    return activation if layer is None else {f"norm{number}": layer, **activation}


def _block(branch: dict[str, nn.Block], strides: int, skip: bool, activate: bool) -> nn.Block:
    if not skip:
        return _sequential({**branch, **({"act2": nn.Activation("relu")} if activate else {})})
    layers, act = _sequential(branch), nn.Activation("relu") if activate else None
    kind = HybridResidualBlock if isinstance(layers, nn.HybridBlock) else ResidualBlock
    return kind(layers, Shortcut(strides), act)


def _sequential(layers: dict[str, nn.Block]) -> nn.Sequential | nn.HybridSequential:
    hybrid = all(isinstance(layer, nn.HybridBlock) for layer in layers.values())
    net = (nn.HybridSequential if hybrid else nn.Sequential)()
    for name, layer in layers.items():
        setattr(net, name, layer)  # registers it as a child of that name
    return net
