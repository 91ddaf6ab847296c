"""Follow-up revisions in the real server: offered to clients that create files, to no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from raw_client import SERVER, Client, Json

TITLE = "Add it NOT VALID, then validate it in a follow-up revision"
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}}
RESOLVES = {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
CREATES = {"documentChanges": True, "resourceOperations": ["create", "rename"]}
ANNOTATES = {**CREATES, "changeAnnotationSupport": {"groupsOnLabel": True}}
ENV = "from alembic import context\n\ncontext.run_migrations()\n"


def revision(identifier: str, parent: str | None, *calls: str) -> str:
    """A migration's text."""
    down = None if parent is None else f'"{parent}"'
    body = "".join(f"    {call}\n" for call in calls or ("pass",))
    return (
        f'"""{identifier}"""\n\nfrom alembic import op\n\nrevision = "{identifier}"\n'
        f"down_revision = {down}\n\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n"
    )


KEY = 'op.create_foreign_key("fk_a", "a", "b", ["b_id"], ["id"])'
LINE = 9  # of a revision's first call


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """The folder of an environment's revisions, with one that needs mending."""
    folder = tmp_path / "migrations" / "versions"
    folder.mkdir(parents=True)
    (folder.parent / "env.py").write_text(ENV)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (folder / "b2_keys.py").write_text(revision("b2", None, KEY))
    return folder


def offered(client: Client, uri: str) -> dict[str, Json]:
    place = {"line": LINE, "character": 6}
    params = {
        "textDocument": {"uri": uri},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": []},
    }
    found = client.request("textDocument/codeAction", params)
    return {action["title"]: action for action in found}


def start(client: Client, path: Path, action: Json, edits: Json) -> str:
    capabilities = {
        "textDocument": {"codeAction": action},
        "workspace": {"workspaceEdit": edits},
    }
    client.initialize(capabilities, rootUri=path.parents[2].as_uri())
    client.open(path.as_uri(), path.read_text())
    client.diagnostics(path.as_uri(), 1)
    return path.as_uri()


@pytest.mark.parametrize("annotates", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "action",
    [pytest.param(LITERALS, marks=pytest.mark.slow), RESOLVES],
    ids=["at once", "resolved"],
)
def test_a_revision_is_created_and_filled(versions: Path, action: Json, annotates: bool) -> None:
    with Client(SERVER) as client:
        edits = ANNOTATES if annotates else CREATES
        uri = start(client, versions / "b2_keys.py", action, edits)
        found = offered(client, uri)[TITLE]
        assert ("edit" in found) == (action is LITERALS)
        assert "isPreferred" not in found
        again = found if "edit" in found else client.request("codeAction/resolve", found)
        create, fill, own = again["edit"]["documentChanges"]
        assert create["kind"] == "create"
        assert create["options"] == {"overwrite": False, "ignoreIfExists": False}
        assert create["uri"].startswith(versions.as_uri())
        assert create["uri"].endswith("_validate_fk_a.py")
        assert fill["textDocument"] == {"uri": create["uri"], "version": None}
        assert "VALIDATE CONSTRAINT fk_a" in fill["edits"][0]["newText"]
        assert 'down_revision = "b2"\n' in fill["edits"][0]["newText"]
        assert own["textDocument"] == {"uri": uri, "version": 1}
        assert "postgresql_not_valid=True" in own["edits"][0]["newText"]
        assert ("changeAnnotations" in again["edit"]) == annotates
        notes = {create.get("annotationId"), fill["edits"][0].get("annotationId")}
        assert notes == ({*again["edit"]["changeAnnotations"]} if annotates else {None})
        assert list(versions.iterdir()) == [versions / "b2_keys.py"], "the server writes nothing"


@pytest.mark.parametrize(
    "edits",
    [
        {},
        pytest.param({"documentChanges": True}, marks=pytest.mark.slow),
        pytest.param(
            {"documentChanges": True, "resourceOperations": ["rename"]}, marks=pytest.mark.slow
        ),
        pytest.param({"resourceOperations": ["create"]}, marks=pytest.mark.slow),
    ],
)
def test_not_offered_to_clients_that_create_no_files(versions: Path, edits: Json) -> None:
    with Client(SERVER) as client:
        titles = offered(client, start(client, versions / "b2_keys.py", LITERALS, edits))
        assert len(titles) >= 3
        assert not any("follow-up" in title for title in titles)


def test_behind_a_revision_that_is_not_saved(versions: Path) -> None:
    """The one that was just created is open, and perhaps empty on the disk."""
    with Client(SERVER) as client:
        uri = start(client, versions / "b2_keys.py", LITERALS, CREATES)
        client.open((versions / "c3_new.py").as_uri(), revision("c3", "b2"))
        new = offered(client, uri)[TITLE]["edit"]["documentChanges"][1]["edits"][0]["newText"]
        assert 'down_revision = "c3"\n' in new


def test_not_offered_behind_several_heads(versions: Path) -> None:
    for name in ("c3", "d4"):
        (versions / f"{name}.py").write_text(revision(name, "b2"))
    with Client(SERVER) as client:
        titles = offered(client, start(client, versions / "b2_keys.py", LITERALS, CREATES))
        assert not any("follow-up" in title for title in titles)
