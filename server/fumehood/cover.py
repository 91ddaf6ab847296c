"""Indexes of one table that others already serve.

What makes one index redundant beside another is PostgreSQL's: a btree finds rows by any leading
columns of its keys and is read in both directions; other methods do neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .parts import IndexKey, TableIndex, UniqueKey
from .places import UNKNOWN, MaybeText
from .schema import SchemaIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIndex:
    """An index of a table, all of which is known but perhaps its name.

    `where` and the keys' expressions are as PostgreSQL's grammar writes them. `referenced`: a
    foreign key points at it, or it is the table's replica identity.
    """

    name: MaybeText
    keys: tuple[IndexKey, ...]
    unique: bool = False
    method: str = "btree"
    include: tuple[str, ...] = ()
    where: str | None = None
    nulls_not_distinct: bool = False
    owned_by_constraint: bool = False
    primary: bool = False
    deferrable: bool = False
    referenced: bool = False


def covers(one: KnownIndex, other: KnownIndex) -> bool:
    """Whether `one` serves all that `other` is there for, so that `other` could be dropped."""
    if other.owned_by_constraint or other.primary or other.referenced:
        return False
    if one.method != "btree" or other.method != "btree" or one.where != other.where:
        return False
    if other.unique and not _same_uniqueness(one, other):
        return False
    held = {key.column for key in one.keys} | {*one.include}
    return _leads(other.keys, one.keys) and held.issuperset(other.include)


def redundant(indexes: Sequence[KnownIndex]) -> Iterator[tuple[KnownIndex, KnownIndex]]:
    """Those of a table's indexes that another serves, each with that other, in their order.

    Of several that serve each other all but the first are redundant.
    """
    gone = [number for number in range(len(indexes)) if _is_redundant(number, indexes)]
    for number in gone:
        # One that stays is named: what is redundant itself may be dropped first.
        for position, one in enumerate(indexes):
            if position not in gone and covers(one, indexes[number]):
                yield indexes[number], one
                break


def _is_redundant(number: int, indexes: Sequence[KnownIndex]) -> bool:
    this = indexes[number]
    return any(
        position != number and covers(one, this) and (position < number or not covers(this, one))
        for position, one in enumerate(indexes)
    )


def known_index(index: TableIndex | SchemaIndex, *, referenced: bool = False) -> KnownIndex | None:
    """An index of a table, of a model's or as migrations leave it; None where not all is known."""
    if index.keys is UNKNOWN or index.include is UNKNOWN or index.where is UNKNOWN:
        return None
    if index.unique is UNKNOWN or index.method is UNKNOWN or index.nulls_not_distinct is UNKNOWN:
        return None
    include = _all_known(index.include)
    if include is None or not all(map(_is_known, index.keys)):
        return None
    known = KnownIndex(
        name=index.name,
        keys=index.keys,
        unique=index.unique,
        method=index.method,
        include=include,
        where=index.where,
        nulls_not_distinct=index.nulls_not_distinct,
        referenced=referenced,
    )
    if isinstance(index, TableIndex):
        return known
    return replace(
        known,
        owned_by_constraint=index.owned_by_constraint,
        primary=index.primary,
        deferrable=index.deferrable,
    )


def key_index(key: UniqueKey) -> KnownIndex | None:
    """The index of a primary key or unique constraint; None as above."""
    columns = None if key.columns is UNKNOWN else _all_known(key.columns)
    include = None if key.include is UNKNOWN else _all_known(key.include)
    if columns is None or include is None or key.nulls_not_distinct is UNKNOWN:
        return None
    return KnownIndex(
        name=key.name,
        keys=tuple(IndexKey(column) for column in columns),
        unique=True,
        include=include,
        nulls_not_distinct=key.nulls_not_distinct,
        owned_by_constraint=True,
        primary=key.primary,
        deferrable=key.deferrable is not False,
    )


def _same_uniqueness(one: KnownIndex, other: KnownIndex) -> bool:
    """Whether the unique index `other` forbids nothing that `one` allows."""
    return (
        one.unique
        and not one.deferrable
        and len(one.keys) == len(other.keys)
        and one.nulls_not_distinct == other.nulls_not_distinct
    )


def _leads(short: tuple[IndexKey, ...], long: tuple[IndexKey, ...]) -> bool:
    """Whether an index of the keys `long` is sorted by `short` first, forwards or backwards."""
    head = tuple(_explicit(key) for key in long[: len(short)])
    wanted = tuple(_explicit(key) for key in short)
    return wanted == head or wanted == tuple(_inverted(key) for key in head)


def _explicit(key: IndexKey) -> IndexKey:
    """A key that says where its NULLs are: behind all values, as if larger than any."""
    return replace(key, nulls_first=key.descending) if key.nulls_first is None else key


def _inverted(key: IndexKey) -> IndexKey:
    return replace(key, descending=not key.descending, nulls_first=not key.nulls_first)


def _is_known(key: IndexKey) -> bool:
    return key.column is not UNKNOWN and key.operator_class is not UNKNOWN


def _all_known(texts: Sequence[object]) -> tuple[str, ...] | None:
    found = tuple(each for each in texts if isinstance(each, str))
    return found if len(found) == len(texts) else None
