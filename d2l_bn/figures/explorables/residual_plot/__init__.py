r"""Batch normalization sends back only what a straight line through (x̂, dy) does not explain."""
