r"""An executed English notebook in, the executed Chinese one out.

Code is the same in both, and so are numbers: nothing is run again. Figures must have been made with
``D2L_BN_LANGUAGE=en,zh``, so that each carries its Chinese version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from .catalogue import catalogue
from .outputs import translated_bundle, translated_lines
from .translation import translated
from .words import has_words

__all__ = ["OURS", "chinese_cells", "chinese_notebook", "chinese_outputs"]

OURS = "d2l_bn"  # the key of what figures put into the metadata of an output


def chinese_notebook(
    executed: Any, cells: Mapping[str, str], lesson: str = ""
) -> tuple[Any, list[str]]:
    r"""The Chinese edition of an executed notebook, and what of it is still English.

    Arguments:
        executed: a notebook as nbformat reads it, run with ``D2L_BN_LANGUAGE=en,zh``.
        cells: from each Markdown cell to its translation: ``catalogue.entries(path)`` of
            ``notebooks/source/zh_CN/NN_name.po``.
        lesson: ``"NN_name"``: whose texts are looked up first.

    Returns:
        The notebook, and the texts (cells, figures' words, printed lines, table cells) that no
        catalogue has; they stand in English.
    """
    notebook, missed = chinese_cells(executed, cells)
    found: dict[str, None] = dict.fromkeys(missed)
    texts = catalogue(lesson)

    def translate(text: str) -> str:
        return translated(text, texts, found)

    chinese_outputs(notebook, translate)
    return notebook, list(found)


def chinese_outputs(notebook: Any, translate: Callable[[str], str]) -> None:
    r"""Give all outputs of an executed notebook in Chinese; ``translate`` gets each text."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for output in cell.outputs:
                _speak(output, translate)


def chinese_cells(notebook: Any, cells: Mapping[str, str]) -> tuple[Any, list[str]]:
    r"""The notebook with its Markdown cells in Chinese, and those that have no translation."""
    made, missed = deepcopy(notebook), []
    for cell in made.cells:
        if cell.cell_type == "markdown":
            if cell.source not in cells and has_words(cell.source):
                missed.append(cell.source)
            cell.source = cells.get(cell.source, cell.source)
    return made, missed


def _speak(output: Any, translate: Callable[[str], str]) -> None:
    if output.output_type == "stream" and output.name == "stdout":
        output.text = translated_lines(output.text, translate)
    elif output.output_type in ("display_data", "execute_result"):
        ours = output.metadata.pop(OURS, None)
        if ours is None:
            output.data.update(translated_bundle(output.data, translate))
        else:  # a figure
            output.data.update(ours.get("zh", {}))
            for kind, metadata in output.metadata.items():
                if "alt" in metadata:
                    output.metadata[kind]["alt"] = translate(metadata["alt"])
            for text in ours.get("texts", ()):
                if has_words(text):
                    translate(text)  # to miss what the figure has missed
            if "zh" not in ours:
                translate(f"texts.zh.json of {ours['figure']}")
