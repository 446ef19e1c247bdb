"""The command results: means over seeds of what the records say."""

from __future__ import annotations

import json
from statistics import mean

import pytest

from d2l_bn.experiments.load import by_seed, records

NAME = "d2l-bn results"


def test_each_case_has_the_mean_over_its_seeds(run):
    status, out, err = run(NAME, "learning_rate")
    assert (status, err) == (0, "")
    head, _, *rows = out.splitlines()
    assert "lr" in head and head.endswith("test_accuracy |")
    first = records("learning_rate")[0]["case"]
    expected = mean(by_seed("learning_rate", "test_accuracy", **first).values())
    assert f"| {expected:.3f} ± " in rows[0]
    assert len(rows) == len({json.dumps(r["case"]) for r in records("learning_rate")})


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["learning_rate", "--measure", "beauty"], 2, "beauty was not measured; expected one of"),
        (["no_study"], 2, "invalid choice"),
    ],
)
def test_what_there_is_not_is_one_line(arguments, status, message, run):
    came, out, err = run(NAME, *arguments)
    assert (came, out, err.count("\n")) == (status, "", 1)
    assert message in err


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that results are read from, empty."""
    monkeypatch.setenv("D2L_BN_RESULTS", str(tmp_path / "results"))
    (tmp_path / "results").mkdir()
    records.cache_clear()
    yield tmp_path / "results"
    records.cache_clear()


def test_missing_records_are_a_failure_that_says_how_to_make_them(folder, run):
    status, out, err = run(NAME, "variants")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "d2l-bn run variants" in err


@pytest.mark.parametrize(
    "content, message", [("junk", "line 1: not a record"), ('{"a": 1}', "a record without study")]
)
def test_damaged_records_are_a_failure_in_one_line(content, message, folder, run, tmp_path):
    for place in (folder, tmp_path):
        (place / "variants.jsonl").write_text(content + "\n")
    status, out, err = run(NAME, "variants")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert message in err
    status, _, err = run("d2l-bn run", "variants", "--examples", 9, "--out", tmp_path)
    assert status == 1 and message in err and "Traceback" not in err
    assert (tmp_path / "variants.jsonl").read_text() == content + "\n"
