r"""Adaptive instance normalization (AdaIN): one image's content with another one's statistics.

Instance normalization whose scale and shift are not learned but read off a *style*: the deviation
and the mean of each of its channels. No parameters, hence a function and no Block.

The index set is that of :mod:`instance normalization <d2l_bn.norms.instance>`: of (N, C, H, W) the
axes H and W.

Source: Huang & Belongie 2017, *Arbitrary Style Transfer in Real-time with Adaptive Instance
Normalization*, arXiv:1703.06868, section 5, equation 8.
"""

from __future__ import annotations

from mxnet import np

from d2l_bn.norms.checks import LAYOUTS, check_arguments, check_array, check_index_set, check_rank
from d2l_bn.norms.instance import AXES
from d2l_bn.norms.moments import moments
from d2l_bn.norms.normalize import normalize

__all__ = ["adaptive_instance_norm"]


def adaptive_instance_norm(content: np.ndarray, style: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    r"""Give every channel of ``content`` the mean and the deviation of that channel of ``style``.

    .. math:: y = \sigma(s) \, \frac{x - \mu(x)}{\sigma(x)} + \mu(s),
        \qquad \sigma = \sqrt{\sigma^2 + \varepsilon}

    where x is a channel of one example of the content, s the same channel of the same example of
    the style, and μ and σ² are the mean and the biased variance over H and W. Of its own style,
    the content comes back. Training and prediction compute the same.

    Arguments:
        content: (N, C, H, W), float16, float32 or float64.
        style: (N, C, any height, any width), of the dtype of ``content``.
        eps: ε > 0, inside both roots (the paper writes none): a channel without contrast has
            gradients, too.

    Returns:
        An array of the shape and dtype of ``content``.

    Raises:
        TypeError: not an ``mx.np`` array, or not one of the dtypes above.
        ValueError: a shape or ``eps`` that does not fit, or images of one pixel.

    >>> from mxnet import np
    >>> content = np.array([[[[1.0, 3.0]]]])
    >>> style = np.array([[[[10.0], [30.0]]]])  # mean 20, deviation 10
    >>> adaptive_instance_norm(content, style).round(2)
    array([[[[10., 30.]]]])
    """
    check_arguments(content, {4: LAYOUTS[4]}, eps, name="content")
    _check_style(style, content)
    for name, X in {"content": content, "style": style}.items():
        check_index_set(X, X.shape[2] * X.shape[3], "H and W", name)
    mean, var = moments(style, AXES)
    return normalize(content, AXES, np.sqrt(var + eps), mean, eps)


def _check_style(style: np.ndarray, content: np.ndarray) -> None:
    check_array("style", style)
    check_rank("style", style, {4: "(N, C, H, W), images like the content"})
    if style.shape[:2] != content.shape[:2]:
        raise ValueError(
            f"style has shape {style.shape} and content {content.shape}; expected the same number "
            "of examples and of channels: one style for each image, with np.repeat if need be"
        )
    if style.dtype != content.dtype:
        raise TypeError(
            f"style has dtype {style.dtype} and content {content.dtype}; expected the same: cast "
            "one of them"
        )
    if style.ctx != content.ctx:
        raise ValueError(
            f"style is on {style.ctx} and content on {content.ctx}; expected one device: move it "
            f"with style.as_in_ctx({content.ctx})"
        )
