r"""For a student alone: runs the visible checks of an assignment on a notebook or a file.

    python -m d2l_bn.exercises.command batchnorm my_solution.ipynb
    python -m d2l_bn.exercises.command batchnorm my_solution.py --task normalize_2d

The cells run one after the other in a process of their own. A cell that fails, or does not end, is
named and passed over; the others run. Exit code: 0 all right, 1 something to look at, 2 nothing
could be checked.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from d2l_bn.exercises.questions import assignments

__all__ = ["check_file", "code_cells", "main"]

ASSIGNMENTS = tuple(assignments())


class Unreadable(Exception):
    """The file is no notebook and no Python file; the message says what is wrong and what helps."""


def code_cells(path: Path) -> list[str]:
    r"""The code of a notebook's cells, without checks, magics and shell commands.

    A ``.py`` file is split at its ``# %%`` lines.

    Raises:
        Unreadable: there is no such file, or it is not what its name says.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such file; is the name right?") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read as text: {error}") from None
    if path.suffix == ".py":
        parts = re.split(r"^# %%.*$", text, flags=re.MULTILINE)
        return [_plain(part) for part in parts if part.strip()]
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    except json.JSONDecodeError as error:
        hint = " It holds marks of a merge (<<<<<<<)." if "<<<<<<<" in text else ""
        raise Unreadable(
            f"{path} is not JSON (line {error.lineno}: {error.msg}), so it is no notebook.{hint} "
            "Open it in Jupyter and save it again, or take the last version that Jupyter opens."
        ) from None
    except (KeyError, TypeError):
        raise Unreadable(f"{path} is JSON, but no notebook: it has no list of cells.") from None
    return [_plain(source) for source in sources]


def check_file(
    assignment: str,
    path: Path,
    only: str | None = None,
    seconds: float = 60.0,
    say: Callable[[str], None] = print,
) -> int:
    r"""Run and check one file in a process of its own; return the exit code.

    Arguments:
        assignment: its name.
        path: a ``.ipynb`` or ``.py`` file.
        only: one task; all of them unless given.
        seconds: processor time for a cell; the whole may take twenty times that by the clock.
        say: takes each line of the report.
    """
    try:
        cells = code_cells(path)
    except Unreadable as error:
        say(str(error))
        return 2
    with tempfile.TemporaryDirectory() as folder:
        questions, events = Path(folder, "questions.json"), Path(folder, "events.jsonl")
        questions.write_text(json.dumps([assignment, cells, only, seconds]), encoding="utf-8")
        events.touch()
        command = [
            sys.executable,
            "-m",
            "d2l_bn.exercises.command",
            "--run",
            str(questions),
            str(events),
        ]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        environment.pop("D2L_BN_HIDDEN", None)  # visible checks only
        try:
            quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
            done = subprocess.run(
                command, env=environment, timeout=20 * seconds, stderr=subprocess.PIPE, **quiet
            )
            ended = done.returncode
        except subprocess.TimeoutExpired:
            ended = "it did not end in time: is there an endless loop?"
        lines = events.read_text(encoding="utf-8").splitlines()
    return _report(assignment, [json.loads(line) for line in lines], ended, say)


def _report(assignment: str, events: list[dict], ended: Any, say: Callable[[str], None]) -> int:
    right = looked_at = 0
    for event in events:
        if event["kind"] == "cell":
            say(f"cell {event['number']} stops: {event['message']}")
        elif event["kind"] == "task":
            outcomes = event["outcomes"]
            good = all(outcome[1] for outcome in outcomes)
            right, looked_at = right + good, looked_at + 1
            say(f"{'right  ' if good else 'not yet'}  {event['task']}")
            for title, fine, message in outcomes:
                if not fine:
                    say(f"           {title}: {message}")
    if not events or events[-1]["kind"] != "end":
        why = ended if isinstance(ended, str) else f"the process ended with code {ended}"
        last = next((e for e in reversed(events) if e["kind"] == "start"), None)
        say(f"stopped at {last['what'] if last else 'the start'}: {why}")
        return 2 if not looked_at else 1
    total = next(e["tasks"] for e in events if e["kind"] == "end")
    say(f"{right} of {total} tasks of {assignment} right. Grading asks more of the same questions.")
    return 0 if right == total else 1


def _run(questions: Path, events: Path) -> None:
    """In the process of its own: what is seen goes to ``events``, a line for each."""
    from d2l_bn.exercises.guard import TooSlow, time_limit
    from d2l_bn.exercises.marking import mark, tasks
    from d2l_bn.exercises.messages import message_of

    assignment, cells, only, seconds = json.loads(questions.read_text(encoding="utf-8"))

    def tell(kind: str, **what: Any) -> None:
        with events.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **what}) + "\n")

    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, source in enumerate(cells, start=1):
        tell("start", what=f"cell {number}")
        silence = io.StringIO()
        try:
            with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
                with time_limit(seconds):
                    exec(compile(source, f"<cell {number}>", "exec"), namespace)
        except NotImplementedError:
            continue  # the checks say so
        except TooSlow as error:
            tell("cell", number=number, message=f"{error}. Does a loop never end?")
        except (Exception, SystemExit) as error:
            message = f"{type(error).__name__}: {message_of(error)}"
            tell("cell", number=number, message=message)
    names = [only] if only else tasks(assignment)
    for task in names:
        tell("start", what=f"the checks of {task}")
        outcomes = [[o.title, o.right, o.message] for o in mark(assignment, task, namespace)]
        tell("task", task=task, outcomes=outcomes)
    tell("end", tasks=len(names))


def _plain(source: str) -> str:
    """Without the calls of checks, which run at the end, and without Jupyter's % and ! lines."""
    source = re.sub(r"^check\(.*globals\(\)\).*$", "pass", source, flags=re.MULTILINE)
    with contextlib.suppress(SyntaxError):
        ast.parse(source)
        return source
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m d2l_bn.exercises.command", description="Check a solution of an exercise."
    )
    parser.add_argument("assignment", choices=ASSIGNMENTS)
    parser.add_argument("file", type=Path, help="a notebook (.ipynb) or a Python file (.py)")
    parser.add_argument("--task", help="look at this task only")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="processor time for a cell (%(default)g)"
    )
    options = parser.parse_args(arguments)
    from d2l_bn.exercises.marking import tasks

    if options.task and options.task not in tasks(options.assignment):
        parser.error(f"{options.assignment} has the tasks {', '.join(tasks(options.assignment))}")
    return check_file(options.assignment, options.file, options.task, options.seconds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        _run(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main())
