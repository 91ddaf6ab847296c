"""Which steps can wait for a follow-up revision: what runs before it neither needs nor undoes them.

A follow-up runs after the rest of its migration, and after the revisions that stand behind that.
"""

from __future__ import annotations

import re

from .batches import needs_order
from .edits import Edits, RefusedError
from .facts import (
    UNKNOWN,
    AddColumn,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Execute,
    Operation,
    Other,
    RenameIndex,
    RenameTable,
    ValidateConstraint,
)

# SQL in which tables, indexes and constraints may go or change their names.
_CHANGES = re.compile(r"\b(?:alter|call|cluster|do|drop|merge|reindex|rename)\b", re.IGNORECASE)


def refuse_unless_run_once(op: Operation, edit: Edits) -> None:
    """Refuse unless upgrade() itself runs the operation, and once, as it will run the follow-up.

    It has to do so on each database: a follow-up does not ask for the dialect.
    """
    if op.context.function != "upgrade":
        raise RefusedError("it stands in downgrade(), behind which no revision comes")
    _refuse_unless_once(op, edit)


def _refuse_unless_once(op: Operation, edit: Edits) -> None:
    context = op.context
    index = edit.pieces.index(op.site.piece)
    column = edit.pieces[index].column
    while column:
        index -= 1
        piece = edit.pieces[index]
        if piece.word in ("return", "raise"):
            raise RefusedError("the function may end before it")
        if piece.opens and piece.column < column and not piece.blank:
            column = piece.column
            if piece.word not in ("with", "def"):
                raise RefusedError("it stands in a block that may not run")
    if context.conditional or context.branches or context.loop or context.tried or context.via:
        raise RefusedError("it may run never, or several times")


def refuse_waiting_validation(op: Operation, name: str, edit: Edits) -> None:
    """Refuse where a constraint that `op` adds may be gone, or valid, when a follow-up runs."""
    for item in edit.follow_ups.between(op):
        if _undoes(item, op, name):
            raise RefusedError(f"{_shown(item)} may come between it and its validation")


def refuse_waiting_index(op: CreateIndex, edit: Edits) -> None:
    """Refuse where what runs before a follow-up needs the index, or renames what it is on."""
    for item in edit.follow_ups.between(op):
        if _needs(item, op):
            raise RefusedError(f"{_shown(item)} may need the index")


def dropped_again(
    op: CreateIndex | CreateTable | CreateUniqueConstraint, edit: Edits, name: str
) -> DropIndex | DropConstraint | None:
    """The one place where downgrade() drops what `op` makes, under the final name `name`.

    Of a table it is an index. Refused where that is not plain to see.
    """
    kind = DropConstraint if isinstance(op, CreateUniqueConstraint) else DropIndex
    named = (name,) if isinstance(op, CreateTable) else (name, op.name)
    found: list[DropIndex | DropConstraint] = []
    for item in edit.operations():
        if item.context.function != "downgrade":
            continue
        if isinstance(item, Execute) and (item.sql is UNKNOWN or name in item.sql):
            raise RefusedError("SQL in downgrade() may drop it")
        if isinstance(item, kind) and item.name in (UNKNOWN, None, *named):
            found.append(item)
    if not found:
        return None
    item = found[0]
    same = (
        item.name in named
        and item.name is not None
        and item.table in (None, op.table)
        and item.schema == op.schema
    )
    if len(found) > 1 or not same or item.batch or item.in_sql or item.context.within:
        raise RefusedError("how downgrade() drops it is not plain to see")
    _refuse_unless_once(item, edit)
    if item.context.autocommit is not False or not item.complete:
        raise RefusedError("downgrade() drops it in a block, or with unknown arguments")
    return item


def refuse_later_use(name: str, edit: Edits) -> None:
    """Refuse to leave an index out where a later revision drops, renames or takes it."""
    for item in edit.follow_ups.later():
        match item:
            case Execute():
                uses = item.sql is UNKNOWN or name in item.sql
            case DropIndex() | RenameIndex():
                uses = item.name in (UNKNOWN, name)
            case CreateUniqueConstraint() | CreatePrimaryKey():
                uses = item.using_index in (UNKNOWN, name)
            case _:
                uses = False
        if uses:
            raise RefusedError(f"{_shown(item)} of a later revision may need the index")


def _undoes(item: Operation, op: Operation, name: str) -> bool:
    match item:
        case Execute():
            return item.sql is UNKNOWN or bool(_CHANGES.search(item.sql))
        case Other():
            return not _inserts(item)
        case DropTable():  # also a referred one, with CASCADE
            return isinstance(op, CreateForeignKey | AddColumn) or _may_be_on(item, op)
        case RenameTable() | DropColumn() | DropConstraint():
            return _may_be_on(item, op)
        case ValidateConstraint():
            return _may_be_on(item, op) and item.name in (UNKNOWN, name)
    return False


def _needs(item: Operation, op: CreateIndex) -> bool:
    match item:
        case Execute():
            known = isinstance(item.sql, str) and op.unique is False
            return (
                not known or str(op.name) in str(item.sql) or bool(_CHANGES.search(str(item.sql)))
            )
        case Other():
            return not _inserts(item) or op.unique is not False
        case CreateForeignKey():
            return op.unique is not False
        case CreateUniqueConstraint() | CreatePrimaryKey():
            return item.using_index is not None
        case DropIndex():
            return item.name in (UNKNOWN, op.name)
        case ValidateConstraint():
            return False
    return _may_be_on(item, op) and needs_order(item, op)


def _inserts(item: Other) -> bool:
    return item.name.rpartition(".")[2] == "bulk_insert"


def _may_be_on(item: Operation, op: Operation) -> bool:
    """Whether an operation may be about the table of another; schemas are not told apart."""
    return item.table in (UNKNOWN, None, op.table)


def _shown(item: Operation) -> str:
    return type(item).__name__
