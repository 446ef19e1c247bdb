"""Bets on claims: the evidence decides, what it leaves open counts for nobody."""

from __future__ import annotations

import re
from pathlib import Path

import javascript
import numpy
import pytest

from d2l_bn.experiments.claims import court
from d2l_bn.experiments.judgement import Contrast, compare
from d2l_bn.figures.explorables.court_bets import data
from d2l_bn.figures.explorables.folder import folder, read_json, texts

ROOT = Path(__file__).resolve().parents[2]
NAME = "court_bets"
MATH = f"{NAME}/math.js"
CLAIMS = read_json(folder(NAME) / "data.json")["claims"]
VERDICTS = [claim["verdict"] for claim in CLAIMS]
OUTCOME = {"algebra": 1, "supported": 1, "refuted": 0, "negligible": 0}
ALL, NONE = [1] * 12, [0] * 12
WORDS = texts(NAME)


def first(verdict, **fields):
    """The number of the first claim with a verdict, as the page counts."""
    return next(
        i
        for i, claim in enumerate(CLAIMS, 1)
        if claim["verdict"] == verdict and fields.items() <= claim.items()
    )


def test_the_brier_score_is_the_mean_square_over_what_is_decided_and_shown():
    random = numpy.random.RandomState(0)
    bets, shown = random.randint(0, 101, 12).tolist(), [1, 0] * 6
    counted = [(p / 100, OUTCOME[v]) for p, v in zip(bets, VERDICTS) if v in OUTCOME]
    half = [(p / 100, OUTCOME[v]) for p, s, v in zip(bets, shown, VERDICTS) if s and v in OUTCOME]
    found = javascript.call(
        MATH, *[("brier", bets, which, VERDICTS) for which in (ALL, shown, NONE)]
    )
    for result, pairs in zip(found, (counted, half)):
        p, outcome = numpy.array(pairs).T
        numpy.testing.assert_allclose(result["score"], ((p - outcome) ** 2).mean())
        assert result["count"] == len(pairs)
    assert found[2] == {"score": None, "count": 0}


def test_what_the_figure_proves():
    """A coin gets 1/4, a bet on an open claim nothing, and the honest bet is the cheapest."""
    (coin,) = javascript.call(MATH, ("brier", [50] * 12, ALL, VERDICTS))
    assert coin == {"score": 0.25, "count": 12 - VERDICTS.count("undecided")}
    wild = [100 if verdict == "undecided" else 50 for verdict in VERDICTS]
    assert javascript.call(MATH, ("brier", wild, ALL, VERDICTS)) == [coin]
    bets, true = numpy.linspace(0, 1, 21), 0.7  # of ten claims that one believes by 70 %, 7 hold
    costs = javascript.call(MATH, *[("cost", p, o) for p in bets.tolist() for o in (0, 1)])
    expected = numpy.reshape(costs, (21, 2)) @ [1 - true, true]
    assert bets[expected.argmin()] == pytest.approx(true)


def test_the_claims_and_verdicts_are_the_courts():
    for name, shown in zip(data.CHOSEN, CLAIMS):
        judgement = court[name].judge()
        assert shown["quote"] == court[name].quote and shown["source"] == court[name].source
        assert shown["verdict"] == data.KEYS[judgement.verdict.value]
        assert [row["name"] for row in shown["rows"]] == [c.name for c in judgement.comparisons]
    assert len(set(data.CHOSEN)) == 12 and not set(data.CHOSEN) & trials()


def trials():
    """The claims of lesson 20's own trials, which a reader has bet on before."""
    (lesson,) = (ROOT / "notebooks" / "source").glob("*claim_court.py")
    return set(re.findall(r'^bets\["(\w+)"\]', lesson.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_claims_are_a_fair_mix():
    assert len({claim["source"] for claim in CLAIMS}) >= 4 and len(trials()) == 12
    outcomes = [OUTCOME.get(verdict) for verdict in VERDICTS]
    assert outcomes.count(1) >= 3 and outcomes.count(0) >= 3 and outcomes.count(None) <= 4


def test_an_interval_without_ends_and_what_is_no_test():
    signs = dict.fromkeys(range(3), 7.0)
    comparison = compare("a", Contrast(signs, bound=7.0), 1.0)
    assert data.row(comparison) == {
        "name": "a",
        "effect": 7.0,
        "low": None,
        "high": None,
        "side": "undecided",
    }
    no_test = compare("a", Contrast({0: 1.0, 1: 2.0, 2: 4.0}), 1.0, no_test="no test")
    assert data.row(no_test)["side"] == "no_test"


def test_a_claim_that_is_gone_is_named(monkeypatch):
    monkeypatch.setattr(data, "CHOSEN", ("a_sentence_that_nobody_wrote",))
    with pytest.raises(KeyError, match="a_sentence_that_nobody_wrote"):
        data.build()


def test_the_axis_holds_every_interval():
    calls = [("extent", c["rows"], c["delta"]) for c in CLAIMS if not c["exact"]]
    for (_, rows, delta), (low, high) in zip(calls, javascript.call(MATH, *calls)):
        for row in rows:
            ends = [row[end] for end in ("low", "effect", "high") if row[end] is not None]
            assert low < min(ends) and max(ends) < high
        assert low < -delta and delta < high


def test_bet_show_next_by_keyboard(figure_page):
    page = figure_page(NAME)
    assert (
        "Claim 1 of 12" in page.one(".stage").text and CLAIMS[0]["quote"] in page.one(".stage").text
    )
    page.driver.execute_script("arguments[0].focus()", page.one("input[name=sure]"))
    page.keys(*["\ue014"] * 6)  # right: 80 %
    page.keys("\ue004", "\ue004")
    assert page.focused() == "Show the evidence"
    assert CLAIMS[0]["rows"][0]["name"] not in page.drawn
    page.keys(" ")
    assert CLAIMS[0]["rows"][0]["name"] in page.drawn
    outcome = OUTCOME[VERDICTS[0]]
    cost = f"{(0.8 - outcome) ** 2:.3f}"
    assert f"(0.80 − {outcome})² = {cost}" in page.says and f"Brier score is {cost}" in page.says
    assert not page.one("input[name=sure]").is_enabled()  # a bet stands
    assert page.address == f"{NAME}:bets=80{',50' * 11}&shown=1{',0' * 11}"
    shared = figure_page(NAME, address=f"#{page.address}")
    assert f"Brier score is {cost}" in shared.says
    page = shared
    page.button("Next →").click()
    assert "Claim 2 of 12" in page.one(".stage").text
    assert page.one("input[name=sure]").is_enabled()
    page.button("← Previous").click()
    page.button("← Previous").click()
    assert "Claim 12 of 12" in page.one(".stage").text
    assert page.errors() == []


def test_every_verdict_is_said_and_drawn(figure_page):
    starts = {**{v: WORDS[v][:9] for v in set(VERDICTS)}, "algebra": "True by a"}
    signs = {"supported": "✓", "refuted": "✗", "negligible": "≈", "undecided": "?", "no_test": "–"}
    for i, claim in enumerate(CLAIMS, 1):
        page = figure_page(NAME, at=i)
        page.button("Show the evidence").click()
        assert page.says.startswith(starts[claim["verdict"]]) and "{" not in page.says
        assert ("Brier" in page.says) == (claim["verdict"] in OUTCOME)
        assert {row["name"] for row in claim["rows"]} <= set(page.drawn)
        end = page.drawn[12:]
        for side, sign in signs.items():
            assert end.count(sign) == sum(row["side"] == side for row in claim["rows"])


def test_what_is_undecided_does_not_count(figure_page):
    i, supported = first("undecided"), first("supported")
    shown = [int(n in (i, supported)) for n in range(1, 13)]
    says = figure_page(NAME, at=i, shown=shown, bets=[100] * 12).says
    assert "your bet does not count" in says and "costs" not in says
    assert "Brier score is 0.000 (decided claims: 1)" in says


def test_a_mark_leads_to_its_claim_and_all_are_counted(figure_page):
    page = figure_page(NAME, shown=ALL)
    marks = page.all("circle[role=img]")
    labels = [mark.get_attribute("aria-label") for mark in marks]
    assert labels == [WORDS[f"mark_{v}"].format(n=i) for i, v in enumerate(VERDICTS, 1)]
    marks[6].click()
    assert "Claim 7 of 12" in page.one(".stage").text
    counts = {verdict: VERDICTS.count(verdict) for verdict in data.KEYS.values()}
    assert WORDS["all"].format(**counts) in page.says


def test_buttons_stay_where_they_are(figure_page):
    for width in (380, 1000):
        page = figure_page(NAME, width=width)
        places = set()
        for _ in CLAIMS:
            places.add(page.button("Next →").location["y"])
            page.button("Next →").click()
        assert len(places) == 1
