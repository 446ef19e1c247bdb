"""A bad argument of scripts/train_lenet_bn.py is one line and status 2, before anything is done."""

from __future__ import annotations

import pytest
from command_line import InProcess

NAME = "train_lenet_bn.py"


@pytest.fixture
def run(monkeypatch, capsys):
    return InProcess(monkeypatch, capsys)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--norm", "bacth"], "argument --norm: invalid choice: 'bacth'"),
        (["--epochs", "0"], "argument --epochs: '0' is not a whole number of at least 1"),
        (["--epochs", "2.5"], "'2.5' is not a whole number"),
        (["--batch-size", "-1"], "argument --batch-size: '-1' is not"),
        (["--lr", "0"], "argument --lr: '0' is not a finite number above 0"),
        (["--lr", "nan"], "argument --lr: 'nan' is not"),
        (["--lr", "inf"], "argument --lr: 'inf' is not"),
        (["--seed", "-1"], "argument --seed: '-1' is not a whole number of at least 0"),
        (["--limit", "all"], "argument --limit: 'all' is not"),
        (["--context", "tpu"], "argument --context: invalid choice"),
        (["--context", "gpu"], "--context gpu: this MXNet sees no GPU"),
        (
            ["--data", "nowhere"],
            "argument --data: 'nowhere' is neither 'auto', 'synthetic', nor a folder",
        ),
        (["--out", __file__], f"argument --out: '{__file__}' is no folder"),
        (["--out", f"{__file__}/x"], f"argument --out: '{__file__}' is no folder"),
        (["--statistics", "best"], "argument --statistics: invalid choice"),
        (["--epoch"], "expected one argument"),
        (["--speed", "9"], "unrecognized arguments: --speed 9"),
        (["synthetic"], "unrecognized arguments: synthetic"),
    ],
)
def test_a_bad_argument_is_one_line_and_status_2(arguments, message, run, tmp_path):
    out = [] if "--out" in arguments else ["--out", tmp_path]
    status, stdout, err = run(NAME, *out, *arguments)
    assert status == 2
    assert stdout == ""
    assert err.startswith(f"{NAME}: ")
    assert message in err
    assert err.count("\n") == 1
