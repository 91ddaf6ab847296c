"""The rules' pages as documents and behind actions; what a report of a problem needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import FAKE_SERVER, SERVER, Client, Json, actions_of

from fumehood import __version__, pages

RULE = "only-concurrent-indexes"
SHOW = "fumehood.showDocumentation"


def capabilities(content: bool) -> Json:
    """Those of a client that shows documents, and may ask servers for their text."""
    workspace = {"textDocumentContent": {"dynamicRegistration": True}} if content else {}
    return {
        "textDocument": {
            "codeAction": {"codeActionLiteralSupport": {}},
            "publishDiagnostics": {"codeDescriptionSupport": True},
        },
        "window": {"showDocument": {"support": True}},
        "workspace": workspace,
    }


@pytest.fixture(scope="module")
def showing() -> Iterator[Client]:
    """A server whose client shows documents, for tests that leave it as it was."""
    with Client(FAKE_SERVER) as client:
        client.initialize(capabilities(content=True))
        yield client


@pytest.mark.parametrize("content", [True, False])
def test_a_finding_leads_to_its_page(started: Client, uri: str, content: bool) -> None:
    result = started.initialize(capabilities(content))
    assert SHOW in result["capabilities"]["executeCommandProvider"]["commands"]
    started.open(uri, "BAD")
    [found] = started.diagnostics(uri, 1)
    page = found["codeDescription"]["href"]

    *_, action = started.request("textDocument/codeAction", actions_of(uri))
    assert action["title"] == f"Show documentation of {RULE}"
    assert started.request("codeAction/resolve", action) == action
    command = started.ask("workspace/executeCommand", action["command"])
    assert started.asked("window/showDocument", {"success": True})["uri"] == page
    assert started.answer(command)["result"] is None

    if content:
        assert result["capabilities"]["workspace"]["textDocumentContent"]["schemes"] == ["fumehood"]
        text = started.request("workspace/textDocumentContent", {"uri": page})["text"]
        assert text == pages.shown(RULE)
    else:
        assert "textDocumentContent" not in result["capabilities"]["workspace"]
        assert page == pages.file(RULE).as_uri()


def test_one_action_for_several_findings_of_a_rule(showing: Client, uri: str) -> None:
    showing.open(uri, "BAD BAD")
    titles = [each["title"] for each in showing.request("textDocument/codeAction", actions_of(uri))]
    assert titles.count(f"Show documentation of {RULE}") == 1


def test_a_client_that_shows_no_documents_is_offered_none(shared: Client, uri: str) -> None:
    shared.open(uri, "BAD")
    [found] = shared.diagnostics(uri, 1)
    assert "codeDescription" not in found
    offered = shared.request("textDocument/codeAction", actions_of(uri))
    assert not [each for each in offered if "command" in each]


def test_the_page_of_all_rules(showing: Client) -> None:
    text = showing.request("workspace/textDocumentContent", {"uri": "fumehood:/rules.md"})["text"]
    for rule in pages.ids():
        assert f"](rules/{rule}.md)" in text
        address = {"uri": f"fumehood:/rules/{rule}.md"}
        assert showing.request("workspace/textDocumentContent", address)["text"].startswith("# ")


@pytest.mark.parametrize(
    "uri", ["fumehood:/rules/no-such.md", "file:///rules/only-concurrent-indexes.md", "", 3, "a:[b"]
)
def test_there_is_no_such_document(showing: Client, uri: object) -> None:
    assert showing.error("workspace/textDocumentContent", {"uri": uri}) == -32602


@pytest.mark.parametrize(
    "params", [{"command": "rm"}, {}, None, {"command": SHOW}, {"command": SHOW, "arguments": [3]}]
)
def test_there_is_no_such_command(shared: Client, params: object) -> None:
    assert shared.error("workspace/executeCommand", params) == -32602


def test_debug_information(tmp_path: Path) -> None:
    (tmp_path / "fumehood.toml").write_text("postgres-version = 14\nline-length = 0\n")
    with Client(SERVER) as client:
        client.initialize(clientInfo={"name": "Ed", "version": "1"}, rootUri=tmp_path.as_uri())
        arguments = {"command": "fumehood.debugInformation"}
        text = client.request("workspace/executeCommand", arguments)
        assert f"fumehood: {__version__}\n" in text
        assert "client: Ed 1, utf-16\n" in text
        assert "engine: ready\n" in text
        assert "no warnings, no errors\n" in text
        assert "settings of" not in text

        uri = (tmp_path / "b.py").as_uri()
        arguments = {"command": "fumehood.debugInformation", "arguments": [uri]}
        text = client.request("workspace/executeCommand", arguments)
        assert f"settings of {tmp_path / 'b.py'}:\n" in text
        assert "  downgrade = true (default)\n" in text
        assert "no rule has run\n" in text
        assert "fumehood.toml:2:15: line-length" in text


def test_debug_information_counts_the_work(tmp_path: Path) -> None:
    text = 'from alembic import op\nrevision = "2"\ndown_revision = "1"\ndef upgrade():\n'
    with Client(SERVER) as client:
        client.initialize(rootUri=tmp_path.as_uri())
        uri = (tmp_path / "m.py").as_uri()
        client.open(uri, f'{text}    op.create_index("ix", "t", ["a"])\n')
        assert len(client.diagnostics(uri, 1)) == 1
        arguments = {"command": "fumehood.debugInformation", "arguments": [uri]}
        text = client.request("workspace/executeCommand", arguments)
    assert "lines parsed: 5\n" in text
    assert re.search(
        r"^slowest rules:\n(?:  .*\n)*  only-concurrent-indexes: \d+ runs, [\d.]+ ms$", text, re.M
    )
    assert f"revisions around {tmp_path / 'm.py'}: 0, 0 of them not read yet\n" in text


def test_debug_information_has_the_last_errors() -> None:
    with Client([*FAKE_SERVER, "broken"]) as client:
        client.initialize()
        client.logged("no engine today")
        arguments = {"command": "fumehood.debugInformation"}
        text = client.request("workspace/executeCommand", arguments)
        assert "engine: not ready\n" in text
        assert "RuntimeError: no engine today" in text
