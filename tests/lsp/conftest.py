"""A server on the fake engine, and documents that no other test opens."""

from __future__ import annotations

import itertools

import pytest

_numbers = itertools.count()


@pytest.fixture
def uri() -> str:
    """A document that no other test opens."""
    return f"file:///m{next(_numbers)}.py"
