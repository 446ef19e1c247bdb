r"""A network as it was, if what is begun with it is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy
from mxnet import gluon

__all__ = ["unchanged_on_error"]


@contextlib.contextmanager
def unchanged_on_error(net: gluon.Block) -> Iterator[None]:
    r"""Take back initializations, moves to a device and NumPy's seed, if the block raises.

    >>> net = gluon.nn.Dense(2)
    >>> with contextlib.suppress(ValueError), unchanged_on_error(net):
    ...     net.initialize()
    ...     raise ValueError
    >>> net.weight.data()
    Traceback (most recent call last):
    RuntimeError: Parameter 'dense..._weight' has not been initialized...
    """
    before = [(parameter, dict(vars(parameter))) for parameter in net.collect_params().values()]
    random = numpy.random.get_state()
    try:
        yield
    except BaseException:
        for parameter, attributes in before:
            vars(parameter).clear()
            vars(parameter).update(attributes)
        net.apply(_forget_compiled)
        numpy.random.set_state(random)
        raise


def _forget_compiled(block: gluon.Block) -> None:
    if isinstance(block, gluon.HybridBlock):  # its compiled graph takes the sizes for known
        block._clear_cached_op()
