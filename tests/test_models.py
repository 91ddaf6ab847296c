"""Models, read from text, are those that SQLAlchemy makes when it imports the same files."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import configure_mappers
from sqlalchemy.schema import CreateIndex, CreateTable

from fumehood.facts import UNKNOWN, TableIndex
from fumehood.join.values import Reference
from fumehood.models import lineage as lineages
from fumehood.models.facts import ClassKey, Model
from fumehood.models.models import Models
from fumehood.models.modules import Modules
from fumehood.read.ddl import commands
from tests.model_cases import BASE, CASES
from tests.outlines import models, one, outlines

DIALECT = postgresql.dialect()


@pytest.fixture
def imported(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The modules of a case, by path, as Python imports them."""
    before = set(sys.modules)
    sys.path.insert(0, str(tmp_path))
    try:
        for path, text in request.param.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(textwrap.dedent(text))
        names = {path: path.removesuffix(".py").removesuffix("/__init__") for path in request.param}
        found = {
            path: importlib.import_module(name.replace("/", ".")) for path, name in names.items()
        }
        configure_mappers()
        yield found
    finally:
        sys.path.remove(str(tmp_path))
        for name in set(sys.modules) - before:
            if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(
                sys.modules[name].__file__
            ):
                del sys.modules[name]
        importlib.invalidate_caches()


def mapped(module: Any, name: str) -> Any:
    """A class or Table of an imported module."""
    for part in name.split("."):
        module = getattr(module, part)
    return module


@pytest.mark.parametrize(
    ("case", "imported"),
    [(each, each) for each in CASES.values()],
    ids=CASES,
    indirect=["imported"],
)
def test_as_sqlalchemy_has_them(case: dict[str, str], imported: dict[str, Any]) -> None:
    found = {model.key: model for model in Models(outlines(case))}
    for path, module in imported.items():
        for name, value in classes(module, path):
            table = value if isinstance(value, Table) else getattr(value, "__table__", None)
            assert ((path, name) in found) is (table is not None), name
    assert found
    for (path, name), model in found.items():
        value = mapped(imported[path], name)
        table = value if isinstance(value, Table) else value.__table__
        assert model.complete
        same_table(model, table, value)


def classes(module: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What the file itself defines: its classes and tables."""
    outline = outlines({path: Path(module.__file__).read_text()})[path]
    for name in outline.classes:
        yield name, mapped(module, name)
    for name, value in outline.names.items():
        if isinstance(getattr(module, name, None), Table) and not isinstance(value, Reference):
            yield name, getattr(module, name)


def same_table(model: Model, table: Table, value: Any) -> None:
    assert (model.table, model.schema) == (table.name, table.schema)
    own = {each.attribute: each.column for each in model.columns}
    if isinstance(value, Table):
        assert set(own) == set(table.c.keys())
    else:
        properties = {each.key: each.columns[0] for each in value.__mapper__.column_attrs}
        theirs = {key: each.name for key, each in properties.items() if each.table is table}
        assert {name: each.name for name, each in own.items()} == theirs
    # What PostgreSQL's grammar reads of the DDL that SQLAlchemy writes.
    (created,) = commands(str(CreateTable(table).compile(dialect=DIALECT))).found
    by_name = {each.name: each for each in own.values()}
    for column in created.arguments["columns"]:
        mine = by_name.pop(column.name, None)
        if mine is None:  # of another class that shares the table
            continue
        if mine.type is not UNKNOWN:
            expected = (column.type.name, column.type.arguments)
            assert (mine.type.name, mine.type.arguments) == expected, column.name
        assert mine.nullable == column.nullable, column.name
        assert len(mine.foreign_keys) == len(table.c[column.name].foreign_keys)
    assert not by_name
    same_keys(model, created.arguments["unique_keys"])
    same_indexes(model, table)


def same_keys(model: Model, expected: Any) -> None:
    mine = {
        (each.key.columns, each.key.primary, each.key.nulls_not_distinct) for each in model.keys
    }
    assert mine == {(each.columns, each.primary, each.nulls_not_distinct) for each in expected}


def same_indexes(model: Model, table: Table) -> None:
    own = {each.column.name for each in model.columns}
    theirs = {}
    for index in table.indexes:
        if set(index.columns.keys()) <= own or not index.columns:
            (created,) = commands(str(CreateIndex(index).compile(dialect=DIALECT))).found
            theirs[created.arguments["name"]] = created.arguments
    mine = {each.index.name: each.index for each in model.indexes}
    assert mine.keys() == theirs.keys()
    for name, index in mine.items():
        assert isinstance(index, TableIndex)
        for part in ("keys", "unique", "method", "include", "where", "nulls_not_distinct"):
            assert getattr(index, part) == theirs[name][part], (name, part)


CHAIN = f"""{BASE}
from sqlalchemy.orm import Mapped, mapped_column

class C0(Base):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def test_two_services_do_not_mix() -> None:
    files = {
        f"{service}/{path}": text.replace("TABLE", service)
        for service in ("one", "two")
        for path, text in {
            "app/db.py": BASE,
            "app/models.py": """
            from app.db import Base
            from sqlalchemy.orm import Mapped, mapped_column
            class User(Base):
                __tablename__ = "TABLE"
                id: Mapped[int] = mapped_column(primary_key=True)
            """,
        }.items()
    }
    found = models(files)
    assert [(each.key[0], each.table) for each in found] == [
        ("one/app/models.py", "one"),
        ("two/app/models.py", "two"),
    ]
    joined = found.joined
    changed = found.replace("one/app/db.py", None)
    assert changed
    assert one(files, "User", "two/app/models.py").complete
    list(found)
    assert found.joined - joined == 1  # the other service is as it was


@pytest.mark.parametrize(
    "text",
    [
        "class User(User): __tablename__ = 'a'",
        "from models import User\nclass User(User): __tablename__ = 'a'",
        "class A(B): __tablename__ = 'a'\nclass B(A): pass",
        "from models import *\nclass A(Base): __tablename__ = 'a'",
        "from unheard_of import Base\nclass A(Base): __tablename__ = 'a'",
        "Base = make()\nclass A(Base): __tablename__ = 'a'",
    ],
)
def test_what_cannot_be_resolved_is_no_complete_model(text: str) -> None:
    for model in models({"models.py": text}):
        assert not model.complete


def test_a_class_is_looked_at_once_for_all_that_inherit_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    own = lineages._own

    def look(key: ClassKey, modules: Modules) -> object:
        looked.append(key)
        return own(key, modules)

    monkeypatch.setattr(lineages, "_own", look)
    classes = [f"class C{n}(C{n - 1}):\n    c{n}: Mapped[int]" for n in range(1, 300)]
    found = list(models({"models.py": "\n".join([CHAIN, *classes])}))
    assert len(looked) == len(set(looked)) == 301
    # One that inherits from so many others is none that anybody has written.
    assert [each.complete for each in found] == [True] * 199


def test_a_base_that_comes_and_goes() -> None:
    files = {"base.py": f"{BASE}\nclass Thing:\n    pass\n", "models.py": """
    from base import Base, Thing
    class A(Thing, Base):
        __tablename__ = "a"
        id: int
    class B(A):
        pass
    """}  # fmt: skip
    found = models(files)
    for base, complete in (("", True), ("Thing = Table('t', m)\n", False), ("", True)):
        text = files["base.py"] if not base else f"from sqlalchemy import Table\n{BASE}\n{base}"
        found.replace("base.py", outlines({"base.py": text})["base.py"])
        heirs = found.of_file("models.py")
        assert [each.complete for each in heirs] == [complete] * 2


def test_only_readers_are_joined_again() -> None:
    files = CASES["Mixins over packages"]
    found = models(files)
    list(found)
    before = found.joined
    mixins = files["app/db/mixins.py"]
    list(found)
    assert found.joined == before
    edits = {
        "# a comment\n" + textwrap.dedent(mixins): 0,
        textwrap.dedent(mixins).replace("index=True)\n", "index=False)\n", 1): 3,
        textwrap.dedent(mixins).replace("class WithId:", "class WithId:\n    more = 1"): 4,
    }
    for text, expected in edits.items():
        now = outlines(files | {"app/db/mixins.py": text})
        found = models(files)
        list(found)
        before = found.joined
        found.replace("app/db/mixins.py", now["app/db/mixins.py"])
        fresh = list(Models(now))
        assert list(found) == fresh
        assert found.joined - before == expected, text
