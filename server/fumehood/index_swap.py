"""An index that is dropped and another created: built beside the old one, which then goes.

So there is one at any time, also where rows that are no longer unique make the build fail.
"""

from __future__ import annotations

from .blocks import (
    autocommit_block,
    keep_timeout,
    refuse_unsure,
    refuse_what_a_commit_ends,
)
from .dialects import refuse_other_dialects
from .edits import Edits, RefusedError
from .facts import (
    UNKNOWN,
    CreateIndex,
    CreateUniqueConstraint,
    DropConstraint,
    DropIndex,
    Operation,
)
from .identifiers import bind_safe, python_string, qualified, quoted
from .sent import refuse_sql
from .statement import Statement

BESIDE = "Build the new index beside the old one, then drop that"
_LONGEST = 63  # bytes of a name in PostgreSQL
Creating = CreateIndex | CreateUniqueConstraint
Dropping = DropIndex | DropConstraint


def built_beside(op: CreateIndex | DropIndex, edit: Edits) -> None:
    """Build the index, under another name if the old one has its own, and drop the old one."""
    drop, create = _pair(op, edit)
    new, alembic_op = edit.statement(create), edit.context_of(create)
    rename = []
    if has_its_name(drop, create, edit):
        name = free_name(create, edit)
        new.set_argument(0, "index_name", python_string(name))
        sql = f"ALTER INDEX {qualified(_schema(create), name)} RENAME TO {quoted(str(create.name))}"
        if not bind_safe(sql):
            raise RefusedError("op.execute() takes a part of the name for a parameter")
        rename.append(edit.new_statement(f"{alembic_op}.execute({python_string(sql)})", create))
    new.set_keyword("postgresql_concurrently", "True")
    build_then_drop(create, new, drop, edit, rename)


def build_then_drop(
    create: Creating, new: Statement, drop: Dropping, edit: Edits, behind: list[Statement]
) -> None:
    """Put what builds the new index before the drop, and `behind` in the place of the create.

    An index is dropped in the block too. A constraint goes in the transaction of what is behind.
    """
    old = edit.statement(drop)
    block = autocommit_block(edit.context_of(create))
    if isinstance(drop, DropConstraint):
        keep_timeout(create, edit)
        edit.add_before(drop, new, block)
        edit.replace_by(create, behind)
        return
    old.set_keyword("postgresql_concurrently", "True")
    if isinstance(create, CreateIndex):
        edit.wrap(create, [new, old, *behind], block, replacing=drop)
    else:
        edit.wrap(create, [new, old], block, then=behind, replacing=drop)


def dropped_above(create: Creating, edit: Edits) -> Dropping:
    """What the line above drops, which `create` replaces; refused where it is not plain to see."""
    index = edit.pieces.index(create.site.piece) - 1
    while index > 0 and edit.pieces[index].blank:
        index -= 1
    above = [each for each in _beside(create, edit) if each.site.piece is edit.pieces[index]]
    drop = above[0] if len(above) == 1 else None
    if not isinstance(drop, DropIndex | DropConstraint):
        raise RefusedError(
            "what it may replace is dropped before it, and not in the line above: until it is "
            "built, nothing would keep rows unique"
        )
    for each in (drop, create):
        refuse_sql(each)
        refuse_unsure(each)
        refuse_other_dialects(each, edit)
        edit.refuse_other_runs(each)
        if each.batch is not None or each.context != create.context or _may_be_concurrent(each):
            raise RefusedError("drop and create run under different conditions, or in a batch")
    refuse_what_a_commit_ends(drop, edit)
    context = create.context
    if not isinstance(drop.name, str) or not isinstance(create.name, str):
        raise RefusedError("the index, or the one before it, has no name that is known")
    same_table = drop.table in (None, create.table) and drop.schema == create.schema
    if not same_table or context.autocommit is not False or context.via or context.loop:
        raise RefusedError("it is not dropped and created once, on one table")
    _refuse_others(create, drop, edit)
    return drop


def dropped_in_batch(create: CreateUniqueConstraint, edit: Edits) -> list[DropConstraint]:
    """What the batch drops before `create`; refused where it, or what is before, does more."""
    refuse_what_a_commit_ends(create, edit)
    found = []
    for each in _beside(create, edit):
        about = each.table in (None, UNKNOWN, create.table) and each.order < create.order
        if isinstance(each, DropConstraint) and each.batch == create.batch and about:
            found.append(each)
        elif about and (each.batch == create.batch or isinstance(each, Dropping)):
            raise RefusedError("more than a constraint is dropped or changed before it")
    return found


def has_its_name(drop: Dropping, create: Creating, edit: Edits) -> bool:
    """Whether what is dropped may have the name of what is created; conventions change names."""
    naming = edit.project.naming
    changes = naming is None or "constraint_name" in naming.patterns.get("uq", "")
    return drop.name == create.name or (isinstance(drop, DropConstraint) and changes)


def _pair(op: CreateIndex | DropIndex, edit: Edits) -> tuple[Dropping, CreateIndex]:
    """The drop, and the create in the next line; refused where they are not plain to see."""
    if isinstance(op, CreateIndex):
        return dropped_above(op, edit), op
    for create in _beside(op, edit):
        if isinstance(create, CreateIndex) and create.order > op.order:
            if dropped_above(create, edit) is op:
                return op, create
            break
    raise RefusedError(
        "what may replace it is created behind it, and is no index in the next line: until then, "
        "nothing would keep rows unique"
    )


def _beside(op: Operation, edit: Edits) -> list[Operation]:
    return [each for each in edit.operations() if each.context.function == op.context.function]


def _refuse_others(create: Creating, drop: Dropping, edit: Edits) -> None:
    """Refuse where more than these two are about the names: which is gone when is not plain."""
    for each in _beside(create, edit):
        if each in (create, drop) or not isinstance(each, Creating | Dropping):
            continue
        if each.name in (create.name, drop.name):
            raise RefusedError("it is dropped or created several times")


def _may_be_concurrent(op: Operation) -> bool:
    return isinstance(op, CreateIndex | DropIndex) and op.concurrently is UNKNOWN


def free_name(op: Creating, edit: Edits) -> str:
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


def _schema(op: Creating) -> str | None:
    return op.schema if isinstance(op.schema, str) else None
