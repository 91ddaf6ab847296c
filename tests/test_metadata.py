"""Naming conventions are read from the text, or not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.engine import Engine
from fumehood.metadata import conventions
from fumehood.naming import Naming
from fumehood.rule import load_rules
from fumehood.workspace.projects import forget_projects, project_for

CK = Naming({"ck": "ck_%(table_name)s_%(constraint_name)s"})
LITERAL = '{"ck": "ck_%(table_name)s_%(constraint_name)s"}'
READ = {
    "argument": (f"metadata = MetaData(naming_convention={LITERAL})", [CK]),
    "constant": (f"NAMES = {LITERAL}\nmetadata = MetaData(naming_convention=NAMES)", [CK]),
    "typed constant": (f"N: dict[str, str] = {LITERAL}\nm = MetaData(naming_convention=N)", [CK]),
    "in a class": (
        f"class Base(DeclarativeBase):\n    metadata = MetaData(naming_convention={LITERAL})",
        [CK],
    ),
    "assigned": (f"SQLModel.metadata.naming_convention = {LITERAL}", [CK]),
    "imported": ("from x import N\nm = MetaData(naming_convention=N)", [None]),
    "own token": ('m = MetaData(naming_convention={"ck": "%(x)s", "x": f})', [None]),
    "a class as the key": ('m = MetaData(naming_convention={CheckConstraint: "x"})', [None]),
    "in a comment": ("# naming_convention is not set", []),
    "no Python": ("m = MetaData(naming_convention=", [None]),
    "a library's": ("from advanced_alchemy.base import UUIDBase", [None]),
    "nothing": ("x = 1", []),
}


@pytest.mark.parametrize(("text", "found"), READ.values(), ids=READ)
def test_conventions(text: str, found: list[Naming | None]) -> None:
    assert conventions(text) == found


@pytest.mark.parametrize(
    ("models", "naming"),
    [
        ({"app/models.py": f"m = MetaData(naming_convention={LITERAL})"}, CK),
        ({"app/models.py": "m = MetaData()"}, Naming()),
        ({"a.py": f"m = MetaData(naming_convention={LITERAL})", "b.py": "naming_convention=x"}, CK),
        ({"a.py": f"m = M(naming_convention={LITERAL})", "b.py": "M(naming_convention=x)"}, None),
        ({".venv/a.py": f"m = MetaData(naming_convention={LITERAL})"}, Naming()),
    ],
)
def test_projects(tmp_path: Path, models: dict[str, str], naming: Naming | None) -> None:
    (tmp_path / "alembic.ini").touch()
    for name, text in models.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    forget_projects()
    assert project_for(tmp_path / "migrations" / "versions" / "x.py").naming == naming


def test_a_file_outside_of_any_project_has_no_known_convention(tmp_path: Path) -> None:
    forget_projects()
    assert project_for(tmp_path / "x.py").naming is None


def test_where_no_block_works_the_finding_says_why(tmp_path: Path) -> None:
    (tmp_path / "env.py").write_text(
        "from alembic import context\n"
        "with engine.begin() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n"
    )
    forget_projects()
    project = project_for(tmp_path / "versions" / "x.py")
    assert project.block_fails is not None
    assert "env.py:2" in project.block_fails
    engine = Engine(load_rules())
    text = "revision = 'b'\ndown_revision = 'a'\nfrom alembic import op\n\n\ndef upgrade():\n"
    text += "    op.create_index('ix', 'a', ['x'])\n"
    engine.open("m.py", text, project=project)
    engine.work("m.py")
    [found] = engine.findings("m.py")
    assert found.effect.endswith(f"No fix is offered: {project.block_fails}")
    assert engine.actions("m.py", found.span) == []
