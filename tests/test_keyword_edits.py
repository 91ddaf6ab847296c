"""Keyword arguments set and removed by small edits; each case is text before and after."""

from __future__ import annotations

import ast

import libcst as cst
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fumehood.keyword_edits import keyword_edits, keyword_removal
from fumehood.text import Edit
from tests.tree_keywords import with_keyword, without_keyword

ADDED = {
    "no arguments": ("f()", "f(k=1)"),
    "no arguments, a comment": ("f(  # why (not)\n)", "f(k=1  # why (not)\n)"),
    "inline": ("f(a, b)", "f(a, b, k=1)"),
    "inline, trailing comma": ("f(a, b,)", "f(a, b, k=1,)"),
    "padded": ("f( a )", "f( a, k=1 )"),
    "parenthesised value": ("f(unique=(True))", "f(unique=(True), k=1)"),
    "call in parentheses": ("(f(a))", "(f(a, k=1))"),
    "one a line": ("f(\n    a,\n    b\n)", "f(\n    a,\n    b,\n    k=1\n)"),
    "one a line, trailing comma": ("f(\n    a,\n    b,\n)", "f(\n    a,\n    b,\n    k=1,\n)"),
    "one a line, CRLF": ("f(\r\n    a,\r\n    b,\r\n)", "f(\r\n    a,\r\n    b,\r\n    k=1,\r\n)"),
    "one a line, tabs": ("f(\n\ta,\n\tb\n)", "f(\n\ta,\n\tb,\n\tk=1\n)"),
    "aligned under the first": ("f(a,\n  b)", "f(a,\n  b,\n  k=1)"),
    "aligned, tabs and spaces": ("f(a,\n\t  b)", "f(a,\n\t  b,\n\t  k=1)"),
    "several a line": ("f(\n    a, b,\n    c)", "f(\n    a, b,\n    c, k=1)"),
    "all on one line": ("f(\n    a, b\n)", "f(\n    a, b, k=1\n)"),
    "a comment beside the last": (
        "f(\n    a,\n    b  # why\n)",
        "f(\n    a,\n    b,  # why\n    k=1\n)",
    ),
    "a comment behind the last comma": (
        "f(\n    a,\n    b,  # why, not (\n)",
        "f(\n    a,\n    b,  # why, not (\n    k=1,\n)",
    ),
    "a comment below the last": (
        "f(\n    a,\n    # why\n)",
        "f(\n    a,\n    k=1,\n    # why\n)",
    ),
    "a comment at the end, inline": ("f(a, b  # why\n  )", "f(a, b, k=1  # why\n  )"),
    "several lines in the last": ("f(a, [\n  b,\n])", "f(a, [\n  b,\n], k=1)"),
    "a string over lines": ('f("""\n  x\n""")', 'f("""\n  x\n""", k=1)'),
    "a bare generator": ("f(x for x in y)", "f((x for x in y), k=1)"),
    "stars": ("f(*a, **b)", "f(*a, **b, k=1)"),
    "an old value": ("f(a, k = (0), b=2)", "f(a, k = 1, b=2)"),
    "wide characters": ("f('🜁', '\\U0001f701')", "f('🜁', '\\U0001f701', k=1)"),
    "space before the comma": ("f(a ,)", "f(a , k=1,)"),
    "a form feed": ("f(a,\n\f  b)", "f(a,\n\f  b,\n\f  k=1)"),
    "a backslash": ("f(a, \\\n  b)", "f(a, \\\n  b,\n  k=1)"),
    "a function in parentheses": ("(f)(a)", "(f)(a, k=1)"),
    "a space before the parenthesis": ("f (a)", "f (a, k=1)"),
}
REMOVED = {
    "alone": ("f(k=1)", "f()"),
    "alone, on its line": ("f(\n    k=1,\n)", "f()"),
    "alone, with a comment": ("f(\n    # why\n    k=1,\n)", "f(\n    # why\n    \n)"),
    "absent": ("f(a)", "f(a)"),
    "last": ("f(a, k=1)", "f(a)"),
    "last, padded": ("f( a , k=(1) )", "f( a )"),
    "last, trailing comma": ("f(a, k=1,)", "f(a,)"),
    "first": ("f(k=1, b=2)", "f(b=2)"),
    "between": ("f(a, k=1, b=2)", "f(a, b=2)"),
    "one a line, last": ("f(\n    a,\n    k=1,\n)", "f(\n    a,\n)"),
    "one a line, last, no comma": ("f(\n    a,\n    k=1\n)", "f(\n    a\n)"),
    "one a line, between": ("f(\r\n    a,\r\n    k=1,\r\n    b=2)", "f(\r\n    a,\r\n    b=2)"),
    "aligned, first": ("f(k=1,\n  b=2)", "f(b=2)"),
    "aligned, last": ("f(a,\n  k=1)", "f(a)"),
    "end of a line": ("f(a, k=1,\n  b=2)", "f(a,\n  b=2)"),
    "a comment beside it": (
        "f(\n    a,\n    k=1,  # why\n    b=2,\n)",
        "f(\n    a,\n    # why\n    b=2,\n)",
    ),
    "a comment beside it, inline": ("f(a, k=1,  # why\n  b=2)", "f(a,  # why\n  b=2)"),
    "a comment beside the last": ("f(\n    a,\n    k=1  # why\n)", "f(\n    a,\n    # why\n)"),
    "a comment above the last": (
        "f(\n    a,  # why\n    k=1\n)",
        "f(\n    a,  # why\n)",
    ),
    "a comment above it at the end": ("f(a,  # why\n  k=1)", "f(a,  # why\n  )"),
    "a comment below it": (
        "f(\n    k=1,\n    # b's\n    b=2,\n)",
        "f(\n    # b's\n    b=2,\n)",
    ),
    "a comment before the comma": ("f(a  # why\n  , k=1)", "f(a  # why\n  ,)"),
}


def apply(text: str, edits: list[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def parsed(text: str) -> tuple[cst.Module, cst.Call]:
    """The text as the only statement of a function, with its call."""
    module = cst.parse_module(text)
    body = module.body[0]
    if isinstance(body, cst.If):
        body = body.body.body[0]
    call = body.body[0].value  # type: ignore[union-attr]
    assert isinstance(call, cst.Call)
    return module, call


def added(text: str) -> str:
    return apply(text, keyword_edits(*parsed(text), "k", "1"))


def removed(text: str) -> str:
    return apply(text, keyword_removal(*parsed(text), "k"))


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED)
def test_a_keyword_is_added(before: str, after: str) -> None:
    assert added(before + "\n") == after + "\n"


@pytest.mark.parametrize(("before", "after"), REMOVED.values(), ids=REMOVED)
def test_a_keyword_is_removed(before: str, after: str) -> None:
    assert removed(before + "\n") == after + "\n"


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED)
def test_offsets_hold_in_a_block(before: str, after: str) -> None:
    head = "if 1:\n\t"
    assert added(f"{head}{before}\n") == f"{head}{after}\n"


space = st.sampled_from(["", " ", "\n    ", "  # c, (\n  ", "\\\n", "\n\n\t", "\f", "\r\n   "])
values = st.sampled_from(["a", "(b)", "'k=1'", "[1,\n2]", "g(k=1)", "'''\n#'''", "(k)"])


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A call with any whitespace and comments anywhere, and `k` among its keywords."""
    items = [draw(values) for _ in range(draw(st.integers(0, 2)))]
    named = draw(st.permutations(["k=", "unique = ", "name="]))
    items += [name + draw(values) for name in named[: draw(st.integers(0, 3))]]
    text = "f(" + draw(space)
    for index, item in enumerate(items):
        comma = index + 1 < len(items) or draw(st.booleans())
        text += item + draw(space) + ("," if comma else "") + draw(space)
    return text + ")\n"


def arguments(text: str) -> tuple[list[str], dict[str | None, str]]:
    call = ast.parse(text).body[0].value  # type: ignore[attr-defined]
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    return [ast.unparse(arg) for arg in call.args], named


@given(calls())
@example("f(a,\\\nk=a \n    )\n")
@example("f(a,  # c\n\\\nk=a \n    )\n")
@example("f(a\\\n,\\\nk=a,\\\n)\n")
def test_the_keyword_and_nothing_else_changes(text: str) -> None:
    positional, named = arguments(text)
    assert arguments(added(text)) == (positional, {**named, "k": "1"})
    without = {name: value for name, value in named.items() if name != "k"}
    assert arguments(removed(text)) == (positional, without)
    assert added(text).count("#") >= text.count("#") - text.count("k='''\n#'''")
    assert added(added(text)) == added(text)
    assert removed(removed(text)) == removed(text)


@given(calls())
def test_the_tree_changes_alike(text: str) -> None:
    _, call = parsed(text)
    code = cst.Module([]).code_for_node
    assert arguments(code(with_keyword(call, "k", "1"))) == arguments(added(text))
    assert arguments(code(without_keyword(call, "k"))) == arguments(removed(text))
