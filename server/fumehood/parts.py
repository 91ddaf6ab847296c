"""What tables are made of: columns with their types, keys, checks, and the keys of indexes.

A value that the text alone does not tell is UNKNOWN, and rules say nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .places import UNKNOWN, Flag, MaybeText, Site, Text, Unknown


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type as PostgreSQL's catalog names it: "varchar", "int4", "timestamptz", "bpchar"…

    `arguments` are the length, or the precision and the scale. A type of the database's own (an
    enum, a domain) has the name that it was given there. `enum`: it is known to be one; `values`
    are its, where they are known.
    """

    name: str
    arguments: tuple[int, ...] = ()
    dimensions: int = 0  # of an array
    schema: str | None = None
    collation: str | None = None
    enum: bool = False
    values: tuple[str, ...] | None = None


Type = ColumnType | Unknown


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column, or an `expression` as PostgreSQL's grammar writes it.

    Neither is known of a key whose column is UNKNOWN. `nulls_first` is None where nothing is said
    of it.
    """

    column: MaybeText
    expression: str | None = None
    descending: bool = False
    nulls_first: bool | None = None
    operator_class: MaybeText = None
    collation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """`sa.ForeignKey(target, …)` in a column; `final` as in Constraint, `options` as in
    TableForeignKey.
    """

    target: Text  # "table.column" or "schema.table.column"
    options: Text = ""
    name: MaybeText = None
    final: bool = False
    not_valid: Flag = False
    site: Site | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`sa.CheckConstraint(condition, …)` in a column or table; `final` as in Constraint.

    `plain`: it has no other argument than these and postgresql_not_valid, which has no effect here.
    """

    condition: Text
    name: MaybeText = None
    final: bool = False
    site: Site | None = None
    plain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`sa.Column(name, …)`; `site` is its call where that stands in the operation's own line.

    `default` tells whether existing rows get a value, and `server_default` is its SQL. A foreign
    key or check of UNKNOWN parts has no site where it stands in another line. `generated`:
    PostgreSQL computes it, from `computed`. `serial`: its values come from a sequence of its own,
    None where SQLAlchemy decides that by the table's primary key. `identity`: it is GENERATED … AS
    IDENTITY, "ALWAYS" or "BY DEFAULT"; UNKNOWN also where its sequence has options.
    """

    name: Text
    type: Type = UNKNOWN
    index: Flag = False
    unique: Flag = False
    nullable: Flag = True
    primary_key: Flag = False
    default: Flag = False
    server_default: MaybeText = None
    generated: bool = False
    computed: MaybeText = None
    serial: Flag | None = False
    identity: MaybeText = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    site: Site | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueKey:
    """A primary key or unique constraint in a table; `final` as in Constraint."""

    columns: tuple[Text, ...] | Unknown
    primary: bool = False
    name: MaybeText = None
    final: bool = False
    include: tuple[Text, ...] | Unknown = ()
    nulls_not_distinct: Flag = False
    deferrable: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForeignKey:
    """A foreign key in a table; `final` as in Constraint.

    `options` is the SQL of what stands behind the referred columns ("ON DELETE CASCADE").
    """

    columns: tuple[Text, ...] | Unknown
    referent: Text
    referent_schema: MaybeText = None
    referent_columns: tuple[Text, ...] | Unknown = UNKNOWN
    name: MaybeText = None
    final: bool = False
    options: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableIndex:
    """`sa.Index(name, …)` in a table; a name of None asks for the naming convention's.

    `site` is its call where that stands in the operation's own line.
    """

    name: MaybeText
    keys: tuple[IndexKey, ...] | Unknown
    unique: Flag = False
    method: Text = "btree"
    include: tuple[Text, ...] | Unknown = ()
    where: MaybeText = None
    nulls_not_distinct: Flag = False
    site: Site | None = None
