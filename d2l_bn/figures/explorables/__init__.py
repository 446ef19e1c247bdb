r"""Figures that move: each is a folder with its mathematics, its drawing, its texts and its data.

:func:`interactive` puts one into a notebook. A figure needs no network and no kernel once it is
shown. :mod:`d2l_bn.figures.explorables.folder` says what a folder holds.
"""

from .output import interactive

__all__ = ["interactive"]
