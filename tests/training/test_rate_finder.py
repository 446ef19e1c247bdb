"""The rate finder: the rates it tries, where it ends, and that the network is as it was."""

from __future__ import annotations

import math

import numpy
import pytest
from mxnet import init, np
from mxnet.gluon import nn
from training_helpers import examples, linear, same, values

from d2l_bn.training.rate_finder import RateSearch, find_rate


@pytest.fixture
def net():
    net = linear(in_units=4)
    net.initialize(init.Normal(0.1))
    return net


def test_rates_grow_by_one_factor_and_the_first_losses_are_those_of_the_start(net):
    found = find_rate(net, examples(8, 8), low=1e-6, high=1e-4, steps=5)
    numpy.testing.assert_allclose(found.rates, [1e-6, 10**-5.5, 1e-5, 10**-4.5, 1e-4])
    assert found.losses[2] == pytest.approx(found.losses[0], abs=1e-3)  # the same batch again
    assert found.smoothed[0] == pytest.approx(found.losses[0])
    assert found.smoothed[1] == pytest.approx((0.9 * found.losses[0] + found.losses[1]) / 1.9)


def test_the_network_is_as_it_was_moving_averages_included():
    net = nn.HybridSequential()
    net.add(nn.Dense(5, in_units=4), nn.BatchNorm(in_channels=5), nn.Dense(3, in_units=5))
    net.initialize()
    net.hybridize()
    before = values(net)
    found = find_rate(net, examples(8, 8), low=0.01, high=1.0, steps=10)
    assert same(values(net), before)
    assert found.losses[-1] != found.losses[0]  # it was trained in between


def test_it_ends_when_the_loss_explodes(net):
    net[0].weight.set_data(np.ones((3, 4)))
    batches = [(X * 10, y) for X, y in examples(8, 8)]
    found = find_rate(net, batches, low=1e-3, high=1e6, steps=60)
    assert len(found.rates) < 60
    assert found.smoothed[-1] > 4 * min(found.smoothed) or not math.isfinite(found.losses[-1])
    assert found.lowest < found.rates[-1]
    assert found.suggested == found.lowest / 10


def test_the_suggestion_is_read_off_the_smoothed_losses():
    found = RateSearch([0.1, 0.2, 0.4], [3.0, 0.5, 2.0], [3.0, 1.6, 1.7])
    assert found.lowest == 0.2 and found.suggested == pytest.approx(0.02)


@pytest.mark.parametrize("wrong", [{"low": 0.0}, {"low": 2.0, "high": 1.0}, {"steps": 1},
                                   {"high": math.inf}, {"smoothing": 1.0}])  # fmt: skip
def test_refusals(net, wrong):
    before = values(net)
    with pytest.raises(ValueError):
        find_rate(net, examples(8), **wrong)
    assert same(values(net), before)
