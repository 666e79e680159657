"""How the office's papers look: letterhead, signature, Word templates of its own."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.digests import exporting, reporting, service, stationery
from backend.digests.adoption import Letter
from backend.digests.default_templates import default_template
from backend.digests.routes.shared import HOME, Here, Line, Maker, attachment, file_of, home
from backend.digests.word_templates import MOST_BYTES, BadTemplate, named
from backend.kit.text import clean_line, clean_text
from backend.models import Consultation, Digest, DigestKind
from backend.web.deps import AppDatabase, Now, ReadSession
from backend.web.errors import NotFound
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
HERE = HOME + "/stationery"
KINDS = {DigestKind.ADOPTION_REPORT: "采纳情况报告", DigestKind.DIGEST: "意见摘要"}
Editor = Annotated[SignedIn, requires(Permission.MANAGE_CONSULTATION)]


@router.get(HERE)
def show_stationery(
    request: Request, _officer: Maker, here: Here, session: ReadSession
) -> Response:
    return _page(request, here, session)


@router.post(HERE)
def keep_stationery(
    officer: Editor,
    here: Here,
    database: AppDatabase,
    now: Now,
    issuer: Line = "",
    document_number: Line = "",
    red: Annotated[bool, Form()] = False,
    signatures: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    lines = [clean_line(line)[:60] for line in clean_text(signatures).split("\n")]
    letter = Letter(
        clean_line(issuer)[:60],
        clean_line(document_number)[:60],
        red,
        tuple(line for line in lines if line)[:5],
    )
    with database.writing() as session:
        stationery.keep_stationery(session, letter, officer=officer.officer, now=now)
    return redirect(f"{home(here)}/stationery")


@router.post(HERE + "/{kind}/template")
def use_template(
    request: Request,
    officer: Editor,
    here: Here,
    database: AppDatabase,
    now: Now,
    kind: str,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    chosen = _kind(kind)
    data = file.file.read(MOST_BYTES + 1) if file else b""
    name = (file.filename or "") if file else ""
    try:
        with database.writing() as session:
            stationery.use_template(session, chosen, name, data, officer=officer.officer, now=now)
    except BadTemplate as error:
        errors = {f"file-{chosen.value}": str(error)}
        with database.reading() as session:
            return _page(request, here, session, errors=errors, status=422)
    return redirect(f"{home(here)}/stationery")


@router.post(HERE + "/{kind}/retire")
def retire_template(
    officer: Editor, here: Here, database: AppDatabase, now: Now, kind: str
) -> Response:
    with database.writing() as session:
        stationery.retire_template(session, _kind(kind), officer=officer.officer, now=now)
    return redirect(f"{home(here)}/stationery")


@router.get(HERE + "/{kind}/default.docx")
def download_default(_officer: Maker, here: Here, now: Now, kind: str) -> Response:
    chosen = _kind(kind)
    data = default_template(chosen)
    media_type = exporting.MEDIA_TYPES["docx"]
    return attachment(here, data, "docx", media_type, f"{KINDS[chosen]}模板", "", now)


@router.get(HERE + "/{kind}/preview.docx")
def preview(_officer: Maker, here: Here, session: ReadSession, now: Now, kind: str) -> Response:
    """The template in use, filled with what there is now."""
    chosen = _kind(kind)
    own = stationery.template_in_use(session, here.organisation_id, chosen)
    draft = _draft(session, here, chosen, now)
    template = own.content if own else default_template(chosen)
    return file_of(here, draft, "docx", f"{KINDS[chosen]}（预览）", template=template)


def _draft(session: Session, here: Consultation, kind: DigestKind, now: Now) -> Digest:
    if kind is DigestKind.ADOPTION_REPORT:
        letter = stationery.usual_letter(session, here.organisation_id)
        content = reporting.compile_adoption(session, here, letter=letter, now=now)
        return reporting.unstored(content, here)
    return service.prepare(session, here, officer_id=None, now=now)


def _kind(kind: str) -> DigestKind:
    if kind not in set(DigestKind):
        raise NotFound("没有这一种文件的模板。")
    return DigestKind(kind)


def _page(
    request: Request,
    here: Consultation,
    session: Session,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    kinds = [
        (
            kind,
            name,
            stationery.template_in_use(session, here.organisation_id, kind),
            named(kind),
        )
        for kind, name in KINDS.items()
    ]
    context = {
        "consultation": here,
        "home": home(here),
        "letter": stationery.usual_letter(session, here.organisation_id),
        "kinds": kinds,
        "errors": errors or {},
    }
    return render(request, "digests/stationery.html", context, status=status)
