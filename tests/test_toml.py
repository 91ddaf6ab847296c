"""TOML: where keys and values stand, and a setting that is written between them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood import toml
from fumehood.toml_edits import with_start_after

from .share import examples

_BARE = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
_KEYS = st.one_of(
    _BARE,
    st.sampled_from(["select", "severity", "tool", "fumehood", "a.b"]).map(lambda key: f'"{key}"'),
    st.sampled_from(["'a ] b'", '"\\u0041\\" ="', "''", '"#"']),
)
_PLAIN = st.sampled_from(
    [
        "1",
        "-1_000",
        "0xff",
        "true",
        "1.5e3",
        "nan",
        "1979-05-27 07:32:00Z",
        "07:32:00",
        '"a # ] } b"',
        '"\\" \\\\"',
        "'it # ]'",
        "'\\'",
        '"""\na "" # ] \\" b""""',
        "'''\r\na '' # } b'''''",
        '""',
        "''''''",
    ]
)
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[ {', '.join(items)} ]")
        | st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "[\n" + "".join(f"  {item}, # ] comment\n" for item in items) + "]"
        )
        | st.dictionaries(_KEYS, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=6,
)
_DOTTED = st.lists(_KEYS, min_size=1, max_size=2).map(" . ".join)
_ENTRIES = st.tuples(_DOTTED, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}")
_TABLES = st.one_of(
    st.sampled_from(["[tool.fumehood]", "[ tool . 'fumehood' ] # ]", "[tool.fumehood.severity]"]),
    st.sampled_from(["[tool]", "[[several]]", "[several.inner]", "[tool.ruff]"]),
    _DOTTED.map(lambda key: f"[{key}]"),
)
_LINES = st.one_of(
    _ENTRIES,
    st.sampled_from(
        [
            "start-after = 'x' # why",
            "fumehood.select = []",
            "fumehood = { select = [ ] }",
            "",
            "  # comment = [",
        ]
    ),
    _TABLES,
)
_BREAKS = st.sampled_from(["\n", "\r\n"])


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Valid TOML, with a line taken only where it can stand."""
    text = ""
    for line in draw(st.lists(_LINES, max_size=12)):
        longer = text + line + draw(_BREAKS)
        text = longer if _is_toml(longer) else text
    return text if draw(st.booleans()) else text.rstrip("\r\n")


def _all(value: Any, path: toml.KeyPath = ()) -> Iterator[tuple[toml.KeyPath, Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _all(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _all(inner, (*path, index))


def _equal(one: object, other: object) -> bool:
    both = isinstance(one, float) and isinstance(other, float)
    return one == other or (both and math.isnan(one) and math.isnan(other))  # type: ignore[arg-type]


@given(_texts(), st.sampled_from([(), ("tool", "fumehood"), ("tool",)]))
@examples(300)
def test_a_place_holds_what_was_read(text: str, table: toml.KeyPath) -> None:
    places = toml.places(text, table)
    content: Any = tomllib.loads(text)
    for key in table:
        content = content.get(key) if isinstance(content, dict) else None
    wanted = dict(_all(content)) if content is not None else {}
    if isinstance(content, list):  # an array of tables has no single place
        return
    near = {path for path in wanted if len(path) <= 3}
    assert near - {()} <= places.keys()
    for path in near - {()}:
        key, value = places[path]
        if not isinstance(wanted[path], dict | list):
            assert _equal(tomllib.loads(f"x = {text[slice(*value)]}")["x"], wanted[path])
        if isinstance(path[-1], str) and not text[slice(*key)].startswith("["):
            assert list(tomllib.loads(f"{text[slice(*key)]} = 1")) == [path[-1]]


@given(_texts(), st.sampled_from(["pyproject.toml", "fumehood.toml"]))
@examples(300)
def test_start_after_is_written_and_all_else_stays(text: str, name: str) -> None:
    new = _with_start_after(text, name, "R")
    if new is None:
        return
    table: Any = tomllib.loads(new)
    for key in toml.table_in(name):
        table = table[key]
    value = table["start-after"]
    assert value == "R" or value.count("R") == 1
    place = toml.places(text, toml.table_in(name)).get(("start-after",))
    replaced = place.value.end - place.value.start if place else 0
    ahead = _common(text, new)
    behind = _common(text[ahead:][::-1], new[ahead:][::-1])
    assert ahead + behind >= len(text) - replaced
    assert with_start_after(new, name, "R") == new


_GAP = ("", " ", "\n  ", " # one\n  ", "\n# two, three\n", "\r\n\t")


@st.composite
def _lists(draw: st.DrawFn) -> tuple[list[str], str]:
    """Revisions, and a list of them with white space and comments anywhere."""
    names = draw(st.lists(st.sampled_from("abcR"), max_size=5))
    gap = st.sampled_from(_GAP)
    parts = []
    for index, name in enumerate(names):
        last = index == len(names) - 1
        comma = "" if last and draw(st.booleans()) else ","
        parts += [draw(gap), f'"{name}"', draw(gap), comma]
    return names, f"[{''.join(parts)}{draw(gap)}]"


@given(_lists(), st.sets(st.sampled_from("ab")), st.sampled_from(["", " # why"]))
@examples(600)
def test_a_list_keeps_its_comments_and_what_stays(
    present: tuple[list[str], str], gone: set[str], behind: str
) -> None:
    names, written = present
    text = f"start-after = {written}{behind}\n"
    new = with_start_after(text, "fumehood.toml", "R", gone)
    found = tomllib.loads(new)["start-after"]
    found = [found] if isinstance(found, str) else found
    assert [each for each in found if each != "R"] == [
        each for each in names if each not in {*gone, "R"}
    ]
    assert found.count("R") == 1
    for comment in ("# one", "# two, three", "# why"):
        assert new.count(comment) == text.count(comment)
    assert with_start_after(new, "fumehood.toml", "R", gone) == new


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("['x']", "['x', \"R\"]"),
        ("'x'", "['x', \"R\"]"),
        ("['x', 'a', 'y', 'b', 'c', 'z']", "['x', \"R\", 'y', 'z']"),
        ("['a', 'b',]", '["R",]'),
        ("[\n  'x', # billing\n]", "[\n  'x', # billing\n  \"R\",\n]"),
        ("[\n  'x' # billing\n]", "[\n  'x', # billing\n  \"R\"\n]"),
        ("[\r\n\t'x',\r\n]", "[\r\n\t'x',\r\n\t\"R\",\r\n]"),
        ("[ # all\n  'a', # one\n  'b', # two\n]", '[ # all\n  "R", # one\n  # two\n]'),
        ("[\n  'a',\n  'b',\n  'x',\n]", "[\n  \"R\",\n  'x',\n]"),
        ("[ # none\n]", '["R" # none\n]'),
        ("[]", '"R"'),
    ],
)
def test_a_list_is_changed_in_place(before: str, after: str) -> None:
    text = f"start-after = {before} # end\n"
    new = with_start_after(text, "fumehood.toml", "R", {"a", "b", "c"})
    assert new == f"start-after = {after} # end\n"


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with."""
    differ = (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differ, min(len(one), len(other)))


def _with_start_after(text: str, name: str, revision: str) -> str | None:
    try:
        return with_start_after(text, name, revision)
    except ValueError as error:
        if "leaves no place" not in str(error):
            raise
        return None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[tool.fumehood]\nstart-after = 'R'\n"),
        ("a = 1", "a = 1\n\n[tool.fumehood]\nstart-after = 'R'\n"),
        ("a = 1\r\n", "a = 1\r\n\r\n[tool.fumehood]\r\nstart-after = 'R'\r\n"),
        ("[tool.fumehood]", "[tool.fumehood]\nstart-after = 'R'"),
        (
            "[tool.fumehood]  # ours\n\n[b]\n",
            "[tool.fumehood]  # ours\nstart-after = 'R'\n\n[b]\n",
        ),
        (
            "[tool.fumehood]\n# why\nselect = [\n]  # all\n# end\n",
            "[tool.fumehood]\n# why\nselect = [\n]  # all\nstart-after = 'R'\n# end\n",
        ),
        (
            "[tool.fumehood]\nstart-after = [ 'a',\n 'b' ] # old\n",
            "[tool.fumehood]\nstart-after = [ 'a',\n 'b', 'R' ] # old\n",
        ),
        (
            "[tool.fumehood.severity]\nx = 'hint'\n",
            "[tool.fumehood.severity]\nx = 'hint'\n\n[tool.fumehood]\nstart-after = 'R'\n",
        ),
        (
            "[tool]\n  fumehood.downgrade = true\n",
            "[tool]\n  fumehood.downgrade = true\n  fumehood.start-after = 'R'\n",
        ),
        (
            "[tool]\nfumehood = { tests = [] }\n",
            "[tool]\nfumehood = { tests = [], start-after = 'R' }\n",
        ),
        ("\ufeffa = 1\n", "\ufeffa = 1\n\n[tool.fumehood]\nstart-after = 'R'\n"),
    ],
)
def test_where_start_after_goes(before: str, after: str) -> None:
    assert with_start_after(before, "pyproject.toml", "R") == after.replace("'R'", '"R"')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'start-after = "R"\n'),
        ("# c\n[severity]\n", 'start-after = "R"\n\n# c\n[severity]\n'),
        ("select = []\n[severity]\n", 'select = []\nstart-after = "R"\n[severity]\n'),
    ],
)
def test_where_it_goes_in_a_file_of_its_own(before: str, after: str) -> None:
    assert with_start_after(before, "fumehood.toml", "R") == after


@pytest.mark.parametrize("text", ["[tool\n", "tool = 3\n", "[[tool.fumehood]]\n"])
def test_where_there_is_no_place_nothing_is_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|leaves no place for it|Expected"):
        with_start_after(text, "pyproject.toml", "R")
