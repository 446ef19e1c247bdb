"""Seven results of a layer: the same for layer and formula, and a wrong formula is seen in each."""

from __future__ import annotations

import numpy
import pytest
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.diagnostics.layer_results import RESULTS, results_of_formula, results_of_layer
from d2l_bn.norms.reference import chapter

RANDOM = numpy.random.RandomState(0)
LAYERS = {
    "package": d2l_bn.BatchNorm,
    "chapter": chapter.BatchNorm,
    "Gluon": lambda channels, rank: nn.BatchNorm(in_channels=channels),
}


def formula(X, gamma, beta, mean, var, training, momentum=0.9, eps=1e-5):
    axes = (0,) if X.ndim == 2 else (0, 2, 3)
    if not training:
        return (X - mean) / numpy.sqrt(var + eps) * gamma + beta
    mu, sigma2 = X.mean(axis=axes, keepdims=True), X.var(axis=axes, keepdims=True)
    averages = (momentum * a + (1 - momentum) * b for a, b in ((mean, mu), (var, sigma2)))
    return ((X - mu) / numpy.sqrt(sigma2 + eps) * gamma + beta, *averages)


def given(shape):
    X, upstream = RANDOM.normal(2.0, 3.0, size=(2, *shape))
    of_channels = (1, shape[1]) + (1,) * (len(shape) - 2)
    return X, RANDOM.uniform(0.5, 2.0, size=(4, *of_channels)), upstream


@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 4, 4)])
@pytest.mark.parametrize("name", LAYERS)
def test_layer_and_formula_agree(name, shape):
    X, statistics, upstream = given(shape)
    by_formula = results_of_formula(formula, X, statistics, upstream)
    by_layer = results_of_layer(LAYERS[name](shape[1], len(shape)), X, statistics, upstream)
    assert list(by_layer) == list(by_formula) == list(RESULTS)
    for result in RESULTS:
        numpy.testing.assert_allclose(by_layer[result], by_formula[result], atol=1e-6)


def test_another_epsilon_and_another_momentum_are_seen():
    X, statistics, upstream = given((6, 3))
    right = results_of_formula(formula, X, statistics, upstream)
    for options, seen in (({"momentum": 0.8}, {2, 3}), ({"eps": 0.1}, {0, 1, 4, 5})):
        other = results_of_formula(
            lambda *a, options=options: formula(*a, **options), X, statistics, upstream
        )
        differ = {i for i, r in enumerate(RESULTS) if abs(right[r] - other[r]).max() > 1e-4}
        assert differ == seen
