"""The siblings' Blocks as parts of Gluon: parameters, casting, saving, hybrids, LeNet by name."""

import numpy
import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn
from sibling_helpers import CASES, IDS, SHAPES, SIBLINGS, arrays, random_case
from training_helpers import assert_same, same, values

import d2l_bn
from d2l_bn.norms.group import GroupNorm
from d2l_bn.norms.instance import InstanceNorm
from d2l_bn.norms.layer import LayerNorm

both = pytest.mark.parametrize("sibling, rank", CASES, ids=IDS)


def moved(sibling, rank, seed=0):
    """A Block whose γ and β have left 1 and 0, and an input for it."""
    x, gamma, beta = arrays(random_case(SHAPES[rank], seed), "float32")
    block = sibling.block(SHAPES[rank][1], rank)
    block.initialize()
    block.gamma.set_data(gamma)
    block.beta.set_data(beta)
    return block, x


@both
def test_parameters(sibling, rank):
    block = sibling.block(4, rank)
    parameters = block.collect_params()
    assert [name[len(block.prefix) :] for name in parameters] == ["gamma", "beta"]
    assert {p.shape for p in parameters.values()} == {(1, 4) + (1,) * (rank - 2)}
    block.initialize(init.Xavier())  # does not touch what has an initializer of its own
    assert (block.gamma.data() == 1).all().item() and (block.beta.data() == 0).all().item()


def test_repr():
    assert repr(LayerNorm(3, 2)) == "LayerNorm(3, num_dims=2, eps=1e-05)"
    assert repr(InstanceNorm(3)) == "InstanceNorm(3, num_dims=4, eps=1e-05)"
    assert repr(GroupNorm(4, 2, 2)) == "GroupNorm(4, num_dims=2, num_groups=2, eps=1e-05)"


@both
@pytest.mark.parametrize("mode", [autograd.record, autograd.predict_mode])
def test_a_block_is_its_function(sibling, rank, mode):
    block, x = moved(sibling, rank)
    with mode():
        Y = block(x)
    expected = sibling.function(x, block.gamma.data(), block.beta.data())
    assert numpy.abs((Y - expected).asnumpy()).max() < 1e-5  # the operator rounds otherwise
    bigger_eps = sibling.block(SHAPES[rank][1], rank, eps=1.0)
    bigger_eps.initialize()
    assert numpy.abs(bigger_eps(x).asnumpy()).max() < numpy.abs(x.asnumpy()).max()
    expected = sibling.function(x, block.gamma.data() * 0 + 1, block.beta.data() * 0, 1.0)
    assert numpy.abs((bigger_eps(x) - expected).asnumpy()).max() < 1e-5


@both
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_cast(sibling, rank, dtype):
    block, x = moved(sibling, rank)
    before = values(block)
    block.cast(dtype)
    kept = "float64" if dtype == "float64" else "float32"
    assert {str(value.dtype) for value in values(block).values()} == {kept}
    assert_same(values(block), before)
    with autograd.record():
        Y = block(x.astype(dtype))
    Y.backward()
    assert str(Y.dtype) == dtype and str(block.gamma.grad().dtype) == kept


@both
def test_saved_and_loaded_alone_and_in_a_network(sibling, rank, tmp_path):
    source, x = moved(sibling, rank)
    fresh = sibling.block(SHAPES[rank][1], rank)
    source.save_parameters(str(tmp_path / "alone"))
    fresh.load_parameters(str(tmp_path / "alone"))
    assert same(values(fresh), values(source)) and (fresh(x) == source(x)).all().item()

    nets = [nn.Sequential(), nn.Sequential()]
    nets[0].add(source)
    nets[1].add(sibling.block(SHAPES[rank][1], rank))
    nets[0].save_parameters(str(tmp_path / "inside"))
    nets[1].load_parameters(str(tmp_path / "inside"))
    assert (nets[1](x) == nets[0](x)).all().item()


@pytest.mark.parametrize("sibling", SIBLINGS, ids=str)
def test_in_a_hybridized_network(sibling):
    net = nn.Sequential()
    net.add(nn.Conv2D(4, 2, in_channels=4), sibling.block(4, 4), nn.Activation("sigmoid"))
    net.initialize(init.Xavier())
    x = np.array(random_case((3, 4, 3, 3))[0], dtype="float32")
    upstream = np.array(random_case((3, 4, 2, 2), seed=1)[0], dtype="float32")
    results = []
    for hybridize in (False, True):
        if hybridize:
            net.hybridize(static_alloc=True)
        predicted = net(x).asnumpy()
        with autograd.record():
            Y = net(x)
        Y.backward(upstream)
        gradients = [p.grad().asnumpy() for p in net.collect_params().values()]
        assert numpy.abs(predicted - Y.asnumpy()).max() < 1e-6  # the mode does not matter
        results.append([predicted, *gradients])
    assert all(numpy.abs(a - b).max() < 1e-6 for a, b in zip(*results))


@pytest.mark.parametrize("name, kind", [("layer", LayerNorm), ("group", GroupNorm)])
def test_lenet_by_name(name, kind):
    net = d2l_bn.lenet(norm=name)
    assert [type(getattr(net, f"norm{i}")) for i in (1, 2, 3, 4)] == [kind] * 4
    assert [getattr(net, f"norm{i}").num_dims for i in (1, 2, 3, 4)] == [4, 4, 2, 2]


def test_lenet_with_instance_norm_has_none_behind_its_dense_layers():
    net = d2l_bn.lenet(norm="instance")
    assert [isinstance(net.norm1, InstanceNorm), isinstance(net.norm2, InstanceNorm)] == [True] * 2
    assert not hasattr(net, "norm3") and not hasattr(net, "norm4")


@pytest.mark.parametrize("name", ["layer", "instance", "group"])
def test_lenet_learns_a_batch_by_heart(name):
    net, loss_of = d2l_bn.lenet(norm=name, activation="relu"), gluon.loss.SoftmaxCrossEntropyLoss()
    net.initialize(init.Xavier())
    rng = numpy.random.RandomState(0)
    x = numpy.kron(rng.rand(16, 1, 4, 4), numpy.ones((7, 7)))  # noise of pixels looks all the same
    X, y = np.array(x, dtype="float32"), np.array(rng.randint(0, 10, 16))
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    losses = []
    for _ in range(20):
        with autograd.record():
            loss = loss_of(net(X), y)
        loss.backward()
        trainer.step(16)
        losses.append(loss.mean().item())
    assert losses[-1] < 0.5 * losses[0]
    assert all(p.grad().asnumpy().any() for p in net.norm2.collect_params().values())
