"""What the package says of itself: what it needs, its version."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import d2l_bn

ROOT = Path(__file__).resolve().parents[2]
DISTRIBUTIONS = {"IPython": "ipython", "PIL": "pillow"}  # where it has another name than the module


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


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The package out of its wheel, and an empty folder: (folder, environment of a process)."""
    pytest.importorskip("hatchling", reason="builds the wheel")
    made, site = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode != 0:
        pytest.skip("needs pip")
    offline = ["--no-deps", "--no-index"]
    subprocess.run([*pip, "wheel", *offline, "--no-build-isolation", "-w", made, ROOT], check=True)
    subprocess.run([*pip, "install", *offline, "--target", site, *made.glob("*.whl")], check=True)
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    environment.pop("D2L_BN_RESULTS", None)
    return tmp_path_factory.mktemp("empty"), environment


def in_the_empty_folder(installed, *arguments):
    folder, environment = installed
    command = [sys.executable, *arguments]
    options = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run(command, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


FROM_THE_WHEEL = """
from pathlib import Path
import d2l_bn
from d2l_bn._support.environment import describe_environment
from d2l_bn.exercises.marking import tasks
from d2l_bn.experiments.claims import court
from d2l_bn.language.catalogue import catalogue
from d2l_bn.experiments.results_folder import checkout_results, results_folder

package = Path(d2l_bn.__file__).parent
assert results_folder() == package / "results" and checkout_results() is None
assert all(found.verdict for found in court.judge().values()) and len(court) > 80
assert catalogue().find("test accuracy") == "测试精度"
assert tasks("shapes") and describe_environment()["commit"] is None
print(package)
"""


@pytest.mark.slow
def test_the_wheel_has_its_results_and_needs_no_repository(installed):
    package = in_the_empty_folder(installed, "-c", FROM_THE_WHEEL).strip()
    assert package.startswith(installed[1]["PYTHONPATH"])
    listed = in_the_empty_folder(installed, "-m", "d2l_bn", "run")
    assert re.search(r"^chapter +(\d+) of +\1 runs", listed, re.MULTILINE)
    assert "Exercise 2" in in_the_empty_folder(installed, "-m", "d2l_bn", "exercise")
    small = ("--data", "synthetic", "--examples", "40", "--seeds", "1")
    made = in_the_empty_folder(installed, "-m", "d2l_bn", "run", "chapter", *small)
    assert "out/studies/chapter.jsonl: 4 runs" in made
    assert [path.name for path in installed[0].iterdir()] == ["out"]
