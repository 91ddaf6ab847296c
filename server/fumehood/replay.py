"""Operations, one after the other -> the tables that they leave.

What surely is so is known afterwards, nothing else: an operation that may not have run makes
unknown what it may have changed, and adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from . import facts
from .facts import UNKNOWN, Operation
from .naming import Naming
from .opaque_sql import changed_by
from .schema import At, Schema, SchemaColumn, SchemaIndex, Table, TableName, table_name
from .schema_changes import incomplete, with_column, with_renamed, with_taken_index, without_column
from .schema_columns import column_of, sequence_of
from .schema_parts import (
    check_of,
    column_parts,
    foreign_key_of,
    index_of,
    table_of,
    unique_of,
)
from .view_changes import viewed


class Replay:
    """Tables that operations are applied to. `tables` is changed in place."""

    def __init__(self, before: Schema, naming: Naming | None) -> None:
        """`naming` is the project's naming convention, None where it is not known."""
        self.tables: dict[TableName, Table] = dict(before)
        self.naming = naming

    def run(self, operation: Operation, at: At | None = None) -> None:
        """Apply an operation, which stands at `at`."""
        apply = _APPLY.get(type(operation))
        if apply is not None:
            apply(self, operation, at)

    def table(self, operation: Operation) -> Table | None:
        """The operation's table, as far as it is known; None where it is not known which."""
        name = table_name(operation.schema, operation.table)
        return None if name is None else self.tables.get(name) or Table(name=name, untold=True)

    def put(self, table: Table, sure: bool = True) -> None:
        """Take a table as it is now."""
        self.tables[table.name] = table if sure else incomplete(table)


def is_sure(operation: Operation) -> bool:
    """Whether an operation runs whenever its function does."""
    context = operation.context
    return not (context.conditional or context.tried or context.branches)


def _create_table(state: Replay, op: facts.CreateTable, at: At | None) -> None:
    name = table_name(op.schema, op.table)
    if name is None:
        return
    if not is_sure(op) and name in state.tables:
        state.put(state.tables[name], sure=False)
        return
    state.put(table_of(name, op, state.naming, at), is_sure(op))


def _drop_table(state: Replay, op: facts.DropTable, at: At | None) -> None:
    name = table_name(op.schema, op.table)
    gone = None if name is None else state.tables.pop(name, None)
    views = {each.name for each in gone.views} if gone else set()
    for other in tuple(state.tables.values()) if views else ():
        left = tuple(each for each in other.views if each.name not in views)
        state.put(replace(other, views=left))  # with it went the views that read both


def _rename_table(state: Replay, op: facts.RenameTable, at: At | None) -> None:
    old, new = table_name(op.schema, op.table), table_name(op.schema, op.new_name)
    table = None if old is None else state.tables.pop(old, None)
    if new is None or table is None:
        return
    state.put(replace(table, name=new), is_sure(op))
    for other in tuple(state.tables.values()):
        keys = tuple(
            replace(key, referent=new) if key.referent == old else key for key in other.foreign_keys
        )
        if keys != other.foreign_keys:
            state.put(replace(other, foreign_keys=keys))


def _add_column(state: Replay, op: facts.AddColumn, at: At | None) -> None:
    table = state.table(op)
    if table is None:
        return
    column = op.column
    if not isinstance(column, facts.Column) or not isinstance(column.name, str):
        state.put(table, sure=False)
        return
    if not is_sure(op):
        state.put(with_column(table, SchemaColumn(name=column.name)), sure=False)
        return
    parts = column_parts(table.name, column, state.naming, at)
    state.put(
        replace(
            with_column(table, column_of(column, sequence_of(table.name, column), at)),
            indexes=(*table.indexes, *parts.indexes),
            checks=(*table.checks, *parts.checks),
            foreign_keys=(*table.foreign_keys, *parts.foreign_keys),
        ),
        sure=column.complete,
    )


def _drop_column(state: Replay, op: facts.DropColumn, at: At | None) -> None:
    table, name = state.table(op), op.column
    if table is None:
        return
    if not isinstance(name, str):
        state.put(Table(name=table.name))
        return
    state.put(without_column(table, name), is_sure(op))


def _alter_column(state: Replay, op: facts.AlterColumn, at: At | None) -> None:
    table, name = state.table(op), op.column
    if table is None:
        return
    if not isinstance(name, str):
        state.put(replace(table, columns={}), sure=False)
        return
    column = table.columns.get(name, SchemaColumn(name=name))
    if op.type is not None:
        known = op.type if is_sure(op) else UNKNOWN
        column = replace(column, type=known, at=at)
    if op.not_null is not None:
        column = replace(column, not_null=op.not_null if is_sure(op) else UNKNOWN)
    if "server_default" in op.changes:
        column = _with_default(column, op.server_default if is_sure(op) else UNKNOWN)
    if op.new_name is None:
        state.put(with_column(table, column), is_sure(op))
    elif isinstance(op.new_name, str) and is_sure(op):
        state.put(with_renamed(table, name, replace(column, name=op.new_name)))
    else:
        state.put(Table(name=table.name))


def _with_default(column: SchemaColumn, sql: facts.MaybeText) -> SchemaColumn:
    sequence = None if column.sequence is None else UNKNOWN  # it stays, whether it is used or not
    default = UNKNOWN if sql is UNKNOWN else sql is not None
    return replace(column, default=default, server_default=sql, sequence=sequence)


def _create_index(state: Replay, op: facts.CreateIndex, at: At | None) -> None:
    if table := state.table(op):
        _add_index(state, table, index_of(table.name, op, state.naming, at), is_sure(op))


def _create_unique(state: Replay, op: facts.CreateUniqueConstraint, at: At | None) -> None:
    if (table := state.table(op)) is None:
        return
    found = unique_of(table.name, op, state.naming, at)
    if op.using_index is not None:
        table, found = with_taken_index(table, op.using_index, found)
    _add_index(state, table, found, is_sure(op))


def _add_index(state: Replay, table: Table, index: SchemaIndex, sure: bool) -> None:
    if not sure:
        state.put(table, sure=False)
        return
    others = table.indexes
    if isinstance(index.name, str):  # CREATE INDEX IF NOT EXISTS, and what failed halfway
        others = tuple(each for each in others if each.name != index.name)
    state.put(replace(table, indexes=(*others, index)))


def _drop_index(state: Replay, op: facts.DropIndex, at: At | None) -> None:
    name = table_name(op.schema, op.table)
    tables = [state.tables[name]] if name in state.tables else []
    if name is None:
        tables = [each for each in state.tables.values() if _may_be_in(each, op.schema)]
    _without(state, tables, op.name, lambda index: not index.owned_by_constraint)


def _may_be_in(table: Table, schema: object) -> bool:
    return schema is UNKNOWN or table.name.schema == (None if schema == "public" else schema)


def _without(
    state: Replay, tables: Iterable[Table], name: object, goes: Callable[[SchemaIndex], bool]
) -> None:
    """Take out what an index of this name is, in whichever of the tables has it."""
    for table in tables:
        kept = tuple(
            index
            for index in table.indexes
            if not (goes(index) and (name in (UNKNOWN, index.name) or index.name is UNKNOWN))
        )
        if kept != table.indexes:
            state.put(replace(table, indexes=kept), sure=isinstance(name, str))


def _rename_index(state: Replay, op: facts.RenameIndex, at: At | None) -> None:
    """Give an index, or a constraint and what is its own, another name."""
    if op.table is None:
        tables = [each for each in state.tables.values() if _may_be_in(each, op.schema)]
    else:
        tables = [table] if (table := state.table(op)) else []
    new = op.new_name if is_sure(op) else UNKNOWN

    def renamed(parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(each, name=new) if each.name == op.name else each for each in parts)

    for table in tables:
        found = replace(table, indexes=renamed(table.indexes))
        if op.constraint:
            keys, checks = renamed(table.foreign_keys), renamed(table.checks)
            found = replace(found, foreign_keys=keys, checks=checks)
        if found != table:
            state.put(found, is_sure(op))


def _drop_constraint(state: Replay, op: facts.DropConstraint, at: At | None) -> None:
    table = state.table(op)
    if table is None:
        return
    _without(state, [table], op.name, lambda index: index.owned_by_constraint)
    table = state.table(op) or table
    gone = (op.name, UNKNOWN)
    keys, checks = table.foreign_keys, table.checks
    if op.name is UNKNOWN:
        state.put(replace(table, foreign_keys=(), checks=()), sure=False)
        return
    state.put(
        replace(
            table,
            foreign_keys=tuple(each for each in keys if each.name not in gone),
            checks=tuple(each for each in checks if each.name not in gone),
        ),
        is_sure(op),
    )


def _create_check(state: Replay, op: facts.CreateCheckConstraint, at: At | None) -> None:
    if table := state.table(op):
        check = check_of(table.name, op, state.naming)
        state.put(replace(table, checks=(*table.checks, check)), is_sure(op))


def _create_foreign_key(state: Replay, op: facts.CreateForeignKey, at: At | None) -> None:
    if table := state.table(op):
        key = foreign_key_of(table.name, op, state.naming)
        state.put(replace(table, foreign_keys=(*table.foreign_keys, key)), is_sure(op))


def _execute(state: Replay, op: facts.Execute, at: At | None) -> None:
    for table in changed_by(op, state.tables):
        state.tables[table.name] = table
    for table in viewed(op, is_sure(op), state.tables):
        state.tables[table.name] = table


_APPLY: dict[type[Operation], Callable[[Replay, Any, At | None], None]] = {
    facts.AddColumn: _add_column,
    facts.AlterColumn: _alter_column,
    facts.CreateCheckConstraint: _create_check,
    facts.CreateForeignKey: _create_foreign_key,
    facts.CreateIndex: _create_index,
    facts.CreatePrimaryKey: _create_unique,
    facts.CreateTable: _create_table,
    facts.CreateUniqueConstraint: _create_unique,
    facts.DropColumn: _drop_column,
    facts.DropConstraint: _drop_constraint,
    facts.DropIndex: _drop_index,
    facts.DropTable: _drop_table,
    facts.Execute: _execute,
    facts.RenameIndex: _rename_index,
    facts.RenameTable: _rename_table,
}
