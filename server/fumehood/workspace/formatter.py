"""The line length of the project's formatter, so that a fix is laid out as it would be."""

from __future__ import annotations

import logging
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from fumehood.config import DEFAULT_LINE_LENGTH, Settings

log = logging.getLogger(__name__)

# ruff's own bounds for line-length.
_LINE_LENGTHS = range(1, 321)


def settings_for(path: Path) -> Settings:
    """What the project around a file asks for; the file need not exist."""
    lengths = (_folder_line_length(folder) for folder in path.absolute().parents)
    length = next((length for length in lengths if length is not None), DEFAULT_LINE_LENGTH)
    return Settings(line_length=length)


def forget_settings() -> None:
    """Read the projects' configuration anew when it is next asked for."""
    _folder_line_length.cache_clear()


@lru_cache(maxsize=4096)
def _folder_line_length(folder: Path) -> int | None:
    lengths = (_line_length(folder / name, tables) for name, tables in _FORMATTERS)
    return next((length for length in lengths if length is not None), None)


# In the order in which ruff takes them; black has only the last.
_FORMATTERS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (".ruff.toml", ((),)),
    ("ruff.toml", ((),)),
    ("pyproject.toml", (("tool", "ruff"), ("tool", "black"))),
)


def _line_length(file: Path, tables: tuple[tuple[str, ...], ...]) -> int | None:
    """The line length that a file sets; None where it configures no formatter at all."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s: not read (%s); its settings are left out", file, error)
        return None
    present = [table for table in (_table(content, keys) for keys in tables) if table is not None]
    lengths = [table["line-length"] for table in present if "line-length" in table]
    if not lengths:
        return DEFAULT_LINE_LENGTH if present else None
    if type(lengths[0]) is int and lengths[0] in _LINE_LENGTHS:
        return int(lengths[0])
    log.warning("%s: line-length %r is no number from 1 to 320; 88 is taken", file, lengths[0])
    return DEFAULT_LINE_LENGTH


def _table(content: Any, keys: tuple[str, ...]) -> dict[str, Any] | None:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else None
