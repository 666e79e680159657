"""Many at once: the set is frozen, every comment has its result, undo restores exactly."""

from typing import Any

import pytest
from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.db import Database
from backend.models import BulkItem, Comment, Disposition, Handling, Role
from backend.triage import batch, bulk, deciding, plan, queries, search, service
from backend.triage.forms import BulkForm, DecisionForm
from backend.web.errors import Conflict, Refused
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office

Ruled = tuple[deciding.Ruling, int]
COLUMNS = ("handling", "assigned_department_id", "assigned_officer_id", "due_on", "screening")


def state_of(session: Session) -> dict[int, tuple[object, ...]]:
    """Everything undo has to put back, and the decision that stands."""
    session.rollback()
    session.expire_all()
    standing = {
        row.comment_id: row.id
        for row in session.exec(select(Disposition).where(col(Disposition.superseded_at).is_(None)))
    }
    return {
        row.id or 0: (*(getattr(row, name) for name in COLUMNS), standing.get(row.id or 0))
        for row in session.exec(select(Comment))
    }


def test_an_official_decides_on_all_that_were_found_and_undoes_it(
    office: Office, sign_in: SignIn, session: Session, clock: Clock
) -> None:
    for number in range(7):
        office.receive(f"公交意见{number}")
    other = office.receive("停车意见")
    session.commit()
    before = state_of(session)
    browser = sign_in("shen")
    form = browser.open(f"{office.path}?q=公交").form("/bulk")
    form.values["everything"] = "true"
    page = browser.press(form)
    assert "批量办理 7 条意见" in page.heading
    page = browser.press(page.form("/bulk").fill(action="decide", outcome="noted"), status=422)
    page = browser.press(page.form("/bulk").fill(action="decide", outcome="noted", reason="留存。"))
    assert "将对 7 条意见" in page.heading
    assert state_of(session) == before, "nothing changes before it is confirmed"
    page = browser.press(page.form("/start"))
    assert "已办理：7 条" in page.text
    after = state_of(session)
    assert after[other.id or 0] == before[other.id or 0]
    assert [row[0] for row in after.values()].count(Handling.DECIDED) == 7
    clock.advance(minutes=29)
    page = browser.press(page.form("/undo"))
    assert "已撤销：7 条" in page.text
    assert state_of(session) == before
    assert not page.all("form[action$=undo]")


def test_some_fail_some_changed_meanwhile_and_the_rest_is_undone_exactly(
    office: Office, database: Database, session: Session, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    officer, colleague = office.officers["shen"], office.hire("lu", Role.OFFICER)
    comments = [office.receive(f"意见{number}") for number in range(230)]
    decided = comments[3]
    service.dispose(
        session, decided, colleague, DecisionForm(version=1, outcome="noted", reason="早先的。"),
        plan.PlanIndex(), now=clock.now,
    )  # fmt: skip
    session.commit()
    form = BulkForm(action="decide", outcome="not_adopted", reason="统一答复。", everything=True)
    with database.writing() as writing:
        scope = queries.scope_for(
            writing, office.consultation.id or 0, officer=officer, whole_queue=True,
            plan=plan.load(writing, office.consultation.id or 0), now=clock.now,
        )  # fmt: skip
        found = queries.matching_ids(writing, search.parse("状态:全部"), scope)
        run = bulk.freeze(
            writing, office.consultation.id or 0, officer, form, found, scope.plan, now=clock.now
        )
    run_id = run.id or 0
    touched, broken = comments[10], comments[20]
    with database.writing() as writing:
        row = writing.get_one(Comment, touched.id)
        service.assign(
            writing, row, colleague, version=row.version, department_id=None,
            officer_id=colleague.id, now=clock.now,
        )  # fmt: skip
    before = state_of(session)

    real = deciding.decide_all

    def fails_midway(writing: Session, rulings: list[Ruled], *given: Any, **named: Any) -> None:
        real(writing, rulings, *given, **named)
        if broken.id in {ruling.comment.id for ruling, _ in rulings}:
            raise Refused("磁盘写入失败。")

    monkeypatch.setattr(deciding, "decide_all", fails_midway)
    bulk.start(database, run_id, officer, now=clock.now)
    with pytest.raises(Conflict):
        bulk.start(database, run_id, officer, now=clock.now)
    after = state_of(session)
    for same in (touched, broken):
        assert after[same.id or 0] == before[same.id or 0]
    with database.reading() as reading:
        results = dict(bulk.left_out(reading, run_id))
        assert results.keys() == {touched.id, broken.id}
        assert "有同事改过" in results[touched.id or 0]
        done = select(BulkItem).where(BulkItem.bulk_run_id == run_id, BulkItem.result == batch.DONE)
        assert len(reading.exec(done).all()) == 228
    later = comments[30]
    with database.writing() as writing:
        row = writing.get_one(Comment, later.id)
        redo = DecisionForm(version=row.version, outcome="noted", reason="后来又想了想。")
        real_plan = plan.PlanIndex()
        monkeypatch.setattr(deciding, "decide_all", real)
        service.dispose(writing, row, colleague, redo, real_plan, now=clock.now)
    kept = state_of(session)[later.id or 0]
    bulk.undo(database, run_id, officer, now=clock.now)
    restored = state_of(session)
    assert restored.pop(later.id or 0) == kept, "what came after is not undone"
    before.pop(later.id or 0)
    assert restored == before
    assert restored[decided.id or 0][-1] is not None, "the earlier decision stands again"
    with database.reading() as reading:
        assert audit.verify(reading) == []


def test_undo_is_for_the_officer_who_did_it_and_for_half_an_hour(
    office: Office, sign_in: SignIn, session: Session, clock: Clock
) -> None:
    office.hire("lu", Role.OFFICER)
    comment = office.receive("一条意见")
    session.commit()
    browser = sign_in("shen")
    page = browser.open(f"{office.path}/bulk?ids={comment.id}&q=")
    page = browser.press(page.form("/bulk").fill(action="decide", outcome="noted", reason="好"))
    page = browser.press(page.form("/start"))
    undo = page.form("/undo").action
    colleague = sign_in("lu")
    form = colleague.open("/account").form("/account/shortcuts")
    form.action = undo
    colleague.press(form, status=422)
    clock.advance(minutes=25)
    browser.open("/desk")
    clock.advance(minutes=6)
    form = browser.open("/account").form("/account/shortcuts")
    form.action = undo
    assert "超过 30 分钟" in browser.press(form, status=422).text


@pytest.mark.parametrize(
    "given",
    [
        {"action": ""},
        {"action": "delete"},
        {"action": "assign"},
        {"action": "withhold"},
        {"action": "decide", "outcome": "adopted", "reason": "没有位置"},
    ],
)
def test_an_unfinished_bulk_changes_nothing(
    office: Office, sign_in: SignIn, session: Session, given: dict[str, str]
) -> None:
    comment = office.receive("一条意见")
    session.commit()
    browser = sign_in("shen")
    form = browser.open(f"{office.path}/bulk?ids={comment.id}").form("/bulk")
    form.values.update(given)
    page = browser.press(form, status=422)
    assert page.title.startswith("错误：")
    assert not session.exec(select(BulkItem)).all()
