r"""Fashion-MNIST: find it, verify it, hold it in memory, iterate over it.

The data set: 60,000 training and 10,000 test images of 28 by 28 grey pixels, ten classes, MIT
licence (H. Xiao, K. Rasul, R. Vollgraf, 2017, arXiv 1708.07747).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path

import mxnet as mx
import numpy

from d2l_bn._support.arguments import check_count, check_whole
from d2l_bn._support.files import check_path

from .batches import Batches
from .cache import cache_folder, obtain
from .garments import garments
from .idx import FASHION_MNIST, Archive, DataError, parse
from .sources import Folder, Source, standard_sources

__all__ = ["CLASS_NAMES", "DataError", "find_local", "load_fashion_mnist"]

#: The name of each label, 0 to 9.
CLASS_NAMES = (
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def load_fashion_mnist(
    batch_size: int,
    *,
    data: str | os.PathLike = "auto",
    limit: int | None = None,
    seed: int = 0,
    context: mx.Context | None = None,
    cache: str | os.PathLike | None = None,
    sources: Sequence[Source] | None = None,
    archives: Sequence[Archive] = FASHION_MNIST,
) -> tuple[Batches, Batches]:
    r"""Load Fashion-MNIST and give its training and its test set as batches.

    Both are `d2l_bn.data.batches.Batches`: they can be iterated over again and again and give
    ``(X, y)``, ``X`` of shape ``(N, 1, 28, 28)``, float32 in [0, 1], and ``y`` of shape ``(N,)``,
    int32. The training set comes in a new order each epoch, the test set always in its own. The
    last, smaller batch is kept.

    Arguments:
        batch_size: examples in a batch, at least 1.
        data: where to get the images.

            ``'auto'`` takes the first of: the folder that the variable D2L_BN_DATA names, the
            cache, Debian's installed package, the publisher's and MXNet's servers, Debian's package
            by `apt-get download`. What came over the network goes to the cache. A bad file on the
            way is named in a warning and not used.

            A folder: this one and no other, with the four files, compressed by gzip or not.

            ``'synthetic'``: drawn garments, **not** Fashion-MNIST (see `d2l_bn.data.garments`);
            always the same.
        limit: use at most this many training and this many test examples, chosen at random from
            `seed`, in their stored order (of drawn garments: the first ones).
        seed: an integer of at least 0, for the order of the training examples and the choice under
            `limit`.
        context: device of the batches; `mx.cpu()` unless given.
        cache: folder to keep downloads in; the variable D2L_BN_CACHE or the user's cache unless
            given.
        sources, archives: other places and other files, for tests.

    Returns:
        ``(train, test)``.

    Raises:
        TypeError, ValueError: a bad argument; nothing has been read.
        DataError: no source has good files; the message says what each one lacks, and the ways out.

    >>> train, test = load_fashion_mnist(64, data='synthetic', limit=100)
    >>> for X, y in train:
    ...     print(X.shape, X.dtype, y.shape, y.dtype)
    (64, 1, 28, 28) float32 (64,) int32
    (36, 1, 28, 28) float32 (36,) int32
    >>> train.source, train.synthetic
    ('synthetic garments (NOT Fashion-MNIST)', True)
    """
    batch_size = check_count("batch_size", batch_size)
    limit = None if limit is None else check_count("limit", limit)
    seed = check_whole("seed", seed, least=0)
    if context is not None and not isinstance(context, mx.Context):
        raise TypeError(f"context={context!r}: give a device such as mx.cpu() or mx.gpu(0)")
    if not isinstance(data, (str, os.PathLike)):
        raise TypeError(f"data={data!r}: give 'auto', 'synthetic' or a folder")
    named = data in ("auto", "synthetic")
    folder = None if named else Path(os.path.expanduser(check_path("data", data)))
    if folder is not None and not folder.is_dir():
        raise ValueError(f"data={str(data)!r}: neither 'auto', 'synthetic' nor an existing folder")

    synthetic = data == "synthetic"
    if synthetic:
        source = "synthetic garments (NOT Fashion-MNIST)"
        train = garments(min(limit or 60_000, 60_000), seed=0)
        test = garments(min(limit or 10_000, 10_000), seed=1)
    else:
        cache = cache_folder(cache)
        if folder is not None:
            sources = [Folder(folder, f"folder {folder}")]
        elif sources is None:
            sources = standard_sources(cache)
        contents, name = obtain(archives, sources, cache)
        source = f"Fashion-MNIST ({name})"
        images, labels, test_images, test_labels = map(parse, contents)
        train = _choose(images, labels, limit, seed)
        test = _choose(test_images, test_labels, limit, seed)
    batches = functools.partial(
        Batches,
        batch_size=batch_size,
        seed=seed,
        context=context,
        source=source,
        synthetic=synthetic,
    )
    return batches(*train, shuffle=True), batches(*test)


def find_local(cache: str | os.PathLike | None = None) -> str | None:
    """Name the place on this machine that has good files of Fashion-MNIST, or None.

    It never asks the network.
    """
    sources = [source for source in standard_sources(cache_folder(cache)) if source.local]
    try:
        return obtain(FASHION_MNIST, sources, cache_folder(cache))[1]
    except DataError:
        return None


def _choose(
    images: numpy.ndarray, labels: numpy.ndarray, limit: int | None, seed: int
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A random choice of at most `limit` examples, in their stored order."""
    if limit is None or limit >= len(images):
        return images, labels
    chosen = numpy.sort(numpy.random.default_rng(seed).permutation(len(images))[:limit])
    return images[chosen], labels[chosen]
