"""Waits that end."""

from __future__ import annotations

import time
from collections.abc import Callable

LOOKS, PAUSE = 15_000, 0.002  # half a minute, on a machine that does nothing else


def until_true(condition: Callable[[], bool], what: str, looks: int = LOOKS) -> None:
    """Look until it is so, `looks` times at the most. Raises AssertionError that says `what`."""
    for _ in range(looks):
        if condition():
            return
        time.sleep(PAUSE)
    raise AssertionError(f"looked for {looks} times in vain: {what}")
