"""Surroundings: what a file is checked in the light of, besides its own text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from .config import Settings
from .project import Project
from .read.cache import Lines
from .rule import Rule


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings and the project of a file, the rules, the lines that were read, the day."""

    settings: Settings
    project: Project
    rules: Sequence[Rule]
    lines: Lines
    today: Callable[[], date]
