"""train(): what a step does, what is counted, what is kept, and what is not waited for."""

from __future__ import annotations

import os

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn
from training_helpers import NO_STEP, examples, linear, same, values

import d2l_bn
from d2l_bn import evaluate, lenet, load_fashion_mnist, train
from d2l_bn.training.evaluation import class_accuracies


def test_the_loss_falls_and_the_accuracy_rises():
    batches = load_fashion_mnist(40, data="synthetic", limit=300)
    history = train(lenet(), *batches, epochs=4, lr=0.5)
    assert history["number"] == [1, 2, 3, 4]
    assert history["loss"] == sorted(history["loss"], reverse=True)
    assert history.last.loss < 1.0
    assert history.last.train_accuracy > 0.7
    assert all(0 <= share <= 1 for share in history["test_accuracy"])
    assert all(e.examples_per_second == 300 / e.seconds for e in history.epochs)


@pytest.mark.parametrize("alike, divisors", [("examples", [8, 8, 8]), ("batches", [8, 8, 3])])
def test_what_a_step_divides_by_and_each_example_counts_once(alike, divisors):
    batches = examples(8, 8, 3)
    net, by_hand = linear(), linear()
    history = train(net, batches, epochs=1, lr=0.5, seed=3, weigh_alike=alike)
    train(by_hand, batches[:1], epochs=1, lr=NO_STEP, seed=3)  # the same start
    losses, correct = [], []
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    for (X, y), divisor in zip(batches, divisors):
        with autograd.record():
            scores = by_hand(X)
            loss = loss_function(scores, y)
            total = loss.sum() / divisor
        total.backward()
        losses += loss.tolist()
        correct += (scores.argmax(axis=1).asnumpy() == y.asnumpy()).tolist()
        for parameter in by_hand.collect_params().values():
            parameter.set_data(parameter.data() - 0.5 * parameter.grad())
    for name, value in values(by_hand).items():
        numpy.testing.assert_allclose(values(net)[name], value, rtol=1e-5, atol=1e-6)
    assert history.last.loss == pytest.approx(sum(losses) / 19, rel=1e-6)
    assert history.last.train_accuracy == sum(correct) / 19


def test_the_host_waits_every_50_batches_only(monkeypatch):
    waits, at_report = [], []
    for name in ("asnumpy", "wait_to_read"):
        original = getattr(mx.nd.NDArray, name)

        def counting(array, original=original):
            waits.append(array.shape)
            return original(array)

        monkeypatch.setattr(mx.nd.NDArray, name, counting)
    train(
        linear(),
        examples(*[4] * 120),
        epochs=1,
        lr=0.1,
        on_batches=lambda number, tally: at_report.append((tally.batches, len(waits))),
    )
    assert [batches for batches, _ in at_report] == [0, 50, 100, 120]
    assert at_report[-1][1] - at_report[0][1] == 3  # one at each report


def test_parameters_without_values_get_xavier_and_others_keep_theirs():
    net = nn.Sequential()
    net.add(nn.Dense(200, in_units=4), nn.Dense(100), nn.Dense(3))
    net[0].initialize(init.Constant(0.25))
    net[1].initialize(init.Constant(0.5))  # which has no shape yet
    train(net, examples(4), epochs=1, lr=NO_STEP)
    assert (net[0].weight.data() == 0.25).all()
    assert (net[1].weight.data() == 0.5).all()
    net = nn.Sequential()
    net.add(nn.Dense(300))
    train(net, examples(4), epochs=1, lr=NO_STEP)
    bound = (6 / (4 + 300)) ** 0.5
    weight = net[0].weight.data().asnumpy()
    assert 0.98 * bound < abs(weight).max() <= bound
    assert weight.std() == pytest.approx(bound / 3**0.5, rel=0.05)


def test_frozen_parameters_stay():
    net = linear(in_units=4)
    net.initialize()
    net[0].bias.grad_req = "null"
    before = values(net)
    train(net, examples(8, 8), epochs=2, lr=0.5)
    after = values(net)
    assert (after["0.bias"] == before["0.bias"]).all()
    assert (after["0.weight"] != before["0.weight"]).any()


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_gluon_data_loader_will_do(shuffle):
    X, y = (np.concatenate(parts) for parts in zip(*examples(8, 8, 3)))
    data = gluon.data.ArrayDataset(X.asnumpy(), y.asnumpy())
    runs = []
    for _ in range(2):
        loader = gluon.data.DataLoader(data, batch_size=8, shuffle=shuffle, last_batch="keep")
        net = linear()
        numpy.random.rand(len(runs))  # whatever was drawn before
        history = train(net, loader, loader, epochs=2, lr=0.5)
        runs.append((history["loss"], values(net)))
    assert runs[0][0] == runs[1][0]
    assert same(runs[0][1], runs[1][1])
    in_order = train(linear(), examples(8, 8, 3), epochs=2, lr=0.5)
    assert (runs[0][0] == in_order["loss"]) == (not shuffle)


def test_the_seed_decides_weights_and_order():
    losses = {}
    for seed in (0, 0, 1):
        train_iter, _ = load_fashion_mnist(16, data="synthetic", limit=64, seed=5)
        net = lenet(norm=None)
        history = train(net, train_iter, epochs=1, seed=seed)
        losses.setdefault(seed, []).append((history["loss"], values(net)["conv1.weight"][0, 0, 0]))
    assert losses[0][0][0] == losses[0][1][0] != losses[1][0][0]


def test_each_epoch_has_its_own_order_whatever_was_iterated_before():
    train_iter, _ = load_fashion_mnist(16, data="synthetic", limit=64)
    passes = []
    train_iter.order = lambda epoch: passes.append(epoch) or numpy.arange(64)
    train_iter.epoch = 17
    train(lenet(norm=None), train_iter, epochs=3)
    assert passes[-3:] == [0, 1, 2]


def test_callbacks_hear_of_batches_and_epochs():
    heard = []
    history = train(
        linear(),
        examples(4, 2),
        epochs=2,
        lr=0.1,
        on_batches=lambda number, tally: heard.append((number, tally.batches, tally.examples)),
        on_epoch=lambda history: heard.append(str(history.last)),
    )
    assert heard == [
        (1, 0, 0),
        (1, 2, 6),
        str(history.epochs[0]),
        (2, 0, 0),
        (2, 2, 6),
        str(history.epochs[1]),
    ]


@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_evaluating_leaves_everything_as_it_was(norm):
    train_iter, test_iter = load_fashion_mnist(30, data="synthetic", limit=100)
    net = lenet(norm)
    train(net, train_iter, epochs=2)
    before = values(net)
    accuracy = evaluate(net, test_iter)
    labels, predicted = d2l_bn.predict(net, test_iter)
    assert same(values(net), before)
    assert accuracy == (labels == predicted).mean()
    assert (labels == test_iter.labels).all()
    one_by_one = [int(net(X).argmax()) for X, _ in load_singly(test_iter)]
    assert predicted.tolist() == one_by_one
    shares = class_accuracies(labels, predicted)
    assert sum(s * (labels == c).sum() for c, s in enumerate(shares) if s) == pytest.approx(
        accuracy * 100
    )


def load_singly(batches):
    return d2l_bn.data.batches.Batches(batches.images, batches.labels, batch_size=1)


def test_evaluating_nothing_is_an_error():
    net = linear(in_units=4)
    net.initialize()
    for function in (evaluate, d2l_bn.predict):
        with pytest.raises(ValueError, match="data gave no batch"):
            function(net, [])


def test_memory_stays_flat():
    def resident() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    train_iter, test_iter = load_fashion_mnist(64, data="synthetic", limit=128)
    sizes = []
    train(
        lenet(),
        train_iter,
        test_iter,
        epochs=12,
        on_epoch=lambda history: sizes.append(resident()),
    )
    assert sizes[-1] - sizes[3] < 4_000_000  # one batch's graph takes more than 3 MB


def test_with_the_statistics_of_the_batch_an_answer_depends_on_the_others_and_nothing_moves():
    train_iter, test_iter = load_fashion_mnist(32, data="synthetic", limit=128)
    net = lenet()
    train(net, train_iter, epochs=2)
    before = values(net)
    X, y = next(iter(test_iter))
    alone = [(X[i : i + 1], y[i : i + 1]) for i in range(len(y))]
    guessing = max((y == label).mean().item() for label in range(10))
    assert evaluate(net, alone, batch_statistics=True) <= guessing < evaluate(net, alone)
    with autograd.train_mode():
        right = (net(X).argmax(axis=1).astype("int32") == y).mean().item()
    for name, value in before.items():
        net._collect_params_with_prefix()[name].set_data(np.array(value))
    assert evaluate(net, [(X, y)], batch_statistics=True) == pytest.approx(right)
    assert same(values(net), before)
