"""One class, or one Table(), -> the model that SQLAlchemy would make of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ..facts import UNKNOWN, Text
from ..join.values import Made, Reference
from ..outline.parts import ClassOutline
from ..outline.symbols import last_part
from .annotations import annotated
from .canonical import Canon
from .columns import Attributes, Hidden, Hybrid, Relationship
from .facts import ClassKey, MappedColumn, Model, ModelIndex, ModelKey, Origin, Relation
from .lineage import Lineage, followed_metadata, lineage, metadata_of, split
from .modules import Modules, Reads
from .relations import relations
from .table_parts import Parts, index, parts
from .tables import Table, named, naming_of, of_columns, owners, schema_of, table_model

# Flask-SQLAlchemy's rule for names of tables (flask_sqlalchemy.model.camel_to_snake_case).
_CAMEL = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")
# Names that a declarative base keeps for itself.
_NO_COLUMNS = frozenset(["metadata", "registry", "type_annotation_map", "query", "query_class"])
_ARGUMENTS = "__table_args__"
Lookup = Callable[[ClassKey], Model | None]


def model_of(key: ClassKey, modules: Modules, reads: Reads, models: Lookup) -> Model | None:
    """The model of a class; None where it is none. `models` gives those of its bases."""
    line = lineage(key, modules, reads)
    if not line.classes or "enum" in line.roots:
        return None
    own = line.classes[0][1]
    if not _may_be_mapped(own, line):
        return None
    parent = next(
        (found for each, _ in line.classes[1:] if (found := models(each)) is not None), None
    )
    inherited = {each for each, _ in lineage(parent.key, modules, reads).classes} if parent else ()
    parts_of_own = [(each, outline) for each, outline in line.classes if each not in inherited]
    return _Join(key, line, parts_of_own, parent, modules, reads, models).model()


def _may_be_mapped(own: ClassOutline, line: Lineage) -> bool:
    abstract = own.attributes.get("__abstract__")
    if abstract is not None and abstract.value is True:
        return False
    if "sqlmodel" in line.roots:
        return own.keywords.get("table") is True
    return bool(line.roots) or (
        not line.complete and bool({"__tablename__", "__table__"} & own.attributes.keys())
    )


class _Join:
    """Makes the model of one class."""

    def __init__(
        self,
        key: ClassKey,
        line: Lineage,
        own: list[tuple[ClassKey, ClassOutline]],
        parent: Model | None,
        modules: Modules,
        reads: Reads,
        models: Lookup,
    ) -> None:
        self._models = models
        self._key = key
        self._line = line
        self._own = own
        self._parent = parent
        self._modules = modules
        self._reads = reads
        self._table = Table(*key)
        self._known: dict[str, Any] = {}
        self._canon = Canon(
            modules, reads, key[0], self._table.dotted, lambda name: self._known.get(name, UNKNOWN)
        )

    def model(self) -> Model | None:
        """The model, if it has a table."""
        given = self._attribute("__table__")
        if isinstance(given, Made | Reference):
            return self._of_table(given)
        name = self._attribute("__tablename__")
        self._read_attributes()
        if name is None and self._parent is None:
            name = self._default_name()
            if name is None:
                return None
        if name is None:
            return self._in_parents_table()
        table = name if isinstance(name, str) else UNKNOWN
        self._known["__tablename__"] = table
        if table is not UNKNOWN and self._mentions_itself():
            self._read_attributes()  # a foreign key's target may be made of the table's name
        return self._finish(table, parts(self._attribute(_ARGUMENTS), self._table.find))

    def _mentions_itself(self) -> bool:
        return any(
            each.kind == "declared_attr"
            for _, outline in self._own
            for each in outline.attributes.values()
        )

    def _attribute(self, name: str) -> Any:
        """What a special attribute is, by the classes that share the model's table."""
        owner = self._owner(name)
        if owner is None:
            return None
        (path, _), outline = owner
        held = outline.attributes[name]
        value = self._canon.at(path).value(held.value)
        return UNKNOWN if held.value is None and held.kind else value

    def _owner(self, name: str) -> tuple[ClassKey, ClassOutline] | None:
        """The class that a special attribute is of."""
        return next((each for each in self._own if name in each[1].attributes), None)

    def _default_name(self) -> str | None:
        """The name of the table where the class gives none."""
        name = last_part(self._key[1])
        if "sqlmodel" in self._line.roots:
            return name.lower()
        has_key = any(each.column.primary_key is True for each in self._table.columns.values())
        if "flask" in self._line.roots and has_key:
            return _CAMEL.sub(r"_\1", name).lower()
        return None

    def _read_attributes(self) -> None:
        """Read the attributes of the classes that share the table, bases first."""
        table = self._table = Table(*self._key)
        for key, outline in reversed(self._own):
            canon = self._canon.at(key[0])
            attributes = Attributes(
                lambda name, key=key: Origin(key[0], f"{key[1]}.{name}"),  # type: ignore[misc]
                every="sqlmodel" in self._line.roots,
            )
            table.complete = table.complete and outline.closed
            for name, held in outline.attributes.items():
                if name.startswith("__") or name in _NO_COLUMNS:
                    continue
                about = None
                if held.annotation is not None:
                    about = annotated(canon.value(held.annotation), self._is_enum)
                value = canon.value(held.value)
                found = attributes.read(name, value, about, held.kind)
                self._take(name, found, value, held.value is None and held.annotation is None)

    def _take(self, name: str, found: Any, value: Any, cleared: bool) -> None:
        table = self._table
        for held in (table.columns, table.hybrids, table.relationships):
            if found is not None or cleared:
                held.pop(name, None)
        if isinstance(found, MappedColumn):
            table.columns[name] = found
        elif isinstance(found, Hybrid):
            table.hybrids[name] = found.value
        elif isinstance(found, Relationship):
            table.relationships[name] = found
        elif isinstance(found, Hidden):
            table.unknown.add(name)
            return
        if found is not None:
            table.unknown.discard(name)

    def _is_enum(self, reference: Reference) -> bool:
        if not reference.dotted.startswith("@"):
            return last_part(reference.dotted).lower().endswith("enum")
        return "enum" in lineage(split(reference.dotted), self._modules, self._reads).roots

    def _of_table(self, given: Made | Reference) -> Model | None:
        """A class with a `__table__ = …`."""
        self._read_attributes()
        if isinstance(given, Reference):
            base = self._models(split(given.dotted)) if given.dotted.startswith("@") else None
        else:
            base = table_model(self._key, given, self._modules, self._reads)
        if base is None:
            return None
        mapped = [each.attribute for each in self._table.columns.values()]
        return replace(
            base,
            key=self._key,
            relationships=self._relationships(),
            hybrids=self._table.hybrids,
            complete=base.complete and self._line.complete and not mapped,
        )

    def _in_parents_table(self) -> Model:
        """A class that shares its parent's table."""
        parent, table = self._parent, self._table
        assert parent is not None
        keys, indexes = of_columns(table)
        both = replace(
            parent,
            key=self._key,
            columns=(*parent.columns, *table.columns.values()),
            indexes=(*parent.indexes, *indexes),
            keys=(*parent.keys, *keys),
            relationships={**parent.relationships, **self._relationships()},
            hybrids={**parent.hybrids, **table.hybrids},
            unknown=parent.unknown | table.unknown,
            complete=parent.complete and table.complete and self._line.complete,
        )
        return named(both, naming_of(self._metadata()))

    def _finish(self, table_name: Text, arguments: Parts) -> Model:
        table = self._table
        keys, indexes = of_columns(table)
        owner = self._owner(_ARGUMENTS)
        path, name = self._key if owner is None else owner[0]
        origin = Origin(path, f"{name}.{_ARGUMENTS}")
        indexes += [ModelIndex(index=each, origin=origin) for each in arguments.indexes]
        indexes += self._strays()
        keys += [ModelKey(key=each, origin=origin) for each in arguments.keys]
        metadata = self._metadata()
        schema = arguments.options.get("schema", schema_of(metadata))
        model = Model(
            key=self._key,
            table=table_name,
            schema=schema if isinstance(schema, str | None) else UNKNOWN,
            columns=tuple(table.columns.values()),
            indexes=tuple(indexes),
            keys=tuple(keys),
            foreign_keys=tuple(arguments.foreign_keys),
            relationships=self._relationships(),
            hybrids=table.hybrids,
            unknown=frozenset(table.unknown),
            complete=table.complete and arguments.complete and self._line.complete,
            inherits_arguments=_ARGUMENTS not in self._line.classes[0][1].attributes
            and any(_ARGUMENTS in outline.attributes for _, outline in self._line.classes[1:]),
        )
        return named(model, naming_of(metadata))

    def _strays(self) -> list[ModelIndex]:
        """Indexes that a call outside of the class, or without a name in it, adds to the table."""
        found = []
        for path, stray in self._modules.strays(last_part(self._key[1]), self._reads):
            value = self._canon.at(path).value(stray.made)
            if isinstance(value, Made) and self._is_on_it(value.arguments[1:]):
                origin = Origin(path, stray.name)
                found.append(ModelIndex(index=index(value, self._table.find), origin=origin))
        return found

    def _is_on_it(self, values: Iterable[Any]) -> bool:
        return any(self._table.dotted in owners(value) for value in values)

    def _metadata(self) -> Any:
        held = self._attribute("metadata")
        if held is None:
            held = metadata_of(self._line, self._canon)
        return followed_metadata(held, self._canon)

    def _relationships(self) -> dict[str, Relation]:
        own = [key for key, _ in self._own]
        return relations(own, self._table.relationships, self._canon)
