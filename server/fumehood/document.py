"""Document: one open file, its Text and its tree of pieces, which hold its libcst nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from .cut import Change, Piece, Pieces
from .revisions import PARTS, Revision, revision_of
from .text import Edit, Span, Text

# What makes a file a migration: the two names that Alembic looks for at the top of a revision.
_REVISION_NAMES = ("revision", "down_revision")


# What begins a comment that is meant for fumehood.
_MARK = "fumehood:"


class Document:
    """One file while fumehood looks at it.

    `pieces` is the file's syntax tree in preorder: a header's block is the run of pieces that stand
    further right (`pieces.block`), and each piece that was parsed holds its libcst node. `marked`
    are the pieces in which fumehood itself may be spoken to.
    """

    def __init__(self, path: str, content: str, pieces: Pieces | None = None) -> None:
        """`pieces` are those of the content, where they are known already."""
        self.path = path
        self.text = Text(content)
        self.pieces = Pieces(content) if pieces is None else pieces
        self.unread: deque[Piece] = deque(self.pieces)
        self.marked = {piece for piece in self.pieces if _MARK in piece.text}
        self._declared: tuple[Revision | None] | None = None
        self._revision_names = {
            name: sum(_names_revision(piece, name) for piece in self.pieces)
            for name in _REVISION_NAMES
        }

    def copy(self) -> Document:
        """The same document, to be changed apart from this one."""
        return Document(self.path, self.text.content, self.pieces.copy())

    @property
    def is_migration(self) -> bool:
        """Whether the file is an Alembic revision, by its content."""
        return all(self._revision_names.values())

    @property
    def declared(self) -> Revision | None:
        """What the file says of its place among revisions."""
        if self._declared is None:
            self._declared = (revision_of(self.text.content),)
        return self._declared[0]

    def replace(self, edit: Edit) -> Change:
        """Apply one edit to text and pieces; the new pieces wait in `unread`."""
        self.text.replace(edit)
        change = self.pieces.replace(edit, self.text.content)
        if any(each.word in PARTS for each in (*change.removed, *change.added)):
            self._declared = None
        self.marked.difference_update(change.removed)
        self.marked.update(piece for piece in change.added if _MARK in piece.text)
        self._count(change.removed, -1)
        self._count(change.added, 1)
        self.unread.extend(change.added)
        return change

    def span(self, piece: Piece) -> Span:
        """Where a piece stands now."""
        start = self.pieces.start(self.pieces.index(piece))
        return Span(start, start + len(piece.text))

    def _count(self, pieces: Iterable[Piece], by: int) -> None:
        for piece in pieces:
            for name in _REVISION_NAMES:
                self._revision_names[name] += by * _names_revision(piece, name)


def _names_revision(piece: Piece, name: str) -> bool:
    return piece.word == name and piece.column == 0
