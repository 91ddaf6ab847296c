"""A test's own database, emptied between the ways that it compares."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import psycopg

from .servers import Server

_NUMBERS = count(1)

# A migration that waits for ever would be an endless test.
_LIMITS = "-c lock_timeout=20s -c statement_timeout=60s -c timezone=UTC"


@dataclass(frozen=True)
class Database:
    """One database; `connection` is in autocommit, its owner's."""

    server: Server
    name: str
    connection: psycopg.Connection

    @property
    def parameters(self) -> Mapping[str, str]:
        """libpq's, for those who migrate."""
        return self.server.parameters | {"dbname": self.name, "options": _LIMITS}

    def reset(self, sql: str) -> None:
        """Empty it, and run statements in one transaction."""
        schemas = self.connection.execute(
            "SELECT quote_ident(nspname) FROM pg_namespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        ).fetchall()
        drop = [f"DROP SCHEMA {schema} CASCADE" for (schema,) in schemas]
        self.connection.execute("; ".join([*drop, "CREATE SCHEMA public", sql]))  # type: ignore[arg-type]


@contextmanager
def database(server: Server) -> Iterator[Database]:
    """A new database; dropped at the end, whoever is still connected."""
    name = f"fumehood_test_{os.getpid()}_{next(_NUMBERS)}"
    with server.connect() as maintenance:
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            connection = server.connect(name)
            connection.execute("SET client_min_messages = error")
            with connection:
                yield Database(server, name, connection)
        finally:
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")
