"""Reading a plan: an address for every item, earlier texts, the tables, and searching."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from analysis.contracts import Box, Indicator, Passage, Section, TargetSource, Task, TaskKind
from backend.models import AnchorKind, AnchorState, Consultation, Screening
from backend.plans import service as plans
from tests.factories import NOW, make_comment, make_version
from tests.features.publishing import PLAN, publish
from tests.page import Browser

BASE = "/consultations/qinglan"
PROSE = Indicator(
    "i2", None, "新增加装电梯", unit="台", target="800", source=TargetSource.PROSE,
    section="s2", quote="新增加装电梯八百台",
)  # fmt: skip
FULL = replace(
    PLAN,
    indicators=(*PLAN.indicators, PROSE),
    tasks=(
        *PLAN.tasks,
        Task("t2", "河岸步道", TaskKind.BOX_ITEM, section="s2", box="b1"),
        Task("t3", "街角花园", TaskKind.BOX_ITEM, section="s2", box="b1"),
    ),
    boxes=(Box("b1", "专栏1 身边的绿地", section="s2", items=("t2", "t3")),),
)


@pytest.fixture
def statements(engine: Engine) -> list[str]:
    """Everything sent to the database from now on."""
    sent: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*details: object) -> None:
        sent.append(str(details[2]))

    return sent


def _publish(session: Session, plan: object = FULL, **fields: object) -> Consultation:
    consultation = publish(session, **fields)
    version = make_version(session, consultation, plan)  # type: ignore[arg-type]
    plans.confirm(session, version, None, now=NOW)
    session.commit()
    return consultation


def test_every_item_has_a_page_of_its_own(client: Browser, session: Session) -> None:
    consultation = _publish(session, publishes_comments=True)
    where = {"anchor_kind": AnchorKind.INDICATOR, "anchor_key": "i1", "anchor_section_key": "s3"}
    shown = {"masked_text": "绿地要能走到", "screening": Screening.PUBLISHED}
    make_comment(session, consultation, "原文", **where, **shown)
    make_comment(session, consultation, "还没有审核", **where)
    session.commit()

    page = client.open(f"{BASE}/indicators/i1")
    assert page.heading == "人均公园绿地"
    for words in ("约束性", "9.5", "7.6", "平方米", "达到目标的80%", "2条意见", "绿地要能走到"):
        assert words in page.text
    assert "还没有审核" not in page.html
    assert page.one("svg.zx-bar").get("aria-label") == "达到目标的80%"
    assert page.one(f'a[href="{BASE}/comment?about=i1"]') is not None
    following = page.one("a[rel=next]").get("href")
    assert following == f"{BASE}/indicators/i2"

    prose = client.open(following)
    assert prose.text_of(".zx-source mark") == "新增加装电梯八百台"
    assert prose.one(f'a[href="{BASE}/sections/s2#p2"]') is not None

    task = client.open(f"{BASE}/tasks/t2")
    assert task.heading == "河岸步道"
    assert "专栏1 身边的绿地" in task.text
    assert "街角花园" in task.text
    assert "没有人对这项任务提意见" in task.text

    assert client.open(f"{BASE}/passages/p2").path == f"{BASE}/sections/s2"
    for kind in ("indicators", "tasks", "passages", "sections"):
        client.open(f"{BASE}/{kind}/x99", status=404)


def test_the_tables_indicators_come_first_and_the_rest_by_chapter(
    client: Browser, session: Session
) -> None:
    consultation = _publish(session)
    for _ in range(2):
        make_comment(
            session, consultation, anchor_kind=AnchorKind.INDICATOR, anchor_key="i2",
            anchor_section_key="s2",
        )  # fmt: skip
    session.commit()
    page = client.open(f"{BASE}/indicators")
    assert [row.get("id") for row in page.all("tbody tr")] == ["i1", "i2"]
    fold = page.one("details")
    assert fold.get("open") is None
    assert "第一章 更好的日常生活（1项，2条意见）" in fold.cssselect("summary")[0].text_content()
    for sort in ("plan", "voices", "far"):
        assert client.open(f"{BASE}/indicators?sort={sort}").one("a[aria-current=true]") is not None
    client.open(f"{BASE}/indicators?sort=price", status=422)


def test_rows_are_sorted_by_voices_and_by_distance(client: Browser, session: Session) -> None:
    table = [
        Indicator(f"i{n}", str(n), f"指标{n}", target="100", current=str(now), section="s3")
        for n, now in ((1, 90), (2, 10), (3, 50))
    ]
    consultation = _publish(session, replace(PLAN, indicators=tuple(table)))
    shown = client.open(f"{BASE}/indicators")
    keys = {row.cssselect("th")[0].text_content(): row.get("id") for row in shown.all("tbody tr")}
    make_comment(
        session, consultation, anchor_kind=AnchorKind.INDICATOR, anchor_key=keys["指标3"],
        anchor_section_key="s3",
    )  # fmt: skip
    session.commit()

    def names(sort: str) -> list[str]:
        rows = client.open(f"{BASE}/indicators?sort={sort}").all("tbody tr")
        return [row.cssselect("th")[0].text_content() for row in rows]

    assert names("plan") == ["指标1", "指标2", "指标3"]
    assert names("voices") == ["指标3", "指标1", "指标2"]
    assert names("far") == ["指标2", "指标3", "指标1"]


def test_an_earlier_text_answers_under_its_old_addresses(client: Browser, session: Session) -> None:
    """A passage, task and indicator that were dropped still have their words and their place."""
    consultation = publish(session)
    newer = replace(
        PLAN,
        sections=(
            Section("s1", 1, "第一章", "更好的日常生活", None, False,
                    (Passage("p1", "到2030年，社区食堂步行可达。"),)),
        ),
        indicators=(),
        tasks=(),
    )  # fmt: skip
    version = make_version(session, consultation, newer)
    session.commit()
    assert "原文已删除" not in client.open(f"{BASE}/tasks/t1").text
    plans.confirm(session, version, None, now=NOW)
    session.commit()
    for address in ("tasks/t1", "indicators/i1", "sections/s2", "passages/p2"):
        page = client.open(f"{BASE}/{address}")
        assert "原文已删除" in page.text, address
        assert not page.all('a[href*="/comment?"]'), address
    assert "新增加装电梯八百台" in client.open(f"{BASE}/passages/p2").text

    old = client.open(f"{BASE}/sections/s1?version=1")
    assert "不是现在的文本" in old.text
    assert "十五分钟" in old.text
    assert not old.all('a[href*="/comment?"]')
    assert all("version=1" in a.get("href") for a in old.all(".zx-reading__outline a"))
    assert "社区食堂步行可达" in client.open(f"{BASE}/sections/s1?version=2").text
    assert "不是现在的文本" not in client.open(f"{BASE}/sections/s1").text
    client.open(f"{BASE}/sections/s1?version=9", status=404)
    for path in ("", "/indicators", "/tasks", "/search?q=电梯&version=1"):
        address = path if "version" in path else f"{path}?version=1"
        assert "不是现在的文本" in client.open(f"{BASE}{address}").text


def test_a_text_nobody_confirmed_has_no_address(client: Browser, session: Session) -> None:
    consultation = publish(session)
    added = Passage("p9", "还没有公开的一段。")
    last = replace(PLAN.sections[-1], passages=(*PLAN.sections[-1].passages, added))
    make_version(session, consultation, replace(PLAN, sections=(*PLAN.sections[:-1], last)))
    session.commit()
    client.open(f"{BASE}/sections/s1?version=2", status=404)
    client.open(f"{BASE}/passages/p9", status=404)
    client.open(f"{BASE}/passages/p4", status=404)
    assert "没有“还没有公开”" in client.open(f"{BASE}/search?q=还没有公开").text


def test_an_opinion_on_changed_words_shows_the_old_ones(client: Browser, session: Session) -> None:
    consultation = publish(session, publishes_comments=True)
    make_comment(
        session, consultation, "原文", masked_text="八百台不够", screening=Screening.PUBLISHED,
        anchor_kind=AnchorKind.PASSAGE, anchor_key="p2", anchor_section_key="s2",
        anchor_quote="加装电梯六百台", anchor_state=AnchorState.CHANGED,
    )  # fmt: skip
    session.commit()
    for path in ("sections/s2", "comments"):
        page = client.open(f"{BASE}/{path}")
        assert "原文已修改" in page.text
        assert "加装电梯六百台" in page.text


def test_words_are_found_wherever_they_stand(client: Browser, session: Session) -> None:
    _publish(session)
    page = client.open(f"{BASE}/search?q=加装电梯")
    assert page.text_of(".zx-total") == "“加装电梯”共有3处，正文1段。"
    assert {mark.text for mark in page.all("mark")} == {"加装电梯"}
    hrefs = [a.get("href") for a in page.all(".zx-hits a")]
    assert hrefs == [f"{BASE}/{path}" for path in ("indicators/i2", "tasks/t1", "passages/p2")]
    assert page.one("#plan-search").get("value") == "加装电梯"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("住得方便", True),
        ("社区食堂 十五分钟", True),
        ("社区食堂 电梯", False),
        ("老楼加装电梯", True),
        ("“老楼加装电梯”", False),
        ("“優先安排”", True),
        ("２０３０年", True),
        ("%", False),
        ("_", False),
        ("<script>", False),
        ('" OR 1=1', False),
    ],
)
def test_searches_find_what_they_say(
    client: Browser, session: Session, query: str, found: bool
) -> None:
    _publish(session)
    page = client.get(f"{BASE}/search", params={"q": query})
    assert page.status_code == 200
    assert ("共有" in page.text) is found
    assert "<script>" not in page.text


def test_an_empty_search_explains_itself(client: Browser, session: Session) -> None:
    _publish(session)
    for address in ("search", "search?q=", "search?q=%20%E2%80%9C%E2%80%9D"):
        assert "输入一个词" in client.open(f"{BASE}/{address}").text


def test_many_hits_come_page_by_page(client: Browser, session: Session) -> None:
    passages = tuple(Passage(f"p{n}", f"第{n}段说的是河岸的绿地。") for n in range(1, 46))
    section = replace(PLAN.sections[0], passages=passages)
    _publish(session, replace(PLAN, sections=(section,), tasks=(), indicators=()))
    first = client.open(f"{BASE}/search?q=河岸")
    assert "共有45处，正文45段" in first.text
    assert len(first.all(".zx-hits li")) == 20
    last = client.open(f"{BASE}/search?q=河岸&page=3")
    assert len(last.all(".zx-hits li")) == 5
    assert last.one("a[rel=prev]") is not None


@pytest.mark.parametrize(
    "path",
    ["", "/sections/s1", "/indicators", "/indicators/i1", "/tasks", "/tasks/t1", "/search?q=电梯"],
)
def test_every_plan_page_offers_the_search(client: Browser, session: Session, path: str) -> None:
    _publish(session)
    page = client.open(f"{BASE}{path}")
    form = page.form("/search").fill(q="社区食堂")
    assert "共有" in client.press(form).text


@pytest.mark.parametrize(
    "path", ["/indicators", "/tasks", "/indicators/i1", "/tasks/t1", "/search?q=指标"]
)
def test_a_longer_plan_costs_no_more_statements(
    client: Browser, session: Session, statements: list[str], path: str
) -> None:
    consultation = publish(session, publishes_comments=True)

    def cost() -> int:
        statements.clear()
        client.open(f"{BASE}{path}")
        return len(statements)

    before = cost()
    many = replace(
        PLAN,
        indicators=(
            *PLAN.indicators,
            *(replace(PROSE, id=f"i{n}", name=f"指标{n}") for n in range(2, 60)),
        ),
        tasks=(*PLAN.tasks, *(Task(f"t{n}", f"任务{n}", section="s2") for n in range(2, 60))),
    )
    version = make_version(session, consultation, many)
    plans.confirm(session, version, None, now=NOW)
    for number in range(30):
        make_comment(
            session, consultation, masked_text=f"意见{number}", screening=Screening.PUBLISHED,
            anchor_kind=AnchorKind.INDICATOR, anchor_key="i1", anchor_section_key="s3",
        )  # fmt: skip
    session.commit()
    assert cost() <= before + 1  # `before` was cheaper only where a task had no quote to look up.
