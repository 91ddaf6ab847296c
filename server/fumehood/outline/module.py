"""One file -> its outline: block by block, and after an edit those that see something else."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from operator import attrgetter

from ..cut import GONE, Change, Piece, Pieces
from ..stepwise import finished
from .assemble import Part, Update, assembled, patched, replaces
from .blocks import Block, blocks
from .bodies import Read
from .definitions import Bound
from .live import Names, Spots
from .memory import Memory
from .parts import EMPTY, Outline, Places
from .symbols import Value

_MARKED = attrgetter("marked")


def outline_of(pieces: Pieces, read: Read) -> Outline:
    """The outline of a file; `read` gives the reading of one of its pieces."""
    return finished(outlining(pieces, read))


def outlining(pieces: Pieces, read: Read) -> Generator[None, None, Outline]:
    """The same, in small steps."""
    module = Module(pieces, read)
    outline = (yield from module.update()).outline
    return replace(outline, places=Places(dict(outline.places.names), tuple(module.places())))


class Module:
    """Follows one file.

    A change that comes in the middle of an update has all begin anew, in which nothing is run
    again that sees the same as before.
    """

    def __init__(self, pieces: Pieces, read: Read) -> None:
        self._pieces = pieces
        self._memory = Memory(read)
        self._updating = False
        self._begin()

    def _begin(self) -> None:
        self._blocks: list[Block] = []
        self._of: dict[Piece, Block] = {}
        self._whole = False  # the blocks are those of the whole file
        self._parts: dict[Block, Part] = {}
        self._heads: dict[str, list[Block]] = {}  # by a name of the module: who speaks of it
        self._fresh: dict[Block, None] = {}
        self._gone: list[Part] = []
        self._scattered = True  # what has changed is not one run of blocks
        self._marked = False
        self._outline = EMPTY

    @property
    def outlined(self) -> int:
        """How often a block was run."""
        return self._memory.outlined

    def change(self, change: Change) -> None:
        """Follow a change of the pieces."""
        if self._updating or not self._whole:
            return
        first, behind = change.first, change.first + len(change.added)
        touched = {self._of.pop(piece) for piece in change.removed}
        touched |= {self._of[self._pieces[first - 1]]} if first else set()
        touched |= {self._of[self._pieces[behind]]} if behind < len(self._pieces) else set()
        if (self._fresh or self._gone) and touched.isdisjoint(self._fresh):
            self._scattered = True
        places = [self._blocks.index(block) for block in touched]
        self._recut(min(places, default=0), max(places, default=-1) + 1, at_start=not first)

    def update(self) -> Generator[None, None, Update]:
        """The outline of the text as it is now, in steps; to be left alone after a change."""
        if self._updating:
            self._memory.keep(self._blocks)
            self._begin()
        self._updating = True
        yield from self._cut()
        self._follow_marks()
        before = list(self._gone)
        came, changed = yield from self._define()
        whole = self._scattered or bool(changed)
        if changed:
            before += yield from self._define_again(changed, came)
        parts = []
        for block in sorted(came, key=_label):
            parts.append(self._query(block))
            yield
        whole = whole or not replaces(before, parts)
        if whole:
            self._outline = assembled(self.parts(), Places(Names(self), Spots(self)))
        else:
            self._outline = patched(self._outline, before, parts, self.parts)
        self._fresh, self._gone, self._scattered = {}, [], False
        self._updating = False
        self._memory.clear()
        return Update(self._outline, before, parts, whole)

    def parts(self) -> Iterator[Part]:
        """What the blocks say, in order, as of the last update."""
        return (self._parts[block] for block in self._blocks)

    def places(self) -> Iterator[tuple[int, tuple[str | int, ...]]]:
        """Where the queries stand, in order: the starts of lines, and paths in them."""
        for block in self._blocks:
            start = self._pieces.start_of(block[0])
            part = self._parts.get(block)  # none where it is typed and not read yet
            for each in () if part is None else part.queries:
                yield start + block.start(each.query.spot.piece), each.query.spot.path

    def place(self, name: str) -> int | None:
        """Where a name stands."""
        for block in reversed(self._heads.get(name.partition(".")[0], ())):
            within = self._parts[block].said.places.get(name)
            if within is not None and block[0].label != GONE:
                return self._pieces.start_of(block[0]) + within
        return None

    def names(self) -> Iterator[str]:
        """The names that stand somewhere."""
        parts = filter(None, map(self._parts.get, self._blocks))
        return iter(dict.fromkeys(chain.from_iterable(each.said.places for each in parts)))

    def _cut(self) -> Iterator[None]:
        """Find the blocks of a file that was not looked at yet."""
        if self._whole:
            return
        for _, block in blocks(self._pieces):
            same = self._memory.same(block)
            self._blocks.append(same)
            self._of |= dict.fromkeys(same, same)
            yield
        self._fresh, self._whole = dict.fromkeys(self._blocks), True

    def _recut(self, low: int, high: int, at_start: bool) -> None:
        """Cut the blocks [low, high) again, and those behind for as long as they differ."""
        start = 0 if at_start else self._pieces.index(self._blocks[low][0])
        limit, new = self._start_of(high), list[Block]()
        for end, block in blocks(self._pieces, start) if start < limit else ():
            new.append(block)
            while end > limit:
                high += 1
                limit = self._start_of(high)
            if end == limit:
                break
        old = self._blocks[low:high]
        kept = {block[0]: block for block in old}
        for number, block in enumerate(new):
            same = kept.get(block[0])
            if same is not None and same.pieces == block.pieces:
                new[number] = same
        self._blocks[low:high] = new
        for block in old:
            if block not in new:
                self._fresh.pop(block, None)
                self._gone += filter(None, [self._parts.get(block)])
        self._fresh |= dict.fromkeys(block for block in new if block not in self._parts)
        self._of |= {piece: block for block in new for piece in block}

    def _start_of(self, number: int) -> int:
        """The index of a block's first piece."""
        if number == len(self._blocks):
            return len(self._pieces)
        return self._pieces.index(self._blocks[number][0])

    def _follow_marks(self) -> None:
        """Start anew where the file becomes one of models or queries, or is none any more."""
        marked = any(map(_MARKED, self._blocks))
        if marked != self._marked:
            self._marked, self._scattered = marked, True
            self._gone += (self._parts[each] for each in self._blocks if each in self._parts)
            self._fresh = dict.fromkeys(self._blocks)

    def _define(self) -> Generator[None, None, tuple[list[Block], set[str]]]:
        """Run the fresh blocks: those, and the names that may stand for something else since."""
        changed: set[str] = set()
        for part in self._gone:
            self._parts.pop(part.block, None)
            changed |= self._unname(part)
        fresh = sorted(self._fresh, key=_label)
        if fresh and not self._scattered:
            low = self._blocks.index(fresh[0])
            self._scattered = self._blocks[low : low + len(fresh)] != fresh
        for block in fresh:
            changed |= self._run(block)
            yield
        before, now = _last(self._gone), _last(self._parts[block] for block in fresh)
        names = before.keys() | now.keys()
        if self._scattered:
            return fresh, changed | names
        return fresh, changed | {each for each in names if before.get(each) != now.get(each)}

    def _define_again(
        self, changed: set[str], came: list[Block]
    ) -> Generator[None, None, list[Part]]:
        """Run what speaks of changed names, and add it to `came`: the parts that it was before."""
        gone: list[Part] = []
        if len(came) == len(self._blocks):
            return gone
        grown: set[str] = set()  # names that fresh blocks have not seen as they are now
        for block in self._blocks:
            fresh = block in self._fresh
            if block.words.isdisjoint(grown if fresh else changed):
                continue
            before = self._parts.pop(block)
            self._unname(before)
            self._run(block)
            yield
            if not fresh:
                gone.append(before)
                came.append(block)
            old, new = _last([before]), _last([self._parts[block]])
            grown |= {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
            changed |= grown
        # Functions see what is bound behind them as well.
        known = {*came}
        for block in self._blocks:
            if block not in known and not block.words.isdisjoint(changed):
                gone.append(self._parts[block])
                came.append(block)
        return gone

    def _run(self, block: Block) -> set[str]:
        """Run a block; the names that others speak of as well."""
        known = {}
        # The head of a function says nothing but its name, and what is within is no business yet.
        for name in block.words if block[0].word not in ("def", "async") else ():
            bound = self._bound(name, block)
            if bound is not None:
                known[name] = bound
        part = self._parts[block] = Part(block, self._memory.said(block, self._marked, known))
        for name in part.said.heads:
            insort(self._heads.setdefault(name, []), block, key=_label)
        return {name for name in part.said.heads if len(self._heads[name]) > 1}

    def _unname(self, part: Part) -> set[str]:
        """Forget of what a part speaks; the names that others speak of as well."""
        shared: set[str] = set()
        for name in part.said.heads:
            left = [each for each in self._heads[name] if each is not part.block]
            if left:
                self._heads[name] = left
                shared.add(name)
            else:
                del self._heads[name]
        return shared

    def _bound(self, name: str, before: Block | None = None) -> Bound | None:
        """What a name stands for before a block runs; None: when all have run."""
        for block in reversed(self._heads.get(name, ())):
            if before is None or _label(block) < _label(before):
                bound = self._parts[block].said.bound.get(name)
                if bound is not None:
                    return bound
        return None

    def _query(self, block: Block) -> Part:
        """Find the queries of a block that was run."""
        before = self._parts[block]
        if not before.said.functions or not block.queries:
            return before
        names: dict[str, Value] = {}
        for name in block.words:
            bound = self._bound(name)
            if bound is not None:
                names[name] = bound.seen
        numbers = Counter[str]()
        for name in before.said.heads:
            for other in self._heads[name]:
                if _label(other) < _label(block):
                    numbers.update(each.function for each in self._parts[other].queries)
        found = self._memory.queries(block, before.said, names, numbers)
        part = self._parts[block] = replace(before, queries=found)
        return part


def _label(block: Block) -> int:
    return block[0].label


def _last(parts: Iterable[Part]) -> dict[str, tuple[Value, bool]]:
    """What names stand for behind some parts, as other parts see it."""
    bound = {name: each for part in parts for name, each in part.said.bound.items()}
    return {name: (each.seen, each.open) for name, each in bound.items()}
