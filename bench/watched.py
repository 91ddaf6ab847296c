"""The server, with the processor's time of each turn of its event loop written down.

While such a turn lasts no message is heard: its length is how long a key may have to wait, whatever
else the machine does.

    python bench/watched.py FILE [arguments of `fumehood server`]

appends a line for each turn of a millisecond or more: when it ended, in seconds of the monotonic
clock, its milliseconds of processor, what was called, and the messages that it was about.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from typing import Any

_LEAST = 0.001  # seconds


def main() -> None:
    """Run the server."""
    _, log, *arguments = sys.argv
    run, about = asyncio.Handle._run, list[str]()
    note_messages(about)
    with open(log, "a", buffering=1, encoding="utf-8") as file:  # noqa: PTH123

        def watched(handle: asyncio.Handle) -> None:
            about.clear()
            before = time.thread_time()
            callback = handle._callback  # type: ignore[attr-defined]
            run(handle)
            spent = time.thread_time() - before
            if spent >= _LEAST:
                while isinstance(callback, partial):
                    callback = callback.func
                name = getattr(callback, "__qualname__", callback)
                file.write(f"{time.perf_counter()} {spent * 1000} {name} {' '.join(about)}\n")

        asyncio.Handle._run = watched  # type: ignore[method-assign]
        sys.argv = ["fumehood", "server", *arguments]
        from fumehood.main import main as fumehood

        fumehood()


def note_messages(about: list[str]) -> None:
    """Note the messages that are handled, and that documents are analysed."""
    from fumehood.lsp.server import Server

    receive, analyse = Server._receive, Server._analyse

    def noted(server: Server, message: Any) -> None:
        about.append(str(message.get("method")) if isinstance(message, dict) else "end")
        receive(server, message)

    def analysed(server: Server, uri: str, seconds: float) -> bool:
        about.append("analysis")
        return analyse(server, uri, seconds)

    Server._receive, Server._analyse = noted, analysed  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
