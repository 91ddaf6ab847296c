"""Add foreign keys without blocking writes while they are validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

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
from fumehood.facts import AddColumn, Column, CreateForeignKey, ValidateConstraint
from fumehood.identifiers import python_string
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError

_LOCK = (
    "SHARE ROW EXCLUSIVE lock on {}: every INSERT, UPDATE and DELETE there waits while all rows of "
    "{} are looked at, and for the commit."
)


def check(op: CreateForeignKey, look: Look) -> Iterator[Finding]:
    """A foreign key is validated while writes on both tables are blocked."""
    if op.not_valid is not False or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if look.created_here(op):  # it has no rows to look at
        return
    what = f"Foreign key{shown(op.name)} of {op.table} is validated while it is added."
    yield Finding(op, what, _lock(op.table, op.referent), _fixes(op, not_valid))


def check_column(op: AddColumn, look: Look) -> Iterator[Finding]:
    """So is one that a new column brings."""
    column = op.column
    if not isinstance(column, Column) or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    # inline_references=True drops NOT VALID on the way.
    inline = op.inline_references is True
    if not any(inline or key.not_valid is False for key in column.foreign_keys):
        return
    if _is_empty(op, column) or look.created_here(op):
        return
    what = f"The foreign key of the new column{shown(column.name)} of {op.table} is validated "
    what += "while it is added."
    referents = {_referred(key.target)[1] for key in column.foreign_keys}
    effect = _lock(op.table, referents.pop() if len(referents) == 1 else UNKNOWN)
    yield Finding(op, what, effect, _fixes(op, column_not_valid))


def check_validation(op: ValidateConstraint, look: Look) -> Iterator[Finding]:
    """Validated in the transaction that adds it, it is as if it had not been split."""
    where = op.context.function, op.schema, op.table
    added = (*look.operations(CreateForeignKey, *where), *look.operations(AddColumn, *where))
    if look.created_here(op):  # nobody can use the table yet
        return
    if not undoes_split(op, look, added):
        return
    what = f"Foreign key {op.name} is validated in the transaction that adds it."
    fix = Fix("Validate it outside the transaction", validated_apart, commits=True)
    yield Finding(op, what, _lock(op.table, UNKNOWN), (fix,))


def not_valid(op: CreateForeignKey, edit: Edits, validate: Validate = split) -> None:
    """Add the foreign key for new rows alone, and look at the old ones behind it."""
    statement = edit.statement(op)
    refuse_constraint(op, edit)
    _refuse_partitioned(edit, (op.schema, op.table), (op.referent_schema, op.referent))
    name = final_name(op, op, edit)
    set_not_valid(op, edit, statement, name)
    validate(op, edit, [statement], name)


def column_not_valid(op: AddColumn, edit: Edits, validate: Validate = split) -> None:
    """The same for the foreign key in a column."""
    statement = edit.statement(op)
    refuse_constraint(op, edit)
    column = op.column
    if not isinstance(column, Column) or len(column.foreign_keys) != 1:
        raise RefusedError("the column has several foreign keys")
    if op.inline_references is not False:
        raise RefusedError("inline_references=True drops the key's name and NOT VALID")
    key = column.foreign_keys[0]
    if key.site is None or not key.complete or not column.complete:
        raise RefusedError("the foreign key is not written out here")
    _refuse_partitioned(edit, (op.schema, op.table), _referred(key.target))
    name = final_name(op, key, edit)
    if not name.written:
        statement.set_keyword("name", python_string(name.name), key.site.path)
    statement.set_keyword(NOT_VALID, "True", key.site.path)
    validate(op, edit, [statement], name)


def _lock(table: object, referent: object) -> str:
    both = f"{table} and {referent}" if isinstance(referent, str) else "both tables"
    return _LOCK.format(table if referent == table else both, table)


def _fixes(op: CreateForeignKey | AddColumn, apply: Callable[..., None]) -> tuple[Fix, ...]:
    here = "Add it NOT VALID, then validate it"
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


def _is_empty(op: AddColumn, column: Column) -> bool:
    """Whether PostgreSQL may know that no row has a value to look up."""
    return (
        op.inline_references is not False
        and len(column.foreign_keys) == 1  # several come in statements of their own
        and column.nullable is not False
        and column.default is not True
    )


def _referred(target: object) -> tuple[object, object]:
    """The schema and table of "schema.table.column"."""
    names = [None, None, *target.split(".")] if isinstance(target, str) else [UNKNOWN] * 3
    return names[-3], names[-2]


def _refuse_partitioned(edit: Edits, *tables: tuple[object, object]) -> None:
    """Before PostgreSQL 18, NOT VALID is an error for a foreign key of a partitioned table.

    One to such a table can be validated, but not what it consists of: a key to each partition.
    """
    version = edit.settings.postgres_version
    if version is not None and version >= 18:
        return
    partitioned = edit.project.partitioned
    known = {(None if schema == "public" else schema, table) for schema, table in tables}
    if known & partitioned or (partitioned and any(UNKNOWN in each for each in known)):
        raise RefusedError("the table is partitioned, and PostgreSQL may be older than 18")
