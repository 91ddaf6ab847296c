"""An index that is dropped by its name alone is looked for in what earlier revisions left."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.history import History
from fumehood.naming import Naming
from fumehood.outlining import outline
from fumehood.project import Project
from fumehood.read.cache import Lines
from fumehood.revisions import Revisions, revision_of
from fumehood.schema import Schema
from fumehood.steps import steps_of
from tests.test_type_change import A, B, migration

RULES = [each for each in load_rules() if each.id == "only-concurrent-indexes"]
PARTED = Project(naming=Naming(), partitioned=frozenset({(None, "events")}))
UNIQUE = 'op.create_table("users", sa.Column("name", sa.Text(), unique=True))'
INDEX = 'op.create_index("ix", "{}", ["name"])'
OWNED, REFUSES = "Drop the constraint instead", "on a partitioned table"


def left_by(text: str, *earlier: str) -> Schema | None:
    """What a migration finds behind one that runs `earlier`."""
    first = migration(A, "pass", *earlier)
    graph = Revisions({Path(f"{n}.py"): revision_of(each) for n, each in enumerate((first, text))})  # type: ignore[misc]
    steps = {Path("0.py"): steps_of(outline("0.py", first, Lines()), "0.py")}
    return History(graph, steps, Naming()).before("b")


def messages(engine: Engine) -> list[str]:
    return [each.message for each in engine.findings("b.py")]


@pytest.mark.parametrize("drop", ["op.drop_index({!r})", "op.execute('DROP INDEX {}')"])
@pytest.mark.parametrize(
    ("earlier", "name", "said"),
    [
        ([UNIQUE], "users_name_key", OWNED),
        ([UNIQUE, INDEX.format("users")], "ix", "Index ix on users is dropped"),
        ([INDEX.format("events")], "ix", REFUSES),
        ([INDEX.format("events"), 'op.rename_table("events", "other")'], "ix", "ix on other"),
        ([], "ix", "Index ix is dropped"),
    ],
)
def test_the_table_is_known_by_the_index(
    drop: str, earlier: list[str], name: str, said: str
) -> None:
    text = migration(B, drop.format(name))
    engine = Engine(RULES)
    engine.open("b.py", text, Settings(), PARTED, left_by(text, *earlier))
    engine.work("b.py")
    (message,) = messages(engine)
    assert said in message
    assert ("No fix is offered" in message) == (said in (OWNED, REFUSES))


def test_of_two_tables_in_one_schema_neither_is_taken() -> None:
    text = migration(B, 'op.drop_index("ix")')
    engine = Engine(RULES)
    both = left_by(text, INDEX.format("events"), INDEX.format("users"))
    engine.open("b.py", text, Settings(), PARTED, both)
    engine.work("b.py")
    assert "Index ix is dropped" in messages(engine)[0]


def test_it_follows_what_earlier_revisions_leave() -> None:
    text = migration(B, 'op.drop_index("ix")')
    engine, seen = Engine(RULES), []
    engine.open("b.py", text, Settings(), PARTED, left_by(text))
    engine.work("b.py")
    for earlier in ([INDEX.format("users")], [INDEX.format("events")], []):
        engine.configure("b.py", Settings(), PARTED, left_by(text, *earlier))
        seen.append(messages(engine)[0].partition(" is dropped")[0])
    assert seen == ["Index ix on users", "Index ix on events", "Index ix"]
