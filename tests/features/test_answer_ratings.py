"""这回应了您的意见吗: one tap on the receipt, once, counted for officers and for nobody else."""

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from backend.digests import reporting
from backend.digests.adoption import Letter
from backend.models import (
    AnswerRating,
    AnswerVerdict,
    Comment,
    Digest,
    DigestKind,
    Disposition,
    Handling,
    Outcome,
    Role,
    Submission,
)
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office
from tests.page import ORIGIN, Browser


def answer(office: Office, comment: Comment) -> None:
    comment.handling = Handling.DECIDED
    office.session.add(comment)
    office.session.add(
        Disposition(
            comment_id=comment.id or 0,
            outcome=Outcome.ADOPTED,
            reason="已写入第二章。",
            change_place="第二章",
            decided_by_id=office.officers["shen"].id or 0,
            decided_at=MONDAY,
        )
    )
    office.session.commit()


def receipt_of(session: Session, comment: Comment) -> str:
    submission = session.get_one(Submission, comment.submission_id)
    return f"/receipts/{submission.receipt_code}/{submission.receipt_token}"


def stored(session: Session) -> list[tuple[int, AnswerVerdict]]:
    session.rollback()  # A new snapshot, to see what the requests wrote.
    return [(row.comment_id, row.verdict) for row in session.exec(select(AnswerRating))]


@pytest.fixture
def comment(office: Office) -> Comment:
    comment = office.receive("请把末班车延到23时。", masked="请把末班车延到23时。")
    office.read(comment, "t1")
    office.session.commit()
    return comment


def test_one_tap_once_and_only_after_the_answer(
    client: Browser, office: Office, session: Session, comment: Comment
) -> None:
    path = receipt_of(session, comment)
    assert "这回应了您的意见吗" not in client.open(path).text
    early = client.post(
        f"{path}/answers/{comment.id}", data={"verdict": "answered"}, headers={"Origin": ORIGIN}
    )
    assert early.status_code == 200
    assert stored(session) == []
    answer(office, comment)
    form = client.open(path).form(f"/answers/{comment.id}")
    assert {b.get("value") for b in client.page.all(f"#answer-{comment.id} button")} == {
        verdict.value for verdict in AnswerVerdict
    }
    page = client.press(form.fill(verdict="missed"))
    assert "没有回应" in page.text
    assert "您对这个答复的评价已经记下" in page.text
    client.post(f"{path}/answers/{comment.id}", data={"verdict": "answered"})
    assert stored(session) == [(comment.id, AnswerVerdict.MISSED)]


@pytest.mark.parametrize("verdict", ["", "wonderful", "answered' OR 1=1"])
def test_a_word_nobody_offered_changes_nothing(
    client: Browser, office: Office, session: Session, comment: Comment, verdict: str
) -> None:
    answer(office, comment)
    path = receipt_of(session, comment)
    client.post(
        f"{path}/answers/{comment.id}", data={"verdict": verdict}, headers={"Origin": ORIGIN}
    )
    assert stored(session) == []


def test_nobody_speaks_for_another_receipt(
    client: Browser, office: Office, session: Session, comment: Comment
) -> None:
    stranger = office.receive("别的意见。")
    answer(office, comment)
    answer(office, stranger)
    path = receipt_of(session, stranger)
    client.post(
        f"{path}/answers/{comment.id}", data={"verdict": "missed"}, headers={"Origin": ORIGIN}
    )
    assert stored(session) == []


def test_a_merged_opinion_is_answered_with_its_leader(
    client: Browser, office: Office, session: Session, comment: Comment
) -> None:
    double = office.receive("末班车太早了。")
    double.handling, double.merged_into_id = Handling.MERGED, comment.id
    answer(office, comment)
    path = receipt_of(session, double)
    assert "已写入第二章" in client.open(path).text
    client.press(client.page.form(f"/answers/{double.id}").fill(verdict="answered"))
    assert stored(session) == [(double.id, AnswerVerdict.ANSWERED)]


def test_officers_see_the_counts_and_the_public_does_not(
    client: Browser,
    office: Office,
    session: Session,
    comment: Comment,
    sign_in: SignIn,
    make_digests: Callable[[], None],
) -> None:
    office.hire("drafter", Role.DRAFTING_OFFICE)
    office.hire("publisher", Role.PUBLISHER)
    answer(office, comment)
    session.add(
        AnswerRating(comment_id=comment.id or 0, verdict=AnswerVerdict.MISSED, created_at=MONDAY)
    )
    session.commit()
    desk = sign_in("drafter")
    assert "没有回应" in desk.open(f"{office.path}/digests/report").text
    page = desk.press(desk.open(f"{office.path}/digests").form("/digests"))
    make_digests()
    assert "提交人对答复的评价" in desk.open(page.path).text
    publisher = office.officers["publisher"]
    reporting.finalise_report(
        session, office.consultation, letter=Letter(), secret=None, officer=publisher, now=MONDAY
    )
    reporting.publish_outcome(
        session, office.consultation, narrative="共1条。", officer=publisher, now=MONDAY
    )
    session.commit()
    outcome = f"/consultations/{office.consultation.slug}/outcome"
    assert "没有回应" not in client.open(outcome).text
    for format_ in ("json", "csv"):
        public = client.get(f"{outcome}/report.{format_}").content.decode()
        assert "missed" not in public
        assert "没有回应" not in public
    report = session.exec(select(Digest).where(Digest.kind == DigestKind.ADOPTION_REPORT)).one()
    assert "ratings" not in report.content
