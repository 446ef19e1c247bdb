r"""The fewer values share a mean, the less of a value passes: 256 a line, 2 a step, 1 nothing."""
