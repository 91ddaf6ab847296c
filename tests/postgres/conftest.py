"""A server for all tests of a process, and for each test an empty database that is its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .databases import Database, Pool
from .servers import Server, server_of_environment


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with server_of_environment() as running:
        yield running


@pytest.fixture(scope="session")
def pool(server: Server) -> Iterator[Pool]:
    made = Pool(server)
    yield made
    made.close()


@pytest.fixture
def database(pool: Pool) -> Iterator[Database]:
    with pool.database() as given:
        yield given
