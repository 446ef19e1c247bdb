r"""The judge: a process that puts the questions to a notebook that runs in another one.

It holds the hidden questions and the expected values, and runs no code of a student: a request and
a reply are data (:mod:`d2l_bn.exercises.plain`). It prints the points that it gives; what a
notebook shows of them does not count.

    python -m d2l_bn.exercises.judge ADDRESS    # with D2L_BN_HIDDEN set
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection, Listener
from typing import Any

from d2l_bn.exercises.being_judged import LONGEST
from d2l_bn.exercises.guard import Rules
from d2l_bn.exercises.marking import in_words, mark
from d2l_bn.exercises.plain import decode, encode

__all__ = ["DistantDesk", "judge"]


class DistantDesk:
    """Stands for the :class:`~d2l_bn.exercises.desk.Desk` at the other end of a connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def open(self, seconds: float) -> None:
        """So much processor time for all errands to come."""
        self._send(open=seconds)

    def run(
        self, errand: str, names: tuple, rules: Rules, data: Mapping, lent: tuple = ()
    ) -> dict[str, Any]:
        """The reply to one errand: whatever the other side says, in the form of a reply."""
        reply = self._send(run=[errand, names, asdict(rules), dict(data), lent])
        if not isinstance(reply, dict) or not {"value", "wrong"} & set(reply):
            return {"wrong": "The notebook's process gave no proper reply."}
        return reply

    def _send(self, **request: Any) -> Any:
        self.connection.send_bytes(encode(request).encode())
        return decode(self.connection.recv_bytes(LONGEST).decode())


def judge(address: str, tell: Callable[[str], None]) -> None:
    r"""Wait for notebooks at ``address``, a Unix socket; tell the points of each task.

    What is told is a line of JSON, ``["assignment task", points]``. Of a task that is asked for
    twice the last line counts; one whose process broke off has ``null``.
    """
    with Listener(address, family="AF_UNIX") as listener:
        while True:
            with listener.accept() as connection:
                name, earned = "", None
                try:
                    assignment, task = decode(connection.recv_bytes(LONGEST).decode())
                    name = f"{assignment} {task}"
                    outcomes = mark(assignment, task, DistantDesk(connection), hidden=True)
                    earned = round(sum(outcome.earned for outcome in outcomes), 2)
                    total = sum(outcome.points for outcome in outcomes)
                    lines = [*in_words(outcomes), f"{earned:g} of {total:g} points"]
                    connection.send_bytes(encode({"lines": lines, "earned": earned}).encode())
                except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
                    print(f"broken off: {type(error).__name__}: {error}", file=sys.stderr)
            tell(json.dumps([name, earned]))


if __name__ == "__main__":
    judge(sys.argv[1], functools.partial(print, flush=True))
