"""Where the log goes: to stderr, and what needs attention to the client's log window too."""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

_FORMAT = "%(levelname)s %(name)s: %(message)s"
_ERROR, _WARNING = 1, 2  # MessageType
_recent: deque[str] = deque(maxlen=20)


def log_to_stderr() -> None:
    """Log to stderr; stdout belongs to the protocol."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=_FORMAT, force=True)
    logging.getLogger("fumehood").setLevel(logging.INFO)


def recent() -> list[str]:
    """The last warnings and errors, the newest last."""
    return list(_recent)


def log_to_client(announce: Callable[[str, dict[str, Any]], None]) -> None:
    """Send warnings and errors as `window/logMessage`; `announce` may be called in any thread."""
    handler = _ClientHandler(announce)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logging.getLogger("fumehood").addHandler(handler)


class _ClientHandler(logging.Handler):
    def __init__(self, announce: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__(logging.WARNING)
        self._announce = announce

    def emit(self, record: logging.LogRecord) -> None:
        kind = _ERROR if record.levelno >= logging.ERROR else _WARNING
        try:
            message = self.format(record)
            _recent.append(message)
            self._announce("window/logMessage", {"type": kind, "message": message})
        except Exception:
            self.handleError(record)
