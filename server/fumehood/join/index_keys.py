"""What create_index() and Index() are given -> the keys of the index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import facts
from ..facts import UNKNOWN, IndexKey
from ..read.sql import canonical
from ..read.sql_parts import index_key
from .columns import sql_text
from .values import Made, Value

_UNKNOWN_KEY = IndexKey(UNKNOWN)
_ORDERS: dict[str, dict[str, Any]] = {
    "asc": {"descending": False},
    "desc": {"descending": True},
    "nulls_first": {"nulls_first": True},
    "nulls_last": {"nulls_first": False},
    "nullsfirst": {"nulls_first": True},
    "nullslast": {"nulls_first": False},
}


def index_keys(value: Value, classes: Value = None) -> tuple[IndexKey, ...] | facts.Unknown:
    """The keys of an index; `classes` are its postgresql_ops."""
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, tuple):
        return UNKNOWN
    if classes is None:
        classes = {}
    if not isinstance(classes, dict):
        return tuple(replace(_key(each), operator_class=UNKNOWN) for each in values)
    return tuple(_with_class(_key(each), classes) for each in values)


def _with_class(key: IndexKey, classes: dict[Value, Value]) -> IndexKey:
    name = classes.get(key.column) if isinstance(key.column, str) else None
    return replace(key, operator_class=name) if isinstance(name, str) else key


def condition(value: Value) -> facts.MaybeText:
    """A partial index's condition, as PostgreSQL's grammar writes it."""
    if value is None:
        return None
    sql = sql_text(value)
    return UNKNOWN if sql is UNKNOWN else canonical(sql) or UNKNOWN


def index_facts(keywords: dict[str, Value], complete: bool) -> dict[str, Any]:
    """The options of an index that make it what it is, from the keywords of its call."""

    def given(name: str, default: Value = None) -> Value:
        return keywords.get(name, default if complete else UNKNOWN)

    method, distinct = given("postgresql_using"), given("postgresql_nulls_not_distinct", False)
    include = given("postgresql_include")
    return {
        "method": "btree" if method is None else _lower(method),
        "include": _texts(include),
        "where": condition(given("postgresql_where")),
        "nulls_not_distinct": bool(distinct) if isinstance(distinct, bool | None) else UNKNOWN,
    }


def _lower(value: Value) -> facts.Text:
    return value.lower() if isinstance(value, str) else UNKNOWN


def _texts(value: Value) -> tuple[facts.Text, ...] | facts.Unknown:
    if value is None:
        return ()
    if not isinstance(value, tuple):
        return UNKNOWN
    return tuple(each if isinstance(each, str) else UNKNOWN for each in value)


def _key(value: Value) -> IndexKey:
    if isinstance(value, str):
        return IndexKey(value)
    if not isinstance(value, Made):
        return _UNKNOWN_KEY
    name = value.callee.rpartition(".")[2]
    if name in _ORDERS:
        base = value.base if value.base is not None else next(iter(value.arguments), None)
        found = _key(base)
        return found if found is _UNKNOWN_KEY else replace(found, **_ORDERS[name])
    if name == "column" and value.arguments and isinstance(value.arguments[0], str):
        return IndexKey(value.arguments[0])
    sql = expression(value)
    return (sql and index_key(sql)) or _UNKNOWN_KEY


def expression(value: Value) -> str | None:
    """The SQL of text(), literal_column(), column() and func.name(…); None of anything else."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Made) or value.base is not None or not value.complete:
        return None
    package, _, name = value.callee.rpartition(".")
    if name in ("text", "literal_column", "column") and value.arguments:
        return value.arguments[0] if isinstance(value.arguments[0], str) else None
    if not package.endswith(".func") or value.keywords:
        return None
    parts = [None if isinstance(each, str) else expression(each) for each in value.arguments]
    return f"{name}({', '.join(filter(None, parts))})" if all(parts) else None
