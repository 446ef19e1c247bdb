"""Links that a reader expects: from the name of a function to it, from "lesson 6" to the lesson."""

from __future__ import annotations

import importlib
import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

NAME = re.compile(r"^(d2l_bn(?:\.\w+)+)(?:\(.*\))?$", re.DOTALL)
LESSON = re.compile(r"\b(?:[Nn]otebook|[Ll]esson) (\d{1,2})\b|第 (\d{1,2}) 课")
USERS = re.compile(r"<summary>[^<]*<a [^>]*><code .*?</summary>", re.DOTALL)
LONGEST = 60  # characters of a value in a signature
NEVER_IN = (nodes.reference, nodes.literal, nodes.title, nodes.literal_block, nodes.raw)


def home(name: str) -> str:
    """Where a public name lives: ``d2l_bn.lenet`` is ``d2l_bn.networks.lenet.lenet``."""
    import d2l_bn

    first, _, rest = name.removeprefix("d2l_bn.").partition(".")
    if not name.startswith("d2l_bn."):
        return name
    return f"d2l_bn.{d2l_bn._HOMES[first]}.{first}" if first in d2l_bn._HOMES and not rest else name


def python_object(name: str) -> Any:
    """What has this full name; None if nothing has."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found
    return None


def find_elsewhere(app: Any, env: Any, node: nodes.Element, text: nodes.Node) -> Any:
    """A name that is documented under another: imported into a package, or without its module.

    What is there and has no entry of its own stays text, and so do types of other packages, whose
    documentation is on other hosts.
    """
    if node.get("refdomain") != "py":
        return None
    target, room = node["reftarget"], node.get("py:module") or "d2l_bn"
    objects = env.domains["py"].objects
    there = [o for o in map(python_object, (target, f"{room}.{target}")) if o is not None]
    names = [f"{o.__module__}.{o.__qualname__}" for o in there if hasattr(o, "__qualname__")]
    ends = [name for name in objects if name.rpartition(".")[2] == target.rpartition(".")[2]]
    if len(ends) == 1:
        names += ends
    found = next((objects[name] for name in (home(target), *names) if name in objects), None)
    if found is not None:
        return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, text)
    foreign = node["reftype"] in ("class", "obj", "exc") and not target.startswith("d2l_bn")
    return text if there or foreign or "._" in target else None


def shorten(app: Any, domain: str, kind: str, content: nodes.Element) -> None:
    """Values and defaults that are long, or an address in memory, are left out of signatures."""
    for note in list(content.parent.findall(addnodes.desc_annotation)):
        if note.astext().lstrip().startswith("=") and len(note.astext()) > LONGEST:
            note.parent.remove(note)
    for value in content.parent.findall(nodes.inline):
        if "default_value" in value["classes"] and len(value.astext()) > LONGEST:
            value.clear()
            value += nodes.Text("…")


def name_users(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Above the lessons that use a function: words, and no link within what opens the list."""
    words = app.config.html_context["words"]["used_in"]
    if page.startswith("api/"):
        context["body"] = USERS.sub(f"<summary>{words}</summary>", context["body"])


class FunctionLinks(SphinxPostTransform):
    """`d2l_bn.batch_norm` or `d2l_bn.train(net)` in a sentence leads to the function."""

    default_priority = 400

    def run(self, **kwargs: Any) -> None:
        domain = self.env.domains["py"]
        for literal in list(self.document.findall(nodes.literal)):
            name = NAME.match(literal.astext())
            if name is None or any(isinstance(p, nodes.reference) for p in _around(literal)):
                continue
            found = domain.objects.get(home(name[1]))
            if found is not None:
                reference = make_refnode(
                    self.app.builder, self.env.docname, found.docname, found.node_id, literal.copy()
                )
                literal.replace_self(reference)
                reference.children[0].extend(literal.children)


class LessonLinks(SphinxPostTransform):
    """ "lesson 6" in a sentence leads to it, unless the sentence stands in it."""

    default_priority = 401

    def run(self, **kwargs: Any) -> None:
        pages = lesson_pages(self.env.found_docs)
        for text in list(self.document.findall(nodes.Text)):
            if not LESSON.search(text) or any(isinstance(p, NEVER_IN) for p in _around(text)):
                continue
            text.parent.replace(text, list(self._linked(str(text), pages)))

    def _linked(self, text: str, pages: dict[int, str]) -> Any:
        end = 0
        for found in LESSON.finditer(text):
            page = pages.get(int(found[1] or found[2]))
            if page and page != self.env.docname:
                yield nodes.Text(text[end : found.start()])
                words = nodes.inline("", found[0])
                yield make_refnode(self.app.builder, self.env.docname, page, "", words)
                end = found.end()
        yield nodes.Text(text[end:])


def lesson_pages(documents: Any) -> dict[int, str]:
    """The pages of the lessons by number."""
    found = (re.fullmatch(r"lessons/(\d+)_\w+", name) for name in documents)
    return {int(page[1]): page[0] for page in found if page}


def _around(node: nodes.Node) -> Any:
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app: Any) -> dict[str, Any]:
    app.add_config_value("book_digest", "", "html")
    app.connect("html-page-context", name_users)
    app.connect("object-description-transform", shorten)
    app.connect("missing-reference", find_elsewhere)
    app.add_post_transform(FunctionLinks)
    app.add_post_transform(LessonLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
