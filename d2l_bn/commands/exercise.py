r"""Get the notebook of an exercise, to fill in: `d2l-bn exercise batchnorm`.

Without a name, the exercises are listed. `d2l-bn check batchnorm batchnorm.ipynb` says what is
right. `--language zh` writes the Chinese one; a file .d2l_bn_language beside it, with the word zh,
tells the checks to speak Chinese, too.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from d2l_bn._support.command_arguments import file_to_write, one_of
from d2l_bn._support.command_line import ArgumentParser, UsageError
from d2l_bn.exercises.questions import assignments
from d2l_bn.language import LANGUAGES, language, translated
from d2l_bn.language.choice import MARKER

BLANK = Path(__file__).resolve().parent.parent / "exercises" / "blank"
TIME = re.compile(r"(?:Time:\*\*|用时\*\*：)\s*([^.。]*)")


def blank_notebook(name: str, text_in: str) -> Path:
    """The notebook of an exercise to fill in, in a language."""
    folder = BLANK if text_in == "en" else BLANK / text_in
    return folder / f"{name}.ipynb"


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    names = assignments()
    add("name", nargs="?", type=one_of(names), metavar="EXERCISE", help=", ".join(names))
    add("--out", type=file_to_write(".ipynb"), help="the notebook to write; of the exercise's name")
    add("--language", choices=LANGUAGES, help="of its text; else that of D2L_BN_LANGUAGE, or en")


def main(options: argparse.Namespace) -> None:
    """Write one, or list all; never over a file that is there."""
    text_in = options.language or language()
    if options.name is None:
        for title, name, time in sorted(_described(name, text_in) for name in assignments()):
            print(f"{name:<12} {title} ({time})")
        return
    path = options.out or Path(f"{options.name}.ipynb")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(blank_notebook(options.name, text_in).read_text(encoding="utf-8"))
    except FileExistsError:
        raise UsageError(
            f"{path} is there, perhaps with answers: give another name, --out"
        ) from None
    _mark(path.parent, text_in)
    said = f"{path}: open it in Jupyter; d2l-bn check {options.name} {path} says what is right."
    print(translated(said) if text_in == "zh" else said)


def _mark(folder: Path, text_in: str) -> None:
    """Let the checks in a folder speak a language, unless they do or another one was chosen."""
    if text_in != language() and not (folder / MARKER).exists():
        (folder / MARKER).write_text(f"{text_in}\n", encoding="utf-8")


def _described(name: str, text_in: str) -> tuple[str, str, str]:
    """The title of an exercise, its name, and how long it takes: as its first cell says."""
    cells = json.loads(blank_notebook(name, text_in).read_text(encoding="utf-8"))["cells"]
    text = "".join(cells[0]["source"])
    (title,), (time,) = re.findall(r"\A# (.*)", text), TIME.findall(text)
    return title, name, time
