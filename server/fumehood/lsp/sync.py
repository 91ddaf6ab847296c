"""`didOpen`, `didChange`, `didClose`: the engine's text follows the editor's."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from fumehood.config import Settings
from fumehood.lsp import diagnostics
from fumehood.lsp.documents import Document, is_python
from fumehood.lsp.uris import path_of
from fumehood.project import Project
from fumehood.text import Edit, Encoding, Text

if TYPE_CHECKING:
    from fumehood.engine import Engine
    from fumehood.lsp.server import Server

log = logging.getLogger(__name__)


class _Change(NamedTuple):
    """The text of a range, or without one the whole text."""

    range: tuple[int, int, int, int] | None
    text: str


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
        if engine is None or not is_python(uri, item.get("languageId")):
            return
        if uri in server.documents:
            log.warning("%s was opened twice", uri)
            engine.close(uri)
        engine.open(uri, text, settings_for(uri), project_for(uri))
        server.documents[uri] = Document(uri, version)
        server.schedule.changed(uri)

    def changed(self, params: Any) -> None:
        """Apply the changes of one version, in order."""
        server = self._server
        try:
            item = params["textDocument"]
            uri, version = _string(item["uri"]), _version(item)
            changes = [_change(change) for change in params["contentChanges"]]
        except (LookupError, TypeError) as error:
            raise _undecodable(error) from error
        document, engine = server.documents.get(uri), server.engine
        if document is None or engine is None:
            log.info("%s changed but is not open", uri)
            return
        if version is not None and document.version is not None and version <= document.version:
            log.warning("%s: version %d came after %d", uri, version, document.version)
            return
        for change in changes:
            _apply(engine, document, change, version, server.client.encoding)
        document.version = version
        server.schedule.changed(uri)

    def closed(self, params: Any) -> None:
        """Forget a document, and take its diagnostics back."""
        server = self._server
        try:
            uri = _string(params["textDocument"]["uri"])
        except (LookupError, TypeError) as error:
            raise _undecodable(error) from error
        if server.documents.pop(uri, None) is None or server.engine is None:
            return
        server.schedule.closed(uri)
        diagnostics.clear(server, uri)
        server.engine.close(uri)


def settings_for(uri: str) -> Settings:
    """What the project around a document asks for; the defaults where it is no file."""
    from fumehood.workspace import formatter as workspace

    path = path_of(uri)
    workspace.forget_settings()  # a document is opened seldom, and they may have been edited
    try:
        return Settings() if path is None else workspace.settings_for(path)
    except Exception:
        log.exception("the settings of %s could not be read", uri)
        return Settings()


def project_for(uri: str) -> Project:
    """What is known of the code around a document; nothing where it is no file."""
    from fumehood.workspace import projects

    path = path_of(uri)
    projects.forget_projects()
    try:
        return Project(naming=None) if path is None else projects.project_for(path)
    except Exception:
        log.exception("the project of %s could not be read", uri)
        return Project(naming=None)


def _apply(
    engine: Engine, document: Document, change: _Change, version: int | None, encoding: Encoding
) -> None:
    text = engine.text(document.uri)
    if change.range is None:
        document.replaced(version)
        try:
            engine.set_content(document.uri, change.text)
        except Exception:
            _reopen(engine, document, change.text)
        return
    edit = _edit(text, change.range, change.text, encoding)
    document.edited(edit, version)
    before = text.content
    try:
        engine.change(document.uri, [edit])
    except Exception:
        _reopen(engine, document, before[: edit.start] + edit.text + before[edit.end :])


def _reopen(engine: Engine, document: Document, content: str) -> None:
    """Whatever state the engine is in after an error: its text is the editor's again."""
    log.exception("%s is read anew", document.uri)
    with contextlib.suppress(Exception):
        engine.close(document.uri)
    engine.open(document.uri, content, settings_for(document.uri), project_for(document.uri))


def _edit(text: Text, place: tuple[int, int, int, int], new: str, encoding: Encoding) -> Edit:
    start = text.offset(place[0], place[1], encoding)
    end = text.offset(place[2], place[3], encoding)
    return Edit(min(start, end), max(start, end), new)


def _change(change: Any) -> _Change:
    text = _string(change["text"])
    place = change.get("range")
    if place is None:
        return _Change(None, text)
    start, end = place["start"], place["end"]
    numbers = (start["line"], start["character"], end["line"], end["character"])
    if not all(isinstance(number, int) for number in numbers):
        raise TypeError("a position is no number")
    return _Change(numbers, text)


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
