"""Which index makes which other redundant: the table of rules, line by line."""

from __future__ import annotations

from itertools import permutations

import pytest

from fumehood.cover import KnownIndex, covers, key_index, known_index, redundant
from fumehood.parts import IndexKey, TableIndex, UniqueKey
from fumehood.places import UNKNOWN


def index(*columns: str | IndexKey, **parts: object) -> KnownIndex:
    keys = tuple(each if isinstance(each, IndexKey) else IndexKey(each) for each in columns)
    return KnownIndex(**{"name": "ix", "keys": keys, **parts})


def desc(column: str, nulls_first: bool | None = None) -> IndexKey:
    return IndexKey(column, descending=True, nulls_first=nulls_first)


def asc(column: str, nulls_first: bool | None = None) -> IndexKey:
    return IndexKey(column, nulls_first=nulls_first)


PRIMARY = index("id", unique=True, primary=True, owned_by_constraint=True)
LOWER = IndexKey(None, "lower(email)")
PATTERN = IndexKey("email", operator_class="text_pattern_ops")
COLLATED = IndexKey("email", collation="C")


@pytest.mark.parametrize(
    ("one", "other", "is_covered"),
    [
        # X's columns are a prefix of Y's.
        (index("a", "b"), index("a"), True),
        (index("a", "b"), index("a", "b"), True),
        (index("a", "b", "c"), index("a", "b"), True),
        (index("a", "b"), index("b"), False),
        (index("a", "b"), index("b", "a"), False),
        (index("a"), index("a", "b"), False),
        (PRIMARY, index("id"), True),
        (index("id", "b", unique=True, primary=True, owned_by_constraint=True), index("id"), True),
        (index("a", "b", unique=True), index("a"), True),
        # Sort order and NULLS are the same, or wholly inverted.
        (index(desc("a"), "b"), index(desc("a")), True),
        (index("a", "b"), index(desc("a")), True),
        (index(desc("a"), "b"), index("a"), True),
        (index("a", "b"), index(desc("a"), desc("b")), True),
        (index("a", "b"), index("a", desc("b")), False),
        (index("a", desc("b")), index(desc("a"), "b"), True),
        (index("a", "b"), index(asc("a", nulls_first=False)), True),
        (index("a", "b"), index(asc("a", nulls_first=True)), False),
        (index("a", "b"), index(desc("a", nulls_first=True)), True),
        (index("a", "b"), index(desc("a", nulls_first=False)), False),
        # Operator class, collation or an expression differs.
        (index("email", "b"), index(PATTERN), False),
        (index(PATTERN, "b"), index("email"), False),
        (index(PATTERN, "b"), index(PATTERN), True),
        (index("email", "b"), index(COLLATED), False),
        (index(COLLATED, "b"), index(COLLATED), True),
        (index("email", "b"), index(LOWER), False),
        (index(LOWER, "b"), index(LOWER), True),
        (index(IndexKey(None, "upper(email)"), "b"), index(LOWER), False),
        # WHERE the same, or different.
        (index("a", "b", where="c"), index("a", where="c"), True),
        (index("a", "b", where="c"), index("a", where="d"), False),
        (index("a", "b"), index("a", where="c"), False),
        (index("a", "b", where="c"), index("a"), False),
        # X's INCLUDE is within Y's keys and INCLUDE.
        (index("a", "b"), index("a", include=("b",)), True),
        (index("a", include=("b", "c")), index("a", include=("c",)), True),
        (index("a", "b", include=("c",)), index("a", include=("c", "b")), True),
        (index("a", "b"), index("a", include=("c",)), False),
        (index("a", include=("b",)), index("a", "b"), False),
        # X is unique.
        (index("a", unique=True), index("a", unique=True), True),
        (index("a", unique=True, owned_by_constraint=True), index("a", unique=True), True),
        (PRIMARY, index("id", unique=True), True),
        (index("a"), index("a", unique=True), False),
        (index("a", "b", unique=True), index("a", unique=True), False),
        (index("a", unique=True), index("a", unique=True, nulls_not_distinct=True), False),
        (index("a", unique=True, nulls_not_distinct=True), index("a", unique=True), False),
        (index("a", unique=True, nulls_not_distinct=True), index("a"), True),
        (index("a", unique=True, deferrable=True), index("a", unique=True), False),
        (index("a", unique=True, deferrable=True), index("a"), True),
        # Other methods than btree, or different ones.
        *(
            (index("a", "b", method=one), index("a", method=other), False)
            for one, other in [*permutations(("btree", "hash", "gin", "gist", "brin"), 2)]
        ),
        *(
            (index("a", method=method), index("a", method=method), False)
            for method in ("hash", "gin", "gist", "brin", "spgist")
        ),
        # X is owned by a constraint.
        (index("a", unique=True), index("a", unique=True, owned_by_constraint=True), False),
        (index("id", "b"), PRIMARY, False),
        # X is the target of a foreign key, or the replica identity.
        (index("a", unique=True), index("a", unique=True, referenced=True), False),
    ],
)
def test_an_index_beside_another(one: KnownIndex, other: KnownIndex, is_covered: bool) -> None:
    assert covers(one, other) is is_covered


def names(*indexes: KnownIndex) -> list[tuple[object, object]]:
    return [(gone.name, one.name) for gone, one in redundant(indexes)]


def test_of_two_equals_the_plain_one_is_redundant() -> None:
    plain, unique = index("a", name="plain"), index("a", unique=True, name="unique")
    assert names(plain, unique) == names(unique, plain) == [("plain", "unique")]


def test_of_two_that_serve_each_other_the_later_one_is_redundant() -> None:
    ascending, descending = index("a", name="up"), index(desc("a"), name="down")
    assert names(ascending, descending) == [("down", "up")]
    assert names(descending, ascending) == [("up", "down")]


def test_the_one_that_is_named_stays() -> None:
    short, middle, long = (index(*"abc"[:size], name=str(size)) for size in (1, 2, 3))
    assert names(short, middle, long) == [("1", "3"), ("2", "3")]
    assert names(long, middle, short) == [("2", "3"), ("1", "3")]


@pytest.mark.parametrize(
    "part",
    [
        {"keys": UNKNOWN},
        {"keys": (IndexKey(UNKNOWN),)},
        {"keys": (IndexKey("a", operator_class=UNKNOWN),)},
        {"unique": UNKNOWN},
        {"method": UNKNOWN},
        {"include": UNKNOWN},
        {"include": ("b", UNKNOWN)},
        {"where": UNKNOWN},
        {"nulls_not_distinct": UNKNOWN},
    ],
)
def test_what_is_not_known_in_full_is_no_known_index(part: dict[str, object]) -> None:
    whole = {"name": "ix", "keys": (IndexKey("a"),)}
    assert known_index(TableIndex(**whole)) is not None
    assert known_index(TableIndex(**whole | part)) is None


def test_an_index_whose_name_is_not_known_is_known() -> None:
    assert known_index(TableIndex(name=UNKNOWN, keys=(IndexKey("a"),))) is not None


def test_keys_have_indexes_of_their_constraints() -> None:
    found = key_index(UniqueKey(columns=("a", "b"), primary=True, name="pk", include=("c",)))
    assert found == index(
        *"ab", name="pk", unique=True, include=("c",), primary=True, owned_by_constraint=True
    )
    assert key_index(UniqueKey(columns=UNKNOWN)) is None
    assert key_index(UniqueKey(columns=("a", UNKNOWN))) is None
    assert key_index(UniqueKey(columns=("a",), include=UNKNOWN)) is None
    assert key_index(UniqueKey(columns=("a",), nulls_not_distinct=UNKNOWN)) is None
