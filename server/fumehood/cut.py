"""Text -> pieces: logical lines in order, nested by column, re-cut only where an edit reaches.

A piece is a simple statement, a compound statement's header with its decorators, or one line of
blank or comment. The pieces of a file, joined, are its text. A header's block is the run of
following pieces that stand further right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .scan import Line, logical_line
from .text import Edit, Offsets

if TYPE_CHECKING:
    from .syntax import Parsed

# The distance between two new labels: so often a place can be halved before all are given anew.
_LABEL_GAP = 1 << 40
# The label of a piece that is no longer part of its file.
GONE = -1


class Piece:
    """One logical line, at one place of one file; its identity outlives edits elsewhere."""

    __slots__ = (
        "blank", "broken", "column", "label", "look", "opens", "parsed", "reading", "text", "word"
    )  # fmt: skip

    def __init__(self, text: str, line: Line, look: int) -> None:
        self.text = text
        self.column = line.column
        self.word = line.word  # the first name of the line
        self.blank = line.blank
        self.opens = line.opens
        self.broken = line.broken  # a bracket or string was left open
        self.look = look  # how many characters from its start decided where it ends
        self.label = 0  # ascending along the file
        self.parsed: Parsed | None = None  # its libcst nodes
        self.reading: Any = None  # fumehood.read's, which stands above this module

    def __repr__(self) -> str:
        return f"Piece({self.text!r})"

    def copy(self) -> Piece:
        """The same line, in another file."""
        new = Piece.__new__(Piece)  # some ten times as fast as what copies anything
        new.text, new.column, new.word, new.blank = self.text, self.column, self.word, self.blank
        new.opens, new.broken, new.look = self.opens, self.broken, self.look
        new.label, new.parsed, new.reading = self.label, self.parsed, self.reading
        return new


class Change(NamedTuple):
    """What an edit did to the pieces: those from `first` on, `removed` went and `added` came."""

    first: int
    removed: list[Piece]
    added: list[Piece]
    relabelled: bool


def cut(content: str, start: int = 0) -> Iterator[tuple[int, Piece]]:
    """The pieces of `content` from the line start `start` on, each with its offset."""
    while start < len(content):
        line = logical_line(content, start)
        yield start, Piece(content[start : line.end], line, line.look - start)
        start = line.end


def block_under(pieces: Sequence[Piece], index: int) -> range:
    """The indices of the block under the header at `index`, without blanks that trail it."""
    column, end = pieces[index].column, index + 1
    for position in range(index + 1, len(pieces)):
        piece = pieces[position]
        if piece.blank:
            continue
        if piece.column <= column:
            break
        end = position + 1
    return range(index + 1, end)


class Pieces:
    """The pieces of one file, in order."""

    def __init__(self, found: Iterable[tuple[int, Piece]]) -> None:
        """`found` are the pieces as `cut` gives them, each with its offset."""
        found = list(found)
        self._list = [piece for _, piece in found]
        self._starts = Offsets([start for start, _ in found])
        self._far = {piece for piece in self._list if _looks_far(piece)}
        self._labels: list[int] = []
        self._relabel()

    def copy(self) -> Pieces:
        """The same pieces, as those of a file of their own."""
        new = Pieces(())
        new._list = [piece.copy() for piece in self._list]
        new._starts = Offsets([self._starts[index] for index in range(len(self._list))])
        new._far = {piece for piece in new._list if _looks_far(piece)}
        new._labels = self._labels.copy()
        return new

    def __len__(self) -> int:
        return len(self._list)

    def __getitem__(self, index: int) -> Piece:
        return self._list[index]

    def __iter__(self) -> Iterator[Piece]:
        return iter(self._list)

    def index(self, piece: Piece) -> int:
        """Where `piece` stands; ValueError where it is no longer one of these."""
        index = bisect_left(self._labels, piece.label)
        if index < len(self._list) and self._list[index] is piece:
            return index
        raise ValueError(f"{piece} is not in this file any more")

    def start_of(self, piece: Piece) -> int:
        """The offset at which `piece` begins, which must be one of these."""
        return self._starts[bisect_left(self._labels, piece.label)]

    def start(self, index: int) -> int:
        """The offset at which the piece at `index` begins."""
        return self._starts[index]

    def at(self, offset: int) -> int:
        """The index of the piece that holds `offset`; -1 where there are no pieces."""
        return self._starts.find(offset)

    def block(self, index: int) -> range:
        """The indices of the block under the header at `index`, without blanks that trail it."""
        return block_under(self._list, index)

    def replace(self, edit: Edit, content: str) -> Change:
        """Follow an edit of the text, which is now `content`."""
        first = self._first_touched(edit.start)
        shift = len(edit.text) - (edit.end - edit.start)
        position = self._starts[first] if first < len(self._list) else 0
        added: list[Piece] = []
        last = self._reusable(first, edit.start + len(edit.text), shift, position)
        while last is None:
            line = logical_line(content, position)
            added.append(Piece(content[position : line.end], line, line.look - position))
            position = line.end
            last = self._reusable(first, edit.start + len(edit.text), shift, position)
            if position >= len(content):
                last = len(self._list)
        return self._splice(first, last, added, shift)

    def _reusable(self, first: int, edited: int, shift: int, position: int) -> int | None:
        """The index of the old piece that now begins at `position`, which lies behind the edit."""
        if position < edited:
            return None
        index = self._starts.find_exact(position - shift)
        if index is None:
            at_end = bool(self._list) and position - shift == self._end()
            return len(self._list) if at_end or not self._list else None
        return index if index >= first and position - shift >= edited - shift else None

    def _end(self) -> int:
        return self._starts[len(self._list) - 1] + len(self._list[-1].text)

    def _first_touched(self, offset: int) -> int:
        """The first piece whose end was decided by text at or behind `offset`."""
        index = max(self._starts.find(offset), 0)
        while index > 0 and self._starts[index - 1] + self._list[index - 1].look > offset:
            index -= 1
        for piece in self._far:
            where = self.index(piece)
            if where < index and self._starts[where] + piece.look > offset:
                index = where
        return index

    def _splice(self, first: int, last: int, added: list[Piece], shift: int) -> Change:
        """Put `added` in the place of [first, last); pieces whose text stayed are kept."""
        removed = self._list[first:last]
        while added and removed and _same(added[0], removed[0]):
            del added[0], removed[0]
            first += 1
        keep = 0
        while keep < min(len(added), len(removed)) and _same(added[-1 - keep], removed[-1 - keep]):
            keep += 1
        if keep:
            del added[-keep:], removed[-keep:]
            last -= keep
        start = self._starts[first - 1] + len(self._list[first - 1].text) if first else 0
        starts = []
        for piece in added:
            starts.append(start)
            start += len(piece.text)
        self._starts.splice(first, last, starts, shift)
        self._list[first:last] = added
        del self._labels[first:last]
        for piece in removed:
            piece.label = GONE
        self._far.difference_update(removed)
        self._far.update(piece for piece in added if _looks_far(piece))
        return Change(first, removed, added, self._label(first, len(added)))

    def _label(self, first: int, count: int) -> bool:
        """Label `count` new pieces from `first` on; True where all labels had to be given anew."""
        low = self._list[first - 1].label if first else 0
        behind = first + count
        high = (
            self._list[behind].label if behind < len(self._list) else low + _LABEL_GAP * (count + 1)
        )
        step = (high - low) // (count + 1)
        if count and step == 0:
            self._relabel()
            return True
        for number in range(count):
            self._list[first + number].label = low + step * (number + 1)
        self._labels[first:first] = [piece.label for piece in self._list[first:behind]]
        return False

    def _relabel(self) -> None:
        for number, piece in enumerate(self._list, 1):
            piece.label = number * _LABEL_GAP
        self._labels = [piece.label for piece in self._list]


def together(first: Change, second: Change) -> Change | None:
    """Two changes, one after the other, as one; None where they do not touch."""
    first_end = first.first + len(first.added)
    second_end = second.first + len(second.removed)
    if second.first > first_end or second_end < first.first:
        return None
    before = second.removed[: max(0, first.first - second.first)]
    behind = second.removed[len(second.removed) - max(0, second_end - first_end) :]
    head = first.added[: max(0, second.first - first.first)]
    tail = first.added[len(first.added) - max(0, first_end - second_end) :]
    return Change(
        min(first.first, second.first),
        before + first.removed + behind,
        head + second.added + tail,
        first.relabelled or second.relabelled,
    )


def _looks_far(piece: Piece) -> bool:
    """Whether more than the character behind its end decided where it ends."""
    return piece.look > len(piece.text) + 1


def _same(one: Piece, other: Piece) -> bool:
    return one.text == other.text and one.look == other.look
