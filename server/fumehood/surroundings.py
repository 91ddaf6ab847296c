"""Surroundings: what a file is checked in the light of, besides its own text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from .config import Settings
from .costs import Costs
from .document import Document
from .models.catalog import InProject
from .project import Project
from .read.cache import Lines
from .revision_flaws import Flaw
from .rule import Rule
from .schema import Schema


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings and the project of a file, the rules, the lines that were read, the day,
    and what the rules have cost.

    `before` are the tables as a migration finds them, None while they are not known. `models` are
    those of the file's project, None where it is not known to be in one. `flaws` are those of the
    graph of revisions that stand in the file.
    """

    settings: Settings
    project: Project
    before: Schema | None
    models: InProject | None
    flaws: Sequence[Flaw]
    rules: Sequence[Rule]
    lines: Lines
    today: Callable[[], date]
    costs: Costs

    def concerns_rules(self, document: Document) -> bool:
        """Whether rules about migrations are for a file."""
        settings = self.settings
        return settings.checked and settings.is_postgresql and document.is_migration

    def has_models(self, document: Document) -> bool:
        """Whether rules about models and queries are for a file."""
        settings = self.settings
        if self.models is None or document.is_migration:
            return False
        return settings.checked and settings.is_postgresql and not settings.is_test
