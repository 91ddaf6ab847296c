"""Revisions of models' indexes, run by Alembic: the database then has what the models say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from tests.model_project import ModelProject, apply, revision

from .databases import Database
from .project import url_of

pytestmark = pytest.mark.slow

_NUMBERS = count(1)
INDEXES = "SELECT indexname FROM pg_indexes WHERE tablename = 'users' ORDER BY 1"
INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
COLUMNS = (
    'sa.Column("id", sa.Integer(), primary_key=True), '
    'sa.Column("email", sa.String(), nullable=False), '
    'sa.Column("Team", sa.Integer(), nullable=False)'
)
TABLE = f'op.create_table("users", {COLUMNS})'
BODY = """\
id: Mapped[int] = mapped_column(primary_key=True)
email: Mapped[str]
team: Mapped[int] = mapped_column("Team")
"""
CONVENTION = {"ix": "%(table_name)s_%(column_0_N_name)s_idx"}
COVERED = BODY.replace('"Team"', '"Team", index=True')
BOTH = '__table_args__ = (Index("ix_both", "Team", text("lower(email) DESC")),)\n'
BUILT = (
    TABLE
    + '\n    op.create_index("ix_users_Team", "users", ["Team"])\n    op.create_index("ix_both"'
)
BUILT += ', "users", ["Team", sa.text("lower(email) DESC")])'


@contextmanager
def imported(project: ModelProject) -> Iterator[Any]:
    """The project's models, which their migrations import too."""
    sys.path.insert(0, str(project.folder))
    try:
        yield import_module(f"{project.package}.models").Base.metadata
    finally:
        sys.path.remove(str(project.folder))
        for name in [each for each in sys.modules if each.startswith(project.package)]:
            del sys.modules[name]


def config(project: ModelProject, database: Database) -> Config:
    url = url_of(database.parameters, "psycopg")
    return Config(project.folder / "alembic.ini", attributes={"url": url})


def differences(database: Database, metadata: Any) -> list[Any]:
    """What `alembic check` would find."""
    with create_engine(url_of(database.parameters, "psycopg")).connect() as connection:
        context = MigrationContext.configure(connection)
        return [each for each in compare_metadata(context, metadata) if "index" in each[0]]


@pytest.mark.parametrize(
    ("body", "query", "built", "convention", "changes"),
    [
        (BODY, "select(User).where(User.email == x)", TABLE, {}, ([], ["ix_users_email"])),
        (BODY, "select(User).where(User.team == x)", TABLE, {}, ([], ["ix_users_Team"])),
        (BODY, "select(User).where(User.email == x)", TABLE, CONVENTION, ([], ["users_email_idx"])),
        (
            BODY,
            "select(User).where(func.lower(User.email) == x)",
            TABLE,
            {},
            ([], ["ix_users_lower_email"]),
        ),
        (
            BODY,
            "select(User).order_by(User.team, User.email.desc()).limit(3)",
            TABLE,
            {},
            ([], ["ix_users_Team_email"]),
        ),
        (BOTH + COVERED, "select(User)", BUILT, {}, (["ix_users_Team"], [])),
    ],
)
def test_database_and_models_agree(
    database: Database,
    tmp_path: Path,
    body: str,
    query: str,
    built: str,
    convention: dict[str, str],
    changes: tuple[list[str], list[str]],
) -> None:
    gone, come = changes
    project = ModelProject(tmp_path, f"app{next(_NUMBERS)}")
    first = revision("a1", None, built, 'op.drop_table("users")')
    project.write(body, query, {"a1": first}, convention)
    path = project.models if gone else project.queries
    (action,) = [each for each in project.actions(path) if each.creates]
    database.reset("")

    def indexes() -> set[str]:
        assert database.connection.execute(INVALID).fetchone() == (0,)
        return {name for (name,) in database.connection.execute(INDEXES).fetchall()}

    with imported(project) as metadata:
        command.upgrade(config(project, database), "head")
        before = indexes()
        assert differences(database, metadata) == []
    apply(path, action)
    with imported(project) as metadata:
        assert len(differences(database, metadata)) == 1
        command.upgrade(config(project, database), "head")
        assert differences(database, metadata) == []
        assert indexes() == before - {*gone} | {*come}
        command.downgrade(config(project, database), "-1")
        assert indexes() == before
        command.upgrade(config(project, database), "head")
        assert differences(database, metadata) == []
