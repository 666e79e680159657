"""The queue finds what is asked, shows it inert, and asks the database little."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from backend.kit.settings import Settings
from backend.models import Channel, Role
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office, found

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}${7*7}#{7*7}",
    "javascript:alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "%3Cscript%3E&lt;script&gt;",
    "<!--#exec cmd='id'--><iframe srcdoc=x>",
]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*call: object) -> None:
        statements.append(str(call[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def busy(office: Office, session: Session) -> Office:
    """Six comments that differ in everything one can ask for."""
    bus = office.receive("公交站台太远，老人走不到。", street="石埠街道")
    copy = office.receive("公交站台太远，老人走不到！", received_at=MONDAY + timedelta(hours=1))
    park = office.receive(
        "停车位不够用。", anchor="p5", section="s4", channel=Channel.EMAIL,
        received_at=MONDAY + timedelta(days=2),
    )  # fmt: skip
    praise = office.receive("站亭改造很好。", anchor="s3", section="s3")
    whole = office.receive("整体写得清楚。", section=None)
    office.receive("还没有读到的 100% 意见。", anchor="p1", section="s1")
    office.read(bus, "t1")
    office.read(copy, "t1", confidence=0.2)
    office.read(park, "i2", intent="complains")
    office.read(praise, "t2", sentiment="positive", intent="supports")
    office.read(whole, sentiment="positive", intent="supports")
    office.read_together([bus, copy], [park])
    bus.assigned_officer_id = office.officers["shen"].id
    bus.support_count = 12
    session.commit()
    return office


SEARCHES = {
    "": 6,
    "公交": 2,
    '"站台太远"': 2,
    "-公交": 4,
    "100%": 1,
    "_": 0,
    "章节:2": 4,
    "章节:2.1": 3,
    "章节:第二节": 1,
    "章节:出行": 4,
    "条目:i2": 1,
    "任务:社区巴士": 2,
    "标签:公共交通": 3,
    "标签:停车泊位": 1,
    "主题:公共交通": 3,
    "渠道:邮件": 1,
    "-渠道:邮件": 5,
    "情感:正面": 2,
    "-情感:正面": 4,
    "意图:反映问题": 1,
    "负责人:我": 1,
    "负责人:无": 5,
    "负责人:shen同志": 1,
    "部门:无": 6,
    "街镇:石埠街道": 1,
    "提交>2026-11-16": 1,
    "提交:2026-11-16": 5,
    "提交<=2026-11-16": 5,
    "联署>10": 1,
    "重复": 1,
    "-重复": 5,
    "存疑": 1,
    "未读": 6,
    "逾期": 5,
    "状态:已办结": 0,
    "状态:全部": 6,
    "关联:已关联": 4,
    "公开:待审核": 6,
    "核定:是": 0,
    "结论:无": 6,
    "相似:c1": 2,
    "编号:NOPE": 0,
    "章节:99.9": 0,
}


def test_searches_find_what_they_say(busy: Office, sign_in: SignIn) -> None:
    browser = sign_in("shen")
    found = {
        line: len(browser.open(f"{busy.path}?q={quote(line)}").all(".desk-row"))
        for line in SEARCHES
    }
    assert found == SEARCHES


def test_the_form_writes_the_line_and_chips_take_away(busy: Office, sign_in: SignIn) -> None:
    browser = sign_in("shen")
    form = browser.open(f"{busy.path}?q=公交&sort=oldest").form("/filter")
    page = browser.press(form.fill(channel="web", section="s3"))
    assert page.one("#q").get("value") == "公交 章节:s3 渠道:网站"
    assert page.form("/filter").values["channel"] == "web"
    assert "sort=oldest" in str(page.url)
    chip = next(a for a in page.all(".desk-chips a") if "渠道" in a.text_content())
    assert browser.open(chip.get("href")).one("#q").get("value") == "公交 章节:s3"


def test_unknown_words_are_explained(busy: Office, sign_in: SignIn) -> None:
    page = sign_in("shen").open(f"{busy.path}?q=密码:1 状态:待处理")
    assert "没有“密码”这个筛选项" in page.text
    assert page.one("#q").get("value") == "状态:待处理"


@pytest.mark.parametrize("sort", ["newest", "oldest", "due", "influence", "doubt", "id;DROP", ""])
def test_orders(busy: Office, sign_in: SignIn, sort: str) -> None:
    page = sign_in("shen").open(f"{busy.path}?sort={sort}")
    texts = [row.text_content() for row in page.all(".desk-row__text")]
    assert len(texts) == 6
    first = {"influence": "走不到。", "doubt": "走不到！", "oldest": "走不到。"}.get(sort, "停车位")
    if sort != "due":
        assert first in texts[0]


def test_the_page_asks_as_much_for_fifty_rows_as_for_five(
    office: Office, sign_in: SignIn, session: Session, engine: Engine
) -> None:
    for number in range(5):
        office.read(office.receive(f"第{number}条意见"), "t1")
    session.commit()
    browser = sign_in("shen")
    browser.open(office.path)
    with counted(engine) as few:
        browser.open(office.path)
    for number in range(60):
        office.read(office.receive(f"又{number}条意见"), "t1", "i1")
    session.commit()
    with counted(engine) as many:
        page = browser.open(office.path)
    assert len(page.all(".desk-row")) == 50
    assert len(many) == len(few)
    page = browser.open(page.one("a[rel=next]").get("href"))
    assert len(page.all(".desk-row")) == 15


def test_whatever_people_write_stays_words(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    comments = []
    for number, words in enumerate(HOSTILE):
        comment = office.receive(words, street=words[:50], contact_phone=words)
        comment.anchor_quote = comment.proposed_wording = words
        office.read(comment, "t1")
        comments.append((comment, HOSTILE[number]))
    office.read_together([comment for comment, _ in comments], topic=HOSTILE[0])
    session.commit()
    browser = sign_in("shen")
    for comment, words in comments:
        path = f"{office.path}/comments/{comment.id}"
        browser.press(browser.open(path).form("/note").fill(text=words))
        form = browser.open(path).form("/decide").fill(outcome="noted", reason=words, reply=words)
        browser.press(form)
        page = browser.open(path)
        assert page.text_of("#comment-text") == " ".join(words.split())
        pages = [page, browser.open(f"{office.path}?q=状态:全部")]
        pages += [browser.press(page.form("/contact"))]
        for shown in pages:
            assert not shown.all("img, iframe, svg[onload]")
            assert len(shown.all("script")) == 3, "only our own"
            assert not [e for e in shown.all("main *") if any(k.startswith("on") for k in e.attrib)]
    browser.get(office.path, params={"q": HOSTILE[1], "sort": HOSTILE[0]})
    page = browser.open(f"{office.path}?q={HOSTILE[0]}&sort={HOSTILE[5]}&page=1")
    assert not [s for s in page.all("script") if not s.get("src")]


def test_a_consultation_of_another_organisation_does_not_exist(
    office: Office, sign_in: SignIn, session: Session, settings: Settings
) -> None:
    other = found(session, settings, slug="elsewhere")
    theirs = other.receive("别的单位的意见")
    session.commit()
    browser = sign_in("shen")
    assert "elsewhere" not in browser.open("/desk").html
    browser.open(other.path, status=404)
    browser.open(f"{other.path}/comments/{theirs.id}", status=404)
    browser.open(f"{office.path}/comments/{theirs.id}", status=404)
    ours = office.receive("我们的意见")
    session.commit()
    form = browser.open(f"{office.path}/comments/{ours.id}").form("/decide")
    form.fill(outcome="noted", reason="越权")
    for path in (other.path, office.path):
        form.action = f"{path}/comments/{theirs.id}/decide"
        browser.press(form, status=404)


def test_views_are_saved_shared_and_removed(
    busy: Office, sign_in: SignIn, session: Session
) -> None:
    busy.hire("lu", Role.OFFICER)
    session.commit()
    mine, colleague = sign_in("shen"), sign_in("lu")
    for name, shared in (("我的公交", False), ("大家的公交", True)):
        form = mine.open(f"{busy.path}?q=公交").form("/views").fill(name=name)
        if shared:
            form.values["shared"] = "true"
        mine.press(form)
    page = colleague.open(busy.path)
    assert "大家的公交" in page.text
    assert "我的公交" not in page.text
    link = next(a for a in page.all(".desk-view") if a.text_content().startswith("大家的公交"))
    assert len(colleague.open(link.get("href")).all(".desk-row")) == 2
    removal = next(f for f in mine.open(busy.path).all("form[action$=remove]"))
    mine.press(mine.page.form(removal.get("action").rsplit("/", 2)[1] + "/remove"))


def test_read_marks_are_an_officers_own(
    busy: Office, sign_in: SignIn, session: Session, clock: Clock
) -> None:
    busy.hire("lu", Role.OFFICER)
    session.commit()
    browser = sign_in("shen")
    page = browser.open(busy.path)
    token = page.form("/sign-out").values["csrf_token"]
    path = page.all(".desk-row a")[0].get("href")
    for _ in range(2):
        answer = browser.post(f"{path}/read", headers={"X-CSRF-Token": token})
        assert answer.status_code == 200
    assert len(browser.open(f"{busy.path}?q=未读").all(".desk-row")) == 5
    assert len(sign_in("lu").open(f"{busy.path}?q=未读").all(".desk-row")) == 6
