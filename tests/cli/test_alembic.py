"""fumehood in Alembic's own workflow, and in a repository of two services, with real Alembic."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from environments import alembic
from test_real import EXAMPLES, run

ENTRY = {
    "alembic.ini": (
        "[post_write_hooks]\n"
        "hooks = fumehood\n"
        "fumehood.type = console_scripts\n"
        "fumehood.entrypoint = fumehood\n"
        "fumehood.options = fix REVISION_SCRIPT_FILENAME\n"
    ),
    "pyproject.toml": (
        "[[tool.alembic.post_write_hooks]]\n"
        'name = "fumehood"\n'
        'type = "console_scripts"\n'
        'entrypoint = "fumehood"\n'
        'options = "fix REVISION_SCRIPT_FILENAME"\n'
    ),
}
README = EXAMPLES.parent / "README.md"
# As autogenerate would have filled it in.
UPGRADE = 'op.create_index("ix_orders_state", "orders", ["state"])'


@pytest.mark.parametrize("file", ENTRY)
def test_a_new_revision_is_fixed_as_it_is_written(tmp_path: Path, file: str) -> None:
    entry = ENTRY[file]
    assert entry.replace("\n", "\n    ").rstrip(" ") in README.read_text(), "it is documented"
    template = "pyproject" if file == "pyproject.toml" else "generic"
    alembic(tmp_path, "init", "--template", template, "migrations")
    ini, configured = tmp_path / "alembic.ini", tmp_path / file
    text = configured.read_text()
    if file == "alembic.ini":  # where the section stands already
        text = text.replace("[post_write_hooks]\n", "")
    configured.write_text(f"{text}\n{entry}")
    ini.write_text(re.sub("driver://.*", "postgresql://localhost/x", ini.read_text()))
    mako = tmp_path / "migrations" / "script.py.mako"
    mako.write_text(mako.read_text().replace('${upgrades if upgrades else "pass"}', UPGRADE))
    said = alembic(tmp_path, "revision", "-m", "orders have states")
    assert "Fixed 1 finding in 1 file." in said
    [revision] = (tmp_path / "migrations" / "versions").glob("*.py")
    assert "autocommit_block():\n        op.create_index(" in revision.read_text()
    run(tmp_path, "check", code=0)


@pytest.fixture
def monorepo(tmp_path: Path) -> Path:
    """A copy of the example with two services, in a repository of its own."""
    target = tmp_path / "monorepo"
    shutil.copytree(EXAMPLES / "monorepo", target, ignore=shutil.ignore_patterns("__pycache__"))
    (target / ".git").mkdir()
    return target


def test_two_services_each_have_their_own_configuration(monorepo: Path) -> None:
    found = json.loads(run(monorepo, "check", "--output-format", "json", code=1).stdout)
    assert [
        (Path(each["path"]).parts[0], Path(each["path"]).name[:4], each["rule"], each["severity"])
        for each in found
    ] == [
        ("accounts", "2d4f", "only-concurrent-indexes", "error"),
        ("accounts", "2d4f", "only-concurrent-indexes", "warning"),
        ("accounts", "3e5a", "split-foreign-key", "warning"),
        ("billing", "9e1a", "split-foreign-key", "error"),
    ]


@pytest.mark.slow
def test_two_services_keep_their_names_of_constraints(monorepo: Path) -> None:
    before = {name: _sql(monorepo / name) for name in ("accounts", "billing")}
    run(monorepo, "fix", "--unsafe-fixes", code=0)
    assert _foreign_keys(before["accounts"]) == ["fk_users_team_id_teams"]
    after = _sql(monorepo / "accounts")
    assert _foreign_keys(after) == ["fk_users_team_id_teams"]
    assert "ALTER TABLE users VALIDATE CONSTRAINT fk_users_team_id_teams" in after
    assert "ADD FOREIGN KEY(user_id)" in before["billing"], "PostgreSQL names it"
    after = _sql(monorepo / "billing")
    assert _foreign_keys(after) == ["invoices_user_id_fkey"]
    assert "ALTER TABLE invoices VALIDATE CONSTRAINT invoices_user_id_fkey" in after


def _sql(folder: Path) -> str:
    return alembic(folder, "upgrade", "head", "--sql")


def _foreign_keys(sql: str) -> list[str]:
    return re.findall(r"ADD CONSTRAINT (\w+) FOREIGN KEY", sql)
