"""The files of a workspace that are checked."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .source import Found, SourceError, refused

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
    paths: Iterable[Path], report: Callable[[SourceError], None] | None = None
) -> Iterator[Found]:
    """The Python files under the paths, each once, in the order of the paths, then by name.

    A file given by name is yielded whatever its name is. Folders below a path are not entered
    when they are excluded by name or are symbolic links. What cannot be looked at is reported.
    """
    report = report or (lambda error: log.warning("%s: %s", error.path, error))
    seen: set[str] = set()
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            report(refused(path, error, named=True))
            continue
        found = _walk(path, report) if is_folder else iter([path])
        for file in found:
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield Found(file, named=not is_folder)


def _walk(folder: Path, report: Callable[[SourceError], None]) -> Iterator[Path]:
    """The Python files below a folder, by name; not recursive, so that depth is no limit."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            report(refused(current, error))
            continue
        # Links to folders are not followed: they lead out of the project, or round in a loop.
        folders = [entry for entry in listed if entry.is_dir(follow_symlinks=False)]
        inner = [Path(entry.path) for entry in folders if entry.name not in EXCLUDED_FOLDERS]
        waiting += reversed(inner)
        others = (entry for entry in listed if entry.name.endswith(".py"))
        yield from (Path(entry.path) for entry in others if not _is_folder(entry))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself: reading it says so
        return False
