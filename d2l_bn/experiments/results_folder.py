r"""Where the results of the course are: in a checkout, or inside an installed package."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["checkout_results", "keeps_results", "results_folder"]


def results_folder() -> Path:
    r"""The folder with the records of the studies.

    The first of: the one that the variable D2L_BN_RESULTS names, ``results/`` of this checkout, and
    the copy that an installed package has.

    Raises:
        FileNotFoundError: there is none.
    """
    for folder in _folders():
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        "no folder of results: looked for " + ", ".join(map(str, _folders())) + "; install the "
        "package from its wheel or work in a checkout, or name the folder in D2L_BN_RESULTS"
    )


def checkout_results() -> Path | None:
    """``results/`` of the checkout that this package is run from; None if it was installed."""
    root = Path(__file__).resolve().parents[2]
    return root / "results" if (root / "pyproject.toml").is_file() else None


def keeps_results(folder: str | os.PathLike) -> bool:
    """Whether ``folder`` is one that results are read from, or lies in one."""
    asked = Path(folder).expanduser().resolve()
    kept = [folder.resolve() for folder in _folders()]
    return any(folder in (asked, *asked.parents) for folder in kept)


def _folders() -> list[Path]:
    named, checkout = os.environ.get("D2L_BN_RESULTS"), checkout_results()
    if named:
        return [Path(named).expanduser()]
    packaged = Path(__file__).resolve().parents[1] / "results"
    return [checkout, packaged] if checkout else [packaged]
