"""What stands on a column of a table -> what goes along when another column takes its place.

RefusedError where something does that cannot go along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .column_swap import Bound, Identity, IndexSwap
from .conversions import INTEGERS, NUMBERS, TEXTS
from .facts import UNKNOWN, ColumnType, IndexKey, Text, Unknown
from .identifiers import qualified, quoted
from .read.sql import columns_of
from .schema import SchemaCheck, SchemaColumn, SchemaForeignKey, SchemaIndex, Table, TableName
from .statement import RefusedError

LONGEST_NAME = 63  # bytes
_NUMBER = re.compile(r"'(-?\d+(?:\.\d+)?)'")
Key = tuple[Table, SchemaForeignKey]  # with the table that it is of


def refuse_long(names: Iterable[str]) -> None:
    """Refuse where a name would be cut by PostgreSQL."""
    if any(len(each.encode()) > LONGEST_NAME for each in names):
        raise RefusedError("the names would be too long")


def index_swaps(column: str, table: Table) -> Iterator[IndexSwap]:
    """The indexes on the column, but for the primary key's."""
    for index in table.indexes:
        if index.about(column) and not index.primary:
            yield _index_swap(index, column, table)


def primary_swap(column: str, table: Table) -> IndexSwap | None:
    """The primary key's index, where the column is the primary key or one of its columns."""
    found = [index for index in table.indexes if index.primary and index.about(column)]
    return _index_swap(found[0], column, table) if found else None


def _index_swap(index: SchemaIndex, column: str, table: Table) -> IndexSwap:
    """An index on the column, to be built on the new one; refused where it is more than keys."""
    owned = index.owned_by_constraint
    plain = SchemaIndex(
        name=index.name,
        keys=index.keys,
        unique=index.unique is True,
        owned_by_constraint=owned,
        primary=index.primary,
    )
    if index != plain or index.keys is UNKNOWN or not isinstance(index.name, str):
        raise RefusedError("an index on it is more than keys, and would have to be carried over")
    keys = [key.column for key in index.keys if key == IndexKey(key.column)]
    named = [None if key == column else quoted(key) for key in keys if isinstance(key, str)]
    if len(named) != len(index.keys):
        raise RefusedError("an index on it is more than columns, and would have to be carried over")
    names = (index.name, f"{index.name}_new", f"{index.name}_old")
    refuse_long(names)
    name, beside, old = map(quoted, names)
    in_name, in_new, in_old = (qualified(table.name.schema, each) for each in names)
    constraint = owned and not index.primary
    return IndexSwap(
        name,
        beside,
        old,
        in_name,
        in_new,
        in_old,
        tuple(named),
        plain.unique is True,
        constraint,
    )


def default_of(column: SchemaColumn, type_: ColumnType, table: Table) -> str | None:
    """The SQL of the default of a column of a type, None where it has none."""
    if column.generated or column.default is UNKNOWN or column.sequence is UNKNOWN:
        raise RefusedError("its default would have to be carried over, or is not known")
    if column.default is False or column.identity is not None:
        return None
    if column.sequence is not None:
        name = qualified(table.name.schema, column.sequence).replace("'", "''")
        return f"nextval('{name}'::regclass)"
    if not isinstance(column.server_default, str) or "\n" in column.server_default:
        raise RefusedError("its default would have to be carried over, or is not known")
    # A number in quotes is one to PostgreSQL, and shown as such.
    number = _NUMBER.fullmatch(column.server_default)
    return number[1] if number and type_.name in NUMBERS else column.server_default


def identity_of(column: SchemaColumn, table: Table) -> Identity | None:
    """What makes a column an identity column, None where it is none."""
    if column.identity is None:
        return None
    if column.identity is UNKNOWN or not isinstance(column.sequence, str):
        raise RefusedError("it is an identity column with a sequence of its own making")
    names = column.sequence, f"{column.sequence}_aside"
    refuse_long(names)
    sequence, in_aside = (qualified(table.name.schema, each) for each in names)
    return Identity(column.identity, sequence, quoted(names[1]), in_aside)


def keys_of(column: str, table: Table, referring: Iterable[Key]) -> list[Key]:
    """The foreign keys from the column, and of those that refer to its table, those to it."""
    own = [(table, each) for each in table.foreign_keys if _may_have(each.columns, column)]
    to_it = [key for key in referring if _may_have(key[1].referent_columns, column)]
    return [*own, *(key for key in to_it if key not in own)]


def bound_to(
    column: str, table: Table, keys: Iterable[Key], types: tuple[ColumnType, ColumnType]
) -> list[Bound]:
    """The foreign keys, and the checks on the column; `types`: old and new."""
    found = [_bound_key(*key) for key in keys]
    if found and not _alike(types, INTEGERS, TEXTS) and types[0].name != types[1].name:
        raise RefusedError("a foreign key on it would be between other types")
    checks = [
        _bound_check(each, table)
        for each in table.checks
        if not each.columns or column in each.columns
    ]
    if checks and not _alike(types, NUMBERS, TEXTS):
        raise RefusedError("a check on it may mean something else of the other type")
    return [*found, *checks]


def tables_of(table: Table, keys: Iterable[Key]) -> list[str]:
    """The tables that have to be locked, the referred ones first, as writers do it."""
    own = [key.referent for one, key in keys if one.name == table.name]
    referents = [each for each in own if isinstance(each, TableName)]
    names = dict.fromkeys((*referents, table.name, *(one.name for one, _ in keys)))
    return [qualified(*each) for each in names]


def _bound_key(table: Table, key: SchemaForeignKey) -> Bound:
    columns, referred = _names(key.columns), _names(key.referent_columns)
    known = isinstance(key.name, str) and isinstance(key.options, str)
    if not (known and columns and referred and isinstance(key.referent, TableName)):
        raise RefusedError(f"a foreign key of {table.name.name} is not known in all its parts")
    refuse_long([str(key.name)])
    definition = f"FOREIGN KEY ({columns}) REFERENCES {qualified(*key.referent)} ({referred})"
    definition += f" {key.options}" if key.options else ""
    return Bound(qualified(*table.name), quoted(str(key.name)), definition)


def _bound_check(check: SchemaCheck, table: Table) -> Bound:
    sql = check.condition
    if not isinstance(sql, str) or not isinstance(check.name, str) or "\n" in sql:
        raise RefusedError("a check on it would have to be carried over, and is not known")
    if columns_of(sql, table.name.name) is None:
        raise RefusedError("a check on it would have to be carried over, and is not plain")
    return Bound(qualified(*table.name), quoted(check.name), f"CHECK ({sql})")


def _names(columns: tuple[Text, ...] | Unknown) -> str:
    """Columns in SQL, none where one is not known."""
    known = [] if columns is UNKNOWN else [each for each in columns if isinstance(each, str)]
    whole = columns is not UNKNOWN and len(known) == len(columns)
    return ", ".join(map(quoted, known)) if whole else ""


def _alike(types: tuple[ColumnType, ColumnType], *kinds: frozenset[str]) -> bool:
    """Whether both types are of one of these kinds, and no arrays."""
    names = {each.name for each in types}
    return any(names <= kind for kind in kinds) and not any(each.dimensions for each in types)


def _may_have(columns: tuple[Text, ...] | Unknown, column: str) -> bool:
    return columns is UNKNOWN or UNKNOWN in columns or column in columns
