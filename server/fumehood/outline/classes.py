"""The body of a class: its attributes, and what its declared_attr and hybrid functions give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..facts import UNKNOWN
from ..join.values import Made, Reference, is_plain
from ..read import nodes as n
from ..read import reading as r
from .blocks import Block
from .bodies import Body, Read, name_at, only, references
from .evaluate import Frame, evaluate
from .parts import Attribute, Stray
from .strays import index_at, stray_of
from .symbols import CLS, Value, last_part

_KINDS = {
    "declared_attr": "declared_attr",
    "directive": "declared_attr",
    "cascading": "declared_attr",
    "hybrid_property": "hybrid",
    "expression": "hybrid",
    "comparator": "comparator",
}


@dataclass(slots=True)
class ClassBody:
    """One run through a class's block.

    `methods` are the functions in it, by the number of their line, with the decorators' last names.
    `indexes` are calls of Index() that no name is given to, `nested` the classes within.
    """

    pieces: Block
    read: Read
    name: str
    frame: Frame
    attributes: dict[str, Attribute] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    methods: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    indexes: list[Stray] = field(default_factory=list)
    nested: list[int] = field(default_factory=list)
    closed: bool = True

    def run(self, header: int) -> None:
        """Read the block under a class's header."""
        piece = self.pieces[header]
        if not piece.opens:
            for statement in self.read(piece).statements:
                self._statement(header, statement)
            return
        block = self.pieces.block(header)
        index = block.start
        while index < block.stop:
            piece = self.pieces[index]
            if not piece.blank:
                self._line(index)
            index = self.pieces.block(index).stop if piece.opens else index + 1

    def _line(self, index: int) -> None:
        reading = self.read(self.pieces[index])
        match reading.header:
            case None:
                self.frame.piece = index
                for statement in reading.statements:
                    self._statement(index, statement)
            case r.Define() as define:
                self._method(index, define)
            case r.Class():
                self.nested.append(index)
            case r.If(test) if _is_type_checking(test):
                pass
            case _:
                self.closed = False

    def _statement(self, index: int, statement: r.Statement) -> None:
        match statement:
            case r.Assign(targets, value, annotation):
                found = evaluate(value, self.frame)
                about = evaluate(annotation, self.frame) if annotation is not None else None
                for name in _names(targets):
                    self._attribute(index, name, Attribute(found, about))
                self._stray(index, found)
            case r.Declare(name, annotation):
                self._attribute(index, name, Attribute(None, evaluate(annotation, self.frame)))
            case r.Evaluate(value):
                self._stray(index, evaluate(value, self.frame))
            case r.Import(imported):
                self.frame.names = {**self.frame.names, **references(imported)}
            case r.Forget(names, _, operator):
                for name in names if operator else ():
                    self._attribute(index, name, Attribute(UNKNOWN))
            case r.Mutate(name, _):
                self._attribute(index, name, Attribute(UNKNOWN))

    def _stray(self, index: int, found: Value) -> None:
        if (stray := stray_of(found)) is not None:
            self.indexes.append(stray)
            self.places[stray.name] = index_at(self.pieces, index)

    def _attribute(self, index: int, name: str, attribute: Attribute) -> None:
        self.attributes[name] = attribute
        self.places[f"{self.name}.{name}"] = name_at(self.pieces, index, name)
        plain = is_plain(attribute.value) and attribute.value is not None
        here = Reference(f":{self.name}.{name}")
        self.frame.bind(name, attribute.value if plain else here)

    def _method(self, index: int, define: r.Define) -> None:
        decorators = [evaluate(each, self.frame) for each in define.decorators]
        dotted = [_dotted(each) for each in decorators]
        lasts = tuple(map(last_part, dotted))
        self.methods.append((index, lasts))
        kind = next((_KINDS[last] for last in lasts if last in _KINDS), None)
        if kind is None:
            if not lasts and define.name not in self.attributes:
                self.frame.bind(define.name, UNKNOWN)
            return
        name = define.name
        own = f":{self.name}."
        for each, last in zip(dotted, lasts, strict=True):
            if last in ("expression", "comparator") and each.startswith(own):
                name = each.removeprefix(own).partition(".")[0]
        parameters: dict[str, Value] = {each.name: UNKNOWN for each in define.parameters}
        if define.parameters:
            parameters[define.parameters[0].name] = CLS
        body = Body(self.pieces, self.read)
        body.run(index, Frame({**self.frame.module, **parameters}, self.frame.module, self.name))
        about = evaluate(define.returns, self.frame) if define.returns is not None else None
        if kind == "comparator" and (held := self.attributes.get(name)):
            self.attributes[name] = Attribute(held.value, held.annotation, kind)
            return
        self._attribute(index, name, Attribute(only(body.returned), about, kind))


def heading(
    header: r.Class, frame: Frame
) -> tuple[tuple[Value, ...], dict[str, Value], tuple[Value, ...]]:
    """The bases, keywords and decorators of a class."""
    bases = tuple(
        UNKNOWN if each.star else evaluate(each.value, frame)
        for each in header.arguments
        if each.keyword is None
    )
    keywords = {
        each.keyword: evaluate(each.value, frame) for each in header.arguments if each.keyword
    }
    return bases, keywords, tuple(evaluate(each, frame) for each in header.decorators)


def _names(targets: tuple[object, ...]) -> Iterator[str]:
    for target in targets:
        if isinstance(target, n.Name):
            yield target.id


def _dotted(value: Value) -> str:
    """What a decorator is, or what was called to make it."""
    if isinstance(value, Made):
        return value.callee
    return value.dotted if isinstance(value, Reference) else ""


def _is_type_checking(test: object) -> bool:
    name = (
        test.attr if isinstance(test, n.Attribute) else test.id if isinstance(test, n.Name) else ""
    )
    return name == "TYPE_CHECKING"
