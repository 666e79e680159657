"""The brief on screen, by day, and the comments behind each line."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from backend.accounts.access import SignedIn, consultation_here, requires
from backend.accounts.rules import Permission
from backend.briefs import content, queries, rules
from backend.models import Brief, Consultation
from backend.web.deps import Now, ReadSession
from backend.web.errors import NotFound
from backend.web.pages import render

router = APIRouter(include_in_schema=False)
Reader = Annotated[SignedIn, requires(Permission.MAKE_DIGEST)]
Here = Annotated[Consultation, Depends(consultation_here)]
ROOM = "/desk/consultations/{slug}/briefs"
MOST_SHOWN = 500


@router.get(ROOM)
def show_latest(
    request: Request, _officer: Reader, here: Here, session: ReadSession, now: Now
) -> Response:
    brief = queries.latest(session, here.id or 0)
    return _page(request, here, session, brief, now)


@router.get(ROOM + "/{day}")
def show_day(
    request: Request, day: date, _officer: Reader, here: Here, session: ReadSession, now: Now
) -> Response:
    return _page(request, here, session, _brief(session, here, day), now)


@router.get(ROOM + "/{day}/{number}")
def show_line(
    request: Request, day: date, number: int, _officer: Reader, here: Here, session: ReadSession
) -> Response:
    said = content.from_json(_brief(session, here, day).content)
    line = next((row[2] for row in said.numbered() if row[0] == number), None)
    if line is None:
        raise NotFound("这一天的晨报里没有这一条。")
    context = {
        "consultation": here,
        "day": day,
        "line": line,
        "comments": queries.comments(session, line.comment_ids[:MOST_SHOWN]),
        "is_cut": len(line.comment_ids) > MOST_SHOWN,
    }
    return render(request, "briefs/line.html", context)


def _brief(session: ReadSession, here: Consultation, day: date) -> Brief:
    brief = queries.of_day(session, here.id or 0, day)
    if brief is None:
        raise NotFound("这一天没有晨报：晨报每个工作日早上七点半生成。")
    return brief


def _page(
    request: Request, here: Consultation, session: ReadSession, brief: Brief | None, now: Now
) -> Response:
    said = content.from_json(brief.content) if brief else None
    context = {
        "consultation": here,
        "brief": brief,
        "said": said,
        "days": queries.days(session, here.id or 0),
        "is_running": rules.is_running(here, now),
    }
    return render(request, "briefs/brief.html", context)
