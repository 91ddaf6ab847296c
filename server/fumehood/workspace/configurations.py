"""Configurations: which configuration file is in force where, and what is wrong with each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fumehood.options import ConfigProblem

from .contents import listing
from .disk import Disk
from .settings import CONFIG_FILES, ConfigFile, Configuration, config_in, config_of

# What a folder has that globs are relative to where no configuration file says it.
_MARKS = frozenset({".git", "pyproject.toml"})


class Configurations:
    """The configuration of each folder: the nearest file's, under what overrides all files.

    All paths are absolute. `unsaved` are the texts that stand in for the disk's.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.overrides: Mapping[str, object] = {}
        self.unsaved: dict[Path, str] = {}
        self._good: dict[Path, ConfigFile] = {}  # as each file was when it was last right
        self._met: set[Path] = set()
        self.forget()

    def forget(self) -> None:
        """Something that was read has changed."""
        self._loaded: dict[Path, ConfigFile | None] = {}
        self._by_folder: dict[Path, Configuration] = {}

    def of(self, folder: Path) -> Configuration:
        """That of the nearest configuration file, in a folder or above."""
        if folder not in self._by_folder:
            self._by_folder[folder] = self._found(folder)
        return self._by_folder[folder]

    def excludes(self, path: Path, folder: bool) -> bool:
        """Whether a file (or folder) is left out by its configuration, or by an outer one."""
        configuration = self.of(path.parent)
        while not configuration.excludes(relative(path, configuration) + "/" * folder):
            outer = self._outer(configuration)
            if outer is None or outer.file is None:
                return False
            configuration = outer
        return True

    def errors(self, folder: Path) -> list[ConfigProblem]:
        """What is wrong in the nearest configuration file, or in an outer one that may exclude."""
        configuration: Configuration | None = self.of(folder)
        while configuration is not None and (file := configuration.file) is not None:
            found = self.load(file.path)
            if found is not None and found.problems:
                return list(found.problems)
            configuration = self._outer(configuration)
        return []

    def met(self) -> list[ConfigFile]:
        """The configuration files that were met so far and are still there."""
        found = (self.load(path) for path in sorted(self._met))
        return [file for file in found if file is not None]

    def problems_in(self, file: ConfigFile) -> list[ConfigProblem]:
        """What is wrong in a file, and what is in force instead."""
        if not file.problems:
            return []
        kept = "what it said before is" if file.path in self._good else "the defaults are"
        first, *others = file.problems
        message = f"{first.message} Until this file is mended, {kept} in force."
        return [replace(first, message=message), *others]

    def load(self, path: Path) -> ConfigFile | None:
        """A configuration file as it is now; None where it, or its table, is not there."""
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

    def root(self, folder: Path) -> Path:
        """The folder that globs are relative to where no configuration file says it."""
        for each in (folder, *folder.parents):
            inside = self._disk.get(each, listing)
            if ".git" in inside.folders or not _MARKS.isdisjoint(inside.files):
                return each
        return folder

    def _found(self, folder: Path) -> Configuration:
        for each in (folder, *folder.parents):
            known = self._by_folder.get(each)
            if known is not None and known.file is not None:
                return known
            for name in CONFIG_FILES:
                if file := self.load(each / name):
                    found = Configuration(each, self._in_force(file), self.overrides)
                    self._by_folder[each] = found
                    return found
        return Configuration(self.root(folder), None, self.overrides)

    def _outer(self, configuration: Configuration) -> Configuration | None:
        """The next one above that of a file."""
        outer = configuration.root.parent
        if configuration.file is None or outer == configuration.root:
            return None
        return self.of(outer)

    def _read(self, path: Path) -> ConfigFile | None:
        if path not in self.unsaved:
            return self._disk.get(path, config_in)
        return config_of(path, self.unsaved[path].encode("utf-8", "replace"))

    def _in_force(self, file: ConfigFile) -> ConfigFile:
        """What holds of a file: when it is wrong, what it said before, else nothing."""
        return self._good.get(file.path) or ConfigFile(file.path, file.text, {})


def relative(path: Path, configuration: Configuration) -> str:
    """A path as globs see it."""
    # A walk asks for every file: relative_to() takes five times as long.
    inside = str(path)[len(str(configuration.root)) :]
    return inside.replace(os.sep, "/").lstrip("/")
