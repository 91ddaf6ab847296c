"""Outlines: what they hold, that JSON keeps all of it, and that places change nothing else."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.facts import UNKNOWN
from fumehood.join.values import Made, Member, Reference
from fumehood.outline.encode import decoded, encoded
from fumehood.outline.parts import Attribute, ClassOutline, Outline, Places, QueryOutline, Stray
from fumehood.outline.symbols import Join, Maybe, Operated, Queried
from fumehood.read.cache import Lines
from tests.model_cases import CASES
from tests.outlines import outline

TEXTS = [text for case in CASES.values() for text in case.values()]

names = st.sampled_from(["", ":User", "a.b", ".c", "<cls>.id", "é"])
plain = st.none() | st.booleans() | st.integers() | names | st.just(UNKNOWN)


def _inner(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(values, max_size=3).map(tuple)
    pairs = st.dictionaries(names, values, max_size=2)
    return (
        many
        | pairs
        | st.builds(Member, values, names)
        | st.builds(Operated, names, many)
        | st.builds(Maybe, values)
        | st.builds(
            Made,
            names,
            many,
            pairs.map(lambda each: tuple(each.items())),
            st.booleans(),
            st.none(),
            values,
        )
    )


values = st.recursive(plain | st.builds(Reference, names), _inner, max_leaves=12)
made = st.builds(
    Made,
    names,
    st.lists(values, max_size=2).map(tuple),
    st.just(()),
    st.booleans(),
    st.none(),
    values,
)
several = st.lists(values, max_size=3).map(tuple)
mappings = st.dictionaries(names, values, max_size=3)
classes = st.builds(
    ClassOutline, names, several, mappings, several,
    st.dictionaries(names, st.builds(Attribute, values, values, names), max_size=3), st.booleans(),
)  # fmt: skip
queries = st.builds(
    Queried, names, several, several, st.lists(st.tuples(names, values, st.integers())).map(tuple),
    st.lists(st.builds(Join, values, values, st.booleans()), max_size=2).map(tuple), several,
    st.booleans(), st.booleans(),
)  # fmt: skip
places = st.builds(
    Places,
    st.dictionaries(names, st.integers()),
    st.lists(st.tuples(st.integers(), st.lists(names | st.integers()).map(tuple))).map(tuple),
)


@given(
    st.builds(
        Outline,
        mappings,
        st.lists(names).map(tuple),
        st.lists(classes, max_size=3).map(lambda found: {each.name: each for each in found}),
        st.lists(st.builds(Stray, names, made), max_size=3).map(tuple),
        st.lists(st.builds(QueryOutline, names, st.integers(), queries), max_size=2).map(tuple),
        places,
    )
)
def test_json_keeps_an_outline(made: Outline) -> None:
    found = decoded(json.loads(json.dumps(encoded(made))))
    assert found == made
    assert found.places == made.places


@pytest.mark.parametrize("text", TEXTS)
def test_json_keeps_the_outline_of_a_file(text: str) -> None:
    made = outline(text)
    found = decoded(json.loads(json.dumps(encoded(made))))
    assert (found, found.places) == (made, made.places)


@pytest.mark.parametrize("text", TEXTS)
def test_comments_and_blanks_change_places_only(text: str) -> None:
    commented = "# a comment\n\n" + text.replace("\n\n", "\n\n# another\n")
    before, after = outline(text), outline(commented)
    assert after == before
    assert after.places != before.places or not before.places.names


def test_places_are_those_of_the_names() -> None:
    (text,) = CASES["Columns of 1.x"].values()
    text = textwrap.dedent(text)
    found = outline(text).places.names
    assert text[found["User.login"] :].startswith('login = Column("user_login"')
    assert text[found["User"] :].startswith("User(Base):")


def test_little_is_read_of_a_file_without_sqlalchemy() -> None:
    text = "import os\n\nclass A:\n" + "    x = f(1)\n" * 50 + "\ndef f(a):\n" + "    g(a)\n" * 50
    lines = Lines()
    found = outline(text, lines)
    assert list(found.classes) == ["A"]
    assert lines.parsed == 3  # the import and the two headers


def test_functions_that_query_nothing_are_not_read() -> None:
    text = "from sqlalchemy import select\n\ndef f(a):\n" + "".join(
        f"    g({number})\n" for number in range(50)
    )
    lines = Lines()
    outline(text, lines)
    assert lines.parsed == 2


def test_a_broken_line_costs_itself_only() -> None:
    (text,) = CASES["Columns of 1.x"].values()
    broken = text.replace("login = Column(", "login = = Column(")
    before, after = outline(text).classes["User"], outline(broken).classes["User"]
    gone = dict(before.attributes)
    del gone["login"]
    assert after.attributes == gone
