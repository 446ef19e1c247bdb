"""Weight normalization: values by hand, gradients, the wrapper, saving, training, errors."""

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn
from training_helpers import NO_STEP, examples, same, values

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.standardized_weight import StandardizedConv2D
from d2l_bn.norms.weight import WeightNorm, length, weight_norm
from d2l_bn.norms.weight_function import WeightFunction
from d2l_bn.training.loop import train

X2 = np.array(numpy.random.RandomState(0).randn(5, 4), dtype="float32")
X4 = np.array(numpy.random.RandomState(0).randn(2, 3, 7, 6), dtype="float32")
LAYERS = {
    "dense": (lambda **o: nn.Dense(3, **o), {"in_units": 4}, X2),
    "convolution": (lambda **o: nn.Conv2D(4, (3, 2), **o), {"in_channels": 3}, X4),
    "strided": (lambda **o: nn.Conv2D(4, 3, 2, 1, activation="relu", **o), {"in_channels": 3}, X4),
    "groups": (lambda **o: nn.Conv2D(6, 3, groups=3, **o), {"in_channels": 3}, X4),
    "activation": (lambda **o: nn.Dense(3, activation="tanh", **o), {"in_units": 4}, X2),
    "no flatten": (lambda **o: nn.Dense(3, flatten=False, **o), {"in_units": 6}, X4),
}


def random(*shape, seed=0):
    return np.array(numpy.random.RandomState(seed).randn(*shape), dtype="float64")


def test_by_hand():
    v = np.array([[[[3.0, 0.0]], [[0.0, 4.0]]], [[[0.0, 0.0]], [[-2.0, 0.0]]]])  # (2, 2, 1, 2)
    g = np.array([10.0, -3.0]).reshape(2, 1, 1, 1)
    assert length(v).reshape(-1).tolist() == [5.0, 2.0]
    expected = [[[[6.0, 0.0]], [[0.0, 8.0]]], [[[0.0, 0.0]], [[3.0, 0.0]]]]
    assert weight_norm(v, g).asnumpy() == pytest.approx(numpy.array(expected), abs=1e-6)


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 3, 2), (1, 1)])
def test_gradients_against_central_differences_and_the_papers_formula(shape):
    small = shape[:1] + (1,) * (len(shape) - 1)
    v, g, upstream = random(*shape), random(*small, seed=1), random(*shape, seed=2)
    report = check_gradients(weight_norm, {"v": v, "g": g}, upstream)
    assert report.ok, report
    for array in (v, g):
        array.attach_grad()
    with autograd.record():
        w = weight_norm(v, g)
    w.backward(upstream)
    v_, g_, dw = (a.asnumpy() for a in (v, g, upstream))
    rest = tuple(range(1, len(shape)))
    norm = numpy.sqrt((v_**2).sum(rest, keepdims=True))
    dg = (dw * v_).sum(rest, keepdims=True) / norm  # equation 3
    dv = g_ / norm * dw - g_ * dg / norm**2 * v_
    assert g.grad.asnumpy() == pytest.approx(dg, rel=1e-10)
    assert v.grad.asnumpy() == pytest.approx(dv, rel=1e-10, abs=1e-12)
    assert numpy.abs((dv * v_).sum(rest)).max() < 1e-12  # orthogonal to v


def test_the_length_of_v_does_not_matter():
    v, g = random(3, 4), random(3, 1, seed=1)
    assert weight_norm(7 * v, g).asnumpy() == pytest.approx(weight_norm(v, g).asnumpy())


@pytest.mark.parametrize("make, known, X", LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("when", ["wrapped after", "wrapped before", "shapes deferred"])
def test_starts_as_the_plain_layer(make, known, X, use_bias, when):
    plain = make(use_bias=use_bias, **known)
    plain.initialize(init.Normal(0.5))
    if use_bias:
        plain.bias.set_data(np.arange(plain.bias.shape[0]))
    expected = plain(X)
    if when == "wrapped after":
        wrapped = WeightNorm(plain)
    else:
        wrapped = WeightNorm(make(use_bias=use_bias, **(known if "before" in when else {})))
        wrapped.initialize(init.Normal(0.5))
        wrapped(X)
        weight = plain.weight.data()
        wrapped.layer.weight.set_data(3 * weight)  # the length of v plays no part
        wrapped.g.set_data(length(weight))
        if use_bias:
            wrapped.layer.bias.set_data(plain.bias.data())
    assert numpy.abs((wrapped(X) - expected).asnumpy()).max() < 1e-5


@pytest.mark.parametrize("known", [True, False])
def test_g_starts_at_the_length_of_v_whatever_initializes_it(known):
    layer = WeightNorm(nn.Dense(3, in_units=4 if known else 0))
    for start in (init.Normal(0.01), init.Xavier(), init.Constant(2.0)):
        layer.initialize(start, force_reinit=True)
        layer(X2)
        v = layer.layer.weight.data()
        assert layer.g.data().asnumpy() == pytest.approx(length(v).asnumpy())
    assert (v.asnumpy() == 2).all()


def test_output_has_the_length_g():
    layer = WeightNorm(nn.Dense(3, in_units=4, use_bias=False))
    layer.initialize()
    layer.g.set_data(np.array([[1.0], [2.0], [5.0]]))
    w = layer(np.eye(4)).asnumpy().T
    assert numpy.linalg.norm(w, axis=1) == pytest.approx([1, 2, 5], rel=1e-5)


def network(in_units=0):
    net = nn.Sequential()
    net.add(WeightNorm(nn.Dense(6, activation="relu", in_units=in_units)), nn.Dense(3))
    return net


def test_training_moves_v_and_g_and_learns():
    net, batches = network(), examples(16, 16)
    train(net, batches, epochs=1, lr=NO_STEP)
    before = values(net)
    history = train(net, batches, epochs=40, lr=0.5)
    after = values(net)
    assert all((before[name] != after[name]).any() for name in after)
    assert history["loss"][-1] < 0.6 * history["loss"][0]


@pytest.mark.parametrize("ready", [False, True])
def test_saved_and_loaded_in_a_network(tmp_path, ready):
    net = network()
    net.initialize()
    net(X2)
    net[0].g.set_data(np.arange(1, 7).reshape(6, 1))
    net.save_parameters(str(tmp_path / "file"))
    again = network()
    if ready:
        again.initialize()
        again(X2)
    again.load_parameters(str(tmp_path / "file"))
    assert same(values(again), values(net))
    assert (again(X2) == net(X2)).all().item()
    with autograd.record():
        loss = again(X2).sum()
    loss.backward()  # the parameters are whole
    gluon.Trainer(again.collect_params(), "sgd").step(1)
    assert not same(values(again), values(net))


def test_another_device_and_float64():
    layer = WeightNorm(nn.Dense(3, in_units=4))
    layer.initialize(ctx=mx.cpu(1))
    assert layer(X2.as_in_ctx(mx.cpu(1))).ctx == mx.cpu(1)
    double = WeightNorm(nn.Dense(3, in_units=4))
    double.initialize()
    double.cast("float64")
    assert str(double(X2.astype("float64")).dtype) == "float64"


def test_is_pytorchs():
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Conv2d(3, 4, 3)
    ours = WeightNorm(nn.Conv2D(4, 3, in_channels=3))
    ours.initialize()
    ours.layer.weight.set_data(np.array(theirs.weight.detach().numpy()))
    ours.layer.bias.set_data(np.array(theirs.bias.detach().numpy()))
    ours.g.set_data(length(ours.layer.weight.data()))
    theirs = torch.nn.utils.parametrizations.weight_norm(theirs)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1)
    trainer = gluon.Trainer(ours.collect_params(), "sgd", {"learning_rate": 0.1})
    for _ in range(3):
        with autograd.record():
            loss = (ours(X4) ** 2).mean()
        loss.backward()
        trainer.step(1)
        optimizer.zero_grad()
        other = (theirs(torch.tensor(X4.asnumpy())) ** 2).mean()
        other.backward()
        optimizer.step()
        assert loss.item() == pytest.approx(other.item(), rel=1e-5)
    g, v = (p.detach().numpy() for p in theirs.parametrizations.weight.parameters())
    assert ours.g.data().asnumpy() == pytest.approx(g, abs=1e-5)
    assert ours.layer.weight.data().asnumpy() == pytest.approx(v, abs=1e-5)


def test_refuses_other_layers_and_inputs():
    with pytest.raises(TypeError, match="Conv2DTranspose; expected an nn.Dense or nn.Conv2D"):
        WeightNorm(nn.Conv2DTranspose(3, 2))
    with pytest.raises(TypeError, match="StandardizedConv2D; expected"):
        WeightNorm(StandardizedConv2D(3, 2))
    layer = WeightNorm(nn.Dense(3))
    layer.initialize()
    with pytest.raises(TypeError, match="X is a list; expected an mx.np array"):
        layer([1.0])
    with pytest.raises(NotImplementedError, match="no function of its weights"):
        plain = WeightFunction(nn.Dense(3, in_units=4))
        plain.initialize()
        plain(X2)


def test_refuses_a_v_of_zeros():
    layer = WeightNorm(nn.Dense(3, in_units=4))
    with pytest.raises(ValueError, match="zeros only, which has no direction; expected random"):
        layer.initialize(init.Zero())


@pytest.mark.parametrize(
    "v, g, error, match",
    [
        ([1.0], np.ones((1, 1)), TypeError, "v is a list"),
        (np.ones((2, 3)), None, TypeError, "g is None"),
        (np.ones(3), np.ones((3, 1)), ValueError, r"v has shape \(3,\), 1 axes; expected \(O, I\)"),
        (np.ones((2, 3)), np.ones(2), ValueError, r"g has shape \(2,\); expected \(2, 1\)"),
        (np.ones((2, 3)), np.ones((1, 1)), ValueError, r"g has shape \(1, 1\)"),
        (np.ones((2, 3)), np.ones((2, 1), dtype="float64"), TypeError, "g has dtype float64"),
    ],
)
def test_function_refuses(v, g, error, match):
    with pytest.raises(error, match=match):
        weight_norm(v, g)
