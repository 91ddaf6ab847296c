"""Where nothing is said of a query PostgreSQL uses indexes; where something is, it reads it all.

With the indexes that are asked for it does so no more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql

from fumehood.facts import IndexKey
from tests.query_shapes import BY_TRIGRAMS, MODELS, ROWS, SHAPES, TRIGRAMS, UNHELPED, lacks

from .databases import Database
from .databases import database as new_database
from .matrix import in_turn
from .servers import Server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def names() -> Iterator[dict[str, Any]]:
    module = ModuleType("query_shapes_models")  # SQLAlchemy looks annotations up in it
    sys.modules[module.__name__] = module
    exec(MODELS, module.__dict__)
    yield module.__dict__
    del sys.modules[module.__name__]


@pytest.fixture(scope="module")
def filled(server: Server, names: dict[str, Any]) -> Iterator[Database]:
    with new_database(server) as made:
        metadata = names["Base"].metadata
        indexes = [index for table in metadata.sorted_tables for index in table.indexes]
        for index in indexes:
            index.table.indexes.remove(index)
        engine = create_engine("postgresql+psycopg://", creator=lambda: server.connect(made.name))
        metadata.create_all(engine)
        collation = spoken(made)
        for column in ("plain", "nick"):  # in the "C" locale any index serves LIKE 'x%'
            made.connection.execute(
                f'ALTER TABLE users ALTER {column} TYPE varchar COLLATE "{collation}"'
            )
        for statement in ROWS.split(";"):
            made.connection.execute(statement)
        for index in indexes:  # of rows that are there, which is quicker
            index.create(engine)
        engine.dispose()
        made.connection.execute("ANALYZE")
        yield made


def spoken(database: Database) -> str:
    """A collation that is not simply that of the bytes."""
    found = database.connection.execute(
        "SELECT collname FROM pg_collation WHERE collprovider IN ('c', 'i') "
        "AND collname NOT IN ('C', 'POSIX', 'default') ORDER BY collprovider, collname"
    ).fetchall()
    for (name,) in found:
        try:
            database.connection.execute(f"SELECT 'a' < 'b' COLLATE \"{name}\"")
        except psycopg.Error:
            continue
        return str(name)
    pytest.skip("the system has no locale but C")


def key_sql(key: IndexKey) -> str:
    text = key.column if key.expression is None else key.expression
    return f"{text} {key.operator_class or ''} {'DESC' if key.descending else ''}"


def scanned(database: Database, sql: str) -> set[str]:
    """The tables that a plan reads from end to end, or one of their indexes."""
    (plan,) = database.connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()  # type: ignore
    leaders = {
        index: (name, leader)
        for index, name, leader in database.connection.execute(
            "SELECT indexrelid::regclass::text, indrelid::regclass::text, "
            "pg_get_indexdef(indexrelid, 1, true) FROM pg_index"
        ).fetchall()
    }
    return set(_scans(plan[0]["Plan"], leaders))


def _cost(database: Database, sql: str) -> float:
    """What PostgreSQL expects a statement to cost."""
    (plan,) = database.connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()  # type: ignore
    return float(plan[0]["Plan"]["Total Cost"])


def _sql(statement: str, names: dict[str, Any]) -> str:
    compiled = eval(statement, names).compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    return str(compiled).replace("%%", "%")


def _scans(node: dict[str, Any], leaders: dict[str, tuple[str, str]]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    # Entered by another column than the first: all of it is read, or each value of the first.
    condition = node.get("Index Cond")
    if condition is not None:
        name, leader = leaders[node["Index Name"]]
        if leader.partition("(")[0] not in condition:
            yield name
    for each in node.get("Plans", ()):
        yield from _scans(each, leaders)


@pytest.mark.parametrize("statement", in_turn(UNHELPED, 4))
def test_what_no_index_helps_with(statement: str, filled: Database, names: dict[str, Any]) -> None:
    found, _ = lacks(statement)
    assert not found
    sql = _sql(statement, names)
    with filled.connection.transaction(force_rollback=True):
        filled.connection.execute(f"CREATE INDEX ON users ({UNHELPED[statement]})")
        with_index = _cost(filled, sql)
        for setting in ("indexscan", "bitmapscan", "indexonlyscan"):
            filled.connection.execute(f"SET LOCAL enable_{setting} = off")
        assert scanned(filled, sql) == {"users"}
        # Where all pages are read by an index, in order, it saves the looking at rows.
        assert with_index > _cost(filled, sql) / 2


@pytest.mark.parametrize("statement", in_turn(SHAPES))
def test_as_postgresql_plans_it(statement: str, filled: Database, names: dict[str, Any]) -> None:
    found, tables = lacks(statement)
    sql = _sql(statement, names)
    assert scanned(filled, sql) == {tables[each.table] for each in found}
    with filled.connection.transaction(force_rollback=True):
        for each in found:
            for keys in each.indexes:
                on = ", ".join(map(key_sql, keys))
                filled.connection.execute(f"CREATE INDEX ON {tables[each.table]} ({on})")
                if any(key.expression is not None for key in keys):  # of columns all is known
                    filled.connection.execute(f"ANALYZE {tables[each.table]}")
        assert not scanned(filled, sql)


@pytest.mark.parametrize("statement", TRIGRAMS)
def test_an_index_of_trigrams(statement: str, filled: Database, names: dict[str, Any]) -> None:
    has = "SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'"
    if filled.connection.execute(has).fetchone() is None:
        pytest.skip("this PostgreSQL has no pg_trgm")
    sql = _sql(statement, names)
    assert scanned(filled, sql) == {"users"}
    (key,) = BY_TRIGRAMS.keys
    with filled.connection.transaction(force_rollback=True):
        filled.connection.execute("CREATE EXTENSION pg_trgm")
        filled.connection.execute(f"CREATE INDEX ON users USING gin ({key_sql(key)})")
        filled.connection.execute("ANALYZE users")
        assert not scanned(filled, sql)
