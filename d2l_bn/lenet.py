r"""LeNet with any normalizer in its four places, or with none.

Source: LeCun, Bottou, Bengio & Haffner 1998, *Gradient-Based Learning Applied to Document
Recognition*; *Dive into Deep Learning*, sections "LeNet" and "Batch Normalization", whose
configuration this is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mxnet.gluon import nn

from d2l_bn.norms.batch import BatchNorm
from d2l_bn.norms.checks import check_count

__all__ = ["NORMALIZERS", "lenet"]

#: From a name to a function of (channels, rank of the input) that makes the layer.
NORMALIZERS: dict[str, Callable[[int, int], nn.Block]] = {
    "batch": lambda channels, rank: BatchNorm(channels, num_dims=rank),
    "gluon": lambda channels, rank: nn.BatchNorm(in_channels=channels),
}
ACTIVATIONS = ("sigmoid", "relu", "tanh", "softrelu", "softsign")
POOLINGS = {"max": nn.MaxPool2D, "avg": nn.AvgPool2D}
PLACEMENTS = ("before", "after")  # the activation
WIDTHS = {"conv1": 6, "conv2": 16, "dense1": 120, "dense2": 84}


def lenet(
    norm: str | Callable[[int, int], nn.Block] | None = "batch",
    *,
    activation: str = "sigmoid",
    pooling: str = "max",
    placement: str = "before",
    use_bias: bool = True,
    num_classes: int = 10,
) -> nn.Sequential | nn.HybridSequential:
    r"""The chapter's LeNet for (N, 1, 28, 28) images.

    Two convolutions (6 and 16 channels, 5×5) and two dense layers (120 and 84 outputs), each with
    a normalizer and an activation φ behind it: φ(norm(Wu + b)); then a dense layer to the classes.
    Each convolution ends in pooling that halves height and width.

    Arguments:
        norm: ``'batch'``, this package's :class:`BatchNorm`; ``'gluon'``, Gluon's own; ``None``,
            no normalizer; or a function of (channels, rank of the input) that makes a layer.
        activation: ``'sigmoid'`` as in the chapter, ``'relu'``, ``'tanh'``, ``'softrelu'`` or
            ``'softsign'``.
        pooling: ``'max'`` as in the chapter's first edition, ``'avg'`` as in d2l 1.x.
        placement: the normalizer ``'before'`` the activation or ``'after'`` it.
        use_bias: ``False`` leaves out the bias that a normalizer's mean takes away again: then
            φ(norm(Wu)). Only with a normalizer that is placed before the activation.
        num_classes: outputs of the last layer.

    Returns:
        A network, not initialized, whose layers are called conv1, norm1, act1, pool1, conv2, …,
        dense1, norm3, act3, dense2, norm4, act4, output. It can be hybridized as a whole unless a
        layer cannot (this package's normalizers cannot; hybridizing then reaches the others).

    Raises:
        ValueError: a name that is not in the lists above, or ``use_bias=False`` where the bias is
            not redundant.
        TypeError: ``norm`` is a function that does not give a Gluon block.

    >>> from mxnet import np
    >>> net = lenet(norm=None)
    >>> net.initialize()
    >>> net(np.ones((2, 1, 28, 28))).shape
    (2, 10)
    >>> lenet(norm="batch").norm1
    BatchNorm(6, num_dims=4, eps=1e-05, momentum=0.9)
    """
    _check_choice("activation", activation, ACTIVATIONS)
    _check_choice("pooling", pooling, POOLINGS)
    _check_choice("placement", placement, PLACEMENTS)
    check_count("num_classes", num_classes, "the outputs of the last layer")
    make_norm = norm
    if not callable(norm):
        _check_choice("norm", norm, (*NORMALIZERS, None))
        make_norm = NORMALIZERS.get(norm)
    if not use_bias and (make_norm is None or placement == "after"):
        raise ValueError(
            f"use_bias=False with norm={norm!r}, placement={placement!r}: only a normalizer right "
            "behind the layer makes its bias redundant; expected use_bias=True, or a norm with "
            "placement='before'"
        )

    layers: dict[str, nn.Block] = {}
    for i, (name, width) in enumerate(WIDTHS.items(), start=1):
        convolution = name.startswith("conv")
        layers[name] = (
            nn.Conv2D(width, kernel_size=5, use_bias=use_bias, prefix=f"lenet_{name}_")
            if convolution
            else nn.Dense(width, use_bias=use_bias, prefix=f"lenet_{name}_")
        )
        behind = [(f"act{i}", nn.Activation(activation, prefix=f"lenet_act{i}_"))]
        if make_norm is not None:
            norm_layer = make_norm(width, 4 if convolution else 2)
            if not isinstance(norm_layer, nn.Block):
                raise TypeError(
                    f"norm gave a {type(norm_layer).__name__}; expected a function of (channels, "
                    "rank of the input) that gives a Gluon block"
                )
            behind.insert(PLACEMENTS.index(placement), (f"norm{i}", norm_layer))
        layers.update(behind)
        if convolution:
            layers[f"pool{i}"] = POOLINGS[pooling](pool_size=2, strides=2, prefix=f"lenet_pool{i}_")
    layers["output"] = nn.Dense(num_classes, prefix="lenet_output_")

    hybrid = all(isinstance(layer, nn.HybridBlock) for layer in layers.values())
    net = (nn.HybridSequential if hybrid else nn.Sequential)(prefix="lenet_")
    for name, layer in layers.items():
        setattr(net, name, layer)  # registers it as a child of that name
    return net


def _check_choice(name: str, value: object, choices: Iterable[object]) -> None:
    if value not in tuple(choices):
        expected = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} is {value!r}; expected one of {expected}")
