"""Results of scripts that write one JSON file and go on where they were."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def finished(path: Path, config: dict, key: str) -> list[dict]:
    """What ``path`` holds under ``key``; ends the script if it is of another configuration."""
    if not path.exists():
        return []
    results = json.loads(path.read_text(encoding="utf-8"))
    if results["config"] != config:
        sys.exit(f"{path} is of another configuration, {results['config']}; delete it, or --out")
    return results[key]
