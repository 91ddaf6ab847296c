"""Add foreign keys without blocking writes while they are validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fumehood.constraints import NOT_VALID, refuse_constraint, shown, split, validated_apart
from fumehood.facts import (
    AddColumn,
    Column,
    CreateForeignKey,
    ForeignKey,
    Operation,
    ValidateConstraint,
)
from fumehood.identifiers import python_string
from fumehood.naming import Constrained, ConstraintName, Naming, UnnamedError, foreign_key_name
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError

_LOCKED = (
    "SHARE ROW EXCLUSIVE lock on both tables: every INSERT, UPDATE and DELETE on them waits while "
    "all rows of {} are checked, and for the commit."
)
_TITLE = "Add it NOT VALID, then validate it outside the transaction"


def check(op: CreateForeignKey, look: Look) -> Iterator[Finding]:
    """A foreign key is validated while writes on both tables are blocked."""
    if op.not_valid is not False or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if look.created_here(op):  # it has no rows to check
        return
    to = "" if op.referent is UNKNOWN else f" to {op.referent}"
    what = f"Foreign key{shown(op.name)} from {op.table}{to} is validated while it is added."
    yield Finding(op, what, _LOCKED.format(op.table), _fixes(op, not_valid))


def check_column(op: AddColumn, look: Look) -> Iterator[Finding]:
    """So is one that a new column brings."""
    column = op.column
    if not isinstance(column, Column) or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    keys = [key for key in column.foreign_keys if key.not_valid is False]
    if not keys or _empty(op, column) or look.created_here(op):
        return
    name = "" if column.name is UNKNOWN else f" {column.name}"
    what = f"The foreign key of the new column{name} of {op.table} is validated while it is added."
    yield Finding(op, what, _LOCKED.format(op.table), _fixes(op, column_not_valid))


def check_validation(op: ValidateConstraint, look: Look) -> Iterator[Finding]:
    """Validated in the transaction that adds it, it is as if it had not been split."""
    if op.context.autocommit is not False or look.commits_before(op):
        return
    added = look.operations(CreateForeignKey, op.context.function, op.schema, op.table)
    if not any(_adds(item, op, look) for item in added):
        return
    what = f"Foreign key {op.name} is validated in the transaction that adds it."
    effect = "The lock that adding it took on both tables is held while all rows are checked."
    title = "Validate it outside the transaction"
    yield Finding(op, what, effect, (Fix(title, validated_apart, commits=True),))


def not_valid(op: CreateForeignKey, edit: Edits) -> None:
    """Add the foreign key for new rows alone, and check the old ones behind it."""
    statement = edit.statement(op)
    refuse_constraint(op, edit)
    _refuse_partitioned(op, edit)
    name = _final(op, edit)
    if not name.written:
        statement.set_argument(0, "constraint_name", python_string(name.name))
    statement.set_keyword(NOT_VALID, "True")
    split(op, edit, statement, name)


def column_not_valid(op: AddColumn, edit: Edits) -> None:
    """The same for the foreign key in a column."""
    statement = edit.statement(op)
    refuse_constraint(op, edit)
    _refuse_partitioned(op, edit)
    column = op.column
    if not isinstance(column, Column) or len(column.foreign_keys) != 1:
        raise RefusedError("the column has several foreign keys")
    if op.inline_references is not False:
        raise RefusedError("inline_references=True drops the key's name and NOT VALID")
    key = column.foreign_keys[0]
    if key.site is None or not key.complete or not column.complete:
        raise RefusedError("the foreign key is not written out here")
    name = _final_of_column(op, column, key, edit)
    if not name.written:
        statement.set_keyword("name", python_string(name.name), key.site.path)
    statement.set_keyword(NOT_VALID, "True", key.site.path)
    split(op, edit, statement, name)


def _fixes(op: Operation, apply: Callable[..., None]) -> tuple[Fix, ...]:
    commits = op.context.autocommit is not True
    return (Fix(_TITLE, apply, commits=commits, isolates=False),)


def _empty(op: AddColumn, column: Column) -> bool:
    """Whether no row has a value to check, and PostgreSQL knows it."""
    return (
        op.inline_references is not False
        and column.nullable is not False
        and column.default is not True
    )


def _adds(create: CreateForeignKey, op: ValidateConstraint, look: Look) -> bool:
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


def _name(op: CreateForeignKey, naming: Naming | None) -> ConstraintName:
    columns = _known(op.columns)
    if op.name is UNKNOWN or (op.name is None and columns is None):
        raise RefusedError("its name is not known")
    on = Constrained(
        str(op.table),
        op.schema if isinstance(op.schema, str) else None,
        columns or (),
        op.referent if isinstance(op.referent, str) else "",
        _known(op.referent_columns) or (),
    )
    return foreign_key_name(naming, op.name, op.final, on)


def _final(op: CreateForeignKey, edit: Edits) -> ConstraintName:
    try:
        return _name(op, edit.project.naming)
    except UnnamedError as error:
        raise RefusedError(str(error)) from error


def _final_of_column(op: AddColumn, column: Column, key: ForeignKey, edit: Edits) -> ConstraintName:
    if key.name is UNKNOWN or key.target is UNKNOWN or column.name is UNKNOWN:
        raise RefusedError("its name is not known")
    *_, table, name = ("", *key.target.split("."))
    schema = op.schema if isinstance(op.schema, str) else None
    on = Constrained(str(op.table), schema, (column.name,), table, (name,))
    try:
        return foreign_key_name(edit.project.naming, key.name, key.final, on)
    except UnnamedError as error:
        raise RefusedError(str(error)) from error


def _known(columns: object) -> tuple[str, ...] | None:
    """Columns that are all known."""
    if not isinstance(columns, tuple):
        return None
    return columns if all(isinstance(column, str) for column in columns) else None


def _refuse_partitioned(op: CreateForeignKey | AddColumn, edit: Edits) -> None:
    """NOT VALID foreign keys of partitioned tables are an error before PostgreSQL 18."""
    version = edit.settings.postgres_version
    schema = None if op.schema == "public" else op.schema
    if (schema, op.table) in edit.project.partitioned and (version is None or version < 18):
        raise RefusedError("the table is partitioned, and PostgreSQL may be older than 18")
