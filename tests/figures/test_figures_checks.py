"""A table of yes and no: each mark stands in its row and column."""

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from d2l_bn import figures

TABLE = {
    "gamma is in the file": {"chapter": True, "Gluon": True},
    "so is the mean": {"chapter": False, "Gluon": True},
    "a class of its own": {"Gluon": None},
}


def test_every_mark_is_where_it_belongs():
    ax = figures.draw_checks(TABLE, title="What is there")
    places = {text.get_text(): text.get_position() for text in ax.texts if len(text.get_text()) > 1}
    marks = {text.get_position(): text.get_text() for text in ax.texts if len(text.get_text()) == 1}
    assert "What is there" in places
    for row, column, mark in [
        ("gamma is in the file", "chapter", "✓"),
        ("gamma is in the file", "Gluon", "✓"),
        ("so is the mean", "chapter", "✗"),
        ("so is the mean", "Gluon", "✓"),
        ("a class of its own", "chapter", "–"),
        ("a class of its own", "Gluon", "–"),
    ]:
        assert marks[places[column][0], places[row][1]] == mark
    plt.close("all")


def test_names_are_not_clipped():
    ax = figures.draw_checks({"a name of a row that is rather long, " * 2: {"chapter": True}})
    canvas = ax.figure.canvas
    canvas.draw()
    for text in ax.texts:
        box = text.get_window_extent(canvas.get_renderer())
        assert 0 <= box.x0 and box.x1 <= ax.figure.bbox.width
    plt.close("all")
