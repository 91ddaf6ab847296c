"""The share of its examples that a test makes in this run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")
_QUICK = 10  # examples of the profile "quick"
_FULL = 100  # examples of the profile "full"


def share(count: int) -> int:
    """`count` under the profile "full", its share under others; at least 1."""
    return max(1, count * settings().max_examples // _FULL)


def sampled(cases: Sequence[T]) -> Sequence[T]:
    """Each fifth of some cases under the profile "quick", where others show the same; else all."""
    return cases[::5] if settings().max_examples <= _QUICK else cases


def examples(count: int) -> settings:
    """Settings that try so many examples, or their share."""
    return settings(max_examples=share(count))
