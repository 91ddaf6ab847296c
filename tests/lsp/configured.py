"""Clients with a configuration: one that is asked for settings and watches files, one without."""

from __future__ import annotations

from pathlib import Path

from raw_client import Client, Json

RULE = "only-concurrent-indexes"
MIGRATION = """from alembic import op

revision = "b"
down_revision = "a"


def upgrade() -> None:
    op.create_index("ix_a", "a", ["x"])
"""
ACTIONS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}}
# One that watches files, is asked for settings and resolves actions; one that does none of it.
FULL = {
    "workspace": {
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
    },
    "textDocument": {
        "codeAction": {
            **ACTIONS,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        }
    },
}
PLAIN = {"textDocument": {"codeAction": ACTIONS}}
PROFILES = {"full": FULL, "plain": PLAIN}


class Editor:
    """A client of one of the profiles, with a folder."""

    def __init__(self, client: Client, profile: str, folder: Path) -> None:
        self.client, self.folder, self.full = client, folder, profile == "full"
        self.uri = (folder / "versions" / "b.py").as_uri()

    def start(self, settings: Json | None = None, **params: object) -> None:
        """Initialize; the settings are the client's own, where it is asked for them."""
        capabilities = FULL if self.full else PLAIN
        self.client.initialize(capabilities, rootUri=self.folder.as_uri(), **params)
        if self.full:
            registered = self.client.asked("client/registerCapability", None)["registrations"]
            assert [each["method"] for each in registered] == [
                "workspace/didChangeWatchedFiles",
                "workspace/didChangeConfiguration",
            ]
            self.client.asked("workspace/configuration", [settings])

    def write(self, name: str, text: str | None) -> str:
        """Write a file (None: remove it), and say so as this client does; its URI."""
        path = self.folder / name
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
        if self.full:
            changes = [{"uri": path.as_uri(), "type": 2}]
            self.client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        return path.as_uri()

    def codes(self, uri: str, version: int | None = 1) -> list[str]:
        """The codes of what is published next about a document."""
        return [found["code"] for found in self.client.diagnostics(uri, version)]

    def opened(self, path: Path) -> list[str]:
        """Open a file as it is on the disk; the codes of what is found in it."""
        self.client.open(path.as_uri(), path.read_text())
        return self.codes(path.as_uri())

    def actions(self, uri: str, line: int) -> dict[str, Json]:
        """What is offered in a line, by title, resolved."""
        where = {"line": line, "character": 6}
        context = {"diagnostics": []}
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": where, "end": where},
            "context": context,
        }
        offered = self.client.request("textDocument/codeAction", params)
        return {
            action["title"]: action
            if "edit" in action
            else self.client.request("codeAction/resolve", action)
            for action in offered
        }
