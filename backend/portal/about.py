"""All that is said about one thing: a chapter, an indicator, a task, a 街镇, a week."""

from datetime import date, timedelta

from fastapi import APIRouter
from starlette.responses import Response

from backend.assessments import summaries
from backend.portal import figure_queries
from backend.portal.board import Board, Chart
from backend.portal.dashboard import WholeDesk
from backend.portal.figures import Figures
from backend.triage import plan as plans
from backend.triage.desk import QUEUE
from backend.triage.search import Term
from backend.web.errors import NotFound
from backend.web.pages import date_zh, render

router = APIRouter(include_in_schema=False)


@router.get(QUEUE + "/about/{subject}")
def show_subject(desk: WholeDesk, subject: str) -> Response:
    kind, _, value = subject.partition(":")
    with desk.database.reading() as session:
        plan = plans.load(session, desk.consultation_id)
        board = Board(desk.path, plan, {}, {}, {})
        charts: list[Chart] = []
        if kind == "street" and value:
            title, stored = value, subject
            terms: tuple[Term, ...] = (Term("street", value),)
        elif kind == "week" and (monday := _monday(value)) is not None:
            title, stored = f"{date_zh(monday)}这一周", subject
            last = monday + timedelta(days=6)
            terms = (
                Term("received", monday.isoformat(), ">="),
                Term("received", last.isoformat(), "<="),
            )
        elif subject in plan.items:
            item = plan.items[subject]
            word = "section" if item.kind == "section" else "item"
            title, stored = item.title, f"{word}:{subject}"
            terms = (Term(word, subject),)
            counted = figure_queries.current(session, desk.consultation, plan, now=desk.now)
            charts = _charts(board, counted.figures, subject)
        else:
            raise NotFound("规划里没有这一项，也没有这个街镇或这一周。请从看板查找。")
        context = {
            "desk": desk,
            "consultation": desk.consultation,
            "title": title,
            "place": plan.path_of(plan.items[subject].section_key) if charts else "",
            "href": board.href(*terms),
            "charts": charts,
            "summary": summaries.shown(session, desk.consultation_id, stored),
            "fewest": summaries.FEWEST,
        }
        return render(desk.request, "portal/about.html", context)


def _charts(board: Board, figures: Figures, key: str) -> list[Chart]:
    """What people want of it and how they feel, where it was counted."""
    return [chart for chart in (board.one(figures, key, kind) for kind in ("intent", "sentiment"))
            if chart is not None]  # fmt: skip


def _monday(value: str) -> date | None:
    try:
        return summaries.week_of(date.fromisoformat(value))
    except ValueError:
        return None
