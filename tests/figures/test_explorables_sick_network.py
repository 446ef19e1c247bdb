"""The sick network: its probes tell six diseases apart, and the page shows what they read."""

from __future__ import annotations

from math import log

import javascript
import numpy

from d2l_bn.figures.explorables.folder import folder, read_json, texts
from d2l_bn.figures.explorables.sick_network import data

NAME = "sick_network"
MATH = f"{NAME}/math.js"
RUNS = read_json(folder(NAME) / "data.json")["runs"]
WORDS = texts(NAME)
PATIENTS = [name for name in RUNS if name != "healthy"]


def test_the_probes_alone_find_every_disease():
    found = javascript.call(MATH, *[("diagnose", run) for run in RUNS.values()])
    assert found == [case.disease for case in data.CASES.values()]
    choices = read_json(folder(NAME) / "settings.json")["diagnosis"]["choices"]
    assert sorted(found) == sorted(choices)  # one patient for each, and the healthy one


def test_a_diagnosis_needs_its_probe():
    """With the reading of a healthy network in the place of the telling one, it is not made."""
    telling = {
        "a": ["moving"],
        "c": ["step_dense1", "step_dense2", "step_output"],
        "d": ["idle1", "idle2"],
        "f": ["step_dense1", "step_dense2", "step_output"],
    }
    for patient, probes in telling.items():
        other = {**RUNS[patient], **{probe: RUNS["healthy"][probe] for probe in probes}}
        (found,) = javascript.call(MATH, ("diagnose", other))
        assert found != RUNS[patient]["disease"]


def test_what_the_figure_proves():
    """Four losses end near that of guessing, for four reasons, and one is exactly a healthy one."""
    last = {name: RUNS[name]["loss"][-1] for name in PATIENTS}
    stuck = [name for name, loss in last.items() if abs(loss - log(10)) < 0.15]
    assert stuck == ["b", "d", "e", "f"]
    assert len({RUNS[name]["disease"] for name in stuck}) == 4
    numpy.testing.assert_allclose(RUNS["a"]["loss"], RUNS["healthy"]["loss"], rtol=1e-3)
    assert RUNS["a"]["accuracy"][-1] < 0.3 < 0.7 < RUNS["healthy"]["accuracy"][-1]


def test_the_readings_are_those_of_the_mathematics():
    for layer in ("dense1", "dense2", "output"):  # ‖Δw‖ = η ‖∇w‖, and these weights hardly move
        step, gradient = (numpy.array(RUNS["f"][f"{key}_{layer}"]) for key in ("step", "gradient"))
        weights = data.CASES["f"].rate * gradient / step
        numpy.testing.assert_allclose(weights, weights[0], rtol=5e-3)
    assert set(RUNS["a"]["moving"]) == {1.0}  # never updated: the value at first
    assert set(RUNS["e"]["idle1"]) == {1.0} and set(RUNS["e"]["gradient_dense1"]) == {0.0}


def choose(page, patient):
    from selenium.webdriver.support.ui import Select

    Select(page.one("select[name=patient]")).select_by_visible_text(f"Patient {patient.upper()}")


def test_every_patient_is_diagnosed_by_the_reader(figure_page):
    page = figure_page(NAME)
    for patient in PATIENTS:
        choose(page, patient)
        assert not page.says.startswith(("Right", "Not that"))  # anew for each
        for diagnosis in ("large", "small", "saturated", "dead", "averages", "labels"):
            page.button(WORDS[diagnosis]).click()
            right = diagnosis == RUNS[patient]["disease"]
            assert page.says.startswith("Right: " if right else "Not that: "), (patient, diagnosis)
            assert "{" not in page.says
    assert page.errors() == []


def test_probes_show_what_was_read(figure_page):
    page = figure_page(NAME, patient="c")
    assert "No probe is open." in page.drawn
    page.button("steps").click()
    ends = [RUNS["c"][f"step_{layer}"][-1] for layer in ("dense1", "dense2", "output")]
    assert [text for text in page.drawn if text.startswith("layer ")] == [
        f"layer {i} {end:.{3 if end < 0.1 else 2}f}" for i, end in enumerate(ends, 1)
    ]
    page.button("moving averages").click()
    assert "first BN: two variances" in page.drawn
    page.button("moving averages").click()  # once more: closed
    assert "No probe is open." in page.drawn
    choose(page, "e")
    page.button("moving averages").click()
    assert "This network has no batch normalization." in page.drawn
    page.button("idle outputs").click()
    assert {"layer 1 1.00", "layer 2 1.00"} <= set(page.drawn)


def test_images_and_their_labels(figure_page):
    classes = read_json(folder(NAME) / "data.json")["classes"]
    page = figure_page(NAME, patient="a", probe="images")
    assert len(page.all("image")) == 6
    honest = page.drawn[-6:]
    choose(page, "b")
    page.button("images").click()
    assert page.drawn[-6:] != honest
    assert len(set(classes)) > 1


def test_by_keyboard_and_shared(figure_page):
    page = figure_page(NAME)
    page.driver.execute_script("arguments[0].focus()", page.one("select[name=patient]"))
    page.keys("\ue015")  # down
    page.keys("\ue004")
    assert page.focused() == "gradients"
    page.keys(" ")
    assert page.address == f"{NAME}:patient=b&probe=gradients"
    says = page.says
    shared = figure_page(NAME, address=f"#{page.address}")
    assert shared.says == says
    assert "norm of each layer’s gradient" in shared.drawn
