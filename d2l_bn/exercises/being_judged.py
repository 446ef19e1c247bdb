r"""The notebook's side of :mod:`d2l_bn.exercises.judge`: it runs errands, and hears the points."""

from __future__ import annotations

import time
from multiprocessing.connection import Client, Connection
from typing import Any

from d2l_bn.exercises.desk import Desk
from d2l_bn.exercises.guard import Rules
from d2l_bn.exercises.plain import decode, encode

__all__ = ["LONGEST", "be_judged"]

LONGEST = 2**28  # bytes of a reply


def be_judged(
    desk: Desk, assignment: str, task: str, address: str
) -> tuple[list[str], float | None]:
    r"""In the notebook's process: run the errands that the judge asks for, until it has judged.

    Returns:
        The judge's words, and the points that it gave.
    """
    with _client(address) as connection:
        connection.send_bytes(encode((assignment, task)).encode())
        while True:
            request = decode(connection.recv_bytes(LONGEST).decode())
            if "lines" in request:
                return request["lines"], request["earned"]
            if "open" in request:
                desk.open(request["open"])
                reply: Any = None
            else:
                errand, names, rules, data, lent = request["run"]
                rules["operators"] = frozenset(rules["operators"])
                reply = desk.run(errand, names, Rules(**rules), data, lent)
            connection.send_bytes(encode(reply).encode())


def _client(address: str, seconds: float = 120.0) -> Connection:
    """A connection; the judge may be on its way still."""
    end = time.monotonic() + seconds
    while True:
        try:
            return Client(address, family="AF_UNIX")
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
