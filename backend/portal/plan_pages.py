"""The plan as the public reads it: sections, paragraphs, indicators, tasks, and searching in it."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from backend.kit.pagination import Page
from backend.plans import queries as plans
from backend.plans import searching
from backend.portal import items, reading, rules
from backend.portal.opened import OpenedConsultation, find, frame, keep_page
from backend.web.access import public
from backend.web.deps import Now, ReadSession
from backend.web.pages import redirect, render

router = APIRouter(
    prefix="/consultations/{slug}", dependencies=[Depends(public)], include_in_schema=False
)
FOUND_PER_PAGE = 20
MOST_QUERY = 100


@router.get("/sections/{key}")
def show_section(
    request: Request, key: str, session: ReadSession, opened: OpenedConsultation, now: Now
) -> Response:
    """A section and what is below it, with the margin."""
    here, section = find(session, opened, key, plans.section)
    inside = reading.subtree(here.sections, key)
    above = rules.ancestors(here.sections, section)
    before, after = rules.neighbours(here.sections, section)
    context = frame(here, now, is_gone=here is not opened) | {
        "section": section,
        "texts": reading.texts(
            session,
            here.version_id,
            inside,
            shows_comments=here.consultation.publishes_comments,
            newest_id=here.newest.id if here.is_earlier and here.newest else None,
        ),
        "outline": reading.outline(here.sections),
        "above": above,
        "open_key": above[0].key if above else section.key,
        "before": before,
        "after": after,
    }
    keep_page(request, opened, now)
    return render(request, "portal/section.html", context)


@router.get("/passages/{key}")
def show_passage(key: str, session: ReadSession, opened: OpenedConsultation) -> Response:
    """The stable address of a paragraph: it leads to its place in the section it stands in now."""
    here, passage = find(session, opened, key, plans.passage)
    earlier = f"?version={here.version.number}" if here.version and here.is_earlier else ""
    base = f"/consultations/{here.consultation.slug}"
    return redirect(f"{base}/sections/{passage.section_key}{earlier}#{key}")


@router.get("/indicators")
def show_indicators(
    request: Request,
    session: ReadSession,
    opened: OpenedConsultation,
    now: Now,
    sort: Annotated[items.Order, Query()] = items.Order.PLAN,
) -> Response:
    """The plan's table of indicators; the targets in its running text below, by chapter."""
    rows = items.indicator_rows(plans.indicators(session, opened.version_id), opened.voices)
    tabled = [row for row in rows if row.item.source == "table"]
    context = frame(opened, now) | {
        "tabled": items.ordered(tabled, sort),
        "chapters": items.by_chapter(
            opened.sections, [row for row in rows if row.item.source != "table"], sort
        ),
        "sort": sort,
    }
    keep_page(request, opened, now)
    return render(request, "portal/indicators.html", context)


@router.get("/indicators/{key}")
def show_indicator(
    request: Request, key: str, session: ReadSession, opened: OpenedConsultation, now: Now
) -> Response:
    """One indicator: how much, by when, how far it is, where it is written, what people say."""
    here, indicator = find(session, opened, key, plans.indicator)
    context = frame(here, now, is_gone=here is not opened) | {
        "item": indicator,
        "share": rules.reached(indicator),
        "place": items.place_of(session, here, indicator),
    }
    keep_page(request, opened, now)
    return render(request, "portal/indicator.html", context)


@router.get("/tasks")
def show_tasks(
    request: Request, session: ReadSession, opened: OpenedConsultation, now: Now
) -> Response:
    """Every task under its chapter and section; the items of a box together."""
    version_id = opened.version_id
    groups = reading.tasks_by_section(
        opened.sections, plans.tasks(session, version_id), plans.boxes(session, version_id)
    )
    context = frame(opened, now) | {"groups": groups, "chapters": items.chapters_of(groups)}
    keep_page(request, opened, now)
    return render(request, "portal/tasks.html", context)


@router.get("/tasks/{key}")
def show_task(
    request: Request, key: str, session: ReadSession, opened: OpenedConsultation, now: Now
) -> Response:
    """One task: the sentence that sets it, its box, what people say."""
    here, task = find(session, opened, key, plans.task)
    context = frame(here, now, is_gone=here is not opened) | {
        "item": task,
        "place": items.place_of(session, here, task),
        "box": items.box_of(session, here, task),
    }
    keep_page(request, opened, now)
    return render(request, "portal/task.html", context)


@router.get("/search")
def search_plan(
    request: Request,
    session: ReadSession,
    opened: OpenedConsultation,
    now: Now,
    q: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """Words and phrases in the plan: headings, indicators, tasks, and the text page by page."""
    query = searching.understood(q[:MOST_QUERY])
    found = searching.search(session, opened.version_id, opened.sections, query)
    begin = (number - 1) * FOUND_PER_PAGE
    shown = found.passages[begin : begin + FOUND_PER_PAGE]
    address = {"q": q[:MOST_QUERY]}
    if opened.version is not None and opened.is_earlier:
        address["version"] = str(opened.version.number)
    context = frame(opened, now) | {
        "q": q[:MOST_QUERY],
        "query": query,
        "found": found,
        "passages": Page(shown, number, FOUND_PER_PAGE, len(found.passages)),
        "pieces": searching.pieces,
        "paths": {section.key: section.path for section in opened.sections},
        "address": urlencode(address),
    }
    return render(request, "portal/search.html", context)
