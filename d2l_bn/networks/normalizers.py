r"""Every normalizer by name, and the layers whose *weights* are normalized, for ``lenet``.

To add one, write its file in ``d2l_bn/norms/`` and its line here.

A step with a batch of one or two examples costs a call from Python for each operation, and this
package's layers take some 25 of them where its own operators are not built. ``COMPILED`` has those
that compute the same as symbols, so that a whole network can be hybridized, for long experiments.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

from mxnet.gluon import nn

from d2l_bn.networks.convolution import Conv2D
from d2l_bn.norms.batch import BatchNorm
from d2l_bn.norms.batch_renorm import BatchRenorm
from d2l_bn.norms.batch_variants import FrozenBatchNorm, MeanOnlyBatchNorm, VarianceOnlyBatchNorm
from d2l_bn.norms.compiled_group import CompiledGroupNorm
from d2l_bn.norms.compiled_standardized import (
    CompiledStandardizedConv2D,
    CompiledStandardizedDense,
)
from d2l_bn.norms.group import GroupNorm
from d2l_bn.norms.instance import InstanceNorm
from d2l_bn.norms.layer import LayerNorm
from d2l_bn.norms.local_response import LocalResponseNorm
from d2l_bn.norms.standardized_weight import StandardizedConv2D, StandardizedDense
from d2l_bn.norms.sync_batch import SyncBatchNorm
from d2l_bn.norms.weight import WeightNorm

__all__ = ["COMPILED", "NORMALIZERS", "WEIGHTS", "Normalizer"]

LayerMaker = Callable[[int, int], nn.Block]  # of the channels and of the rank of the input


@dataclasses.dataclass(frozen=True)
class Normalizer:
    r"""One normalizer: what it is called, the axes of its statistics, and what makes the layer.

    Called with the channels and the rank of the input, 2 or 4, it makes the layer, or gives None
    where there is nothing to normalize over. ``compiled`` makes the layer as symbols, if there is
    such a one.

    >>> NORMALIZERS["instance"](6, 4)
    InstanceNorm(6, num_dims=4, eps=1e-05)
    >>> NORMALIZERS["instance"](120, 2) is None
    True
    """

    title: str
    index_set: str
    layer: LayerMaker
    compiled: LayerMaker | None = None
    ranks: tuple[int, ...] = (2, 4)

    def __call__(self, channels: int, rank: int) -> nn.Block | None:
        return self.layer(channels, rank) if rank in self.ranks else None


def _gluon(channels: int, rank: int) -> nn.BatchNorm:
    return nn.BatchNorm(in_channels=channels)


def _instances(channels: int, rank: int) -> CompiledGroupNorm:
    return CompiledGroupNorm(channels, rank, num_groups=channels)


#: By name, what ``lenet`` can put behind a layer.
NORMALIZERS = {
    "batch": Normalizer("batch normalization", "N, H, W", BatchNorm, _gluon),
    "gluon": Normalizer("Gluon's batch normalization", "N, H, W", _gluon),
    "layer": Normalizer(
        "layer normalization", "C, H, W", LayerNorm, partial(CompiledGroupNorm, num_groups=1)
    ),
    "instance": Normalizer("instance normalization", "H, W", InstanceNorm, _instances, ranks=(4,)),
    "group": Normalizer(
        "group normalization, two groups",
        "C/G, H, W",
        partial(GroupNorm, num_groups=2),
        partial(CompiledGroupNorm, num_groups=2),
    ),
    "local_response": Normalizer(
        "local response normalization",
        "neighbouring channels, squares only",
        lambda channels, rank: LocalResponseNorm(),
        ranks=(4,),
    ),
    "renorm": Normalizer(
        "batch renormalization", "N, H, W, drawn towards the moving averages", BatchRenorm
    ),
    "mean_only": Normalizer("batch normalization by the mean alone", "N, H, W", MeanOnlyBatchNorm),
    "variance_only": Normalizer(
        "batch normalization by the deviation alone", "N, H, W", VarianceOnlyBatchNorm
    ),
    "frozen": Normalizer("batch normalization, γ and β not trained", "N, H, W", FrozenBatchNorm),
    "sync": Normalizer("synchronized batch normalization", "N, H, W of all workers", SyncBatchNorm),
}

#: Those that can be hybridized and compute what the one of the same name computes.
COMPILED = {
    name: dataclasses.replace(normalizer, layer=normalizer.compiled)
    for name, normalizer in NORMALIZERS.items()
    if normalizer.compiled is not None
}

#: From a name to what makes a convolution, and what makes a dense layer.
WEIGHTS = {
    None: (Conv2D, nn.Dense),
    "normalized": (
        lambda *args, **options: WeightNorm(nn.Conv2D(*args, **options)),
        lambda *args, **options: WeightNorm(nn.Dense(*args, **options)),
    ),
    "standardized": (StandardizedConv2D, StandardizedDense),
    "compiled_standardized": (CompiledStandardizedConv2D, CompiledStandardizedDense),
}
