"""Under what migrations are run: all of it, and rows in which each pair of values meets once."""

from __future__ import annotations

import os
from itertools import product

from .project import CONVENTIONS, Setup

DRIVERS = ("psycopg", "psycopg2")
SCHEMAS = (None, "crm")

# FUMEHOOD_TEST_MATRIX=full is what `make test-postgres` says.
FULL = os.environ.get("FUMEHOOD_TEST_MATRIX") == "full"

EVERY = [Setup(*each) for each in product(DRIVERS, (True, False), CONVENTIONS, SCHEMAS)]


def pairwise() -> list[Setup]:
    """Few setups that hold every pair of values of two of the four sides; always the same."""
    left = {pair for setup in EVERY for pair in _pairs(setup)}
    rows = []
    while left:
        best = max(EVERY, key=lambda setup: len(_pairs(setup) & left))
        rows.append(best)
        left -= _pairs(best)
    return rows


def _pairs(setup: Setup) -> set[tuple[object, ...]]:
    values = (setup.driver, setup.per_migration, setup.convention, setup.schema)
    sides = list(enumerate(values))
    return {(one, other) for one in sides for other in sides if one[0] < other[0]}
