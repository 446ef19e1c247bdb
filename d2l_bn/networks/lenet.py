r"""LeNet with any normalizer in its four places, or with none.

Source: LeCun, Bottou, Bengio & Haffner 1998, *Gradient-Based Learning Applied to Document
Recognition*; *Dive into Deep Learning*, sections "LeNet" and "Batch Normalization", whose
configuration this is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mxnet.gluon import nn

from d2l_bn._support.arguments import check_choice, check_count, check_number
from d2l_bn.networks.activations import ACTIVATIONS
from d2l_bn.networks.normalizers import NORMALIZERS, WEIGHTS
from d2l_bn.networks.pooling import AvgPool2D, MaxPool2D

__all__ = ["lenet"]

WIDTHS = {"conv1": 6, "conv2": 16, "dense1": 120, "dense2": 84}
POOLINGS = {"max": MaxPool2D, "avg": AvgPool2D}


def lenet(
    norm: str | Callable[[int, int], nn.Block | None] | None = "batch",
    *,
    weights: str | None = None,
    places: Iterable[int] = (1, 2, 3, 4),
    activation: str = "sigmoid",
    pooling: str = "max",
    placement: str = "before",
    use_bias: bool = True,
    dropout: Mapping[str, float] | None = None,
    num_classes: int = 10,
) -> nn.Sequential | nn.HybridSequential:
    r"""The chapter's LeNet for (N, 1, 28, 28) images.

    Two convolutions (6 and 16 channels, 5×5) and two dense layers (120 and 84 outputs), each with
    a normalizer and an activation φ behind it: φ(norm(Wu + b)); then a dense layer to the classes.
    Each convolution ends in pooling that halves height and width.

    Arguments:
        norm: ``'batch'``, this package's :class:`BatchNorm`; ``'gluon'``, Gluon's own; ``None``,
            no normalizer; another name of :data:`d2l_bn.networks.normalizers.NORMALIZERS`; or a
            function of (channels, rank of the input) that makes a layer, or gives None for no layer
            there.
        weights: ``'normalized'`` (:class:`WeightNorm`) or ``'standardized'`` in the four layers
            before a place of a normalizer; ``None``, plain ones.
        places: in which of the four places the normalizer stands; in all of them unless given.
        activation: ``'sigmoid'`` as in the chapter, or another name of
            :data:`d2l_bn.networks.activations.ACTIVATIONS`.
        pooling: ``'max'`` as in the chapter's first edition, ``'avg'`` as in d2l 1.x.
        placement: the normalizer ``'before'`` the activation or ``'after'`` it.
        use_bias: ``False`` leaves out the bias that a normalizer's mean takes away again: then
            φ(norm(Wu)). Only with a normalizer in all four places, before the activation.
        dropout: from the name of a layer to a rate: behind that layer follows ``drop_<name>``,
            which sets this share of the values to zero in training.
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
    if not callable(norm):
        check_choice("norm", norm, (*NORMALIZERS, None))
    check_choice("weights", weights, WEIGHTS)
    check_choice("activation", activation, ACTIVATIONS)
    check_choice("pooling", pooling, POOLINGS)
    check_choice("placement", placement, ("before", "after"))
    check_count("num_classes", num_classes, "the outputs of the last layer")
    places, dropout = tuple(places), dropout or {}
    for place in places:
        check_choice("a place of the normalizer", place, range(1, len(WIDTHS) + 1))
    make_norm = NORMALIZERS[norm] if isinstance(norm, str) else norm
    make_convolution, make_dense = WEIGHTS[weights]

    layers: dict[str, nn.Block] = {}
    for i, (name, width) in enumerate(WIDTHS.items(), start=1):
        convolution = name.startswith("conv")
        if convolution:
            layers[name] = make_convolution(width, 5, use_bias=use_bias, prefix=f"lenet_{name}_")
        else:
            layers[name] = make_dense(width, use_bias=use_bias, prefix=f"lenet_{name}_")
        rank = 4 if convolution else 2
        normalizer = make_norm(width, rank) if make_norm is not None and i in places else None
        if not isinstance(normalizer, (nn.Block, type(None))):
            raise TypeError(
                f"norm gave a {type(normalizer).__name__}; expected a function of (channels, rank "
                "of the input) that gives a Gluon block, or None"
            )
        if not use_bias and (normalizer is None or placement == "after"):
            raise ValueError(
                f"use_bias=False with norm={norm!r}, placement={placement!r}, places={places}: "
                "only a normalizer right behind the layer makes its bias redundant; expected "
                "use_bias=True, or a norm in every place with placement='before'"
            )
        behind = {f"norm{i}": normalizer, f"act{i}": ACTIVATIONS[activation].layer()}
        for key in behind if placement == "before" else reversed(behind):
            if behind[key] is not None:
                layers[key] = behind[key]
        if convolution:
            layers[f"pool{i}"] = POOLINGS[pooling](pool_size=2, strides=2)
    layers["output"] = nn.Dense(num_classes, prefix="lenet_output_")
    for name, rate in dropout.items():
        check_choice("dropout's layer", name, layers)
        check_number(f"dropout behind {name}", rate, "[0, 1)", "the share that is set to zero")

    hybrid = all(isinstance(layer, nn.HybridBlock) for layer in layers.values())
    net = (nn.HybridSequential if hybrid else nn.Sequential)(prefix="lenet_")
    for name, layer in layers.items():
        setattr(net, name, layer)  # registers it as a child of that name
        if name in dropout:
            setattr(net, f"drop_{name}", nn.Dropout(dropout[name]))
    return net
