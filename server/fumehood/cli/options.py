"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from fumehood import pages
from fumehood.cli.parts import Parts
from fumehood.option_kinds import suggestion
from fumehood.options import DIALECTS
from fumehood.workspace.workspace import Workspace

SEVERITIES = ("error", "warning", "information", "hint")  # the worst first

paths_argument = click.argument(
    "paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path)
)
_jobs = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="The most processes to use; by default, as many as there are processors.",
)
_select = click.option("--select", multiple=True, metavar="ID,...", help="Check only these rules.")
_ignore = click.option("--ignore", multiple=True, metavar="ID,...", help="Leave these rules out.")
_dialect = click.option(
    "--dialect",
    type=click.Choice(DIALECTS, case_sensitive=False),
    help="The migrations' database; without it, alembic.ini tells. The rules are PostgreSQL's: for "
    "another one, nothing is found.",
)
_force_exclude = click.option(
    "--force-exclude",
    is_flag=True,
    help="Leave out what the configuration excludes even where it is named, as by pre-commit.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user asks for on the command line; what is empty is left to the configuration."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    dialect: str | None = None
    jobs: int | None = None
    force_exclude: bool = False

    def workspace(self) -> Workspace:
        """The workspace with these options above what its files say."""
        given = {"select": sorted(self.select), "ignore": sorted(self.ignore)}
        overrides = {key: value for key, value in given.items() if value}
        return Workspace({**overrides, "dialect": self.dialect})


def choice_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that make up a Choice; the command is called with (parts, choice, …)."""

    @functools.wraps(command)
    def with_choice(
        parts: Parts,
        select: Iterable[str],
        ignore: Iterable[str],
        dialect: str | None,
        jobs: int | None,
        force_exclude: bool,
        **rest: Any,
    ) -> None:
        selected, ignored = _ids("--select", select), _ids("--ignore", ignore)
        choice = Choice(selected, ignored, dialect, jobs, force_exclude)
        command(parts, choice, **rest)

    return _select(_ignore(_dialect(_jobs(_force_exclude(with_choice)))))


def _ids(option: str, values: Iterable[str]) -> frozenset[str]:
    known = pages.ids()
    ids = [part.strip() for value in values for part in value.split(",")]
    for unknown in (name for name in ids if name not in known):
        raise click.BadParameter(no_rule(unknown, known), param_hint=f"'{option}'")
    return frozenset(ids)


def no_rule(name: str, known: Iterable[str]) -> str:
    """The message for an id that no rule has: the nearest spelling, else all ids."""
    return f"there is no rule {name!r}. {suggestion(name, known)}"
