"""What one block of a file says, in the light of what the names in it stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..cut import Piece
from ..facts import UNKNOWN
from ..join.values import Reference, is_plain
from ..read import nodes as n
from ..read import reading as r
from .blocks import Block
from .bodies import Body, Read, name_at, references
from .classes import ClassBody, heading
from .evaluate import Frame, evaluate
from .gate import may_define, may_query
from .parts import ClassOutline, QueryOutline, Stray
from .strays import index_at, stray_of
from .symbols import SELF, Queried, Value

_MOST_VALUES = 100  # in a constant that other files may need
_BLOCKS = ("if", "elif", "else", "try", "except", "finally", "with")


class Bound(NamedTuple):
    """A name of a module: what it stands for in its file, and for others (UNKNOWN: for nothing)."""

    seen: Value
    held: Value

    @property
    def open(self) -> bool:
        """Whether a block that may run can still say what it stands for."""
        return self.held is UNKNOWN or self.held is None


class Function(NamedTuple):
    """A function by the number of its header, the class around it, its decorators' last names."""

    header: int
    owner: str
    decorators: Sequence[str]


@dataclass(slots=True)
class Said:
    """What a block says, but for its queries. `places` are offsets from the block's start."""

    bound: dict[str, Bound] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    classes: dict[str, ClassOutline] = field(default_factory=dict)
    indexes: list[Stray] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)

    @property
    def heads(self) -> set[str]:
        """The names of the module that something is said of."""
        return {*self.bound, *(name.partition(".")[0] for name in (*self.classes, *self.places))}


def said(block: Block, read: Read, whole: bool, known: Mapping[str, Bound]) -> Said:
    """What a block says; `known` are its names that were bound before it.

    `whole` is False in a file that has neither models nor queries: little of it is read.
    """
    run = _Run(block, read, whole, known)
    run.block(range(len(block)), certain=True)
    return run.said


class _Run:
    """One run through a block."""

    def __init__(self, block: Block, read: Read, whole: bool, known: Mapping[str, Bound]) -> None:
        self.said = Said()
        self._pieces = block
        self._read = read
        self._whole = whole
        self._known = known
        self._frame = Frame({name: each.seen for name, each in known.items()}, {})

    def block(self, indices: range, certain: bool) -> None:
        """Read lines that stand outside of functions and classes."""
        index = indices.start
        while index < indices.stop:
            piece = self._pieces[index]
            block = self._pieces.block(index) if piece.opens else range(index + 1, index + 1)
            if not piece.blank:
                self._line(index, piece, certain)
                if piece.word in _BLOCKS and piece.opens:
                    self.block(block, certain=False)
            index = max(block.stop, index + 1)

    def _line(self, index: int, piece: Piece, certain: bool) -> None:
        if piece.word in ("from", "import"):
            self._statements(index, piece, certain)
        elif piece.word == "class":
            self._class(index, "")
        elif piece.word in ("def", "async"):
            header = self._read(piece).header
            if isinstance(header, r.Define):
                self._bind(header.name, UNKNOWN, certain)
                self.said.places[header.name] = name_at(self._pieces, index, header.name)
                self.said.functions.append(Function(index, "", ()))
        elif piece.opens or piece.word in _BLOCKS:
            pass
        elif self._whole or may_define(piece):
            self._statements(index, piece, certain)

    def _statements(self, index: int, piece: Piece, certain: bool) -> None:
        self._frame.piece = index
        for statement in self._read(piece).statements:
            match statement:
                case r.Import(imported):
                    self.said.stars += [dotted for name, dotted in imported if name == "*"]
                    for name, value in references(imported).items():
                        self._bind(name, value, certain)
                case r.Assign(targets, value):
                    names = [each.id for each in targets if isinstance(each, n.Name)]
                    self._frame.given, self._frame.made = next(iter(names), ""), 0
                    found = evaluate(value, self._frame)
                    for name in names:
                        self.said.places[name] = name_at(self._pieces, index, name)
                        self._bind(name, found, certain)
                    self._stray(index, found)
                case r.Evaluate(value):
                    self._stray(index, evaluate(value, self._frame))
                case r.Forget(names, _) if certain:
                    for name in names:
                        self._bind(name, UNKNOWN, certain)

    def _stray(self, index: int, found: Value) -> None:
        if (stray := stray_of(found)) is not None:
            self.said.indexes.append(stray)
            self.said.places[stray.name] = index_at(self._pieces, index)

    def _bind(self, name: str, value: Value, certain: bool) -> None:
        """Give a name of the module a value; in a block, only where it has none yet."""
        before = self.said.bound.get(name) or self._known.get(name)
        if not certain and before is not None and not before.open:
            return
        if is_plain(value) and _size(value) > _MOST_VALUES:
            value = UNKNOWN
        # A name stands for itself, so that what it is may be looked up from any file.
        itself = isinstance(value, Reference) or (is_plain(value) and value is not None)
        seen = value if itself else Reference(f":{name}")
        self._frame.bind(name, seen)
        self.said.bound[name] = Bound(seen, value)

    def _class(self, index: int, around: str) -> None:
        header = self._read(self._pieces[index]).header
        if not isinstance(header, r.Class) or not header.name:
            return
        name = f"{around}.{header.name}" if around else header.name
        said, frame = self.said, Frame(self._frame.names, self._frame.names, name)
        said.places[name] = name_at(self._pieces, index, header.name)
        heads = heading(header, self._frame)
        if not self._whole:
            said.classes[name] = ClassOutline(name, *heads)
        else:
            body = ClassBody(self._pieces, self._read, name, frame)
            body.run(index)
            said.classes[name] = ClassOutline(name, *heads, body.attributes, body.closed)
            said.places |= body.places
            said.indexes += body.indexes
            said.functions += [Function(number, name, lasts) for number, lasts in body.methods]
            for number in body.nested:
                self._class(number, name)
        if not around:
            seen = Reference(f":{name}")
            self._frame.bind(name, seen)
            said.bound[name] = Bound(seen, UNKNOWN)


def queries(
    block: Block,
    functions: Sequence[Function],
    read: Read,
    names: Mapping[str, Value],
    numbers: Counter[str],
) -> tuple[QueryOutline, ...]:
    """The queries of a block's functions, in the light of all names of the file.

    `numbers` count those of each function that blocks before this one have.
    """
    found: list[QueryOutline] = []
    for function in functions:
        for name, query in _queries(block, function, read, names):
            found.append(QueryOutline(name, numbers[name], query))
            numbers[name] += 1
    return tuple(found)


def _queries(
    block: Block, function: Function, read: Read, names: Mapping[str, Value]
) -> Iterator[tuple[str, Queried]]:
    """The queries that a function runs, and its name."""
    index, owner, decorators = function
    inner = block.block(index) if block[index].opens else range(0)
    if not may_query(block[number] for number in (index, *inner)):
        return
    header = read(block[index]).header
    if not isinstance(header, r.Define):
        return
    parameters: dict[str, Value] = {each.name: UNKNOWN for each in header.parameters}
    if owner and header.parameters and "staticmethod" not in decorators:
        of_class = bool({"classmethod", "expression"} & {*decorators})
        parameters[header.parameters[0].name] = Reference(f":{owner}") if of_class else SELF
    frame = Frame(parameters, {**names}, owner)
    Body(block, read).run(index, frame)
    name = f"{owner}.{header.name}" if owner else header.name
    restricted: list[Queried] = []
    for query in filter(_restricts, frame.run):
        if not any(query == other and query.spot == other.spot for other in restricted):
            restricted.append(query)
            yield name, query


def _restricts(query: Queried) -> bool:
    """Whether an index could serve a query."""
    return bool(query.conditions or query.by_name or (query.order_by and query.limited))


def _size(value: Value) -> int:
    if isinstance(value, tuple):
        return 1 + sum(_size(each) for each in value[:_MOST_VALUES]) + len(value)
    if isinstance(value, dict):
        return 1 + sum(_size(each) for each in value.values())
    return 1 if not isinstance(value, str) or len(value) < 1000 else _MOST_VALUES + 1
