"""Settings: what a project asks of fumehood."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_LINE_LENGTH = 88  # ruff's and black's own default


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one file. `select` and `ignore` hold rules' ids; no `select` means all."""

    dialect: str = "postgresql"
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    line_length: int = DEFAULT_LINE_LENGTH

    def selects(self, rule_id: str) -> bool:
        """Whether the rule is to run."""
        return (not self.select or rule_id in self.select) and rule_id not in self.ignore
