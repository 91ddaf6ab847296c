"""Outlines that were made before, in the user's cache folder, by the text that they are of."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
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
    """A cache in one SQLite file. Where it cannot be used, it is empty and keeps nothing."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or user_cache_path("fumehood") / "outlines.sqlite"
        self._database: sqlite3.Connection | None = None
        self._broken = False

    def get(self, text: bytes) -> str | None:
        """The outline of a file with these bytes, as JSON."""
        key, now = _key(text), int(time.time())

        def find(database: sqlite3.Connection) -> str | None:
            found = database.execute("SELECT data, used FROM outlines WHERE key = ?", [key])
            row = found.fetchone()
            if row is not None and row[1] < now - _DAY:
                database.execute("UPDATE outlines SET used = ? WHERE key = ?", [now, key])
                database.commit()
            return None if row is None else str(row[0])

        return self._try(find)

    def put(self, text: bytes, outline: str) -> None:
        """Keep the outline of a file with these bytes."""
        row = [_key(text), outline, int(time.time())]

        def keep(database: sqlite3.Connection) -> None:
            database.execute("INSERT OR REPLACE INTO outlines VALUES (?, ?, ?)", row)
            database.commit()

        self._try(keep)

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            database = self._open()
            return None if database is None else work(database)
        except (sqlite3.Error, OSError) as error:
            if not self._broken:
                log.warning("%s: nothing is kept there (%s)", self._file, error)
            self._broken, self._database = True, None
            return None

    def _open(self) -> sqlite3.Connection | None:
        if self._database is None and not self._broken:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._file, timeout=_PATIENCE)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")  # a lost row is made again
            database.execute(_TABLE)
            database.execute("DELETE FROM outlines WHERE used < ?", [int(time.time()) - _KEPT])
            database.commit()
            self._database = database
        return self._database


def _key(text: bytes) -> str:
    return hashlib.sha256(_made_by() + text).hexdigest()


@cache
def _made_by() -> bytes:
    """What an outline depends on besides the text: fumehood's own code, libcst and Python."""
    root = Path(__file__).parents[1]
    code = sorted(root.rglob("*.py"))
    states = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in code]
    libraries = [version(name) for name in ("libcst", "postgast") if _installed(name)]
    return repr((states, libraries, sys.version_info)).encode()


def _installed(name: str) -> bool:
    try:
        version(name)
    except ImportError:  # PackageNotFoundError
        return False
    return True
