"""Every command line, every careless argument: one line, status 2, no file; a command, no MXNet."""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys

import pytest
from command_line import ROOT, environment

from d2l_bn import __main__ as d2l_bn_command
from d2l_bn._support import command_arguments as types
from d2l_bn._support.command_line import ArgumentParser
from d2l_bn.commands.predict import weights

# What is no such value. The current folder holds one thing, a file named "file".
NO_NUMBER = ("", "x", "nan", "-1")
BAD = {
    types.positive_int: (*NO_NUMBER, "0", "1.5"),
    types.seed_number: (*NO_NUMBER, "1.5"),
    types.positive_number: (*NO_NUMBER, "0", "inf", "1e39", "1e-60"),
    types.data_source: ("", "/nonexistent", "file"),
    types.folder_to_write: ("", "file", "file/below"),
    types.existing_file: ("", "/nonexistent", "."),
    types.host_names: ("", "a,,b"),
    weights: ("", "/nonexistent", "."),
}
MADE = {"file_to_write": ("", ".", "file/below.png"), "one_of": ("", "nonsense")}
GOOD = {"assignment": "shapes"}
FREE = {"--task", "--measure", "--student", "assignments", "words"}  # what is good is known later

# Runs each call in one Python, and tells of each: status, stdout, stderr; and what is left behind.
PROGRAM = """
import contextlib, importlib, io, json, os, sys
import d2l_bn.__main__
from d2l_bn._support.command_line import run

def call(name, arguments):
    if name.startswith("d2l-bn"):
        return d2l_bn.__main__.main(name.split()[1:] + arguments)
    module = importlib.import_module(name[:-3])
    return run(module.main, module.add_arguments, module.__doc__, arguments, prog=name)

told = []
for name, arguments in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = call(name, arguments)
    told.append([status, out.getvalue(), err.getvalue()])
print(json.dumps([told, "mxnet" in sys.modules, sorted(os.listdir())]))
"""


def parsers() -> dict[str, ArgumentParser]:
    """The parser of each command, and of each script that is no command, by name."""
    top = ArgumentParser("", prog="d2l-bn")
    d2l_bn_command.add_arguments(top)
    (choice,) = [a for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    found = {f"d2l-bn {name}": parser for name, parser in choice.choices.items()}
    for path in sorted((ROOT / "scripts").glob("*.py")):
        if "\ndef add_arguments" in path.read_text(encoding="utf-8"):
            found[path.name] = ArgumentParser("", prog=path.name)
            importlib.import_module(path.stem).add_arguments(found[path.name])
    return found


def bad_values(action: argparse.Action) -> tuple[str, ...]:
    if action.choices is not None:
        return ("", "nonsense")
    maker = getattr(action.type, "__qualname__", "").partition(".")[0]
    if maker in MADE:
        return MADE[maker]
    name = (action.option_strings or [action.dest])[-1]
    assert name in FREE or action.type in BAD, f"{name}: expected a type of command_arguments"
    return BAD.get(action.type, ())


def careless_calls(name: str, parser: ArgumentParser) -> list[tuple[str, list[str]]]:
    calls = [[f"--{'x' * 30}"], ["--out\nbroken"]]
    before: list[str] = []  # good values of the arguments that stand before one without a name
    for action in parser._actions:
        if action.nargs == 0 or action.help == argparse.SUPPRESS:  # between processes of ours
            continue
        if action.option_strings:
            option = action.option_strings[-1]
            values = [[option, value] for value in bad_values(action)]
            calls += values + ([] if action.nargs == "*" else [[option]])
        else:
            calls += [[*before, value] for value in bad_values(action)]
            if action.nargs is None:
                before.append(GOOD.get(action.dest, "file"))
                calls.append(before[:-1])
    return [(name, call) for call in calls]


def tell(calls: list, folder) -> list[list]:
    (folder / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(calls),
        env={**environment(), "PYTHONPATH": str(ROOT / "scripts"), "PYTHONWARNINGS": "ignore"},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told, loaded_mxnet, left = json.loads(done.stdout)
    if all(name.startswith("d2l-bn") for name, _ in calls):  # and so answers at once
        assert not loaded_mxnet
    assert left == ["file"]
    return told


@pytest.mark.parametrize("kind, least", [("commands", 100), ("scripts", 30)])
def test_careless_arguments(kind, least, tmp_path):
    calls = [
        call
        for name, parser in parsers().items()
        if name.endswith(".py") == (kind == "scripts")
        for call in careless_calls(name, parser)
    ]
    if kind == "commands":
        calls += [("d2l-bn", []), ("d2l-bn", ["nonsense"]), ("d2l-bn", [""])]
    assert len(calls) >= least
    for (name, call), (status, out, err) in zip(calls, tell(calls, tmp_path)):
        assert (status, out, err.count("\n")) == (2, "", 1), (name, call, status, out, err)
        assert err.startswith((f"{name}: ", "d2l-bn: unrecognized")), (name, call, err)


def test_help(tmp_path):
    names = ["d2l-bn", *parsers()]
    assert len(names) >= 10
    for name, (status, out, err) in zip(names, tell([(n, ["--help"]) for n in names], tmp_path)):
        assert (status, err) == (0, ""), (name, err)
        assert out.startswith(f"usage: {name} [-h]")


@pytest.mark.parametrize(
    "name, call, message",
    [
        ("d2l-bn train", ["--lr", "1e39"], "'1e39' is not a finite number above 0 (in float32)"),
        ("d2l-bn train", ["--statistics", "batch"], "invalid choice: 'batch'"),
        ("d2l-bn train", ["--out", "file/a"], "'file' is no folder"),
        ("d2l-bn train", ["--data", "nowhere"], "neither 'auto', 'synthetic', nor a folder"),
        ("d2l-bn predict", [], "there is no out/lenet_bn/lenet.params: train first"),
        ("d2l-bn check", ["shapes", "lost.ipynb"], "there is no file 'lost.ipynb'"),
        ("d2l-bn nonsense", [], "choose from"),
    ],
)
def test_the_line_says_what_to_do(name, call, message, tmp_path):
    ((status, _, err),) = tell([(name, call)], tmp_path)
    assert status == 2 and message in err
