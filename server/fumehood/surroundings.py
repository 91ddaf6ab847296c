"""Surroundings: what a file is checked in the light of, besides its own text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from .config import Settings
from .project import Project
from .read.cache import Lines
from .rule import Rule
from .schema import Schema


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings and the project of a file, the rules, the lines that were read, the day.

    `before` are the tables as a migration finds them, None while they are not known.
    """

    settings: Settings
    project: Project
    before: Schema | None
    rules: Sequence[Rule]
    lines: Lines
    today: Callable[[], date]
