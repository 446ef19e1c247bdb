"""What lessons say in English while they run: figures, tables, printed lines."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

from _catalogue_texts import PACKAGE, ROOT, strings, template

from d2l_bn.language.catalogue import NUMBER, PLACEHOLDER, Catalogue, pattern
from d2l_bn.language.notebook import chinese_outputs
from d2l_bn.language.translation import LABEL, translated
from d2l_bn.language.words import WORD, has_words

SHARE, LEAST = 0.3, 6  # of a text's letters that must be a template's own; in all
FREE_NUMBER = re.compile(rf"(?<![\w.,}}]){NUMBER}(?![\w]|[.,]\d)")
MARKS = re.compile(r"^[\s✓✗≈·]+|(?: \(n = \d+\))?[\s✓✗≈·]*$|(?<=[✓✗≈]) *\?$")


def record(stems: list[str], known: list[str]) -> dict[str, list[str]]:
    """Run lessons on small data: the texts that no catalogue has, by the catalogue to put them in.

    What more than one lesson says goes into ``common``, the rest into ``outputs/STEM``.
    """
    said = {stem: texts_of(executed(stem)) for stem in stems}
    package = [t for file in sorted(PACKAGE.rglob("*.py")) for t in templates(file)]
    where: dict[str, list[str]] = {}
    for stem, texts in said.items():
        found = [*package, *templates(ROOT / "notebooks" / "source" / f"{stem}.py")]
        for text in msgids(texts, known, found):
            where.setdefault(text, []).append(stem)
    new: dict[str, list[str]] = {}
    for text, lessons in where.items():
        name = "common" if len(lessons) > 1 else f"outputs/{lessons[0]}"
        new.setdefault(name, []).append(text)
    return new


def executed(stem: str):
    """A lesson, run on small data with its figures in both languages."""
    import jupytext
    import nbclient

    kept = os.environ.get("D2L_BN_RECORDED")  # a folder of executed notebooks, not to run again
    if kept and (Path(kept) / f"{stem}.ipynb").exists():
        import nbformat

        return nbformat.read(Path(kept) / f"{stem}.ipynb", as_version=4)
    print(stem, flush=True)
    notebook = jupytext.read(ROOT / "notebooks" / "source" / f"{stem}.py", fmt="py:percent")
    nbclient.NotebookClient(
        notebook, timeout=1800, resources={"metadata": {"path": str(ROOT / "notebooks")}}
    ).execute(env={**os.environ, "D2L_BN_FAST": "1", "D2L_BN_LANGUAGE": "en,zh"})
    return notebook


def texts_of(notebook) -> list[str]:
    """Everything that its outputs say, in English."""
    said: dict[str, None] = {}

    def note(text: str) -> str:
        said.setdefault(text)
        return text

    chinese_outputs(notebook, note)
    return [text for text in said if not text.startswith("texts.zh.json of ")]


def templates(file: Path) -> list[str]:
    """The literals of a program that could be seen, as msgids."""
    source = file.read_text(encoding="utf-8")
    found = dict.fromkeys(" ".join(template(node).split()) for node in strings(ast.parse(source)))
    return [text for text in found if has_words(PLACEHOLDER.sub("0", text))]


def msgids(texts: list[str], known: list[str], candidates: list[str]) -> list[str]:
    """The msgids that these texts want beside those that are known."""
    literals = {text for text in candidates if not PLACEHOLDER.search(text)}
    candidates = sorted(
        (c for c in candidates if c not in literals), key=_own_letters, reverse=True
    )
    every = Catalogue({m: m for m in known})
    made: dict[str, None] = {}
    rest = list(texts)
    while rest:
        text = rest.pop(0)
        missing: dict[str, None] = {}
        translated(text, every, missing)
        if text in missing:
            missing.pop(text)
            new = msgid(text, literals, candidates)
            if new not in every:
                made.setdefault(new)
                every = Catalogue({m: m for m in (*known, *made)})
                rest.insert(0, text)  # what stands in its placeholders is looked up, too
        rest = [*missing, *rest]
    return list(made)


def msgid(text: str, literals: set[str], candidates: list[str]) -> str:
    """The msgid for one text: as a program has it, or with numbers made placeholders."""
    text = MARKS.sub("", text)
    one_line = " ".join(text.split())
    if one_line in literals or text in literals:
        return text
    label = LABEL.fullmatch(text)
    if label and not has_words(label["rest"]):
        return msgid(label["label"], literals, candidates)
    if label and not has_words(label["label"]):
        return msgid(label["rest"], literals, candidates)
    for candidate in candidates:
        own = _own_letters(candidate)
        if own < max(LEAST, SHARE * _letters(text)):
            break
        if pattern(candidate).fullmatch(one_line):
            return candidate
    lines = [line for line in text.split("\n") if has_words(line)]
    if "\n" in text and len(lines) == 1:
        return msgid(lines[0], literals, candidates)
    numbers = iter(range(99))
    parts = re.split(r"(\$[^$]*\$)", text)
    parts[::2] = [FREE_NUMBER.sub(lambda _: f"{{{next(numbers)}}}", part) for part in parts[::2]]
    return "".join(parts)


def _own_letters(candidate: str) -> int:
    return _letters(PLACEHOLDER.sub(lambda found: found[1] or "0", candidate))


def _letters(text: str) -> int:
    return sum(map(len, WORD.findall(text)))
