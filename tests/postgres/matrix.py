"""Under what migrations are run: all of it, and rows in which each pair of values meets once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import TypeVar
from zlib import crc32

from .project import CONVENTIONS, Setup

T = TypeVar("T")
DRIVERS = ("psycopg", "psycopg2")
SCHEMAS = (None, "crm")

# How much is run: "sample" by `make test`, "full" by `make test-postgres`, whose turns (one for
# each version of PostgreSQL) share the matrix of the pages; "every" leaves nothing out.
LEVEL = os.environ.get("FUMEHOOD_TEST_MATRIX", "sample")
TURN = int(os.environ.get("FUMEHOOD_TEST_TURN", "0"))

_SIDES = (DRIVERS, (True, False), tuple(CONVENTIONS), SCHEMAS)
EVERY = [Setup(*each) for each in product(*_SIDES)]


def of_page(text: str) -> list[Setup]:
    """The setups of a page's example, by its text."""
    number = _number(text)
    if LEVEL == "every":
        return EVERY
    if LEVEL == "full":
        return [setup for setup in EVERY if (_parity(setup) + number + TURN) % 2 == 0]
    return pairwise()[number % 3 :: 3]


def of_odd_case(text: str) -> list[Setup]:
    """The setups of an odd case, by its text: one, in turn; of every seventh case in a sample."""
    rows = pairwise()
    number = _number(text)
    if LEVEL == "every":
        return rows
    if LEVEL == "sample" and number % 7:
        return []
    return [rows[(number // 2 + TURN) % len(rows)]]


def sampled(items: Iterable[T], each: int) -> list[T]:
    """All of them; of so many one in a sample."""
    return [*items][:: each if LEVEL == "sample" else 1]


def in_turn(items: Iterable[T], each: int = 2) -> list[T]:
    """All of them in the first turn, every second one in later ones; of so many one in a sample."""
    whole = LEVEL != "full" or TURN == 0
    return sampled(items, each) if whole else [*items][TURN % 2 :: 2]


def once(items: Iterable[T], each: int = 2) -> list[T]:
    """What PostgreSQL's version does not change: as above in the first turn, and none later."""
    return in_turn(items, each) if LEVEL == "every" or TURN == 0 else []


def _number(text: str) -> int:
    """A number for an example that stays its own when others are added."""
    return crc32(text.encode())


def _parity(setup: Setup) -> int:
    values = (setup.driver, setup.per_migration, setup.convention, setup.schema)
    return sum(side.index(value) for side, value in zip(_SIDES, values, strict=True))


@cache
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
