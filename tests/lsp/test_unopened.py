"""Findings of files that are not open: asked for, followed on the disk, taken back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import LITERALS, SERVER, Client, Json

PUBLISH = "textDocument/publishDiagnostics"
RULE = "only-concurrent-indexes"
WHOLE = {"diagnostic-mode": "workspace"}
WATCHING = {
    **LITERALS,
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "window": {"workDoneProgress": True},
}


def migration(number: int, line: str = 'op.create_index("ix", "t", ["a"])') -> str:
    before = None if number == 0 else f"r{number - 1}"
    head = f'from alembic import op\n\nrevision = "r{number}"\ndown_revision = {before!r}\n'
    return f"{head}\n\ndef upgrade():\n    {line}\n\n\ndef downgrade():\n    pass\n"


CLEAN = "pass"


def make_project(root: Path, *lines: str) -> Path:
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (root / "migrations" / "env.py").write_text("context.run_migrations()\n")
    for number, line in enumerate(lines):
        (versions / f"r{number}.py").write_text(migration(number, line))
    return versions


INDEX = 'op.create_index("ix", "t", ["a"])'


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A project of three migrations, of which the second has no finding."""
    return make_project(tmp_path / "one", INDEX, CLEAN, INDEX)


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(SERVER) as client:
        yield client


def start(client: Client, versions: Path, settings: Json) -> None:
    root = versions.parents[1].as_uri()
    folders = [{"uri": root, "name": "one"}]
    client.initialize(WATCHING, workspaceFolders=folders, initializationOptions=settings)
    client.asked("client/registerCapability", None)
    client.asked("workspace/configuration", [{}])


def until(client: Client, path: Path, *codes: str) -> None:
    """Wait until exactly these findings of a file are published."""

    def wanted(message: Json) -> bool:
        params = message.get("params")
        return (
            message.get("method") == PUBLISH
            and params["uri"] == path.as_uri()
            and [each["code"] for each in params["diagnostics"]] == list(codes)
        )

    client.wait(wanted)


def followed(client: Client) -> tuple[int, int, int]:
    """How many files are followed and have findings; how many analyses there were."""
    command = {"command": "fumehood.debugInformation"}
    text = client.request("workspace/executeCommand", command)
    found = re.search(r"checked: (\d+), (\d+) of them with findings, (\d+) analyses", text)
    assert found, text
    return int(found[1]), int(found[2]), int(found[3])


def rested(client: Client, files: int, found: int, analyses: int) -> None:
    """Wait until so many analyses were made."""
    while followed(client)[2] < analyses:
        time.sleep(0.02)  # seconds: the server has better things to do than to answer
    assert followed(client) == (files, found, analyses)


def tell(client: Client, *paths: Path) -> None:
    changes = [{"uri": path.as_uri(), "type": 2} for path in paths]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})


def test_only_open_files_by_default(client: Client, versions: Path) -> None:
    start(client, versions, {})
    path = versions / "r0.py"
    client.open(path.as_uri(), path.read_text())
    until(client, path, RULE)
    client.close(path.as_uri())
    until(client, path)
    assert followed(client) == (0, 0, 0)
    assert not [m for m in client.received if m.get("method") == PUBLISH and "r2" in str(m)]


@pytest.mark.slow
def test_all_files_of_the_workspace(client: Client, versions: Path) -> None:
    start(client, versions, WHOLE)
    until(client, versions / "r0.py", RULE)
    until(client, versions / "r2.py", RULE)
    rested(client, 3, 2, 3)
    said = [m for m in client.received if m.get("method") == PUBLISH]
    assert not [m for m in said if "r1" in m["params"]["uri"]]  # nothing to say, nothing to clear


def test_what_changes_on_the_disk_is_analysed_and_nothing_else(
    client: Client, versions: Path
) -> None:
    start(client, versions, WHOLE)
    until(client, versions / "r2.py", RULE)
    rested(client, 3, 2, 3)
    path = versions / "r1.py"
    path.write_text(migration(1))
    tell(client, path)
    until(client, path, RULE)
    rested(client, 3, 3, 4)
    new = versions / "r3.py"
    new.write_text(migration(3))
    tell(client, new)
    until(client, new, RULE)
    path.unlink()
    tell(client, path)
    until(client, path)
    tell(client, path)
    assert followed(client)[:2] == (3, 3)


@pytest.mark.slow
def test_an_open_file_speaks_for_itself(client: Client, versions: Path) -> None:
    start(client, versions, WHOLE)
    path = versions / "r2.py"
    until(client, path, RULE)
    client.open(path.as_uri(), migration(2, CLEAN))  # as the editor has it
    assert client.diagnostics(path.as_uri(), 1) == []
    tell(client, path)
    assert followed(client)[0] == 2
    client.close(path.as_uri())
    until(client, path, RULE)  # as the disk has it


@pytest.mark.slow
def test_settings_turn_it_on_and_off(client: Client, versions: Path) -> None:
    start(client, versions, {})
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.asked("workspace/configuration", [{"diagnosticMode": "workspace"}])
    until(client, versions / "r0.py", RULE)
    until(client, versions / "r2.py", RULE)
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.asked("workspace/configuration", [{"ignore": [RULE], "diagnosticMode": "workspace"}])
    until(client, versions / "r0.py")
    until(client, versions / "r2.py")
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.asked("workspace/configuration", [{"diagnosticMode": "workspace"}])
    until(client, versions / "r0.py", RULE)
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.asked("workspace/configuration", [{}])
    until(client, versions / "r0.py")
    assert followed(client)[:2] == (0, 0)


@pytest.mark.slow
def test_a_file_of_options_turns_it_on(client: Client, versions: Path) -> None:
    start(client, versions, {})
    options = versions.parents[1] / "fumehood.toml"
    options.write_text('diagnostic-mode = "workspace"\n')
    tell(client, options)
    until(client, versions / "r0.py", RULE)
    options.unlink()
    tell(client, options)
    until(client, versions / "r0.py")


def test_folders_come_and_go(client: Client, versions: Path, tmp_path: Path) -> None:
    other = make_project(tmp_path / "other", INDEX)
    folder = [{"uri": other.parents[1].as_uri(), "name": "other"}]
    start(client, versions, WHOLE)
    until(client, versions / "r0.py", RULE)

    def change(added: list[Json], removed: list[Json], settings: list[Json]) -> None:
        event = {"event": {"added": added, "removed": removed}}
        client.notify("workspace/didChangeWorkspaceFolders", event)
        client.asked("workspace/configuration", settings)

    change(folder, [], [{}, {}, {}])
    until(client, other / "r0.py", RULE)
    change([], folder, [{}])
    until(client, other / "r0.py")


@pytest.mark.slow
def test_progress_is_shown(client: Client, versions: Path) -> None:
    start(client, versions, WHOLE)
    token = client.asked("window/workDoneProgress/create", None)["token"]
    until(client, versions / "r0.py", RULE)
    assert token.startswith("fumehood-")


@pytest.mark.slow
def test_what_earlier_migrations_leave_counts(client: Client, tmp_path: Path) -> None:
    concurrently = (
        "with op.get_context().autocommit_block():"
        ' op.create_index("{}", "t", {}, postgresql_concurrently=True)'
    )
    versions = make_project(
        tmp_path / "one",
        'op.create_table("t", sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer()))',
        concurrently.format("wide", ["a", "b"]),
        concurrently.format("narrow", ["a"]),
    )
    for path in versions.glob("*.py"):
        path.write_text("import sqlalchemy as sa\n" + path.read_text())
    start(client, versions, WHOLE)
    until(client, versions / "r2.py", "ensure-index-not-covered")
    (versions / "r1.py").write_text(migration(1, CLEAN))
    tell(client, versions / "r1.py")
    until(client, versions / "r2.py")
