"""What docstrings refer to exists: `:func:`~d2l_bn.norms.batch.batch_norm`` and the like."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "d2l_bn"
ROLE = re.compile(r":(?:func|class|mod|meth|data|attr|exc|obj|const):`(?:[^`<]*<)?~?\.?([\w.]+)>?`")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def references(path: Path) -> set[str]:
    """The targets of all roles in the docstrings of a file."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    docs = [ast.get_docstring(node) or "" for node in nodes if isinstance(node, DOCUMENTED)]
    return {target for doc in docs for target in ROLE.findall(doc)}


def names(path: Path) -> set[str]:
    """The classes and functions that a file defines."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, DOCUMENTED[1:])}


EVERYWHERE = {name for path in PACKAGE.rglob("*.py") for name in names(path)}


def is_there(target: str, module: str) -> bool:
    """Whether a name exists: in full, in its module, or, without a module, in the package."""
    return found(target) or found(f"{module}.{target}") or target in EVERYWHERE


def found(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            place = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            place = getattr(place, part, None)
        return place is not None
    return False


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if references(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_references_lead_somewhere(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    assert [target for target in sorted(references(path)) if not is_there(target, module)] == []
