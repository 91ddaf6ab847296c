"""A column as an operation gives it -> as a database holds it, with its sequence."""

from __future__ import annotations

from collections.abc import Sequence

from . import facts
from .facts import UNKNOWN
from .schema import At, SchemaColumn, TableName

_INTEGERS = frozenset(["int2", "int4", "int8"])
_LONGEST_NAME = 63  # bytes


def sequence_of(
    table: TableName, column: facts.Column, keys: Sequence[object] = ()
) -> facts.MaybeText:
    """The sequence that PostgreSQL makes for a serial or identity column.

    `keys` are the columns of primary keys.
    """
    serial = True if column.identity is not None else column.serial
    if serial is None:  # SQLAlchemy makes an integer serial that is all of the primary key
        is_key = column.primary_key is True or any(
            key is UNKNOWN or (isinstance(key, tuple) and column.name in key) for key in keys
        )
        serial = _is_serial(column, keys) if is_key else False
    if serial is not True:
        return UNKNOWN if serial is UNKNOWN else None
    name = f"{table.name}_{column.name}_seq"
    return name if len(name.encode()) <= _LONGEST_NAME else UNKNOWN


def _is_serial(column: facts.Column, keys: Sequence[object]) -> facts.Flag:
    if not isinstance(column.type, facts.ColumnType) or not column.complete:
        return UNKNOWN
    if column.type.name not in _INTEGERS:
        return UNKNOWN if column.type.name == "numeric" else False
    if column.foreign_keys:
        return False
    if len(keys) != 1 or not isinstance(keys[0], tuple) or UNKNOWN in keys[0]:
        return UNKNOWN
    return keys[0] == (column.name,)  # of several columns none is


def column_of(column: facts.Column, sequence: facts.MaybeText, at: At | None) -> SchemaColumn:
    """A column that was just added, with its sequence."""
    not_null = UNKNOWN if column.nullable is UNKNOWN else not column.nullable
    return SchemaColumn(
        name=str(column.name),
        type=column.type,
        not_null=not_null if column.complete else UNKNOWN,
        default=True if sequence is not None else column.default,
        server_default=column.server_default,
        generated=column.generated,
        computed=column.computed,
        sequence=sequence,
        identity=column.identity,
        at=at,
    )
