"""The real server, used by editors that differ: type, see, fix, undo."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from editor import MIGRATION, Editor, RecordingClient, make_client, type_see_fix_undo
from lsprotocol import types
from pytest_lsp import ClientServerConfig, client_capabilities
from raw_client import ENVIRONMENT, ROOT, STARTED_SERVER
from tests.forking import program

EXAMPLES = ROOT / "examples"
WRONG_SERVER = program(str(Path(__file__).parent / "wrong_server.py"))


def minimal() -> types.ClientCapabilities:
    """Actions with their edits at once, without versions, data, preference or encodings."""
    kinds = types.ClientCodeActionKindOptions(value_set=["quickfix"])
    literals = types.ClientCodeActionLiteralOptions(code_action_kind=kinds)
    return types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(),
        text_document=types.TextDocumentClientCapabilities(
            code_action=types.CodeActionClientCapabilities(code_action_literal_support=literals)
        ),
    )


PROFILES = {
    "vscode": (lambda: client_capabilities("visual-studio-code"), "utf-16"),
    "neovim": (lambda: client_capabilities("neovim@v0.11"), "utf-8"),
    "emacs": (lambda: client_capabilities("emacs"), "utf-32"),
    "minimal": (minimal, "utf-16"),
}


@pytest_lsp.fixture(
    config=ClientServerConfig(STARTED_SERVER, client_factory=make_client, server_env=ENVIRONMENT)
)
async def client(lsp_client: RecordingClient) -> AsyncIterator[None]:
    """The real server."""
    yield
    await lsp_client.shutdown_session()


@pytest_lsp.fixture(
    config=ClientServerConfig(WRONG_SERVER, client_factory=make_client, server_env=ENVIRONMENT)
)
async def wrong_client(lsp_client: RecordingClient) -> AsyncIterator[None]:
    """A server with a wrong fix."""
    yield
    await lsp_client.shutdown_session()


@pytest.mark.parametrize(
    "name",
    [name if name == "vscode" else pytest.param(name, marks=pytest.mark.slow) for name in PROFILES],
)
async def test_type_see_fix_undo(client: RecordingClient, name: str, tmp_path: Path) -> None:
    capabilities, encoding = PROFILES[name]
    editor = Editor(client, (tmp_path / "my migrations" / "2_é.py").as_uri(), [MIGRATION])
    result = await editor.start(capabilities())
    assert result.capabilities.position_encoding == encoding
    await type_see_fix_undo(editor)
    assert client.messages == []
    assert all(each.type > types.MessageType.Warning for each in client.log_messages)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) for name in PROFILES if name != "minimal"]
    + ["minimal"],
)
async def test_a_wrong_fix_is_noticed(
    wrong_client: RecordingClient, name: str, tmp_path: Path
) -> None:
    editor = Editor(wrong_client, (tmp_path / "2.py").as_uri(), [MIGRATION])
    await editor.start(PROFILES[name][0]())
    with pytest.raises((AssertionError, SyntaxError)) as raised:
        await type_see_fix_undo(editor)
    assert "assert_fixed" in [entry.name for entry in raised.traceback]


@pytest.mark.parametrize("name", ["vscode", pytest.param("emacs", marks=pytest.mark.slow)])
async def test_the_diagnostic_says_no_more_than_the_client_knows(
    client: RecordingClient, name: str
) -> None:
    text = MIGRATION.replace("pass", 'op.create_index("ix", "users", ["email"])')
    editor = Editor(client, "untitled:Untitled-1", [text])
    await editor.start(PROFILES[name][0]())
    [found] = await editor.diagnostics()
    assert found.source == "fumehood"
    assert found.severity in (types.DiagnosticSeverity.Error, types.DiagnosticSeverity.Warning)
    assert found.message
    assert (found.data is not None) == (name == "vscode")
    assert found.related_information is None


@pytest.mark.parametrize("shown", [False, True])
async def test_hover_on_a_finding(client: RecordingClient, shown: bool) -> None:
    text = MIGRATION.replace("pass", 'op.create_index("ix", "users", ["email"])')
    editor = Editor(client, "file:///c%3A/Users/me/2.py", [text])
    capabilities = client_capabilities("visual-studio-code")
    capabilities.experimental = {"diagnosticsInHover": shown}
    await editor.start(capabilities)
    [found] = await editor.diagnostics()
    document = types.TextDocumentIdentifier(editor.uri)
    hover = await client.text_document_hover_async(types.HoverParams(document, found.range.start))
    assert hover.range == found.range
    assert hover.contents.kind == types.MarkupKind.Markdown
    assert "### Build and drop indexes without blocking writes\n" in hover.contents.value
    assert "Index ix on users" in found.message
    assert ("Index ix on users" in hover.contents.value) is not shown


@pytest.mark.slow
async def test_the_server_finds_what_the_command_line_finds(
    client: RecordingClient, tmp_path: Path
) -> None:
    # Where they lie they are a part of fumehood, all of which would be read for their queries.
    examples = shutil.copytree(EXAMPLES, tmp_path / "examples")
    command = program("-m", "fumehood", "check", "--output-format", "json", "examples")
    checked = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, cwd=tmp_path)
    expected = sorted(
        (finding["path"], finding["line"], finding["column"], finding["rule"])
        for finding in json.loads(checked.stdout)
    )
    paths = sorted(examples.rglob("versions/*.py"))
    editors = [Editor(client, path.as_uri(), [path.read_text()]) for path in paths]
    await editors[0].start(client_capabilities("emacs"))
    for editor in editors[1:]:
        editor.open()
    found = [
        (path.relative_to(tmp_path).as_posix(), start.line + 1, start.character + 1, one.code)
        for path, editor in zip(paths, editors, strict=True)
        for one in await editor.diagnostics()
        for start in [one.range.start]
    ]
    assert sorted(found) == expected
    assert expected
