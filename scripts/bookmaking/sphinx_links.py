"""Links that a reader expects: from the name of a function to it, from "lesson 6" to the lesson."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

NAME = re.compile(r"^(d2l_bn(?:\.\w+)+)(?:\(.*\))?$", re.DOTALL)
LESSON = re.compile(r"\b(?:[Nn]otebook|[Ll]esson) (\d{1,2})\b|第 (\d{1,2}) 课")
NEVER_IN = (nodes.reference, nodes.literal, nodes.title, nodes.literal_block, nodes.raw)


def home(name: str) -> str:
    """Where a public name lives: ``d2l_bn.lenet`` is ``d2l_bn.networks.lenet.lenet``."""
    import d2l_bn

    first, _, rest = name.removeprefix("d2l_bn.").partition(".")
    if not name.startswith("d2l_bn."):
        return name
    return f"d2l_bn.{d2l_bn._HOMES[first]}.{first}" if first in d2l_bn._HOMES and not rest else name


def find_elsewhere(app: Any, env: Any, node: nodes.Element, text: nodes.Node) -> Any:
    """A name that is documented under another: imported into a package, or without its module.

    Types of other packages, whose documentation is on other hosts, stay text.
    """
    if node.get("refdomain") != "py":
        return None
    target, objects = node["reftarget"], env.domains["py"].objects
    last = target.rpartition(".")[2]
    ends = [name for name in objects if name.rpartition(".")[2] == last]
    room = node.get("py:module") or ""
    near = [name for name in ends if name.startswith(target.rpartition(".")[0] or room)]
    name = next((each for each in (home(target), *near, *ends) if each in objects), None)
    if name is None or (len(near) != 1 and len(ends) != 1 and name != home(target)):
        foreign = last.startswith("_") or not target.startswith("d2l_bn")
        foreign = foreign and node["reftype"] in ("class", "obj", "exc")
        return text if foreign else None
    found = objects[name]
    return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, text)


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
    app.connect("missing-reference", find_elsewhere)
    app.add_post_transform(FunctionLinks)
    app.add_post_transform(LessonLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
