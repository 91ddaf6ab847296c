"""The dotted name that stands at a place of a file, where it is one of the module's."""

from __future__ import annotations

import re

from .document import Document
from .join.names import bound_by
from .read import reading as r
from .read.cache import Lines

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def dotted_at(document: Document, lines: Lines, offset: int) -> str | None:
    """The name up to the part that an offset is in: `models.User` of `models.User.email`.

    None where there is none, or its first part is a name of the function around.
    """
    pieces = document.pieces
    index = pieces.at(offset)
    piece, start = pieces[index], pieces.start(index)
    within = offset - start
    found = next((m for m in _DOTTED.finditer(piece.text) if m.start() <= within <= m.end()), None)
    if (
        piece.blank
        or found is None
        or piece.text[found.start() - 1 : found.start()] in (".", "'", '"')
    ):
        return None
    end = piece.text.find(".", within, found.end())
    dotted = piece.text[found.start() : end if end >= 0 else found.end()]
    head = dotted.partition(".")[0]
    return None if _is_bound(document, lines, index, head) else dotted


def _is_bound(document: Document, lines: Lines, index: int, name: str) -> bool:
    """Whether a function around a line gives a name another meaning than the module does."""
    pieces, column = document.pieces, document.pieces[index].column
    while index > 0 and column > 0:
        index -= 1
        piece = pieces[index]
        if piece.blank or piece.column >= column:
            continue
        column = piece.column
        header = lines.of(piece).reading.header
        if isinstance(header, r.Define):
            block = (pieces[number] for number in pieces.block(index))
            inner = {bound for each in block for bound in bound_by(lines.of(each).reading)}
            if name in inner or name in {each.name for each in header.parameters}:
                return True
    return False
