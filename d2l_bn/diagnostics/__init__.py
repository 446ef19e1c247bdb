r"""What one measures on a network: gradients, activations, distributions, the loss around it."""
