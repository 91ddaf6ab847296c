"""Queries of every kind, on tables with indexes of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fumehood.cover import KnownIndex, key_index, known_index
from fumehood.facts import ColumnType, IndexKey
from fumehood.models.facts import Model
from fumehood.models.models import Models
from fumehood.unserved import Table, Unserved, unserved
from tests.outlines import outlines

MODELS = """
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import (
    Enum, ForeignKey, Index, String, and_, delete, exists, func, or_, select, text, update
)
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(index=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    nick: Mapped[str]
    plain: Mapped[str] = mapped_column(index=True)
    town: Mapped[int]
    street: Mapped[int]
    active: Mapped[bool]
    seen: Mapped[int]
    kind: Mapped[str] = mapped_column(Enum("a", "b", name="kind"))
    score: Mapped[int]
    rank: Mapped[int | None]
    token: Mapped[str]
    created: Mapped[int]
    code: Mapped[int | None]
    level: Mapped[int]
    gone: Mapped[int | None]
    made: Mapped[datetime]
    state: Mapped[str]
    serial: Mapped[int | None]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    orders: Mapped[list["Order"]] = relationship(foreign_keys="Order.user_id")
    team: Mapped[Team] = relationship()
    __table_args__ = (
        Index("ix_lower", text("lower(name)")),
        Index("ix_nick", "nick", postgresql_ops={"nick": "text_pattern_ops"}),
        Index("ix_state", text('state COLLATE "C"')),
        Index("ix_town", "town", "street"),
        Index("ix_active", "active", "seen"),
        Index("ix_rank", sa.text("rank DESC NULLS LAST")),
        Index("ix_token", "token", postgresql_using="hash"),
        Index("ix_created", "created", postgresql_using="brin"),
        Index("ix_code", "code", postgresql_where=text("code IS NOT NULL")),
        Index("ix_level", "level", postgresql_where=text("active")),
        Index("ix_serial", "team_id", "serial", postgresql_where=text("serial IS NOT NULL")),
        Index("ix_score", "score", postgresql_where=text("kind IN ('a', 'b')")),
    )


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    number: Mapped[str]
    paid: Mapped[bool]
    agent: Mapped[User] = relationship(foreign_keys=[agent_id])
"""

ROWS = """
INSERT INTO teams SELECT n, 'team' || n FROM generate_series(1, 2000) n;
INSERT INTO users (id, email, login, name, nick, plain, town, street, active, seen, kind, score,
    rank, token, created, code, level, gone, team_id, made, serial, state)
SELECT n, 'e' || n, 'l' || n, 'Name' || n, 'n' || n, 'p' || n, n % 1250, n % 750, n % 2 = 0, n,
    (CASE n % 2 WHEN 0 THEN 'a' ELSE 'b' END)::kind, n, nullif(n % 70000, 0), 't' || n, n,
    nullif(n % 90000, 1), n, CASE n % 100 WHEN 0 THEN n END, n % 2000 + 1,
    localtimestamp - n * interval '1 minute', n,
    CASE WHEN n % 1000 = 0 THEN 'sent' WHEN n % 2 = 0 THEN 'new' ELSE 'paid' END
FROM generate_series(1, 50000) n;
INSERT INTO orders SELECT n, n % 50000 + 1, (n * 7) % 50000 + 1, 'o' || n, n % 3 = 0
FROM generate_series(1, 50000) n
"""

# Each statement, and the keys that it lacks indexes on: "table.key".
SHAPES: dict[str, str | None] = {
    # One condition.
    "select(User).where(User.email == 'e5')": "users.email",
    "select(User).where(User.login == 'l5')": None,
    "select(User).where(User.id.in_([1, 2, 3]))": None,
    "select(User).where(User.street.in_([1, 2]))": "users.street",
    "select(User).filter_by(login='l7')": None,
    "select(User).where(User.seen.between(10, 20))": "users.seen",
    "select(User).where(User.created < 100)": None,
    "select(User).where(User.token == 't9')": None,
    "select(User).where(User.street == 17)": "users.street",
    "select(User).where(User.town == 17, User.street > 5)": None,
    "select(User).where(User.made > func.now() - timedelta(minutes=9))": "users.made",
    "select(User).where(User.made > func.now())": "users.made",
    "delete(User).where(User.made < func.now() - timedelta(days=138))": "users.made",
    "select(User).where(User.made < func.now(), User.email == 'e5')": "users.email",
    # Several conditions: one that finds few rows is enough.
    "select(User).where(User.login == 'l5', User.email == 'e5')": None,
    "select(User).where(User.email == 'e5', User.street == 4)": "users.email",
    "select(User).where(User.active.is_(True), User.email == 'e5')": "users.email",
    "select(User).where(User.active == True, User.seen == 6)": None,
    "select(User).where(User.login == 'l5').order_by(User.email).limit(3)": None,
    # OR: each branch needs an index.
    "select(User).where(or_(User.login == 'l5', User.plain == 'p7'))": None,
    "select(User).where(or_(User.login == 'l5', User.email == 'e7'))": "users.email",
    "select(User).where((User.email == 'e5') | (User.street == 7))": "users.email users.street",
    "select(User).where((User.id == 5) | (User.seen == 7) | (User.street == 7))": (
        "users.seen users.street"
    ),
    "select(User).where(User.login == 'l5', or_(User.email == 'e5', User.street == 7))": None,
    # Expressions and patterns.
    "select(User).where(func.lower(User.name) == 'name5')": None,
    "select(User).where(func.lower(User.email) == 'e5')": "users.lower(email)",
    "select(User).where(func.upper(User.name) == 'NAME5')": "users.upper(name)",
    "select(User).where(User.nick.like('n55%'))": None,
    "select(User).where(User.nick.startswith('n55'))": None,
    "select(User).where(User.plain.like('p55%'))": "users.plain",
    "select(User).where(User.state.like('se%'))": None,
    "select(User).where(User.token.between('t19999', 't2'))": "users.token",
    # Rows.
    "select(User).where(sa.tuple_(User.street, User.town).in_([(1, 2), (3, 4)]))": None,
    "select(User).where(func.row(User.town, User.street) == func.row(1, 2))": None,
    "select(User).where(sa.tuple_(User.street, User.gone) == (1, 2))": "users.street",
    "select(User).where(func.row(User.street, User.gone).in_([func.row(1, 2)]))": "users.street",
    "select(User).where(sa.tuple_(User.id, User.email) < (9, 'e'))": None,
    "select(User).where(sa.tuple_(User.seen, User.id) < (9, 9))": "users.seen",
    # Partial indexes.
    "select(User).where(User.code == 5)": None,
    "select(User).where(User.level == 6, User.active)": None,
    "select(User).where(User.level == 6, User.active == True)": None,
    "select(User).where(User.level == 6)": "users.level",
    "select(User).where(User.level == 6, User.active.is_(True))": "users.level",
    "select(User).where(User.score == 6, User.kind == 'a')": None,
    "select(User).where(User.score == 6, User.kind.in_(['a', 'b']))": None,
    "select(func.max(User.serial)).where(User.team_id == 5)": None,
    # Sorts.
    "select(User).order_by(User.id.desc()).limit(10)": None,
    "select(User).order_by(User.email).limit(10)": "users.email",
    "select(User).order_by(User.rank.desc().nulls_last()).limit(10)": None,
    "select(User).order_by(User.rank).limit(10)": "users.rank",
    "select(User).order_by(User.rank.asc().nulls_first()).limit(10)": None,
    "select(User).where(User.street == 7).order_by(User.id).limit(10)": None,
    "select(User).where(User.email == 'e5').order_by(User.street).limit(10)": "users.email",
    # Joins.
    "select(Order).join(User, Order.user_id == User.id).where(User.login == 'l5')": None,
    "select(Order).join(User, Order.agent_id == User.id).where(User.id == 5)": "orders.agent_id",
    "select(User).join(User.orders).where(Order.number == 'o5')": "orders.number",
    "select(User).join(User.orders).where(User.login == 'l5', Order.paid)": None,
    "select(User).join(Team).where(Team.label == 'team7')": None,
    "select(Order).join(Order.agent).where(User.login == 'l5')": "orders.agent_id",
    "select(Order).where(Order.user_id == User.id, User.login == 'l5')": None,
    "select(Order).join(Order.agent).where(Order.number == 'a', User.email == '')": "orders.number",
    "select(Order).join(User, Order.user_id == User.id).where(User.email == 'e5')": "users.email",
    "select(Order).join(Order.agent).where(User.email == 'e5')": "orders.agent_id users.email",
    # EXISTS, by a relationship.
    "select(User).where(User.orders.any(Order.number == 'o5'))": "orders.number",
    "select(User).where(User.orders.any(number='o5'))": "orders.number",
    "select(User).where(User.login == 'l5', User.orders.any(Order.number == 'o5'))": None,
    "select(User).where(User.orders.any(Order.id == 5))": None,
    "select(User).where(User.email == 'e5', User.orders.any())": "users.email",
    "select(User).where(User.email == 'e5', ~User.orders.any())": "users.email",
    "select(User).where(User.login == 'l5', ~User.orders.any(Order.number == 'o5'))": None,
    "select(Order).where(Order.agent.has(User.login == 'l5'))": "orders.agent_id",
    "select(Order).where(Order.agent.has(login='l5'), Order.id == 7)": None,
    "select(Order).where(Order.agent.has(User.email == 'e5'))": "orders.agent_id users.email",
    "select(User).where(User.team.has(Team.label == 'team5'))": None,
    "select(User).where(User.team.has(label='t5'), User.orders.any(number='o5'))": None,
    "delete(User).where(User.orders.any(Order.number == 'o5'))": "orders.number",
    # Other statements.
    "update(User).where(User.email == 'e5').values(name='x')": "users.email",
    "delete(Order).where(Order.user_id == 5)": None,
    "delete(Order).where(Order.number == 'o5')": "orders.number",
    "select(User).where(User.team_id == 5)": None,
    "select(Order.id).where(Order.agent == User(id=5))": "orders.agent_id",
}


# What is silent, since PostgreSQL reads most pages of the table whatever its indexes are: each with
# the keys of one that might have helped.
UNHELPED = {
    "select(User).where(User.made < func.now())": "made",
    "select(User).where(User.made <= func.now() - timedelta(days=1))": "made",
    "select(User).where(User.email != 'e5')": "email",
    "select(User).where(User.state.in_(['new', 'paid']))": "state",
    "select(User).where(or_(User.state == 'new', User.state == 'paid'))": "state",
    "select(User).where((User.state == 'new') | and_(User.state == 'paid', User.seen > 0))": (
        "state"
    ),
    "select(User).where(User.rank > 0)": "rank",
    "select(User).where(or_(User.made < func.now(), User.login == 'l5'))": "made",
    "select(User).where(User.kind == 'a')": "kind",
    "select(User).where(User.active)": "active",
    "select(User).where(~User.active)": "active",
    "select(User).where(User.active.is_(True))": "active",
    "select(User).where(User.email.not_in(['e5', 'e6']))": "email",
    "select(User).where(User.gone.is_(None))": "gone",
    "select(User).where(sa.tuple_(User.street, User.town).not_in([(1, 2)]))": "street",
    "select(User).where(User.email.like('%5'))": "email text_pattern_ops",
    "select(User).where(User.email.contains('5'))": "email text_pattern_ops",
    "select(User).where(or_(User.email == 'e5', User.street != 7))": "email",
}


# What needs an index of trigrams, on users.email; and what one serves as well.
TRIGRAMS = {
    "select(User).where(User.email.ilike('E1999%'))": True,
    "select(User).where(User.email.istartswith('E1999'))": True,
    "select(User).where(User.email.like('e1999%'))": False,
    "select(User).where(User.email == 'e1999')": False,
    "select(User).where(User.email.in_(['e1999']))": False,
}

BY_TRIGRAMS = KnownIndex(
    name="ix_trigrams", keys=(IndexKey("email", operator_class="gin_trgm_ops"),), method="gin"
)


def table(model: Model) -> Table:
    """What a model says of its table."""
    indexes: list[KnownIndex | None] = [known_index(each.index) for each in model.indexes]
    indexes += [key_index(each.key) for each in model.keys]
    assert None not in indexes

    def few(name: str) -> bool:
        held = model.by_name(name)
        assert held is not None
        typed = held.column.type
        return held.is_enum or (isinstance(typed, ColumnType) and typed.name == "bool")

    return Table(str(model.table), [each for each in indexes if each is not None], few)


def lacks(
    statement: str, unknown: str = "", also: Sequence[KnownIndex] = ()
) -> tuple[list[Unserved], list[str]]:
    """What a statement lacks, and the names of its tables; of `unknown` nothing is known.

    `also` are more indexes of the first table.
    """
    text = (
        f"{MODELS}\n\nMOST = 'a'\n\ndef find(session):\n    return session.execute({statement})\n"
    )
    models = Models(outlines({"models.py": text}))
    found = models.queries("models.py")
    if not found:
        return [], []
    (query,) = found
    tables = [models.model(key) for key in query.tables]
    known = [table(each) for each in tables if each is not None]
    seen = [None if each.name == unknown else each for each in known]
    if also and seen[0] is not None:
        seen[0] = replace(seen[0], indexes=[*seen[0].indexes, *also])
    return unserved(query, seen), [each.name for each in known]
