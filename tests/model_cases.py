"""Models in every form that is read: each case is a project that SQLAlchemy itself can import."""

from __future__ import annotations

BASE = """
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass
"""

CASES: dict[str, dict[str, str]] = {
    "columns of 1.x": {
        "models.py": """
        import sqlalchemy as sa
        from sqlalchemy import Boolean, Column, ForeignKey, Integer, String
        from sqlalchemy.orm import declarative_base, relationship

        Base = declarative_base()

        class Team(Base):
            __tablename__ = "teams"
            id = Column(Integer, primary_key=True)

        class User(Base):
            __tablename__ = "users"
            id = sa.Column(sa.BigInteger, primary_key=True)
            email = Column(String(50), index=True, nullable=False)
            login = Column("user_login", String, unique=True)
            token = Column(sa.Text, unique=True, index=True)
            active = Column(Boolean, default=True)
            team_id = Column(Integer, ForeignKey("teams.id"), index=True)
            team = relationship("Team")
        """
    },
    "mapped columns": {
        "models.py": BASE
        + """
import datetime
import decimal
import enum
import uuid
from typing import ClassVar, List, Literal, Optional, Union
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

class Color(enum.Enum):
    RED = "red"

class User(Base):
    __tablename__ = "users"
    kind: ClassVar[str] = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    nick: Mapped[Optional[str]]
    nock: Mapped[str | None] = mapped_column(String(30))
    neck: Mapped[Union[str, None]] = mapped_column(index=True)
    sure: Mapped[Optional[str]] = mapped_column(nullable=False, unique=True)
    paid: Mapped[bool]
    born: Mapped[datetime.date]
    seen: Mapped[datetime.datetime]
    took: Mapped[datetime.timedelta]
    cost: Mapped[decimal.Decimal]
    key: Mapped[uuid.UUID]
    rate: Mapped[float]
    blob: Mapped[bytes]
    plain = mapped_column(String(5))
    boss_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    boss: Mapped["User"] = relationship(remote_side=[id])
    children: Mapped[List["User"]] = relationship(overlaps="boss")
""",
    },
    "types of Annotated": {
        "app/__init__.py": "",
        "app/types.py": """
        from typing import Annotated
        from sqlalchemy import String
        from sqlalchemy.orm import mapped_column

        intpk = Annotated[int, mapped_column(primary_key=True)]
        short = Annotated[str, mapped_column(String(30), index=True)]
        """,
        "app/models.py": BASE
        + """
from sqlalchemy.orm import Mapped, mapped_column
from . import types
from .types import intpk, short

class User(Base):
    __tablename__ = "users"
    id: Mapped[intpk]
    name: Mapped[short]
    other: Mapped[types.short | None] = mapped_column(index=False)
""",
    },
    "mixins over packages": {
        "app/__init__.py": "",
        "app/db/__init__.py": "from .base import Base as Base\nfrom .mixins import *\n",
        "app/db/base.py": BASE,
        "app/db/mixins.py": """
        from datetime import datetime
        from sqlalchemy import Column, DateTime, ForeignKey, Integer
        from sqlalchemy.orm import Mapped, declared_attr, mapped_column

        class WithId:
            id: Mapped[int] = mapped_column(primary_key=True)

        class Stamped:
            created = Column("created_at", DateTime(timezone=True), index=True)

        class Owned:
            @declared_attr
            def owner_id(cls) -> Mapped[int]:
                return mapped_column(ForeignKey("owners.id"), index=True)

            @declared_attr.directive
            def __tablename__(cls) -> str:
                return cls.__name__.lower() + "s"
        """,
        "app/models/__init__.py": "from app.models.owner import Owner\nfrom .thing import Thing\n",
        "app/models/owner.py": """
        from ..db import Base, WithId

        class Owner(WithId, Base):
            __tablename__ = "owners"
        """,
        "app/models/thing.py": """
        import app.db
        from app.db import Base
        from app.db.mixins import Stamped
        from sqlalchemy.orm import Mapped, mapped_column

        class Thing(app.db.WithId, Stamped, app.db.Owned, Base):
            created: Mapped[str] = mapped_column()

        class Other(app.db.WithId, Stamped, app.db.Owned, Base):
            pass
        """,
    },
    "abstract bases": {
        "models.py": BASE
        + """
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

class Record(Base):
    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]

    @declared_attr.directive
    def __table_args__(cls):
        return (Index(f"ix_{cls.__tablename__}_at", "at"),)

class Entry(Record):
    __tablename__ = "entries"

class Line(Record):
    __tablename__ = "lines"
    at: Mapped[str] = mapped_column()
""",
    },
    "table arguments": {
        "models.py": BASE
        + """
from sqlalchemy import (
    CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, func, text
)
from sqlalchemy.orm import Mapped, mapped_column

COMMON = (Index("ix_common", "b"),)

class One(Base):
    __tablename__ = "ones"
    __table_args__ = (
        PrimaryKeyConstraint("a", "b", name="pk"),
        UniqueConstraint("b", "c", name="uq"),
        UniqueConstraint("b", "d", postgresql_nulls_not_distinct=True),
        CheckConstraint("a > 0"),
        Index("ix_one", "a", "b", unique=True),
        Index(None, "c"),
        {"schema": "special"},
    )
    a: Mapped[int]
    b: Mapped[int]
    c: Mapped[int]
    d: Mapped[int]

class Two(Base):
    __tablename__ = "twos"
    id: Mapped[int] = mapped_column(primary_key=True)
    a: Mapped[int] = mapped_column()
    b: Mapped[int] = mapped_column("bee")
    c: Mapped[str] = mapped_column()
    __table_args__ = (
        Index("ix_two", a, b.desc()),
        Index("ix_lower", func.lower(c)),
        Index("ix_text", text("lower(c) DESC")),
        Index("ix_partial", "a", postgresql_where=text("c IS NOT NULL")),
        Index("ix_where", a, postgresql_where=c.is_(None)),
        Index("ix_more", "a", postgresql_include=["bee"], postgresql_using="btree"),
        Index("ix_ops", "c", postgresql_ops={"c": "text_pattern_ops"}),
        Index("ix_gin", "c", postgresql_using="gin"),
    )

class Three(Base):
    __tablename__ = "threes"
    __table_args__ = COMMON + (Index("ix_three", "id", "b"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    b: Mapped[int]

class Four(Base):
    __tablename__ = "fours"
    __table_args__ = {"schema": "special"}
    id: Mapped[int] = mapped_column(primary_key=True)

class Five(Base):
    __tablename__ = "fives"
    __table_args__ = (*COMMON, Index("ix_five", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    b: Mapped[int]
""".replace("(*COMMON,", "(Index('ix_c2', 'b'),").replace(
            "COMMON + (", "(Index('ix_c3', 'b'),) + ("
        ),
    },
    "inherited table arguments": {
        "models.py": BASE
        + """
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

class Placed:
    at: Mapped[int]

    @declared_attr.directive
    def __table_args__(cls):
        return (Index(None, "at"),)

class One(Placed, Base):
    __tablename__ = "ones"
    id: Mapped[int] = mapped_column(primary_key=True)

class Two(Placed, Base):
    __tablename__ = "twos"
    id: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = {"comment": "no index"}
""",
    },
    "single table inheritance": {
        "models.py": BASE
        + """
from sqlalchemy.orm import Mapped, mapped_column

class Animal(Base):
    __tablename__ = "animals"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]

class Cat(Animal):
    __mapper_args__ = {"polymorphic_identity": "cat"}
    lives: Mapped[int | None] = mapped_column(index=True)
""",
    },
    "joined table inheritance": {
        "models.py": BASE
        + """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

class Animal(Base):
    __tablename__ = "animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Cat(Animal):
    __tablename__ = "cats"
    id: Mapped[int] = mapped_column(ForeignKey("animals.id"), primary_key=True)
    lives: Mapped[int] = mapped_column(index=True)
""",
    },
    "naming conventions and schemas": {
        "models.py": """
        from sqlalchemy import Column, Integer, MetaData
        from sqlalchemy.orm import declarative_base

        SCHEMA = "live"
        metadata = MetaData(
            schema=SCHEMA, naming_convention={"ix": "ix__%(table_name)s__%(column_0_N_name)s"}
        )
        Base = declarative_base(metadata=metadata)

        class User(Base):
            __tablename__ = "users"
            id = Column(Integer, primary_key=True)
            name = Column(Integer, index=True)
        """,
        "other.py": """
        from sqlalchemy import MetaData
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

        class Base(DeclarativeBase):
            metadata = MetaData(schema="dead")

        class User(Base):
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[int] = mapped_column(index=True)
        """,
    },
    "tables": {
        "tables.py": """
        from sqlalchemy import (
            Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint
        )

        metadata = MetaData()
        users = Table(
            "users",
            metadata,
            Column("id", Integer, primary_key=True),
            Column("email", String(20), index=True),
            Column("team_id", ForeignKey("teams.id"), nullable=False),
            UniqueConstraint("email", "team_id"),
            Index("ix_team", "team_id", "email"),
            schema="live",
        )
        teams = Table("teams", metadata, Column("id", Integer, primary_key=True))
        Index("ix_later", users.c.team_id)
        Index("ix_desc", users.c.email.desc(), users.c.team_id)
        """,
        "models.py": """
        from sqlalchemy.orm import declarative_base
        from tables import metadata, users

        Base = declarative_base(metadata=metadata)

        class User(Base):
            __table__ = users
        """,
    },
    "tables in a base's metadata": {
        "base.py": """
        from sqlalchemy import MetaData
        from sqlalchemy.orm import DeclarativeBase, declarative_base

        class Base(DeclarativeBase):
            metadata = MetaData(schema="live", naming_convention={"ix": "idx_%(column_0_label)s"})

        class Plain(DeclarativeBase):
            pass

        Old = declarative_base(metadata=MetaData(schema="old"))
        """,
        "tables.py": """
        from sqlalchemy import Column, ForeignKey, Integer, Table

        from base import Base, Old, Plain

        tags = Table("tags", Base.metadata, Column("id", Integer, primary_key=True))
        tagged = Table(
            "tagged", Base.metadata, Column("tag_id", ForeignKey("live.tags.id"), index=True)
        )
        plain = Table("plain", Plain.metadata, Column("n", Integer, index=True))
        old = Table("old", Old.metadata, Column("n", Integer, index=True))
        """,
    },
    "indexes beside the class": {
        "models.py": BASE
        + """
from sqlalchemy import Column, Index, Integer, String, UniqueConstraint, func

class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    age = Column(Integer)
    UniqueConstraint("name", "age")
    Index("ix_inside", name)

Index("ix_outside", User.age, User.name.desc())
Index("ix_lower", func.lower(User.name))
""",
    },
    "dataclasses and registries": {
        "models.py": """
        from __future__ import annotations
        from dataclasses import dataclass
        from sqlalchemy import Column, Integer, String
        from sqlalchemy.orm import (
            DeclarativeBase, Mapped, MappedAsDataclass, as_declarative, mapped_column, registry
        )

        reg = registry()

        class Base(MappedAsDataclass, DeclarativeBase):
            pass

        class User(Base):
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(init=False, primary_key=True)
            name: Mapped[str] = mapped_column(default="x", index=True)

        @reg.mapped
        class Team:
            __tablename__ = "teams"
            id = Column(Integer, primary_key=True)

        @as_declarative()
        class Old:
            id = Column(Integer, primary_key=True)

        class Thing(Old):
            __tablename__ = "things"
            name = Column(String(3))

        Generated = reg.generate_base()

        class Made(Generated):
            __tablename__ = "mades"
            id = Column(Integer, primary_key=True)
        """,
    },
    "one name, two modules": {
        "a/__init__.py": "",
        "a/base.py": BASE,
        "a/models.py": """
        from a.base import Base
        from sqlalchemy.orm import Mapped, mapped_column

        class User(Base):
            __tablename__ = "a_users"
            id: Mapped[int] = mapped_column(primary_key=True)
        """,
        "b/__init__.py": "",
        "b/base.py": BASE,
        "b/models.py": """
        from .base import Base
        from sqlalchemy.orm import Mapped, mapped_column

        class User(Base):
            __tablename__ = "b_users"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]
        """,
    },
    "partial columns and nested classes": {
        "models.py": BASE
        + """
from functools import partial
from sqlalchemy import Column, Integer, String

NotNull = partial(Column, nullable=False)

class Outer:
    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)
        name = NotNull(String(9), index=True)
        first = last = None

        if True:
            pass
""".replace("\n        if True:\n            pass\n", ""),
    },
    "indexes in another file": {
        "app/__init__.py": "",
        "app/base.py": BASE,
        "app/models.py": """
        from sqlalchemy import Column, Integer, String, Table
        from app.base import Base

        class User(Base):
            __tablename__ = "users"
            id = Column(Integer, primary_key=True)
            name = Column(String)
            age = Column("years", Integer)

        tags = Table("tags", Base.metadata, Column("label", String))
        """,
        "app/indexes.py": """
        import sqlalchemy as sa
        from app import models
        from app.models import User, tags as t

        sa.Index("ix_name", User.name.desc(), User.age)
        LATER = sa.Index("ix_age", models.User.age, postgresql_where=models.User.name.is_(None))
        sa.Index("ix_label", t.c.label, unique=True)
        """,
    },
    "arguments made of a base's": {
        "app/__init__.py": "",
        "app/mixins.py": """
        from sqlalchemy import Index, UniqueConstraint
        from sqlalchemy.orm import Mapped

        class Placed:
            at: Mapped[int]
            __table_args__ = (UniqueConstraint("at"), Index("ix_at", "at"))

        class Also:
            __table_args__ = (Index("ix_also", "id"), {"schema": "special"})
        """,
        "app/models.py": BASE
        + """
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column
from app.mixins import Also, Placed

class One(Placed, Base):
    __tablename__ = "ones"
    id: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = Placed.__table_args__ + (Index("ix_one", "id", "at"),)

class Two(Also, Base):
    __tablename__ = "twos"
    id: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = (Index("ix_two", "id", unique=True), *Also.__table_args__)
""",
    },
    "dataclasses by a decorator, cascading columns": {
        "models.py": """
        from sqlalchemy import Column, Integer, String
        from sqlalchemy.orm import (
            DeclarativeBase, Mapped, declared_attr, mapped_column, registry
        )

        reg = registry()

        @reg.mapped_as_dataclass
        class User:
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(init=False, primary_key=True)
            name: Mapped[str] = mapped_column(index=True)

        class Base(DeclarativeBase):
            pass

        class WithId:
            @declared_attr.cascading
            def id(cls):
                return Column(Integer, primary_key=True)

        class Animal(WithId, Base):
            __tablename__ = "animals"
            name = Column(String(5), unique=True)
        """,
    },
    "files that import each other": {
        "app/__init__.py": "",
        "app/base.py": BASE,
        "app/users.py": """
        from app.base import Base
        from sqlalchemy.orm import Mapped, mapped_column, relationship
        import app.teams

        class User(Base):
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(primary_key=True)
            teams: Mapped[list["app.teams.Team"]] = relationship()
        """,
        "app/teams.py": """
        from __future__ import annotations
        from sqlalchemy import ForeignKey
        from sqlalchemy.orm import Mapped, mapped_column
        from app.base import Base
        import app.users

        class Team(Base):
            __tablename__ = "teams"
            id: Mapped[int] = mapped_column(primary_key=True)
            user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
        """,
    },
}
