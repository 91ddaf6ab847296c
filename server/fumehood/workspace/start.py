"""Where and how a configuration says that a revision and those before it are not checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from fumehood.revisions import Revisions
from fumehood.toml import OWN_FILE
from fumehood.toml_edits import with_start_after


class Start(NamedTuple):
    """A revision, and the configuration file that is to name it.

    `text` is the file's present text, None where it is not there; `new` is the one to write.
    """

    revision: str
    file: Path
    text: str | None
    new: str


def start_after(
    revision: str, graph: Revisions, present: Iterable[str], file: Path, text: str | None
) -> Start | None:
    """What writes it; None where the file leaves no place for it.

    Of those that the file names at present, it replaces the ones that it comes after; those that
    are revisions elsewhere stay, and those on other branches.
    """
    before = graph.ancestors([revision])
    replaced = [name for name in present if graph.named(name) & before]
    try:
        new = with_start_after(text or "", file.name, revision, replaced)
    except ValueError:
        return None
    return None if new == text else Start(revision, file, text, new)


def without_configuration(folder: Path, root: Path) -> tuple[Path, str | None]:
    """The file to write to where none configures anything, and its text.

    That is the nearest pyproject.toml up to `root`, else a file of its own in `folder`.
    """
    for each in (folder, *folder.parents):
        file = each / "pyproject.toml"
        if file.is_file():
            return file, _text(file)
        if each == root:
            break
    return folder / OWN_FILE, None


def _text(file: Path) -> str:
    """A file's text without a byte order mark; no TOML at all where it is not UTF-8."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return "?"
