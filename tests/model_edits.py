"""What the tests of edits of models share: how a file is changed, and what is asked of it then."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from textwrap import dedent
from types import ModuleType

from sqlalchemy import Table

from fumehood.cut import Piece
from fumehood.document import Document
from fumehood.facts import IndexKey, TableIndex
from fumehood.model_edits import ModelEdits, NewIndex
from fumehood.models.facts import ModelIndex, Origin
from fumehood.models.models import Models
from fumehood.read.cache import Lines
from fumehood.read.reading import Reading
from tests.formatter import RUFF
from tests.outlines import outline

Change = Callable[[ModelEdits], None]

AB = NewIndex("ix_users_a_b", [IndexKey("a"), IndexKey("b")])
LOWER = NewIndex("ix_users_lower", [IndexKey(None, "lower(a)")])
MIXED = NewIndex("ix_users_a_b", [IndexKey("a"), IndexKey("b", descending=True)])
BACKWARDS = NewIndex("ix_users_a", [IndexKey("a", descending=True)])


def changed(content: str, change: Change, width: int = 88) -> str:
    lines = Lines()
    document = Document("models.py", content)

    def read(piece: Piece) -> Reading:
        return lines.of(piece).reading

    edits = ModelEdits(document, read, width)
    change(edits)
    for edit in reversed(edits.finish()):
        content = content[: edit.start] + edit.text + content[edit.end :]
    return content


def indexes(content: str) -> set[tuple[str, str]]:
    """The indexes of the table, as SQLAlchemy makes them; SQLModel's as fumehood reads them."""
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex

    if "sqlmodel" in content:
        (model,) = Models({"models.py": outline(content)})
        return {(str(each.index.name), str(each.index.keys)) for each in model.indexes}
    name = "model_edits_models"
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        exec(content, module.__dict__)
        table = module.__dict__.get("users", None)
        if not isinstance(table, Table):
            table = module.__dict__["User"].__table__
        return {
            (str(each.name), str(CreateIndex(each).compile(dialect=postgresql.dialect())))
            for each in table.indexes
        }
    finally:
        del sys.modules[name]


def formatted(content: str) -> str:
    command = [RUFF, "format", "--isolated", "-"]
    run = subprocess.run(command, input=content, capture_output=True, text=True, check=True)
    command = [RUFF, "check", "--isolated", "--select=I", "--fix", "-q", "-"]
    return subprocess.run(
        command, input=run.stdout, capture_output=True, text=True, check=True
    ).stdout


def index(attribute: str = "a", owner: str = "User") -> Change:
    return lambda edits: edits.index_column(owner, attribute, attribute)


def unindex(attribute: str = "a", owner: str = "User") -> Change:
    return lambda edits: edits.unindex_column(owner, attribute, attribute)


def add(new: NewIndex = AB, owner: str = "User") -> Change:
    return lambda edits: edits.add_index(owner, new)


def remove(name: str = "ix_a", owner: str = "User") -> Change:
    """Of the class's arguments, or, where `owner` is "", behind it."""
    origin = Origin("models.py", f"{owner}.__table_args__" if owner else f"{name}.Index")
    index = ModelIndex(index=TableIndex(name=name, keys=(IndexKey("a"),)), origin=origin)
    return lambda edits: edits.remove_index(index)


def case(before: str, after: str) -> tuple[str, str]:
    return dedent(before).lstrip("\n"), dedent(after).lstrip("\n")


COLUMNS = """
    id = Column(Integer, primary_key=True)
    a = Column(String)
    b = Column(String)
"""
HEAD = """\
from sqlalchemy import Column, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
"""
BASE = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
TABLE = """
import sqlalchemy as sa

users = sa.Table(
    "users",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("a", sa.String),
    sa.Column("b", sa.String),
    schema="app",
)
"""
