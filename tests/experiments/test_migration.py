"""The records of before, rewritten, are those of results/, byte for byte."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "c4b5b60"


def test_the_records_of_before_give_those_of_now(tmp_path):
    old = subprocess.run(["git", "archive", BEFORE, "results"], cwd=ROOT, capture_output=True)
    if old.returncode != 0:
        pytest.skip("needs the history of the repository")
    tarfile.open(fileobj=io.BytesIO(old.stdout)).extractall(tmp_path)
    (tmp_path / "new").mkdir()
    script = ROOT / "scripts" / "migrate_results.py"
    folders = [tmp_path / "results", tmp_path / "new"]
    subprocess.run([sys.executable, script, *folders], check=True)
    made = sorted((tmp_path / "new").iterdir())
    assert len(made) == 22
    for path in made:
        assert path.read_bytes() == (ROOT / "results" / path.name).read_bytes(), path.name
