"""scripts/run_recurrent.py: a line for each network, and none twice."""

from __future__ import annotations

import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import run_recurrent  # noqa: E402

from d2l_bn.experiments.record_file import read_records  # noqa: E402
from d2l_bn.networks.row_reader import NORMS  # noqa: E402


def test_each_network_is_trained_once_and_the_scale_reaches_it(tmp_path, capsys):
    out = tmp_path / "recurrent.jsonl"
    arguments = ["--examples", "64", "--epochs", "1", "--data", "synthetic", "--out", str(out)]
    assert run_recurrent.main([*arguments, "--seeds", "1", "--scale", "1"]) == 0
    assert run_recurrent.main([*arguments, "--seeds", "1", "--scale", "1", "4"]) == 0
    assert capsys.readouterr().out.count("scale 1,") == len(NORMS)
    records = read_records(out)
    assert [r["norm"] for r in records] == [*NORMS, *NORMS]
    for small, large in zip(records, records[len(NORMS) :]):
        assert (small["scale"], large["scale"]) == (1, 4)
        if small["norm"] in (None, "weight"):  # the first loss of the others forgets the scale
            assert small["loss"] != large["loss"]
        with_averages = small["norm"] in ("batch", "batch_per_step")
        assert (small["population_test_accuracy"] is not None) == with_averages
