"""Files of records: one writer, the environment of each record, no damage passed over."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from d2l_bn.experiments.record_file import RecordFile, read_records


def _open(path):
    with RecordFile(path, {}):
        pass


def test_two_processes_do_not_write_one_file(tmp_path):
    path = tmp_path / "r.jsonl"
    with RecordFile(path, {}) as records:
        records.append({"a": 1})
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            with pytest.raises(BlockingIOError, match="is being written by another process"):
                pool.apply(_open, (os.fspath(path),))
        records.append({"a": 2})
    assert [record["a"] for record in read_records(path)] == [1, 2]


def test_each_record_knows_its_environment(tmp_path):
    path = tmp_path / "r.jsonl"
    for environment in ({"python": "3.10"}, {"python": "3.10"}, {"python": "3.11"}):
        with RecordFile(path, environment) as records:
            records.append({"accuracy": 0.5})
    assert [record["environment"]["python"] for record in read_records(path)] == [
        *("3.10", "3.10", "3.11")
    ]
    assert len(path.read_text().splitlines()) == 5  # an environment is written where it changes


@pytest.mark.parametrize("line", ["[1, 2]", "{", "\x00", "3"])
def test_a_damaged_line_is_named_and_the_file_left_alone(tmp_path, line):
    path = tmp_path / "r.jsonl"
    path.write_text(f'{{"a": 1}}\n{line}\n{{"a": 2}}\n')
    before = path.read_bytes()
    with pytest.raises(ValueError, match="r.jsonl, line 2: not a record"):
        _open(path)
    assert path.read_bytes() == before


def test_half_a_line_is_work_to_do_again(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text('{"a": 1}\n{"a": ')
    with RecordFile(path, {}) as records:
        records.append({"a": 2})
    assert [record["a"] for record in read_records(path)] == [1, 2]
    assert read_records(tmp_path / "none.jsonl") == []
