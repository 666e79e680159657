"""开放数据: the JSON interface and the bundle hold what is public, and nothing that is not."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from backend.models import AnchorKind, Comment, Consultation, Screening, Stage
from tests.factories import make_comment
from tests.features.publishing import publish
from tests.page import Browser

SECRET = "13800138000"


@pytest.fixture
def consultation(session: Session) -> Consultation:
    """Published opinions, and beside them everything that must stay inside."""
    made = publish(session, publishes_comments=True)
    for number in range(7):
        said(session, made, f"公开的第{number}条", Screening.PUBLISHED)
    said(session, made, "等待审核的", Screening.PENDING)
    said(session, made, "不公开的", Screening.WITHHELD)
    session.commit()
    return made


def said(session: Session, made: Consultation, words: str, screening: Screening) -> Comment:
    comment = make_comment(session, made, f"{words}，电话{SECRET}")
    comment.masked_text = f"{words}，电话［电话］"
    comment.screening = screening
    comment.anchor_kind, comment.anchor_key = AnchorKind.PLAN, None
    session.add(comment)
    session.flush()
    return comment


def _json(client: Browser, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def test_the_list_leads_to_everything(client: Browser, consultation: Consultation) -> None:
    [row] = _json(client, "/api/consultations")
    assert row["title"] == consultation.title and row["comment_count"] == 9
    assert row == _json(client, f"/api/consultations/{consultation.slug}")
    assert row["outcome"] is None
    assert client.get(row["page"]).status_code == 200
    plan = _json(client, row["plan"])
    assert [section["key"] for section in plan["sections"]][:1] == ["s1"]
    assert any(section["passages"] for section in plan["sections"])


def test_published_opinions_page_by_page(client: Browser, consultation: Consultation) -> None:
    address: str | None = f"/api/consultations/{consultation.slug}/comments?limit=3"
    texts = []
    while address is not None:
        page = _json(client, address)
        texts += [comment["text"] for comment in page["comments"]]
        address = page["next"]
    assert texts == [f"公开的第{number}条，电话［电话］" for number in range(7)]


def test_decisions_appear_with_the_outcome_only(
    client: Browser, consultation: Consultation
) -> None:
    page = _json(client, f"/api/consultations/{consultation.slug}/comments")
    assert {comment["outcome"] for comment in page["comments"]} == {None}
    answer = _json(client, f"/api/consultations/{consultation.slug}/outcome", 404)
    assert "还没有公布" in answer["error"]


def test_unpublished_opinions_stay_inside(
    client: Browser, session: Session, consultation: Consultation
) -> None:
    consultation.publishes_comments = False
    session.add(consultation)
    session.commit()
    assert _json(client, f"/api/consultations/{consultation.slug}/comments")["comments"] == []
    assert _json(client, "/api/consultations")[0]["comments"] is None
    assert "公开的第" not in _bundle(client, consultation)["comments.csv"]


def test_a_draft_is_not_there(
    client: Browser, session: Session, consultation: Consultation
) -> None:
    consultation.stage = Stage.DRAFT
    session.add(consultation)
    session.commit()
    assert _json(client, "/api/consultations") == []
    for path in ("", "/plan", "/comments", "/outcome"):
        _json(client, f"/api/consultations/{consultation.slug}{path}", 404)


def _bundle(client: Browser, consultation: Consultation) -> dict[str, str]:
    response = client.get(f"/consultations/{consultation.slug}/open-data.zip")
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def test_the_bundle_says_what_every_column_is(client: Browser, consultation: Consultation) -> None:
    files = _bundle(client, consultation)
    rows = list(csv.DictReader(io.StringIO(files["comments.csv"])))
    assert [row["text"][:5] for row in rows] == ["公开的第" + str(n) for n in range(7)]
    for name, text in files.items():
        if name.endswith(".csv"):
            for column in next(csv.reader(io.StringIO(text))):
                assert f"- `{column}`：" in files["README.md"], (name, column)
    assert json.loads(files["consultation.json"])["slug"] == consultation.slug
    assert json.loads(files["plan.json"]) == _json(
        client, f"/api/consultations/{consultation.slug}/plan"
    )


def test_no_cell_is_a_formula(
    client: Browser, session: Session, consultation: Consultation
) -> None:
    comment = said(session, consultation, "x", Screening.PUBLISHED)
    comment.masked_text = '=HYPERLINK("http://evil.example","x")'
    session.add(comment)
    session.commit()
    assert ",'=HYPERLINK" in _bundle(client, consultation)["comments.csv"].replace('"', "", 1)


def test_nothing_personal_leaves(client: Browser, consultation: Consultation) -> None:
    everything = "".join(_bundle(client, consultation).values())
    for path in ("", "/plan", "/comments"):
        everything += json.dumps(_json(client, f"/api/consultations/{consultation.slug}{path}"))
    for word in (SECRET, "等待审核的", "不公开的", "receipt", "look_up", "token"):
        assert word not in everything, word


def test_other_sites_may_read_it(client: Browser, consultation: Consultation) -> None:
    response = client.get("/api/consultations")
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "public, max-age=60"
    private = client.get("/receipts")
    assert "access-control-allow-origin" not in private.headers


def test_the_description_covers_the_interface(client: Browser, app: FastAPI) -> None:
    described = _json(client, "/api/openapi.json")
    paths = set(described["paths"])
    assert paths == {
        "/api/consultations",
        "/api/consultations/{slug}",
        "/api/consultations/{slug}/plan",
        "/api/consultations/{slug}/comments",
        "/api/consultations/{slug}/outcome",
        "/consultations/{slug}/open-data.zip",
    }
    for path in paths:
        assert described["paths"][path]["get"]["summary"]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "after=-1", "after=x", "version=0"])
def test_what_is_asked_wrongly_is_told_as_json(
    client: Browser, consultation: Consultation, query: str
) -> None:
    path = "plan" if query.startswith("version") else "comments"
    answer = _json(client, f"/api/consultations/{consultation.slug}/{path}?{query}", 422)
    assert answer["error"]


def test_search_engines_are_told_what_it_is(
    client: Browser, session: Session, consultation: Consultation
) -> None:
    consultation.title = "</script><script>alert(1)</script>规划"
    session.add(consultation)
    session.commit()
    page = client.open(f"/consultations/{consultation.slug}")
    [block] = page.all('script[type="application/ld+json"]')
    facts = json.loads(str(block.text_content()))
    assert facts["name"] == consultation.title
    assert facts["provider"]["@type"] == "GovernmentOrganization"
    start = facts["hoursAvailable"]["validFrom"]
    assert consultation.opens_at is not None and start == consultation.opens_at.isoformat()
    assert consultation.closes_at is not None
    assert consultation.closes_at - consultation.opens_at > timedelta(days=1)
