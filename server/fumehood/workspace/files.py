"""The files of a workspace that are checked."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .gitignore import Ignored, above, within
from .source import Found, SourceError, refused

if TYPE_CHECKING:
    from .workspace import Workspace

log = logging.getLogger(__name__)

EXCLUDED_FOLDERS = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "__pypackages__",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    }
)


def files(
    paths: Iterable[Path],
    report: Callable[[SourceError], None] | None = None,
    workspace: Workspace | None = None,
) -> Iterator[Found]:
    """The Python files under the paths, each once, in the order of the paths, then by name.

    A file given by name is yielded whatever its name is. Folders below a path are not entered
    when they are excluded by name, by .gitignore or by the workspace, or are symbolic links; a path
    that is excluded itself is not held to what excludes it. What cannot be looked at is reported.
    """
    report = report or (lambda error: log.warning("%s: %s", error.path, error))
    seen: set[str] = set()
    folders: dict[Path, str] = {}  # their real paths
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            report(refused(path, error, named=True))
            continue
        found = _walk(path, report, _excluded(path, workspace)) if is_folder else iter([path])
        for file in found:
            # Asked of each folder once: what leads through links is the same for all files in it.
            folder = file.parent
            if folder not in folders:
                folders[folder] = os.path.realpath(folder)
            is_link = file.is_symlink()
            real = os.path.realpath(file) if is_link else f"{folders[folder]}{os.sep}{file.name}"
            if real not in seen:
                seen.add(real)
                yield Found(file, named=not is_folder)


# Whether the configuration leaves out a path, which is a folder or not.
_Excludes = Callable[[Path, bool], bool]


def _excluded(root: Path, workspace: Workspace | None) -> _Excludes:
    if workspace is None or workspace.excludes(root, folder=True):
        return lambda path, folder: False
    return workspace.excludes


def _walk(root: Path, report: Callable[[SourceError], None], excludes: _Excludes) -> Iterator[Path]:
    """The Python files below a folder, by name; not recursive, so that depth is no limit."""
    waiting = [(root, above(root))]
    while waiting:
        current, ignored = waiting.pop()
        try:
            with os.scandir(current) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            report(refused(current, error))
            continue
        ignored = within(ignored, current, {entry.name for entry in listed})
        inner: list[tuple[Path, Ignored]] = []
        for entry in listed:
            # Links to folders are not followed: they lead out of the project, or round in a loop.
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name in EXCLUDED_FOLDERS or not (is_folder or _is_python(entry)):
                continue
            path = Path(entry.path)
            if ignored.ignores(path, is_folder) or excludes(path, is_folder):
                continue
            if is_folder:
                inner.append((path, ignored))
            else:
                yield path
        waiting += reversed(inner)


def _is_python(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.name.endswith(".py") and not entry.is_dir()
    except OSError:  # a link that leads to itself: reading it says so
        return True
