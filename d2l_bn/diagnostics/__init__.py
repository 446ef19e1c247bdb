r"""What one measures on a network: gradients, activations, distributions, the loss around it."""

import d2l_bn._support.backend  # noqa: F401
