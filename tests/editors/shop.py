"""What the tests in editors have in common: an example's copy, a server on the PATH, an editor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.forking import program
from texts import FOOTER, HEADER, NEW, QUERIES

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "shop"
SERVER = program("-P", "-m", "fumehood")
WRONG_SERVER = program(str(ROOT / "tests" / "lsp" / "wrong_server.py"))
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
