"""Work in small steps: generators that whoever has other things to do goes on with for a moment."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


def finished(steps: Generator[None, None, T]) -> T:
    """What comes of some steps, done in one go."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


def go_on(steps: Iterator[None], seconds: float | None) -> bool:
    """Go on for about so long (None: to the end); True at the end."""
    end = float("inf") if seconds is None else perf_counter() + seconds
    return all(perf_counter() <= end for _ in steps)
