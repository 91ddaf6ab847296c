"""Workspace: the settings and the project of every file, as the disk has them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, cast

from fumehood import options
from fumehood.config import Settings
from fumehood.option_kinds import Fault, nearest
from fumehood.options import ConfigProblem
from fumehood.project import Project
from fumehood.revisions import Revisions

from .contents import listing
from .disk import Disk
from .environments import Environment, Environments
from .formatter import line_length, line_of
from .settings import CONFIG_FILES, ConfigFile, Configuration, Setting, config_in, config_of
from .start import Start, start_after, without_configuration

_NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_PROJECT = Project(naming=None)  # nothing is known of how constraints are named
# What a folder has that globs are relative to where no configuration file says it.
_MARKS = frozenset({".git", "pyproject.toml"})
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
        self, overrides: Mapping[str, object] = _NOTHING, origin: str = "command line"
    ) -> None:
        """Raises ValueError for overrides that are wrong, a line for each."""
        self._disk = Disk()
        self._environments = Environments(self._disk)
        self._good: dict[Path, ConfigFile] = {}  # as each file was when it was last right
        self._met: set[Path] = set()
        self._unsaved: dict[Path, str] = {}
        if wrong := self.set_overrides(overrides, origin):
            raise ValueError("\n".join(wrong))

    def set_overrides(self, overrides: Mapping[str, object], origin: str) -> list[str]:
        """Let options win over all files, by their keys there; None leaves one to the files.

        Those that are wrong are left out, and the answer says what is wrong with them.
        """
        given = {key: value for key, value in overrides.items() if value is not None}
        self._overrides, faults = options.check(given)
        self._origin = origin
        self._forget()
        return [f"{origin}: {fault.path[0]}: {fault.message}" for fault in faults]

    def set_text(self, path: Path, text: str | None) -> None:
        """Take a configuration file as an editor has it; None: as the disk has it again."""
        path = _absolute(path)
        self._unsaved.pop(path, None)
        if text is not None:
            self._unsaved[path] = text
        self._forget()

    def around(self, path: Path) -> Around:
        """The settings and the project of a file."""
        path = _absolute(path)
        found = self._around.get(path)
        if found is None:
            found = self._around[path] = self._found_around(path)
        return found

    def excludes(self, path: Path, folder: bool = False) -> bool:
        """Whether a file (or folder) is left out, unless it is asked for by name."""
        path = _absolute(path)
        configuration = self._configuration(path.parent)
        while not configuration.excludes(_relative(path, configuration) + "/" * folder):
            outer = configuration.root.parent
            if configuration.file is None or outer == configuration.root:
                return False
            configuration = self._configuration(outer)
            if configuration.file is None:
                return False
        return True

    def errors(self, path: Path) -> list[ConfigProblem]:
        """What is wrong in the nearest configuration file, or in an outer one that may exclude."""
        configuration = self._configuration(_absolute(path).parent)
        while (file := configuration.file) is not None:
            found = self._load(file.path)
            if found is not None and found.problems:
                return list(found.problems)
            outer = configuration.root.parent
            if outer == configuration.root:
                break
            configuration = self._configuration(outer)
        return []

    def problems(self) -> dict[Path, list[ConfigProblem]]:
        """What is wrong in each configuration file that was met so far."""
        return {path: list(self._problems_in(path)) for path in sorted(self._met)}

    def refresh(self) -> bool:
        """Look at the disk again; whether anything that was read has changed there."""
        changed = bool(self._disk.refresh())
        if changed:
            self._forget()
        return changed

    def text(self, path: Path) -> str:
        """The text that the problems of a configuration file are about."""
        file = self._load(path)
        return file.text if file else ""

    def start(self, path: Path) -> Start | None:
        """What writes that checks start after a revision; None for what is none."""
        path = _absolute(path)
        environment = self._environments.of(path)
        if environment is None or "start-after" in self._overrides or self.errors(path):
            return None
        revision = environment.graph().paths.get(path)
        if revision is None:
            return None
        configuration = self._configuration(path.parent)
        if configuration.file is not None:
            file, present = configuration.file.path, configuration.file.start_after
            on_disk: str | None = configuration.file.text
        else:
            folder = (environment.ini or environment.script).parent
            file, on_disk = without_configuration(folder, self._root(path.parent))
            present = ()
        text = self._unsaved.get(file, on_disk)
        return start_after(revision, environment.graph(), present, file, text)

    def config_file(self, path: Path) -> Path | None:
        """The configuration file in force for a file."""
        file = self._configuration(_absolute(path).parent).file
        return None if file is None else file.path

    def origins(self, path: Path) -> list[Setting]:
        """All options as they are in force for a file, each with who says so."""
        path = _absolute(path)
        return [self._setting(path, option.key) for option in options.OPTIONS]

    def _forget(self) -> None:
        self._loaded: dict[Path, ConfigFile | None] = {}
        self._around: dict[Path, Around] = {}
        self._by_folder: dict[Path, Configuration] = {}
        self._lengths: dict[Path, int] = {}
        self._past: dict[tuple[Path, Environment], frozenset[str]] = {}

    def _found_around(self, path: Path) -> Around:
        configuration = self._configuration(path.parent)
        environment = self._environments.of(path)
        relative = _relative(path, configuration)
        settings = configuration.settings
        found = replace(
            settings,
            ignore=settings.ignore | configuration.ignored_in(relative),
            line_length=configuration.get("line-length") or self._line_length(path.parent),
            dialect=_dialect(configuration, environment),
            is_test=configuration.is_test(relative),
            checked=not self._is_past(path, configuration, environment),
        )
        return Around(found, environment.project() if environment else _NO_PROJECT)

    def _line_length(self, folder: Path) -> int:
        if folder not in self._lengths:
            length = line_length(self._disk, folder)
            self._lengths[folder] = length.value if length else Settings().line_length
        return self._lengths[folder]

    def _is_past(
        self, path: Path, configuration: Configuration, environment: Environment | None
    ) -> bool:
        """Whether a file is a revision at or before start-after."""
        if environment is None or not configuration.start_after:
            return False
        graph = environment.graph()
        key = configuration.root, environment
        if key not in self._past:
            self._past[key] = graph.ancestors(configuration.start_after)
        return graph.paths.get(path) in self._past[key]

    def _configuration(self, folder: Path) -> Configuration:
        """That of the nearest configuration file, in a folder or above."""
        if folder not in self._by_folder:
            self._by_folder[folder] = self._found_configuration(folder)
        return self._by_folder[folder]

    def _found_configuration(self, folder: Path) -> Configuration:
        for each in (folder, *folder.parents):
            known = self._by_folder.get(each)
            if known is not None and known.file is not None:
                return known
            for name in CONFIG_FILES:
                if file := self._load(each / name):
                    found = Configuration(each, self._in_force(file), self._overrides)
                    self._by_folder[each] = found
                    return found
        return Configuration(self._root(folder), None, self._overrides)

    def _root(self, folder: Path) -> Path:
        for each in (folder, *folder.parents):
            inside = self._disk.get(each, listing)
            if ".git" in inside.folders or not _MARKS.isdisjoint(inside.files):
                return each
        return folder

    def _load(self, path: Path) -> ConfigFile | None:
        if path not in self._loaded:
            self._loaded[path] = self._read(path)
        file = self._loaded[path]
        if file is None:
            self._good.pop(path, None)
        else:
            self._met.add(path)
            if not file.problems:
                self._good[path] = file
        return file

    def _read(self, path: Path) -> ConfigFile | None:
        if path not in self._unsaved:
            return self._disk.get(path, config_in)
        return config_of(path, self._unsaved[path].encode("utf-8", "replace"))

    def _in_force(self, file: ConfigFile) -> ConfigFile:
        """What holds of a file: when it is wrong, what it said before, else nothing."""
        return self._good.get(file.path) or ConfigFile(file.path, file.text, {})

    def _problems_in(self, path: Path) -> list[ConfigProblem]:
        file = self._load(path)
        if file is None:
            return []
        if not file.problems:
            return options.place(path, file.text, self._lost_starts(file), "warning")
        kept = "what it said before is" if path in self._good else "the defaults are"
        first, *others = file.problems
        message = f"{first.message} Until this file is mended, {kept} in force."
        return [replace(first, message=message), *others]

    def _lost_starts(self, file: ConfigFile) -> Iterator[Fault]:
        """The revisions of start-after that no environment below the file has."""
        value = file.values.get("start-after", ())
        names = [value] if isinstance(value, str) else list(cast(Iterable[str], value))
        for index, name in enumerate(names):
            if any(graph.named(name) for graph in self._graphs(file.path.parent)):
                continue
            ids = [each for graph in self._graphs(file.path.parent) for each in graph.ids]
            near = nearest(name, sorted(ids))
            hint = f"Did you mean {near!r}?" if near else "`alembic history` lists them."
            message = f"no migration below this folder is {name!r}, so none is skipped. {hint}"
            yield Fault(("start-after", index), message)

    def _graphs(self, folder: Path) -> Iterator[Revisions]:
        """Those of the environments below a folder; the ones that files were met of come first."""
        # Mostly they are enough, and nothing has to be searched for.
        yield from (each.graph() for root, each in self._past if root == folder)
        yield from (each.graph() for each in self._environments.all_under(folder))

    def _setting(self, path: Path, key: str) -> Setting:
        configuration = self._configuration(path.parent)
        value, file = configuration.get(key), configuration.file
        if key in self._overrides:
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


def _relative(path: Path, configuration: Configuration) -> str:
    """A path as globs see it."""
    # A walk asks for every file: relative_to() takes five times as long.
    inside = str(path)[len(str(configuration.root)) :]
    return inside.replace(os.sep, "/").lstrip("/")
