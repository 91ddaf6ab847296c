"""What is known of a project's tables: by its models, and by what its migrations leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..join.values import Reference
from ..outline.parts import Changed, Outline, QueryOutline
from ..schema import Place, Schema, Table, TableName
from .canonical import Canon
from .facts import ClassKey, Model, Origin, Query
from .models import Models
from .sources import Sources

Key = tuple[Any, ...]
# Whether all files of the project were read.
COMPLETE: Key = ("models",)
# What tables there are.
TABLES: Key = ("tables",)


def model_key(key: ClassKey) -> Key:
    """A model."""
    return ("model", *key)


def query_key(path: str, name: str) -> Key:
    """A query of a file, by what it is called in Catalog.queries."""
    return ("query", path, name)


def table_key(name: TableName) -> Key:
    """A table as the last migrations leave it."""
    return ("migrated", *name)


# A model, and one of its columns by its attribute.
Named = tuple[Model, str | None]


class Catalog:
    """The tables of one project, followed as its files change.

    `version` ascends with each change, so that who has asked knows when to ask again. `complete` is
    False until all of the project's files were read: nothing can be said of what is not there.
    """

    def __init__(
        self, outlines: Mapping[str, Outline] | None = None, root: str = "", complete: bool = True
    ) -> None:
        """`outlines` by their files' paths from `root`, with "/" between the parts."""
        self.version = 0
        self._complete = complete
        self._root = root
        self._models = Models(outlines or {})
        self._migrated: Schema = {}
        self._views: frozenset[TableName] = frozenset()
        self._changed: dict[Key, int] = {}  # by the version at which it changed last

    def copy(self) -> Catalog:
        """The same catalog, to be changed apart from this one."""
        new = Catalog(root=self._root, complete=self._complete)
        new.version, new._models = self.version, self._models.copy()
        new._migrated, new._views = self._migrated, self._views
        new._changed = dict(self._changed)
        return new

    @property
    def complete(self) -> bool:
        """Whether all of the project's files were read."""
        return self._complete

    def set_complete(self, complete: bool) -> None:
        """All files were read, or there are more."""
        if complete != self._complete:
            self._complete = complete
            self._note([COMPLETE])

    def replace(self, path: str, outline: Outline | None, changed: Changed | None = None) -> None:
        """Take another outline of a file, None where it is gone.

        `changed` is what may be another in it, where that is known.
        """
        others = self._models.replace(path, outline, changed)
        dropped = self._models.take_dropped()
        if others or any(dropped):
            heirs = (("heirs", path, name.removesuffix("<")) for path, name in dropped.heirs)
            queries = (query_key(*each) for each in dropped.queries)
            self._note((*map(model_key, dropped.models), *queries, *heirs))

    def set_migrated(self, tables: Schema, views: frozenset[TableName] = frozenset()) -> None:
        """Take the tables that the last migrations leave, and the names of views."""
        before, old_views = self._migrated, self._views
        if tables == before and views == old_views:
            return
        self._migrated, self._views = tables, views
        names = {name for name in (*before, *tables) if before.get(name) != tables.get(name)}
        changed = [table_key(name) for name in names | (views ^ old_views)]
        self._note([*changed, TABLES] if before.keys() != tables.keys() else changed)

    def paths(self) -> Iterator[str]:
        """The files."""
        return self._models.modules.paths()

    def outline(self, path: str) -> Outline | None:
        """What a file says."""
        return self._models.modules.peek(path)

    def may_speak(self, path: str) -> bool:
        """Whether a file may hold models or queries."""
        return self._models.may_speak(path)

    def queries(self, path: str) -> list[Query]:
        """The queries of a file, as far as they are known."""
        return self._models.queries(path)

    def query(self, path: str, outline: QueryOutline) -> Query | None:
        """A query of a file; None where it is not known."""
        return self._models.query(path, outline)

    def each_query(self, path: str) -> Iterator[Query]:
        """The same, each joined when it is asked for."""
        return self._models.each_query(path)

    def models_of(self, path: str) -> Iterator[Model]:
        """The models that a file defines."""
        return self._models.of_file(path)

    def model(self, key: ClassKey) -> Model | None:
        """The model of a class or Table()."""
        return self._models.model(key)

    def heirs(self, key: ClassKey) -> tuple[Model, ...]:
        """The models that have columns or indexes of a class that is none itself."""
        return self._models.heirs(key)

    @property
    def tables(self) -> Schema:
        """All tables as the last migrations leave them."""
        return self._migrated

    @property
    def names(self) -> frozenset[TableName]:
        """The names of tables and views."""
        return frozenset(self._migrated) | self._views

    def migrated(self, name: TableName) -> Table | None:
        """A table as the last migrations leave it; None where they have none of that name."""
        return self._migrated.get(name)

    def is_view(self, name: TableName) -> bool:
        """Whether migrations create a view of that name."""
        return name in self._views

    def place(self, origin: Origin) -> Place | None:
        """Where something is written now."""
        outline = self._models.modules.peek(origin.path)
        start = None if outline is None else outline.places.names.get(origin.name)
        if start is None:
            return None
        return Place(self.path(origin.path), start, start + len(origin.name.rpartition(".")[2]))

    def query_place(self, query: Query) -> Place | None:
        """Where the line of a query begins now."""
        outline = self._models.modules.peek(query.path)
        places = [] if outline is None else list(outline.places.queries)
        if outline is None or len(places) != len(outline.queries):
            return None  # it is being typed
        for each, (start, _) in zip(outline.queries, places, strict=True):
            if (each.function, each.number) == (query.function, query.number):
                return Place(self.path(query.path), start, start)
        return None

    def named_at(self, path: str, offset: int) -> list[Named]:
        """The model that is defined at an offset of a file, or one and its attribute there.

        Of an attribute that several models have from a class, all of them.
        """
        outline = self._models.modules.peek(path)
        for name, start in outline.places.names.items() if outline else ():
            owner, _, last = name.rpartition(".")
            if start <= offset <= start + len(last):
                if (model := self.model((path, name))) is not None:
                    return [(model, None)]
                if not owner:
                    continue
                model = self.model((path, owner))
                models = self.heirs((path, owner)) if model is None else (model,)
                return [(each, last) for each in models if _has(each, last, Origin(path, name))]
        return []

    def spoken_of(self, path: str, dotted: str) -> list[Named]:
        """The model that a name of a file is, or one and its attribute: `models.User.email`."""
        canon = Canon(self._models.modules, set(), path)
        found = canon.value(Reference(f":{dotted}"))
        where = Sources(self.model).owner(found) if isinstance(found, Reference) else None
        model = None if where is None else self.model(where[0])
        if where is None or model is None:
            return []
        attribute = where[1] or None
        return [(model, attribute)] if not attribute or model.by_attribute(attribute) else []

    def path(self, path: str) -> str:
        """The whole path of a file of the project."""
        return f"{self._root}/{path}" if self._root else path

    def value(self, key: Key) -> object:
        """What is under a key now."""
        match key:
            case ("model", str(path), str(name)):
                return self._models.model((path, name))
            case ("migrated", schema, str(name)):
                table = TableName(schema, name)
                return self._migrated.get(table), table in self._views
            case ("tables",):
                return self.names
        return self._complete

    def changed_since(self, version: int) -> set[Key]:
        """The keys under which there may be something else than there was then."""
        if version == self.version:
            return set()
        return {key for key, changed in self._changed.items() if changed > version}

    def _note(self, keys: Iterable[Key]) -> None:
        self.version += 1
        self._changed |= dict.fromkeys(keys, self.version)


class InProject(NamedTuple):
    """A file's place in its project: the catalog, and the path from the project's folder.

    `known`: the catalog has the file as it is now.
    """

    catalog: Catalog
    path: str
    known: bool = False


def _has(model: Model, attribute: str, origin: Origin) -> bool:
    held = model.by_attribute(attribute)
    return held is not None and held.origin == origin


def is_catalogued(key: Key) -> bool:
    """Whether a key is one of a catalog's."""
    return key[0] in ("models", "model", "migrated", "tables")  # no rule reads queries
