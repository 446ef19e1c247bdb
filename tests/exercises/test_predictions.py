"""Predictions: two tries, two digits, a word on each likely mistake, and no answer in sight."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest
from mxnet import np

import d2l_bn.exercises.predictions as room
from d2l_bn.exercises.predictions import Check, Prediction
from d2l_bn.exercises.predictions.prediction import matches, sentence_start

SOURCES = sorted((Path(__file__).parents[2] / "notebooks" / "source").glob("[0-9]*.py"))
LESSONS = [
    module.name for module in pkgutil.iter_modules(room.__path__) if module.name != "prediction"
]


@pytest.fixture
def check():
    return Check(
        {
            "factor": Prediction(
                "the factor", 0.6513, "Think of e.", {0.9: "That is one step."}, "It decays."
            ),
            "way": Prediction(
                "the way", "up", "Look at the average.", {"down": "The weights are good."}
            ),
            "guess": Prediction(
                "the accuracy", None, "Better than guessing.", {0.1: "Guessing."}, within=0.05
            ),
        }
    )


@pytest.mark.parametrize(
    "given, answer",
    [(0.65, 0.6513), (316, 316.2), (1.14, 8 / 7), (0.0, 0), (3, 3), ((3,), (3,)), (True, True),
     ("UP ", "up"), (9.5e-7, 0.25**10), (np.ones((2, 2)), np.ones((2, 2)))],
)  # fmt: skip
def test_right(given, answer):
    assert matches(given, answer)


@pytest.mark.parametrize(
    "given, answer",
    [(0.66, 0.6513), (0, 0.25**10), (249, 250), ((3, 1), (3,)), (3, (3,)), (1, True),
     ("down", "up"), (float("nan"), 1.0), ("0.65", 0.6513), (np.ones(2), np.ones((1, 2)))],
)  # fmt: skip
def test_wrong(given, answer):
    assert not matches(given, answer)


@pytest.mark.parametrize(
    "what, start",
    [("the factor", "The factor"), ("momentum's steps", "Momentum's steps"),
     ("dX of two", "dX of two"), ("dgamma of the layer", "dgamma of the layer"),
     ("x_hat of one", "x_hat of one"), ("G of one", "G of one")],
)  # fmt: skip
def test_a_name_from_the_code_keeps_its_small_letter(what, start, capsys):
    assert sentence_start(what) == start
    check = Check({"it": Prediction(what, 2, "Count.")})
    for given in (None, 3, 4):
        check("it", given)
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"{start}: no prediction yet.")
    assert out[2].startswith(f"{start} is 2;")


def test_the_first_miss_keeps_the_answer_and_the_second_tells_it(check, capsys):
    check("factor", 0.5)
    first = capsys.readouterr().out
    assert "Think of e." in first and "0.65" not in first
    check("factor", 0.5)
    assert capsys.readouterr().out == first  # the same answer twice is one try
    check("factor", 0.9)
    second = capsys.readouterr().out
    assert "0.6513" in second and "That is one step." in second


def test_a_right_answer_is_told_exactly(check, capsys):
    check("factor", 0.65)
    assert capsys.readouterr().out == "Right: the factor is 0.65; more exactly 0.6513. It decays.\n"


def test_a_likely_mistake_is_named_at_once(check, capsys):
    check("way", "Down")
    assert "The weights are good." in capsys.readouterr().out
    check("way", 3)
    assert "'up'" in capsys.readouterr().out


def test_no_answer_is_no_try(check, capsys):
    check("way", None)
    check("way", "sideways")
    printed = capsys.readouterr().out
    assert (
        "no prediction yet" in printed and "Look at the average." in printed and "up" not in printed
    )


def test_a_measured_answer(check, capsys):
    check("guess", 0.84, 0.86)
    check("guess", 0.1, 0.86)
    printed = capsys.readouterr().out
    assert "Close: the accuracy is 0.86." in printed and "Guessing." in printed


def test_a_mistake_made_from_the_right_answer(capsys):
    total = Prediction(
        "the sum", None, "Rows.", {lambda right: right.reshape(-1): "Keep the axis."}
    )
    check = Check({"sum": total})
    check("sum", np.ones((3,)), np.ones((1, 3)))
    check("sum", np.ones((1, 3)), np.ones((1, 3)))
    first, second = capsys.readouterr().out.splitlines()
    assert "Keep the axis." in first and second.startswith("Right")


def test_an_unknown_name_is_an_error(check):
    with pytest.raises(KeyError, match="'wya'.*factor.*way"):
        check("wya", 1)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_prediction_foresees_a_mistake(lesson):
    for name, asked in importlib.import_module(f"{room.__name__}.{lesson}").PREDICTIONS.items():
        assert asked.hint and asked.reasons, f"{name}: no hint or no likely mistake"
        if asked.answer is not None:
            wrong = [w(asked.answer) if callable(w) else w for w in asked.reasons]
            assert not any(map(asked.is_right, wrong)), f"{name}: a reason fits the answer"


def asked_in(source):
    """The calls ``check(name, …)`` of a lesson, by cell."""
    for cell in source.read_text(encoding="utf-8").split("\n# %%")[1:]:
        if cell.startswith(" [markdown]"):
            continue
        code = "\n".join(
            line for line in cell.split("\n")[1:] if not line.lstrip().startswith(("%", "!"))
        )
        calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
        names = {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls}
        for call in calls:
            if getattr(call.func, "id", "") == "check":
                yield call, names


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_asks_for_what_there_is_and_shows_no_answer(lesson):
    (source,) = [path for path in SOURCES if path.stem[3:] == lesson]
    known = importlib.import_module(f"{room.__name__}.{lesson}").PREDICTIONS
    asked = list(asked_in(source))
    assert {call.args[0].value for call, _ in asked} == set(known)
    for call, names in asked:
        assert not names & {"train", "fit", "step", "backward", "recalibrate"}, ast.unparse(call)
        if len(call.args) == 3:
            assert not isinstance(call.args[2], ast.Constant), (
                f"the answer in sight: {ast.unparse(call)}"
            )
            assert known[call.args[0].value].answer is None
