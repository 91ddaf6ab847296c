"""JSON-RPC as the specification has it, where pygls has it otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import JsonRPCRequestMessage, LanguageServerProtocol

from fumehood.lsp.io import Malformed

if TYPE_CHECKING:
    from cattrs import Converter

    from fumehood.lsp.server import Server

log = logging.getLogger(__name__)

MessageId = int | str
Handler = Callable[[Any], Any]


class _Question(NamedTuple):
    method: str
    answered: Handler | None
    refused: Callable[[], None] | None


class Protocol(LanguageServerProtocol):
    """Receives decoded messages, finds their handlers and answers.

    A handler returns its result, or an awaitable of it: what it does before that happens in the
    order in which the messages came. Raw handlers take the params as they came, undecoded.
    """

    _server: Server

    def __init__(self, server: Server, converter: Converter) -> None:
        super().__init__(server, converter)
        self.initialized = False
        self.shut_down = False
        self._raw: dict[str, Handler] = {
            types.SHUTDOWN: self._on_shutdown,
            types.EXIT: self._on_exit,
            types.CANCEL_REQUEST: self._on_cancel,
        }
        self._in_flight: dict[MessageId, asyncio.Future[Any]] = {}
        self._asked: dict[MessageId, _Question] = {}
        self._questions = itertools.count(1)

    def _register_builtin_features(self) -> None:
        """None of pygls' own: they keep documents of their own and raise toasts."""

    def raw(self, method: str, handler: Handler) -> None:
        """Let `handler` have the params of `method` undecoded."""
        self._raw[method] = handler

    def receive(self, message: Any) -> None:
        """Handle one message of the client; never raises."""
        try:
            self._receive(message)
        except Exception:
            log.exception("a message was not handled")

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; attrs objects in it become what the protocol makes of them."""
        self._write(
            json.dumps(message, default=self._serialize_message, separators=(",", ":")).encode()
        )

    def announce(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification whose params are plain dicts."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(
        self,
        method: str,
        params: Any,
        answered: Handler | None = None,
        refused: Callable[[], None] | None = None,
    ) -> None:
        """Send the client a request; one of the two is called when it answers."""
        msg_id = f"fumehood-{next(self._questions)}"
        self._asked[msg_id] = _Question(method, answered, refused)
        self.send({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})

    def announce_json(self, method: str, params: str) -> None:
        """Send a notification whose params are JSON already."""
        self._write(f'{{"jsonrpc":"2.0","method":"{method}","params":{params}}}'.encode("ascii"))

    def warm(self) -> None:
        """Let the converter make what it makes at first use; may be called in any thread."""
        place = {"line": 0, "character": 0}
        params = {
            "textDocument": {"uri": ""},
            "position": place,
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], "only": [""]},
            "title": "",
        }
        for method in self.fm.features:
            with contextlib.suppress(JsonRpcException):
                self._decode(method, {"id": 0, "method": method, "params": params})

    def _write(self, body: bytes) -> None:
        try:
            assert self.writer is not None
            self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        except OSError as error:
            log.info("the client is gone: %s", error)
            self._server.stop()

    def _send_data(self, data: Any) -> None:
        self.send(data)

    def _receive(self, message: Any) -> None:
        if isinstance(message, Malformed):
            return self._refuse(None, JsonRpcParseError(f"Parse Error: {message.reason}"))
        if not isinstance(message, dict):
            return self._refuse(None, JsonRpcInvalidRequest())
        method, msg_id = message.get("method"), message.get("id")
        if method is None and ("result" in message or "error" in message):
            return self._on_answer(message)
        if "id" in message and (isinstance(msg_id, bool) or not isinstance(msg_id, int | str)):
            return self._refuse(None, JsonRpcInvalidRequest())
        if not isinstance(method, str):
            return self._refuse(msg_id, JsonRpcInvalidRequest())
        if msg_id is not None:
            return self._on_request(msg_id, method, message)
        return self._on_notification(method, message)

    def _on_answer(self, message: dict[str, Any]) -> None:
        msg_id = message.get("id")
        asked = self._asked.pop(msg_id, None) if isinstance(msg_id, str) else None
        if asked is None:
            return
        if "error" in message:
            log.info("the client refused %s: %.200s", asked.method, message["error"])
            if asked.refused:
                asked.refused()
        elif asked.answered:
            asked.answered(message.get("result"))

    def _on_request(self, msg_id: MessageId, method: str, message: dict[str, Any]) -> None:
        try:
            self._check_state(method)
            result = self._call(method, message)
        except Exception as error:
            return self._refuse(msg_id, error)
        if inspect.isawaitable(result):
            return self._answer_later(msg_id, result)
        return self._answer(msg_id, result)

    def _on_notification(self, method: str, message: dict[str, Any]) -> None:
        if method != types.EXIT and (self.shut_down or not self.initialized):
            return
        try:
            self._call(method, message)
        except JsonRpcMethodNotFound:
            log.debug("no one listens to %s", method)
        except JsonRpcException as error:
            log.warning("%s was ignored: %s", method, error.message)

    def _check_state(self, method: str) -> None:
        if self.shut_down:
            raise JsonRpcInvalidRequest("Invalid Request: the server is shut down")
        if method == types.INITIALIZE and self.initialized:
            raise JsonRpcInvalidRequest("Invalid Request: already initialized")
        if method != types.INITIALIZE and not self.initialized:
            raise JsonRpcServerNotInitialized()

    def _call(self, method: str, message: dict[str, Any]) -> Any:
        if handler := self._raw.get(method):
            return handler(message.get("params"))
        if not (handler := self.fm.features.get(method)):
            raise JsonRpcMethodNotFound.of(method)
        return handler(self._decode(method, message))

    def _decode(self, method: str, message: dict[str, Any]) -> Any:
        try:
            kind = self.get_message_type(method) or JsonRPCRequestMessage
            return self._converter.structure(message, kind).params
        except Exception as error:  # cattrs raises groups and whatever its hooks raise
            reasons = getattr(error, "exceptions", (error,))
            raise JsonRpcInvalidParams.of("; ".join(map(str, reasons))) from error

    def _answer(self, msg_id: MessageId, result: Any) -> None:
        self.send({"jsonrpc": "2.0", "id": msg_id, "result": result})

    def _refuse(self, msg_id: MessageId | None, error: Exception) -> None:
        if not isinstance(error, JsonRpcException):
            log.error("a request failed", exc_info=error)
            error = JsonRpcInternalError(f"{type(error).__name__}: {error}")
        body = {"code": error.code, "message": error.message}
        self.send({"jsonrpc": "2.0", "id": msg_id, "error": body})

    def _answer_later(self, msg_id: MessageId, result: Awaitable[Any]) -> None:
        future = self._in_flight[msg_id] = asyncio.ensure_future(result)

        def done(future: asyncio.Future[Any]) -> None:
            if self._in_flight.pop(msg_id, None) is None or future.cancelled():
                return  # answered when it was cancelled
            if (error := future.exception()) is None:
                self._answer(msg_id, future.result())
            elif isinstance(error, Exception):
                self._refuse(msg_id, error)

        future.add_done_callback(done)

    def _cancel(self, msg_id: MessageId) -> None:
        if future := self._in_flight.pop(msg_id, None):
            future.cancel()
            self._refuse(msg_id, JsonRpcRequestCancelled())

    def _on_cancel(self, params: Any) -> None:
        msg_id = params.get("id") if isinstance(params, dict) else None
        if isinstance(msg_id, int | str):
            self._cancel(msg_id)

    def _on_shutdown(self, _params: Any) -> None:
        for msg_id in list(self._in_flight):
            self._cancel(msg_id)
        self.shut_down = True

    def _on_exit(self, _params: Any) -> None:
        self._server.stop()
