"""One Alembic environment: its migrations, their graph, and what else is known of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from fumehood.head import FILE_TEMPLATE, SLUG_LENGTH
from fumehood.partitions import Table
from fumehood.project import Project
from fumehood.revision_flaws import Flaw, flaws_in
from fumehood.revisions import Revisions

from .contents import is_folder, listing
from .disk import Disk
from .drivers import driver_of, only_postgresql, other_databases
from .env_py import autocommit_by_section_in, autocommit_in, failure_in
from .graph_flaws import flaws_said, is_complete
from .migrations import partitioned_in, revision_in
from .target_metadata import naming_of
from .versions import ignored_keywords

log = logging.getLogger(__name__)

ENV = "env.py"
_MIGRATION = re.compile(r"(?!\.#|__init__).*\.py")  # as alembic.script.base has it
# Folders beside one for PostgreSQL are called so. An oracle may be something else.
_OTHER_DIALECTS = frozenset(("mariadb", "mssql", "mysql", "sqlite"))
_DEEPEST = 64  # folders of migrations within each other
_PATH = attrgetter("path")


@dataclass(slots=True)
class _Kept:
    """What was made of many files, and of which generation of the disk each is."""

    graph_of: int = -1
    project_of: int = -1
    read: object = None
    said: set[str] = field(default_factory=set)
    project: Project = field(default_factory=Project)
    graph: Revisions = field(default_factory=lambda: Revisions({}))
    flaws: Mapping[Path, tuple[Flaw, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Environment:
    """One Alembic environment; all paths are absolute.

    `ini` is the file that configures it, None where only its env.py was found; `section` is the one
    in that file. `versions` are the folders of its migrations. `dialect` is that of a database URL
    that is written out, `dialect_place` the file and line (from 1) of it. `file_template` and
    `slug_length` say how files of revisions are called. `autocommit`: its section gives engines the
    isolation level AUTOCOMMIT.
    """

    disk: Disk = field(compare=False, repr=False)
    ini: Path | None
    section: str
    script: Path
    versions: tuple[Path, ...]
    recursive: bool = False
    dialect: str | None = None
    dialect_place: tuple[Path, int] | None = None
    file_template: str = FILE_TEMPLATE
    slug_length: int = SLUG_LENGTH
    autocommit: bool = False
    _kept: _Kept = field(default_factory=_Kept, init=False, compare=False, repr=False)

    def migrations(self) -> list[Path]:
        """The files that Alembic would load, in its order."""
        found: dict[Path, None] = {}
        for location in self.versions:
            for folder in self._folders(location):
                names = self.disk.get(folder, listing).files
                found.update((folder / name, None) for name in names if _MIGRATION.fullmatch(name))
        return list(found)

    def holds(self, path: Path) -> bool:
        """Whether Alembic would load a file, which need not exist yet, as one of its migrations."""
        folders = (folder for location in self.versions for folder in self._folders(location))
        return bool(_MIGRATION.fullmatch(path.name)) and path.parent in folders

    def dialect_folder(self, path: Path) -> Path | None:
        """The folder around a migration that is called after another database than PostgreSQL."""
        inside = (each for each in path.parents if each.is_relative_to(self.script))
        return next((each for each in inside if each.name in _OTHER_DIALECTS), None)

    def graph(self) -> Revisions:
        """The revisions as they are now; the same object as long as none has changed."""
        kept = self._kept
        if kept.graph_of != self.disk.generation:
            read = {path: self.disk.get(path, revision_in) for path in self.migrations()}
            unread = [path for path, found in read.items() if found is None]
            complete = is_complete(self.disk, self.script, unread)
            places = all(self.disk.get(each, is_folder) for each in self.versions)
            if kept.read != (list(read.items()), complete, places):
                kept.read = list(read.items()), complete, places
                files = {path: found for path, found in read.items() if found is not None}
                kept.graph = Revisions(files, complete)
                self._take_flaws(flaws_in(files, complete and places))
            kept.graph_of = self.disk.generation
        return kept.graph

    def _take_flaws(self, flaws: list[Flaw]) -> None:
        kept = self._kept
        kept.flaws = {path: tuple(some) for path, some in groupby(sorted(flaws), _PATH)}
        for line in flaws_said(self.disk, self.script, flaws):
            if line not in kept.said:
                kept.said.add(line)
                log.warning("%s", line)

    def flaws(self, path: Path) -> tuple[Flaw, ...]:
        """What is wrong in the graph at a migration."""
        self.graph()
        return self._kept.flaws.get(path, ())

    def project(self) -> Project:
        """What env.py, the models and the migrations tell."""
        kept = self._kept
        if kept.project_of != self.disk.generation:
            tables = (self.disk.get(path, partitioned_in) for path in self.migrations())
            env = self.script / ENV
            follow = autocommit_by_section_in if self.autocommit else autocommit_in
            autocommit = self.disk.get(env, follow)
            kept.project = Project(
                naming=naming_of(self.disk, self.script),
                block_fails=None if autocommit else self.disk.get(env, failure_in),
                autocommit=autocommit,
                partitioned=frozenset[Table]().union(*tables),
                driver=driver_of(self.disk, self.ini, env),
                only_postgresql=only_postgresql(self.disk, self.ini, env, self.dialect),
                others=other_databases(self.disk, self.ini, env),
                ignored=ignored_keywords(self.disk, (self.ini or env).parent),
            )
            kept.project_of = self.disk.generation
        return kept.project

    def _folders(self, location: Path) -> Iterator[Path]:
        waiting = [(location, 0)]
        while waiting:
            folder, depth = waiting.pop()
            yield folder
            if self.recursive and depth < _DEEPEST:
                names = self.disk.get(folder, listing).folders
                inner = [folder / name for name in reversed(names) if name != "__pycache__"]
                waiting += [(each, depth + 1) for each in inner]
