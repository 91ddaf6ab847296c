"""What ALTER COLUMN … TYPE does to a table, asked of a server.

    python -m tests.postgres.type_changes >tests/postgres/type_changes.json

measures the pairs again, on the server that the tests would take. `changes` is what is written
down: for each pair, with each thing that may stand on the column, "rewrites" the table, "scans" it
(for a check, or to build an index again), or "nothing"; "error" where PostgreSQL refuses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

FILE = Path(__file__).with_name("type_changes.json")

# What may stand on the column `c`.
BESIDE = {
    "plain": "SELECT",
    "index": "CREATE INDEX ix ON t (c)",
    "check": "ALTER TABLE t ADD CHECK (c IS NOT NULL)",
    "expression": "CREATE INDEX ix ON t ((c IS NULL))",
    "predicate": "CREATE INDEX ix ON t (id) WHERE c IS NOT NULL",
}
# From, to, a value of the old type, and USING where the change needs it. Of xml nothing is known:
# the servers of the tests are built without it.
PAIRS = (
    ("smallint", "integer", "1"),
    ("smallint", "bigint", "1"),
    ("integer", "bigint", "1"),
    ("integer", "smallint", "1"),
    ("bigint", "integer", "1"),
    ("integer", "numeric", "1"),
    ("integer", "text", "1"),
    ("integer", "varchar(50)", "1"),
    ("integer", "double precision", "1"),
    ("integer", "oid", "1"),
    ("integer", "boolean", "1", "c <> 0"),
    ("boolean", "integer", "true", "c::integer"),
    ("real", "double precision", "1.5"),
    ("double precision", "real", "1.5"),
    ("numeric(10, 2)", "numeric(12, 2)", "1.5"),
    ("numeric(10, 2)", "numeric(8, 2)", "1.5"),
    ("numeric(10, 2)", "numeric(12, 4)", "1.5"),
    ("numeric(10, 2)", "numeric", "1.5"),
    ("numeric", "numeric(10, 2)", "1.5"),
    ("numeric(10, 2)", "double precision", "1.5"),
    ("varchar(50)", "varchar(50)", "'a'"),
    ("varchar(50)", "varchar(100)", "'a'"),
    ("varchar(100)", "varchar(50)", "'a'"),
    ("varchar(50)", "varchar", "'a'"),
    ("varchar(50)", "text", "'a'"),
    ("varchar", "text", "'a'"),
    ("text", "varchar", "'a'"),
    ("text", "varchar(50)", "'a'"),
    ("varchar(10)", "char(10)", "'a'"),
    ("char(10)", "varchar(10)", "'a'"),
    ("char(10)", "char(20)", "'a'"),
    ("char(10)", "text", "'a'"),
    ("text", 'text COLLATE "C"', "'a'"),
    ("text", "uuid", "'00000000-0000-0000-0000-000000000001'", "c::uuid"),
    ("uuid", "text", "'00000000-0000-0000-0000-000000000001'"),
    ("text", "integer", "'1'", "c::integer"),
    ("text", "jsonb", "'{}'", "c::jsonb"),
    ("text", "mood", "'sad'", "c::mood"),
    ("mood", "text", "'sad'"),
    ("json", "jsonb", "'{}'"),
    ("jsonb", "json", "'{}'"),
    ("json", "text", "'{}'"),
    ("bytea", "text", "'a'", "encode(c, 'hex')"),
    ("bit(8)", "bit(16)", "'10101010'", "c::bit(16)"),
    ("varbit(8)", "varbit(16)", "'1010'"),
    ("varbit(16)", "varbit(8)", "'1010'"),
    ("varbit(8)", "varbit", "'1010'"),
    ("cidr", "inet", "'10.0.0.0/8'"),
    ("inet", "cidr", "'10.0.0.0/8'"),
    ("date", "timestamp", "'2026-01-01'"),
    ("timestamp", "date", "'2026-01-01'"),
    ("timestamp", "timestamptz", "'2026-01-01'"),
    ("timestamptz", "timestamp", "'2026-01-01'"),
    ("timestamp", "timestamptz", "'2026-01-01'", "c AT TIME ZONE 'UTC'"),
    ("timestamp(3)", "timestamp(6)", "'2026-01-01'"),
    ("timestamp(3)", "timestamp", "'2026-01-01'"),
    ("timestamp", "timestamp(3)", "'2026-01-01'"),
    ("timestamptz(3)", "timestamptz", "'2026-01-01'"),
    ("timestamptz", "timestamptz(3)", "'2026-01-01'"),
    ("time(3)", "time(6)", "'12:00'"),
    ("time", "time(3)", "'12:00'"),
    ("time", "timetz", "'12:00'"),
    ("interval(3)", "interval", "'1 day'"),
    ("interval", "interval(3)", "'1 day'"),
    ("integer[]", "bigint[]", "'{1}'"),
    ("varchar(50)[]", "varchar(100)[]", "'{a}'"),
    ("varchar(50)[]", "text[]", "'{a}'"),
    ("text[]", "varchar[]", "'{a}'"),
    ("int4range", "int8range", "'[1,2)'", "int8range(lower(c), upper(c))"),
)


def changes() -> list[dict[str, Any]]:
    """What is written down."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def measured(connection: psycopg.Connection, timezone: str = "UTC") -> Iterator[dict[str, Any]]:
    """All pairs, as this server has them; the database needs the enum mood."""
    connection.execute(f"SET timezone = '{timezone}'")  # type: ignore[arg-type]
    for old, new, value, *using in PAIRS:
        entry: dict[str, Any] = {"from": old, "to": new, "value": value}
        entry |= {"using": using[0]} if using else {}
        for beside, sql in BESIDE.items():
            entry[beside] = effect(connection, entry, sql)
        yield entry


def effect(connection: psycopg.Connection, change: dict[str, Any], beside: str) -> str:
    """What one change does; the transaction is rolled back."""
    using = f" USING {change['using']}" if "using" in change else ""
    value = f"CAST({change['value']} AS {change['from']})"
    state = (
        "SELECT pg_relation_filenode('t'), pg_stat_get_xact_tuples_returned('t'::regclass), "
        "(SELECT max(pg_relation_filenode(indexrelid)) FROM pg_index "
        "WHERE indrelid = 't'::regclass)"
    )
    try:
        with connection.transaction(force_rollback=True):
            run = connection.execute
            run(f"CREATE TABLE t (id integer, c {change['from']})")  # type: ignore[arg-type]
            run(f"INSERT INTO t SELECT n, {value} FROM generate_series(1, 9) s(n)")  # type: ignore[arg-type]
            run(beside)  # type: ignore[call-overload]
            before = run(state).fetchone() or ()  # type: ignore[call-overload]
            run(f"ALTER TABLE t ALTER c TYPE {change['to']}{using}")  # type: ignore[arg-type]
            after = run(state).fetchone() or ()  # type: ignore[call-overload]
    except psycopg.DatabaseError:
        return "error"
    if before[0] != after[0]:
        return "rewrites"
    return "scans" if before[1:] != after[1:] else "nothing"


if __name__ == "__main__":
    from .databases import database
    from .servers import server_of_environment

    with server_of_environment() as server, database(server) as made:
        made.connection.execute("CREATE TYPE mood AS ENUM ('sad')")
        lines = [json.dumps(each) for each in measured(made.connection)]
    sys.stdout.write("[\n" + ",\n".join(lines) + "\n]\n")
