"""Talks of practice: begun, line by line, ended; rows are only added."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "practices",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("customer", sa.String(64), nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("opening", sa.Text, nullable=False),
        sa.Column("begun", sa.String(32), nullable=False),
    )
    op.create_index("practices_person", "practices", ["person", "begun"])
    op.create_index("practices_begun", "practices", ["begun"])
    op.create_table(
        "practice_lines",
        sa.Column("practice", sa.String(64), sa.ForeignKey("practices.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "practice_ends",
        sa.Column("practice", sa.String(64), sa.ForeignKey("practices.id"), primary_key=True),
        sa.Column("ended", sa.String(8), nullable=False),
        sa.Column("scores", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("practice_ends")
    op.drop_table("practice_lines")
    op.drop_table("practices")
