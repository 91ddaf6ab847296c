"""What rules of constraints share: fixes that split adding a constraint from validating it.

A constraint is added NOT VALID, and validated in an autocommit block behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .blocks import (
    autocommit_block,
    refuse_options,
    refuse_unsure,
    refuse_what_a_commit_ends,
)
from .constraint_names import constrained_columns, final_names, given_names, names_not_valid
from .dialects import refuse_other_dialects
from .edits import Edits, RefusedError
from .facts import (
    UNKNOWN,
    AddColumn,
    CreateCheckConstraint,
    CreateForeignKey,
    DropColumn,
    DropConstraint,
    Operation,
    ValidateConstraint,
)
from .follow_up import Autocommit
from .identifiers import bind_safe, python_string, qualified, quoted
from .naming import ConstraintName
from .rule import Look
from .sent import add_constraint_option, refuse_connection, refuse_sql
from .statement import Statement
from .waiting import refuse_unless_run_once, refuse_waiting_validation

NOT_VALID = "postgresql_not_valid"
# Puts the lines in place that add a constraint NOT VALID, and what validates it somewhere behind.
Validate = Callable[[Operation, Edits, list[Statement], ConstraintName], None]


def undoes_split(op: ValidateConstraint, look: Look, added: Iterable[Operation]) -> bool:
    """Whether one of `added` adds NOT VALID, in the same transaction, what this validates."""
    return any(
        item.order < op.order
        and not item.context.excludes(op.context)
        and look.in_one_transaction(item, op)
        and op.name in names_not_valid(item, look.project.naming)
        for item in added
    )


def refuse_constraint(op: Operation, edit: Edits) -> None:
    """Refuse where a constraint of the operation's table cannot be split."""
    if isinstance(op, AddColumn):
        refuse_sql(op)
    refuse_connection(op, edit)
    refuse_other_dialects(op, edit)
    refuse_unsure(op)
    refuse_options(op)
    edit.refuse_other_runs(op)
    _refuse_undone_in_batch(op, edit)
    if not {NOT_VALID, "constraint_name"}.isdisjoint(op.unpacked):
        raise RefusedError("`**` gives a keyword that has to be written")


def set_not_valid(
    op: CreateForeignKey | CreateCheckConstraint,
    edit: Edits,
    statement: Statement,
    name: ConstraintName,
) -> None:
    """Write NOT VALID, and the name where there is none."""
    if op.in_sql is None:
        if not name.written:
            statement.set_argument(0, "constraint_name", python_string(name.name))
        statement.set_keyword(NOT_VALID, "True")
        return
    add_constraint_option(op, edit, statement, " NOT VALID", name.name)


def split(op: Operation, edit: Edits, statements: list[Statement], name: ConstraintName) -> None:
    """Put the rewritten lines in place, and behind them the one that validates."""
    refuse_what_a_commit_ends(op, edit)
    source = alter_table(op, f"VALIDATE CONSTRAINT {quoted(name.name)}")
    validate = edit.new_statement(f"{edit.context_of(op)}.{source}", op)
    edit.replace_by(op, statements)
    block = None if op.context.autocommit else autocommit_block(edit.context_of(op))
    edit.add_behind(op, [validate], block)


def split_over_revisions(
    op: Operation, edit: Edits, statements: list[Statement], name: ConstraintName
) -> None:
    """Put the rewritten lines in place, and what validates in a follow-up revision."""
    refuse_unless_run_once(op, edit)
    refuse_waiting_validation(op, name.name, edit)
    validate = "op." + alter_table(op, f"VALIDATE CONSTRAINT {quoted(name.name)}")
    why = "# PostgreSQL cannot make it NOT VALID again: there is nothing to undo."
    edit.replace_by(op, statements)
    edit.follow_ups.create_revision(f"Validate {name.name}", [Autocommit([validate])], [why])


def validated_apart(op: ValidateConstraint, edit: Edits) -> None:
    """Put a statement that validates in an autocommit block."""
    statement = edit.statement(op)
    refuse_connection(op, edit)
    refuse_unsure(op)
    refuse_what_a_commit_ends(op, edit)
    if not op.alone:
        raise RefusedError("the SQL holds more than the validation")
    if op.context.autocommit is True:
        raise RefusedError("it stands in an autocommit block already, behind BEGIN")
    edit.wrap(op, [statement], autocommit_block(edit.context_of(op)))


def alter_table(op: Operation, action: str) -> str:
    """The source of a call that alters the operation's table, without its `op.`."""
    return executed(f"ALTER TABLE {table_of(op)} {action}")


def table_of(op: Operation) -> str:
    """The operation's table in SQL."""
    return qualified(op.schema if isinstance(op.schema, str) else None, str(op.table))


def executed(sql: str) -> str:
    """The source of a call that sends SQL, without its `op.`."""
    if not bind_safe(sql):
        raise RefusedError("op.execute() takes a part of the name for a parameter")
    return f"execute({python_string(sql)})"


def shown(name: object) -> str:
    """A name in a message, with a space before it; nothing where it is not known."""
    return f" {name}" if isinstance(name, str) else ""


def _refuse_undone_in_batch(op: Operation, edit: Edits) -> None:
    """Refuse where the constraint may be missing at the end of its batch: it is validated there."""
    if op.batch is None:
        return
    edit.refuse_inner_block(op)
    columns, names = constrained_columns(op), {UNKNOWN, *given_names(op)}
    names |= set(final_names(op, edit.project.naming))
    for item in edit.operations():
        if item.batch != op.batch or item.order < op.order:
            continue
        if isinstance(item, DropColumn) and (columns is None or item.column in {UNKNOWN, *columns}):
            raise RefusedError("the batch drops a column that it may be about")
        if isinstance(item, DropConstraint) and item.name in names:
            raise RefusedError("the batch drops it again")
