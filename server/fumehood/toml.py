"""TOML with places: the values of a file, and where each of them stands.

tomllib reads the values. Where they stand is asked for when something is wrong, or is to be
written; the scanner that tells it is only ever given text that tomllib has accepted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from .text import Span

OWN_FILE = "fumehood.toml"
KeyPath = tuple[str | int, ...]  # keys, and indexes into arrays, from the top of a file

# Compiled when something is first looked for: most runs find nothing wrong. No group repeats
# possessively: in Python 3.11.2 that matches at the wrong place.
_BLANK = r"(?:[ \t\r\n]++|#[^\n]*+)*"
_BETWEEN = r"(?:[ \t\r\n,]++|#[^\n]*+)*"  # the same, within brackets
_KEY = r"""[A-Za-z0-9_-]++|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"|'[^'\n]*+'"""
_SPACE = r"[ \t]*"
_DOT = r"[ \t]*\.[ \t]*"
_EQUALS = r"[ \t]*=[ \t]*"
_STRING = (
    r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*"""(?:"{0,2})'
    r"|'''[^']*+(?:'(?!'')[^']*+)*'''(?:'{0,2})"
    r'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"'
    r"|'[^'\n]*+'"
)
_PLAIN = r"[^\]}#,\r\n]*[^\]}#,\s]"  # a number, a date (with a space), a boolean
_NESTED = rf"{_STRING}|#[^\n]*+|[^\"'#\[\]{{}}]++|[\[\]{{}}]"
_MESSAGE = r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end.*)\)"
_DEEPEST = 4  # arrays and tables below the table that is asked about


class TomlError(ValueError):
    """A text that is not TOML: what is wrong, and the offset at which that shows."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Place(NamedTuple):
    """Where a key and its value stand; a table that has only a header is its own key."""

    key: Span
    value: Span


def parse(text: str) -> dict[str, Any]:
    """The values of a text. Raises TomlError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _located(str(error), text) from error
    except RecursionError as error:
        raise TomlError("arrays or tables are nested too deeply", 0) from error
    except ValueError as error:  # a number with too many digits, a date that there is not
        raise TomlError(str(error), 0) from error


def places(text: str, table: KeyPath) -> dict[KeyPath, Place]:
    """Where the keys and elements below a table stand, each under its path from that table.

    The table itself is under (). `text` has to be valid TOML.
    """
    found: dict[KeyPath, Place] = {}
    for path, place, _ in defined(text, table):
        if path[: len(table)] == table:
            found.setdefault(path[len(table) :], place)
    return found


def line_of(text: str, path: KeyPath) -> int:
    """The 1-based line of a key that is there."""
    place = places(text, path).get(())
    return text.count("\n", 0, place.key.start) + 1 if place else 1


def table_in(filename: str) -> KeyPath:
    """Where fumehood's options stand in a file of this name."""
    return () if filename == OWN_FILE else ("tool", "fumehood")


def _located(message: str, text: str) -> TomlError:
    match = re.fullmatch(_MESSAGE, message)
    if match is None:
        return TomlError(message, 0)
    what = match["what"][:1].lower() + match["what"][1:]
    if match["line"] is None:
        return TomlError(what, len(text))
    start = 0
    for _ in range(int(match["line"]) - 1):
        start = text.find("\n", start) + 1
    return TomlError(what, min(start + int(match["column"]) - 1, len(text)))


class _Key(NamedTuple):
    name: str
    span: Span


class Defined(NamedTuple):
    """A key, a table or an element: `path` from the top of the file, and where it stands."""

    path: KeyPath
    place: Place
    start: int  # of the `key = value` that it is written in; -1 for a header


def defined(text: str, wanted: KeyPath) -> Iterator[Defined]:
    """All keys of a text, and what lies within the values of a table and around it."""
    at = 0
    header: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    while (at := behind_blank(text, at)) < len(text):
        if text[at] != "[":
            entries, at = _entry(text, at, header, wanted)
            yield from entries
            continue
        several = text.startswith("[[", at)
        keys, end = _keys(text, at + 1 + several)
        header = _table_path(keys, counts, several)
        span = Span(at, text.index("]", end) + 1 + several)
        for depth in range(1, len(header)):
            yield Defined(header[:depth], Place(span, span), -1)
        yield Defined(header, Place(keys[-1].span, span), -1)
        at = span.end


def _table_path(keys: list[_Key], counts: dict[KeyPath, int], several: bool) -> KeyPath:
    """The path that a header means; below an array of tables it is the last element's."""
    path: KeyPath = ()
    for index, key in enumerate(keys):
        path += (key.name,)
        if several and index == len(keys) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path += (counts[path] - 1,)
    return path


def _entry(text: str, at: int, header: KeyPath, wanted: KeyPath) -> tuple[list[Defined], int]:
    """The `key = value` at an offset: what it defines, and where it ends."""
    keys, end = _keys(text, at)
    path = header + tuple(key.name for key in keys)
    start = _end(_EQUALS, text, end)
    inner: list[Defined] = []
    end = _value(text, start, path, wanted, inner)
    found: list[Defined] = []
    for depth, key in enumerate(keys, start=len(header) + 1):
        value = Span(start if depth == len(path) else at, end)
        found.append(Defined(path[:depth], Place(key.span, value), at))
    return found + inner, end


def _keys(text: str, at: int) -> tuple[list[_Key], int]:
    """The dotted key at an offset, and where it ends."""
    keys: list[_Key] = []
    at = _end(_SPACE, text, at)
    while True:
        end = _end(_KEY, text, at)
        name = text[at:end]
        if "\\" in name:
            name = next(iter(tomllib.loads(f"{name} = 0")))
        elif name[:1] in ("'", '"'):
            name = name[1:-1]
        keys.append(_Key(name, Span(at, end)))
        dot = _compiled(_DOT).match(text, end)
        if dot is None:
            return keys, end
        at = dot.end()


def _value(text: str, at: int, path: KeyPath, wanted: KeyPath, found: list[Defined]) -> int:
    """Collect what lies within a value, where that is wanted; where the value ends."""
    near, opening = min(len(path), len(wanted)), text[at]
    beside = path[:near] != wanted[:near] or len(path) >= len(wanted) + _DEEPEST
    if beside or opening not in "[{":
        return _skip(text, at)
    at, index = _end(_BETWEEN, text, at + 1), 0
    while text[at] not in "]}":
        if opening == "{":
            entries, end = _entry(text, at, path, wanted)
            found += entries
        else:
            inner: list[Defined] = []
            end = _value(text, at, (*path, index), wanted, inner)
            span = Span(at, end)
            found += [Defined((*path, index), Place(span, span), at), *inner]
        at, index = _end(_BETWEEN, text, end), index + 1
    return at + 1


def _skip(text: str, at: int) -> int:
    """Where the value at an offset ends."""
    if text[at] not in "[{":
        return _end(_STRING if text[at] in "\"'" else _PLAIN, text, at)
    depth = 0
    for token in _compiled(_NESTED).finditer(text, at):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if not depth:
            return token.end()
    return len(text)


def behind_blank(text: str, at: int) -> int:
    """Behind the white space and the comments at an offset."""
    return _end(_BLANK, text, at)


def _end(pattern: str, text: str, at: int) -> int:
    match = _compiled(pattern).match(text, at)
    return match.end() if match else at


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
