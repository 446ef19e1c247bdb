r"""The ranges and the correlation of two features decide how fast gradient descent may go."""
