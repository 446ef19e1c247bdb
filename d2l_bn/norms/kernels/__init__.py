r"""Normalization, pooling and small convolutions in C++: the same numbers, sooner.

What this is: the formulas of :mod:`d2l_bn.norms.batch` and of Gluon's layers, each as a few loops,
one forward and one backward, that read an array from memory once and write it once. MXNet loads
them as an extension of its own, so that they run in the engine's threads, without Python, with
gradients and in compiled graphs.

What this is not: a second definition. The array version in :mod:`d2l_bn.norms.batch` is the
reference, and the tests hold the two together. Where these operators cannot be used, it is what
runs, with the same results but for rounding: without a C++ compiler, on a GPU, in float16, or with
the variable ``D2L_BN_KERNELS=0``.

==================  ==================================================================
``batch_norm.cc``    Algorithm 1 of Ioffe & Szegedy 2015, and its gradient
``group_norm.cc``    group normalization, of which layer and instance normalization are cases
``pooling.cc``       the maximum and the mean of windows of 2×2, and their gradients
``convolution.cc``   convolutions of images with few channels, and their gradients
``moments.h``        mean and variance over an index set
``sums.h``           sums over a row of values
``threads.h``        a loop that threads share, with the same bits for any number of them
``operators.h``      what is between a loop and MXNet
``library.cc``       where MXNet begins to read
``library.py``       which library belongs to these sources and this machine
``build.py``         from these files to a library, once, when the package is set up
``load.py``          finds the library of this machine and loads it
``operators.py``     the operators as functions of arrays and of symbols
==================  ==================================================================

A source that was changed is another library: build it with
``python -m d2l_bn.norms.kernels.build``.
"""

from d2l_bn._support import environment
from d2l_bn.norms.kernels.load import available, status
from d2l_bn.norms.kernels.operators import (
    average_pool,
    batch_norm,
    convolution,
    fits,
    group_norm,
    max_pool,
)

available()  # now, so that an exported graph finds its operators
environment.more["operators"] = status

__all__ = [
    "available",
    "average_pool",
    "batch_norm",
    "convolution",
    "fits",
    "group_norm",
    "max_pool",
    "status",
]
