"""A machine with the usual tools on its PATH, and no Python but those that a test puts there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("sh", "make", "awk", "cat", "cksum", "dirname", "ln", "mkdir", "mv", "rm")

# A Python that fits: it answers for its version, with its path.
FAKE = """#!/bin/sh
case "$3" in *{0}*) echo "$0" ;; *) exit 1 ;; esac
"""


class Machine:
    def __init__(self, folder: Path):
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.home = folder / "home"
        self.clone = folder / "a clone"
        self.tools = self.clone / ".venv-tools"
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name in ("scripts/find_python.sh", "scripts/bring_python.sh"):
            self.copy(name)
        self.copy("d2l_bn/platform_check.py")

    def copy(self, name: str):
        (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, self.clone / name)

    def add(self, path: str | Path, script: str) -> str:
        path = self.bin / path  # an absolute path stays one
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return str(path)

    def find_python(self, *arguments):
        environment = {"PATH": str(self.bin), "HOME": str(self.home)}
        no_network = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}
        return subprocess.run(
            ["sh", str(self.clone / "scripts" / "find_python.sh"), *arguments],
            env={**environment, **no_network},
            capture_output=True,
            text=True,
        )

    def found(self):
        return self.find_python().stdout.strip()
