"""From places in SQL to places in the source text of the string that holds it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from .spans import spans
from .text import Edit

# One character of a literal's value, as it is written.
_ESCAPED = re.compile(
    r"\\(?:\r\n|[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}]*\}|[\s\S])"
    r"|\r\n|[\s\S]"
)
_RAW = re.compile(r"\r\n|[\s\S]")
_KNOWN_ESCAPES = frozenset("\\'\"abfnrtvxuUN01234567")
# What would have to be written otherwise within a string, or in an f-string, or for a driver.
_SPECIAL = frozenset("\\'{}%\r\n")
_BARE = '"'
# Methods of a statement that leave its SQL as it is.
_KEEP_SQL = frozenset(("bindparams", "columns", "execution_options"))


class _Written(NamedTuple):
    """A part of the SQL. For each of its characters, and for its end, where that is written.

    `quote` is what a double quote in it is written as, None where it cannot be.
    """

    text: str
    places: list[int]
    quote: str | None


# None for a part of which only the value is known.
_Part = _Written | None


def sql_edits(
    root: cst.Module, value: cst.BaseExpression, sql: str, edits: Sequence[Edit]
) -> list[Edit] | None:
    """Edits in SQL as edits of the code generated from `root`; None where they are not plain.

    `value` gives the SQL: a string, several, one with known names in it, or `text(…)` around these.
    """
    parts = list(_parts(root, value))
    found = []
    for start, end, text in edits:
        place = _place(parts, sql, start, end)
        if place is None or not _SPECIAL.isdisjoint(text):
            return None
        first, last, quote = place
        if quote is None and '"' in text:
            return None
        found.append(Edit(first, last, text.replace('"', quote or "")))
    return found


def name_of(value: cst.BaseExpression) -> str | None:
    """The name that gives all of the SQL, perhaps in `text(…)`; None where it is no name."""
    match value:
        case cst.Name():
            return value.value
        case cst.Call(func=cst.Attribute(value=statement, attr=method)) if (
            method.value in _KEEP_SQL
        ):
            return name_of(statement)
        case cst.Call(func=function, args=[cst.Arg() as only]) if _is_dotted(function):
            return name_of(only.value)
    return None


def _place(
    parts: Sequence[_Part], sql: str, start: int, end: int
) -> tuple[int, int, str | None] | None:
    """Where [start, end) is written, all in one part, and what a double quote is written as."""
    for part, at in zip(parts, _offsets(parts, sql), strict=True):
        if part is None or at is None or not at <= start <= end <= at + len(part.text):
            continue
        first, last = part.places[start - at], part.places[end - at]
        at_end = part.quote == _BARE and last == part.places[-1]  # perhaps of three quotes
        return first, last, None if at_end else part.quote
    return None


def _offsets(parts: Sequence[_Part], sql: str) -> list[int | None]:
    """Where each part begins in the SQL; None where that is not certain."""
    found: list[int | None] = [None] * len(parts)
    at = 0
    for number, part in enumerate(parts):
        if part is None or not sql.startswith(part.text, at):
            break
        found[number] = at
        at += len(part.text)
    at = len(sql)
    for number, part in reversed(list(enumerate(parts))):
        if part is None or not sql.endswith(part.text, 0, at):
            break
        at -= len(part.text)
        found[number] = at
    for number, part in enumerate(parts):
        if part is not None and part.text in sql and sql.find(part.text) == sql.rfind(part.text):
            found[number] = sql.find(part.text)
    return found


def _parts(root: cst.Module, value: cst.BaseExpression) -> Iterator[_Part]:
    match value:
        case cst.SimpleString():
            start = spans(root, [value])[value][0] + len(value.lpar)
            opening = len(value.prefix) + len(value.quote)
            yield _written(value.raw_value, value.prefix, value.quote, start + opening)
        case cst.ConcatenatedString():
            yield from _parts(root, value.left)
            yield from _parts(root, value.right)
        case cst.FormattedString():
            for item in value.parts:
                yield from _formatted(root, item, value)
        case cst.BinaryOperation(operator=cst.Add()):
            yield from _parts(root, value.left)
            yield from _parts(root, value.right)
        case cst.Call(func=cst.Attribute(value=statement, attr=method)) if (
            method.value in _KEEP_SQL
        ):
            yield from _parts(root, statement)
        case cst.Call(func=function, args=[cst.Arg() as only]) if (
            _is_dotted(function) and not only.star
        ):
            yield from _parts(root, only.value)  # text(…) or DDL(…): nothing else gives SQL
        case _:
            yield None


def _is_dotted(node: cst.BaseExpression) -> bool:
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name)


def _formatted(
    root: cst.Module, item: cst.BaseFormattedStringContent, whole: cst.FormattedString
) -> Iterator[_Part]:
    start, end = spans(root, [item])[item]
    if isinstance(item, cst.FormattedStringText):
        yield _written(item.value, whole.prefix, whole.quote, start)
    else:
        yield None
        yield _written("", whole.prefix, whole.quote, end)  # behind a field the string goes on


def _written(body: str, prefix: str, quote: str, start: int) -> _Part:
    """A part of a literal; None where it cannot be read."""
    text, places = [], []
    raw = "r" in prefix.lower()
    index = 0
    while index < len(body):
        written = _unit(body, index, raw, braces="f" in prefix.lower())
        value = _value(written, raw)
        if value is None:
            return None
        text.append(value)
        places += [start + index + number for number in range(len(value))]
        index += len(written)
    return _Written("".join(text), [*places, start + len(body)], _double_quote(quote, raw))


def _double_quote(quote: str, raw: bool) -> str | None:
    if quote != _BARE:
        return _BARE
    return None if raw else '\\"'


def _unit(body: str, index: int, raw: bool, braces: bool) -> str:
    if braces and body.startswith(("{{", "}}"), index):
        return body[index : index + 2]
    found = (_RAW if raw else _ESCAPED).match(body, index)
    return found[0] if found else body[index]


def _value(written: str, raw: bool) -> str | None:
    """What one character, or one that is escaped, stands for; "" where the line goes on."""
    if written in ("{{", "}}"):
        return written[0]
    if written == "\r\n":
        return "\n"
    if raw or len(written) == 1:
        return written
    if written[1] in "\r\n":
        return ""
    if written[1] not in _KNOWN_ESCAPES:
        return written  # the backslash stays one
    try:
        return str(ast.literal_eval(f'"{written}"'))
    except (SyntaxError, ValueError):
        return None
