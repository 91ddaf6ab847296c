"""Edits of models' columns: each case is a line before and after; SQLAlchemy says what it makes."""

from __future__ import annotations

import pytest

from tests.model_edits import BASE, TABLE, Change, changed, formatted, index, indexes, unindex

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
