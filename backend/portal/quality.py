"""How well the machine reads (研判质量): by this consultation's decisions, and what was learned."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.rules import Permission
from backend.assessments import learned, learning
from backend.assessments.agreement import ENOUGH, agreements
from backend.models import LearnedModel
from backend.portal.dashboard import WholeDesk
from backend.portal.shipped import shipped_figures
from backend.triage.desk import QUEUE, Desk, desk
from backend.web.errors import Conflict, NotFound
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
Managing = Annotated[Desk, desk(Permission.MANAGE_CONSULTATION)]
TASKS = {"intent": "意图", "sentiment": "情感", "linking": "关联"}


@router.get(QUEUE + "/quality")
def show_quality(desk: WholeDesk, done: str = "") -> Response:
    with desk.database.reading() as session:
        context = {
            "desk": desk,
            "consultation": desk.consultation,
            "found": agreements(session, desk.consultation),
            "enough": ENOUGH,
            "fewest": (learning.FEWEST_DECISIONS, learning.FEWEST_CORRECTED),
            "shipped": shipped_figures(),
            "models": learned.attempts(session, desk.consultation),
            "tasks": TASKS,
            "may_roll_back": desk.may(Permission.MANAGE_CONSULTATION),
            "done": "已收回，原来的研判重新生效。" if done == "rolled_back" else None,
        }
        return render(desk.request, "portal/quality.html", context)


@router.post(QUEUE + "/quality/{model_id}/roll-back")
def roll_back(
    desk: Managing, model_id: int, confirmed: Annotated[bool, Form()] = False
) -> Response:
    """Two steps without JavaScript: the box under 收回 is ticked, then the button pressed."""
    if not confirmed:
        raise Conflict("请先勾选“我确认收回”，再点收回。现在什么也没有改变。")
    with desk.database.writing() as session:
        model = _model(session, desk, model_id)
        learning.roll_back(session, model, desk.officer.officer, now=desk.now)
    return redirect(f"{desk.path}/quality?done=rolled_back")


def _model(session: Session, desk: Desk, model_id: int) -> LearnedModel:
    model = session.get(LearnedModel, model_id)
    if model is None or model.organisation_id != desk.officer.organisation_id:
        raise NotFound("没有这次学习的结果。")
    if model.consultation_id not in (None, desk.consultation_id):
        raise NotFound("这次学习属于另一个征询。")
    if model.promoted_at is None or model.rolled_back_at is not None:
        raise Conflict("这次学习没有接手，或者已经收回。")
    return model
