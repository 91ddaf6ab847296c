"""An index that is dropped and created anew: built beside the old one, which then goes.

So there is one at any time, also where rows that are no longer unique make the build fail.
"""

from __future__ import annotations

from .blocks import autocommit_block, refuse_unsure, refuse_what_a_commit_ends
from .dialects import refuse_other_dialects
from .edits import Edits, RefusedError
from .facts import CreateIndex, DropIndex
from .identifiers import bind_safe, python_string, qualified, quoted
from .sent import refuse_sql

_LONGEST = 63  # bytes of a name in PostgreSQL


def built_beside(op: CreateIndex | DropIndex, edit: Edits) -> None:
    """Build the index under another name, drop the old one, and rename the new one."""
    drop, create = _pair(op, edit)
    old, new = edit.statement(drop), edit.statement(create)
    name = _free_name(create, edit)
    alembic_op, beside = edit.context_of(create), python_string(name)
    new.set_argument(0, "index_name", beside)
    for statement in (new, old):
        statement.set_keyword("postgresql_concurrently", "True")
    sql = f"ALTER INDEX {qualified(_schema(create), name)} RENAME TO {quoted(str(create.name))}"
    if not bind_safe(sql):
        raise RefusedError("op.execute() takes a part of the name for a parameter")
    rename = edit.new_statement(f"{alembic_op}.execute({python_string(sql)})", create)
    edit.remove(drop)
    edit.wrap(create, [new, old, rename], autocommit_block(alembic_op))


def _pair(op: CreateIndex | DropIndex, edit: Edits) -> tuple[DropIndex, CreateIndex]:
    """The drop, and the create in the next line; refused where they are not plain to see."""
    here = [each for each in edit.operations() if each.context.function == op.context.function]
    drops = [each for each in here if isinstance(each, DropIndex) and each.name == op.name]
    creates = [each for each in here if isinstance(each, CreateIndex) and each.name == op.name]
    if len(drops) != 1 or len(creates) != 1:
        raise RefusedError("it is dropped or created several times")
    drop, create = drops[0], creates[0]
    for each in (drop, create):
        refuse_sql(each)
        refuse_unsure(each)
        refuse_other_dialects(each, edit)
        edit.refuse_other_runs(each)
        if each.batch is not None or each.context != op.context or each.concurrently is not False:
            raise RefusedError("drop and create run under different conditions")
    refuse_what_a_commit_ends(drop, edit)
    same_table = drop.table in (None, create.table) and drop.schema == create.schema
    if not same_table or op.context.autocommit is not False or op.context.via or op.context.loop:
        raise RefusedError("it is not dropped and created once, on one table")
    first, last = (edit.pieces.index(each.site.piece) for each in (drop, create))
    if not first < last or not all(edit.pieces[n].blank for n in range(first + 1, last)):
        raise RefusedError("something stands between drop and create")
    return drop, create


def _free_name(op: CreateIndex, edit: Edits) -> str:
    """A name for the index until the old one is gone."""
    naming = edit.project.naming
    if not isinstance(op.name, str) or not isinstance(op.table, str):
        raise RefusedError("the index or its table has no name")
    if naming is None or "constraint_name" in naming.patterns.get("ix", ""):
        raise RefusedError("the naming convention may change the index's name")
    name = f"{op.name}_new"
    if len(name.encode()) > _LONGEST:
        raise RefusedError("its name is too long for another beside it")
    return name


def _schema(op: CreateIndex) -> str | None:
    return op.schema if isinstance(op.schema, str) else None
