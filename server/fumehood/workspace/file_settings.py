"""FileSettings: the settings and the project of every file, as the disk has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from fumehood import options
from fumehood.config import Settings
from fumehood.options import ConfigProblem
from fumehood.project import Project

from .configurations import Configurations, relative
from .contents import absolute
from .disk import Disk
from .environment import Environment
from .environments import Environments
from .formatter import line_length, line_of
from .past import Past
from .settings import Configuration, Setting
from .start import Start, start_after, without_configuration

_NO_PROJECT = Project(naming=None)  # nothing is known of how constraints are named
_FALLBACKS = {"line-length": Settings().line_length, "dialect": Settings().dialect}


class Around(NamedTuple):
    """What a file is checked in the light of."""

    settings: Settings
    project: Project


class FileSettings:
    """What files are checked with; what was read is kept until `refresh` finds it changed.

    Paths may be relative to the working directory, and need not exist.
    """

    def __init__(
        self, overrides: Mapping[str, object], origin: str, outer: FileSettings | None
    ) -> None:
        """`outer` are those of a folder around; what is read of the disk is known to both.

        Raises ValueError for overrides that are wrong, a line for each.
        """
        self._disk: Disk = Disk() if outer is None else outer._disk
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
        path = absolute(path)
        self._configurations.unsaved.pop(path, None)
        if text is not None:
            self._configurations.unsaved[path] = text
        self._forget()

    def around(self, path: Path) -> Around:
        """The settings and the project of a file."""
        self._follow_disk()
        path = absolute(path)
        found = self._around.get(path)
        if found is None:
            found = self._around[path] = self._found_around(path)
        return found

    def excludes(self, path: Path, folder: bool = False) -> bool:
        """Whether a file (or folder) is left out, unless it is asked for by name."""
        return self._configurations.excludes(absolute(path), folder)

    def errors(self, path: Path) -> list[ConfigProblem]:
        """What is wrong in the nearest configuration file, or in an outer one that may exclude."""
        return self._configurations.errors(absolute(path).parent)

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
        path = absolute(path)
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

    def config_file(self, path: Path) -> Path | None:
        """The configuration file in force for a file."""
        file = self._configurations.of(absolute(path).parent).file
        return None if file is None else file.path

    def option(self, folder: Path, key: str) -> object:
        """The value of an option as the nearest configuration of a folder has it."""
        return self._configurations.of(absolute(folder)).get(key)

    def origins(self, path: Path) -> list[Setting]:
        """All options as they are in force for a file, each with who says so."""
        path = absolute(path)
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
        """The dialect of a file, `environment` being that of a migration."""
        return _dialect(path, configuration, environment)

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
            place, folder = environment.dialect_place, environment.dialect_folder(path)
            origin = _origin(*place) if place else "default"
            origin = options.shown(folder) if folder else origin
            return Setting(key, _dialect(path, configuration, environment), origin)
        return Setting(key, _FALLBACKS.get(key, value), "default")


def _dialect(path: Path, configuration: Configuration, environment: Environment | None) -> str:
    found: str | None = configuration.get("dialect")
    if found or environment is None:
        return found or Settings().dialect
    folder = environment.dialect_folder(path)
    return folder.name if folder else environment.dialect or Settings().dialect


def _origin(file: Path, line: int | None) -> str:
    return options.shown(file) + (f":{line}" if line else "")
