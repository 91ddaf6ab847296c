"""While a constraint is added, others go on writing: each of them, during all that takes long."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.page_cases import HEAD

from .catalog import catalog, unfinished
from .databases import Database
from .equivalence import NAME, rewrites
from .matrix import in_turn
from .project import Project, Setup
from .test_writers import ROWS, Ledger, at_work
from .waiting import LOOKS, until_true

pytestmark = pytest.mark.slow

TABLES = f"""
    CREATE TABLE orders (id integer PRIMARY KEY, c integer NOT NULL, d integer DEFAULT 0);
    INSERT INTO orders SELECT n, n FROM generate_series(1, {ROWS}) AS s(n);
    CREATE TABLE items (id integer PRIMARY KEY, d integer DEFAULT 0, UNIQUE (id, d));
    INSERT INTO items SELECT n FROM generate_series(1, {ROWS}) AS s(n)
"""
ADDED = {
    "a unique constraint": 'create_unique_constraint("x", "orders", ["c"])',
    "a unique constraint of several columns": 'create_unique_constraint("x", "orders", ["c", "d"])',
    "a check": 'create_check_constraint("x", "orders", "c > 0")',
    "a foreign key": 'create_foreign_key("x", "orders", "items", ["c"], ["id"])',
    "a foreign key of several columns": (
        'create_foreign_key("x", "orders", "items", ["c", "d"], ["id", "d"])'
    ),
}
MIGRATION = (
    HEAD
    + "def upgrade():\n    op.{}\n\n\ndef downgrade():\n    op.drop_constraint('x', 'orders')\n"
)

WRONG = {
    "validated in its transaction": """
    op.create_check_constraint("x", "orders", "c > 0", postgresql_not_valid=True)
    op.execute("ALTER TABLE orders VALIDATE CONSTRAINT x")
""",
    "built in its transaction": """
    op.create_index("x", "orders", ["c"], unique=True)
""",
}


class Progress:
    """Has each writer write thrice while a statement that takes long is under way.

    A concurrent build is held up by an older writer meanwhile. Of others the locks are what counts:
    they are kept by the migration's transaction, else by one in which the statement is run before.
    """

    def __init__(self, database: Database, ledger: Ledger, looks: int = LOOKS) -> None:
        self.seen: list[str] = []
        self._connect = partial(database.server.connect, database.name)
        self._ledger, self._looks = ledger, looks
        self._holds = Event()
        self._held_up: Future[None] | None = None

    def upgrade(self, project: Project) -> None:
        """Upgrade, and raise AssertionError where they did not."""
        with ThreadPoolExecutor(1) as self._pool:
            project.upgrade(watch=self._watch)

    def _watch(self, engine: Engine) -> None:
        event.listen(engine, "before_cursor_execute", self._starts)
        event.listen(engine, "after_cursor_execute", self._ended)

    def _starts(self, connection: Any, _c: Any, sql: str, *_: Any) -> None:
        raw = connection.connection.dbapi_connection
        if not takes_long(sql) or not raw.autocommit:
            return
        self.seen.append(sql)
        if "CONCURRENTLY" in sql:
            self._held_up = self._pool.submit(self._hold, raw.info.backend_pid)
            until_true(self._holds.is_set, "the older writer is there")
            return
        with self._connect() as twin, twin.transaction(force_rollback=True):
            twin.execute(sql)  # type: ignore[call-overload]
            self._goes_on(sql)

    def _ended(self, connection: Any, _c: Any, sql: str, *_: Any) -> None:
        if self._held_up is not None:
            self._held_up.result()
            self._held_up = None
        elif takes_long(sql) and not connection.connection.dbapi_connection.autocommit:
            self.seen.append(sql)
            self._goes_on(sql)

    def _hold(self, pid: int) -> None:
        waits = "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s"
        with self._connect() as holder, self._connect() as other, holder.transaction():
            holder.execute("LOCK TABLE orders IN ROW EXCLUSIVE MODE")
            self._holds.set()
            until_true(lambda: other.execute(waits, (pid,)).fetchone() == ("Lock",), "it waits")
            self._goes_on("the build")

    def _goes_on(self, what: str) -> None:
        before = [*self._ledger.writes]
        until_true(
            lambda: all(b - a >= 3 for a, b in zip(before, self._ledger.writes, strict=True)),
            f"all write while it runs: {what}",
            self._looks,
        )


def takes_long(sql: str) -> bool:
    """Whether a statement works through the table."""
    return "CREATE UNIQUE INDEX" in sql or "VALIDATE CONSTRAINT" in sql


@pytest.mark.parametrize("name", in_turn(ADDED, 4))
def test_all_go_on_writing(name: str, database: Database, tmp_path: Path) -> None:
    project = Project(tmp_path, Setup(), database.parameters)
    offered = [each for each in rewrites(project, MIGRATION.format(ADDED[name])) if each.mends_all]
    assert len(offered) > 1
    for rewrite in offered:
        database.reset(TABLES)
        project.write(rewrite.files)
        ledger = Ledger("n", "n", most=ROWS, unique="unique" in name)  # foreign keys find them all
        progress = Progress(database, ledger)
        with at_work(database, ledger):
            progress.upgrade(project)
        assert progress.seen, rewrite.title
        assert ledger.lost(database) == [], rewrite.title
        assert unfinished(catalog(database.connection)) == [], rewrite.title
        with at_work(database, ledger):
            project.downgrade()
        assert ledger.lost(database) == [], rewrite.title


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_a_lock_that_is_kept_is_seen(body: str, database: Database, tmp_path: Path) -> None:
    project = Project(tmp_path, Setup(), database.parameters)
    project.write({NAME: HEAD + "def upgrade():\n" + body})
    database.reset(TABLES)
    ledger = Ledger("n", "n", unique=True)
    progress = Progress(database, ledger, looks=300)
    with at_work(database, ledger), pytest.raises(AssertionError, match="all write while it runs"):
        progress.upgrade(project)
