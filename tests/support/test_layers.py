"""Which room may import which: read from the source, imports inside functions included."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import d2l_bn

PACKAGE = Path(d2l_bn.__file__).parent
BELOW = {
    "_support": "__version__ platform_check threads",
    "language": "",
    "workers": "_support",
    "norms": "_support workers",
    "data": "_support",
    "descent": "_support",
    "networks": "_support norms",
    "training": "_support workers norms networks data",
    "diagnostics": "_support norms networks data",
    "figures": "_support language data training.history descent",
    "figures/explorables": "_support language norms networks data training diagnostics descent "
    "figures "
    # the builder of court_bets judges the claims: at the build only, never when a figure is shown
    "experiments.load experiments.claims experiments.judgement",
    "exercises": "_support language norms networks data training diagnostics",
    "experiments": "_support norms networks data descent training diagnostics threads",
}


def files(room: str) -> list[Path]:
    """Those of ``room``, without those of a room inside it."""
    inside = [PACKAGE / other for other in BELOW if other.startswith(f"{room}/")]
    found = (PACKAGE / room).rglob("*.py")
    return [file for file in found if not any(other in file.parents for other in inside)]


def imported(file: Path) -> set[str]:
    """What ``file`` imports of the package, as ``room.module`` or ``room.module.name``."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = file.relative_to(PACKAGE.parent).parts[: -node.level] if node.level else ()
            start = ".".join([*parts, *filter(None, [node.module])])
            found |= {f"{start}.{alias.name}" for alias in node.names}
    return {name.partition(".")[2] for name in found if name.split(".")[0] == "d2l_bn"}


@pytest.mark.parametrize("room", BELOW)
def test_a_room_imports_only_what_is_below_it(room):
    allowed = [room.replace("/", "."), *BELOW[room].split()]
    wrong = {
        f"{file.relative_to(PACKAGE)}: {name or 'd2l_bn'}"
        for file in files(room)
        for name in imported(file)
        if not any(f"{name}.".startswith(f"{below}.") for below in allowed)
    }
    assert not wrong


def test_every_room_has_its_place():
    rooms = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    assert rooms <= {*BELOW, "commands"}
