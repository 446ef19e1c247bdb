"""What the package says of itself: what it needs, its version."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

import d2l_bn

ROOT = Path(__file__).resolve().parents[2]
DISTRIBUTIONS = {"PIL": "pillow"}  # where it has another name than the module


def imported(nodes) -> set[str]:
    """The distributions that these statements import, without the standard library and d2l_bn."""
    modules = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules.add(node.module.split(".")[0])
    modules -= {"d2l_bn", *sys.stdlib_module_names}
    return {DISTRIBUTIONS.get(module, module) for module in modules}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")
def test_the_package_needs_what_it_imports():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs, extras = (
        {re.match(r"[\w-]+", requirement)[0] for requirement in requirements}
        for requirements in (
            project["dependencies"],
            sum(project["optional-dependencies"].values(), []),
        )
    )
    always, anywhere = set(), set()
    for path in (ROOT / "d2l_bn").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        always |= imported(tree.body)
        anywhere |= imported(ast.walk(tree))
    assert always <= needs
    assert anywhere <= needs | extras
    assert needs <= anywhere


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == d2l_bn.__version__
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{d2l_bn.__version__}]" in changes
