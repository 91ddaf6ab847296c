"""`$/setTrace` and `$/logTrace`: what the server does with each message, and how long it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from fumehood.engine import Engine, Stats
    from fumehood.lsp.documents import Document
    from fumehood.lsp.protocol import Protocol
    from fumehood.lsp.server import Server

_VALUES = ("off", "messages", "verbose")
_MOST = 4000  # characters of a message that are repeated


def register(server: Server) -> None:
    """Follow `$/setTrace`."""

    def set_trace(params: Any) -> None:
        server.trace.set(params.get("value") if isinstance(params, Mapping) else None)

    server.protocol.raw(types.SET_TRACE, set_trace)


class Trace:
    """Tells the client what is done, for as long as it asks for that."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._value = "off"
        self._before: Stats | None = None

    @property
    def on(self) -> bool:
        """Whether anything is told."""
        return self._value != "off"

    def set(self, value: object) -> None:
        """Follow what the client asks for; another word than the protocol's changes nothing."""
        if isinstance(value, str) and value in _VALUES:
            self._value = value

    def handled(self, message: Any, since: float) -> None:
        """A message was handled, from `since` (of `perf_counter`) on."""
        if not self.on or not isinstance(message, Mapping):
            return
        method, msg_id = message.get("method", "an answer"), message.get("id")
        of = "" if msg_id is None else f" ({msg_id})"
        said = json.dumps(message.get("params", message.get("result")), ensure_ascii=False)
        self._tell(f"handled {method}{of} in {_milliseconds(since)}", said)

    def analysed(self, engine: Engine, document: Document) -> None:
        """The findings of a version are there, and published."""
        if not self.on:
            return
        now, before = engine.stats, self._before
        self._before = now
        version = "" if document.version is None else f" version {document.version}"
        count = len(engine.findings(document.uri))
        work = f"since the last time: {_difference(now, before)}" if before else f"so far: {now}"
        self._tell(f"analysed {document.uri}{version}: {count} findings", work)

    def _tell(self, message: str, verbose: str) -> None:
        params = {"message": message}
        if self._value == "verbose":
            params["verbose"] = verbose if len(verbose) <= _MOST else f"{verbose[:_MOST]} …"
        self._protocol.announce(types.LOG_TRACE, params)


def _milliseconds(since: float) -> str:
    return f"{(perf_counter() - since) * 1000:.1f} ms"


def _difference(now: Stats, before: Stats) -> str:
    # A file that was closed meanwhile takes its counts along.
    checked, joined = max(0, now.checked - before.checked), max(0, now.joined - before.joined)
    return f"{now.parsed - before.parsed} lines parsed, {checked} checks run, {joined} files joined"
