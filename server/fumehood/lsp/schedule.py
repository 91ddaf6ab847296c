"""What the event loop does next: messages first, then analysis, then what nobody waits for."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")

SLICE = 0.01  # seconds of analysis between two looks at the inbox
_OVERDUE = 0.15  # seconds without a publish after which typing has to wait for one
_PATIENCE = 1.0  # seconds after which it no longer waits: the document is a giant
_IDLE = 0.3  # seconds of silence before what nobody asked for is done


def call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    """Have the event loop call something, unless it has ended; may be called in any thread."""
    with suppress(RuntimeError):  # it is closed
        loop.call_soon_threadsafe(callback)


def when_done(
    loop: asyncio.AbstractEventLoop, future: Future[T], take: Callable[[Future[T]], object]
) -> None:
    """Have the event loop call `take` with what another process was asked for."""
    future.add_done_callback(lambda done: call_soon(loop, partial(take, done)))


class Schedule:
    """Queues of messages, of documents and of other work, all on the event loop but for `post`.

    Changes that wait in the queue together are applied together and analysed once, as the newest.
    Between two looks at the inbox one moment's work is done, whatever waits.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receive: Callable[[Any], None],
        ready: Callable[[Any], bool],
        analyse: Callable[[str, float], bool],
        complete: Callable[[str, float], bool],
    ) -> None:
        """`ready` tells whether a message can be handled yet; the rest waits behind it, in order.

        `analyse` and `complete` work on a document for some seconds; True when it is done.
        """
        self._loop = loop
        self._receive, self._ready = receive, ready
        self._analyse, self._complete = analyse, complete
        self._inbox: deque[Any] = deque()
        self._changed: dict[str, float] = {}  # since when, the newest change last
        self._incomplete: set[str] = set()
        self._background: deque[Iterator[None]] = deque()
        self._next: asyncio.Handle | None = None
        self._idle: asyncio.Handle | None = None

    def post(self, message: Any) -> None:
        """Queue a message; may be called in any thread."""
        self._inbox.append(message)
        self.wake()

    def wake(self) -> None:
        """Look at the queues soon; may be called in any thread."""
        call_soon(self._loop, self._turn)

    def changed(self, uri: str) -> None:
        """A document has to be analysed."""
        self._changed[uri] = self._changed.pop(uri, self._loop.time())
        self._incomplete.add(uri)

    def closed(self, uri: str) -> None:
        """A document needs nothing any more."""
        self._changed.pop(uri, None)
        self._incomplete.discard(uri)

    def background(self, steps: Iterator[None]) -> None:
        """Do something in small steps when there is nothing else to do; closing it ends it."""
        self._background.append(steps)
        self.wake()

    def _turn(self) -> None:
        for handle in (self._idle, self._next):
            if handle is not None:
                handle.cancel()
        self._idle = self._next = None
        while self._inbox and not self._overdue() and self._ready(self._inbox[0]):
            self._receive(self._inbox.popleft())
        if self._changed:
            self._step()
        elif self._background:
            self._advance()
        if self._changed or self._background or (self._inbox and self._ready(self._inbox[0])):
            self._next = self._loop.call_soon(self._turn)
        elif self._incomplete and not self._inbox:
            self._idle = self._loop.call_later(_IDLE, self._fill_silence)

    def _overdue(self) -> bool:
        now = self._loop.time()
        return any(_OVERDUE <= now - since < _PATIENCE for since in self._changed.values())

    def _step(self) -> None:
        uri = next(reversed(self._changed))
        if self._guarded(self._analyse, uri, SLICE):
            self._changed.pop(uri, None)

    def _advance(self) -> None:
        """Go on for a moment with what nobody waits for, by turns."""
        steps, end = self._background.popleft(), self._loop.time() + SLICE
        try:
            if not all(self._loop.time() <= end for _ in steps):
                self._background.append(steps)
        except Exception:
            log.exception("something in the background failed")

    def _fill_silence(self) -> None:
        uri = next(iter(self._incomplete))
        if self._guarded(self._complete, uri, SLICE):
            self._incomplete.discard(uri)
        self._idle = self._loop.call_soon(self._fill_silence) if self._incomplete else None

    def _guarded(self, work: Callable[[str, float], bool], uri: str, seconds: float) -> bool:
        try:
            return work(uri, seconds)
        except Exception:
            # Not tried again before the text changes: it would fail again, and for ever.
            log.exception("the analysis of %s failed", uri)
            return True
