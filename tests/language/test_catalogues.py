"""Catalogues follow their sources: what is new, changed or gone, and what is wrong with a text."""

from __future__ import annotations

import ast

import build_catalogues
import polib
import pytest
from _catalogue_record import msgids
from _catalogue_texts import markdown_cells, messages, template
from _translation_checks import remarks, remarks_on_text
from build_catalogues import Kept, fill, opened, problems, update

LESSON = """\
# %% [markdown]
# # 1 · A lesson
#
# The loss falls by `step` and $x$.

# %%
x = 1

# %% [markdown]
# $$x$$

# %% [markdown]
# The accuracy rises, in each of the two networks.

# %% [markdown]
# # 1 · A lesson
#
# The loss falls by `step` and $x$.
"""
TITLE = "# 1 · 一课\n\n损失下降 `step` 和 $x$。"


@pytest.fixture
def lesson(tmp_path):
    source = tmp_path / "01_lesson.py"
    source.write_text(LESSON, encoding="utf-8")
    made = tmp_path / "zh_CN" / "01_lesson.po"
    kept = Kept("01_lesson", made, lambda: markdown_cells(source), remarks)
    update(kept)
    return source, kept


def translate(kept, *texts):
    path = kept.path.with_suffix(".txt")
    given = "".join(f"%%%% {n}\n{text}\n\n" for n, text in enumerate(texts) if text)
    path.write_text(given, encoding="utf-8")
    fill(kept, path)


def test_each_text_once_in_order_without_code_and_formulas(lesson):
    _, kept = lesson
    entries = [(entry.msgid, entry.msgstr) for entry in opened(kept.path)]
    assert entries == [
        ("# 1 · A lesson\n\nThe loss falls by `step` and $x$.", ""),
        ("The accuracy rises, in each of the two networks.", ""),
    ]
    assert problems(kept) == [
        "01_lesson: missing: # 1 · A lesson The loss falls by `step` and $x$.",
        "01_lesson: missing: The accuracy rises, in each of the two networks.",
    ]


def test_the_same_again_changes_no_byte(lesson, capsys):
    _, kept = lesson
    translate(kept, TITLE)
    before = kept.path.read_bytes()
    capsys.readouterr()
    update(kept)
    assert kept.path.read_bytes() == before and capsys.readouterr().out == ""


def test_a_changed_text_keeps_its_translation_as_stale(lesson):
    source, kept = lesson
    translate(kept, TITLE, "两个网络的精度都上升。")
    assert problems(kept) == []
    source.write_text(LESSON.replace("rises", "falls"), encoding="utf-8")
    assert problems(kept) == [  # before the update: CI runs the check alone
        "01_lesson: missing: The accuracy falls, in each of the two networks.",
        "01_lesson: not in the source: The accuracy rises, in each of the two networks.",
    ]
    update(kept)
    entry = opened(kept.path)[1]
    assert entry.fuzzy and entry.msgstr == "两个网络的精度都上升。"
    assert entry.previous_msgid == "The accuracy rises, in each of the two networks."
    assert problems(kept) == ["01_lesson: stale: The accuracy falls, in each of the two networks."]
    translate(kept, "", "两个网络的精度都下降。")
    assert problems(kept) == [] and not opened(kept.path)[1].fuzzy


def test_a_text_that_is_gone_goes(lesson):
    source, kept = lesson
    translate(kept, TITLE, "两个网络的精度都上升。")
    head, _, rest = LESSON.partition("# %% [markdown]\n# The accuracy")
    source.write_text(head + rest.partition("networks.\n\n")[2], encoding="utf-8")
    update(kept)
    assert [entry.msgstr for entry in opened(kept.path)] == [TITLE]


def test_a_stale_translation_is_not_used(lesson):
    from d2l_bn.language.catalogue import entries

    source, kept = lesson
    translate(kept, TITLE, "两个网络的精度都上升。")
    source.write_text(LESSON.replace("rises", "falls"), encoding="utf-8")
    update(kept)
    assert list(entries(kept.path).values()) == [TITLE]


ENGLISH = """\
## The *loss* falls

It **falls** by `a b` and $\\text{loss} = 1$, see [here](b.ipynb) and Li et al. (2018).

<details><summary>Solution</summary>

```python
loss = 1
```

</details>"""
CHINESE = """\
## *损失*下降

它**下降** `a b` 和 $\\text{损失}=1$，见[这里](b.ipynb)和 Li et al. (2018)；
暂退法（dropout，第一版：丢弃法），又叫随机失活（第二种，dropping out）；“使用dropout来正则化”。
Lakens, *Tests*, Psychological and Personality Science 2017。

<details><summary>解答</summary>

```python
loss = 1
```

</details>"""
WRONG = {
    "headings": ("## ", "### "),
    "code": ("`a b`", "`a c`"),
    "formulas": ("=1", "=2"),
    "links": ("b.ipynb", "c.ipynb"),
    "tags": ("</details>", ""),
    "fences": ("loss = 1\n", "损失 = 1\n"),
    "English left over: falls": ("下降", "falls"),
    "English left over: dropout": ("（dropout，", " dropout（"),
    "ASCII punctuation": ("损失*下降", "损失*下降, 是的"),
    "bold": ("**", ""),
}


def test_a_good_translation_has_no_remark():
    assert remarks(ENGLISH, CHINESE) == []


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_told(wrong):
    broken = CHINESE.replace(*WRONG[wrong])
    assert broken != CHINESE
    assert any(each.startswith(wrong) for each in remarks(ENGLISH, broken))


@pytest.mark.parametrize(
    "english, chinese, remark",
    [
        ("after {0} of {what}", "{what}的第 {0} 步之后", None),
        ("after {0} of {what}", "第 {0} 步之后", "placeholders: 'what' missing"),
        ("a {0}", "一个 {1}", "placeholders: '0' missing"),
        ("the $x$", "这个 $y$", "formulas differ: '$x$'"),
        ("sgd", "sgd", None),
        ("the loss of the net", "the loss of the net", None),  # an error message, as it is
        ("the loss of the net", "损失 of the loss of it", "English left over"),
        ("a, b", "甲, 乙", "ASCII punctuation"),
    ],
)
def test_what_is_wrong_with_a_text_of_the_package(english, chinese, remark):
    found = remarks_on_text(english, chinese)
    assert found == [] if remark is None else found[0].startswith(remark)


def test_sentences_of_a_program(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(
        '"""A docstring of it."""\n'
        'key = "a_key"\nprint(f"Not yet: {what} is {x:.2f}. {why}")\n'
        'raise ValueError("an error of ours")\nraise Wrong(f"the {name} is wrong")\n'
    )
    assert messages(file) == ["Not yet: {what} is {0}.", "the {name} is wrong"]


def test_what_a_lesson_says_becomes_entries_with_placeholders():
    program = 'f"{name}: after {steps} steps the loss is {loss:.2f}"\n"95 % of all"'
    candidates = [template(node.value) for node in ast.parse(program).body]
    said = [
        "a net: after 30 steps the loss is 0.25",
        "no net: after 40 steps the loss is 0.35",
        "95 % of all",
        "a gain of 3 points",
        "a gain of 4 points",
        "the cost: 0.5",
        "known words",
    ]
    assert msgids(said, ["known words"], candidates) == [
        "{name}: after {steps} steps the loss is {0}",
        "a net",
        "no net",
        "95 % of all",
        "a gain of {0} points",
        "the cost",
    ]


def test_every_catalogue_is_a_file_that_gettext_tools_read():
    for path in build_catalogues.PACKAGE.rglob("*.po"):
        file = polib.pofile(str(path))
        assert file.metadata["Language"] == "zh_CN"
        assert len({entry.msgid for entry in file}) == len(file), path
