"""A terminal program that is typed to, and asked how it is by other ways than its screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shop import environment

PATIENCE = 60.0  # seconds: ten times what it takes where others work too, not a slow server
_INTERVAL = 0.1
_ROWS, _COLUMNS = 50, 160


class Terminal(ABC):
    """A program in a terminal of its own; its home is `folder`.

    Keys come one way, answers another, and neither waits for the other: so `type` waits.
    """

    counted: str  # a key that does nothing but to be counted, whatever the editor asks for

    def __init__(self, command: list[str], folder: Path, server: list[str]) -> None:
        self._home, self._typed = folder, 0
        self._screen: deque[bytes] = deque(maxlen=200)
        self._terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder, server),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(inside)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)

    @abstractmethod
    def handled(self) -> int:
        """How often the key that is counted was handled."""

    def type(self, keys: str) -> None:
        """Press keys, and wait until they were handled: what is asked next is asked after them."""
        self._typed += 1
        os.write(self._terminal, (keys + self.counted).encode())
        self.wait(f"{keys!r} to be handled", lambda: self.handled() >= self._typed)

    def wait(self, what: str, condition: Callable[[], Any]) -> Any:
        """What `condition` returns, once that is true; an AssertionError if it never is."""
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert self.process.poll() is None, f"{what}: the editor has ended\n{self.screen()}"
            assert time.monotonic() < end, f"waited in vain: {what}\n{self.screen()}"
            time.sleep(_INTERVAL)
        return found

    def server(self) -> int:
        """The process id of the last server; 0 if none was started, or while one starts."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int((self._home / "pid").read_text())
        return 0

    def screen(self) -> str:
        """What was last written to the terminal, escape sequences and all."""
        return b"".join(self._screen).decode(errors="replace")[-3000:]

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the program has ended
            while data := os.read(self._terminal, 65536):
                self._screen.append(data)
