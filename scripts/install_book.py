#!/usr/bin/env python3
"""Install what the book is made with, ``d2l_bn[book]``, unless it is there."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (
    "genanki",
    "jieba",
    "myst_nb",
    "sphinx_book_theme",
    "sphinx_codeautolink",
    "sphinx_design",
)


def main() -> int:
    if sys.version_info < (3, 11):
        print(
            "the book needs Python 3.11: make book PYTHON=python3.11",
            file=sys.stderr,
        )
        return 1
    if all(importlib.util.find_spec(name) for name in NEEDED):
        return 0
    print("Installing Sphinx and what the book needs besides, once", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation"]
    pins = ["--constraint", str(ROOT / "constraints/py3.11.txt")]
    return subprocess.run([*pip, *pins, "--editable", f"{ROOT}[book]"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
