"""The detective board: its numbers are the records', and no suspect foresees them all."""

from __future__ import annotations

import javascript
import numpy

from d2l_bn.experiments import load
from d2l_bn.figures.explorables.folder import folder, read_json

NAME = "detective_board"
MATH = f"{NAME}/math.js"
EXHIBITS = read_json(folder(NAME) / "data.json")["exhibits"]


def test_the_shares_are_those_of_the_records():
    fields = {"activation": "relu", "lr_factor": 1}
    none, batch, noisy = (
        numpy.array(list(load.by_seed("landscape", "test_accuracy", network=n, **fields).values()))
        for n in ("none", "batch", "noisy")
    )
    share = (noisy - none) / (batch - none)
    assert EXHIBITS[0]["key"] == "noisy" and EXHIBITS[0]["n"] == len(share)
    numpy.testing.assert_allclose(EXHIBITS[0]["mean"], share.mean(), atol=1e-3)


def test_distances_count_what_is_open():
    measured, predictions = [0.5, 1.0, -1.0], [0.0, 1.5, 0.0]
    some, all_, none = javascript.call(
        MATH,
        ("distance", predictions, measured, [1, 1, 0]),
        ("distance", predictions, measured, [1, 1, 1]),
        ("distance", predictions, measured, [0, 0, 0]),
    )
    numpy.testing.assert_allclose([some, all_], [0.5, 2 / 3])
    assert none is None


def test_the_nearest_may_be_several():
    found = javascript.call(
        MATH,
        ("nearest", {"A": 0, "B": 1, "C": 1}, 0.8),
        ("nearest", {"A": 0, "B": 1, "C": 0}, -0.2),
    )
    assert found == [["B", "C"], ["A", "C"]]


def test_what_the_figure_proves():
    """Each suspect is far off in some exhibit."""
    for suspect in "ABC":
        off = [abs(one["says"][suspect] - one["mean"]) for one in EXHIBITS]
        assert max(off) > 0.35, suspect


def test_a_pin_is_put_and_stands_when_the_exhibit_is_open(figure_page):
    page = figure_page(NAME)
    assert "Measured" not in page.says
    page.slide("guess", 0.9)
    assert page.address.startswith("detective_board:guesses=0.9")
    page.button("Open the exhibit").click()
    assert "Measured" in page.says and "Over 1 opened" in page.says
    hold = page.one("svg [role=slider]")
    page.drag(hold, 60, 0)
    assert hold.get_attribute("aria-valuenow") == "0.9"


def test_keys_and_the_next_exhibit(figure_page):
    page = figure_page(NAME, width=380)
    page.button("Next").click()
    hold = page.one("svg [role=slider]")
    page.driver.execute_script("arguments[0].focus()", hold)
    page.keys("\ue014", "\ue014")  # right, right
    assert hold.get_attribute("aria-valuenow") == "0.6"
    assert "four times the noise" in page.says
