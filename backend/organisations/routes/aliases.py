"""Other names residents use, for an officer to approve."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.models import AliasState
from backend.organisations import aliases
from backend.web.deps import Now, ReadSession, WriteSession
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
ListKeeper = Annotated[SignedIn, requires(Permission.MANAGE_LISTS)]
HERE = "/desk/manage/aliases"


@router.get(HERE)
def show_aliases(
    request: Request,
    officer: ListKeeper,
    session: ReadSession,
    state: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    chosen = AliasState(state) if state in set(AliasState) else AliasState.PROPOSED
    context = {
        "rows": aliases.rows(session, officer.organisation_id, chosen),
        "counts": aliases.counts(session, officer.organisation_id),
        "states": list(AliasState),
        "state": chosen,
        "done": "已处理。" if request.query_params.get("done") else None,
    }
    return render(request, "organisations/aliases.html", context)


@router.post(HERE + "/{proposal_id}")
def decide(
    proposal_id: int,
    officer: ListKeeper,
    session: WriteSession,
    now: Now,
    approve: Annotated[bool, Form()] = False,
    state: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    proposal = aliases.of(session, proposal_id, officer.organisation_id)
    aliases.decide(session, proposal, approve=approve, by=officer.officer, now=now)
    back = state if state in set(AliasState) else AliasState.PROPOSED.value
    return redirect(f"{HERE}?state={back}&done=1")
