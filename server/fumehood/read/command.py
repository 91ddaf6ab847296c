"""One operation that SQL holds, and the statement that it is read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ..facts import InSql, Operation
from .tokens import Tokens


@dataclass(frozen=True, slots=True)
class Command:
    """One operation: its kind, its arguments, and where it stands in the SQL."""

    kind: type[Operation]
    place: InSql
    arguments: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or an action of ALTER TABLE. `undone`: what follows in the SQL may undo it."""

    grammar: ModuleType
    tokens: Tokens
    sql: str  # all of it, as it is written
    alone: bool
    undone: bool

    def place(self, **more: Any) -> InSql:
        """The whole of it, as a place."""
        return InSql(self.tokens.start, self.tokens.end, self.sql, self.alone, **more)


def relation(node: Any) -> dict[str, Any]:
    """The table that a RangeVar names, and its schema."""
    return {"table": node.relname, "schema": node.schemaname or None}
