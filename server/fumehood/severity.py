"""Severity: how much a finding matters."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters, in LSP's words."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"

    @property
    def lowered(self) -> Severity:
        """One step less."""
        steps = list(Severity)
        return steps[min(steps.index(self) + 1, len(steps) - 1)]
