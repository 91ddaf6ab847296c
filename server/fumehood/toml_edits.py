"""One careful write into a configuration file: start-after is set, and all else stays."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator
from typing import Any

from .text import Edit, Span, applied
from .toml import Defined, KeyPath, behind_blank, defined, parse, table_in

_KEY = "start-after"


def with_start_after(
    text: str, filename: str, revision: str, replaced: Collection[str] = ()
) -> str:
    """The text of a configuration file whose start-after names a revision as well.

    The revision stands where the first of those stood that it replaces; the others of these are
    gone, and their comments stay. Raises TomlError where the text is not TOML, and ValueError
    where there is no place for it.
    """
    if text.startswith("\ufeff"):
        return "\ufeff" + with_start_after(text[1:], filename, revision, replaced)
    parse(text)
    table = table_in(filename)
    gone = {revision, *replaced}
    edits = sorted(_edits(text, table, revision, gone), key=lambda edit: edit.start)
    new = applied(text, edits)
    if not _differ_only_in(text, new, table, revision, gone):
        setting = _setting(revision)
        raise ValueError(f"{filename} leaves no place for it; write there yourself: {setting}")
    return new


def _setting(revision: str) -> str:
    return f"{_KEY} = {_quoted(revision)}"


def _quoted(revision: str) -> str:
    return json.dumps(revision, ensure_ascii=False)


def _differ_only_in(text: str, new: str, table: KeyPath, revision: str, gone: set[str]) -> bool:
    """Whether a new text says what the old one does, but for start-after."""
    # Numbers as text: NaN is no equal of itself.
    wanted: dict[str, Any] = tomllib.loads(text, parse_float=str)
    try:
        written: dict[str, Any] = tomllib.loads(new, parse_float=str)
        inner, there = wanted, written
        for key in table:
            inner, there = inner.setdefault(str(key), {}), there[str(key)]
        inner[_KEY] = _value(_listed(inner.get(_KEY, [])), revision, gone)
        there[_KEY] = _listed(there[_KEY])
    except (LookupError, ValueError, AttributeError, TypeError):
        return False
    return written == wanted


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _value(present: list[object], revision: str, gone: set[str]) -> list[object]:
    """What start-after is to be, of what it is."""
    kept = [revision if _among(each, gone) else each for each in present]
    if revision not in kept:
        return [*kept, revision]
    first = kept.index(revision)
    return kept[: first + 1] + [each for each in kept[first + 1 :] if each != revision]


def _among(value: object, gone: set[str]) -> bool:
    return isinstance(value, str) and value in gone


def _edits(text: str, table: KeyPath, revision: str, gone: set[str]) -> Iterator[Edit]:
    found = list(defined(text, table))
    for path, place, _ in found:
        if path == (*table, _KEY):
            if text[place.value.start] != "[":
                yield _single(text, place.value, revision, gone)
                return
            inner = [one.place.value for one in found if one.path[:-1] == path]
            yield from _in_list(text, place.value, inner, revision, gone)
            return
    yield _set(text, table, found, _setting(revision))


def _single(text: str, value: Span, revision: str, gone: set[str]) -> Edit:
    """Beside the one revision that is there, or in its place."""
    present = text[value.start : value.end]
    new = _quoted(revision)
    if not _among(tomllib.loads(f"x = {present}")["x"], gone):
        new = f"[{present}, {new}]"
    return Edit(*value, new)


def _in_list(
    text: str, value: Span, elements: list[Span], revision: str, gone: set[str]
) -> Iterator[Edit]:
    present: list[object] = tomllib.loads(f"x = {text[value.start : value.end]}")["x"]
    among = [index for index, element in enumerate(present) if _among(element, gone)]
    if among:
        yield Edit(*elements[among[0]], _quoted(revision))
        for run in _runs(among[1:]):
            yield from _removed(text, elements, run)
    elif elements:
        yield from _appended(text, value, elements[-1], _quoted(revision))
    elif "#" in text[value.start : value.end]:
        yield Edit(value.start + 1, value.start + 1, _quoted(revision))
    else:
        yield Edit(*value, _quoted(revision))


def _runs(indexes: list[int]) -> Iterator[range]:
    """Ascending indexes as ranges that are as long as can be."""
    while indexes:
        length = 1
        while length < len(indexes) and indexes[length] == indexes[0] + length:
            length += 1
        yield range(indexes[0], indexes[0] + length)
        indexes = indexes[length:]


def _removed(text: str, elements: list[Span], run: range) -> Iterator[Edit]:
    """Elements in a row taken out, each with a comma; there is another one before them."""
    before, end = elements[run.start - 1].end, elements[run.stop - 1].end
    if "#" not in text[before:end]:
        yield Edit(before, end, "")
        return
    for start, end in (elements[index] for index in run):
        comma = _behind_comma(text, end)
        if comma is not None and "#" in text[end:comma]:
            yield Edit(comma - 1, comma, "")
        elif comma is not None:
            end = comma
        yield Edit(*_with_blanks(text, start, end), "")


def _with_blanks(text: str, start: int, end: int) -> Span:
    """A span with the blanks behind it, and with its line where that holds nothing else."""
    end += len(text[end:]) - len(text[end:].lstrip(" \t"))
    line = text.rfind("\n", 0, start) + 1
    if not text[line:start].strip() and text.startswith(("\n", "\r\n"), end):
        return Span(line, text.index("\n", end) + 1)
    return Span(start, end)


def _appended(text: str, value: Span, last: Span, new: str) -> Iterator[Edit]:
    """One more element behind the last one, on a line of its own where that one ends a line."""
    comma = _behind_comma(text, last.end)
    end = text.find("\n", comma or last.end, value.end)
    if end < 0:
        yield Edit(last.end, last.end, f", {new}")
        return
    if comma is None:
        yield Edit(last.end, last.end, ",")
    line = text.rfind("\n", 0, last.start) + 1
    before = text[line : last.start]
    indent = before if not before.strip() else before[: -len(before.lstrip())] + "    "
    end -= text[end - 1] == "\r"
    newline = "\r\n" if text[end] == "\r" else "\n"
    yield Edit(end, end, newline + indent + new + "," * (comma is not None))


def _behind_comma(text: str, at: int) -> int | None:
    """Behind the comma that follows an element; None where there is none."""
    at = behind_blank(text, at)
    return at + 1 if text[at] == "," else None


def _set(text: str, table: KeyPath, found: list[Defined], setting: str) -> Edit:
    """What adds an option, given as `key = value`, to a text that has none."""
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


def _beside(text: str, sibling: Defined, setting: str, newline: str) -> Edit:
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
