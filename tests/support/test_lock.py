"""A lock is one process's, and nobody's when that has ended, in whatever way."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time

import pytest

from d2l_bn._support import lock
from d2l_bn._support.lock import locked

HOLD = """
import runpy, sys, time
locked = runpy.run_path(sys.argv[1])["locked"]
with locked(sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""
RACE = """
import random, runpy, sys, time
locked = runpy.run_path(sys.argv[1])["locked"]
won = 0
end = time.monotonic() + 1.5
while time.monotonic() < end:
    try:
        with locked(sys.argv[2]):
            won += 1
            open(sys.argv[2] + "/inside", "x").close()  # fails if another one is in here
            time.sleep(random.random() / 1000)
            __import__("os").unlink(sys.argv[2] + "/inside")
    except BlockingIOError:
        pass
print(won)
"""


def start(code, path):
    command = [sys.executable, "-c", code, lock.__file__, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", ["", "checkpoint"], ids=["a folder", "a file"])
def test_the_second_is_told_who_is_the_first_until_that_has_ended(name, blow, tmp_path):
    path = tmp_path / name
    process = start(HOLD, path)
    assert process.stdout.readline() == "held\n"
    message = f"{path} is being written by process {process.pid}; wait for it, or name another one"
    with pytest.raises(BlockingIOError) as caught, locked(path):
        pass
    assert str(caught.value) == message
    process.send_signal(blow)
    process.communicate()
    with locked(path):
        assert [p.name for p in tmp_path.iterdir()] == [f".{name}.lock" if name else ".lock"]
    assert not list(tmp_path.iterdir())


def test_it_is_given_back_after_an_error_and_holds_within_a_process(tmp_path):
    with pytest.raises(KeyError), locked(tmp_path / "new" / "checkpoint"):
        with pytest.raises(BlockingIOError), locked(tmp_path / "new" / "checkpoint"):
            pass
        with locked(tmp_path / "new"), locked(tmp_path / "new" / "another"):
            pass  # other locks
        raise KeyError
    with locked(tmp_path / "new" / "checkpoint"):
        pass
    assert not list((tmp_path / "new").iterdir())


def test_a_fork_that_ends_does_not_give_the_lock_away(tmp_path):
    parent = os.getpid()
    try:
        with locked(tmp_path):
            if (child := os.fork()) == 0:
                sys.exit()  # leaves the block, as its parent will
            os.waitpid(child, 0)
            with pytest.raises(BlockingIOError), locked(tmp_path):
                pass
    finally:
        if os.getpid() != parent:
            os._exit(0)


def test_four_processes_are_never_in_at_once(tmp_path):
    processes = [start(RACE, tmp_path) for _ in range(4)]
    time.sleep(random.Random(0).random())
    for process in processes:
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert int(out) > 0
    assert not list(tmp_path.iterdir())


def test_it_holds_on_a_full_disk_where_no_name_can_be_written(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with locked(tmp_path):
            with pytest.raises(BlockingIOError, match="by another process;"), locked(tmp_path):
                pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.iterdir())


def test_a_link_in_its_place_leads_nowhere(tmp_path):
    """A folder from somebody else may hold anything under the name of the lock."""
    precious, folder = tmp_path / "precious", tmp_path / "folder"
    precious.write_text("precious")
    folder.mkdir()
    (folder / ".lock").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic link"), locked(folder):
        pass
    (folder / ".lock").unlink()
    os.link(precious, folder / ".lock")
    with locked(folder):
        assert precious.read_text() == "precious"
    assert precious.read_text() == "precious"
    assert not list(folder.iterdir())


def test_where_no_file_can_be_made_the_error_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError), locked(tmp_path / "file" / "checkpoint"):
        pass
