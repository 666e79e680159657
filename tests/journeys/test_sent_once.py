"""Double clicks, resends, flaky networks: a form sent many times at once is one submission."""

from concurrent.futures import ThreadPoolExecutor

import httpx2 as httpx
import lxml.html
import pytest
from sqlmodel import func, select

from backend.models import Comment, Draft, Submission
from tests.features.publishing import publish
from tests.journeys.conftest import Site

AT_ONCE = 50


def _all_at_once(client: httpx.Client, path: str, data: dict[str, str]) -> set[str]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: client.post(path, data=data), range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {303}
    return {answer.headers["location"] for answer in answers}


@pytest.mark.parametrize("text", ["五十次点击，一件意见"])
def test_fifty_parallel_posts_give_one_receipt(site: Site, text: str) -> None:
    with site.open_session() as session:
        publish(session)
    with httpx.Client(base_url=site.url, timeout=60) as client:
        page = lxml.html.fromstring(client.get("/consultations/qinglan/comment").text)
        form = page.cssselect("main form")[0]
        fields = {k: v for k, v in form.form_values() if k != "files"} | {"text": text}
        (draft,) = _all_at_once(client, form.get("action"), fields)
        (receipt,) = _all_at_once(client, f"{draft}/send", {})
        assert text in client.get(receipt).text
    with site.open_session() as session:
        for table, rows in ((Submission, 1), (Comment, 1), (Draft, 0)):
            assert session.exec(select(func.count()).select_from(table)).one() == rows
