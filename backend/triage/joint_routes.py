"""Several hands on one comment: approval, supporting departments, parts, answers from outside."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import Response

from backend.models import Comment
from backend.triage import approving, handing_over, splitting, supporting
from backend.triage.desk import (
    COMMENT,
    QUEUE,
    Approving,
    Assigning,
    Checking,
    Configuring,
    Deciding,
    HandingOver,
    Merging,
    Viewing,
)
from backend.triage.filters import Scope
from backend.triage.forms import (
    AnswerForm,
    ApprovalForm,
    DeskState,
    DisagreementForm,
    OpinionForm,
    ReasonForm,
    SplitForm,
    SupportForm,
)
from backend.triage.pages import by, perform
from backend.web.pages import redirect

router = APIRouter(include_in_schema=False)


@router.post(COMMENT + "/check")
def check(desk: Checking, comment_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    act = by(desk, approving.check, version=form.version)
    return perform(desk, comment_id, form, act, done="checked", move_on=True)


@router.post(COMMENT + "/approve")
def approve(desk: Approving, comment_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    act = by(desk, approving.approve, version=form.version)
    return perform(desk, comment_id, form, act, done="approved", move_on=True)


@router.post(COMMENT + "/give-back")
def give_back(desk: Checking, comment_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    act = by(desk, approving.give_back, version=form.version, reason=form.reason)
    return perform(desk, comment_id, form, act, done="given_back")


@router.post(COMMENT + "/take-back-proposal")
def take_back_proposal(
    desk: Deciding, comment_id: int, form: Annotated[ReasonForm, Form()]
) -> Response:
    act = by(desk, approving.take_back, version=form.version)
    return perform(desk, comment_id, form, act, done="given_back")


@router.post(COMMENT + "/support")
def ask_support(desk: Assigning, comment_id: int, form: Annotated[SupportForm, Form()]) -> Response:
    act = by(
        desk,
        supporting.ask,
        version=form.version,
        department_ids=form.departments,
        question=form.question,
    )
    return perform(desk, comment_id, form, act, done="asked")


@router.post(COMMENT + "/opinion")
def give_opinion(desk: Viewing, comment_id: int, form: Annotated[OpinionForm, Form()]) -> Response:
    act = by(desk, supporting.give, form=form)
    return perform(desk, comment_id, form, act, done="opinion_given")


@router.post(COMMENT + "/disagreement")
def record_disagreement(
    desk: Deciding, comment_id: int, form: Annotated[DisagreementForm, Form()]
) -> Response:
    act = by(desk, supporting.record_disagreement, form=form)
    return perform(desk, comment_id, form, act, done="disagreement")


@router.post(COMMENT + "/split")
def split(desk: Merging, comment_id: int, form: Annotated[SplitForm, Form()]) -> Response:
    parts: list[Comment] = []

    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        parts.extend(
            splitting.split(
                session, comment, desk.officer.officer, form.starts,
                version=form.version, now=desk.now,
            )
        )  # fmt: skip

    answer = perform(desk, comment_id, form, act, done="split")
    return redirect(desk.address(form, parts[0].id, "split")) if parts else answer


@router.post(COMMENT + "/rejoin")
def rejoin(desk: Merging, comment_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    whole: list[Comment] = []

    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        officer = desk.officer.officer
        whole.append(
            splitting.rejoin(session, comment, officer, version=form.version, now=desk.now)
        )

    answer = perform(desk, comment_id, form, act, done="rejoined")
    return redirect(desk.address(form, whole[0].id, "rejoined")) if whole else answer


@router.post(COMMENT + "/hand-over/answer")
def record_answer(
    desk: HandingOver, comment_id: int, form: Annotated[AnswerForm, Form()]
) -> Response:
    act = by(desk, handing_over.record_answer, form=form)
    return perform(desk, comment_id, form, act, done="answered")


@router.post(COMMENT + "/hand-over/back")
def take_back(desk: HandingOver, comment_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    act = by(desk, handing_over.take_back, version=form.version, reason=form.reason)
    return perform(desk, comment_id, form, act, done="taken_back")


@router.post(QUEUE + "/approval")
def set_approval_steps(desk: Configuring, form: Annotated[ApprovalForm, Form()]) -> Response:
    with desk.database.writing() as session:
        approving.set_steps(
            session, desk.consultation, desk.officer.officer, form.steps, now=desk.now
        )
    return redirect(desk.address(DeskState(), done="steps_set"))
