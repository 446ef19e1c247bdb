"""Layer, instance and group normalization side by side, and one definition of them in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy
from mxnet import np

from d2l_bn.norms.group import GroupNorm, group_norm
from d2l_bn.norms.instance import InstanceNorm, instance_norm
from d2l_bn.norms.layer import LayerNorm, layer_norm


@dataclass(frozen=True)
class Sibling:
    """A normalizer as tests call it: the function, its Block, the groups that its channels form."""

    name: str
    function: Callable  # of X, gamma, beta, eps
    block: Callable  # of channels, rank, eps
    groups: Callable  # of channels
    ranks: tuple[int, ...] = (2, 4)

    def __str__(self):
        return self.name


LAYER = Sibling("layer", layer_norm, LayerNorm, lambda channels: 1)
INSTANCE = Sibling("instance", instance_norm, InstanceNorm, lambda channels: channels, (4,))
GROUP = Sibling(
    "group",
    lambda X, gamma, beta, eps=1e-5: group_norm(X, gamma, beta, 2, eps),
    lambda channels, rank, eps=1e-5: GroupNorm(channels, rank, 2, eps),
    lambda channels: 2,
)
SIBLINGS = (LAYER, INSTANCE, GROUP)
CASES = [(sibling, rank) for sibling in SIBLINGS for rank in sibling.ranks]
IDS = [f"{sibling}-{rank}d" for sibling, rank in CASES]
SHAPES = {2: (3, 6), 4: (3, 4, 3, 2)}


def in_numpy(x, gamma, beta, groups, eps):
    """The definition, in float64, with NumPy's own mean and variance."""
    grouped = x.astype("float64").reshape(len(x), groups, -1)
    mean, var = grouped.mean(2, keepdims=True), grouped.var(2, keepdims=True)
    return gamma * ((grouped - mean) / numpy.sqrt(var + eps)).reshape(x.shape) + beta


def random_case(shape, seed=0, loc=0.0):
    """x, and γ and β of the shape that goes with it."""
    rng = numpy.random.RandomState(seed)
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    return [loc + rng.randn(*shape), rng.randn(*small), rng.randn(*small)]


def arrays(values, dtype="float64"):
    return [np.array(value, dtype=dtype) for value in values]
