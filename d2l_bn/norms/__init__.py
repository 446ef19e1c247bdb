r"""The normalizers: each normalizes over a set of axes; the function first, then the Block."""

import d2l_bn._support.backend  # noqa: F401
