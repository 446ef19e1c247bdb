"""The look into trained networks: what is measured, on drawn garments and tiny runs."""

from __future__ import annotations

import pytest
from command_line import InProcess

from d2l_bn.experiments.record_file import read_records

TINY = ("--data", "synthetic", "--examples", "200", "--epochs", "1", "--seeds", "3")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("inspection") / "inspection.jsonl"
    with pytest.MonkeyPatch.context() as monkeypatch:

        class Captured:
            def readouterr(self):
                return "", ""

        run = InProcess(monkeypatch, Captured())
        run("run_inspection.py", *TINY, "--out", path)
        before = path.read_bytes()
        run("run_inspection.py", *TINY, "--out", path)
    assert path.read_bytes() == before  # what is there is not run again
    return {(r["network"]["activation"], r["network"]["norm"]): r for r in read_records(path)}


def test_there_is_a_record_for_each_network(made):
    assert set(made) == {(a, n) for a in ("sigmoid", "relu") for n in (None, "gluon")}
    assert all(record["seed"] == 3 for record in made.values())


def test_gradients_of_all_layers_and_the_sigmoids_of_the_plain_network_vanish(made):
    start = {key: record["start"]["gradient_norm"] for key, record in made.items()}
    assert list(start["sigmoid", None]) == ["conv1", "conv2", "dense1", "dense2", "output"]
    ratio = {key: norms["conv1"] / norms["output"] for key, norms in start.items()}
    assert ratio["sigmoid", None] < 0.1 < ratio["sigmoid", "gluon"]


def test_a_relu_in_front_of_which_stands_a_normalizer_is_off_half_of_the_time(made):
    saturated = made["relu", "gluon"]["start"]["saturated"]
    assert all(0.4 < share < 0.6 for share in saturated.values())


def test_only_a_normalizer_has_something_to_restore_and_other_statistics(made):
    for (_, norm), record in made.items():
        assert (record["restored"] is None) == (norm is None)
        assert (record["test_accuracy_with_their_statistics"] is None) == (norm is None)
        assert list(record["test_accuracy"]) == ["as they are", "darker", "inverted", "noisy"]
