"""A file's pieces -> its blocks: the statements that stand in no other, each with all within it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from ..cut import Piece, Pieces, block_under
from .gate import matters, may_query

_WORDS = re.compile(r"\w+")


class Block:
    """One statement of a file, its block, and the blanks behind it.

    Numbers of pieces and offsets begin at the block's own start, so that nothing here changes with
    what is typed elsewhere.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces

    @cached_property
    def words(self) -> frozenset[str]:
        """The names that it may speak of."""
        return frozenset(_WORDS.findall(self._text))

    @cached_property
    def marked(self) -> bool:
        """Whether there may be a model or a query in it."""
        return matters(self._text)

    @cached_property
    def queries(self) -> bool:
        """Whether there may be a query in it that an index could serve."""
        return may_query(self.pieces)

    def __getitem__(self, index: int) -> Piece:
        return self.pieces[index]

    def __len__(self) -> int:
        return len(self.pieces)

    def __iter__(self) -> Iterator[Piece]:
        return iter(self.pieces)

    @property
    def _text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(piece.text) for piece in self.pieces), initial=0))

    def start(self, index: int) -> int:
        """The offset of a piece."""
        return self._starts[index]

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
