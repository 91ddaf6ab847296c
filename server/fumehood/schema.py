"""Tables as a database holds them after some migrations, as far as their text tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .parts import IndexKey, Type
from .places import UNKNOWN, Flag, MaybeText, Site, Text, Unknown


class TableName(NamedTuple):
    """A table's schema, None for "public" and where none is written, and its name."""

    schema: str | None
    name: str


class Place(NamedTuple):
    """A place in a file that is not at hand; offsets are in code points of its text."""

    path: str
    start: int
    end: int


At = Place | Site


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaColumn:
    """A column, as in the fact of its name; `sequence` is that of a serial one, in its schema."""

    name: str
    type: Type = UNKNOWN
    not_null: Flag = UNKNOWN
    default: Flag = UNKNOWN
    server_default: MaybeText = UNKNOWN
    generated: bool = False
    computed: MaybeText = None
    sequence: MaybeText = None
    identity: MaybeText = None
    at: At | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaIndex:
    """An index, one that belongs to a constraint included."""

    name: MaybeText  # UNKNOWN where it cannot be told
    keys: tuple[IndexKey, ...] | Unknown
    unique: Flag = False
    method: Text = "btree"
    include: tuple[Text, ...] | Unknown = ()
    where: MaybeText = None
    nulls_not_distinct: Flag = False
    deferrable: bool = False  # or it may be
    owned_by_constraint: bool = False
    primary: bool = False
    at: At | None = field(default=None, compare=False)

    def about(self, column: str) -> bool:
        """Whether the index may be about a column."""
        if self.keys is UNKNOWN or self.include is UNKNOWN or column in self.include:
            return True
        return any(
            key.column in (column, UNKNOWN) or (key.expression and column in key.expression)
            for key in self.keys
        ) or (self.where is not None and (self.where is UNKNOWN or column in self.where))


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCheck:
    """A check; `columns` are those of its condition, None where they are not known."""

    name: MaybeText
    columns: tuple[str, ...] | None
    condition: Text = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaForeignKey:
    """A foreign key of a table; `options` as in TableForeignKey."""

    name: MaybeText
    columns: tuple[Text, ...] | Unknown
    referent: TableName | Unknown
    referent_columns: tuple[Text, ...] | Unknown
    options: Text = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaView:
    """A view that reads a table; `columns`: all those that it reads, None where that is not known.

    Or a policy, a rule, a trigger, a publication… that may hold on to columns: of no known name.
    """

    name: MaybeText
    columns: frozenset[str] | None = None

    def may_read(self, column: str) -> bool:
        """Whether it reads a column, or may do so."""
        return self.columns is None or column in self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table. `complete`: all that it has is here, as far as can be told.

    `untold`: so it is but for what it had before the first operation that is about it.
    """

    name: TableName
    columns: Mapping[str, SchemaColumn] = field(default_factory=dict)
    indexes: tuple[SchemaIndex, ...] = ()
    checks: tuple[SchemaCheck, ...] = ()
    foreign_keys: tuple[SchemaForeignKey, ...] = ()
    views: tuple[SchemaView, ...] = ()
    complete: bool = False
    untold: bool = False


Schema = Mapping[TableName, Table]
_WORDS = re.compile(r"\w+")


def spoken_of(tables: Schema, text: str) -> Schema:
    """The tables that a migration's text may speak of, in the order of all.

    By their name or that of an index; with them those that they refer to, or that may refer to
    them, since what is on a column is on the other end of its foreign keys too.
    """
    words = {each for word in _WORDS.findall(text) for each in (word, word.lower())}

    def told(name: MaybeText) -> bool:
        return isinstance(name, str) and (name in words or not name.isidentifier())

    own = {
        name
        for name, table in tables.items()
        if told(name.name) or any(told(each.name) for each in table.indexes)
    }
    ends = {key.referent for name in own for key in tables[name].foreign_keys} | own | {UNKNOWN}
    return {
        name: table
        for name, table in tables.items()
        if name in ends or any(key.referent in own | {UNKNOWN} for key in table.foreign_keys)
    }


def table_name(schema: object, table: object) -> TableName | None:
    """The name of a table that an operation is about; None where it is not known."""
    if not isinstance(table, str) or not (schema is None or isinstance(schema, str)):
        return None
    return TableName(None if schema == "public" else schema, table)


def referent_of(target: Text) -> TableName | Unknown:
    """The table that `sa.ForeignKey(target)` is about."""
    parts = target.split(".") if isinstance(target, str) else []
    if len(parts) not in (2, 3):
        return UNKNOWN
    return table_name(parts[0] if len(parts) == 3 else None, parts[-2]) or UNKNOWN
