"""Build and drop indexes without blocking writes."""

from __future__ import annotations

from collections.abc import Iterator

from fumehood.batches import drop_place, index_may_leave, may_leave
from fumehood.blocks import (
    autocommit_block,
    call_outside,
    refuse_options,
    refuse_unsure,
    refuse_what_a_commit_ends,
    schema_source,
    table_source,
)
from fumehood.concurrently import (
    PARTITIONED,
    goes_anyway,
    shares_string,
    why_not_concurrently,
    with_table,
)
from fumehood.facts import AddColumn, Column, CreateIndex, DropIndex, Operation
from fumehood.follow_up import Autocommit
from fumehood.gaps import gap_between
from fumehood.index_swap import BESIDE, built_beside
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError, Statement
from fumehood.sent import insert_in_sql, refuse_connection, refuse_sql
from fumehood.waiting import dropped_again, refuse_unless_run_once, refuse_waiting_index

_KEYWORD = "postgresql_concurrently"


def check(op: CreateIndex | DropIndex, look: Look) -> Iterator[Finding]:
    """An index built or dropped without CONCURRENTLY blocks the table."""
    if op.concurrently is UNKNOWN or op.table is UNKNOWN or op.schema is UNKNOWN:
        return
    known = with_table(op, look)
    if look.created_here(known):  # nobody can use the table yet
        return
    if isinstance(known, DropIndex) and goes_anyway(known, look):
        return
    why_not = why_not_concurrently(known, look)
    inside = shares_string(op) or look.in_transaction(op) is True
    if op.concurrently and not inside and why_not is None:
        return
    what, effect = _refused(op, look, inside) if op.concurrently else _blocking(known, look)
    if why_not is not None:
        yield Finding(op, what, f"{effect} {why_not}")
        return
    yield Finding(op, what, effect, tuple(_fixes(op, look)))


def check_column(op: AddColumn, look: Look) -> Iterator[Finding]:
    """A column with index=True builds its index under the lock that adding it took."""
    column = op.column
    if not isinstance(column, Column) or column.index is not True or op.table is UNKNOWN:
        return
    if look.created_here(op):
        return
    name = "" if column.name is UNKNOWN else f" {column.name}"
    title = "Build the column's index concurrently"
    commits = op.context.autocommit is not True
    fix = Fix(title, index_separately, commits=commits, isolates=False)
    until = "until the migration commits" if commits else "while it is built"
    what = f"The index on the new column{name} of {op.table} is built {_how(op, look)}."
    effect = f"ACCESS EXCLUSIVE lock: nobody reads or writes the table {until}."
    if look.project.is_partitioned(op.schema, op.table):
        yield Finding(op, what, f"{effect} {PARTITIONED}")
        return
    yield Finding(
        op, what, effect, (fix,) if index_may_leave(op, look.batch(op), look.project.naming) else ()
    )


def _fixes(op: CreateIndex | DropIndex, look: Look) -> Iterator[Fix]:
    gap = gap_between(op, look)
    decided = gap is None
    if gap and op.context.autocommit is not True:
        yield Fix(BESIDE, built_beside, commits=True)
        if gap == "unique":
            return
    if op.context.autocommit is True:
        title = "Add CONCURRENTLY" if op.in_sql else f"Add {_KEYWORD}=True"
        yield Fix(title, concurrently, decided=gap != "unique")
    elif op.batch is not None:
        if not may_leave(op, look.batch(op), look.project.naming):
            return
        title = "Move it out of the batch and run it concurrently"
        yield Fix(title, out_of_batch, decided=decided, commits=True)
    elif op.concurrently:
        yield Fix("Wrap it in an autocommit block", concurrently, decided=decided, commits=True)
    else:
        title = "Run it concurrently, outside the transaction"
        yield Fix(title, concurrently, decided=decided, commits=True)
    if isinstance(op, CreateIndex) and gap is None:
        yield from _other_fixes(op)


def _other_fixes(op: CreateIndex) -> Iterator[Fix]:
    if op.context.autocommit is False:
        title = "Move it to a follow-up revision, and run it concurrently there"
        yield Fix(title, moved, decided=False, isolates=False)
    if op.batch is None:
        title = "Run it concurrently, re-runnable after a failed build"
        commits = op.context.autocommit is not True
        yield Fix(title, rerunnable, decided=False, commits=commits, keyword="if_exists")


def concurrently(op: CreateIndex | DropIndex, edit: Edits) -> None:
    """Add the keyword, and put the statement in a block of its own or its neighbour's."""
    statement = edit.statement(op)
    refuse_unsure(op)
    refuse_what_a_commit_ends(op, edit)
    refuse_connection(op, edit)
    _add_keyword(op, edit, statement)
    if op.context.autocommit is True:
        edit.replace(op, statement)
    else:
        edit.wrap(op, [statement], autocommit_block(edit.context_of(op)))


def out_of_batch(op: CreateIndex | DropIndex, edit: Edits) -> None:
    """A batch runs its operations at its end: creates go behind it, drops in front of it.

    A drop that stands behind a create stays behind it.
    """
    statement = edit.statement(op)
    refuse_unsure(op)
    refuse_what_a_commit_ends(op, edit)
    refuse_options(op)
    if isinstance(op, CreateIndex) and statement.argument(0, "index_name") is None:
        raise RefusedError("the index has no name")
    method = "create_index" if isinstance(op, CreateIndex) else "drop_index"
    call_outside(op, edit, statement, method)
    _add_keyword(op, edit, statement)
    block = autocommit_block(edit.context_of(op))
    in_batch = [item for item in edit.operations() if item.batch == op.batch]
    before = isinstance(op, DropIndex) and drop_place(op, in_batch, edit.project.naming) == "before"
    edit.move_out(op, statement, block, before, append=not _is_dropped_behind(op, edit))


def _is_dropped_behind(op: CreateIndex | DropIndex, edit: Edits) -> bool:
    """Whether the block behind drops an index that this one may replace."""
    return isinstance(op, CreateIndex) and any(
        isinstance(item, DropIndex)
        and item.table in (None, UNKNOWN, op.table)
        and item.context.function == op.context.function
        and item.context.autocommit is True
        and item.order > op.order
        for item in edit.operations()
    )


def rerunnable(op: CreateIndex, edit: Edits) -> None:
    """First drop what a failed build left behind, for its name is taken."""
    statement = edit.statement(op)
    refuse_sql(op)
    refuse_unsure(op)
    refuse_what_a_commit_ends(op, edit)
    name = statement.argument(0, "index_name")
    if not isinstance(op.name, str) or name is None:
        raise RefusedError("the index has no name to drop it by")
    table, schema = table_source(op, edit, statement, 1), schema_source(op, edit, statement)
    where = f"table_name={table}" + ("" if schema is None else f", schema={schema}")
    receiver = f"{op.receiver}." if op.receiver else f"{edit.context_of(op)}."
    arguments = f"{name}, {where}, if_exists=True, {_KEYWORD}=True"
    drop = edit.new_statement(f"{receiver}drop_index({arguments})", op)
    _add_keyword(op, edit, statement)
    if op.context.autocommit is True:
        edit.replace_by(op, [drop, statement])
    else:
        edit.wrap(op, [drop, statement], autocommit_block(edit.context_of(op)))


def moved(op: CreateIndex, edit: Edits) -> None:
    """Leave the other operations a transaction of their own; the drop of the index goes along."""
    statement = edit.statement(op)
    refuse_sql(op)
    refuse_unsure(op)
    refuse_unless_run_once(op, edit)
    edit.refuse_other_runs(op)
    name = statement.argument(0, "index_name")
    if op.batch is not None or not isinstance(op.name, str) or name is None:
        raise RefusedError("the index stands in a batch, or has no name to drop it by")
    if not any(_stays(item, op) for item in edit.operations()):
        raise RefusedError("nothing else stands in the function")
    refuse_waiting_index(op, edit)
    _add_keyword(op, edit, statement)
    dropped = dropped_again(op, edit, op.name)
    if not isinstance(dropped, DropIndex):
        table, schema = table_source(op, edit, statement, 1), schema_source(op, edit, statement)
        where = f"table_name={table}" + ("" if schema is None else f", schema={schema}")
        drop: str | Statement = f"op.drop_index({name}, {where}, {_KEYWORD}=True)"
    else:
        refuse_sql(dropped)
        drop = edit.statement(dropped)
        _add_keyword(dropped, edit, drop)
        edit.remove(dropped)
    edit.remove(op)
    message = f"Create {op.name} concurrently"
    edit.follow_ups.create_revision(message, [Autocommit([statement])], [Autocommit([drop])])


def index_separately(op: AddColumn, edit: Edits) -> None:
    """Add the column alone, and build its index behind it. A name of None gives the same name."""
    statement = edit.statement(op)
    refuse_unsure(op)
    refuse_what_a_commit_ends(op, edit)
    column = op.column
    if not isinstance(column, Column) or column.site is None or column.unique is UNKNOWN:
        raise RefusedError("the column is not written out here")
    name = edit.source(column.site, 0, "name")
    if name is None or column.name is UNKNOWN or not column.complete:
        raise RefusedError("the column's name is not written out here")
    table, schema = table_source(op, edit, statement, 0), schema_source(op, edit, statement)
    options = ", unique=True" if column.unique else ""
    options += "" if schema is None else f", schema={schema}"
    alembic_op = edit.context_of(op)
    create = f"{alembic_op}.create_index(None, {table}, [{name}]{options}, {_KEYWORD}=True)"
    for keyword in ("index", "unique"):
        statement.remove_keyword(keyword, column.site.path)
    edit.replace(op, statement)
    block = None if op.context.autocommit else autocommit_block(alembic_op)
    edit.add_behind(op, [edit.new_statement(create, op)], block)


def _stays(item: Operation, op: CreateIndex) -> bool:
    """Whether an operation of the same function is another than those of indexes."""
    here = item.context.function == op.context.function
    return here and not isinstance(item, CreateIndex | DropIndex)


def _add_keyword(op: CreateIndex | DropIndex, edit: Edits, statement: Statement) -> None:
    """Make the call concurrent, unless it is; a keyword from `**` cannot stand there twice."""
    if op.concurrently:
        return
    if op.in_sql:
        insert_in_sql(op, edit, statement, " CONCURRENTLY")
        return
    if _KEYWORD in op.unpacked:
        raise RefusedError("`**` gives the keyword already")
    statement.set_keyword(_KEYWORD, "True")


def _blocking(op: CreateIndex | DropIndex, look: Look) -> tuple[str, str]:
    """What is said of an index operation that is not concurrent."""
    table = f" on {op.table}" if op.table else ""
    at_once = op.context.autocommit is True
    if isinstance(op, CreateIndex):
        then = "" if at_once else ", and for the commit"
        return (
            f"{_name(op)}{table} is built {_how(op, look)}.",
            "SHARE lock: every INSERT, UPDATE and DELETE on the table waits for the whole build, "
            f"which takes time in proportion to the table{then}.",
        )
    then = "" if at_once else ", and it is held until the commit"
    return (
        f"{_name(op)}{table} is dropped {_how(op, look)}.",
        "ACCESS EXCLUSIVE lock: it waits for the running queries on the table, all later ones "
        f"queue behind it{then}.",
    )


def _how(op: Operation, look: Look) -> str:
    """How an operation runs that is not concurrent."""
    inside = look.in_transaction(op) is True
    return "in the migration's transaction" if inside else "without CONCURRENTLY"


def _refused(op: CreateIndex | DropIndex, look: Look, inside: bool) -> tuple[str, str]:
    """What is said of a concurrent operation that PostgreSQL will refuse.

    `inside`: for the transaction that it runs in.
    """
    verb = "CREATE" if isinstance(op, CreateIndex) else "DROP"
    if not inside:
        what = f"{_name(op)}: {verb} INDEX CONCURRENTLY is not possible."
        return what, "PostgreSQL refuses it, so the migration fails at run time."
    where, why = "runs in the migration's transaction", ""
    if op.context.autocommit is True:
        where = "runs in a transaction that was begun by hand"
    if shares_string(op):
        where = "is sent in one string with other statements"
        why = "Statements that are sent at once run in one transaction. "
    elif look.begins_anew(op):
        why = "Behind COMMIT, psycopg 3 begins another transaction with the next statement. "
    effect = f"{why}PostgreSQL refuses it there, so the migration fails at run time."
    return f"{_name(op)}: {verb} INDEX CONCURRENTLY {where}.", effect


def _name(op: CreateIndex | DropIndex) -> str:
    return f"Index {op.name}" if isinstance(op.name, str) else "An index"
