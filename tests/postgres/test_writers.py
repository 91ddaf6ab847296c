"""While a column's type is changed, and changed back, others write: none of it is lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from .databases import Database
from .matrix import in_turn
from .project import Project, Setup
from .test_expand_contract import CHANGE, CREATE, INT_TO_BIGINT, PAIRS, expanded
from .waiting import until_true

pytestmark = pytest.mark.slow

ROWS, WRITERS, PAUSE = 25_000, 3, 0.001
KEYS = {"Integer": "n", "Uuid": "md5(n::text)::uuid"}
TRIALS = [*((pair, "Integer") for pair in PAIRS), ("int to bigint", "Uuid")]


@dataclass
class Ledger:
    """What the writers know to be committed: which number's value is in which number's row.

    `key` and `value` are SQL of n, `row` is a row's key in SQL. Each writer has rows of its own.
    Numbers go up to `most`, or are `unique`: then none comes twice.
    """

    key: str
    value: str
    held: dict[int, int] = field(default_factory=lambda: {n: n for n in range(1, ROWS + 1)})
    writes: list[int] = field(default_factory=lambda: [0] * WRITERS)
    row: str = "id"
    most: int = 10**6
    unique: bool = False
    fresh: list[Iterator[int]] = field(
        default_factory=lambda: [count(ROWS + 1 + number, WRITERS) for number in range(WRITERS)]
    )

    def written(self, writer: int) -> tuple[str, str]:
        """The column that one of them writes, and its value."""
        return "c", self.value

    def number(self, writer: int, chance: random.Random) -> int:
        """What one of them writes next."""
        return next(self.fresh[writer]) if self.unique else chance.randint(1, self.most)

    def statements(self, writer: int) -> tuple[str, str]:
        """An insert and an update, of a number and a row's."""
        column, sql = self.written(writer)
        key, value = (f"(SELECT {sql} FROM (SELECT %s AS n) s)" for sql in (self.key, sql))
        return (
            f"INSERT INTO orders ({column}, id) SELECT {value}, {key}",
            f"UPDATE orders SET {column} = {value} WHERE id = {key}",
        )

    def keep_writing(self, database: Database, writer: int, ends: Event) -> None:
        """Be one writer, until the event: updates of any row that is its own, and inserts."""
        chance = random.Random(writer)
        insert, update = self.statements(writer)
        with database.server.connect(database.name) as connection:
            while not ends.wait(PAUSE):
                number, new = self.number(writer, chance), len(self.held) * WRITERS
                inserts = chance.random() < 0.3
                row = (new if inserts else chance.randrange(ROWS // WRITERS) * WRITERS) + writer + 1
                sql = insert if inserts and row not in self.held else update
                done = connection.execute(sql, (number, row))  # type: ignore[call-overload]
                assert done.rowcount == 1
                self.held[row] = number
                self.writes[writer] += 1

    def lost(self, database: Database) -> list[tuple[object, ...]]:
        """Rows that are not there, hold something else, or that nobody wrote."""
        (column,) = database.connection.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = 'orders'::regclass AND attname = 'c'"
        ).fetchone() or ("",)
        found = database.connection.execute(
            f"WITH numbers AS (SELECT {self.key} AS id, m AS n FROM unnest(%s::int[], %s::int[]) "
            f"AS s(n, m)), ledger AS (SELECT id, to_jsonb(({self.value})::{column}) AS c "
            f"FROM numbers), orders AS (SELECT {self.row} AS id, to_jsonb(c) AS c FROM orders) "
            "SELECT id, ledger.c, orders.c FROM ledger FULL JOIN orders USING (id) "
            "WHERE ledger.c IS DISTINCT FROM orders.c",  # type: ignore[arg-type]
            ([*self.held], [*self.held.values()]),
        )
        return found.fetchall()


@contextmanager
def at_work(database: Database, ledger: Ledger) -> Iterator[None]:
    """Three writers, who write before what is done in the block, and after it."""
    ends = Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [
            pool.submit(ledger.keep_writing, database, number, ends) for number in range(WRITERS)
        ]

        def all_wrote(before: list[int]) -> bool:
            pairs = zip(before, ledger.writes, strict=True)
            return any(each.done() for each in writing) or all(a < b for a, b in pairs)

        try:
            until_true(lambda: all_wrote([0] * WRITERS), "all have written")
            yield
            before = [*ledger.writes]
            until_true(lambda: all_wrote(before), "all have written once more")
        finally:
            ends.set()
        for each in writing:
            each.result()


@pytest.mark.parametrize(("pair", "key"), in_turn(TRIALS))
def test_no_write_is_lost(pair: str, key: str, database: Database, tmp_path: Path) -> None:
    old, new, type_, row, using = PAIRS[pair]
    ledger = Ledger(KEYS[key], row.removeprefix("n, "))
    values = f"{ledger.key}, {ledger.value}"
    indexed = '"id"' if old == "sa.JSON()" else '"c"'  # of json there is no index
    create = CREATE.format(key=key, old=old, nullable=False, value=values, indexed=indexed)
    project = Project(tmp_path, Setup(), database.parameters)
    expanded(project, create, CHANGE.format(old=old, new=new, using=using))
    database.reset("")
    project.upgrade("b1")
    ways = (project.upgrade, lambda: project.downgrade("b1"), project.upgrade)
    for way in ways:
        ledger.writes = [0] * WRITERS
        with at_work(database, ledger):
            way()
        assert ledger.lost(database) == []
    columns = (
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 'orders'::regclass AND attname = 'c'"
    )
    assert database.connection.execute(columns).fetchone() == (type_,)


def test_a_trigger_that_misses_updates_is_seen(database: Database, tmp_path: Path) -> None:
    project = Project(tmp_path, Setup(), database.parameters)
    action = expanded(project, *INT_TO_BIGINT)
    path = project.versions / "b2.py"
    path.write_text(path.read_text().replace("BEFORE INSERT OR UPDATE ON", "BEFORE INSERT ON"))
    database.reset("")
    filled = Path(action.creates[0].path).name.partition("_")[0]
    project.upgrade(filled)
    ledger = Ledger("n", "n")
    with at_work(database, ledger):
        until_true(lambda: min(ledger.writes) >= 20, "each has written twenty times")
    assert ledger.lost(database) == []  # it is in the old column
    project.upgrade()
    lost = ledger.lost(database)
    assert lost
    assert all(new != held for _, held, new in lost)
