"""Document: one open file, its Text and its tree of pieces, which hold its libcst nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from .cut import Change, Piece, Pieces, cut
from .revisions import PARTS, Revision, revision_of
from .text import Edit, Span, Text

# What makes a file a migration: the two names that Alembic looks for at the top of a revision.
_REVISION_NAMES = ("revision", "down_revision")


# What begins a comment that is meant for fumehood.
_MARK = "fumehood:"


class Document:
    """One file while fumehood looks at it.

    `pieces` is the file's syntax tree in preorder: a header's block is the run of pieces that stand
    further right (`pieces.block`), and each piece that was parsed holds its libcst node. A file is
    cut when it is first asked for them, or before that, in steps (`cut`).
    """

    def __init__(self, path: str, content: str, pieces: Pieces | None = None) -> None:
        """`pieces` are those of the content, where they are known already."""
        self.path = path
        self.text = Text(content)
        self._tree = None if pieces is None else _Tree(pieces)
        self._declared: tuple[Revision | None] | None = None
        self.outline: Any = None  # of models and queries, by fumehood.outline, which stands above

    def copy(self) -> Document:
        """The same document, to be changed apart from this one."""
        return Document(self.path, self.text.content, self.pieces.copy())

    def cut(self) -> Iterator[None]:
        """Find the pieces, in small steps; to be left alone when the text has changed meanwhile."""
        if self._tree is None:
            content, found = self.text.content, list[tuple[int, Piece]]()
            for each in cut(content):
                found.append(each)
                yield
            if self._tree is None and self.text.content is content:
                self._tree = _Tree(Pieces(found))

    @property
    def pieces(self) -> Pieces:
        """The file's syntax tree."""
        return self._cut.pieces

    @property
    def unread(self) -> deque[Piece]:
        """The pieces that wait to be parsed."""
        return self._cut.unread

    @property
    def marked(self) -> set[Piece]:
        """The pieces in which fumehood itself may be spoken to."""
        return self._cut.marked

    @property
    def is_migration(self) -> bool:
        """Whether the file is an Alembic revision, by its content."""
        return all(self._cut.revision_names.values())

    @property
    def declared(self) -> Revision | None:
        """What the file says of its place among revisions."""
        if self._declared is None:
            self._declared = (revision_of(self.text.content),)
        return self._declared[0]

    def replace(self, edit: Edit) -> Change:
        """Apply one edit to text and pieces; the new pieces wait in `unread`."""
        self.text.replace(edit)
        self.outline = None
        if self._tree is None:
            self._declared = None
            return Change(0, [], [], True)
        change = self._tree.pieces.replace(edit, self.text.content)
        if any(each.word in PARTS for each in (*change.removed, *change.added)):
            self._declared = None
        self._tree.follow(change)
        return change

    def span(self, piece: Piece) -> Span:
        """Where a piece stands now."""
        start = self.pieces.start(self.pieces.index(piece))
        return Span(start, start + len(piece.text))

    @property
    def _cut(self) -> _Tree:
        if self._tree is None:
            self._tree = _Tree(Pieces(cut(self.text.content)))
        return self._tree


class _Tree:
    """A document's pieces, and what is known of some of them."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.unread: deque[Piece] = deque()
        self.marked: set[Piece] = set()
        self.revision_names = dict.fromkeys(_REVISION_NAMES, 0)
        self._add(pieces)

    def follow(self, change: Change) -> None:
        """Follow a change of the pieces."""
        self.marked.difference_update(change.removed)
        self._count(change.removed, -1)
        self._add(change.added)

    def _add(self, pieces: Iterable[Piece]) -> None:
        self.unread.extend(pieces)
        self.marked.update(piece for piece in pieces if _MARK in piece.text)
        self._count(pieces, 1)

    def _count(self, pieces: Iterable[Piece], by: int) -> None:
        for piece in pieces:
            if piece.word in self.revision_names and piece.column == 0:
                self.revision_names[piece.word] += by
