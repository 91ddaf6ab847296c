"""The naming convention that is read is the one by which a real Alembic names a constraint."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from fumehood.naming import Constrained, Naming, check_name
from fumehood.workspace.disk import Disk
from fumehood.workspace.environments import Environments
from fumehood.workspace.target_metadata import naming_of

MIGRATION = """\
from alembic import op
revision = "r"
down_revision = None
def upgrade():
    op.create_check_constraint("positive", "t", "x > 0")
"""
ENV = """\
from alembic import context
{}
context.configure(url="postgresql://", target_metadata=target_metadata)
with context.begin_transaction():
    context.run_migrations()
"""
CK = "c_%(table_name)s_%(constraint_name)s"
CONVENTION = f'{{"ck": "{CK}"}}'
METADATA = f"from sqlalchemy import MetaData\nmetadata = MetaData(naming_convention={CONVENTION})\n"
DECLARATIVE = "from sqlalchemy.orm import DeclarativeBase\n"
# The beginning of env.py, and the modules of the project; named by the convention throughout.
NAMED: dict[str, tuple[str, dict[str, str]]] = {
    "in env.py": (f"{METADATA}target_metadata = metadata", {}),
    "imported": ("from p.db import metadata as target_metadata", {"p/db.py": METADATA}),
    "attribute of a module": (
        "import p.db\ntarget_metadata = p.db.metadata",
        {"p/db.py": METADATA},
    ),
    "module with another name": (
        "import p.db as db\ntarget_metadata = db.metadata",
        {"p/db.py": METADATA},
    ),
    "module of a package": (
        "from p import db\ntarget_metadata = db.metadata",
        {"p/__init__.py": "", "p/db.py": METADATA},
    ),
    "base class": (
        "from p import Base\ntarget_metadata = Base.metadata",
        {
            "p/__init__.py": "from .base import Base",
            "p/base.py": DECLARATIVE + "from sqlalchemy import MetaData\n"
            "class Base(DeclarativeBase):\n"
            f"    metadata = MetaData(naming_convention={CONVENTION})\n",
        },
    ),
    "base of a base": (
        "from p.base import Base\ntarget_metadata = Base.metadata",
        {
            "p/base.py": DECLARATIVE + "from typing import Any\nfrom .meta import meta\n"
            "class Mixin:\n    x = 1\n"
            "class First(Mixin, DeclarativeBase):\n    metadata = meta\n"
            "class Base(First):\n    __abstract__ = True\n",
            "p/meta.py": METADATA.replace("metadata =", "meta ="),
        },
    ),
    "star": (
        "from p.models import *\ntarget_metadata = Base.metadata",
        {
            "p/models.py": "from p.base import *",
            "p/base.py": f"{METADATA}from sqlalchemy.orm import declarative_base\n"
            "Base = declarative_base(metadata=metadata)\n",
        },
    ),
    "registry": (
        "from p import db\ntarget_metadata = db.mapper_registry.metadata",
        {
            "p/db.py": f"{METADATA}from sqlalchemy.orm import registry\n"
            "mapper_registry = registry(metadata=metadata)\n"
        },
    ),
    "as_declarative": (
        "from p.db import Base\ntarget_metadata = Base.metadata",
        {
            "p/db.py": f"{METADATA}from sqlalchemy.orm import as_declarative\n"
            "@as_declarative(metadata=metadata)\nclass Base:\n    pass\n"
        },
    ),
    "convention elsewhere": (
        "from p.db import metadata\ntarget_metadata = metadata",
        {
            "p/db.py": "import sqlalchemy as sa\nfrom p import names\n"
            "metadata = sa.MetaData(naming_convention=names.CONVENTION)\n",
            "p/names.py": f'CK = "{CK}"\nCONVENTION: dict[str, str] = dict(ck=CK, fk="fk")\n',
        },
    ),
    "keys are classes": (
        "from p.db import metadata\ntarget_metadata = metadata",
        {
            "p/db.py": "import sqlalchemy as sa\nmetadata = sa.MetaData(\n"
            f'    naming_convention={{sa.CheckConstraint: "{CK}", "uq": "u"}}\n)\n'
        },
    ),
    "src": ("from p.db import metadata as target_metadata", {"src/p/db.py": METADATA}),
    "set later": (
        "from p.db import metadata\ntarget_metadata = metadata",
        {
            "p/db.py": "from sqlalchemy import MetaData\nmetadata = MetaData()\n"
            f"metadata.naming_convention = {CONVENTION}\n"
        },
    ),
    "found by a search": (
        "from p.db import made\ntarget_metadata = made()",
        {"p/db.py": METADATA + "def made():\n    return metadata\n"},
    ),
}
UNNAMED: dict[str, tuple[str, dict[str, str]]] = {
    "none": ("target_metadata = None", {"p/db.py": METADATA}),
    "a list": (
        "from p.db import metadata\ntarget_metadata = [metadata]",
        {"p/db.py": METADATA},
    ),
    "no convention": (
        "from p.db import Base\ntarget_metadata = Base.metadata",
        {"p/db.py": DECLARATIVE + "class Base(DeclarativeBase):\n    pass\n", "x.py": METADATA},
    ),
    "plain declarative_base": (
        "from p.db import Base\ntarget_metadata = Base.metadata",
        {"p/db.py": "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n"},
    ),
    "plain metadata": (
        "import sqlalchemy\ntarget_metadata = sqlalchemy.MetaData(schema='s')",
        {"p/db.py": METADATA},
    ),
    "nothing to be found": (
        "from p.db import made\ntarget_metadata = made()",
        {"p/db.py": "from sqlalchemy import MetaData\ndef made():\n    return MetaData()\n"},
    ),
}
CASES = {**NAMED, **UNNAMED}


def write(root: Path, env: str, modules: dict[str, str]) -> Path:
    script = root / "migrations"
    files = {"migrations/env.py": env, "migrations/versions/r.py": MIGRATION, "setup.py": ""}
    for name, text in {**files, **modules}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return script


def emitted(script: Path) -> str:
    out = io.StringIO()
    config = Config(output_buffer=out)
    config.set_main_option("script_location", str(script))
    command.upgrade(config, "head", sql=True)
    return out.getvalue().partition("ADD CONSTRAINT ")[2].partition(" ")[0]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore")
def test_the_name_is_that_of_alembic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    head, modules = CASES[name]
    script = write(tmp_path, ENV.format(head), modules)
    naming = naming_of(Disk(), script)
    read = check_name(naming, "positive", False, Constrained("t", None), None).name
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    try:
        assert read == emitted(script)
    finally:
        for each in [each for each in sys.modules if each.partition(".")[0] in ("p", "x")]:
            del sys.modules[each]
    assert read == ("c_t_positive" if name in NAMED else "positive")


FLASK = "from flask_sqlalchemy import SQLAlchemy\n"
OTHER = METADATA.replace("c_", "d_")


@pytest.mark.parametrize(
    ("head", "modules", "naming"),
    [
        # Not installed here, or not to be run.
        (
            "from p.db import db\ntarget_metadata = db.metadata",
            {"p/db.py": f"{FLASK}{METADATA}db = SQLAlchemy(metadata=metadata)"},
            Naming({"ck": CK}),
        ),
        (
            "from p.db import db\ntarget_metadata = db.metadata",
            {"p/db.py": FLASK + DECLARATIVE + "class Base(DeclarativeBase):\n    pass\n"
             "db = SQLAlchemy(model_class=Base)"},
            Naming(),
        ),
        (
            "from flask import current_app\n"
            "target_metadata = current_app.extensions['migrate'].db.metadata",
            {"p/db.py": f"{FLASK}{METADATA}db = SQLAlchemy(metadata=metadata)"},
            Naming({"ck": CK}),
        ),
        ("from sqlmodel import SQLModel\ntarget_metadata = SQLModel.metadata", {}, Naming()),
        (
            "from sqlmodel import SQLModel\ntarget_metadata = SQLModel.metadata",
            {"p/db.py": f"SQLModel.metadata.naming_convention = {CONVENTION}"},
            Naming({"ck": CK}),
        ),
        (
            "from p.db import Base\ntarget_metadata = Base.metadata",
            {"p/db.py": "from others import TheirBase\nclass Base(TheirBase):\n    pass\n"},
            None,
        ),
        ("from others import metadata\ntarget_metadata = metadata", {}, None),
        # Two conventions, and no telling which.
        ("target_metadata = unknown()", {"a.py": METADATA, "b.py": OTHER}, None),
        ("target_metadata = unknown()", {"a.py": METADATA, "b.py": METADATA}, Naming({"ck": CK})),
        ("target_metadata = x()", {"a.py": METADATA, ".venv/b.py": OTHER}, Naming({"ck": CK})),
        ("from a import metadata as target_metadata", {"a.py": METADATA, "b.py": OTHER},
         Naming({"ck": CK})),
        # A token of its own making.
        (
            "from a import metadata as target_metadata",
            {"a.py": METADATA.replace('{"ck"', '{"own": f, "ck"')},
            None,
        ),
        # What never ends.
        ("from a import metadata as target_metadata", {"a.py": "from a import metadata"}, Naming()),
        ("from a import *\ntarget_metadata = x", {"a.py": "from b import *", "b.py":
         "from a import *"}, Naming()),
        ("from a import metadata as target_metadata", {"a.py": f"from {'.' * 99}x import metadata"},
         Naming()),
        ("target_metadata = (", {}, Naming()),
    ],
)  # fmt: skip
def test_what_is_not_run(
    tmp_path: Path, head: str, modules: dict[str, str], naming: Naming | None
) -> None:
    assert naming_of(Disk(), write(tmp_path, ENV.format(head), modules)) == naming


def test_each_project_of_a_repository_has_its_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    head = "from db import metadata as target_metadata"
    for name, text in (("a", METADATA), ("b", OTHER)):
        write(tmp_path / name, ENV.format(head), {"db.py": text})
    disk = Disk()
    found = Environments(disk).all_under(tmp_path)
    patterns = [each.project().naming for each in found]
    assert patterns == [Naming({"ck": CK}), Naming({"ck": CK.replace("c_", "d_", 1)})]


def test_edits_of_models_are_noticed(tmp_path: Path) -> None:
    head = "from p.db import metadata as target_metadata"
    write(tmp_path, ENV.format(head), {"p/db.py": METADATA})
    disk = Disk()
    environment = Environments(disk).of(tmp_path / "migrations/versions/r.py")
    assert environment is not None
    first = environment.project()
    assert first.naming == Naming({"ck": CK})
    assert environment.project() is first
    write(tmp_path, ENV.format(head), {"p/db.py": OTHER + "# longer\n"})
    disk.refresh()
    assert environment.project().naming == Naming({"ck": CK.replace("c_", "d_", 1)})
