"""Ignores in the real server: offered at a finding, applied, explained by hover."""

from __future__ import annotations

import pytest
from raw_client import SERVER, Client, Json, edit

MIGRATION = """from alembic import op

revision = "b"
down_revision = "a"


def upgrade() -> None:
    op.create_index("ix_a", "a", ["x"])
"""
RULE = "only-concurrent-indexes"
PROFILES = {
    "resolves": {
        "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}},
        "dataSupport": True,
        "resolveSupport": {"properties": ["edit"]},
    },
    "plain": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}},
}


def at(line: int, character: int) -> Json:
    return {"line": line, "character": character}


def offered(client: Client, uri: str, line: int) -> dict[str, Json]:
    where = {"start": at(line, 6), "end": at(line, 6)}
    params = {"textDocument": {"uri": uri}, "range": where, "context": {"diagnostics": []}}
    found = client.request("textDocument/codeAction", params)
    return {action["title"]: action for action in found}


@pytest.mark.parametrize("profile", ["resolves", pytest.param("plain", marks=pytest.mark.slow)])
def test_ignores(profile: str, uri: str) -> None:
    with Client(SERVER) as client:
        client.initialize(
            {
                "textDocument": {
                    "codeAction": PROFILES[profile],
                    "hover": {"contentFormat": ["markdown"]},
                }
            }
        )
        client.open(uri, MIGRATION)
        assert [found["code"] for found in client.diagnostics(uri, 1)] == [RULE]
        actions = offered(client, uri, 7)
        titles = list(actions)
        assert titles[-2:] == [f"Ignore {RULE} here", f"Ignore {RULE} in this file"]
        assert [title for title in titles if actions[title].get("isPreferred")] == titles[:1]
        action = actions[f"Ignore {RULE} here"]
        if "edit" not in action:
            action = client.request("codeAction/resolve", action)
        [change] = action["edit"]["changes"][uri]
        assert change["newText"] == f"    # fumehood: ignore[{RULE}]\n"
        assert change["range"] == {"start": at(7, 0), "end": at(7, 0)}
        client.change(uri, 2, edit(7, 0, 0, change["newText"]))
        assert client.diagnostics(uri, 2) == []
        hover = client.request(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": at(7, 10)}
        )
        assert "Build and drop indexes without blocking writes" in hover["contents"]["value"]
        client.change(uri, 3, edit(8, 0, 0, "    pass\n", 9))
        [unused] = client.diagnostics(uri, 3)
        assert (unused["code"], unused["range"]["start"]) == ("unused-ignore", at(7, 4))
        assert "Remove the ignore" in offered(client, uri, 7)
