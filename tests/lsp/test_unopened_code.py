"""Findings of models and queries in files that are not open follow texts, models and settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import ENVIRONMENT, SERVER, Client, edit
from test_unopened import INDEX, PUBLISH, WHOLE, make_project, rested, start, tell, until
from tests.two_files import users

MODELS = (
    users(*(f"{each}: Mapped[str] = mapped_column()" for each in ("email", "name", "place")))
    + """

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(index=True)
"""
)
WIDE = """\
from sqlalchemy import Index

from app.models import User

Index("ix_all", User.email, User.place, User.id, User.name)
"""
QUERY = """\
from app.models import {0}


def find(session, x):
    return session.query({0}).filter({0}.{1} == x).all()
"""
UNSERVED, COVERED = "verify-query-patterns-are-indexed", "ensure-index-not-covered"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one migration, of models, and of two queries, of which one is served."""
    monkeypatch.setitem(ENVIRONMENT, "XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = make_project(tmp_path / "one", INDEX).parents[1]
    files = {
        "pyproject.toml": "",
        "app/models.py": MODELS,
        "app/users.py": QUERY.format("User", "email"),
        "app/orders.py": QUERY.format("Order", "number"),
        "tests/test_users.py": QUERY.format("User", "email"),
        "app/plain.py": "SIZE = 1\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def client(root: Path) -> Iterator[Client]:
    with Client(SERVER) as client:
        start(client, root / "migrations" / "versions", WHOLE)
        yield client


def said_of(client: Client, path: Path) -> int:
    """How often something was said of a file."""
    said = [m for m in client.received if m.get("method") == PUBLISH]
    return sum(m["params"]["uri"] == path.as_uri() for m in said)


def test_queries_and_models_of_files_that_nobody_opened(client: Client, root: Path) -> None:
    users, orders = root / "app" / "users.py", root / "app" / "orders.py"
    until(client, users, UNSERVED)
    rested(client, 4, 2, 4)  # the migration, models, users and orders
    assert said_of(client, root / "tests" / "test_users.py") == 0
    assert said_of(client, orders) == 0  # nothing to say, nothing to clear
    (root / "app" / "models.py").write_text(
        MODELS.replace("primary_key=True)", "primary_key=True, index=True)", 1)
    )
    tell(client, root / "app" / "models.py")
    until(client, root / "app" / "models.py", COVERED)
    (root / "app" / "wide.py").write_text(WIDE)  # an index of the model, written elsewhere
    tell(client, root / "app" / "wide.py")
    until(client, users)
    (root / "app" / "wide.py").unlink()
    tell(client, root / "app" / "wide.py")
    until(client, users, UNSERVED)


def test_what_is_typed_is_followed_by_what_reads_it_and_by_nothing_else(
    client: Client, root: Path
) -> None:
    users, models = root / "app" / "users.py", root / "app" / "models.py"
    until(client, users, UNSERVED)
    rested(client, 4, 2, 4)
    client.open(models.as_uri(), MODELS)
    line = MODELS.split("\n").index("    email: Mapped[str] = mapped_column()")
    client.change(models.as_uri(), 2, edit(line, 39, 39, "index=True"))
    until(client, users)
    rested(client, 3, 1, 5)  # of the others, one was analysed again
    client.close(models.as_uri())  # not saved
    until(client, users, UNSERVED)


def test_an_open_file_speaks_for_itself_and_settings_turn_it_off(
    client: Client, root: Path
) -> None:
    users = root / "app" / "users.py"
    until(client, users, UNSERVED)
    client.open(users.as_uri(), QUERY.format("User", "id"))
    assert client.diagnostics(users.as_uri(), 1) == []
    client.close(users.as_uri())
    until(client, users, UNSERVED)
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.asked("workspace/configuration", [{}])
    until(client, users)
