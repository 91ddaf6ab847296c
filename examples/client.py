"""A small LSP client: starts a server, opens a text, sees its diagnostics, applies its fixes."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Any

from fumehood.text import Edit, Text

Json = dict[str, Any]
_ANSWER_WITHIN = 30.0  # seconds

_CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-32"]},
    "textDocument": {
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "isPreferredSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}


class ServerError(Exception):
    """The server did not answer, or not as the protocol has it."""


class Client:
    """A server's process, spoken to in JSON-RPC over its standard input and output."""

    def __init__(self, command: Sequence[str], root_uri: str, quiet: bool = False) -> None:
        pipe, log = subprocess.PIPE, subprocess.DEVNULL if quiet else None
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=log)
        self._inbox: queue.Queue[Json | None] = queue.Queue()
        self._published: dict[tuple[str, int], list[Json]] = {}
        self._last_id = 0
        threading.Thread(target=self._read, daemon=True).start()
        answer = self.request(
            "initialize",
            {"processId": None, "rootUri": root_uri, "capabilities": _CAPABILITIES},
        )
        self.encoding = answer["capabilities"].get("positionEncoding", "utf-16")
        self.notify("initialized", {})

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def request(self, method: str, params: Json | None) -> Any:
        """The result of a request."""
        self._last_id += 1
        wanted = self._last_id
        self._send({"id": wanted, "method": method, "params": params})
        answer = self._wait(lambda message: message.get("id") == wanted and "method" not in message)
        if "error" in answer:
            raise ServerError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def notify(self, method: str, params: Json | None) -> None:
        """Tell the server something that it does not answer."""
        self._send({"method": method, "params": params})

    def diagnostics(self, uri: str, version: int) -> list[Json]:
        """What the server publishes for a version of a text."""
        if (uri, version) not in self._published:
            self._wait(lambda _: (uri, version) in self._published)
        return self._published[uri, version]

    def stop(self) -> int:
        """End the server as the protocol asks for; its exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self._process.wait(timeout=_ANSWER_WITHIN)

    def kill(self) -> None:
        """End the server at once, if it still runs."""
        self._process.kill()
        self._process.wait()

    def _send(self, message: Json) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _wait(self, found: Callable[[Json], bool]) -> Json:
        while True:
            try:
                message = self._inbox.get(timeout=_ANSWER_WITHIN)
            except queue.Empty:
                raise ServerError(f"no answer within {_ANSWER_WITHIN:.0f} s") from None
            if message is None:
                raise ServerError(f"the server ended with code {self._process.wait()}")
            self._take(message)
            if found(message):
                return message

    def _take(self, message: Json) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self._published[params["uri"], params.get("version", 0)] = params["diagnostics"]
        elif "method" in message and "id" in message:  # a request of the server's
            self._send({"id": message["id"], "result": None})

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif not header.strip():
                self._inbox.put(json.loads(stream.read(length)))
        self._inbox.put(None)


class OpenFile:
    """A copy of a file as an editor holds it: edited in memory, never written."""

    def __init__(self, client: Client, uri: str, content: str) -> None:
        self.uri, self.version, self.text = uri, 1, Text(content)
        self._client = client
        document = {"uri": uri, "languageId": "python", "version": 1, "text": content}
        client.notify("textDocument/didOpen", {"textDocument": document})

    def diagnostics(self) -> list[Json]:
        """The diagnostics of the text as it stands."""
        return self._client.diagnostics(self.uri, self.version)

    def quick_fix(self, diagnostic: Json) -> Json | None:
        """The fix that an editor would put first in its menu."""
        params = {
            "textDocument": {"uri": self.uri},
            "range": diagnostic["range"],
            "context": {"diagnostics": [diagnostic], "only": ["quickfix"]},
        }
        actions: list[Json] = self._client.request("textDocument/codeAction", params) or []
        actions.sort(key=lambda action: not action.get("isPreferred", False))
        if not actions:
            return None
        if "edit" not in actions[0]:
            return self._resolved(actions[0])
        return actions[0]

    def apply(self, action: Json) -> None:
        """Do what a fix says, and tell the server what changed."""
        (change,) = action["edit"]["documentChanges"]
        if change["textDocument"] != {"uri": self.uri, "version": self.version}:
            raise ServerError(f"a fix is for another text: {change['textDocument']}")
        # From the end, so that an edit does not move the ones that are still to come.
        edits = sorted(change["edits"], key=lambda edit: self._offset(edit["range"]["start"]))
        changes = [{"range": edit["range"], "text": edit["newText"]} for edit in reversed(edits)]
        for part in changes:
            start, end = (self._offset(part["range"][side]) for side in ("start", "end"))
            self.text.replace(Edit(start, end, part["text"]))
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self._client.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": changes}
        )

    def _resolved(self, action: Json) -> Json:
        resolved: Json = self._client.request("codeAction/resolve", action)
        return resolved

    def _offset(self, position: Json) -> int:
        return self.text.offset(position["line"], position["character"], self._client.encoding)
