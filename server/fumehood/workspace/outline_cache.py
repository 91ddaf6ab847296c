"""Outlines that were made before, in the user's cache folder, by the text that they are of."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_path

log = logging.getLogger(__name__)

T = TypeVar("T")
_TABLE = "CREATE TABLE IF NOT EXISTS outlines (key TEXT PRIMARY KEY, data TEXT, used INTEGER)"
_DAY = 86_400  # seconds
_KEPT = 30 * _DAY  # what nobody has asked for as long as this is deleted
_PATIENCE = 2.0  # seconds, while another process writes


class OutlineCache:
    """A cache in one SQLite file; where that cannot be used, it is empty and keeps nothing.

    A file that is no database, or a broken one, is begun anew. One that cannot be written, or on a
    disk that is full, is read all the same.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or user_cache_path("fumehood") / "outlines.sqlite"
        self._database: sqlite3.Connection | None = None
        self._writes = True
        self._reads = True
        self._renewed = False

    def get(self, text: bytes) -> str | None:
        """The outline of a file with these bytes, as JSON."""
        key, now = _key(text), int(time.time())

        def find(database: sqlite3.Connection) -> sqlite3.Row | None:
            query = "SELECT data, used FROM outlines WHERE key = ?"
            row: sqlite3.Row | None = database.execute(query, [key]).fetchone()
            return row

        def touch(database: sqlite3.Connection) -> None:
            database.execute("UPDATE outlines SET used = ? WHERE key = ?", [now, key])
            database.commit()

        row = self._try(find)
        if row is not None and row[1] < now - _DAY and self._writes:
            self._try(touch)
        return None if row is None else str(row[0])

    def put(self, text: bytes, outline: str) -> None:
        """Keep the outline of a file with these bytes."""
        row = [_key(text), outline, int(time.time())]

        def keep(database: sqlite3.Connection) -> None:
            database.execute("INSERT OR REPLACE INTO outlines VALUES (?, ?, ?)", row)
            database.commit()

        if self._writes:
            self._try(keep)

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            database = self._open()
            return None if database is None else work(database)
        except (sqlite3.OperationalError, OSError) as error:
            if not _is_busy(error):  # else another process writes, and will have written
                self._keep_nothing(error)
        except sqlite3.Error as error:  # no database, or a broken one
            self._renew(error)
        return None

    def _open(self) -> sqlite3.Connection | None:
        if self._database is None and self._reads:
            try:
                self._database = _writable(self._file)
            except (sqlite3.OperationalError, OSError) as error:
                if _is_busy(error):
                    return None
                self._keep_nothing(error)
                self._reads = self._file.is_file()
                self._database = _readable(self._file) if self._reads else None
        return self._database

    def _keep_nothing(self, error: Exception) -> None:
        """Write no more; what is there can be read."""
        if self._writes:
            log.warning("%s: nothing is kept there (%s)", self._file, error)
        elif self._database is not None:
            self._reads, self._database = False, None
        self._writes = False

    def _renew(self, error: Exception) -> None:
        """Begin the file anew, once; other processes may have it open."""
        self._database = None
        self._reads = self._reads and not self._renewed
        if self._renewed:
            return
        self._renewed = True
        log.warning("%s: it is broken (%s), and begun anew", self._file, error)
        for suffix in ("", "-wal", "-shm"):
            try:
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
            except OSError as refused:
                log.warning("%s: nothing is kept there (%s)", self._file, refused)
                self._reads = self._writes = False
                return


def _is_busy(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _writable(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, timeout=_PATIENCE)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")  # a lost row is made again
    database.execute(_TABLE)
    database.execute("DELETE FROM outlines WHERE used < ?", [int(time.time()) - _KEPT])
    database.commit()
    return database


def _readable(file: Path) -> sqlite3.Connection:
    """A file that is not written; nor is, in the end, what SQLite writes beside one it reads."""
    for how in ("mode=ro", "immutable=1"):
        database = sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)
        try:
            database.execute("SELECT 1 FROM outlines LIMIT 1")
        except sqlite3.OperationalError:
            continue
        break
    return database


def _key(text: bytes) -> str:
    return hashlib.sha256(_made_by() + text).hexdigest()


@cache
def _made_by() -> bytes:
    """What an outline depends on besides the text: fumehood's own code, its parsers and Python."""
    own = _states(Path(__file__).parents[1], ".py", inner=True)
    # The files beside a package's __init__ tell its release: importlib.metadata takes ten times as
    # long to import and to ask.
    specs = map(find_spec, ("libcst", "postgast"))
    folders = (each for spec in specs if spec for each in spec.submodule_search_locations or ())
    parsers = [_states(Path(each), "", inner=False) for each in folders]
    return repr((own, parsers, sys.version_info)).encode()


def _states(folder: Path, ending: str, inner: bool) -> list[tuple[str, int, int]]:
    """The files of a package, by name, with their times in ns and sizes; `inner`: below, too."""
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    found = []
    for entry in listed:
        if not entry.is_dir():
            if entry.name.endswith(ending):
                found.append((entry.name, entry.stat().st_mtime_ns, entry.stat().st_size))
        elif inner:
            found += _states(folder / entry.name, ending, inner)
    return found
