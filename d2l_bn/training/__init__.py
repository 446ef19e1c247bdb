r"""The training loop, and what goes in (batches) and comes out (history, checkpoint, accuracy)."""

import d2l_bn._support.backend  # noqa: F401
