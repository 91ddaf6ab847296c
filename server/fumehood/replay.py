"""Operations, one after the other -> the tables that they leave.

What surely is so is known afterwards, nothing else: an operation that may not have run makes
unknown what it may have changed, and adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from . import facts
from .facts import UNKNOWN, Operation
from .naming import Naming
from .read.ddl import commands
from .schema import At, Schema, SchemaColumn, SchemaIndex, Table, TableName, table_name
from .schema_parts import (
    check_of,
    column_of,
    column_parts,
    foreign_key_of,
    index_of,
    table_of,
    unique_of,
)

_ALTERS = re.compile(r"\b(?:alter|drop)\b", re.IGNORECASE)
_WORDS = re.compile(r"\w+")


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
        return None if name is None else self.tables.get(name) or Table(name=name)

    def put(self, table: Table, sure: bool = True) -> None:
        """Take a table as it is now."""
        complete = table.complete and sure
        self.tables[table.name] = table if complete == table.complete else _incomplete(table)


def is_sure(operation: Operation) -> bool:
    """Whether an operation runs whenever its function does."""
    context = operation.context
    return not (context.conditional or context.tried or context.branches)


def _incomplete(table: Table) -> Table:
    return replace(table, complete=False)


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
    if name is not None:
        state.tables.pop(name, None)


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
        state.put(_with_column(table, SchemaColumn(name=column.name)), sure=False)
        return
    parts = column_parts(table.name, column, state.naming, at)
    state.put(
        replace(
            _with_column(table, column_of(column, at)),
            indexes=(*table.indexes, *parts.indexes),
            checks=(*table.checks, *parts.checks),
            foreign_keys=(*table.foreign_keys, *parts.foreign_keys),
            complete=table.complete and column.complete,
        )
    )


def _with_column(table: Table, column: SchemaColumn) -> Table:
    return replace(table, columns={**table.columns, column.name: column})


def _drop_column(state: Replay, op: facts.DropColumn, at: At | None) -> None:
    table, name = state.table(op), op.column
    if table is None:
        return
    if not isinstance(name, str):
        state.put(Table(name=table.name))
        return
    state.put(
        replace(
            table,
            columns={key: column for key, column in table.columns.items() if key != name},
            indexes=tuple(index for index in table.indexes if not index.about(name)),
            checks=tuple(
                each for each in table.checks if each.columns and name not in each.columns
            ),
            foreign_keys=tuple(
                key
                for key in table.foreign_keys
                if key.columns is not UNKNOWN and name not in key.columns
            ),
        ),
        is_sure(op),
    )


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
        column = replace(column, default=UNKNOWN)
    if op.new_name is None:
        state.put(_with_column(table, column), is_sure(op))
    elif isinstance(op.new_name, str) and is_sure(op):
        state.put(_renamed(table, name, replace(column, name=op.new_name)))
    else:
        state.put(Table(name=table.name))


def _renamed(table: Table, old: str, column: SchemaColumn) -> Table:
    """The table with a column under another name, which its indexes and keys follow."""
    new = column.name

    def name(each: Any) -> Any:
        return new if each == old else each

    def names(columns: Any) -> Any:
        return columns if columns is UNKNOWN or columns is None else tuple(map(name, columns))

    indexes = []
    for index in table.indexes:
        keys = index.keys
        if keys is not UNKNOWN:
            keys = tuple(replace(key, column=name(key.column)) for key in keys)
        indexes.append(replace(index, keys=keys, include=names(index.include)))
    columns = {key: each for key, each in table.columns.items() if key != old}
    return replace(
        table,
        columns={**columns, new: column},
        indexes=tuple(indexes),
        checks=tuple(replace(each, columns=names(each.columns)) for each in table.checks),
        foreign_keys=tuple(
            replace(each, columns=names(each.columns)) for each in table.foreign_keys
        ),
    )


def _create_index(state: Replay, op: facts.CreateIndex, at: At | None) -> None:
    if table := state.table(op):
        _add_index(state, table, index_of(table.name, op, state.naming, at), is_sure(op))


def _create_unique(state: Replay, op: facts.CreateUniqueConstraint, at: At | None) -> None:
    if (table := state.table(op)) is None:
        return
    found = unique_of(table.name, op, state.naming, at)
    if op.using_index is not None:
        table, found = _taken(table, op.using_index, found)
    _add_index(state, table, found, is_sure(op))


def _taken(table: Table, name: object, constraint: SchemaIndex) -> tuple[Table, SchemaIndex]:
    """The table without an index, and that index as the constraint's."""
    index = next((each for each in table.indexes if each.name == name), None)
    if index is None:
        return table, replace(constraint, keys=UNKNOWN, include=UNKNOWN)
    rest = tuple(each for each in table.indexes if each is not index)
    own = replace(index, name=constraint.name, owned_by_constraint=True, primary=constraint.primary)
    return replace(table, indexes=rest), own


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
    """SQL that is no list of operations may change what it names."""
    if not isinstance(op.sql, str) or not _ALTERS.search(op.sql) or not commands(op.sql).opaque:
        return
    words = frozenset(_WORDS.findall(op.sql.lower()))
    for name in [each for each in state.tables if each.name.lower() in words]:
        state.tables[name] = Table(name=name)


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
