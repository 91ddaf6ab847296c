"""Models that SQLModel and Flask-SQLAlchemy make."""

from __future__ import annotations

from fumehood.models.facts import Relation
from tests.outlines import models, one

SQLMODEL = """
import enum
from typing import List, Optional
from sqlalchemy import Column, Index, String
from sqlmodel import Field, Relationship, SQLModel

class Kind(str, enum.Enum):
    A = "a"

class UserBase(SQLModel):
    email: str = Field(index=True)
    age: Optional[int] = None
    kind: Kind = Kind.A

class Stamped(SQLModel):
    token: str = Field(unique=True, max_length=5)

class User(UserBase, Stamped, table=True):
    __table_args__ = (Index("ix_age", "age"),)
    id: Optional[int] = Field(default=None, primary_key=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    raw: str = Field(sa_column=Column("raw_text", String(9), index=True))
    team: Optional["Team"] = Relationship(back_populates="users")

class Team(SQLModel, table=True):
    id: int = Field(primary_key=True)
    users: List["User"] = Relationship(back_populates="team")

class UserRead(UserBase):
    id: int
"""


def test_sqlmodel() -> None:
    found = models({"models.py": SQLMODEL})
    assert [model.key[1] for model in found] == ["User", "Team"]
    user = one({"models.py": SQLMODEL}, "User")
    assert user.table == "user"
    assert user.complete
    columns = {each.attribute: each.column for each in user.columns}
    assert set(columns) == {"email", "age", "kind", "token", "id", "team_id", "raw"}
    assert columns["raw"].name == "raw_text"
    assert columns["age"].nullable is True
    assert columns["email"].nullable is False
    assert columns["id"].nullable is False
    assert columns["team_id"].foreign_keys[0].target == "team.id"
    assert [each.index.name for each in user.indexes] == [
        "ix_user_email",
        "ix_user_raw_text",
        "ix_age",
    ]
    assert [each.key.columns for each in user.keys] == [("id",), ("token",)]
    assert [each.attribute for each in user.columns if each.is_enum] == ["kind"]
    assert user.relationships == {"team": Relation(("models.py", "Team"))}


FLASK = {
    "app/__init__.py": "",
    "app/extensions.py": """
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy import MetaData

    db = SQLAlchemy(metadata=MetaData(schema="web"))
    Column = db.Column
    """,
    "app/models.py": """
    from .extensions import db, Column

    class Base(db.Model):
        __abstract__ = True
        id = db.Column(db.Integer, primary_key=True)

    class HTTPLogEntry(Base):
        name = Column(db.String(20), index=True)
        flag = db.Column(db.Boolean)
        kind = db.Column(db.Enum("a", "b", name="kind"))
        other_id = db.Column(db.ForeignKey("web.other.id"))
        other = db.relationship("Other")

    class Other(Base):
        __tablename__ = "other"

    tags = db.Table("tags", db.metadata, db.Column("id", db.Integer, db.ForeignKey("other.id")))
    links = db.Table("links", db.Column("a", db.Integer), db.Column("b", db.Integer, index=True))
    """,
}


def test_flask_sqlalchemy() -> None:
    log = one(FLASK, "HTTPLogEntry", "app/models.py")
    assert (log.table, log.schema, log.complete) == ("http_log_entry", "web", True)
    assert [each.attribute for each in log.columns] == ["id", "name", "flag", "kind", "other_id"]
    assert [each.index.name for each in log.indexes] == ["ix_web_http_log_entry_name"]
    assert [each.attribute for each in log.columns if each.is_enum] == ["kind"]
    assert log.relationships == {"other": Relation(("app/models.py", "Other"))}
    assert one(FLASK, "tags", "app/models.py").table == "tags"
    links = one(FLASK, "links", "app/models.py")
    assert [each.attribute for each in links.columns] == ["a", "b"]
