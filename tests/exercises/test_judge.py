"""The judge in its own process: what a notebook's process does cannot move its points."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from multiprocessing.connection import Client

import pytest
from exercise_helpers import ROOT, answered

from d2l_bn.exercises.being_judged import be_judged
from d2l_bn.exercises.desk import Desk
from d2l_bn.exercises.plain import decode, encode


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    address = str(tmp_path_factory.mktemp("judge") / "socket")
    environment = {**os.environ, "D2L_BN_HIDDEN": str(ROOT / "hidden"), "D2L_BN_CHECK_SEED": "1"}
    command = [sys.executable, "-m", "d2l_bn.exercises.judge", address]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    process = subprocess.Popen(command, env=environment, **options)
    yield address, process
    process.kill()
    process.wait()


def told(process):
    return json.loads(process.stdout.readline())


def test_a_right_answer_gets_its_points(judge):
    address, process = judge
    lines, earned = be_judged(Desk(answered("shapes")), "shapes", "centre", address)
    assert earned == 4 and lines[-1] == "4 of 4 points"
    assert told(process) == ["shapes centre", 4]


def test_stages_lists_tuples_and_dictionaries_pass(judge):
    address, process = judge
    for assignment, task in (("backward", "backward_stages"), ("experiments", "summary")):
        lines, earned = be_judged(Desk(answered(assignment)), assignment, task, address)
        assert lines[-1] == f"{earned:g} of {earned:g} points", lines
        assert told(process) == [f"{assignment} {task}", earned]


def test_patching_the_checks_in_the_notebooks_process_changes_nothing(judge, monkeypatch):
    address, process = judge
    from d2l_bn.exercises import messages, question
    from d2l_bn.exercises.questions import shapes

    for module in (messages, shapes):
        monkeypatch.setattr(module, "expect", lambda *_, **__: None)
    monkeypatch.setattr(question, "_outcome", lambda *_: question.Outcome("", True, "", 4, 4))
    namespace = answered("shapes", centre=lambda X, axis: X + 1)
    assert be_judged(Desk(namespace), "shapes", "centre", address)[1] == 0
    assert told(process) == ["shapes centre", 0]


def test_whoever_breaks_off_or_talks_nonsense_has_no_points_and_stops_nobody(judge):
    address, process = judge
    for replies in ([], ["nonsense"], [None, {"value": 1}], [None, [1]]):
        with Client(address, family="AF_UNIX") as connection:
            connection.send_bytes(encode(("shapes", "mean_shape")).encode())
            for reply in replies:
                connection.recv_bytes()
                text = reply if reply == "nonsense" else encode(reply)
                connection.send_bytes(text.encode())
        assert told(process)[1] in (None, 0)
    assert be_judged(Desk(answered("shapes")), "shapes", "centre", address)[1] == 4
    told(process)


def test_data_are_no_program():
    class Evil:
        def __reduce__(self):
            return os.abort, ()

    came = decode(encode({"one": Evil(), "two": threading.Lock()}))
    assert all(isinstance(value, str) for value in came.values())
    for text in ('{"array": ["object", [1], "AAAA"]}', '{"call": 1}', '{"array": 3}', "[1"):
        with pytest.raises(ValueError):
            decode(text)


CLOSED = """
import sys
from d2l_bn.exercises.closed_books import close
close([sys.argv[1]])
import inspect, os, pathlib, threading
from d2l_bn.exercises import mistakes           # to import is allowed
tries = [
    lambda: open(sys.argv[1] + "/key.py"),
    lambda: pathlib.Path(sys.argv[1], "key.py").read_text(),
    lambda: os.open(sys.argv[1] + "/../" + os.path.basename(sys.argv[1]) + "/key.py", os.O_RDONLY),
    lambda: inspect.getsource(mistakes),
    lambda: exec(pathlib.Path(mistakes.__file__).read_text()),
]
refused = []
def attempt():
    for one in tries:
        try:
            one()
        except OSError:
            refused.append(one)
attempt()
thread = threading.Thread(target=attempt)
thread.start(), thread.join()
open(sys.argv[1] + "_mine", "w").close()        # anything else may be opened
sys.exit(len(refused) != 2 * len(tries))
"""


def test_closed_books(tmp_path):
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "key.py").write_text("secret")
    command = [sys.executable, "-c", CLOSED, str(tmp_path / "closed")]
    assert subprocess.run(command, check=False).returncode == 0
