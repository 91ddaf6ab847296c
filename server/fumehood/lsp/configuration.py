"""The configuration of the open documents: from files, and from the client over them."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.config import Settings
from fumehood.lsp.diagnostics import Json, range_of
from fumehood.lsp.documents import Change
from fumehood.lsp.uris import path_of, uri_of
from fumehood.project import Project
from fumehood.text import Text

if TYPE_CHECKING:
    from fumehood.lsp.server import Server
    from fumehood.workspace.start import Start
    from fumehood.workspace.workspace import Workspace

log = logging.getLogger(__name__)

_SECTION = "fumehood"
# What a client may keep in the same section for itself.
_CLIENTS_OWN = frozenset({"trace", "server"})
_POLL = 2.0  # seconds between looks at the disk where the client does not watch it
_PAUSE = 0.3  # seconds after the last key in a configuration file
_WATCHED = ("**/*.py", "**/*.ini", "**/*.toml")
_WARNING = 2  # MessageType
_SEVERITIES = {"error": 1, "warning": 2}


class Configuration:
    """What each document is checked in the light of; follows the disk, the client, the keys."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._workspace: Workspace | None = None
        self._root = Path.cwd()
        self._initial: Mapping[str, Any] = {}
        self._asked: Mapping[str, Any] = {}
        self._texts: dict[str, Text] = {}  # of configuration files that are open
        self._versions: dict[str, int | None] = {}
        self._unsettled: set[str] = set()
        self._published: dict[str, list[Json]] = {}
        self._pause: asyncio.TimerHandle | None = None

    @property
    def workspace(self) -> Workspace:
        """The workspace; made when it is first asked for, since its import takes time."""
        if self._workspace is None:
            from fumehood.workspace.workspace import Workspace

            self._workspace = Workspace(origin="editor")
            self._override()
        return self._workspace

    def start(self, params: Mapping[str, Any]) -> None:
        """Take what `initialize` says."""
        options = params.get("initializationOptions")
        self._initial = _section(options, "initializationOptions")
        uri = params.get("rootUri")
        root = path_of(uri) if isinstance(uri, str) else None
        self._root = root or self._root

    def around(self, uri: str) -> tuple[Settings, Project]:
        """The settings and the project of a document; one without a path lies in the root."""
        path = path_of(uri) or self._root / "untitled.py"
        try:
            return self.workspace.around(path)
        except Exception:
            log.exception("the settings of %s could not be read", uri)
            return Settings(), Project(naming=None)

    def start_after(self, uri: str) -> Start | None:
        """What writes that checks start after the revision in a document."""
        self._settle()
        path = path_of(uri)
        return None if path is None else self.workspace.start(path)

    def uri(self, path: Path) -> str:
        """That of a file, in the client's own spelling for an open file."""
        own = (uri for uri in self._texts if path_of(uri) == path)
        return next(own, None) or uri_of(path)

    def version(self, uri: str) -> int | None:
        """The version of a configuration file that is open."""
        return self._versions.get(uri)

    def refresh(self) -> None:
        """Look at the disk; where it has changed, so has all that depends on it."""
        if self._workspace is not None and self._workspace.refresh():
            self.apply()

    def apply(self) -> None:
        """Let the open documents have what is in force now, and say what is wrong with it."""
        self._settle()
        server, engine = self._server, self._server.engine
        for uri in server.documents if engine else ():
            assert engine is not None
            if engine.configure(uri, *self.around(uri)):
                server.schedule.changed(uri)
        server.schedule.wake()
        self.publish()

    def publish(self) -> None:
        """The problems of configuration files as diagnostics, where they are others."""
        found: dict[str, list[Json]] = {}
        for path, problems in self.workspace.problems().items():
            uri, text = self.uri(path), Text(self.workspace.text(path))
            found[uri] = [
                {
                    "range": range_of(text, problem.span, self._server.client.encoding),
                    "severity": _SEVERITIES[problem.severity],
                    "source": "fumehood",
                    "code": "configuration",
                    "message": f"{problem.key}: {problem.message}".removeprefix(": "),
                }
                for problem in problems
            ]
        for uri in {**self._published, **found}:
            said = found.get(uri, [])
            if said != self._published.get(uri, []):
                self._send(uri, said)
        self._published = {uri: said for uri, said in found.items() if said}

    def opened(self, uri: str, text: str, version: int | None) -> None:
        """Follow the editor's text of a configuration file instead of the disk's."""
        self._texts[uri], self._versions[uri] = Text(text), version
        self._unsettled.add(uri)
        self.apply()

    def changed(self, uri: str, changes: Sequence[Change], version: int | None) -> None:
        """Apply the changes of one version, in order; they are in force after a pause."""
        text = self._texts.get(uri)
        if text is None:
            return
        for change in changes:
            text.replace(change.edit(text, self._server.client.encoding))
        self._versions[uri] = version
        self._unsettled.add(uri)
        if self._pause is not None:
            self._pause.cancel()
        self._pause = asyncio.get_running_loop().call_later(_PAUSE, self.apply)

    def closed(self, uri: str) -> None:
        """Follow the disk again."""
        self._versions.pop(uri, None)
        if self._texts.pop(uri, None) is not None:
            self._unsettled.add(uri)
            self.apply()

    def ask(self) -> None:
        """Ask the client for its settings; they are in force when it answers."""
        items = {"items": [{"section": _SECTION}]}
        self._server.protocol.ask(types.WORKSPACE_CONFIGURATION, items, self._answered)

    def take(self, settings: object) -> None:
        """Let the client's settings be these."""
        self._asked = _section(settings, "the editor's settings")
        if self._workspace is not None:
            self._override()
            self.apply()

    def poll(self) -> None:
        """Look at the disk from time to time."""
        self.refresh()
        asyncio.get_running_loop().call_later(_POLL, self.poll)

    def _answered(self, result: object) -> None:
        self.take(result[0] if isinstance(result, list) and result else None)

    def _settle(self) -> None:
        """Let the workspace have the texts as they are in the editor."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        for uri in self._unsettled:
            text = self._texts.get(uri)
            if (path := path_of(uri)) is not None:
                self.workspace.set_text(path, None if text is None else text.content)
        self._unsettled.clear()

    def _override(self) -> None:
        assert self._workspace is not None
        given = {**self._initial, **self._asked}
        wrong = self._workspace.set_overrides(given, "editor")
        if wrong:
            message = "fumehood: " + " ".join(wrong) + " What is wrong is left out."
            self._server.protocol.announce(
                types.WINDOW_SHOW_MESSAGE, {"type": _WARNING, "message": message}
            )

    def _send(self, uri: str, said: list[Json]) -> None:
        params: Json = {"uri": uri, "diagnostics": said}
        if (version := self._versions.get(uri)) is not None:
            params["version"] = version
        self._server.protocol.announce(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)


def register(server: Server) -> None:
    """Follow what the client says about settings and files."""
    configuration, protocol = server.configuration, server.protocol

    def initialized(_params: object) -> None:
        registers = server.client.registers
        wanted = [
            registration
            for registration in (_FILES, _SETTINGS)
            if registration["method"] in registers
        ]
        if wanted:
            params = {"registrations": wanted}
            protocol.ask(types.CLIENT_REGISTER_CAPABILITY, params, refused=configuration.poll)
        if server.client.configuration:
            configuration.ask()
        if _FILES["method"] not in registers:
            configuration.poll()

    def settings_changed(params: Any) -> None:
        if server.client.configuration:
            configuration.ask()
        else:
            settings = params.get("settings") if isinstance(params, Mapping) else None
            configuration.take(settings.get(_SECTION) if isinstance(settings, Mapping) else None)

    def disk_changed(_params: object) -> None:
        configuration.refresh()

    protocol.raw(types.INITIALIZED, initialized)
    protocol.raw(types.WORKSPACE_DID_CHANGE_CONFIGURATION, settings_changed)
    protocol.raw(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, disk_changed)
    protocol.raw(types.TEXT_DOCUMENT_DID_SAVE, disk_changed)


_FILES = {
    "id": "fumehood-files",
    "method": types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
    "registerOptions": {"watchers": [{"globPattern": glob} for glob in _WATCHED]},
}
_SETTINGS = {
    "id": "fumehood-settings",
    "method": types.WORKSPACE_DID_CHANGE_CONFIGURATION,
    "registerOptions": {"section": _SECTION},
}


def _section(settings: object, origin: str) -> Mapping[str, Any]:
    """Options by their keys in a file; `lineLength` is `line-length`, null is none."""
    if settings is None:
        return {}
    if not isinstance(settings, Mapping):
        log.warning("%s: no object of options; nothing is taken from it", origin)
        return {}
    inner = settings.get(_SECTION)  # as some clients have it
    given = inner if isinstance(inner, Mapping) else settings
    return {_kebab(key): value for key, value in given.items() if key not in _CLIENTS_OWN}


def _kebab(key: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda upper: "-" + upper[0].lower(), key)
