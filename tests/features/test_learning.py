"""Learning in the product: what wins reads the undecided again, and can be taken back."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

import backend.demo
from backend import jobs
from backend.assessments import learning
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    Assessment,
    AuditEntry,
    Comment,
    Consultation,
    Handling,
    LearnedModel,
    Officer,
    Review,
    ReviewLink,
    Role,
    Stage,
)
from tests.factories import (
    PASSWORD,
    make_comment,
    make_consultation,
    make_officer,
    make_organisation,
)
from tests.features.conftest import SignIn

CONTENT = Path(backend.demo.__file__).parent / "content" / "comments.jsonl"
TEXTS = [json.loads(line)["text"] for line in CONTENT.read_text(encoding="utf-8").splitlines()]
TAUGHT = 230
_LONG = timedelta(days=4000)
WISH = re.compile("能|希望|建议|请|多")


@pytest.fixture
def taught(session: Session, database: Database, settings: Settings) -> Consultation:
    """Read comments, two thirds of them confirmed or corrected: whoever wishes, proposes."""
    organisation = make_organisation(session)
    officer = make_officer(session, organisation, roles=(Role.OFFICER, Role.DRAFTING_OFFICE))
    made = make_consultation(session, organisation, opens=-_LONG, closes=_LONG)
    for number, text in enumerate(TEXTS[: TAUGHT + 60]):
        comment = make_comment(session, made, text)
        if number % 11 == 5 and number > TAUGHT:
            comment.handling = Handling.DECIDED
            session.add(comment)
    session.commit()
    jobs.run_now("assess", database, settings)
    _decide(session, officer)
    return made


def _decide(session: Session, officer: Officer) -> None:
    session.rollback()
    comments = session.exec(select(Comment).order_by(col(Comment.id))).all()[:TAUGHT]
    for comment in comments:
        wishes = bool(WISH.search(comment.text))
        session.add(
            Review(
                comment_id=comment.id or 0,
                intent="proposes" if wishes else None,
                links_confirmed=True,
                officer_id=officer.id or 0,
                reviewed_at=utc_now(),
            )
        )
        if "电梯" in comment.text:
            session.add(ReviewLink(comment_id=comment.id or 0, item_kind="task", item_key="t1"))
    session.commit()


def _readings(session: Session) -> dict[int, tuple[str, str | None]]:
    session.rollback()
    session.expire_all()
    rows = session.exec(select(Assessment).where(col(Assessment.is_current).is_(True))).all()
    return {row.comment_id: (row.engine_version, row.intent) for row in rows}


def test_what_wins_takes_over_and_can_be_taken_back(
    taught: Consultation, session: Session, database: Database, settings: Settings
) -> None:
    before = _readings(session)
    attempts = {a.task: a for a in learning.learn(database, taught, now=utc_now())}
    assert attempts["intent"].promoted, attempts["intent"].message
    again = {a.task: a for a in learning.learn(database, taught, now=utc_now())}
    assert "没有新的核定" in again["intent"].message
    jobs.run_now("assess", database, settings)
    after = _readings(session)
    decided = set(session.exec(select(Comment.id).where(Comment.handling == Handling.DECIDED)))
    assert decided and all(after[one or 0] == before[one or 0] for one in decided)
    improved = {one for one in after if after[one][0] != before[one][0]}
    assert improved == after.keys() - decided, "every undecided comment was read again"
    assert any(after[one][1] != before[one][1] for one in improved)
    late = make_comment(session, taught, "希望路灯能亮一点，晚上看不清。")
    session.commit()
    jobs.run_now("assess", database, settings)
    assert _readings(session)[late.id or 0][0] == after[min(improved)][0]

    session.rollback()
    with database.writing() as writing:
        for attempt in attempts.values():
            if attempt.promoted:
                model = writing.get_one(LearnedModel, attempt.model_id)
                learning.roll_back(writing, model, None, now=utc_now())
    restored = _readings(session)
    assert {one: restored[one] for one in before} == before, "earlier readings are restored"
    jobs.run_now("assess", database, settings)
    assert _readings(session)[late.id or 0][0] == before[min(before)][0]
    assert session.exec(select(AuditEntry).where(AuditEntry.action == "model.roll_back")).all()


def test_a_closed_consultation_is_not_read_again(
    taught: Consultation, session: Session, database: Database, settings: Settings
) -> None:
    before = _readings(session)
    taught.stage = Stage.UNDER_REVIEW
    session.add(taught)
    session.commit()
    assert any(a.promoted for a in learning.learn(database, taught, now=utc_now()))
    jobs.run_now("assess", database, settings)
    assert _readings(session) == before


def test_the_page_tells_how_well_the_machine_reads_and_takes_back_what_was_learned(
    taught: Consultation, session: Session, database: Database, sign_in: SignIn
) -> None:
    browser = sign_in("lixiao", PASSWORD)
    path = f"/desk/consultations/{taught.slug}/quality"
    page = browser.open(path)
    assert f"核定了{TAUGHT}条" in page.text
    assert "还没有学习过" in page.text
    assert "出厂评测" in page.text
    attempts = {a.task: a for a in learning.learn(database, taught, now=utc_now())}
    page = browser.open(path)
    assert "正在使用" in page.text and page.all("main figure svg")
    form = page.form(f"{attempts['intent'].model_id}/roll-back")
    unsure = browser.press(form, status=409)
    assert "没有改变" in unsure.text
    page = browser.press(form.fill(confirmed="true"))
    assert "已收回" in page.text
    session.rollback()
    session.expire_all()
    assert session.get_one(LearnedModel, attempts["intent"].model_id).rolled_back_at is not None


def test_few_decisions_are_counted_and_no_share_is_told(
    session: Session, database: Database, settings: Settings, sign_in: SignIn
) -> None:
    organisation = make_organisation(session)
    officer = make_officer(session, organisation)
    made = make_consultation(session, organisation)
    for text in TEXTS[:5]:
        make_comment(session, made, text)
    session.commit()
    jobs.run_now("assess", database, settings)
    _decide(session, officer)
    page = sign_in("lixiao", PASSWORD).open(f"/desk/consultations/{made.slug}/quality")
    assert "不足以算比例" in page.text and "太少" in page.text
    assert all(not a.promoted for a in learning.learn(database, made, now=utc_now()))
