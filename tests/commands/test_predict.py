"""The command predict: right numbers, an honest picture, and no answer from damaged weights."""

from __future__ import annotations

import json
import re
import shutil

import matplotlib.image
import numpy
import pytest
from command_line import SYNTHETIC, start

import d2l_bn
from d2l_bn import figures

NAME = "d2l-bn predict"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("trained")
    process = start("train_lenet_bn.py", *SYNTHETIC, "--epochs", 2, "--norm", "gluon", "--out", out)
    _, stderr = process.communicate()
    assert process.returncode == 0, stderr
    return out


@pytest.fixture
def folder(trained, tmp_path):
    """A copy to spoil."""
    shutil.copytree(trained, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def drawn(monkeypatch):
    """What was handed to the drawing."""
    calls, draw = [], figures.draw_images

    def spy(*arguments, **options):
        calls.append((*arguments, options))
        return draw(*arguments, **options)

    monkeypatch.setattr(figures, "draw_images", spy)
    return calls


def answers(folder, limit):
    """Labels and predictions, one image at a time, by Gluon alone."""
    _, test = d2l_bn.load_fashion_mnist(1, data="synthetic", limit=limit)
    net = d2l_bn.lenet("gluon")
    net.load_parameters(str(folder / "lenet.params"))
    return test.labels.astype(int), numpy.array([int(net(X).argmax()) for X, _ in test])


def test_the_accuracies_and_the_picture_are_those_of_the_weights(folder, run, drawn):
    status, out, err = run(NAME, "--weights", folder / "lenet.params", "--limit", 200)
    assert (status, err) == (0, "")
    labels, predicted = answers(folder, 200)
    right = labels == predicted
    assert 0.1 < right.mean() < 0.95  # the test means something
    lines = out.splitlines()
    for number, name in enumerate(d2l_bn.CLASS_NAMES):
        of = labels == number
        assert lines[number].split() == [
            *name.split(),
            f"{right[of].mean():.3f}",
            "of",
            str(of.sum()),
        ]
    assert lines[10].split() == ["all", f"{right.mean():.3f}", "of", "200"]
    assert "NOT Fashion-MNIST" in lines[11]
    images, shown_labels, shown_predicted, names, options = drawn[0]
    assert len(images) == 24
    assert (shown_labels == labels[:24]).all()
    assert (shown_predicted == predicted[:24]).all()
    assert "NOT Fashion-MNIST" in options["title"]
    picture = matplotlib.image.imread(folder / "predictions.png")
    assert 0.01 < (picture[..., :3].min(axis=2) < 0.5).mean() < 0.5


def test_only_the_wrong_ones(folder, run, drawn, tmp_path):
    picture = tmp_path / "wrong.svg"
    command = NAME, "--weights", folder, "--limit", 200, "--wrong", "--count", 7, "--out", picture
    status, *_ = run(*command)
    assert status == 0
    labels, predicted = answers(folder, 200)
    wrong = numpy.flatnonzero(labels != predicted)[:7]
    _, test = d2l_bn.load_fashion_mnist(1, data="synthetic", limit=200)
    images, shown_labels, shown_predicted, *_ = drawn[0]
    assert (images == test.images[wrong]).all()
    assert (shown_labels == labels[wrong]).all()
    assert (shown_predicted == predicted[wrong]).all()
    assert "<svg" in picture.read_text()
    assert not (folder / "predictions.png").exists()


def test_nothing_is_drawn_where_nothing_is_wrong(folder, run, monkeypatch):
    monkeypatch.setattr(d2l_bn, "predict", lambda net, data: (data.labels, data.labels))
    status, out, _ = run(NAME, "--weights", folder, "--limit", 1, "--wrong")
    assert status == 0
    assert "nothing to draw" in out
    assert len(re.findall(r"none of +0\n", out)) == 9  # no image, so no accuracy
    assert not (folder / "predictions.png").exists()


def test_each_image_stands_over_its_own_text():
    images = numpy.stack([numpy.full((28, 28), value, "uint8") for value in (10, 20, 30)])
    figure = figures.draw_images(images, [0, 1, 2], [0, 2, 2], d2l_bn.CLASS_NAMES, title="here")
    texts = [ax.texts[0].get_text() for ax in figure.axes]
    assert texts == ["t-shirt", "pullover\ntrue: trouser", "pullover"]
    assert [ax.images[0].get_array()[0, 0] for ax in figure.axes] == [10, 20, 30]
    colours = [ax.texts[0].get_color() for ax in figure.axes]
    assert colours[0] == colours[2] != colours[1]
    for bad in (([0, 1], [0, 1, 2]), ([0, 1, 2], [0])):
        with pytest.raises(ValueError, match="expected as many of each"):
            figures.draw_images(images, *bad, d2l_bn.CLASS_NAMES)
    with pytest.raises(ValueError, match="at least one"):
        figures.draw_images(images[:0], [], [], d2l_bn.CLASS_NAMES)


def one_line(result):
    status, out, err = result
    assert out == ""
    assert err.startswith(f"{NAME}: ")
    assert err.count("\n") == 1
    return status, err


@pytest.mark.parametrize("position", [0, 9, 100, 5000, -1])
def test_a_flipped_byte_in_the_weights_is_noticed(position, folder, run):
    content = bytearray((folder / "lenet.params").read_bytes())
    content[position] ^= 1
    (folder / "lenet.params").write_bytes(content)
    status, err = one_line(run(NAME, "--weights", folder, "--limit", 9))
    assert status == 1
    assert "does not have the checksum" in err
    assert not (folder / "predictions.png").exists()


def spoil_nothing(folder):
    pass


def truncate(folder):
    (folder / "lenet.params").write_bytes((folder / "lenet.params").read_bytes()[:-100])


def swap(folder):
    shutil.copy(folder / "curve.png", folder / "lenet.params")


def garble_metrics(folder):
    (folder / "metrics.json").write_text("{")


def other_metrics(folder):
    (folder / "metrics.json").write_text(json.dumps([1]))


def remove_weights(folder):
    (folder / "lenet.params").unlink()


@pytest.mark.parametrize(
    "spoil, arguments, status, message",
    [
        (truncate, [], 1, "does not have the checksum"),
        (swap, [], 1, "does not have the checksum"),
        (garble_metrics, [], 1, "metrics.json is damaged"),
        (other_metrics, [], 1, "metrics.json is damaged"),
        (remove_weights, [], 2, "lenet.params: train first, or give --weights"),
        (spoil_nothing, ["--norm", "batch"], 1, "is of another network: norm1.moving_mean"),
        (spoil_nothing, ["--norm", "none"], 1, "is of another network"),
        (spoil_nothing, ["--norm", "x"], 2, "invalid choice"),
        (spoil_nothing, ["--limit", "0"], 2, "'0' is not a whole number of at least 1"),
        (spoil_nothing, ["--count", "-1"], 2, "'-1' is not a whole number of at least 1"),
        (spoil_nothing, ["--data", "nowhere"], 2, "'nowhere' is neither"),
        (spoil_nothing, ["--out", "picture.xyz"], 2, "ends in .png, .svg or .pdf"),
        (spoil_nothing, ["--weight"], 2, "expected one argument"),
    ],
)
def test_what_does_not_fit_is_one_line(spoil, arguments, status, message, folder, run):
    spoil(folder)
    came, err = one_line(run(NAME, "--weights", folder, *arguments))
    assert came == status
    assert message in err


def test_weights_alone_need_the_name_of_their_normalizer(folder, run):
    (folder / "metrics.json").unlink()
    options = NAME, "--weights", folder, "--data", "synthetic", "--limit", 50
    status, _, err = run(*options)
    assert status == 2
    assert "Give --norm batch, gluon or none" in err
    status, out, err = run(*options, "--norm", "gluon")
    assert status == 0
    assert "may pass unseen" in err
    truncate(folder)
    status, _, err = run(*options, "--norm", "gluon")
    assert status == 1
    assert "is damaged, or not a file of weights" in err


def test_without_a_display_show_says_so(folder):
    process = start(NAME, "--weights", folder, "--limit", 20, "--show")
    out, err = process.communicate()
    assert process.returncode == 0
    assert err == "there is no display to show it on\n"
    assert (folder / "predictions.png").exists()
