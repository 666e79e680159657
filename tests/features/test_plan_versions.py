"""A newer text comes in through the desk; comments follow it and the public sees what changed."""

from datetime import timedelta

from sqlmodel import Session, select

from backend.accounts.service import create_officer
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import AnchorKind, AnchorState, Comment, Role
from backend.plans import service as plans
from backend.submissions.jobs import re_anchor_comments
from tests.factories import NOW, PASSWORD, make_comment, make_consultation, make_organisation
from tests.features.conftest import SignIn
from tests.page import Browser

FIRST = """云桥镇停车规划（征求意见稿）

第一章 缓解停车难
新增公共停车泊位1500个，推广错时共享停车。
规范道路停车收费，让短时停车更便宜。
第二章 管好共享单车
划定共享单车停放区200处，及时清运乱停车辆。
"""
SECOND = FIRST.replace("1500个", "1800个").replace(
    "划定共享单车停放区200处，及时清运乱停车辆。", "开展文明骑行宣传。"
)


def parsed(tmp_path, text: str):
    path = tmp_path / "plan.txt"
    path.write_text(text, encoding="utf-8")
    return plans.parse_file(path)


def test_comments_follow_a_newer_text(
    session: Session,
    database: Database,
    settings: Settings,
    sign_in: SignIn,
    client: Browser,
    tmp_path,
) -> None:
    organisation = make_organisation(session)
    create_officer(
        session, organisation=organisation, username="planner", display_name="周规划",
        password=PASSWORD, roles=[Role.DRAFTING_OFFICE], now=NOW,
    )  # fmt: skip
    plan = parsed(tmp_path, FIRST)
    consultation = make_consultation(session, organisation, plan=plan)
    wanted = {
        "规范道路停车收费": AnchorState.PRESENT,
        "新增公共停车泊位1500个": AnchorState.CHANGED,
        "划定共享单车停放区200处": AnchorState.REMOVED,
    }
    ids = {}
    for quote in wanted:
        key, section = next(
            (p.id, s.id) for s in plan.sections for p in s.passages if quote in p.text
        )
        comment = make_comment(
            session, consultation, f"关于“{quote}”，请再研究。",
            anchor_kind=AnchorKind.PASSAGE, anchor_key=key, anchor_section_key=section,
            anchor_quote=quote,
        )  # fmt: skip
        ids[quote] = comment.id
    session.commit()

    browser = sign_in("planner", PASSWORD)
    page = browser.open(f"/desk/consultations/{consultation.slug}/settings")
    form = page.form("/versions").fill(kind="revised_draft")
    form.values.pop("file", None)
    page = browser.press(form, files={"file": ("second.txt", SECOND.encode(), "text/plain")})
    assert "修改稿第 2 版" in page.text
    assert "1500个" in client.open(f"/consultations/{consultation.slug}/sections/s1").text
    page = browser.press(page.form("/plan/confirm"))

    re_anchor_comments(database, settings)
    re_anchor_comments(database, settings)
    session.expire_all()
    for quote, state in wanted.items():
        comment = session.exec(select(Comment).where(Comment.id == ids[quote])).one()
        assert (comment.anchor_state, comment.anchor_quote) == (state, quote)

    page = client.open(f"/consultations/{consultation.slug}/versions")
    assert [e.text for e in page.all("main section del")][:1] == ["1500"]
    assert [e.text for e in page.all("main section ins")][:1] == ["1800"]


def test_an_unreadable_new_version_is_kept_and_explained(
    session: Session, sign_in: SignIn, settings: Settings, tmp_path
) -> None:
    organisation = make_organisation(session)
    create_officer(
        session, organisation=organisation, username="planner", display_name="周规划",
        password=PASSWORD, roles=[Role.DRAFTING_OFFICE], now=NOW,
    )  # fmt: skip
    consultation = make_consultation(session, organisation, closes=timedelta(days=30))
    session.commit()
    browser = sign_in("planner", PASSWORD)
    page = browser.open(f"/desk/consultations/{consultation.slug}/settings")
    form = page.form("/versions")
    form.values.pop("file", None)
    junk = b"%PDF-1.7 broken"
    page = browser.press(form, files={"file": ("plan.pdf", junk, "application/pdf")}, status=422)
    assert page.title.startswith("错误：")
    assert any(path.read_bytes() == junk for path in settings.uploads_dir.iterdir())
    assert len(session.exec(select(Comment)).all()) == 0
