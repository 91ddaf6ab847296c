"""Names that constraints get: SQLAlchemy's naming conventions, and PostgreSQL's own choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Naming:
    """A MetaData's naming_convention: patterns by "fk", "ck", "uq", "ix" and "pk"."""

    patterns: Mapping[str, str] = field(default_factory=dict)
