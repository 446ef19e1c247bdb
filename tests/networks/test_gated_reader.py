"""GatedReader: its scores by hand, what depends on what, gradients, and what it refuses."""

import numpy
import pytest
from mxnet import autograd, init, np, npx

from d2l_bn.networks.gated_reader import CELLS, WEIGHTS, GatedReader
from d2l_bn.networks.row_reader import PIXEL_DEVIATION, PIXEL_MEAN
from d2l_bn.norms.group import group_norm
from d2l_bn.norms.standardized_weight import standardize_weight
from d2l_bn.norms.weight import length, weight_norm

IMAGES = numpy.random.RandomState(0).rand(6, 1, 8, 28).astype("float32")
UNITS = 6


def reader(*settings):
    npx.random.seed(3)
    net = GatedReader(*settings, hidden=UNITS, steps=4)
    net.initialize(init.Xavier())
    for name, parameter in net.collect_params().items():
        if not name.endswith("weight"):  # values at which a part that is left out is seen
            shift = 0.3 * numpy.random.RandomState(len(name)).randn(*parameter.shape)
            parameter.set_data(parameter.data() + np.array(shift, dtype="float32"))
    return net


def sigmoid(a):
    return 1 / (1 + numpy.exp(-a))


def by_hand(net, images):
    """The equations of the docstring in NumPy, with the package's normalizers."""
    functions = {
        None: lambda v: v,
        "normalized": lambda v: weight_norm(v, net.g.data()),
        "standardized": standardize_weight,
    }
    W = functions[net.weights](net.weight.data()).asnumpy()

    def before(part, inputs, rows):
        a = inputs @ W[rows].T
        if net.norm is None:
            return a + net.bias.data().asnumpy()[rows]
        layer, count = net.norms[part], a.shape[1] // UNITS
        groups = 1 if net.norm == "layer" else count
        affine = (layer.gamma.data(), layer.beta.data())
        return group_norm(np.array(a, dtype="float32"), *affine, groups).asnumpy()

    x = (images.reshape(len(images), 4, 56) - PIXEL_MEAN) / PIXEL_DEVIATION
    h = c = numpy.zeros((len(images), UNITS))
    for t in range(4):
        both = numpy.concatenate([x[:, t], h], axis=1)
        if net.cell == "lstm":
            i, f, g, o = numpy.split(before(0, both, slice(None)), 4, axis=1)
            c = sigmoid(f + 1) * c + sigmoid(i) * numpy.tanh(g)
            h = sigmoid(o) * numpy.tanh(c)
        else:
            r, z = numpy.split(sigmoid(before(0, both, slice(2 * UNITS))), 2, axis=1)
            reset = numpy.concatenate([x[:, t], r * h], axis=1)
            n = numpy.tanh(before(1, reset, slice(2 * UNITS, None)))
            h = (1 - z) * n + z * h
    return net.output(np.array(h, dtype="float32")).asnumpy()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("norm", (None, "layer", "group"))
@pytest.mark.parametrize("weights", WEIGHTS)
def test_scores_by_hand(cell, norm, weights):
    net = reader(cell, norm, weights)
    expected = by_hand(net, IMAGES)
    numpy.testing.assert_allclose(net(np.array(IMAGES)).asnumpy(), expected, atol=1e-4)
    net.hybridize()
    numpy.testing.assert_allclose(net(np.array(IMAGES)).asnumpy(), expected, atol=1e-4)


@pytest.mark.parametrize("cell", CELLS)
def test_no_image_depends_on_another_and_training_is_prediction(cell):
    net = reader(cell, "group", "standardized")
    together = net(np.array(IMAGES)).asnumpy()
    with autograd.train_mode():
        alone = net(np.array(IMAGES[:1])).asnumpy()
    numpy.testing.assert_allclose(alone, together[:1], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_what_the_normalizers_forget(cell):
    grouped, plain = reader(cell, "group"), reader(cell)
    standardized = reader(cell, None, "standardized")
    before = {net: net(np.array(IMAGES)).asnumpy() for net in (grouped, plain, standardized)}
    for net, scores in before.items():
        net.weight.set_data(10 * net.weight.data())
        stays = numpy.abs(net(np.array(IMAGES)).asnumpy() - scores).max() < 1e-2
        assert stays == (net is not plain)


@pytest.mark.parametrize("settings", [("lstm", "group", "normalized"), ("gru", None, "normalized")])
def test_every_parameter_is_trained(settings):
    net = reader(*settings)
    with autograd.record():
        loss = (net(np.array(IMAGES)) * np.array(numpy.arange(10.0), dtype="float32")).sum()
    loss.backward()
    for name, parameter in net.collect_params().items():
        if not (settings[1] and name.endswith("_g")):  # its factor is forgotten, up to ε, by rows
            assert numpy.abs(parameter.grad().asnumpy()).max() > 0, name


def test_weight_normalization_starts_as_the_plain_network():
    net = GatedReader("gru", None, "normalized", hidden=UNITS, steps=4)
    net.initialize(init.Xavier())
    numpy.testing.assert_allclose(net.g.data().asnumpy(), length(net.weight.data()).asnumpy())


def test_bad_arguments():
    with pytest.raises(ValueError, match="cell is 'rnn'; expected one of 'gru', 'lstm'"):
        GatedReader("rnn")
    with pytest.raises(ValueError, match="norm is 'batch'"):
        GatedReader(norm="batch")
    with pytest.raises(ValueError, match="weights is 'group'"):
        GatedReader(weights="group")
    with pytest.raises(ValueError, match=r"expected \(N, 1, 8, 28\), 4 steps of 2 rows"):
        reader("lstm")(np.ones((1, 1, 28, 28)))
