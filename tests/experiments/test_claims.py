"""Verdicts are computed: every claim has one, and other results give another one."""

from __future__ import annotations

import copy
import dataclasses
import math

import pytest

from d2l_bn.experiments.claims import (
    CLAIMS,
    CONDITION,
    FAILS,
    HOLDS,
    Claim,
    evidence,
    judge,
    measures,
)
from d2l_bn.experiments.statistics import Estimate

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


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: f"{c.row}-{c.document}-{c.meaning[:30]}")
def test_every_claim_has_a_verdict_from_the_results_in_the_tree(claim):
    verdict = claim.verdict()
    assert verdict.ruling in (HOLDS, CONDITION, FAILS)
    assert all(verdict.effects)
    exact = all(isinstance(effect, bool) for effect in verdict.effects.values())
    assert exact == (claim.effect == "exact")


def test_claims_name_a_row_a_document_and_where_the_numbers_are_from():
    for claim in CLAIMS:
        assert 1 <= claim.row <= 74 and claim.document in ("000", "001", "002", "003", "004")
        assert claim.quote and claim.meaning and claim.effect
        assert "computed here" in claim.evidence or "results/" in claim.evidence
        for word in claim.evidence.replace(";", ",").split(","):
            name = word.strip().removeprefix("results/")
            if name.endswith((".json", ".jsonl")):
                found = (evidence.RESULTS / name, evidence.RESULTS / "sweeps" / name)
                assert any(path.exists() for path in found), name


def test_nobody_can_write_a_verdict_down():
    assert "verdict" not in {field.name for field in dataclasses.fields(Claim)}


def test_other_results_give_another_verdict(monkeypatch):
    claim = next(c for c in CLAIMS if c.evidence == "results/sweeps/learning_rate.jsonl")
    records = copy.deepcopy(evidence.study("learning_rate"))
    swapped = {None: "gluon", "gluon": None}
    for record in records:  # as if the plain network had done what the one with BN did
        record["trial"]["norm"] = swapped[record["trial"]["norm"]]
        record["trial"]["recalibrate"] = 0
        record["test_accuracy"] = [
            b if b is not None else a
            for a, b in zip(record["test_accuracy"], record["population_test_accuracy"])
        ]
    before = claim.verdict()
    monkeypatch.setattr(evidence, "study", lambda name: records)
    monkeypatch.setattr(measures, "study", lambda name: records)
    assert before.ruling == HOLDS and claim.verdict().ruling == FAILS


def test_missing_results_are_named_with_the_command_that_makes_them():
    with pytest.raises(FileNotFoundError, match="python scripts/sweep.py no_such_study --full"):
        evidence.study("no_such_study")


def test_records_of_one_seed_twice_are_refused(monkeypatch):
    monkeypatch.setattr(measures, "document", lambda name: [{"seed": 0, "a": 1}] * 2)
    with pytest.raises(ValueError, match="two records of seed 0"):
        measures.by_seed("x.jsonl", lambda record: record["a"], a=1)
    with pytest.raises(ValueError, match="no record with"):
        measures.by_seed("x.jsonl", lambda record: record["a"], a=2)
