"""Hover on models and columns: their indexes, and the queries that they serve, with places."""

from __future__ import annotations

from pathlib import Path

import pytest
from raw_client import SERVER, Client, Json, edit
from test_created_files import revision
from test_models import RULE, until

MODELS = """\
from sqlalchemy import Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): pass

class User(Base):
    __tablename__ = "users"
    __table_args__ = (Index("ix_town", "town", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(index=True)
    town: Mapped[int]
    name: Mapped[str]
"""
QUERIES = """\
from app.models import User

def f(s, x):
    s.query(User).filter_by(email=x).all()
    s.query(User).filter_by(name=x).all()

def g(s, x):
    s.query(User).filter(User.town == x, User.name == x).all()
    s.query(User).filter(User.id == x).one()
    s.query(User).order_by(User.email.desc()).limit(1).one()
"""
MARKDOWN = {"textDocument": {"hover": {"contentFormat": ["markdown", "plaintext"]}}}
PLAIN: Json = {}
CLASS, EMAIL, TOWN, NAME = (5, 7), (9, 5), (10, 4), (11, 6)


MIXED = """\
from sqlalchemy.orm import Mapped, mapped_column
from app.models import Base

class Owned:
    owner: Mapped[int] = mapped_column(index=True)

class Car(Owned, Base):
    __tablename__ = "cars"
    id: Mapped[int] = mapped_column(primary_key=True)

class Boat(Owned, Base):
    __tablename__ = "boats"
    id: Mapped[int] = mapped_column(primary_key=True)

def of(s, x, Boat):
    s.query(Car).filter(Car.owner == x).all()
    return Boat.owner
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (versions.parent / "env.py").write_text(
        "from alembic import context\ncontext.run_migrations()\n"
    )
    calls = (
        'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True), '
        'sa.Column("email", sa.Text()))',
        'op.create_index("ix_users_email", "users", ["email"])',
    )
    text = revision("a1", None, *calls)
    (versions / "a1.py").write_text(
        text.replace("from alembic", "import sqlalchemy as sa\nfrom alembic")
    )
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "models.py").write_text(MODELS)
    (tmp_path / "app" / "queries.py").write_text(QUERIES)
    return tmp_path


def hover(client: Client, uri: str, place: tuple[int, int]) -> str | None:
    position = {"line": place[0], "character": place[1]}
    params = {"textDocument": {"uri": uri}, "position": position}
    found = client.request("textDocument/hover", params)
    return found and found["contents"]["value"]


def ready(client: Client, root: Path) -> str:
    """Both files are open, and the project is known: the query by name has its finding."""
    models, queries = root / "app" / "models.py", root / "app" / "queries.py"
    client.open(queries.as_uri(), QUERIES)
    until(client, queries.as_uri(), [RULE])
    client.open(models.as_uri(), MODELS)
    return models.as_uri()


def test_a_column_tells_its_indexes_and_queries(root: Path) -> None:
    with Client(SERVER) as client:
        client.initialize(PLAIN, rootUri=root.as_uri())
        uri = ready(client, root)
        assert hover(client, uri, EMAIL) == (
            "Indexes of users.email:\n"
            "- ix_users_email (email) in app/models.py:10, migrations/versions/a1.py:12; "
            "serves app/queries.py:4, app/queries.py:10"
        )
        assert hover(client, uri, NAME) == (
            "Indexes of users.name:\n"
            "- ix_town (town, name) in app/models.py:8; serves app/queries.py:8\n\n"
            "Without an index: app/queries.py:5"
        )


def test_a_model_tells_all_of_them(root: Path) -> None:
    with Client(SERVER) as client:
        client.initialize(MARKDOWN, rootUri=root.as_uri())
        uri = ready(client, root)
        queries = (root / "app" / "queries.py").as_uri()
        value = hover(client, uri, CLASS)
        assert value is not None
        first, *lines = value.split("\n")
        assert first == "Indexes of `users`:"
        assert sorted(each.split("`")[1] for each in lines if each.startswith("- ")) == [
            "ix_town",
            "ix_users_email",
            "users_pkey",
        ]
        assert f"serves [app/queries.py:9]({queries}#L9)" in value
        assert f"Without an index: [app/queries.py:5]({queries}#L5)" in value


def test_what_is_typed_counts(root: Path) -> None:
    with Client(SERVER) as client:
        client.initialize(PLAIN, rootUri=root.as_uri())
        uri = ready(client, root)
        client.change(uri, 2, edit(0, 0, 0, "\n"))
        queries = (root / "app" / "queries.py").as_uri()
        client.change(queries, 2, edit(0, 0, 0, "\n\n"))
        value = hover(client, uri, (TOWN[0] + 1, TOWN[1]))
        assert value is not None
        assert "ix_town (town, name) in app/models.py:9; serves app/queries.py:10" in value


@pytest.mark.parametrize("place", [(0, 3), (3, 8), (6, 8), (12, 0)])
def test_nothing_is_said_elsewhere(root: Path, place: tuple[int, int]) -> None:
    with Client(SERVER) as client:
        client.initialize(PLAIN, rootUri=root.as_uri())
        assert hover(client, ready(client, root), place) is None


def test_a_column_of_a_mixin_and_one_in_a_query(root: Path) -> None:
    path = root / "app" / "mixed.py"
    path.write_text(MIXED)
    uri = path.as_uri()
    with Client(SERVER) as client:
        client.initialize(PLAIN, rootUri=root.as_uri())
        ready(client, root)
        client.open(uri, MIXED)
        until(client, uri, [])
        index = "- ix_{0}_owner (owner) in app/mixed.py:5; serves {1}"
        cars = f"Indexes of cars.owner:\n{index.format('cars', 'app/mixed.py:16')}"
        boats = f"Indexes of boats.owner:\n{index.format('boats', 'no query that is seen')}"
        assert hover(client, uri, (4, 5)) == f"{boats}\n\n{cars}"
        assert hover(client, uri, (15, 30)) == cars  # `Car.owner == x`
        assert (hover(client, uri, (15, 13)) or "").startswith("Indexes of cars:")
        assert hover(client, uri, (16, 18)) is None  # of a parameter
