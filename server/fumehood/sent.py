"""What fixes share of operations that are sent as SQL: refused, or rewritten in their string."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .cut import Piece
from .dialects import refuse_other_dialects
from .edits import Edits, RefusedError
from .facts import CreateUniqueConstraint, Operation
from .identifiers import quoted
from .read.nodes import Name
from .read.reading import Assign
from .statement import Statement, edited_assignment
from .text import Edit

# What may stand around a unique key's columns and is known to facts; deferral is kept as it is.
_NULLS = re.compile(r"NULLS\s+(?:NOT\s+)?DISTINCT\s*\Z", re.IGNORECASE)
_BEHIND_KEYS = re.compile(
    r"(?P<include>(?:\s*INCLUDE\s*\([^()]*\))?)"
    r"(?:\s+(?:(?:NOT\s+)?DEFERRABLE|INITIALLY\s+(?:DEFERRED|IMMEDIATE)))*",
    re.IGNORECASE,
)
_THREE_QUOTES = re.compile("\"\"\"|'''")


def refuse_sql(op: Operation) -> None:
    """Refuse what is sent as SQL."""
    if op.in_sql:
        raise RefusedError("it is sent as SQL, which is not rewritten for this")


def refuse_connection(op: Operation, edit: Edits) -> None:
    """Refuse SQL that may be sent through another connection than the migration's."""
    if op.in_sql and not op.in_sql.own and op.receiver not in ("", edit.context_of(op)):
        raise RefusedError("it may be sent through another connection than the migration's")


def edit_sql(op: Operation, edit: Edits, statement: Statement, edits: Sequence[Edit]) -> None:
    """Edit the SQL within its string; offsets are those of `op.in_sql`.

    Where a name gives the SQL, the line that assigns it is edited. Raises RefusedError where the
    operation cannot be rewritten there, and UnreadableError where the SQL, or that part of it, is
    not written out.
    """
    assert op.in_sql is not None
    if op.in_sql.refusal:
        raise RefusedError(op.in_sql.refusal)
    refuse_other_dialects(op, edit)
    name = statement.sql_name()
    if name is None:
        statement.edit_sql(op.in_sql.sql, edits)
        return
    piece = _assignment(op, edit, name)
    text = edited_assignment(piece.text, op.in_sql.sql, edits)
    if not _THREE_QUOTES.search(text) and _longest(text) > max(
        _longest(piece.text), edit.settings.line_length
    ):
        raise RefusedError("the assignment would be too long for a line")
    edit.rewrite(piece, text)


def insert_in_sql(op: Operation, edit: Edits, statement: Statement, text: str) -> None:
    """Put words where the operation has its place for them."""
    edit_sql(op, edit, statement, [_inserted(op, text)])


def add_constraint_option(
    op: Operation, edit: Edits, statement: Statement, text: str, name: str
) -> None:
    """Put words behind ADD CONSTRAINT, and the constraint's name where it has none."""
    edits = [_inserted(op, text)]
    before = op.in_sql.name_at if op.in_sql else None
    if before is not None:
        edits.append(Edit(before, before, f"CONSTRAINT {quoted(name)} "))
    edit_sql(op, edit, statement, edits)


def use_index(op: CreateUniqueConstraint, edit: Edits, statement: Statement, name: str) -> None:
    """Have ADD UNIQUE take the index of the constraint's name, in the place of its columns."""
    place = op.in_sql
    if place is None or place.keys is None or place.insert is None:
        raise RefusedError("its columns do not stand in the SQL")
    first, last = place.keys
    if not place.alone:
        raise RefusedError("the SQL holds more than the constraint")
    before = _NULLS.search(place.sql, place.start, first)
    behind = _BEHIND_KEYS.fullmatch(place.sql, last, place.insert)
    if behind is None:
        raise RefusedError("what follows its columns may mean nothing to an index")
    start = first if before is None else before.start()
    edits = [Edit(start, behind.end("include"), f"USING INDEX {quoted(name)}")]
    if place.name_at is not None:
        edits.insert(0, Edit(place.name_at, place.name_at, f"CONSTRAINT {quoted(name)} "))
    edit_sql(op, edit, statement, edits)


def _inserted(op: Operation, text: str) -> Edit:
    place = op.in_sql.insert if op.in_sql else None
    if place is None:
        raise RefusedError(f"it has no place for {text.strip()}")
    return Edit(place, place, text)


def _assignment(op: Operation, edit: Edits, name: str) -> Piece:
    """The line that gives a name its SQL, where nothing else in the file speaks of it."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    lines = [each for each in edit.pieces if not each.blank and word.search(each.text)]
    others = [each for each in lines if each is not op.site.piece]
    used = word.findall(op.site.piece.text)
    if len(others) != 1 or len(used) != 1 or not _is_assignment(others[0], name):
        raise RefusedError(f"{name} is not assigned once and used once")
    return others[0]


def _is_assignment(piece: Piece, name: str) -> bool:
    first = next(iter(piece.reading.statements), None)
    return piece.reading.alone and isinstance(first, Assign) and first.targets == (Name(name),)


def _longest(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)
