"""The constraints that operations add, and their final names: what PostgreSQL knows them by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .edits import Edits, RefusedError
from .facts import (
    UNKNOWN,
    AddColumn,
    AlterColumn,
    Check,
    Column,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreateUniqueConstraint,
    DropConstraint,
    DropIndex,
    ForeignKey,
    Operation,
    RenameTable,
)
from .naming import (
    Constrained,
    ConstraintName,
    Naming,
    UnnamedError,
    check_name,
    foreign_key_name,
    unique_name,
)
from .read.sql import columns_of

# What an operation adds under the name that it tells: itself, or in a new column a foreign key, a
# check, or the column's own unique constraint, for which the column stands.
Part = (
    CreateForeignKey | CreateCheckConstraint | CreateUniqueConstraint | ForeignKey | Check | Column
)


def final_name(op: Operation, part: Part, edit: Edits) -> ConstraintName:
    """The name that PostgreSQL will know a constraint by; `part` is `op`, or in its new column.

    Raises RefusedError where it is not known.
    """
    try:
        name = _name(op, part, edit.project.naming)
    except UnnamedError as error:
        raise RefusedError(str(error)) from error
    if not name.written and any(_takes(item, op, name.name, edit) for item in edit.operations()):
        raise RefusedError(f"{name.name} may be taken, and PostgreSQL would choose another name")
    return name


def names_not_valid(op: Operation, naming: Naming | None) -> Iterator[object]:
    """The names of the constraints that an operation adds NOT VALID."""
    for part in _parts(op):
        if getattr(part, "not_valid", False) is not True:
            continue
        try:
            yield _name(op, part, naming).name
        except UnnamedError:
            yield given_name(part)


def given_names(op: Operation) -> Iterator[object]:
    """The names of the constraints that an operation adds, as they are written."""
    return map(given_name, _parts(op))


def given_name(part: Part) -> object:
    """A constraint's name as it is written."""
    return None if isinstance(part, Column) else part.name


def constrained_columns(op: Operation) -> list[str] | None:
    """The columns that an operation's constraints are about; None where they are not known."""
    found: list[str] = []
    for part in _parts(op):
        columns: Iterable[str] | None
        if isinstance(part, (CreateForeignKey, ForeignKey)):
            columns = _key(op, part).columns or None
        elif isinstance(part, (CreateUniqueConstraint, Column)):
            columns = _unique(op, part).columns or None
        else:
            known = isinstance(part.condition, str)
            columns = columns_of(str(part.condition), str(op.table)) if known else None
        if columns is None:
            return None
        found += columns
    return found


def _parts(op: Operation) -> tuple[Part, ...]:
    match op:
        case CreateForeignKey() | CreateCheckConstraint() | CreateUniqueConstraint():
            return (op,)
        case AddColumn(column=Column() as column):
            # inline_references=True drops the names of foreign keys.
            named = op.in_sql is not None or op.inline_references is False
            keys = column.foreign_keys if named else ()
            unique = (column,) if column.unique is True and column.index is False else ()
            return (*keys, *column.checks, *unique)
    return ()


def _name(op: Operation, part: Part, naming: Naming | None) -> ConstraintName:
    naming = Naming() if op.in_sql else naming  # PostgreSQL knows no convention
    match part:
        case CreateForeignKey(name=str() | None as name) | ForeignKey(name=str() | None as name):
            return foreign_key_name(naming, name, part.final, _named(name, _key(op, part)))
        case CreateUniqueConstraint(name=str() | None as name):
            return unique_name(naming, name, part.final, _named(name, _unique(op, part)))
        case Column():
            return unique_name(naming, None, False, _named(None, _unique(op, part)))
        case CreateCheckConstraint(name=str() | None as name) | Check(name=str() | None as name):
            known = isinstance(part.condition, str)
            columns = columns_of(str(part.condition), str(op.table)) if known else None
            return check_name(naming, name, part.final, _constrained(op), columns)
    raise UnnamedError("its name is not known")


def _named(name: str | None, on: Constrained) -> Constrained:
    """What a constraint is on; its name may be made of the columns where it has none."""
    if name is None and not on.columns:
        raise UnnamedError("it has no name, and its columns are not known")
    return on


def _takes(item: Operation, op: Operation, name: str, edit: Edits) -> bool:
    """Whether an operation shows that the name PostgreSQL would choose for `op`'s is taken then.

    Its choice is one that no constraint in the schema has, and for a unique one no index either; a
    name that is written only has to be new to the table.
    """
    if not _in_one_schema(item, op) or item.context.excludes(op.context):
        return False
    behind = item.order > op.order
    if isinstance(item, DropConstraint | DropIndex) and item.table in (None, op.table):
        if item.name == name:  # what has it goes only when `op` has run
            return item.context.function == op.context.function and behind
        return bool(re.fullmatch(re.escape(name) + r"\d+", str(item.name)))
    if item.context.function != op.context.function or behind or item.order == op.order:
        return False
    match item:
        case RenameTable():  # constraints keep their names, here those of another table
            return item.table == op.table
        case AlterColumn():  # or of another column
            return item.table == op.table and item.new_name is not None and _is_about(op, item)
        case CreateIndex():
            return item.name == name
    return name in final_names(item, edit.project.naming)


def _in_one_schema(one: Operation, other: Operation) -> bool:
    schemas = {None if item.schema == "public" else item.schema for item in (one, other)}
    return len(schemas) == 1 or UNKNOWN in schemas


def _is_about(op: Operation, item: AlterColumn) -> bool:
    """Whether a constraint may be about a column that is called as the altered one was."""
    columns = constrained_columns(op)
    return columns is None or item.column is UNKNOWN or item.column in columns


def final_names(op: Operation, naming: Naming | None) -> Iterator[str]:
    """The names of the constraints that an operation adds, as far as they are known."""
    for part in _parts(op):
        try:
            yield _name(op, part, naming).name
        except UnnamedError:
            continue


def _key(op: Operation, part: CreateForeignKey | ForeignKey) -> Constrained:
    """What a foreign key is on, as far as that is known."""
    if isinstance(part, CreateForeignKey):
        referent = part.referent if isinstance(part.referent, str) else ""
        return _constrained(op, _known(part.columns), referent, _known(part.referent_columns))
    names = part.target.split(".") if isinstance(part.target, str) else []
    column = op.column if isinstance(op, AddColumn) else UNKNOWN
    columns = _known((column.name,)) if isinstance(column, Column) else ()
    return _constrained(op, columns, "".join(names[-2:-1]), tuple(names[-1:]))


def _unique(op: Operation, part: CreateUniqueConstraint | Column) -> Constrained:
    columns = (part.name,) if isinstance(part, Column) else part.columns
    return _constrained(op, _known(columns))


def _constrained(
    op: Operation,
    columns: tuple[str, ...] = (),
    referent: str = "",
    referent_columns: tuple[str, ...] = (),
) -> Constrained:
    schema = op.schema if isinstance(op.schema, str) else None
    return Constrained(str(op.table), schema, columns, referent, referent_columns)


def _known(columns: object) -> tuple[str, ...]:
    """Columns that are all known; else none."""
    if isinstance(columns, tuple) and all(isinstance(column, str) for column in columns):
        return columns
    return ()
