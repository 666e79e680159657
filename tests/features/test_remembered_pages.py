"""Public pages are remembered only as long as they are true."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event
from sqlmodel import Session

from backend.app import create_app
from backend.kit.settings import Settings
from backend.models import AnchorKind, Comment, Screening, Submission
from backend.web import remembered
from tests.conftest import Clock
from tests.factories import NOW, make_comment
from tests.features.publishing import publish
from tests.page import Browser

SECTION = "/consultations/qinglan/sections/s1"
WORDS = "食堂请开在地铁站旁边"


def _published(session: Session, text: str = WORDS) -> Comment:
    consultation = publish(session, publishes_comments=True)
    comment = make_comment(
        session,
        consultation,
        text,
        masked_text=text,
        anchor_kind=AnchorKind.PASSAGE,
        anchor_key="p1",
        anchor_section_key="s1",
        screening=Screening.PUBLISHED,
    )
    session.commit()
    return comment


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    """What the application asked the database, but for the stamp itself."""
    seen: list[str] = []

    def see(_c: object, _k: object, statement: str, *_: object) -> None:
        if "pg_current_snapshot" not in statement and not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


def test_a_page_is_made_once(client: Browser, session: Session, statements: list[str]) -> None:
    _published(session)
    first = client.get(SECTION)
    asked = set()
    for _ in range(20):
        statements.clear()
        again = client.get(SECTION)
        asked.add(len(statements))
    # PostgreSQL's stamp also moves with other databases of the same server: sometimes is enough.
    assert 0 in asked
    assert again.text == first.text
    assert WORDS in again.text
    assert again.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in again.headers["Vary"]


def test_who_has_it_already_gets_304(client: Browser, session: Session) -> None:
    comment = _published(session)
    tag = client.get(SECTION).headers["ETag"]
    known = client.get(SECTION, headers={"If-None-Match": tag})
    assert (known.status_code, known.text, known.headers["ETag"]) == (304, "", tag)
    assert "Content-Encoding" not in known.headers
    comment.masked_text = "改过的话"
    session.add(comment)
    session.commit()
    changed = client.get(SECTION, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "改过的话" in changed.text


@pytest.mark.parametrize("how", ["withdrawn", "withheld", "quarantined", "split"])
@pytest.mark.parametrize("path", [SECTION, "/consultations/qinglan/comments"])
def test_what_is_taken_back_is_gone_at_once(
    client: Browser, session: Session, how: str, path: str
) -> None:
    comment = _published(session)
    tag = client.get(path).headers["ETag"]
    assert WORDS in client.get(path).text
    sending = session.get_one(Submission, comment.submission_id)
    if how == "withdrawn":
        sending.withdrawn_at = NOW
    elif how == "quarantined":
        sending.is_quarantined = True
    elif how == "withheld":
        comment.screening = Screening.WITHHELD
    else:
        comment.is_current = False
    session.add_all([comment, sending])
    session.commit()
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert WORDS not in answer.text


def test_another_process_forgets_too(
    client: Browser, session: Session, settings: Settings, clock: Clock
) -> None:
    comment = _published(session)
    other = create_app(settings, clock=clock)
    with Browser(other) as elsewhere:
        assert WORDS in elsewhere.get(SECTION).text
        assert WORDS in client.get(SECTION).text
        comment.screening = Screening.WITHHELD
        session.add(comment)
        session.commit()
        assert WORDS not in elsewhere.get(SECTION).text
        assert WORDS not in client.get(SECTION).text
    other.state.database.engine.dispose()


def test_it_closes_to_the_second(client: Browser, session: Session, clock: Clock) -> None:
    publish(session, closes=timedelta(seconds=clock.now.timestamp() - NOW.timestamp() + 3))
    assert "/comment?about=p1" in client.get(SECTION).text
    clock.advance(seconds=2)
    assert "/comment?about=p1" in client.get(SECTION).text
    clock.advance(seconds=1)
    assert "/comment?about=p1" not in client.get(SECTION).text


def test_every_appearance_is_its_own(client: Browser, session: Session) -> None:
    publish(session)
    normal = client.get(SECTION)
    client.cookies.set("elder", "1")
    elder = client.get(SECTION, headers={"If-None-Match": normal.headers["ETag"]})
    assert elder.status_code == 200
    assert 'class="elder"' in elder.text
    assert 'class="elder"' not in normal.text
    client.cookies.clear()
    plain = client.get(SECTION, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.text == client.get(SECTION).text


def test_pages_with_tickets_are_never_kept(client: Browser, session: Session) -> None:
    publish(session)
    path = "/consultations/qinglan/comment"
    answers = [client.get(path), client.get(path)]
    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store"] * 2
    assert answers[0].text != answers[1].text
    assert "ETag" not in answers[0].headers


def test_a_page_not_found_is_not_kept(client: Browser, session: Session) -> None:
    assert client.get(SECTION).status_code == 404
    publish(session)
    assert client.get(SECTION).status_code == 200


def test_memory_is_bounded(
    app: FastAPI, client: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(session)
    monkeypatch.setattr(remembered, "MOST_BYTES", 20_000)
    for number in range(30):
        assert client.get(f"{SECTION}?seen={number}").status_code == 200
    stack = app.middleware_stack
    while not isinstance(stack, remembered.RememberedPages):
        stack = stack.app  # type: ignore[union-attr]
    assert 0 < sum(len(kept.body) for kept in stack._pages.values()) <= 20_000
