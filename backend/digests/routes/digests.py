"""Ordering a digest, watching it being made, reading it, taking it away."""

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.digests import exporting, making, queries, scheduling, screens, service
from backend.digests.filters import FilterError
from backend.digests.forms import schedule_words
from backend.digests.routes.shared import HOME, Here, Line, Maker, digest_here, download, home
from backend.jobs import nudge
from backend.kit.text import clean_line
from backend.models import Consultation, DigestKind, DigestOrder, OrderState
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession
from backend.web.errors import NotFound
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)


@router.get(HOME)
def list_digests(request: Request, _officer: Maker, here: Here, session: ReadSession) -> Response:
    return _list_page(request, here, session)


@router.post(HOME)
def order_digest(
    request: Request,
    officer: Maker,
    here: Here,
    database: AppDatabase,
    now: Now,
    query: Line = "",
) -> Response:
    query = clean_line(query)
    try:
        with database.writing() as session:
            order = making.order_digest(session, here, query, officer_id=officer.id, now=now)
            order_id = order.id
    except FilterError as error:
        with database.reading() as session:
            return _list_page(request, here, session, query=query, error=str(error), status=422)
    nudge("make-digests")
    return redirect(f"{home(here)}/orders/{order_id}")


@router.get(HOME + "/orders/{order_id:int}")
def show_order(
    request: Request, _officer: Maker, here: Here, session: ReadSession, order_id: int
) -> Response:
    order = _order(session, here, order_id)
    if order.state is OrderState.READY:
        return redirect(f"{home(here)}/{order.digest_id}")
    context = {"consultation": here, "home": home(here), "order": order}
    return render(request, "digests/order.html", context)


@router.get(HOME + "/orders/{order_id:int}/progress")
def show_progress(
    request: Request, _officer: Maker, here: Here, session: ReadSession, order_id: int
) -> Response:
    """The part of the page that changes; tells htmx to go to the digest once it is there."""
    order = _order(session, here, order_id)
    context = {"consultation": here, "home": home(here), "order": order}
    answer = render(request, "digests/_order.html", context)
    if order.state is OrderState.READY:
        answer.headers["HX-Redirect"] = f"{home(here)}/{order.digest_id}"
    return answer


@router.get(HOME + "/{digest_id:int}")
def show_digest(
    request: Request,
    _officer: Maker,
    here: Here,
    session: ReadSession,
    digest_id: int,
    page: int = 1,
) -> Response:
    digest = digest_here(session, here, digest_id)
    if digest.kind == DigestKind.ADOPTION_REPORT:
        return redirect(f"{home(here)}/report")
    content = service.stored_content(digest)
    context = {"consultation": here, "home": home(here), "digest": digest}
    context |= screens.digest_context(content, page)
    context["formats"] = tuple(exporting.MEDIA_TYPES)
    return render(request, "digests/digest.html", context)


@router.get(HOME + "/{digest_id:int}.{format_}")
def download_digest(
    officer: Maker,
    here: Here,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    digest_id: int,
    format_: str,
) -> Response:
    return download(database, settings, officer, here, digest_id, format_, "意见摘要", now=now)


def _order(session: Session, here: Consultation, order_id: int) -> DigestOrder:
    order = session.get(DigestOrder, order_id)
    if order is None or order.consultation_id != here.id:
        raise NotFound("没有这份摘要，它也许属于另一个征询。")
    return order


def _list_page(
    request: Request,
    here: Consultation,
    session: Session,
    *,
    query: str = "",
    error: str | None = None,
    status: int = 200,
) -> Response:
    context = {
        "consultation": here,
        "home": home(here),
        "digests": queries.snapshots(session, here),
        "schedule_words": schedule_words(scheduling.schedule_of(session, here)),
        "orders": making.open_orders(session, here),
        "query": query,
        "error": error,
        "formats": ("docx", "pdf", "xlsx"),
    }
    return render(request, "digests/list.html", context, status=status)
