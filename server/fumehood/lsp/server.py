"""The server: what it holds, how it starts and how it ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from importlib import import_module
from inspect import isawaitable
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from pygls.exceptions import JsonRpcContentModified
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from fumehood import __version__
from fumehood.lsp import (
    actions,
    commands,
    configuration,
    debug,
    documentation,
    hover,
    initialize,
    sync,
    trace,
)
from fumehood.lsp.client import Client
from fumehood.lsp.configuration import Configuration
from fumehood.lsp.diagnostics import Diagnostics
from fumehood.lsp.documents import Document
from fumehood.lsp.indexing import Indexing
from fumehood.lsp.io import Channel, accept_one, start_reader, take_stdio
from fumehood.lsp.logs import Logging, log_to_client, log_to_file, log_to_stderr
from fumehood.lsp.protocol import Protocol
from fumehood.lsp.schedule import SLICE, Schedule, call_soon
from fumehood.lsp.trace import Trace
from fumehood.lsp.unopened import Unopened
from fumehood.processes import end_soon

if TYPE_CHECKING:
    from fumehood.engine import Engine

log = logging.getLogger(__name__)
T = TypeVar("T")

_ENDED = object()  # in the queue: no message will come any more
_WATCH_INTERVAL = 2.0  # seconds
_TO_STDERR = Logging()
_NEEDS_ENGINE = ("textDocument/", "codeAction/", "workspace/")


def serve_stdio(make_engine: Callable[[], Engine], logging: Logging = _TO_STDERR) -> int:
    """Serve the client at stdin and stdout until it leaves; the process' exit code.

    `make_engine` imports what it needs, in a thread, once `initialize` is answered.
    """
    return _serve(take_stdio(), make_engine, logging)


def serve_tcp(
    host: str, port: int, make_engine: Callable[[], Engine], logging: Logging = _TO_STDERR
) -> int:
    """Serve the first client that connects, as `serve_stdio` does. Raises OSError."""
    return _serve(accept_one(host, port), make_engine, logging)


def _serve(channel: Channel, make_engine: Callable[[], Engine], logging: Logging) -> int:
    log_to_stderr(logging.level)

    async def run() -> int:
        server = Server(channel, make_engine, asyncio.get_running_loop())
        if logging.file is not None:
            log_to_file(logging.file)
        return await server.ended

    try:
        code = asyncio.run(run())
    except KeyboardInterrupt:
        code = 130
    end_soon(code)
    return code


class _Writer:
    """What pygls asks of a writer."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write

    def close(self) -> None:
        """Nothing: the descriptor ends with the process."""


class Server(LanguageServer):
    """One client's server. All of it belongs to the event loop."""

    protocol: Protocol

    def __init__(
        self,
        channel: Channel,
        make_engine: Callable[[], Engine],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(
            "fumehood", __version__, protocol_cls=Protocol, converter_factory=default_converter
        )
        self.meet(Client())
        self.configuration = Configuration(self)
        self.indexing = Indexing(self, loop)
        self.unopened = Unopened(self, loop, make_engine)
        self.documents: dict[str, Document] = {}
        self.commands: dict[str, Callable[[Sequence[Any]], Any]] = {}
        self.engine: Engine | None = None
        self.ended: asyncio.Future[int] = loop.create_future()
        self._loop = loop
        self._make_engine = make_engine
        self._loading = False
        self.schedule = Schedule(loop, self._receive, self._ready, self._analyse, self._complete)
        self.trace = Trace(self.protocol)
        self._early: list[tuple[str, dict[str, Any]]] = []  # logged before the client may be told
        self.protocol.set_writer(_Writer(channel.write))
        for feature in (
            initialize,
            configuration,
            sync,
            actions,
            hover,
            documentation,
            debug,
            commands,
            trace,
        ):
            feature.register(self)
        log_to_client(self._tell)
        start_reader(channel.read, self.schedule.post, lambda: self.schedule.post(_ENDED))

    def meet(self, client: Client) -> None:
        """Speak as this client understands from now on."""
        self.client = client
        self.diagnostics = Diagnostics(client)

    def stop(self) -> None:
        """End the process: with 0 if the client asked for it by `shutdown`, else with 1."""
        self.indexing.stop()
        self.unopened.stop()
        if not self.ended.done():
            self.ended.set_result(0 if self.protocol.shut_down else 1)

    def load_soon(self) -> None:
        """Make the engine in the background, once the present message is answered.

        What is said about documents waits for it in the inbox.
        """
        self._loading = True
        self._loop.call_soon(self._start_loader)

    def watch(self, process: int) -> None:
        """End when the client's process does, in case its pipes outlive it."""
        # One that is not there now is in another container: nothing is known about it.
        if os.name == "posix" and _alive(process):
            self._loop.call_later(_WATCH_INTERVAL, self._watch, process)

    def when_analysed(
        self, uri: str, answer: Callable[[Engine, Document], Any]
    ) -> Any | Awaitable[Any]:
        """Call `answer` when the findings are those of the document's text; None if not open."""
        document, engine = self.documents.get(uri), self.engine
        if document is None or engine is None:
            return None
        if engine.work(uri, SLICE):
            return answer(engine, document)
        return self._answer_later(engine, document, document.version, answer)

    async def _answer_later(
        self,
        engine: Engine,
        document: Document,
        asked: int | None,
        answer: Callable[[Engine, Document], Any],
    ) -> Any:
        while True:
            await asyncio.sleep(0)
            if self.documents.get(document.uri) is not document or document.version != asked:
                raise JsonRpcContentModified()
            if engine.work(document.uri, SLICE):
                found = answer(engine, document)
                return await found if isawaitable(found) else found

    async def in_steps(self, document: Document, steps: Generator[None, None, T]) -> T:
        """What comes of work on a document, with messages in between; refused when that changes."""
        version, end = document.version, perf_counter() + SLICE
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                found: T = stop.value
                return found
            if perf_counter() > end:
                await asyncio.sleep(0)
                if self.documents.get(document.uri) is not document or document.version != version:
                    raise JsonRpcContentModified()
                end = perf_counter() + SLICE

    def _receive(self, message: Any) -> None:
        if message is _ENDED:
            self.stop()
            return
        since = perf_counter()
        self.protocol.receive(message)
        self.trace.handled(message, since)

    def _ready(self, message: Any) -> bool:
        if not self._loading or not isinstance(message, dict):
            return True
        return not str(message.get("method")).startswith(_NEEDS_ENGINE)

    def _analyse(self, uri: str, seconds: float) -> bool:
        assert self.engine is not None
        done = self.engine.work(uri, seconds)
        if done:
            self.diagnostics.publish(self, self.engine, self.documents[uri])
            self.indexing.analysed(uri)
            self.unopened.follow()
            self.trace.analysed(self.engine, self.documents[uri])
        return done

    def _complete(self, uri: str, seconds: float) -> bool:
        assert self.engine is not None
        return self.engine.complete(uri, seconds)

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        # From any thread, and a message must not begin in the middle of another.
        call_soon(self._loop, partial(self._announce, method, params))

    def _announce(self, method: str, params: dict[str, Any]) -> None:
        self._early.append((method, params))
        if self.protocol.initialized:
            for each in self._early:
                self.protocol.announce(*each)
            self._early.clear()

    def _start_loader(self) -> None:
        if self.ended.done():
            return
        # No daemon: the exit would cut an import short, which may abort the process.
        threading.Thread(target=self._load, name="loader").start()

    def _load(self) -> None:
        try:
            since = perf_counter()
            self.engine = self._make_engine()
            for each in ("workspace", "code", "outlines"):  # for the first document
                import_module(f"fumehood.workspace.{each}")
            log.info("ready after %.1f s", perf_counter() - since)
        except Exception:
            log.exception("the engine could not be made; nothing will be checked")
        # All that is imported stays: the collector need not walk it again and again.
        gc.freeze()
        gc.enable()
        self._loading = False
        self.schedule.wake()
        call_soon(self._loop, self.unopened.refresh)
        self.protocol.warm()

    def _watch(self, process: int) -> None:
        if _alive(process):
            self._loop.call_later(_WATCH_INTERVAL, self._watch, process)
        else:
            log.info("the client's process %d is gone", process)
            self.stop()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True
