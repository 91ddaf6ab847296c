"""Workspace: the settings and the project of every file, as the disk has them."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from fumehood import options
from fumehood.config import Settings
from fumehood.head import Head, NoHeadError
from fumehood.options import ConfigProblem
from fumehood.project import Project

from .configurations import Configurations, relative
from .disk import Disk
from .environment import Environment
from .environments import Environments
from .formatter import line_length, line_of
from .heads import head_of, last_of
from .migrations import revision_in
from .past import Past
from .settings import Configuration, Setting
from .start import Start, start_after, without_configuration

log = logging.getLogger(__name__)
if TYPE_CHECKING:
    from fumehood.models.catalog import InProject
    from fumehood.revision_flaws import Flaw
    from fumehood.revisions import Revision
    from fumehood.schema import Schema
    from fumehood.steps import Json

    from .code import Code
    from .outlines import Outlined, Outlines

_NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_TEXTS: Mapping[Path, str] = MappingProxyType({})
_NO_PROJECT = Project(naming=None)  # nothing is known of how constraints are named
_FALLBACKS = {"line-length": Settings().line_length, "dialect": Settings().dialect}


class Around(NamedTuple):
    """What a file is checked in the light of."""

    settings: Settings
    project: Project


class Workspace:
    """What is asked about files; what was read is kept until `refresh` finds it changed.

    Paths may be relative to the working directory, and need not exist.
    """

    def __init__(
        self,
        overrides: Mapping[str, object] = _NOTHING,
        origin: str = "command line",
        folders: Iterable[Path] = (),
        outer: Workspace | None = None,
    ) -> None:
        """`folders` are those whose models are known, once they were looked through.

        `outer` is the workspace of a folder around them: only settings are other ones then, and
        what is known of files is known to both. Raises ValueError for overrides that are wrong, a
        line for each.
        """
        self.outer = outer
        self._folders = list(map(_absolute, folders))
        self._disk: Disk = Disk() if outer is None else outer._disk
        self._said: set[str] = set()
        self._environments: Environments = (
            Environments(self._disk) if outer is None else outer._environments
        )
        self._configurations = Configurations(self._disk)
        self._past = Past(self._environments)
        if wrong := self.set_overrides(overrides, origin):
            raise ValueError("\n".join(wrong))

    def set_overrides(self, overrides: Mapping[str, object], origin: str) -> list[str]:
        """Let options win over all files, by their keys there; None leaves one to the files.

        Those that are wrong are left out, and the answer says what is wrong with them.
        """
        given = {key: value for key, value in overrides.items() if value is not None}
        self._configurations.overrides, faults = options.check(given)
        self._origin = origin
        self._forget()
        return [f"{origin}: {fault.path[0]}: {fault.message}" for fault in faults]

    def set_text(self, path: Path, text: str | None) -> None:
        """Take a configuration file as an editor has it; None: as the disk has it again."""
        path = _absolute(path)
        self._configurations.unsaved.pop(path, None)
        if text is not None:
            self._configurations.unsaved[path] = text
        self._forget()

    def around(self, path: Path) -> Around:
        """The settings and the project of a file."""
        self._follow_disk()
        path = _absolute(path)
        found = self._around.get(path)
        if found is None:
            found = self._around[path] = self._found_around(path)
        return found

    def before(self, path: Path) -> Schema | None:
        """The tables as a migration finds them; None while they are not known.

        They are, once `learn` was given what is `wanted` for it.
        """
        path = _absolute(path)
        environment = self._environments.of(path)
        if environment is None:
            return {}
        revision = environment.graph().paths.get(path)
        history = self._outlines.history(environment) if revision is not None else None
        return None if history is None or revision is None else history.before(revision)

    @cached_property
    def _outlines(self) -> Outlines:
        """Made when it is asked for, since it needs libcst, which takes time to import."""
        from .outlines import Outlines

        return Outlines(self._disk) if self.outer is None else self.outer._outlines

    @cached_property
    def code(self) -> Code:
        """The Python files of the folders, project by project."""
        from .code import Code

        return Code(self._folders, self._environments) if self.outer is None else self.outer.code

    def add_folders_of(self, paths: Iterable[Path]) -> None:
        """Let the models be known of the projects that some files or folders are in."""
        inside = (path if path.is_dir() else path.parent for path in map(_absolute, paths))
        found = {self._configurations.root(each) for each in inside}
        outer = (each for each in found if found.isdisjoint(each.parents))
        self.code.folders += [each for each in sorted(outer) if each not in self.code.folders]

    def look_through(self) -> Iterator[None]:
        """Look in small steps for the files of the folders; what is not known of them is wanted."""
        if self.outer is None:
            yield from self.code.scan(self)
        self._around.clear()  # a project's databases may be of another dialect

    def models(self, path: Path) -> InProject | None:
        """The models of a file's project; None where it lies in none of the folders."""
        return self.code.around(_absolute(path), self._outlines)

    def wanted(self, path: Path) -> list[Path]:
        """The files that have to be outlined before it is known what a migration finds."""
        environment = self._environments.of(_absolute(path))
        return [] if environment is None else self._outlines.wanted(environment)

    def wanted_code(self) -> list[Path]:
        """The files that have to be outlined before all models are known, migrations included."""
        return self.code.wanted(self._outlines)

    def revisions(self, path: Path) -> int:
        """How many revisions the environment of a file has; 0 where it is in none."""
        environment = self._environments.of(_absolute(path))
        return 0 if environment is None else len(environment.graph().paths)

    def learn(self, found: Outlined) -> None:
        """Take the outline of a file."""
        from .outlines import parts_of

        outline, models = parts_of(found)
        self._outlines.learn(found.path, outline)
        self.code.learn(found.path, models)

    def set_steps(self, path: Path, steps: Json | None) -> None:
        """Take what a migration does as an editor has it; None: as the disk has it again."""
        self._outlines.set_unsaved(_absolute(path), steps)

    def declare(self, path: Path, found: Revision | None) -> None:
        """Take what a file says of its place among revisions, as an editor has it."""
        path = _absolute(path)
        environment = self._environments.of(path)
        if environment is None or not environment.holds(path):
            return
        if self._disk.set_unsaved(path, revision_in, found):
            self._forget()

    def undeclare(self, path: Path) -> None:
        """Let a file's place among revisions be the one on the disk again."""
        if self._disk.forget_unsaved(_absolute(path), revision_in):
            self._forget()

    def flaws(self, path: Path) -> tuple[Flaw, ...]:
        """What is wrong in the graph of revisions at a migration."""
        path = _absolute(path)
        environment = self._environments.of(path)
        return () if environment is None else environment.flaws(path)

    def excludes(self, path: Path, folder: bool = False) -> bool:
        """Whether a file (or folder) is left out, unless it is asked for by name."""
        return self._configurations.excludes(_absolute(path), folder)

    def errors(self, path: Path) -> list[ConfigProblem]:
        """What is wrong in the nearest configuration file, or in an outer one that may exclude."""
        return self._configurations.errors(_absolute(path).parent)

    def search(self) -> Iterator[None]:
        """Look in small steps for the revisions that were named and not met.

        Those that are not found are among the problems from then on.
        """
        files = self._configurations.met()
        return self._past.search(file for file in files if not file.problems)

    def problems(self) -> dict[Path, list[ConfigProblem]]:
        """What is wrong in each configuration file that was met so far."""
        return {
            file.path: self._configurations.problems_in(file)
            or options.place(file.path, file.text, self._past.lost(file), "warning")
            for file in self._configurations.met()
        }

    def refresh(self) -> bool:
        """Look at the disk again; whether anything that was read has changed there."""
        self._disk.refresh()
        return self._follow_disk()

    def text(self, path: Path) -> str:
        """The text that the problems of a configuration file are about."""
        file = self._configurations.load(path)
        return file.text if file else ""

    def start(self, path: Path) -> Start | None:
        """What writes that checks start after a revision; None for what is none."""
        path = _absolute(path)
        environment = self._environments.of(path)
        if (
            environment is None
            or "start-after" in self._configurations.overrides
            or self.errors(path)
        ):
            return None
        revision = environment.graph().paths.get(path)
        if revision is None:
            return None
        configuration = self._configurations.of(path.parent)
        if configuration.file is not None:
            file, present = configuration.file.path, configuration.file.start_after
            on_disk: str | None = configuration.file.text
        else:
            folder = (environment.ini or environment.script).parent
            file, on_disk = without_configuration(folder, self._configurations.root(path.parent))
            present = ()
        text = self._configurations.unsaved.get(file, on_disk)
        return start_after(revision, environment.graph(), present, file, text)

    def head(self, path: Path, unsaved: Mapping[Path, str] = _NO_TEXTS) -> Head:
        """The head of a migration's branch, or the only one that a file's project has.

        `unsaved` are texts that are newer than the disk's.

        Raises NoHeadError.
        """
        path = _absolute(path)
        environment = self._environments.of(path)
        outer = self.code.environment(path) if environment is None else None
        texts = {_absolute(each): unsaved[each] for each in unsaved}
        try:
            if outer is not None:
                return last_of(outer, texts)
            if environment is None:
                raise NoHeadError(f"{path}: no one Alembic environment is found for it")
            return head_of(environment, path, texts)
        except NoHeadError as error:
            if (
                error.amiss and str(error) not in self._said
            ):  # it is asked at every move of a cursor
                self._said.add(str(error))
                log.warning("%s; no follow-up revision is offered", error)
            raise

    def config_file(self, path: Path) -> Path | None:
        """The configuration file in force for a file."""
        file = self._configurations.of(_absolute(path).parent).file
        return None if file is None else file.path

    def option(self, folder: Path, key: str) -> object:
        """The value of an option as the nearest configuration of a folder has it."""
        return self._configurations.of(_absolute(folder)).get(key)

    def origins(self, path: Path) -> list[Setting]:
        """All options as they are in force for a file, each with who says so."""
        path = _absolute(path)
        return [self._setting(path, option.key) for option in options.OPTIONS]

    def _follow_disk(self) -> bool:
        """Forget what was made of the disk, where that has changed since, in whoever's eyes."""
        changed = self._generation != self._disk.generation
        if changed:
            self._forget()
        return changed

    def _forget(self) -> None:
        self._generation = self._disk.generation
        self._configurations.forget()
        self._past.forget()
        self._around: dict[Path, Around] = {}
        self._lengths: dict[Path, int] = {}

    def _found_around(self, path: Path) -> Around:
        configuration = self._configurations.of(path.parent)
        environment = self._environments.of(path)
        inside = relative(path, configuration)
        settings = configuration.settings
        found = replace(
            settings,
            ignore=settings.ignore | configuration.ignored_in(inside),
            line_length=configuration.get("line-length") or self._line_length(path.parent),
            dialect=self._dialect(path, configuration, environment),
            is_test=configuration.is_test(inside),
            checked=not self._past.holds(path, configuration, environment),
        )
        return Around(found, environment.project() if environment else _NO_PROJECT)

    def _dialect(
        self, path: Path, configuration: Configuration, environment: Environment | None
    ) -> str:
        found = None
        if environment is None and "code" in self.__dict__ and not configuration.get("dialect"):
            found = self.code.dialect(path)
        return found or _dialect(configuration, environment)

    def _line_length(self, folder: Path) -> int:
        if folder not in self._lengths:
            length = line_length(self._disk, folder)
            self._lengths[folder] = length.value if length else Settings().line_length
        return self._lengths[folder]

    def _setting(self, path: Path, key: str) -> Setting:
        configuration = self._configurations.of(path.parent)
        value, file = configuration.get(key), configuration.file
        if key in self._configurations.overrides:
            return Setting(key, value, self._origin)
        if file is not None and key in file.values:
            return Setting(key, value, _origin(file.path, file.line_of(key)))
        if key == "line-length" and (length := line_length(self._disk, path.parent)):
            return Setting(key, length.value, _origin(length.file, line_of(length)))
        if key == "dialect" and (environment := self._environments.of(path)):
            place = environment.dialect_place
            origin = _origin(*place) if place else "default"
            return Setting(key, _dialect(configuration, environment), origin)
        return Setting(key, _FALLBACKS.get(key, value), "default")


def _dialect(configuration: Configuration, environment: Environment | None) -> str:
    found: str | None = configuration.get("dialect")
    return found or (environment and environment.dialect) or Settings().dialect


def _origin(file: Path, line: int | None) -> str:
    return options.shown(file) + (f":{line}" if line else "")


def _absolute(path: Path) -> Path:
    # Resolves "..", and follows no link.
    return Path(os.path.abspath(path))  # noqa: PTH100
