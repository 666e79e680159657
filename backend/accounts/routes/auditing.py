"""The audit, for the auditor: looking, filtering, verifying, exporting."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from backend.accounts import audit, labels, queries
from backend.accounts.access import SignedIn, requires
from backend.accounts.queries import AuditFilter
from backend.accounts.rules import Permission
from backend.models import AuditEntry
from backend.web.deps import Now, ReadSession, WriteSession
from backend.web.pages import datetime_zh, render

router = APIRouter(include_in_schema=False)

AUDIT_PAGE_SIZE = 100
Auditor = Annotated[SignedIn, requires(Permission.VIEW_AUDIT)]
Entries = Iterable[tuple[AuditEntry, str | None]]
Short = Annotated[str, Query(max_length=64)]
HEADS = ("序号", "时间", "工作人员", "动作", "对象", "编号", "内容", "前一条哈希", "哈希")


def _asked(
    action: Short = "",
    officer_id: Short = "",
    subject_type: Short = "",
    subject_id: Short = "",
    since: Short = "",
    until: Short = "",
) -> AuditFilter:
    """The filter of an address; what cannot be read asks for nothing."""
    return AuditFilter(
        action, _number(officer_id), subject_type, _number(subject_id), _day(since), _day(until)
    )


Asked = Annotated[AuditFilter, Depends(_asked)]


@router.get("/desk/audit")
def show_audit(
    request: Request,
    officer: Auditor,
    session: ReadSession,
    chosen: Asked,
    before: Annotated[int | None, Query()] = None,
) -> Response:
    rows = queries.audit_page(
        session, officer.organisation_id, chosen, before=before, size=AUDIT_PAGE_SIZE
    )
    context = {
        "rows": rows,
        "chosen": chosen,
        "actions": sorted(labels.ACTIONS.items(), key=lambda pair: pair[1]),
        "subjects": sorted(labels.SUBJECTS.items(), key=lambda pair: pair[1]),
        "officers": [row.officer for row in queries.officers(session, officer.organisation_id)],
        "action_label": labels.action_label,
        "subject_label": labels.subject_label,
        "older": rows[-1].number if len(rows) == AUDIT_PAGE_SIZE else None,
        "details": labels.details_line,
    }
    return render(request, "accounts/audit.html", context)


@router.post("/desk/audit/verify")
def verify_audit(request: Request, officer: Auditor, session: ReadSession) -> Response:
    breaks = [b for b in audit.verify(session) if b.organisation_id == officer.organisation_id]
    head = queries.audit_page(session, officer.organisation_id, before=None, size=1)
    context = {"breaks": breaks, "head": head[0] if head else None}
    return render(request, "accounts/audit_verified.html", context)


@router.post("/desk/audit/export")
def export_audit(
    officer: Auditor,
    session: WriteSession,
    now: Now,
    chosen: Asked,
    format_: Annotated[str, Form(alias="format", max_length=8)] = "csv",
) -> Response:
    """What is shown, hashes included; the whole chain as JSON can be verified elsewhere."""
    kind = "json" if format_ == "json" else "csv"
    details = {"format": kind, "filtered": not chosen.is_empty}
    audit.record(session, officer.officer, "audit.export", "audit", None, details, now=now)
    entries = queries.audit_entries(session, officer.organisation_id, chosen)
    body, media_type = (
        (_as_json(entries), "application/json")
        if kind == "json"
        else (_as_csv(entries), "text/csv; charset=utf-8")
    )
    disposition = {"Content-Disposition": f'attachment; filename="audit.{kind}"'}
    return Response(body, media_type=media_type, headers=disposition)


def _as_csv(entries: Entries) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for entry, name in entries:
        writer.writerow(
            [
                entry.number,
                datetime_zh(entry.at),
                _inert(name or ""),
                entry.action,
                entry.subject_type,
                entry.subject_id or "",
                json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
                entry.previous_hash,
                entry.hash,
            ]
        )
    return "\ufeff" + out.getvalue()


def _as_json(entries: Entries) -> str:
    """Every field the hash covers, as it is hashed (`accounts.audit.entry_hash`)."""
    rows: list[dict[str, Any]] = [
        {
            "organisation_id": entry.organisation_id,
            "number": entry.number,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "officer_id": entry.officer_id,
            "officer": name,
            "action": entry.action,
            "subject_type": entry.subject_type,
            "subject_id": entry.subject_id,
            "details": entry.details,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        }
        for entry, name in entries
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def _inert(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t" else cell


def _number(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
