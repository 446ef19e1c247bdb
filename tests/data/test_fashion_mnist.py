"""The public door, and the batches that it gives."""

from __future__ import annotations

import time

import mxnet as mx
import numpy
import pytest
from mxnet import gluon
from test_data_sources import ARCHIVES, CONTENTS, GOOD, fill, flipped

from d2l_bn.data.batches import Batches
from d2l_bn.data.fashion_mnist import CLASS_NAMES, DataError, find_local, load_fashion_mnist
from d2l_bn.data.idx import parse
from d2l_bn.data.sources import Folder


def numbered(count, batch_size, **options):
    """Batches whose examples carry their own number in two pixels, and modulo 256 as label."""
    images = numpy.zeros((count, 28, 28), "uint8")
    images[:, 0, 0], images[:, 0, 1] = numpy.divmod(numpy.arange(count), 256)
    return Batches(images, images[:, 0, 1], batch_size, **options)


def numbers(batches):
    """The numbers of the examples in one pass."""
    pixels = numpy.concatenate([X.asnumpy()[:, 0, 0, :2] for X, _ in batches]) * 255
    return (numpy.rint(pixels) @ [256, 1]).astype(int).tolist()


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "data", compress=True)


def test_a_folder_is_loaded_as_it_is(folder):
    train, test = load_fashion_mnist(8, data=folder, archives=ARCHIVES)
    for batches, images, labels in ((train, *GOOD[:2]), (test, *GOOD[2:])):
        assert numpy.array_equal(batches.images, parse(images))
        assert numpy.array_equal(batches.labels, parse(labels))
        assert batches.images.dtype == batches.labels.dtype == numpy.uint8
        assert batches.source == f"Fashion-MNIST (folder {folder})"
        assert not batches.synthetic
    assert (len(train), train.num_examples, train.batch_size) == (4, 30, 8)
    assert (len(test), test.num_examples, test.batch_size) == (2, 10, 8)


def test_a_batch_is_the_bytes_over_255_and_their_labels(folder):
    train, test = load_fashion_mnist(8, data=str(folder), archives=ARCHIVES, seed=3)
    sizes = []
    for batches, order in ((train, train.order(0)), (test, range(10))):
        start = 0
        for X, y in batches:
            chosen = list(order)[start : start + len(y)]
            assert isinstance(X, mx.np.ndarray) and isinstance(y, mx.np.ndarray)
            assert X.dtype == numpy.float32 and y.dtype == numpy.int32
            assert X.ctx == y.ctx == mx.cpu()
            expected = batches.images[chosen][:, None] / numpy.float32(255)
            assert numpy.array_equal(X.asnumpy(), expected)
            assert numpy.array_equal(y.asnumpy(), batches.labels[chosen])
            sizes.append(len(X))
            start += len(y)
    assert sizes == [8, 8, 8, 6, 8, 2]


def test_a_bad_folder_is_an_error_and_no_other_place_is_asked(folder, tmp_path):
    good = Folder(fill(tmp_path / "good"), "good")
    (folder / "test-images").write_bytes(flipped(CONTENTS["test-images"]))
    (folder / "test-images.gz").unlink(missing_ok=True)  # it would be used
    with pytest.raises(DataError, match="test-images is damaged"):
        load_fashion_mnist(8, data=folder, archives=ARCHIVES, sources=[good], cache=good.path)


def test_auto_takes_the_folder_of_the_variable_first(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("D2L_BN_DATA", str(folder))
    train, _ = load_fashion_mnist(8, cache=tmp_path, archives=ARCHIVES)
    assert train.source == "Fashion-MNIST (D2L_BN_DATA)"


def test_auto_warns_when_the_folder_of_the_variable_is_no_use(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("D2L_BN_DATA", str(tmp_path / "nowhere"))
    with pytest.warns(UserWarning, match="taken from cache, not from D2L_BN_DATA: there is no"):
        train, _ = load_fashion_mnist(8, cache=folder, archives=ARCHIVES)
    assert train.source == "Fashion-MNIST (cache)"


@pytest.mark.parametrize("count", [1, 255, 256, 257, 1000])
def test_a_pass_gives_every_example_once(count):
    batches = numbered(count, 256, shuffle=True)
    sizes = [len(y) for _, y in batches]
    assert len(sizes) == len(batches)
    assert sizes[:-1] == [256] * (len(sizes) - 1) and sizes[-1] == (count - 1) % 256 + 1
    assert sorted(numbers(batches)) == list(range(count))


def test_the_order_is_a_function_of_seed_and_epoch():
    one, two = (numbered(300, 64, shuffle=True, seed=5) for _ in range(2))
    passes = [numbers(one) for _ in range(3)]
    assert one.epoch == 3
    assert passes[0] != passes[1] != passes[2]
    two.epoch = 2
    assert numbers(two) == passes[2] and two.epoch == 3
    assert numbers(numbered(300, 7, shuffle=True, seed=5)) == passes[0]  # whatever the batch size
    assert numbers(numbered(300, 64, shuffle=True, seed=6)) != passes[0]
    expected = numpy.random.default_rng([5, 1]).permutation(300)
    assert passes[1] == expected.tolist()


def test_no_other_generator_is_touched_or_matters():
    numpy.random.seed(1)
    before = numpy.random.get_state()[1].tolist()
    first = numbers(numbered(100, 10, shuffle=True))
    assert numpy.random.get_state()[1].tolist() == before
    numpy.random.seed(2)
    assert numbers(numbered(100, 10, shuffle=True)) == first


def test_without_shuffle_the_order_is_always_the_stored_one():
    batches = numbered(100, 30)
    assert numbers(batches) == numbers(batches) == list(range(100))


def test_passes_side_by_side_do_not_disturb_each_other():
    alone = numbered(100, 30, shuffle=True)
    expected = [numbers(alone), numbers(alone)]
    together = numbered(100, 30, shuffle=True)
    pairs = list(zip(together, together))
    assert [numbers(side) for side in zip(*pairs)] == expected


def test_batches_share_no_memory():
    """All batches are asked for before one is read, and one is written to."""
    batches = numbered(1000, 100)
    kept = list(batches)
    kept[3][0][:] = 7
    assert numbers(kept[:3] + kept[4:]) == [*range(300), *range(400, 1000)]
    assert numbers(batches) == list(range(1000))
    batches.images[:] = 0
    assert numbers(kept[4:]) == list(range(400, 1000))


def test_labels_suit_the_loss_and_the_comparison_with_argmax():
    X, y = next(iter(numbered(6, 6)))
    scores = mx.np.eye(6) * 5
    loss = gluon.loss.SoftmaxCrossEntropyLoss()(scores, y)
    assert numpy.allclose(loss.asnumpy(), numpy.log(numpy.exp(5) + 5) - 5, atol=1e-5)
    assert (scores.argmax(axis=1).astype(y.dtype) == y).sum() == 6


def test_limit_chooses_from_the_seed_and_in_order(folder):
    def choice(seed, limit):
        batches = load_fashion_mnist(8, data=folder, archives=ARCHIVES, limit=limit, seed=seed)
        return [b.images.tobytes() for b in batches], [b.num_examples for b in batches]

    assert choice(0, 12)[1] == [12, 10]
    assert choice(0, 5) == choice(0, 5)
    assert choice(0, 5)[0][0] != choice(1, 5)[0][0]
    assert choice(0, 5)[0][1] != choice(1, 5)[0][1]
    assert choice(0, 10**9)[0] == [GOOD[0][16:], GOOD[2][16:]]
    train, _ = load_fashion_mnist(8, data=folder, archives=ARCHIVES, limit=12)
    stored = [image.tobytes() for image in parse(GOOD[0])]
    places = [stored.index(image.tobytes()) for image in train.images]
    assert places == sorted(set(places))
    assert train.labels.tolist() == parse(GOOD[1])[places].tolist()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size is 0; expected a whole number of at least 1"),
        ({"batch_size": -1}, ValueError, "batch_size is -1"),
        ({"batch_size": 2.5}, TypeError, "batch_size is 2.5"),
        ({"batch_size": True}, TypeError, "batch_size is True"),
        ({"batch_size": "8"}, TypeError, "batch_size is '8'"),
        ({"batch_size": None}, TypeError, "batch_size is None"),
        ({"limit": 0}, ValueError, "limit is 0"),
        ({"limit": 1.0}, TypeError, "limit is 1.0"),
        ({"limit": False}, TypeError, "limit is False"),
        ({"seed": -1}, ValueError, "seed is -1; expected a whole number of at least 0"),
        ({"seed": None}, TypeError, "seed is None"),
        ({"data": "sinthetic"}, ValueError, "data='sinthetic': neither 'auto', 'synthetic' nor"),
        ({"data": None}, TypeError, "data=None"),
        ({"data": 3}, TypeError, "data=3"),
        ({"data": ""}, ValueError, "data is an empty path"),
        ({"data": "~nobody-of-this-name/x"}, ValueError, "neither 'auto', 'synthetic' nor"),
        ({"cache": ""}, ValueError, "cache is an empty path"),
        ({"context": "gpu"}, TypeError, "context='gpu'"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_read(options, error, message):
    class Untouchable:
        name, local = "untouchable", True

        def fetch(self, archives):
            raise AssertionError("something was read")

    with pytest.raises(error, match=message):
        load_fashion_mnist(**{"batch_size": 8, "sources": [Untouchable()], **options})


def test_batches_refuse_bad_arguments():
    images, labels = numpy.zeros((3, 28, 28), "uint8"), numpy.zeros(2, "uint8")
    with pytest.raises(ValueError, match="3 images and 2 labels"):
        Batches(images, labels, 1)
    with pytest.raises(ValueError, match="batch_size is 0"):
        Batches(images, images[:, 0, 0], 0)
    for wrong in (images / 255.0, images[:, None], images.reshape(3, -1)):
        with pytest.raises(TypeError, match="give bytes from 0 to 255"):
            Batches(wrong, images[:, 0, 0], 1)
    for wrong in (numpy.zeros(3), numpy.zeros((3, 1), int), numpy.full(3, numpy.nan)):
        with pytest.raises(TypeError, match="labels are .*give whole numbers"):
            Batches(images, wrong, 1)


def test_synthetic_says_what_it_is_and_asks_nobody(capsys):
    train, test = load_fashion_mnist(8, data="synthetic", limit=20, sources=[])
    for batches in (train, test):
        assert batches.synthetic
        assert batches.source == "synthetic garments (NOT Fashion-MNIST)"
        assert "NOT Fashion-MNIST" in repr(batches)
        assert batches.num_examples == 20
    assert not numpy.array_equal(train.images, test.images)


def test_the_garments_do_not_depend_on_the_seed_of_the_order():
    one, two = (load_fashion_mnist(8, data="synthetic", limit=20, seed=s)[0] for s in (0, 1))
    assert numpy.array_equal(one.images, two.images)
    assert one.order(0).tolist() != two.order(0).tolist()


@pytest.mark.real_data
def test_the_real_set():
    start = time.perf_counter()
    train, test = load_fashion_mnist(256)
    seconds = time.perf_counter() - start
    assert seconds < 1 or "cache" not in train.source
    assert train.source.startswith("Fashion-MNIST (") and not train.synthetic
    assert find_local() is not None
    assert train.images.shape == (60000, 28, 28) and test.images.shape == (10000, 28, 28)
    assert numpy.bincount(train.labels).tolist() == [6000] * 10
    assert numpy.bincount(test.labels).tolist() == [1000] * 10
    assert round(train.images.mean() / 255, 4) == 0.2860
    assert round(train.images.std() / 255, 4) == 0.3530
    assert CLASS_NAMES[train.labels[0]] == "ankle boot"
    assert (len(train), len(test)) == (235, 40)
