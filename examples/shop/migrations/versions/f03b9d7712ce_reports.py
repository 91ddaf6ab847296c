"""Indexes for the reports.

Revision ID: f03b9d7712ce
Revises: e17a3c5f902b
Create Date: 2026-01-19 13:47:31.915402
"""

import sqlalchemy as sa
from alembic import op

revision = "f03b9d7712ce"
down_revision = "e17a3c5f902b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_order_lines_product_id", "order_lines", ["product_id"])
    op.create_index(
        "ix_customers_country",
        "customers",
        ["country"],
        postgresql_where=sa.text("country IS NOT NULL"),
    )
    with op.get_context().autocommit_block():
        op.create_index("ix_products_price", "products", ["price"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_products_price", table_name="products", postgresql_concurrently=True)
    op.drop_index("ix_customers_country", table_name="customers")
    op.drop_index("ix_order_lines_product_id", table_name="order_lines")
