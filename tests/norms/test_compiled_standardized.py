"""Compiled weight standardization computes, forward and backward, what the layers of it do."""

import pytest
from mxnet import autograd, np, npx

from d2l_bn.norms.compiled_standardized import (
    CompiledStandardizedConv2D,
    CompiledStandardizedDense,
)
from d2l_bn.norms.standardized_weight import StandardizedConv2D, StandardizedDense

PAIRS = [
    (CompiledStandardizedDense(3, in_units=5), StandardizedDense(3, in_units=5), (4, 5)),
    (
        CompiledStandardizedConv2D(3, 2, in_channels=2),
        StandardizedConv2D(3, 2, in_channels=2),
        (4, 2, 5, 5),
    ),
]


@pytest.mark.parametrize("compiled, plain, shape", PAIRS, ids=["dense", "convolution"])
def test_values_and_gradients_are_those_of_the_layer(compiled, plain, shape):
    npx.random.seed(3)
    for layer in (compiled, plain):
        layer.initialize()
    compiled.hybridize()
    weight = 0.5 + np.random.normal(size=plain.layer.weight.shape)
    compiled.weight.set_data(weight)
    plain.layer.weight.set_data(weight)
    X = np.random.normal(size=shape)
    results = []
    for layer, parameter in ((compiled, compiled.weight), (plain, plain.layer.weight)):
        with autograd.record():
            Y = layer(X)
        Y.backward(np.arange(Y.size).reshape(Y.shape) / Y.size)
        results.append((Y, parameter.grad()))
    for ours, theirs in zip(*results):
        assert np.abs(theirs).max() > 0.1
        assert np.allclose(ours, theirs, rtol=1e-4, atol=1e-5)
