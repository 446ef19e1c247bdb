r"""Ensembles: several trained networks, and the mean of their probabilities.

Source: Lakshminarayanan, Pritzel & Blundell 2017, *Simple and Scalable Predictive Uncertainty
Estimation using Deep Ensembles*, arXiv:1612.01474; Goodfellow et al. 2016, *Deep Learning*, 7.11.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import mxnet as mx
from mxnet import gluon, np, npx
from mxnet.gluon import nn

from d2l_bn.training.weights import load_weights

__all__ = ["Ensemble", "load_ensemble"]


class Ensemble(nn.Block):
    r"""A network whose output is the mean of its members' probabilities, (N, classes).

    .. math:: p(c \mid x) = \frac1K \sum_{k=1}^{K} \operatorname{softmax}(f_k(x))_c

    :func:`d2l_bn.evaluate` and :func:`d2l_bn.predict` take it like any other. It is made from
    trained networks and not trained itself: the gain comes from the members being wrong in
    different places, as networks are that were trained from different seeds.

    Arguments:
        members: initialized networks from images to one score per class.

    Raises:
        ValueError: no member. TypeError: a member that is no Gluon block.

    >>> def network(scores):
    ...     net = nn.Dense(2, in_units=1, weight_initializer="zeros")
    ...     net.initialize()
    ...     net.bias.set_data(np.array(scores))
    ...     return net
    >>> ensemble = Ensemble([network([0.0, 0.0]), network([100.0, 0.0])])
    >>> ensemble(np.ones((1, 1)))  # one undecided, one certain
    array([[0.75, 0.25]])
    """

    def __init__(self, members: Iterable[gluon.Block]) -> None:
        super().__init__()
        for number, member in enumerate(members):
            if not isinstance(member, gluon.Block):
                raise TypeError(
                    f"member {number} is a {type(member).__name__}; expected trained networks, or "
                    "load_ensemble for files"
                )
            self.register_child(member, str(number))
        if not self._children:
            raise ValueError("an ensemble without members; expected at least one trained network")

    def __len__(self) -> int:
        return len(self._children)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """The mean of the members' probabilities."""
        return sum(npx.softmax(member(X)) for member in self._children.values()) / len(self)


def load_ensemble(
    build: Callable[[], gluon.Block],
    paths: Iterable[str | os.PathLike],
    *,
    context: mx.Context | None = None,
) -> Ensemble:
    r"""An ensemble of saved networks.

    Arguments:
        build: makes a network such as was saved, for each file anew: ``lambda: lenet("gluon")``.
        paths: files that :func:`d2l_bn.save_weights` or ``save_parameters`` wrote.
        context: where to compute; the current device unless given.

    Raises:
        CheckpointError: a file is damaged or of another network.

    >>> import tempfile, d2l_bn
    >>> folder = tempfile.mkdtemp()
    >>> for seed in (0, 1):
    ...     net = d2l_bn.lenet()
    ...     net.initialize()
    ...     _ = net(np.zeros((1, 1, 28, 28)))
    ...     _ = d2l_bn.save_weights(net, f"{folder}/{seed}.params")
    >>> len(load_ensemble(d2l_bn.lenet, [f"{folder}/0.params", f"{folder}/1.params"]))
    2
    """
    members = []
    for path in paths:
        member = build()
        load_weights(member, path, context=context)
        members.append(member)
    return Ensemble(members)
