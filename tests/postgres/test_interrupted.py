"""What an interrupted rewrite leaves behind, and how to go on: as the rules' pages say.

The statement that takes long is stopped by a row that it does not suffer, by a session that is
ended, or by a lock that does not come in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from fumehood import pages
from tests.page_cases import Case

from .catalog import Catalog, catalog, difference, unfinished
from .databases import Database
from .equivalence import Course, original_course, rewrites, without_neighbours
from .interruptions import error_of, kill_when_waiting, killed_before, psycopg_errors, stamped
from .matrix import LEVEL, TURN, in_turn, sampled
from .project import Project, Setup
from .test_equivalence import ON_PAGES, skip_where_too_old, types_of

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Example:
    """A page's way to go on. The SQL is the page's, or breaks and mends a row."""

    heading: str  # of the example
    stops_at: str  # the statement that takes long
    waits_for: str  # another's lock that lets it begin, and holds it up
    breaks: str
    mends: str
    cleans: str  # then it can be run again
    finishes: str = ""  # or this, and the revision is stamped


EXAMPLES = {
    "only-concurrent-indexes": Example(
        "When the build fails",
        "CREATE UNIQUE INDEX CONCURRENTLY",
        "ROW EXCLUSIVE",
        "UPDATE users SET email = 1 WHERE id < 3",
        "UPDATE users SET email = -id WHERE id < 3",
        "DROP INDEX CONCURRENTLY ix_users_email",
    ),
    "unique-constraint": Example(
        "When the build fails",
        "CREATE UNIQUE INDEX CONCURRENTLY",
        "ROW EXCLUSIVE",
        "UPDATE users SET email = 1 WHERE id < 3",
        "UPDATE users SET email = -id WHERE id < 3",
        "DROP INDEX CONCURRENTLY users_email_unique",
    ),
    "split-check-constraint": Example(
        "When VALIDATE fails",
        "VALIDATE",
        "SHARE UPDATE EXCLUSIVE",
        "UPDATE users SET age = -1 WHERE id = 2",
        "UPDATE users SET age = 1 WHERE id = 2",
        "ALTER TABLE users DROP CONSTRAINT ck_users_age",
        "ALTER TABLE users VALIDATE CONSTRAINT ck_users_age",
    ),
    "split-foreign-key": Example(
        "When VALIDATE fails",
        "VALIDATE",
        "SHARE UPDATE EXCLUSIVE",
        "UPDATE users SET order_id = 99 WHERE id = 2",
        "UPDATE users SET order_id = 1 WHERE id = 2",
        "ALTER TABLE users DROP CONSTRAINT fk_users_orders",
        "ALTER TABLE users VALIDATE CONSTRAINT fk_users_orders",
    ),
}
EXISTS = {"42P07", "42701", "42710"}  # a table or index, a column, a constraint that exists


class Trial:
    """One rewrite on its tables, from an interruption to its end."""

    def __init__(
        self, case: Case, title: str, setup: Setup, database: Database, folder: Path
    ) -> None:
        self.database, self.setup = database, setup
        self.project = Project(folder, setup, database.parameters)
        self.rewrite = next(
            each
            for each in rewrites(self.project, case.text)
            if each.title.startswith(title) and each.mends_all
        )
        self.needed, original = original_course(self.project, database, case.text, types_of(case))
        self.expected = original.catalogs[0]
        database.reset(self.needed.sql())
        self.project.write(self.rewrite.files)

    @property
    def found(self) -> Catalog:
        return without_neighbours(catalog(self.database.connection))

    def stopped(self, error: tuple[type[Exception], ...], **how: Any) -> None:
        """Upgrade, and be stopped by an error of PostgreSQL."""
        raised = error_of(lambda: self.project.upgrade(**how))
        # An error in an autocommit block may be followed by others of its end.
        causes: list[BaseException | None] = [raised]
        while causes[-1] is not None:
            causes.append(causes[-1].__context__)
        assert any(isinstance(getattr(each, "orig", each), error) for each in causes), raised

    def ends_well(self) -> None:
        """Upgrade; what is there is what the original leaves."""
        self.project.upgrade()
        assert difference(self.expected, self.found) == []


def example_of(rule: str) -> Case:
    heading = EXAMPLES[rule].heading
    return next(case for case in ON_PAGES if case.rule == rule and heading in case.name)


def titles(rule: str) -> list[str]:
    """The first words of the actions that are tried, in place and then re-runnable."""
    if rule.startswith("split"):
        return [
            "Add it NOT VALID, then validate it outside",
            "Add it NOT VALID, then validate it in a follow-up",
        ]
    first = "Run it" if rule.startswith("only") else "Build its index"
    return [
        f"{first} concurrently, {'outside' if first == 'Run it' else 'then add'}",
        f"{first} concurrently, re-runnable",
    ]


SETUPS = (Setup(), Setup("psycopg2", per_migration=False))


PAIRS = [
    (rule, setup)
    for number, rule in enumerate(EXAMPLES)
    for setup in (SETUPS if LEVEL == "every" else [SETUPS[(number + TURN) % 2]])
]


@pytest.fixture(params=sampled(PAIRS, 2), ids=lambda pair: f"{pair[0]}-{pair[1]}")
def trials(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> Callable[[int], tuple[Example, Trial]]:
    """Makes the trial of one of the two actions."""
    rule, setup = request.param

    def make(number: int) -> tuple[Example, Trial]:
        case, title = example_of(rule), titles(rule)[number]
        return EXAMPLES[rule], Trial(case, title, setup, database, tmp_path / "project")

    return make


STOPS = ("row", "killed", "timeout")


@pytest.mark.parametrize("stop", STOPS)
def test_in_place(trials: Callable[[int], tuple[Example, Trial]], stop: str) -> None:
    example, trial = trials(0)
    interrupt(trial, example, stop)
    trial.stopped(psycopg_errors("DuplicateTable", "DuplicateObject"))
    trial.database.connection.execute(example.cleans)
    trial.ends_well()


@pytest.mark.parametrize("stop", STOPS)
def test_re_runnable(trials: Callable[[int], tuple[Example, Trial]], stop: str) -> None:
    example, trial = trials(1)
    interrupt(trial, example, stop)
    trial.ends_well()


def test_finished_by_hand(trials: Callable[[int], tuple[Example, Trial]]) -> None:
    example, trial = trials(0)
    if not example.finishes:
        pytest.skip("its page says nothing of this")
    interrupt(trial, example, "row")
    trial.database.connection.execute(example.finishes)
    trial.project.stamp("b2")
    trial.ends_well()


def interrupt(trial: Trial, example: Example, stop: str) -> None:
    """Stop the upgrade at what takes long, see what is left, and mend the row that was broken."""
    connection = trial.database.connection
    if stop == "row":
        connection.execute(example.breaks)
        trial.stopped(psycopg_errors("UniqueViolation", "CheckViolation", "ForeignKeyViolation"))
    else:
        with held_up(trial.database, example, kill=stop == "killed") as watch:
            trial.stopped(psycopg_errors("LockNotAvailable", "AdminShutdown"), watch=watch)
    assert len(unfinished(trial.found)) == 1
    asked = [
        block.code
        for block in pages.blocks(pages.page(rule_of(example)))
        if block.language == "sql"
    ]
    assert asked
    for sql in asked:  # what the page asks for shows the rows, and what is unfinished
        if stop == "row" or "pg_" in sql:
            assert connection.execute(sql).fetchall(), sql
    connection.execute(example.mends)
    for sql in asked:
        assert "pg_" in sql or not connection.execute(sql).fetchall(), sql


def rule_of(example: Example) -> str:
    return next(rule for rule, each in EXAMPLES.items() if each is example)


@contextmanager
def held_up(database: Database, example: Example, kill: bool) -> Iterator[Callable[[Engine], None]]:
    """A migration that waits for another session's lock in vain: it is killed, or times out."""
    connect = partial(database.server.connect, database.name)
    with connect() as holder, connect() as other, ThreadPoolExecutor(1) as pool:
        killing: list[Future[None]] = []

        def starts(connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
            if example.stops_at not in sql:
                return
            holder.execute(f"BEGIN; LOCK TABLE users IN {example.waits_for} MODE")
            raw = connection.connection.dbapi_connection
            if kill:
                killing.append(pool.submit(kill_when_waiting, other, raw.info.backend_pid))
            else:
                raw.cursor().execute("SET lock_timeout = '50ms'")

        yield lambda engine: event.listen(engine, "before_cursor_execute", starts)
        holder.execute("ROLLBACK")
        for each in killing:
            each.result()


@pytest.mark.parametrize("case", in_turn(ON_PAGES, 4), ids=lambda case: f"{case.rule}:{case.name}")
def test_killed_before_each_statement(case: Case, database: Database, tmp_path: Path) -> None:
    """What was not committed is not there; what was is why another run finds it there."""
    skip_where_too_old(case, database)
    project = Project(tmp_path, Setup(), database.parameters)
    offered = [each for each in rewrites(project, case.text) if each.mends_all]
    needed, original = original_course(project, database, case.text, types_of(case))
    for rewrite in offered:
        for number in count():
            database.reset(needed.sql())
            project.write(rewrite.files)
            if not killed_before(project, database, number):
                break
            assert "z9" not in stamped(database)
            error = error_of(project.upgrade)
            where = f"{rewrite.title}, before statement {number}: {error}"
            if error is not None:
                assert number > 0, where
                assert Course({}, error=error).state in EXISTS, where
            elif original.ran and rewrite.equivalent:
                left = without_neighbours(catalog(database.connection))
                assert difference(original.catalogs[0], left) == [], where
