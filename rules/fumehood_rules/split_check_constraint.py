"""Add check constraints without blocking reads and writes while they are validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from fumehood.blocks import schema_source, table_source
from fumehood.constraint_names import final_name
from fumehood.constraints import (
    NOT_VALID,
    Validate,
    refuse_constraint,
    set_not_valid,
    shown,
    split,
    split_over_revisions,
    undoes_split,
    validated_apart,
)
from fumehood.facts import AddColumn, Column, CreateCheckConstraint, ValidateConstraint
from fumehood.identifiers import python_string
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError

_LOCK = (
    "ACCESS EXCLUSIVE lock: nobody reads or writes the table while all its rows are looked at, and "
    "until the commit."
)


def check(op: CreateCheckConstraint, look: Look) -> Iterator[Finding]:
    """A check is validated while nobody can use the table."""
    if op.not_valid is not False or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if look.created_here(op):  # it has no rows to look at
        return
    what = f"Check{shown(op.name)} of {op.table} is validated while it is added."
    yield Finding(op, what, _LOCK, _fixes(op, "it", not_valid))


def check_column(op: AddColumn, look: Look) -> Iterator[Finding]:
    """So is one that a new column brings, where NOT VALID has no effect."""
    column = op.column
    if not isinstance(column, Column) or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if not column.checks or look.created_here(op):
        return
    what = f"The check of the new column{shown(column.name)} of {op.table} is validated while it "
    what += "is added."
    yield Finding(op, what, _LOCK, _fixes(op, "the check apart,", apart))


def check_validation(op: ValidateConstraint, look: Look) -> Iterator[Finding]:
    """Validated in the transaction that adds it, it is as if it had not been split."""
    where = op.context.function, op.schema, op.table
    if look.created_here(op):  # nobody can use the table yet
        return
    if not undoes_split(op, look, look.operations(CreateCheckConstraint, *where)):
        return
    what = f"Check {op.name} is validated in the transaction that adds it."
    fix = Fix("Validate it outside the transaction", validated_apart, commits=True)
    yield Finding(op, what, _LOCK, (fix,))


def not_valid(op: CreateCheckConstraint, edit: Edits, validate: Validate = split) -> None:
    """Add the check for new rows alone, and look at the old ones behind it."""
    statement = edit.statement(op)
    refuse_constraint(op, edit)
    name = final_name(op, op, edit)
    set_not_valid(op, edit, statement, name)
    validate(op, edit, [statement], name)


def apart(op: AddColumn, edit: Edits, validate: Validate = split) -> None:
    """Add the column without its check, and the check as above."""
    statement = edit.statement(op)
    refuse_constraint(op, edit)
    column = op.column
    if not isinstance(column, Column) or len(column.checks) != 1 or not column.complete:
        raise RefusedError("the column has several checks, or is not written out here")
    part = column.checks[0]
    condition = None if part.site is None else edit.source(part.site, 0, "sqltext")
    if part.site is None or condition is None or not part.plain:
        raise RefusedError("the check is not written out here, or has other arguments")
    name = final_name(op, part, edit)
    given = edit.source(part.site, 1, "name")
    if given is None and part.name is not None:
        raise RefusedError("the check's name is not written out here")
    arguments = [given or "None" if name.written else python_string(name.name)]
    if op.batch is None:
        arguments.append(table_source(op, edit, statement, 0))
    arguments.append(condition)
    if op.batch is None and (schema := schema_source(op, edit, statement)):
        arguments.append(f"schema={schema}")
    arguments.append(f"{NOT_VALID}=True")
    receiver = op.receiver or edit.context_of(op)
    create = f"{receiver}.create_check_constraint({', '.join(arguments)})"
    statement.remove_argument(part.site.path)
    validate(op, edit, [statement, edit.new_statement(create, op)], name)


def _fixes(
    op: CreateCheckConstraint | AddColumn, what: str, apply: Callable[..., None]
) -> tuple[Fix, ...]:
    here = f"Add {what} NOT VALID, then validate it"
    keyword = None if op.in_sql else NOT_VALID
    later = Fix(
        f"{here} in a follow-up revision",
        partial(apply, validate=split_over_revisions),
        decided=False,
        isolates=False,
        keyword=keyword,
    )
    if op.context.autocommit is True:
        return Fix(here, apply, isolates=False, keyword=keyword), later
    title = f"{here} outside the transaction"
    return Fix(title, apply, commits=True, isolates=False, keyword=keyword), later
