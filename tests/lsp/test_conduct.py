"""How the server behaves towards a client, whatever the engine finds: over real pipes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from raw_client import (
    AT,
    FAKE_SERVER,
    LITERALS,
    PLACE,
    Client,
    actions_of,
    edit,
    hover_at,
    lives,
    opening,
)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A server in use, which all those tests share that it has to survive."""
    with Client(FAKE_SERVER) as client:
        client.initialize(LITERALS)
        yield client


# Messages that are wrong


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/hover", None),
        ("textDocument/hover", []),
        ("textDocument/hover", {"textDocument": {"uri": "x:p.py"}}),
        (
            "textDocument/hover",
            {"textDocument": {"uri": "x:p.py"}, "position": {"line": "x"}},
        ),
        ("textDocument/codeAction", {"textDocument": {"uri": "x:p.py"}}),
        ("codeAction/resolve", {"title": "t"}),
        ("codeAction/resolve", {"title": "t", "data": {"uri": "x:p.py", "span": "x"}}),
        ("codeAction/resolve", 7),
    ],
)
def test_params_that_do_not_decode_are_answered(
    client: Client, method: str, params: object
) -> None:
    assert client.error(method, params) == -32602
    lives(client)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didOpen", None),
        ("textDocument/didOpen", {"textDocument": {"uri": "x:p.py"}}),
        (
            "textDocument/didOpen",
            {"textDocument": {"uri": "x:p.py", "text": 5, "version": 1}},
        ),
        ("textDocument/didChange", {"textDocument": {"uri": "x:p.py"}, "contentChanges": 5}),
        ("textDocument/didChange", {"contentChanges": [{"text": ""}]}),
        ("textDocument/didClose", {"textDocument": {}}),
    ],
)
def test_a_notification_that_does_not_decode_is_logged(
    client: Client, method: str, params: object
) -> None:
    client.notify(method, params)
    client.logged(method)
    lives(client)


def test_a_change_is_applied_wholly_or_not_at_all(client: Client, uri: str) -> None:
    client.open(uri, "BAD")
    client.change(uri, 2, {"text": "good"}, {"range": {"start": PLACE}, "text": ""})
    client.logged("didChange")
    client.change(uri, 3, edit(0, 3, 3, " BAD"))
    assert len(client.diagnostics(uri, 3)) == 2


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe\x00", b"", b"[" * 100_000, b'{"id": NaN,'])
def test_malformed_json_is_answered(client: Client, body: bytes) -> None:
    client.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert client.answer(None)["error"]["code"] == -32700
    lives(client)


@pytest.mark.parametrize("message", [[], "x", 5, None, {"id": 1}, {"id": [], "method": "x"}])
def test_json_that_is_no_message_is_answered(client: Client, message: object) -> None:
    body = json.dumps(message).encode()
    client.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert client.wait(lambda m: "error" in m)["error"]["code"] == -32600
    lives(client)


def test_what_nobody_knows(client: Client) -> None:
    assert client.error("textDocument/unheardOf", {}) == -32601
    assert client.error("$/unheardOf", {}) == -32601
    client.notify("$/unheardOf", {})
    client.notify("textDocument/unheardOf", {"a": [1]})
    client.notify("$/setTrace", {"value": "verbose"})
    client.notify("$/cancelRequest", {"id": 99})
    client.notify("$/cancelRequest", {"id": "none"})
    client.notify("$/cancelRequest")
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}})
    client.send({"id": 77, "result": None}, {"id": None, "error": {"code": 1, "message": ""}})
    lives(client)


@pytest.mark.parametrize(
    "header",
    [
        "content-length: {}\r\n\r\n",
        "CONTENT-LENGTH:{}\r\n\r\n",
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        "Content-Length: {}\r\nX-Other: Content-Length: 3\r\n\r\n",
        "No-Length: 1\r\n\r\nContent-Length: {}\r\n\r\n",
    ],
)
def test_headers(client: Client, header: str) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": "h", "method": "textDocument/hover", "params": AT})
    client.write(header.format(len(body)).encode() + body.encode())
    assert client.answer("h")["result"] is None


def test_a_message_may_come_in_pieces(client: Client) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": "h", "method": "textDocument/hover", "params": AT})
    for byte in f"Content-Length: {len(body)}\r\n\r\n{body}".encode():
        client.write(bytes([byte]))
    assert client.answer("h")["result"] is None


def test_a_large_document(client: Client, uri: str) -> None:
    client.open(uri, "x = '😀'\n" * 200_000 + "BAD")
    assert client.diagnostics(uri, 1)[0]["range"]["start"]["line"] == 200_000


# Requests in flight


def test_shutdown_cancels_what_is_in_flight(own: Client, uri: str) -> None:
    asked = own.request_body("textDocument/codeAction", actions_of(uri))
    stop = own.request_body("shutdown")
    own.send(opening(uri, "STUCK BAD"), asked, stop, {"method": "exit"})
    assert own.answer(asked["id"])["error"]["code"] == -32800
    assert own.answer(stop["id"])["result"] is None
    assert own.exit_code() == 0


def test_a_request_is_cancelled(client: Client, uri: str) -> None:
    client.open(uri, "STUCK BAD")
    asked = client.ask("textDocument/codeAction", actions_of(uri))
    client.notify("$/cancelRequest", {"id": asked})
    assert client.answer(asked)["error"]["code"] == -32800
    client.close(uri)
    lives(client)


def test_a_request_waits_for_the_analysis(client: Client, uri: str) -> None:
    client.open(uri, "SLOW BAD")
    assert len(client.request("textDocument/codeAction", actions_of(uri))) == 1


def test_a_request_whose_text_changes_meanwhile_is_refused(client: Client, uri: str) -> None:
    client.open(uri, "STUCK BAD")
    asked = client.ask("textDocument/codeAction", actions_of(uri))
    client.change(uri, 2, edit(0, 0, 5, ""))
    assert client.answer(asked)["error"]["code"] == -32801
    assert len(client.diagnostics(uri, 2)) == 1


def test_a_document_that_is_stuck_holds_up_no_other(client: Client, uri: str) -> None:
    client.open(uri, "STUCK")
    client.open(f"{uri}.py", "BAD")
    assert len(client.diagnostics(f"{uri}.py", 1)) == 1
    client.close(uri)
    assert client.diagnostics(uri, None) == []


# Errors inside


def test_a_rule_that_raises_harms_nobody_else(client: Client, uri: str) -> None:
    client.open(uri, "RAISE BAD")
    client.logged("a rule raised")
    client.open("file:///other.py", "BAD")
    assert len(client.diagnostics("file:///other.py", 1)) == 1
    assert client.error("textDocument/hover", hover_at(uri)) == -32603
    client.change(uri, 2, edit(0, 0, 6, ""))
    assert len(client.diagnostics(uri, 2)) == 1
    lives(client)


def test_a_change_that_raises_leaves_the_editors_text(client: Client, uri: str) -> None:
    client.open(uri, "a BAD\n")
    client.change(uri, 2, edit(0, 0, 1, "DROP\n\n"))
    client.logged("the change was dropped")
    assert client.diagnostics(uri, 2)[0]["range"]["start"] == {"line": 2, "character": 1}
