"""Locks that grow, one-time passwords, people of the bank's own sign-in, and sessions that end when idle."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("users", sa.Column("locks", sa.Integer, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("one_time_until", sa.Float, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("subject", sa.String(512), nullable=True))
    op.add_column("users", sa.Column("signed_in", sa.Float, nullable=False, server_default="0"))
    op.create_index("users_subject", "users", ["subject"], unique=True)
    op.execute("DELETE FROM sessions")  # nobody knows when they were last used
    op.add_column("sessions", sa.Column("seen", sa.Float, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("sessions", "seen")
    op.drop_index("users_subject", "users")
    for name in ("signed_in", "subject", "one_time_until", "locks"):
        op.drop_column("users", name)
