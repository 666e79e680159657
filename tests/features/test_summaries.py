"""Summaries at the desk: masked, proved, linked; a service may phrase them and is not believed."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from analysis.contracts import CommentText
from backend import jobs
from backend.assessments import phrasing
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Comment, Consultation, KeptSummary, Submission
from tests.factories import (
    PASSWORD,
    make_comment,
    make_consultation,
    make_officer,
    make_organisation,
)
from tests.features.conftest import SignIn

PHONE = "13812345678"
TEXTS = (
    f"老房子没有电梯，母亲八十岁下不了楼，希望尽快加装，电话{PHONE}。",
    "加装电梯费用分摊不公平，一楼也要出钱，请给个办法。",
    "支持既有多层住宅加装电梯，我们楼已经等了三年。",
    "小区停车太难，建议错时共享停车泊位。",
    "停车泊位不够，晚上回来没有地方停。",
    "新建社区食堂很好，老人吃饭方便，价格要便宜。",
)


@pytest.fixture
def consultation(session: Session, database: Database, settings: Settings) -> Consultation:
    organisation = make_organisation(session)
    make_officer(session, organisation)
    made = make_consultation(session, organisation)
    for text in TEXTS:
        comment = make_comment(session, made, text)
        sending = session.get_one(Submission, comment.submission_id)
        sending.street = "云桥街道"
        session.add(sending)
    session.commit()
    jobs.run_now("assess", database, settings)
    return made


def _kept(session: Session) -> dict[str, KeptSummary]:
    session.rollback()
    session.expire_all()
    return {row.subject: row for row in session.exec(select(KeptSummary))}


def test_every_selection_has_a_summary_of_masked_words_that_lead_to_their_comments(
    consultation: Consultation, session: Session, database: Database, settings: Settings,
    sign_in: SignIn,
) -> None:  # fmt: skip
    jobs.run_now("summarise", database, settings)
    kept = _kept(session)
    kinds = {subject.split(":")[0] for subject in kept}
    assert kinds == {"whole", "section", "item", "street", "week"}
    masked = {str(c.id): c.masked_text or "" for c in session.exec(select(Comment))}
    for row in kept.values():
        assert row.sentences and PHONE not in json.dumps(row.sentences)
        for sentence in row.sentences:
            for quote in sentence["quotes"]:
                assert masked[quote["id"]][quote["start"] : quote["end"]] == quote["text"]
    browser = sign_in("lixiao", PASSWORD)
    desk = f"/desk/consultations/{consultation.slug}"
    for path in ("dashboard", "about/t1", "about/s1", "about/street:云桥街道",
                 next(f"about/{s}" for s in kept if s.startswith("week"))):  # fmt: skip
        page = browser.open(f"{desk}/{path}")
        links = page.all(".zx-summary blockquote a")
        assert links, path
        assert browser.open(str(links[0].get("href"))).status == 200
    browser.open(f"{desk}/about/nothing", status=404)
    browser.open(f"{desk}/about/week:heute", status=404)


def test_summaries_are_written_again_only_when_something_changed(
    consultation: Consultation, session: Session, database: Database, settings: Settings
) -> None:
    jobs.run_now("summarise", database, settings)
    first = {subject: row.created_at for subject, row in _kept(session).items()}
    jobs.run_now("summarise", database, settings)
    assert {subject: row.created_at for subject, row in _kept(session).items()} == first
    make_comment(session, consultation, "社区食堂太远，老人走不动。")
    session.commit()
    jobs.run_now("assess", database, settings)
    jobs.run_now("summarise", database, settings)
    again = _kept(session)
    assert again["whole"].created_at > first["whole"]
    assert again["street:云桥街道"].created_at == first["street:云桥街道"]


def test_a_withdrawn_comment_is_quoted_no_more_at_once(
    consultation: Consultation, session: Session, database: Database, settings: Settings,
    sign_in: SignIn,
) -> None:  # fmt: skip
    jobs.run_now("summarise", database, settings)
    quoted = int(_kept(session)["whole"].sentences[1]["quotes"][0]["id"])
    comment = session.get_one(Comment, quoted)
    sending = session.get_one(Submission, comment.submission_id)
    sending.withdrawn_at = utc_now()
    session.add(sending)
    session.commit()
    page = sign_in("lixiao", PASSWORD).open(f"/desk/consultations/{consultation.slug}/dashboard")
    assert not page.all(f".zx-summary blockquote a[href$='/comments/{quoted}']")


# --- A service that phrases ----------------------------------------------------------------------


class Service:
    """A small OpenAI-compatible service that says what a test tells it to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[list[dict[str, str]]], Any] = lambda _: {"sentences": []}
        self.status, self.wait, self.location = 200, 0.0, ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                outer.asked.append(
                    {"path": self.path, "auth": self.headers["Authorization"]} | body
                )
                time.sleep(outer.wait)
                comments = json.loads(body["messages"][1]["content"])["comments"]
                said = outer.answer(comments)
                content = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
                raw = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def _with(settings: Settings, service: Service) -> Settings:
    return settings.model_copy(
        update={
            "summary_service_url": service.url,
            "summary_service_model": "本地模型",
            "summary_service_seconds": 1,
        }
    )


def _true(comments: list[dict[str, str]]) -> dict[str, Any]:
    one = comments[0]
    quote = {"id": one["id"], "text": one["text"][:8]}
    return {"sentences": [{"text": "居民盼着早些改善。", "ids": [one["id"]], "quotes": [quote]}]}


def test_words_that_are_proved_are_used_and_only_masked_text_leaves(
    consultation: Consultation, session: Session, database: Database, settings: Settings,
    service: Service, sign_in: SignIn,
) -> None:  # fmt: skip
    service.answer = lambda comments: "```json\n" + json.dumps(_true(comments)) + "\n```"
    jobs.run_now("summarise", database, _with(settings, service))
    row = _kept(session)["whole"]
    assert row.phrased_by == "本地模型"
    assert [s["text"] for s in row.sentences][1:] == ["居民盼着早些改善。"]
    assert "共6条" in row.sentences[0]["text"], "the counts are ours"
    sent = json.dumps(service.asked, ensure_ascii=False)
    assert PHONE not in sent and "云桥街道" in sent
    assert service.asked[0]["path"] == "/v1/chat/completions"
    page = sign_in("lixiao", PASSWORD).open(f"/desk/consultations/{consultation.slug}/dashboard")
    assert "本地模型" in page.text


def _lie(change: Callable[[dict[str, Any]], None]) -> Callable[[list[dict[str, str]]], Any]:
    def answer(comments: list[dict[str, str]]) -> Any:
        said = _true(comments)
        change(said["sentences"][0])
        return said

    return answer


LIES: dict[str, Callable[[list[dict[str, str]]], Any]] = {
    "no ids": _lie(lambda s: s.update(ids=[])),
    "an id it was not given": _lie(lambda s: s["ids"].append("999999")),
    "no quote": _lie(lambda s: s.update(quotes=[])),
    "a quote nobody wrote": _lie(lambda s: s["quotes"][0].update(text="必须立即罢免局长")),
    "quotation marks around its own words": _lie(lambda s: s.update(text="居民说“必须罢免”。")),
    "a wrong count": _lie(lambda s: s.update(text="有900条意见这样说。")),
    "a share": _lie(lambda s: s.update(text="占80%的居民这样说。")),
    "a majority": _lie(lambda s: s.update(text="多数居民这样说。")),
    "no sentences": lambda _: {"sentences": []},
    "not JSON": lambda _: "好的，以下是摘要：居民很满意。",
    "another form": lambda _: ["居民很满意。"],
    "too long": _lie(lambda s: s.update(text="好" * 1000)),
    "a flood": lambda _: "[" * 1_200_000,
}


COMMENTS = [
    CommentText(str(n), text)
    for n, text in enumerate(("楼里没有电梯。", "停车泊位不够。"), start=1)
]


@pytest.mark.parametrize("name", LIES)
def test_words_that_cannot_be_proved_are_refused(
    name: str, tmp_path: Path, service: Service
) -> None:
    service.answer = LIES[name]
    with pytest.raises(phrasing.NotPhrased):
        phrasing.phrase(_with(Settings(data_dir=tmp_path), service), "电梯", COMMENTS)
    assert service.asked


def test_what_is_refused_leaves_the_summary_by_extraction(
    consultation: Consultation, session: Session, database: Database, settings: Settings,
    service: Service,
) -> None:  # fmt: skip
    service.answer = LIES["a quote nobody wrote"]
    jobs.run_now("summarise", database, _with(settings, service))
    kept = _kept(session)
    assert service.asked and kept
    assert all(row.phrased_by == "" and row.sentences for row in kept.values())


@pytest.mark.parametrize("trouble", ["error", "slow", "elsewhere", "gone"])
def test_a_service_in_trouble_is_given_up(trouble: str, tmp_path: Path, service: Service) -> None:
    service.answer = _true
    other = Service()
    if trouble == "error":
        service.status = 500
    elif trouble == "slow":
        service.wait = 1.5
    elif trouble == "elsewhere":
        service.status, service.location = 307, other.url + "/chat/completions"
    else:
        service.server.shutdown()
        service.server.server_close()
    begin = time.monotonic()
    with pytest.raises(phrasing.NotPhrased):
        phrasing.phrase(_with(Settings(data_dir=tmp_path), service), "电梯", COMMENTS)
    assert time.monotonic() - begin < 10
    assert other.asked == [], "redirects are not followed"
    other.server.shutdown()
    other.server.server_close()


def test_only_web_addresses_are_asked(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, summary_service_url=f"file://{tmp_path}")
    with pytest.raises(phrasing.NotPhrased, match="neither http nor https"):
        phrasing.phrase(settings, "电梯", COMMENTS)
