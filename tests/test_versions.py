"""What the project's versions of Alembic and SQLAlchemy ignore is not written by a fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.engine import Engine
from fumehood.project import Project
from fumehood.workspace.disk import Disk
from fumehood.workspace.versions import ignored_keywords

from .page_cases import HEAD, PATH, RULES, actions_of

OLD = (("if_exists", "Alembic 1.11.1"),)
OLDER = (("postgresql_not_valid", "SQLAlchemy 1.4.31"),)
UV = '[[package]]\nname = "alembic"\nversion = "{}"\n\n[[package]]\nname = "other"\nversion = "1"\n'
PIPFILE = '{{"default": {{\n"sqlalchemy": {{\n"hashes": ["sha256:a"],\n"version": "=={}"\n}}}}}}\n'

TOLD: dict[str, tuple[dict[str, str], tuple[tuple[str, str], ...]]] = {
    "nothing": ({}, ()),
    "uv": ({"uv.lock": UV.format("1.11.1")}, OLD),
    "since then": ({"uv.lock": UV.format("1.11.2")}, ()),
    "Poetry": ({"poetry.lock": UV.format("1.11.1")}, OLD),
    "Pipenv": ({"Pipfile.lock": PIPFILE.format("1.4.31")}, OLDER),
    "pip": ({"requirements.txt": "# alembic==1.0\nalembic==1.11.1  # via app\n"}, OLD),
    "pip's folder": ({"requirements/base.txt": "SQLAlchemy[asyncio]==1.4.31 \\\n"}, OLDER),
    "both": ({"requirements.txt": "sqlalchemy==1.4.31\nalembic==1.11.1\n"}, OLD + OLDER),
    "a bound": ({"requirements.txt": "alembic<1.11\nalembic-utils==0.1\n"}, ()),
    "two": ({"requirements.txt": "alembic==1.11.1\n", "requirements-dev.txt": "alembic==1.9"}, ()),
    "above": ({"../uv.lock": UV.format("1.11.1")}, OLD),
    "nearest": ({"../uv.lock": UV.format("1.11.1"), "uv.lock": UV.format("1.16.0")}, ()),
}


@pytest.mark.parametrize(("files", "ignored"), TOLD.values(), ids=TOLD)
def test_versions_are_read(
    files: dict[str, str], ignored: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app").mkdir()
    for name, text in files.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert ignored_keywords(Disk(), tmp_path / "app") == ignored


KEY = 'op.create_foreign_key("fk", "users", "teams", ["team_id"], ["id"])'
CALLS = {
    "index": ('op.create_index("ix", "users", ["a"])', OLD, 1),
    "unique": ('op.create_unique_constraint("uq", "users", ["a"])', OLD, 1),
    "foreign key": (KEY, OLDER, 2),
    "check": ('op.create_check_constraint("ck", "users", "a > 0")', OLDER, 2),
    "another's": (KEY, OLD, 0),
    "SQL": ('op.execute("ALTER TABLE users ADD CONSTRAINT ck CHECK (a > 0)")', OLDER, 0),
}


@pytest.mark.parametrize(("call", "ignored", "fewer"), CALLS.values(), ids=CALLS)
def test_what_is_ignored_is_not_offered(
    call: str, ignored: tuple[tuple[str, str], ...], fewer: int
) -> None:
    def offered(project: Project) -> tuple[int, str]:
        engine = Engine(RULES)
        engine.open(PATH, f"{HEAD}def upgrade() -> None:\n    {call}\n", project=project)
        assert engine.work(PATH)
        [found] = engine.findings(PATH)
        return len(actions_of(engine, found, follow=True)), found.effect

    (many, before), (few, effect) = offered(Project()), offered(Project(ignored=ignored))
    assert many - few == fewer
    [(keyword, version)] = ignored
    said = f" {version}, which the project is held to, ignores {keyword}."
    assert effect == before + (said if fewer else "")
