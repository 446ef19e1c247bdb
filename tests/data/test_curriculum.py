"""The order of the examples: sorted by class, easy first, held out."""

from __future__ import annotations

import numpy
import pytest
from mxnet import gluon, np

import d2l_bn
from d2l_bn.data.batches import Batches
from d2l_bn.data.curriculum import difficulties, easy_first


def labelled(labels, **options):
    labels = numpy.array(labels, dtype="uint8")
    return Batches(numpy.zeros((len(labels), 28, 28), "uint8"), labels, 2, **options)


def visited(batches):
    return [label for _, y in batches for label in y.tolist()]


def test_sorted_goes_class_after_class_in_each_epoch():
    labels = [3, 1, 2, 1, 3]
    for batches in (
        labelled(labels, order="sorted"),
        labelled(labels, shuffle=True).in_order("sorted"),
    ):
        assert batches.order(0).tolist() == [1, 3, 2, 0, 4]  # within a class as stored
        assert [visited(batches) for _ in range(2)] == [[1, 1, 2, 3, 3]] * 2


def test_in_order_leaves_the_first_set_alone():
    batches = labelled(range(8), shuffle=True, seed=3)
    before = batches.order(5).tolist()
    visited(batches)
    other = batches.in_order("sorted")
    assert (batches.epoch, other.epoch) == (1, 0)
    assert batches.order(5).tolist() == before != list(range(8))
    assert other.in_order(None).order(5).tolist() == before
    assert other.images is batches.images


def test_a_function_of_the_epoch():
    batches = labelled(range(6), order=lambda epoch: numpy.roll(numpy.arange(6), epoch))
    assert visited(batches) == [0, 1, 2, 3, 4, 5]
    assert visited(batches) == [5, 0, 1, 2, 3, 4]


@pytest.mark.parametrize("order", ["shuffled", "Sorted", 3, [0, 1]])
def test_no_other_orders(order):
    with pytest.raises(ValueError, match="give 'sorted', a function of the epoch, or None"):
        labelled([0, 1], order=order)


@pytest.mark.parametrize("indices", [[0, 1], [0, 1, 1], [0, 1, 3], [[0, 1, 2]], [1, 2, 3]])
def test_an_order_that_forgets_or_repeats_examples_is_refused(indices):
    with pytest.raises(ValueError, match="no permutation of 3 examples"):
        iter(labelled([0, 1, 2], order=lambda epoch: indices))


def test_easy_first_by_buckets():
    scores = numpy.random.RandomState(0).permutation(20)
    order = easy_first(scores, buckets=4, epochs=2, seed=1)
    for epoch in (0, 1):
        in_buckets = scores[order(epoch)].reshape(4, 5)
        assert [sorted(bucket) for bucket in in_buckets.tolist()] == [
            list(range(first, first + 5)) for first in (0, 5, 10, 15)
        ]
    assert order(0).tolist() != order(1).tolist()  # shuffled within the buckets
    assert order(0).tolist() == easy_first(scores, buckets=4, seed=1)(0).tolist()
    later = scores[order(2)]
    assert sorted(later) == list(range(20)) and max(later[:5]) > 5
    hard = easy_first(-scores, buckets=20)
    assert scores[hard(0)].tolist() == list(range(19, -1, -1))
    everything = easy_first(scores, buckets=1, seed=1)
    assert everything(0).tolist() != sorted(everything(0))


@pytest.mark.parametrize(
    "scores, options, message",
    [
        ([], {}, "scores have shape"),
        ([[1.0]], {}, "scores have shape"),
        ([1.0, float("nan")], {}, "not finite"),
        ([1.0, 2.0], {"buckets": 3}, "buckets=3 for 2 examples"),
        ([1.0, 2.0], {"buckets": 0}, "buckets is 0"),
    ],
)
def test_scores_and_buckets_that_do_not_fit(scores, options, message):
    with pytest.raises(ValueError, match=message):
        easy_first(scores, **options)


def test_difficulties_are_losses_in_the_stored_order():
    batches, _ = d2l_bn.load_fashion_mnist(7, data="synthetic", limit=30)
    net = d2l_bn.lenet("gluon")
    d2l_bn.train(net, batches, epochs=1, lr=0.1)
    epoch = batches.epoch
    losses = difficulties(net, batches)
    X = np.array(batches.images[:, None] / numpy.float32(255), dtype="float32")
    probability = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), np.array(batches.labels))
    numpy.testing.assert_allclose(losses, probability.asnumpy(), rtol=1e-4, atol=1e-6)
    assert batches.epoch == epoch  # the pass does not count


def test_held_out_examples_are_others_and_always_the_same():
    batches = labelled(range(50), shuffle=True, seed=4)
    rest, held_out = batches.hold_out(12)
    assert (rest.num_examples, held_out.num_examples) == (38, 12)
    assert sorted([*rest.labels, *held_out.labels]) == list(range(50))
    assert visited(held_out) == held_out.labels.tolist() == sorted(held_out.labels)
    assert visited(rest) != sorted(visited(rest))  # shuffled like the set it comes from
    again = labelled(range(50), shuffle=True, seed=4).hold_out(12)[1]
    other = labelled(range(50), shuffle=True, seed=5).hold_out(12)[1]
    assert again.labels.tolist() == held_out.labels.tolist() != other.labels.tolist()
    assert batches.num_examples == 50
    for count in (0, 50, 51):
        with pytest.raises(ValueError, match="count is"):
            batches.hold_out(count)
