"""A server on the fake engine, and documents that no other test opens."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from configured import Editor
from raw_client import FAKE_SERVER, LITERALS, SERVER, Client

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


@pytest.fixture(params=["full", pytest.param("plain", marks=pytest.mark.slow)])
def editor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Editor]:
    """A client with a configuration, of one profile and then the other."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "versions").mkdir()
    with Client(SERVER) as client:
        yield Editor(client, request.param, tmp_path)
