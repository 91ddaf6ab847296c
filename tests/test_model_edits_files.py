"""Edits of models that touch more than one place of a file: each case is one before and after."""

from __future__ import annotations

import pytest

from tests.model_edits import (
    BASE,
    COLUMNS,
    HEAD,
    LOWER,
    TABLE,
    Change,
    add,
    case,
    changed,
    formatted,
    indexes,
    remove,
)

COMMENTED = HEAD.replace(
    "import Column, Index, Integer, String, UniqueConstraint, text",
    "import (Column, Integer,  # what it is made of\n                        String)",
)
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
