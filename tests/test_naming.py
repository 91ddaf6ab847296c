"""Names are those that a real Alembic and SQLAlchemy write."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.naming import (
    Constrained,
    Naming,
    UnnamedError,
    check_name,
    foreign_key_name,
    unique_name,
)
from fumehood.project import Project
from tests.share import examples

TOKENS = (
    "table_name", "column_0_name", "column_0_label", "column_0_key", "column_0N_name",
    "column_0_N_name", "column_1_name", "column_0_N_label", "constraint_name", "other",
)  # fmt: skip
FOREIGN = ("referred_table_name", "referred_column_0_name", "referred_column_0_N_name")
IDENTIFIERS = st.text("abxyzABÖ_1 $", min_size=1, max_size=20).map("n".__add__)
NAMES = st.none() | IDENTIFIERS | st.integers(50, 80).map("n".__mul__)


def patterns(tokens: tuple[str, ...]) -> st.SearchStrategy[str]:
    parts = st.sampled_from(tokens).map(lambda token: f"%({token})s")
    return st.lists(parts, min_size=1, max_size=4).map(lambda found: "c_" + "_".join(found))


def emitted(
    conventions: dict[str, str], call: str, final: bool, name: str | None, *args: object,
    **keywords: object,
) -> str | None:  # fmt: skip
    """The name in the SQL that Alembic writes; None where it raises; "" where there is none."""
    out = io.StringIO()
    metadata = sa.MetaData(naming_convention=conventions)
    context = MigrationContext.configure(
        dialect_name="postgresql",
        opts={"as_sql": True, "output_buffer": out, "target_metadata": metadata},
    )
    op = Operations(context)
    try:
        getattr(op, call)(op.f(name) if final and name else name, *args, **keywords)
    except (SQLAlchemyError, KeyError, IndexError):
        return None
    found = re.search(r'ADD CONSTRAINT ("(?:[^"]|"")*"|\S+) ', out.getvalue())
    return "" if found is None else found[1].strip('"').replace('""', '"').replace("%%", "%")


@examples(200)
@given(
    st.none() | patterns(TOKENS + FOREIGN), NAMES, st.booleans(), IDENTIFIERS,
    st.none() | IDENTIFIERS, st.lists(IDENTIFIERS, min_size=1, max_size=3, unique=True),
    IDENTIFIERS,
)  # fmt: skip
def test_foreign_keys(
    pattern: str | None, name: str | None, final: bool, table: str, schema: str | None,
    columns: list[str], referent: str,
) -> None:  # fmt: skip
    assume(table != referent)
    conventions = {} if pattern is None else {"fk": pattern}
    ids = [f"id{number}" for number in range(len(columns))]
    real = emitted(
        conventions, "create_foreign_key", final, name, table, referent, columns, ids,
        source_schema=schema,
    )  # fmt: skip
    try:
        mine = foreign_key_name(
            Naming(conventions), name, final, Constrained(table, schema, columns, referent, ids)
        )
    except UnnamedError:
        return
    assert real == (mine.name if mine.written else "")


@examples(200)
@given(
    st.none() | patterns(TOKENS), NAMES, st.booleans(), IDENTIFIERS, st.none() | IDENTIFIERS,
    st.lists(IDENTIFIERS, min_size=1, max_size=3, unique=True), st.booleans(),
)  # fmt: skip
def test_uniques_and_checks(
    pattern: str | None, name: str | None, final: bool, table: str, schema: str | None,
    columns: list[str], unique: bool,
) -> None:  # fmt: skip
    conventions = {} if pattern is None else {"uq" if unique else "ck": pattern}
    call, what = (
        ("create_unique_constraint", columns) if unique else ("create_check_constraint", "x")
    )
    real = emitted(conventions, call, final, name, table, what, schema=schema)
    given = (Naming(conventions), name, final)
    try:
        if unique:
            mine = unique_name(*given, Constrained(table, schema, columns))
        else:
            mine = check_name(*given, Constrained(table, schema), columns)
    except UnnamedError:
        return
    assert real == (mine.name if mine.written else "")


def test_usual_conventions_are_known() -> None:
    naming = Naming(
        {
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        }
    )
    users = Constrained("users", None)
    assert check_name(naming, "ck_x", False, users, None).name == "ck_users_ck_x"
    assert check_name(naming, "ck_x", True, users, None).name == "ck_x"
    key = Constrained("users", "s", ["a", "b"], "orders", ["c", "d"])
    assert foreign_key_name(naming, None, False, key).name == "fk_users_a_orders"
    chosen = foreign_key_name(Naming(), None, False, key)
    assert (chosen.name, chosen.written) == ("users_a_b_fkey", False)


def test_what_is_not_known_has_no_name() -> None:
    users = Constrained("users", None)
    with pytest.raises(UnnamedError, match="cannot be read"):
        check_name(None, "ck_x", False, users, None)
    assert check_name(None, "ck_x", True, users, None).name == "ck_x"
    with pytest.raises(UnnamedError, match="63 bytes"):
        check_name(Naming(), "x" * 64, False, users, None)


def test_a_batch_that_drops_what_it_adds_by_its_final_name() -> None:
    text = """import sqlalchemy as sa
from alembic import op
revision = "b"
down_revision = "a"


def upgrade():
    with op.batch_alter_table("users") as batch_op:
        batch_op.create_check_constraint("age", "age > 0")
        batch_op.drop_constraint(op.f("ck_users_{}"), type_="check")
"""
    naming = Naming({"ck": "ck_%(table_name)s_%(constraint_name)s"})
    for dropped, offered in (("age", False), ("size", True)):
        engine = Engine(load_rules())
        engine.open("m.py", text.format(dropped), Settings(), Project(naming=naming))
        [finding] = engine.findings("m.py") if engine.work("m.py") else []
        assert bool(engine.actions("m.py", finding.span)) == offered
