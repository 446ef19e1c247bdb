"""The tables in the README are what the files in results/ say."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path

import pytest
import readme_results
from _measured_table import seconds_an_epoch

from d2l_bn.experiments import load
from d2l_bn.experiments.statistics import estimate

ROOT = Path(__file__).resolve().parents[2]


def test_tables_are_up_to_date(run):
    status, _, err = run("readme_results.py", "--check")
    assert status == 0, err


@pytest.mark.parametrize("name", readme_results.READMES)
def test_a_changed_number_is_noticed(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    fields = {"lr": 1.0, "weigh_alike": "examples"}
    accuracy = estimate(load.by_seed("population", "test_accuracy_population", **fields))
    number = f"{accuracy.mean:.3f} ± {accuracy.margin:.3f}"
    assert number in text
    assert readme_results.filled(text.replace(number, "0.123 ± 0.456")) == text


def test_the_speed_is_that_of_the_better_number_of_threads():
    file = json.loads((ROOT / "results/benchmark.json").read_text(encoding="utf-8"))
    for result in file["by_threads"].values():
        slower = statistics.median(result["milliseconds_per_batch"]["PyTorch"]) * 235 / 1000
        assert seconds_an_epoch("PyTorch") <= slower


def test_both_languages_have_the_same_commands_and_links():
    """But for those that are there in two languages."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in readme_results.READMES]
    links = [set(re.findall(r"\]\(([^)]+)\)", text.replace("zh/", ""))) for text in texts]
    assert links[0] - {"README.zh-CN.md"} == links[1] - {"README.md"}
    code = [set(re.findall(r"^(?:make \w+|d2l_bn\..*|epoch .*)", t, re.MULTILINE)) for t in texts]
    assert code[0] == code[1] and len(code[0]) >= 3


def test_every_link_and_picture_is_there():
    for name in readme_results.READMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text):
            path = "".join(target)
            assert path.startswith("../../deployments") or (ROOT / path).exists(), path


def test_the_commands_stand_on_the_first_screen_and_four_screens_are_enough():
    for name in readme_results.READMES:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert lines.index("```") < 10
        assert len(lines) < 110
