"""Every cell of a lesson that draws shows its figure with words for who cannot see it."""

from __future__ import annotations

import ast
from pathlib import Path

import build_course_map as course_map
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = {source.stem: source for source in course_map.lessons(NOTEBOOKS)}
SHORTEST = 5  # words
DRAWERS = {
    "plot",
    "imshow",
    "scatter",
    "hist",
    "bar",
    "barh",
    "subplots",
    "show_images",
    "new_axes",
}


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def calls_of(nodes) -> list[ast.Call]:
    return [n for node in nodes for n in ast.walk(node) if isinstance(n, ast.Call)]


def draws(call: ast.Call, own: set[str]) -> bool:
    name = name_of(call)
    return name.startswith(("draw_", "animate_")) or name in DRAWERS or name in own


def shows(call: ast.Call) -> bool:
    """Whether it is ``figures.show(…)``, and no function of the lesson of that name."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "show"


def too_few_words(call: ast.Call) -> bool:
    alt = next((keyword.value for keyword in call.keywords if keyword.arg == "alt"), None)
    if isinstance(alt, ast.Constant):
        return not isinstance(alt.value, str) or len(alt.value.split()) < SHORTEST
    return alt is None  # f-strings and names are looked at when they are shown


def problems(source: Path) -> list[str]:
    """One line for each cell that draws and does not show, or shows without words."""
    found: list[str] = []
    own: set[str] = set()  # functions of the lesson that draw and leave the showing to the cell
    for cell in course_map.cells(source):
        if cell.cell_type != "code":
            continue
        lines = [line for line in cell.source.split("\n") if line.strip()]
        body = ast.parse("\n".join(line for line in lines if line[0] not in "%!")).body
        functions = [node for node in body if isinstance(node, ast.FunctionDef)]
        rest = [node for node in body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        for function in functions:
            inside = calls_of([function])
            if any(draws(c, own) for c in inside) and not any(map(shows, inside)):
                own.add(function.name)
        shown = [call for call in calls_of(body) if shows(call)]
        found += [f"few words: {ast.unparse(call)[:60]}" for call in shown if too_few_words(call)]
        if any(draws(call, own) for call in calls_of(rest)) and not shown:
            found.append(f"not shown: {lines[0][:60]}")
    return found


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_figure_has_its_words(lesson):
    assert problems(LESSONS[lesson]) == []


HEAD = "# %%\nfrom d2l_bn import figures\n\n# %%\n"
FORGOTTEN = [
    "ax = figures.draw_lines(lines)",
    "figures.draw_paths(surface, paths)",
    "left, right = figures.new_axes(2)\nleft.plot([1])",
    "figures.show(figures.draw_lines(lines))",
    "figures.show(figures.draw_lines(lines), alt='')",
    "figures.show(figures.draw_lines(lines), alt='loss over epochs')",
    "def mine(x):\n    return figures.draw_lines(x)\n\n# %%\nmine(3)",
]
RIGHT = [
    "figures.show(figures.draw_lines(lines), alt='The loss falls over five epochs.')",
    "figures.interactive('lagging_average')",
    "print(1)",
    "def mine():\n    return figures.draw_dots(x)\n\n# %%\nfigures.show(mine(), alt='A a a a a')",
    "for s in (1, 2):\n    figures.show(figures.draw_lines(s), alt=f'The loss of seed {s}')",
]


@pytest.mark.parametrize("cell", FORGOTTEN)
def test_a_figure_without_words_is_found(tmp_path, cell):
    (tmp_path / "lesson.py").write_text(HEAD + cell + "\n", encoding="utf-8")
    assert len(problems(tmp_path / "lesson.py")) == 1


@pytest.mark.parametrize("cell", RIGHT)
def test_a_figure_with_words_is_let_through(tmp_path, cell):
    (tmp_path / "lesson.py").write_text(HEAD + cell + "\n", encoding="utf-8")
    assert problems(tmp_path / "lesson.py") == []
