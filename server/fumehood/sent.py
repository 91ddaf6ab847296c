"""What fixes share of operations that are sent as SQL: refused, or rewritten in their string."""

from __future__ import annotations

from collections.abc import Sequence

from .edits import Edits, RefusedError
from .facts import Operation
from .identifiers import quoted
from .statement import Statement
from .text import Edit


def refuse_sql(op: Operation) -> None:
    """Refuse what is sent as SQL."""
    if op.in_sql:
        raise RefusedError("it is sent as SQL")


def refuse_connection(op: Operation, edit: Edits) -> None:
    """Refuse SQL that may be sent through another connection than the migration's."""
    if op.in_sql and not op.in_sql.own and op.receiver not in ("", edit.context_of(op)):
        raise RefusedError("it may be sent through another connection than the migration's")


def edit_sql(op: Operation, statement: Statement, edits: Sequence[Edit]) -> None:
    """Edit the SQL within its string; offsets are those of `op.in_sql`.

    Raises RefusedError where the operation cannot be rewritten there, and UnreadableError where the
    SQL, or that part of it, is not written out in the statement.
    """
    assert op.in_sql is not None
    if op.in_sql.refusal:
        raise RefusedError(op.in_sql.refusal)
    statement.edit_sql(op.in_sql.sql, edits)


def insert_in_sql(op: Operation, statement: Statement, text: str) -> None:
    """Put words where the operation has its place for them."""
    edit_sql(op, statement, [_inserted(op, text)])


def add_constraint_option(op: Operation, statement: Statement, text: str, name: str) -> None:
    """Put words behind ADD CONSTRAINT, and the constraint's name where it has none."""
    edits = [_inserted(op, text)]
    before = op.in_sql.name_at if op.in_sql else None
    if before is not None:
        edits.append(Edit(before, before, f"CONSTRAINT {quoted(name)} "))
    edit_sql(op, statement, edits)


def _inserted(op: Operation, text: str) -> Edit:
    place = op.in_sql.insert if op.in_sql else None
    if place is None:
        raise RefusedError(f"it has no place for {text.strip()}")
    return Edit(place, place, text)
