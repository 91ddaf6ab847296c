"""Find users by name."""

from alembic import op

revision = "8d0f2c4e6a71"
down_revision = "7c9e1b3d5f60"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_users_name"), "users", ["name"])


def downgrade() -> None:
    op.drop_index(op.f("ix_users_name"), table_name="users")
