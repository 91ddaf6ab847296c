"""Text, Span, Edit: offsets, line starts and the three position encodings of LSP.

Inside fumehood a place is an offset in code points. Lines and columns exist only here, at the edge.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

# What ends a line in LSP (3.17, "Text Documents"): nothing else does, not form feed, not U+2028.
_LINE_END = re.compile(r"\r\n|\r|\n")


class Span(NamedTuple):
    """A half-open range of offsets, in code points."""

    start: int
    end: int


class Edit(NamedTuple):
    """Replaces the text of [start, end), in code points, by `text`."""

    start: int
    end: int
    text: str


class Position(NamedTuple):
    """A place as an editor says it: both 0-based, `character` in code units of the encoding."""

    line: int
    character: int


class Offsets:
    """Ascending offsets, of which a run can be replaced and the rest shifted without touching it.

    All entries from `_gap` on lie `_shift` further than stored. The gap moves to where the edits
    are, so that typing in one place costs nothing that grows with the file.
    """

    def __init__(self, values: Iterable[int]) -> None:
        self._values = list(values)
        self._gap = 0
        self._shift = 0

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index] + (self._shift if index >= self._gap else 0)

    def find(self, offset: int) -> int:
        """The index of the last entry that is at or before `offset`; -1 where there is none."""
        values, gap = self._values, self._gap
        if gap < len(values) and values[gap] + self._shift <= offset:
            return bisect_right(values, offset - self._shift, lo=gap) - 1
        return bisect_right(values, offset, hi=gap) - 1

    def find_exact(self, offset: int) -> int | None:
        """The index of the entry that equals `offset`."""
        index = self.find(offset)
        return index if index >= 0 and self[index] == offset else None

    def splice(self, start: int, end: int, values: Sequence[int], shift: int) -> None:
        """Replace the entries [start, end) by `values` and move all that follow by `shift`."""
        self._move_gap(end)
        self._values[start:end] = values
        self._gap = start + len(values)
        self._shift += shift

    def _move_gap(self, index: int) -> None:
        values, gap, shift = self._values, self._gap, self._shift
        if index > gap:
            values[gap:index] = [value + shift for value in values[gap:index]]
        elif index < gap:
            values[index:gap] = [value - shift for value in values[index:gap]]
        self._gap = index


class Text:
    """The text of one file, edited in place, with its line starts."""

    def __init__(self, content: str) -> None:
        self.content = content
        self._starts = Offsets([0, *(match.end() for match in _LINE_END.finditer(content))])

    def __len__(self) -> int:
        return len(self.content)

    @property
    def line_count(self) -> int:
        """Lines as LSP counts them: a trailing line end opens one more, empty line."""
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The 0-based line that holds `offset`."""
        return self._starts.find(offset)

    def line_start(self, line: int) -> int:
        """The offset at which a line begins."""
        return self._starts[line]

    def line_text(self, line: int) -> str:
        """A line without its line end."""
        return self.content[self._starts[line] : self._line_end(line)]

    def position(self, offset: int, encoding: Encoding) -> Position:
        """Where `offset` lies, in code units of `encoding`."""
        line = self.line_of(offset)
        return Position(line, _units(self.content[self._starts[line] : offset], encoding))

    def offset(self, line: int, character: int, encoding: Encoding) -> int:
        """The offset of a position; one past the end of its line or text means that end.

        A character inside a surrogate pair or a multi-byte sequence means the code point's start.
        """
        if line < 0 or character < 0:
            return 0 if line < 0 else self._starts[min(line, len(self._starts) - 1)]
        if line >= len(self._starts):
            return len(self.content)
        start, end = self._starts[line], self._line_end(line)
        if encoding == "utf-32":
            return min(start + character, end)
        text = self.content[start:end]
        if text.isascii():
            return min(start + character, end)
        return start + _code_points(text, character, encoding)

    def replace(self, edit: Edit) -> None:
        """Apply one edit; its offsets must lie within the text."""
        content = self.content
        # A line end can be made or broken by what touches the edit: "\r" before it, "\n" after it.
        low = edit.start - (edit.start > 0)
        high = edit.end + (edit.end < len(content))
        new = content[low : edit.start] + edit.text + content[edit.end : high]
        self.content = content[: edit.start] + edit.text + content[edit.end :]
        first, last = self._starts.find(low) + 1, self._starts.find(high) + 1
        starts = [low + match.end() for match in _LINE_END.finditer(new)]
        # A "\r" that ends `new` may be half of a "\r\n" whose "\n" was not looked at.
        if starts and new[-1] == "\r" and self.content[starts[-1] : starts[-1] + 1] == "\n":
            starts.pop()
        self._starts.splice(first, last, starts, len(edit.text) - (edit.end - edit.start))

    def _line_end(self, line: int) -> int:
        """The offset where a line's text ends, before its line end."""
        if line + 1 >= len(self._starts):
            return len(self.content)
        end = self._starts[line + 1]
        return end - 2 if self.content[end - 2 : end] == "\r\n" else end - 1


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _code_points(text: str, units: int, encoding: Encoding) -> int:
    seen = 0
    for index, character in enumerate(text):
        seen += _units(character, encoding)
        if seen > units:
            return index
    return len(text)


def applied(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits of it, ascending and none overlapping."""
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def difference(old: str, new: str) -> Edit | None:
    """The one edit that makes a text another, of the least length; None where they are equal."""
    start = _common(lambda size: old[:size] == new[:size], min(len(old), len(new)))
    most = min(len(old), len(new)) - start
    end = _common(lambda size: old[len(old) - size :] == new[len(new) - size :], most)
    if start + end == len(old) == len(new):
        return None
    return Edit(start, len(old) - end, new[start : len(new) - end])


def _common(equal: Callable[[int], bool], most: int) -> int:
    """The largest size up to `most` for which two texts are equal, by halving."""
    return bisect_left(range(1, most + 1), True, key=lambda size: not equal(size))
