"""Edits of models: each case is a file before and after; what SQLAlchemy makes of it is asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from textwrap import dedent
from types import ModuleType

import pytest
from sqlalchemy import Table

from fumehood.cut import Piece
from fumehood.document import Document
from fumehood.facts import IndexKey, TableIndex
from fumehood.model_edits import ModelEdits, NewIndex
from fumehood.models.facts import ModelIndex, Origin
from fumehood.models.models import Models
from fumehood.read.cache import Lines
from fumehood.read.reading import Reading
from fumehood.statement import RefusedError
from tests.formatter import RUFF
from tests.outlines import outline

Change = Callable[[ModelEdits], None]

AB = NewIndex("ix_users_a_b", [IndexKey("a"), IndexKey("b")])
LOWER = NewIndex("ix_users_lower", [IndexKey(None, "lower(a)")])
PATTERN = NewIndex("ix_users_a", [IndexKey("a", operator_class="text_pattern_ops")])
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


BASE = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
OLD = """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""
SQLMODEL = """
from sqlmodel import Field, SQLModel


class User(SQLModel, table=True):
    __tablename__ = "users"
    __table_args__ = {"extend_existing": True}
    id: int = Field(primary_key=True)
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

# What stands in the file, the line that is changed, what it becomes; both within the file.
LINES: dict[str, tuple[str, Change, str, str]] = {
    "a column of 1.x": (
        OLD,
        index(),
        "    a = Column(String)\n",
        "    a = Column(String, index=True)\n",
    ),
    "without arguments": (
        BASE,
        index(),
        "    a: Mapped[str] = mapped_column()\n",
        "    a: Mapped[str] = mapped_column(index=True)\n",
    ),
    "told that it has none": (
        OLD,
        index(),
        "    a = Column(String, index=False)\n",
        "    a = Column(String, index=True)\n",
    ),
    "over several lines": (
        OLD,
        index(),
        "    a = Column(\n        String,\n        nullable=False,  # why\n    )\n",
        "    a = Column(\n        String,\n        nullable=False,  # why\n"
        "        index=True,\n    )\n",
    ),
    "too long for its line": (
        OLD,
        index(),
        '    a = Column(String(length=200), nullable=False, server_default="0123456789012345")\n',
        "    a = Column(\n        String(length=200),\n        nullable=False,\n"
        '        server_default="0123456789012345",\n        index=True,\n    )\n',
    ),
    "told by its annotation": (
        BASE,
        index(),
        "    a: Mapped[str]\n",
        "    a: Mapped[str] = mapped_column(index=True)\n",
    ),
    "told by its annotation, with a comment": (
        BASE,
        index(),
        "    a: Mapped[str | None]  # why\n",
        "    a: Mapped[str | None] = mapped_column(index=True)  # why\n",
    ),
    "SQLModel's": (
        SQLMODEL,
        index(),
        '    a: str = Field(default="x")\n',
        '    a: str = Field(default="x", index=True)\n',
    ),
    "SQLModel's with a default": (
        SQLMODEL,
        index(),
        "    a: str | None = None\n",
        "    a: str | None = Field(default=None, index=True)\n",
    ),
    "SQLModel's without anything": (
        SQLMODEL,
        index(),
        "    a: str\n",
        "    a: str = Field(index=True)\n",
    ),
    "in a Table()": (
        TABLE,
        index(owner="users"),
        '    sa.Column("a", sa.String),\n',
        '    sa.Column("a", sa.String, index=True),\n',
    ),
    "no index any more": (
        OLD,
        unindex(),
        "    a = Column(String, index=True)\n",
        "    a = Column(String)\n",
    ),
    "no index any more, nor anything else": (
        BASE,
        unindex(),
        "    a: Mapped[str] = mapped_column(index=True)\n",
        "    a: Mapped[str] = mapped_column()\n",
    ),
    "no index any more, over several lines": (
        OLD,
        unindex(),
        "    a = Column(\n        String,\n        index=True,\n        nullable=False,\n    )\n",
        "    a = Column(\n        String,\n        nullable=False,\n    )\n",
    ),
}


@pytest.mark.parametrize("case", LINES.values(), ids=LINES)
def test_columns(case: tuple[str, Change, str, str]) -> None:
    file, change, line, after = case
    before = file if line in file else file + line
    expected = before.replace(line, after)
    assert changed(before, change) == expected
    compile(expected, "models.py", "exec")
    if formatted(before) == before:
        assert formatted(expected) == expected
    assert len(indexes(before)) + len(indexes(expected)) == 1


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
COMMENTED = HEAD.replace(
    "import Column, Index, Integer, String, UniqueConstraint, text",
    "import (Column, Integer,  # what it is made of\n                        String)",
)
ARGUMENTS: dict[str, tuple[Change, str, str]] = {
    "none yet": (add(), "", '    __table_args__ = (Index("ix_users_a_b", "a", "b"),)\n'),
    "a dict": (
        add(),
        '    __table_args__ = {"schema": "app"}\n',
        '    __table_args__ = (Index("ix_users_a_b", "a", "b"), {"schema": "app"})\n',
    ),
    "a tuple of one": (
        add(),
        '    __table_args__ = (UniqueConstraint("a"),)\n',
        '    __table_args__ = (UniqueConstraint("a"), Index("ix_users_a_b", "a", "b"))\n',
    ),
    "a tuple and a dict": (
        add(),
        '    __table_args__ = (UniqueConstraint("a"), {"schema": "app"})\n',
        "    __table_args__ = (\n"
        '        UniqueConstraint("a"),\n'
        '        Index("ix_users_a_b", "a", "b"),\n'
        '        {"schema": "app"},\n'
        "    )\n",
    ),
    "one a line, with comments": (
        add(),
        "    __table_args__ = (\n"
        '        UniqueConstraint("a"),  # why\n'
        '        {"schema": "app"},  # where\n'
        "    )\n",
        "    __table_args__ = (\n"
        '        UniqueConstraint("a"),  # why\n'
        '        Index("ix_users_a_b", "a", "b"),\n'
        '        {"schema": "app"},  # where\n'
        "    )\n",
    ),
    "of no argument": (
        add(),
        "    __table_args__ = ()\n",
        '    __table_args__ = (Index("ix_users_a_b", "a", "b"),)\n',
    ),
    "a dict in a tuple": (
        add(),
        '    __table_args__ = ({"schema": "app"},)\n',
        '    __table_args__ = (Index("ix_users_a_b", "a", "b"), {"schema": "app"})\n',
    ),
    "an expression": (
        add(LOWER),
        "",
        '    __table_args__ = (Index("ix_users_lower", text("lower(a)")),)\n',
    ),
    "an operator class": (
        add(PATTERN),
        "",
        "    __table_args__ = (\n"
        '        Index("ix_users_a", "a", postgresql_ops={"a": "text_pattern_ops"}),\n'
        "    )\n",
    ),
    "in two directions": (
        add(MIXED),
        "",
        '    __table_args__ = (Index("ix_users_a_b", "a", text("b DESC")),)\n',
    ),
    "backwards": (add(BACKWARDS), "", '    __table_args__ = (Index("ix_users_a", "a"),)\n'),
    "the last goes": (
        remove(),
        '    __table_args__ = (UniqueConstraint("a"), Index("ix_a", "a"))\n',
        '    __table_args__ = (UniqueConstraint("a"),)\n',
    ),
    "the first goes": (
        remove(),
        '    __table_args__ = (Index("ix_a", "a"), UniqueConstraint("a"))\n',
        '    __table_args__ = (UniqueConstraint("a"),)\n',
    ),
    "the only one goes": (remove(), '    __table_args__ = (Index("ix_a", "a"),)\n', ""),
    "only the dict stays": (
        remove(),
        '    __table_args__ = (Index("ix_a", "a"), {"schema": "app"})\n',
        '    __table_args__ = {"schema": "app"}\n',
    ),
    "one of several lines goes": (
        remove(),
        "    __table_args__ = (\n"
        '        Index("ix_a", "a"),\n'
        '        Index("ix_b", "b"),  # why\n'
        '        UniqueConstraint("a"),\n'
        "    )\n",
        "    __table_args__ = (\n"
        '        Index("ix_b", "b"),  # why\n'
        '        UniqueConstraint("a"),\n'
        "    )\n",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments(case: tuple[Change, str, str]) -> None:
    change, before, after = case
    content, expected = HEAD + before + COLUMNS, HEAD + after + COLUMNS
    assert changed(content, change) == expected
    assert formatted(content) == content
    assert formatted(expected) == expected
    assert abs(len(indexes(content)) - len(indexes(expected))) == 1


DECLARED = HEAD.replace("import declarative_base", "import declarative_base, declared_attr")
FILES = {
    "an import that is sorted": (
        add(),
        *case(
            """
            from sqlalchemy import Column, Integer, String
            from sqlalchemy.orm import declarative_base


            class User(declarative_base()):
                __tablename__ = "users"

                a = Column(String, primary_key=True)
                b = Column(Integer)
            """,
            """
            from sqlalchemy import Column, Index, Integer, String
            from sqlalchemy.orm import declarative_base


            class User(declarative_base()):
                __tablename__ = "users"
                __table_args__ = (Index("ix_users_a_b", "a", "b"),)

                a = Column(String, primary_key=True)
                b = Column(Integer)
            """,
        ),
    ),
    "an import of its own": (
        add(),
        *case(
            """
            from sqlmodel import Field, SQLModel


            class User(SQLModel, table=True):
                a: int = Field(primary_key=True)
                b: int
            """,
            """
            from sqlalchemy import Index
            from sqlmodel import Field, SQLModel


            class User(SQLModel, table=True):
                __table_args__ = (Index("ix_users_a_b", "a", "b"),)

                a: int = Field(primary_key=True)
                b: int
            """,
        ),
    ),
    "an import over several lines": (
        add(LOWER),
        *case(
            """
            from sqlalchemy import (
                Column,
                Index,
                Integer,
                String,
            )
            from sqlalchemy.orm import declarative_base


            class User(declarative_base()):
                __tablename__ = "users"

                a = Column(String, primary_key=True)
                b = Column(Integer)
            """,
            """
            from sqlalchemy import (
                Column,
                Index,
                Integer,
                String,
                text,
            )
            from sqlalchemy.orm import declarative_base


            class User(declarative_base()):
                __tablename__ = "users"
                __table_args__ = (Index("ix_users_lower", text("lower(a)")),)

                a = Column(String, primary_key=True)
                b = Column(Integer)
            """,
        ),
    ),
    "two names that are not imported": (
        add(LOWER),
        HEAD.replace("Index, ", "").replace(", UniqueConstraint, text", "") + COLUMNS,
        HEAD.replace("UniqueConstraint, ", "")
        + '    __table_args__ = (Index("ix_users_lower", text("lower(a)")),)\n'
        + COLUMNS,
    ),
    "two names for an import with a comment": (
        add(LOWER),
        COMMENTED + COLUMNS,
        COMMENTED.replace("(Column,", "(Column, Index,").replace("String", "String, text")
        + '    __table_args__ = (Index("ix_users_lower", text("lower(a)")),)\n'
        + COLUMNS,
    ),
    "two names from a module of which nothing is imported yet": (
        add(LOWER),
        BASE + "    a: Mapped[str]\n    b: Mapped[str]\n",
        BASE.replace(
            "from sqlalchemy.orm", "from sqlalchemy import Index, text\nfrom sqlalchemy.orm"
        ).replace(
            '"users"\n',
            '"users"\n    __table_args__ = (Index("ix_users_lower", text("lower(a)")),)\n',
        )
        + "    a: Mapped[str]\n    b: Mapped[str]\n",
    ),
    "a column of the import's name, behind it": (
        add(LOWER),
        HEAD + COLUMNS + "    text = Column(String)\n",
        HEAD
        + '    __table_args__ = (Index("ix_users_lower", text("lower(a)")),)\n'
        + COLUMNS
        + "    text = Column(String)\n",
    ),
    "a column of the import's name, without a value": (
        add(LOWER),
        BASE.replace("from", "from sqlalchemy import Index, text\nfrom", 1)
        + "    a: Mapped[str]\n    text: Mapped[str]\n    __table_args__ = {}\n",
        BASE.replace("from", "from sqlalchemy import Index, text\nfrom", 1)
        + "    a: Mapped[str]\n    text: Mapped[str]\n"
        + '    __table_args__ = (Index("ix_users_lower", text("lower(a)")), {})\n',
    ),
    "the module's own name": (
        add(),
        *case(
            """
            import sqlalchemy as sa
            from sqlalchemy.orm import declarative_base


            class User(declarative_base()):
                '''A user.'''

                __tablename__ = 'users'
                a = sa.Column(sa.String, primary_key=True)
                b = sa.Column(sa.String, default='x')
            """,
            """
            import sqlalchemy as sa
            from sqlalchemy.orm import declarative_base


            class User(declarative_base()):
                '''A user.'''

                __tablename__ = 'users'
                __table_args__ = (sa.Index('ix_users_a_b', 'a', 'b'),)
                a = sa.Column(sa.String, primary_key=True)
                b = sa.Column(sa.String, default='x')
            """,
        ),
    ),
    "in a Table()": (
        add(owner="users"),
        TABLE,
        TABLE.replace(
            '    schema="app"', '    sa.Index("ix_users_a_b", "a", "b"),\n    schema="app"'
        ),
    ),
    "one behind the class goes": (
        remove(owner=""),
        HEAD + COLUMNS + '\n\nIndex("ix_a", User.a)\n\n\nclass Other:\n    pass\n',
        HEAD + COLUMNS + "\n\nclass Other:\n    pass\n",
    ),
    "one at the end of the file goes": (
        remove(owner=""),
        HEAD + COLUMNS + '\n\nIndex("ix_a", User.a)\n',
        HEAD + COLUMNS,
    ),
    "one in the class goes": (
        remove(owner=""),
        HEAD + COLUMNS + '\n    Index("ix_a", a)\n',
        HEAD + COLUMNS,
    ),
    "Windows' line ends": (
        add(),
        (HEAD + COLUMNS).replace("\n", "\r\n"),
        (HEAD + '    __table_args__ = (Index("ix_users_a_b", "a", "b"),)\n' + COLUMNS).replace(
            "\n", "\r\n"
        ),
    ),
    "returned by a function": (
        add(),
        DECLARED
        + "\n    @declared_attr.directive\n    def __table_args__(cls):\n"
        + '        return (UniqueConstraint("a"),)\n'
        + COLUMNS,
        DECLARED
        + "\n    @declared_attr.directive\n    def __table_args__(cls):\n"
        + '        return (UniqueConstraint("a"), Index("ix_users_a_b", "a", "b"))\n'
        + COLUMNS,
    ),
}


@pytest.mark.parametrize("case", FILES.values(), ids=FILES)
def test_files(case: tuple[Change, str, str]) -> None:
    change, before, expected = case
    assert changed(before, change) == expected
    if formatted(before) == before:
        assert formatted(expected) == expected
    assert abs(len(indexes(before)) - len(indexes(expected))) == 1


REFUSED = {
    "arguments that are a sum": (add(), HEAD + "    __table_args__ = (*X,) + (Y,)\n" + COLUMNS),
    "arguments of elsewhere": (add(), HEAD + "    __table_args__ = ARGS\n" + COLUMNS),
    "options of elsewhere": (add(), HEAD + "    __table_args__ = (A, OPTIONS)\n" + COLUMNS),
    "what is unpacked last": (add(), HEAD + "    __table_args__ = (*A,)\n" + COLUMNS),
    "a column of a function": (index(), HEAD + "    a = make()\n"),
    "a column with what is unpacked": (index(), HEAD + "    a = Column(String, **options)\n"),
    "a flag of elsewhere": (index(), HEAD + "    a = Column(String, index=INDEXED)\n"),
    "two statements on a line": (index(), HEAD + "    a = Column(String); b = 1\n"),
    "a name that is another": (
        add(),
        HEAD.replace("Index, ", "").replace("Base =", "Index = 1\nBase =") + COLUMNS,
    ),
    "a column of the import's name": (
        add(LOWER),
        HEAD + "    a = Column(String)\n    text = Column(String)\n    __table_args__ = {}\n",
    ),
    "a method of the import's name": (
        add(),
        HEAD + COLUMNS + "\n    def Index(self):\n        pass\n\n    __table_args__ = {}\n",
    ),
    "an import that is another by then": (
        add(LOWER),
        HEAD.replace("Base =", 'text = ""\nBase =') + COLUMNS,
    ),
    "an expression that may change": (
        add(NewIndex("ix", [IndexKey(None, "date(a)")])),
        HEAD + COLUMNS,
    ),
    "a unique index": (unindex(), HEAD + "    a = Column(String, unique=True, index=True)\n"),
    "an index of another name": (remove("ix"), HEAD + "    __table_args__ = (Index(NAME, 'a'),)\n"),
    "an index that is kept": (remove(owner=""), HEAD + COLUMNS + '\nix = Index("ix_a", User.a)\n'),
    "the same name twice": (
        remove(owner=""),
        HEAD + COLUMNS + 'Index("ix_a", User.a)\nIndex("ix_a", User.b)\n',
    ),
    "a model of elsewhere": (index(owner="Team"), HEAD + COLUMNS),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused(case: tuple[Change, str]) -> None:
    change, before = case
    with pytest.raises(RefusedError):
        changed(before, change)
