"""Effects against what matters, and the long table that is filtered."""

from __future__ import annotations

import math

import pytest
from matplotlib.colors import to_hex

from d2l_bn import figures
from d2l_bn.experiments.judgement import Claim, Contrast, exact_claim
from d2l_bn.figures.style import BLACK, GREEN, GREY


def judgement(kind="always"):
    contrasts = {
        "good": Contrast({0: 0.05, 1: 0.06, 2: 0.055}),
        "open": Contrast({0: 0.05, 1: -0.06, 2: 0.0}),
        "cut off": Contrast(dict.fromkeys(range(3), 0.04), bound=0.04),
    }
    return Claim("a", "b", kind, "accuracy", lambda: contrasts, 0.01, "it matters").judge()


def test_each_interval_is_drawn_where_it_is_in_the_colour_of_its_verdict():
    found = judgement()
    ax = figures.draw_judgement(found)
    bars = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 2]
    for bar, comparison in zip(bars, found.comparisons):
        ends = [bar.get_xdata()[0], bar.get_xdata()[1]]
        if math.isfinite(comparison.low):
            assert ends == pytest.approx([comparison.low, comparison.high])
        else:  # without an end, it runs to the edge
            assert ends == pytest.approx(ax.get_xlim())
    assert [to_hex(bar.get_color()) for bar in bars] == [c.lower() for c in (GREEN, GREY, GREY)]
    words = [text.get_text() for text in ax.texts]
    assert words == ["supported", "undecided", "undecided"]
    assert [label.get_text() for label in ax.get_yticklabels()][0] == "good (n = 3)"
    (band,) = ax.patches
    assert sorted({round(x, 6) for x in band.get_path().vertices[:, 0]}) == [-0.01, 0.01]


def test_without_verdicts_nothing_tells():
    ax = figures.draw_judgement(judgement(), verdicts=False)
    assert not any(text.get_text() for text in ax.texts)
    assert {line.get_color() for line in ax.lines if line.get_linewidth() > 2} == {BLACK}


def test_what_was_computed_once_has_no_effects_to_draw():
    with pytest.raises(ValueError, match="one was computed once"):
        figures.draw_judgement(exact_claim("one", "1 is 1", lambda: True).judge())


def test_a_table_is_whole_without_scripts_and_cannot_be_broken_by_its_words():
    rows = [["a <b> & c", "x|y"], ["two\nlines", "z"]]
    made = figures.filtered_table(["claim", "verdict"], rows, by=["verdict"])
    bundle = made._repr_mimebundle_()
    html, markdown = bundle["text/html"], bundle["text/markdown"]
    assert "a &lt;b&gt; &amp; c" in html and "two<br>lines" in html and html.count("<tr>") == 3
    assert r"x\|y" in markdown and "http" not in html
    with pytest.raises(ValueError, match="by names source; expected some of claim, verdict"):
        figures.filtered_table(["claim", "verdict"], rows, by=["source"])
    with pytest.raises(ValueError, match="a row of 1 cells; expected 2"):
        figures.filtered_table(["claim", "verdict"], [["a"]], by=[])


def test_a_choice_hides_the_other_rows(chromium, tmp_path):
    rows = [["a", "supported"], ["b", "refuted"], ["c", "supported"]]
    made = figures.filtered_table(["claim", "verdict"], rows, by=["verdict"])
    page = tmp_path / "table.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{made.html}{made.html}")
    chromium.get(page.as_uri())

    def seen():
        return [r.text for r in chromium.find_elements("css selector", "tbody tr") if r.text]

    assert len(seen()) == 6  # two tables on one page
    select = chromium.find_element("css selector", "select")
    assert [o.text for o in select.find_elements("css selector", "option")] == [
        "all",
        "refuted",
        "supported",
    ]
    select.send_keys("refuted")
    assert seen() == ["b refuted", "a supported", "b refuted", "c supported"]
    assert chromium.find_element("css selector", "[role=group] span").text == "1 of 3"
