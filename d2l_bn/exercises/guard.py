r"""Run a student's code: no longer than it may take, and without the functions that it is to write.

A profile function of the interpreter (``sys.setprofile``) sees each call, by whatever name and
through whatever import the function was reached; a function is known by the file that it was
written in, and by its byte code if it was copied. It is a fence for honest work, not a prison:
what stays open is listed in exercises/INSTRUCTORS.md.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any

from mxnet import gluon
from mxnet._ctypes.ndarray import _imperative_invoke
from mxnet.gluon import nn

import d2l_bn._support.backend  # noqa: F401
from d2l_bn.exercises.origin import copied_from, forbidden_handle, module_of

__all__ = ["DIFFERENTIATION", "THREADS", "Refused", "Rules", "TooSlow", "guarded", "time_limit"]

#: What may call this package at any time, and what a notebook may call at any time.
EXERCISES = "d2l_bn.exercises."
MACHINERY = ("d2l_bn.exercises.marking", "d2l_bn.exercises.guard", "d2l_bn.exercises.origin")
#: From modules to those of this package that they may call while a student's code runs.
MAY_CALL = {
    "d2l_bn.exercises.desk": ("d2l_bn.exercises.",),
    "d2l_bn.exercises.desk.functions": ("d2l_bn.exercises.messages",),
    "d2l_bn.exercises.desk.layers": ("d2l_bn.exercises.messages", "d2l_bn.exercises.desk."),
    "d2l_bn.exercises.desk.kits": ("d2l_bn.exercises.",),
    "d2l_bn.exercises.desk.stand_ins": ("d2l_bn.exercises.mistakes",),
    "d2l_bn.exercises.bug_zoo": ("d2l_bn.exercises.mistakes", "d2l_bn.exercises.bug_zoo"),
    "d2l_bn.exercises.mistakes": ("d2l_bn.exercises.mistakes",),
    "d2l_bn.exercises.messages": (
        "d2l_bn.exercises.messages",
        "d2l_bn.exercises.answers",
        "d2l_bn.exercises.remedies",
    ),
    "d2l_bn.exercises.remedies": ("d2l_bn.exercises.remedies",),
    "d2l_bn.exercises.plain": ("d2l_bn.exercises.plain",),
}
LAYERS = (nn.BatchNorm, nn.LayerNorm, nn.InstanceNorm, nn.GroupNorm)
#: MXNet's operators that normalize, under all their names.
OPERATORS = {
    "BatchNorm", "BatchNorm_v1", "BatchNormWithReLU", "CuDNNBatchNorm", "GroupNorm",
    "InstanceNorm", "InstanceNormV2", "L2Normalization", "LRN", "LayerNorm", "SyncBatchNorm",
    "batch_norm", "group_norm", "instance_norm", "l2_normalization", "layer_norm",
}  # fmt: skip
OTHERS = ("torch", "tensorflow", "keras", "jax", "flax", "sklearn", "paddle", "onnxruntime")
#: Files whose functions wait in a thread for something to do.
POOLS = ("concurrent/futures/thread.py", "multiprocessing/pool.py")
#: For a gradient that is to be derived by hand: names in mxnet that do it.
DIFFERENTIATION = frozenset({"backward", "grad", "record"})


class Refused(BaseException):
    """The code under test called what it is to write itself."""


class TooSlow(BaseException):
    """The code under test did not return in time."""


@dataclass(frozen=True)
class Rules:
    """What a student's code may do in one task.

    Attributes:
        seconds: the processor time for all questions of a task together.
        modules: modules of this package that it may call, by prefix; none unless given.
        operators: further names of functions in ``mxnet`` that it may not call.
        arrays: whether it may make arrays by NumPy or ``mx.np`` at all.
        normalizers: whether it may use MXNet's own.
    """

    seconds: float = 10.0
    modules: tuple[str, ...] = ()
    operators: frozenset[str] = field(default_factory=frozenset)
    arrays: bool = True
    normalizers: bool = False


#: Of MXNet's operators.
THREADS = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
#: Every operator of MXNet goes through this one.
INVOKE = _imperative_invoke.__code__
#: Where it depends on the caller, or on the arguments, whether a call is allowed.
DEPENDING = ("d2l_bn", "mxnet.gluon")
_HARMLESS: dict[Rules, set] = {}  # what these rules allow to everyone: code objects, builtins


@contextlib.contextmanager
def guarded(rules: Rules, seconds: float | None = None) -> Iterator[list[str]]:
    r"""Inside, calls that ``rules`` forbid raise :class:`Refused`; the list names them.

    The list matters because the code may catch the exception. The time limit works in the main
    thread of a process only, which is where a notebook runs its cells.

    Arguments:
        rules: what is forbidden.
        seconds: the processor time; ``rules.seconds`` unless given.

    >>> from mxnet import np
    >>> from d2l_bn.norms.moments import moments
    >>> with guarded(Rules()) as refused:
    ...     moments(np.ones((2, 3)), (0,))
    Traceback (most recent call last):
    d2l_bn.exercises.guard.Refused: d2l_bn.norms.moments.moments: write it yourself; ...
    >>> refused
    ['d2l_bn.norms.moments.moments']
    """
    refused: list[str] = []
    harmless = _HARMLESS.setdefault(rules, set())

    def watch(frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            code = frame.f_code
            if code in harmless:  # the most part: a question makes 100,000 calls
                return
            if code is INVOKE:
                handle = None if rules.normalizers else frame.f_locals.get("handle")
                name = forbidden_handle(handle)
            else:
                name = _forbidden_call(frame, rules)
                if name is None and not module_of(frame).startswith(DEPENDING):
                    harmless.add(code)
        elif event == "c_call":
            if function in harmless:
                return
            name = _forbidden_builtin(frame, function, rules)
            of = type(getattr(function, "__self__", None))
            if name is None and of in (ModuleType, type) and function is not sys.setprofile:
                harmless.add(function)
        else:
            return
        if name is not None:
            refused.append(name)
            raise Refused(f"{name}: write it yourself; the task is to do without it")

    if not rules.normalizers and _threads_of_the_notebook():
        refused.append("a thread")  # nobody watches what it calls
    before = sys.getprofile()
    with time_limit(rules.seconds if seconds is None else seconds):
        sys.setprofile(watch)
        try:
            yield refused
        finally:
            sys.setprofile(before)


def _threads_of_the_notebook() -> bool:
    """Is another thread at work that the notebook started, or that waits for its orders?"""
    for number, innermost in sys._current_frames().items():
        frame: FrameType | None = innermost
        while frame is not None and number != threading.get_ident():
            file = frame.f_code.co_filename
            if frame.f_globals.get("__name__") == "__main__" or file.endswith(POOLS):
                return True
            frame = frame.f_back
    return False


def _forbidden_call(frame: FrameType, rules: Rules) -> str | None:
    module, function = module_of(frame), frame.f_code.co_name
    called = f"{module}.{function}"
    package = module.split(".")[0]
    if package == "d2l_bn":
        if module == "d2l_bn" or function == "<module>":
            return None  # looks a name up, or imports: nothing is computed
        caller = module_of(frame.f_back) if frame.f_back else ""
        return None if _may_call(caller, module, rules) else called
    if package == "mxnet":
        if function in rules.operators or (function in OPERATORS and not rules.normalizers):
            return called
        if not rules.arrays and module.startswith("mxnet.numpy"):
            return called
        layer = frame.f_locals.get("self") if module.startswith("mxnet.gluon") else None
        if not rules.normalizers and _normalizes(layer):
            return f"{module}.{type(layer).__name__}"
        return None
    original = copied_from(frame.f_code)
    if original and not any(original.startswith(prefix) for prefix in rules.modules):
        return f"a copy of {original}"
    return called if _is_of(module, rules) else None


def _may_call(caller: str, module: str, rules: Rules) -> bool:
    """May code of the module ``caller`` call a function of this package's ``module``?"""
    if module in MACHINERY or any(module.startswith(prefix) for prefix in rules.modules):
        return True
    if not caller.startswith("d2l_bn."):
        return caller == "d2l_bn"
    if caller in MAY_CALL:
        return caller == module or module.startswith(MAY_CALL[caller])
    return not caller.startswith(EXERCISES)  # what an allowed function needs itself


def _normalizes(block: Any) -> bool:
    """Is it one of Gluon's normalizers, or a compiled network that holds one?"""
    if isinstance(block, LAYERS):
        return True
    compiled = isinstance(block, gluon.HybridBlock) and getattr(block, "_active", False)
    return compiled and any(_normalizes(child) for child in block._children.values())


def _forbidden_builtin(frame: FrameType, function: Any, rules: Rules) -> str | None:
    if function is sys.setprofile:  # takes the watch away
        return None if module_of(frame) in MACHINERY else "sys.setprofile"
    if function.__name__ in ("start_new_thread", "start_joinable_thread"):  # nobody watches there
        return "a thread"
    module = getattr(function, "__module__", None)
    if module is None:  # a method of an array
        module = type(getattr(function, "__self__", None)).__module__
    return f"{module}.{function.__name__}" if _is_of(module, rules) else None


def _is_of(module: str, rules: Rules) -> bool:
    package = module.split(".")[0]
    return package in OTHERS or (package == "numpy" and not rules.arrays)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Of processor time, since the machine may be busy; and of thirty times that by the clock.

    Time is that of one thread: MXNet's others, which mostly wait for each other and spin, have as
    much each. Inside another limit, what is left of that one counts, too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = seconds * THREADS
    processor = _timer(signal.ITIMER_PROF, signal.SIGPROF, ours, time.process_time)
    clock = _timer(signal.ITIMER_REAL, signal.SIGALRM, 30 * seconds, time.monotonic)
    with processor, clock:
        yield


@contextlib.contextmanager
def _timer(timer: int, number: int, seconds: float, clock: Callable[[], float]) -> Iterator[None]:
    outer = signal.getitimer(timer)[0]
    seconds = min(seconds, outer) if outer else seconds

    def stop(*_: Any) -> None:
        raise TooSlow(f"it had not returned after {seconds:.3g} seconds.")

    handler = signal.signal(number, stop)
    # Again each second: code that catches the first one does not get away with it.
    signal.setitimer(timer, seconds, 1.0)
    start = clock()
    try:
        yield
    finally:
        signal.setitimer(timer, 0.0)
        signal.signal(number, handler)
        if outer:  # at once if nothing is left of it
            signal.setitimer(timer, max(outer - (clock() - start), 1e-6), 1.0)
