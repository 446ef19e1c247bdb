"""The solutions get full points; what is constant, missing, or not one's own work gets none."""

import functools

import numpy
import pytest
from exercise_helpers import ASSIGNMENTS, answered, outcomes, solution, tasks
from mxnet import autograd, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.exercises import mistakes
from d2l_bn.exercises.questions import shapes

QUICK = [(a, t) for a in ASSIGNMENTS if a != "bug_zoo" for t in tasks(a)]  # the zoo: its own file


@pytest.fixture
def grade(monkeypatch):
    return functools.partial(outcomes, monkeypatch=monkeypatch)


def earned(results):
    return sum(outcome.earned for outcome in results)


@pytest.mark.parametrize("assignment, task", QUICK)
def test_solutions_get_full_points(grade, assignment, task):
    results = grade(assignment, task, solution(assignment), seed=1)
    assert [o.message for o in results if not o.right] == []
    assert earned(results) == sum(o.points for o in results) > 0


@pytest.mark.parametrize("assignment, task", QUICK)
def test_without_an_answer_there_are_no_points(grade, assignment, task):
    def nothing(*arguments, **options):
        raise NotImplementedError

    def useless(*arguments, **options):
        return None

    names = [n for n, v in solution(assignment).items() if callable(v) and "__" not in n]
    for namespace in ({}, dict.fromkeys(names, nothing), dict.fromkeys(names, useless)):
        results = grade(assignment, task, namespace)
        assert earned(results) == 0 and all(not o.right and o.message for o in results)


def test_not_written_yet_is_said(grade):
    def empty(X, gamma, beta, eps):
        raise NotImplementedError

    (first, *_) = grade("batchnorm", "normalize_2d", {"normalize_2d": empty})
    assert first.message == "It is not written yet."


@pytest.mark.parametrize(
    "constant", [lambda X, *_: np.zeros((4, 3)), lambda X, *_: np.ones(X.shape)]
)
def test_a_constant_is_refused_and_called_one(grade, constant):
    results = grade("batchnorm", "normalize_2d", {"normalize_2d": constant})
    assert earned(results) == 0
    assert all("a constant is no solution" in o.message for o in results)


def gluons_operator(X, gamma, beta, eps):
    flat = [a.reshape(-1) for a in (gamma, beta)]
    mean, var = np.zeros(X.shape[1]), np.ones(X.shape[1])
    with autograd.train_mode():
        return npx.batch_norm(X, *flat, mean, var, eps=eps, fix_gamma=False)


def gluons_layer(X, gamma, beta, eps):
    layer = nn.BatchNorm(epsilon=eps)
    layer.initialize()
    with autograd.train_mode():
        return gamma * layer(X) + beta


def ours(X, gamma, beta, eps):
    with autograd.train_mode():
        return d2l_bn.batch_norm(X, gamma, beta, 0 * gamma, 0 * gamma + 1, eps)[0]


def ours_caught(X, gamma, beta, eps):
    try:
        return ours(X, gamma, beta, eps)
    except BaseException:
        return X


def of_the_checks(X, gamma, beta, eps):
    return mistakes.batch_norm(X, gamma, beta, 0, 1, eps)[0]


def unwatched(X, gamma, beta, eps):
    import sys

    sys.setprofile(None)
    return ours(X, gamma, beta, eps)


@pytest.mark.parametrize(
    "function, named",
    [
        (gluons_operator, "batch_norm"),
        (gluons_layer, "BatchNorm"),
        (ours, "d2l_bn.norms.batch.batch_norm"),
        (ours_caught, "d2l_bn.norms.batch.batch_norm"),
        (of_the_checks, "d2l_bn.exercises.mistakes.batch_norm"),
        (unwatched, "sys.setprofile"),
    ],
)
def test_others_work_is_refused_and_named(grade, function, named):
    results = grade("batchnorm", "normalize_2d", {"normalize_2d": function})
    assert earned(results) == 0
    assert all(named in o.message and "write it yourself" in o.message for o in results)


@pytest.mark.parametrize(
    "assignment, task, alias",
    [
        ("batchnorm", "batch_norm", {"batch_norm": d2l_bn.batch_norm}),
        ("batchnorm", "batch_norm", {"batch_norm": functools.partial(d2l_bn.batch_norm)}),
        ("batchnorm", "batch_norm", {"batch_norm": mistakes.batch_norm}),
        ("batchnorm", "layer", {"BatchNorm": d2l_bn.BatchNorm}),
        ("batchnorm", "layer", {"BatchNorm": type("BatchNorm", (d2l_bn.BatchNorm,), {})}),
        ("shapes", "mean_shape", {"mean_shape": lambda s, a, k: numpy.ones(s).mean(a).shape}),
        ("shapes", "mean_shape", {"mean_shape": lambda s, a, k: np.ones(s).mean(a).shape}),
        ("shapes", "broadcast_shape", {"broadcast_shape": shapes.broadcast}),
    ],
)
def test_another_name_does_not_help(grade, assignment, task, alias):
    results = grade(assignment, task, alias)
    assert earned(results) == 0
    assert all("Your code calls " in o.message for o in results)


def test_gradients_by_autograd_are_refused(grade):
    def backward(dY, X, gamma, eps):
        X.attach_grad()
        with autograd.record():
            Y = solution("batchnorm")["normalize_2d"](X, gamma, gamma, eps)
        Y.backward(dY)
        return X.grad, gamma, gamma

    results = grade("backward", "backward", {"backward": backward}, hidden=False)
    assert all("autograd.record" in o.message for o in results)


def test_other_seeds_ask_other_questions(grade):
    seen = []

    def spy(X, gamma, beta, eps):
        seen.append((X.shape, float(X.asnumpy().flat[0])))
        return X

    for seed in (1, 2):
        grade("batchnorm", "normalize_2d", answered("batchnorm", normalize_2d=spy), seed=seed)
    half = len(seen) // 2
    assert [s for s, _ in seen[:half]] == [s for s, _ in seen[half:]]
    assert not {x for _, x in seen[:half]} & {x for _, x in seen[half:]}
