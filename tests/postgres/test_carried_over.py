"""What stands on a column goes along when its type is changed over several revisions."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest

from .carried import (
    CASES,
    ROWS,
    TABLES,
    emptied,
    expanded_all,
    left,
    plain,
    rows,
    without_old,
    without_types,
)
from .catalog import difference, unfinished
from .databases import Database
from .interruptions import error_of, killed_before
from .locks import Watch
from .matrix import LEVEL, TURN, in_turn, pairwise
from .needs import Needs
from .project import Project, Setup
from .test_writers import PAUSE, WRITERS, Ledger, at_work
from .waiting import until_true

pytestmark = pytest.mark.slow


def of_cases() -> list[Any]:
    """Each case, under a setup in turn."""
    setups = pairwise()
    pairs = [(name, setups[(n + TURN) % len(setups)]) for n, name in enumerate(CASES)]
    return [pytest.param(name, setup, id=f"{name}-{setup}") for name, setup in in_turn(pairs, 4)]


@pytest.mark.parametrize(("name", "setup"), of_cases())
def test_up_down_up(name: str, setup: Setup, database: Database, tmp_path: Path) -> None:
    revisions, schema = CASES[name].revisions(setup), setup.schema
    project = Project(tmp_path, setup, database.parameters)
    expected = plain(project, database, revisions)
    expanded_all(project, *revisions)
    emptied(database, setup)
    project.upgrade("b1")
    before, held = left(database), rows(database, schema)
    assert held
    watch = Watch(database, Needs(tables={(schema, each): {} for each in TABLES}))
    with watch.closing():
        project.upgrade(watch=watch)
    assert [fault for step in watch.steps for fault in step.faults()] == []
    after = left(database)
    assert difference(without_types(expected), without_types(without_old(after))) == []
    assert unfinished(after) == []
    assert rows(database, schema) == held
    project.downgrade("b1")
    assert difference(before, left(database)) == []
    assert rows(database, schema) == held
    project.upgrade()
    assert difference(after, left(database)) == []
    assert rows(database, schema) == held
    project.downgrade("base")


STOPPED = "a key with foreign keys to it"
STEP = 1 if LEVEL == "every" else 3  # between the statements that are tried


def test_killed_before_each_statement(database: Database, tmp_path: Path) -> None:
    """What is left is either as before or can be gone on with: another run ends well."""
    create, change = (each.replace("12000", "40") for each in CASES[STOPPED].revisions(Setup()))
    project = Project(tmp_path, Setup(), database.parameters)
    expanded_all(project, create, change)
    database.reset("")
    project.upgrade()
    whole = left(database)
    project.downgrade("b1")
    before, number = left(database), 0
    for number in count(TURN % STEP, STEP):
        if not killed_before(project, database, number):
            break
        project.upgrade()
        assert difference(whole, left(database)) == [], f"killed before statement {number}"
        project.downgrade("b1")
    assert number > 20
    for number in count(TURN % STEP, STEP):
        if not killed_before(project, database, number, down_to="b1"):
            break
        project.downgrade("b1")
        assert difference(before, left(database)) == [], f"killed before statement {number}"
        project.upgrade()
    assert number > 20
    assert difference(before, left(database)) == []


NEGATED = (
    "UPDATE orders SET c = -c WHERE id = %s",
    "INSERT INTO orders (id, c) VALUES (%s, 0) ON CONFLICT (id) DO UPDATE SET c = -orders.c",
)


class KeyLedger(Ledger):
    """Writers who insert orders and their items, and delete some; `rows` are each one's own."""

    def __init__(self) -> None:
        super().__init__("", "", held={n: n for n in range(1, ROWS + 1)})
        self.rows = [[*range(writer + 1, ROWS + 1, WRITERS)] for writer in range(WRITERS)]

    def keep_writing(self, database: Database, writer: int, ends: Event) -> None:
        """Be one writer, until the event."""
        chance, mine = random.Random(writer), self.rows[writer]
        with database.server.connect(database.name) as connection:
            connection.prepare_threshold = None  # else a plan would be of the old type once
            run = connection.execute
            while not ends.wait(PAUSE):
                if chance.random() < 0.5:
                    number = chance.randint(1, 10**6)
                    sql = "INSERT INTO orders (c) VALUES (%s) RETURNING id"
                    row = run(sql, (number,)).fetchone() or (0,)
                    self.held[row[0]] = number
                    mine.append(row[0])
                    run("INSERT INTO items (order_id) VALUES (%s)", row)
                elif chance.random() < 0.5:
                    row = (mine.pop(chance.randrange(len(mine))),)
                    assert run("DELETE FROM orders WHERE id = %s", row).rowcount == 1
                    del self.held[row[0]]
                else:
                    row = (chance.choice(mine),)
                    assert run(chance.choice(NEGATED), row).rowcount == 1
                    self.held[row[0]] *= -1
                self.writes[writer] += 1

    def lost(self, database: Database) -> list[tuple[object, ...]]:
        """Orders that are not there, hold something else, or that nobody wrote; or have no item."""
        run = database.connection.execute
        there = dict(run("SELECT id, c FROM orders").fetchall())
        wrong: list[tuple[object, ...]] = [*(there.items() ^ self.held.items())]
        items = "SELECT o.id, i.order_id FROM orders o FULL JOIN items i ON i.order_id = o.id "
        return wrong + run(items + "WHERE o.id IS NULL OR i.id IS NULL").fetchall()


def until_it_gets_the_lock(way: Callable[[], None]) -> None:
    """Run it again as often as another holds a table for too long."""
    for _ in range(20):
        error = error_of(way)
        if error is None:
            return
        assert "lock timeout" in str(error), error
    raise AssertionError("it never gets its locks")


WRITTEN = ["what refers to a key, and the key", "a key with items", "an identity key with items"]


@pytest.mark.parametrize("name", in_turn(WRITTEN, 3))
def test_no_write_is_lost(name: str, database: Database, tmp_path: Path) -> None:
    project = Project(tmp_path, Setup(), database.parameters)
    expanded_all(project, *CASES[name].revisions(Setup()))
    database.reset("")
    project.upgrade("b1")
    nothing_is_lost(KeyLedger(), project, database)


def nothing_is_lost(ledger: Ledger, project: Project, database: Database) -> None:
    """Migrate up, down and up again while a ledger's writers are at work."""
    for way in (project.upgrade, lambda: project.downgrade("b1"), project.upgrade):
        ledger.writes = [0] * WRITERS
        with at_work(database, ledger):
            until_it_gets_the_lock(way)
        assert ledger.lost(database) == []


class PairLedger(Ledger):
    """Writers of rows whose key has two columns; none writes a number twice."""

    def __init__(self) -> None:
        super().__init__(
            "'v' || n / 3 || ' ' || mod(n, 3)", "n", row="at || ' ' || id", unique=True
        )

    def statements(self, writer: int) -> tuple[str, str]:
        """As above."""
        row = "(SELECT 'v' || n / 3 AS key_at, mod(n, 3) AS key_id FROM (SELECT %s AS n) n) AS key"
        return (
            f"INSERT INTO orders (c, at, id) SELECT %s, key_at, key_id FROM {row}",
            f"UPDATE orders SET c = %s FROM {row} WHERE (at, id) = (key_at, key_id)",
        )


def test_no_write_is_lost_of_rows_with_a_key_of_several_columns(
    database: Database, tmp_path: Path
) -> None:
    create, change = CASES["a key of several columns"].revisions(Setup())
    project = Project(tmp_path, Setup(), database.parameters)
    expanded_all(project, create.replace("12000", "25000"), change)
    database.reset("")
    project.upgrade("b1")
    nothing_is_lost(PairLedger(), project, database)


def test_no_writer_is_ended_by_a_deadlock(database: Database, tmp_path: Path) -> None:
    """One writes an item and waits for its order's table behind a migration that needs both."""
    project = Project(tmp_path, Setup(), database.parameters)
    expanded_all(project, *CASES["a key and what refers to it"].revisions(Setup()))
    database.reset("")
    project.upgrade("b1")
    meets_a_writer(database, lambda: project.upgrade("b2"))
    (swap,) = project.versions.glob("*_swap_orders_id.py")
    filled = re.search(r'^down_revision = "(\w+)"', swap.read_text(), re.MULTILINE)
    assert filled
    project.upgrade(filled[1])
    swapped = swap.name.partition("_")[0]
    for way, to in (project.upgrade, swapped), (project.downgrade, filled[1]):
        meets_a_writer(database, partial(way, to))
        way(to)
    project.downgrade("b2")
    meets_a_writer(database, lambda: project.downgrade("b1"))


def meets_a_writer(database: Database, way: Callable[[], None]) -> None:
    """Run it while one holds the first table, and another the second."""
    connect = partial(database.server.connect, database.name)
    waits = "SELECT wait_event_type FROM pg_stat_activity WHERE datname = current_database() "
    with connect() as holder, connect() as writer, ThreadPoolExecutor(2) as pool:
        holder.execute("BEGIN; LOCK TABLE orders IN ROW EXCLUSIVE MODE")
        moving = pool.submit(error_of, way)

        def waiting() -> int:
            found = database.connection.execute(waits + "AND wait_event_type = 'Lock'")
            return len(found.fetchall())

        until_true(lambda: waiting() == 1 or moving.done(), "it waits for orders")
        writing = pool.submit(
            error_of, partial(writer.execute, "INSERT INTO items (order_id) VALUES (7)")
        )
        until_true(lambda: waiting() == 2 or moving.done(), "so does the writer")
        sleep(0.3)
        holder.execute("COMMIT")
        assert writing.result() is None
        assert moving.result() is None or "lock timeout" in str(moving.result())


ON_CONFLICT = {
    "a key with its sequence": ("(id)", "ON CONSTRAINT orders_pkey"),
    "a unique constraint, and a key to it": ("(c)", "ON CONSTRAINT orders_c_key"),
}


@pytest.mark.parametrize("name", ON_CONFLICT)
def test_on_conflict_finds_its_index_at_any_time(
    name: str, database: Database, tmp_path: Path
) -> None:
    project = Project(tmp_path, Setup(), database.parameters)
    create, change = (each.replace("12000", "9") for each in CASES[name].revisions(Setup()))
    expanded_all(project, create, change)
    database.reset("")
    project.upgrade("b1")
    run = partial(database.connection.execute, prepare=False)  # a plan would be of the old type
    steps = len([*project.versions.glob("*.py")]) - 2  # without a1 and b1
    for way, by in [(project.upgrade, "+1")] * steps + [(project.downgrade, "-1")] * steps:
        way(by)
        for target in ON_CONFLICT[name]:
            for id_, c in ((3, 3), (99, 99), (99, 99)):  # one that is there, one that comes
                insert = f"INSERT INTO orders (id, c) VALUES ({id_}, {c}) ON CONFLICT {target} "
                for action in ("DO NOTHING", "DO UPDATE SET id = EXCLUDED.id, c = EXCLUDED.c"):
                    run(insert + action)  # type: ignore[arg-type]
            found = run("SELECT id, c FROM orders WHERE id IN (3, 99)")
            assert found.fetchall() == [(3, 3), (99, 99)]
            run("DELETE FROM orders WHERE id = 99")
