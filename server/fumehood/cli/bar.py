"""Bar: how far a long run has come, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
_PATIENCE = 1.0  # seconds before there is anything to see


class Bar:
    """Shows itself on stderr after a while, where that is a terminal; gone when it is closed."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._progress: Progress | None = None
        self._wanted = sys.stderr.isatty()

    def over(self, items: Iterable[T], label: str, total: Sized | None = None) -> Iterator[T]:
        """The items, shown as they are taken; out of as many as `total` holds."""
        count = None if total is None else len(total)
        task = None
        for done, item in enumerate(items):
            if task is None and (progress := self._shown()):
                task = progress.add_task(label, total=count)
            if task is not None and self._progress:
                self._progress.update(task, completed=done)
            yield item
        if task is not None and self._progress:
            self._progress.remove_task(task)

    def say(self, line: str) -> bool:
        """Print a line above the bar; False when there is none, and nothing was printed."""
        if self._progress is None:
            return False
        from rich.text import Text

        self._progress.console.print(Text.from_ansi(line), soft_wrap=True)
        return True

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _shown(self) -> Progress | None:
        if self._progress is None and self._wanted and self._is_late():
            # rich takes 0.1 s to import.
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            console = Console(stderr=True)
            if console.is_dumb_terminal or not console.is_terminal:
                self._wanted = False
                return None
            columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
            self._progress = Progress(
                *columns,
                console=console,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._progress.start()
        return self._progress

    def _is_late(self) -> bool:
        return time.monotonic() - self._start > _PATIENCE
