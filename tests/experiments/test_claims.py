"""Verdicts are computed: every claim has one, and other results give another one."""

from __future__ import annotations

import copy
import dataclasses
import json
import math

import pytest

from d2l_bn.experiments import load
from d2l_bn.experiments.claims import CLAIMS, CONDITION, FAILS, HOLDS, SOURCES, Claim, judge
from d2l_bn.experiments.runner import SYNTHETIC_DATA
from d2l_bn.experiments.statistics import Estimate
from d2l_bn.experiments.studies import study_names

GOOD, SMALL, NOISY = Estimate(0.05, 0.005, 3), Estimate(0.002, 1e-4, 3), Estimate(0.05, 0.1, 3)


@pytest.mark.parametrize(
    "effects, ruling",
    [
        ({"a": GOOD}, HOLDS),
        ({"a": GOOD, "b": GOOD}, HOLDS),
        ({"a": GOOD, "b": SMALL}, CONDITION),
        ({"a": NOISY, "b": GOOD}, CONDITION),
        ({"a": SMALL}, FAILS),
        ({"a": NOISY}, FAILS),
        ({"a": Estimate(-0.05, 0.005, 3)}, FAILS),
        ({"a": True}, HOLDS),
        ({"a": False}, FAILS),
        ({"a": True, "b": GOOD, "c": False}, CONDITION),
    ],
)
def test_the_rules(effects, ruling):
    assert judge(effects, at_least=0.01).ruling == ruling


def test_the_smallest_effect_that_counts():
    assert judge({"a": SMALL}, at_least=0.001).ruling == HOLDS
    assert judge({"a": GOOD}, at_least=0.06).ruling == FAILS


def test_the_interval_must_lie_above_zero():
    edge = Estimate(4.302653 / math.sqrt(3) * 0.01, 0.01, 3)  # its interval ends at 0
    assert judge({"a": edge._replace(mean=edge.mean * 1.001)}).ruling == HOLDS
    assert judge({"a": edge._replace(mean=edge.mean * 0.999)}).ruling == FAILS


@pytest.mark.parametrize("n", [1, 2])
def test_no_verdict_from_fewer_than_three_seeds(n):
    with pytest.raises(ValueError, match=f"a: {n} seeds; expected at least 3"):
        judge({"a": Estimate(0.5, 0.0, n)})
    with pytest.raises(ValueError, match="no effect was measured"):
        judge({})


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.meaning[:40])
def test_every_claim_has_a_verdict_from_the_results_in_the_tree(claim):
    verdict = claim.verdict()
    assert verdict.ruling in (HOLDS, CONDITION, FAILS)
    assert all(verdict.effects)
    exact = all(isinstance(effect, bool) for effect in verdict.effects.values())
    assert exact == (claim.effect == "exact") == (claim.studies == ())


def test_a_claim_names_what_it_is_about_and_the_studies_behind_it():
    assert sum(map(len, SOURCES.values())) == len(CLAIMS) == len({c.quote for c in CLAIMS})
    for claim in CLAIMS:
        assert claim.topic and claim.quote and claim.meaning and claim.effect
        assert set(claim.studies) <= set(study_names())


def test_nobody_can_write_a_verdict_down():
    assert "verdict" not in {field.name for field in dataclasses.fields(Claim)}


def test_other_results_give_another_verdict(monkeypatch):
    claim = next(claim for claim in CLAIMS if claim.studies == ("learning_rate",))
    records = copy.deepcopy(load.records("learning_rate"))
    swapped = {None: "gluon", "gluon": None}
    for record in records:  # as if the plain network had done what the one with BN did
        record["case"]["norm"] = swapped[record["case"]["norm"]]
    before = claim.verdict()
    monkeypatch.setattr(load, "records", lambda study: records)
    assert before.ruling == HOLDS and claim.verdict().ruling == FAILS


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
