"""Globs, and which files .gitignore leaves out: as git itself does it."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumehood.globs import Globs
from fumehood.workspace import files as walked
from fumehood.workspace.files import files
from fumehood.workspace.workspace import Workspace

from .share import share

_needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
# Names of the trees that are made, in all that git's manual knows of globs.
_LINES = """a|b/|/a|*.py|!x.py|a/b|**/b|a/**|!a/b/|x*|/c/*|!/c/x.py|a/*/c|[ab]|!b|*/|!*/|*|  |#x
\\!x|a/b/|!a|**/x.py|y.py |[a|b/**/c|!y.py|/*|!/b|?.py|**/|a/**/b/|**|[!x].py|[]a]|[[:alpha:]]
[z-a]|\\a|a\\|a/**b|**a|*/b|[^a-b]/x.py|!|/|c/**/x.py|\\#x|x.p[[:lower:]x]""".replace(
    "\n", "|"
).split("|")


def _tree(root: Path, chance: random.Random) -> None:
    paths = ["/".join(chance.choices("abc", k=chance.randint(1, 3))) for _ in range(5)]
    for folder in (root, *(root / path for path in paths)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "x.py").touch()
        (folder / "y.py").touch()
        if folder == root or chance.random() < 0.5:
            lines = chance.choices(_LINES, k=chance.randint(1, 4))
            (folder / ".gitignore").write_text(chance.choice(["\n", "\r\n"]).join(lines))


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.excludesFile=", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@_needs_git
def test_what_git_ignores_is_left_out(tmp_path: Path) -> None:
    for seed in range(share(200)):
        root = tmp_path / str(seed)
        _git(tmp_path, "init", "-q", root.name)
        _tree(root, random.Random(seed))
        listed = _git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
        expected = {name for name in listed if name.endswith(".py")}
        found = {each.path.relative_to(root).as_posix() for each in files([root])}
        assert found == expected, root


def test_a_folder_takes_what_is_in_it_along() -> None:
    globs = Globs(["old/", "!old/kept.py", "*_gen.py", "!ours_gen.py", "docs"])
    matched = ["old/", "old/a/b.py", "old/kept.py", "a/x_gen.py", "docs", "a/docs/conf.py"]
    assert [path for path in matched if not globs.match(path)] == []
    assert [path for path in ["old", "a.py", "a/ours_gen.py", "docs.py"] if globs.match(path)] == []


@pytest.mark.parametrize("line", ["", "  ", "# a", "[", "a[b", "a\\", "!", "/"])
def test_what_matches_nothing(line: str) -> None:
    assert not Globs([line])


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the folders that are listed."""
    names: list[str] = []
    scandir = walked.os.scandir

    def noted(folder: Path) -> Iterator[object]:
        names.append(Path(folder).name)
        return scandir(folder)

    monkeypatch.setattr(walked.os, "scandir", noted)
    return names


def _project(root: Path, *files: str) -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    (root / ".git").mkdir(exist_ok=True)


def _names(root: Path, start: Path | None = None) -> list[str]:
    found = files([start or root], workspace=Workspace())
    return sorted(each.path.relative_to(root).as_posix() for each in found)


def test_folders_that_are_left_out_are_not_entered(tmp_path: Path, entered: list[str]) -> None:
    root = tmp_path / "root"
    _project(root, "a.py", "ignored/b.py", "excluded/c.py", "kept/d.py", "venv/e.py")
    (root / ".gitignore").write_text("ignored\n")
    (root / "fumehood.toml").write_text('exclude = ["excluded/", "d*.py"]\n')
    assert _names(root) == ["a.py"]
    assert [name for name in entered if name in ("ignored", "excluded", "venv", "kept")] == ["kept"]


def test_a_path_that_is_asked_for_is_not_left_out(tmp_path: Path) -> None:
    _project(tmp_path, "ignored/a/b.py", "excluded/c.py", "excluded/venv/d.py", "ignored/e.py")
    (tmp_path / ".gitignore").write_text("ignored\n")
    (tmp_path / "ignored" / ".gitignore").write_text("e.py\n")
    (tmp_path / "fumehood.toml").write_text('exclude = ["excluded/"]\n')
    assert _names(tmp_path) == []
    assert _names(tmp_path, tmp_path / "ignored") == ["ignored/a/b.py"]
    assert _names(tmp_path, tmp_path / "ignored" / "a") == ["ignored/a/b.py"]
    assert _names(tmp_path, tmp_path / "excluded") == ["excluded/c.py"]
    assert _names(tmp_path, tmp_path / "excluded" / "c.py") == ["excluded/c.py"]


def test_what_stands_above_and_below_the_repository(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    _project(root, "a/x.py", "a/y.py", "a/z.py", "inner/x.py", "inner/y.py")
    _project(root / "inner")
    (tmp_path / ".gitignore").write_text("*\n")
    (root / ".gitignore").write_text("x.py\n")
    (root / "a" / ".gitignore").write_text("y.py\n")
    (root / ".git" / "info").mkdir()
    (root / ".git" / "info" / "exclude").write_text("z.py\n")
    assert _names(root) == ["inner/x.py", "inner/y.py"]
    assert _names(root, root / "a") == []
    (root / "a" / ".gitignore").write_text("!x.py\n!z.py\n")
    assert _names(root, root / "a") == ["a/x.py", "a/y.py", "a/z.py"]


def test_outside_of_a_repository_gitignore_is_a_file_like_others(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / ".gitignore").write_text("*\n")
    assert _names(tmp_path) == ["a.py"]


@pytest.mark.parametrize("content", [b"\xff\xfe[\na.py\n", b"\xef\xbb\xbfa.py\n", b"[\n\\\na.py"])
def test_odd_gitignores(tmp_path: Path, content: bytes) -> None:
    _project(tmp_path, "a.py", "b.py")
    (tmp_path / ".gitignore").write_bytes(content)
    assert _names(tmp_path) == ["b.py"]
