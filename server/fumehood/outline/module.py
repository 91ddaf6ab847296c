"""One file -> its outline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..cut import Piece, Pieces
from ..facts import UNKNOWN
from ..join.values import Made, Reference, is_plain
from ..read import nodes as n
from ..read import reading as r
from .bodies import Body, Read, name_at, references
from .classes import ClassBody, heading
from .evaluate import Frame, evaluate
from .gate import matters, may_define, may_query
from .parts import ClassOutline, Outline, Places, QueryOutline
from .symbols import SELF, Queried, Value, last_part

_MOST_VALUES = 100  # in a constant that other files may need
_BLOCKS = ("if", "elif", "else", "try", "except", "finally", "with")


def outline_of(content: str, pieces: Pieces, read: Read) -> Outline:
    """The outline of a file; `read` gives the reading of one of its pieces."""
    return _Module(pieces, read, matters(content)).outline()


class _Module:
    """One run through a file."""

    def __init__(self, pieces: Pieces, read: Read, whole: bool) -> None:
        self._pieces = pieces
        self._read = read
        self._whole = whole
        self._frame = Frame({}, {})
        self._values: dict[str, Value] = {}
        self._stars: list[str] = []
        self._classes: dict[str, ClassOutline] = {}
        self._indexes: list[Value] = []
        self._places: dict[str, int] = {}
        # Functions, with the class around them and the last names of their decorators.
        self._functions: list[tuple[int, str, tuple[str, ...]]] = []
        self._queries: list[QueryOutline] = []
        self._numbers: Counter[str] = Counter()  # queries of the functions of a name

    def outline(self) -> Outline:
        """What the file says."""
        self._block(range(len(self._pieces)), certain=True)
        self._frame.module = self._frame.names
        for index, owner, decorators in self._functions:
            self._function(index, owner, decorators)
        places = tuple(
            (self._pieces.start(each.query.spot.piece), each.query.spot.path)
            for each in self._queries
        )
        return Outline(
            {name: value for name, value in self._values.items() if value is not UNKNOWN},
            tuple(self._stars),
            self._classes,
            tuple(self._indexes),
            tuple(self._queries),
            Places(self._places, places),
        )

    def _block(self, indices: range, certain: bool) -> None:
        """Read lines that stand outside of functions and classes."""
        index = indices.start
        while index < indices.stop:
            piece = self._pieces[index]
            block = self._pieces.block(index) if piece.opens else range(index + 1, index + 1)
            if not piece.blank:
                self._line(index, piece, certain)
                if piece.word in _BLOCKS and piece.opens:
                    self._block(block, certain=False)
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
                self._places[header.name] = name_at(self._pieces, index, header.name)
                self._functions.append((index, "", ()))
        elif piece.opens or piece.word in _BLOCKS:
            pass
        elif self._whole or may_define(piece):
            self._statements(index, piece, certain)

    def _statements(self, index: int, piece: Piece, certain: bool) -> None:
        self._frame.piece = index
        for statement in self._read(piece).statements:
            match statement:
                case r.Import(imported):
                    self._stars += [dotted for name, dotted in imported if name == "*"]
                    for name, value in references(imported).items():
                        self._bind(name, value, certain)
                case r.Assign(targets, value):
                    found = evaluate(value, self._frame)
                    for target in targets:
                        if isinstance(target, n.Name):
                            self._places[target.id] = name_at(self._pieces, index, target.id)
                            self._bind(target.id, found, certain)
                case r.Evaluate(value):
                    found = evaluate(value, self._frame)
                    if isinstance(found, Made) and last_part(found.callee) == "Index":
                        self._indexes.append(found)
                case r.Forget(names, _) if certain:
                    for name in names:
                        self._bind(name, UNKNOWN, certain)

    def _bind(self, name: str, value: Value, certain: bool) -> None:
        """Give a name of the module a value; in a block, only where it has none yet."""
        known = self._values.get(name, UNKNOWN)
        if not certain and known is not UNKNOWN and known is not None:
            return
        if is_plain(value) and _size(value) > _MOST_VALUES:
            value = UNKNOWN
        self._values[name] = value
        # A name stands for itself, so that what it is may be looked up from any file.
        itself = isinstance(value, Reference) or (is_plain(value) and value is not None)
        self._frame.bind(name, value if itself else Reference(f":{name}"))

    def _class(self, index: int, around: str) -> None:
        header = self._read(self._pieces[index]).header
        if not isinstance(header, r.Class) or not header.name:
            return
        name = f"{around}.{header.name}" if around else header.name
        self._places[name] = name_at(self._pieces, index, header.name)
        if not self._whole:
            self._classes[name] = ClassOutline(name, *heading(header, self._frame))
        else:
            frame = Frame(self._frame.names, self._frame.names, name)
            body = ClassBody(self._pieces, self._read, name, frame)
            bases, keywords, decorators = heading(header, self._frame)
            body.run(index)
            self._classes[name] = ClassOutline(
                name, bases, keywords, decorators, body.attributes, body.closed
            )
            self._places |= body.places
            self._indexes += body.indexes
            self._functions += [(number, name, lasts) for number, _, lasts in body.methods]
            for number in body.nested:
                self._class(number, name)
        if not around:
            self._values.pop(name, None)
            self._frame.bind(name, Reference(f":{name}"))

    def _function(self, index: int, owner: str, decorators: Sequence[str]) -> None:
        """The queries that a function runs."""
        block = self._pieces.block(index) if self._pieces[index].opens else range(0)
        if not may_query(self._pieces[number] for number in (index, *block)):
            return
        header = self._read(self._pieces[index]).header
        if not isinstance(header, r.Define):
            return
        names: dict[str, Value] = {each.name: UNKNOWN for each in header.parameters}
        if owner and header.parameters and "staticmethod" not in decorators:
            of_class = bool({"classmethod", "expression"} & {*decorators})
            names[header.parameters[0].name] = Reference(f":{owner}") if of_class else SELF
        frame = Frame(names, self._frame.module, owner)
        Body(self._pieces, self._read).run(index, frame)
        name = f"{owner}.{header.name}" if owner else header.name
        restricted: list[Queried] = []
        for query in filter(_restricts, frame.run):
            if not any(query == other and query.spot == other.spot for other in restricted):
                restricted.append(query)
        for query in restricted:
            self._queries.append(QueryOutline(name, self._numbers[name], query))
            self._numbers[name] += 1


def _restricts(query: Queried) -> bool:
    """Whether an index could serve a query."""
    return bool(query.conditions or query.by_name or (query.order_by and query.limited))


def _size(value: Value) -> int:
    if isinstance(value, tuple):
        return 1 + sum(_size(each) for each in value[:_MOST_VALUES]) + len(value)
    if isinstance(value, dict):
        return 1 + sum(_size(each) for each in value.values())
    return 1 if not isinstance(value, str) or len(value) < 1000 else _MOST_VALUES + 1
