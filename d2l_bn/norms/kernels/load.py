r"""Find the library that was built for these sources and this processor, and let MXNet load it.

``mx.library.load`` would do, but makes all of MXNet's 1,500 Python functions anew; here only the
five that are new are made, which takes two milliseconds. Nothing is ever built here.
"""

from __future__ import annotations

import ctypes
import functools
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mxnet as mx
from mxnet.base import _LIB, MXNetError, OpHandle, c_str, check_call
from mxnet.ndarray.register import _make_ndarray_function
from mxnet.symbol.register import _make_symbol_function

from d2l_bn.norms.kernels.library import best_first, digest, folder, not_to_be_trusted

__all__ = ["Operator", "Operators", "available", "in_graphs", "operators", "status", "try_library"]

PREFIX = "_npx_d2l_bn_"  # names that begin with _npx_ take and give mx.np arrays


@dataclass(frozen=True)
class Operator:
    """One operator: a function of arrays and, for compiled graphs, one of symbols."""

    of_arrays: Callable[..., Any]
    of_symbols: Callable[..., Any]

    def __call__(self, *inputs: Any, **attributes: Any) -> Any:
        symbolic = isinstance(inputs[0], mx.symbol.Symbol)
        return (self.of_symbols if symbolic else self.of_arrays)(*inputs, **attributes)


@dataclass(frozen=True)
class Operators:
    """What the library brings, and for which processors it was built."""

    batch_norm: Operator
    group_norm: Operator
    max_pool: Operator
    average_pool: Operator
    convolution: Operator
    variant: str


def available() -> bool:
    """True if the operators can be used in this process."""
    return operators() is not None


def in_graphs() -> bool:
    r"""True if they can be part of a compiled graph wherever that may run: not where GPUs are.

    Of an array one sees where it is, of a symbol not.
    """
    return available() and mx.context.num_gpus() == 0


def status() -> str:
    """What computes here, for a line in a results file."""
    loaded = operators()
    if loaded is not None:
        return f"own operators ({loaded.variant})"
    return "arrays (D2L_BN_KERNELS=0)" if _switched_off() else "arrays (operators not built)"


@functools.cache
def operators() -> Operators | None:
    """The loaded operators, or None: switched off, not built, or not loadable."""
    if _switched_off():
        return None
    for variant in best_first():
        for path in sorted(folder().glob(f"{digest()}-*-{variant}.so")):
            try:
                _check_owner(path)
                return _load(path, variant)
            except (MXNetError, OSError) as error:
                reason = str(error).strip().splitlines()[-1]
                warnings.warn(
                    f"{path.name} cannot be loaded ({reason}); array operations take its place. "
                    "Build it anew: python -m d2l_bn.norms.kernels.build",
                    stacklevel=2,
                )
    return None


def try_library(path: str | os.PathLike) -> None:
    """Load a library and have it normalize two numbers; for a process of its own."""
    one, zero = mx.np.ones((1, 1)), mx.np.zeros((1, 1))
    X = mx.np.array([[1.0], [3.0]])
    operator = _load(Path(path), "tried").batch_norm
    Y, *_ = operator(X, one, zero, zero, one, zero, eps=1e-12, momentum=0.9)
    if mx.np.abs(Y - X + 2).max().item() > 1e-6:
        raise RuntimeError(f"1 and 3 were normalized to {Y.reshape(-1).tolist()}")


def _check_owner(path: Path) -> None:
    if reason := not_to_be_trusted(path.parent) or not_to_be_trusted(path):
        raise PermissionError(
            f"{reason}; remove it, or choose a folder of your own with D2L_BN_CACHE"
        )


def _switched_off() -> bool:
    return os.environ.get("D2L_BN_KERNELS", "1").strip().lower() in ("0", "no", "off", "false")


def _load(path: Path, variant: str) -> Operators:
    check_call(_LIB.MXLoadLib(c_str(str(path.resolve())), 0))
    names = ("batch_norm", "group_norm", "max_pool", "average_pool", "convolution")
    found = {name: _operator(PREFIX + name) for name in names}
    return Operators(**found, variant=variant)


def _operator(name: str) -> Operator:
    handle = OpHandle()
    check_call(_LIB.NNGetOpHandle(c_str(name), ctypes.byref(handle)))
    function = name[len("_npx_") :]
    return Operator(
        _make_ndarray_function(handle, name, function),
        _make_symbol_function(handle, name, function),
    )
