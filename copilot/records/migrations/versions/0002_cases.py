"""Where each referral stands, beside the record. The tables begin empty and are filled from the record when first read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("referral", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("checks", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("held_at", sa.String(32), nullable=False),
        sa.Column("escalated_by", sa.String(128), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("decision", sa.Integer, nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("follows", sa.Integer, nullable=False),
        sa.Column("followed", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_index("cases_waiting", "cases", ["outcome", "rank", "referral"])
    op.create_index("cases_author", "cases", ["author", "referral"])
    op.create_index("cases_conversation", "cases", ["conversation", "referral"])
    op.create_index("cases_decision", "cases", ["decision"])
    op.create_table(
        "cases_through",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("cases_through")
    op.drop_table("cases")
