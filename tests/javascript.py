"""The JavaScript of the figures, called from Python: node computes, the test compares."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from d2l_bn.figures.explorables.folder import HERE

CALL = """
const [path, calls] = JSON.parse(require("fs").readFileSync(0));
import(path).then((module) => {
  const results = calls.map(([name, args]) => module[name](...args) ?? null);
  console.log(JSON.stringify(results));
});
"""


def call(module: str, *calls: tuple[str, Any]) -> list[Any]:
    """What functions of a module give: ``call("lagging_average/math.js", ("below", 0.5), ...)``.

    Each call is the function's name and its arguments. Skips the test where node is missing.
    """
    if shutil.which("node") is None:
        pytest.skip("no node on this machine (Debian: apt install nodejs)")
    path = Path(HERE, module).as_uri()
    given = json.dumps([path, [(name, args) for name, *args in calls]])
    done = subprocess.run(["node", "-e", CALL], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
