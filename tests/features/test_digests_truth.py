"""A digest with one wrong number or one altered quote is not built."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import Session

from backend.digests import service
from backend.digests.content import DigestContent
from backend.digests.service import DigestRefused, canonical, stored_content
from backend.digests.validation import validate
from backend.kit.settings import Settings
from backend.models import Digest
from tests.features.office import MONDAY, Office, found


@pytest.fixture
def office(session: Session, settings: Settings) -> Office:
    office = found(session, settings)
    copies = [office.receive(f"请把末班车延到23时，第{n}位。") for n in range(3)]
    others = [
        office.receive("站点覆盖率目标偏低，建议提高到95%。", anchor="i1"),
        office.receive("支持新增社区巴士。", street="青山镇"),
    ]
    for comment in copies:
        office.read(comment, "t1")
    for comment in others:
        office.read(comment, "i1", intent="supports", sentiment="positive")
    office.read_together(copies, others[:1], others[1:])
    session.commit()
    return office


@pytest.fixture
def content(office: Office, session: Session) -> DigestContent:
    return service.compile(session, office.consultation, now=MONDAY)


def test_a_true_digest_passes(office: Office, session: Session, content: DigestContent) -> None:
    assert content.overview.comment_count == 5
    assert content.overview.unique_count == 3
    assert content.campaigns[0].total.count == 3
    assert validate(session, office.consultation, content) == []


def wrong_total(c: DigestContent) -> DigestContent:
    return replace(c, overview=replace(c.overview, comment_count=6))


def wrong_submissions(c: DigestContent) -> DigestContent:
    return replace(c, overview=replace(c.overview, submission_count=4))


def wrong_channel(c: DigestContent) -> DigestContent:
    channel = replace(c.overview.channels[0], label="电话")
    return replace(c, overview=replace(c.overview, channels=(channel,)))


def wrong_count(c: DigestContent) -> DigestContent:
    total = replace(c.indicators[0].total, count=9)
    return replace(c, indicators=(replace(c.indicators[0], total=total),))


def moved_comment(c: DigestContent) -> DigestContent:
    total = replace(c.indicators[0].total, comment_ids=(1, 2), count=2)
    return replace(c, indicators=(replace(c.indicators[0], total=total),))


def wrong_line(c: DigestContent) -> DigestContent:
    return replace(c, indicators=(replace(c.indicators[0], line="指标1：99条"),))


def altered_quote(c: DigestContent) -> DigestContent:
    quote = replace(c.campaigns[0].quote, text="请把末班车延到24时")
    return replace(c, campaigns=(replace(c.campaigns[0], quote=quote),))


def altered_row(c: DigestContent) -> DigestContent:
    return replace(c, rows=(replace(c.rows[0], text="别的话"), *c.rows[1:]))


def dropped_row(c: DigestContent) -> DigestContent:
    return replace(c, rows=c.rows[1:])


def invented_finding(c: DigestContent) -> DigestContent:
    return replace(c, findings=(replace(c.findings[0], text="大家都很满意。"),))


@pytest.mark.parametrize(
    "falsify",
    [
        wrong_total,
        wrong_submissions,
        wrong_channel,
        wrong_count,
        moved_comment,
        wrong_line,
        altered_quote,
        altered_row,
        dropped_row,
        invented_finding,
    ],
)
def test_one_falsehood_fails_the_build(
    office: Office,
    session: Session,
    content: DigestContent,
    monkeypatch: pytest.MonkeyPatch,
    falsify: Callable[[DigestContent], DigestContent],
) -> None:
    monkeypatch.setattr(service, "compile", lambda *_, **__: falsify(content))
    with pytest.raises(DigestRefused):
        service.prepare(session, office.consultation, officer_id=None, now=MONDAY)


def test_a_snapshot_reads_back_the_same_on_both_databases(
    office: Office, session: Session, content: DigestContent
) -> None:
    digest = service.prepare(session, office.consultation, officer_id=None, now=MONDAY)
    session.add(digest)
    session.commit()
    session.expire_all()
    again = session.get_one(Digest, digest.id)
    assert stored_content(again) == content
    assert canonical(stored_content(again))[1] == again.content_sha256


def test_the_command_gets_every_format(office: Office, session: Session) -> None:
    for format_ in ("json", "csv", "html", "xlsx"):
        data = service.export(session, office.consultation, format_, "章节:s3", now=MONDAY)
        assert data == service.export(session, office.consultation, format_, "章节:s3", now=MONDAY)
