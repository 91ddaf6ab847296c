"""Products have suppliers.

Revision ID: 83c0f7e2a415
Revises: 5d1e8a30b6c2
Create Date: 2024-09-02 11:05:37.220684
"""

import sqlalchemy as sa
from alembic import op

revision = "83c0f7e2a415"
down_revision = "5d1e8a30b6c2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("products") as batch_op:
        batch_op.add_column(sa.Column("supplier", sa.String(length=200), nullable=True))
        batch_op.create_index("ix_products_supplier_name", ["supplier", "name"])


def downgrade() -> None:
    # The index goes with its column.
    with op.batch_alter_table("products") as batch_op:
        batch_op.drop_column("supplier")
