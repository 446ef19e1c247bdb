r"""The gradient keeps its promise for longer steps with BN, where it has anything to promise."""
