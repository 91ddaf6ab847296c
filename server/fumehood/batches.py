"""Which index operations may leave their batch: they pass those that stand between."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from .facts import (
    UNKNOWN,
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
    IndexKey,
    MaybeText,
    Operation,
    Text,
)
from .naming import Constrained, Naming, UnnamedError, index_name, unique_name


def may_leave(
    op: CreateIndex | DropIndex, batch: Iterable[Operation], naming: Naming | None
) -> bool:
    """Whether an operation may leave its batch.

    A create goes behind it, unless a drop is left there that may be of the index it replaces.
    """
    if isinstance(op, DropIndex):
        return drop_place(op, batch, naming) is not None
    behind = [item for item in batch if item.order > op.order]
    if any(isinstance(item, DropIndex) for item in behind):
        return False
    return not any(needs_order(item, op) for item in behind)


def drop_place(
    op: DropIndex, batch: Iterable[Operation], naming: Naming | None
) -> Literal["before", "behind"] | None:
    """Where the drop of an index may go.

    Before its batch, or behind it where an index is made first that may replace this one. That of
    a new column replaces none.
    """
    others = [item for item in batch if item.order != op.order]
    earlier = [item for item in others if item.order < op.order]
    if not any(isinstance(item, CreateIndex | CreateUniqueConstraint) for item in earlier):
        return "before" if all(_drop_may_pass(op, item, naming) for item in earlier) else None
    return "behind" if all(_drop_may_pass(op, item, naming) for item in others) else None


def index_may_leave(op: AddColumn, batch: Iterable[Operation], naming: Naming | None) -> bool:
    """Whether the index that a new column brings may be built behind the batch."""
    index = _index_of_column(op, naming)
    behind = [item for item in batch if item.order > op.order]
    return index is not None and not any(needs_order(item, index) for item in behind)


def _index_of_column(op: AddColumn, naming: Naming | None) -> CreateIndex | None:
    """What builds the index of a new column; its name is UNKNOWN where it cannot be told."""
    if not isinstance(op.column, Column):
        return None
    return CreateIndex(
        site=op.site,
        order=op.order,
        context=op.context,
        receiver=op.receiver,
        name=_index_name(op, op.column, naming),
        keys=(IndexKey(op.column.name),),
        unique=op.column.unique,
    )


def _index_name(op: AddColumn, column: Column, naming: Naming | None) -> Text:
    if not (isinstance(op.table, str) and isinstance(column.name, str)) or op.schema is UNKNOWN:
        return UNKNOWN
    on = Constrained(op.table, op.schema, (column.name,))
    try:
        if column.index is False:
            return unique_name(naming, None, False, on).name
        return index_name(naming, on)
    except UnnamedError:
        return UNKNOWN


def constraint_may_leave(
    op: CreateUniqueConstraint, batch: Iterable[Operation], naming: Naming | None
) -> bool:
    """Whether the index of a unique constraint may be built behind the batch."""
    return may_leave(index_of(op, op.name), batch, naming)


def index_of(op: CreateUniqueConstraint, name: MaybeText) -> CreateIndex:
    """What builds the index of a unique constraint, as an operation of its own."""
    keys = UNKNOWN if op.columns is UNKNOWN else tuple(map(IndexKey, op.columns))
    return CreateIndex(
        site=op.site,
        order=op.order,
        context=op.context,
        receiver=op.receiver,
        table=op.table,
        schema=op.schema,
        name=name,
        keys=keys,
        unique=True,
    )


def _drop_may_pass(drop: DropIndex, earlier: Operation, naming: Naming | None) -> bool:
    """Whether an index may as well be dropped on the other side of an operation.

    Not if that makes the index, or if it takes away what needs the index: a foreign key to it.
    """
    match earlier:
        case CreateIndex() | DropIndex():
            return not _same(earlier, drop)
        case AddColumn(column=Column(index=False, unique=False)):
            return True
        case AddColumn():
            index = _index_of_column(earlier, naming)
            return index is not None and not _same(index, drop)
        case AlterColumn() | CreateCheckConstraint() | CreateForeignKey():
            return True
        case CreateUniqueConstraint():
            return True
    return False


def needs_order(later: Operation, create: CreateIndex) -> bool:
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
