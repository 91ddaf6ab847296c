"""A table with a part put in, taken out or under another name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .places import UNKNOWN
from .schema import SchemaColumn, SchemaIndex, Table


def incomplete(table: Table) -> Table:
    """The table, of which not all is known."""
    return replace(table, complete=False, untold=False)


def with_column(table: Table, column: SchemaColumn) -> Table:
    """The table with a column, in the place of one of its name."""
    return replace(table, columns={**table.columns, column.name: column})


def without_column(table: Table, name: str) -> Table:
    """The table without a column, and without what may be on it."""
    return replace(
        table,
        columns={key: column for key, column in table.columns.items() if key != name},
        indexes=tuple(index for index in table.indexes if not index.about(name)),
        checks=tuple(each for each in table.checks if each.columns and name not in each.columns),
        foreign_keys=tuple(
            key
            for key in table.foreign_keys
            if key.columns is not UNKNOWN and name not in key.columns
        ),
        views=tuple(each for each in table.views if name not in (each.columns or ())),
    )


def with_renamed(table: Table, old: str, column: SchemaColumn) -> Table:
    """The table with a column under another name, which its indexes and keys follow."""
    new = column.name

    def name(each: Any) -> Any:
        return new if each == old else each

    def names(columns: Any) -> Any:
        return columns if columns is UNKNOWN or columns is None else tuple(map(name, columns))

    indexes = []
    for index in table.indexes:
        keys = index.keys
        if keys is not UNKNOWN:
            keys = tuple(replace(key, column=name(key.column)) for key in keys)
        indexes.append(replace(index, keys=keys, include=names(index.include)))
    columns = {key: each for key, each in table.columns.items() if key != old}
    return replace(
        table,
        columns={**columns, new: column},
        indexes=tuple(indexes),
        checks=tuple(replace(each, columns=names(each.columns)) for each in table.checks),
        foreign_keys=tuple(
            replace(each, columns=names(each.columns)) for each in table.foreign_keys
        ),
        views=tuple(
            replace(each, columns=each.columns and frozenset(map(name, each.columns)))
            for each in table.views
        ),
    )


def with_taken_index(
    table: Table, name: object, constraint: SchemaIndex
) -> tuple[Table, SchemaIndex]:
    """The table without an index, and that index as the constraint's."""
    index = next((each for each in table.indexes if each.name == name), None)
    if index is None:
        return table, replace(constraint, keys=UNKNOWN, include=UNKNOWN)
    rest = tuple(each for each in table.indexes if each is not index)
    own = replace(index, name=constraint.name, owned_by_constraint=True, primary=constraint.primary)
    return replace(table, indexes=rest), own
