r"""No single suspect foresees every experiment: neither shift, nor size, nor smoothness alone."""
