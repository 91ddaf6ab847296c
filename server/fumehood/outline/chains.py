"""Queries under construction: how they begin, what their methods add, when they are run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..facts import UNKNOWN
from ..join.values import Made, Member, Reference
from ..read import nodes as n
from .symbols import (
    SUBQUERY,
    Choice,
    Join,
    Maybe,
    Operated,
    Queried,
    Spot,
    Value,
    constant,
    last_part,
)

Given = tuple[tuple[Value, ...], dict[str, Value]]

_PACKAGES = ("sqlalchemy", "sqlmodel")
_STATEMENTS = {"select": "select", "update": "update", "delete": "delete", "exists": "exists"}
# Methods that change nothing in what is looked for.
_SAME = frozenset((
    "add_column", "add_columns", "add_entity", "autoflush", "column", "correlate",
    "correlate_except", "distinct", "enable_assertions", "enable_eagerloads", "execution_options",
    "from_self", "group_by", "having", "label", "lateral", "offset", "options", "params",
    "populate_existing", "prefix_with", "reset_joinpoint", "returning", "values", "with_entities",
    "with_for_update", "with_hint", "with_loader_criteria", "with_only_columns", "yield_per",
))  # fmt: skip
_LIMITS = frozenset(("limit", "fetch", "slice", "first", "first_or_404"))
# Methods that run a Query, or make it a part of another.
_RUNS = frozenset((
    "alias", "all", "as_scalar", "count", "cte", "delete", "except_", "except_all", "exists",
    "first", "first_or_404", "get", "get_or_404", "intersect", "intersect_all", "one", "one_or_404",
    "one_or_none", "paginate", "scalar", "scalar_one", "scalar_subquery", "scalars", "subquery",
    "union", "union_all", "update",
))  # fmt: skip
_SUBQUERIES = frozenset(("exists", "subquery", "scalar_subquery", "as_scalar", "cte", "alias"))
# Names of functions that run the statement which they are given.
_EXECUTES = re.compile(
    r"exec|scalar|stream|fetch|paginate|iterate|read_sql|(?:^|_)(?:first|all|one|count|run|list)(?:_|$)"
)


def started(base: str, name: str, given: Given, spot: Spot) -> Queried | None:
    """A call that begins a query: `select(User)`, `session.query(User)`, `users.update()`."""
    positional, keywords = given
    if name == "query":
        entities = tuple(each for each in positional if _is_entity(each))
        known = len(entities) == len(positional) > 0
        return Queried("select", entities, known=known, spot=spot) if entities else None
    kind = _STATEMENTS.get(name)
    if kind is None:
        return None
    if positional:
        return _statement(kind, positional, spot)
    if base.partition(".")[0] not in ("", ":", *_PACKAGES) and not keywords:
        return Queried(kind, (Reference(base),), spot=spot)  # `table.select()`
    return Queried(kind, spot=spot) if kind in ("exists", "select") and base else None


def _statement(kind: str, positional: tuple[Value, ...], spot: Spot) -> Queried | None:
    if kind in ("update", "delete"):
        return Queried(kind, positional[:1], spot=spot) if _is_entity(positional[0]) else None
    values: list[Value] = []
    for each in positional:  # SQLAlchemy 1.3: select([User.id])
        values += each if isinstance(each, tuple) else (each,)
    first = positional[0]
    if kind == "exists" and isinstance(first, Queried):
        return first
    if not any(map(_is_entity, values)):
        return None
    if kind == "exists" and isinstance(first, Operated):
        return Queried(kind, (), tuple(values), spot=spot)
    return Queried(kind, tuple(values), spot=spot)


def _is_entity(value: Value) -> bool:
    return isinstance(value, Reference | Made | Member | Operated)


def extended(
    query: Queried | Choice, method: str, given: Given, run: list[Queried], spot: Spot
) -> Value:
    """What calling a method of a query gives; `run` takes those that are run by it."""
    if isinstance(query, Choice):
        each = [extended(item, method, given, run, spot) for item in query.queries]
        found = tuple(item for item in each if isinstance(item, Queried))
        return Choice(found) if len(found) == len(each) else UNKNOWN
    if method == "exists" and query.kind == "exists":
        return query
    limited = replace(query, limited=query.limited or method in _LIMITS)
    if method == "delete":
        limited = replace(limited, kind=method)
    if method in _RUNS:
        run.append(limited)
        if method not in _SUBQUERIES:
            return UNKNOWN
        # A statement of its own: what it restricts is in it.
        return SUBQUERY
    if method in _LIMITS or method in _SAME:
        return limited
    return _extend(query, method, given)


def _extend(query: Queried, method: str, given: Given) -> Queried:
    positional, keywords = given
    hidden = UNKNOWN in positional or "**" in keywords
    if method in ("where", "filter"):
        more = (
            positional
            if positional or "whereclause" not in keywords
            else (keywords["whereclause"],)
        )
        return replace(query, conditions=(*query.conditions, *more))
    if method == "filter_by":
        by_name = tuple((name, value, len(query.joins)) for name, value in keywords.items())
        return replace(query, by_name=(*query.by_name, *by_name))
    if method == "order_by":
        cleared = positional in ((None,), (False,))
        order = () if cleared else (*query.order_by, *positional)
        return replace(query, order_by=order)
    if method in ("join", "outerjoin", "join_from", "outerjoin_from"):
        return _joined(query, method, given) if not hidden and positional else _hidden(query)
    if method == "select_from" and len(positional) == 1:
        return _selected_from(query, positional[0])
    return _hidden(query)


def _hidden(query: Queried) -> Queried:
    return replace(query, known=False)


def _joined(query: Queried, method: str, given: Given) -> Queried:
    positional, keywords = given
    if method.endswith("_from"):
        query = replace(query, entities=(*query.entities, positional[0]))
        positional = positional[1:]
    outer = method.startswith("outer") or any(
        keywords.get(name, False) is not False for name in ("isouter", "full")
    )
    on = positional[1] if len(positional) > 1 else keywords.get("onclause")
    if not positional or len(positional) > 2:
        return _hidden(query)
    return replace(query, joins=(*query.joins, Join(positional[0], on, outer)))


def _selected_from(query: Queried, source: Value) -> Queried:
    """`.select_from(User)`, `.select_from(join(User, Order, …))`, `.select_from(a.join(b, …))`."""
    joins: list[Join] = []
    while isinstance(source, Made) and last_part(source.callee) in ("join", "outerjoin"):
        name = last_part(source.callee)
        items = list(source.arguments)
        if source.base is not None:
            items.insert(0, source.base)
        elif len(items) < 2 or source.callee.startswith(":"):
            items.insert(0, Reference(source.callee.removesuffix(f".{name}")))
        if not 2 <= len(items) <= 3:
            return _hidden(query)
        on = items[2] if len(items) == 3 else source.keyword("onclause")
        outer = name == "outerjoin" or source.keyword("isouter", False) is not False
        joins.insert(0, Join(items[1], on, outer))
        source = items[0]
    if not _is_entity(source):
        return _hidden(query)
    return replace(query, entities=(source, *query.entities), joins=(*joins, *query.joins))


def compared(node: n.Expression, value: Value) -> Value:
    """What a column is compared with, marked where its name says that it is a constant."""
    has_name = isinstance(node, n.Name) and node.id.isupper()
    return constant(value) if has_name and isinstance(value, str | int) else value


def passed_to(name: str, given: Given) -> list[Queried]:
    """The queries among the arguments of a call that it runs."""
    in_sql = name.partition(".")[0] in _PACKAGES or name.endswith(".in_") or name == "query"
    if in_sql or _EXECUTES.search(last_part(name).lower()):
        return nested_in(given)
    return []


def nested_in(given: Given) -> list[Queried]:
    """The queries among arguments."""
    return list(queries_in((*given[0], *given[1].values())))


def queries_in(values: Iterable[Value]) -> Iterator[Queried]:
    """Queries that stand among values, or in a choice or list of them."""
    for value in values:
        if isinstance(value, Queried):
            yield value
        elif isinstance(value, Choice):
            yield from value.queries
        elif isinstance(value, Maybe):
            yield from queries_in((value.value,))
        elif isinstance(value, tuple):
            yield from queries_in(value)


def sliced(value: Queried | Choice, index: Value) -> list[Queried]:
    """The queries that `query[0]` or `query[:10]` runs; of a slice it is not known how far."""
    only = isinstance(index, int)
    return [
        replace(
            each, limited=True, order_by=each.order_by if only else each.order_by and (UNKNOWN,)
        )
        for each in queries_in((value,))
    ]


def iterated(value: Value) -> list[Queried]:
    """The queries that a loop over a value runs."""
    return list(queries_in((value,)))
