"""From the section to the receipt and back by look-up, without JavaScript, cookie or account."""

import json
import os
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, func, select

from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    AnchorKind,
    Attachment,
    Comment,
    Contact,
    Disposition,
    Draft,
    Handling,
    Organisation,
    Outcome,
    Screening,
    Stage,
    Submission,
)
from backend.submissions.clearing import clear_drafts
from tests.conftest import Clock
from tests.factories import make_comment, make_officer
from tests.features.publishing import LIFTS, publish
from tests.page import Browser, Page

FORM = "/consultations/qinglan/comment"
GOOD = {"text": "请多装电梯", "street": "白鹭镇"}


def _count(session: Session, table: type) -> int:
    """Rows as they are now; ends the read so that the next one sees what follows."""
    session.rollback()
    count = session.exec(select(func.count()).select_from(table)).one()
    session.rollback()
    return count


def _write(client: Browser, query: str = "", **values: str) -> Page:
    """Fill the form and go on to the check page."""
    page = client.open(FORM + query)
    return client.press(page.form("/comment").fill(**({"text": "请多装电梯"} | values)))


def _send(client: Browser) -> Page:
    return client.press(client.page.form("/send"))


def test_a_resident_comments_checks_and_gets_a_receipt(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    client.open("/consultations/qinglan/sections/s1")
    link = client.page.all('a[href$="about=p2"]')[0].get("href")
    client.open(link)
    assert LIFTS[:10] in client.page.text
    checked = client.press(
        client.page.form("/comment").fill(
            text="老人下楼难，\r\n请先装我们楼", proposed_wording="一千台", kind="resident"
        )
    )
    assert checked.heading == "提交前检查"
    assert "请先装我们楼" in checked.text
    assert _count(session, Submission) == 0
    receipt = _send(client)
    assert receipt.heading == "您的意见已经收到"
    assert re.fullmatch(r"/receipts/[2-9A-Y]{9}/[\w-]{22}", receipt.path)
    comment = session.exec(select(Comment)).one()
    assert comment.text == "老人下楼难，\n请先装我们楼"
    assert comment.proposed_wording == "一千台"
    assert (comment.anchor_kind, comment.anchor_key) == (AnchorKind.PASSAGE, "p2")
    assert (comment.anchor_section_key, comment.anchor_quote) == ("s2", LIFTS)
    assert comment.masked_text is None
    assert _count(session, Draft) == 0
    assert not receipt.response.cookies


def test_the_number_alone_shows_nothing(client: Browser, session: Session, clock: Clock) -> None:
    publish(session)
    _write(client)
    _send(client)
    sent = session.exec(select(Submission)).one()
    wrong = f"{(int(sent.look_up_code) + 1) % 1_000_000:06d}"
    look_up = client.open("/receipts").form("/receipts")
    page = client.press(
        look_up.fill(receipt_code=sent.receipt_code, look_up_code=wrong), status=404
    )
    assert page.title.startswith("错误：")
    assert "请多装电梯" not in page.html
    client.open(f"/receipts/{sent.receipt_code}/guess", status=404)
    spaced = f" {sent.receipt_code[:4].lower()} {sent.receipt_code[4:]} "
    found = client.press(
        page.form("/receipts").fill(receipt_code=spaced, look_up_code=sent.look_up_code)
    )
    assert "请多装电梯" in found.text


@pytest.mark.parametrize(("code", "digits"), [("", ""), ("ABC", "123456"), ("7KD3MWA5", "x")])
def test_an_unreadable_look_up_says_what_is_expected(
    client: Browser, code: str, digits: str
) -> None:
    form = client.open("/receipts").form("/receipts")
    page = client.press(form.fill(receipt_code=code, look_up_code=digits), status=422)
    assert page.title.startswith("错误：")
    assert page.one("[name=receipt_code]").get("value", "") == code


def test_look_ups_of_one_code_are_slowed_down(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    _write(client)
    _send(client)
    sent = session.exec(select(Submission)).one()
    form = client.open("/receipts").form("/receipts")
    form.fill(receipt_code=sent.receipt_code, look_up_code="000000")
    statuses = [client.post("/receipts", data=form.values).status_code for _ in range(22)]
    assert statuses[0] in (303, 404)
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  \n "}, "text"),
        ({"text": "长" * 5001}, "text"),
        ({"proposed_wording": "长" * 5001}, "proposed_wording"),
        ({"email": "not-an-address", "name": "王先生"}, "email"),
        ({"phone": "打电话"}, "phone"),
    ],
)
def test_a_bad_form_comes_back_with_everything_kept(
    client: Browser, session: Session, clock: Clock, values: dict[str, str], field: str
) -> None:
    publish(session)
    form = client.open(f"{FORM}?about=p1").form("/comment")
    page = client.press(
        form.fill(**({"text": "请多装电梯", "street": "白鹭镇"} | values)), status=422
    )
    assert page.title.startswith("错误：")
    first = page.all("main .zx-container > *:not(#status)")[0]
    assert "govuk-error-summary" in first.get("class")
    assert first.get("autofocus") is not None
    target = page.one(".govuk-error-summary a").get("href").removeprefix("#")
    assert target == field
    kept = page.form("/comment").values
    for name, value in form.values.items():
        if name not in {"ticket", "files", "kept_files"}:
            assert (kept[name] or "").strip() == (value or "").strip(), name
    assert page.one(f"#{field}").get("aria-describedby")
    assert _count(session, Draft) == 0


def test_one_form_sent_many_times_is_one_submission(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    form = client.open(FORM).form("/comment").fill(text="一次")
    drafts = {client.press(form).path for _ in range(3)}
    assert len(drafts) == 1
    button = client.page.form("/send")
    receipts = {client.press(button).path for _ in range(5)}
    assert len(receipts) == 1
    assert _count(session, Submission) == 1
    assert client.open(drafts.pop()).path in receipts


def test_a_form_sent_again_with_other_words_is_another_opinion(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    form = client.open(FORM).form("/comment").fill(text="第一件")
    client.press(form)
    first = _send(client).path
    client.press(form.fill(text="第二件"))
    assert _send(client).path != first
    assert {row.text for row in session.exec(select(Comment))} == {"第一件", "第二件"}


def test_going_back_changes_the_draft_instead_of_making_another(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    form = client.open(FORM).form("/comment")
    client.press(form.fill(text="先这样写"))
    page = client.press(form.fill(text="再改成这样"))
    assert "先这样写" not in page.text
    assert _count(session, Draft) == 1


def test_several_points_in_one_sending(client: Browser, session: Session, clock: Clock) -> None:
    publish(session)
    _write(client, "?about=p2", text="第一条", name="王先生", phone="13800000000")
    more = client.open(client.page.all('a[href*="point=1"]')[0].get("href"))
    assert "怎样称呼您" not in more.text
    client.press(more.form("/comment").fill(text="第二条"))
    client.press(
        client.open(client.page.all('a[href*="point=2"]')[0].get("href"))
        .form("/comment")
        .fill(text="第三条")
    )
    page = client.press(client.page.form("/points/1/remove"))
    assert "第二条" not in page.one("#point-1").getparent().text_content().split("意见", 1)[1]
    edited = client.open(page.all('a[href*="point=0"]')[0].get("href"))
    assert edited.form("/comment").values["text"] == "第一条"
    assert edited.form("/comment").values["name"] == "王先生"
    client.press(edited.form("/comment").fill(text="第一条，改过"))
    receipt = _send(client)
    assert "1件，2条" in receipt.text
    rows = session.exec(select(Comment).order_by(Comment.ordinal)).all()
    assert [(row.ordinal, row.text) for row in rows] == [(1, "第一条，改过"), (2, "第三条")]
    assert rows[0].anchor_key == "p2"
    assert _count(session, Contact) == 1


def test_contact_is_sealed_and_erased_on_request(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    _write(client, name="王小明", phone="13812345678", email="wang@example.com")
    receipt = _send(client)
    contact = session.exec(select(Contact)).one()
    assert "13812345678" not in json.dumps(contact.model_dump(), default=str)
    page = client.press(receipt.form("/erase-contact"))
    assert "删除我的联系方式" not in page.text
    session.rollback()
    session.refresh(contact)
    assert contact.erased_at is not None
    assert {contact.sealed_name, contact.sealed_phone, contact.sealed_email} == {None}
    assert session.exec(select(Comment)).one().text == "请多装电梯"


def test_a_sender_withdraws_until_closing(client: Browser, session: Session, clock: Clock) -> None:
    publish(session)
    _write(client)
    receipt = _send(client)
    version = session.exec(select(Comment)).one().version
    client.open(receipt.path + "/withdraw")
    page = client.press(client.page.form("/withdraw"))
    assert "已撤回" in page.text
    session.rollback()
    session.expire_all()
    assert session.exec(select(Comment)).one().version == version + 1
    assert "0件0条" in client.open("/consultations/qinglan").text


def test_after_closing_nothing_is_withdrawn(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    _write(client)
    receipt = _send(client)
    clock.advance(days=30)
    assert client.open(receipt.path + "/withdraw").path == receipt.path
    client.post(receipt.path + "/withdraw")
    session.rollback()
    assert session.exec(select(Submission)).one().withdrawn_at is None


def test_a_form_opened_before_closing_is_late_but_received(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session, closes=timedelta(minutes=5))
    form = client.open(FORM).form("/comment").fill(text="赶上了")
    clock.advance(minutes=20)
    client.press(form)
    receipt = _send(client)
    assert "照常受理" in receipt.text
    assert session.exec(select(Submission)).one().is_late


def test_after_the_grace_the_text_is_kept_for_copying(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session, closes=timedelta(minutes=5))
    form = client.open(FORM).form("/comment").fill(text="写了很久<b>的话")
    client.press(form)
    send = client.page.form("/send")
    clock.advance(minutes=40)
    for page in (client.press(form, status=409), client.press(send, status=409)):
        assert page.heading == "意见征询已经截止"
        assert "写了很久<b>的话" in page.one("textarea").text_content()
        assert "zhengxun@yunqiao.example" in page.text
    assert _count(session, Submission) == 0
    assert client.open(FORM).heading == "意见征询已经截止"


def test_nothing_is_sent_before_opening(client: Browser, session: Session, clock: Clock) -> None:
    publish(session, opens=timedelta(days=3))
    assert client.open(FORM).heading == "意见征询还没有开始"
    page = client.post(FORM, data={"text": "早了"})
    assert page.status_code == 409
    assert "早了" in page.text


def test_a_form_without_its_ticket_comes_back_with_a_new_one(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    form = client.open(FORM).form("/comment").fill(text="放了很久", ticket="broken")
    page = client.press(form, status=422)
    client.press(page.form("/comment"))
    _send(client)
    assert session.exec(select(Comment)).one().text == "放了很久"


def test_a_draft_keeps_for_fourteen_days(client: Browser, session: Session, clock: Clock) -> None:
    publish(session)
    path = _write(client, text="过几天再交").path
    clock.advance(days=13)
    assert "过几天再交" in client.open(path).text
    clock.advance(days=2)
    client.open(path, status=404)


def test_a_machine_that_fills_the_trap_is_held_but_gets_a_receipt(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    _write(client, website="http://spam.example")
    assert _send(client).heading == "您的意见已经收到"
    assert session.exec(select(Submission)).one().is_quarantined
    assert "0件0条" in client.open("/consultations/qinglan").text


def test_selected_words_are_anchored_where_they_stand(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    query = "?about=p2&quote=八百台&prefix=新增加装电梯&suffix=，优先"
    page = client.open(FORM + query)
    assert "您选中的文字八百台" in page.text
    client.press(page.form("/comment").fill(text="改成一千台"))
    _send(client)
    comment = session.exec(select(Comment)).one()
    assert comment.anchor_quote == "八百台"
    assert comment.anchor_prefix + "八百台" + comment.anchor_suffix == LIFTS


def test_words_that_are_not_in_the_plan_are_not_believed(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    _write(client, "?about=p2&quote=领导说过的话")
    _send(client)
    assert session.exec(select(Comment)).one().anchor_quote == LIFTS


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ("", AnchorKind.PLAN),
        ("s1", AnchorKind.SECTION),
        ("i1", AnchorKind.INDICATOR),
        ("t1", AnchorKind.TASK),
        ("p999", AnchorKind.PLAN),
        ("'; drop", AnchorKind.PLAN),
    ],
)
def test_an_opinion_may_be_about_any_part(
    client: Browser, session: Session, clock: Clock, about: str, kind: AnchorKind
) -> None:
    publish(session)
    _write(client, f"?about={about}")
    _send(client)
    assert session.exec(select(Comment)).one().anchor_kind == kind


def test_attachments_come_along_and_survive_an_error(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    form = client.open(FORM).form("/comment").fill(text="")
    form.values.pop("files", None)
    page = client.press(form, files=[("files", ("照片.png", b"\x89PNG\r\n\x1a\n1"))], status=422)
    assert "照片.png" in page.text
    again = page.form("/comment").fill(text="见照片")
    again.values.pop("files", None)
    files = [("files", ("假的.pdf", b"MZ")), ("files", ("说明.txt", b"ok"))]
    page = client.press(again, files=files, status=422)
    assert "假的.pdf" in page.one(".govuk-error-summary").text_content()
    final = page.form("/comment")
    final.values.pop("files", None)
    checked = client.press(final)
    assert "照片.png、说明.txt" in checked.text
    _send(client)
    assert {row.file_name for row in session.exec(select(Attachment))} == {"照片.png", "说明.txt"}


def test_at_most_three_attachments(client: Browser, session: Session, clock: Clock) -> None:
    publish(session)
    form = client.open(FORM).form("/comment").fill(text="附件")
    form.values.pop("files", None)
    files = [("files", (f"{n}.txt", str(n).encode())) for n in range(4)]
    page = client.press(form, files=files, status=422)
    assert "最多3个" in page.one(".govuk-error-summary").text_content()


def test_a_decision_is_told_on_the_receipt(client: Browser, session: Session, clock: Clock) -> None:
    consultation = publish(session)
    _write(client)
    path = _send(client).path
    assert "已登记" in client.open(path).text
    organisation = session.get_one(Organisation, consultation.organisation_id)
    officer = make_officer(session, organisation)
    comment = session.exec(select(Comment)).one()
    comment.handling = Handling.DECIDED
    assert comment.id is not None
    assert officer.id is not None
    session.add(
        Disposition(
            comment_id=comment.id,
            outcome=Outcome.PARTLY_ADOPTED,
            reason="台数增加到九百台。",
            decided_by_id=officer.id,
            decided_at=clock.now,
        )
    )
    session.commit()
    page = client.open(path)
    assert "部分采纳" in page.text
    assert "台数增加到九百台。" in page.text


def test_what_residents_type_is_never_html(client: Browser, session: Session, clock: Clock) -> None:
    publish(session)
    hostile = '"><script>alert(1)</script>{{7777*7777}}<img src=x>'
    names = ("text", "proposed_wording", "name", "address")
    form = client.open(f"{FORM}?about=p1&quote={hostile}").form("/comment")
    page = client.press(form.fill(**dict.fromkeys(names, hostile), email="x"), status=422)
    client.press(page.form("/comment").fill(email=""))
    receipt = _send(client)
    assert "<script>alert" not in receipt.html
    assert "60481729" not in receipt.one("main").text_content()


def test_drafts_of_one_consultation_do_not_open_in_another(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    publish(session, slug="other")
    path = _write(client).path
    client.open(path.replace("qinglan", "other"), status=404)


def test_two_browsers_do_not_share_anything(
    new_client: Callable[[], Browser], session: Session, clock: Clock
) -> None:
    publish(session)
    first, second = new_client(), new_client()
    _write(first, text="甲的话")
    _write(second, text="乙的话")
    assert "甲的话" not in second.page.text
    assert _send(first).path != _send(second).path


@pytest.mark.parametrize("stage", [Stage.UNDER_REVIEW, Stage.ANSWERED])
def test_after_the_office_moved_on_nothing_is_accepted(
    client: Browser, session: Session, clock: Clock, stage: Stage
) -> None:
    publish(session, stage=stage)
    assert client.post(FORM, data={"text": "晚了"}).status_code == 409


def test_hints_help_and_never_stand_in_the_way(
    client: Browser, session: Session, clock: Clock
) -> None:
    publish(session)
    page = _write(client, text="打我电话13812345678")
    assert "电话号码" in page.text
    assert _send(client).heading == "您的意见已经收到"
    assert "再写具体一点" in _write(client, text="多种树").text


def test_others_words_on_the_same_place_are_shown_before_sending(
    client: Browser, session: Session
) -> None:
    consultation = publish(session, publishes_comments=True)
    make_comment(
        session,
        consultation,
        anchor_key="p2",
        masked_text="公开的话",
        screening=Screening.PUBLISHED,
    )
    make_comment(session, consultation, anchor_key="p2", masked_text="没有公开的话")
    session.commit()
    page = _write(client, "?about=p2")
    assert "公开的话" in page.text
    assert "没有公开的话" not in page.text


def test_support_counts_a_device_once(
    client: Browser, new_client: Callable[[], Browser], session: Session
) -> None:
    consultation = publish(session, publishes_comments=True)
    make_comment(session, consultation, masked_text="公开的话", screening=Screening.PUBLISHED)
    hidden = make_comment(session, consultation, masked_text="没有公开")
    session.commit()
    for _ in range(2):
        page = client.open("/consultations/qinglan/comments")
        page = client.press(page.form("/support"))
        assert "1人支持" in page.text
    other = new_client()
    other.headers["user-agent"] = "another"
    page = other.press(other.open("/consultations/qinglan/comments").form("/support"))
    assert "2人支持" in page.text
    path = f"/consultations/qinglan/comments/{hidden.id}/support"
    assert client.post(path).status_code == 404


def test_expired_drafts_and_orphaned_files_are_cleared(
    client: Browser, session: Session, clock: Clock, database: Database, settings: Settings
) -> None:
    publish(session)
    form = client.open(FORM).form("/comment").fill(text="附件")
    form.values.pop("files", None)
    client.press(form, files=[("files", ("1.txt", b"sent"))])
    _send(client)
    form = client.open(FORM).form("/comment").fill(text="附件")
    form.values.pop("files", None)
    client.press(form, files=[("files", ("2.txt", b"never sent"))])
    files = [p for p in settings.uploads_dir.rglob("*") if p.is_file()]
    assert len(files) == 2
    long_ago = utc_now() - timedelta(days=40)
    for path in files:
        os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    with database.writing() as writing:
        row = writing.exec(select(Draft)).one()
        row.expires_at = utc_now() - timedelta(seconds=1)
        writing.add(row)
    clear_drafts(database, settings)
    assert _count(session, Draft) == 0
    left = [p.read_bytes() for p in settings.uploads_dir.rglob("*") if p.is_file()]
    assert left == [b"sent"]
