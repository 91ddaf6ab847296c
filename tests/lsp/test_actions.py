"""What is offered, to whom, and that an old action never meets another text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from raw_client import FAKE_SERVER, Client, Json, edit

from fumehood.lsp.actions import FIX_ALL

LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}}
RESOLVES = {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}


def capabilities(action: Json, versioned: bool) -> Json:
    """Those of a client that knows so much of actions."""
    return {
        "textDocument": {"codeAction": action, "hover": {"contentFormat": ["markdown"]}},
        "workspace": {"workspaceEdit": {"documentChanges": versioned}},
    }


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client that resolves edits and wants them with versions."""
    with Client(FAKE_SERVER) as client:
        result = client.initialize(capabilities(RESOLVES, versioned=True))
        assert result["capabilities"]["codeActionProvider"]["resolveProvider"] is True
        yield client


@pytest.fixture(scope="module")
def plain() -> Iterator[Client]:
    """A client that knows neither resolving nor versions."""
    with Client(FAKE_SERVER) as client:
        result = client.initialize(capabilities(LITERALS, versioned=False))
        assert result["capabilities"]["codeActionProvider"]["resolveProvider"] is False
        yield client


def place(start: int, end: int, line: int = 0) -> Json:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def asked(uri: str, where: Json, **context: object) -> Json:
    return {"textDocument": {"uri": uri}, "range": where, "context": {"diagnostics": [], **context}}


def actions(client: Client, uri: str, where: Json, **context: object) -> list[Json]:
    return client.request("textDocument/codeAction", asked(uri, where, **context))


def test_an_action_is_resolved(client: Client, uri: str) -> None:
    client.open(uri, "x = BAD")
    [action] = actions(client, uri, place(5, 5))
    assert action["title"] == "Make it good"
    assert action["kind"] == "quickfix"
    assert action["isPreferred"] is True
    assert action["diagnostics"] == client.diagnostics(uri, 1)
    assert "edit" not in action
    resolved = client.request("codeAction/resolve", {**action, "x-own": 1})
    edits = [{"range": place(4, 7), "newText": "good"}]
    change = {"textDocument": {"uri": uri, "version": 1}, "edits": edits}
    assert resolved == {**action, "x-own": 1, "edit": {"documentChanges": [change]}}


def test_a_client_that_does_not_resolve_has_the_edit_at_once(plain: Client, uri: str) -> None:
    plain.open(uri, "x = BAD")
    [action] = actions(plain, uri, place(0, 9))
    assert action["edit"] == {"changes": {uri: [{"range": place(4, 7), "newText": "good"}]}}
    assert "data" not in action


def test_a_client_without_literals_gets_nothing(uri: str) -> None:
    with Client(FAKE_SERVER) as client:
        client.initialize({"textDocument": {"codeAction": {}}})
        client.open(uri, "BAD")
        assert client.request("textDocument/codeAction", asked(uri, place(0, 3))) is None


@pytest.mark.parametrize(
    ("start", "end", "count"), [(0, 0, 0), (4, 4, 1), (7, 7, 1), (8, 8, 1), (0, 30, 2), (13, 20, 0)]
)
def test_the_findings_that_touch_the_range(
    client: Client, uri: str, start: int, end: int, count: int
) -> None:
    client.open(uri, "x = BAD BAD ; x = 1")
    assert len(actions(client, uri, place(start, end))) == count


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (None, ["quickfix"]),
        ([], ["quickfix"]),
        ([""], ["quickfix", FIX_ALL]),
        (["quickfix"], ["quickfix"]),
        (["quickfix.other"], []),
        (["quick"], []),
        (["source"], [FIX_ALL]),
        (["source.fixAll"], [FIX_ALL]),
        (["source.fixAll.fumehood"], [FIX_ALL]),
        (["source.fixAll.ruff"], []),
        (["source.organizeImports", "refactor"], []),
        (["refactor", "quickfix", "source.fixAll"], ["quickfix", FIX_ALL]),
    ],
)
def test_only_the_kinds_asked_for(
    client: Client, uri: str, only: list[str] | None, kinds: list[str]
) -> None:
    client.open(uri, "BAD")
    context = {} if only is None else {"only": only}
    assert [one["kind"] for one in actions(client, uri, place(0, 3), **context)] == kinds


def test_all_is_fixed_at_once(client: Client, plain: Client, uri: str) -> None:
    everywhere = place(0, 0)
    for one in (client, plain):
        one.open(uri, "BAD BAD")
    [action] = actions(client, uri, everywhere, only=["source.fixAll"])
    [whole] = actions(plain, uri, everywhere, only=["source.fixAll"])
    edits = [{"range": place(at, at + 3), "newText": "good"} for at in (0, 4)]
    resolved = client.request("codeAction/resolve", action)
    assert resolved["edit"]["documentChanges"][0]["edits"] == edits
    assert whole["edit"] == {"changes": {uri: edits}}
    # Neovim drops what is null.
    action["data"] = {key: value for key, value in action["data"].items() if value is not None}
    assert client.request("codeAction/resolve", action)["edit"] == resolved["edit"]
    client.change(uri, 2, {"text": "all good"})
    assert client.error("codeAction/resolve", action) == -32801
    assert actions(client, uri, everywhere, only=["source.fixAll"]) == []


def test_the_clients_own_diagnostics_come_back(client: Client, uri: str) -> None:
    client.open(uri, "BAD BAD")
    # Vim's ALE sends no more than these three.
    mine = {"range": place(0, 3), "code": "only-concurrent-indexes", "message": "as I show it"}
    others = [
        {"range": place(0, 3), "code": "E501", "message": "too long"},
        {"range": place(0, 2), "code": "only-concurrent-indexes", "message": "elsewhere"},
        {"range": place(0, 3), "code": 7, "message": "a number"},
    ]
    first, second = actions(client, uri, place(0, 9), diagnostics=[*others, mine])
    assert first["diagnostics"] == [mine]
    assert second["diagnostics"] == client.diagnostics(uri, 1)[1:]


def test_an_action_is_found_by_range_and_not_by_what_the_client_says(
    client: Client, uri: str
) -> None:
    client.open(uri, "good BAD")
    said = {
        "range": place(0, 3),
        "code": "only-concurrent-indexes",
        "message": "",
        "data": {"a": 1},
    }
    assert actions(client, uri, place(0, 3), diagnostics=[said]) == []


def test_an_old_action_follows_its_finding(client: Client, uri: str) -> None:
    client.open(uri, "BAD\nBAD\n")
    _, second = actions(client, uri, {**place(0, 0), "end": {"line": 1, "character": 3}})
    client.change(uri, 2, edit(0, 0, 0, "BAD\n# é😀\n"), edit(3, 0, 0, "😀 "))
    resolved = client.request("codeAction/resolve", second)
    change = resolved["edit"]["documentChanges"][0]
    assert change["textDocument"]["version"] == 2
    assert change["edits"] == [{"range": place(3, 6, line=3), "newText": "good"}]


@pytest.mark.parametrize(
    "change",
    [
        edit(0, 0, 3, "good"),
        edit(0, 1, 2, ""),
        edit(0, 0, 0, "BAD BAD BAD", end_line=1),
        {"text": "BAD\nBAD\n"},
    ],
)
def test_an_old_action_never_meets_another_text(client: Client, uri: str, change: Json) -> None:
    client.open(uri, "BAD\nBAD\n")
    [action] = actions(client, uri, place(0, 3))
    client.change(uri, 2, change)
    assert client.error("codeAction/resolve", action) == -32801


def test_an_action_of_a_closed_document_is_refused(client: Client, uri: str) -> None:
    client.open(uri, "BAD")
    [action] = actions(client, uri, place(0, 3))
    client.close(uri)
    assert client.error("codeAction/resolve", action) == -32801
    assert client.request("textDocument/codeAction", asked(uri, place(0, 3))) is None


def test_an_action_is_computed_from_the_newest_text(client: Client, uri: str) -> None:
    client.open(uri, "SLOW good")
    client.change(uri, 2, edit(0, 5, 9, "BAD"))
    [action] = actions(client, uri, place(5, 5))
    assert action["data"]["version"] == 2


def test_actions_are_offered_while_what_they_depend_on_goes_on_changing(
    client: Client, uri: str
) -> None:
    client.open(uri, "x = BAD  # RESTLESS")
    [action] = actions(client, uri, place(4, 7))
    assert client.request("codeAction/resolve", action)["edit"]


def test_hover_says_why_there_is_no_fix(client: Client, uri: str) -> None:
    client.open(uri, "x = BAD  # STAYS")
    at = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 4}}
    said, *_ = client.request("textDocument/hover", at)["contents"]["value"].partition("\n\n### ")
    assert said.splitlines()[-1] == "No fix is offered here: it stays."


def test_hover_shows_the_rules_page(client: Client, uri: str) -> None:
    client.open(uri, "x = BAD BAD")
    at = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 4}}
    hover = client.request("textDocument/hover", at)
    assert hover["range"] == place(4, 7)
    assert hover["contents"]["kind"] == "markdown"
    said, _, page = hover["contents"]["value"].partition("\n\n### ")
    assert said == "This is bad.\n\nIt stops writes."
    assert "```python\n" in page
    assert "```python " not in page
    at["position"]["character"] = 2
    assert client.request("textDocument/hover", at) is None
