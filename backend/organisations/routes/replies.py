"""Answer templates."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.models import ReplyTemplate
from backend.organisations import replies, rules
from backend.web.deps import Now, ReadSession, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
ListKeeper = Annotated[SignedIn, requires(Permission.MANAGE_LISTS)]
DONE = {"saved": "模板已保存。", "removed": "模板已删除。"}
HERE = "/desk/manage/templates"
Text = Annotated[str, Form(max_length=20000)]


@router.get(HERE)
def show_templates(request: Request, officer: ListKeeper, session: ReadSession) -> Response:
    return _list_page(request, officer, session)


@router.post(HERE)
def add_template(
    request: Request,
    officer: ListKeeper,
    session: WriteSession,
    now: Now,
    name: Text = "",
    outcome: Text = "",
    text: Text = "",
) -> Response:
    try:
        replies.save(
            session, None, name=name, outcome=outcome, text=text, by=officer.officer, now=now
        )
    except Refused as error:
        typed = ReplyTemplate(organisation_id=0, name=name, outcome=outcome, text=text)
        return _list_page(request, officer, session, typed=typed, error=error.message)
    return redirect(f"{HERE}?done=saved")


@router.get(HERE + "/{template_id}")
def show_template(
    request: Request, template_id: int, officer: ListKeeper, session: ReadSession
) -> Response:
    found = replies.of(session, template_id, officer.organisation_id)
    return _one_page(request, template_id, found)


@router.post(HERE + "/{template_id}")
def change_template(
    request: Request,
    template_id: int,
    officer: ListKeeper,
    session: WriteSession,
    now: Now,
    name: Text = "",
    outcome: Text = "",
    text: Text = "",
) -> Response:
    found = replies.of(session, template_id, officer.organisation_id)
    try:
        replies.save(
            session, found, name=name, outcome=outcome, text=text, by=officer.officer, now=now
        )
    except Refused as error:
        typed = ReplyTemplate(organisation_id=0, name=name, outcome=outcome, text=text)
        return _one_page(request, template_id, typed, error=error.message)
    return redirect(f"{HERE}?done=saved")


@router.post(HERE + "/{template_id}/remove")
def remove_template(
    template_id: int, officer: ListKeeper, session: WriteSession, now: Now
) -> Response:
    found = replies.of(session, template_id, officer.organisation_id)
    replies.remove(session, found, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=removed")


def _list_page(
    request: Request,
    officer: SignedIn,
    session: Session,
    *,
    typed: ReplyTemplate | None = None,
    error: str | None = None,
) -> Response:
    context = {
        "rows": replies.templates(session, officer.organisation_id),
        "form": typed or ReplyTemplate(organisation_id=0, name="", text=""),
        "variables": rules.VARIABLES,
        "error": error,
        "done": None if error else DONE.get(request.query_params.get("done", "")),
    }
    return render(request, "organisations/templates.html", context, status=422 if error else 200)


def _one_page(
    request: Request, template_id: int, form: ReplyTemplate, *, error: str | None = None
) -> Response:
    context = {
        "template_id": template_id,
        "form": form,
        "variables": rules.VARIABLES,
        "error": error,
    }
    return render(request, "organisations/template.html", context, status=422 if error else 200)
