"""The outline of a file: what it imports, its classes, tables, indexes and queries.

All of it is a function of the text, and none of it knows a line number but `places`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..join.values import Made
from .symbols import Queried, Spot

Value = Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name: annotation = value` in a class; a value of None where there is none.

    `kind` is "" for an assignment, else the decorator of the function whose result it is:
    "declared_attr", "hybrid", "comparator", "method".
    """

    value: Value = None
    annotation: Value = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ClassOutline:
    """A class; `closed` is False where its body has more than is read here."""

    name: str
    bases: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)
    decorators: tuple[Value, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Stray:
    """A call of Index() that is no argument of a table; `name` is what its places call it."""

    name: str
    made: Made


@dataclass(frozen=True, slots=True)
class QueryOutline:
    """A query that a function runs; `number` tells several of one function apart."""

    function: str
    number: int
    query: Queried

    @property
    def key(self) -> str:
        """What it is called in its file."""
        return f"{self.function}#{self.number}"


@dataclass(frozen=True, slots=True)
class Places:
    """Where things stand: offsets in code points from the file's start.

    `names` are classes and their attributes ("User", "User.email") and what else a file names, each
    where its name begins. `queries` are the starts of lines, and paths in them.
    """

    names: Mapping[str, int] = field(default_factory=dict)
    queries: Iterable[tuple[int, tuple[str | int, ...]]] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What one file says. Two are equal whatever their places are.

    `names`: what each name of the module stands for; a Reference to something imported, or a value.
    `stars`: the modules of `from … import *`. `indexes`: calls of Index() outside of any class.
    """

    names: Mapping[str, Value] = field(default_factory=dict)
    stars: tuple[str, ...] = ()
    classes: Mapping[str, ClassOutline] = field(default_factory=dict)
    indexes: tuple[Stray, ...] = ()
    queries: tuple[QueryOutline, ...] = ()
    places: Places = field(default_factory=Places, compare=False)


class Changed(NamedTuple):
    """What may be another than in the outline before: names of the module, and queries."""

    names: Collection[str]
    gone: Sequence[QueryOutline]
    came: Sequence[QueryOutline]


EMPTY = Outline()
__all__ = [
    "EMPTY",
    "Attribute",
    "Changed",
    "ClassOutline",
    "Outline",
    "Places",
    "QueryOutline",
    "Spot",
    "Stray",
]
