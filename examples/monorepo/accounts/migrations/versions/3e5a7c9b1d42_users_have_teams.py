"""Users have teams."""

import sqlalchemy as sa
from alembic import op

revision = "3e5a7c9b1d42"
down_revision = "2d4f6a8c0e31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.add_column("users", sa.Column("team_id", sa.Integer(), nullable=True))
    op.create_foreign_key(None, "users", "teams", ["team_id"], ["id"])


def downgrade() -> None:
    op.drop_column("users", "team_id")
    op.drop_table("teams")
