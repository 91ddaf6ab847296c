"""Configuration files, and what one of them means for the files around it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, cast

from fumehood import options, toml
from fumehood.config import Settings
from fumehood.globs import Globs, rooted
from fumehood.options import ConfigProblem
from fumehood.severity import Severity
from fumehood.text import Span, Text

from .files import EXCLUDED_FOLDERS

log = logging.getLogger(__name__)

# In the order in which they are taken, in one folder.
CONFIG_FILES = (toml.OWN_FILE, "pyproject.toml")
MAX_BYTES = 1_000_000
_BOM = b"\xef\xbb\xbf"
# How a file speaks of fumehood's options that is no TOML.
_OURS = re.compile(rb"""\btool["']?\s*\.\s*["']?fumehood\b""")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What one configuration file says: its options, or else why it says nothing."""

    path: Path
    text: str
    values: Mapping[str, object]
    problems: tuple[ConfigProblem, ...] = ()

    @property
    def start_after(self) -> tuple[str, ...]:
        """The last revisions that it leaves alone."""
        value = cast("str | list[str]", self.values.get("start-after", ()))
        return (value,) if isinstance(value, str) else tuple(value)

    def line_of(self, key: str) -> int:
        """The 1-based line of an option."""
        return toml.line_of(self.text, (*toml.table_in(self.path.name), key))


class Setting(NamedTuple):
    """An option in force: its value as a file would say it, and who says so."""

    key: str
    value: object
    origin: str


def config_in(path: Path) -> ConfigFile | None:
    """The configuration in a file; None where the file, or its table, is not there."""
    try:
        data = path.read_bytes() if path.is_file() else None
    except OSError as error:
        if path.name != toml.OWN_FILE:
            log.warning("%s: not read (%s); no settings are taken from it", path, error.strerror)
            return None
        return _broken(path, "", 0, f"cannot be read ({error.strerror}).")
    return None if data is None else config_of(path, data)


def config_of(path: Path, data: bytes) -> ConfigFile | None:
    """The configuration in the content of a file; None where its table is not there."""
    if path.name != toml.OWN_FILE and b"fumehood" not in data:
        return None
    is_ours = speaks_of_fumehood(path, data)
    data = data.removeprefix(_BOM)
    if len(data) > MAX_BYTES:
        message = f"is {len(data) / 1e6:.1f} MB large; at most {MAX_BYTES / 1e6:.0f} MB are read."
        return _broken(path, "", 0, message) if is_ours else None
    try:
        text = data.decode()
        table = toml.parse(text)
    except UnicodeDecodeError as error:
        text = data.decode(errors="replace")
        offset = len(data[: error.start].decode())
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8."
        return _broken(path, text, offset, message) if is_ours else None
    except toml.TomlError as error:
        message = f"this is not TOML: {error}."
        return _broken(path, text, error.offset, message) if is_ours else None
    return _checked(path, text, table)


def speaks_of_fumehood(path: Path, data: bytes) -> bool:
    """Whether a file that cannot be parsed is meant to configure fumehood."""
    return path.name == toml.OWN_FILE or bool(_OURS.search(data))


def _broken(path: Path, text: str, offset: int, message: str) -> ConfigFile:
    problem = options.problem_at(path, Text(text), Span(offset, offset), message)
    return ConfigFile(path, text, {}, (problem,))


def _checked(path: Path, text: str, content: Any) -> ConfigFile | None:
    for key in toml.table_in(path.name):
        content = content.get(key) if isinstance(content, dict) else None
    if content is None:
        return None
    if isinstance(content, dict):
        values, faults = options.check(content)
    else:
        values, faults = {}, [options.not_a_table(content)]
    problems = tuple(options.place(path, text, faults)) if faults else ()
    return ConfigFile(path, text, values, problems)


class Configuration:
    """What one configuration file, or the absence of one, and what overrides it ask for.

    `root` is the folder that globs are relative to; paths are given relative to it, with "/", a
    folder's with one at its end.
    """

    def __init__(self, root: Path, file: ConfigFile | None, overrides: Mapping[str, Any]) -> None:
        self.root = root
        self.file = file
        self._values: dict[str, Any] = {**(file.values if file else {}), **overrides}
        if "select" in overrides and "ignore" not in overrides:  # who asks for a rule means it
            asked = overrides["select"]
            self._values["ignore"] = [rule for rule in self.get("ignore") if rule not in asked]

    def get(self, key: str) -> Any:
        """The value of an option."""
        return self._values.get(key, options.BY_KEY[key].default)

    def has(self, key: str) -> bool:
        """Whether an option is set."""
        return key in self._values

    @cached_property
    def settings(self) -> Settings:
        """What holds for all its files, as far as it depends on nothing else."""
        return Settings(
            select=frozenset(self.get("select")),
            ignore=frozenset(self.get("ignore")),
            severity={rule: Severity(value) for rule, value in self.get("severity").items()},
            downgrade=self.get("downgrade"),
            postgres_version=self.get("postgres-version"),
            small_tables=frozenset(self.get("small-tables")),
            max_columns=self.get("max-columns"),
            require_ignore_reason=self.get("require-ignore-reason"),
        )

    @property
    def start_after(self) -> tuple[str, ...]:
        """The last revisions that are not checked."""
        value = self.get("start-after")
        return (value,) if isinstance(value, str) else tuple(value)

    def ignored_in(self, path: str) -> frozenset[str]:
        """The rules that per-file-ignores leaves out in a file."""
        rules = (rules for spec, rules in self._per_file if spec.match(path))
        return frozenset[str]().union(*rules)

    def is_test(self, path: str) -> bool:
        """Whether a file is one of the project's tests."""
        return self._tests.match(path)

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is left out."""
        folders = path.split("/")[:-1]
        if not EXCLUDED_FOLDERS.isdisjoint(folders):
            return True
        return bool(self._exclude) and self._exclude.match(path)

    @cached_property
    def _per_file(self) -> list[tuple[Globs, frozenset[str]]]:
        table = cast(Mapping[str, list[str]], self.get("per-file-ignores"))
        return [(_globs([glob]), frozenset(rules)) for glob, rules in table.items()]

    @cached_property
    def _tests(self) -> Globs:
        return _globs(self.get("tests"))

    @cached_property
    def _exclude(self) -> Globs:
        return _globs(self.get("exclude"))


def _globs(lines: Iterable[str]) -> Globs:
    return Globs(map(rooted, lines))
