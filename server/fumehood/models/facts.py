"""The nouns of models and queries that rules speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..facts import (
    UNKNOWN,
    Column,
    Fact,
    IndexKey,
    MaybeText,
    TableForeignKey,
    TableIndex,
    Text,
    UniqueKey,
    Unknown,
)

# A class by its file's path and its dotted name within: ("app/models.py", "User").
ClassKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something is written: a file's path, and a name that its places know."""

    path: str
    name: str


def written_in(origin: Origin, key: ClassKey) -> bool:
    """Whether something is an attribute of a class, or the name of a Table()."""
    path, name = key
    return origin.path == path and (origin.name == name or origin.name.rpartition(".")[0] == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """A column of a model, by the attribute that it is mapped to."""

    attribute: str
    column: Column
    origin: Origin
    is_enum: bool = False  # of few values, however they are stored
    has_default: bool = False  # a constant, which many rows have as a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIndex:
    """An index of a model; `column` is the attribute whose `index=True` makes it.

    `unnamed`: it is given no name, and has that of a convention.
    """

    index: TableIndex
    origin: Origin
    column: str | None = None
    unnamed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKey:
    """A primary key or unique constraint of a model."""

    key: UniqueKey
    origin: Origin


@dataclass(frozen=True, slots=True)
class Relation:
    """What an attribute leads to; `columns` are those of its foreign key, where they are told.

    `plain`: it leads there by a foreign key, and by nothing else.
    """

    model: ClassKey
    columns: tuple[str, ...] = ()
    plain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A class, or a Table(), and what its table is made of.

    `relationships` are what attributes lead to. `hybrids` are expressions that
    attributes stand for. `unknown` are attributes of which nothing is known. `complete` is False
    where there may be more than is seen here. `inherits_arguments`: a base has `__table_args__`,
    and it has none itself.
    """

    key: ClassKey
    table: Text
    schema: MaybeText = None
    columns: tuple[MappedColumn, ...] = ()
    indexes: tuple[ModelIndex, ...] = ()
    keys: tuple[ModelKey, ...] = ()
    foreign_keys: tuple[TableForeignKey, ...] = ()
    relationships: Mapping[str, Relation] = field(default_factory=dict)
    hybrids: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    complete: bool = True
    inherits_arguments: bool = False

    @property
    def called(self) -> str:
        """The table's name; where it is computed in a way that is not followed, the class's."""
        return self.table if isinstance(self.table, str) else self.key[1].rpartition(".")[2]

    def may_be(self, table: str) -> bool:
        """Whether a table may be its own: where its name is not known, one that ends in the
        class's, or that name's plural.
        """
        if isinstance(self.table, str):
            return self.table == table
        name = self.called.lower()
        plural = f"{name.removesuffix('y')}ies" if name.endswith("y") else f"{name}es"
        return table.replace("_", "").lower().endswith((name, f"{name}s", plural))

    def by_attribute(self, name: str) -> MappedColumn | None:
        """The column that an attribute is mapped to."""
        return next((each for each in self.columns if each.attribute == name), None)

    def by_name(self, name: str) -> MappedColumn | None:
        """A column by its name in the table."""
        return next((each for each in self.columns if each.column.name == name), None)


@dataclass(frozen=True, slots=True)
class Condition:
    """`key operator value`, on one of the query's tables.

    `operator`: "=", "in", "<" (any range), "until now" (all that is past), "prefix" (LIKE 'x%'),
    "iprefix" (ILIKE 'x%'), "in query" (a subquery's rows), "is null", "is not null", "is true",
    "is false", "!=" (and all else that leaves most rows). `values` are the constants; None where
    they are not known. `few`: the column has few values, as booleans and enums do, or many rows
    have this one. `optional`: it is there only sometimes. `unsure`: few rows may meet it, or most.
    """

    table: int
    key: IndexKey
    operator: str
    values: tuple[Any, ...] | None = None
    few: bool = False
    optional: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Two columns of two tables that are to be equal."""

    table: int
    column: str
    other: int
    other_column: str


@dataclass(frozen=True, slots=True)
class All:
    """Conditions that all hold."""

    parts: tuple[Condition | Link | All | Either | Unresolved, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions one of which holds."""

    parts: tuple[Condition | Link | All | Either | Unresolved, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A condition of which nothing is known, or, where `harmless`, that no index helps with."""

    harmless: bool = False


Part = Condition | Link | All | Either | Unresolved


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of ORDER BY."""

    table: int
    key: IndexKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a function looks for. `tables` are models; one may be there twice, under an alias.

    `outer` are tables that are named in conditions only: as a rule those of a query around this
    one. `order_by` is UNKNOWN where it is not all known.
    """

    path: str
    function: str
    number: int  # of those in the function
    kind: str
    tables: tuple[ClassKey, ...]
    outer: tuple[int, ...] = ()
    where: All = All(())
    order_by: tuple[Sort, ...] | Unknown = ()
    limited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenQuery(Fact):
    """A query, in the file that is checked."""

    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenIndex(Fact):
    """An index that a model has, where it is written: in the file that is checked.

    `others` are more models that have it, where a class stands there that is none itself.
    """

    model: Model
    index: ModelIndex
    others: tuple[tuple[Model, ModelIndex], ...] = ()


__all__ = [
    "UNKNOWN",
    "All",
    "ClassKey",
    "Condition",
    "Either",
    "Link",
    "MappedColumn",
    "Model",
    "ModelIndex",
    "ModelKey",
    "Origin",
    "Part",
    "Query",
    "Relation",
    "Sort",
    "Unresolved",
    "WrittenIndex",
    "WrittenQuery",
    "written_in",
]
