"""The picture of a network: every layer, in its row, with the shape of its output."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt
from mxnet import np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.figures.network import rows_of


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def initialized(**options):
    net = d2l_bn.lenet(**options)
    net.initialize()
    return net


def test_normalizers_stand_between_weights_and_activation():
    rows = rows_of(initialized(), (1, 28, 28))
    assert [[box.kind for box in row] for row in rows] == [
        ["weights", "norm", "activation", "pooling"],
        ["weights", "norm", "activation", "pooling"],
        ["weights", "norm", "activation"],
        ["weights", "norm", "activation"],
        ["weights"],
    ]
    assert [row[-1].shape for row in rows] == [(6, 12, 12), (16, 4, 4), (120,), (84,), (10,)]


@pytest.mark.parametrize(
    "options, kinds",
    [
        ({"norm": None}, ["weights", "activation", "pooling"]),
        ({"placement": "after"}, ["weights", "activation", "norm", "pooling"]),
        ({"norm": "gluon"}, ["weights", "norm", "activation", "pooling"]),
    ],
)
def test_other_networks(options, kinds):
    rows = rows_of(initialized(**options), (1, 28, 28))
    assert [box.kind for box in rows[0]] == kinds


def test_drawing_trains_nothing():
    net = initialized()
    figures.draw_network(net)
    assert (net.norm1.moving_mean.data() == 0).all()
    assert (net.norm1.moving_var.data() == 1).all()


def test_every_layer_is_named_and_no_text_leaves_its_box():
    net = initialized(pooling="avg")
    ax = figures.draw_network(net)
    texts = [text.get_text() for text in ax.texts if text.get_text()]
    for name in net._children:
        assert name in texts
    for text in ("1×28×28", "convolution 5×5", "BatchNorm", "sigmoid", "average pooling 2×2"):
        assert text in texts
    ax.figure.canvas.draw()
    boxes = [patch.get_window_extent() for patch in ax.patches]
    assert len(boxes) == len(net._children)
    for text in ax.texts:
        if text.get_text() and text.get_ha() == "center" and text.get_position()[0] > 1:
            inner = text.get_window_extent()
            assert any(
                box.x0 <= inner.x0 and inner.x1 <= box.x1 and box.y0 <= inner.y0 + 1
                for box in boxes
            ), text.get_text()


def test_a_plain_sequence_of_layers():
    net = nn.Sequential()
    net.add(nn.Dense(4), nn.BatchNorm(), nn.Activation("relu"), nn.Dense(2))
    net.initialize()
    net(np.zeros((1, 3)))
    rows = rows_of(net, (3,))
    assert [[box.text for box in row] for row in rows] == [
        ["fully connected", "BatchNorm", "relu"],
        ["fully connected"],
    ]
