"""scripts/run_last_batch.py: three tests an epoch, a run for each seed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from mxnet import np
from mxnet.gluon import Trainer, nn

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import run_last_batch  # noqa: E402


@pytest.fixture
def arguments(tmp_path):
    small = ["--epochs", "1", "--data", "synthetic", "--limit", "300"]
    return [*small, "--out", str(tmp_path / "last_batch.json")]


def test_the_divisor_sets_the_length_of_a_step():
    X, y = np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([0, 1])
    moves = []
    for divisor in (2, 8):
        net = nn.Dense(2)
        net.initialize(force_reinit=True)
        net(X)
        net.weight.set_data(np.zeros((2, 2)))
        trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
        run_last_batch.step(net, trainer, X, y, divisor)
        moves.append(net.weight.data())
    assert np.abs(moves[0]).max() > 0.1
    assert np.allclose(moves[0], 4 * moves[1])


def test_a_seed_is_run_once_and_both_steps_start_from_the_same_weights(arguments, capsys):
    out = Path(arguments[-1])
    assert run_last_batch.main([*arguments, "--seeds", "3"]) == 0
    assert run_last_batch.main([*arguments, "--seeds", "3", "4"]) == 0
    assert capsys.readouterr().out.count("seed 3") == 1
    runs = json.loads(out.read_text())["runs"]
    assert [run["seed"] for run in runs] == [3, 4]
    (record,) = runs[0]["epochs"]
    assert record["images"] == 300 - 256

    # with the divisor that the chapter takes set to the batch's own size, the two agree
    run_last_batch.BATCH_SIZE, usual = 300, run_last_batch.BATCH_SIZE
    try:
        other = [*arguments[:-1], str(out.with_name("b.json")), "--seeds", "3"]
        assert run_last_batch.main(other) == 0
    finally:
        run_last_batch.BATCH_SIZE = usual
    (record,) = json.loads(out.with_name("b.json").read_text())["runs"][0]["epochs"]
    assert record["divided_by_256"] == record["divided_by_its_size"]


def test_a_file_of_other_settings_is_refused(arguments, capsys):
    assert run_last_batch.main([*arguments, "--seeds", "3"]) == 0
    before = Path(arguments[-1]).read_bytes()
    assert run_last_batch.main([*arguments, "--seeds", "3", "--epochs", "2"]) == 1
    assert "other settings" in capsys.readouterr().err
    assert Path(arguments[-1]).read_bytes() == before
