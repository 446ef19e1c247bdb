r"""Preprocessing: centre, scale, whiten. Fitted on the training set, applied to every set.

All four are affine, :math:`z = (x - \mu)\,W`, and differ in :math:`W` alone. With the variance
:math:`\sigma_j^2` of feature j, and the covariance :math:`\Sigma = U \Lambda U^\top`:

==============  ===============================================  ============================
transformation  :math:`W`                                        the features of z are
==============  ===============================================  ============================
``centre``      1                                                of mean 0
``scale``       :math:`1/\sqrt{\sigma_j^2 + \varepsilon}`        … and variance 1 (about)
``whiten pca``  :math:`U (\Lambda + \varepsilon)^{-1/2}`         … and not correlated
``whiten zca``  :math:`U (\Lambda + \varepsilon)^{-1/2} U^\top`  … and as near to x as can be
==============  ===============================================  ============================

Statistics of the *test* set must not go in: at test time there may be one example only, and a
result that was tuned to the test data promises too much.

Source: LeCun et al. 1998, *Efficient BackProp*, section 4.3; Bell & Sejnowski 1997 (ZCA).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from d2l_bn._support.arguments import check_choice, check_count, check_eps

__all__ = ["Affine", "centre", "scale", "whiten"]


@dataclass(frozen=True)
class Affine:
    r"""The map :math:`z = (x - \mu) W`: ``mean`` (d,), ``matrix`` (d, k), and the way back.

    ``inverse`` is (k, d), or None where k < d: what was left out cannot be restored.
    """

    mean: numpy.ndarray
    matrix: numpy.ndarray
    inverse: numpy.ndarray | None

    def __call__(self, X: numpy.ndarray) -> numpy.ndarray:
        r"""Transform examples (n, d) to (n, k)."""
        X = _examples("X", X)
        if X.shape[1] != len(self.mean):
            raise ValueError(
                f"X has shape {X.shape}; expected {len(self.mean)} features, as in the data that "
                "the transformation was fitted on"
            )
        return (X - self.mean) @ self.matrix

    def invert(self, Z: numpy.ndarray) -> numpy.ndarray:
        r"""Bring transformed examples (n, k) back to (n, d)."""
        if self.inverse is None:
            raise ValueError(
                f"no inverse: {self.matrix.shape[1]} of {len(self.mean)} components were kept; "
                "whiten with all of them"
            )
        return _examples("Z", Z) @ self.inverse + self.mean


def centre(X: numpy.ndarray) -> Affine:
    r"""Subtract the mean of the training examples ``X``, (n, d).

    >>> X = numpy.array([[1.0, 10.0], [3.0, 30.0]])
    >>> centre(X)(X)
    array([[ -1., -10.],
           [  1.,  10.]])
    """
    X = _examples("X", X)
    identity = numpy.eye(X.shape[1])
    return Affine(X.mean(axis=0), identity, identity)


def scale(X: numpy.ndarray, eps: float = 1e-5) -> Affine:
    r"""… and divide by the deviation: batch normalization with the statistics of ``X``, (n, d).

    A feature that never changes becomes 0.

    >>> X = numpy.array([[1.0, 10.0], [3.0, 30.0]])
    >>> scale(X, eps=1e-12)(X)
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    X = _examples("X", X)
    check_eps(eps)
    deviations = numpy.sqrt(X.var(axis=0) + eps)
    return Affine(X.mean(axis=0), numpy.diag(1 / deviations), numpy.diag(deviations))


def whiten(
    X: numpy.ndarray, kind: str = "zca", *, eps: float = 1e-5, components: int | None = None
) -> Affine:
    r"""… and take the correlations away: the covariance of the training examples becomes 1.

    Arguments:
        X: training examples, (n, d).
        kind: ``'pca'``: along the principal components, largest variance first; ``'zca'``: turned
            back, so that a whitened image still looks like the image.
        eps: ε > 0, added to the variances of the components. A small one lifts components that
            are noise (a border pixel that is nearly always black) to the size of the others.
        components: keep so many principal components; for ``'pca'`` only. There is no inverse then.

    Raises:
        TypeError, ValueError: data that are not (n, d), unknown kinds, numbers out of range.

    >>> X = numpy.random.RandomState(0).randn(500, 2) @ numpy.array([[2.0, 1.0], [0.0, 1.0]])
    >>> numpy.cov(X.T, bias=True).round(1)
    array([[3.8, 1.9],
           [1.9, 1.9]])
    >>> numpy.allclose(numpy.cov(whiten(X)(X).T, bias=True), numpy.eye(2), atol=1e-4)
    True
    """
    X = _examples("X", X)
    check_choice("kind", kind, ("pca", "zca"))
    check_eps(eps)
    if components is not None:
        check_count("components", components, "the principal components to keep")
        if kind == "zca" or components > X.shape[1]:
            raise ValueError(
                f"components is {components} with kind={kind!r} and {X.shape[1]} features; "
                "expected at most as many as features, and kind='pca'"
            )
    mean = X.mean(axis=0)
    variances, U = numpy.linalg.eigh((X - mean).T @ (X - mean) / len(X))  # ascending
    variances, U = variances[::-1].clip(min=0), U[:, ::-1]
    roots = numpy.sqrt(variances + eps)
    if kind == "zca":
        return Affine(mean, U / roots @ U.T, U * roots @ U.T)
    kept = slice(components)
    whole = components is None or components == X.shape[1]
    return Affine(mean, (U / roots)[:, kept], (U * roots).T if whole else None)


def _examples(name: str, X: numpy.ndarray) -> numpy.ndarray:
    """``X`` as float64, refused unless it is (n, d)."""
    if not isinstance(X, numpy.ndarray):
        raise TypeError(f"{name} is a {type(X).__name__}; expected a NumPy array (.asnumpy())")
    if X.ndim != 2 or X.size == 0:
        raise ValueError(
            f"{name} has shape {X.shape}; expected examples by features, (n, d): "
            f"{name}.reshape(len({name}), -1) makes rows of images"
        )
    return X.astype("float64")
