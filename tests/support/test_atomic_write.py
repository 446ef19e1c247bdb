"""A file is written whole or not at all, whatever happens meanwhile: real kills, a full disk."""

from __future__ import annotations

import os
import random
import resource
import runpy
import signal
import stat
import subprocess
import sys
import time

import pytest

from d2l_bn._support import atomic_write as atomic
from d2l_bn._support.atomic_write import replacing


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_new_content_takes_the_place_of_the_old(tmp_path):
    path = tmp_path / "new" / "folder" / "notes.txt"
    for text in ("first", "second"):
        with replacing(path) as temporary:
            assert temporary.parent == path.parent  # another disk could not be renamed from
            assert temporary.suffix == ".txt"  # savefig goes by it
            temporary.write_text(text)
            assert not path.exists() or path.read_text() == "first"
        assert path.read_text() == text
    assert names(path.parent) == ["notes.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_the_old_file_and_nothing_else(error, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with pytest.raises(error), replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["notes.txt"]


def test_others_may_read_the_file_as_the_umask_says(tmp_path):
    before = os.umask(0o027)
    try:
        with replacing(tmp_path / "notes.txt") as temporary:
            temporary.write_text("x")
        assert stat.S_IMODE((tmp_path / "notes.txt").stat().st_mode) == 0o640
        assert os.umask(0o027) == 0o027  # as it was
    finally:
        os.umask(before)


def test_the_content_is_on_the_disk_before_it_takes_the_name(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(atomic.os, "fsync", lambda fd: (done.append("fsync"), fsync(fd)))
    monkeypatch.setattr(atomic.os, "replace", lambda a, b: (done.append("replace"), replace(a, b)))
    with replacing(tmp_path / "notes.txt") as temporary:
        temporary.write_text("x")
    assert done == ["fsync", "replace"]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError), replacing(path) as temporary:
            temporary.write_bytes(bytes(200_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "old"
    assert names(tmp_path) == ["notes.txt"]


def test_a_path_that_cannot_be_is_an_error_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError), replacing(tmp_path / "file" / "notes.txt"):
        pass
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError), replacing(tmp_path / "folder") as temporary:
        temporary.write_text("x")
    assert names(tmp_path) == ["file", "folder"]


SIZE = 3_000_000
WRITE_FOREVER = f"""
import itertools, runpy, sys
replacing = runpy.run_path(sys.argv[1])["replacing"]
for number in itertools.count():
    with replacing(sys.argv[2]) as temporary:
        temporary.write_bytes(bytes([number % 256]) * {SIZE})
    print(number, flush=True)
"""


def test_kill_minus_9_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "big"
    moments = random.Random(0)
    kills = partial = 0
    while kills < 10 or partial < 3:
        kills += 1
        assert kills < 200, "no kill hits a writing"
        command = [sys.executable, "-c", WRITE_FOREVER, atomic.__file__, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()  # it writes
            while names(tmp_path) == ["big"]:  # until it writes again
                pass
            time.sleep(moments.uniform(0, 0.002))
            process.send_signal(signal.SIGKILL)
        content = path.read_bytes()
        assert len(content) == SIZE
        assert len(set(content)) == 1  # of one writing
        partial += names(tmp_path) != ["big"]  # what the kills left has other names
    with replacing(path) as temporary:  # and is in nobody's way
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["big"]  # and it is swept, however young


def test_what_another_one_is_writing_is_not_swept(tmp_path):
    path = tmp_path / "notes.txt"
    others = [
        "notes.txt",
        ".notes-old.part.txt",
        ".notes-abcdefgh.part.md",
        "notes-abcdefgh.part.txt",
    ]
    for name in others:
        (tmp_path / name).write_text("not a part of notes.txt")
    (tmp_path / ".notes-abcdefgh.part.txt").write_text("of a process that was killed")
    with replacing(path) as first:
        first.write_text("first")
        with replacing(path) as second:
            second.write_text("second")
        assert first.exists()
        assert not (tmp_path / ".notes-abcdefgh.part.txt").exists()
    assert path.read_text() == "first"
    assert names(tmp_path) == sorted(others)


def test_the_module_needs_nothing_but_the_standard_library():
    """What the test above relies on, to start a process in a moment."""
    assert callable(runpy.run_path(atomic.__file__)["replacing"])
