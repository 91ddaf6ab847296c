"""The line length of the project's formatter, so that a fix is laid out as it would be."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any, NamedTuple

from fumehood import toml
from fumehood.config import DEFAULT_LINE_LENGTH

from .disk import Disk
from .settings import speaks_of_fumehood

log = logging.getLogger(__name__)

_LENGTHS = range(1, 321)  # ruff's own bounds
# In the order in which ruff takes them; black has only the last.
_TABLES: dict[str, tuple[toml.KeyPath, ...]] = {
    ".ruff.toml": ((),),
    "ruff.toml": ((),),
    "pyproject.toml": (("tool", "ruff"), ("tool", "black")),
}
_SPEAKS = re.compile(rb"\b(?:ruff|black)\b")


class Length(NamedTuple):
    """A line length, the file that decides it, and the table there that sets it, if one does."""

    value: int
    file: Path
    table: toml.KeyPath | None = None


def line_length(disk: Disk, folder: Path) -> Length | None:
    """What the nearest formatter's configuration asks for; None where there is none."""
    for each in (folder, *folder.parents):
        for name in _TABLES:
            if found := disk.get(each / name, length_in):
                return found
    return None


def line_of(length: Length) -> int | None:
    """The 1-based line that sets it, as the file is now."""
    try:
        text = length.file.read_text("utf-8-sig")
        toml.parse(text)
    except (OSError, ValueError):
        return None
    return None if length.table is None else toml.line_of(text, (*length.table, "line-length"))


def length_in(file: Path) -> Length | None:
    """The line length that a file sets; None where it configures no formatter at all."""
    try:
        data = file.read_bytes() if file.is_file() else None
    except OSError as error:
        log.warning("%s: not read (%s); its line length is left out", file, error.strerror)
        return None
    if data is None or (file.name == "pyproject.toml" and not _SPEAKS.search(data)):
        return None
    try:
        content = toml.parse(data.decode("utf-8-sig"))
    except ValueError as error:
        if not speaks_of_fumehood(file, data):  # else it is said with its place
            log.warning("%s: not read (%s); its line length is left out", file, error)
        return None
    tables = {
        path: table for path in _TABLES[file.name] if (table := _table(content, path)) is not None
    }
    for path, table in tables.items():
        if "line-length" in table:
            return Length(_checked(file, table["line-length"]), file, path)
    return Length(DEFAULT_LINE_LENGTH, file) if tables else None


def _checked(file: Path, value: Any) -> int:
    if type(value) is int and value in _LENGTHS:
        return value
    log.warning("%s: line-length %r is no number from 1 to 320; 88 is taken", file, value)
    return DEFAULT_LINE_LENGTH


def _table(content: Any, path: toml.KeyPath) -> dict[str, Any] | None:
    for key in path:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else None
