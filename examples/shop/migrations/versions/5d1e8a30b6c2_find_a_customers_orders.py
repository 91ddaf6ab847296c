"""Find a customer's orders.

Revision ID: 5d1e8a30b6c2
Revises: 2b7f01c4d9aa
Create Date: 2024-05-21 15:40:02.871190
"""

from alembic import op

revision = "5d1e8a30b6c2"
down_revision = "2b7f01c4d9aa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_orders_customer_id", "orders", ["customer_id"])


def downgrade() -> None:
    op.drop_index("ix_orders_customer_id", table_name="orders")
