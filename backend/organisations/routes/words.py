"""Sensitive words."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from backend import jobs
from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.organisations import rules, words
from backend.web.deps import AppDatabase, Now, ReadSession, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
ListKeeper = Annotated[SignedIn, requires(Permission.MANAGE_LISTS)]
DONE = {"added": "已添加，正在查看以前收到的意见。", "removed": "已删除。"}
HERE = "/desk/manage/words"


@router.get(HERE)
def show_words(request: Request, officer: ListKeeper, session: ReadSession) -> Response:
    return _page(request, officer, session)


@router.post(HERE)
def add_words(
    request: Request,
    officer: ListKeeper,
    database: AppDatabase,
    session: ReadSession,
    now: Now,
    category: Annotated[str, Form(max_length=32)] = "",
    text: Annotated[str, Form(max_length=20000)] = "",
) -> Response:
    try:
        with database.writing() as writing:
            words.add(writing, text, category, by=officer.officer, now=now)
    except Refused as error:
        return _page(request, officer, session, typed=text, category=category, error=error.message)
    jobs.nudge("check-words")
    return redirect(f"{HERE}?done=added")


@router.post(HERE + "/{word_id}/remove")
def remove_word(word_id: int, officer: ListKeeper, session: WriteSession, now: Now) -> Response:
    word = words.of(session, word_id, officer.organisation_id)
    words.remove(session, word, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=removed")


def _page(
    request: Request,
    officer: SignedIn,
    session: Session,
    *,
    typed: str = "",
    category: str = "",
    error: str | None = None,
) -> Response:
    context = {
        "rows": words.rows(session, officer.organisation_id),
        "categories": rules.CATEGORIES,
        "typed": typed,
        "category": category,
        "error": error,
        "done": None if error else DONE.get(request.query_params.get("done", "")),
    }
    return render(request, "organisations/words.html", context, status=422 if error else 200)
