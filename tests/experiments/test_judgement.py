"""The judge on truths that are known: drawn runs, counted verdicts, rules by hand."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import numpy
import pytest
from scipy import stats

from d2l_bn.experiments.judgement import (
    BOTH_LEARNED,
    Claim,
    Contrast,
    Court,
    Judgement,
    Precondition,
    Verdict,
    compare,
    discoveries,
    exact_claim,
    interaction,
    seeds_needed,
)
from d2l_bn.experiments.judgement.comparison import position, sign_interval
from d2l_bn.experiments.judgement.power import power
from d2l_bn.experiments.judgement.verdict import combined

YES, NO, NONE, OPEN = (
    Verdict.SUPPORTED,
    Verdict.REFUTED,
    Verdict.NO_EFFECT,
    Verdict.UNDECIDED,
)
DELTA, DEVIATION = 0.01, 0.012  # test accuracy; as measured
TIMES = 250  # experiments drawn


def claim(measure=None, kind="always", **fields):
    values = {"name": "mine", "quote": "A is better", "effect": "accuracy", "delta": DELTA}
    return Claim(measure=measure, kind=kind, because="it matters", **{**values, **fields})


def by_seed(*values):
    return dict(enumerate(values))


def drawn(truth, n, kind="always", times=TIMES, seed=0):
    """The share of each verdict over many experiments with this true effect."""
    random = numpy.random.default_rng(seed)
    count = Counter(
        compare("a", Contrast(by_seed(*values)), DELTA, kind).verdict
        for values in random.normal(truth, DEVIATION, (times, n))
    )
    return {verdict: count[verdict] / times for verdict in Verdict}


@pytest.mark.parametrize("n", [3, 8, 30])
@pytest.mark.parametrize("kind", ["always", "equal", "no worse"])
def test_at_the_border_no_more_than_one_in_forty_falls_to_either_side(n, kind):
    """The calibration that all rests on; the bound is three standard errors above 0.025."""
    border = -DELTA if kind == "no worse" else DELTA
    found = drawn(border, n, kind=kind)
    most = 0.025 + 3 * math.sqrt(0.025 * 0.975 / TIMES)
    assert found[YES] <= most and found[NO] + found[NONE] <= most


@pytest.mark.parametrize(
    "truth, n, verdict, least",
    [
        (0.0, 30, NONE, 0.95),
        (DELTA / 2, 60, NONE, 0.8),
        (2 * DELTA, 30, YES, 0.95),
        (-2 * DELTA, 30, NO, 0.99),
        (0.0, 3, OPEN, 0.7),  # power is low: it must not be called decided
        (DELTA / 2, 3, OPEN, 0.7),
        (DELTA, 8, OPEN, 0.9),
        (2 * DELTA, 3, OPEN, 0.7),
    ],
)
def test_a_known_effect_gets_its_verdict(truth, n, verdict, least):
    assert drawn(truth, n)[verdict] >= least


def test_a_wrong_verdict_is_rare_whatever_the_truth():
    for truth in (0.0, DELTA / 2):
        assert all(drawn(truth, n)[YES] <= 0.02 for n in (3, 8, 30))
    for n in (3, 8, 30):
        found = drawn(2 * DELTA, n)
        assert found[NO] + found[NONE] <= 0.02


def test_equal_and_no_worse_are_shown_not_assumed():
    assert drawn(0.0, 30, kind="equal")[YES] >= 0.95
    assert drawn(3 * DELTA, 30, kind="equal")[NO] >= 0.99
    assert drawn(0.0, 3, kind="equal")[OPEN] >= 0.7  # three seeds show no equality
    assert drawn(0.0, 30, kind="no worse")[YES] >= 0.95
    assert drawn(3 * DELTA, 30, kind="no worse")[YES] == 1.0


def test_the_promised_number_of_seeds_has_the_promised_power():
    n = seeds_needed(DEVIATION, DELTA)
    assert power(n, DEVIATION, DELTA) >= 0.8 > power(n - 1, DEVIATION, DELTA)
    assert drawn(2 * DELTA, n)[YES] == pytest.approx(0.8, abs=0.06)
    assert drawn(2 * DELTA, n - 4)[YES] < 0.75
    assert seeds_needed(1.0, 0.01) is None and seeds_needed(1e-9, 0.01) == 3


@pytest.mark.parametrize(
    "low, high, kind, verdict",
    [
        (0.011, 0.02, "always", YES),
        (0.009, 0.02, "always", OPEN),  # above nothing, perhaps too little
        (-0.001, 0.02, "always", OPEN),  # nothing and enough are both in it
        (-0.009, 0.009, "always", NONE),
        (0.002, 0.009, "always", NONE),  # above nothing, and too little
        (-0.02, 0.009, "always", NO),
        (-0.02, -0.011, "always", NO),
        (-0.009, 0.009, "equal", YES),
        (-0.011, 0.009, "equal", OPEN),
        (0.011, 0.02, "equal", NO),
        (-0.009, 0.5, "no worse", YES),
        (-0.011, 0.5, "no worse", OPEN),
        (-0.5, -0.011, "no worse", NO),
        (-math.inf, math.inf, "always", OPEN),
    ],
)
def test_where_an_interval_lies(low, high, kind, verdict):
    assert position(low, high, DELTA, kind) is verdict


@pytest.mark.parametrize(
    "kind, verdicts, verdict",
    [
        ("always", (YES, YES), YES),
        ("always", (YES, OPEN), OPEN),
        ("always", (YES, NO), NO),
        ("always", (YES, NONE), NO),
        ("always", (NONE, NONE), NONE),
        ("always", (OPEN, NO), NO),
        ("exists", (YES, NO), YES),
        ("exists", (OPEN, NO), OPEN),
        ("exists", (NONE, NO), NO),
        ("exists", (NONE, NONE), NONE),
        ("equal", (YES, OPEN), OPEN),
        ("always", (), OPEN),
    ],
)
def test_what_conditions_come_to(kind, verdicts, verdict):
    assert combined(kind, verdicts) is verdict


def test_an_effect_is_taken_seed_by_seed():
    """The seeds differ by far more than the arms; unpaired, nothing would be seen."""
    luck = numpy.random.default_rng(0).normal(0.7, 0.1, 8)
    gaps = [0.030, 0.034, 0.028, 0.031, 0.029, 0.033, 0.032, 0.030]
    contrast = Contrast(by_seed(*(luck + gaps)), by_seed(*luck))
    found = compare("a", contrast, DELTA)
    assert found.verdict is YES and found.margin == pytest.approx(
        stats.t.ppf(0.975, 7) * numpy.std(gaps, ddof=1) / math.sqrt(8)
    )
    with pytest.raises(ValueError, match="expected some seed that both arms"):
        Contrast({0: 1.0}, {1: 1.0})


@pytest.mark.parametrize("n, verdict", [(3, OPEN), (5, OPEN), (6, YES), (10, YES)])
def test_outcomes_at_a_bound_are_judged_by_their_signs(n, verdict):
    length = dict.fromkeys(range(n), 564.0)
    soon = dict.fromkeys(range(n), 100.0)
    found = compare("steps", Contrast(length, soon, bound=564.0), 50)
    assert found.method == "sign" and found.verdict is verdict
    assert found.shown() == f"+464 for each of {n} seeds" and "± 0" not in str(found)
    assert verdict is YES or found.seeds_needed == 6


def test_the_sign_interval_covers_what_it_says():
    """Of a lopsided distribution, at least 95 % of the intervals hold the median."""
    random = numpy.random.default_rng(0)
    for n in (6, 9, 20):
        samples = random.exponential(size=(500, n))
        held = [low <= math.log(2) <= high for low, high in map(sign_interval, samples)]
        assert numpy.mean(held) >= 0.93


def test_networks_that_never_learned_are_no_test():
    guess, good = by_seed(0.1, 0.1, 0.1), by_seed(0.80, 0.81, 0.79)
    found = claim(lambda: {"a": Contrast(good, guess)}, requires=(BOTH_LEARNED,)).judge()
    assert found.verdict is OPEN and "both networks learned" in str(found)
    twice = {"a": Contrast(good, guess), "b": Contrast(good, by_seed(0.7, 0.71, 0.7))}
    judged = claim(lambda: twice, requires=(BOTH_LEARNED,)).judge()
    assert [c.name for c in judged.tests] == ["b"] and judged.comparisons[0].verdict is OPEN


def test_that_the_manipulation_worked_is_no_evidence():
    """It decides whether there is a test, and never for the claim."""
    noise = by_seed(0.02, -0.03, 0.01)
    for worked in (True, False):
        check = Precondition("the noise shifts the inputs", lambda name, contrast, w=worked: w)
        found = claim(lambda: {"a": Contrast(noise)}, "causal", requires=(check,)).judge()
        assert found.verdict is OPEN and len(found.tests) == worked
    with pytest.raises(ValueError, match="that the manipulation worked"):
        claim(lambda: {}, "causal")


def test_only_there_takes_an_interaction():
    big, small = Contrast(by_seed(0.05, 0.06, 0.05)), Contrast(by_seed(0.03, -0.02, 0.04))
    with pytest.raises(ValueError, match="interaction"):
        claim(lambda: {"a": big}, "only").judge()
    found = claim(lambda: {"a minus b": interaction(big, small)}, "only").judge()
    assert found.verdict is OPEN  # significant here, not there: and the difference is open
    none = Contrast(by_seed(0.001, 0.0, -0.001))
    assert claim(lambda: {"a minus c": interaction(big, none)}, "only").judge().verdict is YES


def test_supported_for_one_alone_if_it_is_denied_for_another():
    big, none = Contrast(by_seed(0.05, 0.06, 0.05)), Contrast(by_seed(0.001, 0.0, -0.001))
    found = claim(lambda: {"sigmoid": big, "relu": none}).judge()
    assert found.verdict is NO and found.supported_only_in == ("sigmoid",)
    assert "supported for sigmoid alone" in str(found)
    open_ = Contrast(by_seed(0.03, -0.02, 0.04))  # significant here, not there
    assert claim(lambda: {"sigmoid": big, "relu": open_}).judge().supported_only_in == ()


def test_then_the_difference_is_shown_as_well():
    """Even where the seeds swing against each other: drawn at random, none contradicts."""
    random = numpy.random.default_rng(1)
    pairs = 0
    while pairs < 50:
        here, there = random.normal(0.014, 0.003, 3), random.normal(0.006, 0.003, 3)
        here, there = numpy.sort(here), numpy.sort(there)[::-1]
        verdicts = [compare("", Contrast(by_seed(*v)), DELTA).verdict for v in (here, there)]
        if verdicts[0] is YES and verdicts[1] in (NO, NONE):
            gap = interaction(Contrast(by_seed(*here)), Contrast(by_seed(*there)))
            assert compare("", gap, DELTA).low > 0
            pairs += 1


def test_the_p_value_of_a_claim_by_hand():
    p = {"a": 0.001, "b": 0.02}

    def judged(kind, verdict):
        comparisons = tuple(
            dataclasses.replace(compare(n, Contrast(by_seed(1, 2, 3)), 1), p=p[n], verdict=verdict)
            for n in p
        )
        return Judgement(claim(kind=kind), comparisons)

    assert judged("always", YES).p == 0.02 and judged("exists", YES).p == 0.002
    assert judged("always", NO).p == 0.002 and judged("exists", NO).p == 0.02
    assert judged("always", OPEN).p == 1.0
    assert Judgement(exact_claim("x", "y", bool), (), True).p == 0.0


def test_benjamini_and_hochberg_by_hand():
    p = {"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.04, "e": 0.9}
    assert discoveries(p) == {"a", "b", "c", "d"}  # 0.04 = 4 · 0.05 / 5 lifts those before it
    assert discoveries({**p, "d": 0.05}) == {"a", "b", "c"}
    assert discoveries({"a": 0.04, "b": 0.6}) == set() and discoveries({}) == set()


def test_a_court_knows_each_claim_once():
    mine = claim(lambda: {"a": Contrast(by_seed(1.0, 1.1, 0.9))})
    court = Court([mine], [exact_claim("other", "1 is 1", lambda: True)])
    assert court["mine"] is mine and list(court) == ["mine", "other"]
    assert [str(j.verdict) for j in court.judge().values()] == ["supported", "true by algebra"]
    with pytest.raises(KeyError, match="no claim 'mine_too'; expected one such as mine"):
        court["mine_too"]
    with pytest.raises(ValueError, match="two claims are named 'mine'"):
        Court([mine], [mine])


def test_what_is_not_laid_down_before_is_refused():
    with pytest.raises(ValueError, match="kind is 'mostly'; expected one of 'exists'"):
        claim(kind="mostly")
    with pytest.raises(ValueError, match="delta is 0; expected a finite number above 0"):
        claim(delta=0)
    with pytest.raises(ValueError, match="delta has no reason"):
        Claim("a", "b", "always", "c", dict, 0.01, "")
    with pytest.raises(ValueError, match="nothing was measured"):
        claim(dict).judge()
    with pytest.raises(ValueError, match="expected True or False without a delta"):
        claim(lambda: True).judge()


def test_false_by_computing_is_refuted():
    assert exact_claim("one", "1 is 2", lambda: 1 == 2).judge().verdict is NO


def test_words_and_table():
    found = claim(lambda: {"a": Contrast(by_seed(0.02, -0.03, 0.01))}, meaning="b|c").judge()
    assert str(found).startswith(
        "mine: undecided · a: +0.000 ± 0.066 (n = 3), undecided · δ = 0.01"
    )
    assert f"{found.seeds_needed} seeds needed" in str(found)
    assert len(found.row()) == 4 and r"b\|c" in found._repr_markdown_()
    assert {verdict.chinese for verdict in Verdict} == {
        "可由代数证明",
        "得到支持",
        "被否定",
        "无实际影响",
        "未决",
    }
