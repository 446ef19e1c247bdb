"""The claims of the course: each declared in full, judged from the results, asked as one object."""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path

import pytest

from d2l_bn.experiments import judgement, load
from d2l_bn.experiments.claims import court, runs
from d2l_bn.experiments.claims.errata import ERRATA
from d2l_bn.experiments.claims.sources import COURSE, SOURCES
from d2l_bn.experiments.judgement import Verdict
from d2l_bn.experiments.runner import SYNTHETIC_DATA
from d2l_bn.experiments.studies import study_names

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks" / "source").glob("*.py"))


@pytest.mark.parametrize("name", court)
def test_every_claim_is_declared_in_full_and_judged(name):
    claim, found = court[name], court[name].judge()
    assert claim.name == name and claim.quote and claim.topic and claim.source in SOURCES
    assert claim.meaning or claim.source == COURSE  # the course speaks English itself
    assert set(claim.studies) <= set(study_names()) and claim.exact == (claim.studies == ())
    assert found.verdict in Verdict
    assert claim.exact == (found.comparisons == ())
    assert "± 0 " not in str(found) and "nan" not in str(found)


def test_a_sentence_stands_in_court_once():
    said = [claim.quote for claim in court.values()]
    assert len(set(said)) == len(said)
    assert {claim.source for claim in court.values()} == set(SOURCES)


def test_other_results_give_another_verdict(monkeypatch):
    """As if the plain network had done what the one with BN did."""
    claim = court["small_rate_faster"]
    records = copy.deepcopy(load.records("learning_rate"))
    swapped = {None: "gluon", "gluon": None}
    for record in records:
        record["case"]["norm"] = swapped[record["case"]["norm"]]
    assert claim.judge().verdict is Verdict.SUPPORTED
    monkeypatch.setattr(load, "records", lambda study: records)
    assert claim.judge().verdict is Verdict.REFUTED


def test_a_setting_is_chosen_on_validation_data_and_never_on_test_images():
    def run(lr, seed, validated, tested_):
        measures = {
            "train_accuracy_by_epoch": [0.5],
            "validation_accuracy_by_epoch": [validated],
            "test_accuracy_moving_by_epoch": [tested_],
        }
        case = {"lr": lr, "norm": None}
        return {"case": case, "seed": seed, "outcome": "finished", "measures": measures}

    runs_ = [run(0.1, s, 0.8, 0.7) for s in (0, 1)] + [run(1.0, s, 0.7, 0.9) for s in (0, 1)]
    assert runs.chosen_setting(runs_, norm=None) == {"lr": 0.1}
    assert runs.chosen(runs_, norm=None) == {0: 0.7, 1: 0.7}
    for each in runs_:  # without: on the training images
        del each["measures"]["validation_accuracy_by_epoch"]
    runs_[-1]["measures"]["train_accuracy_by_epoch"] = [0.6]
    assert runs.chosen_setting(runs_) == {"lr": 1.0}
    with pytest.raises(ValueError, match="has the study been run in full"):
        runs.chosen_setting("learning_rate", lr=1e9)


def test_no_claim_is_judged_on_drawn_data(tmp_path, monkeypatch):
    drawn = [{**record, "data": SYNTHETIC_DATA} for record in load.records("ensembles")[:1]]
    (tmp_path / "drawn.jsonl").write_text("".join(json.dumps(r) + "\n" for r in drawn))
    monkeypatch.setenv("D2L_BN_RESULTS", str(tmp_path))
    with pytest.raises(ValueError, match="drawn.jsonl has records on synthetic"):
        load.records("drawn")


def test_missing_results_are_named_with_the_command_that_makes_them(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="make them by d2l-bn run no_such_study"):
        load.records("no_such_study")
    monkeypatch.setenv("D2L_BN_RESULTS", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="no folder of results: looked for .*nowhere"):
        load.records("another_study")


@pytest.mark.parametrize("slip", ERRATA, ids=lambda slip: slip.printed[:20])
def test_a_slip_is_one_and_its_mending_is_python(slip):
    assert slip.source in SOURCES and slip.is_one() and slip.why
    if "…" not in slip.meant:
        ast.parse(slip.meant)


def asked(lesson: Path) -> set[str]:
    """The claims that a lesson asks for by name: ``court["…"]``."""
    return {
        node.slice.value
        for node in ast.walk(ast.parse(lesson.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "court"
        and isinstance(node.slice, ast.Constant)
    }


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lessons_ask_the_court_for_claims_that_there_are(lesson):
    assert asked(lesson) <= set(court)


ROOMS = ("d2l_bn.experiments.claims", "d2l_bn.experiments.judgement")
#: what a lesson may take from there: the court, or what a claim of one's own is made of
MAY_TAKE = {"court", "errata", "runs", "sources", *judgement.__all__}
WORDS = re.compile(r"\b(holds here|does not hold here|not decided|holds with a condition)\b")


def takes(lesson: Path) -> set[str]:
    """What a lesson imports of the two rooms: modules, and names of the rooms themselves."""
    found = set()
    for node in ast.walk(ast.parse(lesson.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ROOMS):
            inside = (node.module or "").split(".")[3:]
            found |= set(inside[:1]) or {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_verdict_in_a_lesson_is_the_courts(lesson):
    """No other judge, no words of its own for a verdict, and no second claim of a court's name."""
    text = lesson.read_text(encoding="utf-8")
    assert takes(lesson) <= MAY_TAKE and not WORDS.search(text)
    own = re.findall(r'Claim\(\s*name="(\w+)"', text)
    assert not set(own) & set(court)
