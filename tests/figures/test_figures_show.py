"""A shown figure: once, with its words, closed; and nothing without words."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import base64
import struct
from html.parser import HTMLParser

import nbformat
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from d2l_bn import figures
from d2l_bn.figures.show import bundle, figure_of, png

ALT = 'A line from "a" to b: it rises, 1 < 2'
CELLS = [
    "%matplotlib inline\nfrom d2l_bn import figures",
    f"figures.show(figures.draw_lines({{'a': [1, 2]}}), alt={ALT!r})",
    "left, right = figures.new_axes(2)\n"
    "for ax in (left, right):\n    figures.draw_lines({'a': [1, 2]}, ax=ax)\n"
    "figures.show(left, alt='two lines')",
    "import matplotlib.pyplot as plt\nplt.get_fignums()",
]
GIF = b"GIF89a" + bytes(20)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def executed():
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    return nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()


def test_a_notebook_shows_each_figure_once_and_keeps_none(executed):
    outputs = [cell.outputs for cell in executed.cells]
    assert [len(of_cell) for of_cell in outputs] == [0, 1, 1, 1]
    assert outputs[3][0].data["text/plain"] == "[]"
    for (output,) in outputs[1:3]:
        assert set(output.data) == {"text/html", "image/png", "text/plain"}
    assert outputs[1][0].metadata == {"image/png": {"alt": ALT}}


def test_the_page_made_from_it_has_the_words(executed):
    nbconvert = pytest.importorskip("nbconvert")
    page = nbconvert.HTMLExporter().from_notebook_node(executed)[0]
    words = []
    parser = HTMLParser()
    parser.handle_starttag = parser.handle_startendtag = lambda tag, attributes: (
        words.append(dict(attributes).get("alt")) if tag == "img" else None
    )
    parser.feed(page)
    assert words == [ALT, "two lines"]


@pytest.mark.parametrize("alt, error", [("", ValueError), (" \n", ValueError), (None, TypeError)])
def test_no_figure_without_words(alt, error):
    ax = figures.draw_lines({"a": [1, 2]})
    with pytest.raises(error, match="alt is"):
        figures.show(ax, alt=alt)
    assert plt.fignum_exists(ax.figure.number)  # refused before anything was done


def test_outside_a_notebook_it_is_closed_and_nothing_is_printed(capsys):
    ax = figures.draw_lines({"a": [1, 2]})
    assert figures.show(ax, alt="a line") is None
    assert not plt.fignum_exists(ax.figure.number)
    assert capsys.readouterr().out == ""


def test_the_figure_of_axes_in_any_order():
    axes = figures.new_axes(2, rows=2)
    figure = axes[0, 0].figure
    for picture in (figure, axes, axes[1, 1], list(axes[0]), {"a": axes[0, 0]}):
        assert figure_of(picture) is figure


@pytest.mark.parametrize("picture", [None, "a line", [], {}, 3])
def test_what_is_no_figure_is_named(picture):
    with pytest.raises(TypeError, match="expected an Axes, several of them, a Figure"):
        figures.show(picture, alt="a line")


def test_its_size_on_the_page_is_that_of_the_drawing():
    figure = Figure(figsize=(4, 2), dpi=100)
    figure.add_axes((0, 0, 1, 1)).set(xticks=[], yticks=[])
    content, width = png(figure)
    assert 1.4 < struct.unpack(">I", content[16:20])[0] / width < 1.6  # sharper than it is wide
    assert 390 <= width <= 430  # with its margin
    data, _ = bundle(content, "a frame", width)
    assert f'width="{width}"' in data["text/html"]
    assert base64.b64decode(data["image/png"]) == content


def test_moving_pictures_and_drawings():
    data, metadata = bundle(GIF, "a race")
    assert (
        'src="data:image/gif;base64,' in data["text/html"] and 'alt="a race"' in data["text/html"]
    )
    assert metadata == {"image/gif": {"alt": "a race"}}
    data, _ = bundle(b"<svg></svg>", "a net")
    assert data["image/svg+xml"] == "<svg></svg>" and 'alt="a net"' in data["text/html"]
    with pytest.raises(TypeError, match="expected a GIF, PNG or SVG"):
        bundle(b"BM", "a bitmap")
