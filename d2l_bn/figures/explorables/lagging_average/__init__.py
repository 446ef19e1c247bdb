r"""The moving average trails the centre of a feature, and the test accuracy pays for it."""
