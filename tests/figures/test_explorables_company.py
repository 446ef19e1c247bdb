"""Company: the network in the page is the package's network, in both modes."""

from __future__ import annotations

import javascript
import numpy
from mxnet import autograd, np, npx

from d2l_bn.figures.explorables import pictures
from d2l_bn.figures.explorables.company.data import network
from d2l_bn.figures.explorables.folder import folder, read_json

MATH = "company/math.js"
DATA = read_json(folder("company") / "data.json")
COMPANIES = {
    "mixed": [0, 7, 14, 28, 42, 56, 63],
    "sandals": [35, 36, 37, 38, 39, 40, 41],
    "trousers": [7, 8, 9, 10, 11, 12, 13],
    "itself": [70] * 7,
}


def batch(others):
    """The pixels of the framed sandal and its company: (8, 196)."""
    garments = [*DATA["garments"], DATA["framed"]]
    return numpy.stack([pictures.pixels(garments[i]).ravel() for i in (70, *others)])


def answers(training):
    calls = [
        ("predict", DATA["network"], batch(others).tolist(), training)
        for others in COMPANIES.values()
    ]
    return dict(zip(COMPANIES, javascript.call(MATH, *calls)))


def test_answers_are_those_of_the_package_in_both_modes():
    for training in (True, False):
        for name, found in answers(training).items():
            net = network(DATA["network"])  # a new one: training mode moves the averages
            with autograd.train_mode() if training else autograd.predict_mode():
                expected = npx.softmax(net(np.array(batch(COMPANIES[name]))))[0]
            numpy.testing.assert_allclose(found, expected.asnumpy(), rtol=1e-6, atol=1e-9)


def test_the_pixels_in_the_page_are_those_of_the_network():
    (found,) = javascript.call("shared/pictures.js", ("pixels", DATA["framed"]))
    numpy.testing.assert_allclose(found, batch([])[0], rtol=1e-12)


def test_what_the_figure_proves():
    """The same pixels: a sandal in mixed company, none among sandals; the averages do not care."""
    by_batch, by_averages = answers(True), answers(False)
    assert numpy.argmax(by_batch["mixed"]) == 5
    assert by_batch["mixed"][5] > 0.5 and by_batch["sandals"][5] < 0.05
    assert by_batch["trousers"][5] < by_batch["mixed"][5]
    assert all(answer == by_averages["mixed"] for answer in by_averages.values())


def shares(page):
    """The percentages of a sandal that are written: with the batch, with the averages."""
    texts = page.drawn
    at = texts.index("sandal", texts.index("What the network says of the framed sandal"))
    return tuple(int(text.split("\N{NO-BREAK SPACE}")[0]) for text in texts[at + 1 : at + 3])


def stack(page, name):
    return page.one(f"svg [aria-label='add to the batch: {name}']")


def place(page, number):
    return page.one(f"svg [aria-label='place {number} of the batch']")


def drop(page, name, number):
    """Drag a garment into a place of the batch."""
    source, target = stack(page, name).rect, place(page, number).rect
    dx = target["x"] + target["width"] / 2 - source["x"] - source["width"] / 2
    dy = target["y"] + target["height"] / 2 - source["y"] - source["height"] / 2
    page.drag(stack(page, name), dx, dy)


def test_dragging_sandals_into_the_batch(figure_page):
    page = figure_page("company")
    mixed, always = shares(page)
    assert mixed > 50 and page.says.startswith("With the statistics of this batch the framed")
    for number in range(2, 9):
        drop(page, "sandal", number)
        assert place(page, number).get_attribute("aria-valuetext") == "sandal"
        assert shares(page)[1] == always  # the moving averages stand still
    assert page.address == "company:others=35,36,37,38,39,40,41"
    assert page.button("sandals").get_attribute("aria-pressed") == "true"
    assert shares(page)[0] == 0
    assert "under 1 % for a sandal" in page.says


def test_a_drop_beside_the_batch_changes_nothing(figure_page):
    page = figure_page("company")
    page.drag(stack(page, "boot"), 0, 60)
    assert page.address == ""


def test_a_finger_drags_on_a_narrow_page(figure_page):
    page = figure_page("company", width=380)
    source, target = stack(page, "boot").rect, place(page, 4).rect
    page.drag(
        stack(page, "boot"), target["x"] - source["x"], target["y"] - source["y"], kind="touch"
    )
    assert place(page, 4).get_attribute("aria-valuetext") == "boot"


def test_clicks_and_keys_fill_one_place_after_the_other(figure_page):
    page = figure_page("company")
    page.drag(stack(page, "bag"), 0, 0)  # a click
    stack(page, "itself").send_keys(" ")
    assert page.address == "company:others=57,70,14,28,42,56,63"
    page.driver.execute_script("arguments[0].focus()", place(page, 4))
    page.keys("\ue013")  # up: from a pullover to a dress
    assert place(page, 4).get_attribute("aria-valuetext") == "dress"
    page.keys("\ue004", "\ue015")  # tab, down: the next place, from a coat to a dress
    assert page.focused() == "place 5 of the batch"
    assert place(page, 5).get_attribute("aria-valuetext") == "dress"
    assert page.address == "company:others=57,70,21,22,42,56,63"


def test_among_copies_of_itself(figure_page):
    page = figure_page("company")
    page.button("itself, seven times").click()
    assert "nothing of the sandal is left" in page.says
