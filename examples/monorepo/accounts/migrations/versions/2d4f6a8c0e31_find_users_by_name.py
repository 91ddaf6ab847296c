"""Find users by name."""

from alembic import op

revision = "2d4f6a8c0e31"
down_revision = "1f3c5a7e9b20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_users_name"), "users", ["name"])


def downgrade() -> None:
    op.drop_index(op.f("ix_users_name"), table_name="users")
