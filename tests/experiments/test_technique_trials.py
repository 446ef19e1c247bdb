"""The search for settings, the cases of notebook 16, and the script that measures them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from d2l_bn.experiments import technique_trials
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.search import grid_points, random_points
from d2l_bn.experiments.technique_trials import PARTS, measure, small
from d2l_bn.networks.activations import ACTIVATIONS

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import run_techniques  # noqa: E402

RANGES = {"lr": (0.01, 1.0), "wd": (1e-6, 1e-2)}


def test_grid_points_are_the_middles_of_equal_parts():
    points = grid_points(RANGES, per_axis=2)
    exponents = [(-1.5, -5.0), (-1.5, -3.0), (-0.5, -5.0), (-0.5, -3.0)]
    for point, (lr, wd) in zip(points, exponents):
        assert point == {"lr": pytest.approx(10**lr), "wd": pytest.approx(10**wd)}
    assert len(points) == 4


def test_random_points_fill_the_range_evenly_in_log():
    points = random_points(RANGES, 2000, seed=3)
    for name, (low, high) in RANGES.items():
        values = sorted(point[name] for point in points)
        assert low <= values[0] and values[-1] <= high
        assert values[1000] == pytest.approx((low * high) ** 0.5, rel=0.25)
    assert points == random_points(RANGES, 2000, seed=3) != random_points(RANGES, 2000, seed=4)


@pytest.mark.parametrize("limits", [(1.0, 0.1), (0.0, 1.0), (-1.0, 1.0), (0.1, float("inf"))])
def test_ranges_that_are_none(limits):
    for look in (lambda r: grid_points(r, 2), lambda r: random_points(r, 2)):
        with pytest.raises(ValueError, match="the range of lr"):
            look({"lr": limits})


@pytest.mark.parametrize("name", PARTS)
def test_each_part_has_three_seeds_of_each_case_and_can_be_measured(name):
    part = PARTS[name]
    by_seed = {
        seed: [
            {k: v for k, v in case.items() if k != "seed"}
            for case in part.cases
            if case["seed"] == seed and case.get("strategy") != "random"
        ]
        for seed in (0, 1, 2)
    }
    assert by_seed[0] == by_seed[1] == by_seed[2] and by_seed[0]
    record = json.loads(json.dumps(measure(name, small(part.cases[-1]), data="synthetic")))
    assert record["part"] == name and record["outcome"] in ("finished", "diverged")


def test_the_network_has_the_activation_of_its_name():
    for name in ACTIVATIONS:
        net = technique_trials.lenet_with(name, "gluon")
        layers = [net._children[f"act{k}"] for k in range(1, 5)]
        assert {type(layer) for layer in layers} == {type(ACTIVATIONS[name].layer())}
        assert list(net._children)[:4] == ["conv1", "norm1", "act1", "pool1"]


def test_what_is_there_is_not_measured_again(tmp_path, monkeypatch, capsys):
    arguments = ["initialization", "--small", "--data", "synthetic", "--out", str(tmp_path / "t")]
    measured, whole = [], measure

    def counting(part, case, data):
        if len(measured) == 4:
            raise KeyboardInterrupt
        measured.append(case)
        return whole(part, case, data)

    monkeypatch.setattr(run_techniques, "measure", counting)
    assert run_techniques.main(arguments) == 130
    assert len(read_records(tmp_path / "t")) == 4
    monkeypatch.setattr(run_techniques, "measure", whole)
    assert run_techniques.main(arguments) == 0
    cases = [record["case"] for record in read_records(tmp_path / "t")]
    assert cases == [small(case) for case in PARTS["initialization"].cases]
    assert cases[:4] == measured
    assert "initialization 5 of 24" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, message", [(["activation"], "no part 'activation'"), (["--small"], "--out")]
)
def test_arguments_that_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit) as caught:
        run_techniques.main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
