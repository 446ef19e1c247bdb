"""The lessons with their outputs: executed once for all languages, kept by content.

What can change an output is in the key: the code cells, the package, the results, fast or in full.
A changed sentence costs no execution, and neither does a docstring. Figures carry their Chinese
version along: a lesson is executed again when the Chinese of its pictures has changed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from d2l_bn._support.command_line import Failure

from .places import BUILD, ROOT, write

TIMEOUT = 1800  # seconds for a cell
LEFT_OUT = ("__pycache__", ".so", ".ipynb", ".pyc")  # made from what is in the key, or not read
Read = Callable[[Path], bytes]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def digest_of_files(places: Iterable[Path], read: Read = Path.read_bytes) -> str:
    """One number for the names and contents of files, and of all files under folders."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and not any(part in str(path) for part in LEFT_OUT):
                digest.update(f"{path.relative_to(place.parent).as_posix()}\0".encode())
                digest.update(hashlib.sha256(read(path)).digest())
    return digest.hexdigest()


def digest_of_package() -> str:
    """What of the package and the results can change an output."""
    return digest_of_files([ROOT / "d2l_bn", ROOT / "results"], what_runs)


def what_runs(path: Path) -> bytes:
    """A file without what only people read: comments and docstrings; catalogues come later."""
    if path.suffix == ".po":
        return b""
    if path.suffix != ".py":
        return path.read_bytes()
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return ast.dump(tree).encode()


def key(notebook: Any, package: str, fast: bool) -> str:
    """The name under which the outputs of a notebook are kept."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps([code, package, fast]).encode()).hexdigest()[:24]


def executed(notebooks: dict[str, Any], *, fast: bool, jobs: int) -> dict[str, Any]:
    """The notebooks with outputs; those that nothing has changed for come from the last time."""
    kept = BUILD / "executed"
    package = digest_of_package()
    places = {
        name: kept / f"{name}.{key(notebook, package, fast)}.json"
        for name, notebook in notebooks.items()
    }
    missing = [name for name, place in places.items() if not is_fresh(place, name)]
    if missing:
        print(f"executing {len(missing)} of {len(notebooks)} lessons", flush=True)
    with ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(_run, n, notebooks[n], places[n], fast) for n in missing]:
            try:
                future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    for old in kept.glob("*.json"):
        if old not in places.values():
            old.unlink()
    return {name: with_outputs(notebooks[name], place) for name, place in places.items()}


def is_fresh(place: Path, name: str) -> bool:
    """Whether outputs are kept, and the words in their pictures are still the catalogues'."""
    if not place.is_file():
        return False
    kept = json.loads(place.read_text(encoding="utf-8"))
    return kept["words"] == words_of_pictures(kept["outputs"], name)


def words_of_pictures(outputs: list, name: str) -> str:
    """One number for the Chinese of all that stands in the pictures of a lesson."""
    from d2l_bn.language.catalogue import catalogue
    from d2l_bn.language.translation import translated

    texts = catalogue(name)
    shown = [
        translated(text, texts, {})
        for output in (output for cell in outputs for output in cell)
        for text in output.get("metadata", {}).get("d2l_bn", {}).get("texts", ())
    ]
    return hashlib.sha256("\0".join(shown).encode()).hexdigest()[:24]


def with_outputs(notebook: Any, kept: Path) -> Any:
    """The notebook with the outputs that are kept, code cell by code cell."""
    import nbformat

    outputs = iter(json.loads(kept.read_text(encoding="utf-8"))["outputs"])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.from_dict(output) for output in next(outputs)]
            cell.execution_count = None
    return notebook


def _run(name: str, notebook: Any, place: Path, fast: bool) -> None:
    """Execute a notebook in an empty folder and keep what its cells show."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    begin = time.monotonic()
    environment = {**os.environ, "D2L_BN_FAST": str(int(fast)), "D2L_BN_LANGUAGE": "en,zh"}
    environment.setdefault("OMP_NUM_THREADS", "1")  # as many lessons at a time as there are jobs
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            resources={"metadata": {"path": folder}},
            extra_arguments=["--IPKernelApp.log_level=40"],  # no warnings of the kernel's own
        )
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            raise Failure(failure(name, notebook, error)) from None
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    for output in (output for cell in outputs for output in cell):
        if "execution_count" in output:
            output["execution_count"] = None
    kept = {"words": words_of_pictures(outputs, name), "outputs": outputs}
    write(place, json.dumps(kept, ensure_ascii=False))
    print(f"  {name}: {time.monotonic() - begin:.0f} s", flush=True)


def failure(name: str, notebook: Any, error: Any) -> str:
    """Lesson, cell and error in a few lines."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                last = COLOURS.sub("", "\n".join(output.traceback)).strip().splitlines()[-1]
                first = next(iter(cell.source.strip().splitlines()), "")
                return f"{name}, cell {number} ({first}): {last}"
    return f"{name}: {error}"
