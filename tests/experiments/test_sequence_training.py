"""Training a transformer to sort: what is counted, and what a run measures."""

import math
from statistics import mean

import numpy
import pytest
from mxnet import np

from d2l_bn.data.sorting import sorting_batch
from d2l_bn.experiments import load
from d2l_bn.experiments.sequence_training import (
    answer_loss,
    draw_lengths,
    problems,
    solved,
    together,
    train_sorter,
)
from d2l_bn.experiments.studies.transformer import ARMS, STUDY, TUNING_SEEDS, Arm, case_of
from d2l_bn.experiments.study import DIVERGED, FINISHED, small

BATCH = sorting_batch(numpy.random.default_rng(0), [2, 3, 4, 4], longest=4)


def oracle(batch, wrong=()):
    """A network that knows the targets, but for the tokens ``wrong``."""
    scores = numpy.eye(12)[batch.targets.asnumpy().astype(int)]
    for where in wrong:
        scores[where] = numpy.roll(scores[where], 1)
    return lambda tokens: np.array(100 * scores, dtype="float32")


def test_a_problem_is_solved_if_every_token_of_its_answer_is_right():
    asked = [tuple(place) for place in numpy.argwhere(BATCH.answers.asnumpy() > 0)]
    free = [tuple(place) for place in numpy.argwhere(BATCH.answers.asnumpy() == 0)]
    assert solved(oracle(BATCH), BATCH) == 1
    assert solved(oracle(BATCH, free), BATCH) == 1
    assert solved(oracle(BATCH, asked[:1]), BATCH) == 0.75
    of_the_last = [place for place in asked if place[0] == 3]
    assert solved(oracle(BATCH, of_the_last), BATCH) == 0.75


def test_the_loss_is_that_of_the_answers_alone():
    free = [tuple(place) for place in numpy.argwhere(BATCH.answers.asnumpy() == 0)]
    assert answer_loss(oracle(BATCH, free), BATCH).item() == pytest.approx(0, abs=1e-5)
    nothing = answer_loss(lambda tokens: np.zeros((*tokens.shape, 12)), BATCH).item()
    assert nothing == pytest.approx(math.log(12), rel=1e-5)


def test_batches_by_length_have_one_length_and_all_come():
    rng, case = numpy.random.default_rng(0), case_of(next(iter(ARMS)), 0.01)
    mixed = [set(draw_lengths(rng, {**case, "batches": "mixed"})) for _ in range(40)]
    single = [set(draw_lengths(rng, {**case, "batches": "by length"})) for _ in range(80)]
    assert min(map(len, mixed)) > 3 and max(map(len, single)) == 1
    assert set.union(*mixed) == set.union(*single) == set(range(2, 9))


def test_test_problems_are_the_same_for_all_seeds_and_differ_from_those_of_validation():
    case = small(case_of(next(iter(ARMS)), 0.01), 70)
    first, again, other = (together(problems(case, seed).values()) for seed in (1, 1, 2))
    assert first.tokens.shape == (70, 16)
    assert (first.tokens == again.tokens).all() and (first.tokens != other.tokens).any()


def arm(norm, **changes):
    return {
        **small(case_of(Arm(2, 40, norm, batches="by length"), 0.01), 14),
        "steps": 40,
        **changes,
    }


def test_a_run_says_what_it_measured_and_depends_on_its_seed_alone():
    outcome, measures = train_sorter(arm("batch"), 0)
    assert (outcome, measures) == train_sorter(arm("batch"), 0)
    assert measures != train_sorter(arm("batch"), 1)[1]
    assert outcome == FINISHED
    assert [end for end, _ in measures["curve"]] == [20, 40]
    assert measures["curve"][1][1] < measures["curve"][0][1] - 0.3
    for name in ("test_accuracy_moving", "test_accuracy_batch", "test_accuracy_batch/one length"):
        assert 0 <= measures[name] <= 1
    by_length = [measures[f"test_accuracy_moving/{k} digits"] for k in range(2, 9)]
    assert measures["test_accuracy_moving"] == pytest.approx(sum(by_length) / 7, abs=1e-4)
    assert "test_accuracy_batch" not in train_sorter(arm("layer"), 0)[1]


def test_a_run_whose_loss_is_not_finite_has_diverged():
    outcome, measures = train_sorter({**arm("layer"), "norm": None, "lr": 1e30}, 0)
    assert outcome == DIVERGED and "test_accuracy_moving" not in measures


def test_the_chosen_rates_are_the_best_on_validation_problems():
    for arm, (rates, chosen) in ARMS.items():
        accuracies = {
            lr: [
                load.by_seed("transformer", "validation_accuracy", **case_of(arm, lr))[seed]
                for seed in range(TUNING_SEEDS)
            ]
            for lr in rates
        }
        assert max(accuracies, key=lambda lr: mean(accuracies[lr])) == chosen


def test_each_arm_is_run_at_all_its_rates_with_the_first_seeds():
    first, last = STUDY.cases(0), STUDY.cases(STUDY.seeds[-1])
    assert len(first) == sum(len(rates) for rates, _ in ARMS.values())
    assert last and all(case in first for case in last)
