"""What fixes of constraints share: added NOT VALID, and validated in an autocommit block behind."""

from __future__ import annotations

from .edits import Edits, RefusedError
from .facts import UNKNOWN, Operation
from .identifiers import bind_safe, qualified, quoted
from .identifiers import python_string as literal
from .naming import ConstraintName
from .statement import Statement

NOT_VALID = "postgresql_not_valid"


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


def refuse_constraint(op: Operation, edit: Edits) -> None:
    """Refuse where a constraint of the operation's table cannot be split."""
    refuse_unsure(op)
    edit.refuse_other_runs(op)
    batch = op.batch
    if batch is not None and (batch.recreate != "auto" or not batch.plain):
        raise RefusedError("the batch has options, with which it may make the table anew")
    if batch is not None and op.context.autocommit:
        raise RefusedError("the batch stands in an autocommit block")
    if NOT_VALID in op.unpacked:
        raise RefusedError("`**` gives the keyword already")
    if not isinstance(op.table, str) or op.schema is UNKNOWN:
        raise RefusedError("the table's name is not known")


def split(op: Operation, edit: Edits, statement: Statement, name: ConstraintName) -> None:
    """Put the rewritten statement in place, and behind it the one that validates."""
    assert isinstance(op.table, str)
    schema = op.schema if isinstance(op.schema, str) else None
    sql = f"ALTER TABLE {qualified(schema, op.table)} VALIDATE CONSTRAINT {quoted(name.name)}"
    if not bind_safe(sql):
        raise RefusedError("op.execute() takes a part of the name for a parameter")
    alembic_op = edit.context_of(op)
    validate = edit.new_statement(f"{alembic_op}.execute({literal(sql)})", op)
    if op.context.autocommit:
        edit.replace_by(op, [statement, validate])
        return
    edit.replace(op, statement)
    edit.add_behind(op, [validate], autocommit_block(alembic_op))


def validated_apart(op: Operation, edit: Edits) -> None:
    """Put a statement that validates in an autocommit block."""
    statement = edit.statement(op)
    refuse_unsure(op)
    edit.wrap(op, [statement], autocommit_block(edit.context_of(op)))


def shown(name: object) -> str:
    """A constraint's name in a message, with a space before it; nothing where it is not known."""
    return f" {name}" if isinstance(name, str) else ""
