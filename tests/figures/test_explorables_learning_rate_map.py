"""The map of learning rates: its numbers are those of the study's records and of its measures."""

from __future__ import annotations

import re

import javascript
import numpy
import pytest

from d2l_bn.experiments import load
from d2l_bn.figures import interactive
from d2l_bn.figures.explorables.folder import folder, read_json
from d2l_bn.figures.explorables.learning_rate_map.data import SEEDS

MATH = "learning_rate_map/math.js"
DATA = read_json(folder("learning_rate_map") / "data.json")
NORMS = {"plain": None, "batch": "gluon"}


def means(activation, norm):
    return javascript.call(MATH, ("means", DATA["runs"][activation][norm]))[0]


def accuracy(activation, norm, lr):
    fields = {"activation": activation, "norm": norm, "lr": lr}
    return load.by_seed("learning_rate", "test_accuracy", **fields)


def test_means_are_those_of_the_records():
    for activation in ("relu", "sigmoid"):
        for name, norm in NORMS.items():
            found = means(activation, name)
            expected = [
                numpy.mean([accuracy(activation, norm, lr)[seed] for seed in range(SEEDS)])
                for lr in DATA["rates"]
            ]
            numpy.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_first_seeds_of_the_study_are_on_the_map():
    runs = [
        run
        for norms in DATA["runs"].values()
        for rates in norms.values()
        for seeds in rates
        for run in seeds
    ]
    shown = [r for r in load.records("learning_rate") if r["seed"] < SEEDS]
    assert len(runs) == len(shown) == 2 * 2 * len(DATA["rates"]) * SEEDS
    diverged = [r for r in shown if r["outcome"] == "diverged"]
    assert sum(run["diverged"] for run in runs) == len(diverged)
    assert all(run["accuracy"] == 0.1 for run in runs if run["diverged"])


def test_ranges():
    found = javascript.call(
        MATH,
        ("good", [0.70, 0.76, 0.80, 0.78, 0.1]),
        ("firstFailure", [0.1, 0.80, 0.5, 0.1, 0.1]),
        ("firstFailure", [0.5, 0.6]),
    )
    assert found == [[1, 3], 3, None]


def test_between_two_rates():
    rates = [0.1, 1, 10]
    calls = [("between", rates, [0.2, 0.8, 0.4], rate) for rate in (0.01, 0.1, 1, 10**0.5, 50)]
    found = javascript.call(MATH, *calls)
    assert found[0] is found[4] is None
    numpy.testing.assert_allclose(found[1:4], [0.2, 0.8, 0.6], rtol=1e-12)


def test_what_the_figure_proves():
    """With ReLU: the best rate is no larger with BN, the first that fails ten times as large."""
    plain, batch = means("relu", "plain"), means("relu", "batch")
    assert numpy.argmax(batch) <= numpy.argmax(plain)
    fails = javascript.call(MATH, ("firstFailure", plain), ("firstFailure", batch))
    assert [DATA["rates"][i] for i in fails] == [1, 10]


def test_own_runs_are_checked():
    assert "own=[(0.5, 0.8)]" in repr(interactive("learning_rate_map", own=[(0.5, 0.8)]))
    for own in ([0.5, 0.8], [(0.5,)], [(0.5, 0.8)] * 6):
        with pytest.raises(ValueError, match="expected up to 5 pairs of numbers"):
            interactive("learning_rate_map", own=own)
    with pytest.raises(ValueError, match=re.escape("own is 83; expected a number from 0 to 1")):
        interactive("learning_rate_map", own=[(0.5, 83)])


def hold(page):
    return page.one("svg [role=slider]")


def at(page, pixels):
    """From the middle of the map to a place of it, given in shares of its width and height."""
    rect = hold(page).rect
    return tuple(
        int((share - 0.5) * rect[side]) for share, side in zip(pixels, ("width", "height"))
    )


def test_pointing_at_a_dot_shows_its_curve_and_a_click_keeps_it(figure_page):
    from selenium.webdriver import ActionChains

    page = figure_page("learning_rate_map")
    assert "with BN, rate 0.3, seed 0" in page.drawn
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", hold(page))
    x, y = at(page, (0.98, 0.9))  # far right, at a guess: rate 10
    ActionChains(page.driver).move_to_element_with_offset(hold(page), x, y).perform()
    (title,) = [text for text in page.drawn if "seed" in text]
    assert "rate 10" in title and page.address == ""
    ActionChains(page.driver).move_to_element(page.one("h3")).perform()
    assert "with BN, rate 0.3, seed 0" in page.drawn  # what was kept
    page.drag(hold(page), 0, 0, start=(x, y))
    assert "rate=5" in page.address and "ReLU, with BN, rate 10" in page.says


def test_arrow_keys_walk_over_rates_networks_and_seeds(figure_page):
    page = figure_page("learning_rate_map")
    page.driver.execute_script("arguments[0].focus()", hold(page))
    page.keys("\ue014", "\ue014", "\ue015")  # right, right, down: from BN's seed 0 to plain's 2
    assert hold(page).get_attribute("aria-valuetext") == "plain, rate 3, seed 2: 0.100"
    page.keys("\ue004")
    assert page.focused() == "ReLU"


def test_a_run_of_one_s_own_is_dropped_by_typing(figure_page):
    page = figure_page("learning_rate_map")
    page.one("input[name=own_rate]").send_keys("5")
    page.one("input[name=own_accuracy]").send_keys("0.71", "\ue007")  # enter
    assert page.drawn.count("yours") == 1
    assert "Yours at 5: 0.710; there the lines are at 0.100 without BN" in page.says
    assert page.address == "learning_rate_map:own=5:0.71"
    page.one("input[name=own_accuracy]").clear()
    page.one("input[name=own_accuracy]").send_keys("83")  # in percent
    page.button("Drop it on the map").click()
    assert page.address == "learning_rate_map:own=5:0.71,5:0.83"
    page.button("Reset").click()
    assert page.drawn.count("yours") == 0


def test_a_number_out_of_bounds_is_not_dropped(figure_page):
    page = figure_page("learning_rate_map")
    page.one("input[name=own_rate]").send_keys("500")
    page.one("input[name=own_accuracy]").send_keys("0.71")
    page.button("Drop it on the map").click()
    assert page.drawn.count("yours") == 0 and page.address == ""


def test_an_own_run_from_the_notebook(figure_page):
    page = figure_page("learning_rate_map", width=380, own=[(0.5, 0.83)], activation="sigmoid")
    assert page.drawn.count("yours") == 1
    assert "sigmoid without BN never learns in this time" in page.says
