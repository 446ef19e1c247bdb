r"""Surfaces over the plane on which the optimizers of :mod:`d2l_bn.descent` are watched.

A surface has a ``name``, ``value(points)``, its analytic ``gradient(points)``, the
``hessian_at(point)``, the window (``x_range``, ``y_range``) in which it is drawn, its ``minima``
(some may have none) and a ``start`` from which a descent is worth watching. Points are NumPy
float64 arrays of shape ``(..., 2)``, so that a grid of points for a contour plot is one call.

====================== ==============================================================
:class:`Quadratic`     a bowl with a chosen condition number, turned by a chosen angle
:class:`LongValley`    steep walls, and a floor that falls ever so slightly
:class:`SaddlePoint`   flat at the start, though it is no minimum
:class:`Beale`         a plateau with sharp ridges around it
:class:`Rosenbrock`    a narrow valley that bends
:class:`LeastSquares`  the loss of a linear model with two weights, from its data
====================== ==============================================================
"""

from .beale import Beale
from .least_squares import LeastSquares
from .long_valley import LongValley
from .quadratic import Quadratic
from .rosenbrock import Rosenbrock
from .saddle_point import SaddlePoint

__all__ = ["Beale", "LeastSquares", "LongValley", "Quadratic", "Rosenbrock", "SaddlePoint"]
