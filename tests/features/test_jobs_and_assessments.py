"""The machine's reading: done once, kept for ever, never lost, never in a person's way."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, func, select

from backend import jobs
from backend.assessments import jobs as reading
from backend.assessments import queries, service
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    AliasProposal,
    AliasState,
    Assessment,
    AssessmentLink,
    Comment,
    Consultation,
    CorpusRun,
    CorpusTag,
    Handling,
    Stage,
    Task,
)
from tests.factories import make_comment, make_consultation, make_organisation

# `jobs.queue` is the function of that name; the module holds the registry.
job_queue = import_module("backend.jobs.queue")
TEXTS = (
    "希望老房子加装电梯，我母亲八十岁下不了楼，电话13800138000。",
    "停车泊位太少了，建议多建公共停车泊位。",
    "支持新建社区食堂，老人吃饭方便。",
)


@pytest.fixture
def consultation(session: Session) -> Consultation:
    made = make_consultation(session, make_organisation(session))
    for text in TEXTS:
        make_comment(session, made, text)
    session.commit()
    return made


def _count(session: Session, table: type) -> int:
    session.rollback()
    count: int = session.exec(select(func.count()).select_from(table)).one()
    session.rollback()
    return count


def _read(database: Database, settings: Settings) -> None:
    jobs.run_now("assess", database, settings)


def test_every_comment_is_read_once_and_masked(
    consultation: Consultation, session: Session, database: Database, settings: Settings
) -> None:
    _read(database, settings)
    _read(database, settings)
    assert _count(session, Assessment) == len(TEXTS)
    comments = session.exec(select(Comment).order_by(Comment.id)).all()  # type: ignore[arg-type]
    assert all(comment.masked_text for comment in comments)
    assert "13800138000" not in (comments[0].masked_text or "")
    assert [comment.text for comment in comments] == list(TEXTS), "what was said stays as it was"


def test_readings_link_to_the_plan(
    consultation: Consultation, session: Session, database: Database, settings: Settings
) -> None:
    _read(database, settings)
    comment = session.exec(select(Comment).order_by(Comment.id)).first()  # type: ignore[arg-type]
    assert comment is not None and comment.id is not None
    current = queries.current(session, comment.id)
    assert current is not None and current.id is not None
    assert "t1" in [link.item_key for link in queries.links(session, current.id)]


def test_a_later_engine_adds_and_changes_nothing(
    consultation: Consultation,
    session: Session,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _read(database, settings)
    session.rollback()
    before = {row.id: row.model_dump() for row in session.exec(select(Assessment)).all()}
    for module in (reading, service):
        monkeypatch.setattr(module, "ENGINE_VERSION", "later")
    _read(database, settings)
    session.rollback()
    session.expire_all()
    rows = {row.id: row for row in session.exec(select(Assessment)).all()}
    assert len(rows) == 2 * len(TEXTS)
    current = [row for row in rows.values() if row.is_current]
    assert {row.engine_version for row in current} == {"later"} and len(current) == len(TEXTS)
    for key, old in before.items():
        assert rows[key].model_dump() | {"is_current": True} == old


def test_a_lost_nudge_is_made_up_for_by_the_clock(
    app: FastAPI, consultation: Consultation, session: Session, database: Database,
    settings: Settings, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise OSError("the queue's disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(jobs.queue().storage, "enqueue", broken)
        jobs.nudge("assess")  # does not fail whoever calls it
    assert jobs.queue().dequeue() is None
    assert _count(session, Assessment) == 0
    _read(database, settings)  # what the clock does every minute
    assert _count(session, Assessment) == len(TEXTS)


def test_a_nudged_job_runs_from_the_queue(
    app: FastAPI, consultation: Consultation, session: Session
) -> None:
    jobs.queue().flush()
    jobs.nudge("assess")
    jobs.nudge("assess")
    ran = 0
    while (task := jobs.queue().dequeue()) is not None:
        jobs.queue().execute(task)
        ran += 1
    assert ran == 2
    assert _count(session, Assessment) == len(TEXTS)


def test_a_job_that_fails_is_tried_again_and_then_given_up(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def poison(_database: Database, _settings: Settings) -> None:
        tries.append(1)
        raise ValueError("never works")

    monkeypatch.setitem(job_queue._jobs, "poison", job_queue.Job(poison, None, "*"))
    jobs.bind(app.state.settings)
    huey = jobs.queue()
    huey.flush()
    jobs.nudge("poison")
    later = datetime.now() + timedelta(days=1)  # noqa: DTZ005 - huey's schedule is naive
    for _ in range(20):
        waiting = [huey.dequeue()] if huey.pending_count() else huey.read_schedule(later)
        for task in waiting:
            huey.execute(task, later)
    assert len(tries) == 5, "once, and four more times"
    assert huey.pending_count() == huey.scheduled_count() == 0


def test_drafts_are_not_read(
    consultation: Consultation, session: Session, database: Database, settings: Settings
) -> None:
    consultation.stage = Stage.DRAFT
    session.add(consultation)
    session.commit()
    _read(database, settings)
    assert _count(session, Assessment) == 0


def test_comments_are_read_together_only_when_something_changed(
    consultation: Consultation, session: Session, database: Database, settings: Settings
) -> None:
    for _ in range(2):
        jobs.run_now("read-corpus", database, settings)
    assert _count(session, CorpusRun) == 1
    assert _count(session, CorpusTag) == len(TEXTS)
    make_comment(session, consultation, "再说一句，食堂要便宜。")
    session.commit()
    jobs.run_now("read-corpus", database, settings)
    assert _count(session, CorpusRun) == 2
    assert _count(session, CorpusTag) == len(TEXTS) + 1


def test_an_approved_name_links_what_was_not_linked_before(
    session: Session, settings: Settings, database: Database
) -> None:
    """And an unapproved one does not; what was decided meanwhile is not read again."""
    now = datetime.now(UTC)
    consultation = make_consultation(session, make_organisation(session))
    consultation.closes_at = now + timedelta(days=20)
    comments = [make_comment(session, consultation, "绿轱辘什么时候能装好？") for _ in range(2)]
    comments[1].handling = Handling.DECIDED
    task = session.exec(select(Task)).first()
    assert task is not None
    proposal = AliasProposal(
        organisation_id=consultation.organisation_id, consultation_id=consultation.id,
        alias="绿轱辘", target_kind="task", target_key=task.key, target_name=task.title, count=5,
        created_at=now,
    )  # fmt: skip
    session.add_all([*comments, proposal, consultation])
    session.commit()

    def linked(comment: Comment) -> list[str]:
        jobs.run_now("assess", database, settings)
        session.rollback()
        statement = (
            select(AssessmentLink.item_key)
            .join(Assessment, col(Assessment.id) == AssessmentLink.assessment_id)
            .where(Assessment.comment_id == comment.id, col(Assessment.is_current))
        )
        return list(session.exec(statement))

    assert task.key not in linked(comments[0])
    proposal.state = AliasState.APPROVED
    session.add(proposal)
    session.commit()
    assert task.key in linked(comments[0])
    assert task.key not in linked(comments[1])
