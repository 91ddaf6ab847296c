"""What is wrong in the graph of an environment's revisions, a line for each thing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fumehood.options import shown
from fumehood.revision_flaws import Flaw

from .contents import text_of
from .disk import Disk
from .migrations import revision_in
from .source import Found, SourceError, read_source

_MOST = 10  # that are said one by one


def may_be_revision(path: Path) -> bool:
    """Whether a file may declare a revision that is not known."""
    try:
        return "down_revision" in read_source(Found(path, named=False)).text
    except SourceError:  # whoever reads it for its content says so
        return True


def is_complete(disk: Disk, script: Path, unread: Iterable[Path]) -> bool:
    """Whether there are no other migrations; `unread` are those whose revision is not known."""
    return not any(disk.get(path, may_be_revision) for path in unread) and (
        "version_locations" not in disk.get(script / "env.py", text_of)
    )


def flaws_said(disk: Disk, script: Path, flaws: Iterable[Flaw]) -> list[str]:
    """A line for each flaw that is on the disk, each said of one file only."""
    found = [flaw for flaw in flaws if not flaw.again and _is_saved(disk, flaw.path)]
    lines = []
    for flaw in found[:_MOST]:
        line = flaw.line(disk.get(flaw.path, text_of))
        lines.append(f"{shown(flaw.path)}:{line}: {flaw.part}: {flaw.message}")
    if more := len(found) - len(lines):
        lines.append(f"{shown(script)}: {more} more of its revisions are wrong in these ways")
    return lines


def _is_saved(disk: Disk, path: Path) -> bool:
    return disk.get(path, revision_in) == disk.saved(path, revision_in)
