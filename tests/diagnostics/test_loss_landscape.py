"""Losses along the gradient and curvature: against closed forms, and nothing is left moved."""

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn
from training_helpers import same, values

import d2l_bn
from d2l_bn.diagnostics import loss_landscape as landscape
from d2l_bn.diagnostics.weight_vector import trained_parameters
from d2l_bn.norms.noisy_batch import NoisyBatchNorm

random = numpy.random.RandomState(0)
FEATURES = random.normal(size=(20, 3))
LABELS = random.randint(0, 4, 20)
X, y = np.array(FEATURES, dtype="float64"), np.array(LABELS)
IMAGES = np.array(random.uniform(size=(8, 1, 28, 28)), dtype="float32")
CLASSES = np.array(random.randint(0, 10, 8))


def softmax_regression():
    """A float64 layer, whose loss, gradient and Hessian have a closed form; and its weights."""
    net = nn.Sequential()
    net.add(nn.Dense(4, use_bias=False, in_units=3))
    net.initialize()
    net.cast("float64")
    weights = random.normal(size=(4, 3))
    net[0].weight.set_data(np.array(weights, dtype="float64"))
    return net, weights


def closed_form(weights):
    """Loss, gradient and Hessian of softmax regression, row by row of the weights."""
    scores = FEATURES @ weights.T
    p = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    n = len(LABELS)
    loss = -numpy.log(p[numpy.arange(n), LABELS]).mean()
    gradient = (p - numpy.eye(4)[LABELS]).T @ FEATURES / n
    hessian = numpy.zeros((12, 12))
    for probability, x in zip(p, FEATURES):
        of_scores = numpy.diag(probability) - numpy.outer(probability, probability)
        hessian += numpy.kron(of_scores, numpy.outer(x, x)) / n
    return loss, gradient, hessian


def lenet(norm):
    """A network with gradients and averages that are not where they began."""
    mx.random.seed(0)
    net = d2l_bn.lenet(norm)
    net.initialize(init.Xavier())
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(IMAGES), CLASSES)
    loss.backward()
    return net


def state(net):
    gradients = {f"{name}.grad": p.grad().asnumpy() for name, p in trained_parameters(net).items()}
    return {**values(net), **gradients}


LOOKS = {
    "along_gradient": lambda net: landscape.along_gradient(net, IMAGES, CLASSES, [0.5, 2.0]),
    "largest_eigenvalue": lambda net: landscape.largest_eigenvalue(net, IMAGES, CLASSES, 2),
    "layer_gradients": lambda net: landscape.layer_gradients(net, IMAGES, CLASSES),
}


def test_along_the_gradient_by_closed_form():
    net, weights = softmax_regression()
    loss, gradient, _ = closed_form(weights)
    walk = landscape.along_gradient(net, X, y, [0.5, 3.0])
    assert walk.loss == pytest.approx(loss, rel=1e-10)
    assert walk.gradient_norm == pytest.approx(numpy.linalg.norm(gradient), rel=1e-10)
    there = [closed_form(weights - step * gradient) for step in (0.5, 3.0)]
    distances = [numpy.linalg.norm(its_gradient - gradient) for _, its_gradient, _ in there]
    assert walk.losses == pytest.approx([loss for loss, _, _ in there], rel=1e-10)
    assert walk.gradient_distances == pytest.approx(distances, rel=1e-8)
    assert walk.band == (min(walk.losses), max(walk.losses))
    ratios = [d / (s * walk.gradient_norm) for d, s in zip(distances, (0.5, 3.0))]
    assert walk.smoothness == pytest.approx(max(ratios), rel=1e-8)
    assert walk.predictiveness[1] == pytest.approx(3 * ratios[1], rel=1e-8)


def test_curvature_by_closed_form():
    net, weights = softmax_regression()
    _, _, hessian = closed_form(weights)
    v = random.normal(size=12)
    H_v = landscape.hessian_vector(net, X, y, v, step=1e-4)
    numpy.testing.assert_allclose(H_v, hessian @ v, rtol=1e-5, atol=1e-8)
    value = landscape.largest_eigenvalue(net, X, y, iterations=200, step=1e-4)
    assert value == pytest.approx(numpy.linalg.eigvalsh(hessian).max(), rel=1e-5)


def test_eigenvalues_of_both_signs_do_not_cancel(monkeypatch):
    hessian = numpy.diag([3.0, -3.0, 1.0] + 9 * [0.0])
    monkeypatch.setattr(landscape, "hessian_vector", lambda net, X, y, v, *_: hessian @ v)
    net, _ = softmax_regression()
    assert landscape.largest_eigenvalue(net, X, y, 20) == pytest.approx(3)
    hessian *= 0
    assert landscape.largest_eigenvalue(net, X, y, 20) == 0


@pytest.mark.parametrize("norm", ["batch", "gluon", None])
@pytest.mark.parametrize("look", LOOKS)
def test_everything_is_put_back(norm, look):
    net = lenet(norm)
    before = state(net)
    LOOKS[look](net)
    assert same(before, state(net))
    assert any("grad" in name and (value != 0).any() for name, value in before.items())


@pytest.mark.parametrize("look", LOOKS)
def test_everything_is_put_back_after_an_error(look, monkeypatch):
    net, calls = lenet("batch"), []
    before, original = state(net), landscape.loss_and_gradient

    def stop(*arguments):
        if len(calls) == (0 if look == "layer_gradients" else 1):
            net.norm1.moving_mean.set_data(np.ones((1, 6, 1, 1)))
            raise KeyboardInterrupt
        calls.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(landscape, "loss_and_gradient", stop)
    with pytest.raises(KeyboardInterrupt):
        LOOKS[look](net)
    assert same(before, state(net))


def test_layer_gradients_are_those_of_backward():
    net = lenet("gluon")
    gradients = landscape.layer_gradients(net, IMAGES, CLASSES)
    assert list(gradients) == ["conv1", "conv2", "dense1", "dense2", "output"]
    for name, gradient in gradients.items():  # backward's is of the sum over 8 examples
        expected = getattr(net, name).weight.grad().asnumpy().ravel() / 8
        numpy.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-7)


def test_accumulated_gradients_stay():
    net, _ = softmax_regression()
    net[0].weight.grad_req = "add"
    net[0].weight.grad()[:] = 7
    landscape.along_gradient(net, X, y, [1.0])
    assert (net[0].weight.grad() == 7).all()


def test_noise_is_the_same_at_every_point():
    net = lenet(lambda channels, rank: NoisyBatchNorm(nn.BatchNorm(in_channels=channels)))
    walk = landscape.along_gradient(net, IMAGES, CLASSES, [1e-5])
    assert walk.losses[0] == pytest.approx(walk.loss, abs=1e-3)
    other = landscape.along_gradient(net, IMAGES, CLASSES, [1e-5], seed=1)
    assert abs(other.loss - walk.loss) > 1e-3  # the noise of another seed is another function


def test_weights_there_and_back():
    net = lenet("batch")
    weights = landscape.weights_of(net)
    landscape.move_to(net, 2 * weights)
    numpy.testing.assert_array_equal(landscape.weights_of(net), 2 * weights)
    where = landscape.weight_slices(net)["conv2"]
    expected = net.conv2.weight.data().asnumpy().ravel()
    numpy.testing.assert_array_equal(landscape.weights_of(net)[where], expected)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda net: landscape.along_gradient(net, X, y, []), ValueError, "step_sizes is empty"),
        (lambda net: landscape.along_gradient(net, X, y, [0.0]), ValueError, "a step size is 0.0"),
        (lambda net: landscape.along_gradient(net, X, y, ["1"]), TypeError, "a step size is '1'"),
        (lambda net: landscape.along_gradient(net, X, y[:3], [1.0]), ValueError, "20 examples and"),
        (lambda net: landscape.along_gradient(net, [1.0], y, [1.0]), TypeError, "X is a list"),
        (lambda net: landscape.layer_gradients(net, X, y[:3]), ValueError, "and 3 labels"),
        (lambda net: landscape.largest_eigenvalue(net, X, y, 0), ValueError, "iterations is 0"),
        (
            lambda net: landscape.hessian_vector(net, X, y, numpy.ones(5)),
            ValueError,
            r"v has shape \(5,\).*expected \(12,\)",
        ),
        (
            lambda net: landscape.hessian_vector(net, X, y, numpy.zeros(12)),
            ValueError,
            "length 0.0",
        ),
        (
            lambda net: landscape.hessian_vector(net, X, y, numpy.ones(12), step=-1.0),
            ValueError,
            "step is -1.0",
        ),
    ],
)
def test_refusals(call, error, words):
    net, weights = softmax_regression()
    with pytest.raises(error, match=words):
        call(net)
    numpy.testing.assert_array_equal(net[0].weight.data().asnumpy(), weights)


def test_a_flat_place_has_no_direction():
    net, _ = softmax_regression()
    net[0].weight.set_data(np.zeros((4, 3), dtype="float64"))
    with pytest.raises(ValueError, match="the gradient is 0"):
        landscape.along_gradient(net, 0 * X, y, [1.0])
