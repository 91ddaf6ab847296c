"""The tables of a project as a rule sees them: by its models, and by what its migrations leave."""

from __future__ import annotations

from collections.abc import Callable

from .config import Settings
from .cover import KnownIndex, key_index, known_index
from .facts import UNKNOWN, ColumnType
from .models.catalog import Catalog, Key, model_key, table_key
from .models.facts import ClassKey, Model, Query
from .schema import Table as Migrated
from .schema import table_name
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
        name = table_name(model.schema, model.table)
        if name is None or self._settings.is_small(model.schema, model.table):
            return None
        self._get(table_key(name))
        migrated = self._catalog.migrated(name)
        if self._catalog.is_view(name) or (migrated is not None and not migrated.complete):
            return None
        indexes = _indexes(model, migrated)
        return None if indexes is None else Table(name.name, indexes, _few(model))

    def migrated(self, model: Model) -> Migrated | None:
        """The table of a model as the last migrations leave it; None where they have none."""
        name = table_name(model.schema, model.table)
        if name is None:
            return None
        self._get(table_key(name))
        return self._catalog.migrated(name)


def _indexes(model: Model, migrated: Migrated | None) -> list[KnownIndex] | None:
    """The indexes that a table has by its model or by migrations; None where some are unknown."""
    found = [known_index(each.index) for each in model.indexes]
    found += [key_index(each.key) for each in model.keys]
    if migrated is not None:
        found += [known_index(each) for each in migrated.indexes]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None


def _few(model: Model) -> Callable[[str], bool]:
    """Tells of a column's name whether it has few values."""

    def few(name: str) -> bool:
        held = model.by_name(name)
        if held is None or held.column.type is UNKNOWN:
            return False
        typed = held.column.type
        return held.is_enum or (isinstance(typed, ColumnType) and typed.name == "bool")

    return few
