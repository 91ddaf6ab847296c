"""What Alembic's operations lock and work through, against what was measured before.

`operations.json` is that measurement: for each operation and range of major versions the strongest
lock on each table, and whether the table is scanned, rewritten, or an index of it built.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.page_cases import HEAD

from .databases import Database
from .equivalence import NAME
from .locks import STRENGTH, Step, Watch
from .needs import Needs
from .project import Project, Setup
from .servers import Server

pytestmark = pytest.mark.slow

MEASURED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("operations.json").read_text(encoding="utf-8")
)
TABLES = """
    CREATE TABLE parent (id integer PRIMARY KEY);
    CREATE TABLE t (
        id integer PRIMARY KEY, a integer, b integer, email text, body text, parent_id integer,
        during tsrange
    );
    CREATE INDEX ix_t_a ON t (a);
    INSERT INTO parent SELECT generate_series(1, 99);
    INSERT INTO t SELECT n, n, n, n, n, n, tsrange(timestamp '2026-01-01' + n * interval '1 day',
        timestamp '2026-01-01' + n * interval '1 day' + interval '1 hour')
    FROM generate_series(1, 99) AS s(n);
"""


@pytest.mark.parametrize("measured", MEASURED, ids=lambda each: str(each["operation"]))
def test_operation(
    measured: dict[str, Any], server: Server, database: Database, tmp_path: Path
) -> None:
    expected = of_version(measured["results"], server.major)
    if expected is None:
        pytest.skip(f"PostgreSQL {server.major} has it not")
    database.reset(TABLES + measured.get("before", ""))
    project = Project(tmp_path, Setup(), database.parameters)
    body = measured["alembic"].replace("\n", "\n    ")
    project.write({NAME: f"{HEAD}def upgrade():\n    {body}\n"})
    watch = Watch(database, Needs(tables={(None, "t"): {}, (None, "parent"): {}}))
    with watch.closing():
        project.upgrade(watch=watch)
    found = observed(watch.steps)
    assert found.keys() == expected.keys()
    for table, facts in expected.items():  # of a concurrent build only the lock was measured
        assert {key: found[table][key] for key in facts} == facts


def observed(steps: list[Step]) -> dict[str, dict[str, object]]:
    """The strongest lock on each table, and what was done with it."""
    found: dict[str, dict[str, object]] = {}
    for table in ("t", "parent"):
        modes = [step.strongest[table] for step in steps if table in step.held]
        if not modes:
            continue
        found[table] = {
            "lock": max(modes, key=STRENGTH.index),
            "scanned": any(table in step.scanned for step in steps),
            "built": any(table in step.built for step in steps),
            "rewritten": any(table in step.rewritten for step in steps),
        }
    return found


def of_version(results: dict[str, Any], major: int) -> Any:
    """The results of the range of versions that a major one is in."""
    for versions, result in results.items():
        first, _, last = versions.partition("-")
        if int(first) <= major <= int(last or first):
            return result
    return None
