"""How long the desk's pages take at 50,000 comments: `python -m tests.bench.desk [DATABASE_URL]`.

Prints one line per page: median and 95th percentile in milliseconds, application and database
together, templates included, and the work of this process alone (on SQLite that is all of it).
The database given is filled; use an empty one.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from httpx2 import Response
from sqlmodel import Session

from backend import jobs, worker
from backend.app import create_app
from backend.kit import migrations
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.models import Assessment, AssessmentLink, Comment, CorpusTag, Submission
from tests.features.office import MONDAY, PASSWORD, Office, found
from tests.page import Browser, Form

COMMENTS = 50_000
ROUNDS = 15
WORDS = ("公交", "站台", "停车", "绿地", "老人", "学校", "噪声", "路灯", "书房", "菜场", "河岸")
SEARCHES = {
    "queue": "",
    "words": "公交 -重复",
    "phrase": '"站台 停车"',
    "grammar": "状态:待处理 章节:2.1 标签:社区巴士 渠道:邮件 提交>2026-11-01 -重复 公交",
    "item": "条目:i2 意图:反映问题",
    "overdue": "逾期",
}


def fill(session: Session, office: Office) -> None:
    """Fifty thousand comments with readings, links and clusters, in bulk."""
    dice = random.Random(1)
    run = office.read_together()
    one = office.receive("公交")
    assessment = office.read(one, "t1")
    session.commit()
    base = {column.name: getattr(one, column.name) for column in Comment.__table__.columns}  # type: ignore[attr-defined]
    sending = session.get_one(Submission, one.submission_id)
    envelope = {c.name: getattr(sending, c.name) for c in Submission.__table__.columns}  # type: ignore[attr-defined]
    reading = {c.name: getattr(assessment, c.name) for c in Assessment.__table__.columns}  # type: ignore[attr-defined]
    for start in range(2, COMMENTS + 2, 5000):
        rows: dict[type, list[dict[str, object]]] = {
            Submission: [], Comment: [], Assessment: [], AssessmentLink: [], CorpusTag: [],
        }  # fmt: skip
        for key in range(start, start + 5000):
            moment = MONDAY - timedelta(minutes=dice.randrange(40_000))
            words = " ".join(dice.choice(WORDS) for _ in range(60))
            rows[Submission].append(
                envelope
                | {
                    "id": key, "receipt_code": f"R{key:08}", "receipt_token": f"t{key}",
                    "idempotency_key": f"k{key}", "received_at": moment,
                    "channel": dice.choice(["web", "email", "letter"]), "street": f"街道{key % 14}",
                }
            )  # fmt: skip
            rows[Comment].append(
                base
                | {
                    "id": key, "submission_id": key, "text": words, "masked_text": words,
                    "received_at": moment, "support_count": dice.randrange(30),
                    "anchor_section_key": f"s{1 + key % 4}",
                }
            )  # fmt: skip
            rows[Assessment].append(
                reading
                | {
                    "id": key, "comment_id": key, "link_confidence": dice.random(),
                    "intent": dice.choice(["proposes", "complains", "asks"]),
                    "evidence": {
                        "places": [{"text": dice.choice(WORDS), "kind": "road", "field": "text",
                                    "start": 0, "end": 2}],
                    },
                }
            )  # fmt: skip
            rows[AssessmentLink].append(
                {
                    "assessment_id": key, "comment_id": key, "rank": 1, "item_kind": "task",
                    "item_key": dice.choice(["t1", "t2", "i1", "i2"]), "score": 0.7, "evidence": [],
                }
            )  # fmt: skip
            rows[CorpusTag].append(
                {
                    "comment_id": key, "corpus_run_id": run.id, "topic": "topic1",
                    "issue": f"issue{key % 300}",
                    "cluster": f"c{key % 900}" if key % 5 == 0 else None,
                }
            )  # fmt: skip
        for table, values in rows.items():
            session.connection().execute(sa.insert(table), values)
        session.commit()


def main() -> None:
    url = sys.argv[1] if len(sys.argv) > 1 else None
    folder = Path(tempfile.mkdtemp())
    settings = Settings(
        data_dir=folder, database_url=url, secret_key="s" * 40, allow_plain_http=True
    )
    engine = make_engine(settings)
    migrations.upgrade(engine)
    with Session(engine) as session:
        office = found(session, settings)
        office.hire("shen")
        session.commit()
        fill(session, office)
        path = office.path
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))
    worker.register_jobs()
    watch = Watch()
    watch.time(lambda: jobs.run_now("count-figures", Database(engine), settings))
    watch.say("count figures")
    app = create_app(settings, clock=lambda: MONDAY + timedelta(days=2))
    with Browser(app) as browser:
        form = browser.open("/sign-in").form("/sign-in")
        browser.press(form.fill(username="shen", password=PASSWORD))
        for name, line in SEARCHES.items():
            report(name, browser, path, {"q": line})
        for sort in ("due", "influence", "doubt"):
            report(f"sort {sort}", browser, path, {"sort": sort})
        report("dashboard", browser, f"{path}/dashboard", {})
        report("public figures", browser, path.replace("/desk", "") + "/figures", {})
        report("page 900", browser, path, {"page": "900"})
        report("comment", browser, f"{path}/comments/777", {})
        decide(browser, path)


T = TypeVar("T")


class Watch:
    """Milliseconds by the clock and of this process's own work, of one call after another."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.work: list[float] = []

    def time(self, call: Callable[[], T]) -> T:
        begin, worked = time.perf_counter(), time.process_time()
        answer = call()
        self.clock.append(1000 * (time.perf_counter() - begin))
        self.work.append(1000 * (time.process_time() - worked))
        return answer

    def say(self, name: str) -> None:
        """On a machine that does other things too, the work is what can be compared."""
        print(
            f"{name:<16} median {statistics.median(self.clock):6.0f} ms"
            f"   p95 {p95(self.clock):6.0f} ms   work p95 {p95(self.work):6.0f} ms",
            flush=True,
        )


def p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def report(name: str, browser: Browser, path: str, params: dict[str, str]) -> None:
    watch = Watch()
    for _ in range(ROUNDS):
        answer = watch.time(lambda: browser.get(path, params=params))
        assert answer.status_code == 200
    watch.say(name)


def decide(browser: Browser, path: str) -> None:
    watch = Watch()
    for key in range(1000, 1000 + ROUNDS):
        form = browser.open(f"{path}/comments/{key}").form("/decide")
        form.fill(outcome="noted", reason="留存研究。")
        answer = watch.time(partial(_send, browser, form))
        assert answer.status_code == 303
    watch.say("decide")


def _send(browser: Browser, form: Form) -> Response:
    return browser.post(form.action, data=form.values, follow_redirects=False)


if __name__ == "__main__":
    main()
