"""What a change of a type takes, for all pairs of types, against what PostgreSQL does."""

from __future__ import annotations

import psycopg
import pytest

from fumehood.conversions import Work, is_assignable, sql_type, work
from fumehood.facts import ColumnType

from .databases import Database
from .matrix import sampled
from .servers import Server

pytestmark = pytest.mark.slow

MOOD = ColumnType("mood", enum=True)
OTHER_MOOD = ColumnType("other_mood", enum=True)
# Types, each with a value.
TYPES = {
    **{ColumnType(name): "1" for name in ("int2", "int4", "int8", "float4", "float8", "oid")},
    ColumnType("numeric"): "1",
    ColumnType("numeric", (8, 2)): "1",
    ColumnType("numeric", (10, 2)): "1",
    ColumnType("numeric", (10, 3)): "1",
    ColumnType("money"): "1",
    ColumnType("text"): "1",
    ColumnType("text", collation="C"): "1",
    ColumnType("varchar"): "1",
    ColumnType("varchar", (5,)): "1",
    ColumnType("varchar", (9,)): "1",
    ColumnType("bpchar", (5,)): "1",
    ColumnType("bpchar", (9,)): "1",
    ColumnType("bpchar"): "1",
    ColumnType("name"): "1",
    ColumnType("bool"): "true",
    ColumnType("bit", (1,)): "1",
    ColumnType("bit", (2,)): "10",
    ColumnType("varbit"): "1",
    ColumnType("varbit", (5,)): "1",
    ColumnType("varbit", (9,)): "1",
    ColumnType("bytea"): "1",
    ColumnType("uuid"): "00000000-0000-0000-0000-000000000001",
    ColumnType("json"): "1",
    ColumnType("jsonb"): "1",
    ColumnType("jsonpath"): "$",
    ColumnType("date"): "2026-01-01",
    **{
        ColumnType(name, sizes): "2026-01-01 00:00:00"
        for name in ("timestamp", "timestamptz")
        for sizes in ((), (0,), (3,), (6,))
    },
    **{
        ColumnType(name, sizes): "00:00:00"
        for name in ("time", "timetz", "interval")
        for sizes in ((), (3,), (6,))
    },
    ColumnType("cidr"): "10.0.0.0/8",
    ColumnType("inet"): "10.0.0.0/8",
    ColumnType("macaddr"): "00:00:00:00:00:00",
    ColumnType("macaddr8"): "00:00:00:00:00:00:00:00",
    ColumnType("regclass"): "1",
    ColumnType("tsvector"): "1",
    ColumnType("tsquery"): "1",
    ColumnType("int4range"): "[1,2)",
    ColumnType("int8range"): "[1,2)",
    ColumnType("tstzrange"): "empty",
    ColumnType("int4", dimensions=1): "{1}",
    ColumnType("int4", dimensions=2): "{1}",
    ColumnType("int8", dimensions=1): "{1}",
    ColumnType("text", dimensions=1): "{1}",
    ColumnType("varchar", dimensions=1): "{1}",
    ColumnType("varchar", (5,), dimensions=1): "{1}",
    ColumnType("varchar", (9,), dimensions=1): "{1}",
    MOOD: "1",
    OTHER_MOOD: "1",
}
NOT_INDEXED = ("json", "jsonpath")  # with no operators of a btree
SETUP = "CREATE TYPE mood AS ENUM ('1'); CREATE TYPE other_mood AS ENUM ('1')"
MISMATCH, CONVERTED = "DatatypeMismatch", "converted"


def written(type_: ColumnType) -> str:
    collation = f' COLLATE "{type_.collation}"' if type_.collation else ""
    return sql_type(type_) + collation


def measured(connection: psycopg.Connection, new: ColumnType, using: str) -> object:
    """Whether the table and its index are written anew when the column changes."""
    files = "SELECT pg_relation_filenode('t'), pg_relation_filenode(to_regclass('ix'))"
    before = connection.execute(files).fetchone()
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(f"ALTER TABLE t ALTER c TYPE {written(new)}{using}")  # type: ignore[arg-type]
            after = connection.execute(files).fetchone()
    except psycopg.errors.DatatypeMismatch:
        return MISMATCH
    except (psycopg.DataError, psycopg.errors.UndefinedTable, psycopg.errors.UndefinedObject):
        return CONVERTED  # the value or the index has no counterpart, so they were written anew
    assert before
    assert after
    return before[0] != after[0], before[1] != after[1]


def expected(old: ColumnType, new: ColumnType, major: int) -> tuple[bool, bool]:
    found = work(old, new)
    assert found is not Work.UNKNOWN
    rewrites = found is Work.REWRITE
    rebuilds = found in (Work.REWRITE, Work.OPERATORS, Work.UNLESS_UTC)
    return rewrites, rebuilds and old.name not in NOT_INDEXED


@pytest.mark.parametrize("old", sampled(TYPES, 4), ids=written)
def test_all_pairs(old: ColumnType, database: Database, server: Server) -> None:
    connection = database.connection
    index = "" if old.name in NOT_INDEXED and not old.dimensions else "CREATE INDEX ix ON t (c);"
    value = TYPES[old]
    database.reset(
        f"{SETUP}; CREATE TABLE t (c {written(old)}); INSERT INTO t VALUES ('{value}'); {index}"
    )
    wrong = []
    for new in TYPES:
        found = measured(connection, new, "")
        assignable = is_assignable(old, new)
        if (found != MISMATCH) != assignable:
            wrong.append(f"{sql_type(new)}: assignable {assignable}, found {found}")
        if found not in (MISMATCH, CONVERTED) and found != expected(old, new, server.major):
            wrong.append(f"{written(new)}: {work(old, new)}, found {found}")
        if found == CONVERTED and work(old, new) is not Work.REWRITE:
            wrong.append(f"{written(new)}: {work(old, new)}, found an error of conversion")
    assert not wrong, "\n".join(wrong)
