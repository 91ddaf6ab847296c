"""Options that several commands share."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from fumehood.cli.parts import Parts

DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql")
SEVERITIES = ("error", "warning", "information", "hint")  # the worst first

paths_argument = click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
_select = click.option("--select", multiple=True, metavar="ID,...", help="Check only these rules.")
_ignore = click.option("--ignore", multiple=True, metavar="ID,...", help="Leave these rules out.")
_dialect = click.option(
    "--dialect",
    type=click.Choice(DIALECTS, case_sensitive=False),
    default="postgresql",
    show_default=True,
    help="The migrations' database. The rules are PostgreSQL's: for another, nothing is found.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user asks to be checked; an empty `select` is all rules."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    dialect: str = "postgresql"


def choice_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that make up a Choice; the command is called with (parts, choice, …)."""

    @functools.wraps(command)
    def with_choice(
        parts: Parts, select: Iterable[str], ignore: Iterable[str], dialect: str, **rest: Any
    ) -> None:
        command(parts, choice_of(parts, select, ignore, dialect), **rest)

    return _select(_ignore(_dialect(with_choice)))


def choice_of(parts: Parts, select: Iterable[str], ignore: Iterable[str], dialect: str) -> Choice:
    """The options as a Choice. Raises click.BadParameter for an id that no rule has."""
    known = [rule.id for rule in parts.load_rules()] if [*select, *ignore] else []
    return Choice(_ids("--select", select, known), _ids("--ignore", ignore, known), dialect)


def _ids(option: str, values: Iterable[str], known: list[str]) -> frozenset[str]:
    ids = [part.strip() for value in values for part in value.split(",")]
    for unknown in (name for name in ids if name not in known):
        raise click.BadParameter(no_rule(unknown, known), param_hint=f"'{option}'")
    return frozenset(ids)


def no_rule(name: str, known: Iterable[str]) -> str:
    """The message for an id that no rule has: the nearest spelling, else all ids."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"The rules are: {', '.join(sorted(known))}."
    return f"there is no rule {name!r}. {hint}"
