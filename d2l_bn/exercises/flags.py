r"""What an instructor may want to look at in a notebook: code that reaches around the checks.

    python -m d2l_bn.exercises.flags submission.ipynb

A flag is no verdict. Each of these things has an honest use; none is needed for an exercise.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Flag", "flags"]

MODULES = {
    "threads or other processes": ("threading", "_thread", "concurrent", "multiprocessing",
                                   "subprocess", "asyncio", "signal", "socket"),
    "the interpreter": ("sys", "gc", "inspect", "ctypes", "types", "dis", "builtins", "importlib",
                        "runpy", "code", "linecache", "marshal", "pickle"),
    "other libraries": ("torch", "tensorflow", "keras", "jax", "sklearn", "scipy"),
}  # fmt: skip
OPEN = ("check", "bug_zoo", "small_run")  # of d2l_bn.exercises
NAMES = {
    "exec": "runs text", "eval": "runs text", "compile": "runs text", "__import__": "runs text",
    "open": "opens files", "read_text": "opens files", "read_bytes": "opens files",
    "get_ipython": "talks to the notebook's machinery",
    "globals": "reads or changes names", "locals": "reads or changes names",
    "vars": "reads or changes names",
    "_imperative_invoke": "calls a raw operator", "load_json": "loads a graph of operators",
    "setprofile": "reaches for the interpreter", "settrace": "reaches for the interpreter",
}  # fmt: skip
HIDDEN_NAMES = {
    "__closure__", "__code__", "__globals__", "__dict__", "__builtins__", "__self__",
    "__wrapped__", "f_back", "f_locals", "f_globals", "tb_frame", "tb_next", "cell_contents",
    "__subclasses__", "__func__", "co_consts",
}  # fmt: skip


class Flag(NamedTuple):
    """Where (the number of the code cell, the line in it) and what."""

    cell: int
    line: int
    what: str

    def __str__(self) -> str:
        return f"cell {self.cell}, line {self.line}: {self.what}"


def flags(cells: Iterable[str]) -> list[Flag]:
    r"""The flags of a notebook's code cells, which are counted from 1.

    >>> [str(flag) for flag in flags(["import threading", "f = g.__closure__[0].cell_contents"])]
    ['cell 1, line 1: threads or other processes (threading)', 'cell 2, line 1: __closure__',
     'cell 2, line 1: cell_contents']
    """
    found = []
    for number, source in enumerate(cells, start=1):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue  # its check says so
        found += sorted({Flag(number, *flag) for node in ast.walk(tree) for flag in _of(node)})
    return found


def _of(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _module(node.lineno, alias.name, alias.name.split(".")[-1])
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield from _module(node.lineno, node.module or "", alias.name)
    elif isinstance(node, ast.Attribute) and node.attr in HIDDEN_NAMES:
        yield node.lineno, node.attr
    elif isinstance(node, (ast.Attribute, ast.Name)):
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name in NAMES and not (name == "globals" and isinstance(node, ast.Attribute)):
            yield node.lineno, f"{NAMES[name]} ({name})"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if any(part in node.value for part in ("exercises/", "D2L_BN_", "gradebook", "/proc/")):
            yield node.lineno, "names a file or a setting of the grading"
    targets = node.targets if isinstance(node, ast.Assign) else []
    for target in targets:
        if isinstance(target, ast.Attribute) and not _is_own(target.value):
            yield target.lineno, f"assigns to {ast.unparse(target)}"


def _is_own(value: ast.expr) -> bool:
    """``self.x = …`` and ``layer.weight.x = …`` of a name in small letters, as honest code does."""
    while isinstance(value, (ast.Attribute, ast.Subscript, ast.Call)):
        value = value.func if isinstance(value, ast.Call) else value.value
    modules = ("np", "npx", "numpy", "mxnet", "d2l_bn", "autograd", "nn", "gluon", "math", "mx")
    return isinstance(value, ast.Name) and value.id not in modules


def _module(line: int, module: str, name: str) -> Iterator[tuple[int, str]]:
    for what, modules in MODULES.items():
        if module.split(".")[0] in modules:
            yield line, f"{what} ({module})"
    within = module.split(".")
    if within[:2] == ["d2l_bn", "exercises"] and not {*within[2:], name} & set(OPEN):
        yield line, f"the checks themselves ({module}.{name})"
    if within[:2] in (["d2l_bn", "norms"], ["mxnet", "_ctypes"]):
        yield line, f"a normalizer, or the way to raw operators ({module})"


def main(arguments: list[str]) -> int:
    """Print the flags of files; 1 if there are any."""
    from d2l_bn.exercises.cells import code_cells

    found = [(name, flag) for name in arguments for flag in flags(code_cells(Path(name)))]
    for name, flag in found:
        print(f"{name}: {flag}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
