r"""Dropout in front of a batch normalization: it expects more variance than a prediction brings."""
