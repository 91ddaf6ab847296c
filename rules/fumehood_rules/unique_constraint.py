"""Add unique constraints without blocking reads and writes while their index is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fumehood.batches import constraint_may_leave, index_may_leave, index_of
from fumehood.blocks import (
    autocommit_block,
    call_outside,
    keep_timeout,
    refuse_what_a_commit_ends,
    schema_source,
    table_source,
)
from fumehood.constraint_names import Part, final_name
from fumehood.constraints import alter_table, executed, refuse_constraint, shown, table_of
from fumehood.facts import AddColumn, Column, CreateUniqueConstraint, Text, Unknown
from fumehood.follow_up import Autocommit
from fumehood.gaps import gap_between
from fumehood.identifiers import python_string, quoted
from fumehood.index_swap import (
    build_then_drop,
    dropped_above,
    dropped_in_batch,
    free_name,
    has_its_name,
)
from fumehood.naming import ConstraintName
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError, Statement
from fumehood.sent import use_index
from fumehood.waiting import dropped_again, refuse_unless_run_once, refuse_waiting_index

_LOCK = (
    "ACCESS EXCLUSIVE lock: nobody reads or writes the table while the index is built, which takes "
    "time in proportion to the table, and until the commit."
)
_TITLE = "Build its index concurrently, then add it USING INDEX"
_BESIDE = "Build the new index beside the old one, then swap them"
_MOVED = "Move it to a follow-up revision, and build its index concurrently there"
_RERUNNABLE = "Build its index concurrently, re-runnable after a failed build"
# What create_index() takes as well; "" is what is given by position.
_OF_INDEX = {"", "constraint_name", "table_name", "columns", "schema"}
_OF_INDEX |= {"postgresql_include", "postgresql_nulls_not_distinct"}
_OF_CONSTRAINT = {"deferrable", "initially"}


def check(op: CreateUniqueConstraint, look: Look) -> Iterator[Finding]:
    """A unique constraint builds its index while nobody can use the table."""
    if op.using_index is not None or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if look.created_here(op):  # nobody can use the table yet
        return
    what = f"Unique constraint{shown(op.name)} of {op.table} builds its index while it is added."
    yield Finding(op, what, _LOCK, tuple(_fixes(op, look)))


def check_column(op: AddColumn, look: Look) -> Iterator[Finding]:
    """So does one that a new column brings; with index=True it is an index and no constraint."""
    column = op.column
    if not isinstance(column, Column) or not isinstance(op.table, str) or op.schema is UNKNOWN:
        return
    if column.unique is not True or column.index is not False or look.created_here(op):
        return
    what = f"The unique constraint of the new column{shown(column.name)} of {op.table} builds its "
    what += "index while it is added."
    fix = Fix(_TITLE, apart, commits=op.context.autocommit is not True, isolates=False)
    yield Finding(
        op, what, _LOCK, (fix,) if index_may_leave(op, look.batch(op), look.project.naming) else ()
    )


def using_index(op: CreateUniqueConstraint, edit: Edits) -> None:
    """Build the index under the constraint's final name, then make it the constraint's."""
    refuse_what_a_commit_ends(op, edit)
    statement, add, _ = _index_and_constraint(op, edit)
    block = autocommit_block(edit.context_of(op))
    if op.context.autocommit:
        edit.replace(op, statement)
        edit.add_behind(op, [add], None)
    elif op.batch is not None:
        edit.move_out(op, statement, block, then=[add])
    else:
        edit.wrap(op, [statement], block, then=[add])


def beside(op: CreateUniqueConstraint, edit: Edits) -> None:
    """The same before what it replaces is dropped, in the line above or in the same batch.

    USING INDEX gives the index the constraint's name, which is free then.
    """
    drops = [dropped_above(op, edit)] if op.batch is None else dropped_in_batch(op, edit)
    statement, add, name = _index_and_constraint(op, edit)
    if any(has_its_name(drop, op, edit) or drop.name == name.name for drop in drops):
        until = free_name(op, edit)
        statement.set_argument(0, "index_name", python_string(until))
        add = _add(op, edit, name, _deferral(op), until)
    if op.batch is None:
        build_then_drop(op, statement, drops[0], edit, [add])
        return
    edit.move_out(op, statement, autocommit_block(edit.context_of(op)), before=True)
    edit.add_behind(op, [add], None)


def using_index_in_sql(op: CreateUniqueConstraint, edit: Edits) -> None:
    """The same where it is sent as SQL, of which the string keeps all else."""
    refuse_what_a_commit_ends(op, edit)
    statement = edit.statement(op)
    name = _final_name(op, op, edit).name
    sql = f"CREATE UNIQUE INDEX CONCURRENTLY {quoted(name)} ON {table_of(op)} {_listed(op.columns)}"
    if op.include:
        sql += f" INCLUDE {_listed(op.include)}"
    if op.nulls_not_distinct:
        sql += " NULLS NOT DISTINCT"
    use_index(op, edit, statement, name)
    alembic_op = edit.context_of(op)
    create = edit.new_statement(f"{alembic_op}.{executed(sql)}", op)
    if op.context.autocommit:
        edit.replace_by(op, [create, statement])
    else:
        edit.wrap(op, [create], autocommit_block(alembic_op), then=[statement])


def _listed(columns: Iterable[Text] | Unknown) -> str:
    if columns is UNKNOWN or UNKNOWN in columns:
        raise RefusedError("its columns are not known")
    return f"({', '.join(quoted(str(each)) for each in columns)})"


def rerunnable(op: CreateUniqueConstraint, edit: Edits) -> None:
    """First drop what a failed build left behind, for its name is taken.

    The constraint and the revision's stamp come with one commit, so that there is never both.
    """
    if _others(op, edit):
        raise RefusedError("what else the function does would run twice")
    statement, add, _ = _index_and_constraint(op, edit)
    name, table = statement.argument(0, "index_name"), table_source(op, edit, statement, 1)
    schema = schema_source(op, edit, statement)
    where = f"table_name={table}" + ("" if schema is None else f", schema={schema}")
    arguments = f"{name}, {where}, if_exists=True, postgresql_concurrently=True"
    drop = edit.new_statement(f"{edit.context_of(op)}.drop_index({arguments})", op)
    edit.wrap(op, [drop, statement], autocommit_block(edit.context_of(op)), then=[add])


def moved(op: CreateUniqueConstraint, edit: Edits) -> None:
    """Leave the other operations a transaction of their own; the drop in downgrade() goes along."""
    refuse_unless_run_once(op, edit)
    if op.batch is not None or not op.receiver:
        raise RefusedError("the constraint stands in a batch, or what it is called on has no name")
    if not _others(op, edit):
        raise RefusedError("nothing else stands in the function")
    statement, add, name = _index_and_constraint(op, edit)
    refuse_waiting_index(index_of(op, name.name), edit)
    dropped = dropped_again(op, edit, name.name)
    if dropped is None:
        raise RefusedError("downgrade() does not drop it")
    drop = edit.statement(dropped)
    edit.remove(dropped)
    edit.remove(op)
    message = f"Add {name.name} with an index built concurrently"
    edit.follow_ups.create_revision(message, [Autocommit([statement]), add], [drop])


def apart(op: AddColumn, edit: Edits) -> None:
    """Add the column alone, and its constraint behind it, as above."""
    statement = edit.statement(op)
    refuse_what_a_commit_ends(op, edit)
    column = op.column
    if not isinstance(column, Column) or column.site is None or not column.complete:
        raise RefusedError("the column is not written out here")
    column_name = edit.source(column.site, 0, "name")
    if column_name is None:
        raise RefusedError("the column's name is not written out here")
    name = _final_name(op, column, edit)
    table, schema = table_source(op, edit, statement, 0), schema_source(op, edit, statement)
    options = "unique=True" + ("" if schema is None else f", schema={schema}")
    arguments = f"{_index_name(name, op, edit)}, {table}, [{column_name}], {options}"
    alembic_op = edit.context_of(op)
    create = f"{alembic_op}.create_index({arguments}, postgresql_concurrently=True)"
    add = _add(op, edit, name)
    statement.remove_keyword("unique", column.site.path)
    edit.replace(op, statement)
    block = None if op.context.autocommit else autocommit_block(alembic_op)
    edit.add_behind(op, [edit.new_statement(create, op)], block, then=[add])


def _fixes(op: CreateUniqueConstraint, look: Look) -> Iterator[Fix]:
    commits = op.context.autocommit is not True
    if gap_between(op, look) == "unique" and commits:
        yield Fix(_BESIDE, beside, commits=True, isolates=False)
        return
    if op.in_sql:
        yield Fix(_TITLE, using_index_in_sql, commits=commits, isolates=False)
        return
    if constraint_may_leave(op, look.batch(op), look.project.naming):
        yield Fix(_TITLE, using_index, commits=commits, isolates=False)
    if op.batch is None and commits:
        yield Fix(_MOVED, moved, decided=False, isolates=False)
        fix = Fix(_RERUNNABLE, rerunnable, decided=False, commits=True, isolates=False)
        yield replace(fix, keyword="if_exists")


def _others(op: CreateUniqueConstraint, edit: Edits) -> bool:
    """Whether the function does anything else."""
    function = op.context.function
    return any(item.context.function == function and item is not op for item in edit.operations())


def _index_and_constraint(
    op: CreateUniqueConstraint, edit: Edits
) -> tuple[Statement, Statement, ConstraintName]:
    """The call rewritten to one of create_index(), and the line that adds the constraint."""
    statement = edit.statement(op)
    name = _final_name(op, op, edit)
    if others := set(statement.keywords()) - _OF_INDEX - _OF_CONSTRAINT:
        raise RefusedError(f"{', '.join(sorted(others))} may mean nothing to an index")
    if op.columns is UNKNOWN or UNKNOWN in op.columns:
        raise RefusedError("its columns are not known")
    add = _add(op, edit, name, _deferral(op))
    receiver = op.receiver or edit.context_of(op)
    if op.batch is not None and not op.context.autocommit:
        call_outside(op, edit, statement, "create_unique_constraint")
        receiver = edit.context_of(op)
    statement.set_function(f"{receiver}.create_index")
    if not op.final and (name.name != op.name or _changes_index(edit)):
        statement.set_argument(0, "constraint_name", _index_name(name, op, edit))
    statement.rename_keyword("constraint_name", "index_name")
    for keyword in _OF_CONSTRAINT:
        statement.remove_keyword(keyword)
    for keyword in ("unique", "postgresql_concurrently"):
        statement.set_keyword(keyword, "True")
    return statement, add, name


def _final_name(op: AddColumn | CreateUniqueConstraint, part: Part, edit: Edits) -> ConstraintName:
    """The constraint's name; refused where its index cannot be built apart."""
    refuse_constraint(op, edit)
    keep_timeout(op, edit)
    if edit.project.is_partitioned(op.schema, op.table):
        raise RefusedError("PostgreSQL builds no index of a partitioned table concurrently")
    return final_name(op, part, edit)


def _add(
    op: AddColumn | CreateUniqueConstraint,
    edit: Edits,
    name: ConstraintName,
    deferral: str = "",
    index: str | None = None,
) -> Statement:
    """The line that makes the index the constraint's; a schema before an index is an error here."""
    final, using = quoted(name.name), quoted(index or name.name)
    source = alter_table(op, f"ADD CONSTRAINT {final} UNIQUE USING INDEX {using}{deferral}")
    return edit.new_statement(f"{edit.context_of(op)}.{source}", op)


def _deferral(op: CreateUniqueConstraint) -> str:
    if op.deferrable is UNKNOWN or op.initially is UNKNOWN:
        raise RefusedError("whether it is deferred is not known")
    initially = "" if op.initially is None else op.initially.upper()
    if initially not in ("", "DEFERRED", "IMMEDIATE"):
        raise RefusedError(f"PostgreSQL knows no INITIALLY {initially}")
    return (" DEFERRABLE" if op.deferrable else "") + (initially and f" INITIALLY {initially}")


def _index_name(name: ConstraintName, op: AddColumn | CreateUniqueConstraint, edit: Edits) -> str:
    """The source of the index's name: the constraint's final one."""
    source = python_string(name.name)
    return f"{edit.context_of(op)}.f({source})" if _changes_index(edit) else source


def _changes_index(edit: Edits) -> bool:
    """Whether the naming convention gives an index another name than the one that is written."""
    naming = edit.project.naming
    return naming is None or "constraint_name" in naming.patterns.get("ix", "")
