"""What every interactive figure must be: whole, fresh, small, safe on a page, named."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import javascript
import pytest
from figure_page import open_figures, prefer

from d2l_bn.experiments.judgement import KINDS
from d2l_bn.figures import interactive
from d2l_bn.figures.explorables import folder
from d2l_bn.figures.explorables.script import script

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
spec = importlib.util.spec_from_file_location("build_figures", ROOT / "scripts/build_figures.py")
build_figures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build_figures)

every_figure = pytest.mark.parametrize("name", folder.names())


@every_figure
def test_data_and_still_picture_are_fresh(name):
    assert build_figures.problems(name) == []


def test_stale_data_are_named_and_rounding_is_not():
    old = {"a": [0.5, 1.0], "b": "x"}
    assert build_figures.differs(old, {"a": [0.5, 1.0 + 1e-5], "b": "x"}) is None
    assert "data.a[1] is 1.0" in build_figures.differs(old, {"a": [0.5, 1.1], "b": "x"})
    assert "another length" in build_figures.differs(old, {"a": [0.5], "b": "x"})
    assert "other keys" in build_figures.differs(old, {"a": [0.5, 1.0]})
    assert "data.b" in build_figures.differs(old, {"a": [0.5, 1.0], "b": "y"})


@every_figure
def test_every_language_has_every_text_and_all_are_used(name):
    english = folder.texts(name)
    source = script(name)
    for language in folder.languages(name):
        assert folder.texts(name, language).keys() == english.keys()
    unused = {key for key in english if not re.search(rf"""["'`.]{key}\b""", source)}
    made = tuple(re.findall(r"`(\w+_)\$\{", source))  # such as `mark_${verdict}`
    kinds = {kind.replace(" ", "_") for kind in KINDS if "text(claim.kind)" in source}
    unused = {key for key in unused if not key.startswith(made) and key not in kinds}
    settings = folder.read_json(folder.folder(name) / "settings.json")
    assert unused - {"alt", *settings} == set()


def test_words_in_the_data_are_spoken_too():
    """The claims of court_bets: sources and effects in Chinese, numbers as they were."""
    given = interactive("court_bets", language="zh")._given()["data"]["claims"][0]
    english = interactive("court_bets")._given()["data"]["claims"][0]
    assert english["effect"] == "test accuracy at the smallest rate, BN minus none"
    assert given["effect"].startswith("最小") and given["source"] != english["source"]
    assert given["rows"][0]["effect"] == english["rows"][0]["effect"]


@every_figure
def test_the_output_needs_nothing_from_elsewhere(name):
    html = interactive(name).html
    addresses = set(re.findall(r"https?://[^\s\"']+", html))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert html.count("<script>") == html.count("</script>") == 1
    assert f'alt="{folder.texts(name)["alt"][:20]}' in html


def test_outputs_of_other_kinds_of_reader():
    bundle = interactive("lagging_average")._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/plain"].startswith("The lagging average: Three plots.")


@pytest.mark.parametrize(
    "settings, error, message",
    [
        ({"m": 1.5}, ValueError, "m is 1.5; expected a number from 0 to 0.99"),
        ({"m": "0.5"}, TypeError, "m is '0.5'; expected a number"),
        ({"batch": 1.5}, TypeError, "batch is 1.5; expected a whole number"),
        ({"m": True}, TypeError, "m is True"),
        ({"momentum": 0.5}, TypeError, "no setting 'momentum'; it has: m, rate"),
    ],
)
def test_wrong_settings_are_named(settings, error, message):
    with pytest.raises(error, match=re.escape(message)):
        interactive("lagging_average", **settings)


def test_no_text_closes_the_script():
    page = interactive("lagging_average")
    page.texts = {**page.texts, "title": "</script><b>"}
    assert "</script><b>" not in page.html.split("<script>")[1]


SPECS = {
    "m": {"type": "number", "min": 0, "max": 1, "default": 0.9},
    "keep": {"type": "flag", "default": True},
    "kind": {"type": "choice", "choices": ["a", "b"], "default": "a"},
    "y": {"type": "numbers", "length": 2, "min": -1, "max": 1, "default": [0, 0]},
    "p": {"type": "points", "most": 2, "min": [0, 0], "max": [9, 1], "default": []},
}


def test_settings_in_the_address():
    state = {"m": 0.5, "keep": False, "kind": "b", "y": [0.25, -1], "p": [[3, 0.5], [0.1, 1]]}
    address, python, nothing = javascript.call(
        "shared/setting.js",
        ("toAddress", "f", SPECS, state),
        ("toPython", "f", SPECS, state),
        ("toPython", "f", SPECS, {key: spec["default"] for key, spec in SPECS.items()}),
    )
    assert address == "f:m=0.5&keep=0&kind=b&y=0.25,-1&p=3:0.5,0.1:1"
    settings = 'm=0.5, keep=False, kind="b", y=[0.25,-1], p=[[3,0.5],[0.1,1]]'
    assert python == f'figures.interactive("f", {settings})'
    assert nothing == 'figures.interactive("f")'
    read = javascript.call(
        "shared/setting.js",
        ("fromAddress", "f", SPECS, f"#{address}"),
        ("fromAddress", "f", SPECS, "#other:m=0.5"),
        ("fromAddress", "f", SPECS, "#f:m=7&keep=maybe&kind=c&y=1&p=3&toString=1"),
    )
    assert read == [state, None, {"m": 1}]  # out of bounds: the bound; nonsense: left out


def test_ticks_are_round_and_in_range():
    small, large = javascript.call(
        "shared/scales.js", ("ticks", -0.33, 0.41, 4), ("ticks", 1, 300, 5)
    )
    assert small == [-0.2, 0, 0.2, 0.4]
    assert large == [100, 200, 300]


@every_figure
@pytest.mark.parametrize("width, theme", [(380, "dark"), (1200, "light")])
def test_fits_the_page_and_follows_its_theme(figure_page, name, width, theme):
    page = figure_page(name, width=width, theme=theme)
    assert page.overflow() == 0
    assert page.one(".figure").get_attribute("data-theme") == theme
    assert page.says and page.drawn
    assert page.errors() == []


def test_the_theme_of_a_notebook_wins_over_what_the_reader_prefers(figure_page):
    from selenium.webdriver.support.ui import WebDriverWait

    page = figure_page("lagging_average", theme="light")
    figure = page.one(".figure")
    for colour, theme in (("rgb(17, 17, 17)", "dark"), ("rgb(250, 250, 250)", "light")):
        page.driver.execute_script("document.body.style.background = arguments[0]", colour)
        WebDriverWait(page.driver, 10).until(
            lambda _, theme=theme: figure.get_attribute("data-theme") == theme
        )


@every_figure
def test_the_whole_drawing_is_inside(figure_page, name):
    """No text of the drawing is cut off at an edge, on a narrow page."""
    page = figure_page(name, width=380)
    outside = page.driver.execute_script(
        "const box = arguments[0].querySelector('.stage').getBoundingClientRect();"
        "return [...arguments[0].querySelectorAll('svg text')].filter((t) => {"
        " const r = t.getBoundingClientRect(); return r.width && (r.left < box.left - 1 ||"
        " r.right > box.right + 1 || r.bottom > box.bottom + 1 || r.top < box.top - 1);"
        "}).map((t) => t.textContent)",
        page.root,
    )
    assert outside == []


@every_figure
def test_every_control_has_a_name(figure_page, name):
    page = figure_page(name)
    for control in page.all("input, button, [tabindex]:not([display=none])"):
        assert control.accessible_name, control.get_attribute("outerHTML")[:200]


def test_reset_and_copy(figure_page):
    page = figure_page("lagging_average")
    start = page.says
    page.slide("m", 0.5)
    assert page.says != start
    assert page.address == "lagging_average:m=0.5"
    page.button("Copy this setting").click()
    assert page.one(".foot output").text.endswith("#lagging_average:m=0.5")
    page.button("Reset").click()
    assert page.says == start
    assert page.address == "lagging_average:"


def test_an_address_opens_as_it_was_shared(figure_page):
    by_option = figure_page("lagging_average", m=0.5).says
    by_address = figure_page("lagging_average", address="#lagging_average:m=0.5").says
    assert by_address == by_option != figure_page("lagging_average").says


def test_an_address_typed_into_an_open_page(figure_page):
    from selenium.webdriver.support.ui import WebDriverWait

    page = figure_page("lagging_average", rate=0.2)
    page.driver.execute_script("location.hash = 'lagging_average:m=0.5'")
    slider = page.one("input[name=m]")
    WebDriverWait(page.driver, 10).until(lambda _: slider.get_attribute("value") == "0.5")
    assert page.one("input[name=rate]").get_attribute("value") == "0.2"  # as the page began


def test_keys_stay_in_the_figure(figure_page):
    """A notebook has shortcuts on the letters and arrows that a figure is moved with."""
    page = figure_page("lagging_average")
    page.driver.execute_script(
        "window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key));"
        "arguments[0].focus()",
        page.one("input[name=m]"),
    )
    page.keys("d", "d", "\ue012")
    assert page.says and page.driver.execute_script("return heard") == []
    host = page.driver.find_element("css selector", "body > div")
    assert host.get_attribute("data-lm-suppress-shortcuts") == "true"  # Jupyter Lab's own way


def test_where_scripts_do_not_run_the_still_picture_stands(chromium):
    open_figures(chromium, [interactive("lagging_average")], policy="script-src 'none'")
    picture = chromium.find_element("css selector", "img")
    assert picture.is_displayed() and picture.size["height"] > 300
    assert picture.accessible_name.startswith("Three plots.")


def test_where_the_script_fails_the_still_picture_stands(chromium):
    figure = interactive("lagging_average")
    figure.texts = {key: text for key, text in figure.texts.items() if key != "drawing"}
    open_figures(chromium, [figure])
    assert chromium.find_element("css selector", "img").is_displayed()
    assert "no text" in chromium.get_log("browser")[-1]["message"]


def test_under_the_policy_of_an_editor(figure_page):
    """What VS Code allows to the outputs of a notebook: no sources but what is in the page."""
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    )
    page = figure_page("axis_collapser", policy=policy)
    page.button("batch").click()
    assert page.says.startswith("4 means")
    assert page.one(".figure").value_of_css_property("border-radius") == "8px"
    assert page.errors() == []


def test_cells_move_unless_the_reader_prefers_stillness(figure_page):
    page = figure_page("axis_collapser")
    moving = "return getComputedStyle(arguments[0]).transitionDuration"
    cell = page.all("svg .moves")[0]
    assert page.driver.execute_script(moving, cell) == "0s"
    prefer(page.driver, color_scheme="light", reduced_motion="no-preference")
    assert page.driver.execute_script(moving, cell).startswith("0.7s")


def test_one_page_holds_a_figure_twice(chromium):
    open_figures(chromium, [interactive("lagging_average"), interactive("lagging_average", m=0.1)])
    first, second = (
        chromium.execute_script(
            "return arguments[0].shadowRoot.querySelector('input[name=m]').value", host
        )
        for host in chromium.find_elements("css selector", "body > div")
    )
    assert (first, second) == ("0.9", "0.1")


def test_json_of_settings_is_complete():
    for name in folder.names():
        for key, spec in json.loads(
            (folder.folder(name) / "settings.json").read_text(encoding="utf-8")
        ).items():
            assert {"type", "default"} <= spec.keys(), (name, key)
            interactive(name, **{key: spec["default"]})  # the default is in its own bounds
