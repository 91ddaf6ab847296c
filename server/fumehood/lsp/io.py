"""Bytes in and out: the protocol's own descriptors, and a reader in a thread of its own."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

log = logging.getLogger(__name__)

_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNK = 65536


class Malformed(NamedTuple):
    """What arrives in place of a message whose body is no JSON."""

    reason: str


class Channel(NamedTuple):
    """A connection to one client."""

    read: Callable[[int], bytes]  # blocks; at most so many bytes, none at the end
    write: Callable[[bytes], None]  # blocks until all is written


def take_stdio() -> Channel:
    """Keep descriptors 0 and 1 for the protocol and give the rest of the process others.

    A stray `print`, also in a child process, then goes to stderr instead of between two messages.
    """
    sys.stdout.flush()
    stdin, stdout = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # started without a stderr
        os.dup2(nowhere, 1)
    os.close(nowhere)
    for descriptor in (stdin, stdout):
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(descriptor, os.O_BINARY)
        else:
            os.set_blocking(descriptor, True)
    # Bare descriptors: a buffered file's lock, held by the reader, would abort the exit.
    return Channel(lambda size: os.read(stdin, size), lambda data: _write_all(stdout, data))


def accept_one(host: str, port: int) -> Channel:
    """Listen, and wait for the one client that this process serves."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        address = listener.getsockname()
        print(f"listening on {address[0]}:{address[1]}", file=sys.stderr, flush=True)
        client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Channel(client.recv, client.sendall)


def start_reader(
    read: Callable[[int], bytes], receive: Callable[[Any], None], ended: Callable[[], None]
) -> None:
    """Read messages in a daemon thread; `receive` and `ended` are called in that thread.

    The thread shares no pool with anything that can be busy, so the server is never deaf.
    """

    def run() -> None:
        try:
            _read_messages(read, receive)
        except OSError as error:
            log.info("the connection broke: %s", error)
        finally:
            ended()

    threading.Thread(target=run, name="reader", daemon=True).start()


def _read_messages(read: Callable[[int], bytes], receive: Callable[[Any], None]) -> None:
    data = bytearray()
    while True:
        while (end := _header_end(data)) < 0:
            if not _fill(read, data):
                return
        found = _LENGTH.search(data, 0, end)
        if not found:
            log.warning("skipped a header without Content-Length: %r", bytes(data[: min(end, 200)]))
            del data[:end]
            continue
        stop = end + int(found[1])
        while len(data) < stop:
            if not _fill(read, data):
                return
        body = bytes(data[end:stop])
        del data[:stop]
        receive(_decode(body))


def _header_end(data: bytearray) -> int:
    found = data.find(b"\r\n\r\n")
    return found if found < 0 else found + 4


def _fill(read: Callable[[int], bytes], data: bytearray) -> bool:
    chunk = read(_CHUNK)
    data += chunk
    return bool(chunk)


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        return Malformed(str(error))


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
