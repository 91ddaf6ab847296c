"""Text of a line -> its tree, reading and spans: an undo, a move, a paste cost no parse."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import libcst as cst

from ..cut import Piece
from ..spans import spans
from ..syntax import Parsed, Path, node_at
from ..text import Span
from .line import read
from .reading import NOTHING, Reading

_LOG = logging.getLogger(__name__)
# Lines whose trees are kept; a tree takes some 10 KiB.
_MOST_LINES = 20_000


@dataclass(slots=True)
class Line:
    """What is known of one line's text, whatever the file and the place."""

    reading: Reading
    parsed: Parsed | None
    spans: dict[Path, Span] = field(default_factory=dict)

    def span(self, path: Path) -> Span:
        """Where a node stands, from the line's start, of a call its function; () is all of it."""
        found = self.spans.get(path)
        if found is None:
            assert self.parsed is not None
            node = node_at(self.parsed, path)
            node = node.func if path and isinstance(node, cst.Call) else node
            start, end = spans(self.parsed.module, [node])[node]
            found = self.spans[path] = Span(start - self.parsed.shift, end - self.parsed.shift)
        return found


_BLANK = Line(NOTHING, None)


def _line(piece: Piece) -> Line:
    try:
        return Line(*read(piece))
    except Exception:  # one line that cannot be read must not take its file down
        _LOG.exception("a line could not be read: %r", piece.text[:200])
        return Line(Reading(broken=True), None)


class Lines:
    """The lines that were read, by their text; the oldest go first. `parsed` counts real work."""

    def __init__(self) -> None:
        self.parsed = 0
        self._lines: dict[tuple[str, bool], Line] = {}

    def of(self, piece: Piece) -> Line:
        """Read a piece, or remember it; the piece keeps tree and reading."""
        if piece.blank:
            piece.reading = NOTHING
            return _BLANK
        key = (piece.text, piece.opens)
        line = self._lines.get(key)
        if line is None:
            self.parsed += 1
            line = self._lines[key] = _line(piece)
            if len(self._lines) > _MOST_LINES:
                del self._lines[next(iter(self._lines))]
        piece.reading, piece.parsed = line.reading, line.parsed
        return line
