r"""With the statistics of the batch, the answer for an image depends on the company it is in."""
