"""A file's pieces -> its blocks: the statements that stand in no other, each with all within it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from ..cut import Piece, Pieces, block_under
from .gate import matters

_WORDS = re.compile(r"\w+")


class Block:
    """One statement of a file, its block, and the blanks behind it.

    Numbers of pieces and offsets begin at the block's own start, so that nothing here changes with
    what is typed elsewhere. `words` are the names that it may speak of.
    """

    __slots__ = ("marked", "pieces", "starts", "words")

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        *self.starts, _ = accumulate((len(piece.text) for piece in pieces), initial=0)
        text = "".join(piece.text for piece in pieces)
        self.words = frozenset(_WORDS.findall(text))
        self.marked = matters(text)

    def __getitem__(self, index: int) -> Piece:
        return self.pieces[index]

    def __len__(self) -> int:
        return len(self.pieces)

    def __iter__(self) -> Iterator[Piece]:
        return iter(self.pieces)

    def start(self, index: int) -> int:
        """The offset of a piece."""
        return self.starts[index]

    def block(self, index: int) -> range:
        """The numbers of the pieces under a header, without blanks that trail them."""
        return block_under(self.pieces, index)


def blocks(pieces: Pieces, start: int = 0) -> Iterator[tuple[int, Block]]:
    """The blocks from a piece on that begins one, each with the number of the piece behind it."""
    while start < len(pieces):
        end = start + 1
        head = pieces[start]
        if head.opens and not head.blank:
            end = max(pieces.block(start).stop, end)
        while end < len(pieces) and pieces[end].blank:
            end += 1
        yield end, Block([pieces[number] for number in range(start, end)])
        start = end
