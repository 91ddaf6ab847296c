"""Naming conventions are read from the text, or not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.metadata import conventions
from fumehood.naming import Naming
from fumehood.workspace.workspace import Workspace

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


def test_where_no_block_works_the_finding_says_why(tmp_path: Path) -> None:
    (tmp_path / "env.py").write_text(
        "from alembic import context\n"
        "with engine.begin() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n"
    )
    project = Workspace().around(tmp_path / "versions" / "x.py").project
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
