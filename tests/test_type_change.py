"""Type changes are found where PostgreSQL was seen to rewrite or scan the table, nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine, Published
from fumehood.history import History
from fumehood.naming import Naming
from fumehood.outlining import outline
from fumehood.project import Project
from fumehood.read.cache import Lines
from fumehood.revisions import Revisions, revision_of
from fumehood.steps import steps_of

RULES = [each for each in load_rules() if each.id == "change-column-type"]
MEASURED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "postgres" / "type_changes.json").read_text(encoding="utf-8")
)
BESIDE = {
    "plain": "pass",
    "index": 'op.create_index("ix", "t", ["c"])',
    "check": 'op.create_check_constraint("ck", "t", "c IS NOT NULL")',
    "expression": 'op.create_index("ix", "t", [sa.text("(c IS NULL)")])',
    "predicate": 'op.create_index("ix", "t", ["id"], postgresql_where=sa.text("c IS NOT NULL"))',
}
SAID = {
    "rewrites": ("rewrites the table",),  # or may do so
    "scans": ("rebuilds an index", "looks at all rows"),
    "nothing": (),
}
DEFAULTS = Settings()
A = 'revision = "a"\ndown_revision = None'
B = 'revision = "b"\ndown_revision = "a"'


def migration(head: str, *lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"import sqlalchemy as sa\nfrom alembic import op\n\n{head}\n\n\ndef upgrade():\n{body}"


def found_in(
    text: str, *earlier: str, settings: Settings = DEFAULTS, known: bool = True
) -> list[Published]:
    """The findings of a migration behind one that runs `earlier`."""
    return analysed(text, *earlier, settings=settings, known=known).findings("b.py")


def analysed(text: str, *earlier: str, settings: Settings = DEFAULTS, known: bool = True) -> Engine:
    """An engine that has read it."""
    first, lines = migration(A, "pass", *earlier), Lines()
    graph = Revisions({Path(f"{n}.py"): revision_of(each) for n, each in enumerate((first, text))})  # type: ignore[misc]
    steps = {Path("0.py"): steps_of(outline("0.py", first, lines), "0.py")}
    before = History(graph, steps, Naming()).before("b") if known else None
    engine = Engine(RULES)
    engine.open("b.py", text, settings, Project(naming=Naming()), before)
    engine.work("b.py")
    return engine


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("change", MEASURED, ids=lambda each: f"{each['from']} to {each['to']}")
def test_what_is_found_is_what_was_measured(change: dict[str, Any], beside: str) -> None:
    if change[beside] == "error":
        pytest.skip("PostgreSQL refuses")
    create = f"CREATE TABLE t (id integer, c {change['from']})"
    using = f" USING {change['using']}" if "using" in change else ""
    alter = f"ALTER TABLE t ALTER c TYPE {change['to']}{using}"
    utc = "SET TIME ZONE 'UTC'"
    text = migration(B, f"op.execute({utc!r})", f"op.execute({alter!r})")
    said = [each.what for each in found_in(text, f"op.execute({create!r})", BESIDE[beside])]
    allowed = SAID[change[beside]]
    assert len(said) == bool(allowed)
    for what in said:
        # Of an enum that is made by SQL it is not known that it is one.
        guessed = "may rewrite the table" in what and "mood" in (change["from"], change["to"])
        assert guessed or any(each in what for each in allowed)


CREATE = 'op.create_table("t", sa.Column("c", {}))'
TO_WIDER = 'op.alter_column("t", "c", type_=sa.String(90))'


def test_the_old_type_is_the_one_that_earlier_revisions_left() -> None:
    text = migration(B, 'op.alter_column("t", "c", type_=sa.Text())')
    (found,) = found_in(text, CREATE.format("sa.Integer()"))
    assert found.what == "Column c of t changes from integer to text, which rewrites the table."
    assert not found_in(text, CREATE.format("sa.String(50)"))
    assert not found_in(text, CREATE.format("Own()"))
    assert not found_in(text)


def test_what_is_written_beside_the_new_type_counts_first() -> None:
    alter = 'op.alter_column("t", "c", type_=sa.BigInteger(), existing_type={})'
    create = CREATE.format("sa.BigInteger()")
    assert found_in(migration(B, alter.format("sa.Integer()")), create)
    assert not found_in(migration(B, alter.format("Own()")), create)


def test_of_what_is_not_known_yet_nothing_is_said() -> None:
    text = migration(B, 'op.alter_column("t", "c", type_=sa.BigInteger())')
    assert "may rewrite" in found_in(text)[0].what
    assert not found_in(text, known=False)


def test_an_index_that_is_rebuilt_is_pointed_at() -> None:
    lines = CREATE.format("sa.String(50)"), 'op.create_index("ix", "t", [sa.text("lower(c)")])'
    (found,) = found_in(migration(B, TO_WIDER), *lines)
    assert (
        found.what
        == "Column c of t changes from varchar(50) to varchar(90), which rebuilds an index."
    )
    assert "index ix is built anew" in found.message
    assert [(each.message, each.path) for each in found.related] == [("index ix", "0.py")]


def test_an_index_that_is_gone_is_not_rebuilt() -> None:
    lines = (
        CREATE.format("sa.String(50)"),
        'op.create_index("ix", "t", [sa.text("lower(c)")])',
        'op.drop_index("ix", "t")',
    )
    assert not found_in(migration(B, TO_WIDER), *lines)


READ = 'op.execute("CREATE VIEW v AS SELECT c FROM t")'
NEVER_READ = 'op.execute("CREATE VIEW v AS SELECT d FROM t")'
VIEWS = {
    "of the column": (True, READ),
    "of all columns": (True, READ.replace("SELECT c", "SELECT *")),
    "of all columns, by an alias": (True, READ.replace("c FROM t", "x.* FROM t x, u")),
    "a materialized one": (True, READ.replace("VIEW", "MATERIALIZED VIEW")),
    "that joins": (True, READ.replace("c FROM t", "u.d FROM t JOIN u ON u.id = t.c")),
    "of other columns": (False, NEVER_READ),
    "of another table": (False, READ.replace("FROM t", "FROM u")),
    "whose columns may be another's": (False, READ.replace("FROM t", "FROM t, u")),
    "of a table twice": (False, READ.replace("c FROM t", "t.c FROM t, s.t AS t")),
    "in which the name is its own": (False, READ.replace("c FROM t", "d AS c FROM t ORDER BY c")),
    "of whole rows": (True, READ.replace("SELECT c", "SELECT to_jsonb(t)")),
    "with its schema": (
        True,
        READ.replace("SELECT c FROM t", "SELECT public.t.c FROM public.t, u"),
    ),
    "of a query's column": (False, READ.replace("FROM t", "FROM (SELECT d AS c FROM t) x")),
    "that joins by names": (False, READ.replace("c FROM t", "u.d FROM t JOIN u USING (c)")),
    "that is dropped": (False, READ, 'op.execute("DROP VIEW v")'),
    "that may be dropped": (False, READ, "if x:", '    op.execute("DROP VIEW v")'),
    "that may be there": (False, "if x:", f"    {READ}"),
    "that goes with another": (False, READ, 'op.execute("DROP VIEW w CASCADE")'),
    "that goes by code": (False, READ, 'op.execute("DO $$ DROP VIEW v $$")'),
    "that SQL may drop": (False, READ, "op.execute(sql)"),
    "that is replaced": (False, READ, NEVER_READ.replace("CREATE", "CREATE OR REPLACE")),
    "whose SQL is not known": (False, 'op.execute(f"CREATE VIEW v AS SELECT {c} FROM t")'),
    "that goes with a table": (
        False,
        'op.create_table("u")',
        READ.replace("c FROM t", "t.c FROM t, u"),
        'op.execute("DROP TABLE u CASCADE")',
    ),
}


@pytest.mark.parametrize("case", VIEWS)
def test_a_view_that_reads_the_column(case: str) -> None:
    found, *lines = VIEWS[case]
    create = 'op.create_table("t", sa.Column("c", sa.String(9)), sa.Column("d", sa.Integer()))'
    said = [each.what for each in found_in(migration(B, TO_WIDER), create, *lines)]
    assert (
        said
        == ["Column c of t changes from varchar(9) to varchar(90), from which v is made."] * found
    )
    around = migration(B, 'op.execute("DROP VIEW v")', TO_WIDER, READ)
    assert not found_in(around, create, *lines)


@pytest.mark.parametrize(("version", "says"), [(None, True), (11, False), (12, True)])
def test_before_12_the_time_zone_does_not_matter(version: int | None, says: bool) -> None:
    text = migration(B, 'op.alter_column("t", "c", type_=sa.DateTime(timezone=True))')
    (found,) = found_in(
        text, CREATE.format("sa.DateTime()"), settings=Settings(postgres_version=version)
    )
    assert ("unless the session's time zone is UTC" in found.what) == says
