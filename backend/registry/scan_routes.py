"""The tray 待录入: uploading scans, looking at them, taking one out with a reason."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.responses import Response

from backend.registry import scans
from backend.registry.counter import REGISTRY, Transcribing
from backend.registry.reading import TypedForm
from backend.web.errors import Refused
from backend.web.pages import redirect

router = APIRouter(include_in_schema=False)


@router.post(REGISTRY + "/scans")
def upload_scans(counter: Transcribing, typed: TypedForm) -> Response:
    if not typed.files:
        raise Refused("请先选择扫描件，再上传。")
    with counter.database.writing() as session:
        taken = scans.take(
            session,
            counter.consultation,
            typed.files,
            counter.officer.officer,
            settings=counter.settings,
            now=counter.now,
        )
    if taken.problems and not taken.scans:
        raise Refused("；".join(taken.problems))
    said = {"taken": len(taken.scans)} | (
        {"problems": "；".join(taken.problems)[:500]} if taken.problems else {}
    )
    return redirect(f"{counter.path}?{urlencode(said)}")


@router.get(REGISTRY + "/scans/{scan_id}/pages/{page}")
def show_page(counter: Transcribing, scan_id: int, page: int) -> Response:
    """One page as a picture."""
    with counter.database.reading() as session:
        scan = scans.find(session, counter.consultation_id, scan_id)
    data, media_type = scans.picture(counter.settings, scan, page)
    return Response(data, media_type=media_type, headers={"Cache-Control": "private, max-age=600"})


@router.post(REGISTRY + "/scans/{scan_id}/set-aside")
def set_aside(
    counter: Transcribing,
    scan_id: int,
    reason: Annotated[str, Form(max_length=scans.MAX_REASON)] = "",
) -> Response:
    with counter.database.writing() as session:
        scan = scans.find(session, counter.consultation_id, scan_id)
        scans.set_aside(
            session, scan, counter.officer.officer, reason=reason.strip(), now=counter.now
        )
    return redirect(f"{counter.path}?set_aside=1")
