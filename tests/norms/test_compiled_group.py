"""The normalizers that can be hybridized compute what the package's layers compute."""

import numpy
import pytest
from mxnet import autograd, np

from d2l_bn.networks.lenet import lenet
from d2l_bn.networks.normalizers import COMPILED, NORMALIZERS


@pytest.mark.parametrize("name", COMPILED)
@pytest.mark.parametrize("shape", [(3, 6), (3, 6, 4, 5)])
@pytest.mark.parametrize("compiled", [False, True])
def test_output_and_gradients_are_those_of_the_package(name, shape, compiled):
    rng = numpy.random.RandomState(0)
    layers = [table[name](shape[1], len(shape)) for table in (NORMALIZERS, COMPILED)]
    if layers[0] is None:
        assert layers[1] is None
        return
    upstream, results = np.array(rng.randn(*shape), dtype="float32"), []
    values = rng.randn(2, shape[1]).astype("float32")
    for layer in layers:
        layer.initialize()
        for parameter, value in zip((layer.gamma, layer.beta), values):
            parameter.set_data(np.array(value).reshape(parameter.shape))
        if compiled and layer is layers[1]:
            layer.hybridize()
        X = np.array(3 + 2 * numpy.random.RandomState(1).randn(*shape), dtype="float32")
        X.attach_grad()
        with autograd.record():
            Y = layer(X)
        Y.backward(upstream)
        results.append([a.asnumpy() for a in (Y, X.grad, layer.gamma.grad(), layer.beta.grad())])
    for ours, theirs in zip(*results):
        assert numpy.abs(ours.ravel() - theirs.ravel()).max() < 2e-5


@pytest.mark.parametrize("name", COMPILED)
def test_a_network_of_them_is_compiled_whole(name):
    net = lenet(COMPILED[name])
    net.initialize()
    net.hybridize()
    assert net(np.ones((2, 1, 28, 28))).shape == (2, 10)
    assert net._cached_op is not None
