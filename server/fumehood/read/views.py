"""SQL -> the views that it makes and drops, and what else it makes that holds on to columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

from .sql import postgresql, statements

# What is bound to a column, and not to its name: it goes along when the column is renamed.
_HOLDS = re.compile(r"\b(?:policy|publication|rule|statistics|trigger|view)\b", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_HOLDING = frozenset(
    """
    alter_publication_stmt create_policy_stmt create_publication_stmt create_stats_stmt rule_stmt
    """.split()  # noqa: SIM905
)
# What else a query may read from, under names of its own.
_OTHERS = ("CommonTableExpr", "RangeFunction", "RangeSubselect", "RangeTableFunc")

Relation = tuple[str | None, str]  # schema, name


class Read(NamedTuple):
    """What a view reads of a table: columns; None where they are not known; `all` that it has."""

    table: Relation
    columns: frozenset[str] | None = None
    all: bool = False


class Made(NamedTuple):
    """A view, by its name, and what it reads; what has no such name is no view."""

    name: Relation | None
    reads: tuple[Read, ...]


class Views(NamedTuple):
    """What SQL does, in order: `Made`, or the name of a view that it drops.

    `words` are those of SQL that cannot be read, by which tables may be meant; `unsure`: it may
    drop others.
    """

    steps: tuple[Made | Relation, ...] = ()
    words: frozenset[str] = frozenset()
    unsure: bool = False


def speaks_of_views(sql: str) -> bool:
    """Whether SQL may make or drop what holds on to columns."""
    return _HOLDS.search(sql) is not None


@lru_cache(maxsize=512)
def views_in(sql: str) -> Views:
    """What SQL does to views; of a template, and of code, nothing is known but its words."""
    if not speaks_of_views(sql):
        return Views()
    grammar = postgresql()
    parsed = [] if grammar is None else statements(grammar, sql)
    if grammar is None or not parsed:
        return Views(words=frozenset(_WORDS.findall(sql.lower())), unsure=True)
    steps: list[Made | Relation] = []
    unsure = False
    for statement in parsed:
        kind = statement.stmt.WhichOneof("node")
        node = getattr(statement.stmt, kind)
        steps += _steps(grammar, kind, node)
        unsure = unsure or _may_drop_others(grammar, kind, node)
    return Views(tuple(steps), unsure=unsure)


def _steps(grammar: ModuleType, kind: str, node: Any) -> Iterator[Made | Relation]:
    kinds = grammar.pg_query_pb2
    if kind == "drop_stmt" and node.remove_type in (kinds.OBJECT_VIEW, kinds.OBJECT_MATVIEW):
        for item in node.objects:
            *schemas, name = (part.string.sval for part in item.list.items)
            yield schemas[-1] if schemas else None, name
    elif kind == "view_stmt":
        if node.replace:
            yield _relation(node.view)
        yield Made(_relation(node.view), tuple(_reads(node.query)))
    elif kind == "create_table_as_stmt" and node.objtype == kinds.OBJECT_MATVIEW:
        yield Made(_relation(node.into.rel), tuple(_reads(node.query)))
    elif kind == "create_trig_stmt":
        if node.columns or node.HasField("when_clause"):
            yield Made(None, (Read(_relation(node.relation)),))
    elif kind in _HOLDING:
        yield Made(None, tuple(Read(_relation(each)) for each in _all(node, "RangeVar")))


def _may_drop_others(grammar: ModuleType, kind: str, node: Any) -> bool:
    if kind in ("do_stmt", "call_stmt"):
        return True
    if kind == "drop_stmt":
        return bool(node.behavior == grammar.pg_query_pb2.DROP_CASCADE)
    return kind == "rename_stmt" and node.rename_type != grammar.pg_query_pb2.OBJECT_COLUMN


def _reads(query: Any) -> Iterator[Read]:
    """The tables of a query, with the columns that it surely reads of each."""
    tables = [*_all(query, "RangeVar")]
    names = Counter(_called(each) for each in tables)
    names.update(each.aliasname for each in _all(query, "Alias") if each.aliasname not in names)
    times = Counter(map(_relation, tables))
    references = [
        ([each.string.sval for each in reference.fields[:-1]], reference.fields[-1])
        for reference in _all(query, "ColumnRef")
    ]
    alone = len(tables) == 1 and not any(any(_all(query, kind)) for kind in _OTHERS)
    plain = alone or (all(qualifiers for qualifiers, _ in references) and not _joins_by_name(query))
    for table in tables:
        called = _called(table)
        if not plain or times[_relation(table)] > 1 or names[called] > 1:
            yield Read(_relation(table))
            continue
        own = [last for qualifiers, last in references if (qualifiers or [called])[-1] == called]
        columns = frozenset(last.string.sval for last in own)
        whole = called in columns or any(last.HasField("a_star") for last in own)
        yield Read(_relation(table), columns - {"", called}, whole)


def _joins_by_name(query: Any) -> bool:
    return any(each.is_natural or each.using_clause for each in _all(query, "JoinExpr"))


def _called(table: Any) -> str:
    return str(table.alias.aliasname or table.relname)


def _relation(node: Any) -> Relation:
    return node.schemaname or None, node.relname


def _all(message: Any, kind: str) -> Iterator[Any]:
    """The nodes of a kind in a syntax tree; what a query is sorted by may be its own names."""
    if message.DESCRIPTOR.name == kind:
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None and field.name != "sort_clause":
            for item in (value,) if hasattr(value, "DESCRIPTOR") else value:
                yield from _all(item, kind)
