"""An env.py that a real Alembic runs on SQLite.

SQLite has no transactional DDL; these env.py say that it has, as PostgreSQL does.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATION = """\
from alembic import op
revision = "r"
down_revision = None
def upgrade():
    with op.get_context().autocommit_block():
        op.execute("SELECT 1")
def downgrade():
    pass
"""


HEAD = """\
from alembic import context
from sqlalchemy import create_engine, inspect, text
engine = create_engine("sqlite://")

def configure(connection):
    context.configure(connection=connection, transactional_ddl=True)
def migrate():
    with context.begin_transaction():
        context.run_migrations()
def run(connection):
    configure(connection)
    migrate()
"""


def fails(folder: Path, text: str, migration: str = MIGRATION) -> bool:
    """Whether a migration fails, as one with an autocommit block may, under a real Alembic."""
    (folder / "versions").mkdir()
    (folder / "versions" / "r.py").write_text(migration)
    (folder / "env.py").write_text(text)
    config = Config()
    config.set_main_option("script_location", str(folder))
    try:
        command.upgrade(config, "head")
    except AssertionError:
        return True
    return False
