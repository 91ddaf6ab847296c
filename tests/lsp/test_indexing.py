"""What a migration finds follows the others: on the disk, and open ones as they are typed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import ENVIRONMENT, PATIENCE, SERVER, STARTED_SERVER, Client, Json, edit

sys.path.insert(0, str(Path(__file__).parents[1]))

from old_project import old_project

HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {!r}\ndown_revision = {!r}\n"
RULE = "ensure-index-not-covered"
FULL = {
    "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
    "window": {"workDoneProgress": True},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "tagSupport": {"valueSet": [1, 2]}}
    },
}
PLAIN: Json = {}


def migration(number: int, *lines: str) -> str:
    head = HEAD.format(f"r{number}", f"r{number - 1}" if number else None)
    body = "".join(f"    {line}\n" for line in lines or ("pass",))
    return f"{head}\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n"


TABLE = migration(
    0, 'op.create_table("t", sa.Column("a", sa.Integer()), sa.Column("b", sa.Text()))'
)
WIDE = migration(
    1,
    "with op.get_context().autocommit_block():",
    '    op.create_index("wide", "t", ["a", "b"], postgresql_concurrently=True)',
)
NARROW = migration(
    2,
    "with op.get_context().autocommit_block():",
    '    op.create_index("ix_a", "t", ["a"], postgresql_concurrently=True)',
)


@pytest.fixture(params=[FULL, pytest.param(PLAIN, marks=pytest.mark.slow)], ids=["full", "plain"])
def spoken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Client, Path]]:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (tmp_path / "migrations" / "env.py").write_text("context.run_migrations()\n")
    for number, text in enumerate((TABLE, WIDE, NARROW)):
        (versions / f"r{number}.py").write_text(text)
    with Client(SERVER) as client:
        client.initialize(request.param, rootUri=tmp_path.as_uri())
        yield client, versions


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


def test_other_migrations_are_known_and_followed(spoken: tuple[Client, Path]) -> None:
    client, versions = spoken
    uri, wide = ((versions / name).as_uri() for name in ("r2.py", "r1.py"))
    client.open(uri, NARROW)
    (found,) = until(client, uri, [RULE])
    assert "Index ix_a on t is served by wide (a, b)." in found["message"]
    if "tags" in found:
        assert found["tags"] == [1]
        (related,) = found["relatedInformation"]
        assert related["location"]["uri"] == wide
        assert related["location"]["range"]["start"]["line"] == 9
    client.open(wide, WIDE)
    line = WIDE.split("\n").index(
        '        op.create_index("wide", "t", ["a", "b"], postgresql_concurrently=True)'
    )
    # Not saved: what the editor has counts.
    start = WIDE.split("\n")[line].index('"a", "b"')
    client.change(wide, 2, edit(line, start, start + 8, '"b", "a"'))
    until(client, uri, [])
    client.change(wide, 3, edit(line, start, start + 8, '"a", "b"'))
    until(client, uri, [RULE])
    client.change(wide, 4, edit(line, start, start + 8, '"b", "a"'))
    until(client, uri, [])
    client.close(wide)  # not saved: the disk counts again
    until(client, uri, [RULE])


def test_files_on_the_disk_are_followed(spoken: tuple[Client, Path]) -> None:
    client, versions = spoken
    uri = (versions / "r2.py").as_uri()
    client.open(uri, NARROW)
    until(client, uri, [RULE])
    (versions / "r1.py").write_text(migration(1))
    changed = {"changes": [{"uri": (versions / "r1.py").as_uri(), "type": 2}]}
    client.notify("workspace/didChangeWatchedFiles", changed)
    until(client, uri, [])


@pytest.fixture
def last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The last of many migrations, of none of which anything is kept."""
    monkeypatch.setitem(ENVIRONMENT, "XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = old_project(tmp_path)
    return project.files[project.revisions[-1]]


@pytest.mark.slow
def test_many_migrations_are_read_in_processes_with_progress(tmp_path: Path, last: Path) -> None:
    with Client(SERVER) as client:
        client.initialize(FULL, rootUri=tmp_path.as_uri())
        client.open(last.as_uri(), last.read_text())
        client.diagnostics(last.as_uri(), 1)
        token = client.asked("window/workDoneProgress/create", None)["token"]
        client.wait(
            lambda m: (
                m.get("method") == "$/progress"
                and m["params"]["token"] == token
                and m["params"]["value"]["kind"] == "end"
            )
        )
        client.request("shutdown")
        client.notify("exit")
        assert client.exit_code() == 0


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux lists processes so")
def test_a_server_that_is_left_while_it_reads_the_project_ends_with_its_processes(
    tmp_path: Path, last: Path
) -> None:
    with Client(STARTED_SERVER) as client:
        client.initialize(FULL, rootUri=tmp_path.as_uri())
        client.open(last.as_uri(), last.read_text())
        workers = processes_of(client)
        for each in workers:
            os.kill(each, signal.SIGSTOP)  # they would never end by themselves
        client.process.stdin.close()
        try:
            assert client.exit_code() == 1
            assert not any(map(runs, workers))
        finally:
            for each in filter(runs, workers):
                os.kill(each, signal.SIGKILL)
        client.join()
        assert "Traceback" not in "".join(client.stderr)


def processes_of(client: Client) -> list[int]:
    """The processes of a server, as soon as some read the project."""
    children = Path(f"/proc/{client.process.pid}/task/{client.process.pid}/children")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = [int(each) for each in children.read_text().split()]
        if workers := [each for each in found if b"spawn_main" in command_of(each)]:
            return workers
        time.sleep(0.01)
    raise AssertionError("no process reads the project")


def command_of(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def runs(process: int) -> bool:
    """Whether a process does anything any more; one that has ended may wait for init."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
