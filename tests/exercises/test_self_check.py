"""A self-check names what came, what was expected and the likely reason, and never fails a run."""

import pytest
from mxnet import np

from d2l_bn.exercises.self_check import judge, self_check


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
    verdict = judge("it", answer, expected)
    assert verdict.right is True and verdict.message.startswith("Right: it is ")


def test_unfilled_does_not_tell_the_answer(capsys):
    assert judge("the shape", None, (7, 5)).right is None
    self_check("the shape", None, (7, 5))
    printed = capsys.readouterr().out
    assert "in place of None" in printed and "7" not in printed


@pytest.mark.parametrize(
    "answer, expected, words",
    [
        (3, (3,), "is (3,), you wrote 3. Write a tuple such as"),
        ([3], (3,), "you wrote [3.]. Write a tuple"),
        ((2, 1), (1, 2), "is (1, 2), you wrote (2, 1)."),
        (0, False, "Write True or False"),
        ("4", 4.0, "Write a number"),
        (np.ones(3), np.ones((1, 3)), "The shapes differ: (3,), expected (1, 3)"),
        (float("nan"), 1.0, "NaN or infinity"),
        (np.array([2.0, 4.0]), np.array([4.0, 8.0]), "0.5 times the expected"),
        (np.array([2.0, 4.0]), np.array([2.0, 4.5]), "largest difference is 0.5"),
    ],
)
def test_wrong_says_why(answer, expected, words):
    verdict = judge("it", answer, expected)
    assert verdict.right is False and verdict.message.startswith("Not yet: it is ")
    assert words in verdict.message


def test_reason_of_the_author_goes_first():
    reasons = [((2,), "that is the axis that stays."), ((2, 1), "that is keepdims.")]
    assert judge("it", (2, 1), (3,), reasons).message.endswith("that is keepdims.")
    assert judge("it", (9,), (3,), reasons).message == "Not yet: it is (3,), you wrote (9,)."


def test_a_large_array_is_not_written_out():
    message = judge("it", np.zeros((4, 2)), np.ones((4, 2))).message
    assert message.startswith(
        "Not yet: it is an array of shape (4, 2), you wrote an array of shape"
    )
