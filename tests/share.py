"""The share of its examples that a test makes in this run."""

from __future__ import annotations

from hypothesis import settings

_FULL = 100  # examples of the profile "full"


def share(count: int) -> int:
    """`count` under the profile "full", its share under others; at least 1."""
    return max(1, count * settings().max_examples // _FULL)


def examples(count: int) -> settings:
    """Settings that try so many examples, or their share."""
    return settings(max_examples=share(count))
