r"""Fashion-MNIST: where to get it, how to verify it, its batches, and drawn garments."""

import d2l_bn._support.backend  # noqa: F401
