"""来信: what arrived by e-mail, what became of it, and what a person must still read."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts import audit
from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.kit.settings import Settings
from backend.mailbox import importing, keeping, message, queries, service
from backend.mailbox.quoting import Divided, divide
from backend.models import Consultation, IncomingMail, IncomingState, Submission
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import NotFound, Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
LIST = "/desk/mail"
UPLOAD_MEGABYTES = 50

Clerk = Annotated[SignedIn, requires(Permission.TRANSCRIBE)]
Reader = Annotated[SignedIn, requires(Permission.READ_CONTACT)]


@dataclass(frozen=True, slots=True)
class Opened:
    """A message read for the page; `letter` is None when its bytes can no longer be opened."""

    letter: message.Letter | None
    parts: Divided


@router.get(LIST)
def list_mail(
    request: Request,
    officer: Clerk,
    session: ReadSession,
    state: IncomingState | None = None,
    page: int = 1,
) -> Response:
    return _list_page(request, officer, session, state, max(1, page))


@router.post(LIST + "/import")
def import_mail(
    request: Request,
    officer: Clerk,
    database: AppDatabase,
    settings: AppSettings,
    session: ReadSession,
    file: UploadFile,
    now: Now,
) -> Response:
    """Take in a file saved from the office's mail program."""
    data = file.file.read(UPLOAD_MEGABYTES * 1_000_000 + 1)
    try:
        if len(data) > UPLOAD_MEGABYTES * 1_000_000:
            raise Refused(
                f"文件超过{UPLOAD_MEGABYTES}MB，请请管理员用 zhengxun mail import 命令导入。"
            )
        intake = service.Intake(settings, officer.organisation_id, file.filename or "上传")
        done = importing.import_upload(database, intake, data, now=now)
    except Refused as error:
        return _list_page(request, officer, session, None, 1, error=error.message)
    return redirect(f"{LIST}?done=imported-{done.message_count}-{done.known_count}")


@router.get(LIST + "/{mail_id}")
def show_mail(
    request: Request, mail_id: int, officer: Clerk, settings: AppSettings, session: ReadSession
) -> Response:
    """What became of a letter. Its words and its sender are shown only when asked for."""
    mail = _mail(session, officer, mail_id)
    return _mail_page(request, officer, settings, session, mail, is_open=False)


@router.post(LIST + "/{mail_id}/open")
def open_mail(
    request: Request,
    mail_id: int,
    officer: Reader,
    settings: AppSettings,
    session: WriteSession,
    now: Now,
) -> Response:
    """The letter itself: it shows who wrote it, so that reading it is recorded."""
    mail = _mail(session, officer, mail_id)
    audit.record(session, officer.officer, "mail.read", "incoming_mail", mail.id, now=now)
    return _mail_page(request, officer, settings, session, mail)


@router.post(LIST + "/{mail_id}/register")
def register_mail(
    request: Request,
    mail_id: int,
    officer: Clerk,
    settings: AppSettings,
    database: AppDatabase,
    now: Now,
    consultation_id: Annotated[int, Form()] = 0,
    text: Annotated[str, Form()] = "",
) -> Response:
    try:
        with database.writing() as session:
            mail = _mail(session, officer, mail_id)
            service.register_by_hand(
                session, settings, mail, _consultation(session, officer, consultation_id), text,
                officer=officer.officer, now=now,
            )  # fmt: skip
    except Refused as error:
        with database.reading() as session:
            mail = _mail(session, officer, mail_id)
            return _mail_page(
                request, officer, settings, session, mail,
                error=error.message, text=text, consultation_id=consultation_id,
            )  # fmt: skip
    return redirect(f"{LIST}?done=registered")


@router.post(LIST + "/{mail_id}/dismiss")
def dismiss_mail(
    request: Request,
    mail_id: int,
    officer: Clerk,
    settings: AppSettings,
    database: AppDatabase,
    now: Now,
    reason: Annotated[str, Form()] = "",
) -> Response:
    try:
        with database.writing() as session:
            mail = _mail(session, officer, mail_id)
            service.dismiss(session, mail, reason, officer=officer.officer, now=now)
    except Refused as error:
        with database.reading() as session:
            mail = _mail(session, officer, mail_id)
            return _mail_page(request, officer, settings, session, mail, error=error.message)
    return redirect(f"{LIST}?done=dismissed")


@router.post(LIST + "/{mail_id}/raw")
def download_mail(
    mail_id: int, officer: Reader, settings: AppSettings, session: WriteSession, now: Now
) -> Response:
    """The message exactly as it came, for a mail program."""
    mail = _mail(session, officer, mail_id)
    raw = keeping.opened(settings, mail.sha256)
    if raw is None:
        raise NotFound("这封来信的原件已经按来信人的要求删除。")
    audit.record(session, officer.officer, "mail.download", "incoming_mail", mail.id, now=now)
    headers = {"Content-Disposition": f'attachment; filename="mail-{mail.id}.eml"'}
    return Response(raw, media_type="message/rfc822", headers=headers)


def _list_page(
    request: Request,
    officer: SignedIn,
    session: Session,
    state: IncomingState | None,
    page: int,
    *,
    error: str = "",
) -> Response:
    rows = queries.listed(session, officer.organisation_id, state, page)
    context = {
        "rows": rows[: queries.PAGE],
        "titles": queries.titles(session, rows),
        "counts": queries.counts(session, officer.organisation_id),
        "state": state,
        # What waits for a person stands first.
        "states": sorted(IncomingState, key=lambda state: state != IncomingState.NEEDS_PERSON),
        "page_number": page,
        "has_next": len(rows) > queries.PAGE,
        "done": _done(request.query_params.get("done", "")),
        "error": error,
    }
    return render(request, "mailbox/list.html", context, status=422 if error else 200)


def _mail_page(
    request: Request,
    officer: SignedIn,
    settings: Settings,
    session: Session,
    mail: IncomingMail,
    *,
    is_open: bool = True,
    error: str = "",
    text: str | None = None,
    consultation_id: int | None = None,
) -> Response:
    opened = _opened(settings, mail) if is_open else Opened(None, Divided("", "", ""))
    submission = session.get(Submission, mail.submission_id) if mail.submission_id else None
    context = {
        "mail": mail,
        "is_open": is_open,
        "letter": opened.letter,
        "parts": opened.parts,
        "submission": submission,
        "comment_path": queries.comment_path(session, mail.submission_id),
        "consultations": queries.published_consultations(session, officer.organisation_id),
        "consultation_id": consultation_id or mail.consultation_id,
        "text": opened.parts.new or opened.parts.quoted if text is None else text,
        "waits": mail.state in (IncomingState.NEEDS_PERSON, IncomingState.AUTOMATIC),
        "error": error,
    }
    return render(request, "mailbox/mail.html", context, status=422 if error else 200)


def _opened(settings: Settings, mail: IncomingMail) -> Opened:
    raw = keeping.opened(settings, mail.sha256)
    if raw is None:
        return Opened(None, Divided("", "", ""))
    letter = message.read(raw)
    return Opened(letter, divide(letter.text))


def _mail(session: Session, officer: SignedIn, mail_id: int) -> IncomingMail:
    mail = queries.by_id(session, officer.organisation_id, mail_id)
    if mail is None:
        raise NotFound("没有这封来信，或者它不属于您的单位。")
    return mail


def _consultation(session: Session, officer: SignedIn, consultation_id: int) -> Consultation:
    found = session.get(Consultation, consultation_id)
    if found is None or found.organisation_id != officer.organisation_id:
        raise Refused("请选择这封来信是对哪个征询的意见。")
    return found


def _done(code: str) -> str:
    if code.startswith("imported-"):
        counts = [int(part) for part in code.split("-")[1:] if part.isdigit()]
        if len(counts) == 2:
            known = f"，其中{counts[1]}封以前已经收过" if counts[1] else ""
            return f"读了{counts[0]}封来信{known}。"
    return {"registered": "已经登记为意见。", "dismissed": "已经标为不登记，理由已留存。"}.get(
        code, ""
    )
