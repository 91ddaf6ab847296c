"""A column's type changed over three revisions: a new column beside it, filled, then in its place.

Expand: the new column, and a trigger that keeps it up with the old one. Then the rows that were
there are copied in batches, each in a transaction of its own. Contract: the two swap their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .between import refuse_between
from .column_swap import ColumnSwap
from .conversions import INTEGERS, Work, is_assignable, is_told, sql_type
from .edits import Edits, RefusedError
from .facts import UNKNOWN, AlterColumn, ColumnType, Execute, Operation
from .follow_up import Autocommit
from .identifiers import bind_safe, python_string, qualified, quoted
from .schema import Table
from .sent import refuse_connection
from .swap_parts import (
    Key,
    bound_to,
    default_of,
    index_swaps,
    keys_of,
    primary_swap,
    refuse_long,
    tables_of,
)
from .type_change import TypeChange
from .waiting import refuse_unless_run_once

_OLDEST = 12  # SET NOT NULL looks at no row where a check says so
_LEFT = (
    "# What else is on the column is for you to carry over: views, policies, publications, grants,",
    "# its comment, statistics; ANALYZE the table behind it. What names no columns (SELECT *,",
    "# INSERT without a list) meets them in another order. Deploy what needs the type behind it.",
)


def expand_and_contract(
    op: AlterColumn,
    edit: Edits,
    change: TypeChange,
    table: Table | None,
    referring: Sequence[Key] = (),
) -> None:
    """Write the steps; `table` is as the operation finds it, `referring` are the keys to it."""
    version = edit.settings.postgres_version
    if version is not None and version < _OLDEST:
        raise RefusedError(f"PostgreSQL {version} would look at all rows again")
    if edit.project.is_partitioned(op.schema, op.table):
        raise RefusedError("the table is partitioned")
    down = _undone(op, edit)
    refuse_unless_run_once(op, edit)
    for each in (op, down):
        _refuse_shape(each, edit)
        edit.statement(each)
    known = _known(op, table)
    concerned = keys_of(str(op.column), known, referring)
    swap = _swap(op, down, change, known, concerned)
    refuse_between(op, edit, known, concerned)
    gone = (*swap.unsync(), f"ALTER TABLE {swap.table} DROP COLUMN {swap.new}")
    for each, statements in ((op, swap.expand()), (down, gone)):
        sent = (*_locked_before(each, edit, concerned, swap), *statements)
        edit.replace_by(each, [edit.new_statement(_call(each, edit, sql), each) for sql in sent])
    _create_fill(op, edit, swap)
    _create_swap(op, edit, swap)
    if swap.bound:
        edit.follow_ups.create_revision(
            f"Validate {op.table} {op.column}",
            [Autocommit(_sources(swap.validate()))],
            ["# PostgreSQL cannot make it NOT VALID again: there is nothing to undo."],
        )


def _locked_before(
    op: AlterColumn, edit: Edits, keys: Sequence[Key], swap: ColumnSwap
) -> Iterable[str]:
    """All tables at once, where the function changes one at the other end of a foreign key too.

    Else a writer who has the second one and waits for the first would end in a deadlock.
    """
    function = op.context.function
    here = [each for each in edit.operations() if each.context.function == function]
    ends = {end.name for one, key in keys for end in (one.name, key.referent) if end is not UNKNOWN}
    if not any(each.table in ends - {op.table} for each in here):
        return ()
    locks = tuple(swap.locked())
    sent = (each for each in here if isinstance(each, Execute) and each.order < op.order)
    return () if any(each.sql == locks[-1] for each in sent) else locks


def _create_fill(op: AlterColumn, edit: Edits, swap: ColumnSwap) -> None:
    unfilled: list[str | Autocommit] = []
    if undone := _sources(swap.unfill()):
        unfilled.append(Autocommit(undone))
    if swap.not_null:
        drop = f"ALTER TABLE {swap.table} DROP CONSTRAINT {swap.not_null}"
        unfilled += _sources([drop])
    edit.follow_ups.create_revision(
        f"Fill {op.table} {swap.new}",
        [Autocommit(_sources(swap.fill()))],
        unfilled or ["# What is filled goes with the column."],
    )


def _create_swap(op: AlterColumn, edit: Edits, swap: ColumnSwap) -> None:
    before = _sources(swap.prepare_undo())
    edit.follow_ups.create_revision(
        f"Swap {op.table} {op.column}",
        [
            *_LEFT,
            *_sources(swap.contract()),
            f"# Nothing writes {swap.old} any more. Drop it in a later revision.",
        ],
        [
            *([Autocommit(before)] if before else ()),
            f"# This writes each row anew that has changed since, while nobody can use {op.table}.",
            *_sources(swap.undo_contract()),
        ],
    )


def _sources(statements: Iterable[str]) -> list[str]:
    return [_source("op", sql) for sql in statements]


def _swap(
    op: AlterColumn, down: AlterColumn, change: TypeChange, table: Table, keys: Sequence[Key]
) -> ColumnSwap:
    """Refused where a name is taken or too long, or the values have no way there or back."""
    old, new = _types(change)
    if not is_assignable(old, new) or not is_assignable(new, old):
        raise RefusedError(
            "what reads or writes the old type would fail once the names are swapped"
        )
    _refuse_using(op, down, change)
    column, name, schema = str(op.column), str(op.table), table.name.schema
    names = _names(column, name, table)
    held = table.columns[column]
    if held.sequence is not None and not {old.name, new.name} <= INTEGERS:
        raise RefusedError("its sequence has no such type")
    key = next(index for index in table.indexes if index.primary)
    key_column = table.columns[str(key.keys[0].column)]  # type: ignore[index]
    primary = primary_swap(column, names[0], table)
    return ColumnSwap(
        table=qualified(schema, name),
        name=quoted(name),
        column=quoted(column),
        new=quoted(names[0]),
        old=quoted(names[1]),
        type=sql_type(new),
        old_type=sql_type(old),
        function=qualified(schema, names[2]),
        trigger=quoted(names[3]),
        not_null=quoted(names[4]) if primary or held.not_null else None,
        using=str(op.using or quoted(column)),
        back=str(down.using or quoted(column)),
        compares=old.name != "json",
        key=quoted(key_column.name),
        key_type=sql_type(key_column.type),  # type: ignore[arg-type]
        indexes=tuple(index_swaps(column, names[0], table)),
        primary=primary,
        bound=tuple(bound_to(column, table, keys, (old, new))),
        tables=tuple(tables_of(table, keys)),
        default=default_of(held, old, table),
        sequence=None if held.sequence is None else qualified(schema, str(held.sequence)),
    )


def _types(change: TypeChange) -> tuple[ColumnType, ColumnType]:
    """The old type and the new one."""
    old, new = change.old, change.new
    if old is None or new is None or not (is_told(old) and is_told(new)):
        raise RefusedError("one of the types is not known")
    if new.collation or old.collation:
        raise RefusedError("the collation would have to be carried over")
    return old, new


def _names(column: str, name: str, table: Table) -> list[str]:
    """The new column's name, the old one's then, the function's, the trigger's, the check's."""
    names = [f"{column}_new", f"{column}_old", f"{name}_{column}_sync", f"zz_{name}_{column}_sync"]
    names.append(f"{name}_{column}_new_not_null")
    refuse_long(names)
    if not table.columns.keys().isdisjoint(names):
        raise RefusedError("the new column's name is taken")
    return names


def _refuse_using(op: AlterColumn, down: AlterColumn, change: TypeChange) -> None:
    if not all(each.using is None or isinstance(each.using, str) for each in (op, down)):
        raise RefusedError("USING is not written out")
    if change.work is Work.UNLESS_UTC or (_is_of_time_zone(change) and down.using is None):
        raise RefusedError("each session would convert by its own time zone: say which by USING")


def _is_of_time_zone(change: TypeChange) -> bool:
    names = {each.name for each in (change.old, change.new) if each}
    return len(names & {"timestamp", "date", "time"}) > 0 < len(names & {"timestamptz", "timetz"})


def _known(op: AlterColumn, table: Table | None) -> Table:
    """The table; refused unless all of it is known, and its rows can be taken in turn."""
    if table is None or not table.complete or op.column not in table.columns:
        raise RefusedError("what stands on the column is not known")
    if any(each.may_read(str(op.column)) for each in table.views):
        raise RefusedError(
            "a view, a policy or a trigger may be on it, and would stay with the old"
        )
    if table.columns[str(op.column)].not_null is UNKNOWN:
        raise RefusedError("whether it may be NULL is not known")
    if any(each.generated and each.computed is UNKNOWN for each in table.columns.values()):
        raise RefusedError("a generated column may be computed from it")
    keys = [index.keys for index in table.indexes if index.primary]
    if len(keys) == 1 and keys[0] is not UNKNOWN and len(keys[0]) > 1:
        raise RefusedError("the primary key has several columns, by which no batch is made here")
    if len(keys) != 1 or keys[0] is UNKNOWN or len(keys[0]) != 1:
        raise RefusedError("there is no primary key of one column to go along")
    key = table.columns.get(str(keys[0][0].column))
    if key is None or key.type is UNKNOWN or not is_told(key.type):
        raise RefusedError("the primary key's type is not known")
    return table


def _undone(op: AlterColumn, edit: Edits) -> AlterColumn:
    """The one place where downgrade() gives the column its old type again."""
    found = [
        each
        for each in edit.operations()
        if isinstance(each, AlterColumn)
        and each.context.function == "downgrade"
        and each.table in (UNKNOWN, op.table)
        and each.column in (UNKNOWN, op.column)
    ]
    if len(found) != 1 or found[0].table != op.table or found[0].column != op.column:
        raise RefusedError("how downgrade() undoes it is not plain to see")
    down, context = found[0], found[0].context
    once = not (context.conditional or context.branches or context.loop or context.tried)
    if down.schema != op.schema or down.type is None or context.via or not once:
        raise RefusedError("how downgrade() undoes it is not plain to see")
    return down


def _refuse_shape(op: AlterColumn, edit: Edits) -> None:
    """Refuse what is more than a change of type, or is not run by itself."""
    refuse_connection(op, edit)
    if set(op.changes) - {"type_", "postgresql_using"}:
        raise RefusedError("it changes more than the type")
    if op.batch is not None or not op.complete or op.context.within:
        raise RefusedError("it stands in a block, or with arguments that are not written out")
    if op.in_sql is not None and not op.in_sql.alone:
        raise RefusedError("the SQL holds more than the change")
    if op.context.autocommit is not False:
        raise RefusedError("it runs outside the transaction")


def _call(op: Operation, edit: Edits, sql: str) -> str:
    return _source(edit.context_of(op), sql)


def _source(alembic_op: str, sql: str) -> str:
    """The source of a call that sends SQL."""
    if not bind_safe(sql):
        raise RefusedError("op.execute() takes a part of the SQL for a parameter")
    if "\n" not in sql:
        return f"{alembic_op}.execute({python_string(sql)})"
    if '"""' in sql or "\\" in sql:
        raise RefusedError("the SQL has characters that its string would need to escape")
    return f'{alembic_op}.execute("""{sql}""")'
