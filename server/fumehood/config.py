"""Settings: what a project asks of fumehood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .severity import Severity

DEFAULT_LINE_LENGTH = 88  # ruff's and black's own default


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one file. `select` and `ignore` hold rules' ids; no `select` means all.

    `ignore` includes those of per-file-ignores that match the file. `checked` is False for a
    revision at or before `start-after`.
    """

    dialect: str = "postgresql"
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    downgrade: bool = True
    checked: bool = True
    postgres_version: int | None = None  # the major one, 10 or later
    small_tables: frozenset[str] = frozenset()
    is_test: bool = False
    max_columns: int = 3
    require_ignore_reason: bool = False
    line_length: int = DEFAULT_LINE_LENGTH

    @property
    def is_postgresql(self) -> bool:
        """Whether the rules, which are about PostgreSQL, are about this file."""
        return self.dialect == "postgresql"

    def selects(self, rule_id: str) -> bool:
        """Whether the rule is to run."""
        return (not self.select or rule_id in self.select) and rule_id not in self.ignore

    def is_small(self, schema: object, table: object) -> bool:
        """Whether a lock on the table is no matter; `schema` None is the default one."""
        if not self.small_tables or not isinstance(table, str):
            return False
        names = {f"{schema}.{table}"} if isinstance(schema, str) else set()
        if schema in (None, "public"):
            names |= {table, f"public.{table}"}
        return bool(self.small_tables & names)
