"""A query of an outline -> what it looks for, in the tables of the project's models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..facts import UNKNOWN
from ..join.values import Made, Member, Reference
from ..outline.parts import QueryOutline
from ..outline.symbols import Join, Queried, last_part
from .canonical import Canon
from .conditions import UNSURE, Conditions
from .facts import All, ClassKey, Condition, Link, Model, Part, Query, Sort, Unresolved
from .junctions import flat
from .sources import Key, Related, Sources
from .sql import key_of, with_columns


def query_of(
    outline: QueryOutline, canon: Canon, models: Callable[[ClassKey], Model | None]
) -> Query | None:
    """The query, where all of it that matters is known; None where it is not."""
    written = outline.query
    if not written.known:
        return None
    return _Join(written, canon, Sources(models)).query(canon.path, outline)


class _Join:
    """Joins one query."""

    def __init__(self, written: Queried, canon: Canon, sources: Sources) -> None:
        self._written = written
        self._canon = canon
        self._sources = sources
        self._conditions = Conditions(canon, sources, written.kind)

    def query(self, path: str, outline: QueryOutline) -> Query | None:
        """The query; None where its tables are not known."""
        written, sources = self._written, self._sources
        first = None
        for entity in written.entities:
            value = self._canon.value(entity)
            number = sources.add(value)
            if number is None:
                sources.mention(value)
                number = 0 if sources.tables else None
            first = number if first is None else first
        joined = self._joins()
        if joined is None:
            return None
        links, targets = joined
        own = len(sources.tables)
        parts: list[Part] = [*links, *(self._conditions.part(each) for each in written.conditions)]
        parts += self._extreme()
        for name, value, joins in written.by_name:
            table = targets[joins - 1] if joins else first
            parts.append(UNSURE if table is None else self._conditions.named(table, name, value))
        if not sources.tables:
            return None
        order = self._order()
        return Query(
            path=path,
            function=outline.function,
            number=outline.number,
            kind=written.kind,
            tables=tuple(key for key, _ in sources.tables),
            outer=tuple(sorted({*range(own, len(sources.tables))} - sources.inner)) if own else (),
            where=All(tuple(flat(parts))),
            order_by=order if order is UNKNOWN else tuple(order),
            limited=written.limited,
        )

    def _extreme(self) -> Iterator[Part]:
        """`max(column)`: PostgreSQL looks for its end in an index, among what is not NULL."""
        value = self._canon.value(self._written.entities[0]) if self._written.entities else None
        if len(self._written.entities) != 1 or not isinstance(value, Made):
            return
        if last_part(value.callee) in ("max", "min") and value.arguments:
            key = self._sources.key(value.arguments[0])
            if isinstance(key, Key):
                yield Condition(key.table, key.key, "is not null")

    def _joins(self) -> tuple[list[Part], list[int]] | None:
        """The links and conditions of the joins, and the table of each."""
        parts: list[Part] = []
        targets: list[int] = []
        for join in self._written.joins:
            before = len(self._sources.tables)
            target = self._canon.value(join.target)
            number = self._sources.add(target)
            if number is None:
                related = self._related(target)
                if related is None:
                    return None
                number = self._sources.add(Reference(f"@{related.model[0]}.{related.model[1]}"))
                if number is None:
                    return None
                parts += filter(None, [self._sources.link(related.table, number, related.columns)])
            elif join.on is None:
                links = [
                    self._sources.link(each, number) for each in range(before) if each != number
                ]
                found = [each for each in links if each is not None]
                parts += found if len(found) == 1 else []
            if join.on is not None:
                parts += self._on(join, number)
            targets.append(number)
        return parts, targets

    def _related(self, target: Any) -> Related | None:
        if isinstance(target, Made) and last_part(target.callee) in ("of_type", "and_"):
            target = target.base
        found = self._sources.key(target)
        return found if isinstance(found, Related) else None

    def _on(self, join: Join, number: int) -> list[Part]:
        related = self._related(self._canon.value(join.on))
        if related is not None:
            return list(filter(None, [self._sources.link(related.table, number, related.columns)]))
        part = self._conditions.part(join.on)
        if not join.outer:
            return [part]
        # The side that keeps all its rows is not restricted by what is said of it here.
        parts = flat([part])
        is_known = not any(isinstance(each, Unresolved) for each in parts)
        return [each for each in parts if is_known and isinstance(each, Link)]

    def _order(self) -> list[Sort] | Any:
        found: list[Sort] = []
        for each in self._written.order_by:
            sort = self._sort(self._canon.value(each))
            if sort is None:
                return UNKNOWN
            found.append(sort)
        return found

    def _sort(self, value: Any) -> Sort | None:
        tables: set[int] = set()

        def find(reference: Reference | Member) -> Any:
            key = self._sources.key(reference)
            if not isinstance(key, Key) or not isinstance(key.key.column, str):
                return None
            tables.add(key.table)
            return Made("column", (key.key.column,), (), True, None)

        key = key_of(with_columns(value, find))
        if key.column is UNKNOWN or len(tables) != 1:
            return None
        return Sort(tables.pop(), key)
