"""Migrations and models of a given length, to measure with."""

from __future__ import annotations

_HEAD = '''"""Add many things."""

import sqlalchemy as sa
from alembic import op

revision = "abcdef123456"
down_revision = "123456abcdef"


def upgrade() -> None:
'''

# All tables are new, so that nearly nothing is a finding.
_NEW_TABLE = """\
    op.create_table(
        "order_{n}",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(12, 2), server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_order_{n}_customer", "order_{n}", ["customer_id"])
    op.create_foreign_key("fk_order_{n}", "order_{n}", "customer", ["customer_id"], ["id"])
    op.create_check_constraint("ck_order_{n}_total", "order_{n}", "total >= 0")
    op.add_column("order_{n}", sa.Column("note", sa.Text(), nullable=True))

"""

# All tables exist, so that every index is a finding.
_ALTERATION = """\
    op.create_index("ix_order_{n}_customer", "order_{n}", ["customer_id"])
    op.create_foreign_key("fk_order_{n}", "order_{n}", "customer", ["customer_id"], ["id"])
    op.create_check_constraint("ck_order_{n}_total", "order_{n}", "total >= 0")
    op.add_column("order_{n}", sa.Column("note", sa.Text(), nullable=True))

"""

_MODELS_HEAD = "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
# In some classes an index that is one too many, and a query that no index serves.
_MODEL = """\


class Thing{n}(Base):
    __tablename__ = "things_{n}"
    id: Mapped[int] = mapped_column(primary_key=True, index={flag})
    name: Mapped[str] = mapped_column()
    note: Mapped[str | None] = mapped_column()

    @classmethod
    def named(cls, session, name):
        return session.query(cls).filter(cls.{column} == name).all()
"""
_FINDINGS = 10  # one class in so many has findings

KINDS = {"new tables": _NEW_TABLE, "alterations": _ALTERATION}


def source(kind: str, lines: int) -> str:
    """A migration of one kind, as long as whole blocks allow, and at most so many lines."""
    block = KINDS[kind]
    count = (lines - _HEAD.count("\n")) // block.count("\n")
    return _HEAD + "".join(block.replace("{n}", str(number)) for number in range(count))


def models(lines: int) -> str:
    """A file of models, as long as whole classes allow, and at most so many lines."""
    head = f"{_MODELS_HEAD}class Base(DeclarativeBase):\n    pass\n"
    count = (lines - head.count("\n")) // _MODEL.count("\n")
    return head + "".join(
        _MODEL.format(n=n, flag=not n % _FINDINGS, column="id" if n % _FINDINGS else "name")
        for n in range(count)
    )
