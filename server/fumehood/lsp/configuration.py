"""The configuration of the open documents: from files, and from the client over them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fumehood.config import Settings
from fumehood.head import Head, NoHeadError
from fumehood.lsp.diagnostics import Json, range_of
from fumehood.lsp.documents import Change
from fumehood.lsp.uris import path_of, uri_of
from fumehood.lsp.workspaces import SECTION, Scope, Workspaces, answers
from fumehood.project import Project
from fumehood.text import Text

if TYPE_CHECKING:
    from fumehood.lsp.server import Server
    from fumehood.models.catalog import InProject
    from fumehood.revision_flaws import Flaw
    from fumehood.schema import Schema
    from fumehood.workspace.start import Start

log = logging.getLogger(__name__)

_POLL = 2.0  # seconds between looks at the disk where the client does not watch it
_PAUSE = 0.3  # seconds after the last key in a configuration file
_WATCHED = ("**/*.py", "**/*.ini", "**/*.toml")
_WARNING = 2  # MessageType
Around = tuple[Settings, Project, "Schema | None", "InProject | None", "tuple[Flaw, ...]"]
_SEVERITIES = {"error": 1, "warning": 2}


class Configuration:
    """What each document is checked in the light of; follows the disk, the client, the keys."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.workspaces = Workspaces()
        self._texts: dict[str, Text] = {}  # of configuration files that are open
        self._versions: dict[str, int | None] = {}
        self._unsettled: set[str] = set()
        self._published: dict[str, list[Json]] = {}
        self._pause: asyncio.TimerHandle | None = None
        self._search: Generator[None, None, None] | None = None

    def around(self, uri: str) -> Around:
        """What a document is checked in the light of, as the engine is given it.

        A document without a path lies in the root.
        """
        path = path_of(uri) or self.workspaces.root / "untitled.py"
        try:
            workspace = self.workspaces.of(path)
            settings, project = workspace.around(path)
            before, models, flaws = (
                workspace.before(path),
                workspace.models(path),
                workspace.flaws(path),
            )
            if workspace.excludes(path):
                settings, flaws = replace(settings, checked=False), ()
            return settings, project, before, models, flaws
        except Exception:
            log.exception("the settings of %s could not be read", uri)
            return Settings(), Project(naming=None), None, None, ()

    def start_after(self, uri: str) -> Start | None:
        """What writes that checks start after the revision in a document."""
        self._settle()
        path = path_of(uri)
        return None if path is None else self.workspaces.of(path).start(path)

    def head(self, uri: str, texts: Mapping[str, str]) -> Head:
        """The head of the branch of a document; `texts` are those of open ones, by their URIs.

        Raises NoHeadError.
        """
        path = path_of(uri)
        if path is None:
            raise NoHeadError("it is not saved")
        own = {each: text for uri, text in texts.items() if (each := path_of(uri)) is not None}
        return self.workspaces.of(path).head(path, own)

    def uri(self, path: Path) -> str:
        """That of a file, in the client's own spelling for an open file."""
        own = (uri for uri in self._texts if path_of(uri) == path)
        return next(own, None) or uri_of(path)

    def version(self, uri: str) -> int | None:
        """The version of a configuration file that is open."""
        return self._versions.get(uri)

    def refresh(self) -> None:
        """Look at the disk; where it has changed, so has all that depends on it."""
        if self.workspaces.refresh():
            self.apply()
            self._server.indexing.look()
            self._server.unopened.refresh()

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
        """Say what is wrong with settings and configuration files, and find out what else is."""
        self._say_wrong_settings()
        self._say_problems()
        if self._search is not None:
            self._search.close()
        self._search = self._look()
        self._server.schedule.background(self._search)

    def _say_problems(self) -> None:
        """The problems of configuration files as diagnostics, where they are others."""
        found: dict[str, list[Json]] = {}
        for path, (content, problems) in self.workspaces.problems().items():
            uri, text = self.uri(path), Text(content)
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
        self._pause = asyncio.get_running_loop().call_later(_PAUSE, self._paused)

    def closed(self, uri: str) -> None:
        """Follow the disk again."""
        self._versions.pop(uri, None)
        if self._texts.pop(uri, None) is not None:
            self._unsettled.add(uri)
            self._paused()

    def ask(self) -> None:
        """Ask the client for its settings, folder by folder; they are in force when it answers."""
        scopes = self.workspaces.scopes
        items = [{"scopeUri": scope} if scope else {} for scope in scopes]
        self._server.protocol.ask(
            types.WORKSPACE_CONFIGURATION,
            {"items": [{**item, "section": SECTION} for item in items]},
            lambda result: self._take(answers(scopes, result)),
        )

    def take(self, settings: object) -> None:
        """Let the client's settings be these, in all folders."""
        self._take(dict.fromkeys(self.workspaces.scopes, settings))

    def change_folders(self, added: object, removed: object) -> None:
        """Follow the client's folders."""
        self.workspaces.change_folders(added, removed)
        self._server.indexing.opened_all()
        self._server.indexing.look_through()
        if self._server.client.configuration:
            self.ask()
        self.apply()
        self._server.unopened.refresh()

    def poll(self) -> None:
        """Look at the disk from time to time."""
        self.refresh()
        self._server.indexing.look_through(patiently=True)
        asyncio.get_running_loop().call_later(_POLL, self.poll)

    def _paused(self) -> None:
        self.apply()
        self._server.unopened.refresh()

    def _take(self, settings: Mapping[Scope, object]) -> None:
        self.workspaces.take(settings)
        self.apply()
        self._server.unopened.refresh()

    def _look(self) -> Generator[None, None, None]:
        """Find out what else is wrong."""
        yield from self.workspaces.search()
        self._say_problems()

    def _settle(self) -> None:
        """Let the workspace have the texts as they are in the editor."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        for uri in self._unsettled:
            text = self._texts.get(uri)
            if (path := path_of(uri)) is not None:
                self.workspaces.set_text(path, None if text is None else text.content)
        self._unsettled.clear()

    def _say_wrong_settings(self) -> None:
        """Say what is wrong with the client's own settings, each thing once."""
        wrong, self.workspaces.wrong = self.workspaces.wrong, []
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
        wanted = [each for each in (_FILES, _SETTINGS) if each["method"] in registers]
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
            configuration.take(settings.get(SECTION) if isinstance(settings, Mapping) else None)

    def disk_changed(_params: object) -> None:
        configuration.refresh()
        server.indexing.look_through()
        server.unopened.refresh()

    def folders_changed(params: Any) -> None:
        event = params.get("event") if isinstance(params, Mapping) else None
        if isinstance(event, Mapping):
            configuration.change_folders(event.get("added"), event.get("removed"))

    protocol.raw(types.INITIALIZED, initialized)
    protocol.raw(types.WORKSPACE_DID_CHANGE_CONFIGURATION, settings_changed)
    protocol.raw(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, folders_changed)
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
    "registerOptions": {"section": SECTION},
}
