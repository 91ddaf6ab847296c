"""Which queries lack which indexes; what PostgreSQL makes of them is tested in tests/postgres."""

from __future__ import annotations

import pytest

from fumehood.unserved import Reason
from tests.query_shapes import BY_TRIGRAMS, SHAPES, TRIGRAMS, UNHELPED, lacks


def said(statement: str) -> str:
    found, tables = lacks(statement)
    return " ".join(
        f"{tables[each.table]}.{keys[0].column or keys[0].expression}"
        for each in found
        for keys in each.indexes
    )


@pytest.mark.parametrize("statement", SHAPES)
def test_what_a_query_lacks(statement: str) -> None:
    assert said(statement) == (SHAPES[statement] or "")


@pytest.mark.parametrize(
    "statement",
    [
        *UNHELPED,
        # No index would help.
        "select(User).where(User.email.not_in(['a']))",
        "select(User).where(User.gone.is_not(None))",
        "select(User).where(User.email.like('%a'))",
        "select(User).where(User.email.ilike(f'%{1}%'))",
        "select(User).where(User.email.contains('a'))",
        "select(User).where(or_(User.email == 'a', User.name.like('%a')))",
        "select(User).where(or_(User.email == 'a', Order.number == 'a'), User.id == Order.user_id)",
        "select(User).where(datetime.now() >= User.made)",
        "select(User).where(User.made <= datetime.now(UTC).replace(tzinfo=None) - timedelta(1))",
        "select(User).where(or_(User.email == 'a', User.made < func.now()))",
        "select(User).where(User.email == MOST)",
        "select(User).where(and_(User.email == MOST, User.active))",
        "select(User).filter_by(email=MOST)",
        # A value that only one row may have.
        "select(User).where(User.login == MOST, User.email == 'a')",
        # It is not known what is looked for.
        "select(User).where(User.email == 'a', unheard_of)",
        "select(User).where(*unheard_of, User.email == 'a')",
        "select(User).where(getattr(User, name) == 'a')",
        "select(User).filter_by(**unheard_of, email='a')",
        "select(User).where(text('email = 1'))",
        "select(User).where(User.email == 'a', User.orders.any(Order.id == 1))",
        "select(User).where(User.email.op('~')('a'))",
        "select(User).my_method().where(User.email == 'a')",
        "select(User).where(User.email == 'a').order_by(unheard_of).limit(2)",
        "select(unheard_of).where(unheard_of.email == 'a')",
        # It is read in another order, until there is enough.
        "select(User).where(User.email == 'a').order_by(User.id).limit(2)",
        "select(User).order_by(unheard_of).limit(2)",
        "select(User).order_by(User.email)",
        # A join of all with all.
        "select(Order).join(User, Order.agent_id == User.id)",
        "select(Order).join(User, Order.agent_id == User.id).where(User.active)",
        "select(exists().where(Order.agent_id == User.id))",
    ],
)
def test_silence(statement: str) -> None:
    assert said(statement) == ""


def test_values_behind_a_column_of_few_values_are_a_hint() -> None:
    (found,), _ = lacks("select(User).where(User.seen == 7)")
    assert found.hint
    (found,), _ = lacks("select(User).where(User.street == 7)")
    assert not found.hint


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("select(User).where(User.email == 'a')", Reason.FILTER),
        ("select(User).order_by(User.email).limit(1)", Reason.SORT),
        (
            "select(Order).join(User, Order.agent_id == User.id).where(User.login == 'a')",
            Reason.JOIN,
        ),
    ],
)
def test_reasons(statement: str, reason: Reason) -> None:
    (found,), _ = lacks(statement)
    assert found.reason == reason


def test_a_pattern_wants_an_index_of_its_kind() -> None:
    (found,), _ = lacks("select(User).where(User.email.like('a%'))")
    assert [key.operator_class for keys in found.indexes for key in keys] == ["text_pattern_ops"]
    (found,), _ = lacks("select(User).where(User.email.ilike('a%'))")
    assert found.indexes == ()  # an index of trigrams, which needs an extension


@pytest.mark.parametrize("statement", TRIGRAMS)
def test_what_an_index_of_trigrams_serves(statement: str) -> None:
    (found,), _ = lacks(statement)
    assert (found.indexes == ()) is TRIGRAMS[statement]
    assert lacks(statement, also=[BY_TRIGRAMS])[0] == []


def test_a_sort_wants_all_its_keys() -> None:
    (found,), _ = lacks("select(User).order_by(User.street.desc(), User.email).limit(1)")
    assert [(key.column, key.descending) for key in found.indexes[0]] == [
        ("street", True),
        ("email", False),
    ]


def test_rows_may_be_reached_from_a_table_that_is_not_known() -> None:
    statement = "select(User, Order).where(User.email == 'a', Order.number == 'b')"
    assert said(statement) == "users.email"
    assert lacks(statement, unknown="orders")[0] == []


@pytest.mark.parametrize(
    ("condition", "lacking"),
    [
        ("func.date(User.made) == session", "users.date(made)"),
        ("func.coalesce(User.gone, 0) == session", "users.COALESCE(gone, 0)"),
        ("sa.cast(User.street, String) == session", "users.street::varchar"),
        ("func.length(User.name) > session", "users.length(name)"),
        ("func.lower(User.name) == session", ""),
        ("func.unheard(User.name, session) == session", ""),
    ],
)
def test_an_expression_wants_an_index_of_its_own(condition: str, lacking: str) -> None:
    assert said(f"select(User).where({condition})") == lacking
