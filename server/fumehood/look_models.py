"""The tables of a project as a rule sees them: by its models, and by what its migrations leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .config import Settings
from .cover import KnownIndex, key_index, known_index
from .facts import UNKNOWN, ColumnType, IndexKey, TableIndex
from .models.catalog import TABLES, Catalog, Key, model_key, table_key
from .models.facts import ClassKey, Model, Query
from .schema import SchemaIndex, TableName, table_name
from .schema import Table as Migrated
from .sides import Table


class Models:
    """The models of a project, and their tables; each look is written down by `get`."""

    def __init__(self, get: Callable[[Key], object], catalog: Catalog, settings: Settings) -> None:
        self._get = get
        self._catalog = catalog
        self._settings = settings

    def model(self, key: ClassKey) -> Model | None:
        """The model of a class or Table()."""
        self._get(model_key(key))
        return self._catalog.model(key)

    def tables(self, query: Query) -> list[Table | None]:
        """The tables of a query, each with all its indexes; None where those are not known.

        That is so where models or migrations have more than is seen, for views, and for tables that
        are configured as small.
        """
        return [self.table(key) for key in query.tables]

    def table(self, key: ClassKey) -> Table | None:
        """The table of a model; None as above."""
        model = self.model(key)
        if model is None or not model.complete:
            return None
        if model.schema is UNKNOWN or self._is_small(model):
            return None
        migrated: list[Migrated] = []
        for name in self._names(model):
            self._get(table_key(name))
            found = self._catalog.migrated(name)
            if self._catalog.is_view(name):
                return None
            if found is not None and not (found.complete or found.untold):
                return None  # of a table that no migration creates, the models tell
            migrated += () if found is None else (found,)
        if not migrated and _has_no_key(model):
            return None
        indexes = _indexes(model, migrated)
        return None if indexes is None else Table(model.called, indexes, _few(model))

    def _names(self, model: Model) -> list[TableName]:
        """The table of a model; where its name is not known, all tables that may be it."""
        name = table_name(model.schema, model.table)
        if name is not None:
            return [name]
        self._get(TABLES)
        return [each for each in self._catalog.names if model.may_be(each.name)]

    def _is_small(self, model: Model) -> bool:
        if model.table is not UNKNOWN:
            return self._settings.is_small(model.schema, model.table)
        small = (each.rpartition(".")[2] for each in self._settings.small_tables)
        return any(map(model.may_be, small))

    def migrated(self, model: Model) -> Migrated | None:
        """The table of a model as the last migrations leave it; None where they have none."""
        name = table_name(model.schema, model.table)
        if name is None:
            return None
        self._get(table_key(name))
        return self._catalog.migrated(name)


def _indexes(model: Model, migrated: Sequence[Migrated]) -> list[KnownIndex] | None:
    """The indexes that a table has by its model or by migrations; None where some are unknown."""
    found = [_known(each.index) for each in model.indexes]
    found += [key_index(each.key) for each in model.keys]
    for table in migrated:
        found += [_known(each) for each in table.indexes]
    known = [_collated(each, model) for each in found if each is not None]
    return known if len(known) == len(found) else None


def _collated(index: KnownIndex, model: Model) -> KnownIndex:
    """An index whose keys have the collations of their columns where they name none."""
    keys = tuple(
        replace(key, collation=key.collation or _collation(key, model)) for key in index.keys
    )
    return replace(index, keys=keys)


def _collation(key: IndexKey, model: Model) -> str | None:
    held = model.by_name(key.column) if isinstance(key.column, str) else None
    typed = held.column.type if held is not None else None
    return typed.collation if isinstance(typed, ColumnType) else None


def _has_no_key(model: Model) -> bool:
    """Whether a Table() has no key of any kind: it may be a view, or another database's."""
    keys = (*model.keys, *model.indexes, *model.foreign_keys)
    return not keys and not any(each.column.foreign_keys for each in model.columns)


def _known(index: TableIndex | SchemaIndex) -> KnownIndex | None:
    """An index; one of rows that are not known counts as one of all, since it may serve."""
    return known_index(replace(index, where=None) if index.where is UNKNOWN else index)


def _few(model: Model) -> Callable[[str], bool]:
    """Tells of a column's name whether it has few values."""

    def few(name: str) -> bool:
        held = model.by_name(name)
        if held is None or held.column.type is UNKNOWN:
            return False
        typed = held.column.type
        return held.is_enum or (isinstance(typed, ColumnType) and typed.name == "bool")

    return few
