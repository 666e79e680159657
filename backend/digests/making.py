"""Making a digest in the background: from the order to the files, with progress that can be read.

An order is a row; the job only looks which are due. Beginnings are counted, so that an order which
kills its worker five times is parked with a sentence, like one that fails five times. Nothing
long happens inside a writing transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import structlog
from sqlmodel import Session, and_, col, or_, select

from backend.accounts import audit
from backend.digests import exporting, filters, service
from backend.digests.fonts import NoFonts
from backend.digests.scheduling import post_digest
from backend.digests.stationery import template_of
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Consultation, Digest, DigestOrder, Officer, OrderState

log = structlog.get_logger()
Clock = Callable[[], datetime]

MOST_TRIES = 5
PAUSE = timedelta(seconds=30)  # Before the second try; a later one waits longer.
LEASE = timedelta(minutes=10)  # An order not touched for so long has lost its worker.
PARKED = "试了五次都没有完成，已停止。请系统管理员查看日志后，再重新生成。"
WRITTEN = (("docx", "写成 Word 文件", 55), ("pdf", "排版 PDF 文件", 70), ("xlsx", "写成表格", 90))


def order_digest(
    session: Session,
    consultation: Consultation,
    query: str = "",
    *,
    officer_id: int | None,
    now: datetime,
) -> DigestOrder:
    """Put a digest on the list; raises FilterError with a Chinese sentence."""
    order = DigestOrder(
        consultation_id=cast(int, consultation.id),
        query=filters.render(filters.parse(query)),
        ordered_by_id=officer_id,
        created_at=now,
        touched_at=now,
    )
    session.add(order)
    session.flush()
    return order


def open_orders(session: Session, consultation: Consultation) -> list[DigestOrder]:
    """Digests being made, and the last ones that could not be, newest first."""
    unfinished = (OrderState.QUEUED, OrderState.RUNNING, OrderState.FAILED)
    return list(
        session.exec(
            select(DigestOrder)
            .where(
                DigestOrder.consultation_id == consultation.id,
                col(DigestOrder.state).in_(unfinished),
            )
            .order_by(col(DigestOrder.id).desc())
            .limit(5)
        )
    )


def make_due(database: Database, settings: Settings, *, clock: Clock) -> None:
    """Work through every order that is due; safe to run twice at once."""
    while (order_id := _claim(database, clock())) is not None:
        order = _Order(database, settings, order_id, clock)
        try:
            order.work()
        except (filters.FilterError, service.DigestRefused) as error:
            order.fail(str(error))
        except Exception as error:
            log.exception("digest_not_made", order=order_id, kind=type(error).__name__)
            order.put_back()


def files_folder(settings: Settings) -> Path:
    """Where files are kept that were made ahead; they can be made again at any time."""
    return settings.data_dir / "digests"


def clear_files(settings: Settings, *, older_than: datetime) -> int:
    """Remove files nobody has needed for a while; returns how many."""
    old = [
        path
        for path in files_folder(settings).glob("*.*")
        if path.stat().st_mtime < older_than.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _claim(database: Database, now: datetime) -> int | None:
    """The next order, taken; None when nothing is due. Parks what was begun too often."""
    with database.writing() as session:
        waiting = and_(DigestOrder.state == OrderState.QUEUED, col(DigestOrder.touched_at) <= now)
        lost = and_(
            DigestOrder.state == OrderState.RUNNING, col(DigestOrder.touched_at) <= now - LEASE
        )
        query = select(DigestOrder).where(or_(waiting, lost)).order_by(col(DigestOrder.id))
        for order in session.exec(query.limit(20).with_for_update(skip_locked=True)):
            order.touched_at = now
            session.add(order)
            if order.tries >= MOST_TRIES:
                order.state, order.reason, order.finished_at = OrderState.FAILED, PARKED, now
                continue
            order.state, order.tries = OrderState.RUNNING, order.tries + 1
            return order.id
    return None


@dataclass(frozen=True, slots=True)
class _Order:
    """One order in work."""

    database: Database
    settings: Settings
    id: int
    clock: Clock

    def work(self) -> None:
        digest = self._frozen()
        with self.database.reading() as session:
            template = template_of(session, digest)
        files = {}
        folder = files_folder(self.settings)
        for format_, step, percent in WRITTEN:
            self.tell(step, percent)
            try:
                files[format_] = exporting.write_once(digest, format_, folder, template=template)
            except NoFonts as error:
                log.warning("digest_without_file", format=format_, reason=str(error))
        with self.database.writing() as session:
            order = session.get_one(DigestOrder, self.id)
            post_digest(session, self.settings, order, digest, files, now=self.clock())
            order.state, order.percent, order.finished_at = OrderState.READY, 100, self.clock()
            session.add(order)

    def _frozen(self) -> Digest:
        """The digest of this order; made once, however often the order is begun."""
        with self.database.reading() as session:
            order = session.get_one(DigestOrder, self.id)
            if order.digest_id is not None:
                made = session.get_one(Digest, order.digest_id)
                session.expunge(made)
                return made
            consultation = session.get_one(Consultation, order.consultation_id)
            digest = service.prepare(
                session,
                consultation,
                order.query,
                officer_id=order.ordered_by_id,
                now=self.clock(),
                tell=self.tell,
            )
            organisation_id = consultation.organisation_id
        with self.database.writing() as session:
            session.add(digest)
            session.flush()
            order = session.get_one(DigestOrder, self.id)
            order.digest_id = digest.id
            session.add(order)
            officer = session.get(Officer, order.ordered_by_id) if order.ordered_by_id else None
            details = {"query": digest.query, "sha256": digest.content_sha256}
            audit.record(
                session,
                officer,
                "digest.make",
                "digest",
                digest.id,
                details,
                now=self.clock(),
                organisation_id=organisation_id,
            )
            session.flush()
            session.refresh(digest)
            session.expunge(digest)
        return digest

    def tell(self, step: str, percent: int) -> None:
        """Write down how far it is: also the sign of life."""
        with self.database.writing() as session:
            order = session.get_one(DigestOrder, self.id)
            order.step, order.percent, order.touched_at = step, percent, self.clock()
            session.add(order)

    def fail(self, reason: str) -> None:
        """End it for good: trying again would give the same."""
        with self.database.writing() as session:
            order = session.get_one(DigestOrder, self.id)
            order.state, order.reason, order.finished_at = OrderState.FAILED, reason, self.clock()
            session.add(order)

    def put_back(self) -> None:
        """Try again later, or park it."""
        with self.database.writing() as session:
            order = session.get_one(DigestOrder, self.id)
            order.state = OrderState.QUEUED
            order.touched_at = self.clock() + PAUSE * order.tries
            if order.tries >= MOST_TRIES:
                order.state, order.reason = OrderState.FAILED, PARKED
                order.finished_at = self.clock()
            session.add(order)
