"""Folding: by hand, equal outputs for each kind of network, and an original that stays."""

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.networks.batch_norm_layers import averages, batch_norms
from d2l_bn.networks.folding import fold
from d2l_bn.networks.watching import blocks


def trained(net, X, seed=0):
    """Initialize; every γ, β, mean and variance of its own, none at its start."""
    net.initialize(mx.init.Xavier())
    net(X)
    random = numpy.random.RandomState(seed)
    for layer in blocks(net).values():
        if isinstance(layer, (d2l_bn.BatchNorm, nn.BatchNorm)):
            mean, var = averages(layer)
            for parameter, low, high in (
                (layer.gamma, -2, 2),
                (layer.beta, -1, 1),
                (mean, -1, 1),
                (var, 0.1, 3),
            ):
                value = random.uniform(low, high, parameter.shape)
                parameter.set_data(np.array(value, dtype=parameter.dtype))
        elif getattr(layer, "bias", None) is not None:
            layer.bias.set_data(np.array(random.uniform(-1, 1, layer.bias.shape)))
    return net


def norms_left(net):
    return [b for b in blocks(net).values() if isinstance(b, (d2l_bn.BatchNorm, nn.BatchNorm))]


def assert_equal_outputs(net, folded, X, tolerance=1e-5):
    expected, came = net(X).asnumpy(), folded(X).asnumpy()
    assert numpy.abs(expected).max() > 0.1  # something to compare
    numpy.testing.assert_allclose(came, expected, rtol=tolerance, atol=tolerance)


@pytest.fixture
def X():
    return np.array(numpy.random.RandomState(1).rand(8, 1, 28, 28), dtype="float32")


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_lenet(norm, use_bias, X):
    net = trained(d2l_bn.lenet(norm, use_bias=use_bias), X)
    folded = fold(net)
    assert len(net) - len(folded) == 4 and not norms_left(folded)
    assert_equal_outputs(net, folded, X)
    assert folded.conv1.bias is not None and type(folded) is nn.HybridSequential
    assert list(folded._children)[:4] == ["conv1", "act1", "pool1", "conv2"]
    folded.hybridize()
    assert_equal_outputs(net, folded, X)


@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_behind_an_activation_it_stays_and_works(norm, X):
    net = trained(d2l_bn.lenet(norm, placement="after"), X)
    folded = fold(net)
    assert len(folded) == len(net) and len(norms_left(folded)) == 4
    assert_equal_outputs(net, folded, X)


def test_without_normalization_it_is_a_copy(X):
    net = trained(d2l_bn.lenet(None), X)
    assert_equal_outputs(net, fold(net), X, tolerance=0)


def test_by_hand():
    net = nn.Sequential()
    net.add(nn.Dense(1, in_units=2), d2l_bn.BatchNorm(1, num_dims=2, eps=0.25))
    net.initialize()
    for parameter, value in (
        (net[0].weight, [[4.0, 6.0]]),
        (net[0].bias, [5.0]),
        (net[1].gamma, [[3.0]]),
        (net[1].beta, [[7.0]]),
        (net[1].moving_mean, [[1.0]]),
        (net[1].moving_var, [[2.0]]),
    ):
        parameter.set_data(np.array(value))
    folded = fold(net)  # the factor is 3 / sqrt(2 + 0.25) = 2
    assert len(folded) == 1
    assert folded[0].weight.data().tolist() == [[8, 12]]
    assert folded[0].bias.data().tolist() == [15]  # 2 * (5 - 1) + 7


def test_the_original_stays_and_shares_nothing(X):
    net = trained(d2l_bn.lenet("gluon"), X)
    net.hybridize()
    expected = net(X).asnumpy()
    calls = []
    for block in (net, net.act1, net.output):
        block.register_forward_hook(lambda *_: calls.append(1))
    parameters = {k: p.data().asnumpy() for k, p in net._collect_params_with_prefix().items()}
    folded = fold(net)
    for parameter in folded.collect_params().values():
        parameter.set_data(np.zeros_like(parameter.data()))
    assert (folded(X) == 0).all().item() and not calls
    for name, parameter in net._collect_params_with_prefix().items():
        numpy.testing.assert_array_equal(parameter.data().asnumpy(), parameters[name])
    numpy.testing.assert_array_equal(net(X).asnumpy(), expected)
    assert len(net) == 15 and net._active and calls == [1]  # the inner ones are compiled away


@pytest.mark.parametrize("groups, padding, dilation, strides", [(2, 1, 1, 2), (1, (0, 2), 2, 1)])
def test_every_option_of_a_convolution(groups, padding, dilation, strides):
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(6, (3, 2), strides, padding, dilation, groups, in_channels=4),
        nn.BatchNorm(epsilon=0.01),
        nn.Activation("relu"),
    )
    X = np.array(numpy.random.RandomState(1).randn(2, 4, 9, 9), dtype="float32")
    trained(net, X)
    folded = fold(net)
    assert len(folded) == 2
    assert_equal_outputs(net, folded, X)


def test_gluons_fixed_gamma_counts_as_one():
    net = nn.HybridSequential()
    net.add(nn.Dense(3, in_units=2), nn.BatchNorm(scale=False))
    X = np.array([[1.0, 2.0], [3.0, -4.0]])
    trained(net, X)
    net[1].gamma.set_data(np.full((3,), 5.0))  # which Gluon does not look at
    assert_equal_outputs(net, fold(net), X)


def test_several_in_a_row_are_all_folded():
    net = nn.HybridSequential()
    net.add(nn.Dense(3, in_units=2), nn.BatchNorm(), nn.BatchNorm())
    X = np.array([[1.0, 2.0], [3.0, -4.0]])
    folded = fold(trained(net, X))
    assert len(folded) == 1
    assert_equal_outputs(net, folded, X)


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [nn.BatchNorm(in_channels=4), nn.Dense(3)],  # at the start
        lambda: [nn.Dense(3, activation="relu"), nn.BatchNorm()],  # an activation between
        lambda: [nn.Dense(3), nn.Activation("relu"), nn.BatchNorm()],
        lambda: [nn.Dense(3, flatten=False), nn.BatchNorm()],  # its axis 1 is not the outputs
        lambda: [nn.Dense(3), nn.BatchNorm(), nn.Dense(2, activation="tanh"), nn.BatchNorm()],
    ],
)
def test_what_cannot_be_folded_stays(layers):
    net = nn.HybridSequential()
    net.add(*layers())
    X = np.array(numpy.random.RandomState(1).randn(5, 4, 3), dtype="float32")
    trained(net, X)
    folded = fold(net)
    assert len(norms_left(folded)) == 1
    assert_equal_outputs(net, folded, X)


@pytest.mark.parametrize(
    "activation, axis, layout",
    [
        ("relu", 1, "NCHW"),
        (None, 3, "NCHW"),  # over the columns of the pictures
    ],
)
def test_a_convolution_that_cannot_be_folded_into(activation, axis, layout):
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(4, 3, in_channels=4, activation=activation, layout=layout),
        nn.BatchNorm(axis=axis),
    )
    X = np.array(numpy.random.RandomState(1).randn(2, 4, 6, 6), dtype="float32")
    folded = fold(trained(net, X))
    assert len(folded) == 2
    assert_equal_outputs(net, folded, X)


def test_the_same_pair_twice_is_one_layer():
    dense, norm = nn.Dense(4, in_units=4), nn.BatchNorm(in_channels=4)
    net = nn.HybridSequential()
    net.add(dense, norm, nn.Activation("tanh"), dense, norm)
    X = np.array(numpy.random.RandomState(1).randn(5, 4), dtype="float32")
    folded = fold(trained(net, X))
    assert len(folded) == 3 and folded[0] is folded[2]
    folded.hybridize()
    assert_equal_outputs(net, folded, X)


def test_the_copy_is_not_hybridized_yet(X):
    net = trained(d2l_bn.lenet("gluon", placement="after"), X)
    net.hybridize()
    net(X)
    assert not any(getattr(block, "_active", False) for block in blocks(fold(net)).values())


def test_a_subclass_may_compute_something_else():
    class Doubled(nn.Dense):
        def hybrid_forward(self, F, x, weight, bias=None):
            return super().hybrid_forward(F, x, 2 * weight, bias)

    net = nn.HybridSequential()
    net.add(Doubled(3, in_units=4), nn.BatchNorm())
    X = np.array(numpy.random.RandomState(1).randn(5, 4), dtype="float32")
    folded = fold(trained(net, X))
    assert len(folded) == 2
    assert_equal_outputs(net, folded, X)


def test_nested_and_shared():
    inner, shared = nn.Sequential(), nn.Dense(4, in_units=4)
    inner.add(shared, d2l_bn.BatchNorm(4, 2), nn.Activation("tanh"))
    net = nn.Sequential()
    net.add(inner, inner, shared, d2l_bn.BatchNorm(4, 2), shared)
    X = np.array(numpy.random.RandomState(1).randn(5, 4), dtype="float32")
    trained(net, X)
    folded = fold(net)
    assert not norms_left(folded) and folded[0] is folded[1]
    assert_equal_outputs(net, folded, X)
    folded.hybridize()  # where two parameters of one name would be taken for one
    assert_equal_outputs(net, folded, X)


def test_float64_and_trained_statistics(X):
    net = d2l_bn.lenet()
    net.initialize(mx.init.Xavier())
    net(X)
    net.cast("float64")
    X = X.astype("float64")
    for _ in range(3):
        with autograd.train_mode():
            net(X)
    folded = fold(net)
    assert folded.conv1.weight.data().dtype == "float64"
    assert_equal_outputs(net, folded, X, tolerance=1e-12)


def test_save_and_load(X, tmp_path):
    folded = fold(trained(d2l_bn.lenet(), X))
    folded.save_parameters(str(tmp_path / "p"))
    other = d2l_bn.lenet(None)
    other.load_parameters(str(tmp_path / "p"))
    numpy.testing.assert_array_equal(other(X).asnumpy(), folded(X).asnumpy())


@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_a_whole_residual_network(norm, X):
    net = trained(d2l_bn.resnet(14, norm), X)
    folded = fold(net)
    assert len(norms_left(net)) == 13 and not norms_left(folded)
    assert list(folded.block3.branch._children) == ["conv1", "act1", "conv2"]
    assert_equal_outputs(net, folded, X, tolerance=1e-4)
    assert type(folded) is nn.HybridSequential
    folded.hybridize()
    assert_equal_outputs(net, folded, X, tolerance=1e-4)


def test_of_pre_activation_blocks_the_first_norm_stays(X):
    net = trained(d2l_bn.resnet(14, "gluon", order="pre"), X)
    folded = fold(net)
    assert len(norms_left(folded)) == 6 + 1  # of each block, and in front of the mean
    assert_equal_outputs(net, folded, X, tolerance=1e-4)


@pytest.mark.parametrize("norm", [None, "batch"])
def test_the_number_that_multiplies_a_branch_is_folded(norm, X):
    net = trained(d2l_bn.resnet(8, norm, branch_scale=0.3), X)
    folded = fold(net)
    assert list(folded.block1.branch._children) == ["conv1", "act1", "conv2"]
    assert_equal_outputs(net, folded, X, tolerance=1e-4)


@pytest.mark.parametrize("net", [nn.Dense(2), nn.BatchNorm(), None])
def test_other_blocks_are_refused(net):
    with pytest.raises(TypeError, match="expected an nn.Sequential"):
        fold(net)


def test_not_initialized_gets_gluons_own_error():
    with pytest.raises(RuntimeError, match="has not been initialized"):
        fold(d2l_bn.lenet())


def test_recalibrated_then_folded(X):
    net = d2l_bn.lenet("gluon")
    net.initialize(mx.init.Xavier())
    net(X)
    d2l_bn.recalibrate(net, [X])
    assert all(averages(b)[1].data().min().item() != 1 for b in batch_norms(net).values())
    assert_equal_outputs(net, fold(net), X)
