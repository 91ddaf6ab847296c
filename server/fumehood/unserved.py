"""Which of a query's tables PostgreSQL has to read from end to end for want of an index.

The rules were found with EXPLAIN on tables of a million rows. They are made for few false alarms:
what is not known counts as served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .cover import KnownIndex
from .facts import UNKNOWN, IndexKey
from .models.facts import Link, Query, Unresolved
from .sides import Indexes, Side, Table, rank

# Behind all that have a condition of their own.
_LAST = (2, 2, 2)


class Reason(StrEnum):
    """What a table is read for."""

    FILTER = "filter"
    SORT = "sort"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Unserved:
    """A table that is read from end to end. `key` is the first that would need an index.

    `indexes` are the keys of those that are missing, one index for each branch of an OR; none where
    an index would have to be of a special kind. `hint`: PostgreSQL 18 can skip over the few values
    of the column before it in some index.
    """

    table: int
    key: IndexKey
    reason: Reason
    indexes: Indexes
    hint: bool = False


def unserved(query: Query, tables: Sequence[Table | None]) -> list[Unserved]:
    """The tables of a query that no index serves, one finding for each; None: not known."""
    if any(isinstance(part, Unresolved) and not part.harmless for part in query.where.parts):
        return []
    sides = [Side(number, query, table) for number, table in enumerate(tables)]
    reached = _reached(query, sides, set())
    found: list[Unserved] = []
    # With an index on one table, others may be reached from it.
    for side in sorted(sides, key=lambda side: rank(side.needs[0]) if side.needs else _LAST):
        lack = _lack(side, query, reached, sides)
        if lack is not None:
            found.append(lack)
            if lack.reason == Reason.FILTER:
                reached = _reached(query, sides, {*reached, side.number})
    return sorted(found, key=lambda each: each.table)


def serving(query: Query, number: int, table: Table) -> list[KnownIndex]:
    """The indexes by which PostgreSQL may read one table of a query without reading all of it."""
    side = Side(number, query, table)
    columns = [column for column, _ in _links(number, query)]
    order = query.order_by if query.limited and query.order_by is not UNKNOWN else ()
    first = order[0] if order and order[0].table == number else None
    return [
        each
        for each in table.indexes
        if side.is_found_by(each, columns) or (first is not None and side.is_sorted_by(each, first))
    ]


def _lack(side: Side, query: Query, reached: set[int], sides: Sequence[Side]) -> Unserved | None:
    """What a table lacks; None where it is served, or nothing would serve it."""
    if side.table is None or side.number in reached or side.is_outer:
        return None
    if side.needs:
        return _filter_lack(side, query, reached, sides)
    if len(sides) > 1:
        return _join_lack(side, query, reached)
    order = query.order_by
    if query.where.parts or not query.limited or order is UNKNOWN or not order:
        return None
    if side.sorts(order[0]):
        return None
    keys = tuple(each.key for each in order if each.table == side.number)
    return Unserved(side.number, order[0].key, Reason.SORT, (keys,))


def _filter_lack(
    side: Side, query: Query, reached: set[int], sides: Sequence[Side]
) -> Unserved | None:
    order = query.order_by
    if query.limited and (order is UNKNOWN or (order and side.sorts(order[0]))):
        return None  # the rows are read in that order until there are enough
    others = reached | {each.number for each in sides if each.table is None}
    if others and not _are_linked(side.number, query, sides):
        return None  # it may be reached in a way that is not seen
    if any(
        side.is_led_to(column) and (sides[other].is_outer or sides[other].table is None)
        for column, other in _links(side.number, query)
    ):
        return None
    key, indexes = side.missing(side.needs[0])
    return Unserved(side.number, key, Reason.FILTER, indexes, hint=side.skips_to(key))


def _join_lack(side: Side, query: Query, reached: set[int]) -> Unserved | None:
    """A table that is joined to rows which are found quickly, by a column without an index."""
    for column, other in _links(side.number, query):
        if other in reached and not side.is_led_to(column):
            key = IndexKey(column)
            return Unserved(side.number, key, Reason.JOIN, ((key,),), hint=side.skips_to(key))
    return None


def _reached(query: Query, sides: Sequence[Side], known: set[int]) -> set[int]:
    """The tables whose rows an index finds: by their own conditions, or from other such tables."""
    reached = known | {
        side.number
        for side in sides
        if side.table is not None and not side.is_outer and side.is_served()
    }
    while True:
        more = {
            side.number
            for side in sides
            if side.number not in reached
            and any(
                other in reached and side.is_led_to(column)
                for column, other in _links(side.number, query)
            )
        }
        if not more:
            return reached
        reached |= more


def _links(number: int, query: Query) -> list[tuple[str, int]]:
    """A table's columns that equal others', with the tables of those."""
    found = []
    for part in query.where.parts:
        if isinstance(part, Link) and part.table == number:
            found.append((part.column, part.other))
        elif isinstance(part, Link) and part.other == number:
            found.append((part.other_column, part.table))
    return found


def _are_linked(number: int, query: Query, sides: Sequence[Side]) -> bool:
    """Whether all tables are joined to a table in ways that are known."""
    met, waiting = {number}, [number]
    while waiting:
        for _, other in _links(waiting.pop(), query):
            if other not in met:
                met.add(other)
                waiting.append(other)
    return len(met) == len(sides)
