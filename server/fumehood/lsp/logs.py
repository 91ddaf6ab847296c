"""Where the log goes: to stderr, to the client's log window, and to a file where one is named."""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

_FORMAT = "%(levelname)s %(name)s: %(message)s"
_ERROR, _WARNING, _INFO, _LOG = 1, 2, 3, 4  # MessageType
_recent: deque[str] = deque(maxlen=20)
_log = logging.getLogger("fumehood")
log = logging.getLogger(__name__)


class Logging(NamedTuple):
    """What is logged: a level (debug, info, …) and all above it; and a file that it goes to."""

    level: str = "info"
    file: Path | None = None


def log_to_stderr(level: str) -> None:
    """Log to stderr, since stdout belongs to the protocol."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=_FORMAT, force=True)
    _log.setLevel(level.upper())
    _log.addHandler(_Recent(logging.WARNING))


def log_to_file(file: Path) -> None:
    """Log to a file too; one that cannot be written is said and left alone."""
    try:
        handler = logging.FileHandler(
            file.expanduser(), encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        # Its users would rather have findings without a log than nothing.
        reason = error.strerror or error
        log.warning("nothing is logged to %s: %s; name a file that can be written", file, reason)
        return
    handler.setFormatter(logging.Formatter(f"%(asctime)s %(process)d {_FORMAT}"))
    _log.addHandler(handler)


def recent() -> list[str]:
    """The last warnings and errors, the newest last."""
    return list(_recent)


def log_to_client(announce: Callable[[str, dict[str, Any]], None]) -> None:
    """Send what is logged as `window/logMessage`; `announce` may be called in any thread."""
    handler = _ClientHandler(announce)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    _log.addHandler(handler)


class _Recent(logging.Handler):
    """Keeps the last lines."""

    def emit(self, record: logging.LogRecord) -> None:
        _recent.append(f"{record.name}: {self.format(record)}")


class _ClientHandler(logging.Handler):
    def __init__(self, announce: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__()
        self._announce = announce

    def emit(self, record: logging.LogRecord) -> None:
        try:
            params = {"type": _kind(record.levelno), "message": self.format(record)}
            self._announce("window/logMessage", params)
        except Exception:
            self.handleError(record)


def _kind(level: int) -> int:
    if level >= logging.ERROR:
        return _ERROR
    if level >= logging.WARNING:
        return _WARNING
    return _INFO if level >= logging.INFO else _LOG
