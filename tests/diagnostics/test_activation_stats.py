"""ActivationStats: the numbers by hand, when it looks, and that it changes nothing."""

import numpy
import pytest
from mxnet import autograd, init, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.networks.watching import blocks


def passing(*activations):
    """Layers that pass their input through, and then the activations."""
    net = nn.Sequential()
    net.add(nn.Lambda(lambda X: X + 0))
    for kind in activations:
        net.add(nn.Activation(kind))
    net.initialize()
    return net


def run(net, X):
    with autograd.record():
        return net(X)


def test_values_by_hand():
    net = passing()
    with ActivationStats(net, ["0"], bins=4, limits=(0, 4)) as stats:
        run(net, np.array([[0.5, 1.5, 1.5, 3.0], [-9.0, 99.0, 3.5, 4.0]]))
    seen = stats["0"]
    values = numpy.array([0.5, 1.5, 1.5, 3, -9, 99, 3.5, 4])
    assert seen.steps == [1] and seen.saturated == [None]
    assert seen.means == pytest.approx([values.mean()])
    assert seen.stds == pytest.approx([values.std()])
    assert seen.edges.tolist() == [0, 1, 2, 3, 4]
    assert seen.histograms[0].tolist() == [2, 2, 0, 4]  # -9 in the first bar, 99 in the last


@pytest.mark.parametrize(
    "kind, X, share, ends",
    [
        ("sigmoid", [0, 2.9, -2.9, 3, -3, 8, -8, 0], 4 / 8, (0, 1)),  # 1/(1+e^-2.944) = 0.95
        ("tanh", [0, 1.4, -1.4, 1.5, -1.5, 8, -8, 0], 4 / 8, (-1, 1)),  # tanh 1.472 = 0.9
        ("relu", [-1, 0, 0.1, 4, 5, 6, 7, 8], 2 / 8, (-5, 5)),
        ("softrelu", [-1, -2, 3, 4, 5, 6, 7, 8], None, (-5, 5)),
    ],
)
def test_saturation(kind, X, share, ends):
    net = passing(kind)
    with ActivationStats(net, ["1"]) as stats:
        run(net, np.array([X], dtype="float32"))
    assert stats["1"].saturated == [share]
    assert (stats["1"].edges[0], stats["1"].edges[-1]) == ends
    assert stats["1"].histograms[0].sum() == 8


def test_it_looks_at_recorded_passes_only_and_at_one_in_so_many():
    net, X = passing("sigmoid"), np.ones((2, 3))
    with ActivationStats(net, ["0", "1"], every=3) as stats:
        for step in range(1, 8):
            net(X)
            with autograd.train_mode():
                net(X)
            run(net, step * X)
    run(net, X)  # detached
    assert list(stats) == ["0", "1"]
    assert stats["0"].steps == [1, 4, 7] and stats["0"].means == [1, 4, 7]
    assert stats["1"].steps == [1, 4, 7]
    assert not any(block._forward_hooks for block in blocks(net).values())
    stats.detach()  # a second time does no harm


def test_it_is_detached_after_an_error():
    net = passing()
    with pytest.raises(OSError), ActivationStats(net, ["0"]):
        raise OSError
    assert not net[0]._forward_hooks


def test_training_is_the_same_with_and_without():
    def train(watched):
        train_iter, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=96)
        net = d2l_bn.lenet()
        stats = ActivationStats(net, ["conv1", "norm1", "act1"], every=2) if watched else None
        d2l_bn.train(net, train_iter, epochs=2, recalibrate=True)
        return net, stats

    (net, stats), (plain, _) = train(True), train(False)
    for a, b in zip(net.collect_params().values(), plain.collect_params().values()):
        numpy.testing.assert_array_equal(a.data().asnumpy(), b.data().asnumpy())
    assert stats["norm1"].steps == [1, 3, 5]  # 6 batches in two epochs
    assert stats["norm1"].means == pytest.approx([0, 0, 0], abs=0.5)
    assert stats["norm1"].stds[0] == pytest.approx(1, abs=0.05)
    assert stats["conv1"].stds[0] < 0.5
    assert stats["act1"].histograms[0].sum() == 32 * 6 * 24 * 24


def test_gradients_go_through():
    net, X = passing("sigmoid"), np.zeros((1, 2))
    X.attach_grad()
    with ActivationStats(net, ["0", "1"], every=1):
        Y = run(net, X)
    Y.backward()
    assert X.grad.tolist() == [[0.25, 0.25]]


def test_nan_does_not_stop_training():
    net = passing()
    with ActivationStats(net, ["0"]) as stats:
        run(net, np.array([[float("nan"), 1.0]]))
    assert numpy.isnan(stats["0"].means[0]) and stats["0"].histograms[0].sum() == 1


def test_names_below_and_the_network_itself():
    outer = nn.Sequential(prefix="outer_")
    outer.add(passing())
    with ActivationStats(outer, ["0.0", "outer"]) as stats:
        run(outer, np.ones((2, 3)))
    assert stats["0.0"].means == stats["outer"].means == [1]


@pytest.mark.parametrize(
    "layers, options, error, words",
    [
        (["conv1", "norm9"], {}, ValueError, "no layer 'norm9' in net; expected some of .*norm4"),
        ("conv", {}, ValueError, "no layer 'conv'"),
        (["conv1"], {"every": 0}, ValueError, "every is 0"),
        (["conv1"], {"bins": 2.5}, TypeError, "bins is 2.5"),
        (["conv1"], {"limits": (1, 1)}, ValueError, "limits are"),
    ],
)
def test_refusals_attach_nothing(layers, options, error, words):
    net = d2l_bn.lenet()
    with pytest.raises(error, match=words):
        ActivationStats(net, layers, **options)
    assert not any(block._forward_hooks for block in blocks(net).values())


def test_hybridized_is_refused_where_hooks_would_be_silent():
    net = d2l_bn.lenet("gluon")
    net.initialize(init.Xavier())
    net.hybridize()
    with pytest.raises(ValueError, match=r"conv1: inside a hybridized block.*hybridize\(False\)"):
        ActivationStats(net, ["conv1"])

    net = d2l_bn.lenet("batch")  # this one hybridizes layer by layer, and hooks are called
    net.initialize(init.Xavier())
    net.hybridize()
    with ActivationStats(net, ["conv1"]) as stats:
        run(net, np.ones((2, 1, 28, 28)))
    assert stats["conv1"].steps == [1]
