r"""Weight standardization: the function and the Blocks.

Source: Qiao, Wang, Liu, Shen & Yuille 2019, *Micro-Batch Training with Batch-Channel Normalization
and Weight Standardization*, arXiv:1903.10520, section 3.
"""

from __future__ import annotations

from typing import Any

from mxnet import np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_eps
from d2l_bn.norms.checks import check_array, check_rank
from d2l_bn.norms.moments import centred_moments, expand
from d2l_bn.norms.weight_function import LAYOUTS, WeightFunction

__all__ = ["StandardizedConv2D", "StandardizedDense", "standardize_weight"]


def standardize_weight(weight: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    r"""Give the weights of each output mean 0 and variance 1.

    .. math:: \hat w = \frac{w - \mu}{\sqrt{\sigma^2 + \varepsilon}}

    The index set is one of *weights*, not of activations: μ and the biased σ² are taken over (I,)
    of a fully connected layer and over (I, kH, kW) of a convolution, for each of the O outputs.
    Nothing depends on a batch, and the gradient runs through μ and σ.

    ε stands inside the root, as in the paper and everywhere in this package. (The authors' code
    adds it to the deviation, which is the unbiased one there. A copy of it that goes round has lost
    a parenthesis, ``weight.std(dim=(1,2,3) + 1e-5``: there ε is added to the axes.)

    Arguments:
        weight: (O, I) or (O, I, kH, kW), float32 or float64.
        eps: ε > 0.

    Returns:
        An array of the shape and dtype of ``weight``.

    Raises:
        TypeError: not an ``mx.np`` array, or not of floating point.
        ValueError: a shape or an ``eps`` that does not fit.

    >>> from mxnet import np
    >>> standardize_weight(np.array([[1.0, 3.0], [10.0, 30.0]])).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    check_array("weight", weight)
    check_rank("weight", weight, LAYOUTS)
    check_eps(eps)
    centred, missed, _, var = centred_moments(weight, tuple(range(1, weight.ndim)))
    return (centred - expand(missed, weight.shape)) / expand(np.sqrt(var + eps), weight.shape)


class _Standardized(WeightFunction):
    """A layer of the kind ``plain`` whose weights are standardized."""

    plain: type[nn.HybridBlock]

    def __init__(self, *args: Any, eps: float = 1e-5, **kwargs: Any) -> None:
        check_eps(eps)
        super().__init__(self.plain(*args, **kwargs))
        self.eps = eps

    def function(self, weight: np.ndarray) -> np.ndarray:
        return standardize_weight(weight, self.eps)


class StandardizedConv2D(_Standardized):
    r"""An ``nn.Conv2D`` that computes with :func:`standardize_weight` of its weights.

    Trained and saved are the parameters of the ``nn.Conv2D`` inside, ``.layer``.

    Arguments:
        channels, kernel_size, ...: those of ``nn.Conv2D``.
        eps: as in :func:`standardize_weight`; by name only.

    Raises:
        TypeError, ValueError: for an ``eps`` that is not a number above 0.

    >>> layer = StandardizedConv2D(6, kernel_size=5)
    >>> layer.initialize()
    >>> layer(np.ones((2, 1, 28, 28))).shape
    (2, 6, 24, 24)
    """

    plain = nn.Conv2D


class StandardizedDense(_Standardized):
    r"""An ``nn.Dense`` that does so; all else is as in :class:`StandardizedConv2D`.

    Arguments:
        units, ...: those of ``nn.Dense``.

    >>> layer = StandardizedDense(3)
    >>> layer.initialize()
    >>> np.abs(layer(np.ones((2, 4)))).max().item() < 1e-5  # the weights of an output add up to 0
    True
    """

    plain = nn.Dense
