"""What blocks have said since the last outline: of use where an edit has that begin anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ..cut import Piece
from .blocks import Block
from .bodies import Read
from .definitions import Bound, Said, queries, said
from .parts import QueryOutline
from .symbols import Value

_Queries = tuple[QueryOutline, ...]


class Memory:
    """Blocks with what they say, by all that decides it. `outlined` counts real work."""

    def __init__(self, read: Read) -> None:
        self.outlined = 0
        self._read = read
        self._blocks: dict[Piece, Block] = {}
        self._said: dict[Block, tuple[bool, Mapping[str, Bound], Said]] = {}
        self._queries: dict[Block, tuple[Said, Mapping[str, Value], Counter[str], _Queries]] = {}

    def clear(self) -> None:
        """Forget all."""
        self._blocks, self._said, self._queries = {}, {}, {}

    def keep(self, blocks: Iterable[Block]) -> None:
        """Remember blocks that may come again."""
        self._blocks.update((block[0], block) for block in blocks)

    def same(self, block: Block) -> Block:
        """The block that was kept of the same lines, or this one."""
        known = self._blocks.get(block[0])
        return block if known is None or known.pieces != block.pieces else known

    def said(self, block: Block, marked: bool, known: Mapping[str, Bound]) -> Said:
        """What a block says in a file of models or queries (`marked`), behind what binds names."""
        before = self._said.get(block)
        if before is not None and before[0] is marked and _are_same(before[1], known):
            return before[2]
        self.outlined += 1
        found = said(block, self._read, marked, known)
        self._said[block] = marked, known, found
        return found

    def queries(
        self, block: Block, of: Said, names: Mapping[str, Value], numbers: Counter[str]
    ) -> _Queries:
        """The queries of a block, among all names of its file and numbers that are taken."""
        before = self._queries.get(block)
        if before is not None and before[0] is of and _are_same(before[1], names):
            _, _, taken, found = before
            if taken == numbers:
                return found
        taken = numbers.copy()
        found = queries(block, of.functions, self._read, names, numbers)
        self._queries[block] = of, names, taken, found
        return found


def _are_same(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether names stand for the same objects."""
    return one.keys() == other.keys() and all(one[name] is other[name] for name in one)
