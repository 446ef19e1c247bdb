"""The claims of the course: each declared in full, judged from the results, asked as one object."""

from __future__ import annotations

import ast
import copy
import json
from pathlib import Path

import pytest

from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.errata import ERRATA
from d2l_bn.experiments.claims.sources import COURSE, SOURCES
from d2l_bn.experiments.judgement import Verdict
from d2l_bn.experiments.runner import SYNTHETIC_DATA
from d2l_bn.experiments.studies import study_names

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks" / "source").glob("*.py"))


@pytest.mark.parametrize("name", court)
def test_every_claim_is_declared_in_full_and_judged(name):
    claim, judgement = court[name], court[name].judge()
    assert claim.name == name and claim.quote and claim.topic and claim.source in SOURCES
    assert claim.meaning or claim.source == COURSE  # the course speaks English itself
    assert set(claim.studies) <= set(study_names()) and claim.exact == (claim.studies == ())
    assert judgement.verdict in Verdict
    assert claim.exact == (judgement.comparisons == ())
    assert "± 0 " not in str(judgement) and "nan" not in str(judgement)


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
