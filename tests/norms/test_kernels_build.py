"""The library is built once, keyed by what it is made from, and its lack is no failure."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from d2l_bn.norms.kernels import build, library

needs_compiler = pytest.mark.skipif(build.compiler() is None, reason="no C++ compiler")


def python(code, **variables):
    command = [sys.executable, "-c", code]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)


def test_no_compiler_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert build.main() == 0
    words = capsys.readouterr().err
    assert words.count("\n") == 1 and "no C++ compiler" in words and "same results" in words


def test_a_compiler_that_fails_is_quoted(monkeypatch, tmp_path):
    compiler = tmp_path / "c++"
    compiler.write_text("#!/bin/sh\n[ $1 = --version ] || { echo 'error: hot' >&2; exit 3; }\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    monkeypatch.setattr(build, "folder", lambda: tmp_path / "made")
    with pytest.raises(build.BuildError, match="ended with 3: error: hot"):
        build.build()
    assert not list((tmp_path / "made").iterdir())


@needs_compiler
@pytest.mark.slow
def test_built_once_for_each_compiler_and_source(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "folder", lambda: tmp_path)
    made = build.build()
    assert {path.name.rpartition("-")[2] for path in made} <= {"avx2.so", "any.so"}
    times = [path.stat().st_mtime_ns for path in made]
    monkeypatch.setattr(build, "_try", lambda path: pytest.fail("built again"))
    assert build.build() == made
    assert [path.stat().st_mtime_ns for path in made] == times


def test_another_source_is_another_library(monkeypatch, tmp_path):
    before = library.digest()
    for source in library.SOURCES.glob("*.[ch]*"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(library, "SOURCES", tmp_path)
    assert library.digest() == before
    (tmp_path / "sums.h").write_text("// nothing")
    assert library.digest() != before


def test_an_older_processor_gets_the_library_for_all(monkeypatch):
    monkeypatch.setattr(library, "_has", lambda features: False)
    assert library.best_first() == ["any"]


def test_switched_off_the_array_version_runs_and_the_record_says_so():
    done = python(
        "import d2l_bn; from d2l_bn._support.environment import describe_environment\n"
        "net = d2l_bn.lenet(); net.initialize(); net.hybridize()\n"
        "from mxnet import np; assert net(np.ones((2, 1, 28, 28))).shape == (2, 10)\n"
        "print(describe_environment()['operators'])",
        D2L_BN_KERNELS="0",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "arrays (D2L_BN_KERNELS=0)\n"


@pytest.fixture
def built(monkeypatch, tmp_path):
    """A library that would load, in a folder of our own; loading it is a failure of the test."""
    from d2l_bn.norms.kernels import load

    library_file = tmp_path / "cache" / f"{library.digest()}-x-{library.best_first()[0]}.so"
    library_file.parent.mkdir(mode=0o755)
    library_file.write_bytes(b"")
    library_file.chmod(0o644)
    monkeypatch.delenv("D2L_BN_KERNELS", raising=False)
    monkeypatch.setattr(load, "folder", lambda: library_file.parent)
    monkeypatch.setattr(build, "folder", lambda: library_file.parent)
    return library_file


@pytest.mark.parametrize(
    "whose, reason", [("folder", "others can write"), ("file", "others can write")]
)
def test_a_library_that_others_can_write_is_not_loaded(whose, reason, built, monkeypatch):
    from d2l_bn.norms.kernels import load

    monkeypatch.setattr(load, "_load", lambda *_: pytest.fail("loaded"))
    (built.parent if whose == "folder" else built).chmod(0o777)
    with pytest.warns(UserWarning, match=f"{reason} .* D2L_BN_CACHE.; array operations"):
        assert load.operators.__wrapped__() is None


def test_a_library_of_another_users_is_not_loaded(built, monkeypatch):
    from d2l_bn.norms.kernels import load

    monkeypatch.setattr(load, "_load", lambda *_: "loaded")
    assert load.operators.__wrapped__() == "loaded"
    owner, prefix = built.stat().st_uid, os.stat(sys.prefix).st_uid
    if os.getuid() == 0:
        os.chown(built, 12345, -1)
    else:  # who is not root cannot give files away: we become another
        monkeypatch.setattr(os, "getuid", lambda: 12345)
    if prefix == owner != 0:
        pytest.skip("this Python belongs to the same user")
    with pytest.warns(UserWarning, match="belongs to another user"):
        assert load.operators.__wrapped__() is None


@needs_compiler
def test_nothing_is_built_where_others_can_write(built):
    built.parent.chmod(0o777)
    with pytest.raises(build.BuildError, match="others can write .* D2L_BN_CACHE"):
        build.build()


def test_a_damaged_library_is_named_and_left_out(monkeypatch, tmp_path):
    from d2l_bn.norms.kernels import load

    variant = library.best_first()[0]
    (tmp_path / f"{library.digest()}-x-{variant}.so").write_bytes(b"not a library")
    monkeypatch.delenv("D2L_BN_KERNELS", raising=False)
    monkeypatch.setattr(load, "folder", lambda: tmp_path)
    with pytest.warns(UserWarning, match="cannot be loaded .* Build it anew"):
        assert load.operators.__wrapped__() is None
