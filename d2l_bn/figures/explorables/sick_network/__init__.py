r"""Losses that look alike have different causes; numbers inside the network tell them apart."""
