"""The tables of a query, and what values lead to their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..facts import UNKNOWN, ColumnType, ForeignKey, IndexKey
from ..join.values import Made, Member, Reference
from ..outline.symbols import Maybe, Operated, last_part
from .facts import ClassKey, Link, MappedColumn, Model
from .lineage import split
from .sql import column, column_name, key_of, with_columns

# Functions that give back what they are given.
_SAME = frozenset(["col", "foreign", "remote", "type_coerce", "label", "self_group", "coerce"])
_ALIASES = frozenset(["aliased", "alias"])
# What stands between a table and its column.
_COLUMNS = ("c", "columns")
_CONDITIONS = ("==", "!=", "<", ">", "<=", ">=", "&", "|", "~x")
# What gives one of a handful of names.
_FEW = ("json_typeof(", "jsonb_typeof(")
_DEEPEST = 8  # how far hybrids may lead to others


@dataclass(frozen=True, slots=True)
class Key:
    """A column or expression of one of the query's tables."""

    table: int
    key: IndexKey
    column: MappedColumn | None = None

    @property
    def few(self) -> bool:
        """Whether it has few values."""
        held = self.column
        if held is None:
            return (self.key.expression or "").startswith(_FEW)
        typed = held.column.type
        return held.is_enum or (isinstance(typed, ColumnType) and typed.name == "bool")


@dataclass(frozen=True, slots=True)
class Related:
    """A relationship of one of the tables, to the class that it leads to."""

    table: int
    model: ClassKey
    columns: tuple[str, ...] = ()  # of its foreign key, where they are told
    plain: bool = True  # it leads there by a foreign key alone


@dataclass(slots=True)
class Sources:
    """The tables of one query. `models` gives models; one may be here under several aliases."""

    models: Callable[[ClassKey], Model | None]
    tables: list[tuple[ClassKey, str]] = field(default_factory=list)
    inner: set[int] = field(default_factory=set)  # those of EXISTS that relationships make

    def model(self, table: int) -> Model | None:
        """The model of a table."""
        return self.models(self.tables[table][0])

    def add(self, value: Any) -> int | None:
        """The table that a class, Table() or alias is; None where it is none."""
        found = self._entity(value)
        return None if found is None else self._number(*found)

    def inside(self, related: Related) -> int | None:
        """The table of a relationship's own EXISTS; None where conditions may mean another one."""
        if not related.plain or (related.model, "") in self.tables:
            return None
        if self.models(related.model) is None:
            return None
        number = self._number(related.model, "")
        self.inner.add(number)
        return number

    def mention(self, value: Any) -> None:
        """Add the tables whose columns are in a value."""
        for each in _references(value):
            found = self._owner(each)
            if found is not None:
                self._number(found[0], found[1])

    def has_columns(self, value: Any) -> bool:
        """Whether something of a model is in a value."""
        return any(self._owner(each) is not None for each in _references(value))

    def key(self, value: Any, depth: int = 0) -> Key | Related | None:
        """The column, expression or relationship that a value is."""
        value = _plain(value)
        if isinstance(value, Reference | Member):
            return self._attribute(value, depth)
        if isinstance(value, Operated) and value.operator in _CONDITIONS:
            return None  # true or false
        return self._expression(value, depth) if isinstance(value, Made | Operated) else None

    def _attribute(self, value: Reference | Member, depth: int) -> Key | Related | None:
        owner = self._owner(value)
        if owner is None:
            return None
        key, alias, name = owner
        model = self.models(key)
        if model is None or not name:
            return None
        held = model.by_attribute(name)
        if held is not None:
            if not isinstance(held.column.name, str):
                return None
            return Key(self._number(key, alias), IndexKey(held.column.name), held)
        if name in model.relationships:
            relation = model.relationships[name]
            number = self._number(key, alias)
            return Related(number, relation.model, relation.columns, relation.plain)
        hybrid = model.hybrids.get(name, UNKNOWN)
        if hybrid is UNKNOWN or depth > _DEEPEST:
            return None
        return self.key(self._own(hybrid, key, value), depth + 1)

    def hybrid(self, value: Any) -> Any:
        """The expression that a hybrid attribute stands for; None where a value is none."""
        owner = self._owner(value) if isinstance(value, Reference | Member) else None
        model = self.models(owner[0]) if owner else None
        if owner is None or model is None or owner[2] not in model.hybrids:
            return None
        return self._own(model.hybrids[owner[2]], owner[0], value)

    def _own(self, hybrid: Any, key: ClassKey, value: Any) -> Any:
        """A hybrid's expression with the attributes of the class that it is asked of."""
        base = value.base if isinstance(value, Member) else Reference(f"@{key[0]}.{key[1]}")

        def own(reference: Reference | Member) -> Any:
            if isinstance(reference, Reference):
                owner, _, name = reference.dotted.rpartition(".")
                if owner in ("<own>", f"@{key[0]}.{key[1]}"):
                    return (
                        Member(base, name)
                        if isinstance(value, Member)
                        else Reference(f"@{key[0]}.{key[1]}.{name}")
                    )
            return None

        return with_columns(hybrid, own)

    def _expression(self, value: Made | Operated, depth: int) -> Key | None:
        """An expression of columns of one table."""
        found: list[Key] = []

        def find(reference: Reference | Member) -> Any:
            key = self.key(reference, depth + 1)
            if not isinstance(key, Key) or key.key.column is None:
                return None
            found.append(key)
            return column(str(key.key.column))

        inner = with_columns(value, find)
        tables = {each.table for each in found}
        if len(tables) != 1:
            return None
        name = column_name(inner)
        key = IndexKey(name) if name is not None else key_of(inner)
        if key.column is UNKNOWN:
            return None
        return Key(tables.pop(), key, found[0].column if key.column is not None else None)

    def _owner(self, value: Reference | Member) -> tuple[ClassKey, str, str] | None:
        """Model, alias and attribute of `User.email`, `alias.email`, `users.c.email`."""
        if isinstance(value, Member):
            entity = self._entity(_without_c(value.base))
            return None if entity is None else (*entity, value.name)
        if not value.dotted.startswith("@"):
            return None
        path, dotted = split(value.dotted)
        name, rest = dotted, ""
        while name:
            if self.models((path, name)) is not None:
                attribute = _attribute_of(rest)
                return None if attribute is None else ((path, name), "", attribute)
            name, _, last = name.rpartition(".")
            rest = f"{last}.{rest}"
        return None

    def owner(self, value: Reference) -> tuple[ClassKey, str] | None:
        """The model and the attribute that a name is."""
        found = self._owner(value)
        return None if found is None else (found[0], found[2])

    def _entity(self, value: Any) -> tuple[ClassKey, str] | None:
        """The model and the alias that a value is."""
        if isinstance(value, Made) and last_part(value.callee) in _ALIASES:
            base = value.base if value.base is not None else next(iter(value.arguments), None)
            found = self._entity(base)
            return None if found is None else (found[0], repr(value))
        if isinstance(value, Member) and value.name == "__table__":
            return self._entity(value.base)
        if not isinstance(value, Reference):
            return None
        owner = self._owner(value)
        return None if owner is None or owner[2] else (owner[0], owner[1])

    def _number(self, key: ClassKey, alias: str) -> int:
        if (key, alias) not in self.tables:
            self.tables.append((key, alias))
        return self.tables.index((key, alias))

    def link(self, one: int, other: int, by: tuple[str, ...] = ()) -> Link | None:
        """The foreign key between two tables, where there is only one; of the columns `by`."""
        found = [*self._links(one, other), *self._links(other, one)]
        found = [each for each in found if not by or each.column in by]
        return found[0] if len(found) == 1 else None

    def foreign_key(self, related: Related) -> str | None:
        """The column by which a table refers to a model, where there is only one."""
        found = [name for name, _ in self._foreign_keys(related.table, related.model)]
        found = [name for name in found if not related.columns or name in related.columns]
        return found[0] if len(found) == 1 else None

    def _links(self, one: int, other: int) -> Iterator[Link]:
        for name, target in self._foreign_keys(one, self.tables[other][0]):
            yield Link(one, name, other, target)

    def _foreign_keys(self, table: int, target: ClassKey) -> Iterator[tuple[str, str]]:
        model, referent = self.model(table), self.models(target)
        if model is None or referent is None:
            return
        for each in model.columns:
            for key in each.column.foreign_keys:
                name = _refers(key, referent)
                if name is not None and isinstance(each.column.name, str):
                    yield each.column.name, name


def _refers(key: ForeignKey, referent: Model) -> str | None:
    """The column of a model that a foreign key refers to."""
    if not isinstance(key.target, str):
        return None
    table, _, name = key.target.rpartition(".")
    table = table.rpartition(".")[2]
    if referent.table is not UNKNOWN:
        return name if table == referent.table else None
    return name if table.replace("_", "").lower() == referent.called.lower() else None


def _plain(value: Any) -> Any:
    """What a wrapper around a value holds."""
    while isinstance(value, Made) and last_part(value.callee) in _SAME:
        inner = value.base if value.base is not None else next(iter(value.arguments), None)
        if inner is None:
            return value
        value = inner
    return value


def _without_c(value: Any) -> Any:
    return value.base if isinstance(value, Member) and value.name in _COLUMNS else value


def _attribute_of(dotted: str) -> str | None:
    """The attribute in what stands behind a model's name: "email", "__table__.c.email", "".

    None where it is one of something else.
    """
    parts = [part for part in dotted.split(".") if part not in ("", "__table__")]
    if len(parts) == 2 and parts[0] in _COLUMNS:
        parts = parts[1:]
    return "".join(parts) if len(parts) < 2 else None


def _references(value: Any) -> Iterator[Reference | Member]:
    match value:
        case Reference() | Member():
            yield value
        case Maybe(inner):
            yield from _references(inner)
        case Made():
            if last_part(value.callee) in _ALIASES:
                return
            for each in (value.base, *value.arguments, *(item for _, item in value.keywords)):
                yield from _references(each)
        case Operated(_, operands):
            for each in operands:
                yield from _references(each)
        case tuple():
            for each in value:
                yield from _references(each)
