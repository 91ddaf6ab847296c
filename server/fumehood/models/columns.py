"""An attribute of a mapped class -> the column that it is mapped to, or what else it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from string import digits
from typing import Any

from ..facts import UNKNOWN, Column, ColumnType
from ..join.columns import column as column_fact
from ..join.values import Made, Reference
from ..outline.symbols import last_part
from .annotations import Annotated
from .facts import MappedColumn, Origin

COLUMNS = frozenset(["Column", "mapped_column"])
_RELATIONSHIPS = frozenset(["relationship", "dynamic_loader", "Relationship", "relation"])
# What has a relationship lead somewhere in another way; SQLModel has them in a dict.
_OTHERWISE = ("secondary", "primaryjoin", "link_model", "sa_relationship_kwargs",
              "sa_relationship")  # fmt: skip
_AROUND = frozenset(["deferred", "column_property", "declared_attr"])
# Calls whose attributes are no columns, and are of no use in a condition on one.
_OTHERS = frozenset(["association_proxy", "composite", "query_expression", "backref"])
_ENUMS = ("enum", "choice", "literal")
_DEFAULTS = ("default", "insert_default", "server_default")
_LITERAL = ("'", "-", *digits)  # how one begins in SQL


@dataclass(frozen=True, slots=True)
class Relationship:
    """`relationship(target)`: a string, a Reference, or None where it is not told.

    `columns` are the names of its foreign_keys. `plain`: it leads there by a foreign key alone.
    """

    target: Any
    columns: tuple[str, ...] = ()
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Hybrid:
    """An attribute that stands for an expression."""

    value: Any


@dataclass(frozen=True, slots=True)
class Hidden:
    """An attribute that may be a column of which nothing is known."""


Mapped = MappedColumn | Relationship | Hybrid | Hidden | None


@dataclass(frozen=True, slots=True)
class Attributes:
    """Reads the attributes of one class; `every` annotation is a column's, as in SQLModel."""

    origin: Callable[[str], Origin]
    every: bool = False

    def read(self, name: str, value: Any, about: Annotated | None, kind: str) -> Mapped:
        """What an attribute is, from its canonical value and annotation."""
        if kind == "comparator":
            return Hidden()
        if kind == "hybrid":
            return Hybrid(value)
        while isinstance(value, Made) and last_part(value.callee) in _AROUND and value.arguments:
            inner = value.arguments[0]
            if not (isinstance(inner, Made) and last_part(inner.callee) in COLUMNS):
                return Hybrid(inner) if last_part(value.callee) == "column_property" else Hidden()
            value = inner
        if isinstance(value, Made):
            return self._made(name, value, about)
        if value is None or self.every:
            return self._declared(name, value, about)
        if value is UNKNOWN or isinstance(value, Reference):
            return Hidden()
        return None

    def _made(self, name: str, value: Made, about: Annotated | None) -> Mapped:
        called = last_part(value.callee)
        if called in COLUMNS:
            return self.column(name, value, about)
        if called in _RELATIONSHIPS:
            target = value.arguments[0] if value.arguments else value.keyword("argument")
            columns = tuple(_column_names(value.keyword("foreign_keys")))
            ways = map(value.keyword, _OTHERWISE)
            plain = len(value.arguments) < 2 and all(each is None for each in ways)
            target = target if target is not None else about and about.target
            return Relationship(target, columns, plain)
        if called == "Field" and self.every:
            return self._field(name, value, about)
        if called == "synonym" and value.arguments and isinstance(value.arguments[0], str):
            return Hybrid(Reference(f"<own>.{value.arguments[0]}"))
        if called in _OTHERS:
            return Hidden()
        # A function of the project may make a column, one of elsewhere seldom does.
        return Hidden()

    def _declared(self, name: str, value: Any, about: Annotated | None) -> Mapped:
        """`name: Mapped[int]`, without a value or with a plain one."""
        if about is None or about.class_var or not (about.mapped or self.every):
            return None
        if about.mapped and isinstance(about.target, str):
            return Relationship(about.target)
        made = about.made or Made("mapped_column", (), (), True, None)
        if _is_constant(value):
            made = replace(made, keywords=(*made.keywords, ("default", value)))
        if last_part(made.callee) == "Field":
            return self._field(name, made, about)
        return self.column(name, made, replace(about, made=None))

    def _field(self, name: str, field: Made, about: Annotated | None) -> Mapped:
        """SQLModel's Field()."""
        given = field.keyword("sa_column")
        if isinstance(given, Made):
            return self.column(name, given, about)
        keywords = {
            key: value
            for key, value in field.keywords
            if key in ("index", "unique", "primary_key", "nullable", "default")
        }
        if field.arguments:
            keywords["default"] = field.arguments[0]
        arguments: tuple[Any, ...] = ()
        if (typed := field.keyword("sa_type")) is not None:
            arguments += (typed,)
        if (target := field.keyword("foreign_key")) is not None:
            arguments += (Made("sqlalchemy.ForeignKey", (target,), (), True, None),)
        extra = field.keyword("sa_column_kwargs")
        if isinstance(extra, dict):
            keywords |= extra
        made = Made("Column", arguments, tuple(keywords.items()), field.complete, None)
        return self.column(name, made, about)

    def column(self, name: str, made: Made, about: Annotated | None) -> MappedColumn:
        """A Column() or mapped_column(), with what its annotation adds."""
        if about is not None and about.made is not None:
            made = _merged(about.made, made)
        arguments = made.arguments
        given = dict(made.keywords)
        first = arguments[0] if arguments else None
        named = given.pop("name", None) if not isinstance(first, str) else first
        if isinstance(first, str):
            arguments = arguments[1:]
        if about is not None and "nullable" not in given and made.complete:
            given["nullable"] = about.nullable and not given.get("primary_key", False)
        known = named if named is not None else name
        whole = Made("Column", (known, *arguments), tuple(given.items()), made.complete, None)
        fact = column_fact(whole, None)
        assert isinstance(fact, Column)
        if fact.type is UNKNOWN and about is not None:
            fact = replace(fact, type=about.type)
        typed = arguments[0] if arguments else given.get("type_")
        is_enum = _is_enum(typed, fact) or (about is not None and about.is_enum)
        return MappedColumn(
            attribute=name,
            column=fact,
            origin=self.origin(name),
            is_enum=is_enum,
            has_default=any(_is_constant(given.get(each)) for each in _DEFAULTS),
        )


def _column_names(value: Any) -> Iterator[str]:
    """The attributes in foreign_keys=…: references, or a string that SQLAlchemy evaluates."""
    if isinstance(value, tuple):
        for each in value:
            yield from _column_names(each)
    elif isinstance(value, Reference):
        yield last_part(value.dotted)
    elif isinstance(value, str):
        for each in value.strip("[]() ").split(","):
            yield each.strip().rpartition(".")[2]


def _merged(base: Made, own: Made) -> Made:
    """A column of an Annotated[] type, with what the attribute says itself."""
    arguments = (*own.arguments, *(each for each in base.arguments if each not in own.arguments))
    keywords = dict(base.keywords) | dict(own.keywords)
    complete = base.complete and own.complete
    return Made(own.callee, arguments, tuple(keywords.items()), complete, None)


def _is_constant(default: Any) -> bool:
    """Whether a default is a value that is written there: a text, a number, an enum's member."""
    if isinstance(default, Made):
        sql = default.arguments[0] if last_part(default.callee) == "text" else None
        return isinstance(sql, str) and sql.startswith(_LITERAL)
    if isinstance(default, Reference):
        return default.dotted.endswith((".value", ".name"))
    return isinstance(default, str | int | float)


def _is_enum(typed: Any, fact: Column) -> bool:
    if isinstance(fact.type, ColumnType) and fact.type.values is not None:
        return True
    dotted = typed.callee if isinstance(typed, Made) else ""
    dotted = typed.dotted if isinstance(typed, Reference) else dotted
    name = last_part(dotted).lower()
    return any(word in name for word in _ENUMS)
