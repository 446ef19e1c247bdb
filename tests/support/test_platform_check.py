"""Each machine that cannot run MXNet gets one message, with the cause and the remedy."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from d2l_bn import platform_check
from d2l_bn.platform_check import Facts, find_problem

ROOT = Path(__file__).resolve().parents[2]
GOOD = Facts(
    python=(3, 11),
    implementation="CPython",
    bits=64,
    system="Linux",
    machine="x86_64",
    libc="glibc 2.36",
    missing_libraries=(),
    load_error="",
    mxnet="1.9.1",
    numpy="1.23.5",
)
BARE = GOOD._replace(mxnet=None, numpy=None)  # before the installation


@pytest.mark.parametrize("python", [(3, 9), (3, 10), (3, 11)])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_good_machine(python, machine):
    assert find_problem(GOOD._replace(python=python, machine=machine)) is None
    bare = BARE._replace(python=python, machine=machine)
    assert find_problem(bare, before_install=True) is None


@pytest.mark.parametrize(
    "facts, cause, remedy",
    [
        (BARE._replace(python=(3, 12)), "Python 3.12 is too new", "Python 3.11"),
        (BARE._replace(python=(3, 8)), "Python 3.8 is too old", "Python 3.11"),
        (BARE._replace(python=(2, 7)), "Python 2.7 is too old", "Python 3.11"),
        (BARE._replace(implementation="PyPy"), "PyPy", "Python 3.11"),
        (BARE._replace(bits=32), "32-bit", "Python 3.11"),
        (BARE._replace(system="Windows", machine="AMD64", libc=""), "Windows", "WSL2"),
        (BARE._replace(system="Darwin", machine="arm64", libc=""), "Apple silicon", "Dockerfile"),
        (BARE._replace(system="FreeBSD", libc=""), "FreeBSD", "Dockerfile"),
        (BARE._replace(machine="riscv64"), "riscv64", "x86-64"),
        (BARE._replace(libc=""), "musl", "Debian"),
        (
            BARE._replace(missing_libraries=("libgomp.so.1",)),
            "libgomp.so.1",
            "get install libgomp1",
        ),
        (
            BARE._replace(missing_libraries=("libgomp.so.1", "libquadmath.so.0")),
            "libgomp.so.1 and libquadmath.so.0",
            "dnf install libgomp libquadmath",
        ),
        (
            BARE._replace(machine="aarch64", missing_libraries=platform_check.ARM_LIBRARIES),
            "libarmpl_lp64_mp.so",
            "LD_LIBRARY_PATH",
        ),
    ],
)
def test_before_and_after_the_installation(facts, cause, remedy):
    for before_install in (True, False):
        first, rest = find_problem(facts, before_install).split("\n", 1)
        assert cause in first
        assert remedy in rest


@pytest.mark.parametrize(
    "facts, cause, remedy",
    [
        (BARE, "MXNet is not installed", "make setup"),
        (GOOD._replace(numpy=None), "NumPy is not installed", "make setup"),
        (GOOD._replace(numpy="1.24.0"), "NumPy 1.24.0 is too new", "constraints/py3.11.txt"),
        (GOOD._replace(numpy="2.0.1", python=(3, 9)), "NumPy 2.0.1", "constraints/py3.9.txt"),
        (GOOD._replace(load_error="libfoo.so.1: no such file"), "libfoo.so.1", "Install"),
    ],
)
def test_only_after_the_installation(facts, cause, remedy):
    first, rest = find_problem(facts).split("\n", 1)
    assert cause in first
    assert remedy in rest


def test_a_machine_that_no_python_helps_is_named_before_its_python():
    facts = BARE._replace(system="Darwin", machine="arm64", python=(3, 12))
    assert "Apple silicon" in find_problem(facts)


def test_before_another_python_is_brought_only_the_machine_counts():
    facts = BARE._replace(python=(3, 13))
    assert find_problem(facts, before_python=True) is None
    assert "musl" in find_problem(facts._replace(libc=""), before_python=True)
    facts = facts._replace(missing_libraries=("libgomp.so.1",))
    assert "libgomp.so.1" in find_problem(facts, before_python=True)


def test_mxnet_from_elsewhere_needs_no_wheel():
    assert find_problem(GOOD._replace(system="Darwin", machine="arm64", libc="")) is None


# Now for real: other Pythons, another NumPy, a library that cannot be loaded.


def run(command, **environment):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [str(part) for part in command], env=environment, capture_output=True, text=True, cwd="/"
    )


def assert_refused(done, cause):
    assert done.returncode == 1
    assert f"ImportError: d2l_bn cannot run here. {cause}" in done.stderr
    assert "mxnet/" not in done.stderr  # no traceback through MXNet


def other_python(version):
    """A Python of that version, from PATH or pyenv."""
    candidates = [shutil.which(f"python{version}")]
    candidates += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for candidate in filter(None, candidates):
        if run([candidate, "-c", ""]).returncode == 0:  # a pyenv shim may not run
            return candidate
    pytest.skip(f"no Python {version} on this machine")


@pytest.mark.parametrize(
    "version, cause",
    [
        ("3.6", "Python 3.6 is too old"),
        ("3.8", "Python 3.8 is too old"),
        ("3.12", "Python 3.12 is too new"),
        ("3.13", "Python 3.13 is too new"),
    ],
)
def test_other_pythons(version, cause):
    python = other_python(version)
    assert_refused(run([python, "-c", "import d2l_bn"]), cause)
    script = run([python, ROOT / "d2l_bn" / "platform_check.py", "--before-install"])
    assert script.returncode == 1
    assert script.stderr.startswith(f"d2l_bn cannot run here. {cause}")
    assert "Traceback" not in script.stderr


def test_numpy_too_new(tmp_path):
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").touch()
    (tmp_path / "numpy-1.24.4.dist-info").mkdir()
    (tmp_path / "numpy-1.24.4.dist-info" / "METADATA").write_text("Name: numpy\nVersion: 1.24.4\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = run([sys.executable, "-c", "import d2l_bn"], PYTHONPATH=path)
    assert_refused(done, "NumPy 1.24.4 is too new")


@pytest.mark.skipif(platform.machine() != "x86_64" or sys.platform != "linux", reason="its wheel")
@pytest.mark.parametrize("library", ["libgomp.so.1", "libquadmath.so.0"])
def test_library_that_cannot_be_loaded(tmp_path, library):
    (tmp_path / library).touch()  # the loader finds this empty file first, and stops there
    hidden = {"LD_LIBRARY_PATH": str(tmp_path)}
    assert (
        library in run([sys.executable, "-c", "import mxnet"], **hidden).stderr
    )  # the fault is real
    done = run([sys.executable, "-c", "import d2l_bn; d2l_bn.lenet"], **hidden)
    assert_refused(done, f"MXNet needs {library}, missing here.")
    assert "sudo apt-get install " + library.split(".")[0] in done.stderr


def test_this_machine():
    done = run([sys.executable, ROOT / "d2l_bn" / "platform_check.py"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run([sys.executable, "-c", "import d2l_bn; d2l_bn.lenet"]).returncode == 0


def test_mxnet_absent():
    done = run([sys.executable, "-S", "-c", "import d2l_bn"])  # -S: without site-packages
    assert_refused(done, "MXNet is not installed")
