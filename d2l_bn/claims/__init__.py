r"""Claims of the source documents, each with the measurement that judges it."""
