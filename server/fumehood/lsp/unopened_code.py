"""Findings of models and queries in files that are not open.

What such a file has is known from its outline: it is cut to find the places, and nothing of it is
parsed but the lines of findings. Each file is checked again only when its text, its settings or
what it read of its project's catalog has changed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fumehood.lsp.progress import Progress
from fumehood.lsp.uris import path_of, uri_of
from fumehood.text import Text

if TYPE_CHECKING:
    from fumehood.config import Settings
    from fumehood.engine import Published
    from fumehood.lsp.server import Server
    from fumehood.models.catalog import Catalog, InProject, Key
    from fumehood.project import Project
    from fumehood.workspace.workspace import Workspace

log = logging.getLogger(__name__)

_SHOWN = 20  # files from which on progress is shown


class _Light(NamedTuple):
    """What a file is checked in the light of: its state on the disk, settings, project, models."""

    state: tuple[int, int]
    settings: Settings
    project: Project
    models: InProject


class _Checked(NamedTuple):
    """A file that was checked, with what was read of the catalog, as it was at that version."""

    light: _Light
    reads: frozenset[Key]
    version: int


class UnopenedCode:
    """Follows the files of projects in such folders. `analysed` counts real work."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._checked: dict[Path, _Checked] = {}
        self._found: set[Path] = set()
        self._left_out: set[Path] = set()
        self._changed: dict[tuple[Catalog, int, int], set[Key]] = {}
        self.analysed = 0

    @property
    def followed(self) -> int:
        """How many files are followed."""
        return len(self._checked)

    @property
    def found(self) -> int:
        """How many of them have findings."""
        return len(self._found)

    def opened(self, path: Path, uri: str) -> None:
        """A file is a document from now on, which has findings of its own."""
        self._checked.pop(path, None)
        if path in self._found and uri_of(path) != uri:
            self._say(path, Text(""), ())
        self._found.discard(path)

    def look(self, anew: bool) -> Iterator[None]:
        """Check what is due, in small steps. `anew`: files and settings may be others too."""
        self._changed.clear()
        if anew:
            self._left_out.clear()
        due: list[tuple[Path, _Light]] = []
        seen: set[Path] = set()
        for path, workspace, catalog in self._files():
            yield
            checked = self._checked.get(path)
            if path in self._left_out:
                continue
            light = checked.light if checked and not anew else self._light(path, workspace)
            if light is None and checked is not None and workspace.code.learned(path) is None:
                light = checked.light  # it is read again, and there is another round then
            if light is None:
                self._left_out.add(path)
                continue
            seen.add(path)
            if catalog.complete and not self._is_current(path, light):
                due.append((path, light))
        for path in self._checked.keys() - seen:
            self._forget(path)
        yield from self._check(due)

    def _files(self) -> Iterator[tuple[Path, Workspace, Catalog]]:
        workspaces, opened = self._server.configuration.workspaces, self._opened()
        for folder, workspace in workspaces.whole():
            for path, catalog in workspace.code.speaking():
                inside = path.is_relative_to(folder) and workspaces.of(path) is workspace
                if inside and path not in opened:
                    yield path, workspace, catalog

    def _opened(self) -> set[Path | None]:
        return {path_of(uri) for uri in self._server.documents}

    def _light(self, path: Path, workspace: Workspace) -> _Light | None:
        """None where no rule can have anything to say, or where its outline is not made yet."""
        state = workspace.code.learned(path)
        settings, project, _, models, _ = self._server.configuration.around(uri_of(path))
        if state is None or models is None or settings.is_test:
            return None
        if not settings.checked or not settings.is_postgresql:
            return None
        return _Light(state, settings, project, models._replace(known=True))

    def _is_current(self, path: Path, light: _Light) -> bool:
        checked = self._checked.get(path)
        if checked is None or checked.light != light:
            return False
        catalog = light.models.catalog
        between = catalog, checked.version, catalog.version
        if between not in self._changed:
            self._changed[between] = catalog.changed_since(checked.version)
        if not checked.reads.isdisjoint(self._changed[between]):
            return False
        self._checked[path] = checked._replace(version=catalog.version)
        return True

    def _check(self, due: Sequence[tuple[Path, _Light]]) -> Iterator[None]:
        progress = None
        if len(due) >= _SHOWN:
            progress = Progress(self._server.protocol, self._server.client)
            progress.begin("Checking models and queries", len(due))
        try:
            for path, light in due:
                try:
                    yield from self._analyse(path, light)
                except Exception:  # one file's failure is not the next one's
                    log.exception("the analysis of %s failed", path)
                if progress is not None:
                    progress.step(1)
        finally:
            if progress is not None:
                progress.end()

    def _analyse(self, path: Path, light: _Light) -> Iterator[None]:
        from fumehood.workspace.source import Found, SourceError, read_source

        engine, name = self._server.engine, str(path)
        assert engine is not None
        try:
            status = path.stat()
            text = read_source(Found(path, named=False)).text
        except (OSError, SourceError) as error:
            log.info("%s is left out: %s", path, error)
            return
        if (status.st_mtime_ns, status.st_size) != light.state:
            return  # its outline is of another text; there is another round when it is made anew
        engine.open(name, text, light.settings, light.project, models=light.models)
        try:
            while not engine.work(name, 0):
                yield
            found, reads = engine.findings(name), engine.reads(name)
        finally:
            engine.close(name)
        self.analysed += 1
        if path not in self._opened():
            self._checked[path] = _Checked(light, reads, light.models.catalog.version)
            if found or path in self._found:
                self._say(path, Text(text), found)

    def _forget(self, path: Path) -> None:
        """A file is gone, or is no longer looked at."""
        del self._checked[path]
        if path in self._found:
            self._found.discard(path)
            if not self._server.unopened.has_found(path):  # it may be a migration now
                self._say(path, Text(""), ())

    def _say(self, path: Path, text: Text, found: Sequence[Published]) -> None:
        (self._found.add if found else self._found.discard)(path)
        self._server.diagnostics.say(self._server, uri_of(path), None, text, found)
