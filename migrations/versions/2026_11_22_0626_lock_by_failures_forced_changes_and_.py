"""failures are counted in buckets; single sign-on; first passwords are changed."""

import sqlalchemy as sa
from alembic import op


revision = "297eb7298652"
down_revision = "2790f6b4966b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # None means "somebody else chose it": whoever is here already chose their own.
    op.execute("UPDATE officer SET password_changed_at = created_at")
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.drop_column("locked_until")
        batch_op.drop_column("failed_sign_ins")

    with op.batch_alter_table("officer_session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("by_single_sign_on", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("officer_session", schema=None) as batch_op:
        batch_op.drop_column("by_single_sign_on")

    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "failed_sign_ins", sa.Integer(), server_default=sa.text("'0'"), nullable=False
            )
        )
        batch_op.add_column(sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
