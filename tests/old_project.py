"""A project that has lived: hundreds of old migrations, with branches, merges and a dependency."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

_INI = """\
[alembic]
script_location = %(here)s/migrations
sqlalchemy.url = postgresql://localhost/old
"""

_ENV = """\
from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

_MIGRATION = '''\
"""{message}

Revision ID: {revision}
Revises: {revises}
"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down}
branch_labels = None
depends_on = {depends}


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''

# What the migrations do in turn: message, upgrade, downgrade.
_STEPS = (
    (
        "create {table}",
        'op.create_table(\n        "{table}",\n'
        '        sa.Column("id", sa.Integer(), primary_key=True),\n'
        '        sa.Column("name", sa.String(50), nullable=False),\n    )',
        'op.drop_table("{table}")',
    ),
    (
        "{table} have a state",
        'op.add_column("{table}", sa.Column("state", sa.String(20)))',
        'op.drop_column("{table}", "state")',
    ),
    (
        "find {table} by state",
        'op.create_index("ix_{table}_state", "{table}", ["state"])',
        'op.drop_index("ix_{table}_state", table_name="{table}")',
    ),
    (
        "{table} have owners",
        'op.add_column("{table}", sa.Column("owner_id", sa.Integer()))\n    '
        'op.create_foreign_key("fk_{table}_owner", "{table}", "accounts", ["owner_id"], ["id"])',
        'op.drop_constraint("fk_{table}_owner", "{table}", type_="foreignkey")\n    '
        'op.drop_column("{table}", "owner_id")',
    ),
    (
        "find {table} by owner",
        'with op.batch_alter_table("{table}") as batch_op:\n'
        '        batch_op.create_index("ix_{table}_owner_id", ["owner_id"])',
        'with op.batch_alter_table("{table}") as batch_op:\n'
        '        batch_op.drop_index("ix_{table}_owner_id")',
    ),
)

# In every round of so many migrations one starts beside three others, and is merged with them.
_ROUND, _FORK, _SIDE, _MERGE = 20, 10, 13, 14


@dataclass
class OldProject:
    """A project on disk; `revisions` holds the ids, parents before children."""

    folder: Path
    heads: tuple[str, ...] = ()
    revisions: list[str] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The last revision, which all others lead to."""
        (head,) = self.heads
        return head

    def add(
        self,
        message: str,
        upgrade: str,
        downgrade: str = "pass",
        down: tuple[str, ...] | None = None,
    ) -> Path:
        """Write one more revision, on top of the heads unless told otherwise; its file."""
        parents = self.heads if down is None else down
        revision = hashlib.sha1(f"{len(self.revisions)} {message}".encode()).hexdigest()[:12]
        slug = message.replace(" ", "_")
        path = self.folder / "migrations" / "versions" / f"{revision}_{slug}.py"
        # One in every round depends on the very first, besides its parents.
        first = self.revisions[:1] if len(self.revisions) % _ROUND == _ROUND - 1 else []
        text = _MIGRATION.format(
            message=message,
            revision=revision,
            revises=", ".join(parents),
            down=_literal(parents),
            depends=_literal(tuple(first)),
            upgrade=upgrade,
            downgrade=downgrade,
        )
        path.write_text(text, encoding="utf-8")
        self.revisions.append(revision)
        self.files[revision] = path
        self.heads = (*(head for head in self.heads if head not in parents), revision)
        return path


def old_project(folder: Path, count: int = 300) -> OldProject:
    """Write a project with so many migrations into a folder: one head, all others its ancestors."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text(_INI, encoding="utf-8")
    (folder / "migrations" / "env.py").write_text(_ENV, encoding="utf-8")
    project = OldProject(folder)
    fork = ""
    for number in range(count):
        place = number % _ROUND
        if place == _FORK:
            fork = project.head
        if place == _MERGE and len(project.heads) > 1:
            project.add("merge", "pass")
            continue
        table = f"t{number // len(_STEPS)}"
        words = [part.format(table=table) for part in _STEPS[number % len(_STEPS)]]
        on_main = tuple(head for head in project.heads if head != fork)[:1] or project.heads
        project.add(*words, down=(fork,) if place == _SIDE and fork else on_main)
    if len(project.heads) > 1:
        project.add("merge", "pass")
    return project


def _literal(revisions: tuple[str, ...]) -> str:
    if len(revisions) < 2:
        return f'"{revisions[0]}"' if revisions else "None"
    return "(" + ", ".join(f'"{revision}"' for revision in revisions) + ")"
