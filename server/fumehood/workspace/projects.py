"""The project around a migration, from the Python files of its repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from fumehood.environment import block_failure
from fumehood.metadata import conventions, may_name
from fumehood.naming import Naming
from fumehood.project import Project

from .files import EXCLUDED_FOLDERS
from .source import MAX_BYTES

# What stands at the root of a project, the surest first.
_ROOT_FILES = (".git", "pyproject.toml", "setup.py", "alembic.ini")
# A tree of more Python files than this is not searched: its convention counts as unknown.
_MOST_FILES = 10_000


def project_for(path: Path) -> Project:
    """What is known of a migration's project; the file need not exist."""
    folder = path.absolute().parent
    root = _root(folder)
    naming = None if root is None else _naming(root)
    return Project(naming=naming, block_fails=_block_failure(folder))


def forget_projects() -> None:
    """Read the projects anew when they are next asked for."""
    _root.cache_clear()
    _naming.cache_clear()
    _block_failure.cache_clear()


@lru_cache(maxsize=4096)
def _root(folder: Path) -> Path | None:
    """The repository that a folder is in, else the nearest folder that looks like a project."""
    folders = (folder, *folder.parents)
    found = (each for name in _ROOT_FILES for each in folders if (each / name).exists())
    return next(found, None)


@lru_cache(maxsize=64)
def _naming(root: Path) -> Naming | None:
    """The naming convention of a project's MetaData; None where it is not plain which that is."""
    found: list[Naming | None] = []
    for number, path in enumerate(_python_files(root)):
        text = _text(path)
        if number > _MOST_FILES or text is None:
            return None
        if may_name(text):
            found += conventions(text)
    if not found:
        return Naming()
    return found[0] if all(each == found[0] for each in found) else None


@lru_cache(maxsize=4096)
def _block_failure(folder: Path) -> str | None:
    """Why an autocommit block fails under the nearest env.py; None where it may work."""
    scripts = (each / "env.py" for each in (folder, *folder.parents))
    script = next((each for each in scripts if each.is_file()), None)
    text = None if script is None else _text(script)
    return None if script is None or text is None else block_failure(text, script.name)


def _python_files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in EXCLUDED_FOLDERS]
        yield from (Path(folder, name) for name in names if name.endswith(".py"))


def _text(path: Path) -> str | None:
    """A file's text, bytes that are not UTF-8 as they may be; None for one that cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""  # a link that leads nowhere
    except OSError:
        return None
