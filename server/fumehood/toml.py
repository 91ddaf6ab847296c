"""TOML with places: the values of a file, where each of them stands, and one careful write.

tomllib reads the values. Where they stand is asked for when something is wrong, or is to be
written; the scanner that tells it is only ever given text that tomllib has accepted.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from .text import Edit, Span

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
    for path, place, _ in _found(text, table):
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


def with_start_after(text: str, filename: str, revisions: list[str]) -> str:
    """The text of a configuration file with its option start-after set; all else stays.

    Raises TomlError where the text is not TOML, and ValueError where there is no place for it.
    """
    if text.startswith("\ufeff"):
        return "\ufeff" + with_start_after(text[1:], filename, revisions)
    table = table_in(filename)
    value = revisions[0] if len(revisions) == 1 else revisions
    setting = f"start-after = {json.dumps(value, ensure_ascii=False)}"
    parse(text)
    edit = _edit(text, table, setting)
    new = text[: edit.start] + edit.text + text[edit.end :]
    if not _differ_only_in(text, new, table, value):
        raise ValueError(f"{filename} leaves no place for it; write there yourself: {setting}")
    return new


def _differ_only_in(text: str, new: str, table: KeyPath, value: object) -> bool:
    """Whether a new text says what the old one does, but for start-after."""
    # Numbers as text: NaN is no equal of itself.
    wanted: dict[str, Any] = tomllib.loads(text, parse_float=str)
    try:
        inner = wanted
        for key in table:
            inner = inner.setdefault(str(key), {})
        inner["start-after"] = value
        return tomllib.loads(new, parse_float=str) == wanted
    except (ValueError, AttributeError, TypeError):
        return False


def _edit(text: str, table: KeyPath, setting: str) -> Edit:
    """What sets an option, given as `key = value`, in a text."""
    key, _, value = setting.partition(" = ")
    found = list(_found(text, table))
    for path, place, _ in found:
        if path == (*table, key):
            return Edit(*place.value, value)
    newline = "\r\n" if "\r\n" in text else "\n"
    inner = [one for one in found if len(one.path) == len(table) + 1 and one.start >= 0]
    inner = [one for one in inner if one.path[:-1] == table]
    if inner:
        return _beside(text, inner[-1], setting, newline)
    for path, place, _ in found:
        if path == table and place.key != place.value:  # its own header, not one below it
            return _line_after(text, place.value.end, setting, newline)
    if not table:
        return Edit(0, 0, setting + newline + (newline if text else ""))
    gap = newline * ((bool(text) and not text.endswith("\n")) + bool(text))
    written = f"[{'.'.join(map(str, table))}]{newline}{setting}{newline}"
    return Edit(len(text), len(text), gap + written)


def _beside(text: str, sibling: _Found, setting: str, newline: str) -> Edit:
    """Below another option, written as that one is: `fumehood.select = …` has a prefix."""
    prefix = text[sibling.start : sibling.place.key.start]
    indent = text[text.rfind("\n", 0, sibling.start) + 1 : sibling.start]
    end = sibling.place.value.end
    if indent.strip(" \t"):  # an inline table
        return Edit(end, end, f", {prefix}{setting}")
    return _line_after(text, end, indent + prefix + setting, newline)


def _line_after(text: str, at: int, line: str, newline: str) -> Edit:
    """One more line behind that of an offset, which ends as that one does."""
    end = text.find("\n", at)
    if end < 0:
        return Edit(len(text), len(text), newline + line)
    if text[end - 1] == "\r":
        return Edit(end - 1, end - 1, f"\r\n{line}")
    return Edit(end, end, f"\n{line}")


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


class _Found(NamedTuple):
    path: KeyPath
    place: Place
    start: int  # of the `key = value` that it is written in; -1 for a header


def _found(text: str, wanted: KeyPath) -> Iterator[_Found]:
    """All keys of a text, and what lies within the values of a table and around it."""
    at = 0
    header: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    while (at := _end(_BLANK, text, at)) < len(text):
        if text[at] != "[":
            entries, at = _entry(text, at, header, wanted)
            yield from entries
            continue
        several = text.startswith("[[", at)
        keys, end = _keys(text, at + 1 + several)
        header = _table_path(keys, counts, several)
        span = Span(at, text.index("]", end) + 1 + several)
        for depth in range(1, len(header)):
            yield _Found(header[:depth], Place(span, span), -1)
        yield _Found(header, Place(keys[-1].span, span), -1)
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


def _entry(text: str, at: int, header: KeyPath, wanted: KeyPath) -> tuple[list[_Found], int]:
    """The `key = value` at an offset: what it defines, and where it ends."""
    keys, end = _keys(text, at)
    path = header + tuple(key.name for key in keys)
    start = _end(_EQUALS, text, end)
    inner: list[_Found] = []
    end = _value(text, start, path, wanted, inner)
    found: list[_Found] = []
    for depth, key in enumerate(keys, start=len(header) + 1):
        value = Span(start if depth == len(path) else at, end)
        found.append(_Found(path[:depth], Place(key.span, value), at))
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


def _value(text: str, at: int, path: KeyPath, wanted: KeyPath, found: list[_Found]) -> int:
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
            inner: list[_Found] = []
            end = _value(text, at, (*path, index), wanted, inner)
            span = Span(at, end)
            found += [_Found((*path, index), Place(span, span), at), *inner]
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


def _end(pattern: str, text: str, at: int) -> int:
    match = _compiled(pattern).match(text, at)
    return match.end() if match else at


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
