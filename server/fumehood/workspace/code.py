"""The Python files of a workspace, project by project, and what their models are.

A project is the folder of the nearest pyproject.toml, setup.py, setup.cfg or fumehood.toml, or else
the workspace's. Where it holds several alembic.ini, as a repository of several services does, each
of their folders is a project of its own. What a project's files say is never asked in another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.history import History
from fumehood.models.catalog import Catalog, InProject
from fumehood.outline.parts import Outline
from fumehood.schema import Schema, Table, TableName

from .environment import Environment
from .environments import Environments
from .files import files
from .source import SourceError

if TYPE_CHECKING:
    from .outlines import Outlines
    from .workspace import Workspace

_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", "fumehood.toml")
_SERVICE = "alembic.ini"
_MOST_PENDING = 8  # files that are read anew while findings still count
_State = tuple[int, int]  # modification time in ns, size


@dataclass(eq=False, slots=True)
class Codebase:
    """One project. `histories` are those that its catalog has the tables of."""

    root: Path
    catalog: Catalog
    environments: list[Environment] = field(default_factory=list)
    histories: list[History] | None = None
    pending: set[Path] = field(default_factory=set)
    whole: bool = False  # all its files were read once


class Code:
    """The projects of some folders. All paths are absolute."""

    def __init__(self, folders: Iterable[Path], environments: Environments) -> None:
        self.folders = list(folders)
        self._environments = environments
        self._states: dict[Path, _State | None] = {}  # as the last scan found them
        self._learned: dict[Path, _State | None] = {}
        self._open: set[Path] = set()
        self._codebases: dict[Path, Codebase] = {}
        self._of: dict[Path, Codebase] = {}  # by file

    def scan(self, workspace: Workspace) -> Iterator[None]:
        """Look for files in small steps; afterwards, `wanted` are those that have to be read."""
        states: dict[Path, _State | None] = {}
        inside: dict[Path, list[Path]] = {}  # by folder
        environments: list[Environment] = []
        for folder in self.folders:
            for found in files([folder], _say_nothing, workspace):
                states[found.path] = _state(found.path)
                inside.setdefault(found.path.parent, []).append(found.path)
                yield
            for environment in self._environments.search(folder):
                if environment is not None:
                    environments.append(environment)
                yield
        roots = _roots(inside, self.folders)
        codebases = {
            root: self._codebases.get(root)
            or Codebase(root, Catalog(root=root.as_posix(), complete=False))
            for root in {*roots.values(), *self.folders}
        }
        of: dict[Path, Codebase] = {}
        for folder, paths in inside.items():
            of |= dict.fromkeys(paths, codebases[roots[folder]])
            yield
        self._take(states, of, codebases, environments)

    @property
    def codebases(self) -> list[Codebase]:
        """The projects that were found so far."""
        return list(self._codebases.values())

    def wanted(self, outlines: Outlines) -> list[Path]:
        """The files whose outlines have to be made, migrations included."""
        found = {path: None for each in self._codebases.values() for path in each.pending}
        for each in self._codebases.values():
            for environment in each.environments:
                found.update(dict.fromkeys(outlines.wanted(environment)))
        return list(found)

    def speaking(self) -> Iterator[tuple[Path, Catalog]]:
        """The files that may hold models or queries, with the catalogs of their projects."""
        for codebase in self.codebases:
            catalog = codebase.catalog
            for path in list(catalog.paths()):
                if catalog.may_speak(path):
                    yield codebase.root / path, catalog

    def learned(self, path: Path) -> _State | None:
        """The state of a file on the disk when its outline was made; None where none counts."""
        codebase = self._of.get(path)
        if codebase is None or path in self._open or path in codebase.pending:
            return None
        return self._learned.get(path)

    def learn(self, path: Path, outline: Outline | None) -> None:
        """Take a file's outline; None: it has nothing to say here."""
        codebase = self._of.get(path)
        if codebase is None:
            return
        codebase.pending.discard(path)
        self._learned[path] = self._states.get(path)
        if path not in self._open:
            codebase.catalog.replace(_inside(path, codebase), outline)

    def around(self, path: Path, outlines: Outlines) -> InProject | None:
        """A file's project, with what its migrations leave; None where it is in none."""
        codebase = self._codebase(path)
        if codebase is None:
            return None
        _follow(codebase, outlines)
        return InProject(codebase.catalog, _inside(path, codebase))

    def dialect(self, path: Path) -> str | None:
        """The dialect of the project's databases; None where it is not known, or one of them."""
        codebase = self._codebase(path)
        known = {each.dialect for each in codebase.environments} if codebase else set()
        return None if "postgresql" in known else min(filter(None, known), default=None)

    def environment(self, path: Path) -> Environment | None:
        """The Alembic environment of a file's project; None where it has none or several."""
        codebase = self._codebase(path)
        return codebase.environments[0] if codebase and len(codebase.environments) == 1 else None

    def opened(self, path: Path) -> None:
        """The editor's text of a file counts, whatever the disk has."""
        self._open.add(path)
        if (codebase := self._of.get(path)) is not None:
            codebase.pending.discard(path)

    def closed(self, path: Path) -> None:
        """The disk's text of a file counts again, and has to be read."""
        self._open.discard(path)
        self._learned.pop(path, None)
        codebase, state = self._codebase(path), _state(path)
        if codebase is None:
            return
        if state is None or path not in self._of:
            self._forget(path, codebase)
        else:
            codebase.pending.add(path)

    def _take(
        self,
        states: dict[Path, _State | None],
        of: dict[Path, Codebase],
        codebases: dict[Path, Codebase],
        environments: Iterable[Environment],
    ) -> None:
        """Let these be the files and projects, all at once: nothing is asked of half of them."""
        before, self._of = self._of, of
        self._states, self._codebases = states, codebases
        for path, codebase in before.items():
            if self._of.get(path) is not codebase and (path not in self._open or path in self._of):
                self._learned.pop(path, None)
                self._forget(path, codebase)
        for path, state in states.items():
            if path not in self._open and (
                path not in self._learned or self._learned[path] != state
            ):
                self._of[path].pending.add(path)
        for codebase in self._codebases.values():
            codebase.environments = [
                each for each in environments if _is_about(each, codebase.root)
            ]
            codebase.whole = codebase.whole and len(codebase.pending) <= _MOST_PENDING

    def _codebase(self, path: Path) -> Codebase | None:
        """The project of a file, which need not exist."""
        found = self._of.get(path)
        if found is None:
            above = (self._codebases.get(folder) for folder in path.parents)
            found = next((each for each in above if each is not None), None)
        return found

    def _forget(self, path: Path, codebase: Codebase) -> None:
        codebase.pending.discard(path)
        codebase.catalog.replace(_inside(path, codebase), None)


def _follow(codebase: Codebase, outlines: Outlines) -> None:
    """Let a project's catalog have the tables of its migrations, once all is known.

    It never is where some migrations are not, or where no order of them is.
    """
    found = [outlines.history(each) for each in codebase.environments]
    histories = [each for each in found if each is not None]
    known = len(histories) == len(found)
    if known and histories != codebase.histories:
        codebase.histories = histories
        views = frozenset[TableName]().union(*(each.views() for each in histories))
        last = [tables for each in histories if (tables := each.last()) is not None]
        codebase.catalog.set_migrated(_united(last), views)
    codebase.whole = codebase.whole or (known and not codebase.pending)
    plain = all(each.graph().is_whole for each in codebase.environments)
    codebase.catalog.set_complete(codebase.whole and plain)


def _united(schemas: Iterable[Schema]) -> Schema:
    """Tables that have all that those of their names have."""
    tables: dict[TableName, Table] = {}
    for schema in schemas:
        for name, table in schema.items():
            other = tables.get(name)
            tables[name] = table if other is None else _both(other, table)
    return tables


def _both(one: Table, other: Table) -> Table:
    return Table(
        name=one.name,
        columns={**one.columns, **other.columns},
        indexes=(*one.indexes, *other.indexes),
        checks=(*one.checks, *other.checks),
        foreign_keys=(*one.foreign_keys, *other.foreign_keys),
        complete=one.complete and other.complete,
    )


def _roots(folders: Iterable[Path], outermost: Iterable[Path]) -> dict[Path, Path]:
    """The project's folder of each folder."""
    found = _nearest(folders, outermost, lambda folder: _has(folder, _MARKS))
    services: dict[Path, list[Path]] = {}
    for folder in dict.fromkeys(each for path in found for each in (path, *path.parents)):
        if folder in found and _has(folder, (_SERVICE,)):
            services.setdefault(found[folder], []).append(folder)
    alone = {folder for each in services.values() if len(each) > 1 for folder in each}
    return _nearest(folders, outermost, lambda folder: folder in alone or _has(folder, _MARKS))


def _nearest(
    folders: Iterable[Path], outermost: Iterable[Path], is_root: Callable[[Path], bool]
) -> dict[Path, Path]:
    """Of each folder, and of those between it and the outermost, the nearest root above."""
    found = {folder: folder for folder in outermost}
    for folder in folders:
        way: list[Path] = []
        for each in (folder, *folder.parents):
            if each in found:
                root = found[each]
                break
            way.append(each)
        else:
            root, way = folder, [folder]
        for each in reversed(way):
            root = found[each] = each if is_root(each) else root
    return found


def _is_about(environment: Environment, root: Path) -> bool:
    """Whether an environment's migrations may be about a project's tables."""
    place = (environment.ini or environment.script).parent
    return place.is_relative_to(root) or root.is_relative_to(place)


def _has(folder: Path, names: Iterable[str]) -> bool:
    return any((folder / name).exists() for name in names)


def _inside(path: Path, codebase: Codebase) -> str:
    """A file's path from its project's folder."""
    return str(path)[len(str(codebase.root)) :].replace(os.sep, "/").lstrip("/")


def _state(path: Path) -> _State | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _say_nothing(error: SourceError) -> None:
    """What cannot be looked at is left out; it is said when it is checked."""
