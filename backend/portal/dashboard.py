"""The dashboard (看板): a consultation at a glance for officials; counts alone for the public."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from backend.accounts.rules import Permission
from backend.assessments import summaries
from backend.consultations import queries as consultation_queries
from backend.consultations import rules as consultation_rules
from backend.kit.clock import local
from backend.models import Stage
from backend.portal import figure_queries
from backend.portal.board import Board
from backend.portal.figures import SMALLEST_SHOWN, Figures, suppressed
from backend.triage import plan as plans
from backend.triage.desk import QUEUE, Desk, desk
from backend.web.access import public
from backend.web.deps import Now, ReadSession
from backend.web.errors import NotFound
from backend.web.labels import LABELS
from backend.web.pages import render

router = APIRouter(include_in_schema=False)


# The figures count every comment: only for those who may see every comment.
WholeDesk = Annotated[Desk, desk(Permission.VIEW_WHOLE)]


@router.get(QUEUE + "/dashboard")
def show_dashboard(desk: WholeDesk) -> Response:
    with desk.database.reading() as session:
        plan = plans.load(session, desk.consultation_id)
        counted = figure_queries.current(session, desk.consultation, plan, now=desk.now)
        figures, titles = counted.figures, counted.titles
        board = Board(desk.path, plan, titles["topics"], titles["issues"], titles["clusters"])
        days, moments = board.days(figures, desk.consultation)
        context = {
            "desk": desk,
            "consultation": desk.consultation,
            "figures": figures,
            "counted_at": counted.counted_at,
            "board": board,
            "days": days,
            "moments": moments,
            "summary": summaries.shown(session, desk.consultation_id, summaries.WHOLE),
            "weeks": _weeks(figures),
            "said": (
                board.feelings(figures),
                board.chapters(figures, "intent"),
                board.chapters(figures, "sentiment"),
                board.items(figures, "indicator"),
                board.items(figures, "task"),
                board.topic_chart(figures, frozenset(titles["pinned"])),
            ),
            "happens": (
                board.hot(figures, local(desk.now).date()),
                board.campaigns(figures),
                board.places(figures),
            ),
            "heard": (board.streets(figures), board.channels(figures), board.kinds(figures)),
        }
        return render(desk.request, "portal/dashboard.html", context)


def _weeks(figures: Figures) -> list[date]:
    """The Mondays of the last weeks in which something came."""
    mondays = {summaries.week_of(date.fromisoformat(day)) for day, number in figures.days if number}
    return sorted(mondays)[-summaries.WEEKS :]


@router.get("/consultations/{slug}/figures", dependencies=[Depends(public)])
def show_figures(request: Request, slug: str, session: ReadSession, now: Now) -> Response:
    """What the public may see: counts only, none that could point to single people (P4)."""
    consultation = consultation_queries.public_by_slug(session, slug)
    if consultation is None or consultation.id is None:
        raise NotFound("没有这个征询，或者它还没有发布。请从首页查找。")
    plan = plans.load(session, consultation.id)
    counted = figure_queries.current(session, consultation, plan, now=now)
    figures = counted.figures
    words = LABELS["intent"] | {"none": "未判定"}
    tables = (
        ("chapters", "各章有多少意见", "章", [
            (plan.title_of(split.key), split.count) for split in figures.chapters
        ]),
        ("intents", "大家想要什么（机器研判，供参考）", "意图", [
            (words[value], figures.whole.intent.get(value, 0)) for value in words
        ]),
        ("channels", "从哪里来", "渠道", [
            (word, dict(figures.channels).get(value, 0))
            for value, word in LABELS["channel"].items()
        ]),
        ("streets", "各街镇有多少意见", "街镇", [
            *((street.name, street.count) for street in figures.streets),
            ("没有说明", figures.unplaced_count),
        ]),
    )  # fmt: skip
    stage = consultation_rules.stage(consultation, now)
    context = {
        "consultation": consultation,
        "base": f"/consultations/{consultation.slug}",
        "figures": figures,
        "counted_at": counted.counted_at,
        "has_begun": stage != Stage.ANNOUNCED,
        "shows_any": figures.comment_count >= SMALLEST_SHOWN,
        "smallest": SMALLEST_SHOWN,
        "tables": [(key, title, head, suppressed(rows)) for key, title, head, rows in tables],
    }
    return render(request, "portal/figures.html", context)
