"""What fixes share that put statements in an autocommit block or take them out of a batch."""

from __future__ import annotations

import re

from .edits import Edits, RefusedError
from .facts import (
    UNKNOWN,
    CreateIndex,
    DropIndex,
    Execute,
    Operation,
    Other,
    ValidateConstraint,
)
from .index import handles_transaction
from .statement import Statement

# SQL that has an effect up to the end of the transaction, but for a lock_timeout.
_UP_TO_COMMIT = re.compile(
    r"""
    (?<![a-z0-9])  # on_commit may have something before it
    ( savepoint | on[\s_]+commit | set_config
    | set\s+(?: constraints | transaction | local(?!\s+lock_timeout) )
    | lock\s+(?: table | (?:only\s+)?[\w."]+\s+in )
    | pg_(?:try_)?advisory_xact_lock\w*
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)

# Or they take none that others wait for, once they are mended as well.
_TAKE_NO_LOCK = (CreateIndex, DropIndex, ValidateConstraint)
_LOCK_TIMEOUT = re.compile(r"\s*set\s+local\s+lock_timeout\b[^;]*;?\s*", re.IGNORECASE)


def autocommit_block(alembic_op: str) -> str:
    """The header under which operations run outside the migration's transaction."""
    return f"with {alembic_op}.get_context().autocommit_block():"


def refuse_unsure(op: Operation) -> None:
    """Where the block might not work, or the statement is not all there is, no fix is offered."""
    if not op.complete:
        raise RefusedError("some arguments are not written out")
    if op.context.autocommit is UNKNOWN:
        raise RefusedError("what is around it may be an autocommit block already")
    around = op.context.within[:-1] if op.batch else op.context.within
    if around:
        raise RefusedError(f"within {around[0]} the block might not work")


def refuse_what_a_commit_ends(op: Operation, edit: Edits) -> None:
    """Refuse where something before the operation ends with the transaction: the block commits."""
    if op.context.autocommit is True:
        return
    for item in edit.operations():
        if item.context.function == op.context.function and item.order < op.order:
            if isinstance(item, Other) and item.name in ("begin", "begin_nested"):
                raise RefusedError(f"the block would end what {item.name}() began")
            if isinstance(item, Other) and handles_transaction(item):
                raise RefusedError("the transaction may be left by hand before")
            if found := _UP_TO_COMMIT.search(_sent(item)):
                raise RefusedError(f"the block would end what {found[0].upper()} has done")
    if any(_locks_behind(item, op) for item in edit.operations()):
        keep_timeout(op, edit)


def keep_timeout(op: Operation, edit: Edits) -> None:
    """Have SET LOCAL lock_timeout said again behind the block, which ends it.

    Nothing fails without it, but what waits for its lock behind the block has all others queue.
    Refused where it is no line of its own that surely ran.
    """
    if op.context.autocommit is True:
        return
    for item in edit.operations():
        before = item.context.function == op.context.function and item.order < op.order
        if not before or not _LOCK_TIMEOUT.search(_sent(item)):
            continue
        if not _LOCK_TIMEOUT.fullmatch(_sent(item)) or not _runs_with(item, op):
            raise RefusedError("the block would end SET LOCAL lock_timeout, which is to last")
        edit.behind_block = edit.statement(item)


def _runs_with(item: Operation, op: Operation) -> bool:
    """Whether an operation surely ran, by a name that `op` has too, when `op` runs."""
    context = item.context
    sure = not (context.conditional or context.loop or context.tried or context.via)
    return sure and not context.within and not op.context.via and not context.branches


def _locks_behind(item: Operation, op: Operation) -> bool:
    """Whether an operation may take a lock behind a block in the place of `op`."""
    behind = item.context.function == op.context.function and item.order > op.order
    return behind and item.context.autocommit is not True and not isinstance(item, _TAKE_NO_LOCK)


def _sent(item: Operation) -> str:
    """The SQL that is sent, else the line."""
    sql = item.sql if isinstance(item, Execute) else UNKNOWN
    return item.site.piece.text if sql is UNKNOWN else sql


def refuse_options(op: Operation) -> None:
    """Refuse in a batch whose options hold for what is within it only."""
    if op.batch is not None and (op.batch.recreate != "auto" or not op.batch.plain):
        raise RefusedError("the batch has options that only hold within it")


def table_source(op: Operation, edit: Edits, statement: Statement, position: int) -> str:
    """The source of the operation's table, which its own call has at `position`."""
    source = (
        edit.source(op.batch.site, 0, "table_name")
        if op.batch
        else statement.argument(position, "table_name")
    )
    if source is None:
        raise RefusedError("the table is not written out here")
    return source


def schema_source(op: Operation, edit: Edits, statement: Statement) -> str | None:
    """The source of the operation's schema; None where it has none."""
    source = edit.source(op.batch.site, 1, "schema") if op.batch else statement.keyword("schema")
    if source is None and op.schema is not None:
        raise RefusedError("the schema is not written out here")
    return None if source == "None" else source


def call_outside(op: Operation, edit: Edits, statement: Statement, method: str) -> None:
    """Rewrite `batch_op.method(name, …)` to what it is outside: `op.method(name, table, …)`.

    The table of a drop becomes a keyword, as Alembic writes it.
    """
    if not statement.move_methods(op.receiver, edit.context_of(op), frozenset(("f", method))):
        raise RefusedError("the batch is used for more than the operation")
    table, schema = table_source(op, edit, statement, 0), schema_source(op, edit, statement)
    if statement.begins_by_position() and not method.startswith("drop"):
        statement.insert_second(table)
    else:
        statement.set_keyword("table_name", table)
    if schema is not None:
        statement.set_keyword("schema", schema)
