"""What processes owe each other: none goes on when the first one ends."""

from __future__ import annotations

import os
import threading
from multiprocessing import active_children, parent_process

_PATIENCE = 2.0  # seconds


def end_with_parent() -> None:
    """Let this process end when the first one does.

    That may be killed, and nobody would ever ask for more.
    """
    threading.Thread(target=_wait, name="parent", daemon=True).start()


def end_soon(code: int) -> None:
    """Have this process, which is about to return from its main function, end without delay.

    The processes that it has started are killed in whatever they do. What still keeps it after
    some seconds is cut short, and the exit code is `code` then.
    """
    for child in active_children():
        child.kill()
    # One that was killed amid an answer leaves a thread here that waits for the rest of it.
    timer = threading.Timer(_PATIENCE, os._exit, [code])
    timer.daemon = True
    timer.start()
    # A pool closes, when it finds its processes gone, what the interpreter writes to at its exit.
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def _wait() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
