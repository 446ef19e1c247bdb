"""Is a grade a function of the answer alone? Each answer, graded again and again.

Every answer of the bank (tests/exercises/bank) and the answer key is graded with many seeds of the
questions, with one thread and with two, with this package's kernels and without, and while other
processes keep all processors busy. An answer whose points differ is printed, with all of them; the
status is then 1.

    python scripts/grade_stability.py                              # all, which takes hours
    python scripts/grade_stability.py --seeds 3 --assignment shapes --quick
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BANK = ROOT / "tests" / "exercises" / "bank"
ENTRY = re.compile(r"^## (right|wrong) · ([^\n]+)\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BURN = "while True: sum(k * k for k in range(10**5))"


class Entry(NamedTuple):
    """An answer of the bank; ``points`` is None for a right one, which earns all."""

    assignment: str
    task: str
    points: float | None
    words: str
    code: str

    def __str__(self) -> str:
        return f"{self.assignment}-{self.task}-{self.words}"


def read_bank(assignment: str) -> Iterator[Entry]:
    """The answers of one assignment."""
    text = (BANK / f"{assignment}.md").read_text(encoding="utf-8")
    for kind, heading, code in ENTRY.findall(text):
        task, *points, words = heading.split(" · ")
        yield Entry(assignment, task, float(points[0]) if kind == "wrong" else None, words, code)


def key_of(assignment: str) -> dict[str, Any]:
    """What the reviewed source defines; cells that train networks are left out."""
    from d2l_bn.exercises.cells import code_cells

    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in code_cells(ROOT / "exercises" / "source" / assignment / f"{assignment}.py"):
        if "small_run." not in cell:
            with contextlib.redirect_stdout(None):
                exec(compile(cell, assignment, "exec"), namespace)
    return namespace


def grade(assignment: str, seeds: list[int], quick: bool) -> dict[str, list[float]]:
    """In this process: from the name of an answer to its points for each seed."""
    from d2l_bn.exercises.marking import mark, tasks

    os.environ["D2L_BN_HIDDEN"] = str(ROOT / "exercises" / "hidden")
    key, found = key_of(assignment), {}
    answers = [(f"{assignment}-{task}-key", task, "") for task in tasks(assignment)]
    if not quick:
        answers += [(str(e), e.task, e.code) for e in read_bank(assignment)]
    for name, task, code in answers:
        found[name] = []
        for seed in seeds:
            os.environ["D2L_BN_CHECK_SEED"] = str(seed)
            namespace = dict(key) if code else key
            exec(compile(code, name, "exec"), namespace)
            outcomes = mark(assignment, task, namespace, hidden=True)
            found[name].append(round(sum(outcome.earned for outcome in outcomes), 2))
    return found


def in_a_process(assignment: str, seeds: int, quick: bool, threads: int, kernels: int) -> dict:
    """The same in a process of its own, under the given conditions."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "D2L_BN_KERNELS": str(kernels),
        "MPLBACKEND": "Agg",
    }
    command = [sys.executable, __file__, "--worker", "--assignment", assignment]
    command += ["--seeds", str(seeds)] + ["--quick"] * quick
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@contextlib.contextmanager
def busy(wanted: bool) -> Iterator[None]:
    """Inside, every processor has something else to do, twice."""
    count = 2 * (os.cpu_count() or 1) if wanted else 0
    processes = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--assignment", action="append", help="of this one; default: all")
    add("--seeds", type=int, default=30, help="how many (default: %(default)s)")
    add("--quick", action="store_true", help="the answer key only")
    add("--calm", action="store_true", help="leave out the busy machine")
    add("--out", type=Path, help="write all points to this JSON file")
    add("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        print(json.dumps(grade(options.assignment[0], list(range(options.seeds)), options.quick)))
        return 0
    from d2l_bn.exercises.questions import assignments

    points: dict[str, dict[str, list[float]]] = {}
    names = options.assignment or assignments()
    loads = (False,) if options.calm else (False, True)
    for load, threads, kernels, name in itertools.product(loads, (1, 2), (1, 0), names):
        case = f"{threads} threads, kernels {'on' if kernels else 'off'}{', busy' * load}"
        start = time.monotonic()
        with busy(load):
            found = in_a_process(name, options.seeds, options.quick, threads, kernels)
        for answer, earned in found.items():
            points.setdefault(answer, {})[case] = earned
        print(f"{name}, {case}: {len(found)} answers, {time.monotonic() - start:.0f} s", flush=True)
    differing = {
        answer: cases for answer, cases in points.items() if len({*sum(cases.values(), [])}) > 1
    }
    for answer, cases in differing.items():
        print(f"{answer}: {sorted({*sum(cases.values(), [])})}")
    count = sum(len(earned) for cases in points.values() for earned in cases.values())
    print(f"{len(points)} answers, {count} grades; the points of {len(differing)} answers differ")
    if options.out:
        options.out.write_text(json.dumps(points, ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
