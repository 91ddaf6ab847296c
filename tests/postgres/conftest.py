"""A server for all tests of a process, and for each test a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .databases import Database
from .databases import database as new_database
from .servers import Server, server_of_environment


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with server_of_environment() as running:
        yield running


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    with new_database(server) as made:
        yield made
