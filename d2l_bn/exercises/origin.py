r"""Where a function comes from: the file that it was written in, not the name that it goes by."""

from __future__ import annotations

import ctypes
import functools
import re
import sys
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

from mxnet.base import _LIB, check_call

__all__ = ["copied_from", "forbidden_handle", "module_of"]

PACKAGES = {Path(__file__).parents[1], Path(__file__).resolve().parents[1]}
LIBRARIES = ("mxnet", "numpy", "torch", "tensorflow", "keras", "jax", "flax", "sklearn", "paddle")
#: Names of MXNet's operators that normalize, gradients and this package's own included.
NORMALIZING = re.compile(r"(?i)(batch|group|instance|layer)_?norm|l2norm|^_?LRN$|d2l_?bn")
LONG = 200  # bytes of code: shorter functions may well be alike by chance


def module_of(frame: FrameType) -> str:
    r"""The module of the function that a frame runs.

    That of its file, in this package and in the libraries that matter; what was generated without
    a file, as MXNet's operators are, is of the module that it says.

    >>> module_of(sys._getframe())  # of no file: it may say what it wants
    ''
    """
    name = frame.f_globals.get("__name__")
    return _module(frame.f_code.co_filename, name if isinstance(name, str) else "")


@functools.cache
def _module(file: str, name: str) -> str:
    if file.startswith("<"):  # generated
        return "" if name.startswith("d2l_bn") else name
    path = Path(file)
    for package in PACKAGES:
        if package in path.parents:
            parts = path.relative_to(package.parent).with_suffix("").parts
            return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    parts = path.with_suffix("").parts
    for library in LIBRARIES:
        if library in parts:
            return ".".join(parts[parts.index(library) :])
    return "" if name.startswith(("d2l_bn", "mxnet")) else name


def copied_from(code: CodeType) -> str | None:
    r"""The function of this package that has the same byte code, if it is a long one.

    >>> from d2l_bn.exercises import mistakes
    >>> copied_from(mistakes.batch_norm.__code__.replace(co_filename="mine.py"))
    'd2l_bn.exercises.mistakes.batch_norm'
    """
    if len(code.co_code) < LONG:
        return None
    return _fingerprints(len(sys.modules)).get((code.co_code, code.co_names))


@functools.lru_cache(maxsize=1)
def _fingerprints(_: int) -> dict[tuple, str]:
    found = {}
    for name, module in list(sys.modules.items()):
        if not name.startswith("d2l_bn.") or name.startswith("d2l_bn.exercises.questions"):
            continue
        for value in list(vars(module).values()):
            functions = vars(value).values() if isinstance(value, type) else (value,)
            for function in functions:
                if isinstance(function, FunctionType) and function.__module__ == name:
                    code = function.__code__
                    if len(code.co_code) >= LONG and not code.co_filename.startswith("<"):
                        found[code.co_code, code.co_names] = f"{name}.{code.co_name}"
    return found


def forbidden_handle(handle: Any) -> str | None:
    r"""The name of the operator of a handle if it normalizes."""
    return _handles().get(getattr(handle, "value", handle))


@functools.lru_cache(maxsize=1)
def _handles() -> dict[int | None, str]:
    names, size = ctypes.POINTER(ctypes.c_char_p)(), ctypes.c_uint()
    check_call(_LIB.MXListAllOpNames(ctypes.byref(size), ctypes.byref(names)))
    found = {}
    for k in range(size.value):
        handle = ctypes.c_void_p()
        if NORMALIZING.search(names[k].decode()):
            check_call(_LIB.NNGetOpHandle(names[k], ctypes.byref(handle)))
            found[handle.value] = names[k].decode()
    return found
