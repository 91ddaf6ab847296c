"""Environments that real Alembic makes, with revisions of its own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.forking import program


def alembic(folder: Path, *words: str) -> str:
    """What Alembic prints."""
    result = subprocess.run(
        program("-m", "alembic", *words),
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def environment(folder: Path, template: str = "generic", **options: str) -> Path:
    """An environment for PostgreSQL, as `alembic init` makes it."""
    folder.mkdir(exist_ok=True)
    alembic(folder, "init", "--template", template, "migrations")
    ini, toml = folder / "alembic.ini", folder / "pyproject.toml"
    text = re.sub("driver://.*", "postgresql://localhost/x", ini.read_text())
    if template == "pyproject":
        lines = "".join(f'{key} = "{value}"\n' for key, value in options.items())
        toml.write_text(toml.read_text().replace("[tool.alembic]\n", f"[tool.alembic]\n{lines}"))
    else:
        lines = "".join(f"{key} = {value}\n" for key, value in options.items())
        text = text.replace("[alembic]\n", f"[alembic]\n{lines}")
    ini.write_text(text)
    return folder


def revision(folder: Path, message: str, *calls: str, words: tuple[str, ...] = ()) -> Path:
    """A new revision that does these calls."""
    before = {*folder.rglob("*.py")}
    alembic(folder, "revision", "-m", message, *words)
    [path] = {*folder.rglob("*.py")} - before
    text = path.read_text()
    path.write_text(text.replace("    pass", "    " + "\n    ".join(calls or ("pass",)), 1))
    return path
