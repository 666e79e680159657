"""The public pages: what they show, to whom, and what they never show."""

from datetime import timedelta

import lxml.etree
import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from backend.models import (
    AnchorKind,
    Comment,
    OutcomeNotice,
    PlanChange,
    PlanChangeComment,
    Screening,
    Stage,
    Submission,
)
from tests.conftest import Clock
from tests.factories import NOW, make_comment
from tests.features.publishing import LIFTS, MEALS, publish
from tests.page import Browser

PAGES = (
    "",
    "/sections/s1",
    "/sections/s2",
    "/indicators",
    "/tasks",
    "/outcome",
    "/poster",
    "/paper",
)


def test_home_says_what_is_open_and_how_long(client: Browser, session: Session) -> None:
    publish(session, slug="a")
    publish(session, slug="b", opens=timedelta(days=3))
    publish(session, slug="c", closes=timedelta(days=-1))
    publish(session, slug="d", stage=Stage.DRAFT)
    page = client.open("/")
    assert page.one("#open").getparent().text_content().count("还有") == 1
    assert "2026年11月25日开始" in page.one("#coming").getparent().text_content()
    assert "已截止" in page.one("#closed").getparent().text_content()
    assert not page.all('a[href="/consultations/d"]')
    client.open("/consultations/d", status=404)
    client.open("/consultations/d/sections/s1", status=404)


def test_an_empty_home_says_what_will_be_here(client: Browser) -> None:
    assert "现在没有正在征询的规划" in client.open("/").text


def test_the_last_day_is_said_as_today(client: Browser, session: Session, clock: Clock) -> None:
    publish(session, closes=timedelta(hours=10))
    assert "今天截止" in client.open("/").text
    clock.advance(hours=11)
    assert "现在没有正在征询的规划" in client.open("/").text


def test_home_is_filtered_by_place(client: Browser, session: Session) -> None:
    publish(session, slug="a", place="东浦街道")
    publish(session, slug="b", place="白鹭镇")
    page = client.open("/?place=白鹭镇")
    assert page.all('a[href="/consultations/b"]')
    assert not page.all('a[href="/consultations/a"]')


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("elder", [False, True])
def test_every_page_opens_in_both_sizes(
    client: Browser, session: Session, path: str, elder: bool
) -> None:
    publish(session)
    if elder:
        client.cookies.set("elder", "1")
    page = client.open(f"/consultations/qinglan{path}")
    assert ("elder" in (page.tree.get("class") or "")) is elder
    assert page.all(".zx-seal")


@pytest.mark.parametrize("path", ["/help", "/privacy", "/accessibility", "/receipts", "/nowhere"])
def test_the_other_pages_open(client: Browser, path: str) -> None:
    client.open(path, status=404 if path == "/nowhere" else 200)


def test_a_consultation_shows_its_notice_and_four_ways(client: Browser, session: Session) -> None:
    publish(
        session,
        postal_address="东浦街道1号",
        postcode="200000",
        phone="021-60000000",
        legal_basis="《重大行政决策程序暂行条例》",
        shortened_reason="年度计划需要",
        off_limits="个人诉求请拨打12345。",
    )
    page = client.open("/consultations/qinglan")
    for words in ("200000", "021-60000000", "暂行条例", "年度计划需要", "12345", "还有20天"):
        assert words in page.text
    assert len(page.all(".zx-ways li")) == 4
    assert [a.get("href") for a in page.all(".zx-outline a")] == [
        f"/consultations/qinglan/sections/{key}" for key in ("s1", "s2", "s3")
    ]


def test_a_section_shows_its_text_and_everything_below(client: Browser, session: Session) -> None:
    publish(session)
    page = client.open("/consultations/qinglan/sections/s1")
    assert MEALS in page.text
    assert LIFTS in page.text
    assert page.one("#p2 .zx-tag").get("href").endswith("/tasks/t1")
    below = client.open("/consultations/qinglan/sections/s2")
    assert MEALS not in below.text
    client.open("/consultations/qinglan/sections/s99", status=404)


def test_opinions_are_counted_where_they_stand(client: Browser, session: Session) -> None:
    consultation = publish(session)
    where = {"anchor_kind": AnchorKind.PASSAGE, "anchor_key": "p2", "anchor_section_key": "s2"}
    for _ in range(3):
        make_comment(session, consultation, **where)
    make_comment(session, consultation)
    withdrawn = make_comment(session, consultation, **where)
    held = make_comment(session, consultation, **where)
    session.get_one(Submission, withdrawn.submission_id).withdrawn_at = NOW
    session.get_one(Submission, held.submission_id).is_quarantined = True
    session.commit()
    page = client.open("/consultations/qinglan")
    assert "已收到4件4条" in page.text
    assert [e.text_content() for e in page.all(".zx-outline .zx-count")] == ["3条", "3条"]
    assert client.open("/consultations/qinglan/sections/s1").text_of("#p2 .zx-count") == "3条意见"


def _said(session: Session, consultation: object, text: str, **fields: object) -> Comment:
    return make_comment(
        session,
        consultation,  # type: ignore[arg-type]
        text,
        anchor_kind=AnchorKind.PASSAGE,
        anchor_key="p2",
        anchor_section_key="s2",
        **fields,
    )


def test_only_screened_and_masked_words_are_public(client: Browser, session: Session) -> None:
    consultation = publish(session, publishes_comments=True)
    shown = {"screening": Screening.PUBLISHED}
    _said(session, consultation, "原文甲13800000000", masked_text="公开甲", **shown)
    _said(session, consultation, "原文乙", **shown)
    _said(session, consultation, "原文丙", masked_text="公开丙")
    _said(session, consultation, "原文丁", masked_text="公开丁", screening=Screening.WITHHELD)
    gone = _said(session, consultation, "原文戊", masked_text="公开戊", **shown)
    session.get_one(Submission, gone.submission_id).withdrawn_at = NOW
    session.commit()
    for path in ("/comments", "/comments?section=s1", "/sections/s1"):
        page = client.open(f"/consultations/qinglan{path}")
        assert "公开甲" in page.text
        assert not any(
            words in page.html for words in ("原文", "13800000000", "公开丙", "公开丁", "公开戊")
        )


def test_comments_stay_private_unless_the_organisation_publishes_them(
    client: Browser, session: Session
) -> None:
    consultation = publish(session)
    _said(session, consultation, "甲", masked_text="公开甲", screening=Screening.PUBLISHED)
    session.commit()
    client.open("/consultations/qinglan/comments", status=404)
    assert "公开甲" not in client.open("/consultations/qinglan/sections/s1").html


def test_published_comments_come_page_by_page(client: Browser, session: Session) -> None:
    consultation = publish(session, publishes_comments=True)
    for number in range(51):
        _said(
            session,
            consultation,
            "甲",
            masked_text=f"第{number}号",
            screening=Screening.PUBLISHED,
        )
    session.commit()
    first = client.open("/consultations/qinglan/comments")
    assert "第50号" in first.text
    assert "第0号" not in first.text
    second = client.open("/consultations/qinglan/comments" + first.one("a[rel=next]").get("href"))
    assert "第0号" in second.text
    assert len(client.open("/consultations/qinglan/comments?page=99999").all("main .zx-card")) == 0
    client.open("/consultations/qinglan/comments?page=0", status=422)


def test_an_outcome_says_what_changed_and_why(client: Browser, session: Session) -> None:
    consultation = publish(session, stage=Stage.ANSWERED)
    assert "结果还没有公布" in client.open("/consultations/qinglan/outcome").text
    comment = _said(
        session, consultation, "原文", masked_text="多装电梯", screening=Screening.PUBLISHED
    )
    assert consultation.id is not None
    session.add(
        OutcomeNotice(consultation_id=consultation.id, narrative="共采纳一条。", published_at=NOW)
    )
    change = PlanChange(
        consultation_id=consultation.id,
        section_title="住得方便",
        before="新增电梯八百台，逐步安装。",
        after="新增电梯九百台，逐步安装。",
        why="居民需要多。",
    )
    session.add(change)
    session.flush()
    session.add(PlanChangeComment(plan_change_id=change.id, comment_id=comment.id))
    session.commit()
    page = client.open("/consultations/qinglan/outcome")
    assert page.text_of("del") == "八百"
    assert page.text_of("ins") == "九百"
    assert "居民需要多。" in page.text
    assert "多装电梯" in page.text
    assert "根据1条意见修改" in page.text


def test_the_feed_is_well_formed(client: Browser, session: Session) -> None:
    publish(session, title="甲 & <乙>")
    feed = client.get("/feed.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    tree = lxml.etree.fromstring(feed.content)
    titles = tree.findall(".//{*}entry/{*}title")
    assert [title.text for title in titles] == ["甲 & <乙>"]


def test_a_poster_leads_to_the_chapter(client: Browser, session: Session) -> None:
    publish(session)
    page = client.open("/consultations/qinglan/poster?section=s2")
    assert page.one("[role=img] svg path") is not None
    assert "/consultations/qinglan/sections/s2" in page.text
    assert "住得方便" in page.heading


def test_a_reading_page_costs_few_statements(
    client: Browser, session: Session, engine: Engine
) -> None:
    consultation = publish(session, publishes_comments=True)
    for _ in range(20):
        _said(session, consultation, "甲", masked_text="乙", screening=Screening.PUBLISHED)
    session.commit()
    client.open("/help")  # Whoever runs the site is remembered from the first page on.
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*details: object) -> None:
        statements.append(str(details[2]))

    client.open("/consultations/qinglan/sections/s1")
    assert len(statements) <= 12, statements
