"""The drafting office makes a digest, reports what was adopted, and publishes the outcome."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from docx import Document
from sqlmodel import Session, select

from backend.digests.dossier import verify_dossier
from backend.kit.sealing import seal
from backend.kit.settings import Settings
from backend.models import (
    AuditEntry,
    Comment,
    Consultation,
    Contact,
    Digest,
    DigestKind,
    Disposition,
    Handling,
    Outcome,
    PlanChange,
    PlanChangeComment,
    Role,
    Screening,
    Stage,
    Submission,
)
from tests.features.office import MONDAY, PASSWORD, Office, found
from tests.page import Browser, Page


@pytest.fixture
def office(session: Session, settings: Settings) -> Office:
    office = found(session, settings)
    office.hire("drafter", Role.DRAFTING_OFFICE)
    office.hire("publisher", Role.PUBLISHER)
    office.hire("clerk", Role.CLERK)
    session.commit()
    return office


def sign_in(client: Browser, name: str) -> None:
    page = client.open("/sign-in")
    client.press(page.form("/sign-in").fill(username=name, password=PASSWORD))


MakeDigests = Callable[[], None]


def order(client: Browser, office: Office, make_digests: MakeDigests, query: str = "") -> Page:
    """Ask for a digest, let it be made, look at it."""
    page = client.open(f"{office.path}/digests")
    page = client.press(page.form("/digests").fill(query=query))
    make_digests()
    return client.open(page.path)


def decide(office: Office, comment: Comment, outcome: Outcome, **given: str) -> None:
    comment.handling = Handling.DECIDED
    officer = office.officers["drafter"]
    values = {"reason": "", "change_place": "", **given}
    office.session.add(
        Disposition(
            comment_id=comment.id or 0,
            outcome=outcome,
            decided_by_id=officer.id or 0,
            decided_at=MONDAY,
            **values,
        )
    )
    office.session.add(comment)
    office.session.commit()


def three_comments(office: Office) -> list[Comment]:
    comments = [
        office.receive("站点覆盖率目标偏低，建议提高到95%。", anchor="i1", street="临江街道"),
        office.receive("支持新增社区巴士，老人出门方便。", anchor="p3", street="青山镇"),
        office.receive("不要再占绿地停车，树砍了就没有了。", anchor="p5", section="s4"),
    ]
    for comment, items in zip(comments, (("i1",), ("t1",), ()), strict=True):
        office.read(comment, *items)
    office.session.commit()
    return comments


def test_a_digest_is_made_kept_and_downloaded_in_every_format(
    client: Browser, office: Office, session: Session, make_digests: MakeDigests
) -> None:
    three_comments(office)
    sign_in(client, "drafter")
    page = order(client, office, make_digests)
    assert "3件3条" in page.text
    assert "指标1 公交站点300米覆盖率：1条，1条希望提高目标值" in page.text
    digest = session.exec(select(Digest)).one()
    for format_ in ("docx", "pdf", "xlsx", "html", "json", "csv"):
        address = f"{office.path}/digests/{digest.id}.{format_}"
        first, second = client.get(address), client.get(address)
        assert first.status_code == 200, format_
        assert first.content == second.content, f"{format_} changed"
        assert "attachment" in first.headers["content-disposition"]
    session.rollback()  # A new snapshot, to see what the requests wrote.
    actions = [entry.action for entry in session.exec(select(AuditEntry))]
    assert actions.count("digest.make") == 1
    assert actions.count("digest.download") == 12


def test_the_files_say_the_same(
    client: Browser, office: Office, session: Session, make_digests: MakeDigests
) -> None:
    comments = three_comments(office)
    sign_in(client, "drafter")
    order(client, office, make_digests)
    digest = session.exec(select(Digest)).one()
    address = f"{office.path}/digests/{digest.id}"
    word = Document(io.BytesIO(client.get(f"{address}.docx").content))
    words = "".join(node.text or "" for node in word.element.body.iter() if node.tag.endswith("}t"))
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}.xlsx").content))
    cells = {str(cell.value) for row in book["意见明细"].iter_rows() for cell in row}
    csv = client.get(f"{address}.csv").content.decode("utf-8-sig")
    html = client.get(f"{address}.html").content.decode()
    data = json.loads(client.get(f"{address}.json").content)
    assert data["content"]["overview"]["comment_count"] == 3
    for comment in comments:
        assert comment.text in words
        assert comment.text in cells
        assert comment.text in csv
        assert comment.text in html


def test_a_filter_narrows_and_a_wrong_one_is_explained(
    client: Browser, office: Office, session: Session, make_digests: MakeDigests
) -> None:
    three_comments(office)
    sign_in(client, "drafter")
    page = client.open(f"{office.path}/digests")
    page = client.press(page.form("/digests").fill(query="天气:晴"), status=422)
    assert page.title.startswith("错误：")
    assert "没有“天气”这个筛选条件" in page.text
    assert page.form("/digests").values["query"] == "天气:晴"
    order(client, office, make_digests, "章节:s4")
    assert session.exec(select(Digest)).one().comment_count == 1


def test_a_clerk_has_no_business_here(client: Browser, office: Office) -> None:
    sign_in(client, "clerk")
    assert client.get(f"{office.path}/digests").status_code == 403
    assert client.get(f"{office.path}/digests/report").status_code == 403


def test_a_digest_of_another_consultation_does_not_exist(
    client: Browser, office: Office, session: Session, settings: Settings
) -> None:
    other = found(session, settings, slug="other")
    stranger = Digest(
        consultation_id=other.consultation.id or 0,
        content={},
        content_sha256="0" * 64,
        comment_count=0,
        created_at=MONDAY,
    )
    session.add(stranger)
    session.commit()
    sign_in(client, "drafter")
    assert client.get(f"{office.path}/digests/{stranger.id}").status_code == 404
    assert client.get(f"{office.path}/digests/{stranger.id}.pdf").status_code == 404
    assert client.get(f"{office.path}/digests/1.exe").status_code == 404


def test_a_later_digest_says_what_is_new(
    client: Browser, office: Office, session: Session, make_digests: MakeDigests
) -> None:
    three_comments(office)
    sign_in(client, "drafter")
    order(client, office, make_digests)
    office.read(office.receive("请公布巴士时刻表。", received_at=MONDAY + timedelta(hours=1)), "t1")
    session.commit()
    page = order(client, office, make_digests)
    assert "新增1条，减少0条" in page.text


def test_the_report_is_refused_until_every_fault_is_mended(
    client: Browser, office: Office, session: Session
) -> None:
    first, second, third = three_comments(office)
    decide(office, first, Outcome.ADOPTED)
    decide(office, second, Outcome.NOT_ADOPTED)
    sign_in(client, "drafter")
    page = client.open(f"{office.path}/digests/report")
    assert "还有1条意见没有办理结论" in page.text
    assert "1条采纳的意见没有注明改在哪里" in page.text
    assert "1条未全部采纳的意见没有写明理由" in page.text
    page = client.press(page.form("/report"), status=422)
    assert session.exec(select(Digest)).all() == []
    for disposition in session.exec(select(Disposition)):
        disposition.reason = "站点覆盖率按2025年测算，巴士已在第二章安排。"
        disposition.change_place = "第二章第一节"
        session.add(disposition)
    decide(office, third, Outcome.NOTED, reason="停车方案另行征求居民意见。")
    page = client.press(client.open(f"{office.path}/digests/report").form("/report"))
    report = session.exec(select(Digest)).one()
    assert report.kind == DigestKind.ADOPTION_REPORT
    for format_ in ("docx", "pdf", "xlsx"):
        answer = client.get(f"{office.path}/digests/report/{report.id}.{format_}")
        assert answer.status_code == 200


def test_the_outcome_is_published_once_the_report_is_final(
    client: Browser, office: Office, session: Session
) -> None:
    comments = three_comments(office)
    for comment in comments:
        place = {"reason": "覆盖率、巴士和绿地停车都按意见修改。", "change_place": "第二章"}
        decide(office, comment, Outcome.ADOPTED, **place)
    comments[0].screening = Screening.PUBLISHED
    change = PlanChange(
        consultation_id=office.consultation.id or 0, section_title="公交", before="90%", after="95%"
    )
    session.add(change)
    session.flush()
    session.add(PlanChangeComment(plan_change_id=change.id or 0, comment_id=comments[0].id or 0))
    session.commit()
    sign_in(client, "publisher")
    page = client.open(f"{office.path}/digests/report")
    assert "报告定稿以后可以公布结果" in page.text
    page = client.press(page.form("/report"))
    form = page.form("/outcome").fill(narrative="共收到3件3条，采纳3条。")
    page = client.press(form, status=422)  # One reason stands under three different demands.
    assert "3条不同的意见用了同一段理由" in page.text_of(".govuk-error-summary")
    page = client.press(page.form("/outcome").fill(looked="true"))
    assert "公布结果" in page.text
    session.rollback()
    stored = session.get_one(Consultation, office.consultation.id)
    session.refresh(stored)
    assert stored.stage == Stage.ANSWERED
    answer = client.get(f"/consultations/{stored.slug}/outcome/report.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    texts = [row[3].value for row in book["汇总表"].iter_rows(min_row=2)]
    assert texts.count("（意见内容未公开）") == 2
    assert comments[0].text in texts


def test_before_publication_there_is_no_public_report(client: Browser, office: Office) -> None:
    answer = client.get(f"/consultations/{office.consultation.slug}/outcome/report.pdf")
    assert answer.status_code == 404


def test_an_outcome_is_not_published_on_numbers_that_have_changed(
    client: Browser, office: Office, session: Session
) -> None:
    comments = three_comments(office)
    for comment in comments:
        decide(office, comment, Outcome.NOTED, reason="巴士、覆盖率、停车在年度计划中研究。")
    sign_in(client, "publisher")
    page = client.press(client.open(f"{office.path}/digests/report").form("/report"))
    office.read(office.receive("又来一条意见。"), "t1")
    session.commit()
    page = client.press(page.form("/outcome").fill(narrative="共收到3条。"), status=422)
    assert "请重新定稿报告" in page.text
    assert page.form("/outcome").values["narrative"].strip() == "共收到3条。"


def test_no_comments_is_a_proper_report(client: Browser, office: Office, session: Session) -> None:
    sign_in(client, "drafter")
    client.press(client.open(f"{office.path}/digests/report").form("/report"))
    report = session.exec(select(Digest)).one()
    data = client.get(f"{office.path}/digests/report/{report.id}.docx").content
    text = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert "均未收到公众意见建议" in text


def test_withdrawn_and_quarantined_comments_are_named_not_counted_in(
    client: Browser, office: Office, session: Session, make_digests: MakeDigests
) -> None:
    first, second, _third = three_comments(office)
    session.get_one(Submission, first.submission_id).withdrawn_at = MONDAY
    session.get_one(Submission, second.submission_id).is_quarantined = True
    session.commit()
    sign_in(client, "drafter")
    page = order(client, office, make_digests)
    assert "提交人已撤回" in page.text
    assert "疑似灌水，待人工核实" in page.text
    content = session.exec(select(Digest)).one().content
    assert content["overview"]["read_count"] == 1


def test_the_dossier_is_downloaded_and_recorded(
    client: Browser, office: Office, session: Session, settings: Settings
) -> None:
    three_comments(office)
    sign_in(client, "drafter")
    answer = client.get(f"{office.path}/digests/dossier.zip")
    assert verify_dossier(answer.content, secret=settings.secret()).is_intact
    session.rollback()
    assert "dossier.make" in [entry.action for entry in session.exec(select(AuditEntry))]
    sign_in(client, "clerk")
    assert client.get(f"{office.path}/digests/dossier.zip").status_code == 403


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_the_full_list_is_streamed(
    client: Browser, office: Office, session: Session, format_: str
) -> None:
    comments = three_comments(office)
    sign_in(client, "drafter")
    answer = client.get(f"{office.path}/digests/comments.{format_}")
    if format_ == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["意见明细"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [str(row[0]) for row in rows[1:]] == [str(comment.id) for comment in comments]
    assert [row[rows[0].index("意见内容")] for row in rows[1:]] == [c.text for c in comments]
    assert (
        client.get(f"{office.path}/digests/comments.{format_}?query=渠道:网站").status_code == 200
    )
    assert client.get(f"{office.path}/digests/comments.{format_}?query=乱").status_code == 422


def test_names_are_masked_given_on_demand_only_and_recorded(
    client: Browser, office: Office, session: Session, settings: Settings
) -> None:
    comment = three_comments(office)[0]
    sealed = {"sealed_name": seal(settings.secret(), "朱建国")}
    session.add(Contact(submission_id=comment.submission_id, **sealed))
    for one in session.exec(select(Comment)).all():
        decide(office, one, Outcome.NOTED, reason="覆盖率、巴士、停车在年度计划中研究，已有现状。")
    sign_in(client, "drafter")
    page = client.press(client.open(f"{office.path}/digests/report").form("/report"))
    page = client.press(page.form("/report").fill(names="true"), status=422)
    assert "列出姓名的报告需要两步验证" in page.text
    officer = office.officers["drafter"]
    officer.sealed_totp = seal(settings.secret(), "a second factor")
    session.add(officer)
    session.commit()
    client.press(page.form("/report").fill(names="true"))
    session.rollback()
    plain, named = session.exec(select(Digest).order_by(Digest.id)).all()
    for report, is_named in ((plain, False), (named, True)):
        for format_ in ("json", "csv", "html"):
            text = client.get(f"{office.path}/digests/report/{report.id}.{format_}").text
            assert ("朱**" in text) is is_named
            assert "朱建国" not in text
    entries = session.exec(select(AuditEntry).where(AuditEntry.action == "report.finalise")).all()
    assert [entry.details["names"] for entry in entries] == [False, True]
