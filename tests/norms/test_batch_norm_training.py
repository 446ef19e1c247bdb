"""BatchNorm in a training loop: grad_req, averages that move in between, memory, the Trainer."""

import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

from d2l_bn.norms.batch import BatchNorm

RNG = numpy.random.RandomState(0)
X, OTHER, UPSTREAM = (RNG.uniform(-3, 5, (4, 3, 5, 5)) for _ in range(3))


def made(**options):
    """A float64 layer with random γ, β and averages."""
    layer, rng = BatchNorm(3, 4, **options), numpy.random.RandomState(1)
    layer.initialize()
    layer.cast("float64")
    for parameter in (layer.gamma, layer.beta, layer.moving_mean, layer.moving_var):
        parameter.set_data(np.array(rng.uniform(0.5, 2, parameter.shape)))
    return layer


def gradients(layer, train_mode=True, repeat=1, x_req="write"):
    """∂/∂X, ∂/∂γ, ∂/∂β; None for a frozen one."""
    x = np.array(X)
    x.attach_grad(grad_req=x_req)
    for _ in range(repeat):
        with autograd.record(train_mode=train_mode):
            Y = layer(x)
        Y.backward(np.array(UPSTREAM), train_mode=train_mode)
    result = {"X": x.grad.asnumpy() if x_req != "null" else None}
    for name in ("gamma", "beta"):
        parameter = getattr(layer, name)
        result[name] = parameter.grad().asnumpy() if parameter.grad_req != "null" else None
    return result


def close(a, b, factor=1.0):
    return numpy.abs(a - factor * b).max() < 1e-10


@pytest.mark.parametrize("train_mode", [True, False])
@pytest.mark.parametrize("frozen", [(), ("gamma",), ("beta",), ("gamma", "beta"), ("X",)])
def test_frozen_parameters_leave_the_other_gradients_right(frozen, train_mode):
    expected, layer = gradients(made(), train_mode), made()
    for name in frozen:
        if name != "X":
            getattr(layer, name).grad_req = "null"
    found = gradients(layer, train_mode, x_req="null" if "X" in frozen else "write")
    for name, gradient in found.items():
        assert gradient is None if name in frozen else close(gradient, expected[name]), name


@pytest.mark.parametrize("train_mode", [True, False])
def test_add_accumulates_and_write_replaces(train_mode):
    once = gradients(made(), train_mode)
    again = gradients(made(), train_mode, repeat=3)
    adding = made()
    adding.gamma.grad_req = adding.beta.grad_req = "add"
    summed = gradients(adding, train_mode, repeat=3, x_req="add")
    for name in once:
        assert close(again[name], once[name])
        assert close(summed[name], once[name], factor=3)


def test_float16_input_accumulates_too():
    layer = BatchNorm(3, 4)
    layer.initialize()
    x = np.array(X, dtype="float16")
    x.attach_grad(grad_req="add")
    sums = []
    for _ in range(2):
        with autograd.record():
            Y = layer(x)
        Y.backward(np.array(UPSTREAM, dtype="float16"))
        sums.append(x.grad.asnumpy().astype("float64"))
    reference = BatchNorm(3, 4)
    reference.initialize()
    reference.cast("float64")
    expected = gradients(reference)["X"]
    assert numpy.abs(sums[0] - expected).max() < 5e-3 * numpy.abs(expected).max()
    assert numpy.abs(sums[1] - 2 * expected).max() < 1e-2 * numpy.abs(expected).max()


@pytest.mark.parametrize("train_mode", [True, False])
def test_averages_that_move_before_backward_do_not_change_the_gradient(train_mode):
    expected, layer = gradients(made(), train_mode), made()
    x = np.array(X)
    x.attach_grad()
    with autograd.record(train_mode=train_mode):
        Y = layer(x)
    with autograd.train_mode():
        layer(np.array(OTHER))
    with autograd.record():
        layer(np.array(OTHER))
    Y.backward(np.array(UPSTREAM), train_mode=train_mode)
    assert close(x.grad.asnumpy(), expected["X"])
    assert close(layer.gamma.grad().asnumpy(), expected["gamma"])
    assert close(layer.beta.grad().asnumpy(), expected["beta"])


def small_net(shared=False):
    """Convolution and dense, each normalized; fixed weights."""
    layer = BatchNorm(2, 4)
    again = BatchNorm(2, 4, params=layer.params) if shared else BatchNorm(2, 4)
    net = nn.Sequential()
    net.add(nn.Conv2D(2, 3, in_channels=3), layer, nn.Activation("sigmoid"))
    net.add(nn.Conv2D(2, 1, in_channels=2), again, nn.Dense(2, in_units=18))
    net.initialize(init.Xavier())
    net.cast("float64")
    rng = numpy.random.RandomState(2)
    for parameter in net.collect_params().values():
        parameter.set_data(np.array(rng.uniform(0.1, 1, parameter.shape)))
    return net


def train(net, steps, rates=(0.01,)):
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": rates[0]})
    loss_of, losses = gluon.loss.L2Loss(), []
    for step in range(steps):
        trainer.set_learning_rate(rates[step % len(rates)])
        with autograd.record():
            loss = loss_of(net(np.array(X)), np.ones((4, 2), dtype="float64"))
        loss.backward()
        trainer.step(4)
        losses.append(loss.mean().item())
    return losses


def test_gradients_in_prediction_mode_right_after_a_training_step():
    # If the averages carried the graph of the step, it would be differentiated once more here.
    net, fresh = small_net(), small_net()
    train(net, steps=1)
    pairs = list(zip(net.collect_params().values(), fresh.collect_params().values()))
    for parameter, other in pairs:
        other.set_data(parameter.data())
    for block in (net, fresh):
        with autograd.record(train_mode=False):
            Y = block(np.array(OTHER))
        Y.backward(train_mode=False)
    trained = [(p.grad(), o.grad()) for p, o in pairs if p.grad_req != "null"]
    assert len(trained) == 10
    for gradient, expected in trained:
        assert close(gradient.asnumpy(), expected.asnumpy())


def memory():
    npx.waitall()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_memory_stays_flat_over_recorded_forwards():
    layer = BatchNorm(16, 4)
    layer.initialize()
    x = np.ones((64, 16, 16, 16))  # 1 MiB; a graph that stays keeps some 4 of it each time
    x.attach_grad()
    for repeat in range(60):
        if repeat == 20:
            npx.waitall()  # how far the engine lags behind is the machine's
            before = memory()
        with autograd.record():
            layer(x)
    npx.waitall()
    assert memory() - before < 60  # 40 graphs that stayed would be 160


def steps_of_the_trainer():
    """In a process of its own, since a deadlock of the engine cannot be interrupted."""
    for shared in (False, True):
        for rates in ((0.01,), (0.01, 0.001)):
            net = small_net(shared)
            before = {n: p.data().asnumpy() for n, p in net.collect_params().items()}
            losses = train(net, 6, rates)
            assert losses[-1] < 0.9 * losses[0], losses
            after = {n: p.data().asnumpy() for n, p in net.collect_params().items()}
            norms = [n for n in after if "batchnorm" in n]
            assert len(norms) == (4 if shared else 8)
            assert all((before[n] != after[n]).any() for n in norms), norms
    npx.waitall()
    print("done")


def test_the_trainer_does_not_deadlock():
    command = [sys.executable, "-m", "tests.norms." + Path(__file__).stem]
    root = Path(__file__).parents[2]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and run.stdout.strip() == "done", run.stderr


if __name__ == "__main__":
    steps_of_the_trainer()
