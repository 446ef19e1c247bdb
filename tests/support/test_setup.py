"""make setup: finds a Python, makes the environment once, and never trusts half of one.

pip is replaced by one that only writes down how it was called; all else is real.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from machine import FAKE, ROOT, TOOLS, Machine

pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {TOOLS}")

PIP = """
import os, sys
with open(os.environ['PIP_LOG'], 'a') as log:
    print(*sys.argv[1:], file=log)
sys.exit(int(os.environ.get('PIP_STATUS', 0)))
"""


class Clone:
    """A fresh clone with only the files of the set-up."""

    def __init__(self, folder: Path):
        self.folder = folder / "clone"
        for name in ("Makefile", "pyproject.toml", "constraints", "scripts"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            self.folder.mkdir(exist_ok=True)
            copy(ROOT / name, self.folder / name)
        (self.folder / "d2l_bn").mkdir()
        shutil.copy(ROOT / "d2l_bn" / "platform_check.py", self.folder / "d2l_bn")
        self.stubs = folder / "stubs"
        for package in ("pip", "mxnet", "numpy"):
            (self.stubs / package).mkdir(parents=True)
            (self.stubs / package / "__init__.py").touch()
        (self.stubs / "pip" / "__main__.py").write_text(PIP)
        self.log = folder / "pip.log"
        self.python = self.folder / ".venv" / "bin" / "python"
        self.mark = self.folder / ".venv" / "mark"  # is gone if the environment was made anew

    def make(self, *arguments, **environment):
        outside = {  # without what a make that runs these tests hands down
            name: value for name, value in os.environ.items() if not name.startswith("MAKE")
        }
        environment = {
            **outside,
            "PYTHONPATH": str(self.stubs),
            "PIP_LOG": str(self.log),
            **environment,
        }
        return subprocess.run(
            ["make", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True
        )

    def setup(self, **environment):
        return self.make("setup", f"PYTHON={sys.executable}", **environment)

    def pip_calls(self):
        calls = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return calls


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    clone = Clone(tmp_path_factory.mktemp("finished"))
    done = clone.setup()
    assert done.returncode == 0, done.stderr
    return clone


@pytest.fixture
def ready(finished, clone):
    """A clone after `make setup`. Environments are copies here: making one takes seconds."""
    made = finished.folder / ".venv"
    shutil.copytree(made, clone.folder / ".venv", symlinks=True)
    copier = clone.stubs / "python"
    copier.write_text(
        "#!/bin/sh\n"
        f'case "$*" in "-m venv .venv") cp -RP "{made}/." .venv ;; '
        f'*) exec "{sys.executable}" "$@" ;; esac'
    )
    copier.chmod(0o755)
    (clone.folder / "scripts" / "find_python.sh").write_text(f'echo "{copier}"')
    state = clone.folder / ".venv" / "d2l_bn.state"
    state.write_text(state.read_text().replace(str(finished.folder), str(clone.folder)))
    clone.mark.touch()
    return clone


def test_pip_is_called_with_the_constraints(finished):
    constraints = "constraints/py{}.{}.txt".format(*sys.version_info)
    tools, package = finished.pip_calls()
    assert tools.endswith(f"--constraint {constraints} --upgrade pip hatchling")
    assert package.endswith(
        f"--constraint {constraints} --no-build-isolation --editable .[course,dev,grading]"
    )


def test_once(ready):
    again = ready.setup()
    assert (again.returncode, again.stdout, ready.pip_calls()) == (0, "", [])

    with (ready.folder / "pyproject.toml").open("a") as pins:
        print("# new pins", file=pins)
    assert ready.setup().returncode == 0
    assert len(ready.pip_calls()) == 2
    assert ready.mark.exists()  # installed into the same environment
    assert ready.setup().stdout == ""

    (ready.folder / "scripts" / "train_lenet_bn.py").write_text("import sys; print(sys.argv[1:])")
    assert ready.make("train", "ARGS=--epochs 1").stdout == "['--epochs', '1']\n"


def test_interrupted(ready):
    with (ready.folder / "pyproject.toml").open("a") as pins:
        print("# new pins", file=pins)
    assert ready.setup(PIP_STATUS="1").returncode != 0
    ready.pip_calls()
    assert ready.setup().returncode == 0
    assert len(ready.pip_calls()) == 2
    assert not ready.mark.exists()  # made anew


def test_python_has_gone(ready):
    for link in ready.python.parent.glob("python*"):
        link.unlink()
    ready.python.symlink_to("/no/such/python")
    assert ready.setup().returncode == 0
    assert not ready.mark.exists()
    assert subprocess.run([ready.python, "-c", ""]).returncode == 0


def test_moved(ready):
    moved = ready.folder.with_name("moved with a space")
    ready.folder.rename(moved)
    ready.folder = moved
    assert ready.setup().returncode == 0
    assert not (moved / ".venv" / "mark").exists()


def test_environment_of_someone_else(clone):
    (clone.folder / ".venv").mkdir()
    clone.mark.touch()
    done = clone.setup()
    assert done.returncode != 0
    assert "make VENV=" in done.stderr
    assert clone.mark.exists() and clone.pip_calls() == []


def test_machine_that_cannot_run_mxnet(clone):
    check = clone.folder / "d2l_bn" / "platform_check.py"
    check.write_text('import sys; sys.exit("the reason")')
    done = clone.setup()
    assert done.returncode != 0
    assert "the reason" in done.stderr
    assert not (clone.folder / ".venv").exists()


def test_help_lists_every_target(clone):
    phony = (ROOT / "Makefile").read_text().split(".PHONY:")[1].splitlines()[0].split()
    listed = [line.split()[1] for line in clone.make().stdout.splitlines()]
    assert sorted(listed) == sorted(phony)


# Which Python is found. A Python of the tests answers for the version in its name, with its path.


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_prefers_the_newest(machine):
    machine.add("python3.9", FAKE.format("3.9"))
    assert machine.found().endswith("bin/python3.9")
    machine.add("python", FAKE.format("3.10"))
    assert machine.found().endswith("bin/python")
    pyenv = machine.home / ".pyenv" / "versions" / "3.11.7" / "bin" / "python"
    machine.add(pyenv, FAKE.format("3.11"))
    assert machine.found() == str(pyenv)
    machine.add("python3.11", "not a program")  # such as a pyenv shim without its version
    assert machine.found() == str(pyenv)
    machine.add("python3.11", FAKE.format("3.11"))
    assert machine.found().endswith("bin/python3.11")


def test_uv(machine):
    installed = machine.add("uv-python", FAKE.format("3.11"))
    machine.add("uv", f'#!/bin/sh\n[ "$*" = "python find 3.11" ] && echo {installed}')
    assert machine.found() == installed


def test_only_a_python_that_is_too_new(machine):
    newest = sorted(Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python"))
    if not newest:
        pytest.skip("no Python 3.12 or later in pyenv")
    (machine.bin / "python3").symlink_to(newest[0])
    for arguments in ((), ("python3",)):
        done = machine.find_python(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert "is too new: MXNet 1.9.1 runs on 3.9 to 3.11" in done.stderr
        assert "Traceback" not in done.stderr


def test_no_python_at_all(machine):
    done = machine.find_python()
    assert (done.returncode, done.stdout) == (1, "")
    assert "Install Python 3 with venv" in done.stderr


def test_python_without_venv(machine):
    (machine.bin / "ensurepip.py").write_text("raise ImportError")  # as Debian without python3-venv
    machine.add(
        "python3", f'#!/bin/sh\nexport PYTHONPATH={machine.bin}\nexec {sys.executable} "$@"'
    )
    done = machine.find_python()
    assert (done.returncode, done.stdout) == (1, "")
    assert "apt-get install python3-venv" in done.stderr
