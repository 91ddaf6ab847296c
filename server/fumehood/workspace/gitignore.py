"""What a repository's .gitignore files leave out."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fumehood.globs import Globs

log = logging.getLogger(__name__)

_NAME = ".gitignore"
_REPOSITORY = ".git"
_OWN_RULES = Path(_REPOSITORY, "info", "exclude")


@dataclass(frozen=True, slots=True)
class Ignored:
    """The patterns that hold in a folder, each list with the folder it is relative to.

    Folders above the repository have none; `in_repository` says whether there is one.
    """

    in_repository: bool = False
    lists: tuple[tuple[str, Globs], ...] = ()  # the nearest last

    def ignores(self, path: Path, is_folder: bool) -> bool:
        """Whether a path is left out, as long as the folder that it is in is not."""
        for folder, patterns in reversed(self.lists):
            relative = os.path.abspath(path)[len(folder) :].replace(os.sep, "/").lstrip("/")  # noqa: PTH100
            verdict = patterns.verdict(relative + "/" * is_folder)
            if verdict is not None:
                return verdict
        return False


_NONE = Ignored()


def above(root: Path) -> Ignored:
    """What holds in a folder because of those above it; nothing where that leaves out itself."""
    root = Path(os.path.abspath(root))  # noqa: PTH100
    folders = [root, *root.parents]
    repository = next((each for each in folders if (each / _REPOSITORY).exists()), root)
    ignored = _NONE
    for folder in reversed(folders[: folders.index(repository) + 1]):
        if ignored.ignores(folder, is_folder=True):
            return Ignored(in_repository=True)
        if folder != root:
            names = [name for name in (_REPOSITORY, _NAME) if (folder / name).exists()]
            ignored = within(ignored, folder, names)
    return ignored


def within(ignored: Ignored, folder: Path, names: Iterable[str]) -> Ignored:
    """What holds in a folder that has entries of these names; `ignored` holds around it."""
    if _REPOSITORY in names:
        own = _patterns(folder / _OWN_RULES, folder)
        ignored = Ignored(True, () if own is None else (own,))
    if not ignored.in_repository or _NAME not in names:
        return ignored
    found = _patterns(folder / _NAME, folder)
    return ignored if found is None else Ignored(True, (*ignored.lists, found))


def _patterns(file: Path, folder: Path) -> tuple[str, Globs] | None:
    try:
        text = file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""
    except OSError as error:
        log.warning("%s: not read (%s); what it ignores is checked", file, error.strerror)
        return None
    lines = text.removeprefix("\ufeff").split("\n")
    patterns = Globs(line.removesuffix("\r") for line in lines)
    return (os.path.abspath(folder), patterns) if patterns else None  # noqa: PTH100
