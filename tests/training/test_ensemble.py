"""Ensembles: the mean of probabilities, loading from files, and what evaluate() makes of them."""

from __future__ import annotations

import numpy
import pytest
from mxnet import np

import d2l_bn
from d2l_bn import evaluate, lenet, save_weights
from d2l_bn.training.checkpoint import CheckpointError
from d2l_bn.training.ensemble import Ensemble, load_ensemble


def initialized(norm="gluon", **options):
    net = lenet(norm, **options)
    net.initialize()
    net(np.zeros((1, 1, 28, 28)))
    return net


def probabilities(net, X):
    scores = net(X).asnumpy().astype("float64")
    raised = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def test_the_mean_of_probabilities_not_of_scores():
    X = np.random.uniform(size=(5, 1, 28, 28))
    members = [initialized(), initialized(None), initialized("batch")]
    members[1].output.weight.set_data(50 * members[1].output.weight.data())
    expected = sum(probabilities(net, X) for net in members) / 3
    numpy.testing.assert_allclose(Ensemble(members)(X).asnumpy(), expected, rtol=1e-4, atol=1e-6)


def test_one_member_decides_alone_and_evaluate_takes_an_ensemble():
    _, test_iter = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    members = [initialized() for _ in range(3)]  # their parameters have the same names
    assert evaluate(Ensemble(members[:1]), test_iter) == evaluate(members[0], test_iter)
    ensemble = Ensemble(members)
    mean = sum(numpy.concatenate([probabilities(net, X) for X, _ in test_iter]) for net in members)
    right = (mean.argmax(axis=1) == test_iter.labels).mean()
    assert evaluate(ensemble, test_iter) == right
    assert (d2l_bn.predict(ensemble, test_iter)[1] == mean.argmax(axis=1)).all()


def test_from_files(tmp_path):
    X = np.random.uniform(size=(5, 1, 28, 28))
    members = [initialized() for _ in range(2)]
    paths = [tmp_path / f"{number}.params" for number in range(2)]
    for net, path in zip(members, paths):
        save_weights(net, path)
    loaded = load_ensemble(lambda: lenet("gluon"), paths)
    assert (loaded(X) == Ensemble(members)(X)).all()
    assert not (loaded(X) == Ensemble(members[:1])(X)).all()
    with pytest.raises(CheckpointError, match="another network"):
        load_ensemble(lambda: lenet(None), paths)


def test_nobody_is_no_ensemble():
    with pytest.raises(ValueError, match="without members"):
        Ensemble([])
    with pytest.raises(TypeError, match="member 1 is a str; expected trained networks"):
        Ensemble([initialized(), "net.params"])
