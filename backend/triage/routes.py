"""The desk: choose a consultation, find comments, read one, decide on it."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.access import CurrentOfficer
from backend.accounts.rules import Permission
from backend.consultations import rules as consultation_rules
from backend.kit.sealing import unseal
from backend.models import Comment, SavedView
from backend.triage import bulk, queries, search, service
from backend.triage.desk import Desk, bulk_page, bulk_run_page, comment_page, desk, queue_page
from backend.triage.filters import Scope
from backend.triage.forms import (
    AssignForm,
    BulkForm,
    DecisionForm,
    DeskState,
    HandOverForm,
    MergeForm,
    NoteForm,
    ReasonForm,
    ReviewForm,
    ScreenForm,
    ViewForm,
)
from backend.web.deps import AppSettings, Now, ReadSession
from backend.web.errors import NotFound, PageError, Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
QUEUE = "/desk/consultations/{slug}"
COMMENT = QUEUE + "/comments/{comment_id}"

Viewing = Annotated[Desk, desk(Permission.VIEW)]
Reviewing = Annotated[Desk, desk(Permission.REVIEW)]
Deciding = Annotated[Desk, desk(Permission.DECIDE)]
Claiming = Annotated[Desk, desk(Permission.CLAIM)]
Assigning = Annotated[Desk, desk(Permission.ASSIGN)]
Returning = Annotated[Desk, desk(Permission.RETURN)]
Screening = Annotated[Desk, desk(Permission.SCREEN)]
HandingOver = Annotated[Desk, desk(Permission.HAND_OVER)]
Merging = Annotated[Desk, desk(Permission.MERGE)]
Noting = Annotated[Desk, desk(Permission.NOTE)]
Bulk = Annotated[Desk, desk(Permission.BULK)]
ReadingContact = Annotated[Desk, desk(Permission.READ_CONTACT)]

Query_ = Annotated[str, Query(max_length=search.MAX_LENGTH)]


@router.get("/desk")
def choose_consultation(
    request: Request,
    officer: CurrentOfficer,
    session: ReadSession,
    now: Now,
) -> Response:
    rows = [
        (row, consultation_rules.stage(row.consultation, now))
        for row in queries.consultations(session, officer.organisation_id)
        if officer.may(Permission.VIEW, row.consultation.id)
    ]
    return render(request, "desk/consultations.html", {"rows": rows, "officer": officer})


# --- The queue -----------------------------------------------------------------------------------


@router.get(QUEUE)
def show_queue(desk: Viewing, q: Query_ = "", sort: str = "", page: int = 1) -> Response:
    return queue_page(desk, DeskState(q=q, sort=sort, page=page))


@router.get(QUEUE + "/filter")
def filter_queue(desk: Viewing, request: Request, q: Query_ = "", sort: str = "") -> Response:
    """The filter form without JavaScript: its fields become part of the search line."""
    found = search.parse(q)
    for field, value in request.query_params.items():
        if field in search.WORDS:
            found = found.with_value(field, value)
    return redirect(search.address(desk.path, q=found.text, sort=search.sort_key(sort)))


@router.post(QUEUE + "/views")
def save_view(desk: Viewing, form: Annotated[ViewForm, Form()]) -> Response:
    with desk.database.writing() as session:
        service.save_view(session, desk.officer.officer, form, now=desk.now)
    return redirect(desk.address(DeskState(q=form.q), done="view_saved"))


@router.post(QUEUE + "/views/{view_id}/remove")
def remove_view(desk: Viewing, view_id: int) -> Response:
    with desk.database.writing() as session:
        view = session.get(SavedView, view_id)
        if view is None or view.organisation_id != desk.officer.organisation_id:
            raise NotFound("没有这个视图。")
        if view.officer_id not in (None, desk.officer.id):
            raise NotFound("这个视图是别的同事保存的。")
        service.remove_view(session, view, desk.officer.officer, now=desk.now)
    return redirect(desk.address(DeskState(), done="view_removed"))


# --- Many at once --------------------------------------------------------------------------------


@router.get(QUEUE + "/bulk")
def choose_bulk(
    desk: Bulk,
    q: Query_ = "",
    ids: Annotated[list[int], Query()] = [],  # noqa: B006
    everything: bool = False,
) -> Response:
    return bulk_page(desk, BulkForm(q=q, ids=ids, everything=everything))


@router.post(QUEUE + "/bulk")
def freeze_bulk(desk: Bulk, form: Annotated[BulkForm, Form()]) -> Response:
    """Write the set down; nothing changes before its number has been seen and confirmed."""
    try:
        with desk.database.writing() as session:
            scope = desk.scope(session)
            found = queries.matching_ids(session, search.parse(form.q), scope)
            run = bulk.freeze(
                session,
                desk.consultation_id,
                desk.officer.officer,
                form,
                found,
                scope.plan,
                now=desk.now,
            )
            goal = f"{desk.path}/bulk/{run.id}"
    except PageError as error:
        return bulk_page(desk, form, error=error)
    return redirect(goal)


@router.get(QUEUE + "/bulk/{run_id}")
def show_bulk(desk: Bulk, run_id: int) -> Response:
    return bulk_run_page(desk, run_id)


@router.post(QUEUE + "/bulk/{run_id}/start")
def start_bulk(desk: Bulk, run_id: int) -> Response:
    desk.check_run(run_id)
    bulk.start(desk.database, run_id, desk.officer.officer, now=desk.now)
    return redirect(f"{desk.path}/bulk/{run_id}")


@router.post(QUEUE + "/bulk/{run_id}/undo")
def undo_bulk(desk: Bulk, run_id: int) -> Response:
    desk.check_run(run_id)
    bulk.undo(desk.database, run_id, desk.officer.officer, now=desk.now)
    return redirect(f"{desk.path}/bulk/{run_id}")


# --- One comment ---------------------------------------------------------------------------------


@router.get(COMMENT)
def show_comment(
    desk: Viewing, comment_id: int, q: Query_ = "", sort: str = "", page: int = 1
) -> Response:
    return comment_page(desk, comment_id, DeskState(q=q, sort=sort, page=page))


@router.post(COMMENT + "/read")
def mark_read(desk: Viewing, comment_id: int) -> Response:
    with desk.database.writing() as session:
        comment, _ = desk.found(session, comment_id, desk.scope(session))
        service.mark_read(session, comment, desk.officer.officer, now=desk.now)
    return Response(status_code=204)


@router.post(COMMENT + "/confirm")
def confirm_reading(
    desk: Reviewing, comment_id: int, form: Annotated[ReasonForm, Form()]
) -> Response:
    def act(session: Session, comment: Comment, scope: Scope) -> None:
        service.confirm_reading(
            session, comment, desk.officer.officer, scope.plan, version=form.version, now=desk.now
        )

    return desk.act(comment_id, form, act, done="confirmed", move_on=True)


@router.post(COMMENT + "/review")
def review(desk: Reviewing, comment_id: int, form: Annotated[ReviewForm, Form()]) -> Response:
    def act(session: Session, comment: Comment, scope: Scope) -> None:
        service.review(session, comment, desk.officer.officer, form, scope.plan, now=desk.now)

    return desk.act(comment_id, form, act, done="reviewed")


@router.post(COMMENT + "/decide")
def decide(desk: Deciding, comment_id: int, form: Annotated[DecisionForm, Form()]) -> Response:
    def act(session: Session, comment: Comment, scope: Scope) -> None:
        service.dispose(session, comment, desk.officer.officer, form, scope.plan, now=desk.now)

    return desk.act(comment_id, form, act, done="decided", move_on=True)


@router.post(COMMENT + "/claim")
def claim(desk: Claiming, comment_id: int, form: Annotated[DeskState, Form()]) -> Response:
    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        if not service.claim(session, comment, desk.officer.officer, now=desk.now):
            raise Refused("这条意见刚刚被别的同事认领。认领 15 分钟后自动失效，您仍然可以保存。")

    return desk.act(comment_id, form, act, done="claimed")


@router.post(COMMENT + "/release")
def release(desk: Claiming, comment_id: int, form: Annotated[DeskState, Form()]) -> Response:
    return desk.act(comment_id, form, _by(desk, service.release), done="released")


@router.post(COMMENT + "/assign")
def assign(desk: Assigning, comment_id: int, form: Annotated[AssignForm, Form()]) -> Response:
    act = _by(
        desk,
        service.assign,
        version=form.version,
        department_id=form.department_id,
        officer_id=form.officer_id,
        reason=form.reason,
    )
    return desk.act(comment_id, form, act, done="assigned")


@router.post(COMMENT + "/return")
def return_to_queue(
    desk: Returning, comment_id: int, form: Annotated[ReasonForm, Form()]
) -> Response:
    act = _by(desk, service.return_to_queue, version=form.version, reason=form.reason)
    if desk.officer.sees_whole_queue(desk.consultation_id):
        return desk.act(comment_id, form, act, done="returned")
    # A department that returned a comment does not see it any more.
    return desk.act(comment_id, form, act, done="returned", move_on=True)


@router.post(COMMENT + "/hand-over")
def hand_over(
    desk: HandingOver, comment_id: int, form: Annotated[HandOverForm, Form()]
) -> Response:
    act = _by(
        desk,
        service.hand_over,
        version=form.version,
        recipient=form.recipient,
        reason=form.reason,
    )
    return desk.act(comment_id, form, act, done="handed_over", move_on=True)


@router.post(COMMENT + "/screen")
def screen(desk: Screening, comment_id: int, form: Annotated[ScreenForm, Form()]) -> Response:
    act = _by(desk, service.screen, version=form.version, publish=form.publish, reason=form.reason)
    return desk.act(comment_id, form, act, done="published" if form.publish else "withheld")


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
        service.merge(
            session, comment, into, desk.officer.officer, version=form.version, now=desk.now
        )

    return desk.act(comment_id, form, act, done="merged")


@router.post(COMMENT + "/separate")
def separate(desk: Merging, comment_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    act = _by(desk, service.separate, version=form.version)
    return desk.act(comment_id, form, act, done="separated")


@router.post(COMMENT + "/note")
def note(desk: Noting, comment_id: int, form: Annotated[NoteForm, Form()]) -> Response:
    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        service.note(session, comment, desk.officer.officer, form.text, now=desk.now)

    return desk.act(comment_id, form, act, done="noted")


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
        _, contact = service.read_contact(session, comment, desk.officer.officer, now=desk.now)
    secret = settings.secret()
    values = [
        (name, unseal(secret, sealed))
        for name, sealed in (
            ("姓名", contact.sealed_name if contact else None),
            ("电话", contact.sealed_phone if contact else None),
            ("邮箱", contact.sealed_email if contact else None),
            ("地址", contact.sealed_address if contact else None),
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
        text = service.read_original(session, comment, desk.officer.officer, now=desk.now)
    return comment_page(desk, comment_id, form, original=text)


def _by(desk: Desk, verb: Callable[..., Any], **given: Any) -> Callable[..., None]:
    """An act of the desk's officer, at the desk's time."""

    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        verb(session, comment, desk.officer.officer, **given, now=desk.now)

    return act
