r"""The desk: where a student's code runs. Data come in, data go out, and nobody judges here.

What asks (:mod:`d2l_bn.exercises.question`) may sit in the same process, as in a notebook of a
student, or in another, as where submissions are graded (:mod:`d2l_bn.exercises.judge`). It names an
*errand*, a function of the modules of this folder, and hands it data; the errand calls what the
notebook defines, and the reply is data again: no expected value is ever here.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from d2l_bn.exercises.desk import functions, kits, layers, networks, stand_ins
from d2l_bn.exercises.guard import THREADS, Refused, Rules, TooSlow, guarded
from d2l_bn.exercises.messages import Wrong, message_of
from d2l_bn.exercises.plain import decode, encode

__all__ = ["Desk"]

ERRANDS = {
    errand.__name__: errand
    for room in (functions, layers, networks, kits)
    for errand in room.ERRANDS
}


class Desk:
    r"""What a notebook defines, and the processor time that its answers may take.

    Arguments:
        namespace: from the notebook's names to their values.

    >>> desk = Desk({"double": lambda X: X + X})
    >>> desk.open(seconds=5.0)
    >>> desk.run("returns", ("double",), Rules(), {"arguments": (4,)})["value"]
    8
    >>> desk.run("returns", ("half",), Rules(), {"arguments": (4,)})["wrong"]
    '`half` is not there: was its cell run, without an error?'
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace
        self.left = 0.0

    def open(self, seconds: float) -> None:
        """From now on, so much processor time for all errands together."""
        self.left = self.given = seconds

    def run(
        self,
        errand: str,
        names: tuple[str, ...],
        rules: Rules,
        data: Mapping[str, Any],
        lent: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        r"""The reply to one errand.

        Arguments:
            errand: its name.
            names: what it looks at in the notebook.
            rules: what the code may do.
            data: the errand's other arguments.
            lent: names of the notebook that a right function takes the place of meanwhile.

        Returns:
            ``value``, what the errand returned, or ``wrong``, in words why it did not; ``slow``
            if the time ran out; ``spent``, the seconds used since :meth:`open`.
        """
        missing = [name for name in names if name not in self.namespace]
        if missing:
            return {"wrong": f"`{missing[0]}` is not there: was its cell run, without an error?"}
        objects = [self.namespace[name] for name in names]
        if lent:
            rules = replace(rules, modules=(*rules.modules, stand_ins.__name__))
        start = time.process_time()
        with _lent(self.namespace, lent):
            reply = self._guarded(ERRANDS[errand], objects, rules, data)
        self.left -= (time.process_time() - start) / THREADS
        return {**reply, "spent": self.given - self.left}

    def _guarded(self, errand: Any, objects: list, rules: Rules, data: Mapping) -> dict[str, Any]:
        refused: list[str] = []
        try:
            with _silence(), guarded(rules, max(self.left, 0.001)) as refused:
                reply: dict[str, Any] = {"value": decode(encode(errand(*objects, **data)))}
        except Wrong as wrong:
            reply = {"wrong": str(wrong)}
        except NotImplementedError:
            reply = {"wrong": "It is not written yet."}
        except TooSlow:
            limit = f"the {self.given:g} seconds of processor time for this task are used up"
            reply = {"wrong": f"Your code was stopped: {limit}. Does a loop never end?", "slow": 1}
        except (Exception, SystemExit, Refused) as error:
            reply = {"wrong": _in_words(error, self.namespace)}
        if refused:  # also where the code caught the exception
            reply = {"wrong": f"Your code calls {refused[0]}: write it yourself; that is the task."}
        return reply


@contextlib.contextmanager
def _lent(namespace: Any, names: tuple[str, ...]) -> Iterator[None]:
    """In place of the student's own, so that a mistake in one task costs nothing in another."""
    own = {name: namespace[name] for name in names if name in namespace}
    for name in own:
        namespace[name] = getattr(stand_ins, name)
    try:
        yield
    finally:
        for name in own:
            namespace[name] = own[name]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Swallow what is printed: nbgrader takes a word on stderr for a failed test."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _in_words(error: BaseException, namespace: Mapping[str, Any]) -> str:
    """An exception and the last line of the notebook that it came through; not of the errand."""
    kind, words, trace = type(error).__name__, message_of(error), error.__traceback__
    said = f"{kind}: {words}"
    while trace is not None:
        if trace.tb_frame.f_globals is namespace:
            function = trace.tb_frame.f_code.co_name
            said = f"{kind} in line {trace.tb_lineno:d} of the cell, in `{function}`: {words}"
        trace = trace.tb_next
    return said
