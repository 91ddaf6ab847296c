"""The workspaces of the client's folders: each folder may have settings of its own."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fumehood.lsp.uris import path_of, uri_of

if TYPE_CHECKING:
    from fumehood.beside import Other
    from fumehood.options import ConfigProblem
    from fumehood.workspace.workspace import Workspace

log = logging.getLogger(__name__)

SECTION = "fumehood"
# What a client may keep in the same section for itself.
_CLIENTS_OWN = frozenset({"logFile", "trace", "server"})
Scope = str | None  # a folder's URI; None for documents that lie in none


class Workspaces:
    """One workspace for each folder that is met, and one for what lies in none of several."""

    def __init__(self) -> None:
        self.root = Path.cwd()  # where a document without a path is taken to lie
        self._folders: dict[str, Path] = {}  # by URI, the innermost first
        self._initial: Mapping[str, Any] = {}
        self._asked: dict[Scope, Mapping[str, Any]] = {}
        self._made: dict[Scope, Workspace] = {}
        self._texts: dict[Path, str] = {}
        self._said: set[str] = set()
        self.wrong: list[str] = []  # what is wrong with the settings and was not told yet

    def start(self, params: Mapping[str, Any]) -> None:
        """Take what `initialize` says."""
        options = params.get("initializationOptions")
        self._initial = _section(options, "initializationOptions")
        folders, root = params.get("workspaceFolders"), params.get("rootUri")
        self.change_folders(folders or [{"uri": root}], [])
        self.root = next(reversed(self._folders.values()), self.root)

    def change_folders(self, added: object, removed: object) -> None:
        """Follow the client's folders; what is of another shape is none."""
        before = {uri: self._outermost(uri) for uri in self._folders}
        for uri in _uris(removed):
            self._folders.pop(uri, None)
            self._asked.pop(uri, None)
        found = self._folders | {uri: path for uri in _uris(added) if (path := path_of(uri))}
        inner_first = sorted(found.items(), key=lambda item: -len(item[1].parts))
        self._folders = dict(inner_first)
        for uri, outer in before.items():
            if uri not in self._folders or self._outermost(uri) != outer:
                self._made.pop(uri, None)

    @property
    def scopes(self) -> list[Scope]:
        """What the client's settings are asked for."""
        folders: list[Scope] = list(self._folders)
        return folders if len(folders) == 1 else [*folders, None]

    def take(self, settings: Mapping[Scope, object]) -> None:
        """Let the client's settings be these."""
        asked = ((scope, _section(each, "settings")) for scope, each in settings.items())
        self._asked = dict(asked)
        for scope, workspace in self._made.items():
            self._override(scope, workspace)

    def of(self, path: Path) -> Workspace:
        """The workspace that a file belongs to."""
        return self._of(self._scope(path))

    def folder_of(self, path: Path) -> Path:
        """The client's folder that a file lies in."""
        inside = (folder for folder in self._folders.values() if path.is_relative_to(folder))
        return next(inside, self.root)

    def other(self, path: str, texts: Mapping[str, str]) -> Other | None:
        """A file of a project as it is now; `texts` are those of open ones, by their URIs."""
        from fumehood.workspace.other_files import other_file

        real = os.path.realpath(path)
        own = (each for each in texts if (at := path_of(each)) and os.path.realpath(at) == real)
        uri = next(own, None)
        workspace = self.of(Path(path))
        if uri is not None:
            return other_file(workspace, Path(path), (uri, texts[uri]))
        found = other_file(workspace, Path(path))
        return found and replace(found, path=uri_of(Path(path)))

    def set_text(self, path: Path, text: str | None) -> None:
        """Take a configuration file as the editor has it; None: as the disk has it again."""
        self._texts.pop(path, None)
        if text is not None:
            self._texts[path] = text
        for workspace in self._made.values():
            workspace.set_text(path, text)

    def refresh(self) -> bool:
        """Look at the disk; whether anything that was read has changed there."""
        changed = [workspace.refresh() for workspace in self._made.values()]
        return any(changed)

    def problems(self) -> dict[Path, tuple[str, list[ConfigProblem]]]:
        """The text of each configuration file that was met, and what is wrong with it."""
        found: dict[Path, tuple[str, list[ConfigProblem]]] = {}
        for scope, workspace in self._made.items():
            for path, problems in workspace.problems().items():
                if path not in found or self._scope(path) == scope:
                    found[path] = workspace.text(path), problems
        return found

    def look_through(self) -> Iterator[None]:
        """Look for the files of all folders, in small steps."""
        for scope in list(self._folders):
            yield from self._of(scope).look_through()

    def wanted_code(self) -> list[Path]:
        """The files of all folders that have to be outlined."""
        outer = (each for each in self._made.values() if each.outer is None)
        return [path for workspace in outer for path in workspace.wanted_code()]

    def whole(self) -> Iterator[tuple[Path, Workspace]]:
        """The folders all of whose files are to be checked, with their workspaces."""
        for uri, folder in self._folders.items():
            workspace = self._of(uri)
            if workspace.option(folder, "diagnostic-mode") == "workspace":
                yield folder, workspace

    def search(self) -> Iterator[None]:
        """Look for what configuration files name, in small steps."""
        for workspace in list(self._made.values()):
            yield from workspace.search()

    def _scope(self, path: Path) -> Scope:
        inside = (uri for uri, folder in self._folders.items() if path.is_relative_to(folder))
        return next(inside, next(iter(self._folders)) if len(self._folders) == 1 else None)

    def _of(self, scope: Scope) -> Workspace:
        if scope not in self._made:
            # Its import takes time, and `initialize` is answered without it.
            from fumehood.workspace.workspace import Workspace

            folders = [] if scope is None else [self._folders[scope]]
            outer = self._outermost(scope)
            around = None if outer == scope else self._of(outer)
            made = self._made[scope] = Workspace(origin="editor", folders=folders, outer=around)
            for path, text in self._texts.items():
                made.set_text(path, text)
            self._override(scope, made)
        return self._made[scope]

    def _outermost(self, scope: Scope) -> Scope:
        """The folder that holds a folder and all others around it: its files are read once."""
        if scope is None:
            return None
        own = self._folders[scope]
        holding = [uri for uri, folder in self._folders.items() if own.is_relative_to(folder)]
        return holding[-1]

    def _override(self, scope: Scope, workspace: Workspace) -> None:
        given = {**self._initial, **self._asked.get(scope, {})}
        for line in workspace.set_overrides(given, "editor"):
            if line not in self._said:
                self._said.add(line)
                self.wrong.append(line)


def answers(scopes: Sequence[Scope], result: object) -> dict[Scope, object]:
    """The client's answer by scope; nothing where it has another shape."""
    settings = result if isinstance(result, list) else []
    return dict(zip(scopes, settings, strict=False))


def _uris(folders: object) -> Iterator[str]:
    for folder in folders if isinstance(folders, list) else []:
        uri = folder.get("uri") if isinstance(folder, Mapping) else None
        if isinstance(uri, str):
            yield uri


def _section(settings: object, origin: str) -> Mapping[str, Any]:
    """Options by their keys in a file; `lineLength` is `line-length`, null is none."""
    if settings is None:
        return {}
    if not isinstance(settings, Mapping):
        log.warning("%s: no object of options; nothing is taken from it", origin)
        return {}
    inner = settings.get(SECTION)  # as some clients have it
    given = inner if isinstance(inner, Mapping) else settings
    return {_kebab(key): value for key, value in given.items() if key not in _CLIENTS_OWN}


def _kebab(key: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda upper: "-" + upper[0].lower(), key)
