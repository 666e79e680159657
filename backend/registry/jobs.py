"""Lists that were confirmed and are not finished, or that are to be taken back."""

from sqlmodel import col, or_, select

from backend.jobs import job, nudge
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import ImportBatch, ImportRow, RowResult
from backend.registry import importing


@job("import-lists", minute="*")
def import_lists(database: Database, settings: Settings) -> None:
    """Register the rows that wait; take back what was asked to be taken back."""
    with database.reading() as session:
        due = session.exec(
            select(ImportBatch.id, ImportBatch.undone_at)
            .where(
                col(ImportBatch.confirmed_at).is_not(None),
                or_(
                    (col(ImportBatch.finished_at).is_(None))
                    & (col(ImportBatch.undone_at).is_(None)),
                    col(ImportBatch.undone_at).is_not(None)
                    & select(ImportRow.id)
                    .where(
                        ImportRow.batch_id == ImportBatch.id,
                        ImportRow.result == RowResult.IMPORTED,
                    )
                    .exists(),
                ),
            )
            .order_by(col(ImportBatch.id))
        ).all()
    for batch_id, undone_at in due:
        assert batch_id is not None
        if undone_at is None:
            importing.register_rows(database, batch_id, settings=settings, now=utc_now())
        else:
            importing.undo_rows(database, batch_id, now=undone_at)
    if due:
        nudge("assess")
