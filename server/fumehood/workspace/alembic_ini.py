"""What alembic.ini and pyproject.toml say of Alembic's environments."""

from __future__ import annotations

import configparser
import logging
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

MAIN = "alembic"  # the section that Alembic reads unless it is told another
_LOCATION = "script_location"
_URL = "sqlalchemy.url"
_DIALECT = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?:\+\w+)?://")
_SECTION = re.compile(r"\[(?P<name>[^]]+)\]")
_URL_LINE = re.compile(r"sqlalchemy\.url\s*[=:]")
_LOCATIONS_LINE = re.compile(r"\s*version_locations\s*[=:]")
_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_LEGACY_SEPARATOR = re.compile(r", *|(?: +)")
# Sections of the logging configuration, which a script_location in [DEFAULT] is not meant for.
_OTHERS = re.compile(r"(?:loggers|handlers|formatters|(?:logger|handler|formatter)_.*|.*_hooks)")


@dataclass(frozen=True, slots=True)
class Section:
    """One environment as it is configured; locations as they are written, but for %(here)s.

    `script_location` is empty where the section leaves it to pyproject.toml or the command line.
    `dialect` is that of a database URL that is written out, `dialect_line` its line from 1.
    `locations_line` is that of the version locations. `file_template` and `slug_length` are None
    where the section does not say them. `autocommit`: it gives engines the isolation level
    AUTOCOMMIT.
    """

    name: str
    script_location: str
    version_locations: tuple[str, ...] = ()
    recursive: bool = False
    dialect: str | None = None
    dialect_line: int | None = None
    locations_line: int = 1
    file_template: str | None = None
    slug_length: int | None = None
    autocommit: bool = False


def ini_sections(path: Path) -> tuple[Section, ...]:
    """The environments in an .ini file; a broken one is logged and has none."""
    text = _text(path)
    if text is None or (_LOCATION not in text and _URL not in text):
        return ()
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        log.warning("%s:%d: holds a NUL byte and is not read; save it as UTF-8 text", path, line)
        return ()
    # Percent signs in a path would be taken for a reference.
    here = path.absolute().parent.as_posix().replace("%", "%%")
    parser = configparser.ConfigParser({"here": here})
    try:
        parser.read_string(text, str(path))
    except configparser.Error as error:
        what = " ".join(str(error).split())
        log.warning("%s: not read as an Alembic configuration (%s); mend it", path, what)
        return ()
    everywhere = _LOCATION in parser.defaults()
    found = []
    for name in parser.sections():
        if everywhere and name != MAIN and _OTHERS.fullmatch(name):
            continue
        location = _option(parser, name, _LOCATION)
        if location or name == MAIN:
            found.append(_section(parser, name, location or "", text))
        if not location and parser.has_option(name, _LOCATION):
            log.warning("%s: script_location of [%s] cannot be read", path, name)
    return tuple(found)


def toml_section(path: Path) -> Section | None:
    """The environment in [tool.alembic] of a pyproject.toml; None where there is none."""
    text = _text(path)
    if text is None or "[tool.alembic" not in text:
        return None
    try:
        table: Any = tomllib.loads(text)["tool"]["alembic"]
        values = {"here": path.absolute().parent.as_posix()}
        location = _filled(table.get(_LOCATION), values)
        versions = table.get("version_locations", [])
        if location is None or not isinstance(versions, list):
            return None
        found = tuple(each for each in (_filled(value, values) for value in versions) if each)
        return Section(
            MAIN,
            location,
            found,
            table.get("recursive_version_locations") is True,
            locations_line=_first(text, _LOCATIONS_LINE),
            file_template=_filled(table.get("file_template"), values),
            slug_length=_number(table.get("truncate_slug_length")),
        )
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        log.warning("%s: [tool.alembic] cannot be read (%s)", path, error)
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except UnicodeDecodeError as error:
        found, line = error.object[error.start], error.object.count(b"\n", 0, error.start) + 1
        log.warning("%s:%d: byte 0x%02x is not UTF-8; save the file as UTF-8", path, line, found)
        return None
    except (OSError, ValueError) as error:
        log.warning("%s: not read (%s)", path, error)
        return None


def _first(text: str, option: re.Pattern[str]) -> int:
    """The first line with an option; 1 where there is none."""
    numbered = enumerate(text.splitlines(), start=1)
    return next((number for number, line in numbered if option.match(line)), 1)


def _filled(value: object, values: Mapping[str, str]) -> str | None:
    """A string of TOML with its %(here)s, as Alembic fills it in."""
    try:
        return value % values if isinstance(value, str) else None
    except (KeyError, TypeError, ValueError):
        return None


def _option(parser: configparser.ConfigParser, section: str, name: str) -> str | None:
    try:
        return parser.get(section, name, fallback=None)
    except configparser.Error:  # a reference to what only env.py or the command line gives
        return None


def _section(parser: configparser.ConfigParser, name: str, location: str, text: str) -> Section:
    url = _DIALECT.match(_option(parser, name, _URL) or "")
    dialect = url["name"] if url and url["name"] != "driver" else None
    return Section(
        name,
        location,
        _version_locations(parser, name),
        _option(parser, name, "recursive_version_locations") == "true",
        "postgresql" if dialect == "postgres" else dialect,
        _line_in(text, name, _URL_LINE) if dialect else None,
        _line_in(text, name, _LOCATIONS_LINE) or 1,
        _option(parser, name, "file_template"),
        _number(_option(parser, name, "truncate_slug_length")),
        _option(parser, name, "sqlalchemy.isolation_level") == "AUTOCOMMIT",
    )


def _number(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | str) else None
    except ValueError:
        return None


def _version_locations(parser: configparser.ConfigParser, section: str) -> tuple[str, ...]:
    value = _option(parser, section, "version_locations") or ""
    names = ("path_separator", "version_path_separator")
    given = (_option(parser, section, name) for name in names)
    # A comment behind the value, as some templates had it, is part of it for ConfigParser.
    kind = next((each for each in given if each is not None), "").partition(" ")[0]
    separator = _SEPARATORS.get(kind)
    found = _LEGACY_SEPARATOR.split(value) if separator is None else value.split(separator)
    return tuple(each.strip() for each in found if each.strip())


def _line_in(text: str, section: str, option: re.Pattern[str]) -> int | None:
    """The line of an option in a section, or of the one in [DEFAULT]."""
    lines: dict[str, int] = {}
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _SECTION.match(line):
            current = header["name"]
        elif option.match(line):
            lines[current] = number
    return lines.get(section, lines.get(configparser.DEFAULTSECT))
