r"""Fashion-MNIST: where to get it, how to verify it, its batches, and drawn garments."""
