"""What the event loop does next: messages first, then analysis, then what can wait."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")

INLINE = 0.02  # seconds of analysis on the message's own turn
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
    """One queue of messages and one of documents, all on the event loop but for `post`.

    Changes that wait in the queue together are applied together and analysed once, as the newest.
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

    def _turn(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        while self._inbox and not self._overdue() and self._ready(self._inbox[0]):
            self._receive(self._inbox.popleft())
        if self._changed:
            self._step()
        if self._changed or (self._inbox and self._ready(self._inbox[0])):
            self._loop.call_soon(self._turn)
        elif self._incomplete and not self._inbox:
            self._idle = self._loop.call_later(_IDLE, self._fill_silence)

    def _overdue(self) -> bool:
        now = self._loop.time()
        return any(_OVERDUE <= now - since < _PATIENCE for since in self._changed.values())

    def _step(self) -> None:
        uri, since = next(reversed(self._changed.items()))
        first = self._loop.time() - since < INLINE
        if self._guarded(self._analyse, uri, INLINE if first else SLICE):
            self._changed.pop(uri, None)

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
