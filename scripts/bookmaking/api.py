"""The pages of the package's functions: a page for each room, made from the docstrings."""

from __future__ import annotations

from .places import ROOT, Folder

PACKAGE = ROOT / "d2l_bn"
ROOMS = (
    "norms",
    "networks",
    "data",
    "training",
    "workers",
    "descent",
    "diagnostics",
    "figures",
    "exercises",
    "experiments",
    "language",
)
SKIP = ".. autolink-skip:: file\n"  # examples of functions are no users of them
OTHERS = ("threads", "platform_check", "d2lzh")  # beside the rooms
MODULE = """
{title}
{rule}

.. automodule:: {name}
   :members:
   :ignore-module-all:
   :show-inheritance:
"""


def modules(room: str) -> list[str]:
    """The public modules of a room, its packages before what is in them."""
    found = []
    for path in sorted((PACKAGE / room).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if not any(part.startswith("_") for part in parts) and _is_read(parts):
            found.append(".".join(parts))
    return sorted(found)


def _is_read(parts: tuple[str, ...]) -> bool:
    """Not the many small files that hold a question, a study or a figure each."""
    if parts[-1] == "prediction":
        return True
    many = ("predictions", "questions", "studies", "claims")
    if "explorables" in parts:
        return parts[-1] in ("explorables", "folder", "output", "script", "settings", "pictures")
    return not any(part in many for part in parts[:-1])


def room_page(room: str) -> str:
    """A page in reStructuredText: the room, then module by module."""
    package = f"d2l_bn.{room}"
    parts = [f"{package}\n{'=' * len(package)}\n", SKIP, f".. automodule:: {package}\n"]
    for name in modules(room):
        if name != package:
            title = name.removeprefix(f"{package}.")
            parts.append(MODULE.format(title=title, rule="-" * len(title), name=name))
    return "\n".join(parts)


def public_names() -> str:
    """The names of ``import d2l_bn``, with a link to where each lives."""
    import d2l_bn

    homes = d2l_bn._HOMES
    lines = []
    for name in d2l_bn.__all__:
        home = f"d2l_bn.{homes[name]}.{name}"
        kind = "data" if name.isupper() else "class" if name[0].isupper() else "func"
        lines.append(f"- {{py:{kind}}}`d2l_bn.{name} <{home}>`")
    return "\n".join(lines)


def write_api(folder: Folder) -> None:
    for room in ROOMS:
        folder.write(f"api/{room}.rst", room_page(room))
    parts = [f"other modules\n{'=' * 13}\n", SKIP]
    parts += [MODULE.format(title=o, rule="-" * len(o), name=f"d2l_bn.{o}") for o in OTHERS]
    folder.write("api/others.rst", "\n".join(parts))


def rooms() -> str:
    """The rooms with the first line of each."""
    import importlib

    lines = []
    for room in ROOMS:
        doc = importlib.import_module(f"d2l_bn.{room}").__doc__ or ""
        lines.append(f"- [`d2l_bn.{room}`]({room}.rst): {doc.strip().splitlines()[0]}")
    toctree = "\n".join(["```{toctree}", ":hidden:", "", *ROOMS, "others", "```"])
    return "\n".join([*lines, "", toctree])
