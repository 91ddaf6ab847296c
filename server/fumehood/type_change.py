"""What changing a column's type does to its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, starmap

from .conversions import Work, is_assignable, is_known, work, work_from_unknown
from .facts import UNKNOWN, AlterColumn, ColumnType, MaybeText, Type, Unknown
from .read.sql import columns_of
from .read.sql_parts import casts_of
from .schema import SchemaCheck, SchemaColumn, SchemaIndex, SchemaView, Table

TEXT = ColumnType("text")
# Of several steps the one counts that takes most.
_ORDER = (
    Work.NOTHING,
    Work.OPERATORS,
    Work.UNLESS_UTC,
    Work.UNKNOWN,
    Work.MAY_REWRITE,
    Work.REWRITE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeChange:
    """A change of a column's type; `old` is None where it is not known.

    `needs_using`: PostgreSQL has no cast of its own for it, and none was given. `indexes` are
    rebuilt and `checks` looked at again if the table is not rewritten, as far as they are known.
    `renews_enum`: USING goes through text to a type that may be an enum, from one that may be.
    `computed` are the generated columns that are computed from it, and `views` those that read it:
    PostgreSQL refuses the change.
    """

    old: ColumnType | None
    new: ColumnType | None
    work: Work
    needs_using: bool = False
    indexes: tuple[SchemaIndex, ...] = ()
    checks: tuple[SchemaCheck, ...] = ()
    computed: tuple[SchemaColumn, ...] = ()
    views: tuple[SchemaView, ...] = ()
    renews_enum: bool = False


def type_change(op: AlterColumn, table: Table | None, known: bool, utc: bool) -> TypeChange:
    """What an operation that gives a column a type does.

    `table` is as the operation finds it; `known`: what it does not hold is not known to be there.
    `utc`: the session's time zone is known to be UTC.
    """
    column = str(op.column)
    held = table.columns.get(column) if table else None
    given = op.existing_type
    if not isinstance(given, ColumnType) and held is not None:  # or what is given is not known
        given = held.type if given is None or isinstance(held.type, ColumnType) else given
    old = given if isinstance(given, ColumnType) else None
    new = op.type if isinstance(op.type, ColumnType) else None
    found = _work(old, new, column, op.using)
    if found is Work.UNKNOWN and given is None and known:
        found = _from_unknown(new, column, op.using)
    elif found is Work.UNLESS_UTC and utc:
        found = Work.OPERATORS
    renews = new is not None and _may_be_enum(old) and _may_be_enum(new)
    casts = _casts(op.using, column)
    renews = renews and isinstance(casts, tuple) and TEXT in casts
    change = TypeChange(old=old, new=new, work=found, renews_enum=renews)
    if old and new and op.using is None:
        change = replace(change, needs_using=is_assignable(old, new) is False)
    if table is not None:
        change = replace(change, computed=tuple(_computed(table, column)))
        if op.in_sql is None or op.in_sql.alone:  # else the same SQL may drop and make them
            views = tuple(each for each in table.views if column in (each.columns or ()))
            change = replace(change, views=views)
    if table is not None and found in (Work.NOTHING, Work.OPERATORS, Work.UNKNOWN):
        checks = tuple(each for each in table.checks if column in (each.columns or ()))
        change = replace(change, indexes=tuple(_rebuilt(table, column, found)), checks=checks)
    return change


def _work(old: ColumnType | None, new: ColumnType | None, column: str, using: MaybeText) -> Work:
    casts = _casts(using, column)
    if isinstance(casts, tuple) and new and new.enum:  # which its name alone does not tell
        casts = tuple(
            new if each == replace(new, enum=False, values=None) else each for each in casts
        )
    if casts is None:  # each row's value is computed
        return Work.REWRITE
    if casts is UNKNOWN:
        direct = _step(old or UNKNOWN, new or UNKNOWN)
        return direct if direct is Work.REWRITE else Work.UNKNOWN
    types: tuple[Type, ...] = (old or UNKNOWN, *casts, new or UNKNOWN)
    return max(starmap(_step, pairwise(types)), key=_ORDER.index)


def _casts(using: MaybeText, column: str) -> tuple[Type, ...] | Unknown | None:
    if using is None or using is UNKNOWN:
        return () if using is None else UNKNOWN
    return casts_of(using, column)


def _may_be_enum(type_: ColumnType | None) -> bool:
    return type_ is None or not is_known(type_)


def _from_unknown(new: ColumnType | None, column: str, using: MaybeText) -> Work:
    casts = _casts(using, column)
    first = (*casts, new)[0] if isinstance(casts, tuple) else None
    return work_from_unknown(first) if isinstance(first, ColumnType) else Work.UNKNOWN


def _step(one: Type, other: Type) -> Work:
    if not isinstance(one, ColumnType) or not isinstance(other, ColumnType):
        return Work.UNKNOWN
    return work(one, other)


def _computed(table: Table, column: str) -> Iterator[SchemaColumn]:
    for each in table.columns.values():
        sql = each.computed
        if isinstance(sql, str) and column in (columns_of(sql, table.name.name) or ()):
            yield each


def _rebuilt(table: Table, column: str, found: Work) -> Iterator[SchemaIndex]:
    """The indexes that are built anew although all rows stay as they are.

    PostgreSQL keeps none that has an expression or a condition, and none of other operators.
    """
    for index in table.indexes:
        if index.keys is UNKNOWN:
            continue
        expressions = [key.expression for key in index.keys if key.expression is not None]
        if isinstance(index.where, str):
            expressions.append(index.where)
        named = any(column == key.column for key in index.keys)
        used = any(column in (columns_of(each, table.name.name) or ()) for each in expressions)
        kept = found is not Work.OPERATORS and not expressions and index.where is None
        if (named or used) and not kept:
            yield index
