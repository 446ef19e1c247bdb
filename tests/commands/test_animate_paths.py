"""scripts/animate_paths.py: GIFs of the races, and what it refuses."""

import pytest
from command_line import InProcess
from PIL import Image


@pytest.fixture
def run(monkeypatch, capsys):
    return InProcess(monkeypatch, capsys)


def test_a_race_becomes_a_gif(run, tmp_path):
    options = ["--steps", 30, "--shown", 10, "--frames", 4, "--width", 300, "--out", tmp_path]
    status, out, _ = run("animate_paths.py", "saddle", *options)
    assert status == 0 and "saddle point" in out and "AdaDelta" in out
    assert [path.name for path in tmp_path.iterdir()] == ["paths_saddle.gif"]
    with Image.open(tmp_path / "paths_saddle.gif") as image:
        assert image.n_frames == 4 and image.width == 300


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["hill"], "no surface 'hill'; expected some of quadratic, turned, valley, saddle"),
        (["beale", "--frames", "1"], "--frames must be at least 2"),
        (["beale", "--steps", "0"], "not a whole number of at least 1"),
    ],
)
def test_refusals_are_one_line(run, tmp_path, arguments, message):
    status, out, err = run("animate_paths.py", *arguments, "--out", tmp_path)
    assert status == 2 and message in err and err.count("\n") == 1 and not out
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told(run, tmp_path):
    (tmp_path / "file").write_text("")
    options = ["--steps", 5, "--frames", 2, "--width", 200, "--out", tmp_path / "file"]
    status, _, err = run("animate_paths.py", "saddle", *options)
    assert status == 1 and "animate_paths.py:" in err and "Traceback" not in err
