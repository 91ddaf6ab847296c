"""Find users by email."""

from alembic import op

revision = "1f3c5a7e9b20"
down_revision = "0a2b4c6d8e10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_users_email"), "users", ["email"])


def downgrade() -> None:
    op.drop_index(op.f("ix_users_email"), table_name="users")
