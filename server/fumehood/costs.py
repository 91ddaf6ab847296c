"""What the rules cost."""

from __future__ import annotations

from typing import NamedTuple


class Cost(NamedTuple):
    """How often a rule ran, and how many seconds that took in all."""

    runs: int = 0
    seconds: float = 0.0


class Costs:
    """The cost of each rule so far, by its id."""

    def __init__(self) -> None:
        self._of: dict[str, Cost] = {}

    def add(self, rule_id: str, seconds: float) -> None:
        """A rule ran once."""
        runs, spent = self._of.get(rule_id, Cost())
        self._of[rule_id] = Cost(runs + 1, spent + seconds)

    def slowest(self) -> list[tuple[str, Cost]]:
        """All of them, what took longest first."""
        return sorted(self._of.items(), key=lambda item: -item[1].seconds)
