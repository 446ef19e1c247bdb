"""Answers: right in kind and in value, shown shortly, and a likely reason of what is wrong."""

import pytest
from mxnet import np

from d2l_bn.exercises.answers import likely_reason, same, show


@pytest.mark.parametrize(
    "answer, expected",
    [
        ((3,), (3,)),
        ("row", "row"),
        (True, True),
        (2, 2.0),
        (0.33333, 1 / 3),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        (np.ones((2, 3)), np.ones((2, 3))),
    ],
)
def test_right(answer, expected):
    assert same(answer, expected)


@pytest.mark.parametrize(
    "answer, expected, reason",
    [
        (3, (3,), "Write a tuple such as"),
        ([3], (3,), "Write a tuple"),
        (0, False, "Write True or False"),
        ("4", 4.0, "Write a number"),
        (np.ones(3), np.ones((1, 3)), "The shapes differ: (3,), expected (1, 3)"),
        (float("nan"), 1.0, "NaN or infinity"),
        (np.array([2.0, 4.0]), np.array([4.0, 8.0]), "0.5 times the expected"),
        (np.array([2.0, 4.0]), np.array([2.0, 4.5]), "largest difference is 0.5"),
    ],
)
def test_wrong_and_why(answer, expected, reason):
    assert not same(answer, expected)
    assert reason in likely_reason(answer, expected)


def test_a_shape_of_other_numbers_has_no_likely_reason():
    assert not same((2, 1), (1, 2)) and likely_reason((2, 1), (1, 2)) == ""


@pytest.mark.parametrize(
    "value, shown",
    [
        ((2, 1), "(2, 1)"),
        ("up", "'up'"),
        (np.array([2.0, 4.0]), "[2. 4.]"),
        (np.zeros((4, 2)), "an array of shape (4, 2)"),
    ],
)
def test_a_value_as_a_sentence_names_it(value, shown):
    assert show(value) == shown
