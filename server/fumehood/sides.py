"""One table of a query: the conditions on it, and the indexes that lead to its rows by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .cover import KnownIndex
from .facts import IndexKey
from .implied import implied
from .models.facts import All, Condition, Either, Link, Part, Query, Sort, Unresolved

# The keys of some indexes.
Indexes = tuple[tuple[IndexKey, ...], ...]

_EQUAL = frozenset(["=", "in", "in query"])
_SELECTIVE = frozenset([*_EQUAL, "<", "prefix", "iprefix", "until now"])
# What may find few rows or nearly all: an index on it counts, and none is asked for.
_UNSURE = frozenset(["in query", "until now"])
_PATTERN_CLASSES = frozenset(["text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops"])
_TRIGRAMS = frozenset(["gin_trgm_ops", "gist_trgm_ops"])


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of one of a query's tables; `few` tells of a column whether it has few values.

    `indexes` are all that it has, keys included.
    """

    name: str
    indexes: Sequence[KnownIndex]
    few: Callable[[str], bool] = lambda column: False


class Side:
    """One table of a query, with the conditions on it."""

    def __init__(self, number: int, query: Query, table: Table | None) -> None:
        self.number = number
        self.table = table
        self.is_outer = number in query.outer and not any(
            isinstance(part, Condition) and part.table == number for part in query.where.parts
        )
        self.conditions = [
            part
            for part in query.where.parts
            if isinstance(part, Condition) and part.table == number
        ]
        self.choices = [
            part
            for part in query.where.parts
            if isinstance(part, Either) and _tables(part) == {number} and _is_hopeful(part)
        ]

    @property
    def needs(self) -> list[Condition | Either]:
        """What an index could help with, the best first.

        What always holds is better than what holds sometimes, a value that the program brings
        than one that is written there, which many rows may have, and one value than a range.
        """
        own = [each for each in self.conditions if _wants_index(each)]
        both: list[Condition | Either] = [*own, *self.choices]
        return sorted(both, key=rank)

    def is_served(self) -> bool:
        """Whether an index leads to the rows by the conditions."""
        if self.table is None:
            return True
        return self._leads(self.conditions) or any(map(self._serves_choice, self.choices))

    def is_led_to(self, column: str) -> bool:
        """Whether an index leads to the rows by a column that equals another table's."""
        link = Condition(self.number, IndexKey(column), "=")
        return self.table is None or self._leads([link, *self.conditions], link)

    def sorts(self, sort: Sort) -> bool:
        """Whether an index has the rows in an order."""
        return self.table is None or any(
            self.is_sorted_by(each, sort) for each in self.table.indexes
        )

    def is_sorted_by(self, index: KnownIndex, sort: Sort) -> bool:
        """Whether one index has the rows in an order."""
        wanted = _direction(sort.key)
        return (
            index.method == "btree"
            and bool(index.keys)
            and _same(index.keys[0], sort.key)
            and wanted in (_direction(index.keys[0]), _inverted(index.keys[0]))
            and self._holds(index, self.conditions)
        )

    def is_found_by(self, index: KnownIndex, links: Sequence[str]) -> bool:
        """Whether one index leads to rows: by conditions, an OR's branch, or a column of `links`,
        which equal columns of other tables.
        """
        equal = [Condition(self.number, IndexKey(each), "=") for each in links]
        branches = [branch for each in self.choices for branch in each.parts]
        ways = [[*equal, *self.conditions]]
        ways += [[*self.conditions, *_conditions(each)] for each in branches]
        return any(_finds(index, way, None) and self._holds(index, way) for way in ways)

    def missing(
        self, need: Condition | Either
    ) -> tuple[IndexKey, tuple[tuple[IndexKey, ...], ...]]:
        """The key of the first index that a need lacks, and the keys of all such."""
        if isinstance(need, Condition):
            return need.key, _index_for(need)
        lacking = [
            first
            for branch in need.parts
            if not self._leads([*self.conditions, *_conditions(branch)])
            and (first := next(filter(_wants_index, _conditions(branch)), None)) is not None
        ]
        indexes = dict.fromkeys(keys for each in lacking for keys in _index_for(each))
        return lacking[0].key, tuple(indexes)

    def skips_to(self, key: IndexKey) -> bool:
        """Whether some index has a key behind one column of few values."""
        assert self.table is not None
        return any(
            index.method == "btree"
            and len(index.keys) > 1
            and isinstance(index.keys[0].column, str)
            and self.table.few(index.keys[0].column)
            and _same(index.keys[1], key)
            for index in self.table.indexes
        )

    def _serves_choice(self, choice: Either) -> bool:
        """Whether each branch of an OR has an index of its own."""
        return all(self._leads([*self.conditions, *_conditions(each)]) for each in choice.parts)

    def _leads(self, conditions: Sequence[Condition], by: Condition | None = None) -> bool:
        """Whether some index finds the rows by a selective condition; with `by`, by that one."""
        assert self.table is not None
        return any(
            _finds(index, conditions, by) and self._holds(index, conditions)
            for index in self.table.indexes
        )

    def _holds(self, index: KnownIndex, conditions: Sequence[Condition]) -> bool:
        """Whether all rows that are looked for are in an index, or may be."""
        assert self.table is not None
        if index.where is None:
            return True
        return implied(index.where, conditions, self.table.name) is not False


def rank(need: Condition | Either) -> tuple[int, int, int]:
    """Sorts needs; the best is the least."""
    branches = [need] if isinstance(need, Condition) else need.parts
    conditions = [each for branch in branches for each in _conditions(branch)]
    written = all(each.values is not None for each in filter(_is_selective, conditions))
    return need.optional, written, not (isinstance(need, Condition) and need.operator in _EQUAL)


def _tables(part: Part) -> set[int]:
    match part:
        case Condition():
            return {part.table}
        case Link():
            return {part.table, part.other}
        case All(parts) | Either(parts):
            return set().union(*map(_tables, parts))
    return set()


def _is_hopeful(choice: Either) -> bool:
    """Whether each branch has something that an index could help with."""
    return all(
        any(map(_wants_index, _conditions(branch))) and not _has_unknown(branch)
        for branch in choice.parts
    )


def _has_unknown(part: Part) -> bool:
    match part:
        case Unresolved(harmless):
            return not harmless
        case All(parts):
            return any(map(_has_unknown, parts))
        case Either():
            return True
    return False


def _conditions(part: Part) -> list[Condition]:
    if isinstance(part, Condition):
        return [part]
    parts = part.parts if isinstance(part, All) else ()
    return [each for each in parts if isinstance(each, Condition)]


def _is_selective(condition: Condition) -> bool:
    return condition.operator in _SELECTIVE and not condition.few


def _wants_index(condition: Condition) -> bool:
    unsure = condition.unsure or condition.operator in _UNSURE
    return _is_selective(condition) and not unsure


def _finds(index: KnownIndex, conditions: Iterable[Condition], by: Condition | None) -> bool:
    """Whether an index finds rows by a selective condition on a key that it can be entered by."""
    found = False
    for position, key in enumerate(index.keys):
        on_key = [each for each in conditions if _same(key, each.key)]
        useful = [each for each in on_key if _is_usable(index, key, position, each)]
        if any(_is_enough(index, each) and by in (None, each) for each in useful):
            found = True
        if index.method == "brin":
            continue  # any of its columns will do
        if not any(each.operator in (*_EQUAL, "is null", "is true", "is false") for each in useful):
            break
    return found


def _is_enough(index: KnownIndex, condition: Condition) -> bool:
    """Whether few rows meet a condition: always one, where no two may have the value."""
    alone = index.unique and len(index.keys) == 1 and condition.operator in _EQUAL
    return alone or _is_selective(condition)


def _is_usable(index: KnownIndex, key: IndexKey, position: int, condition: Condition) -> bool:
    """Whether an index can be searched for a condition on one of its keys."""
    operator = condition.operator
    trigrams = key.operator_class in _TRIGRAMS
    if operator == "iprefix":
        return trigrams
    if operator == "prefix":
        pattern = key.operator_class in _PATTERN_CLASSES or key.collation in ("C", "POSIX")
        return trigrams or (index.method == "btree" and pattern)
    if index.method == "hash":
        return operator in _EQUAL
    if index.method in ("gin", "gist", "spgist"):
        if trigrams:  # from PostgreSQL 14 on
            return operator in ("=", "in")
        return index.method != "gin"
    return operator not in ("<", "until now") or key.operator_class not in _PATTERN_CLASSES


def _same(one: IndexKey, other: IndexKey) -> bool:
    return (one.column, one.expression) == (other.column, other.expression)


def _index_for(condition: Condition) -> Indexes:
    """The keys of an index that serves a condition; none where it is of a special kind."""
    if condition.operator == "iprefix":
        return ()
    if condition.operator == "prefix":
        return ((replace(condition.key, operator_class="text_pattern_ops"),),)
    return ((condition.key,),)


def _direction(key: IndexKey) -> tuple[bool, bool]:
    """Whether a key descends, and whether NULLs come first."""
    first = key.descending if key.nulls_first is None else key.nulls_first
    return key.descending, first


def _inverted(key: IndexKey) -> tuple[bool, bool]:
    descending, first = _direction(key)
    return not descending, not first
