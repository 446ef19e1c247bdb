r"""Dropout by hand: what ``gluon.nn.Dropout`` does, in a few lines.

Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, *Dropout: A Simple Way to
Prevent Neural Networks from Overfitting*, JMLR 15.
"""

from __future__ import annotations

from mxnet import autograd, np

from d2l_bn._support.arguments import check_number
from d2l_bn.norms.checks import check_array

__all__ = ["dropout"]


def dropout(X: np.ndarray, keep: float, *, inverted: bool = True) -> np.ndarray:
    r"""In training, set values of ``X`` to zero at random, each with probability 1 − ``keep``.

    With a mask :math:`m` of zeros and ones, :math:`P(m = 1) = p` = ``keep``:

    ============  ===========================  ============
    way           training                     prediction
    ============  ===========================  ============
    inverted      :math:`m \odot X / p`        :math:`X`
    not inverted  :math:`m \odot X`            :math:`p X`
    ============  ===========================  ============

    Either way the expectation in training is the output in prediction: :math:`E[m] = p`. Gluon's
    layer is the inverted one, and its rate is the probability to *drop*: ``nn.Dropout(1 - keep)``.
    The two ways scale the *activations*; no weight changes.

    Arguments:
        X: any shape, float16, float32 or float64.
        keep: the probability to keep a value, above 0 and at most 1.
        inverted: divide by ``keep`` in training, or else multiply by it in prediction.

    Returns:
        An array like ``X``. The gradient goes through the values that were kept, times the same
        factor.

    Raises:
        TypeError: ``X`` is no ``mx.np`` array. ValueError: ``keep`` is not in (0, 1].

    >>> X = np.ones((100_000,))
    >>> with autograd.train_mode():
    ...     Y = dropout(X, keep=0.8)
    >>> float(Y.max()), round(float((Y == 0).mean()), 2), round(float(Y.mean()), 2)
    (1.25, 0.2, 1.0)
    >>> float(dropout(X, keep=0.8, inverted=False)[0])
    0.8...
    """
    check_array("X", X)
    check_number("keep", keep, "(0, 1]", "the probability to keep a value")
    if not autograd.is_training():
        return X if inverted else X * keep
    mask = (np.random.uniform(size=X.shape, ctx=X.ctx) < keep).astype(X.dtype)
    return X * mask / keep if inverted else X * mask
