"""Officials name, merge, split and pin topics; every later reading keeps what they chose."""

import pytest
from sqlmodel import Session, select

from backend import jobs
from backend.assessments import grouping
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import AuditEntry, Consultation, CorpusRun, CorpusTag, GroupChoice, Role
from tests.analysis.corpora import comments
from tests.factories import (
    PASSWORD,
    make_comment,
    make_consultation,
    make_officer,
    make_organisation,
)
from tests.features.conftest import SignIn
from tests.page import Browser


@pytest.fixture
def consultation(session: Session, database: Database, settings: Settings) -> Consultation:
    organisation = make_organisation(session)
    make_officer(session, organisation)
    make_officer(session, organisation, username="clerk", roles=(Role.CLERK,))
    made = make_consultation(session, organisation)
    for comment in comments():
        make_comment(session, made, comment.text)
    session.commit()
    jobs.run_now("assess", database, settings)
    jobs.run_now("read-corpus", database, settings)
    return made


def _topics(session: Session) -> list[dict[str, object]]:
    session.rollback()
    session.expire_all()
    run = session.exec(select(CorpusRun).order_by(CorpusRun.id.desc())).first()  # type: ignore[union-attr]
    assert run is not None
    topics: list[dict[str, object]] = run.result["topics"]
    tags = {tag.comment_id: tag.topic for tag in session.exec(select(CorpusTag))}
    for topic in topics:
        held = {int(one) for one in topic["comment_ids"]}  # type: ignore[attr-defined]
        assert {key for key, tag in tags.items() if tag == topic["id"]} == held
        assert topic["count"] == len(held)
    session.rollback()
    return topics


def _open(sign_in: SignIn, made: Consultation) -> tuple[Browser, str]:
    return sign_in("lixiao", PASSWORD), f"/desk/consultations/{made.slug}/topics/topic"


def _more(session: Session, made: Consultation, database: Database, settings: Settings) -> None:
    """A few more comments come in and everything is read together again."""
    session.rollback()
    for text in ("小区路灯又坏了，晚上看不见路。", "公交车等不到，班次太少。"):
        make_comment(session, made, text)
    session.commit()
    jobs.run_now("assess", database, settings)
    jobs.run_now("read-corpus", database, settings)


def test_choices_survive_the_next_reading_and_can_be_undone(
    consultation: Consultation, session: Session, sign_in: SignIn, database: Database,
    settings: Settings,
) -> None:  # fmt: skip
    found = _topics(session)
    assert len(found) >= 3
    browser, path = _open(sign_in, consultation)
    first, second, last = found[0], found[1], found[-1]
    browser.press(browser.open(f"{path}/{first['id']}").form("/rename").fill(label="晚上走路要亮"))
    browser.press(browser.open(f"{path}/{last['id']}").form("/pin"))
    page = browser.open(path)
    form = page.form("/merge").fill(label="出行与照明")
    form.values["groups"] = [str(first["id"]), str(second["id"])]
    assert "已合并" in browser.press(form).text
    _more(session, consultation, database, settings)
    shown = _topics(session)
    assert shown[0]["pinned"] and shown[0]["label"] == last["label"]
    merged = next(topic for topic in shown if topic["label"] == "出行与照明")
    together = {*first["comment_ids"], *second["comment_ids"]}  # type: ignore[misc]
    assert len(together & set(merged["comment_ids"])) >= 0.9 * len(together)  # type: ignore[call-overload]
    assert sum(merged["sides"].values()) == merged["count"]  # type: ignore[attr-defined]
    queue = browser.open(f"/desk/consultations/{consultation.slug}?q=状态:全部 主题:出行与照明")
    assert f"找到 {merged['count']} 条" in queue.text

    page = browser.open(path)
    undo = page.all("form[action$='/undo']")
    assert len(undo) == 3
    browser.press(page.form(str(undo[0].get("action"))))
    labels = {topic["label"] for topic in _topics(session)}
    assert "出行与照明" not in labels and "晚上走路要亮" in labels
    acts = {e.action for e in session.exec(select(AuditEntry)) if e.action.startswith("group.")}
    assert acts == {"group.rename", "group.pin", "group.merge", "group.undo"}


def test_a_topic_is_split(
    consultation: Consultation, session: Session, sign_in: SignIn, database: Database,
    settings: Settings,
) -> None:  # fmt: skip
    topic = _topics(session)[0]
    members = [str(one) for one in topic["comment_ids"]][:2]  # type: ignore[attr-defined]
    browser, path = _open(sign_in, consultation)
    form = browser.open(f"{path}/{topic['id']}").form("/split").fill(label="另一件事")
    form.values["comments"] = members
    browser.press(form)
    _more(session, consultation, database, settings)
    own = next(one for one in _topics(session) if one["label"] == "另一件事")
    assert own["comment_ids"] == members
    assert own["quotes"] and own["sides"]


def test_what_cannot_be_done_is_said_and_nothing_typed_is_lost(
    consultation: Consultation, session: Session, sign_in: SignIn
) -> None:
    topic = _topics(session)[0]
    browser, path = _open(sign_in, consultation)
    form = browser.open(f"{path}/{topic['id']}").form("/rename").fill(label="长" * 60)
    page = browser.press(form, status=422)
    assert "2 到 40 个字" in page.text and "长" * 60 in page.html
    form = browser.open(path).form("/merge").fill(label="只选一个")
    form.values["groups"] = [str(topic["id"])]
    page = browser.press(form, status=422)
    assert "至少勾选两个" in page.text and "只选一个" in page.html
    form = browser.open(f"{path}/{topic['id']}").form("/split").fill(label="没有勾选")
    assert "请勾选" in browser.press(form, status=422).text
    browser.open(path.replace("/topic", "/nonsense", 1) + "x", status=404)
    assert session.exec(select(GroupChoice)).all() == []


def test_a_topic_that_has_gone_meanwhile_is_a_conflict(
    consultation: Consultation, session: Session, sign_in: SignIn
) -> None:
    topic = _topics(session)[0]
    browser, path = _open(sign_in, consultation)
    form = browser.open(f"{path}/{topic['id']}").form("/rename").fill(label="新的名称")
    form.action = form.action.replace(str(topic["id"]), "t-0000000000")
    assert "请刷新" in browser.press(form, status=409).text


def test_who_may_not_merge_may_look(
    consultation: Consultation, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in("clerk", PASSWORD)
    path = f"/desk/consultations/{consultation.slug}/topics/topic"
    assert not browser.open(path).all("main form")
    token = browser.open(path).all("form input[name=csrf_token]")[0].get("value")
    topic = _topics(session)[0]["id"]
    answer = browser.post(f"{path}/{topic}/pin", data={"csrf_token": token})
    assert answer.status_code == 403
    assert grouping.in_force(session, consultation.id or 0, "topic") == []
