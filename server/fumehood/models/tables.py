"""A table under construction, and the model of a `Table()`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..facts import UNKNOWN, IndexKey, TableForeignKey, TableIndex, Text, UniqueKey
from ..join.values import Made, Member, Reference
from ..naming import Constrained, Naming, UnnamedError, index_name
from ..outline.symbols import last_part
from .canonical import Canon
from .columns import COLUMNS, Attributes, Relationship
from .facts import ClassKey, MappedColumn, Model, ModelIndex, ModelKey, Origin
from .lineage import followed_metadata
from .modules import Modules, Reads
from .sql import column
from .table_parts import index, parts


@dataclass(slots=True)
class Table:
    """A table under construction."""

    path: str
    owner: str  # the class, or the name of the Table()
    columns: dict[str, MappedColumn] = field(default_factory=dict)
    indexes: list[ModelIndex] = field(default_factory=list)
    keys: list[ModelKey] = field(default_factory=list)
    foreign_keys: list[TableForeignKey] = field(default_factory=list)
    relationships: dict[str, Relationship] = field(default_factory=dict)
    hybrids: dict[str, Any] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    complete: bool = True

    @property
    def dotted(self) -> str:
        """How canonical values name it."""
        return f"@{self.path}.{self.owner}"

    def find(self, reference: Reference | Member) -> Any:
        """The column that a reference is, as a value; None where it is none of this table."""
        if not isinstance(reference, Reference):
            return None
        name = reference.dotted.rpartition(".")[2]
        held = self.columns.get(name)
        return None if held is None or held.column.name is UNKNOWN else column(held.column.name)


def table_model(key: ClassKey, made: Made, modules: Modules, reads: Reads) -> Model | None:
    """The model of a canonical `Table(name, metadata, …)`."""
    if last_part(made.callee) != "Table" or len(made.arguments) < 2 or not made.complete:
        return None
    canon = Canon(modules, reads, key[0])
    name, items = made.arguments[0], made.arguments[2:]
    metadata = followed_metadata(made.arguments[1], canon)
    if isinstance(metadata, Made) and last_part(metadata.callee) in COLUMNS:
        metadata, items = None, made.arguments[1:]  # Flask-SQLAlchemy's db.Table()
    if not isinstance(name, str):
        return None
    table = Table(*key)
    found = parts(items, table.find)
    attributes = Attributes(lambda each: Origin(*key))
    for each in found.columns:
        held = attributes.column("", each, None)
        if isinstance(held.column.name, str):
            attribute = made_key(each) or held.column.name
            table.columns[attribute] = replace(held, attribute=attribute)
        else:
            found.complete = False
    found = replace(parts(items, table.find), complete=found.complete)
    keys, indexes = of_columns(table)
    origin = Origin(*key)
    schema = made.keyword("schema", schema_of(metadata))
    indexes += _behind(table, last_part(key[1]), canon, reads)
    model = Model(
        key=key,
        table=name,
        schema=schema if isinstance(schema, str | None) else UNKNOWN,
        columns=tuple(table.columns.values()),
        indexes=(*indexes, *(ModelIndex(index=each, origin=origin) for each in found.indexes)),
        keys=(*keys, *(ModelKey(key=each, origin=origin) for each in found.keys)),
        foreign_keys=tuple(found.foreign_keys),
        complete=found.complete,
    )
    return named(model, naming_of(metadata))


def _behind(table: Table, name: str, canon: Canon, reads: Reads) -> Iterator[ModelIndex]:
    """The indexes that are made of a table's columns behind it."""
    for path, stray in canon.modules.strays(name, reads):
        value = canon.at(path).value(stray.made)
        if isinstance(value, Made) and any(table.dotted == each for each in owners(value)):
            yield ModelIndex(index=index(value, table.find), origin=Origin(path, stray.name))


def made_key(made: Made) -> str | None:
    """The key of a Column(), where it is not its name."""
    key = made.keyword("key")
    return key if isinstance(key, str) else None


def owners(value: Any) -> set[str]:
    """The classes and tables whose attributes are in a value, by their dotted names."""
    match value:
        case Reference(dotted):
            owner = dotted.rpartition(".")[0]
            for suffix in (".__table__.c", ".__table__.columns", ".c", ".columns"):
                owner = owner.removesuffix(suffix)
            return {owner}
        case Made():
            parts_ = [value.base, *value.arguments, *(each for _, each in value.keywords)]
            return set().union(*map(owners, parts_))
        case tuple():
            return set().union(*map(owners, value))
    return set()


def of_columns(table: Table) -> tuple[list[ModelKey], list[ModelIndex]]:
    """The keys and indexes that the columns bring themselves."""
    keys: list[ModelKey] = []
    indexes: list[ModelIndex] = []
    primary = [each for each in table.columns.values() if each.column.primary_key is True]
    if primary:
        names = tuple(each.column.name for each in primary)
        keys.append(ModelKey(key=UniqueKey(columns=names, primary=True), origin=primary[0].origin))
    for each in table.columns.values():
        fact = each.column
        if fact.index is True or fact.index is UNKNOWN:
            made = TableIndex(name=None, keys=(IndexKey(fact.name),), unique=fact.unique)
            indexes.append(ModelIndex(index=made, origin=each.origin, column=each.attribute))
        elif fact.unique is True:
            keys.append(ModelKey(key=UniqueKey(columns=(fact.name,)), origin=each.origin))
        if fact.index is UNKNOWN or fact.unique is UNKNOWN or fact.primary_key is UNKNOWN:
            table.unknown.add(each.attribute)
    return keys, indexes


def schema_of(metadata: Any) -> Any:
    if isinstance(metadata, Made) and last_part(metadata.callee) == "MetaData":
        return metadata.keyword("schema")
    return None


def naming_of(metadata: Any) -> Naming | None:
    """The naming convention of a MetaData; None where it is not known."""
    if metadata is None:
        return Naming()
    if not isinstance(metadata, Made) or last_part(metadata.callee) != "MetaData":
        return None
    given = metadata.keyword("naming_convention")
    if given is None:
        return Naming()
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        return None
    return Naming(given)


def named(model: Model, naming: Naming | None) -> Model:
    """A model whose indexes have the names that a naming convention gives them."""
    return replace(model, indexes=tuple(_with_name(each, model, naming) for each in model.indexes))


def _with_name(each: ModelIndex, model: Model, naming: Naming | None) -> ModelIndex:
    if each.index.name is not None:
        return each
    name: Text = UNKNOWN
    keys = () if each.index.keys is UNKNOWN else each.index.keys
    columns = [key.column for key in keys if isinstance(key.column, str)]
    known = model.table is not UNKNOWN and model.schema is not UNKNOWN
    if known and len(columns) == len(keys) and keys:
        on = Constrained(
            str(model.table), model.schema if isinstance(model.schema, str) else None, columns
        )
        try:
            name = index_name(naming, on)
        except UnnamedError:
            name = UNKNOWN
    return replace(each, index=replace(each.index, name=name), unnamed=True)
