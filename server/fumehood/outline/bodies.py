"""Runs the statements of a function, without running anything: what it queries, what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..cut import Piece
from ..facts import UNKNOWN
from ..join.names import bound_by
from ..join.values import Reference
from ..read import nodes as n
from ..read import reading as r
from . import chains
from .blocks import Block
from .evaluate import Frame, evaluate, operated
from .symbols import Value, merged, merged_names

Read = Callable[[Piece], r.Reading]


class Body:
    """One run through a function's block. `returned` are the values that it may return."""

    def __init__(self, pieces: Block, read: Read) -> None:
        self._pieces = pieces
        self._read = read
        self.returned: list[Value] = []

    def run(self, header: int, frame: Frame) -> bool:
        """Run what stands under a header, or behind it on its line; True where it is left."""
        piece = self._pieces[header]
        if not piece.opens:
            return self._statements(header, self._read(piece).statements, frame)
        return self._block(self._pieces.block(header), frame)

    def _block(self, indices: range, frame: Frame) -> bool:
        index = indices.start
        while index < indices.stop:
            piece = self._pieces[index]
            if piece.blank:
                index += 1
                continue
            reading = self._read(piece)
            if reading.header is None:
                left = self._statements(index, reading.statements, frame)
                index += 1
            elif isinstance(reading.header, r.If | r.Match) or piece.word == "try":
                chain = list(self._chain(index, indices.stop))
                left = self._branches(chain, frame)
                index = self._behind(chain[-1])
            else:
                left = self._header(index, reading.header, frame)
                index = self._behind(index)
            if left:
                return True
        return False

    def _behind(self, index: int) -> int:
        return self._pieces.block(index).stop if self._pieces[index].opens else index + 1

    def _chain(self, index: int, stop: int) -> Iterator[int]:
        """The headers of one `if`, `try` or `match` statement."""
        yield index
        if self._pieces[index].word == "match":
            return
        index = self._behind(index)
        while index < stop:
            piece = self._pieces[index]
            if not piece.blank:
                if piece.word not in ("elif", "else", "except", "finally"):
                    return
                yield index
            index = self._behind(index)

    def _branches(self, chain: Sequence[int], frame: Frame) -> bool:
        """Run the branches of a statement, one of which runs; of a `try`, all of them may."""
        first = self._pieces[chain[0]]
        if first.word == "try":
            return self._try(chain, frame)
        if first.word == "match":
            header = self._read(first).header
            evaluate(
                header.subject if isinstance(header, r.Match) else None, self._at(chain[0], frame)
            )
            block = self._pieces.block(chain[0])
            chain = [index for index in block if self._pieces[index].word == "case"]
        before, ends, certain = frame.names, [], False
        for index in chain:
            header = self._read(self._pieces[index]).header
            frame.names = before
            if isinstance(header, r.If):
                evaluate(header.test, self._at(index, frame))
                before = frame.names  # a test may bind names
                certain = certain or header.test is None
            elif isinstance(header, r.Case):
                frame.names = frame.names | dict.fromkeys(header.binds, UNKNOWN)
                certain = certain or header.values is None
            if not self.run(index, frame):
                ends.append(frame.names)
        if not certain:
            ends.append(before)
        frame.names = before
        for number, names in enumerate(ends):
            frame.names = merged_names(frame.names, names) if number else names
        return not ends

    def _try(self, chain: Sequence[int], frame: Frame) -> bool:
        before = frame.names
        left = self.run(chain[0], frame)
        for index in chain[1:]:
            piece = self._pieces[index]
            if piece.word == "except":
                main = frame.names
                frame.names = before | dict.fromkeys(bound_by(self._read(piece)), UNKNOWN)
                aside = self.run(index, frame)
                frame.names = (
                    main if aside else frame.names if left else merged_names(main, frame.names)
                )
                left = left and aside
            elif piece.word == "finally" or not left:
                left = self.run(index, frame) or left
        return left

    def _header(self, index: int, header: r.Header, frame: Frame) -> bool:
        match header:
            case r.With(items):
                for item, target in items:
                    evaluate(item, self._at(index, frame))
                    if target is not None:
                        self._assign(target, UNKNOWN, frame)
                return self.run(index, frame)
            case r.Define(name, parameters):
                frame.bind(name, UNKNOWN)
                inner = frame.inner({each.name: UNKNOWN for each in parameters})
                Body(self._pieces, self._read).run(index, inner)
            case r.Class(name):
                frame.bind(name, UNKNOWN)
            case r.For(target, iterable):
                frame.run += chains.iterated(evaluate(iterable, self._at(index, frame)))
                self._repeat(index, frame, target)
            case r.Branch(_, value):
                evaluate(value, self._at(index, frame))
                self._repeat(index, frame, None)
        return False

    def _repeat(self, index: int, frame: Frame, target: n.Expression | None) -> None:
        """Run a block that may run any number of times."""
        before = frame.names
        if target is not None:
            self._assign(target, UNKNOWN, frame)
        self.run(index, frame)
        frame.names = merged_names(before, frame.names)

    def _at(self, index: int, frame: Frame) -> Frame:
        frame.piece = index
        return frame

    def _statements(self, index: int, statements: Sequence[r.Statement], frame: Frame) -> bool:
        """Run the statements of one line; True where one of them leaves the block."""
        frame = self._at(index, frame)
        for statement in statements:
            match statement:
                case r.Evaluate(value) | r.Assert(value):
                    evaluate(value, frame)
                case r.Jump(how, value):
                    if how is r.Leave.RETURN:
                        self.returned.append(evaluate(value, frame) if value else None)
                    elif value:
                        evaluate(value, frame)
                    return True
                case _:
                    self._bind(statement, frame)
        return False

    def _bind(self, statement: r.Statement, frame: Frame) -> None:
        match statement:
            case r.Assign(targets, value):
                found = evaluate(value, frame)
                for target in targets:
                    self._assign(target, found, frame)
            case r.Mutate(name, value):
                self._mutate(name, value, frame)
            case r.Forget((name,), value, str(operator)):
                frame.bind(
                    name,
                    _augmented(evaluate(n.Name(name), frame), operator, evaluate(value, frame)),
                )
            case r.Forget(names, value):
                evaluate(value, frame)
                frame.names = frame.names | dict.fromkeys(names, UNKNOWN)
            case r.Import(imported):
                frame.names = {**frame.names, **references(imported)}

    def _assign(self, target: n.Expression, value: Value, frame: Frame) -> None:
        if isinstance(target, n.Name):
            frame.bind(target.id, value)
        elif isinstance(target, n.Sequence):
            items = value if isinstance(value, tuple) and len(value) == len(target.items) else None
            for number, item in enumerate(target.items):
                self._assign(item, items[number] if items is not None else UNKNOWN, frame)
        elif isinstance(target, n.Opaque):
            frame.names = frame.names | dict.fromkeys(target.binds, UNKNOWN)

    def _mutate(self, name: str, call: n.Expression, frame: Frame) -> None:
        """`conditions.append(…)` and the like; any other method of a name is only called."""
        held = evaluate(n.Name(name), frame)
        if not isinstance(held, tuple | dict) or not isinstance(call, n.Call):
            evaluate(call, frame)
            return
        method = call.func.attr if isinstance(call.func, n.Attribute) else ""
        values = [evaluate(argument.value, frame) for argument in call.arguments]
        found: Value = UNKNOWN
        if isinstance(held, tuple) and values:
            if method in ("append", "add", "insert"):
                found = (*held, values[-1])
            elif method in ("extend", "update"):
                found = (*held, *(values[0] if isinstance(values[0], tuple) else (UNKNOWN,)))
        frame.bind(name, found)


def _augmented(old: Value, operator: str, new: Value) -> Value:
    if operator == "+" and isinstance(old, tuple):
        return (*old, *(new if isinstance(new, tuple) else (UNKNOWN,)))
    return operated(operator, old, new) if operator in ("&", "|") else UNKNOWN


def references(imported: Sequence[tuple[str, str]]) -> dict[str, Value]:
    """What imported names stand for."""
    return {name: Reference(dotted) for name, dotted in imported if name != "*"}


def name_at(pieces: Block, index: int, name: str) -> int:
    """The offset of a name in the line that gives it a value, or is headed by it."""
    start, text = pieces.start(index), pieces[index].text
    begin = len(text) - len(text.lstrip())
    if not text.startswith(name, begin):
        begin = max(begin, text.find(f" {name}", begin) + 1)  # behind `class`, `def`
    return start + begin


def only(values: Sequence[Value]) -> Value:
    """The value that a function returns; UNKNOWN where there are several."""
    found: Value = values[0] if values else None
    for value in values[1:]:
        found = merged(found, value) if found != value else found
    return found
