"""The audit, for the auditor: looking, verifying, exporting."""

import csv
import io
import json
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.accounts import audit, labels, queries
from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.web.deps import Now, ReadSession, WriteSession
from backend.web.pages import datetime_zh, render

router = APIRouter(include_in_schema=False)

AUDIT_PAGE_SIZE = 100
Auditor = Annotated[SignedIn, requires(Permission.VIEW_AUDIT)]


@router.get("/desk/audit")
def show_audit(
    request: Request,
    officer: Auditor,
    session: ReadSession,
    before: Annotated[int | None, Query()] = None,
    action: Annotated[str, Query(max_length=64)] = "",
    officer_id: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    rows = queries.audit_page(
        session,
        officer.organisation_id,
        before=before,
        size=AUDIT_PAGE_SIZE,
        action=action or None,
        officer_id=int(officer_id) if officer_id.isdecimal() else None,
    )
    context = {
        "rows": rows,
        "actions": sorted(labels.ACTIONS.items()),
        "action": action,
        "officer_id": officer_id,
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
def export_audit(officer: Auditor, session: WriteSession, now: Now) -> Response:
    """The whole chain as CSV, hashes included, so that it can be checked elsewhere."""
    audit.record(session, officer.officer, "audit.export", "audit", None, now=now)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["序号", "时间", "工作人员", "动作", "对象", "编号", "内容", "前一条哈希", "哈希"]
    )
    for entry, name in queries.whole_audit(session, officer.organisation_id):
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
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def _inert(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t" else cell
