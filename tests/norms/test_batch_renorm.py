"""Batch renormalization against NumPy over several steps, its limits, gradients, state, errors."""

import math

import numpy
import pytest
from layer_helpers import X4, case
from mxnet import autograd, gluon, np
from mxnet.gluon import nn
from training_helpers import same, values

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms import kernels
from d2l_bn.norms.batch import BatchNorm, batch_norm
from d2l_bn.norms.batch_renorm import BatchRenorm, batch_renorm, corrections

SHAPES = [(5, 3), (2, 3, 4, 3), (1, 3, 4, 3), (1, 3)]


def algorithm_1(x, gamma, beta, mean, var, eps, momentum, r_max, d_max):
    """That of the paper, with the average of the variance."""
    axes = (0,) if x.ndim == 2 else (0, 2, 3)
    batch_mean, batch_var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    batch_deviation, deviation = numpy.sqrt(batch_var + eps), numpy.sqrt(var + eps)
    r = numpy.clip(batch_deviation / deviation, 1 / r_max, r_max)
    d = numpy.clip((batch_mean - mean) / deviation, -d_max, d_max)
    y = gamma * ((x - batch_mean) / batch_deviation * r + d) + beta
    mean = momentum * mean + (1 - momentum) * batch_mean
    return y, mean, momentum * var + (1 - momentum) * batch_var


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("limits", [(1.0, 0.0), (1.1, 0.2), (3.0, 5.0), (math.inf, math.inf)])
def test_five_steps_against_numpy(shape, limits):
    arguments = case(shape)
    mean, var = arguments["moving_mean"], arguments["moving_var"]
    affine = arguments["gamma"], arguments["beta"]
    in_numpy = [array.asnumpy() for array in (*affine, mean, var)]
    for step in range(5):
        X = case(shape, seed=step)["X"]
        with autograd.train_mode():
            Y, mean, var = batch_renorm(X, *affine, mean, var, 0.1, 0.75, *limits)
        expected = algorithm_1(X.asnumpy(), *in_numpy, 0.1, 0.75, *limits)
        in_numpy[2:] = expected[1:]
        for ours, reference in zip((Y, mean, var), expected):
            assert ours.asnumpy() == pytest.approx(reference, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("training", [True, False])
def test_without_corrections_and_in_prediction_it_is_batch_norm(shape, training):
    arguments = case(shape)
    limits = {"r_max": 1, "d_max": 0} if training else {"r_max": 3, "d_max": 5}
    upstream, results = case(shape, seed=1)["X"], []
    for function, options in ((batch_norm, {}), (batch_renorm, limits)):
        copies = {name: array.copy() for name, array in arguments.items()}
        for array in copies.values():
            array.attach_grad()
        with autograd.record(train_mode=training):
            outputs = function(**copies, momentum=0.9, **options)
        outputs[0].backward(upstream, train_mode=training)
        gradients = [copies[name].grad for name in ("X", "gamma", "beta")]
        results.append([array.asnumpy() for array in (*outputs, *gradients)])
    for ours, reference in zip(*results):
        assert ours == pytest.approx(reference, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("shape", [(4, 2), (2, 2, 2, 2)])
def test_without_limits_training_computes_what_prediction_does(shape):
    arguments = case(shape)
    with autograd.train_mode():
        Y, *_ = batch_renorm(**arguments, r_max=math.inf, d_max=math.inf)
    predicted, *_ = batch_renorm(**arguments)
    assert Y.asnumpy() == pytest.approx(predicted.asnumpy(), rel=1e-10)


@pytest.mark.parametrize("shape", [(4, 2), (2, 2, 2, 2)])
def test_gradients_hold_r_and_d_constant(shape):
    arguments = case(shape)
    mean, var = arguments.pop("moving_mean"), arguments.pop("moving_var")
    r, d = corrections(arguments["X"], mean, var, 0.1, 1.5, 0.3)
    assert {abs(v) for v in d.reshape(-1).tolist()} & {0.3}  # some are clipped, and some are not
    for array in arguments.values():
        array.attach_grad()
    upstream = case(shape, seed=1)["X"]
    with autograd.record():
        Y, *_ = batch_renorm(
            **arguments, moving_mean=mean, moving_var=var, eps=0.1, r_max=1.5, d_max=0.3
        )
    Y.backward(upstream)
    report = check_gradients(  # the formula with r and d as numbers
        lambda X, gamma, beta: (
            gamma * (r * batch_norm(X, gamma * 0 + 1, beta * 0, mean, var, 0.1)[0] + d) + beta
        ),
        arguments,
        upstream,
        analytic={name: array.grad for name, array in arguments.items()},
    )
    assert report.ok, report


def test_layer_corrects_with_the_averages_before_the_step_and_then_moves_them():
    layer = BatchRenorm(3, 4, eps=0.1, momentum=0.5, r_max=2.0, d_max=1.0)
    layer.initialize()
    one, zero = numpy.ones((1, 3, 1, 1)), numpy.zeros((1, 3, 1, 1))
    mean, var = zero, one
    for k in range(4):
        X = X4 * (k + 1) - k
        with autograd.train_mode():
            Y = layer(np.array(X))
        expected, mean, var = algorithm_1(X, one, zero, mean, var, 0.1, 0.5, 2.0, 1.0)
        assert Y.asnumpy() == pytest.approx(expected, abs=1e-4)
        assert layer.moving_mean.data().asnumpy() == pytest.approx(mean, rel=1e-5)
        assert layer.moving_var.data().asnumpy() == pytest.approx(var, rel=1e-5)
    layer.r_max, layer.d_max = 1.0, 0.0  # they may change
    with autograd.train_mode():
        Y = layer(np.array(X4))
    assert Y.asnumpy().mean(axis=(0, 2, 3)) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_trains_with_tiny_batches(size):
    net = nn.Sequential()
    net.add(nn.Dense(6, in_units=4), BatchRenorm(6, 2), nn.Activation("relu"), nn.Dense(2))
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05})
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    for _ in range(20):
        X = np.random.normal(size=(size, 4))
        with autograd.record():
            loss = loss_of(net(X), (X[:, 0] > 0).astype("int32"))
        loss.backward()
        trainer.step(size)
    assert all(numpy.isfinite(v).all() for v in values(net).values())


def test_saved_loaded_and_shared_with_batch_norm(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "fits", lambda X: False)  # bit for bit: both on arrays
    layer, plain = BatchRenorm(3, 4), BatchNorm(3, 4)
    layer.initialize()
    with autograd.train_mode():
        layer(np.array(X4))
    layer.save_parameters(str(tmp_path / "file"))
    plain.load_parameters(str(tmp_path / "file"))
    assert same(values(plain), values(layer))
    assert (plain(np.array(X4)) == layer(np.array(X4))).all().item()


def test_float16():
    X = np.array(X4, dtype="float16")
    layer = BatchRenorm(3, 4)
    layer.initialize()
    layer.cast("float16")
    with autograd.train_mode():
        Y = layer(X)
    assert str(Y.dtype) == "float16" and str(layer.gamma.data().dtype) == "float32"


@pytest.mark.parametrize("name, good", [("r_max", 1), ("d_max", 0)])
@pytest.mark.parametrize(
    "bad, error", [(-0.5, ValueError), (math.nan, ValueError), ("3", TypeError)]
)
def test_limits_are_checked(name, good, bad, error):
    with pytest.raises(error, match=f"{name} is {bad!r}.*; expected a number of at least {good}"):
        BatchRenorm(3, 4, **{name: bad})
    with pytest.raises(error, match=name):
        batch_renorm(**case((4, 3)), **{name: bad})
    BatchRenorm(3, 4, **{name: good})


def test_refuses_what_batch_norm_refuses_before_anything_moves():
    layer = BatchRenorm(3, 2)
    layer.initialize()
    before = values(layer)
    with autograd.record(), pytest.raises(ValueError, match="expected 3"):
        layer(np.ones((2, 4)))
    with autograd.train_mode(), pytest.raises(TypeError, match="X is a list"):
        batch_renorm(**{**case((4, 3)), "X": [1.0]})
    with autograd.train_mode(), pytest.raises(ValueError, match="gamma has shape"):
        batch_renorm(**{**case((4, 3)), "gamma": np.ones((1, 4), dtype="float64")})
    assert same(values(layer), before)
