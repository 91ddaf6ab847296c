"""The Alembic environments of a workspace, found without running anything."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from fumehood.head import FILE_TEMPLATE, SLUG_LENGTH
from fumehood.options import shown

from .alembic_ini import MAIN, Section, ini_sections, toml_section
from .contents import Listing, absolute, is_folder, listing
from .disk import Disk
from .env_py import is_environment
from .environment import ENV, Environment
from .files import EXCLUDED_FOLDERS

log = logging.getLogger(__name__)

_INI = "alembic.ini"
_CONFIGURE = frozenset({ENV, "pyproject.toml"})  # besides *.ini
_MOST_FOLDERS = 20_000  # that are looked through for environments


class Environments:
    """The environments that migrations belong to, as the disk has them after its last refresh."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._known: dict[Environment, Environment] = {}
        self._said: set[str] = set()
        self._by_folder: dict[Path, Environment | None] = {}
        self._generation = disk.generation

    def of(self, path: Path) -> Environment | None:
        """The environment of a migration, which need not exist yet; None where none is found."""
        if self._generation != self._disk.generation:
            self._by_folder.clear()
            self._generation = self._disk.generation
        folder = path.parent
        if folder not in self._by_folder:
            found = self._find(absolute(folder))
            self._by_folder[folder] = None if found is None else self._same(found)
        return self._by_folder[folder]

    def all_under(self, folder: Path) -> list[Environment]:
        """The environments in a folder, but for those in folders like .venv."""
        return [each for each in self.search(folder) if each is not None]

    def search(self, folder: Path) -> Iterator[Environment | None]:
        """The same step by step: None for each folder that was looked through, then all of them."""
        found: list[Environment] = []
        scripts: list[Path] = []
        for each, files in _walk(folder.absolute()):
            yield None
            # Others are not asked of the disk, which would look at each of them at every refresh.
            if any(name.endswith(".ini") or name in _CONFIGURE for name in files):
                found += self._configured(each)
                scripts += [each] if self._is_script(each) else []
        configured = {environment.script for environment in found}
        found += [self._by_rule(each) for each in scripts if each not in configured]
        yield from dict.fromkeys(self._same(each) for each in found)

    def _say(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            log.warning("%s", line)

    def _same(self, environment: Environment) -> Environment:
        """The object that was given out for it before, which knows its graph."""
        return self._known.setdefault(environment, environment)

    def _find(self, folder: Path) -> Environment | None:
        """The environment of the migrations in a folder."""
        for each in (folder, *folder.parents):
            if found := _nearest(folder, self._configured(each)):
                return found
        script = next((each for each in folder.parents if self._is_script(each)), None)
        if script is None:
            return None
        usual = self._by_rule(script)
        return usual if folder.is_relative_to(usual.versions[0]) else self._by_rule(script, folder)

    def _by_rule(self, script: Path, versions: Path | None = None) -> Environment:
        """The environment of an env.py that no configuration speaks of."""
        return Environment(self._disk, None, "", script, (versions or script / "versions",))

    def _configured(self, folder: Path) -> list[Environment]:
        """The environments that a folder's files configure."""
        files = self._disk.get(folder, listing).files
        if _INI in self._disk.get(folder, listing).folders:
            name = shown(folder / _INI)
            self._say(f"{name}: a folder, and no configuration; Alembic reads a file of this name")
        sections = [
            (folder / name, section)
            for name in files
            if name.endswith(".ini")
            for section in self._disk.get(folder / name, ini_sections)
        ]
        found = [self._environment(*each) for each in sections if each[1].script_location]
        toml = folder / "pyproject.toml"
        section = self._disk.get(toml, toml_section) if toml.name in files else None
        if section and not any(each.section == MAIN for each in found):
            main = (each for each in sections if each[1].name == MAIN)
            found.append(self._environment(toml, section, *next(main, ())))
        return found

    def _environment(
        self, file: Path, section: Section, ini: Path | None = None, url: Section | None = None
    ) -> Environment:
        """The environment of a section; `ini` and `url` say where its database URL is instead."""
        url = url or section
        script = self._folder(file.parent, section.script_location, ENV)
        locations = [self._folder(file.parent, each) for each in section.version_locations]
        for written, found in zip(section.version_locations, locations, strict=True):
            if ":" not in written and not self._disk.get(found, is_folder):
                self._say(
                    f"{shown(file)}:{section.locations_line}: version_locations: there is no "
                    f"folder {shown(found)}, so no migration is read from it; correct the path, "
                    "or take it out"
                )
        line = url.dialect_line
        return Environment(
            self._disk,
            file,
            section.name,
            script,
            tuple(dict.fromkeys(locations)) or (script / "versions",),
            section.recursive,
            url.dialect,
            None if line is None else (ini or file, line),
            # Alembic asks the .ini file first, for each option.
            url.file_template or section.file_template or FILE_TEMPLATE,
            url.slug_length or section.slug_length or SLUG_LENGTH,
            url.autocommit or section.autocommit,
        )

    def _folder(self, here: Path, location: str, holds: str = "") -> Path:
        """The folder that a location means.

        Alembic takes it from the working directory, or from where a package is: the file's own
        folder as a rule, else one above it, or `src`.
        """
        package, colon, rest = location.partition(":")
        if colon and not Path(location).is_absolute():
            location = f"{package.replace('.', '/')}/{rest.replace(':', '/')}"
        written = Path(os.path.normpath(here / location))
        for base in _bases(here):
            found = Path(os.path.normpath(base / location))
            inside = self._disk.get(found, listing)
            if holds in inside.files if holds else inside != Listing():
                return found
            if Path(location).is_absolute() or ".git" in self._disk.get(base, listing).folders:
                break
        return written

    def _is_script(self, folder: Path) -> bool:
        names = self._disk.get(folder, listing).files
        return ENV in names and self._disk.get(folder / ENV, is_environment)


def _walk(folder: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The folders below one, each with the names of its files."""
    waiting, count = [folder], 0
    while waiting and count < _MOST_FOLDERS:
        current = waiting.pop()
        count += 1
        files, folders = listing(current)
        yield current, files
        waiting += [current / name for name in reversed(folders) if name not in EXCLUDED_FOLDERS]


def _bases(here: Path) -> Iterator[Path]:
    for folder in (here, *here.parents):
        yield folder
        yield folder / "src"


def _nearest(folder: Path, environments: Iterable[Environment]) -> Environment | None:
    """The environment of whose folders of migrations one is nearest above, or is, this folder."""
    depths = [
        (len(location.parts), environment)
        for environment in environments
        for location in environment.versions
        if folder.is_relative_to(location)
    ]
    return max(depths, key=lambda depth: depth[0])[1] if depths else None
