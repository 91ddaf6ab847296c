"""An editor in small: holds its own text, types, and applies what the server sends."""

from __future__ import annotations

import ast
import asyncio
from dataclasses import dataclass, field

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

PATIENCE = 60.0  # seconds: a loaded machine, not a slow server
PUBLISH = types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
REGISTER = types.CLIENT_REGISTER_CAPABILITY
BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


class RecordingClient(LanguageClient):
    """Remembers the diagnostics of every version."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.registered: list[str] = []
        self.published: dict[tuple[str, int | None], list[types.Diagnostic]] = {}


def make_client() -> RecordingClient:
    """A client for pytest-lsp."""
    client = RecordingClient(converter_factory=default_converter)

    def publish(client: LanguageClient, params: types.PublishDiagnosticsParams) -> None:
        assert (params.uri, params.version) not in client.published, "published twice"
        client.published[params.uri, params.version] = list(params.diagnostics)

    def register(client: LanguageClient, params: types.RegistrationParams) -> None:
        client.registered += [each.method for each in params.registrations]

    publish.__annotations__["client"] = LanguageClient
    register.__annotations__["client"] = LanguageClient
    register_lsp_features(client, {**DEFAULT_CLIENT_FEATURES, PUBLISH: publish, REGISTER: register})
    return client


@dataclass
class Editor:
    """One open document. Every version has its text, for undo."""

    client: RecordingClient
    uri: str
    texts: list[str]
    encoding: str = field(init=False)

    @property
    def text(self) -> str:
        return self.texts[-1]

    @property
    def version(self) -> int:
        return len(self.texts)

    async def start(self, capabilities: types.ClientCapabilities) -> types.InitializeResult:
        """Initialize the server and open the document."""
        params = types.InitializeParams(capabilities=capabilities)
        result = await self.client.initialize_session(params)
        self.encoding = result.capabilities.position_encoding
        self.open()
        return result

    def open(self) -> None:
        """Open the document."""
        item = types.TextDocumentItem(self.uri, "python", self.version, self.text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def replace(self, start: int, end: int, new: str) -> None:
        """Change the text and tell the server."""
        place = types.Range(self.position(start), self.position(end))
        self.texts.append(self.text[:start] + new + self.text[end:])
        change = types.TextDocumentContentChangePartial(text=new, range=place)
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def type(self, at: int, words: str) -> None:
        """Type, one key after another."""
        for index, key in enumerate(words):
            self.replace(at + index, at + index, key)

    def undo_to(self, text: str) -> None:
        """Go back, in the single change of an editor's undo."""
        self.replace(0, len(self.text), text)

    async def diagnostics(self) -> list[types.Diagnostic]:
        """The diagnostics of the present version."""
        key = (self.uri, self.version)
        async with asyncio.timeout(PATIENCE):
            while key not in self.client.published:
                await self.client.wait_for_notification(PUBLISH)
                await asyncio.sleep(0)
        return self.client.published[key]

    async def actions(
        self, diagnostic: types.Diagnostic, **context: object
    ) -> list[types.CodeAction]:
        """What is offered at a diagnostic, resolved as far as the client has to."""
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(self.uri),
            types.Range(diagnostic.range.start, diagnostic.range.start),
            types.CodeActionContext([diagnostic], **context),
        )
        async with asyncio.timeout(PATIENCE):
            offered = await self.client.text_document_code_action_async(params) or []
            return [
                action
                if action.edit is not None
                else await self.client.code_action_resolve_async(action)
                for action in offered
                # lsprotocol decodes an action that has a command, and no edit, as that command.
                if isinstance(action, types.CodeAction)
            ]

    def apply(self, action: types.CodeAction) -> None:
        """Apply an edit as the protocol says: all ranges are of the text before it."""
        edits = [(*self.span(edit.range), edit.new_text) for edit in self._edits(action.edit)]
        for edit in sorted(edits, reverse=True):
            self.replace(*edit)

    def words_at(self, place: types.Range) -> str:
        start, end = self.span(place)
        return self.text[start:end]

    def span(self, place: types.Range) -> tuple[int, int]:
        return self._offset(place.start), self._offset(place.end)

    def position(self, offset: int) -> types.Position:
        before = self.text[:offset].split("\n")
        width = BYTES[self.encoding]
        return types.Position(len(before) - 1, len(self._encode(before[-1])) // width)

    def _offset(self, place: types.Position) -> int:
        lines = self.text.split("\n")
        line = self._encode(lines[place.line])[: place.character * BYTES[self.encoding]]
        decoded = line.decode(self._codec())
        return sum(len(line) + 1 for line in lines[: place.line]) + len(decoded)

    def _encode(self, text: str) -> bytes:
        return text.encode(self._codec())

    def _codec(self) -> str:
        return self.encoding if self.encoding == "utf-8" else f"{self.encoding}-le"

    def _edits(self, edit: types.WorkspaceEdit) -> list[types.TextEdit]:
        versions = self.client.capabilities.workspace.workspace_edit
        if versions is not None and versions.document_changes:
            assert edit.changes is None
            [change] = edit.document_changes
            assert change.text_document == types.OptionalVersionedTextDocumentIdentifier(
                self.uri, self.version
            )
            return change.edits
        assert edit.document_changes is None
        assert list(edit.changes) == [self.uri]
        return edit.changes[self.uri]


MIGRATION = '''\
"""Users get an index. 😀"""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    pass


def downgrade() -> None:
    op.execute("SELECT '漢😀'")
'''
CALL = 'op.create_index("ix_😀_é", "users", ["email"])'


async def type_see_fix_undo(editor: Editor) -> None:
    """What a person does, and what they may expect of it."""
    assert await editor.diagnostics() == []
    start = editor.text.index("pass")
    editor.replace(start, start + len("pass"), "")
    editor.type(start, CALL)
    typed = editor.text

    [found] = seen = await editor.diagnostics()
    assert found.code == "only-concurrent-indexes"
    assert editor.words_at(found.range) == "op.create_index"

    offered = await editor.actions(found)
    preferred = next(action for action in offered if action.is_preferred)
    assert [one.code for one in preferred.diagnostics] == [found.code]
    editor.apply(preferred)
    assert_fixed(editor.text)
    assert await editor.diagnostics() == []

    editor.undo_to(typed)
    assert await editor.diagnostics() == seen

    [everything] = await editor.actions(found, only=["source.fixAll"])
    editor.apply(everything)
    assert_fixed(editor.text)
    assert await editor.diagnostics() == []


def assert_fixed(text: str) -> None:
    """The statement runs concurrently, in a block of its own, and nothing else has changed."""
    ast.parse(text)
    before, after = MIGRATION.split("    pass\n")
    assert text.startswith(before)
    assert text.endswith(after)
    body = text.removeprefix(before).removesuffix(after)
    assert body.startswith("    with op.get_context().autocommit_block():\n")
    words = "".join(body.split())
    call = 'op.create_index("ix_😀_é","users",["email"],postgresql_concurrently=True'
    assert call in words
