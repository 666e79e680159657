"""The lists an office keeps: departments, places, answers, words, other names, its own name."""

import pytest
from sqlmodel import Session, select

from backend import jobs
from backend.assessments.queries import gazetteer
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    AliasProposal,
    AliasState,
    AuditEntry,
    Channel,
    Comment,
    CommentFlag,
    Department,
    Neighbourhood,
    Role,
    SensitiveWord,
    Submission,
)
from backend.submissions import service as submissions
from backend.submissions.forms import Point, Sender
from backend.submissions.queries import neighbourhoods
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office, found
from tests.page import Browser


@pytest.fixture
def gu(office: Office, sign_in: SignIn) -> Browser:
    """The administrator's browser."""
    office.hire("gu", Role.ADMINISTRATOR)
    office.session.commit()
    return sign_in("gu")


@pytest.fixture
def lu(office: Office, sign_in: SignIn) -> Browser:
    """The browser of somebody of the drafting office."""
    office.hire("lu", Role.DRAFTING_OFFICE)
    office.session.commit()
    return sign_in("lu")


def see_anew(session: Session) -> None:
    """End the snapshot and forget the rows, so that what browsers did is seen."""
    session.rollback()
    session.expire_all()


def names(browser: Browser) -> list[str]:
    rows = browser.open("/desk/manage/departments").all(".desk-plain > li strong")
    return [row.text_content() for row in rows]


def test_departments_are_made_renamed_and_put_in_order(office: Office, gu: Browser) -> None:
    here = "/desk/manage/departments"
    page = gu.open(here)
    assert "已经有“交通局”" in gu.press(page.form(here).fill(name=" 交通局 "), status=422).text
    gu.press(gu.open(here).form(here).fill(name="水务局"))
    assert names(gu)[-1] == "水务局"
    form = gu.open(here).form(f"/{office.departments['交通局'].id}")
    gu.press(form.fill(name="区交通委员会"))
    number = max(d for d in office.session.exec(select(Department.id)) if d)
    form = gu.open(here).form(f"/{number}/move")
    form.values["up"] = "true"
    gu.press(form)
    assert names(gu)[1] == "水务局"


def test_a_department_with_work_is_not_retired_and_a_retired_one_is_not_offered(
    office: Office, gu: Browser, sign_in: SignIn, session: Session
) -> None:
    here = "/desk/manage/departments"
    traffic = office.departments["交通局"]
    comment = office.receive("公交站太远。")
    comment.assigned_department_id = traffic.id
    session.add(comment)
    session.commit()
    gu.press(gu.open(here).form(f"/{traffic.id}/retire"), status=422)
    assert "1条意见" in gu.page.text
    comment.assigned_department_id = None
    session.add(comment)
    session.commit()
    gu.press(gu.open(here).form(f"/{traffic.id}/retire"))
    assert names(gu) == ["住建局"]
    offered = gu.open("/desk/officers").one("#department_id")
    assert "交通局" not in offered.text_content()
    gu.press(gu.open(here).form(f"/{traffic.id}/restore"))
    assert "交通局" in names(gu)


def test_another_organisations_lists_do_not_exist(
    office: Office, gu: Browser, lu: Browser, session: Session, settings: Settings
) -> None:
    elsewhere = found(session, settings, slug="elsewhere")
    unit = elsewhere.departments["交通局"].id
    owner = elsewhere.organisation.id or 0
    place = Neighbourhood(organisation_id=owner, street="别街", name="别居委")
    word = SensitiveWord(organisation_id=owner, word="词", category="other", created_at=MONDAY)
    alias = AliasProposal(
        organisation_id=owner, alias="甲", target_kind="task", target_name="乙", created_at=MONDAY
    )
    session.add_all([place, word, alias])
    session.commit()
    form = gu.open("/desk/manage/departments").form("/desk/manage/departments").fill(name="改")
    for end in (f"{unit}", f"{unit}/retire", f"{unit}/move", f"{unit}/restore"):
        form.action = f"/desk/manage/departments/{end}"
        gu.press(form, status=404)
    form = lu.open("/desk/manage/words").form("/desk/manage/words")
    for path in (f"places/{place.id}", f"places/{place.id}/remove", f"words/{word.id}/remove",
                 f"aliases/{alias.id}", "templates/999", "templates/999/remove"):  # fmt: skip
        form.action = f"/desk/manage/{path}"
        lu.press(form, status=404)
    text = lu.open("/desk/manage/places").text + lu.open("/desk/manage/aliases").text
    assert "别街" not in text
    assert "甲" not in text


def test_places_are_imported_after_a_preview_and_used(
    office: Office, lu: Browser, session: Session
) -> None:
    here = "/desk/manage/places"
    table = "街镇,居委\r\n石埠街道,锦绣居委\r\n石埠街道,锦绣居委\r\n,空街\r\n白鹭镇，河口村\r\n"
    form = lu.open(here).form("/preview")
    form.values.pop("file", None)
    files = {"file": ("places.csv", table.encode("gb18030"), "text/csv")}
    page = lu.press(form, files=files)
    assert "新增" in page.text
    assert "2 个" in page.text
    assert "需要两列" in page.text
    assert session.exec(select(Neighbourhood)).all() == [], "a preview changes nothing"
    see_anew(session)
    lu.press(page.form("/import"))
    owner = office.organisation.id or 0
    assert neighbourhoods(session, owner) == {"石埠街道": ["锦绣居委"], "白鹭镇": ["河口村"]}
    assert gazetteer(session, owner) == ["河口村", "白鹭镇", "石埠街道", "锦绣居委"]
    lu.press(lu.open(here).form("/preview").fill(text=table))
    assert lu.page.all("form[action$='/import']") == []
    place = session.exec(select(Neighbourhood).where(Neighbourhood.name == "河口村")).one()
    form = lu.open(here).form(f"/{place.id}").fill(name="河口新村")
    lu.press(form)
    see_anew(session)
    assert "河口新村" in gazetteer(session, owner)
    form.action = f"{here}/{place.id}/remove"
    lu.press(form)
    see_anew(session)
    assert "白鹭镇" not in neighbourhoods(session, owner)
    lu.press(lu.open(here).form("/preview").fill(text="  "), status=422)


def test_templates_keep_what_was_typed_and_know_their_variables(
    office: Office, lu: Browser
) -> None:
    here = "/desk/manage/templates"
    form = lu.open(here).form(here)
    form.fill(name="感谢", outcome="adopted", text="您好，{受理编号}已{收悉}。")
    page = lu.press(form, status=422)
    assert "没有{收悉}这个变量" in page.text
    assert page.form(here).values["text"].strip() == "您好，{受理编号}已{收悉}。"
    lu.press(page.form(here).fill(text="您好，{受理编号}已采纳，见{章节}。"))
    link = lu.page.one("main li a[href*='/templates/']").get("href")
    lu.press(lu.open(link).form(link).fill(name="感谢采纳"))
    assert "感谢采纳" in lu.page.text
    lu.press(lu.open(link).form(link).fill(text="{单位}收到{受理编号}，见{章节}。"))
    comment = office.receive("站亭漏雨。")
    office.session.commit()
    offered = lu.open(f"{office.path}/comments/{comment.id}").text_of(".desk-templates")
    code = office.session.get_one(Submission, comment.submission_id).receipt_code
    assert f"qingshi区政府收到{code}，见第二章 出行与停车第一节 公交。" in offered
    lu.press(lu.open(link).form("/remove"))
    assert "感谢采纳" not in lu.open(here).text


def _register(office: Office, text: str, key: str) -> Submission:
    return submissions.register(
        office.session,
        office.consultation,
        [Point(text=text)],
        Sender(),
        channel=Channel.WEB,
        key=key,
        secret=office.settings.secret(),
        now=MONDAY,
    )


def test_sensitive_words_mark_and_never_refuse_or_rewrite(
    office: Office, lu: Browser, session: Session, database: Database, settings: Settings
) -> None:
    here = "/desk/manage/words"
    old = _register(office, "再不解决，我们就去集 体·上 访！", "old")
    session.commit()
    form = lu.open(here).form(here).fill(category="collective", text="集体上访\n聚集，拉横幅")
    lu.press(form)
    jobs.run_now("check-words", database, settings)
    text = "听说有人要去区里拉横幅，我不赞成。"
    new = _register(office, text, "new")
    harmless = _register(office, "希望多种树。", "harmless")
    session.commit()
    flags = session.exec(select(CommentFlag.word, CommentFlag.comment_id)).all()
    owners = {w: session.get_one(Comment, c).submission_id for w, c in flags}
    assert owners == {"集体上访": old.id, "拉横幅": new.id}
    stored = session.exec(select(Comment).where(Comment.submission_id == new.id)).one()
    assert stored.text == text
    assert not new.is_quarantined
    assert harmless.receipt_code
    page = lu.open(here)
    assert "集体上访 1 条意见" in page.text
    word = session.exec(select(SensitiveWord).where(SensitiveWord.word == "拉横幅")).one()
    lu.press(page.form(f"/{word.id}/remove"))
    see_anew(session)
    assert session.exec(select(CommentFlag.word)).all() == ["集体上访"]
    lu.press(lu.open(here).form(here).fill(text="，。"), status=422)


def test_aliases_are_approved_by_people_who_may_and_recorded(
    office: Office, lu: Browser, sign_in: SignIn, session: Session
) -> None:
    here = "/desk/manage/aliases"
    comment = office.receive("小巴什么时候来。")
    proposal = AliasProposal(
        organisation_id=office.organisation.id or 0, consultation_id=office.consultation.id,
        alias="小巴", target_kind="task", target_key="t1", target_name="新增社区巴士",
        count=7, comment_ids=[comment.id or 0], created_at=MONDAY,
    )  # fmt: skip
    session.add(proposal)
    session.commit()
    page = lu.open(here)
    assert "7 条意见这样说" in page.text
    lu.open(page.one("main li a[href*='/comments/']").get("href"))
    form = lu.open(here).form(f"/{proposal.id}")
    form.values["approve"] = "true"
    lu.press(form)
    see_anew(session)
    assert session.get_one(AliasProposal, proposal.id).state == AliasState.APPROVED
    assert session.get_one(AliasProposal, proposal.id).decided_by_id == office.officers["lu"].id
    lu.press(form, status=409)
    assert "小巴" in lu.open(f"{here}?state=approved").text
    sign_in("shen").open(here, status=403)
    assert "alias.approve" in session.exec(select(AuditEntry.action)).all()


def test_an_administrator_sees_no_opinions_through_aliases(
    office: Office, gu: Browser, session: Session
) -> None:
    session.add(
        AliasProposal(
            organisation_id=office.organisation.id or 0, consultation_id=office.consultation.id,
            alias="小巴", target_kind="task", target_key="t1", target_name="新增社区巴士",
            count=7, comment_ids=[1], created_at=MONDAY,
        )
    )  # fmt: skip
    session.commit()
    page = gu.open("/desk/manage/aliases")
    assert "小巴" in page.text
    assert not page.all("main a[href*='/comments/']")


def test_the_organisations_words_stand_on_every_page_at_once(
    office: Office, gu: Browser, client: Browser
) -> None:
    client.open("/")
    here = "/desk/manage/organisation"
    form = gu.open(here).form(here)
    gu.press(form.fill(mark="三个字"), status=422)
    form = gu.page.form(here).fill(
        name="青石区人民政府", mark="青石", address="梧桐路1号", phone="021-12345",
        icp_number="沪ICP备00000001号",
    )  # fmt: skip
    gu.press(form)
    page = client.open("/")
    assert "青石区人民政府" in page.title
    footer = page.text_of("footer")
    for words in ("梧桐路1号", "021-12345", "沪ICP备00000001号"):
        assert words in footer
    assert page.text_of(".zx-brand .zx-seal") == "青石"
    assert "021-12345" in client.open("/nothing/here", status=404).text
    gu.press(gu.open(here).form(here).fill(name=""), status=422)
