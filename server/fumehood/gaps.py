"""What a table lacks between a drop and a create that replaces it, where each is committed.

In one transaction nobody sees that it is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .concurrently import other_way, with_table
from .facts import (
    UNKNOWN,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreateUniqueConstraint,
    DropConstraint,
    DropIndex,
    Flag,
)
from .rule import Look

Creating = CreateIndex | CreateUniqueConstraint
Dropping = DropIndex | DropConstraint
Gap = Literal["unique", "index"]


@dataclass(frozen=True)
class _Dropped:
    """What is known of what is dropped; `columns` are None where one is not known."""

    unique: Flag = UNKNOWN
    columns: frozenset[str] | None = None
    index: bool = True  # or it has one


def gap_between(op: Creating | DropIndex, look: Look) -> Gap | None:
    """What there is none of between a drop and a create behind it, of which `op` is one.

    "unique": what rows may not share could be inserted twice. "index": queries have none to use.
    """
    where = op.context.function, op.schema
    drops: list[Dropping] = []
    creates: list[Creating] = []
    if isinstance(op, DropIndex):
        table, drops = with_table(op, look).table, [op]
        creates += look.operations(CreateIndex, *where, table)
        creates += look.operations(CreateUniqueConstraint, *where, table)
    else:
        drops, creates = _drops_on(op, look), [op]
    pairs = [(drop, create) for drop in drops for create in creates if _replaces(create, drop)]
    found = {_gap(_dropped(drop, look), drop, create) for drop, create in pairs}
    return "unique" if "unique" in found else "index" if "index" in found else None


def _replaces(create: Creating, drop: Dropping) -> bool:
    return drop.order < create.order and not drop.context.excludes(create.context)


def _drops_on(op: Creating, look: Look) -> list[Dropping]:
    """What the function drops of the table, or may."""
    where = op.context.function, op.schema
    unnamed = look.operations(DropIndex, *where, None)
    return [
        *look.operations(DropIndex, *where, op.table),
        *(drop for drop in unnamed if with_table(drop, look).table in (None, op.table)),
        *look.operations(DropConstraint, *where, op.table),
    ]


def _gap(dropped: _Dropped, drop: Dropping, create: Creating) -> Gap | None:
    unique = True if isinstance(create, CreateUniqueConstraint) else create.unique
    if not dropped.index or not _may_share(dropped.columns, drop, create):
        return None
    if unique is not False and dropped.unique is not False:
        return "unique"
    return "index"


def _may_share(columns: frozenset[str] | None, drop: Dropping, create: Creating) -> bool:
    """Whether what is created may be about a column that what is dropped is about."""
    if drop.name == create.name or columns is None or create.columns is UNKNOWN:
        return True
    return UNKNOWN in create.columns or not columns.isdisjoint(map(str, create.columns))


def _dropped(op: Dropping, look: Look) -> _Dropped:
    """What is dropped, by what the migrations before or the other function say of it."""
    if isinstance(op, DropConstraint) and op.type_ in ("check", "foreignkey"):
        return _Dropped(index=False)
    table = look.tables.before(with_table(op, look) if isinstance(op, DropIndex) else op)
    indexes = () if table is None else table.indexes
    for index in indexes:
        if index.name == op.name:
            keys = () if index.keys is UNKNOWN else (key.column for key in index.keys)
            return _Dropped(index.unique, _columns(tuple(keys)))
    if table is not None and isinstance(op, DropConstraint):
        names = {each.name for each in table.checks} | {each.name for each in table.foreign_keys}
        if op.name in names:
            return _Dropped(index=False)
    return _of_other_way(op, look)


def _of_other_way(op: Dropping, look: Look) -> _Dropped:
    """The same by what the function creates that undoes this one, or that this one undoes."""
    if not isinstance(op.name, str):
        return _Dropped()
    function = other_way(op.context.function)
    if isinstance(op, DropIndex):
        for index in look.named(CreateIndex, function, op.name):
            return _Dropped(index.unique, _columns(index.columns))
        return _Dropped()
    where = function, op.schema, op.table
    for constraint in look.operations(CreateUniqueConstraint, *where):
        if constraint.name == op.name:
            return _Dropped(True, _columns(constraint.columns))
    keys, checks = (
        look.operations(CreateForeignKey, *where),
        look.operations(CreateCheckConstraint, *where),
    )
    if op.name in {each.name for each in keys} | {each.name for each in checks}:
        return _Dropped(index=False)
    return _Dropped(UNKNOWN if op.type_ != "unique" else True)


def _columns(columns: object) -> frozenset[str] | None:
    """The columns, if all of them are known."""
    if not isinstance(columns, tuple) or not columns:
        return None
    known = [each for each in columns if isinstance(each, str)]
    return frozenset(known) if len(known) == len(columns) else None
