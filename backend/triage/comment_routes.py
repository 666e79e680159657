"""One comment at the desk: read it, say what it is, decide on it, pass it on."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import Response

from backend.kit.sealing import unseal
from backend.models import Comment
from backend.triage import (
    assigning,
    disposing,
    handing_over,
    looking,
    merging,
    notes,
    reviewing,
    screening,
    telling,
)
from backend.triage.desk import (
    COMMENT,
    Assigning,
    Claiming,
    Deciding,
    HandingOver,
    Merging,
    Noting,
    Query_,
    ReadingContact,
    Returning,
    Reviewing,
    Screening,
    Viewing,
)
from backend.triage.filters import Scope
from backend.triage.forms import (
    AssignForm,
    DecisionForm,
    DeskState,
    HandOverForm,
    MergeForm,
    NoteForm,
    ReasonForm,
    ReviewForm,
    ScreenForm,
    VerifyForm,
)
from backend.triage.pages import by, comment_page, perform
from backend.web.deps import AppSettings
from backend.web.errors import NotFound, Refused
from backend.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get(COMMENT)
def show_comment(
    desk: Viewing, comment_id: int, q: Query_ = "", sort: str = "", page: int = 1
) -> Response:
    return comment_page(desk, comment_id, DeskState(q=q, sort=sort, page=page))


@router.post(COMMENT + "/read")
def mark_read(desk: Viewing, comment_id: int) -> Response:
    with desk.database.writing() as session:
        comment, _ = desk.found(session, comment_id, desk.scope(session))
        officer = desk.officer.officer
        looking.mark_read(session, comment, officer, now=desk.now)
        looking.be_present(session, comment, officer, now=desk.now)
        telling.mark_read(session, officer, comment_id=comment_id, now=desk.now)
        others = looking.others_here(session, comment_id, desk.officer.id, desk.now)
    return render(desk.request, "desk/_presence.html", {"others_here": others})


@router.post(COMMENT + "/confirm")
def confirm_reading(
    desk: Reviewing, comment_id: int, form: Annotated[ReasonForm, Form()]
) -> Response:
    def act(session: Session, comment: Comment, scope: Scope) -> None:
        reviewing.confirm_reading(
            session, comment, desk.officer.officer, scope.plan, version=form.version, now=desk.now
        )

    return perform(desk, comment_id, form, act, done="confirmed", move_on=True)


@router.post(COMMENT + "/review")
def review(desk: Reviewing, comment_id: int, form: Annotated[ReviewForm, Form()]) -> Response:
    def act(session: Session, comment: Comment, scope: Scope) -> None:
        reviewing.review(session, comment, desk.officer.officer, form, scope.plan, now=desk.now)

    return perform(desk, comment_id, form, act, done="reviewed")


@router.post(COMMENT + "/decide")
def decide(desk: Deciding, comment_id: int, form: Annotated[DecisionForm, Form()]) -> Response:
    def act(session: Session, comment: Comment, scope: Scope) -> None:
        disposing.dispose(session, comment, desk.officer.officer, form, scope.plan, now=desk.now)

    done = "proposed" if desk.consultation.approval_steps else "decided"
    return perform(desk, comment_id, form, act, done=done, move_on=True)


@router.post(COMMENT + "/claim")
def claim(desk: Claiming, comment_id: int, form: Annotated[DeskState, Form()]) -> Response:
    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        if not assigning.claim(session, comment, desk.officer.officer, now=desk.now):
            raise Refused("这条意见刚刚被别的同事认领。认领 15 分钟后自动失效，您仍然可以保存。")

    return perform(desk, comment_id, form, act, done="claimed")


@router.post(COMMENT + "/release")
def release(desk: Claiming, comment_id: int, form: Annotated[DeskState, Form()]) -> Response:
    return perform(desk, comment_id, form, by(desk, assigning.release), done="released")


@router.post(COMMENT + "/assign")
def assign(desk: Assigning, comment_id: int, form: Annotated[AssignForm, Form()]) -> Response:
    act = by(
        desk,
        assigning.assign,
        version=form.version,
        department_id=form.department_id,
        officer_id=form.officer_id,
        reason=form.reason,
    )
    return perform(desk, comment_id, form, act, done="assigned")


@router.post(COMMENT + "/return")
def return_to_queue(
    desk: Returning, comment_id: int, form: Annotated[ReasonForm, Form()]
) -> Response:
    act = by(desk, assigning.return_to_queue, version=form.version, reason=form.reason)
    if desk.officer.sees_whole_queue(desk.consultation_id):
        return perform(desk, comment_id, form, act, done="returned")
    # A department that returned a comment does not see it any more.
    return perform(desk, comment_id, form, act, done="returned", move_on=True)


@router.post(COMMENT + "/hand-over")
def hand_over(
    desk: HandingOver, comment_id: int, form: Annotated[HandOverForm, Form()]
) -> Response:
    act = by(
        desk,
        handing_over.hand_over,
        version=form.version,
        recipient=form.recipient,
        reason=form.reason,
    )
    return perform(desk, comment_id, form, act, done="handed_over", move_on=True)


@router.post(COMMENT + "/screen")
def screen(desk: Screening, comment_id: int, form: Annotated[ScreenForm, Form()]) -> Response:
    act = by(desk, screening.screen, version=form.version, publish=form.publish, reason=form.reason)
    return perform(desk, comment_id, form, act, done="published" if form.publish else "withheld")


@router.post(COMMENT + "/verify-contact")
def verify_contact(
    desk: Screening, comment_id: int, form: Annotated[VerifyForm, Form()]
) -> Response:
    act = by(desk, screening.verify_contact, how=form.how)
    return perform(desk, comment_id, form, act, done="verified")


@router.post(COMMENT + "/merge")
def merge(desk: Merging, comment_id: int, form: Annotated[MergeForm, Form()]) -> Response:
    def act(session: Session, comment: Comment, scope: Scope) -> None:
        number = form.into.strip().lstrip("#")
        if not number.isdecimal():
            raise Refused("请填写要合并到的那条意见的编号，例如 128。")
        try:
            into, _ = desk.found(session, int(number), scope)
        except NotFound:
            raise Refused(f"没有编号为 {number} 的意见。") from None
        merging.merge(
            session, comment, into, desk.officer.officer, version=form.version, now=desk.now
        )

    return perform(desk, comment_id, form, act, done="merged")


@router.post(COMMENT + "/separate")
def separate(desk: Merging, comment_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    act = by(desk, merging.separate, version=form.version)
    return perform(desk, comment_id, form, act, done="separated")


@router.post(COMMENT + "/note")
def note(desk: Noting, comment_id: int, form: Annotated[NoteForm, Form()]) -> Response:
    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        notes.note(session, comment, desk.officer.officer, form.text, now=desk.now)

    return perform(desk, comment_id, form, act, done="noted")


# --- Personal data: shown only in answer to a recorded request ------------------------------------


@router.post(COMMENT + "/contact")
def read_contact(
    desk: ReadingContact,
    comment_id: int,
    form: Annotated[DeskState, Form()],
    settings: AppSettings,
) -> Response:
    with desk.database.writing() as session:
        comment, _ = desk.found(session, comment_id, desk.scope(session))
        _, contact = looking.read_contact(session, comment, desk.officer.officer, now=desk.now)
    secret = settings.secret()
    values = [
        (name, unseal(secret, sealed))
        for name, sealed in (
            ("姓名", contact.sealed_name if contact else None),
            ("电话", contact.sealed_phone if contact else None),
            ("邮箱", contact.sealed_email if contact else None),
            ("地址", contact.sealed_address if contact else None),
            ("监护人（已同意）", contact.sealed_guardian if contact else None),
        )
        if sealed is not None
    ]
    return comment_page(desk, comment_id, form, contact=values)


@router.post(COMMENT + "/original")
def read_original(
    desk: ReadingContact, comment_id: int, form: Annotated[DeskState, Form()]
) -> Response:
    with desk.database.writing() as session:
        comment, _ = desk.found(session, comment_id, desk.scope(session))
        text = looking.read_original(session, comment, desk.officer.officer, now=desk.now)
    return comment_page(desk, comment_id, form, original=text)
