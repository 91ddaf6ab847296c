"""Queries in every form, and what is seen of them."""

from __future__ import annotations

import textwrap

import pytest

from fumehood.facts import UNKNOWN
from fumehood.models.facts import All, Condition, Either, Link, Part, Query, Unresolved
from fumehood.models.models import Models
from tests.outlines import outline, outlines
from tests.query_cases import CASES, EMAIL

MODELS = """
from __future__ import annotations
from sqlalchemy import JSON, ForeignKey, String, Table, Column, Integer
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    first: Mapped[str] = mapped_column("first_name")
    age: Mapped[int]
    active: Mapped[bool]
    c: Mapped[str]
    info: Mapped[dict] = mapped_column(JSON)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    team: Mapped[Team | None] = relationship()
    friend_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    friend: Mapped[User | None] = relationship(remote_side=[id])
    chosen: Mapped[Team | None] = relationship(
        primaryjoin="and_(User.team_id == Team.id, Team.name == 'a')", viewonly=True
    )
    favourites: Mapped[list[Team]] = relationship("Team", secondary="favourites")
    liked = relationship(Team, "favourites")
    near: Mapped[list[Team]] = relationship(Team, primaryjoin=lambda: near_to(Team))
    far: Mapped[list[Team]] = relationship(Team, **elsewhere)

    @hybrid_property
    def mail(self):
        return self.email

    @hybrid_property
    def is_young(self):
        return self.age < 30

    @classmethod
    def named(cls, session, name):
        return session.query(cls).filter(cls.first == name).one()

    def same_age(self, session):
        return session.query(type(self)).filter(self.__class__.age == self.age).all()

tags = Table("tags", Base.metadata, Column("id", Integer), Column("label", String),
             Column("c", String))
"""

HEAD = """
import sqlalchemy as sa
from sqlalchemy import and_, delete, exists, func, not_, or_, select, update
from sqlalchemy.orm import Session, aliased
from sqlmodel import col
from app import models
from app.models import Team, User, tags
"""


def text_of(part: Part) -> str:
    match part:
        case Condition():
            name = part.key.column or part.key.expression
            values = "" if part.values is None else f" {part.values}"
            mark = "?" if part.optional else ""
            return f"{mark}{part.table}.{name} {part.operator}{values}"
        case Link():
            return f"{part.table}.{part.column} ~ {part.other}.{part.other_column}"
        case Either(parts):
            return f"({' | '.join(map(text_of, parts))})"
        case All(parts):
            return f"[{', '.join(map(text_of, parts))}]"
        case Unresolved(harmless):
            return "-" if harmless else "?"


def described(query: Query) -> str:
    found = [", ".join(key[1] for key in query.tables), *map(text_of, query.where.parts)]
    if query.order_by is UNKNOWN:
        found.append("order ?")
    else:
        found += [f"order {each.table}.{each.key.column}" for each in query.order_by]
    return "; ".join([*found, *(["limit"] if query.limited else [])])


def seen(body: str, head: str = HEAD) -> list[str]:
    function = "def find(s, name, **kwargs):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    files = {"app/__init__.py": "", "app/models.py": MODELS, "app/find.py": f"{head}\n{function}\n"}
    return [described(query) for query in Models(outlines(files)).queries("app/find.py")]


@pytest.mark.parametrize(("body", "expected"), CASES)
def test_a_query(body: str, expected: str) -> None:
    assert " | ".join(seen(body)) == expected


def test_methods_of_models() -> None:
    models = Models(outlines({"app/models.py": MODELS}))
    found = [described(each) for each in models.queries("app/models.py")]
    assert found == ["User; 0.first_name =", "User; 0.age ="]


def test_names_that_come_through_stars_and_packages() -> None:
    files = {
        "app/__init__.py": "",
        "app/models/__init__.py": "from .tables import *\n",
        "app/models/tables.py": MODELS,
        "app/find.py": "from app import models as m\nfrom app.models import *\n"
        "def find(s, x):\n"
        "    s.query(m.User).filter(User.email == x).all()\n",
    }
    assert [described(each) for each in Models(outlines(files)).queries("app/find.py")] == [EMAIL]


def test_only_queries_that_read_what_changed_are_joined_again() -> None:
    text = (
        HEAD
        + "def one(s):\n    s.query(User).filter(User.email == 1).all()\n"
        + ("def two(s):\n    s.query(Team).filter(Team.name == 1).all()\n")
    )
    files = {"app/__init__.py": "", "app/models.py": MODELS, "app/find.py": text}
    made = outlines(files)
    models = Models(made)
    models.queries("app/find.py")
    before = models.joined
    edited = MODELS.replace("email: Mapped[str]", "email: Mapped[str] = mapped_column(index=True)")
    models.replace("app/models.py", outline(edited))
    models.queries("app/find.py")
    assert models.joined - before == 2  # User, and the query on it
    models.replace("app/find.py", outline("# a comment\n" + text))
    models.queries("app/find.py")
    assert models.joined - before == 2
