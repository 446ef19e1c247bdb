"""A machine whose Python is too new gets a 3.11 from uv, without a network here.

Its Python is the one of the tests, which says that it is 3.13; its pip brings a uv that is a few
lines of shell, and this uv a Python that only answers for its version.
"""

from __future__ import annotations

import shutil
import sys

import pytest
from machine import FAKE, TOOLS, Machine

pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {TOOLS}")

# pip as far as it is called. With the file no-index, no package index is reached.
PIP = """
import os, pathlib, shutil, sys
here = pathlib.Path(__file__).parent
if sys.argv[1] == "install":
    with (here / "log").open("a") as log:
        print(*sys.argv[2:], file=log)
    if (here / "no-index").exists():
        print("ERROR: No matching distribution found for uv\\n")
        raise SystemExit(1)
    folder = pathlib.Path(sys.argv[sys.argv.index("--target") + 1], "bin")
    folder.mkdir(parents=True)
    shutil.copy(here / "uv", folder)
"""

# A Python that is too new. With the file no-pip beside it, only a venv made by it has pip; with
# no-venv, it makes none.
NEW_PYTHON = """#!/bin/sh
export PYTHONPATH={stubs}
case "$0 $*" in
"{bin}"/*"-m pip "*) [ ! -e {bin}/no-pip ] || exit 1 ;;
"{bin}"/*"-m venv "*)
    [ ! -e {bin}/no-venv ] || exit 1
    mkdir -p "$3/bin"
    exec ln -s "$0" "$3/bin/python" ;;
esac
exec {python} "$@"
"""

UV = """#!/bin/sh
case "$*" in
--version) ;;
"python install 3.11")
    if [ -e {stubs}/no-download ]; then
        printf 'error: Failed to install\\n  cause: no such host\\n\\n' >&2
        exit 1
    fi
    [ "$UV_PYTHON_INSTALL_BIN" = 0 ] || exit 3 # or it writes into ~/.local/bin
    folder=$UV_PYTHON_INSTALL_DIR/cpython-3.11.9-linux-x86_64-gnu/bin
    [ ! -e "$folder" ] || exit 0 # as uv does: it is installed already
    mkdir -p "$folder"
    cp {stubs}/python3.11 "$folder/python3" ;;
*) exit 1 ;;
esac
"""


class NewMachine(Machine):
    """A machine whose only Python is 3.13."""

    def __init__(self, folder):
        super().__init__(folder)
        (self.bin / "cp").symlink_to(shutil.which("cp"))
        self.stubs = folder / "stubs"
        self.pip = self.stubs / "pip"
        names = {"stubs": self.stubs, "bin": self.bin, "python": sys.executable}
        self.uv = UV.format(**names)
        self.add(self.stubs / "sitecustomize.py", "import sys; sys.version_info = (3, 13)")
        self.add(self.pip / "__init__.py", "")
        self.add(self.pip / "__main__.py", PIP)
        self.add(self.pip / "uv", self.uv)
        self.add(self.stubs / "python3.11", FAKE.format("3.11"))
        self.add("python3", NEW_PYTHON.format(**names))
        self.brought = str(self.tools / "python" / "cpython-3.11.9-linux-x86_64-gnu/bin/python3")

    def pip_installs(self):
        log = self.pip / "log"
        calls = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return calls

    def assert_brought(self):
        done = self.find_python()
        found, where = self.brought.replace(str(self.clone), ""), str(self.clone)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip().endswith(found) and done.stdout.startswith(where)
        return done.stderr

    def assert_refused(self, *reasons):
        done = self.find_python()
        assert (done.returncode, done.stdout) == (1, "")
        for reason in (*reasons, "Python 3.13 is too new", "dnf install python3.11"):
            assert reason in done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture
def machine(tmp_path):
    return NewMachine(tmp_path)


def test_brings_one_once_and_writes_nowhere_else(machine):
    said = machine.assert_brought()
    assert said.count("\n") == 1 and "50 MB" in said
    (call,) = machine.pip_installs()
    assert f"--target {machine.tools}/uv.part uv==" in call
    assert not machine.home.exists()
    assert {path.name for path in machine.clone.iterdir()} == {"scripts", "d2l_bn", ".venv-tools"}

    assert machine.assert_brought() == ""
    assert machine.pip_installs() == []


def test_takes_the_uv_of_the_machine(machine):
    machine.add("uv", machine.uv)
    machine.assert_brought()
    assert machine.pip_installs() == []
    (machine.bin / "python3").unlink()  # uv alone is enough, too
    shutil.rmtree(machine.tools)
    machine.assert_brought()


def test_a_uv_that_does_not_run_is_none(machine):
    machine.add("uv", "#!/bin/sh\nexit 1")  # such as a pyenv shim without its version
    machine.assert_brought()
    assert len(machine.pip_installs()) == 1


def test_without_pip(machine):
    (machine.bin / "no-pip").touch()
    machine.assert_brought()

    shutil.rmtree(machine.tools)
    (machine.bin / "no-venv").touch()
    machine.assert_refused("neither pip nor venv", "apt-get install python3-venv")


def test_no_package_index(machine):
    (machine.pip / "no-index").touch()
    machine.assert_refused("pip could not get uv: ERROR: No matching distribution")
    (machine.pip / "no-index").unlink()
    machine.assert_brought()


def test_no_download_of_python(machine):
    (machine.stubs / "no-download").touch()
    machine.assert_refused("uv could not download Python 3.11: no such host")
    (machine.stubs / "no-download").unlink()
    assert len(machine.pip_installs()) == 1
    machine.assert_brought()
    assert machine.pip_installs() == []  # the uv of the first try is still good


def test_what_an_interrupted_run_left_is_replaced(machine):
    for name in ("uv/bin/uv", "uv.part/bin/uv", "venv/bin/python"):
        machine.add(machine.tools / name, "half a program")
    machine.add(machine.brought, "half a Python")
    machine.assert_brought()
    assert len(machine.pip_installs()) == 1


def test_nothing_is_downloaded_for_a_machine_that_cannot_run_mxnet(machine):
    check = machine.clone / "d2l_bn" / "platform_check.py"
    check.write_text("import sys; sys.exit('no wheel' if '--before-python' in sys.argv else 0)")
    done = machine.find_python()
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "no wheel\n")
    assert not machine.tools.exists()


def test_a_python_that_was_chosen_is_taken_or_none(machine):
    done = machine.find_python("python3")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Python 3.13 is too new" in done.stderr
    assert not machine.tools.exists()
