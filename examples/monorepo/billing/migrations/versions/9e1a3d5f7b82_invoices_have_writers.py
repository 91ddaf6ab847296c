"""Invoices have writers."""

from alembic import op

revision = "9e1a3d5f7b82"
down_revision = "8d0f2c4e6a71"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_foreign_key(None, "invoices", "users", ["user_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint("invoices_user_id_fkey", "invoices", type_="foreignkey")
