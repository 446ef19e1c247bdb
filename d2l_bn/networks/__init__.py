r"""Networks, what they are made of, and what is done to a whole one."""

import d2l_bn._support.backend  # noqa: F401
