"""Population statistics: by hand, against NumPy on the layer's real inputs, and what must stay."""

import warnings

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon import nn
from training_helpers import assert_same, values

import d2l_bn
from d2l_bn.networks.batch_norm_layers import averages, batch_norms, kept_averages
from d2l_bn.networks.population import Population, population_statistics, recalibrate
from d2l_bn.networks.watching import blocks

NORMS = ["batch", "gluon"]


@pytest.fixture(scope="module")
def train_iter():
    return d2l_bn.load_fashion_mnist(32, data="synthetic", limit=112)[0]  # 32 + 32 + 32 + 16


def ready(norm, **options):
    net = d2l_bn.lenet(norm, **options)
    net.initialize(mx.init.Xavier())
    net(np.ones((2, 1, 28, 28)))
    return net


def fresh(batches):
    """The batches of one and the same epoch as a list."""
    batches.epoch = 0
    return list(batches)


def inputs_in_training(net, data):
    """The input of each normalization and batch, by running the layers one after the other."""
    seen = {}
    for X, _ in data:
        with autograd.train_mode():
            for name, layer in net._children.items():
                if name.startswith("norm"):
                    seen.setdefault(name, []).append(X.asnumpy().astype("float64"))
                X = layer(X)
    return seen


def flat(x):
    """(N, C) or (N, C, H, W) as (m, C)."""
    return numpy.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


@pytest.mark.parametrize("norm", NORMS)
def test_statistics_are_those_of_the_layers_inputs(norm, train_iter):
    net, data = ready(norm), fresh(train_iter)
    statistics = population_statistics(net, data)
    with kept_averages(net):
        expected = inputs_in_training(net, data)
    assert list(statistics) == list(expected) == ["norm1", "norm2", "norm3", "norm4"]
    for name, population in statistics.items():
        batches = [flat(x) for x in expected[name]]
        m = numpy.array([len(b) for b in batches])
        everything = numpy.concatenate(batches)
        numpy.testing.assert_array_equal(population.counts, m)
        close = {"rtol": 2e-5, "atol": 1e-6}
        numpy.testing.assert_allclose(population.mean, everything.mean(0), **close)
        numpy.testing.assert_allclose(population.variance("pooled"), everything.var(0), **close)
        for kind, ddof in (("biased", 0), ("unbiased", 1)):
            estimates = [b.var(0, ddof=ddof) for b in batches]
            mean = numpy.average(estimates, axis=0, weights=m - ddof)
            numpy.testing.assert_allclose(population.variance(kind), mean, **close)


def test_three_variances_by_hand():
    population = Population(
        counts=numpy.array([2, 4]),
        means=numpy.array([[0.0], [3.0]]),
        variances=numpy.array([[1.0], [4.0]]),
    )
    assert population.mean == [2.0]  # (2*0 + 4*3) / 6
    assert population.variance("biased") == [3.0]  # (2*1 + 4*4) / 6
    assert population.variance() == [4.5]  # (2*1 + 4*4) / (1 + 3)
    assert population.variance("pooled") == [5.0]  # 3 + (2*(0-2)^2 + 4*(3-2)^2) / 6


def test_unbiased_is_the_formula_of_the_paper_for_batches_of_one_size():
    random = numpy.random.RandomState(0)
    population = Population(numpy.full(7, 5), random.randn(7, 3), random.rand(7, 3))
    expected = 5 / 4 * population.variances.mean(0)
    numpy.testing.assert_allclose(population.variance("unbiased"), expected, rtol=1e-14)


def test_a_last_batch_of_one_example_does_no_harm():
    train_iter, test_iter = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=65)
    history = d2l_bn.train(d2l_bn.lenet(), train_iter, test_iter, epochs=1, recalibrate=True)
    assert 0 <= history.last.test_accuracy_population <= 1


def test_far_from_zero_no_digit_is_lost():
    layer = d2l_bn.BatchNorm(1, num_dims=2)
    layer.initialize()
    data = [np.array([[9999.0], [10001.0]]), np.array([[10000.0], [10004.0]])]
    recalibrate(layer, data, variance="pooled")
    numpy.testing.assert_allclose(layer.moving_mean.data().asnumpy(), [[10001.0]])
    numpy.testing.assert_allclose(layer.moving_var.data().asnumpy(), [[3.5]])  # 2.5 + 1


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", ["unbiased", "biased", "pooled"])
def test_recalibrate_sets_averages_and_nothing_else(norm, kind, train_iter):
    net, data = ready(norm), fresh(train_iter)
    for parameter in net.collect_params().values():
        if parameter.grad_req != "null":
            parameter.grad()[:] = 7
    before, expected = values(net), population_statistics(net, data)
    recalibrate(net, data, variance=kind)
    assert_same(before, values(net), but=("mean", "var"))
    for name, layer in batch_norms(net).items():
        mean, var = (p.data().asnumpy().reshape(-1) for p in averages(layer))
        numpy.testing.assert_array_equal(mean, expected[name].mean.astype("float32"))
        numpy.testing.assert_array_equal(var, expected[name].variance(kind).astype("float32"))
        assert numpy.abs(var - 1).min() > 0.01  # not where it started
    for parameter in net.collect_params().values():
        if parameter.grad_req != "null":
            assert (parameter.grad() == 7).all().item()


def test_both_kinds_of_layer_come_to_the_same(train_iter):
    data, nets = fresh(train_iter), {norm: ready(norm) for norm in NORMS}
    for (_, a), (_, b) in zip(
        *(sorted(n._collect_params_with_prefix().items()) for n in nets.values())
    ):
        if a.grad_req != "null":
            b.set_data(a.data().reshape(b.shape))
    for net in nets.values():
        recalibrate(net, data)
    X = data[0][0]
    numpy.testing.assert_allclose(
        nets["batch"](X).asnumpy(), nets["gluon"](X).asnumpy(), rtol=1e-4, atol=1e-5
    )


def test_statistics_of_all_data_predict_as_one_batch_does(train_iter):
    """One batch, biased: prediction is then exactly what training mode computes."""
    net, (X, _) = ready("batch"), fresh(train_iter)[0]
    with kept_averages(net), autograd.train_mode():
        expected = net(X)
    recalibrate(net, [X], variance="biased")
    numpy.testing.assert_allclose(net(X).asnumpy(), expected.asnumpy(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
def test_hybridized_gives_the_same_and_stays_hybridized(norm, train_iter):
    data, net = fresh(train_iter), ready(norm)
    plain = population_statistics(net, data)
    net.hybridize(static_alloc=True)
    X = data[0][0]
    net(X)
    compiled = {
        name: (b._active, b._cached_op, b._flags)
        for name, b in blocks(net).items()
        if isinstance(b, gluon.HybridBlock)
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recalibrate(net, data)
    assert compiled == {
        name: (b._active, b._cached_op, b._flags)
        for name, b in blocks(net).items()
        if isinstance(b, gluon.HybridBlock)
    }
    assert any(active for active, _, _ in compiled.values())
    for name, layer in batch_norms(net).items():
        mean = averages(layer)[0].data().asnumpy().reshape(-1)
        numpy.testing.assert_allclose(mean, plain[name].mean, rtol=1e-4, atol=1e-5)
    after = net(X).asnumpy()  # the compiled graph sees the new averages
    net.hybridize(False)
    numpy.testing.assert_allclose(after, net(X).asnumpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("fault", ["raises", "wrong shape", "interrupt"])
def test_on_error_all_is_as_it_was(norm, fault, train_iter):
    net = ready(norm)
    net.hybridize()
    X = fresh(train_iter)[0][0]
    net(X)
    before = values(net)

    def faulty():
        yield X
        if fault == "raises":
            raise OSError("disk gone")
        if fault == "interrupt":
            raise KeyboardInterrupt
        yield np.ones((2, 3, 28, 28))

    error = {"raises": OSError, "interrupt": KeyboardInterrupt}.get(fault, Exception)
    with pytest.raises(error):
        recalibrate(net, faulty())
    assert_same(before, values(net))
    assert not autograd.is_training() and not autograd.is_recording()
    assert all(not b._forward_pre_hooks for b in blocks(net).values())
    assert any(getattr(b, "_active", False) for b in blocks(net).values())


def test_not_finite_is_refused_and_nothing_changes(train_iter):
    net = ready("batch")
    before = values(net)
    with pytest.raises(ValueError, match="norm1 are infinite or NaN"):
        recalibrate(net, [np.full((4, 1, 28, 28), float("nan"))])
    assert_same(before, values(net))


@pytest.mark.parametrize(
    "data, options, error, words",
    [
        ([], {}, ValueError, "no batch"),
        (np.ones((4, 1, 28, 28)), {}, TypeError, "single array"),
        ([np.ones((4, 1, 28, 28))], {"variance": "sample"}, ValueError, "'unbiased', 'biased'"),
        ([np.ones((4, 1, 28, 28))], {"batches": 0}, ValueError, "batches is 0"),
        ([np.ones((4, 1, 28, 28))], {"batches": 2.5}, TypeError, "batches is 2.5"),
        ([numpy.ones((4, 1, 28, 28))], {}, TypeError, "X is a numpy.ndarray"),
        ([[[1.0]]], {}, TypeError, "X is a list"),
        ([np.ones((1, 1, 28, 28))], {}, ValueError, "one value a channel"),  # after a dense layer
    ],
)
def test_refusals_leave_the_averages(data, options, error, words):
    net = ready("batch")
    before = values(net)
    with pytest.raises(error, match=words):
        recalibrate(net, data, **options)
    assert_same(before, values(net))


def test_a_network_without_normalization_is_refused():
    with pytest.raises(ValueError, match="no batch normalization"):
        recalibrate(ready(None), [np.ones((4, 1, 28, 28))])


def test_uninitialized_gets_gluons_own_error():
    with pytest.raises(RuntimeError, match="has not been initialized"):
        recalibrate(d2l_bn.lenet(), [np.ones((4, 1, 28, 28))])


def test_number_of_batches_labels_and_generators(train_iter):
    net, data = ready("gluon"), fresh(train_iter)
    taken = []

    def images():
        for X, _ in data:
            taken.append(len(X))
            yield X

    from_images = population_statistics(net, images(), batches=2)
    assert taken == [32, 32]
    from_pairs = population_statistics(net, data, batches=2)
    for name in from_pairs:
        numpy.testing.assert_array_equal(from_images[name].means, from_pairs[name].means)
        assert len(from_pairs[name].counts) == 2


def test_works_inside_record_and_leaves_the_mode(train_iter):
    net, data = ready("batch"), fresh(train_iter)
    w, modes = np.ones(1), []
    w.attach_grad()

    def noting(batches):
        for batch in batches:
            modes.append((autograd.is_recording(), autograd.is_training()))
            yield batch

    with autograd.record():
        y = w * 3
        recalibrate(net, noting(data))
        assert autograd.is_recording() and autograd.is_training()
    y.backward()
    assert w.grad.item() == 3
    assert set(modes) == {(False, True)}


def test_frozen_layers_of_gluon_stay():
    net = nn.HybridSequential()
    net.add(nn.BatchNorm(in_channels=2, use_global_stats=True), nn.BatchNorm(in_channels=2))
    net.initialize()
    recalibrate(net, [np.array([[1.0, 2.0], [5.0, 8.0]])])
    assert net[0].running_mean.data().tolist() == [0, 0]
    numpy.testing.assert_allclose(net[1].running_mean.data().asnumpy(), [3, 5], rtol=1e-4)


def test_other_axes_and_nesting():
    inner = nn.HybridSequential()
    inner.add(nn.BatchNorm(axis=-1, in_channels=2))
    net = nn.HybridSequential()
    net.add(inner)
    net.initialize()
    X = numpy.random.rand(3, 4, 5, 2).astype("float32")
    statistics = population_statistics(net, [np.array(X)])
    assert list(statistics) == ["0.0"] and statistics["0.0"].counts == [60]
    numpy.testing.assert_allclose(statistics["0.0"].mean, X.mean((0, 1, 2)), rtol=1e-5)


def test_float16_input_float32_averages():
    net = nn.Sequential()
    net.add(d2l_bn.BatchNorm(2, num_dims=2))
    net.initialize()
    net.cast("float16")
    recalibrate(net, [np.array([[1.0, 2.0], [5.0, 8.0]], dtype="float16")])
    assert net[0].moving_mean.data().dtype == "float32"
    assert net[0].moving_mean.data().tolist() == [[3, 5]]


def test_a_layer_that_does_not_run_keeps_its_averages(train_iter):
    class OnlyFirst(nn.Block):
        def __init__(self):
            super().__init__()
            self.used, self.unused = d2l_bn.BatchNorm(1, 4), d2l_bn.BatchNorm(3, 2)

        def forward(self, X):
            return self.used(X)

    both = OnlyFirst()
    both.initialize()
    recalibrate(both, fresh(train_iter))
    assert both.unused.moving_var.data().tolist() == [[1, 1, 1]]
    assert both.used.moving_var.data().item() != 1
