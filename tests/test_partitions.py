"""Tables that migrations create as partitioned."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.partitions import Table, partitioned_tables
from fumehood.project import Project
from fumehood.workspace.disk import Disk
from fumehood.workspace.environments import Environments

OPTION = 'postgresql_partition_by="RANGE (at)"'
SQL = "CREATE TABLE {} (id int, at date) PARTITION BY RANGE (at)"


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        (f'op.create_table("a", Column("x"), {OPTION})', {(None, "a")}),
        (f'op.create_table("a", schema="s", {OPTION})', {("s", "a")}),
        (f'op.create_table("a", schema="public", {OPTION})', {(None, "a")}),
        (f'op.create_table("a", schema=None, {OPTION})', {(None, "a")}),
        (f'op.create_table(table_name="a", {OPTION})', {(None, "a")}),
        ('op.create_table("a", postgresql_partition_by=how)', {(None, "a")}),
        ('op.create_table("a", postgresql_partition_by=None)', set()),
        (f"op.create_table(name, {OPTION})", set()),
        (f'op.create_table("a", schema=where, {OPTION})', set()),
        (f'op.execute("{SQL.format("a")}")', {(None, "a")}),
        (f'op.execute("{SQL.format("public.a")}; {SQL.format("s.B")}")', {(None, "a"), ("s", "b")}),
        (f"op.execute('''\n{SQL.format('a').lower()}\n''')", {(None, "a")}),
        (
            'op.execute("CREATE TABLE b PARTITION OF a DEFAULT PARTITION BY LIST (x)")',
            {(None, "b")},
        ),
        ('op.execute("SELECT row_number() OVER (PARTITION BY x) FROM t")', set()),
        ('op.execute("CREATE TABLE (PARTITION BY")', set()),
        ("# PARTITION BY\nx = (", set()),
        ('op.create_table("a")', set()),
    ],
)
def test_tables(text: str, tables: set[Table]) -> None:
    assert partitioned_tables(text) == tables


def test_a_project_knows_those_of_its_own_migrations(tmp_path: Path) -> None:
    for name in ("one", "two"):
        versions = tmp_path / name / "versions"
        versions.mkdir(parents=True)
        (tmp_path / name / "env.py").write_text("context.run_migrations()")
        (versions / "1.py").write_text(f'op.create_table("{name}", {OPTION})')
    found = Environments(Disk()).all_under(tmp_path)
    assert [each.project().partitioned for each in found] == [{(None, "one")}, {(None, "two")}]


_CALL = 'op.create_foreign_key("fk_a", {}, ["order_id"], ["id"]{})'
_COLUMN = 'op.add_column("users", sa.Column("order_id", sa.Integer(), sa.ForeignKey({})), {})'
_APART = "inline_references=False"


@pytest.mark.parametrize(
    ("call", "offered"),
    [
        (_CALL.format('"users", "orders"', ""), True),
        (_CALL.format('"events", "orders"', ""), False),
        (_CALL.format('"users", "events"', ""), False),
        (_CALL.format('"users", referent', ""), False),
        (_CALL.format('"users", "events"', ', referent_schema="public"'), False),
        (_CALL.format('"users", "events"', ', referent_schema="crm"'), True),
        (_CALL.format('"users", "days"', ', referent_schema="crm"'), False),
        (_COLUMN.format('"orders.id"', _APART), True),
        (_COLUMN.format('"events.id"', _APART), False),
        (_COLUMN.format('"crm.days.id"', _APART), False),
        (_COLUMN.format("target", _APART), False),
    ],
)
def test_no_fix_for_the_keys_of_partitioned_tables(call: str, offered: bool) -> None:
    head = "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'b'\n"
    text = f"{head}down_revision = 'a'\n\n\ndef upgrade():\n    {call}\n"
    partitioned = frozenset({(None, "events"), ("crm", "days")})
    for version, expected in ((None, offered), (17, offered), (18, True)):
        engine = Engine(load_rules())
        settings = Settings(postgres_version=version)
        engine.open("m.py", text, settings, Project(partitioned=partitioned))
        engine.work("m.py")
        [finding] = engine.findings("m.py")
        offers = [each.title for each in engine.actions("m.py", finding.span)]
        assert (offers != []) == expected, (version, offers)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ('op.create_index("ix", "users", ["x"])', True),
        ('op.create_index("ix", "events", ["x"])', False),
        ('op.create_index("ix", "events", ["x"], schema="public")', False),
        ('op.create_index("ix", "events", ["x"], schema="crm")', True),
        ('op.create_index("ix", "days", ["x"], schema="crm")', False),
        ('op.execute("CREATE INDEX ix ON events (x)")', False),
        ('op.drop_index("ix", table_name="users")', True),
        ('op.drop_index("ix", table_name="events")', False),
        ('op.drop_index("ix")', True),
        ('op.drop_index("ix_events")', False),
        ('op.add_column("users", sa.Column("x", sa.Text(), index=True))', True),
        ('op.add_column("events", sa.Column("x", sa.Text(), index=True))', False),
    ],
)
def test_no_index_of_a_partitioned_table_is_built_or_dropped_concurrently(
    line: str, offered: bool
) -> None:
    head = "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'b'\n"
    again = 'op.create_index("ix_events", "events", ["x"])'
    text = f"{head}down_revision = 'a'\n\n\ndef upgrade():\n    {line}\n\n\n"
    text += f"def downgrade():\n    {again}\n"
    engine = Engine(load_rules())
    partitioned = frozenset({(None, "events"), ("crm", "days")})
    engine.open("m.py", text, Settings(), Project(partitioned=partitioned))
    engine.work("m.py")
    finding, other = engine.findings("m.py")
    assert bool(engine.actions("m.py", finding.span)) == offered
    for each, may in ((finding, offered), (other, False)):
        assert ("No fix is offered" in each.effect) != may


BLOCK = "with op.get_context().autocommit_block():\n        "
IN_BLOCK = [
    ('op.create_index("ix", "users", ["x"], postgresql_concurrently=True)', False),
    ('op.create_index("ix", "events", ["x"], postgresql_concurrently=True)', True),
    ('op.execute("CREATE INDEX CONCURRENTLY ix ON events (x)")', True),
    ('op.execute("CREATE INDEX CONCURRENTLY ix ON crm.days (x)")', True),
    ('op.execute("CREATE INDEX CONCURRENTLY ix ON ONLY events (x)")', True),
    ('op.execute("CREATE INDEX CONCURRENTLY ix ON ONLY users (x)")', False),
    ('op.execute("CREATE INDEX ix ON ONLY events (x)")', False),
    ('op.drop_index("ix", table_name="events", postgresql_concurrently=True)', True),
]


@pytest.mark.parametrize(("line", "found"), IN_BLOCK)
def test_a_concurrent_build_that_postgresql_refuses_even_in_a_block(line: str, found: bool) -> None:
    head = "from alembic import op\nrevision = 'b'\ndown_revision = 'a'\n"
    text = f"{head}\n\ndef upgrade():\n    {BLOCK}{line}\n"
    engine = Engine(load_rules())
    partitioned = frozenset({(None, "events"), ("crm", "days")})
    engine.open("m.py", text, Settings(), Project(partitioned=partitioned))
    engine.work("m.py")
    said = [each.message for each in engine.findings("m.py")]
    assert len(said) == found
    assert all("is not possible" in each and "fails at run time" in each for each in said)
    assert all("on a partitioned table" in each for each in said)
