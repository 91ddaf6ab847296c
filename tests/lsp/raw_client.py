"""A small raw client: sends bytes, reads messages, waits for the one that is asked for."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.forking import program

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds: a loaded machine, not a slow server

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([f"{ROOT}/server", f"{ROOT}/rules"])}
_FAKE = str(Path(__file__).parent / "fake_server.py")
FAKE_SERVER = program(_FAKE)
SERVER = program("-m", "fumehood", "server")
# For tests of a start, or of a process.
STARTED_FAKE_SERVER = [sys.executable, _FAKE]
STARTED_SERVER = [sys.executable, "-m", "fumehood", "server"]

Json = dict[str, Any]

PLACE = {"line": 0, "character": 0}
AT = {"textDocument": {"uri": "file:///closed.py"}, "position": PLACE}
LITERALS = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {}}}}


class Client:
    """One server process and what it said."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        self.received: list[Json] = []
        self.stderr: list[str] = []
        self._messages: queue.Queue[Json | None] = queue.Queue()
        self._ids = 0
        self._threads = [threading.Thread(target=run) for run in (self._read, self._read_stderr)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        self.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def join(self) -> None:
        """Wait for the rest of what a server that has ended wrote."""
        for thread in self._threads:
            thread.join()

    def write(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, *messages: Json) -> None:
        """Send messages in one write."""
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        self.write(b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(b), b) for b in bodies))

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def request_body(self, method: str, params: Any = None) -> Json:
        """A request to be sent together with other messages."""
        self._ids += 1
        return {"id": self._ids, "method": method, "params": params}

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request; its id."""
        body = self.request_body(method, params)
        self.send(body)
        return body["id"]

    def answer(self, msg_id: int | str | None) -> Json:
        """The whole answer to a request."""
        return self.wait(lambda message: "method" not in message and message["id"] == msg_id)

    def request(self, method: str, params: Any = None) -> Any:
        """The result of a request; an error fails the test."""
        answer = self.answer(self.ask(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def error(self, method: str, params: Any = None) -> int:
        """The code of a request's error."""
        return self.answer(self.ask(method, params))["error"]["code"]

    def wait(self, wanted: Callable[[Json], bool]) -> Json:
        """The first message, of those received and those to come, that is wanted; taken out."""
        for index, message in enumerate(self.received):
            if wanted(message):
                return self.received.pop(index)
        while True:
            message = self._messages.get(timeout=PATIENCE)
            assert message is not None, f"the server ended: {''.join(self.stderr)}"
            if wanted(message):
                return message
            self.received.append(message)

    def diagnostics(self, uri: str, version: int | None) -> list[Json]:
        """The diagnostics that are published for one version."""

        def wanted(message: Json) -> bool:
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == uri
                and message["params"].get("version") == version
            )

        return self.wait(wanted)["params"]["diagnostics"]

    def logged(self, words: str) -> Json:
        """The `window/logMessage` that holds some words."""
        return self.wait(
            lambda m: m.get("method") == "window/logMessage" and words in m["params"]["message"]
        )

    def asked(self, method: str, result: Any) -> Json:
        """Wait until the server asks, and answer; its params."""
        message = self.wait(lambda m: m.get("method") == method and "id" in m)
        self.send({"id": message["id"], "result": result})
        return message["params"]

    def initialize(
        self, capabilities: Json | None = None, process: int | None = None, **params: Any
    ) -> Json:
        params = {
            "processId": process,
            "rootUri": None,
            "capabilities": capabilities or {},
            **params,
        }
        result = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, version: int = 1, language: str = "python") -> None:
        self.send(opening(uri, text, version, language))

    def change(self, uri: str, version: int | None, *changes: Json) -> None:
        self.send(changing(uri, version, *changes))

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE)

    def _read(self) -> None:
        stream = self.process.stdout
        while line := stream.readline():
            name, _, value = line.partition(b":")
            assert name == b"Content-Length", f"not the protocol: {line!r}"
            assert stream.readline() == b"\r\n"
            self._messages.put(json.loads(stream.read(int(value))))
        self._messages.put(None)

    def _read_stderr(self) -> None:
        for line in self.process.stderr:
            self.stderr.append(line.decode(errors="replace"))


def opening(uri: str, text: str, version: int = 1, language: str = "python") -> Json:
    """A didOpen."""
    item = {"uri": uri, "languageId": language, "version": version, "text": text}
    return {"method": "textDocument/didOpen", "params": {"textDocument": item}}


def changing(uri: str, version: int | None, *changes: Json) -> Json:
    """A didChange."""
    document = {"uri": uri, "version": version}
    params = {"textDocument": document, "contentChanges": list(changes)}
    return {"method": "textDocument/didChange", "params": params}


def edit(line: int, start: int, end: int, text: str, end_line: int | None = None) -> Json:
    """A change of a range within a line, or up to `end_line`."""
    last = line if end_line is None else end_line
    place = {"start": {"line": line, "character": start}, "end": {"line": last, "character": end}}
    return {"range": place, "text": text}


def hover_at(uri: str) -> dict[str, object]:
    return {"textDocument": {"uri": uri}, "position": PLACE}


def actions_of(uri: str) -> dict[str, object]:
    """What is asked for the first line."""
    place = {"start": PLACE, "end": {"line": 1, "character": 0}}
    return {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": []}}


def lives(client: Client) -> None:
    """The server answers, and has raised no toast."""
    assert client.request("textDocument/hover", AT) is None
    assert not [m for m in client.received if m.get("method") == "window/showMessage"]
