"""Build and drop indexes without blocking writes."""

from __future__ import annotations

from collections.abc import Iterator

from fumehood.facts import (
    AddColumn,
    AlterColumn,
    Column,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
)
from fumehood.rule import UNKNOWN, Edits, Finding, Fix, Look, RefusedError, Statement

_KEYWORD = "postgresql_concurrently"


def check(op: CreateIndex | DropIndex, look: Look) -> Iterator[Finding]:
    """An index built or dropped in the migration's transaction blocks the table."""
    if op.concurrently is UNKNOWN or op.table is UNKNOWN or op.schema is UNKNOWN:
        return
    if look.created_here(op):  # nobody can use the table yet
        return
    if isinstance(op, DropIndex) and _goes_anyway(op, look):
        return
    if op.concurrently and (op.context.autocommit is not False or look.commits_before(op)):
        return
    what, effect = _refused(op) if op.concurrently else _blocking(op)
    yield Finding(op, what, effect, tuple(_fixes(op, look)))


def check_column(op: AddColumn, look: Look) -> Iterator[Finding]:
    """A column with index=True builds its index under the lock that adding it took."""
    column = op.column
    if not isinstance(column, Column) or column.index is not True or op.table is UNKNOWN:
        return
    if look.created_here(op):
        return
    name = "" if column.name is UNKNOWN else f" {column.name}"
    yield Finding(
        op,
        f"The index on the new column{name} of {op.table} is built in the migration's transaction.",
        "ACCESS EXCLUSIVE lock: nobody reads or writes the table until the migration commits.",
        (
            Fix(
                "Build the column's index concurrently",
                index_separately,
                commits=True,
                isolates=False,
            ),
        ),
    )


def _fixes(op: CreateIndex | DropIndex, look: Look) -> Iterator[Fix]:
    if op.context.autocommit is True:
        yield Fix(f"Add {_KEYWORD}=True", concurrently)
    elif op.batch is not None:
        if not _may_leave(op, look):
            return
        title = "Move it out of the batch and run it concurrently"
        yield Fix(title, out_of_batch, commits=True)
    elif op.concurrently:
        yield Fix("Wrap it in an autocommit block", concurrently, commits=True)
    else:
        title = "Run it concurrently, outside the transaction"
        yield Fix(title, concurrently, commits=True)
    if isinstance(op, CreateIndex) and op.batch is None and not _replaces(op, look):
        title = "Run it concurrently, re-runnable after a failed build"
        yield Fix(title, rerunnable, decided=False, commits=op.context.autocommit is not True)


def concurrently(op: CreateIndex | DropIndex, edit: Edits) -> None:
    """Add the keyword, and put the statement in a block of its own or its neighbour's."""
    statement = edit.statement(op)
    _refuse_unsure(op)
    _add_keyword(op, statement)
    if op.context.autocommit is True:
        edit.replace(op, statement)
    else:
        edit.wrap(op, [statement], _block(edit.context_of(op)))


def out_of_batch(op: CreateIndex | DropIndex, edit: Edits) -> None:
    """A batch runs its operations at its end: creates go behind it, drops in front of it."""
    statement = edit.statement(op)
    _refuse_unsure(op)
    batch = op.batch
    assert batch is not None
    if batch.recreate != "auto" or not batch.plain:
        raise RefusedError("the batch has options that only hold within it")
    alembic_op = edit.context_of(op)
    method = "create_index" if isinstance(op, CreateIndex) else "drop_index"
    if not statement.move_methods(op.receiver, alembic_op, frozenset(("f", method))):
        raise RefusedError("the batch is used for more than the operation")
    table = edit.source(batch.site, 0, "table_name")
    if table is None:
        raise RefusedError("the batch's table is not written out")
    if isinstance(op, CreateIndex) and statement.argument(0, "index_name") is None:
        raise RefusedError("the index has no name")
    if isinstance(op, CreateIndex) and statement.call().args[0].keyword is None:
        statement.insert_second(table)
    else:
        statement.set_keyword("table_name", table)
    schema = edit.source(batch.site, 1, "schema")
    if schema is None and op.schema is not None:
        raise RefusedError("the batch's schema is not written out")
    if schema not in (None, "None"):
        statement.set_keyword("schema", str(schema))
    _add_keyword(op, statement)
    edit.move_out(op, statement, _block(alembic_op), before=isinstance(op, DropIndex))


def rerunnable(op: CreateIndex, edit: Edits) -> None:
    """First drop what a failed build left behind, for its name is taken."""
    statement = edit.statement(op)
    _refuse_unsure(op)
    name = statement.argument(0, "index_name")
    table = statement.argument(1, "table_name")
    if not isinstance(op.name, str) or name is None or table is None:
        raise RefusedError("the index has no name to drop it by")
    schema = statement.argument(99, "schema")
    if schema is None and op.schema is not None:
        raise RefusedError("the schema is not written out")
    where = f"table_name={table}" + ("" if schema is None else f", schema={schema}")
    receiver = f"{op.receiver}." if op.receiver else f"{edit.context_of(op)}."
    arguments = f"{name}, {where}, if_exists=True, {_KEYWORD}=True"
    drop = edit.new_statement(f"{receiver}drop_index({arguments})", op)
    _add_keyword(op, statement)
    if op.context.autocommit is True:
        edit.replace_by(op, [drop, statement])
    else:
        edit.wrap(op, [drop, statement], _block(edit.context_of(op)))


def index_separately(op: AddColumn, edit: Edits) -> None:
    """Add the column alone, and build its index behind it. A name of None gives the same name."""
    statement = edit.statement(op)
    _refuse_unsure(op)
    column = op.column
    if not isinstance(column, Column) or column.site is None or column.unique is UNKNOWN:
        raise RefusedError("the column is not written out here")
    name = edit.source(column.site, 0, "name")
    source = (
        edit.source(op.batch.site, 0, "table_name")
        if op.batch
        else statement.argument(0, "table_name")
    )
    if UNKNOWN in (name, column.name) or None in (name, source) or not column.complete:
        raise RefusedError("the column's name is not written out here")
    schema = (
        edit.source(op.batch.site, 1, "schema") if op.batch else statement.argument(99, "schema")
    )
    if schema is None and op.schema is not None:
        raise RefusedError("the schema is not written out")
    options = ", unique=True" if column.unique else ""
    options += "" if schema in (None, "None") else f", schema={schema}"
    alembic_op = edit.context_of(op)
    create = f"{alembic_op}.create_index(None, {source}, [{name}]{options}, {_KEYWORD}=True)"
    for keyword in ("index", "unique"):
        statement.remove_keyword(keyword, column.site.path)
    edit.replace(op, statement)
    edit.add_behind(op, [edit.new_statement(create, op)], _block(alembic_op))


def _may_leave(op: CreateIndex | DropIndex, look: Look) -> bool:
    """Whether an index operation may trade places with those of its batch that it would pass."""
    if isinstance(op, DropIndex):
        passed = [item for item in look.batch(op) if item.order < op.order]
        return not any(
            isinstance(item, DropConstraint) or (isinstance(item, CreateIndex) and _same(item, op))
            for item in passed
        )
    passed = [item for item in look.batch(op) if item.order > op.order]
    return not any(_needs_order(item, op) for item in passed)


def _needs_order(later: Operation, create: CreateIndex) -> bool:
    """Whether an operation of the batch has to come after the index that stands before it."""
    match later:
        case CreateIndex() | AddColumn():
            return False
        case DropIndex():
            return _same(later, create)
        case DropColumn():
            return _covers(create, later.column)
        case AlterColumn():
            return later.new_name is not None and _covers(create, later.column)
        case CreateForeignKey() | DropConstraint():
            return create.unique is not False
        case CreateUniqueConstraint() | CreateCheckConstraint():
            return False
    return True


def _same(one: CreateIndex | DropIndex, other: CreateIndex | DropIndex) -> bool:
    """Whether two operations may be about one index."""
    return one.name is UNKNOWN or other.name is UNKNOWN or one.name == other.name


def _covers(create: CreateIndex, column: object) -> bool:
    """Whether an index may be on a column; expressions may be on any."""
    columns = create.columns
    return columns is UNKNOWN or column is UNKNOWN or UNKNOWN in columns or column in columns


def _goes_anyway(op: DropIndex, look: Look) -> bool:
    """Whether the index's table or column is dropped in the same function."""
    function = op.context.function
    created = []
    if isinstance(op.name, str):
        created = look.named(CreateIndex, _other_way(function), op.name)
    if op.table is None:
        unsure = op.name is UNKNOWN or any(item.table is UNKNOWN for item in created)
        return unsure or any(look.dropped_here(op, item.table) for item in created)
    if look.dropped_here(op, op.table):
        return True
    dropped = look.operations(DropColumn, function, op.schema, op.table)
    columns = {item.column for item in dropped}
    if UNKNOWN in columns:
        return True
    covered = {name for item in created if item.columns is not UNKNOWN for name in item.columns}
    usual = {f"ix_{op.table}_{column}" for column in columns}
    usual |= {f"ix_{op.schema}_{op.table}_{column}" for column in columns}
    return bool(columns & covered) or op.name in usual


def _replaces(op: CreateIndex, look: Look) -> bool:
    """Whether an index of this name is dropped before: dropping it again could lose it."""
    if not isinstance(op.name, str):
        return False
    drops = look.named(DropIndex, op.context.function, op.name)
    return any(drop.order < op.order for drop in drops)


def _other_way(function: str) -> str:
    """The function that undoes this one, or that this one undoes."""
    if function.startswith("downgrade"):
        return "upgrade" + function.removeprefix("downgrade")
    return "downgrade" + function.removeprefix("upgrade")


def _refuse_unsure(op: CreateIndex | DropIndex | AddColumn) -> None:
    """Where the block might not work, or the statement is not all there is, no fix is offered."""
    if not op.complete:
        raise RefusedError("some arguments are not written out")
    if op.context.autocommit is UNKNOWN:
        raise RefusedError("what is around it may be an autocommit block already")
    around = op.context.within[:-1] if op.batch else op.context.within
    if around:
        raise RefusedError(f"within {around[0]} the block might not work")


def _add_keyword(op: CreateIndex | DropIndex, statement: Statement) -> None:
    """Make the call concurrent, unless it is; a keyword from `**` cannot stand there twice."""
    if op.concurrently:
        return
    if _KEYWORD in op.unpacked:
        raise RefusedError("`**` gives the keyword already")
    statement.set_keyword(_KEYWORD, "True")


def _block(alembic_op: str) -> str:
    return f"with {alembic_op}.get_context().autocommit_block():"


def _blocking(op: CreateIndex | DropIndex) -> tuple[str, str]:
    """What is said of an index operation that is not concurrent."""
    table = f" on {op.table}" if op.table else ""
    if isinstance(op, CreateIndex):
        return (
            f"{_name(op)}{table} is built in the migration's transaction.",
            "SHARE lock: every INSERT, UPDATE and DELETE on the table waits for the whole build, "
            "which takes time in proportion to the table, and for the commit.",
        )
    return (
        f"{_name(op)}{table} is dropped in the migration's transaction.",
        "ACCESS EXCLUSIVE lock: it waits for the running queries on the table, all later ones "
        "queue behind it, and it is held until the commit.",
    )


def _refused(op: CreateIndex | DropIndex) -> tuple[str, str]:
    """What is said of a concurrent operation that PostgreSQL will refuse."""
    verb = "CREATE" if isinstance(op, CreateIndex) else "DROP"
    return (
        f"{_name(op)}: {verb} INDEX CONCURRENTLY runs in the migration's transaction.",
        "PostgreSQL refuses it there, so the migration fails at run time.",
    )


def _name(op: CreateIndex | DropIndex) -> str:
    return f"Index {op.name}" if isinstance(op.name, str) else "An index"
