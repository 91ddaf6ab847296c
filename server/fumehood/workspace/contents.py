"""What is in folders and in files of Python, as answers for Disk."""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fumehood.options import shown

from .source import Found, SourceError, read_source

log = logging.getLogger(__name__)


class Listing(NamedTuple):
    """What is in a folder, by name. Links to folders are left out: they lead anywhere, or round."""

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def listing(folder: Path) -> Listing:
    """A folder's entries, sorted; nothing where it is no folder or cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
            files = tuple(entry.name for entry in found if not _is_folder(entry))
            folders = (entry.name for entry in found if entry.is_dir(follow_symlinks=False))
            return Listing(files, tuple(folders))
    except (OSError, ValueError):
        return Listing()


def absolute(path: Path) -> Path:
    """A path without "..", from the root on; no link is followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def is_folder(path: Path) -> bool:
    """Whether a folder is there."""
    try:
        return path.is_dir()
    except (OSError, ValueError):  # ValueError: a NUL byte
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def text_of(path: Path) -> str:
    """A Python file's text; empty, and logged, where it cannot be read."""
    try:
        return read_source(Found(path, named=False)).text
    except SourceError as error:
        say_unreadable(path, str(error))
        return ""


def say_unreadable(path: Path, why: str) -> None:
    """Log why a file cannot be read: once, however many ask for what is in it.

    One that was removed after its folder was listed is none, and nothing is said.
    """
    if os.path.lexists(path):
        _say_once(path, why)


@lru_cache(maxsize=4096)
def _say_once(path: Path, why: str) -> None:
    log.warning("%s: %s", shown(path), why)
