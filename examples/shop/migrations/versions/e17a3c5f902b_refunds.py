"""Refunds: a new table, so that its index may be built at once.

Revision ID: e17a3c5f902b
Revises: c6e5b0943d18
Create Date: 2025-11-11 10:00:08.664120
"""

import sqlalchemy as sa
from alembic import op

revision = "e17a3c5f902b"
down_revision = "c6e5b0943d18"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_refunds_order_id", "refunds", ["order_id"])


def downgrade() -> None:
    op.drop_table("refunds")
