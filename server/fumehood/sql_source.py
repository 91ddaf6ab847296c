"""From places in SQL to places in the source text of the string that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from .spans import spans
from .text import Edit

# One character of a literal's value, as it is written.
_ESCAPED = re.compile(
    r"\\(?:\r\n|[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}]*\}|[\s\S])"
    r"|\r\n|[\s\S]"
)
_RAW = re.compile(r"\r\n|[\s\S]")
_BRACES = re.compile(r"\{\{|\}\}")
_KNOWN_ESCAPES = frozenset("\\'\"abfnrtvxuUN01234567")
# What would have to be written otherwise within a string.
_SPECIAL = frozenset("\\'\"{}%\r\n")

# For each character of a part of the SQL, and for its end, where it is written; None for a part of
# which only the value is known.
_Part = list[int] | None


def sql_edits(
    root: cst.Module, value: cst.BaseExpression, length: int, edits: Sequence[Edit]
) -> list[Edit] | None:
    """Insertions in SQL as edits of the code generated from `root`; None where they are not plain.

    `value` gives the SQL, of `length` characters: a string, several, one with known names in it, or
    `text(…)` around these.
    """
    parts = list(_parts(root, value))
    found = []
    for start, end, text in edits:
        place = _place(parts, length, start)
        if start != end or place is None or not _SPECIAL.isdisjoint(text):
            return None
        found.append(Edit(place, place, text))
    return found


def _place(parts: Sequence[_Part], length: int, offset: int) -> int | None:
    """Where a character is written: counted from the front, else from the end."""
    for part in parts:
        if part is None:
            break
        if offset < len(part):
            return part[offset]
        offset -= len(part) - 1
        length -= len(part) - 1
    left = length - offset
    for part in reversed(parts):
        if part is None:
            return None
        if left < len(part):
            return part[len(part) - 1 - left]
        left -= len(part) - 1
    return None


def _parts(root: cst.Module, value: cst.BaseExpression) -> Iterator[_Part]:
    match value:
        case cst.SimpleString():
            start = spans(root, [value])[value][0] + len(value.lpar)
            opening = len(value.prefix) + len(value.quote)
            pattern = _RAW if "r" in value.prefix.lower() else _ESCAPED
            yield _written(value.raw_value, pattern, start + opening)
        case cst.ConcatenatedString():
            yield from _parts(root, value.left)
            yield from _parts(root, value.right)
        case cst.FormattedString():
            for item in value.parts:
                yield from _formatted(root, item, "r" in value.prefix.lower())
        case cst.BinaryOperation(operator=cst.Add()):
            yield from _parts(root, value.left)
            yield from _parts(root, value.right)
        case cst.Call(args=[cst.Arg() as only]) if only.keyword is None and not only.star:
            yield from _parts(root, only.value)  # text(…): nothing else gives SQL
        case _:
            yield None


def _formatted(
    root: cst.Module, item: cst.BaseFormattedStringContent, raw: bool
) -> Iterator[_Part]:
    if not isinstance(item, cst.FormattedStringText) or _BRACES.search(item.value):
        yield None
        return
    start = spans(root, [item])[item][0]
    yield _written(item.value, _RAW if raw else _ESCAPED, start)


def _written(body: str, pattern: re.Pattern[str], start: int) -> _Part:
    places = []
    for found in pattern.finditer(body):
        text = found.group()
        if text.startswith("\\") and len(text) > 1 and pattern is _ESCAPED:
            if text[1] in "\r\n":
                continue  # the line goes on, and nothing is written
            if text[1] not in _KNOWN_ESCAPES:
                places.append(start + found.start())  # the backslash stays one
                places.append(start + found.start() + 1)
                continue
        places.append(start + found.start())
    return [*places, start + len(body)]
