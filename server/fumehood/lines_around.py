"""What stands around a line: how it is indented, and the autocommit blocks that it can join."""

from __future__ import annotations

import re

from .cut import Piece, Pieces

_BLOCK = re.compile(r"\s*with [\w.]+\.get_context\(\)\.autocommit_block\(\):[ \t]*[\r\n]*\Z")
UNIT = "    "  # one level of indentation, where the file shows none


def indent_of(piece: Piece) -> str:
    """What a line begins with."""
    return piece.text[: len(piece.text) - len(piece.text.lstrip(" \t"))]


def unit_at(pieces: Pieces, index: int) -> str:
    """One level of indentation, as it is around the piece at `index`."""
    indent, column = indent_of(pieces[index]), pieces[index].column
    while index >= 0:
        piece = pieces[index]
        if piece.opens and piece.column < column and not piece.blank:
            return indent.removeprefix(indent_of(piece)) or UNIT
        index -= 1
    return UNIT


def stands_alone(pieces: Pieces, index: int) -> bool:
    """Whether nothing else than the piece at `index` stands in its block."""
    head = index - 1
    while pieces[head].blank or pieces[head].column >= pieces[index].column:
        head -= 1
    return all(pieces[each].blank for each in pieces.block(head) if each != index)


def block_before(pieces: Pieces, first: int, like: int) -> int | None:
    """The autocommit block that ends directly before `first`, in the same block as `like`."""
    index, column = first - 1, pieces[like].column
    while index >= 0 and pieces[index].column > column and not pieces[index].blank:
        index -= 1
    return index if 0 <= index < first - 1 and _is_block(pieces[index], column) else None


def block_behind(pieces: Pieces, last: int, like: int) -> int | None:
    """The autocommit block that begins directly at `last`."""
    inside = last + 1 < len(pieces) and not pieces[last + 1].blank
    return last if inside and _is_block(pieces[last], pieces[like].column) else None


def _is_block(piece: Piece, column: int) -> bool:
    return piece.opens and piece.column == column and bool(_BLOCK.match(piece.text))
