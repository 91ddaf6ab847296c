"""A table as one operation of a migration finds or leaves it.

It is the table that the revision finds, and on it what the function does to it first. What undoes a
revision finds what that has left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .facts import (
    UNKNOWN,
    CreateIndex,
    CreateUniqueConstraint,
    DropIndex,
    Operation,
    RenameTable,
    Unknown,
)
from .index import (
    BEFORE,
    Key,
    before_index_key,
    before_key,
    before_referent_key,
    name_key,
    new_name_key,
    opaque_key,
    referent_key,
    schema_key,
    tables_key,
    template_key,
    views_key,
)
from .replay import Replay
from .schema import Schema, SchemaForeignKey, Table, TableName, table_name

if TYPE_CHECKING:
    from .naming import Naming

_END = (float("inf"),)
Order = tuple[float, ...]


class Tables:
    """Tables of one migration. `get` gives the operations under a key, and writes it down.

    `known` is False while it is not known what the revision finds: then nothing can be said of what
    is not there.
    """

    def __init__(
        self,
        get: Callable[[Key], Sequence[Operation]],
        before: Schema | None,
        naming: Naming | None,
    ) -> None:
        self._get = get
        self._get(BEFORE)
        self.known = before is not None
        self._before = before or {}
        self._naming = naming

    def before(self, operation: Operation) -> Table | None:
        """The operation's table as it finds it; None where it is not known which that is."""
        name = table_name(operation.schema, operation.table)
        if name is None:
            return None
        return self._at(operation.context.function, name, operation.order, operation)

    def of_index(self, drop: DropIndex) -> Table | None:
        """The table whose index an operation drops by its name alone, as it finds it.

        None where no table, or more than one, is known to have it.
        """
        function, schema, name = drop.context.function, drop.schema, drop.name
        if not isinstance(name, str) or not (schema is None or isinstance(schema, str)):
            return None
        self._get(before_index_key(schema, name))
        names = {each.name for each in self._before.values() if _has(each, name)}
        upgrade = _upgrade(function)
        keys = [name_key(kind, upgrade, name) for kind in (CreateIndex, CreateUniqueConstraint)]
        for key in (*keys, tables_key(upgrade)):
            made = self._get(key)
            names |= {each for op in made if (each := table_name(op.schema, op.table))}
        own = None if schema == "public" else schema
        tables = [self._at(function, each, drop.order, drop) for each in names if each[0] == own]
        holding = [each for each in tables if _has(each, name)]
        return holding[0] if len(holding) == 1 else None

    def referring(self, operation: Operation) -> tuple[tuple[Table, SchemaForeignKey], ...]:
        """The foreign keys to the operation's table, or to one that is not known, as it finds them.

        Each with the table that it is of.
        """
        name, function = table_name(operation.schema, operation.table), operation.context.function
        if name is None:
            return ()
        found: dict[TableName, Table] = {}
        for referent in (name, UNKNOWN):
            self._get(before_referent_key(referent))
            tables = [each.name for each in self._before.values() if _refers(each, referent)]
            for op in self._get(referent_key(_upgrade(function), referent)):
                made = table_name(op.schema, op.table)
                tables += [made] if made else []
            found.update(
                (each, self._at(function, each, operation.order, operation)) for each in tables
            )
        pairs = ((table, key) for table in found.values() for key in table.foreign_keys)
        return tuple((table, key) for table, key in pairs if key.referent in (name, UNKNOWN))

    def after(self, operation: Operation) -> Table | None:
        """The operation's table as its function leaves it; None also where it is gone then."""
        name = table_name(operation.schema, operation.table)
        return name and self._at(operation.context.function, name, _END, operation)

    def _at(self, function: str, name: TableName, end: Order, for_: Operation) -> Table:
        operations = [
            each
            for each in self._operations(function, name)
            if each.order < end and not each.context.excludes(for_.context)
        ]
        renamed = [each for each in self._renames(function, name) if each.order < end]
        if renamed and isinstance(renamed[-1], RenameTable):
            rename = renamed[-1]
            old = TableName(name.schema, str(rename.table))
            start = self._at(function, old, rename.order, for_)
            operations = [rename, *(each for each in operations if each.order > rename.order)]
        else:
            start = self._start(function, name, for_)
        state = Replay({start.name: start}, self._naming)
        for each in operations:
            state.run(each, each.site)
        return state.tables.get(name) or Table(name=name)

    def _start(self, function: str, name: TableName, for_: Operation) -> Table:
        """The table when a function begins."""
        if function.startswith("downgrade"):
            return self._at(_upgrade(function), name, _END, for_)
        self._get(before_key(name))
        return self._before.get(name) or Table(name=name)

    def _operations(self, function: str, name: TableName) -> list[Operation]:
        """What a function does to a table, as it runs."""
        found = [
            *self._get(schema_key(function, name.schema, name.name)),
            *self._get(schema_key(function, name.schema, None)),  # by the name of an index alone
            *self._get(opaque_key(function, name.name)),
            *self._get(template_key(function)),
            *self._get(views_key(function)),
        ]
        return sorted(found, key=lambda each: each.order)

    def _renames(self, function: str, name: TableName) -> list[Operation]:
        found = self._get(new_name_key(function, name.schema, name.name))
        return [each for each in found if each.table != name.name]


def _upgrade(function: str) -> str:
    """The function that a downgrade undoes; an upgrade is itself."""
    if function.startswith("downgrade"):
        return "upgrade" + function.removeprefix("downgrade")
    return function


def _refers(table: Table, to: TableName | Unknown) -> bool:
    return any(key.referent == to for key in table.foreign_keys)


def _has(table: Table, index: str) -> bool:
    return any(each.name == index for each in table.indexes)
