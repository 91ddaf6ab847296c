"""What is quoted is read back by PostgreSQL's own grammar."""

from __future__ import annotations

import ast

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fumehood.identifiers import _RESERVED, bind_safe, python_string, qualified, quoted
from fumehood.read.ddl import commands

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1,
                max_size=20) | st.sampled_from(sorted(_RESERVED)) | st.from_regex(
    r"[a-z_][a-z0-9_$]{0,9}", fullmatch=True
)  # fmt: skip


@given(st.none() | NAMES, NAMES, NAMES)
def test_names_come_back(schema: str | None, table: str, name: str) -> None:
    sql = f"ALTER TABLE {qualified(schema, table)} VALIDATE CONSTRAINT {quoted(name)}"
    [found] = commands(sql).found
    known = found.arguments
    assert (known["schema"], known["table"], known["name"]) == (schema, table, name)


@pytest.mark.parametrize("name", ["users", "fk_users_orders", "a1$", "_x"])
def test_plain_names_stay_bare(name: str) -> None:
    assert quoted(name) == name


@given(st.text(max_size=30))
def test_strings_come_back(text: str) -> None:
    assert ast.literal_eval(python_string(text)) == text


@given(st.text("a:\\ '\"1_", max_size=12))
def test_what_is_safe_is_sent_as_it_is(text: str) -> None:
    if bind_safe(text):
        assert str(sa.text(text)) == text
