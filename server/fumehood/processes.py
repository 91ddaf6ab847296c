"""What every process of several has to do."""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process


def end_with_parent() -> None:
    """Let this process end when the first one does.

    That may be killed, and nobody would ever ask for more.
    """
    threading.Thread(target=_wait, name="parent", daemon=True).start()


def _wait() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
