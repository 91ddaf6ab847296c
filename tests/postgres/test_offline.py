"""Every migration on a page is one that Alembic can run: rendered offline for PostgreSQL."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from fumehood import pages

ENV = """
from alembic import context

context.configure(dialect_name="postgresql", dialect_opts={"paramstyle": "named"})
with context.begin_transaction():
    context.run_migrations()
"""

HEAD = """
import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"
"""

BASE = """
revision = "a1"
down_revision = None


def upgrade():
    pass
"""

BLOCKS = [
    pytest.param(block, id=f"{rule}:{block.line}:{block.kind}")
    for rule in pages.ids()
    for block in pages.blocks(pages.page(rule))
    if block.kind in ("bad", "good", "fixed") and "def upgrade" in block.code
]
FIXED_INDEXES = [each for each in BLOCKS if each.id.startswith("only-conc") and "fixed" in each.id]


def rendered(folder: Path, code: str) -> str:
    """The SQL of the migration's upgrade, then of its downgrade."""
    versions = folder / "versions"
    versions.mkdir()
    (folder / "env.py").write_text(ENV)
    (versions / "a1.py").write_text(BASE)
    head = "" if re.search("^revision", code, re.MULTILINE) else HEAD
    tail = "" if "def downgrade" in code else "\n\ndef downgrade():\n    pass\n"
    (versions / "b2.py").write_text(head + code + tail)
    output = io.StringIO()
    config = Config(output_buffer=output)
    config.set_main_option("script_location", str(folder))
    command.upgrade(config, "a1:b2", sql=True)
    command.downgrade(config, "b2:a1", sql=True)
    return output.getvalue()


@pytest.mark.parametrize("block", BLOCKS)
def test_every_migration_renders(block: pages.Block, tmp_path: Path) -> None:
    assert "COMMIT;" in rendered(tmp_path, block.code)


@pytest.mark.parametrize("block", FIXED_INDEXES)
def test_fixed_indexes_are_built_after_a_commit(block: pages.Block, tmp_path: Path) -> None:
    sql = rendered(tmp_path, block.code)
    statements = re.findall(r"^(?:BEGIN|COMMIT|(?:CREATE|DROP).* INDEX.*);$", sql, re.MULTILINE)
    in_transaction = False
    indexes = []
    for statement in statements:
        if statement in ("BEGIN;", "COMMIT;"):
            in_transaction = statement == "BEGIN;"
            continue
        indexes.append(statement)
        assert not in_transaction, statement
        assert " INDEX CONCURRENTLY " in statement
    assert len(indexes) == len(re.findall(r"\b(?:create|drop)_index\(", block.code))
