r"""The laboratory: studies, their records, the statistics of them, and the claims they bear on."""

import d2l_bn._support.backend  # noqa: F401
