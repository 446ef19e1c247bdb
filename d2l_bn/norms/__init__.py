r"""The normalizers: each normalizes over a set of axes; the function first, then the Block."""
