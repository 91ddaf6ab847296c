"""`didOpen`, `didChange`, `didClose`: the engine's text follows the editor's."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from fumehood.lsp.documents import Change, Document, is_configuration, is_python

if TYPE_CHECKING:
    from fumehood.engine import Engine
    from fumehood.lsp.server import Server

log = logging.getLogger(__name__)


def register(server: Server) -> None:
    """Follow the open documents. Their params are decoded here: cattrs takes too long for a key."""
    sync = _Sync(server)
    server.protocol.raw(types.TEXT_DOCUMENT_DID_OPEN, sync.opened)
    server.protocol.raw(types.TEXT_DOCUMENT_DID_CHANGE, sync.changed)
    server.protocol.raw(types.TEXT_DOCUMENT_DID_CLOSE, sync.closed)


class _Sync:
    def __init__(self, server: Server) -> None:
        self._server = server

    def opened(self, params: Any) -> None:
        """Begin to analyse a document, if it is Python."""
        server, engine = self._server, self._server.engine
        try:
            item = params["textDocument"]
            uri, text, version = _string(item["uri"]), _string(item["text"]), _version(item)
        except (LookupError, TypeError) as error:
            raise _undecodable(error) from error
        if is_configuration(uri):
            server.configuration.opened(uri, text, version)
        if engine is None or not is_python(uri, item.get("languageId")):
            return
        if uri in server.documents:
            log.warning("%s was opened twice", uri)
            engine.close(uri)
        server.configuration.refresh()
        server.indexing.share()
        server.indexing.opened(uri)
        engine.open(uri, text, *server.configuration.around(uri))
        server.documents[uri] = Document(uri, version)
        server.unopened.opened(uri)
        server.indexing.look()
        server.schedule.changed(uri)
        server.configuration.publish()

    def changed(self, params: Any) -> None:
        """Apply the changes of one version, in order."""
        server = self._server
        try:
            item = params["textDocument"]
            uri, version = _string(item["uri"]), _version(item)
            changes = [_change(change) for change in params["contentChanges"]]
        except (LookupError, TypeError) as error:
            raise _undecodable(error) from error
        if is_configuration(uri):
            return server.configuration.changed(uri, changes, version)
        document, engine = server.documents.get(uri), server.engine
        if document is None or engine is None:
            log.info("%s changed but is not open", uri)
            return
        if version is not None and document.version is not None and version <= document.version:
            log.warning("%s: version %d came after %d", uri, version, document.version)
            return
        for change in changes:
            self._apply(engine, document, change, version)
        document.version = version
        server.schedule.changed(uri)

    def closed(self, params: Any) -> None:
        """Forget a document, and take its diagnostics back."""
        server = self._server
        try:
            uri = _string(params["textDocument"]["uri"])
        except (LookupError, TypeError) as error:
            raise _undecodable(error) from error
        if is_configuration(uri):
            server.configuration.closed(uri)
        if server.documents.pop(uri, None) is None or server.engine is None:
            return
        server.schedule.closed(uri)
        server.indexing.closed(uri)
        server.diagnostics.clear(server, uri)
        server.engine.close(uri)
        server.unopened.refresh()

    def _apply(
        self, engine: Engine, document: Document, change: Change, version: int | None
    ) -> None:
        text = engine.text(document.uri)
        if change.range is None:
            document.replaced(version)
            try:
                engine.set_content(document.uri, change.text)
            except Exception:
                self._reopen(engine, document, change.text)
            return
        edit = change.edit(text, self._server.client.encoding)
        document.edited(edit, version)
        before = text.content
        try:
            engine.change(document.uri, [edit])
        except Exception:
            self._reopen(engine, document, before[: edit.start] + edit.text + before[edit.end :])

    def _reopen(self, engine: Engine, document: Document, content: str) -> None:
        """Whatever state the engine is in after an error: its text is the editor's again."""
        log.exception("%s is read anew", document.uri)
        with contextlib.suppress(Exception):
            engine.close(document.uri)
        around = self._server.configuration.around(document.uri)
        engine.open(document.uri, content, *around)


def _change(change: Any) -> Change:
    text = _string(change["text"])
    place = change.get("range")
    if place is None:
        return Change(None, text)
    start, end = place["start"], place["end"]
    numbers = (start["line"], start["character"], end["line"], end["character"])
    if not all(isinstance(number, int) for number in numbers):
        raise TypeError("a position is no number")
    return Change(numbers, text)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no string")
    return value


def _version(item: Mapping[str, Any]) -> int | None:
    version = item.get("version")
    return version if isinstance(version, int) else None


def _undecodable(error: Exception) -> JsonRpcInvalidParams:
    reason = f"{type(error).__name__}: {error}"
    return JsonRpcInvalidParams(f"{JsonRpcInvalidParams.MESSAGE}: {reason}")
