"""Add check constraints without blocking reads and writes while they are validated."""

from __future__ import annotations

from collections.abc import Iterator

from fumehood.constraints import NOT_VALID, refuse_constraint, shown, split, validated_apart
from fumehood.facts import AddColumn, Column, CreateCheckConstraint, ValidateConstraint
from fumehood.naming import Constrained, ConstraintName, Naming, UnnamedError, check_name
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError

_LOCKED = (
    "ACCESS EXCLUSIVE lock: nobody reads or writes the table while all its rows are checked, and "
    "until the commit."
)


def check(op: CreateCheckConstraint, look: Look) -> Iterator[Finding]:
    """A check is validated while nobody can use the table."""
    if op.not_valid is not False or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if look.created_here(op):  # it has no rows to check
        return
    what = f"Check{shown(op.name)} on {op.table} is validated while it is added."
    title = "Add it NOT VALID, then validate it outside the transaction"
    commits = op.context.autocommit is not True
    yield Finding(op, what, _LOCKED, (Fix(title, not_valid, commits=commits, isolates=False),))


def check_column(op: AddColumn, look: Look) -> Iterator[Finding]:
    """So is one that a new column brings; NOT VALID has no effect there."""
    column = op.column
    if not isinstance(column, Column) or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if not column.checks or look.created_here(op):
        return
    name = "" if column.name is UNKNOWN else f" {column.name}"
    what = f"The check of the new column{name} of {op.table} is validated while it is added."
    yield Finding(op, what, _LOCKED)


def check_validation(op: ValidateConstraint, look: Look) -> Iterator[Finding]:
    """Validated in the transaction that adds it, it is as if it had not been split."""
    if op.context.autocommit is not False or look.commits_before(op):
        return
    added = look.operations(CreateCheckConstraint, op.context.function, op.schema, op.table)
    if not any(_adds(item, op, look) for item in added):
        return
    what = f"Check {op.name} is validated in the transaction that adds it."
    effect = "The lock that adding it took is held while all rows are checked: nobody reads or "
    effect += "writes the table."
    title = "Validate it outside the transaction"
    yield Finding(op, what, effect, (Fix(title, validated_apart, commits=True),))


def not_valid(op: CreateCheckConstraint, edit: Edits) -> None:
    """Add the check for new rows alone, and check the old ones behind it."""
    statement = edit.statement(op)
    refuse_constraint(op, edit)
    try:
        name = _name(op, edit.project.naming)
    except UnnamedError as error:
        raise RefusedError(str(error)) from error
    statement.set_keyword(NOT_VALID, "True")
    split(op, edit, statement, name)


def _adds(create: CreateCheckConstraint, op: ValidateConstraint, look: Look) -> bool:
    """Whether the one adds what the other validates, in one transaction."""
    if create.order > op.order or create.context.autocommit is not False:
        return False
    if create.context.excludes(op.context):
        return False
    try:
        name: object = _name(create, look.project.naming).name
    except (RefusedError, UnnamedError):
        name = create.name
    return name == op.name


def _name(op: CreateCheckConstraint, naming: Naming | None) -> ConstraintName:
    if op.name is UNKNOWN:
        raise RefusedError("its name is not known")
    schema = op.schema if isinstance(op.schema, str) else None
    # The columns of a condition are not read, so a check without a name stays as it is.
    return check_name(naming, op.name, op.final, Constrained(str(op.table), schema), None)
