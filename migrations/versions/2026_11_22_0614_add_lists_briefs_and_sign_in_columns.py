"""add lists of words, proposed aliases, briefs, and columns for signing in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "3e155c9b7120"
down_revision = "fd7031f526d6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sensitive_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=50), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_sensitive_word_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensitive_word")),
        sa.UniqueConstraint(
            "organisation_id", "word", name=op.f("uq_sensitive_word_organisation_id_word")
        ),
    )
    with op.batch_alter_table("sensitive_word", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sensitive_word_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "brief",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_brief_consultation_id_consultation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief")),
        sa.UniqueConstraint("consultation_id", "day", name=op.f("uq_brief_consultation_id_day")),
    )
    with op.batch_alter_table("brief", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_brief_consultation_id"), ["consultation_id"], unique=False
        )

    op.create_table(
        "alias_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=True),
        sa.Column("alias", sa.String(length=64), nullable=False),
        sa.Column("target_kind", sa.String(length=32), nullable=False),
        sa.Column("target_key", sa.String(length=32), nullable=False),
        sa.Column("target_name", sa.String(length=300), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column(
            "comment_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "approved", "rejected", name="aliasstate", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_alias_proposal_consultation_id_consultation"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["officer.id"], name=op.f("fk_alias_proposal_decided_by_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_alias_proposal_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alias_proposal")),
        sa.UniqueConstraint(
            "consultation_id",
            "alias",
            "target_kind",
            "target_key",
            name=op.f("uq_alias_proposal_consultation_id_alias_target_kind_target_key"),
        ),
    )
    with op.batch_alter_table("alias_proposal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_alias_proposal_consultation_id"), ["consultation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_alias_proposal_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_alias_proposal_state"), ["state"], unique=False)

    op.create_table(
        "comment_flag",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=50), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_comment_flag_comment_id_comment")
        ),
        sa.PrimaryKeyConstraint("comment_id", "word", name=op.f("pk_comment_flag")),
    )
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_head", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("wants_brief", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(sa.Column("oidc_subject", sa.String(length=500), nullable=True))
        batch_op.add_column(
            sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("failed_sign_ins", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_officer_oidc_subject"), ["oidc_subject"])

    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("mark", sa.String(length=2), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("address", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("phone", sa.String(length=50), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("icp_number", sa.String(length=64), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column(
                "public_security_number", sa.String(length=64), nullable=False, server_default=""
            )
        )
        batch_op.add_column(
            sa.Column("site_code", sa.String(length=32), nullable=False, server_default="")
        )


def downgrade() -> None:
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_column("site_code")
        batch_op.drop_column("public_security_number")
        batch_op.drop_column("icp_number")
        batch_op.drop_column("phone")
        batch_op.drop_column("address")
        batch_op.drop_column("mark")

    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_officer_oidc_subject"), type_="unique")
        batch_op.drop_column("locked_until")
        batch_op.drop_column("failed_sign_ins")
        batch_op.drop_column("password_changed_at")
        batch_op.drop_column("oidc_subject")
        batch_op.drop_column("wants_brief")
        batch_op.drop_column("is_head")

    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.drop_column("retired_at")
        batch_op.drop_column("position")

    op.drop_table("comment_flag")
    with op.batch_alter_table("alias_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alias_proposal_state"))
        batch_op.drop_index(batch_op.f("ix_alias_proposal_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_alias_proposal_consultation_id"))

    op.drop_table("alias_proposal")
    with op.batch_alter_table("brief", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_brief_consultation_id"))

    op.drop_table("brief")
    with op.batch_alter_table("sensitive_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sensitive_word_organisation_id"))

    op.drop_table("sensitive_word")
