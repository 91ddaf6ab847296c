"""What an expression of SQLAlchemy stands for, as far as one file's text tells.

Values are those of fumehood.join.values, and the classes here. A `Reference` is dotted:
"sqlalchemy.Column" is imported, ".users.User" by a relative import, ":User" is a name of the file
itself (or comes from its `import *`), "<cls>" is the class that a mixin ends up in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..facts import UNKNOWN
from ..join.values import Made, Marker, Member, Reference

Value = Any

CLS = Reference("<cls>")
SELF = Marker("self")
# A query within another: what it restricts is a query of its own.
SUBQUERY = Made("?.subquery", (), (), True, None)

# How the callee of a constant is called: something of the program's that has a name.
CONSTANT = "?constant"


def constant(value: Value) -> Made:
    """A value that is compared with a column, and has a name in the program."""
    return Made(CONSTANT, (value,), (), True, None)


@dataclass(frozen=True, slots=True)
class Operated:
    """An operator with what it stands between: "==", "&", "|", "~", "+", "[]", "f" (a string)…

    "*" are the items of a list, among those of another.
    """

    operator: str
    operands: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """An item of a list, or a condition, that is there only sometimes."""

    value: Value


@dataclass(frozen=True, slots=True)
class Join:
    """`.join(target, on)`; `on` is None where it is left to the foreign keys."""

    target: Value
    on: Value = None
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A call within a file: the number of its piece, and the path to it."""

    piece: int
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Queried:
    """A query or statement under construction.

    `conditions` all hold. `by_name` are those of filter_by, each with the number of joins before
    it. `known` is False where more may be in it than is seen here.
    """

    kind: str  # "select", "update", "delete", "exists"
    entities: tuple[Value, ...] = ()
    conditions: tuple[Value, ...] = ()
    by_name: tuple[tuple[str, Value, int], ...] = ()
    joins: tuple[Join, ...] = ()
    order_by: tuple[Value, ...] = ()
    limited: bool = False
    known: bool = True
    spot: Spot = field(default=Spot(0, ()), compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several queries, not known which."""

    queries: tuple[Queried, ...]


def last_part(dotted: str) -> str:
    """The last part of a dotted name."""
    return dotted.rpartition(".")[2].removeprefix(":")


def starred(value: Value) -> tuple[Value, ...]:
    """The items that `*value` brings; of a name, `Operated("*", …)`, until it is known."""
    if isinstance(value, Reference):
        return (Operated("*", (value,)),)
    return value if isinstance(value, tuple) else (UNKNOWN,)


def is_symbolic(value: Value) -> bool:
    """Whether a value may stand for something in SQL."""
    return isinstance(value, Reference | Made | Member | Operated | Queried | Choice)


def as_query(value: Value) -> Queried | Choice | None:
    """A value as a query, if it is one: `User.query` too."""
    if isinstance(value, Queried | Choice):
        return value
    if isinstance(value, Reference) and value.dotted.endswith(".query"):
        return Queried("select", (Reference(value.dotted.removesuffix(".query")),))
    return None


def merged(one: Value, other: Value) -> Value:
    """What a name stands for after one of two ways was gone, not known which."""
    if one is other or (type(one) is type(other) and one == other):
        return one
    first, second = as_query(one), as_query(other)
    if first is not None and second is not None:
        return _either(first, second)
    if one is None or other is None:
        query = second if one is None else first
        if query is not None:
            return query  # where there is none, none is run
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _merged_lists(one, other)
    if one is True or one is None:
        return Maybe(other) if _is_condition(other) else UNKNOWN
    if other is True or other is None:
        return Maybe(one) if _is_condition(one) else UNKNOWN
    return UNKNOWN


def _is_condition(value: Value) -> bool:
    return isinstance(value, Operated | Made | Maybe)


def _merged_lists(one: tuple[Value, ...], other: tuple[Value, ...]) -> Value:
    same = _common(one, other)
    rest = (*one[same:], *other[same:])
    return (*one[:same], *(each if isinstance(each, Maybe) else Maybe(each) for each in rest))


def _common(one: tuple[Value, ...], other: tuple[Value, ...]) -> int:
    """How many items two lists have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _either(one: Queried | Choice, other: Queried | Choice) -> Value:
    """Two queries that begin alike, as one with parts that are there sometimes; else both."""
    if isinstance(one, Queried) and isinstance(other, Queried):
        together = _together(one, other)
        if together is not None:
            return together
    every = (*_queries(one), *_queries(other))
    found: tuple[Queried, ...] = ()
    for query in every:
        found += () if query in found else (query,)
    return Choice(found) if len(found) <= _MOST_CHOICES else UNKNOWN


_MOST_CHOICES = 8


def _queries(value: Queried | Choice) -> tuple[Queried, ...]:
    return value.queries if isinstance(value, Choice) else (value,)


def _together(one: Queried, other: Queried) -> Queried | None:
    if (one.kind, one.entities, one.spot) != (other.kind, other.entities, other.spot):
        return None
    longer, shorter = (one, other) if len(one.joins) >= len(other.joins) else (other, one)
    if longer.joins[: len(shorter.joins)] != shorter.joins:
        return None
    same = _common(one.by_name, other.by_name)
    names = [*one.by_name[same:], *other.by_name[same:]]
    by_name = [
        (name, value if isinstance(value, Maybe) else Maybe(value), n) for name, value, n in names
    ]
    return Queried(
        one.kind,
        one.entities,
        _merged_lists(one.conditions, other.conditions),
        (*one.by_name[:same], *by_name),
        longer.joins,
        one.order_by if one.order_by == other.order_by else (UNKNOWN,),
        one.limited or other.limited,
        one.known and other.known,
        one.spot,
    )


def merged_names(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    """The names after one of two ways was gone. What only one of them binds is as it binds it."""
    if one is other:
        return one
    names = dict(one)
    for name, value in other.items():
        names[name] = merged(one[name], value) if name in one else value
    return names


def mentioned(value: Any) -> set[str]:
    """The parts of all dotted names in a value."""
    match value:
        case Reference(dotted):
            return set(dotted.lstrip(":.").split("."))
        case Made():
            parts = [value.base, *value.arguments, *(each for _, each in value.keywords)]
            return set(value.callee.lstrip(":.").split(".")).union(*map(mentioned, parts))
        case Member(base, _):
            return mentioned(base)
        case Operated(_, operands):
            return set().union(*map(mentioned, operands))
        case tuple():
            return set().union(*map(mentioned, value))
    return set()
