"""The LeNet builder: the chapter's architecture, any normalizer, and refusals that explain."""

from __future__ import annotations

import mxnet as mx
import pytest
from mxnet import autograd, np, npx
from mxnet.gluon import nn
from training_helpers import values

from d2l_bn import BatchNorm, lenet

IMAGES = (5, 1, 28, 28)
WITHOUT_NORM = "conv1 act1 pool1 conv2 act2 pool2 dense1 act3 dense2 act4 output".split()


def initialized(**options):
    net = lenet(**options)
    net.initialize(mx.init.Xavier())
    net(np.zeros(IMAGES))
    return net


def copy_values(source, target):
    """Give the parameters of ``target`` those of ``source``, in the order of the layers."""
    for ours, theirs in zip(source.collect_params().values(), target.collect_params().values()):
        theirs.set_data(ours.data().reshape(theirs.shape))


def chapter_lenet(norm):
    """The network as the chapter writes it down, with Gluon's layers only."""
    net = nn.Sequential()
    for width in (6, 16):
        net.add(nn.Conv2D(width, kernel_size=5))
        if norm:
            net.add(nn.BatchNorm())
        net.add(nn.Activation("sigmoid"), nn.MaxPool2D(pool_size=2, strides=2))
    for width in (120, 84):
        net.add(nn.Dense(width))
        if norm:
            net.add(nn.BatchNorm())
        net.add(nn.Activation("sigmoid"))
    net.add(nn.Dense(10))
    net.initialize()
    net(np.zeros(IMAGES))
    return net


@pytest.mark.parametrize("norm", [None, "gluon"])
def test_it_computes_what_the_chapters_network_computes(norm):
    net, chapter = initialized(norm=norm), chapter_lenet(norm)
    copy_values(net, chapter)
    X = np.random.uniform(size=IMAGES)
    with autograd.train_mode():
        assert abs(net(X) - chapter(X)).max() < 1e-5  # rounding of another convolution
    assert abs(net(X) - chapter(X)).max() < 1e-5


def test_our_normalizer_stands_in_for_gluons():
    ours, gluons = initialized(norm="batch"), initialized(norm="gluon")
    copy_values(ours, gluons)
    X = np.random.uniform(size=IMAGES)
    with autograd.record():
        scores = ours(X), gluons(X)
    autograd.backward(list(scores))  # Gluon's layer moves its averages only here
    assert abs(scores[0] - scores[1]).max() < 2e-5
    assert abs(ours(X) - gluons(X)).max() < 2e-5


def test_names_and_shapes_of_all_parameters():
    shapes = {name: data.shape for name, data in values(initialized(norm="batch")).items()}
    assert {name: s for name, s in shapes.items() if not name.startswith("norm")} == {
        "conv1.weight": (6, 1, 5, 5),
        "conv1.bias": (6,),
        "conv2.weight": (16, 6, 5, 5),
        "conv2.bias": (16,),
        "dense1.weight": (120, 256),
        "dense1.bias": (120,),
        "dense2.weight": (84, 120),
        "dense2.bias": (84,),
        "output.weight": (10, 84),
        "output.bias": (10,),
    }
    for name, shape in {
        "norm1": (1, 6, 1, 1),
        "norm2": (1, 16, 1, 1),
        "norm3": (1, 120),
        "norm4": (1, 84),
    }.items():
        for statistic in ("gamma", "beta", "moving_mean", "moving_var"):
            assert shapes.pop(f"{name}.{statistic}") == shape
    assert not [name for name in shapes if name.startswith("norm")]


def layer_names(net):
    return list(net._children)


def test_the_normalizer_stands_before_or_after_the_activation():
    before, after = (layer_names(lenet(placement=place)) for place in ("before", "after"))
    assert before[:4] == ["conv1", "norm1", "act1", "pool1"]
    assert after[:4] == ["conv1", "act1", "norm1", "pool1"]
    assert before[-4:] == ["dense2", "norm4", "act4", "output"]
    assert after[-4:] == ["dense2", "act4", "norm4", "output"]
    assert layer_names(lenet(norm=None)) == WITHOUT_NORM


def test_what_is_called_after_really_runs_after():
    net = initialized(placement="after")
    seen = {}
    for name in ("norm1", "act1"):
        layer = getattr(net, name)
        layer.register_forward_hook(lambda _, inputs, out, name=name: seen.update({name: out}))
    with autograd.train_mode():
        net(np.random.uniform(size=IMAGES))
    assert abs(seen["norm1"].mean(axis=(0, 2, 3))).max() < 1e-4  # normalized is what comes last
    assert (seen["act1"] > 0).all()


def test_pooling_and_activation_are_those_asked_for():
    X = np.random.uniform(size=IMAGES)
    nets = [initialized(norm=None, pooling=p, activation=a) for p, a in POOLED]
    for other in nets[1:]:
        copy_values(nets[0], other)
    first = nets[0].conv1(X)
    for net, (pooling, activation) in zip(nets, POOLED):
        active = {"relu": npx.relu, "sigmoid": npx.sigmoid, "tanh": np.tanh}[activation](first)
        windows = active.reshape(5, 6, 12, 2, 12, 2)
        expected = windows.max(axis=(3, 5)) if pooling == "max" else windows.mean(axis=(3, 5))
        assert abs(net.pool1(net.act1(first)) - expected).max() < 1e-6


POOLED = [("max", "relu"), ("avg", "sigmoid"), ("avg", "tanh")]


@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_the_bias_before_a_normalizer_makes_no_difference_and_can_be_left_out(norm):
    with_bias, without = initialized(norm=norm), initialized(norm=norm, use_bias=False)
    kept = {name for name in values(without) if name.endswith(".bias")}
    assert kept == {"output.bias"}
    for name, parameter in without._collect_params_with_prefix().items():
        parameter.set_data(np.array(values(with_bias)[name]))
    for layer in (with_bias.conv1, with_bias.conv2, with_bias.dense1, with_bias.dense2):
        layer.bias.set_data(np.random.normal(size=layer.bias.shape))
    X = np.random.uniform(size=IMAGES)
    with autograd.train_mode():
        assert abs(with_bias(X) - without(X)).max() < 1e-4


def test_a_function_of_channels_and_rank_makes_the_normalizers():
    asked = []

    def make(channels, rank):
        asked.append((channels, rank))
        return BatchNorm(channels, num_dims=rank, momentum=0.5)

    net = initialized(norm=make, use_bias=False)
    assert asked == [(6, 4), (16, 4), (120, 2), (84, 2)]
    assert [getattr(net, f"norm{i}").momentum for i in (1, 2, 3, 4)] == [0.5] * 4


@pytest.mark.parametrize("places", [(), (2,), (4, 1)])
def test_the_normalizer_stands_only_in_the_places_asked_for(places):
    names = list(lenet(norm="batch", places=places)._children)
    assert [name for name in names if name.startswith("norm")] == [
        f"norm{place}" for place in sorted(places)
    ]


def test_a_function_that_gives_no_layer_leaves_the_place_empty():
    net = lenet(norm=lambda channels, rank: BatchNorm(channels, rank) if rank == 4 else None)
    assert [name for name in net._children if name.startswith("norm")] == ["norm1", "norm2"]


def test_dropout_stands_right_behind_its_layer_and_drops_in_training_only():
    net = initialized(norm="gluon", dropout={"act3": 0.5, "dense2": 0.25})
    names = list(net._children)
    assert names[names.index("act3") + 1] == "drop_act3"
    assert names[names.index("dense2") + 1] == "drop_dense2"
    X = np.ones((4, 1000))
    assert (net.drop_act3(X) == X).all()
    with autograd.train_mode():
        assert abs((net.drop_act3(X) == 0).mean() - 0.5) < 0.05
        assert abs((net.drop_dense2(X) == 0).mean() - 0.25) < 0.05


@pytest.mark.parametrize("norm", [None, "gluon", "batch"])
def test_hybridizing_changes_nothing(norm):
    net = initialized(norm=norm, num_classes=3)
    X = np.random.uniform(size=IMAGES)
    plain = net(X)
    net.hybridize()
    assert plain.shape == (5, 3)
    assert abs(net(X) - plain).max() < 1e-6
    assert isinstance(net, nn.HybridSequential) == (norm != "batch")


REFUSED = [
    ({"norm": "bacth"}, ValueError, "norm is 'bacth'; expected one of 'batch', 'gluon', 'layer', "),
    ({"norm": "none"}, ValueError, "norm is 'none'"),
    ({"norm": True}, ValueError, "norm is True"),
    ({"norm": ["batch"]}, ValueError, "norm is"),
    ({"norm": lambda channels, rank: "batch"}, TypeError, "norm gave a str; expected a function"),
    ({"places": (0, 1)}, ValueError, "a place of the normalizer is 0; expected one of 1, 2, 3, 4"),
    ({"places": (1, 2), "use_bias": False}, ValueError, "places=(1, 2)"),
    ({"dropout": {"act5": 0.5}}, ValueError, "dropout's layer is 'act5'; expected one of 'conv1'"),
    ({"dropout": {"act3": 1.0}}, ValueError, "dropout behind act3 is 1.0; expected a number in"),
    ({"dropout": {"act3": "half"}}, TypeError, "dropout behind act3 is 'half'"),
    ({"activation": "gelu"}, ValueError, "activation is 'gelu'; expected one of 'sigmoid'"),
    ({"activation": None}, ValueError, "activation is None"),
    ({"pooling": "mean"}, ValueError, "pooling is 'mean'; expected one of 'max', 'avg'"),
    ({"placement": "behind"}, ValueError, "placement is 'behind'; expected one of 'before'"),
    ({"norm": None, "use_bias": False}, ValueError, "use_bias=False with norm=None"),
    ({"placement": "after", "use_bias": False}, ValueError, "placement='after'"),
    ({"num_classes": 0}, ValueError, "num_classes is 0"),
    ({"num_classes": 2.5}, TypeError, "num_classes is 2.5"),
    ({"num_classes": True}, TypeError, "num_classes is True"),
]


@pytest.mark.parametrize("options, error, message", REFUSED)
def test_bad_arguments_are_refused_when_the_network_is_built(options, error, message):
    with pytest.raises(error) as caught:
        lenet(**options)
    assert message in str(caught.value)
