"""What rules of constraints share: their final names, and fixes that split adding from validating.

A constraint is added NOT VALID, and validated in an autocommit block behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from .blocks import (
    autocommit_block,
    refuse_options,
    refuse_sql,
    refuse_unsure,
    refuse_what_a_commit_ends,
)
from .edits import Edits, RefusedError
from .facts import (
    UNKNOWN,
    AddColumn,
    AlterColumn,
    Check,
    Column,
    CreateCheckConstraint,
    CreateForeignKey,
    DropColumn,
    DropConstraint,
    ForeignKey,
    Operation,
    RenameTable,
    ValidateConstraint,
)
from .follow_up import Autocommit
from .identifiers import bind_safe, python_string, qualified, quoted
from .naming import (
    Constrained,
    ConstraintName,
    Naming,
    UnnamedError,
    check_name,
    foreign_key_name,
)
from .read.sql import columns_of
from .rule import Look
from .statement import Statement
from .waiting import refuse_unless_run_once, refuse_waiting_validation

NOT_VALID = "postgresql_not_valid"
# Puts the lines in place that add a constraint NOT VALID, and what validates it somewhere behind.
Validate = Callable[[Operation, Edits, list[Statement], ConstraintName], None]


def final_name(
    op: CreateForeignKey | CreateCheckConstraint | AddColumn,
    edit: Edits,
    part: ForeignKey | Check | None = None,
) -> ConstraintName:
    """The name that PostgreSQL will know a constraint by; `part`: that of a new column.

    Raises RefusedError where it is not known.
    """
    try:
        name = _name(op, part or op, edit.project.naming)
    except UnnamedError as error:
        raise RefusedError(str(error)) from error
    if not name.written and any(_takes(item, op, name.name, edit) for item in edit.operations()):
        raise RefusedError(f"{name.name} may be taken, and PostgreSQL would choose another name")
    return name


def undoes_split(op: ValidateConstraint, look: Look, added: Iterable[Operation]) -> bool:
    """Whether one of `added` adds NOT VALID, in the same transaction, what this validates."""
    if op.context.autocommit is not False:
        return False
    return any(
        item.order < op.order
        and item.context.autocommit is False
        and not item.context.excludes(op.context)
        and op.name in _names_not_valid(item, look.project.naming)
        and not look.commits_between(item, op)
        for item in added
    )


def refuse_constraint(op: Operation, edit: Edits) -> None:
    """Refuse where a constraint of the operation's table cannot be split."""
    refuse_sql(op)
    refuse_unsure(op)
    refuse_options(op)
    edit.refuse_other_runs(op)
    _refuse_undone_in_batch(op, edit)
    if not {NOT_VALID, "constraint_name"}.isdisjoint(op.unpacked):
        raise RefusedError("`**` gives a keyword that has to be written")


def split(op: Operation, edit: Edits, statements: list[Statement], name: ConstraintName) -> None:
    """Put the rewritten lines in place, and behind them the one that validates."""
    refuse_what_a_commit_ends(op, edit)
    alembic_op = edit.context_of(op)
    validate = edit.new_statement(f"{alembic_op}.execute({_validation(op, name)})", op)
    edit.replace_by(op, statements)
    edit.add_behind(op, [validate], None if op.context.autocommit else autocommit_block(alembic_op))


def split_over_revisions(
    op: Operation, edit: Edits, statements: list[Statement], name: ConstraintName
) -> None:
    """Put the rewritten lines in place, and what validates in a follow-up revision."""
    refuse_unless_run_once(op)
    refuse_waiting_validation(op, name.name, edit)
    validate = f"op.execute({_validation(op, name)})"
    why = "# PostgreSQL cannot make it NOT VALID again: there is nothing to undo."
    edit.replace_by(op, statements)
    edit.follow_ups.create_revision(f"Validate {name.name}", [Autocommit([validate])], [why])


def validated_apart(op: ValidateConstraint, edit: Edits) -> None:
    """Put a statement that validates in an autocommit block."""
    statement = edit.statement(op)
    refuse_unsure(op)
    refuse_what_a_commit_ends(op, edit)
    if not op.alone:
        raise RefusedError("the SQL holds more than the validation")
    edit.wrap(op, [statement], autocommit_block(edit.context_of(op)))


def _validation(op: Operation, name: ConstraintName) -> str:
    """The SQL that validates, as a Python string."""
    schema = op.schema if isinstance(op.schema, str) else None
    sql = f"ALTER TABLE {qualified(schema, str(op.table))} VALIDATE CONSTRAINT {quoted(name.name)}"
    if not bind_safe(sql):
        raise RefusedError("op.execute() takes a part of the name for a parameter")
    return python_string(sql)


def shown(name: object) -> str:
    """A name in a message, with a space before it; nothing where it is not known."""
    return f" {name}" if isinstance(name, str) else ""


def _takes(item: Operation, op: Operation, name: str, edit: Edits) -> bool:
    """Whether an operation shows that the name PostgreSQL would choose for `op`'s is taken then.

    Its choice is one that no constraint in the schema has; a name that is written only has to be
    new to the table.
    """
    if not _in_one_schema(item, op) or item.context.excludes(op.context):
        return False
    behind = item.order > op.order
    if isinstance(item, DropConstraint) and item.table == op.table:
        if item.name == name:  # what has it goes only when `op` has run
            return item.context.function == op.context.function and behind
        return bool(re.fullmatch(re.escape(name) + r"\d+", str(item.name)))
    if item.context.function != op.context.function or behind or item.order == op.order:
        return False
    match item:
        case RenameTable():  # constraints keep their names, here those of another table
            return item.table == op.table
        case AlterColumn():  # or of another column
            return item.table == op.table and item.new_name is not None and _has(name, item.column)
    return name in _names(item, edit.project.naming)


def _in_one_schema(one: Operation, other: Operation) -> bool:
    schemas = {None if item.schema == "public" else item.schema for item in (one, other)}
    return len(schemas) == 1 or UNKNOWN in schemas


def _has(name: str, column: object) -> bool:
    return not isinstance(column, str) or column in name


def _names(op: Operation, naming: Naming | None) -> Iterator[str]:
    """The names of the constraints that an operation adds, as far as they are known."""
    for part in _parts(op):
        try:
            yield _name(op, part, naming).name
        except UnnamedError:
            continue


def _refuse_undone_in_batch(op: Operation, edit: Edits) -> None:
    """Refuse where the constraint may be missing at the end of its batch: it is validated there."""
    if op.batch is None:
        return
    edit.refuse_inner_block(op)
    columns, names = _columns(op), {UNKNOWN, *(part.name for part in _parts(op))}
    for item in edit.operations():
        if item.batch != op.batch or item.order < op.order:
            continue
        if isinstance(item, DropColumn) and (columns is None or item.column in {UNKNOWN, *columns}):
            raise RefusedError("the batch drops a column that it may be about")
        if isinstance(item, DropConstraint) and item.name in names:
            raise RefusedError("the batch drops it again")


def _columns(op: Operation) -> list[str] | None:
    """The columns that an operation's constraints are about; None where they are not known."""
    found: list[str] = []
    for part in _parts(op):
        if isinstance(part, (CreateForeignKey, ForeignKey)):
            columns: Iterable[str] | None = _key(op, part).columns or None
        else:
            columns = columns_of(str(part.condition), str(op.table))
        if columns is None or getattr(part, "condition", "") is UNKNOWN:
            return None
        found += columns
    return found


def _names_not_valid(op: Operation, naming: Naming | None) -> Iterator[object]:
    """The names of the constraints that an operation adds NOT VALID."""
    for part in _parts(op):
        if isinstance(part, Check) or part.not_valid is not True:
            continue
        try:
            yield _name(op, part, naming).name
        except UnnamedError:
            yield part.name


def _parts(
    op: Operation,
) -> tuple[CreateForeignKey | CreateCheckConstraint | ForeignKey | Check, ...]:
    """The foreign keys and checks that an operation adds under the names that it tells."""
    match op:
        case CreateForeignKey() | CreateCheckConstraint():
            return (op,)
        case AddColumn(column=Column() as column, inline_references=False):
            return (*column.foreign_keys, *column.checks)
        case AddColumn(column=Column() as column):
            return column.checks
    return ()


def _name(
    op: Operation, part: Operation | ForeignKey | Check, naming: Naming | None
) -> ConstraintName:
    """The final name of a constraint that an operation adds; `part` is itself or the column's."""
    match part:
        case CreateForeignKey(name=str() | None as name) | ForeignKey(name=str() | None as name):
            on = _key(op, part)
            if name is None and not on.columns:
                raise UnnamedError("it has no name, and its columns are not known")
            return foreign_key_name(naming, name, part.final, on)
        case CreateCheckConstraint(name=str() | None as name) | Check(name=str() | None as name):
            known = isinstance(part.condition, str)
            columns = columns_of(str(part.condition), str(op.table)) if known else None
            return check_name(naming, name, part.final, _constrained(op), columns)
    raise UnnamedError("its name is not known")


def _key(op: Operation, part: CreateForeignKey | ForeignKey) -> Constrained:
    """What a foreign key is on, as far as that is known."""
    if isinstance(part, CreateForeignKey):
        referent = part.referent if isinstance(part.referent, str) else ""
        return _constrained(op, _known(part.columns), referent, _known(part.referent_columns))
    names = part.target.split(".") if isinstance(part.target, str) else []
    column = op.column if isinstance(op, AddColumn) else UNKNOWN
    columns = _known((column.name,)) if isinstance(column, Column) else ()
    return _constrained(op, columns, "".join(names[-2:-1]), tuple(names[-1:]))


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
