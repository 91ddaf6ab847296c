"""Fixes that change another file than the one that they are asked for in, in the real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import SERVER, Client, Json, edit
from test_created_files import revision
from test_models import COLUMN, INDEXED, MODELS, QUERIES, RULE, changed, project, until

TITLE = "Give User the index in app/models.py"
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}}
RESOLVES = {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
FULL = {
    "workspace": {
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceEdit": {"documentChanges": True},
    },
    "textDocument": {"codeAction": RESOLVES},
}
PLAIN = {"textDocument": {"codeAction": LITERALS}}
INSERTED = "mapped_column(index=True)"


@pytest.fixture(params=[FULL, PLAIN], ids=["full", "plain"])
def spoken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Client, Path, bool]]:
    queries = project(tmp_path / "one")
    with Client(SERVER) as client:
        client.initialize(request.param, rootUri=(tmp_path / "one").as_uri())
        client.open(queries.as_uri(), QUERIES)
        until(client, queries.as_uri(), [RULE])
        yield client, queries, request.param is FULL


def offered(client: Client, uri: str, title: str = TITLE) -> Json | None:
    place = {"line": 3, "character": 8}
    params = {
        "textDocument": {"uri": uri},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": []},
    }
    found = client.request("textDocument/codeAction", params)
    return next((each for each in found if each["title"] == title), None)


def edits(client: Client, uri: str, path: Path, version: int | None) -> list[Json]:
    """The edits of another file that a document's action has."""
    action = offered(client, uri)
    assert action is not None
    assert "isPreferred" not in action
    if "edit" not in action:
        action = client.request("codeAction/resolve", action)
    if "changes" in action["edit"]:
        assert list(action["edit"]["changes"]) == [path.as_uri()]
        found: list[Json] = action["edit"]["changes"][path.as_uri()]
        return found
    (change,) = action["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": path.as_uri(), "version": version}
    found = change["edits"]
    return found


def applied(text: str, some: list[Json]) -> str:
    lines = text.split("\n")
    for each in reversed(some):
        start, end = each["range"]["start"], each["range"]["end"]
        first = sum(len(line) + 1 for line in lines[: start["line"]]) + start["character"]
        last = sum(len(line) + 1 for line in lines[: end["line"]]) + end["character"]
        text = text[:first] + each["newText"] + text[last:]
    return text


def test_a_question_meanwhile_keeps_no_finding(spoken: tuple[Client, Path, bool]) -> None:
    client, queries, _ = spoken
    models = queries.with_name("models.py")
    client.open(models.as_uri(), MODELS)
    client.change(models.as_uri(), 2, edit(7, COLUMN, COLUMN, "index=True"))
    client.diagnostics(models.as_uri(), 2)
    offered(client, queries.as_uri())  # it is answered before the findings are told
    until(client, queries.as_uri(), [])


def test_a_closed_file_is_changed(spoken: tuple[Client, Path, bool]) -> None:
    client, queries, _ = spoken
    models = queries.with_name("models.py")
    found = applied(MODELS, edits(client, queries.as_uri(), models, None))
    assert found == INDEXED
    models.write_text(found)
    changed(client, models, 2)
    until(client, queries.as_uri(), [])


def test_what_is_not_saved_counts(spoken: tuple[Client, Path, bool]) -> None:
    client, queries, _ = spoken
    models = queries.with_name("models.py")
    client.open(models.as_uri(), MODELS)
    client.change(models.as_uri(), 2, edit(0, 0, 0, "# 😀\n\n"))
    found = edits(client, queries.as_uri(), models, 2)
    assert applied("# 😀\n\n" + MODELS, found) == "# 😀\n\n" + INDEXED
    client.change(models.as_uri(), 3, edit(9, COLUMN, COLUMN, "index=True"))
    assert offered(client, queries.as_uri()) is None


def test_an_action_is_computed_again_for_what_is_there(spoken: tuple[Client, Path, bool]) -> None:
    client, queries, resolves = spoken
    if not resolves:
        return
    models = queries.with_name("models.py")
    client.open(models.as_uri(), MODELS)
    action = offered(client, queries.as_uri())
    client.change(models.as_uri(), 2, edit(0, 0, 0, "\n"))
    (change,) = client.request("codeAction/resolve", action)["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == 2
    assert applied("\n" + MODELS, change["edits"]) == "\n" + INDEXED
    client.change(models.as_uri(), 3, edit(8, COLUMN, COLUMN, "index=True"))
    client.send({"id": 99, "method": "codeAction/resolve", "params": action})
    answer = client.wait(lambda message: message.get("id") == 99)
    assert answer["error"]["code"] == -32801


def with_migrations(folder: Path) -> Path:
    """The folder of a project's revisions, of which there is one."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (versions.parent / "env.py").write_text(
        "from app.models import Base\nfrom alembic import context\n"
        "target_metadata = Base.metadata\ncontext.run_migrations()\n"
    )
    table = 'op.create_table("users", sa.Column("id", sa.Integer()), sa.Column("email", sa.Text()))'
    first = revision("a1", None, table).replace(
        "from alembic", "import sqlalchemy as sa\nfrom alembic"
    )
    (versions / "a1_users.py").write_text(first)
    return versions


def test_a_revision_is_created_with_it(tmp_path: Path) -> None:
    queries = project(tmp_path)
    versions = with_migrations(tmp_path)
    workspace = {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}}
    title = f"{TITLE}, and build it concurrently in a new revision"
    with Client(SERVER) as client:
        client.initialize({**FULL, "workspace": workspace}, rootUri=tmp_path.as_uri())
        client.open(queries.as_uri(), QUERIES)
        until(client, queries.as_uri(), [RULE])
        action = client.request("codeAction/resolve", offered(client, queries.as_uri(), title))
        create, fill, own = action["edit"]["documentChanges"]
        assert create["kind"] == "create"
        assert create["uri"].startswith(versions.as_uri())
        assert fill["textDocument"] == {"uri": create["uri"], "version": None}
        new = fill["edits"][0]["newText"]
        assert 'down_revision = "a1"\n' in new
        assert 'op.f("ix_users_email"), "users", ["email"], postgresql_concurrently=True' in new
        assert own["textDocument"] == {
            "uri": (tmp_path / "app/models.py").as_uri(),
            "version": None,
        }
        assert applied(MODELS, own["edits"]) == INDEXED
        # Behind what is open and not saved; behind two, nowhere.
        client.open((versions / "b2.py").as_uri(), revision("b2", "a1"))
        action = client.request("codeAction/resolve", offered(client, queries.as_uri(), title))
        assert (
            'down_revision = "b2"\n' in action["edit"]["documentChanges"][1]["edits"][0]["newText"]
        )
        client.open((versions / "c3.py").as_uri(), revision("c3", "a1"))
        assert offered(client, queries.as_uri(), title) is None
        assert offered(client, queries.as_uri()) is not None


def test_not_offered_where_the_other_file_cannot_be_read(
    spoken: tuple[Client, Path, bool],
) -> None:
    client, queries, _ = spoken
    models = queries.with_name("models.py")
    assert offered(client, queries.as_uri()) is not None
    models.write_bytes(b"\0")
    assert offered(client, queries.as_uri()) is None
    models.unlink()
    assert offered(client, queries.as_uri()) is None


def test_not_offered_where_the_other_file_has_changed(spoken: tuple[Client, Path, bool]) -> None:
    client, queries, _ = spoken
    models = queries.with_name("models.py")
    models.write_text(MODELS.replace("User", "Person"))
    assert offered(client, queries.as_uri()) is None
    models.write_text(INDEXED)
    assert offered(client, queries.as_uri()) is None
