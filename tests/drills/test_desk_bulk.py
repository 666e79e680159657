"""T6 with full counts: 5,000 comments decided at once, some failing midway, and all undone."""

import time
from typing import Any

import pytest
from sqlmodel import Session, select

from backend.kit.db import Database
from backend.models import BulkItem, Disposition
from backend.triage import batch, bulk, deciding, plan, queries, search
from backend.triage.forms import BulkForm
from backend.web.errors import Refused
from tests.conftest import Clock
from tests.features.conftest import office  # noqa: F401
from tests.features.office import Office
from tests.features.test_desk_bulk import Ruled, state_of

pytestmark = pytest.mark.drill
COUNT, EVERY = 5000, 97


def test_five_thousand_with_failures_and_an_exact_undo(
    office: Office,  # noqa: F811
    database: Database,
    session: Session,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officer = office.officers["shen"]
    for number in range(COUNT):
        office.receive(f"公交意见{number}")
    session.commit()
    before = state_of(session)
    form = BulkForm(action="decide", outcome="noted", reason="统一留存研究。", everything=True)
    with database.writing() as writing:
        scope = queries.scope_for(
            writing, office.consultation.id or 0, officer=officer, whole_queue=True,
            plan=plan.load(writing, office.consultation.id or 0), now=clock.now,
        )  # fmt: skip
        found = queries.matching_ids(writing, search.parse("公交"), scope)
        run = bulk.freeze(
            writing, office.consultation.id or 0, officer, form, found, scope.plan, now=clock.now
        )
    real = deciding.decide_all

    def fails_now_and_then(
        writing: Session, rulings: list[Ruled], *given: Any, **named: Any
    ) -> None:
        real(writing, rulings, *given, **named)
        if any((ruling.comment.id or 0) % EVERY == 0 for ruling, _ in rulings):
            raise Refused("磁盘写入失败。")

    monkeypatch.setattr(deciding, "decide_all", fails_now_and_then)
    begin = time.monotonic()
    bulk.start(database, run.id or 0, officer, now=clock.now)
    print(f"\n{COUNT} decided in {time.monotonic() - begin:.1f} s")
    failed = sum((key % EVERY) == 0 for key in before)
    with database.reading() as reading:
        results = reading.exec(select(BulkItem.result)).all()
        assert len(results) == COUNT
        assert results.count(batch.DONE) == COUNT - failed
        assert len(reading.exec(select(Disposition.id)).all()) == COUNT - failed
    begin = time.monotonic()
    bulk.undo(database, run.id or 0, officer, now=clock.now)
    print(f"undone in {time.monotonic() - begin:.1f} s")
    assert state_of(session) == before
