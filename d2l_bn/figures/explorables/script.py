r"""One script out of modules: what a page needs that can load nothing.

The modules are written in a small part of the language: ``import { a, b } from "./other.js";`` at
the top, ``export`` before ``const`` and ``function``. That is enough for node to test each by
itself, and for this file to join them without a bundler.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from .folder import HERE, SHARED, folder

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function) (\w+))", re.MULTILINE)


def script(name: str) -> str:
    r"""The JavaScript of a figure: an expression, a function that mounts it on an element.

    Its arguments are the element and ``{name, data, texts, specs, options, css}``.
    """
    parts: dict[Path, str] = {}  # in the order in which they must run
    mount = _add(SHARED / "figure.js", parts)
    draw = _add(folder(name) / "figure.js", parts)
    modules = "\n".join(parts.values())
    return (
        f'(() => {{ "use strict"; const modules = {{}};\n{modules}\n'
        f"return (host, given) => modules[{mount}].mount(host, modules[{draw}].draw, given); }})()"
    )


def _add(path: Path, parts: dict[Path, str]) -> str:
    """Add a module after those that it imports; its name, quoted."""
    key = json.dumps(path.relative_to(HERE).as_posix())
    if path in parts:
        return key
    source = path.read_text(encoding="utf-8")

    def taken(match: re.Match) -> str:
        other = _add((path.parent / match[2]).resolve(), parts)
        return f"const {{{match[1]}}} = modules[{other}];\n"

    body = IMPORT.sub(taken, source)
    exported = ", ".join(EXPORT.findall(body))
    body = EXPORT.sub("", body)
    if re.search(r"^(import|export)\b", body, re.MULTILINE):
        raise ValueError(f'{path.name}: write imports as `import {{ a }} from "./b.js";`')
    parts[path] = f"modules[{key}] = (() => {{\n{_short(body)}return {{ {exported} }};\n}})();"
    return key


def _short(body: str) -> str:
    """Without the lines that are comments only, and without indentation: a third less."""
    body = re.sub(r"^\s*/\*\*.*?\*/\n", "", body, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in body.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))
