"""Several follow-ups of one migration, upgraded and downgraded and upgraded again."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.workspace.workspace import Workspace
from tests.page_cases import HEAD, PATH, analysed, applied

from .databases import Database
from .project import Project, Setup

pytestmark = pytest.mark.slow

MIXED = f"""{HEAD}def upgrade():
    op.add_column("users", sa.Column("b", sa.Text()))
    op.create_index("ix_users_b", "users", ["b"])
    op.create_foreign_key("fk_users_orders", "users", "orders", ["order_id"], ["id"])
    op.create_check_constraint("ck_users_age", "users", "age >= 0")


def downgrade():
    op.drop_constraint("ck_users_age", "users")
    op.drop_constraint("fk_users_orders", "users")
    op.drop_index("ix_users_b", table_name="users")
    op.drop_column("users", "b")
"""
TABLES = (
    "CREATE TABLE orders (id bigint); ALTER TABLE orders ADD UNIQUE (id); "
    "CREATE TABLE users (order_id bigint, age int); INSERT INTO users VALUES (NULL, 3)"
)
CONSTRAINTS = (
    "SELECT conname, convalidated FROM pg_constraint "
    "WHERE conrelid = 'users'::regclass AND contype IN ('c', 'f') ORDER BY 1"
)
INDEXES = (
    "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = {}::regclass"
)


def split(project: Project) -> list[str]:
    """Apply the follow-ups of PATH one after the other; the files that they create."""
    path = project.versions / PATH
    made: list[str] = []
    while True:
        text, workspace = path.read_text(), Workspace()
        engine = analysed(text)
        offered = [
            action
            for found in engine.findings(PATH)
            for action in engine.actions(PATH, found.span, lambda: workspace.head(path))  # noqa: B023
            if action.creates
        ]
        if not offered:
            return made
        path.write_text(applied(text, offered[0]))
        for created in offered[0].creates:
            Path(created.path).write_text(created.text)
            made.append(created.path)


@pytest.mark.parametrize("per_migration", [True, False])
def test_a_chain_of_follow_ups_goes_up_down_and_up(
    database: Database, tmp_path: Path, per_migration: bool
) -> None:
    project = Project(tmp_path, Setup(per_migration=per_migration), database.parameters)
    project.write({PATH: MIXED}, last=False)
    assert len(split(project)) == 3
    assert analysed((project.versions / PATH).read_text()).findings(PATH) == []
    database.reset(TABLES)
    states = []
    for step in (project.upgrade, project.downgrade, project.upgrade):
        step()
        constraints = database.connection.execute(CONSTRAINTS).fetchall()
        indexes = database.connection.execute(INDEXES.format("'users'")).fetchall()  # type: ignore[arg-type]
        states.append((constraints, indexes))
    whole = [("ck_users_age", True), ("fk_users_orders", True)], [("ix_users_b", True)]
    assert states == [whole, ([], []), whole]
