"""The texts that want a translation, taken from what they stand in."""

from __future__ import annotations

import ast
import csv
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from _chinese_lessons import translations

from d2l_bn.language.catalogue import PLACEHOLDER
from d2l_bn.language.markdown import blocks, wants_translation
from d2l_bn.language.words import CHINESE, has_words

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "d2l_bn"
SENTENCE_END = re.compile(r"(?<=[.?!]) +")
TOLD = re.compile(r"Wrong|Refused|TooSlow|kind\(")  # errors whose words a student is told
# what comes before a sentence of its own
LEADING = re.compile(r"^\s*(?:· |\{[A-Z]+\}|(?:\{\w+\} )+(?=[A-Z]))")
PATTERN = re.compile(r"\\[\[(*.d]|\.\*|^\^|\w\|\w")  # a regular expression, for no reader


def markdown_cells(source: Path) -> list[str]:
    """Of a lesson; those that are the same once."""
    import jupytext

    notebook = jupytext.read(source, fmt="py:percent")
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [cell for cell in dict.fromkeys(cells) if has_words(cell)]


def page_texts(page: Path) -> list[str]:
    """The blocks of a page that have words."""
    return list(dict.fromkeys(filter(wants_translation, blocks(page.read_text(encoding="utf-8")))))


def coverage_topics() -> list[str]:
    """What the map of the course names."""
    with open(ROOT / "notebooks" / "coverage.csv", encoding="utf-8", newline="") as file:
        return unique(line["topic"] for line in csv.DictReader(file))


def prediction_texts() -> dict[str, list[str]]:
    """What lessons ask and say to answers, by the lesson; ``any`` has the sentences around it."""
    from d2l_bn.exercises import predictions

    here = PACKAGE / "exercises" / "predictions"
    files = (here / "__init__.py", here / "prediction.py", PACKAGE / "exercises" / "answers.py")
    found = {"any": [text for file in files for text in messages(file)]}
    names = {module.name for module in pkgutil.iter_modules(predictions.__path__)}
    for lesson in sorted(names - {"prediction"}):
        module = importlib.import_module(f"{predictions.__name__}.{lesson}")
        found[lesson] = [
            text
            for asked in module.PREDICTIONS.values()
            for text in (asked.what, asked.hint, *asked.reasons.values(), asked.why)
        ]
    return _first_come(found)


def court_texts() -> dict[str, list[str]]:
    """What claims say and are judged by, by their file; ``any`` has the words of verdicts."""
    from d2l_bn.experiments.claims import BENCHES
    from d2l_bn.experiments.judgement import KINDS, Verdict

    judgement = PACKAGE / "experiments" / "judgement"
    found = {
        "any": [
            *(f"**{verdict}** {verdict.chinese}" for verdict in Verdict),
            *map(str, Verdict),
            *KINDS,
            *KINDS.values(),
            *(
                t
                for name in ("judgement", "comparison")
                for t in messages(judgement / f"{name}.py")
            ),
        ]
    }
    for bench in BENCHES:
        found[bench.__name__.rpartition(".")[2]] = [
            text
            for claim in bench.CLAIMS
            for text in (
                *(claim.quote, claim.meaning, claim.topic, claim.source, claim.effect),
                *(claim.because, claim.remark, *(each.sentence for each in claim.requires)),
                *(comparison.name for comparison in claim.judge().comparisons),
            )
        ]
    return _first_come(found)


def table_texts() -> dict[str, list[str]]:
    """What tables of the book say of studies, normalizers and terms."""
    from d2l_bn.experiments.studies import find_study, study_names
    from d2l_bn.networks.normalizers import NORMALIZERS

    with open(ROOT / "notebooks" / "glossary.csv", encoding="utf-8", newline="") as file:
        notes = [line["note"] for line in csv.DictReader(file) if line["note"]]
    found = {
        "studies": [find_study(name).question for name in study_names()],
        "normalizers": [t for n in NORMALIZERS.values() for t in (n.title, n.index_set)],
        "glossary": notes,
    }
    return _first_come(found)


def _first_come(texts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Each text where it comes first, so that it is translated once."""
    seen: set[str] = set()
    made = {}
    for name, some in texts.items():
        made[name] = [text for text in unique(some) if text not in seen]
        seen.update(made[name])
    return made


def meanings() -> dict[str, str]:
    """The Chinese sentences of sources, by what they mean in English."""
    from d2l_bn.experiments.claims import court

    return {c.meaning: c.quote for c in court.values() if c.meaning and CHINESE.search(c.quote)}


def section_names() -> dict[str, str]:
    """What sections of lessons are called in Chinese, as far as they are translated."""
    names: dict[str, str] = {}
    for source in sorted((ROOT / "notebooks" / "source").glob("[0-9]*.py")):
        for english, chinese in translations(source).items():
            titles = [re.findall(r"^#+ (.+?)\s*$", text, re.M) for text in (english, chinese)]
            names.update(zip(*titles))
    return names


def message_texts() -> dict[str, list[str]]:
    """What ``d2l-bn exercise`` and ``d2l-bn check`` say to a student, by the file that says it."""
    from d2l_bn.exercises.mistakes import MISTAKES

    room = PACKAGE / "exercises"
    files = [
        *(PACKAGE / "commands" / f"{name}.py" for name in ("exercise", "check")),
        *(room / f"{name}.py" for name in ("asking", "command", "judge", "marking", "messages")),
        *(room / f"{name}.py" for name in ("remedies", "cells", "guard", "question", "small_run")),
        *sorted((room / "desk").glob("*.py")),
        *sorted((room / "questions").glob("[!_]*.py")),
        *sorted((room / "questions").glob("_[!_]*.py")),
        *sorted((ROOT / "exercises" / "hidden").glob("*.py")),  # their titles are in the feedback
    ]
    known = {text for texts in prediction_texts().values() for text in texts}
    found = {"marking": ["right", "not yet"], "mistakes": [m.reason for m in MISTAKES.values()]}
    for file in files:
        texts = [text for text in messages(file) if text not in known]
        name = "desk" if file.parent.name == "desk" else file.stem.strip("_")
        found.setdefault(name, []).extend(texts)
    return {name: texts for name, texts in _first_come(found).items() if texts}


def unique(texts: Iterable[str]) -> list[str]:
    """Those that have words, once each, in their order."""
    return [text for text in dict.fromkeys(texts) if has_words(PLACEHOLDER.sub("0", text))]


def messages(file: Path) -> list[str]:
    """Texts in a Python file that are sentences for a reader: no docstrings, keys or errors."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    titles = [call.args[1] for call in ast.walk(tree) if _adds_a_question(call)]
    found = []
    for node in strings(tree):
        text = template(node)
        if " " in text.strip() or node in titles:
            # of a template, each sentence: some are a placeholder alone
            found += SENTENCE_END.split(text) if PLACEHOLDER.search(text) else [text]
    return unique(LEADING.sub("", text).strip() for text in found if not PATTERN.search(text))


def _adds_a_question(node: ast.AST) -> bool:
    """Is it ``asked.add(task, title, …)``?"""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "asked.add"


def strings(tree: ast.AST) -> Iterator[ast.JoinedStr | ast.Constant]:
    """Literals of a program, f-strings whole; no docstrings, keys, and words of most errors."""
    for node in tree.values if isinstance(tree, ast.Dict) else ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr):
            yield node
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        elif isinstance(node, ast.Raise) and not TOLD.search(ast.unparse(node)):
            continue
        else:
            yield from strings(node)


def template(node: ast.JoinedStr | ast.Constant) -> str:
    """A literal as a msgid: ``{0}`` for what is formatted as a number, else ``{name}``.

    >>> template(ast.parse('f"{name}: {1 / 3:.2f} of {x.size:,d} {unit}{ending}"').body[0].value)
    '{name}: {0} of {1} {unit}'
    """
    if isinstance(node, ast.Constant):
        return node.value.replace("{}", "{text}")  # for str.format
    parts: list[str] = []
    names: set[str] = set()
    numbers = 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
            continue
        if parts and parts[-1].startswith("{") and parts[-1].endswith("}"):
            continue  # two next to each other are one
        spec = ast.unparse(part.format_spec) if part.format_spec else ""
        if re.search(r"[\d,.][defgn%]['\"]$|[:'\"][degfn,%]['\"]$", spec):
            parts.append(f"{{{numbers}}}" + ("%" if spec[-2] == "%" else ""))
            numbers += 1
        else:
            names.add(name := _name_of(part.value, names))
            parts.append(f"{{{name}}}")
    return "".join(parts)


def _name_of(value: ast.expr, taken: set[str]) -> str:
    """A word for what stands in a placeholder, none twice."""
    words = [
        n.attr if isinstance(n, ast.Attribute) else n.id
        for n in ast.walk(value)
        if isinstance(n, (ast.Attribute, ast.Name))
    ]
    name = re.sub(r"\W", "", words[0]).strip("_") if words else "value"
    found = name
    while found in taken:
        found += "_other"
    return found
