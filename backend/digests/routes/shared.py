"""What the addresses of this room share: who may come in, and how a file is handed over."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Form
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts import audit
from backend.accounts.access import SignedIn, consultation_here, requires
from backend.accounts.rules import Permission
from backend.digests import exporting, queries
from backend.digests.fonts import NoFonts
from backend.digests.making import files_folder
from backend.digests.stationery import template_of
from backend.digests.word_templates import BadTemplate
from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Consultation, Digest
from backend.web.errors import NotFound, Refused

HOME = "/desk/consultations/{slug}/digests"

Maker = Annotated[SignedIn, requires(Permission.MAKE_DIGEST)]
Exporter = Annotated[SignedIn, requires(Permission.EXPORT)]
Publisher = Annotated[SignedIn, requires(Permission.PUBLISH_OUTCOME)]
Here = Annotated[Consultation, Depends(consultation_here)]
Line = Annotated[str, Form(max_length=300)]


def home(here: Consultation) -> str:
    return f"/desk/consultations/{here.slug}/digests"


def digest_here(session: Session, here: Consultation, digest_id: int) -> Digest:
    digest = queries.digest_or_none(session, here, digest_id)
    if digest is None:
        raise NotFound("没有这份摘要或者报告，它也许属于另一个征询。")
    return digest


def download(
    database: Database,
    settings: Settings,
    officer: SignedIn,
    here: Consultation,
    digest_id: int,
    format_: str,
    what: str,
    *,
    now: datetime,
) -> Response:
    """Write the file first: a transaction that writes must not wait for typesetting."""
    with database.reading() as session:
        digest = digest_here(session, here, digest_id)
        template = template_of(session, digest)
        session.expunge(digest)
    folder = files_folder(settings)
    answer = file_of(here, digest, format_, what, keep_in=folder, template=template)
    details = {"format": format_, "sha256": digest.content_sha256}
    with database.writing() as session:
        audit.record(
            session, officer.officer, "digest.download", "digest", digest.id, details, now=now
        )
    return answer


def file_of(
    here: Consultation,
    digest: Digest,
    format_: str,
    what: str,
    *,
    keep_in: Path | None = None,
    template: bytes | None = None,
) -> Response:
    """A digest or report in a format, to be saved."""
    try:
        if keep_in is None:
            data = exporting.write(digest, format_, template=template)
        else:
            data = exporting.write_once(digest, format_, keep_in, template=template)
    except exporting.UnknownFormat as error:
        raise NotFound(str(error)) from error
    except (NoFonts, BadTemplate) as error:
        raise Refused(str(error)) from error
    media_type = exporting.MEDIA_TYPES[format_]
    return attachment(
        here, data, format_, media_type, what, digest.content_sha256, digest.created_at
    )


def attachment(
    here: Consultation,
    data: bytes,
    ending: str,
    media_type: str,
    what: str,
    sha256: str,
    moment: datetime,
) -> Response:
    headers = attachment_headers(here, ending, what, moment) | {"X-Content-SHA256": sha256}
    return Response(data, media_type=media_type, headers=headers)


def attachment_headers(
    here: Consultation, ending: str, what: str, moment: datetime
) -> dict[str, str]:
    name = quote(f"{here.title[:40]}{what}{local(moment):%Y%m%d}.{ending}")
    plain = f'attachment; filename="{here.slug}.{ending}"'
    return {"Content-Disposition": f"{plain}; filename*=UTF-8''{name}"}
