"""Loyalty cards.

Revision ID: a94d62b81f07
Revises: 83c0f7e2a415
Create Date: 2025-01-14 08:31:19.540217
"""

import sqlalchemy as sa
from alembic import op

revision = "a94d62b81f07"
down_revision = "83c0f7e2a415"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "customers",
        sa.Column("loyalty_card", sa.String(length=32), nullable=True, index=True),
    )


def downgrade() -> None:
    op.drop_column("customers", "loyalty_card")
