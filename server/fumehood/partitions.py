"""The tables that a migration creates as partitioned, read from its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .read.sql import postgresql
from .scope import module_of

_OPTION = "postgresql_partition_by"
_CLAUSE = re.compile(r"\bpartition\s+by\b", re.IGNORECASE)
Table = tuple[str | None, str]  # schema, None for "public" and where none is written; name


def partitioned_tables(text: str) -> frozenset[Table]:
    """Those of create_table(…, postgresql_partition_by=…) and of CREATE TABLE … PARTITION BY."""
    if _OPTION not in text and not _CLAUSE.search(text):
        return frozenset()
    module = module_of(text)
    return frozenset() if module is None else frozenset(_tables(module))


def _tables(module: ast.Module) -> Iterator[Table]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and (table := _created(node)):
            yield table
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _in_sql(node.value)


def _created(call: ast.Call) -> Table | None:
    given = {each.arg: each.value for each in call.keywords}
    name = call.args[0] if call.args else given.get("table_name")
    match given.get(_OPTION), name, given.get("schema"):
        case None | ast.Constant(value=None), _, _:
            return None
        case _, ast.Constant(value=str() as table), None | ast.Constant(value=None):
            return None, table
        case _, ast.Constant(value=str() as table), ast.Constant(value=str() as schema):
            return _public(schema), table
    return None  # a name that is no literal


def _in_sql(sql: str) -> Iterator[Table]:
    grammar = postgresql() if _CLAUSE.search(sql) else None
    if grammar is None:
        return
    try:
        statements = grammar.parse(sql).stmts
    except (grammar.PgQueryError, ValueError):  # ValueError: half a surrogate pair
        return
    for statement in statements:
        created = statement.stmt.create_stmt
        if created.HasField("partspec"):
            yield _public(created.relation.schemaname or None), created.relation.relname


def _public(schema: str | None) -> str | None:
    return None if schema == "public" else schema
