"""Everything there is, to take away: every comment as a list, and the dossier."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

from backend.accounts import audit
from backend.digests import exporting, streaming
from backend.digests.dossier import make_dossier
from backend.digests.filters import Filter, FilterError, parse
from backend.digests.filters import render as render_filter
from backend.digests.routes.shared import HOME, Exporter, Here, attachment, attachment_headers
from backend.kit.db import Database
from backend.kit.text import clean_line
from backend.models import Consultation
from backend.web.deps import AppDatabase, AppSettings, Now
from backend.web.errors import NotFound, Refused

router = APIRouter(include_in_schema=False)


@router.get(HOME + "/dossier.zip")
def download_dossier(
    officer: Exporter, here: Here, database: AppDatabase, settings: AppSettings, now: Now
) -> Response:
    with database.reading() as session:
        data = make_dossier(session, here, secret=settings.secret(), now=now)
    sha256 = hashlib.sha256(data).hexdigest()
    with database.writing() as session:
        details = {"sha256": sha256}
        audit.record(
            session, officer.officer, "dossier.make", "consultation", here.id, details, now=now
        )
    return attachment(here, data, "zip", "application/zip", "归档包", sha256, now)


@router.get(HOME + "/comments.{format_}")
def download_comments(
    officer: Exporter,
    here: Here,
    database: AppDatabase,
    now: Now,
    format_: str,
    query: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Every comment as it stands now, in bounded memory, however many there are."""
    try:
        chosen = parse(clean_line(query))
    except FilterError as error:
        raise Refused(str(error)) from error
    if format_ not in ("csv", "xlsx"):
        raise NotFound("意见明细可以下载 csv 或者 xlsx。")
    with database.writing() as session:
        details = {"format": format_, "query": render_filter(chosen)}
        audit.record(
            session, officer.officer, "comments.export", "consultation", here.id, details, now=now
        )
    headers = attachment_headers(here, format_, "意见明细", now)
    media_type = exporting.MEDIA_TYPES[format_]
    if format_ == "csv":
        return StreamingResponse(
            _csv_pieces(database, here, chosen), media_type=media_type, headers=headers
        )
    folder = Path(mkdtemp(prefix="zhengxun-"))
    path = folder / f"{here.slug}.xlsx"
    with database.reading() as session:
        streaming.xlsx_of_all(session, here, chosen, path)
    done = BackgroundTask(rmtree, folder)
    return FileResponse(path, media_type=media_type, headers=headers, background=done)


def _csv_pieces(database: Database, here: Consultation, chosen: Filter) -> Iterator[bytes]:
    """In a session of its own: the request's would be closed before the last piece."""
    with database.reading() as session:
        yield from streaming.csv_of_all(session, here, chosen)
