"""Residual networks: against another implementation, by hand, at their start, and refused."""

from __future__ import annotations

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn import BatchNorm, resnet
from d2l_bn.diagnostics.network_gradient_check import check_network
from d2l_bn.diagnostics.signal_propagation import propagate
from d2l_bn.networks.batch_norm_layers import averages, batch_norms
from d2l_bn.networks.normalizers import COMPILED
from d2l_bn.networks.residual_block import HybridResidualBlock, ResidualBlock, Shortcut

KINDS = [
    {"norm": None},
    {"norm": "gluon"},
    {"norm": "batch"},
    {"norm": "gluon", "order": "pre"},
    {"norm": "batch", "skip": False},
    {"norm": None, "skip": False, "order": "pre"},
    {"norm": None, "branch_scale": 0.7},
    {"norm": "layer", "order": "pre", "branch_scale": 0.7},
]


def images(number=4, size=28):
    return np.array(numpy.random.RandomState(0).rand(number, 1, size, size), dtype="float32")


def initialized(depth=8, norm="gluon", **options):
    mx.random.seed(0)
    net = resnet(depth, norm, **options)
    net.initialize(mx.init.Xavier())
    net(images())
    return net


def stirred(net):
    """Every trained vector and every average of its own, none at its start."""
    random = numpy.random.RandomState(1)
    for name, parameter in net._collect_params_with_prefix().items():
        low = 0.5 if name.endswith(("gamma", "var")) else -0.5
        if not name.endswith("weight"):
            parameter.set_data(np.array(random.uniform(low, 1, parameter.shape)))
    return net


def by_torch(net, X, skip=True, order="post"):
    """The same function, written with PyTorch's, in prediction mode."""
    torch = pytest.importorskip("torch")
    from torch.nn import functional as f

    def values(parameter):
        return torch.tensor(parameter.data().asnumpy().reshape(parameter.shape))

    def apply(layer, x):
        if isinstance(layer, nn.Conv2D):
            bias = None if layer.bias is None else values(layer.bias)
            return f.conv2d(x, values(layer.weight), bias, layer._kwargs["stride"], 1)
        if isinstance(layer, (BatchNorm, nn.BatchNorm)):
            parameters = *averages(layer), layer.gamma, layer.beta
            return f.batch_norm(x, *(values(p).reshape(-1) for p in parameters), eps=1e-5)
        if isinstance(layer, BLOCKS):
            y = walk(layer.branch, x)
            if x.shape != y.shape:  # the paper's option A
                x = f.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, x.shape[1]))
            return f.relu(y + x) if order == "post" else y + x
        if isinstance(layer, nn.Activation):
            return f.relu(x)
        if isinstance(layer, nn.GlobalAvgPool2D):
            return x.mean((2, 3))
        if isinstance(layer, nn.Dense):
            return f.linear(x, values(layer.weight), values(layer.bias))
        return walk(layer, x) if type(layer) in SEQUENTIAL else x * values(layer.factor)

    def walk(layers, x):
        for layer in layers._children.values():
            x = apply(layer, x)
        return x

    assert skip == any(isinstance(layer, BLOCKS) for layer in net._children.values())
    return walk(net, torch.tensor(X.asnumpy())).numpy()


BLOCKS = (ResidualBlock, HybridResidualBlock)
SEQUENTIAL = (nn.Sequential, nn.HybridSequential)


@pytest.mark.parametrize("options", [kind for kind in KINDS if kind["norm"] != "layer"])
def test_it_computes_what_pytorchs_functions_compute(options):
    net = stirred(initialized(14, **options))
    X = images()
    form = {name: options[name] for name in ("skip", "order") if name in options}
    expected = by_torch(net, X, **form)
    assert numpy.ptp(expected) > 0.1
    numpy.testing.assert_allclose(
        net(X).asnumpy(), expected, rtol=1e-4, atol=1e-4 * abs(expected).max()
    )


@pytest.mark.parametrize("options", KINDS)
def test_compiled_or_not_it_computes_the_same(options):
    net = stirred(initialized(**{**options, "norm": COMPILED.get(options["norm"])}))
    assert type(net) is nn.HybridSequential
    expected = net(images()).asnumpy()
    net.hybridize()
    numpy.testing.assert_allclose(net(images()).asnumpy(), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("order", ["post", "pre"])
def test_our_normalizer_and_gluons_train_alike(order):
    ours, gluons = (initialized(norm=norm, order=order) for norm in ("batch", "gluon"))
    assert type(ours) is nn.Sequential and type(gluons) is nn.HybridSequential
    for mine, theirs in zip(ours.collect_params().values(), gluons.collect_params().values()):
        theirs.set_data(mine.data().reshape(theirs.shape))
    X, y = images(), np.array([0, 1, 2, 3])
    signals = [propagate(net, X, y) for net in (ours, gluons)]
    for name, signal in signals[0].items():
        for ours, gluons in zip(
            (signal.outputs, signal.gradients),
            (signals[1][name].outputs, signals[1][name].gradients),
        ):
            numpy.testing.assert_allclose(ours, gluons, rtol=1e-3, atol=1e-4 * abs(gluons).max())


def test_the_number_of_parameters_by_hand():
    def number(depth, norm, **options):
        parameters = initialized(depth, norm, **options).collect_params().values()
        return sum(p.data().size for p in parameters if p.grad_req != "null")

    first, last = 9 * 8 + 8, 32 * 10 + 10
    stages = [2 * (9 * 8 * 8 + 8), 9 * 8 * 16 + 9 * 16 * 16 + 32, 9 * 16 * 32 + 9 * 32 * 32 + 64]
    assert number(8, None) == number(8, None, skip=False) == first + sum(stages) + last
    convolutions = [8, 8, 8, 16, 16, 32, 32]  # each has γ and β in the place of a bias
    assert number(8, "gluon") == number(8, None) + sum(convolutions)
    assert number(8, None, branch_scale=0.0) == number(8, None) + 3
    more = 2 * (9 * 64 + 8) + 2 * (9 * 256 + 16) + 2 * (9 * 1024 + 32)
    assert number(14, None) == number(8, None) + more


@pytest.mark.parametrize("depth", [8, 20, 32])
def test_the_depth_counts_the_layers_with_weights(depth):
    weights = [name for name in initialized(depth).collect_params() if name.endswith("weight")]
    assert len(weights) == depth


@pytest.mark.parametrize("norm", ["batch", "gluon", "group"])
def test_with_a_zero_gamma_each_block_is_its_shortcut_and_learns(norm):
    net = initialized(14, norm, zero_gamma=True)
    X = np.maximum(images(size=8) - 0.3, 0) * np.ones((1, 8, 1, 1))
    with autograd.train_mode():
        assert (net.block1(X) == X).all().item()
    gamma = net.block1.branch.norm2.gamma
    assert (gamma.data() == 0).all().item()
    assert (net.block1.branch.norm1.gamma.data() == 1).all().item()
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(images()), np.array([0, 1, 2, 3]))
    loss.backward()
    assert np.abs(gamma.grad()).max().item() > 0


def test_zero_gamma_leaves_no_channel_without_a_gradient():
    net, X, y = initialized(14, zero_gamma=True), images(), np.array([0, 1, 2, 3])
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    for _ in range(2):
        with autograd.record():
            loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
        loss.backward()
        trainer.step(4)
    for signal in propagate(net, X, y).values():
        if signal.outputs.ndim == 4:
            assert (abs(signal.outputs).max(axis=(0, 2, 3)) > 0).mean() > 0.7  # of the channels


@pytest.mark.parametrize("order", ["post", "pre"])
def test_with_a_scale_of_zero_depth_adds_nothing_at_the_start(order):
    nets = [initialized(depth, None, branch_scale=0.0, order=order) for depth in (8, 32)]
    deep = dict(nets[1]._collect_params_with_prefix())
    for name, parameter in nets[0]._collect_params_with_prefix().items():
        if name.startswith(("conv", "output")):
            deep[name].set_data(parameter.data())
    numpy.testing.assert_array_equal(*(net(images()).asnumpy() for net in nets))


def test_the_shortcut_takes_every_second_pixel_and_fills_with_zeros():
    X = np.array(numpy.random.RandomState(0).randn(2, 3, 7, 4), dtype="float32")
    Y = Shortcut(strides=2)(X)
    assert Y.shape == (2, 6, 4, 2)
    assert (Y[:, :3] == X[:, :, ::2, ::2]).all().item() and (Y[:, 3:] == 0).all().item()


@pytest.mark.parametrize("options", [KINDS[2], {**KINDS[3], "branch_scale": 0.7}])
def test_the_gradients_are_right(options):
    net = resnet(8, width=1, num_classes=3, **options)
    mx.random.seed(3)
    net.initialize(mx.init.Xavier())
    X = images(5, size=8)
    net(X)
    stirred(net)  # no ReLU's input is 0
    net.cast("float64")
    report = check_network(net, X.astype("float64"), np.array([0, 1, 2, 0, 1]), tolerance=1e-5)
    assert report.ok, report.errors


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"depth": 18}, "expected 6n [+] 2"),
        ({"depth": 2}, "expected 6n [+] 2"),
        ({"norm": "bath"}, "norm"),
        ({"order": "in"}, "order"),
        ({"width": 0}, "width"),
        ({"branch_scale": -1.0}, "branch_scale"),
        ({"norm": None, "zero_gamma": True}, "there is no γ"),
        ({"order": "pre", "zero_gamma": True}, "no gradient"),
        ({"skip": False, "zero_gamma": True}, "carries the signal"),
        ({"skip": False, "branch_scale": 0.0}, "carries the signal"),
    ],
)
def test_refusals_explain(arguments, message):
    with pytest.raises(ValueError, match=message):
        resnet(**arguments)


def test_a_function_that_makes_no_layer_is_refused():
    with pytest.raises(TypeError, match="norm gave a int"):
        resnet(norm=lambda channels, rank: 3)


def test_its_layers_are_found_by_name():
    net = initialized(14, order="pre")
    names = [f"block{number}" for number in range(1, 7)]
    assert list(net._children) == ["conv", *names, "norm", "act", "pool", "output"]
    inner = "norm1 act1 conv1 norm2 act2 conv2".split()
    assert list(net.block4.branch._children) == inner
    assert len(batch_norms(net)) == 13 and "block6.branch.norm2" in batch_norms(net)
