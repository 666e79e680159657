"""The way into the lists, and what the organisation is called."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.models import AliasState, Organisation
from backend.organisations import aliases, departments, gazetteer, profile, replies, words
from backend.organisations.profile import ProfileForm
from backend.web import site
from backend.web.deps import Now, ReadSession, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
Administrator = Annotated[SignedIn, requires(Permission.MANAGE_ORGANISATION)]
ListKeeper = Annotated[SignedIn, requires(Permission.MANAGE_LISTS)]


@router.get("/desk/manage")
def show_lists(request: Request, officer: ListKeeper, session: ReadSession) -> Response:
    owner = officer.organisation_id
    streets = gazetteer.streets(session, owner)
    units = [row for row in departments.rows(session, owner) if not row.department.retired_at]
    context = {
        "departments": len(units),
        "streets": len(streets),
        "places": sum(map(len, streets.values())),
        "templates": len(replies.templates(session, owner)),
        "words": len(words.rows(session, owner)),
        "proposed": aliases.counts(session, owner).get(AliasState.PROPOSED, 0),
    }
    return render(request, "organisations/lists.html", context)


@router.get("/desk/manage/organisation")
def show_profile(request: Request, officer: Administrator, session: ReadSession) -> Response:
    organisation = session.get_one(Organisation, officer.organisation_id)
    form = ProfileForm.model_validate(organisation, from_attributes=True)
    return _page(request, form)


@router.post("/desk/manage/organisation")
def save_profile(
    request: Request,
    officer: Administrator,
    form: Annotated[ProfileForm, Form()],
    session: WriteSession,
    now: Now,
) -> Response:
    try:
        profile.save(session, form, by=officer.officer, now=now)
    except Refused as error:
        return _page(request, form, error=error.message)
    site.forget(request.app)
    return redirect("/desk/manage/organisation?done=saved")


def _page(request: Request, form: ProfileForm, *, error: str | None = None) -> Response:
    saved = request.query_params.get("done") == "saved" and error is None
    context = {"form": form, "error": error, "done": "已保存。" if saved else None}
    return render(request, "organisations/profile.html", context, status=422 if error else 200)
