"""What the tests in editors have in common: an example's copy, a server on the PATH, an editor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "shop"
# What the tests write must not be taken for a part of the example's history.
NEW = "6f2d9b1c0e44_notes.py"
HEADER = '''"""Notes of orders."""

from alembic import op

revision = "6f2d9b1c0e44"
down_revision = "e17a3c5f902b"


def upgrade() -> None:
'''
FOOTER = """

def downgrade() -> None:
    pass
"""
EMPTY = "    pass\n"
INDEX = '    op.create_index("ix_orders_note_ü", "orders", ["note"])\n'
FIXED = """    with op.get_context().autocommit_block():
        op.create_index(
            "ix_orders_note_ü", "orders", ["note"], postgresql_concurrently=True
        )
"""
RULE = "only-concurrent-indexes"
OFFERED = [
    "Run it concurrently, outside the transaction",
    "Run it concurrently, re-runnable after a failed build",
    f"Ignore {RULE} here",
    f"Ignore {RULE} in this file",
    "Start checking after this revision (6f2d9b1c0e44)",
    f"Show documentation of {RULE}",
]
# ü is one character, two bytes; editors count columns in either.
BEHIND = '    note = "ü"; op.create_index("ix_orders_note", "orders", ["note"])\n'
KEY = (
    "    op.create_foreign_key(\n"
    '        "fk_orders_customers", "orders", "customers", ["customer_id"], ["id"]\n'
    "    )\n"
)
KEY_NOT_VALID = """    op.create_foreign_key(
        "fk_orders_customers",
        "orders",
        "customers",
        ["customer_id"],
        ["id"],
        postgresql_not_valid=True,
    )
"""
# In the model of the products: a name that a supplier stands behind.
COLUMN = "name: Mapped[str] = mapped_column(String(200))\n    supplier"
INDEXED = COLUMN.replace("))", "), index=True)")
QUERIES = """from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Product


def called(session: Session, name: str) -> list[Product]:
    return list(session.scalars(select(Product).where(Product.name == name)))
"""
SERVER = [sys.executable, "-P", "-m", "fumehood"]
WRONG_SERVER = [sys.executable, str(ROOT / "tests" / "lsp" / "wrong_server.py")]
NO_SERVER: list[str] = []
PATIENCE = 300.0  # seconds; each wait within an editor has its own, shorter limit


def find(program: str, packages: str, file: str | None = None) -> str:
    """The path of an editor, which may need a file besides; skips or fails the test without it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = shutil.which(program, path=path)
    if found is not None and (file is None or Path(file).exists()):
        return found
    message = f"{program} is not installed; {packages}"
    if os.environ.get("FUMEHOOD_TEST_EDITORS") == "all":
        pytest.fail(message, pytrace=False)
    return pytest.skip(message)


def copy_shop(folder: Path, upgrade: str) -> Path:
    """A copy of the example in a folder, with a new migration that does `upgrade`; its path."""
    shutil.copytree(EXAMPLE, folder / "shop")
    path = folder / "shop" / "migrations" / "versions" / NEW
    path.write_text(HEADER + upgrade + FOOTER, encoding="utf-8")
    return path


def add_queries(migration: Path) -> Path:
    """A file of queries in the copy that a migration belongs to, one of them without an index."""
    path = migration.parents[2] / "queries.py"
    path.write_text(QUERIES, encoding="utf-8")
    return path


def environment(folder: Path, server: list[str]) -> dict[str, str]:
    """`fumehood` on the PATH starts `server`; nothing of the user's own editor is seen.

    The process id of the last server stands in the file `pid`.
    """
    programs = folder / "bin"
    programs.mkdir()
    if server:
        script = programs / "fumehood"
        words = " ".join(f"'{word}'" for word in server)
        script.write_text(
            f'#!/bin/sh\ntest "$*" = server && echo $$ > \'{folder}/pid\'\nexec {words} "$@"\n'
        )
        script.chmod(0o755)
    home = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return {
        **os.environ,
        **home,
        "HOME": str(folder),
        "PATH": os.pathsep.join([str(programs), *without_fumehood()]),
        "PYTHONPATH": os.pathsep.join([f"{ROOT}/server", f"{ROOT}/rules"]),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
    }


def without_fumehood() -> list[str]:
    """The folders of the PATH, but for those with a fumehood of their own."""
    folders = os.environ["PATH"].split(os.pathsep)
    return [folder for folder in folders if not (Path(folder) / "fumehood").exists()]


def run(
    command: list[str], folder: Path, server: list[str], **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run an editor in a folder that is its home too."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment(folder, server), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def fixed(path: Path) -> str:
    """What the two operations of the migration should become."""
    text = path.read_text(encoding="utf-8")
    operations = {
        'op.create_index("ix_orders_customer_id", "orders", ["customer_id"])': """op.create_index(
            "ix_orders_customer_id",
            "orders",
            ["customer_id"],
            postgresql_concurrently=True,
        )""",
        'op.drop_index("ix_orders_customer_id", table_name="orders")': """op.drop_index(
            "ix_orders_customer_id", table_name="orders", postgresql_concurrently=True
        )""",
    }
    block = "with op.get_context().autocommit_block():\n        "
    for before, after in operations.items():
        assert before in text
        text = text.replace(before, block + after)
    return text
