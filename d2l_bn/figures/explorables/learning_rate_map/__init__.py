r"""BN does not move the best learning rate to the right: it widens the range that learns."""
