r"""The layer as others write it, to compare with: the chapter, plain NumPy."""
