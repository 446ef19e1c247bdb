r"""Where to compute: a GPU if there is one."""

from __future__ import annotations

import mxnet as mx
from mxnet import npx

__all__ = ["try_gpu"]


def try_gpu(i: int = 0) -> mx.Context:
    r"""GPU number ``i`` if this machine has it and this MXNet can use it, else the CPU.

    The same as ``d2l.try_gpu``, without the second that importing ``d2l`` takes.

    >>> try_gpu(99)
    cpu(0)
    """
    return npx.gpu(i) if npx.num_gpus() > i else npx.cpu()
