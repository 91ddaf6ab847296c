"""What each statement of a migration locks, scans, builds and rewrites, while it runs.

Nothing here is a matter of time. A transaction's locks are read after each of its statements. What
runs in autocommit has let go of them by then: a concurrent build is held up half-way by an older
writer, and looked at while it waits; any other statement is run once more in a transaction that is
rolled back.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from .databases import Database
from .needs import Name, Needs, qualified

# PostgreSQL's modes that conflict with an INSERT's, from the weakest on.
BLOCK_WRITES = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
STRENGTH = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    *BLOCK_WRITES,
)
_PATIENCE = 30.0  # seconds until something is plainly wrong

_WORK = """
    SELECT c.oid, c.oid::regclass::text, pg_relation_filenode(c.oid),
        pg_stat_get_xact_tuples_returned(c.oid),
        ARRAY(SELECT pg_relation_filenode(indexrelid) FROM pg_index
            WHERE indrelid = c.oid AND pg_relation_filenode(indexrelid) IS NOT NULL)
    FROM pg_class c WHERE c.oid = ANY(%s)
"""


@dataclass
class Step:
    """One statement; tables by name, only those that were there before."""

    sql: str
    held: dict[str, set[str]] = field(default_factory=dict)  # modes
    scanned: set[str] = field(default_factory=set)
    built: set[str] = field(default_factory=set)  # an index of theirs
    rewritten: set[str] = field(default_factory=set)
    blocked: list[str] = field(default_factory=list)  # statements of others that had to wait

    @property
    def strongest(self) -> dict[str, str]:
        """The strongest mode on each table."""
        return {table: max(modes, key=STRENGTH.index) for table, modes in self.held.items()}

    def faults(self) -> list[str]:
        """What it makes writers wait for, for as long as a table is long."""
        long = self.scanned | self.built | self.rewritten
        locked = {table: mode for table, mode in self.strongest.items() if mode in BLOCK_WRITES}
        found = [f"{self.blocked} had to wait"] if self.blocked else []
        if long and locked:
            found.append(f"works through {sorted(long)} while it holds {locked}")
        return [f"{self.sql}: {fault}" for fault in found]


class Watch:
    """Notes the steps of the migrations whose engine it is given.

    Those that define something, or `all_of_them`. `holds` is the lock that what runs outside a
    transaction is held up with, by default one of a writer on each table.
    """

    def __init__(
        self,
        database: Database,
        needs: Needs,
        all_of_them: bool = False,
        holds: str | None = None,
    ) -> None:
        self.steps: list[Step] = []
        self._all_of_them, self._holds = all_of_them, holds
        self._database = database
        self._names = list(needs.tables)
        self._before: Mapping[int, Any] = {}

    def __call__(self, engine: Engine) -> None:
        self._tables = _oids(self._database.connection, self._names)
        event.listen(engine, "before_cursor_execute", self._starts)
        event.listen(engine, "after_cursor_execute", self._ended)

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Lets go, at the end, of what a failed statement left waiting."""
        try:
            yield
        finally:
            if self._waiting is not None:
                self._waiting.set()

    def _starts(self, connection: Any, _c: Any, sql: str, *_: Any) -> None:
        raw = connection.connection.dbapi_connection
        if not self._is_watched(sql):
            return
        self._before = {} if raw.autocommit else self._work(raw)
        if _in_transaction(raw):
            return
        if re.search(r"\bCONCURRENTLY\b|^\s*VACUUM\b", sql, re.IGNORECASE):
            self._held_up(raw.info.backend_pid, sql)
        else:
            self._rehearse(sql)

    def _ended(self, connection: Any, _c: Any, sql: str, *_: Any) -> None:
        raw = connection.connection.dbapi_connection
        if self._is_watched(sql) and _in_transaction(raw):
            step = self._worked(sql, self._before, self._work(raw))
            step.held = self._held(raw.info.backend_pid)
            self.steps.append(step)
        elif self._waiting is not None:
            self._waiting.set()
            self._waiting = None

    def _is_watched(self, sql: str) -> bool:
        return self._all_of_them or is_definition(sql)

    def _work(self, raw: Any) -> Mapping[int, Any]:
        """Of each table, by OID: name, file, rows read in this transaction, its indexes' files."""
        cursor = raw.cursor()
        cursor.execute(_WORK, (self._tables,))
        return {oid: rest for oid, *rest in cursor.fetchall()}

    def _worked(self, sql: str, before: Mapping[int, Any], after: Mapping[int, Any]) -> Step:
        step = Step(" ".join(sql.split()))
        for oid, (name, file, read, indexes) in after.items():
            _, old_file, old_read, old_indexes = before.get(oid, (name, file, 0, []))
            if file != old_file:
                step.rewritten.add(name)
            if read > old_read:
                step.scanned.add(name)
            if set(indexes) - set(old_indexes):
                step.built.add(name)
        return step

    def _held(self, pid: int) -> dict[str, set[str]]:
        """The modes that a session holds; what it waits for, others have to wait behind."""
        found: dict[str, set[str]] = {}
        rows = self._database.connection.execute(
            "SELECT relation::regclass::text, mode FROM pg_locks WHERE pid = %s "
            "AND locktype = 'relation' AND relation = ANY(%s)",
            (pid, self._tables),
        )
        for table, mode in rows:
            found.setdefault(table, set()).add(mode)
        return found

    def _rehearse(self, sql: str) -> None:
        """Run a statement in a transaction of its own, look at it, and roll it back."""
        with self._database.server.connect(self._database.name) as twin:
            twin.execute("BEGIN")
            before = self._work(twin)
            try:
                twin.execute(sql)  # type: ignore[call-overload]
            except psycopg.errors.InvalidTransactionTermination:
                return  # it commits by itself, as a loop over batches does
            step = self._worked(sql, before, self._work(twin))
            step.held = self._held(twin.info.backend_pid)
            self.steps.append(step)
            twin.execute("ROLLBACK")

    def _present(self) -> list[str]:
        """What the tables are called now: the migration may have renamed one."""
        query = "SELECT oid::regclass::text FROM pg_class WHERE oid = ANY(%s) ORDER BY 1"
        return [name for (name,) in self._database.connection.execute(query, (self._tables,))]

    _waiting: threading.Event | None = None

    def _held_up(self, pid: int, sql: str) -> None:
        """Let a statement that waits for writers wait for one, until it has been looked at."""
        step = Step(" ".join(sql.split()))
        self.steps.append(step)
        self._waiting = ended = threading.Event()
        writer = self._database.server.connect(self._database.name)
        writer.execute("BEGIN")
        locks = [f"LOCK TABLE {name} IN ROW EXCLUSIVE MODE" for name in self._present()]
        for lock in [self._holds] if self._holds else locks:
            writer.execute(lock)  # type: ignore[arg-type]
        threading.Thread(target=self._look, args=(pid, step, writer, ended)).start()

    def _look(
        self, pid: int, step: Step, writer: psycopg.Connection, ended: threading.Event
    ) -> None:
        with self._database.server.connect(self._database.name) as other, writer:
            until = time.monotonic() + _PATIENCE
            while not ended.is_set() and time.monotonic() < until:
                state = "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s"
                if other.execute(state, (pid,)).fetchone() == ("Lock",):
                    step.held = self._held(pid)
                    step.built = set(step.held)
                    step.blocked = blocked(other, self._present())
                    break
                ended.wait(0.002)
            writer.execute("ROLLBACK")


def blocked(connection: psycopg.Connection, tables: list[str]) -> list[str]:
    """Which of a reader's and a writer's statements on the tables, by SQL name, have to wait."""
    found = []
    connection.execute("SET lock_timeout = '2s'")
    for name in tables:
        for sql in (
            f"SELECT FROM {name} LIMIT 1",
            f"INSERT INTO {name} SELECT * FROM {name} WHERE false",
            f"UPDATE {name} SET id = id WHERE id = 1",
        ):
            try:
                with connection.transaction():
                    connection.execute(sql)  # type: ignore[call-overload]
            except psycopg.errors.LockNotAvailable:
                found.append(sql)
            except psycopg.errors.UndefinedColumn:
                continue
    return found


def modes_in(effect: str) -> list[str]:
    """The lock modes that a finding's effect names, as PostgreSQL's catalog has them."""
    words = re.findall(r"\b((?:ACCESS |SHARE |ROW |UPDATE )*(?:EXCLUSIVE|SHARE)) lock", effect)
    return ["".join(word.capitalize() for word in mode.split()) + "Lock" for mode in words]


def _in_transaction(raw: Any) -> bool:
    """Whether a connection that has been asked something is in a transaction.

    psycopg2 stays out of one after COMMIT by hand, though it is not in autocommit.
    """
    return raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE


_BLANK = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_DEFINITION = re.compile(
    rf"{_BLANK}(ALTER|CREATE|DROP|COMMENT|DO|REINDEX|CLUSTER)\b", re.IGNORECASE | re.DOTALL
)


def is_definition(sql: str) -> bool:
    """Whether a statement, behind its comments, is one of those that migrations are about."""
    return _DEFINITION.match(sql) is not None


def _oids(connection: psycopg.Connection, names: list[Name]) -> list[int]:
    query = "SELECT to_regclass(%s)::oid"
    found = [connection.execute(query, (qualified(name),)).fetchone() for name in names]
    return [row[0] for row in found if row and row[0]]
