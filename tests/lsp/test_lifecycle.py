"""How a server begins and ends."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from raw_client import AT, ENVIRONMENT, FAKE_SERVER, STARTED_FAKE_SERVER, Client, hover_at, lives

# The beginning


def test_the_server_starts_without_libcst_and_the_engine() -> None:
    modules = "('libcst', 'fumehood.engine', 'fumehood_rules')"
    code = f"import sys, fumehood.lsp.server; print([m for m in {modules} if m in sys.modules])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_initialize_is_answered_before_the_engine_is_made(tmp_path: Path, uri: str) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Client([*STARTED_FAKE_SERVER, "held", str(fifo)]) as client:
        client.initialize()
        client.open(uri, "BAD")
        hover = client.ask("textDocument/hover", hover_at(uri))
        fifo.write_text("now")
        assert len(client.diagnostics(uri, 1)) == 1
        assert client.answer(hover)["result"] is not None
        assert client.request("shutdown") is None
        client.notify("exit")
        assert client.exit_code() == 0
        client.join()
        assert "libcst was not imported before the engine\n" in client.stderr


def test_an_engine_that_cannot_be_made_is_logged(uri: str) -> None:
    with Client([*FAKE_SERVER, "broken"]) as client:
        client.initialize()
        client.logged("no engine today")
        client.open(uri, "BAD")
        lives(client)


def test_a_request_before_initialize_is_refused(started: Client, uri: str) -> None:
    assert started.error("textDocument/hover", AT) == -32002
    started.open(uri, "BAD")
    started.initialize()
    lives(started)


def test_initialize_comes_once(own: Client) -> None:
    assert own.error("initialize", {"capabilities": {}}) == -32600
    lives(own)


@pytest.mark.parametrize("capabilities", [None, [], {"general": 3}, {"textDocument": {"hover": 1}}])
def test_odd_capabilities_are_the_oldest_clients(started: Client, capabilities: object) -> None:
    result = started.request("initialize", {"processId": None, "capabilities": capabilities})
    assert result["capabilities"]["positionEncoding"] == "utf-16"


# The end


def test_after_shutdown_only_exit_is_welcome(own: Client) -> None:
    assert own.request("shutdown") is None
    assert own.error("textDocument/hover", AT) == -32600
    assert own.error("shutdown") == -32600
    own.open("file:///late.py", "BAD")
    own.notify("exit")
    assert own.exit_code() == 0


def test_exit_without_shutdown_is_a_failure(own: Client) -> None:
    own.notify("exit")
    assert own.exit_code() == 1


def test_exit_before_initialize(started: Client) -> None:
    started.notify("exit")
    assert started.exit_code() == 1


@pytest.mark.parametrize(("shut_down", "code"), [(False, 1), (True, 0)])
def test_the_end_of_stdin_ends_the_process(own: Client, shut_down: bool, code: int) -> None:
    if shut_down:
        own.request("shutdown")
    own.process.stdin.close()
    assert own.exit_code() == code


def test_a_server_that_is_left_ends_whatever_it_waits_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)  # that nobody writes: the engine is never made
    with Client([*FAKE_SERVER, "held", str(fifo)]) as client:
        client.initialize()
        client.process.stdin.close()
        assert client.exit_code() == 1


def test_all_that_was_written_is_answered_before_the_end(started: Client) -> None:
    ids = [
        started.ask("initialize", {"capabilities": {}}),
        started.ask("textDocument/hover", AT),
        started.ask("shutdown"),
    ]
    started.process.stdin.close()
    assert [started.answer(msg_id)["id"] for msg_id in ids] == ids
    assert started.exit_code() == 0


def test_the_end_of_the_clients_process_ends_the_server(started: Client) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as editor:
        started.initialize(process=editor.pid)
        editor.communicate(b"\n")
    assert started.exit_code() == 1


def test_a_client_that_cannot_be_seen_is_not_missed(started: Client) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    started.initialize(process=gone.pid)
    lives(started)


def test_tcp() -> None:
    process = subprocess.Popen(
        [*STARTED_FAKE_SERVER, "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    with process:
        found = re.search(rb"listening on ([\d.]+):(\d+)", process.stderr.readline())
        with socket.create_connection((found[1].decode(), int(found[2]))) as connection:
            body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
            connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            assert b"positionEncoding" in connection.recv(65536)
        assert process.wait() == 1
