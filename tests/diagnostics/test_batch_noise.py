"""Batch noise: how much scores scatter, and ghost batches that choose how much."""

import mxnet as mx
import numpy
import pytest
from layer_helpers import X4
from mxnet import autograd, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.diagnostics.batch_noise import score_spread
from d2l_bn.networks.batch_norm_layers import batch_norms
from d2l_bn.norms.ghost_batch import GhostBatchNorm

X2 = np.array(numpy.random.default_rng(0).normal(size=(2000, 3)), dtype="float32")


def layer(*sizes):
    made = GhostBatchNorm(*sizes) if len(sizes) > 1 else nn.BatchNorm(in_channels=sizes[0])
    made.initialize()
    return made


def test_spread_falls_with_the_root_of_the_batch_size():
    small, large = (score_spread(layer(3), X2, size) for size in (10, 160))
    # a batch mean scatters by 1/sqrt(m), its deviation moves x by x/sqrt(2m): sqrt(1.5/160)
    assert large == pytest.approx((1.5 / 160) ** 0.5, rel=0.1)
    assert small / large == pytest.approx(4, rel=0.15)


def test_no_spread_without_batch_statistics_and_nothing_changes():
    net = nn.Sequential()
    net.add(nn.Dense(2, in_units=3), nn.BatchNorm(in_channels=2, use_global_stats=True))
    net.add(nn.BatchNorm(in_channels=2))
    net.initialize(mx.init.Normal(1))
    net[2]._kwargs["use_global_stats"] = False
    before = net[2].running_mean.data().asnumpy()
    assert score_spread(net, X2, 20) > 0
    numpy.testing.assert_array_equal(net[2].running_mean.data().asnumpy(), before)


def test_all_company_the_same_is_no_noise():
    """Two orders of one set in one batch: the same statistics, whoever stands where."""
    X = np.concatenate([X2[:50], X2[:50]])
    assert score_spread(layer(3), np.concatenate([X] * 20), 1000) < 0.05


@pytest.mark.parametrize("size, orders", [(1, 8), (1001, 8), (10, 1)])
def test_refusals(size, orders):
    with pytest.raises(ValueError, match="batch size from 2"):
        score_spread(layer(3), X2, size, orders=orders)


def test_a_network_without_it_is_refused():
    dense = nn.Dense(2, in_units=3)
    dense.initialize()
    with pytest.raises(ValueError, match="no batch normalization"):
        score_spread(dense, X2, 10)


@pytest.mark.parametrize("shape", [(4, 3, 5, 5), (4, 3)])
def test_ghosts_are_batches_of_their_own(shape):
    X = np.array(X4[:, :, 0, 0] if len(shape) == 2 else X4)
    ghost, plain = layer(3, 2), layer(3)
    with autograd.train_mode():
        parts = [plain(X[:2]), plain(X[2:])]
        numpy.testing.assert_array_equal(ghost(X).asnumpy(), np.concatenate(parts).asnumpy())
        assert np.abs(ghost(X) - plain(X)).max() > 0.1


def test_ghosts_as_large_as_the_batch_train_as_batch_normalization_does():
    def trained(norm):
        batches, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=96)
        net = d2l_bn.lenet(norm)
        history = d2l_bn.train(net, batches, batches, epochs=2)
        return history["loss"], history["test_accuracy"], net

    loss, accuracy, net = trained(lambda channels, rank: GhostBatchNorm(channels, 32))
    expected, expected_accuracy, _ = trained("gluon")
    assert loss == pytest.approx(expected, rel=1e-4)
    assert accuracy == pytest.approx(expected_accuracy, abs=0.05)  # the averages moved as well
    assert list(batch_norms(net)) == [f"norm{i}.norm" for i in (1, 2, 3, 4)]
    noisy, _, _ = trained(lambda channels, rank: GhostBatchNorm(channels, 4))
    assert abs(noisy[0] - loss[0]) > 1e-3


def test_prediction_takes_the_averages():
    ghost = layer(3, 2)
    ghost.norm.running_mean.set_data(np.array([1.0, 2.0, 3.0]))
    X = X2[:5]
    numpy.testing.assert_allclose(ghost(X).asnumpy(), X.asnumpy() - [1, 2, 3], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sizes", [(0, 2), (3, 0)])
def test_sizes_below_one_are_refused(sizes):
    with pytest.raises(ValueError, match="expected a whole number of at least 1"):
        GhostBatchNorm(*sizes)
