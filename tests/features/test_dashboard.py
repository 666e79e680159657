"""The dashboard: every number is the number of comments its link finds; the public sees no few."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from backend import jobs
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    Channel,
    CorpusRun,
    CorpusTag,
    FiguresSnapshot,
    Neighbourhood,
    Review,
    ReviewLink,
    Role,
    Submission,
)
from backend.portal import figure_queries
from backend.portal.figures import SMALLEST_SHOWN, suppressed
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office
from tests.features.test_desk_queue import counted
from tests.page import Browser

STREETS = ("石埠街道", "柳港街道")


@pytest.fixture
def heard(office: Office, session: Session) -> Office:
    """Thirty comments that differ in all the dashboard counts; some corrected by a person."""
    texts = ("公交站台太远，临汾路的老人走不到。", "停车位不够用。", "站亭改造很好，支持。")
    places = ({"text": "临汾路", "kind": "road", "field": "text", "start": 7, "end": 10},)
    made = []
    for number in range(30):
        kind = number % 3
        comment = office.receive(
            texts[kind] + "！" * (number % 5),
            anchor=("p3", "p5", "s3")[kind],
            section=("s3", "s4", "s3")[kind] if number % 7 else None,
            channel=(Channel.WEB, Channel.EMAIL)[number % 2],
            street=STREETS[0] if number % 4 else None,
            received_at=MONDAY + timedelta(days=number % 6),
        )
        if number % 10 != 9:
            reading = office.read(
                comment, *(("t1",), ("i2", "t1"), ())[kind],
                intent=("proposes", "complains", None)[kind],
            )  # fmt: skip
            reading.evidence = {**reading.evidence, "places": list(places) if not kind else []}
            session.add(reading)
        made.append(comment)
    corrected = made[1]
    session.add(
        Review(
            comment_id=corrected.id or 0, intent="opposes", links_confirmed=True,
            officer_id=office.officers["shen"].id or 0, reviewed_at=MONDAY,
        )
    )  # fmt: skip
    session.add(ReviewLink(comment_id=corrected.id or 0, item_kind="indicator", item_key="i1"))
    office.read_together(made[0::3], made[1::3], topic="公共交通")
    run = session.get_one(CorpusRun, 1)
    run.result = {
        "topics": [{"id": "topic1", "label": "公共交通"}],
        "issues": [{"id": "issue1", "title": "站台太远"}],
        "clusters": [{"id": "c1", "template": texts[0]}, {"id": "c2", "template": texts[1]}],
    }
    session.add(run)
    for comment in made[0::3]:
        tag = session.get_one(CorpusTag, comment.id)
        tag.issue = "issue1"
        session.add(tag)
    withdrawn = session.get_one(Submission, made[4].submission_id)
    withdrawn.withdrawn_at = MONDAY
    session.add(withdrawn)
    for street, name, people in ((STREETS[0], "东居委", 600), (STREETS[1], "西居委", 1400)):
        session.add(
            Neighbourhood(
                organisation_id=office.organisation.id or 0, street=street, name=name,
                population=people,
            )
        )  # fmt: skip
    session.commit()
    return office


def test_every_number_is_what_its_link_finds(heard: Office, sign_in: SignIn) -> None:
    browser = sign_in("shen")
    page = browser.open(heard.path + "/dashboard")
    links = {
        (link.get("href"), int(found[0]))
        for link in page.all("main table a[href*='?q='], main .zx-board__sum a")
        if (found := re.match(r"\s*(\d+)", link.text_content()))
    }
    assert len(links) >= 40
    for href, number in sorted(links):
        queue = browser.open(href)
        shown = re.search(r"找到 (\d+) 条", queue.text)
        assert shown is not None, f"{href} finds nothing"
        assert int(shown[1]) == number, href


def test_the_dashboard_answers_who_has_not_been_heard(heard: Office, sign_in: SignIn) -> None:
    page = sign_in("shen").open(heard.path + "/dashboard")
    streets = " ".join(one.text_content() for one in page.all("section[aria-labelledby=streets]"))
    assert "柳港街道还没有声音" in streets
    assert "30.0%" in streets and "70.0%" in streets, "the share expected by population"
    assert "没有声音不等于同意" in streets
    channels = page.all("section[aria-labelledby=channels]")[0].text_content()
    assert "信函" in channels and "还没有收到意见" in channels


def test_shares_are_not_expected_where_the_people_are_not_known(
    heard: Office, session: Session, sign_in: SignIn
) -> None:
    session.add(
        Neighbourhood(organisation_id=heard.organisation.id or 0, street=STREETS[0], name="新居委")
    )
    session.commit()
    page = sign_in("shen").open(heard.path + "/dashboard")
    assert "应占（按人口）" not in page.text
    assert "人口还没有填全" in page.text


def test_an_empty_consultation_says_what_will_be_here(office: Office, sign_in: SignIn) -> None:
    page = sign_in("shen").open(office.path + "/dashboard")
    assert "还没有收到意见" in page.text


def test_a_department_that_sees_its_own_part_gets_no_figures_of_the_whole(
    heard: Office, session: Session, sign_in: SignIn
) -> None:
    heard.hire("tram", Role.DEPARTMENT, department="交通局")
    session.commit()
    browser = sign_in("tram")
    browser.open(heard.path + "/dashboard", status=403)
    assert not browser.open(heard.path).all("a[href$='/dashboard']")


@pytest.mark.parametrize("page", ["dashboard", "quality", "topics/issue", "about/t1"])
def test_few_statements_however_many_comments(
    page: str, heard: Office, sign_in: SignIn, database: Database
) -> None:
    browser = sign_in("shen")
    with counted(database.engine) as statements:
        browser.open(f"{heard.path}/{page}")
    assert len([s for s in statements if not s.startswith("BEGIN")]) <= 20


def test_large_consultations_are_counted_by_a_job_and_only_when_something_changed(
    heard: Office, session: Session, sign_in: SignIn, database: Database, settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(figure_queries, "COUNTED_AT_ONCE", 5)
    live = sign_in("shen").open(heard.path + "/dashboard")
    jobs.run_now("count-figures", database, settings)
    first = _snapshot(session, heard)
    kept = sign_in("shen").open(heard.path + "/dashboard")
    assert _tables(kept) == _tables(live), "kept and counted at once are the same figures"
    jobs.run_now("count-figures", database, settings)
    assert _snapshot(session, heard).counted_at == first.counted_at
    heard.receive("再说一句，路灯太暗。")
    session.commit()
    jobs.run_now("count-figures", database, settings)
    assert _snapshot(session, heard).data["comment_count"] == first.data["comment_count"] + 1


def _snapshot(session: Session, office: Office) -> FiguresSnapshot:
    session.rollback()
    session.expire_all()
    found = session.get(FiguresSnapshot, office.consultation.id)
    assert found is not None
    session.expunge(found)
    session.rollback()
    return found


def _tables(page: object) -> list[str]:
    return [" ".join(table.text_content().split()) for table in page.all("main table")]  # type: ignore[attr-defined]


# --- The public ----------------------------------------------------------------------------------


def test_the_public_sees_counts_and_none_that_points_to_few(
    heard: Office, new_client: Callable[[], Browser]
) -> None:
    page = new_client().open(f"/consultations/{heard.consultation.slug}/figures")
    assert "29条意见" in page.text
    numbers = [int(cell.text_content()) for cell in page.all("td.zx-num")
               if cell.text_content().strip().isdecimal()]  # fmt: skip
    assert numbers and not [n for n in numbers if 0 < n < SMALLEST_SHOWN]
    assert not page.all("main a[href*='/desk']")
    assert "公交站台太远" not in page.text


@pytest.mark.parametrize("cells", [(3, 9, 20), (4, 1, 50), (1, 30), (0, 3, 5), (7, 8), (2,), ()])
def test_a_hidden_cell_cannot_be_worked_out(cells: tuple[int, ...]) -> None:
    shown = suppressed([(str(n), number) for n, number in enumerate(cells)])
    hidden = [number for (_, seen), number in zip(shown, cells, strict=True) if seen is None]
    assert all(seen is None or seen == 0 or seen >= SMALLEST_SHOWN for _, seen in shown)
    rest = len(cells) - len(hidden)
    if hidden and any(n >= SMALLEST_SHOWN for n in cells) and rest:
        assert len(hidden) >= 2 and sum(hidden) >= SMALLEST_SHOWN
