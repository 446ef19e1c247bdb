"""The moving average: values by hand, the convention against MXNet's operator, refusals."""

import math

import mxnet as mx
import pytest
from mxnet import autograd, np, npx

from d2l_bn.norms.running_average import from_pytorch, past_weights, running_average, to_pytorch


def test_values_by_hand():
    old, new = np.array([[0.0, 1.0]]), np.array([[10.0, 3.0]])
    average = running_average(old, new, 0.9)
    assert average.shape == (1, 2) and average.dtype == "float32"
    assert np.abs(average - np.array([[1.0, 1.2]])).max().item() < 1e-6  # 0.9*1 + 0.1*3 = 1.2


def test_three_updates_of_plain_numbers_by_hand():
    average = 1.0
    for statistic in (4.0, 4.0, 8.0):
        average = running_average(average, statistic, 0.5)
    assert average == 5.625  # 2.5, 3.25, 5.625


def test_inputs_are_not_written_to():
    old, new = np.ones((1, 3)), np.full((1, 3), 5.0)
    running_average(old, new, 0.9)
    assert (old == 1).all().item() and (new == 5).all().item()


@pytest.mark.parametrize("momentum, expected", [(0.0, 7.0), (1.0, 2.0), (0, 7.0), (1, 2.0)])
def test_ends_of_the_range(momentum, expected):
    assert running_average(2.0, 7.0, momentum) == expected


def test_momentum_means_what_mxnet_means():
    mean, var = np.zeros(1), np.ones(1)
    x = np.array([[1.0], [5.0]])
    with autograd.train_mode():
        npx.batch_norm(x, np.ones(1), np.zeros(1), mean, var, momentum=0.8, fix_gamma=False)
    # the operator moves its statistics only when it is differentiated
    x.attach_grad()
    with autograd.record():
        y = npx.batch_norm(x, np.ones(1), np.zeros(1), mean, var, momentum=0.8, fix_gamma=False)
    y.backward()
    mx.npx.waitall()
    assert mean.item() == pytest.approx(running_average(0.0, 3.0, 0.8))
    assert var.item() == pytest.approx(running_average(1.0, 4.0, 0.8))


def test_pytorch_convention_there_and_back():
    m = to_pytorch(0.9)
    assert m == pytest.approx(0.1)
    assert (1 - m) * 2.0 + m * 7.0 == pytest.approx(running_average(2.0, 7.0, 0.9))
    assert from_pytorch(to_pytorch(0.75)) == 0.75


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9, 1.0])
def test_past_weights_are_those_of_the_average(momentum):
    start, statistics = 1.0, [4.0, -2.0, 0.5, 3.0, 8.0]
    average = start
    for statistic in statistics:
        average = running_average(average, statistic, momentum)
    weights = past_weights(momentum, 5)
    newest_first = np.array(statistics[::-1], dtype="float64")
    expected = (weights * newest_first).sum().item() + momentum**5 * start
    assert average == pytest.approx(expected, rel=1e-12)
    assert weights.sum().item() + momentum**5 == pytest.approx(1.0)


@pytest.mark.parametrize("momentum", [-0.1, 1.1, math.nan, math.inf])
@pytest.mark.parametrize(
    "call",
    [
        lambda m: running_average(1.0, 2.0, m),
        to_pytorch,
        from_pytorch,
        lambda m: past_weights(m, 3),
    ],
)
def test_momentum_outside_the_range_is_named(call, momentum):
    with pytest.raises(ValueError, match=r"momentum is .*expected a number in \[0, 1\]"):
        call(momentum)


@pytest.mark.parametrize("momentum", ["0.9", None, True, [0.9]])
def test_momentum_that_is_no_number(momentum):
    with pytest.raises(TypeError, match="momentum is .*expected a number"):
        running_average(1.0, 2.0, momentum)


def test_shapes_never_broadcast():
    with pytest.raises(ValueError, match=r"\(1, 3\).*\(3,\).*keepdims"):
        running_average(np.zeros((1, 3)), np.zeros(3), 0.9)


def test_number_of_past_batches():
    with pytest.raises(ValueError, match="batches is 0"):
        past_weights(0.9, 0)
