"""add plan imports."""

import sqlalchemy as sa
from alembic import op


revision = 'dec630821db7'
down_revision = 'e52f8eb7e5fd'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('consultation_id', sa.Integer(), nullable=True),
    sa.Column('plan_version_id', sa.Integer(), nullable=True),
    sa.Column('officer_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Enum('consultation_draft', 'revised_draft', 'review_draft', 'final', name='versionkind', native_enum=False, length=32), nullable=True),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'reading', 'read', 'failed', name='importstate', native_enum=False, length=32), nullable=False),
    sa.Column('recognise', sa.Boolean(), nullable=False),
    sa.Column('is_scan', sa.Boolean(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_plan_import_consultation_id_consultation')),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_plan_import_officer_id_officer')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_plan_import_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['plan_version_id'], ['plan_version.id'], name=op.f('fk_plan_import_plan_version_id_plan_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_import'))
    )
    with op.batch_alter_table('plan_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_import_consultation_id'), ['consultation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_import_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_import_state'), ['state'], unique=False)

    with op.batch_alter_table('plan_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('released_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('released_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_plan_version_released_by_id_officer'), 'officer', ['released_by_id'], ['id'])

    # An import tells its own progress: the notes by token have no reader any more.
    op.drop_table('plan_reading')


def downgrade() -> None:
    op.create_table('plan_reading',
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_plan_reading'))
    )
    with op.batch_alter_table('plan_version', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_plan_version_released_by_id_officer'), type_='foreignkey')
        batch_op.drop_column('released_by_id')
        batch_op.drop_column('released_at')

    with op.batch_alter_table('plan_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_import_state'))
        batch_op.drop_index(batch_op.f('ix_plan_import_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_plan_import_consultation_id'))

    op.drop_table('plan_import')
