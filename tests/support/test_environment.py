"""Provenance: the commit is that of the package's own checkout, or none."""

from __future__ import annotations

import subprocess

import pytest

from d2l_bn._support.environment import _commit


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.org")

    def git(*arguments):
        done = subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)
        return done.stdout.decode().strip()

    git("init", "--quiet")
    (tmp_path / "d2l_bn").mkdir()
    (tmp_path / "d2l_bn" / "__init__.py").write_text("")
    return tmp_path, git


def test_the_commit_is_of_the_packages_own_checkout_and_says_if_files_changed(
    checkout, monkeypatch
):
    root, git = checkout
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    commit = git("rev-parse", "--short=12", "HEAD")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")  # as inside a hook of another repository
    assert _commit(root) == commit
    (root / "d2l_bn" / "__init__.py").write_text("changed = True")
    assert _commit(root) == f"{commit}-dirty"


def test_an_installed_package_does_not_take_the_commit_of_the_repository_around_it(checkout):
    root, git = checkout
    (root / "report.txt").write_text("")
    git("add", "report.txt")
    git("commit", "--quiet", "-m", "somebody's own work")
    assert _commit(root) is None  # pip install --target . : there, and not tracked
    (root / "site-packages" / "d2l_bn").mkdir(parents=True)
    assert _commit(root / "site-packages") is None
