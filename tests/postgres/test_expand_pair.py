"""A column of a type that old statements cannot use is kept beside the old one, both up to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from .carried import left
from .catalog import difference, unfinished
from .databases import Database
from .interruptions import killed_before
from .locks import Watch
from .matrix import LEVEL, TURN, in_turn, pairwise
from .needs import Needs
from .project import Project, Setup
from .test_expand_contract import CHANGE, CREATE, expanded
from .test_writers import WRITERS, Ledger, at_work

pytestmark = pytest.mark.slow

LABELS = [f"m{n}" for n in range(7)]
MOOD = f"sa.Enum({', '.join(map(repr, LABELS))}, name='mood')"
MADE = "CREATE TYPE mood AS ENUM ({})".format(", ".join(map(repr, LABELS)))


@dataclass(frozen=True)
class Pair:
    """Two types in Alembic's terms, USING there and back, and the value of n in each."""

    old: str
    new: str
    there: str
    back: str | None
    value: str
    new_value: str

    def revisions(self, nullable: bool) -> tuple[str, str]:
        """The one that makes the table, and the one that changes it."""
        create = CREATE.format(
            key="Integer",
            old=self.old,
            nullable=nullable,
            value=f"n, {self.value}",
            indexed='"c", "id"',
        )
        up, down = (
            "" if each is None else f', postgresql_using="{each}"'
            for each in (self.there, self.back)
        )
        change = CHANGE.format(old=self.old, new=self.new, using="{}").format(up, down)
        if self.new == MOOD:  # it is made and dropped with the column
            change = change.replace("upgrade():\n", f'upgrade():\n    op.execute("{MADE}")\n')
            change = change.rstrip("\n") + '\n    op.execute("DROP TYPE mood")\n'
        if self.old == MOOD:
            create = create.replace(
                'drop_table("orders")', 'drop_table("orders")\n    op.execute("DROP TYPE mood")'
            )
        return create, change


TEXT, LABEL = "'m' || mod(n, 7)", "('m' || mod(n, 7))::mood"
PAIRS = {
    "text to an enum": Pair("sa.Text()", MOOD, "c::mood", None, TEXT, LABEL),
    "an enum to text": Pair(MOOD, "sa.Text()", "c::text", "c::mood", LABEL, TEXT),
    "integer to boolean": Pair(
        "sa.Integer()", "sa.Boolean()", "c <> 0", "c::integer", "mod(n, 2)", "mod(n, 2) = 1"
    ),
    "varchar to integer": Pair("sa.String(20)", "sa.Integer()", "c::integer", None, "n::text", "n"),
}


def values(database: Database) -> object:
    """A sum of the old column's."""
    sql = "SELECT count(*), sum(hashtext(id || ':' || c::text)) FROM orders"
    return database.connection.execute(sql).fetchone()


def apart(database: Database, pair: Pair) -> object:
    """How many rows hold other values in the new column than the old one gives."""
    sql = f"SELECT count(*) FROM orders WHERE c_new IS DISTINCT FROM ({pair.there})"
    return (database.connection.execute(sql).fetchone() or (None,))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", in_turn(PAIRS))
def test_up_down_up(name: str, database: Database, tmp_path: Path) -> None:
    number, pair = [*PAIRS].index(name), PAIRS[name]
    setup = replace(pairwise()[number + TURN % 2], schema=None)
    project = Project(tmp_path, setup, database.parameters)
    nullable = (number + TURN) % 2 == 0
    expanded(project, *pair.revisions(nullable), title="keep both")
    database.reset("")
    project.upgrade("b1")
    before, held = left(database), values(database)
    watch = Watch(database, Needs(tables={(None, "orders"): {}}))
    with watch.closing():
        project.upgrade(watch=watch)
    assert [fault for step in watch.steps for fault in step.faults()] == []
    after = left(database)
    assert unfinished(after) == []
    assert (apart(database, pair), values(database)) == (0, held)
    new, index = after["column public.orders.c_new"], after["index public.ix_orders_c_new"]
    assert (" NOT NULL" in new) is not nullable
    assert "(c_new, id)" in index
    project.downgrade("b1")
    assert difference(before, left(database)) == []
    assert values(database) == held
    project.upgrade()
    assert difference(after, left(database)) == []
    assert (apart(database, pair), values(database)) == (0, held)
    project.downgrade("base")


class BothLedger(Ledger):
    """Writers of whom the first writes the new column, as the new application does."""

    def __init__(self, pair: Pair) -> None:
        super().__init__("n", pair.value)
        self.pair = pair

    def written(self, writer: int) -> tuple[str, str]:
        """The column that one of them writes, and its value."""
        return ("c_new", self.pair.new_value) if writer == 0 else super().written(writer)


@pytest.mark.parametrize("name", in_turn(["text to an enum", "varchar to integer"]))
def test_no_write_is_lost(name: str, database: Database, tmp_path: Path) -> None:
    pair = PAIRS[name]
    project = Project(tmp_path, Setup(), database.parameters)
    expanded(project, *pair.revisions(nullable=False), title="keep both")
    database.reset("")
    project.upgrade("b2")
    ledger = BothLedger(pair)
    for way in (project.upgrade, lambda: project.downgrade("b2"), project.upgrade):
        ledger.writes = [0] * WRITERS
        with at_work(database, ledger):
            way()
        assert ledger.lost(database) == []
    assert apart(database, pair) == 0


def test_killed_before_each_statement(database: Database, tmp_path: Path) -> None:
    """What is left can be gone on with: another run ends well."""
    create, change = PAIRS["text to an enum"].revisions(nullable=False)
    project = Project(tmp_path, Setup(), database.parameters)
    expanded(project, create.replace("25000", "40"), change, title="keep both")
    database.reset("")
    project.upgrade()
    whole = left(database)
    project.downgrade("b1")
    before, step = left(database), 1 if LEVEL == "every" else 2
    for down_to, expected, back in ((None, whole, "b1"), ("b1", before, None)):
        for number in count(TURN % step, step):
            if not killed_before(project, database, number, down_to=down_to):
                break
            project.downgrade(down_to) if down_to else project.upgrade()
            assert difference(expected, left(database)) == [], f"killed before statement {number}"
            project.downgrade(back) if back else project.upgrade()
        assert number > 3


def test_what_each_statement_comes_to(database: Database, tmp_path: Path) -> None:
    """Of a column with a default, written under either name, or under none."""
    create, change = PAIRS["text to an enum"].revisions(nullable=True)
    project = Project(tmp_path, Setup(), database.parameters)
    create = create.replace("nullable=True", "server_default='m3'").replace("25000", "1")
    expanded(project, create, change, title="keep both")
    database.reset("")
    project.upgrade("b2")
    run = database.connection.execute
    for number, (sql, c, c_new) in enumerate(STATEMENTS, 2):
        run(f"INSERT INTO orders (id, c) VALUES ({number}, 'm1')")  # type: ignore[arg-type]
        run(sql.format(number))  # type: ignore[call-overload]
        found = run("SELECT c, c_new::text FROM orders WHERE id = %s", (number,)).fetchone()
        assert found == (c, c_new), sql
    assert run("SELECT c, c_new FROM orders WHERE id = 1").fetchone() == ("m1", None)
    run("UPDATE orders SET id = 1 WHERE id = 1")
    assert run("SELECT c, c_new FROM orders WHERE id = 1").fetchone() == ("m1", None)
    project.upgrade()
    assert run("SELECT c, c_new FROM orders WHERE id = 1").fetchone() == ("m1", "m1")


ANEW = "DELETE FROM orders WHERE id = {0}; INSERT INTO orders "
STATEMENTS = (
    ("UPDATE orders SET c = 'm2' WHERE id = {}", "m2", "m2"),
    ("UPDATE orders SET c_new = 'm2' WHERE id = {}", "m2", "m2"),
    ("UPDATE orders SET c = NULL WHERE id = {}", None, None),
    ("UPDATE orders SET c_new = NULL WHERE id = {}", None, None),
    ("UPDATE orders SET id = id WHERE id = {}", "m1", "m1"),
    (ANEW + "(id, c) VALUES ({0}, 'm5')", "m5", "m5"),
    (ANEW + "(id, c_new) VALUES ({0}, 'm5')", "m5", "m5"),
    (ANEW + "(id) VALUES ({0})", "m3", "m3"),
    (ANEW + "(id, c) VALUES ({0}, NULL)", None, None),
    (
        "INSERT INTO orders (id, c) VALUES ({}, 'm6') "
        "ON CONFLICT (id) DO UPDATE SET c = EXCLUDED.c",
        "m6",
        "m6",
    ),
    (
        "INSERT INTO orders (id, c_new) VALUES ({}, 'm6') "
        "ON CONFLICT (id) DO UPDATE SET c_new = EXCLUDED.c_new",
        "m6",
        "m6",
    ),
)
