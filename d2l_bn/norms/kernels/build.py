r"""From the C++ sources to a library that MXNet loads: ``python -m d2l_bn.norms.kernels.build``.

``make setup`` calls it. It needs a C++ compiler (the variable ``CXX``, or c++, g++, clang++) and
some ten seconds, no network and no root; MXNet's wheel brings the rest. What was built before is
not built again, unless the sources, the compiler or MXNet have changed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mxnet as mx

from d2l_bn.norms.kernels.library import (
    FLAGS,
    GCC_FLAGS,
    SOURCES,
    VARIANTS,
    best_first,
    digest,
    folder,
    not_to_be_trusted,
)

__all__ = ["BuildError", "build", "compiler", "uses_threads"]

LOST = "everything runs without them, with the same results, and training takes up to twice as long"


class BuildError(RuntimeError):
    """No compiler, or one that failed; the message has its words."""


def compiler() -> list[str] | None:
    """The command of a C++ compiler, if there is one."""
    chosen = shlex.split(os.environ.get("CXX", ""))
    names = [chosen] if chosen else [["c++"], ["g++"], ["clang++"]]
    return next((name for name in names if shutil.which(name[0])), None)


def uses_threads() -> bool:
    """True if the compiler is GCC, whose OpenMP is the one that MXNet brings."""
    command = compiler()
    return command is not None and "Free Software Foundation" in _output([*command, "--version"])


def build() -> list[Path]:
    r"""Compile what is not there yet, and see that it loads and computes.

    Returns:
        The libraries, one for each variant that this machine can use.

    Raises:
        BuildError: no compiler, an error of the compiler, or a library that does not work.
    """
    command = compiler()
    if command is None:
        raise BuildError("no C++ compiler found (c++, g++, clang++, or the variable CXX)")
    version = _output([*command, "--version"])
    target = folder()
    variants = VARIANTS if "avx2" in best_first() else {"any": VARIANTS["any"]}
    made = {v: target / f"{digest()}-{digest(version)}-{v}.so" for v in variants}
    target.mkdir(mode=0o755, parents=True, exist_ok=True)
    if reason := not_to_be_trusted(target):  # else a library there could be of anybody's making
        raise BuildError(f"{reason}; choose a folder of your own with D2L_BN_CACHE")
    if all(path.exists() for path in made.values()):
        return list(made.values())
    with tempfile.TemporaryDirectory(dir=target) as temporary:
        interface = Path(temporary, "lib_api.o")
        mxnet = Path(mx.__file__).parent
        include = ["-isystem", str(mxnet / "include")]
        # MXNet's side of the interface runs once: not worth the time of an optimizing compiler.
        _output([*command, *FLAGS, "-O1", *include, "-c", str(mxnet / "src/lib_api.cc")]
                + ["-o", str(interface)])  # fmt: skip
        shared = GCC_FLAGS if uses_threads() else ()
        sources = [str(source) for source in sorted(SOURCES.glob("*.cc"))]
        for variant, path in made.items():
            library = Path(temporary, path.name)
            flags = [*FLAGS, *shared, *VARIANTS[variant], *include]
            _output([*command, *flags, "-shared", *sources, str(interface), "-o", str(library)])
            _try(library)
        for path in made.values():  # whole or not at all, also for another process
            os.replace(Path(temporary, path.name), path)
    return list(made.values())


def _try(library: Path) -> None:
    """Load it in another process, which may crash, and normalize 1 and 3 to -1 and 1."""
    code = (
        "import sys; from mxnet import npx; npx.set_np()\n"
        "from d2l_bn.norms.kernels import load; load.try_library(sys.argv[1])"
    )
    environment = {**os.environ, "D2L_BN_KERNELS": "0"}  # not the one that was there before
    package = str(SOURCES.parents[2])
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    _output([sys.executable, "-c", code, str(library)], {**environment, "PYTHONPATH": path})


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    except OSError as error:
        raise BuildError(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        shown = next(
            (word for word in words if "error" in word.lower()), words[-1] if words else ""
        )
        raise BuildError(f"{Path(command[0]).name} ended with {done.returncode}: {shown}")
    return done.stdout


def main() -> int:
    """Build and say in one line what came of it; without a compiler that is no failure."""
    try:
        made = build()
    except (BuildError, OSError) as error:
        print(f"Own operators not built: {error}. {LOST[0].upper()}{LOST[1:]}.", file=sys.stderr)
        return 0
    print(f"Own operators: {made[0].parent}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
