"""Parts of tables as operations give them -> as a database holds them, under their final names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import facts
from .facts import UNKNOWN
from .naming import (
    Constrained,
    ConstraintName,
    Naming,
    UnnamedError,
    check_name,
    foreign_key_name,
    index_name,
    primary_key_name,
    unique_name,
)
from .read.sql import columns_of
from .schema import (
    At,
    SchemaCheck,
    SchemaForeignKey,
    SchemaIndex,
    Table,
    TableName,
    referent_of,
    table_name,
)
from .schema_columns import column_of, sequence_of


@dataclass(frozen=True, slots=True)
class ColumnParts:
    """What a column brings besides itself."""

    indexes: tuple[SchemaIndex, ...]
    checks: tuple[SchemaCheck, ...]
    foreign_keys: tuple[SchemaForeignKey, ...]


def table_of(name: TableName, op: facts.CreateTable, naming: Naming | None, at: At | None) -> Table:
    """A table that was just created."""
    columns = [each for each in op.columns if isinstance(each.name, str)]
    parts = [column_parts(name, each, naming, at) for each in columns]
    primary = _primary_key(name, columns, naming, at)
    keys = [each.columns for each in op.unique_keys if each.primary]
    keys += [tuple(each.name for each in columns if each.primary_key is True)] if primary else []
    return Table(
        name=name,
        columns={
            str(each.name): column_of(each, sequence_of(name, each, keys), at) for each in columns
        },
        indexes=(
            *primary,
            *(unique_of(name, each, naming, at) for each in op.unique_keys),
            *(index for each in parts for index in each.indexes),
            *(index_of(name, each, naming, at) for each in op.indexes),
        ),
        checks=(
            *(check_of(name, each, naming) for each in op.checks),
            *(check for each in parts for check in each.checks),
        ),
        foreign_keys=(
            *(foreign_key_of(name, each, naming) for each in op.foreign_keys),
            *(key for each in parts for key in each.foreign_keys),
        ),
        complete=op.plain and op.complete and len(columns) == len(op.columns),
    )


def _primary_key(
    name: TableName, columns: list[facts.Column], naming: Naming | None, at: At | None
) -> tuple[SchemaIndex, ...]:
    """The index of the key that columns with primary_key=True make together."""
    keys = tuple(each.name for each in columns if each.primary_key is True)
    if not keys:
        return ()
    return (unique_of(name, facts.UniqueKey(columns=keys, primary=True), naming, at),)


def column_parts(
    name: TableName, column: facts.Column, naming: Naming | None, at: At | None
) -> ColumnParts:
    """The index, unique constraint, checks and foreign keys that a column brings."""
    indexes: tuple[SchemaIndex, ...] = ()
    key = (facts.IndexKey(column.name),)
    if column.index is True:
        index = facts.TableIndex(name=None, keys=key, unique=column.unique)
        indexes = (index_of(name, index, naming, at),)
    elif column.index is False and column.unique is True:
        unique = facts.UniqueKey(columns=(column.name,))
        indexes = (unique_of(name, unique, naming, at),)
    columns = (str(column.name),)
    checks = (
        SchemaCheck(
            name=_check_name(name, each, naming),
            columns=_of(name, each) or columns,
            condition=each.condition,
        )
        for each in column.checks
    )
    keys = (_column_key(name, columns, each, naming) for each in column.foreign_keys)
    return ColumnParts(indexes, tuple(checks), tuple(keys))


def index_of(
    table: TableName,
    index: facts.CreateIndex | facts.TableIndex,
    naming: Naming | None,
    at: At | None,
) -> SchemaIndex:
    """An index under its final name."""
    name: facts.MaybeText = index.name
    if name is None:
        keys = () if index.keys is UNKNOWN else tuple(key.column for key in index.keys)
        on = Constrained(table.name, table.schema, _known(keys))
        name = _named(lambda: ConstraintName(index_name(naming, on)))
    return SchemaIndex(
        name=name,
        keys=index.keys,
        unique=index.unique,
        method=index.method,
        include=index.include,
        where=index.where,
        nulls_not_distinct=index.nulls_not_distinct,
        at=at,
    )


def unique_of(
    table: TableName,
    key: facts.CreateUniqueConstraint | facts.CreatePrimaryKey | facts.UniqueKey,
    naming: Naming | None,
    at: At | None,
) -> SchemaIndex:
    """The index of a unique constraint or primary key, under its final name."""
    primary = isinstance(key, facts.CreatePrimaryKey) or (
        isinstance(key, facts.UniqueKey) and key.primary
    )
    on = Constrained(table.name, table.schema, _known(key.columns))
    given, name = key.name, primary_key_name if primary else unique_name
    plain = isinstance(key, facts.CreatePrimaryKey)
    return SchemaIndex(
        name=UNKNOWN if given is UNKNOWN else _named(lambda: name(naming, given, key.final, on)),
        keys=UNKNOWN
        if key.columns is UNKNOWN
        else tuple(facts.IndexKey(column) for column in key.columns),
        unique=True,
        include=() if plain else key.include,  # type: ignore[union-attr]
        nulls_not_distinct=False if plain else key.nulls_not_distinct,  # type: ignore[union-attr]
        deferrable=not plain and _may_be_deferrable(key),  # type: ignore[arg-type]
        owned_by_constraint=True,
        primary=primary,
        at=at,
    )


def _may_be_deferrable(key: facts.CreateUniqueConstraint | facts.UniqueKey) -> bool:
    late = isinstance(key, facts.CreateUniqueConstraint) and key.initially is not None
    return late or key.deferrable is not False


def check_of(
    table: TableName, check: facts.CreateCheckConstraint | facts.Check, naming: Naming | None
) -> SchemaCheck:
    """A check under its final name."""
    return SchemaCheck(
        name=_check_name(table, check, naming),
        columns=_of(table, check),
        condition=check.condition,
    )


def foreign_key_of(
    table: TableName, key: facts.CreateForeignKey | facts.TableForeignKey, naming: Naming | None
) -> SchemaForeignKey:
    """A foreign key under its final name."""
    return SchemaForeignKey(
        name=_key_name(table, key, key.columns, key.referent, key.referent_columns, naming),
        columns=key.columns,
        referent=table_name(key.referent_schema, key.referent) or UNKNOWN,
        referent_columns=key.referent_columns,
        options=key.options,
    )


def _column_key(
    table: TableName, columns: tuple[str, ...], key: facts.ForeignKey, naming: Naming | None
) -> SchemaForeignKey:
    referent = referent_of(key.target)
    known = isinstance(referent, TableName)
    referred = (str(key.target).rpartition(".")[2],) if known else UNKNOWN
    name = referent.name if isinstance(referent, TableName) else UNKNOWN
    return SchemaForeignKey(
        name=_key_name(table, key, columns, name, referred, naming),
        columns=columns,
        referent=referent,
        referent_columns=referred,
        options=key.options,
    )


def _key_name(
    table: TableName,
    key: facts.CreateForeignKey | facts.TableForeignKey | facts.ForeignKey,
    columns: object,
    referent: facts.Text,
    referred: object,
    naming: Naming | None,
) -> facts.MaybeText:
    name = key.name
    if name is UNKNOWN or not _known(columns):
        return name if isinstance(name, str) else UNKNOWN
    known = referent if isinstance(referent, str) else ""
    on = Constrained(table.name, table.schema, _known(columns), known, _known(referred))
    return _named(lambda: foreign_key_name(naming, name, key.final, on))


def _check_name(
    table: TableName, check: facts.CreateCheckConstraint | facts.Check, naming: Naming | None
) -> facts.MaybeText:
    name = check.name
    if name is UNKNOWN:
        return UNKNOWN
    on = Constrained(table.name, table.schema)
    return _named(lambda: check_name(naming, name, check.final, on, _of(table, check)))


def _of(
    table: TableName, check: facts.CreateCheckConstraint | facts.Check
) -> tuple[str, ...] | None:
    """The columns of a check's condition."""
    found = columns_of(check.condition, table.name) if isinstance(check.condition, str) else None
    return None if found is None else tuple(found)


def _named(name: Callable[[], ConstraintName]) -> facts.MaybeText:
    try:
        return name().name
    except UnnamedError:
        return UNKNOWN


def _known(columns: object) -> tuple[str, ...]:
    """Columns that are all known; else none."""
    if isinstance(columns, tuple) and all(isinstance(column, str) for column in columns):
        return columns
    return ()
