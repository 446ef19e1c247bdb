"""Where the parts of the book lie, and how its files are written."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BOOK = ROOT / "book"
BUILD = BOOK / "_build"
NOTEBOOKS = ROOT / "notebooks"
#: pages whose text stands elsewhere in the clone
BORROWED = {
    "instructors": "exercises/INSTRUCTORS.md",
    "exercises/index": "exercises/README.md",
    "changelog": "CHANGELOG.md",
}


def source(language: str) -> Path:
    """What Sphinx reads; all of it is made."""
    return BUILD / "source" / language


def extra(language: str) -> Path:
    """What is no page, but lies beside the pages: pictures, downloads."""
    return BUILD / "extra" / language


def html(language: str) -> Path:
    return BUILD / "html" / language


class Folder:
    """A folder that holds what was written into it and nothing else, with old times where it may.

    Sphinx builds again what is newer than its page, so that a file with the right content is left
    as it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: set[Path] = set()

    def write(self, name: str, content: str | bytes) -> None:
        path = self.path / name
        self.written.add(path)
        write(path, content)

    def remove_others(self) -> None:
        """Remove what this run has not written: a lesson that is no more, an old picture."""
        for path in sorted(self.path.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path not in self.written:
                path.unlink()


def write(path: Path, content: str | bytes) -> bool:
    """Write a file unless it is so already; True if it was written."""
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True
