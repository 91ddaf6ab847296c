"""Project: what is known of the code around a migration, read from it as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .naming import Naming

Driver = Literal["psycopg2", "psycopg"]


@dataclass(frozen=True, slots=True)
class Project:
    """What a migration's environment tells about it.

    `naming` is that of the MetaData which env.py gives to Alembic, None where it cannot be read.
    `block_fails` says why an autocommit block cannot work in this environment, as a sentence with
    file and line ("env.py:38 begins the transaction itself, …."), None where it can. `autocommit`:
    its connection is in autocommit, so that nothing runs in a transaction and no block is needed.
    `partitioned` holds (schema, table) of tables that migrations create as partitioned. `driver` is
    None where it is another than these two, or not known. `only_postgresql`: it is said to be for
    PostgreSQL, and nothing that is read speaks of another database. `others`: something does.
    `ignored`: keywords that mean nothing to the project's versions, each with what ignores it
    ("SQLAlchemy 1.4.20").
    """

    naming: Naming | None = field(default_factory=Naming)
    block_fails: str | None = None
    autocommit: bool = False
    partitioned: frozenset[tuple[str | None, str]] = frozenset()
    driver: Driver | None = None
    only_postgresql: bool = False
    others: bool = False
    ignored: tuple[tuple[str, str], ...] = ()

    def is_partitioned(self, schema: object, table: object) -> bool:
        """Whether a table is known to be partitioned; "public" is the default schema."""
        return (None if schema == "public" else schema, table) in self.partitioned
