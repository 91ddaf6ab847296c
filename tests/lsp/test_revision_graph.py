"""What is wrong in the graph of revisions stands at the line that says it, until it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import SERVER, Client, Json, edit

CLIENTS = {
    "full": {
        "general": {"positionEncodings": ["utf-8"]},
        "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
        "textDocument": {"publishDiagnostics": {"codeDescriptionSupport": True}},
    },
    "plain": {},
}
TEXT = '"""é"""\nrevision = "{}"\ndown_revision = {}\n\n\ndef upgrade():\n    pass\n'


class Project:
    """Revisions in a folder, and a client that has some of them open."""

    def __init__(self, client: Client, folder: Path, watches: bool) -> None:
        self.client, self._watches = client, watches
        self._versions = folder / "m" / "versions"
        self._versions.mkdir(parents=True)
        (folder / "alembic.ini").write_text("[alembic]\nscript_location = m\n")
        (folder / "m" / "env.py").write_text("context.run_migrations()\n")

    def uri(self, name: str) -> str:
        return (self._versions / f"{name}.py").as_uri()

    def write(self, name: str, revision: str | None, down: str | None = None) -> None:
        """Write a file (None: remove it), and say so as this client does."""
        path = self._versions / f"{name}.py"
        if revision is None:
            path.unlink()
        else:
            path.write_text(TEXT.format(revision, repr(down)))
        method = "workspace/didChangeWatchedFiles" if self._watches else "textDocument/didSave"
        where = {"changes": [{"uri": path.as_uri(), "type": 2}]}
        self.client.notify(method, where if self._watches else {"textDocument": {"uri": "x:y"}})

    def open(self, name: str) -> None:
        self.client.open(self.uri(name), (self._versions / f"{name}.py").read_text())

    def until(self, name: str, *starts: str) -> list[Json]:
        """The next diagnostics of a document, whose messages begin so."""

        def wanted(message: Json) -> bool:
            params = message.get("params", {})
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == self.uri(name)
                and len(params["diagnostics"]) == len(starts)
                and all(
                    each["message"].startswith(start)
                    for each, start in zip(params["diagnostics"], starts, strict=True)
                )
            )

        found: list[Json] = self.client.wait(wanted)["params"]["diagnostics"]
        self.client.received.clear()
        return found


@pytest.fixture(params=CLIENTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    capabilities = CLIENTS[request.param]
    with Client(SERVER) as client:
        project = Project(client, tmp_path, watches=bool(capabilities))
        for name, down in (("a", None), ("b", "a"), ("c", "b")):
            (tmp_path / "m" / "versions" / f"{name}.py").write_text(TEXT.format(name, repr(down)))
        client.initialize(capabilities, rootUri=tmp_path.as_uri())
        yield project


MISSING = "down_revision: no migration is the revision 'a"
TWICE = "revision: 'c' is the revision of "
CIRCLE = "down_revision: the revisions "


def test_a_missing_parent_is_found_and_mended_as_it_is_typed(project: Project) -> None:
    project.open("b")
    project.until("b")
    project.client.change(project.uri("b"), 2, edit(2, 18, 18, "x"))
    (found,) = project.until("b", MISSING)
    assert found["range"] == {
        "start": {"line": 2, "character": 16},
        "end": {"line": 2, "character": 20},
    }
    assert (found["severity"], found["code"], found["source"]) == (1, "revision-graph", "fumehood")
    assert "codeDescription" not in found
    where = {"textDocument": {"uri": project.uri("b")}, "position": {"line": 2, "character": 17}}
    assert MISSING in project.client.request("textDocument/hover", where)["contents"]["value"]
    project.client.change(project.uri("b"), 3, edit(2, 18, 19, ""))
    project.until("b")


def test_a_parent_that_goes_and_comes_back(project: Project) -> None:
    project.open("b")
    project.until("b")
    project.write("a", None)
    project.until("b", MISSING)
    project.write("a", "a")
    project.until("b")


def test_an_id_that_stands_twice_is_said_in_both_files(project: Project) -> None:
    project.open("c")
    project.until("c")
    project.write("d", "c", "b")
    (found,) = project.until("c", TWICE + "d.py")
    assert found["severity"] == 2
    project.open("d")
    project.until("d", TWICE + "c.py")
    project.client.change(project.uri("d"), 2, edit(1, 12, 13, "d"))
    project.until("c")


def test_a_circle_is_said_in_each_of_its_files(project: Project) -> None:
    project.open("b")
    project.open("a")
    project.until("a")
    project.client.change(project.uri("a"), 2, edit(2, 16, 20, '"c"'))
    project.until("b", CIRCLE)
    project.client.close(project.uri("a"))  # not saved: the disk counts again
    project.until("b")


def test_files_that_are_excluded_say_nothing(project: Project, tmp_path: Path) -> None:
    (tmp_path / "fumehood.toml").write_text('exclude = ["b.py"]\n')
    project.write("b", "b", "gone")
    project.open("b")
    assert project.client.diagnostics(project.uri("b"), 1) == []


def test_sql_that_postgresql_refuses_is_said_as_it_is_typed(
    project: Project, tmp_path: Path
) -> None:
    ini = "[alembic]\nscript_location = m\nsqlalchemy.url = postgresql://h/d\n"
    (tmp_path / "alembic.ini").write_text(ini)
    text = TEXT.format("c", "'b'").replace("pass", 'op.execute("DROP TABLE t")')
    project.client.open(project.uri("c"), "from alembic import op\n" + text)
    project.until("c")
    project.client.change(project.uri("c"), 2, edit(7, 21, 26, "TABEL"))
    (found,) = project.until("c", "PostgreSQL's grammar refuses the SQL that is sent here: ")
    assert (found["severity"], found["code"]) == (3, "refused-sql")
    assert found["range"]["start"] == {"line": 7, "character": 4}
    project.client.change(project.uri("c"), 3, edit(7, 21, 26, "TABLE"))
    project.until("c")
