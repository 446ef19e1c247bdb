r"""The training loop, and what goes in (batches) and comes out (history, checkpoint, accuracy)."""
