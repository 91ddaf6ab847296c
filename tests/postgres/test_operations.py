"""What operations lock and work through, against what was measured before, and what is said of it.

`operations.json` is that measurement: for each operation and range of major versions the strongest
lock on each table, and whether the table is scanned, rewritten, or an index of it built; or the
error. `before` is what the operation finds besides TABLES, `holds` what another session holds while
it is looked at. `said` are the rules that find something in it, and `why` is the reason where
something is said of what does not block while it works, or nothing of what does.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, pool
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from fumehood.engine import Engine
from fumehood.workspace.outlines import outlined
from fumehood.workspace.workspace import Workspace
from tests.page_cases import RULES

from .databases import Database
from .equivalence import NAME
from .locks import BLOCK_WRITES, STRENGTH, Step, Watch
from .matrix import once, sampled
from .needs import Needs
from .project import Project, Setup, url_of
from .servers import Server

pytestmark = pytest.mark.slow

MEASURED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("operations.json").read_text(encoding="utf-8")
)
TABLES = """
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TYPE e1 AS ENUM ('a', 'b');
    CREATE TYPE e2 AS ENUM ('a', 'b', 'c');
    CREATE DOMAIN posint AS integer CHECK (VALUE > 0);
    CREATE DOMAIN dpos AS integer CHECK (VALUE > 0);
    CREATE DOMAIN dint AS integer;
    CREATE TABLE parent (id integer PRIMARY KEY);
    CREATE TABLE t (
        id integer PRIMARY KEY, a integer, b integer, email text, body text, parent_id integer,
        during tsrange, m mood, nn integer NOT NULL DEFAULT 1
    );
    CREATE INDEX ix_t_a ON t (a);
    INSERT INTO parent SELECT generate_series(1, 99);
    INSERT INTO t SELECT n, n, n, n, n, n, tsrange(timestamp '2026-01-01' + n * interval '1 day',
        timestamp '2026-01-01' + n * interval '1 day' + interval '1 hour')
    FROM generate_series(1, 99) AS s(n);
"""
WATCHED = ("t", "parent", "child", "ty", "tch", "p", "p1", "ch", "pd", "mv", "sq")
# What a server was built without: XML, or the extensions beside it.
NOT_THERE = (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile)


@pytest.mark.parametrize("measured", sampled(MEASURED, 4), ids=lambda each: str(each["operation"]))
def test_operation(measured: dict[str, Any], server: Server, database: Database) -> None:
    expected = of_version(measured["results"], server.major)
    if expected is None:
        pytest.skip(f"PostgreSQL {server.major} has it not")
    try:
        database.reset(f"{TABLES}; {measured.get('before', '')}")
    except NOT_THERE as error:
        pytest.skip(f"this server has it not: {error}")
    if "error" in expected:
        with pytest.raises(DBAPIError) as raised:
            run(measured, database)
        assert expected["error"] in str(raised.value)
        return
    found = observed(run(measured, database))
    assert found.keys() == expected.keys()
    for table, facts in expected.items():  # of a concurrent build only the lock was measured
        assert {key: found[table][key] for key in facts} == facts, table


def run(measured: dict[str, Any], database: Database) -> list[Step]:
    """The steps of the operation in a migration."""
    timezone = f"-c timezone={measured.get('timezone', 'UTC')}"
    parameters = {**database.parameters, "options": f"{database.parameters['options']} {timezone}"}
    engine = create_engine(url_of(parameters, "psycopg"), poolclass=pool.NullPool)
    tables: dict[tuple[str | None, str], dict[str, str]] = {(None, name): {} for name in WATCHED}
    watch = Watch(database, Needs(tables=tables), all_of_them=True, holds=measured.get("holds"))
    watch(engine)
    with watch.closing(), engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.begin_transaction(), Operations.context(context) as op:
            exec(measured["alembic"], {"op": op, "sa": sa, "postgresql": postgresql})
    return watch.steps


def observed(steps: list[Step]) -> dict[str, dict[str, object]]:
    """The strongest lock on each table, and what was done with it."""
    found: dict[str, dict[str, object]] = {}
    for table in sorted({table for step in steps for table in step.held}):
        modes = [step.strongest[table] for step in steps if table in step.held]
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


@pytest.mark.parametrize("measured", once(MEASURED, 4), ids=lambda each: str(each["operation"]))
def test_what_is_said(measured: dict[str, Any], tmp_path: Path) -> None:
    """Findings stand at what blocks while it works, and at nothing else; `why` where not."""
    said = rules_at(measured, tmp_path)
    assert said == measured["said"]
    differs = bool(said) != blocks([*measured["results"].values()][-1])
    assert differs == ("why" in measured)


def rules_at(measured: dict[str, Any], folder: Path) -> list[str]:
    """The rules that find something, where an earlier migration made what there is."""
    project = Project(folder, Setup(), {})
    tables = f"{TABLES}; {measured.get('before', '')}"
    text = revision("b2", "b1", measured["alembic"])
    project.write(
        {"b1.py": revision("b1", "a1", f"op.execute({tables!r})"), NAME: text}, last=False
    )
    path, workspace = project.versions / NAME, Workspace()
    for each in workspace.wanted(path):
        workspace.learn(outlined(each))
    settings, around = workspace.around(path)
    engine = Engine(RULES)
    engine.open(str(path), text, settings, around, workspace.before(path))
    assert engine.work(str(path))
    return [found.rule for found in engine.findings(str(path))]


def revision(name: str, down: str, body: str) -> str:
    """A migration's text."""
    return (
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "from sqlalchemy.dialects import postgresql\n\n"
        f"revision = {name!r}\ndown_revision = {down!r}\n\n\n"
        f"def upgrade():\n{textwrap.indent(body, '    ')}\n"
    )


def blocks(result: dict[str, Any]) -> bool:
    """Whether a table is worked through under a lock that others wait for."""
    return any(
        facts["lock"] in BLOCK_WRITES
        and any(facts.get(key) for key in ("scanned", "built", "rewritten"))
        for facts in result.values()
        if isinstance(facts, dict)
    )
