"""What type changes do to a table is what is written down, on each version of PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest

from .databases import Database
from .type_changes import changes, measured

pytestmark = pytest.mark.slow


def test_what_is_written_down_is_what_the_server_does(database: Database) -> None:
    database.connection.execute("CREATE TYPE mood AS ENUM ('sad')")
    assert list(measured(database.connection)) == changes()


def test_elsewhere_than_in_utc_a_time_zone_costs_a_rewrite(database: Database) -> None:
    database.connection.execute("CREATE TYPE mood AS ENUM ('sad')")
    found = list(measured(database.connection, "Europe/Berlin"))
    pairs = [
        (each["from"], each["to"])
        for each, utc in zip(found, changes(), strict=True)
        if each != utc
    ]
    assert pairs == [("timestamp", "timestamptz"), ("timestamptz", "timestamp")]


@pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW"])
def test_a_view_that_reads_the_column_stands_in_the_way(kind: str, database: Database) -> None:
    run = database.connection.execute
    run("CREATE TABLE t (c varchar(9), d integer)")
    run(f"CREATE {kind} v AS SELECT d FROM t WHERE c <> ''")  # type: ignore[arg-type]
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="used by a view or rule"):
        run("ALTER TABLE t ALTER c TYPE varchar(90)")
    run(f"DROP {kind} v; CREATE {kind} v AS SELECT d FROM t")  # type: ignore[arg-type]
    run("ALTER TABLE t ALTER c TYPE varchar(90)")
