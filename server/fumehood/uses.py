"""Which indexes a model's table has, where they are written, and which queries they serve."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from .config import Settings
from .cover import KnownIndex, key_index, known_index
from .look_models import Models
from .models.catalog import Catalog, Named
from .models.facts import All, Condition, Either, Link, Model, Part, Query
from .schema import Place
from .unserved import serving, unserved

_MOST = 8  # models; of each, all of the project's queries are looked through


@dataclass(slots=True)
class IndexUse:
    """An index; `places` are those of its model and of its migration, `queries` those it serves.

    `name` is None where neither tells it.
    """

    index: KnownIndex
    name: str | None
    places: list[Place] = field(default_factory=list)
    queries: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class Uses:
    """The indexes of a table, or those with one column. `bare` are queries that no index serves.

    `more` is how many models beside it have the column from the same class, and are not told of.
    """

    model: Model
    column: str | None
    indexes: list[IndexUse]
    bare: list[Place] = field(default_factory=list)
    more: int = 0


def uses(
    catalog: Catalog, settings: Settings, model: Model, attribute: str | None
) -> Generator[None, None, Uses]:
    """Look through the project's queries, one a step; `attribute` is that of one column."""
    look = Models(lambda _: None, catalog, settings)
    mapped = None if attribute is None else model.by_attribute(attribute)
    column = None if mapped is None else str(mapped.column.name)
    indexes = [
        each for each in _indexes(model, look, catalog) if column is None or _has(each, column)
    ]
    found = Uses(model, column, indexes)
    table = look.table(model.key)
    if table is None:
        return found
    for path in sorted(catalog.paths()):
        for query in catalog.each_query(path):
            yield
            for number, key in enumerate(query.tables):
                if key == model.key and (column is None or _asks(query, number, column)):
                    _note(found, query, number, serving(query, number, table), catalog, look)
    return found


def all_uses(
    catalog: Catalog, settings: Settings, named: Sequence[Named]
) -> Generator[None, None, list[Uses]]:
    """The same of several models, or of the first of very many."""
    found = []
    for model, attribute in named[:_MOST]:
        found.append((yield from uses(catalog, settings, model, attribute)))
    found[-1].more = len(named) - len(found)
    return found


def _note(
    found: Uses,
    query: Query,
    number: int,
    serving: list[KnownIndex],
    catalog: Catalog,
    look: Models,
) -> None:
    place = catalog.query_place(query)
    if place is None:
        return
    for each in found.indexes:
        if each.index in serving and place not in each.queries:
            each.queries.append(place)
    if any(each.table == number for each in unserved(query, look.tables(query))):
        found.bare += [] if place in found.bare else [place]


def _indexes(model: Model, look: Models, catalog: Catalog) -> Iterator[IndexUse]:
    """The indexes of model and migrations; one that both have is one."""
    found: dict[object, IndexUse] = {}
    for index, place in _written(model, look, catalog.place):
        name = index.name if isinstance(index.name, str) else None
        # What a constraint without a name is called is PostgreSQL's choice.
        same = (index.keys, index.primary) if index.owned_by_constraint or name is None else name
        known = found.setdefault(same, IndexUse(index, name))
        known.name = known.name or name
        if place is not None and place not in known.places:
            known.places.append(place)
    yield from found.values()


def _written(
    model: Model, look: Models, place_of: Callable[..., Place | None]
) -> Iterator[tuple[KnownIndex, Place | None]]:
    for key in model.keys:
        if (index := key_index(key.key)) is not None:
            yield index, place_of(key.origin)
    for each in model.indexes:
        if (index := known_index(each.index)) is not None:
            yield index, place_of(each.origin)
    migrated = look.migrated(model)
    for other in () if migrated is None else migrated.indexes:
        if (index := known_index(other)) is not None:
            yield index, other.at if isinstance(other.at, Place) else None


def _has(use: IndexUse, column: str) -> bool:
    keys = use.index.keys
    return column in use.index.include or any(
        column == each.column or (each.expression is not None and column in each.expression)
        for each in keys
    )


def _asks(query: Query, number: int, column: str) -> bool:
    """Whether a query has something to do with a column: a condition, a join, its order."""
    order = query.order_by if isinstance(query.order_by, tuple) else ()
    if any(each.table == number and each.key.column == column for each in order):
        return True
    return any(_is_about(part, number, column) for part in query.where.parts)


def _is_about(part: Part, number: int, column: str) -> bool:
    match part:
        case Condition(table=table, key=key):
            named = key.column == column or (
                key.expression is not None and column in key.expression
            )
            return table == number and named
        case Link():
            return (part.table, part.column) == (number, column) or (
                part.other,
                part.other_column,
            ) == (number, column)
        case All(parts) | Either(parts):
            return any(_is_about(each, number, column) for each in parts)
    return False
