"""What runs between a change of a type and its follow-up revisions must leave what they take along.

Foreign keys that were dropped and made again, as the follow-ups of another change do, are left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .edits import Edits, RefusedError
from .facts import (
    UNKNOWN,
    AlterColumn,
    CreateForeignKey,
    DropConstraint,
    DropIndex,
    Execute,
    Operation,
    RenameIndex,
    RenameTable,
    ValidateConstraint,
)
from .index import referents
from .replay import Replay
from .schema import SchemaColumn, SchemaForeignKey, Table, TableName, table_name

_LOCK = re.compile(r"\s*LOCK\s+TABLE\b[^;]*", re.IGNORECASE)
_OF_CONSTRAINTS = (CreateForeignKey, DropConstraint, ValidateConstraint)


def refuse_between(
    op: AlterColumn, edit: Edits, table: Table, keys: Sequence[tuple[Table, SchemaForeignKey]]
) -> None:
    """Refuse where it may be otherwise; `keys` are those of the column, with their tables."""
    own = [key.referent for one, key in keys if one.name == table.name]
    found = (table.name, *(one.name for one, _ in keys), *own)
    names = {each.name for each in found if isinstance(each, TableName)}
    for item in edit.operations():
        if isinstance(item, RenameTable) and item.new_name in (UNKNOWN, *names):
            raise RefusedError("a table is renamed here")
    items = [each for each in edit.follow_ups.between(op) if not _locks(each)]
    if any(_may_be_on(each, table.name.name) for each in items):
        raise RefusedError("what runs in between may be about the table")
    _refuse_changed(items, table, keys)


def _refuse_changed(
    items: Sequence[Operation], table: Table, keys: Sequence[tuple[Table, SchemaForeignKey]]
) -> None:
    """Refuse where foreign keys are others behind it all, or what they refer to."""
    tables = {one.name: one for one, _ in keys} | {table.name: table}
    for _, key in keys:
        if isinstance(key.referent, TableName):
            referred = () if key.referent_columns is UNKNOWN else key.referent_columns
            columns = {str(each): SchemaColumn(name=str(each)) for each in referred}
            tables.setdefault(key.referent, Table(name=key.referent, columns=columns))
    state = Replay(tables, None)
    for item in items:
        made = not {table.name, UNKNOWN}.isdisjoint(referents(item))
        if made and table_name(item.schema, item.table) not in tables:
            raise RefusedError(f"what runs in between may be about {table.name.name}")
        if isinstance(item, Execute) and item.sql is UNKNOWN:
            raise RefusedError("what runs in between may be about the table")
        state.run(item)
    for name, before in tables.items():
        now = state.tables.get(name)
        if now is None or {*now.foreign_keys} != {*before.foreign_keys}:
            raise RefusedError(f"what runs in between may be about {name.name}")
        used = {*before.columns} if name == table.name else _columns_in(name, keys)
        if not used <= now.columns.keys():
            raise RefusedError(f"what runs in between may be about {name.name}")
        if name == table.name and _held(now) != _held(before):
            raise RefusedError("what runs in between may be about the table")


def _held(table: Table) -> tuple[object, ...]:
    return table.indexes, table.checks, table.views


def _columns_in(name: TableName, keys: Sequence[tuple[Table, SchemaForeignKey]]) -> set[object]:
    """The columns of a table that foreign keys are from or to."""
    ends = [key.columns for one, key in keys if one.name == name]
    ends += [key.referent_columns for _, key in keys if key.referent == name]
    return {column for end in ends if end is not UNKNOWN for column in end}


def _locks(item: Operation) -> bool:
    sql = item.sql if isinstance(item, Execute) else None
    return isinstance(sql, str) and _LOCK.fullmatch(sql) is not None


def _may_be_on(item: Operation, table: str) -> bool:
    if isinstance(item, Execute):
        return item.sql is UNKNOWN or table in item.sql
    if isinstance(item, _OF_CONSTRAINTS) and isinstance(item.table, str):
        # Others than foreign keys are not dropped and made again here.
        return isinstance(item, DropConstraint) and item.table == table and item.name is UNKNOWN
    if isinstance(item, DropIndex | RenameIndex) and isinstance(item.name, str):
        return item.table in (UNKNOWN, table)  # by its name alone: the replay knows whose it is
    return item.table in (UNKNOWN, None, table)
