"""Local response normalization against MXNet's legacy operator, by its gradient, and its errors."""

from __future__ import annotations

import mxnet as mx
import pytest
from mxnet import np, npx

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.local_response import LocalResponseNorm, local_response_norm


@pytest.mark.parametrize("size", [1, 3, 5])
def test_it_is_what_mxnets_operator_computes(size):
    X = np.random.normal(0, 20, size=(2, 7, 3, 4))
    # its alpha is divided by the size, as in Caffe
    legacy = mx.nd.LRN(X.as_nd_ndarray(), alpha=1e-4 * size, beta=0.75, knorm=2, nsize=size)
    assert abs(local_response_norm(X, size) - legacy.as_np_ndarray()).max() < 1e-4


def test_its_gradient():
    X = np.random.normal(size=(2, 4, 2, 3), dtype="float64")
    upstream = np.random.normal(size=X.shape, dtype="float64")

    def f(X):
        return local_response_norm(X, 3, alpha=0.5)

    report = check_gradients(f, {"X": X}, upstream)
    assert report.ok, report


def test_what_it_refuses():
    with pytest.raises(ValueError, match="size is 4; expected an odd number"):
        local_response_norm(np.ones((1, 2, 3, 3)), size=4)
    with pytest.raises(ValueError, match="expected \\(N, C, H, W\\)"):
        local_response_norm(np.ones((3, 2)))
    with pytest.raises(ValueError, match="size is 0"):
        LocalResponseNorm(size=0)
    npx.waitall()
