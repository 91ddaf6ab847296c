"""Findings of queries follow the models of other files: on the disk, and open ones as typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import SERVER, Client, Json, edit

RULE = "verify-query-patterns-are-indexed"
FULL = {
    "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
    "window": {"workDoneProgress": True},
    "textDocument": {"publishDiagnostics": {"relatedInformation": True}},
}
PLAIN: Json = {}
MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column()
"""
INDEXED = MODELS.replace("mapped_column()", "mapped_column(index=True)")
QUERIES = (
    "from app.models import User\n\ndef f(s, x):\n    s.query(User).filter_by(email=x).all()\n"
)
COLUMN = len("    email: Mapped[str] = mapped_column(")
CREATED, CHANGED, DELETED = 1, 2, 3


def project(root: Path, models: str = MODELS) -> Path:
    """A project with models and queries; its queries' file."""
    (root / "app").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    (root / "app" / "models.py").write_text(models)
    (root / "app" / "queries.py").write_text(QUERIES)
    return root / "app" / "queries.py"


@pytest.fixture(params=[FULL, pytest.param(PLAIN, marks=pytest.mark.slow)], ids=["full", "plain"])
def spoken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Client, Path]]:
    queries = project(tmp_path / "one")
    with Client(SERVER) as client:
        client.initialize(request.param, rootUri=(tmp_path / "one").as_uri())
        yield client, queries


def until(client: Client, uri: str, codes: list[str]) -> list[Json]:
    """The next diagnostics of a document that have these codes; what came before is forgotten."""

    def wanted(message: Json) -> bool:
        params = message.get("params", {})
        return (
            message.get("method") == "textDocument/publishDiagnostics"
            and params["uri"] == uri
            and [each["code"] for each in params["diagnostics"]] == codes
        )

    found: list[Json] = client.wait(wanted)["params"]["diagnostics"]
    client.received.clear()
    return found


def changed(client: Client, path: Path, kind: int) -> None:
    changes = {"changes": [{"uri": path.as_uri(), "type": kind}]}
    client.notify("workspace/didChangeWatchedFiles", changes)


def test_a_query_follows_its_model_in_another_buffer(spoken: tuple[Client, Path]) -> None:
    client, queries = spoken
    models = queries.with_name("models.py")
    client.open(queries.as_uri(), QUERIES)
    (found,) = until(client, queries.as_uri(), [RULE])
    for related in found.get("relatedInformation", ()):
        assert related["location"]["uri"] == models.as_uri()
        assert related["location"]["range"]["start"] == {"line": 7, "character": 4}
    client.open(models.as_uri(), MODELS)
    client.change(models.as_uri(), 2, edit(7, COLUMN, COLUMN, "index=True"))
    until(client, queries.as_uri(), [])
    client.change(models.as_uri(), 3, edit(7, COLUMN, COLUMN + 10, ""))
    until(client, queries.as_uri(), [RULE])
    client.change(models.as_uri(), 4, edit(7, COLUMN, COLUMN, "index=True"))
    until(client, queries.as_uri(), [])
    client.close(models.as_uri())  # not saved: the disk counts again
    until(client, queries.as_uri(), [RULE])


def test_files_on_the_disk_are_followed(spoken: tuple[Client, Path]) -> None:
    client, queries = spoken
    models, uri = queries.with_name("models.py"), queries.as_uri()
    client.open(uri, QUERIES)
    until(client, uri, [RULE])
    models.write_text(INDEXED)
    changed(client, models, CHANGED)
    until(client, uri, [])
    models.write_text(MODELS)
    changed(client, models, CHANGED)
    until(client, uri, [RULE])
    models.unlink()
    changed(client, models, DELETED)
    until(client, uri, [])
    models.write_text(MODELS)
    changed(client, models, CREATED)
    until(client, uri, [RULE])


def test_folders_have_models_of_their_own(tmp_path: Path) -> None:
    one, two = project(tmp_path / "one"), project(tmp_path / "two", INDEXED)
    folders = [{"uri": (tmp_path / name).as_uri(), "name": name} for name in ("one", "two")]
    with Client(SERVER) as client:
        client.initialize(FULL, workspaceFolders=folders)
        client.open(two.as_uri(), QUERIES)
        client.open(one.as_uri(), QUERIES)
        until(client, one.as_uri(), [RULE])
        # The other's is not alike: it has a finding only where its own model lacks the index.
        client.open((tmp_path / "two" / "app" / "models.py").as_uri(), MODELS)
        until(client, two.as_uri(), [RULE])


def test_services_of_one_repository_have_models_of_their_own(tmp_path: Path) -> None:
    one, two = project(tmp_path / "one"), project(tmp_path / "two", INDEXED)
    for path in (one, two):
        (path.parents[1] / "pyproject.toml").unlink()
        (path.parents[1] / "alembic.ini").write_text("")
    with Client(SERVER) as client:
        client.initialize(FULL, rootUri=tmp_path.as_uri())
        client.open(two.as_uri(), QUERIES)
        client.open(one.as_uri(), QUERIES)
        until(client, one.as_uri(), [RULE])
        client.open((tmp_path / "two" / "app" / "models.py").as_uri(), MODELS)
        until(client, two.as_uri(), [RULE])


@pytest.mark.parametrize("inner_first", [True, False])
def test_a_folder_within_another_is_read_once_and_knows_its_project(
    tmp_path: Path, inner_first: bool
) -> None:
    queries = project(tmp_path / "one")
    models = queries.with_name("models.py")
    models.rename(tmp_path / "one" / "models.py")
    (tmp_path / "one" / "app" / "inner").mkdir()
    inner = tmp_path / "one" / "app" / "inner" / "queries.py"
    for path in (queries, inner):
        path.write_text(QUERIES.replace("app.models", "models"))
    paths = [tmp_path / "one", tmp_path / "one" / "app"]
    folders = [{"uri": each.as_uri(), "name": each.name} for each in paths]
    if inner_first:
        folders.reverse()
    with Client(SERVER) as client:
        client.initialize(FULL, workspaceFolders=folders)
        client.open(inner.as_uri(), inner.read_text())
        until(client, inner.as_uri(), [RULE])
        client.open((tmp_path / "one" / "models.py").as_uri(), INDEXED)
        until(client, inner.as_uri(), [])
        # The outer folder goes: what is left of the project has no models.
        event = {"added": [], "removed": [folders[inner_first]]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        client.open(queries.as_uri(), queries.read_text())
        until(client, queries.as_uri(), [])
        client.notify(
            "workspace/didChangeWorkspaceFolders",
            {"event": {**event, "added": event["removed"], "removed": []}},
        )
        client.close((tmp_path / "one" / "models.py").as_uri())
        until(client, queries.as_uri(), [RULE])
