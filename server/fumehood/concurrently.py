"""Which index operations cannot run concurrently, or need not, and why."""

from __future__ import annotations

from dataclasses import replace

from .facts import UNKNOWN, CreateIndex, DropColumn, DropIndex
from .rule import Look

PARTITIONED = (
    "No fix is offered: PostgreSQL refuses CONCURRENTLY on a partitioned table. Create the index "
    "ON ONLY the table, build one on each partition concurrently, and attach them."
)
_PARTITIONED_DROP = "No fix is offered: PostgreSQL refuses CONCURRENTLY on a partitioned table."
_OWNED = (
    "No fix is offered: it belongs to a constraint, and PostgreSQL refuses to drop it alone. Drop "
    "the constraint instead."
)
_SEVERAL = (
    "No fix is offered: PostgreSQL drops one index at a time concurrently. Give each a call of its "
    "own."
)
_CASCADE = (
    "No fix is offered: DROP INDEX CONCURRENTLY takes no CASCADE. Drop what needs the index before "
    "it."
)
_IN_ONE_STRING = (
    "No fix is offered: it is sent in one string with other statements, which PostgreSQL runs in "
    "one transaction. Give each a call of its own."
)


def with_table(op: CreateIndex | DropIndex, look: Look) -> CreateIndex | DropIndex:
    """The operation with the table that its index is known to be on, where it names none."""
    if isinstance(op, CreateIndex) or op.table is not None:
        return op
    table = look.tables.of_index(op)
    return op if table is None else replace(op, table=table.name.name)


def why_not_concurrently(op: CreateIndex | DropIndex, look: Look) -> str | None:
    """Why it cannot run concurrently, where that has to be said; None where it may."""
    if isinstance(op, CreateIndex):
        if look.project.is_partitioned(op.schema, op.table):
            return PARTITIONED
    elif _is_owned(op, look):
        return _OWNED
    elif any(look.project.is_partitioned(op.schema, table) for table in _tables_of(op, look)):
        return _PARTITIONED_DROP
    elif op.cascade or op.several:
        return _CASCADE if op.cascade else _SEVERAL
    return None if op.concurrently or not shares_string(op) else _IN_ONE_STRING


def _is_owned(op: DropIndex, look: Look) -> bool:
    """Whether the index is a constraint's, by what the migrations before have made."""
    table = look.tables.before(op)
    indexes = () if table is None else table.indexes
    return any(each.owned_by_constraint and each.name == op.name for each in indexes)


def _tables_of(op: DropIndex, look: Look) -> list[object]:
    """The table that is given, or those on which an index of the name is created again."""
    if op.table is not None:
        return [op.table]
    function = other_way(op.context.function)
    return [each.table for each in look.named(CreateIndex, function, op.name)]


def goes_anyway(op: DropIndex, look: Look) -> bool:
    """Whether the index's table or column is dropped in the same function."""
    function, created = op.context.function, []
    other = other_way(function)
    if isinstance(op.name, str):
        created = look.named(CreateIndex, other, op.name)
    if op.table is None:
        if op.name is UNKNOWN or any(item.table is UNKNOWN for item in created):
            return True
        if not created:
            return look.drops_old_tables(function, other)  # one may be the index's
        return any(look.dropped_here(op, item.table) for item in created)
    if look.dropped_here(op, op.table):
        return True
    dropped = look.operations(DropColumn, function, op.schema, op.table)
    columns = {item.column for item in dropped}
    if UNKNOWN in columns:
        return True
    covered = {name for item in created if item.columns is not UNKNOWN for name in item.columns}
    usual = {f"ix_{op.table}_{column}" for column in columns}
    usual |= {f"ix_{op.schema}_{op.table}_{column}" for column in columns}
    return bool(columns & covered) or op.name in usual


def other_way(function: str) -> str:
    """The function that undoes this one, or that this one undoes."""
    if function.startswith("downgrade"):
        return "upgrade" + function.removeprefix("downgrade")
    return "downgrade" + function.removeprefix("upgrade")


def shares_string(op: CreateIndex | DropIndex) -> bool:
    """Whether other statements are sent with it, which PostgreSQL runs in one transaction."""
    return op.in_sql is not None and not op.in_sql.alone
