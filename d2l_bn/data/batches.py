"""Batches out of memory: the whole set once as bytes, each batch gathered when it is asked for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import mxnet as mx
import numpy

from d2l_bn._support.arguments import check_count, check_whole

Order = Callable[[int], numpy.ndarray]
HOLD_OUT = 2**32 - 1  # takes the place of an epoch's number, and no epoch has it


class Batches:
    r"""A set of images that can be iterated over again and again, giving batches ``(X, y)``.

    ``X`` is ``(N, 1, 28, 28)`` float32, the stored bytes divided by 255; ``y`` is ``(N,)`` int32.
    Both are `mx.np` arrays of their own: nothing that is done to them reaches the stored bytes or
    another batch. The last batch is smaller where the batch size does not divide the number of
    examples.

    With `shuffle`, the order of epoch e is a pure function of ``(seed, e)``. ``.epoch`` is the
    number of the next pass: each ``iter()`` takes it and adds one. Set it to repeat a pass, or to
    go on where another run stopped. Passes over the same object do not disturb each other.

    Arguments:
        images, labels: uint8 arrays ``(n, 28, 28)`` and ``(n,)``; kept, not copied.
        batch_size: examples in a batch, at least 1.
        shuffle: a new order for each epoch; otherwise always the stored order.
        order: another order than these two: ``'sorted'``, class after class; or a function from the
            number of the epoch to the indices of all examples, each once, such as
            `d2l_bn.data.curriculum.easy_first` makes.
        seed: an integer of at least 0.
        context: device of the batches, `mx.cpu()` unless given.
        source: where the images come from, in words.
        synthetic: True when they are drawn, and not Fashion-MNIST.

    >>> images, labels = numpy.zeros((5, 28, 28), 'uint8'), numpy.arange(5, dtype='uint8')
    >>> batches = Batches(images, labels, batch_size=2)
    >>> len(batches), batches.num_examples
    (3, 5)
    >>> [(X.shape, y.tolist()) for X, y in batches]
    [((2, 1, 28, 28), [0, 1]), ((2, 1, 28, 28), [2, 3]), ((1, 1, 28, 28), [4])]
    """

    def __init__(
        self,
        images: numpy.ndarray,
        labels: numpy.ndarray,
        batch_size: int,
        *,
        shuffle: bool = False,
        order: str | Order | None = None,
        seed: int = 0,
        context: mx.Context | None = None,
        source: str = "",
        synthetic: bool = False,
    ) -> None:
        if len(images) != len(labels):
            raise ValueError(
                f"{len(images)} images and {len(labels)} labels: give one label for each image"
            )
        if images.dtype != "uint8" or images.ndim != 3:
            raise TypeError(
                f"images are {images.dtype} {images.shape}: give bytes from 0 to 255, (n, height, "
                "width) in uint8; they are divided by 255 here"
            )
        if labels.dtype.kind not in "iu" or labels.ndim != 1:
            raise TypeError(f"labels are {labels.dtype} {labels.shape}: give whole numbers, (n,)")
        self.batch_size = check_count("batch_size", batch_size)
        self.seed = check_whole("seed", seed, least=0)
        self.images = images
        self.labels = labels
        self.shuffle = shuffle
        self._order = _check_order(order)
        self.context = mx.cpu() if context is None else context
        self.source = source
        self.synthetic = synthetic
        self.epoch = 0

    @property
    def num_examples(self) -> int:
        """Number of images, which is the number of examples in one pass."""
        return len(self.images)

    def __len__(self) -> int:
        return -(-self.num_examples // self.batch_size)

    def __iter__(self) -> Iterator[tuple[mx.np.ndarray, mx.np.ndarray]]:
        order = self.order(self.epoch)
        self.epoch += 1
        starts = range(0, len(order), self.batch_size)
        return (self._gather(order[start : start + self.batch_size]) for start in starts)

    def order(self, epoch: int) -> numpy.ndarray:
        """Indices of the examples in the order in which epoch number `epoch` visits them."""
        if self._order == "sorted":
            return numpy.argsort(self.labels, kind="stable")
        if callable(self._order):
            return _check_permutation(self._order(epoch), self.num_examples)
        if self.shuffle:
            return numpy.random.default_rng([self.seed, epoch]).permutation(self.num_examples)
        return numpy.arange(self.num_examples)

    def in_order(self, order: str | Order | None) -> Batches:
        r"""The same examples in another `order`, from epoch 0; nothing is copied.

        >>> images, labels = numpy.zeros((4, 28, 28), 'uint8'), numpy.array([1, 0, 1, 0])
        >>> batches = Batches(images, labels, batch_size=4).in_order('sorted')
        >>> [y.tolist() for _, y in batches]
        [[0, 0, 1, 1]]
        """
        other = copy.copy(self)
        other._order, other.epoch = _check_order(order), 0
        return other

    def hold_out(self, count: int) -> tuple[Batches, Batches]:
        r"""Two sets: all but `count` examples, in the order of this set, and these, as stored.

        Which ones are held out is a function of the seed. An `order` does not go on to the parts.

        >>> images, labels = numpy.zeros((5, 28, 28), 'uint8'), numpy.arange(5, dtype='uint8')
        >>> rest, held_out = Batches(images, labels, batch_size=2).hold_out(2)
        >>> sorted([*rest.labels, *held_out.labels]), len(held_out.labels)
        ([0, 1, 2, 3, 4], 2)
        """
        count = check_count("count", count)
        if count >= self.num_examples:
            raise ValueError(f"count is {count} of {self.num_examples} examples: leave some over")
        mixed = numpy.random.default_rng([self.seed, HOLD_OUT]).permutation(self.num_examples)
        rest, held_out = self.in_order(None), self.in_order(None)
        for part, chosen in ((rest, mixed[count:]), (held_out, mixed[:count])):
            chosen = numpy.sort(chosen)
            part.images, part.labels = self.images[chosen], self.labels[chosen]
        held_out.shuffle = False
        return rest, held_out

    def _gather(self, indices: numpy.ndarray) -> tuple[mx.np.ndarray, mx.np.ndarray]:
        pixels = self.images[indices, None] / numpy.float32(255)  # (N, 1, 28, 28)
        X = mx.np.array(pixels, dtype="float32", ctx=self.context)
        y = mx.np.array(self.labels[indices], dtype="int32", ctx=self.context)
        return X, y

    def __repr__(self) -> str:
        return (
            f"<{self.num_examples:,} examples of {self.source or 'an unnamed source'} "
            f"in {len(self):,} batches of {self.batch_size}>"
        )


def _check_order(order: str | Order | None) -> str | Order | None:
    if order is None or order == "sorted" or callable(order):
        return order
    raise ValueError(f"order={order!r}: give 'sorted', a function of the epoch, or None")


def _check_permutation(indices: numpy.ndarray, count: int) -> numpy.ndarray:
    indices = numpy.asarray(indices)
    if indices.shape != (count,) or not (numpy.sort(indices) == numpy.arange(count)).all():
        raise ValueError(
            f"the order has shape {indices.shape} and is no permutation of {count} examples: "
            f"give each index from 0 to {count - 1} once"
        )
    return indices
