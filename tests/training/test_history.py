"""The record of a training run: kept as JSON, read back, compared, taken apart in columns."""

from __future__ import annotations

import dataclasses
import json

import pytest

from d2l_bn import History
from d2l_bn.training.history import Epoch


def epoch(number, **changes):
    record = Epoch(number, 0.7 / number, 0.75, 0.79, seconds=3.6, examples_per_second=16667.0)
    return dataclasses.replace(record, **changes)


@pytest.fixture
def history():
    config = {"lr": 1.0, "batch_size": 256, "norm": "batch", "limit": None}
    return History(config, {"mxnet": "1.9.1"}, [epoch(1), epoch(2, test_accuracy_moving=None)])


def test_what_is_loaded_is_what_was_saved(history, tmp_path):
    path = tmp_path / "folder" / "metrics.json"
    history.save(path)
    loaded = History.load(path)
    assert loaded == history
    assert loaded.environment == history.environment
    assert loaded["seconds"] == [3.6, 3.6]  # not part of ==
    assert loaded["test_accuracy"] == [0.79, None]


def test_the_file_is_plain_json_with_a_record_for_each_epoch(history, tmp_path):
    history.save(tmp_path / "metrics.json")
    saved = json.loads((tmp_path / "metrics.json").read_text())
    assert set(saved) == {"config", "environment", "epochs", "best_epoch", "stopped_early"}
    assert saved["config"]["lr"] == 1.0
    assert saved["epochs"][1] == {
        "number": 2,
        "loss": 0.35,
        "train_accuracy": 0.75,
        "test_accuracy_moving": None,
        "test_accuracy_population": None,
        "validation_accuracy": None,
        "seconds": 3.6,
        "examples_per_second": 16667.0,
    }


def test_numbers_come_back_bit_for_bit(tmp_path):
    third = History({}, {}, [epoch(1, loss=1 / 3, train_accuracy=0.1 + 0.2)])
    third.save(tmp_path / "h")
    assert History.load(tmp_path / "h").last.loss == 1 / 3
    assert History.load(tmp_path / "h").last.train_accuracy == 0.1 + 0.2


def test_two_runs_are_equal_if_they_did_the_same_however_long_it_took(history):
    twin = History.from_dict(history.to_dict())
    twin.environment = {"mxnet": "another"}
    twin.epochs[0] = epoch(1, seconds=99.0, examples_per_second=1.0)
    assert twin == history
    for changes in ({"loss": 0.1}, {"train_accuracy": 0.1}, {"test_accuracy_moving": 0.1}):
        other = History.from_dict(history.to_dict())
        other.epochs[0] = epoch(1, **changes)
        assert other != history
    assert History({**history.config, "lr": 0.9}, {}, history.epochs) != history


def test_a_copy_does_not_share_its_epochs(history):
    copy = History.from_dict(history.to_dict())
    copy.epochs.append(epoch(3))
    copy.config["lr"] = 2.0
    assert len(history) == 2
    assert history.config["lr"] == 1.0


def test_columns(history):
    assert history["loss"] == [0.7, 0.35]
    assert history["number"] == [1, 2]
    assert len(history) == 2
    assert history.last.number == 2
    with pytest.raises(KeyError, match="no column 'accuracy' in a history; expected one of number"):
        history["accuracy"]
    with pytest.raises(IndexError, match="no finished epoch"):
        _ = History().last


def test_an_epoch_prints_in_the_chapters_form():
    assert str(epoch(1)) == "epoch 1, loss 0.7000, train acc 0.750, test acc 0.790, time 3.6 sec"
    assert "test" not in str(epoch(1, test_accuracy_moving=None))


def test_the_accuracy_is_that_by_the_statistics_that_training_leaves(tmp_path):
    both = epoch(1, test_accuracy_population=0.827)
    assert "test acc 0.827 (moving average 0.790)" in str(both)
    history = History(epochs=[both, epoch(2)])
    assert history["test_accuracy"] == [0.827, 0.79]
    assert history["test_accuracy_moving"] == [0.79, 0.79]
    history.save(tmp_path / "h.json")
    assert History.load(tmp_path / "h.json") == history


def test_keys_that_are_new_in_a_file_are_ignored(history, tmp_path):
    more = {**history.to_dict(), "weights": {"sha256": "abc"}}
    (tmp_path / "m.json").write_text(json.dumps(more))
    assert History.load(tmp_path / "m.json") == history


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "Expecting value"),
        (b'{"config": {}', "Expecting"),
        (b"\xff\xfe\x00", "can't decode"),
        (b"[]", "not a saved history"),
        (b"3", "not a saved history"),
        (b'{"epochs": []}', "it has no 'config'"),
        (b'{"config": {}}', "it has no 'epochs'"),
        (b'{"config": {}, "epochs": 3}', "not a saved history"),
        (b'{"config": {}, "epochs": [{"number": 1}]}', "missing"),
        (b'{"config": {}, "epochs": [{"accuracy": 1}]}', "accuracy"),
    ],
)
def test_another_file_is_refused_by_name(content, message, tmp_path):
    path = tmp_path / "metrics.json"
    path.write_bytes(content)
    with pytest.raises(ValueError) as caught:
        History.load(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_history_that_json_cannot_hold_leaves_the_old_file(history, tmp_path):
    history.save(tmp_path / "metrics.json")
    with pytest.raises(TypeError):
        History({"net": object()}).save(tmp_path / "metrics.json")
    assert History.load(tmp_path / "metrics.json") == history
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]
