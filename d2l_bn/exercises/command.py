r"""What ``d2l-bn check`` does: run a student's file, put the visible questions, report.

The cells run one after the other in a process of their own. A cell that fails, or does not end, is
named and passed over; the others run. The names of those that fail alike stand in one line.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from d2l_bn.exercises.cells import Cell, cells_of
from d2l_bn.exercises.questions._reading import where_to_read
from d2l_bn.language import language, translated

__all__ = ["check_file"]

INDENT = " " * 11


def check_file(
    assignment: str,
    path: Path,
    only: str | None = None,
    seconds: float = 60.0,
    say: Callable[[str], None] = print,
) -> int:
    r"""Run and check one file in a process of its own.

    Arguments:
        assignment: its name.
        path: a ``.ipynb`` or ``.py`` file.
        only: one task; all of them unless given.
        seconds: processor time for a cell; the whole may take twenty times that by the clock.
        say: takes each line of the report.

    Returns:
        The exit code: 0 all right, 1 something to look at, 2 nothing could be checked.

    Raises:
        Unreadable: the file is no notebook and no Python file.
    """
    cells = cells_of(path)
    with tempfile.TemporaryDirectory() as folder:
        work, events = Path(folder, "work.json"), Path(folder, "events.jsonl")
        work.write_text(json.dumps([assignment, cells, only, seconds]), encoding="utf-8")
        events.touch()
        command = [sys.executable, "-m", __name__, str(work), str(events)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        environment.pop("D2L_BN_HIDDEN", None)  # visible checks only
        try:
            quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
            done = subprocess.run(
                command, env=environment, timeout=20 * seconds, stderr=subprocess.PIPE, **quiet
            )
            ended = f"the process ended with code {done.returncode}"
        except subprocess.TimeoutExpired:
            ended = "it did not end in time: is there an endless loop?"
        lines = events.read_text(encoding="utf-8").splitlines()
    return _report(assignment, [json.loads(line) for line in lines], ended, say)


def _report(assignment: str, events: list[dict], ended: str, say: Callable[[str], None]) -> int:
    stops = [event for event in events if event["kind"] == "cell"]
    for message, alike in _alike((tuple(stop["message"]), stop) for stop in stops):
        place, line, (kind, words) = alike[0]["place"], alike[0]["line"], message
        where = _spoken(f"{place}, stops at {line}" if line else f"{place}, stops")
        say(": ".join([where, *filter(None, [kind]), _spoken(words)]))
        numbers = ", ".join(str(stop["number"]) for stop in alike[1:])
        if len(alike) > 1:
            one = len(alike) == 2
            others = f"the same in cell {numbers}" if one else f"the same in cells {numbers}"
            say(INDENT + _spoken(others))
    looked_at = [event for event in events if event["kind"] == "task"]
    right = [event for event in looked_at if all(fine for _, fine, _ in event["outcomes"])]
    for event in looked_at:
        verdict = "right" if event in right else "not yet"
        say(f"{verdict:<7}  `{event['task']}`")
        wrong = ((message, title) for title, fine, message in event["outcomes"] if not fine)
        for message, titles in _alike(wrong):
            all_of_it = len(titles) == len(event["outcomes"]) > 1
            what = "all of it" if all_of_it else " · ".join(map(_spoken, titles))
            say(f"{INDENT}{_spoken(what)}: {_spoken(message)}")
        if event not in right:
            where = where_to_read(assignment, event["task"])
            say(INDENT + _spoken(f"Read again: {where}."))
    if not events or events[-1]["kind"] != "end":
        last = next((e for e in reversed(events) if e["kind"] == "start"), None)
        say(_spoken(f"stopped at {last['what'] if last else 'the start'}: {ended}"))
        return 1 if looked_at else 2
    done = f"{len(right):d} of {len(looked_at):d} tasks of {assignment} right."
    say(_spoken(f"{done} Grading asks more of the same questions."))
    return 0 if len(right) == len(looked_at) else 1


def _spoken(text: str) -> str:
    """In the reader's language: piece by piece, for a line has names of tasks and cells in it."""
    return text if language() == "en" else translated(text)


def _alike(pairs: Iterable[tuple[Any, Any]]) -> list[tuple[Any, list]]:
    """From pairs to each first member, in order, with all the second ones that stood with it."""
    groups: dict[Any, list] = {}
    for message, one in pairs:
        groups.setdefault(message, []).append(one)
    return list(groups.items())


def _run(work: Path, events: Path) -> None:
    """In the process of its own: what is seen goes to ``events``, a line for each."""
    from d2l_bn.exercises.guard import TooSlow, time_limit
    from d2l_bn.exercises.marking import mark, tasks
    from d2l_bn.exercises.messages import message_of

    assignment, cells, only, seconds = json.loads(work.read_text(encoding="utf-8"))

    def tell(kind: str, **what: Any) -> None:
        with events.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **what}) + "\n")

    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in (Cell(*fields) for fields in cells):
        tell("start", what=cell.place())
        silence = io.StringIO()
        stop: dict[str, Any] = {"number": cell.number, "place": cell.place(), "line": ""}
        try:
            with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
                with time_limit(seconds):
                    exec(compile(cell.code, _file(cell), "exec"), namespace)
        except NotImplementedError:
            continue  # the checks say so
        except TooSlow as error:
            tell("cell", message=["", f"{error} Does a loop never end?"], **stop)
        except (Exception, SystemExit) as error:
            stop["line"] = _line(error, cell)
            tell("cell", message=[type(error).__name__, message_of(error)], **stop)
    names = [only] if only else tasks(assignment)
    for task in names:
        tell("start", what=f"the checks of {task}")
        outcomes = [[o.title, o.right, o.message] for o in mark(assignment, task, namespace)]
        tell("task", task=task, outcomes=outcomes)
    tell("end")


def _file(cell: Cell) -> str:
    """The name that a cell's code has in tracebacks."""
    return f"<cell {cell.number}>"


def _line(error: BaseException, cell: Cell) -> str:
    """In words, the line of the cell at which it failed; where it called one above, that, too."""
    if isinstance(error, SyntaxError) and error.filename == _file(cell):
        return _at(error.lineno or 1, cell)
    mine, said, trace = "", "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name == _file(cell):
            mine = said = _at(trace.tb_lineno, cell)
        elif name.startswith("<cell "):
            said = f"{mine}, in line {trace.tb_lineno:d} of {name.strip('<>')}"
        trace = trace.tb_next
    return said


def _at(line: int, cell: Cell) -> str:
    if cell.line:
        return f"line {line:d} (line {cell.line + line:d} of the file)"
    return f"line {line:d}"


if __name__ == "__main__":
    _run(Path(sys.argv[1]), Path(sys.argv[2]))
