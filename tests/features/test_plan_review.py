"""Reviewing a machine-read plan: outline, paragraphs, tables and warnings, without JavaScript."""

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from analysis.contracts import Passage, PlanWarning, TargetSource
from backend.accounts.service import create_officer
from backend.models import Consultation, Indicator, PlanVersion, Role, Task
from backend.models import Passage as PassageRow
from backend.models import Section as SectionRow
from backend.plans import queries
from backend.plans import service as plans
from tests.factories import (
    NOW,
    PASSWORD,
    make_consultation,
    make_organisation,
    make_version,
    sample_plan,
)
from tests.features.conftest import SignIn
from tests.page import Browser, Page

GLUED = "（一）多建食堂。新建社区食堂12个，让老年人就近吃上热饭。"
WARNINGS = (
    PlanWarning("empty_section", "“改善居住条件”下没有内容"),
    PlanWarning("redaction", "有 1 处数值被遮盖", "**个", "p3"),
    PlanWarning("redaction", "有 2 处数值被遮盖", "XX个", "p4"),
)


@pytest.fixture
def here(session: Session) -> Consultation:
    """A plan with two versions, the newer one still to be reviewed."""
    organisation = make_organisation(session)
    for username, role in (("luming", Role.DRAFTING_OFFICE), ("hejing", Role.PUBLISHER)):
        create_officer(
            session, organisation=organisation, username=username, display_name="陆明",
            password=PASSWORD, roles=[role], now=NOW,
        )  # fmt: skip
    gone = Passage("p5", "这一段在第二版里没有了，它说的是城市绿道和公园。")
    first = sample_plan()
    last = first.sections[-1]
    first = replace(
        first, sections=(*first.sections[:-1], replace(last, passages=(*last.passages, gone)))
    )
    consultation = make_consultation(session, organisation, plan=first)
    second = sample_plan()
    sections = (*second.sections[:-1], replace(last, passages=(Passage("p4", GLUED),)))
    make_version(session, consultation, replace(second, sections=sections, warnings=WARNINGS))
    session.commit()
    return consultation


@pytest.fixture
def browser(here: Consultation, sign_in: SignIn) -> Browser:
    return sign_in("luming", PASSWORD)


def address(here: Consultation, page: str = "") -> str:
    return f"/desk/consultations/{here.slug}/plan{page}"


def version(session: Session, here: Consultation) -> PlanVersion:
    session.rollback()
    found = queries.latest_version(session, here.id or 0)
    assert found is not None
    return found


def texts(session: Session, here: Consultation) -> dict[str, str]:
    session.expire_all()
    rows = queries.passages(session, version(session, here).id or 0)
    return {row.key: row.text for row in rows}


def press(
    page: Page, browser: Browser, action: str, *, status: int = 200, **fields: object
) -> Page:
    """Press the button `action` of the form that has it, as a browser would send it."""
    button = page.one(f'button[value="{action}"]')
    form = button.getparent()
    while form.tag != "form":
        form = form.getparent()
    values = dict(form.form_values()) | {"action": action} | fields
    sent = browser.post(form.get("action"), data=values)
    assert sent.status_code == status, sent.text
    return Page(sent)


def test_a_paragraph_is_cut_where_somebody_breaks_the_line(
    session: Session, browser: Browser, here: Consultation
) -> None:
    page = browser.open(address(here, "/passages/p4"))
    typed = GLUED.replace("。新建", "。\r\n新建")
    press(page, browser, "split", text=typed)
    found = texts(session, here)
    assert found["p4"] == "（一）多建食堂。"
    # p5 named a paragraph of the first version: it is never given to another one.
    assert "p5" not in found
    assert [text for key, text in found.items() if key not in ("p1", "p2", "p3", "p4")] == [
        "新建社区食堂12个，让老年人就近吃上热饭。"
    ]


def test_a_heading_glued_to_its_text_is_cut_off(
    session: Session, browser: Browser, here: Consultation
) -> None:
    page = browser.open(address(here, "/passages/p4"))
    press(page, browser, "split", text=GLUED.replace("。新建", "。\n新建"), first_is_heading="true")
    sections = queries.sections(session, version(session, here).id or 0)
    assert sections[-1].title == "（一）多建食堂。"
    assert sections[-1].parent_key == sections[-2].key
    assert list(texts(session, here).values())[-1].startswith("新建社区食堂12个")


def test_words_cannot_be_changed_while_cutting(
    session: Session, browser: Browser, here: Consultation
) -> None:
    before = texts(session, here)
    page = browser.open(address(here, "/passages/p4"))
    changed = GLUED.replace("12个。新建", "15个。\n新建").replace("12个", "15个\n")
    answer = press(page, browser, "split", status=422, text=changed)
    assert "只能加换行，不能改字" in answer.text
    assert "15个" in answer.one("textarea").text
    assert "回车换行" in press(page, browser, "split", status=422, text=GLUED).text
    assert texts(session, here) == before


def test_paragraphs_are_joined_and_sections_cut_in_two(
    session: Session, browser: Browser, here: Consultation
) -> None:
    page = browser.open(address(here, "/passages/p2"))
    press(page, browser, "open-section", status=422, title="")
    press(page, browser, "open-section", number="三、", title="加装电梯")
    opened = session.exec(select(SectionRow).where(SectionRow.title == "加装电梯")).one()
    moved = session.exec(select(PassageRow).where(PassageRow.section_key == opened.key)).one()
    assert (opened.level, opened.label, moved.key) == (2, "三、", "p2")

    review = browser.open(address(here))
    sent = {"csrf_token": review.one("#review-press [name=csrf_token]").get("value")}
    key = opened.key
    for action, of, status in (
        ("not-a-heading", key, 200),
        ("join", "p2", 200),
        ("join", "p1", 422),
    ):
        answer = browser.post(address(here), data=sent | {"action": action, "key": of})
        assert answer.status_code == status
    assert "三、 加装电梯支持既有多层住宅加装电梯" in "".join(texts(session, here).values())


def test_headings_broken_in_two_are_merged(
    session: Session, browser: Browser, here: Consultation
) -> None:
    review = browser.open(address(here))
    sent = {
        "csrf_token": review.one("#review-press [name=csrf_token]").get("value"),
        "action": "merge-up",
    }
    assert browser.post(address(here), data=sent | {"key": "s2"}).status_code == 200
    sections = queries.sections(session, version(session, here).id or 0)
    assert sections[0].title == "改善居住条件一、加快旧住房改造"
    assert browser.post(address(here), data=sent | {"key": "s3"}).status_code == 422


def test_warnings_are_grouped_and_lead_to_their_places_and_back(
    session: Session, browser: Browser, here: Consultation
) -> None:
    page = browser.open(address(here))
    groups = [s.text_content() for s in page.all(".review-alerts summary")]
    assert groups == ["标题下没有内容（1）", "数值被遮盖（2）"]
    for link in page.all('.review-alerts a[href^="#"]'):
        place = page.one(link.get("href"))
        index = link.getparent().get("id")
        assert place.cssselect(f'a[href="#{index}"]'), "the place does not lead back"
    assert len(page.all('.review-alerts a[href^="#"]')) == 3
    form = next(
        f
        for f in page.all(".review-alerts form")
        if "2 处" in f.cssselect("[name=text]")[0].get("value")
    )
    values = dict(form.form_values()) | {"action": "settle-warning"}
    answer = Page(browser.post(address(here), data=values))
    assert "请先看这 2 条提醒" in answer.text
    assert browser.post(address(here), data=values).status_code == 422


def test_the_table_of_indicators_is_edited_in_place(
    session: Session, browser: Browser, here: Consultation
) -> None:
    page = browser.open(address(here, "/indicators"))
    form = page.form("/plan/indicators?page=1").fill(**{
        "name-i1": "老旧小区改造", "target-i1": "≥65", "kind-i1": "anticipatory",
        "bound-i1": "at_least", "current-i1": "20",
        "name-new1": "新增加装电梯", "unit-new1": "台", "target-new1": "200",
    })  # fmt: skip
    form.values["remove-i2"] = "1"
    page = browser.press(form)
    assert "指标已经保存" in page.text
    rows = session.exec(
        select(Indicator).where(Indicator.plan_version_id == version(session, here).id)
    ).all()
    assert [(r.name, r.target, r.kind, r.bound, r.current) for r in rows] == [
        ("老旧小区改造", "≥65", "anticipatory", "at_least", "20"),
        ("新增加装电梯", "200", None, None, None),
    ]
    assert {row.source for row in rows} == {TargetSource.TABLE.value}
    assert rows[1].key not in ("i1", "i2")


def test_a_bad_line_loses_nothing_that_was_typed(
    session: Session, browser: Browser, here: Consultation
) -> None:
    page = browser.open(address(here, "/indicators"))
    form = page.form("/plan/indicators?page=1").fill(**{"name-i1": " ", "target-i2": "1800"})
    answer = browser.press(form, status=422)
    assert answer.title.startswith("错误：")
    assert "指标名称不能为空" in answer.text
    assert answer.one("#target-i2").get("value") == "1800"


def test_two_who_edit_at_once_lose_nothing(
    session: Session, browser: Browser, here: Consultation, sign_in: SignIn
) -> None:
    other = sign_in("luming", PASSWORD)
    mine = browser.open(address(here, "/tasks")).form("/plan/tasks?page=1")
    theirs = other.open(address(here, "/tasks")).form("/plan/tasks?page=1")
    other.press(theirs.fill(**{"title-t2": "办好社区食堂"}))
    answer = browser.press(mine.fill(**{"title-t1": "多装电梯"}), status=422)
    assert "刚刚被别人改过" in answer.text
    assert answer.one("#title-t1").text.strip() == "多装电梯"
    browser.press(answer.form("/plan/tasks?page=1"))
    titles = session.exec(
        select(Task.title).where(Task.plan_version_id == version(session, here).id)
    ).all()
    assert "多装电梯" in titles


def test_tasks_are_added_where_they_belong(
    session: Session, browser: Browser, here: Consultation
) -> None:
    form = browser.open(address(here, "/tasks")).form("/plan/tasks?page=1")
    browser.press(form.fill(**{
        "title-new1": "错时停车", "section-new1": "s3", "kind-new1": "major_project",
    }))  # fmt: skip
    rows = session.exec(select(Task).where(Task.plan_version_id == version(session, here).id)).all()
    assert [(row.title, row.section_key) for row in rows] == [
        ("支持既有多层住宅加装电梯", "s2"), ("错时停车", "s3"), ("新建社区食堂", "s4"),
    ]  # fmt: skip


def test_after_confirming_nothing_can_be_edited(
    session: Session, browser: Browser, here: Consultation
) -> None:
    stale = browser.open(address(here, "/indicators")).form("/plan/indicators?page=1")
    plans.confirm(session, version(session, here), None, now=NOW)
    session.commit()
    browser.press(stale.fill(**{"name-i1": "改名"}), status=422)
    for page in ("", "/indicators", "/tasks", "/passages/p1"):
        shown = browser.open(address(here, page))
        assert not shown.all("main button[type=submit]:not(fieldset[disabled] button)"), page


def test_a_marked_document_waits_for_a_named_officer(
    session: Session, browser: Browser, here: Consultation, sign_in: SignIn
) -> None:
    marked = PlanWarning("secrecy_marking", "文件标有“内部资料 注意保密”", "内部资料 注意保密")
    found = version(session, here)
    plans.rewrite_version(session, found, replace(plans.parsed_plan(found), warnings=(marked,)))
    session.commit()
    page = browser.open(address(here))
    assert "填写公开依据之前不能发布" in page.text
    assert not page.all('form[action$="/release"]')
    assert not page.all('button[value="settle-warning"]')
    publisher = sign_in("hejing", PASSWORD)
    form = publisher.open(address(here)).form("/release").fill(reason="区委办 2026-11-20 批准公开")
    page = publisher.press(form)
    assert "区委办 2026-11-20 批准公开" in page.text
    assert "陆明" in page.text_of(".zx-banner--vermilion")
