"""What interrupts a migration: a session that is ended, before a statement or while it waits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import psycopg
import psycopg2.errors
from sqlalchemy import event

from .databases import Database
from .locks import is_definition
from .project import Project
from .waiting import until_true


def error_of(run: Callable[[], None]) -> Exception | None:
    """What is raised, if anything."""
    try:
        run()
    except Exception as error:
        return error
    return None


def kill_when_waiting(connection: psycopg.Connection, pid: int) -> None:
    """End a session as soon as it waits for a lock."""
    waits = "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s"
    until_true(
        lambda: connection.execute(waits, (pid,)).fetchone() == ("Lock",),
        f"session {pid} waits for a lock",
    )
    connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


def psycopg_errors(*names: str) -> tuple[type[Exception], ...]:
    """The exceptions of both drivers; a session that is ended may be told by its connection."""
    found = [
        getattr(module, name) for module in (psycopg.errors, psycopg2.errors) for name in names
    ]
    ended = (
        [psycopg.OperationalError, psycopg2.OperationalError] if "AdminShutdown" in names else []
    )
    return (*found, *ended)


def killed_before(
    project: Project, database: Database, number: int, down_to: str | None = None
) -> bool:
    """Upgrade or downgrade, and end the session before a statement of the example; False if it has
    fewer.
    """
    seen = count()

    def starts(connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        defines = is_definition(sql) and "of_" not in sql
        if defines and "alembic_version" not in sql and next(seen) == number:
            pid = connection.connection.dbapi_connection.info.backend_pid
            database.connection.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))

    listens = partial(event.listen, identifier="before_cursor_execute", fn=starts)
    if down_to is not None:
        return error_of(lambda: project.downgrade(down_to, watch=listens)) is not None
    return error_of(lambda: project.upgrade(watch=listens)) is not None


def stamped(database: Database) -> str:
    """The revision that the database is at, "" for none."""
    if database.connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return ""
    row = database.connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""
