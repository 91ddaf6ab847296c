"""A server on the fake engine, and documents that no other test opens."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from raw_client import FAKE_SERVER, LITERALS, Client

_numbers = itertools.count()


@pytest.fixture
def uri() -> str:
    """A document that no other test opens."""
    return f"file:///m{next(_numbers)}.py"


@pytest.fixture
def started() -> Iterator[Client]:
    """A server that has not been initialized."""
    with Client(FAKE_SERVER) as client:
        yield client


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """A server in use, for tests that leave it as it was."""
    with Client(FAKE_SERVER) as client:
        client.initialize(LITERALS)
        yield client


@pytest.fixture
def own(started: Client) -> Client:
    """A server in use, for a test that ends it."""
    started.initialize(LITERALS)
    return started
