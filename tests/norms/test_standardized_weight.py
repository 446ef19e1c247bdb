"""Weight standardization: moments of each filter, gradients, layers, saving, training, errors."""

import numpy
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn
from training_helpers import examples, same, values

import d2l_bn
from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.standardized_weight import (
    StandardizedConv2D,
    StandardizedDense,
    standardize_weight,
)
from d2l_bn.norms.weight import WeightNorm
from d2l_bn.training.loop import train

X4 = np.array(numpy.random.RandomState(0).randn(2, 3, 7, 6), dtype="float32")


def random(*shape, seed=0, loc=0.0):
    return np.array(loc + numpy.random.RandomState(seed).randn(*shape), dtype="float64")


def test_by_hand_with_eps_inside_the_root():
    w = np.array([[1.0, 3.0], [-2.0, 6.0]])  # means 2, 2; variances 1, 16
    a, b = 1 / 4**0.5, 4 / 19**0.5
    expected = numpy.array([[-a, a], [-b, b]])
    assert standardize_weight(w, eps=3.0).asnumpy() == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(5, 30), (4, 3, 5, 5)])
@pytest.mark.parametrize("loc", [0.0, 100.0])
def test_every_output_has_mean_0_and_variance_1(shape, loc):
    w = standardize_weight(random(*shape, loc=loc), eps=1e-12).asnumpy().reshape(shape[0], -1)
    assert w.mean(axis=1) == pytest.approx(0, abs=1e-10)
    assert w.var(axis=1) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2, 2)])
def test_gradients_against_central_differences(shape):
    report = check_gradients(lambda w: standardize_weight(w, 0.1), {"w": random(*shape)})
    assert report.ok, report


def test_gradient_of_each_output_has_no_mean_and_is_orthogonal_to_what_comes_out():
    w = random(3, 4)
    w.attach_grad()
    with autograd.record():
        standardized = standardize_weight(w, 1e-12)
    standardized.backward(random(3, 4, seed=1))
    gradient = w.grad.asnumpy()
    assert gradient.mean(axis=1) == pytest.approx(0, abs=1e-12)
    assert (gradient * standardized.asnumpy()).sum(axis=1) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("use_bias", [True, False])
def test_layers_are_gluons_with_standardized_weights(known, use_bias):
    pairs = [
        (
            StandardizedConv2D(
                4, 3, 2, 1, activation="relu", use_bias=use_bias, in_channels=3 * known
            ),
            nn.Conv2D(4, 3, 2, 1, activation="relu", use_bias=use_bias, in_channels=3),
        ),
        (
            StandardizedDense(4, use_bias=use_bias, in_units=126 * known),
            nn.Dense(4, use_bias=use_bias, in_units=126),
        ),
    ]
    for ours, gluons in pairs:
        for layer in (ours, gluons):
            layer.initialize()
        ours(X4)
        if use_bias:
            ours.layer.bias.set_data(np.arange(4))
            gluons.bias.set_data(np.arange(4))
        gluons.weight.set_data(standardize_weight(ours.layer.weight.data(), ours.eps))
        assert (ours(X4) == gluons(X4)).all().item()


def test_a_factor_and_a_shift_of_the_weights_change_nothing():
    layer = StandardizedConv2D(4, 3, in_channels=3, eps=1e-12)
    layer.initialize()
    before = layer(X4).asnumpy()
    layer.layer.weight.set_data(5 * layer.layer.weight.data() + 2)
    assert layer(X4).asnumpy() == pytest.approx(before, abs=1e-4)


def network():
    net = nn.Sequential()
    net.add(StandardizedDense(6, activation="relu"), nn.Dense(3))
    return net


def test_training_and_saving(tmp_path):
    net, batches = network(), examples(16, 16)
    history = train(net, batches, epochs=40, lr=0.3)
    assert history["loss"][-1] < 0.6 * history["loss"][0]
    net.save_parameters(str(tmp_path / "file"))
    again = network()
    again.load_parameters(str(tmp_path / "file"))
    assert same(values(again), values(net))
    X = batches[0][0]
    assert (again(X) == net(X)).all().item()


def test_torch_gives_the_same_weights():
    torch = pytest.importorskip("torch")
    w = random(4, 3, 5, 5)
    weight = torch.tensor(w.asnumpy())
    mean = weight.mean(dim=(1, 2, 3), keepdim=True)
    var = weight.var(dim=(1, 2, 3), keepdim=True, unbiased=False)
    expected = (weight - mean) / torch.sqrt(var + 1e-5)
    assert standardize_weight(w).asnumpy() == pytest.approx(expected.numpy(), abs=1e-12)


@pytest.mark.parametrize(
    "weight, eps, error, match",
    [
        ([[1.0]], 1e-5, TypeError, "weight is a list"),
        (np.ones((2, 3), dtype="int32"), 1e-5, TypeError, "int32"),
        (np.ones((2, 3, 4)), 1e-5, ValueError, r"3 axes; expected \(O, I\)"),
        (np.ones((2, 3)), 0, ValueError, "eps is 0"),
        (np.ones((2, 3)), "1", TypeError, "eps is '1'"),
    ],
)
def test_refuses(weight, eps, error, match):
    with pytest.raises(error, match=match):
        standardize_weight(weight, eps)


@pytest.mark.parametrize(
    "make",
    [lambda eps: StandardizedConv2D(4, 3, eps=eps), lambda eps: StandardizedDense(4, eps=eps)],
)
def test_layers_refuse_a_bad_eps(make):
    with pytest.raises(ValueError, match="eps is -1"):
        make(-1)


@pytest.mark.parametrize(
    "weights, kinds",
    [
        ("standardized", [StandardizedConv2D, StandardizedDense]),
        ("normalized", [WeightNorm, WeightNorm]),
        (None, [nn.Conv2D, nn.Dense]),
    ],
)
def test_lenet_takes_them_in_its_four_layers_and_not_in_the_last(weights, kinds):
    net = d2l_bn.lenet("group", weights=weights)
    assert all(isinstance(layer, kinds[0]) for layer in (net.conv1, net.conv2))
    assert all(isinstance(layer, kinds[1]) for layer in (net.dense1, net.dense2))
    made = (StandardizedConv2D, StandardizedDense, WeightNorm)
    assert isinstance(net.conv1, made) == (weights is not None)
    assert type(net.output) is nn.Dense
    net.initialize()
    assert net(np.ones((2, 1, 28, 28))).shape == (2, 10)


def test_lenet_refuses_other_weights():
    with pytest.raises(ValueError, match="weights is 'spectral'; expected one of None, 'normal"):
        d2l_bn.lenet(weights="spectral")
