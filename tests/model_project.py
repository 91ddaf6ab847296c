"""A project on the disk with models, queries and migrations, and what is offered in its files."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fumehood.beside import Other
from fumehood.engine import Action, Engine
from fumehood.text import Span
from fumehood.workspace.other_files import other_file
from fumehood.workspace.outlines import outlined
from fumehood.workspace.workspace import Workspace
from tests.page_cases import RULES, applied

INI = "[alembic]\nscript_location = %(here)s/migrations\n"
ENV = """\
from alembic import context
from sqlalchemy import create_engine, pool

from {package}.models import Base

target_metadata = Base.metadata

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = '''\
"""The first"""

import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
'''
MODELS = """\
from sqlalchemy import Index, MetaData, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={convention!r})


class User(Base):
    __tablename__ = "users"
{body}
"""
QUERIES = """\
from sqlalchemy import func, select

from {package}.models import User


def find(s, x):
    return s.execute({query})
"""


def revision(
    identifier: str, down: str | None, upgrade: str = "pass", downgrade: str = "pass"
) -> str:
    """The text of a migration."""
    quoted = None if down is None else f'"{down}"'
    return REVISION.format(id=identifier, down=quoted, upgrade=upgrade, downgrade=downgrade)


@dataclass(frozen=True)
class ModelProject:
    """`package` holds models.py and queries.py."""

    folder: Path
    package: str = "app"

    @property
    def models(self) -> Path:
        """The file of the models."""
        return self.folder / self.package / "models.py"

    @property
    def queries(self) -> Path:
        """The file of the query."""
        return self.folder / self.package / "queries.py"

    @property
    def versions(self) -> Path:
        """Where the revisions lie."""
        return self.folder / "migrations" / "versions"

    def write(
        self,
        body: str,
        query: str,
        revisions: Mapping[str, str],
        convention: Mapping[str, str] | None = None,
    ) -> None:
        """Write all files; `body` is that of the model User, `revisions` are texts by id."""
        self.models.parent.mkdir(parents=True)
        self.versions.mkdir(parents=True)
        (self.folder / "pyproject.toml").touch()
        (self.folder / "alembic.ini").write_text(INI)
        (self.models.parent / "__init__.py").touch()
        env = ENV.format(package=self.package)
        (self.versions.parent / "env.py").write_text(env)
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        self.models.write_text(MODELS.format(convention=dict(convention or {}), body=lines))
        self.queries.write_text(QUERIES.format(package=self.package, query=query))
        for identifier, text in revisions.items():
            (self.versions / f"{identifier}_x.py").write_text(text)

    def workspace(self) -> Workspace:
        """A workspace that knows all of it."""
        found = Workspace(folders=[self.folder])
        deque(found.look_through(), maxlen=0)
        while wanted := found.wanted_code():
            for path in wanted:
                found.learn(outlined(path))
        return found

    def actions(self, path: Path) -> list[Action]:
        """What is offered for all findings of a file."""
        workspace = self.workspace()
        engine, text = Engine(RULES), path.read_text()
        around = workspace.around(path)
        engine.open(str(path), text, *around, None, workspace.models(path))

        def find(name: str) -> Other | None:
            return other_file(workspace, Path(name))

        return engine.actions(str(path), Span(0, len(text)), partial(workspace.head, path), find)


def apply(path: Path, action: Action) -> None:
    """Do to the disk what an action does to the files."""
    path.write_text(applied(path.read_text(), action))
    for each in action.rewrites:
        assert Path(each.path).read_text() == each.text
        Path(each.path).write_text(applied(each.text, each))
    for created in action.creates:
        assert not Path(created.path).exists()
        Path(created.path).write_text(created.text)
