"""The options: one table of them, from which values are checked and a schema is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from . import toml
from .config import Settings
from .option_kinds import (
    Fault,
    Flag,
    Kind,
    ListOf,
    OneOf,
    RuleId,
    TableOf,
    Text,
    Whole,
    found,
    glob_flaw,
    list_glob_flaw,
    revision_flaw,
    suggestion,
    table_flaw,
)
from .severity import Severity
from .text import Span
from .text import Text as Lines

DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql")
_DEFAULTS = Settings()
_RULES = ListOf(RuleId(), "rule ids")
_GLOBS = ListOf(Text("a glob", list_glob_flaw), "globs")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: the values that it may have, the one it has when it is absent, what it does.

    A default of None is found elsewhere, or is none.
    """

    key: str
    kind: Kind
    default: object
    doc: str


OPTIONS = (
    Option("select", _RULES, [], "The rules to check; all of them when empty."),
    Option("ignore", _RULES, [], "Rules to leave out."),
    Option(
        "per-file-ignores",
        TableOf(
            Text("a glob", glob_flaw),
            _RULES,
            'a table such as { "legacy/*.py" = ["a-rule"] }',
        ),
        {},
        "Rules to leave out in the files that a glob matches.",
    ),
    Option(
        "severity",
        TableOf(
            RuleId(),
            OneOf(tuple(each.value for each in Severity)),
            'a table such as { a-rule = "warning" }',
        ),
        {},
        "How much the findings of a rule matter, where that differs from its page.",
    ),
    Option(
        "downgrade", Flag(), _DEFAULTS.downgrade, "Whether downgrade() is checked, a step lower."
    ),
    Option(
        "exclude",
        _GLOBS,
        [],
        "Files and folders to leave out, besides those in .gitignore and folders like .venv.",
    ),
    Option(
        "dialect",
        OneOf(DIALECTS),
        None,
        "The migrations' database, alembic.ini's by default, else postgresql. Others are not "
        "checked.",
    ),
    Option(
        "postgres-version",
        Whole(10, 18, "the major version, an integer"),
        _DEFAULTS.postgres_version,
        "The oldest PostgreSQL that the migrations run on.",
    ),
    Option(
        "start-after",
        ListOf(Text("a revision's id", revision_flaw), "revision ids", alone=True),
        [],
        "The last revision that is not checked; neither are those before it.",
    ),
    Option(
        "small-tables",
        ListOf(Text("a table's name", table_flaw), "tables' names"),
        [],
        "Tables so small that a lock on them is no matter, as table or schema.table.",
    ),
    Option(
        "tests",
        _GLOBS,
        ["tests/", "test_*.py", "*_test.py", "conftest.py"],
        "The project's tests.",
    ),
    Option(
        "line-length",
        Whole(1, 320),
        None,
        f"The longest line of a fix, ruff's or black's by default, else {_DEFAULTS.line_length}.",
    ),
    Option(
        "max-columns", Whole(1), _DEFAULTS.max_columns, "The most columns of an index that is fine."
    ),
    Option(
        "require-ignore-reason",
        Flag(),
        _DEFAULTS.require_ignore_reason,
        "Whether a comment that hides findings has to give a reason.",
    ),
    Option(
        "diagnostic-mode",
        OneOf(("openFilesOnly", "workspace")),
        "openFilesOnly",
        "Whether an editor shows findings of open files, or of all files of the workspace.",
    ),
)
BY_KEY = {option.key: option for option in OPTIONS}


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """What is wrong in a configuration file.

    `span` counts code points of the file's text (without a byte order mark); `line` and `column`
    are those of its start, from 1. `key` is the option, or empty.
    """

    path: Path
    span: Span
    line: int
    column: int
    key: str
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        return f"{shown(self.path)}:{self.line}:{self.column}: {key}{self.message}"


def check(table: Mapping[str, object]) -> tuple[dict[str, object], list[Fault]]:
    """The options of a table that are right, and what is wrong with the others."""
    right: dict[str, object] = {}
    faults: list[Fault] = []
    for key, value in table.items():
        wrong = list(_faults(key, value))
        faults += wrong
        if not wrong:
            right[key] = value
    return right, faults


def not_a_table(value: object) -> Fault:
    """For a [tool.fumehood] that is something else."""
    return Fault((), f"expected a table, [tool.fumehood], found {found(value)}.")


def place(
    file: Path, text: str, faults: Iterable[Fault], severity: Literal["error", "warning"] = "error"
) -> list[ConfigProblem]:
    """Faults with their places in the text of a configuration file that is valid TOML."""
    places = toml.places(text, toml.table_in(file.name))
    lines = Lines(text)
    problems = []
    for fault in faults:
        path = fault.path
        while path and path not in places:
            path = path[:-1]
        here = places.get(path, toml.Place(Span(0, 0), Span(0, 0)))
        span = here.key if fault.at_key else here.value
        key = str(fault.path[0]) if fault.path else ""
        problems.append(problem_at(file, lines, span, fault.message, key, severity))
    return sorted(problems, key=lambda problem: problem.span)


def problem_at(
    file: Path,
    lines: Lines,
    span: Span,
    message: str,
    key: str = "",
    severity: Literal["error", "warning"] = "error",
) -> ConfigProblem:
    """A problem at a span of a file's text."""
    line, column = lines.position(span.start, "utf-32")
    return ConfigProblem(file, span, line + 1, column + 1, key, message, severity)


def schema() -> dict[str, Any]:
    """The JSON schema of fumehood.toml, and of [tool.fumehood] in pyproject.toml."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "fumehood",
        "description": "The options of fumehood.toml, and of [tool.fumehood] in pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": {option.key: _property(option) for option in OPTIONS},
    }


def shown(path: Path) -> str:
    """A path as messages name it: from the working directory, where it lies below that."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def _property(option: Option) -> dict[str, Any]:
    default = {} if option.default is None else {"default": option.default}
    return {"description": option.doc, **option.kind.schema(), **default}


def _faults(key: str, value: object) -> Iterator[Fault]:
    option = BY_KEY.get(key)
    if option is not None:
        yield from option.kind.faults(value, (key,))
    elif key == "tool" and isinstance(value, Mapping) and "fumehood" in value:
        message = "in this file, the options stand at the top, without [tool.fumehood]."
        yield Fault((key, "fumehood"), message, at_key=True)
    else:
        message = f"there is no such option. {suggestion(key, BY_KEY, 'options')}"
        yield Fault((key,), message, at_key=True)
