"""The driver through which a project reaches PostgreSQL, as far as its text tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from fumehood.project import Driver
from fumehood.scope import module_of

from .contents import listing, text_of
from .disk import Disk

_URL = re.compile(r"\bpostgres(?:ql)?\+(\w+)")
_OF_URL: dict[str, Driver] = {
    "psycopg": "psycopg",
    "psycopg_async": "psycopg",
    "psycopg2": "psycopg2",
}
_PACKAGE = re.compile(r"(?<![\w./-])(psycopg2?|psycopg2-binary|asyncpg|pg8000)(?![\w./-])", re.I)
_COMMENT = re.compile(r"#.*")
_DEPENDENCIES = re.compile(r"pyproject\.toml|requirements.*\.(?:txt|in)|setup\.cfg|Pipfile")


def driver_of(disk: Disk, ini: Path | None, env: Path) -> Driver | None:
    """The driver that database URLs name which are written out, else the one that is depended on.

    None where there is none, or several, or another than psycopg2 and psycopg 3.
    """
    named = {*disk.get(env, _in_code)}
    if ini is not None:
        named |= {*disk.get(ini, _in_configuration)}
    if named:
        return _OF_URL.get(named.pop()) if len(named) == 1 else None
    packages = _packages(disk, (ini or env).parent)
    found = {name.lower().removesuffix("-binary") for name in packages}
    if found == {"psycopg"}:
        return "psycopg"
    return "psycopg2" if found == {"psycopg2"} else None


def _packages(disk: Disk, folder: Path) -> Iterator[str]:
    """The drivers in the nearest folder that lists any, up to the repository's."""
    for each in (folder, *folder.parents):
        inside = disk.get(each, listing)
        files = [each / name for name in inside.files if _DEPENDENCIES.fullmatch(name)]
        if "requirements" in inside.folders:
            names = disk.get(each / "requirements", listing).files
            files += [
                each / "requirements" / name for name in names if name.endswith((".txt", ".in"))
            ]
        found = [name for file in files for name in disk.get(file, _depended_on)]
        if found or ".git" in inside.folders:
            yield from found
            return


def _in_code(env: Path) -> tuple[str, ...]:
    """The drivers in the strings of an env.py."""
    module = module_of(text_of(env))
    if module is None:
        return ()
    strings = (
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return tuple(name for text in strings for name in _URL.findall(text))


def _in_configuration(path: Path) -> tuple[str, ...]:
    lines = (line for line in _text(path).splitlines() if not line.lstrip().startswith(("#", ";")))
    return tuple(name for line in lines for name in _URL.findall(line))


def _depended_on(path: Path) -> tuple[str, ...]:
    return tuple(_PACKAGE.findall(_COMMENT.sub("", _text(path))))


def _text(path: Path) -> str:
    """A file's text; nothing where it cannot be read, for others say so."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, ValueError):
        return ""
