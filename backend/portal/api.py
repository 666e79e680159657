"""The public JSON interface, described at /api/openapi.json, and the bundle to take away."""

from collections.abc import Iterator
from typing import IO, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response
from starlette.responses import StreamingResponse

from backend.plans import queries as plans
from backend.portal import bundle, open_data, queries
from backend.portal.opened import OpenedConsultation
from backend.web.access import public
from backend.web.deps import AppSettings, Now, ReadSession
from backend.web.errors import NotFound

MINUTE = "public, max-age=60"
PIECE = 256 * 1024


def open_to_all(response: Response) -> None:
    """Any site may read these answers; they hold nothing private and may be kept for a minute."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = MINUTE


router = APIRouter(dependencies=[Depends(public)], tags=["开放数据"])
api = APIRouter(prefix="/api", dependencies=[Depends(open_to_all)])


@api.get("/consultations", summary="所有征询")
def list_consultations(session: ReadSession, now: Now) -> list[open_data.ConsultationRecord]:
    """Every published consultation, the one that closes first on top."""
    names, numbers = queries.organisation_names(session), plans.current_numbers(session)
    return [
        open_data.consultation_record(
            row,
            names[row.consultation.organisation_id],
            numbers.get(row.consultation.id or 0),
        )
        for row in queries.summaries(session, now)
    ]


@api.get("/consultations/{slug}", summary="一个征询")
def read_consultation(
    session: ReadSession, opened: OpenedConsultation, now: Now
) -> open_data.ConsultationRecord:
    """The notice in figures, and where the rest is."""
    return open_data.opened_record(session, opened, now)


@api.get("/consultations/{slug}/plan", summary="规划全文、指标和任务")
def read_plan(session: ReadSession, opened: OpenedConsultation) -> open_data.PlanRecord:
    """The plan as the public reads it; `?version=` gives an earlier confirmed text."""
    return open_data.plan_record(session, opened)


@api.get("/consultations/{slug}/comments", summary="已公开的意见")
def read_comments(
    session: ReadSession,
    opened: OpenedConsultation,
    now: Now,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="只要编号更大的")] = 0,
    limit: Annotated[int, Query(ge=1, le=open_data.PAGE)] = 100,
) -> open_data.CommentPage:
    """Published opinions in the order of their ids; empty where none are published."""
    rows = open_data.comment_records(session, opened, now, after=after, limit=limit)
    path = f"/api/consultations/{opened.consultation.slug}/comments"
    following = f"{path}?after={rows[-1].id}&limit={limit}" if len(rows) == limit else None
    return open_data.CommentPage(comments=rows, next=following)


@api.get("/consultations/{slug}/outcome", summary="结果和修改")
def read_outcome(session: ReadSession, opened: OpenedConsultation) -> open_data.OutcomeRecord:
    """What was decided and what changed; 404 until it is published."""
    outcome = open_data.outcome_record(session, opened)
    if outcome is None:
        raise NotFound("这次征询的结果还没有公布。")
    return outcome


@router.get("/consultations/{slug}/open-data.zip", response_class=Response, summary="开放数据包")
def download_bundle(
    session: ReadSession, opened: OpenedConsultation, settings: AppSettings, now: Now
) -> Response:
    """JSON and CSV of everything above, with a README."""
    file = bundle.write(session, opened, now, settings.base_url)
    name = quote(f"{opened.consultation.slug}-open-data.zip")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_pieces(file), media_type="application/zip", headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


router.include_router(api)
