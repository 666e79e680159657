"""The report page, shown by every address that checks or publishes something on it."""

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from backend.digests import queries, reporting, telling
from backend.digests.adoption import Letter
from backend.digests.routes.shared import home
from backend.digests.rules import ranges
from backend.digests.service import DigestRefused
from backend.digests.stationery import usual_letter
from backend.models import Consultation, DigestKind
from backend.web.deps import Now
from backend.web.pages import render


def report_page(
    request: Request,
    here: Consultation,
    session: Session,
    now: Now,
    *,
    error: DigestRefused | None = None,
    letter: Letter | None = None,
    narrative: str | None = None,
    status: int = 200,
) -> Response:
    content = reporting.compile_adoption(session, here, now=now)
    outcome = reporting.outcome_notice(session, here)
    if narrative is None:
        narrative = outcome.narrative if outcome else reporting.standard_narrative(content)
    context = {
        "consultation": here,
        "home": home(here),
        "content": content,
        "ratings": reporting.answer_ratings(session, here),
        "ranges": ranges,
        "final": queries.latest(session, here, DigestKind.ADOPTION_REPORT),
        "outcome": outcome,
        "told": telling.told_of(session, here, now=now) if outcome else None,
        "narrative": narrative,
        "letter": letter or usual_letter(session, here.organisation_id),
        "problems": error.problems if error else [],
    }
    return render(request, "digests/report.html", context, status=status)
