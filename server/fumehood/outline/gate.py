"""What of a file is worth reading for models and queries: little of most files."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..cut import Piece

# A file without any of these has no model and no query; its imports and classes may matter still.
_MARKS = re.compile(
    r"sqlalchemy|sqlmodel|mapped_column|\bMapped\b|\bColumn\b|\bdb\.|__table|declared_attr"
    r"|\.query\b|\bselect\(|\.filter|\.where\("
)
# A query that neither restricts nor sorts scans its table whatever indexes there are.
_RESTRICTS = re.compile(r"\b(?:where|filter|filter_by|order_by|whereclause)\s*[(=]")
_SHORT = 300  # characters of an assignment that is read in any file: a name, a constant


def matters(text: str) -> bool:
    """Whether a file may hold models or queries."""
    return _MARKS.search(text) is not None


def may_query(pieces: Iterable[Piece]) -> bool:
    """Whether there may be a query in these lines that an index could serve."""
    return any(_RESTRICTS.search(piece.text) for piece in pieces)


def may_define(piece: Piece) -> bool:
    """Whether a line outside of any function may say what a name stands for, in any file."""
    return len(piece.text) < _SHORT and "=" in piece.text
