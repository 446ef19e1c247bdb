"""Bets on claims: the evidence decides, what it leaves open counts for nobody."""

from __future__ import annotations

import javascript
import numpy
import pytest

from d2l_bn.experiments.claims import HOLDS, SOURCES, judge
from d2l_bn.experiments.statistics import Estimate
from d2l_bn.figures.explorables.court_bets import data
from d2l_bn.figures.explorables.folder import folder, read_json, texts

NAME = "court_bets"
MATH = f"{NAME}/math.js"
CLAIMS = read_json(folder(NAME) / "data.json")["claims"]
VERDICTS = [claim["verdict"] for claim in CLAIMS]
OUTCOME = {"supported": 1, "refuted": 0}
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


@pytest.mark.parametrize(
    "mean, margin, least, side",
    [
        (0.1, 0.04, 0.05, "for"),
        (0.1, 0.06, 0.05, "open"),  # above zero, and perhaps too small
        (0.02, 0.06, 0.05, "open"),  # holds zero and what matters: never "does not hold"
        (0.02, 0.02, 0.05, "against"),  # too small, for certain
        (-0.1, 0.04, 0.05, "against"),
        (0.1, 0.04, 0.0, "for"),
        (0.1, 0.2, 0.0, "open"),
    ],
)
def test_where_an_interval_lies(mean, margin, least, side):
    deviation = margin / Estimate(0.0, 1.0, 3).margin
    assert data.side(Estimate(mean, deviation, 3), least) == side


def test_the_claims_are_a_fair_mix_of_all_sources():
    assert {source for source, _ in data.CHOSEN} == set(SOURCES)
    count = {verdict: VERDICTS.count(verdict) for verdict in set(VERDICTS)}
    assert count["supported"] >= 3 and count["refuted"] >= 3 and 2 <= count["undecided"] <= 4


def test_the_court_agrees_where_the_runs_decide():
    for (source, quote), shown in zip(data.CHOSEN, CLAIMS):
        (claim,) = [claim for claim in SOURCES[source] if claim.quote == quote]
        holds = judge(claim.measure(), claim.at_least).ruling == HOLDS
        assert shown["verdict"] == "undecided" or holds == (shown["verdict"] == "supported")


def test_a_claim_that_is_gone_is_named(monkeypatch):
    monkeypatch.setattr(data, "CHOSEN", (("chapter", "a sentence that nobody wrote"),))
    with pytest.raises(ValueError, match="a sentence that nobody wrote"):
        data.build()


def test_the_axis_holds_every_interval():
    calls = [("extent", c["rows"], c["least"]) for c in CLAIMS if not c["exact"]]
    for (_, rows, least), (low, high) in zip(calls, javascript.call(MATH, *calls)):
        for row in rows:
            assert low < row["mean"] - row["margin"] and row["mean"] + row["margin"] < high
        assert low < min(-least, 0) + 1e-12 and max(least, 0) - 1e-12 < high


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
    for i, claim in enumerate(CLAIMS, 1):
        page = figure_page(NAME, at=i)
        page.button("Show the evidence").click()
        start = WORDS[f"exact_{claim['verdict']}" if claim["exact"] else claim["verdict"]]
        assert page.says.startswith(start) and "{" not in page.says
        assert ("Brier" in page.says) == (claim["verdict"] in OUTCOME)
        assert {row["name"] for row in claim["rows"]} <= set(page.drawn)
        signs = {"for": "✓", "against": "✗", "open": "?"}
        end = page.drawn[12:]
        for side, sign in signs.items():
            shown = sum(text.startswith(sign) for text in end)
            assert shown == sum(row["side"] == side for row in claim["rows"])


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
    assert labels == [f"Claim {i}: {verdict}" for i, verdict in enumerate(VERDICTS, 1)]
    marks[6].click()
    assert "Claim 7 of 12" in page.one(".stage").text
    count = ", ".join(f"{VERDICTS.count(v)} {v}" for v in ("supported", "refuted", "undecided"))
    assert f"All twelve are shown: {count}." in page.says


def test_buttons_stay_where_they_are(figure_page):
    for width in (380, 1000):
        page = figure_page(NAME, width=width)
        places = set()
        for _ in CLAIMS:
            places.add(page.button("Next →").location["y"])
            page.button("Next →").click()
        assert len(places) == 1
