"""A test's own database, emptied before it and between the ways that it compares."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count

import psycopg

from .servers import Server

_NUMBERS = count(1)
_USES = 20  # of a database, before another is made
# Autovacuum's workers, which a user's server has, are not everybody's to end.
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid()"
)

# A migration that waits for ever would be an endless test.
_LIMITS = "-c lock_timeout=20s -c statement_timeout=600s -c timezone=UTC"


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
            "SELECT quote_ident(nspname), pg_has_role(nspowner, 'USAGE') FROM pg_namespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        ).fetchall()
        drop = [
            # Up to PostgreSQL 14 "public" is not the database's owner's.
            f"DROP SCHEMA IF EXISTS {schema} CASCADE" if owned else "DROP OWNED BY CURRENT_USER"
            for schema, owned in schemas
        ]
        made = "CREATE SCHEMA IF NOT EXISTS public"
        self.connection.execute("; ".join([*drop, made, sql]))  # type: ignore[arg-type]


class Pool:
    """An empty database for one test after the other.

    It is the same one again, since to make and drop one costs as much as a test; but not for ever,
    since what is dropped in it stays in the pages of its catalog.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made = ExitStack()
        self._name = ""
        self._left = 0

    def close(self) -> None:
        """Drop it, whoever is still connected."""
        self._made.close()

    @contextmanager
    def database(self) -> Iterator[Database]:
        """It, emptied; nobody else is connected."""
        if not self._left:
            self._made.close()
            self._name = self._made.enter_context(_made(self._server))
            self._left = _USES
        self._left -= 1
        with self._server.connect(self._name) as connection:
            connection.execute("SET client_min_messages = error")
            connection.execute(_END_OTHERS)
            given = Database(self._server, self._name, connection)
            given.reset("")
            yield given


@contextmanager
def database(server: Server) -> Iterator[Database]:
    """One for once."""
    pool = Pool(server)
    try:
        with pool.database() as made:
            yield made
    finally:
        pool.close()


@contextmanager
def _made(server: Server) -> Iterator[str]:
    name = f"fumehood_test_{os.getpid()}_{next(_NUMBERS)}"
    with server.connect() as maintenance:
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield name
        finally:
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")
