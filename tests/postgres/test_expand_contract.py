"""A column's type changed over three revisions, upgraded and downgraded and upgraded again."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from fumehood.engine import Action, Engine
from fumehood.text import Span
from fumehood.workspace.outlines import outlined
from fumehood.workspace.workspace import Workspace
from tests.page_cases import RULES, applied

from .databases import Database
from .interruptions import error_of, kill_when_waiting, killed_before
from .locks import Watch
from .matrix import in_turn, pairwise
from .needs import Needs
from .project import Project, Setup

pytestmark = pytest.mark.slow

CREATE = """import sqlalchemy as sa
from alembic import op

revision = "b1"
down_revision = "a1"


def upgrade():
    op.create_table(
        "orders",
        sa.Column("id", sa.{key}(), primary_key=True),
        sa.Column("c", {old}, nullable={nullable}),
    )
    op.create_index("ix_orders_c", "orders", [{indexed}])
    op.execute("INSERT INTO orders SELECT {value} FROM generate_series(1, 25000) AS s(n)")


def downgrade():
    op.drop_table("orders")
"""
CHANGE = """import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b2"
down_revision = "b1"


def upgrade():
    op.alter_column("orders", "c", existing_type={old}, type_={new}{using})


def downgrade():
    op.alter_column("orders", "c", existing_type={new}, type_={old}{using})
"""
UTC = """, postgresql_using="c AT TIME ZONE 'UTC'\""""
# Old type, new type, how it is called, a value of row n, and USING.
PAIRS = {
    "int to bigint": ("sa.Integer()", "sa.BigInteger()", "bigint", "n, n", ""),
    "varchar to a shorter one": (
        "sa.String(50)",
        "sa.String(20)",
        "character varying(20)",
        "n, 'v' || n",
        "",
    ),
    "timestamp to timestamptz": (
        "sa.DateTime()",
        "sa.DateTime(timezone=True)",
        "timestamp with time zone",
        "n, timestamp '2026-01-01' + n * interval '1 hour'",
        UTC,
    ),
    "timestamptz to timestamp": (
        "sa.DateTime(timezone=True)",
        "sa.DateTime()",
        "timestamp without time zone",
        "n, timestamptz '2026-01-01Z' + n * interval '1 hour'",
        UTC,
    ),
    "json to jsonb": (
        "sa.JSON()",
        "postgresql.JSONB()",
        "jsonb",
        "n, json_build_object('n', n)",
        "",
    ),
}
# The revision that makes the table, and the one that is spread.
INT_TO_BIGINT = (
    CREATE.format(key="Integer", old="sa.Integer()", nullable=False, value="n, n", indexed='"c"'),
    CHANGE.format(old="sa.Integer()", new="sa.BigInteger()", using=""),
)
COLUMNS = (
    "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute "
    "WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1"
)
INDEXES = (
    "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index "
    "WHERE indrelid = 'orders'::regclass ORDER BY 1"
)
LEFT = (
    "SELECT (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace), "
    "(SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'c')"
)


def expanded(
    project: Project, create: str, change: str, more: bool = False, title: str = "swap"
) -> Action:
    """Apply the fix to the project's files; `more`: to those that it has been applied to before."""
    if not more:
        project.write({"b1.py": create, "b2.py": change}, last=False)
    path, workspace = project.versions / "b2.py", Workspace()
    for each in workspace.wanted(path):
        workspace.learn(outlined(each))
    action, *_ = offered(workspace, path, title)
    path.write_text(applied(change, action))
    for created in action.creates:
        Path(created.path).write_text(created.text)
    return action


def offered(workspace: Workspace, path: Path, title: str) -> list[Action]:
    settings, around = workspace.around(path)
    engine = Engine(RULES)
    text = path.read_text()
    engine.open(str(path), text, settings, around, workspace.before(path))
    found = engine.actions(str(path), Span(0, len(text)), lambda: workspace.head(path))
    return [each for each in found if title in each.title]


def state(database: Database) -> tuple[Any, ...]:
    """The columns, what else is there, and a sum of the values."""
    run = database.connection.execute
    values = "SELECT count(*), sum(hashtext(id || ':' || to_jsonb(c)::text)) FROM orders"
    found = run(LEFT).fetchone(), run(INDEXES).fetchall()
    return run(COLUMNS).fetchall(), found, run(values).fetchone()


@pytest.mark.parametrize(("pair", "nullable"), in_turn(product(PAIRS, (True, False)), 3))
def test_up_down_up(pair: str, nullable: bool, database: Database, tmp_path: Path) -> None:
    rows = pairwise()
    setup = rows[(2 * [*PAIRS].index(pair) + nullable) % len(rows)]
    old, new, type_, value, using = PAIRS[pair]
    indexed = '"id"' if old == "sa.JSON()" else '"c", "id"'  # of json there is no index
    create = CREATE.format(key="Integer", old=old, nullable=nullable, value=value, indexed=indexed)
    project = Project(tmp_path, replace(setup, schema=None), database.parameters)
    expanded(project, create, CHANGE.format(old=old, new=new, using=using))
    database.reset("")
    project.upgrade("b1")
    before = state(database)
    watch = Watch(database, Needs(tables={(None, "orders"): {}}))
    with watch.closing():
        project.upgrade(watch=watch)
    assert [fault for step in watch.steps for fault in step.faults()] == []
    assert any("AccessExclusiveLock" in step.held.get("orders", ()) for step in watch.steps)
    columns, (left, indexes), values = state(database)
    assert all(valid for _, valid in indexes)
    if indexed != '"id"':
        definition = "CREATE INDEX ix_orders_c ON public.orders USING btree (c, id)"
        assert definition in [each for each, _ in indexes]
    assert ("c", type_, not nullable) in columns
    assert ("c_old", before[0][0][1], False) in columns
    assert (left, values[0]) == ((0, 0, 0), 25000)
    unfilled = "SELECT count(*) FROM orders WHERE c IS NULL"
    assert database.connection.execute(unfilled).fetchone() == (0,)
    project.downgrade("b1")
    assert state(database) == before
    project.upgrade()
    assert state(database) == (columns, (left, indexes), values)


def test_killed_before_each_statement(database: Database, tmp_path: Path) -> None:
    """What is left is either as before or can be gone on with: another run ends well."""
    create, change = INT_TO_BIGINT
    project = Project(tmp_path, Setup(), database.parameters)
    expanded(project, create.replace("25000", "40"), change)
    whole = ended = None
    for number in count():
        database.reset("")
        project.upgrade("b1")
        if not killed_before(project, database, number):
            whole = state(database)
            break
        project.upgrade()
        assert ended in (None, state(database)), f"killed before statement {number}"
        ended = state(database)
    assert number > 8
    assert ended == whole


@pytest.mark.parametrize("how", ["killed", "timeout"])
def test_copying_goes_on_where_it_was_stopped(how: str, database: Database, tmp_path: Path) -> None:
    project = Project(tmp_path, Setup(), database.parameters)
    database.reset("")
    expanded(project, *INT_TO_BIGINT)
    project.upgrade("b1")
    connect = partial(database.server.connect, database.name)
    with connect() as holder, connect() as other, ThreadPoolExecutor(1) as pool:
        killing: list[Future[None]] = []

        def starts(connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
            if "WHILE first_key" not in sql:
                return
            holder.execute("BEGIN; SELECT FROM orders WHERE id = 15000 FOR UPDATE")
            raw = connection.connection.dbapi_connection
            if how == "killed":
                pid = raw.info.backend_pid
                killing.append(pool.submit(kill_when_waiting, other, pid))
            else:
                raw.cursor().execute("SET lock_timeout = '50ms'")

        listens = partial(event.listen, identifier="before_cursor_execute", fn=starts)
        assert error_of(lambda: project.upgrade(watch=listens)) is not None
        holder.execute("ROLLBACK")
        for each in killing:
            each.result()
    copied = "SELECT count(c_new) FROM orders"
    assert database.connection.execute(copied).fetchone() == (10_000,)
    project.upgrade()
    columns, left, values = state(database)
    assert ("c", "bigint", True) in columns
    assert (left[0], values[0]) == ((0, 0, 0), 25000)
