"""The public pages: what is open, the notice, the plan with its margin, the outcome."""

from typing import Annotated
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from backend.consultations import queries as consultation_queries
from backend.consultations import rules as consultation_rules
from backend.kit.pagination import Page
from backend.plans import queries as plans
from backend.plans.comparing import compare_words
from backend.portal import outcomes, queries, reading
from backend.portal.opened import OpenedConsultation, frame, keep_page
from backend.submissions.paper import form_code
from backend.submissions.queries import anchor
from backend.web.access import public
from backend.web.deps import AppSettings, Now, ReadSession
from backend.web.errors import NotFound
from backend.web.labels import label
from backend.web.pages import render
from backend.web.remembered import keep

router = APIRouter(dependencies=[Depends(public)], include_in_schema=False)
PAGE_SIZE = 50
PageNumber = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@router.get("/")
def home(
    request: Request,
    session: ReadSession,
    now: Now,
    stage: Annotated[str, Query(max_length=32)] = "",
    place: Annotated[str, Query(max_length=50)] = "",
    subject: Annotated[str, Query(max_length=50)] = "",
) -> Response:
    """Open, coming and closed consultations, by place and subject."""
    rows = queries.summaries(session, now)
    chosen = [
        row
        for row in rows
        if place in ("", row.consultation.place) and subject in ("", row.consultation.subject)
    ]
    context = {
        "groups": queries.grouped(chosen),
        "stage": stage,
        "place_chips": _chips("place", "全部地区", {r.consultation.place for r in rows}, place),
        "subject_chips": _chips(
            "subject", "全部主题", {r.consultation.subject for r in rows}, subject
        ),
    }
    keep(
        request, now, (m for r in rows for m in (r.consultation.opens_at, r.consultation.closes_at))
    )
    return render(request, "portal/home.html", context)


def _chips(
    name: str, everything: str, values: set[str], chosen: str
) -> list[tuple[str, str, bool]]:
    """Text, address and whether it is chosen, for each value there is."""
    chips = [(everything, "/", chosen == "")]
    chips += [(v, f"/?{urlencode({name: v})}", v == chosen) for v in sorted(values - {""})]
    return chips


@router.get("/consultations/{slug}")
def show_consultation(
    request: Request, session: ReadSession, opened: OpenedConsultation, now: Now
) -> Response:
    """The notice, the ways to take part, the outline."""
    consultation = opened.consultation
    assert consultation.id is not None
    context = frame(opened, now) | {
        "outline": reading.outline(opened.sections),
        "organisation": queries.organisation_name(session, consultation),
        "history": consultation_rules.history(
            consultation_queries.notice_history(session, consultation.id)
        ),
        "notice_days": consultation_rules.notice_days(consultation),
        "item_counts": reading.item_counts(session, opened.version),
    }
    keep_page(request, opened, now)
    return render(request, "portal/consultation.html", context)


@router.get("/consultations/{slug}/comments")
def show_comments(
    request: Request,
    session: ReadSession,
    opened: OpenedConsultation,
    now: Now,
    number: PageNumber = 1,
    section: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """The opinions an organisation has chosen to publish, masked and screened."""
    consultation = opened.consultation
    if not consultation.publishes_comments:
        raise NotFound("这次征询不逐条公开意见，采纳情况会在结束后统一公布。")
    assert consultation.id is not None
    inside = [s.key for s in reading.subtree(opened.sections, section)] if section else []
    rows, total = reading.published_comments(
        session, consultation.id, section_keys=inside, page=number, size=PAGE_SIZE
    )
    names = {} if opened.version is None else plans.item_names(session, opened.version_id)
    context = frame(opened, now) | {
        "comments": Page(rows, number, PAGE_SIZE, total),
        "names": names,
        "section_key": section,
    }
    keep_page(request, opened, now)
    return render(request, "portal/comments.html", context)


@router.get("/consultations/{slug}/outcome")
def show_outcome(
    request: Request, session: ReadSession, opened: OpenedConsultation, now: Now
) -> Response:
    """What was decided, and what changed because of it."""
    assert opened.consultation.id is not None
    outcome = outcomes.published(session, opened.consultation.id)
    rows = [] if outcome is None else [(label("outcome", k), n) for k, n in outcome.counts]
    context = frame(opened, now) | {
        "outcome": outcome,
        "outcome_rows": rows,
        "compare_words": compare_words,
    }
    return render(request, "portal/outcome.html", context)


@router.get("/consultations/{slug}/poster")
def show_poster(
    request: Request,
    opened: OpenedConsultation,
    settings: AppSettings,
    now: Now,
    section: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """A large-print sheet with a QR code, for the wall of a 居委会."""
    chosen = next((s for s in opened.sections if s.key == section), None)
    path = f"/consultations/{opened.consultation.slug}"
    if chosen is not None:
        path += f"/sections/{chosen.key}"
    address = settings.base_url.rstrip("/") + path
    code = segno.make(address, error="m").svg_inline(omitsize=True, border=2, svgclass="zx-qr")
    context = frame(opened, now) | {
        "section": chosen,
        "address": address,
        "code": Markup(code),  # noqa: S704  The address holds only a slug and a key.
    }
    return render(request, "portal/poster.html", context)


@router.get("/consultations/{slug}/paper")
def show_paper_form(
    request: Request, opened: OpenedConsultation, session: ReadSession, now: Now
) -> Response:
    """One sheet to fill in by hand, in large print; its code opens the right place for a clerk."""
    about = anchor(session, opened.version, request.query_params.get("about", ""))
    code = form_code(opened.consultation.id or 0, about.key or "")
    context = {"about": about, "code": code}
    return render(request, "portal/paper.html", frame(opened, now) | context)


@router.get("/feed.atom")
def feed(request: Request, session: ReadSession, settings: AppSettings, now: Now) -> Response:
    """New and changed consultations, for feed readers."""
    context = {
        "rows": queries.summaries(session, now),
        "base": settings.base_url.rstrip("/"),
        "now": now,
    }
    answer = render(request, "portal/feed.xml", context)
    answer.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return answer


@router.get("/help")
def show_help(request: Request) -> Response:
    return render(request, "portal/help.html")


@router.get("/privacy")
def show_privacy(request: Request) -> Response:
    return render(request, "portal/privacy.html")


@router.get("/accessibility")
def show_accessibility(request: Request) -> Response:
    return render(request, "portal/accessibility.html")
