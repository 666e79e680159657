"""批量导入: upload a list, say what its columns mean, look, register, take back."""

import re

from fastapi import APIRouter
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from backend.jobs import nudge
from backend.models import Channel, ImportBatch, RowResult
from backend.registry import columns, import_queries, importing, rules
from backend.registry.counter import REGISTRY, Counter, Transcribing
from backend.registry.reading import TypedForm
from backend.submissions import uploads
from backend.submissions.forms import StoredFile
from backend.web.errors import PageError, Refused
from backend.web.labels import label
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
IMPORTS = REGISTRY + "/imports"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get(IMPORTS)
def show_imports(counter: Transcribing) -> Response:
    return _lists_page(counter)


@router.post(IMPORTS)
def upload_list(counter: Transcribing, typed: TypedForm) -> Response:
    """Read a list; nothing is registered before its columns were looked at."""
    refused = rules.reason_not_to_register(counter.consultation, counter.now)
    try:
        if refused:
            raise Refused(refused)
        if not typed.files:
            raise Refused("请先选择一个表格文件。")
        name, data = typed.files[0]
        file = _kept(counter, name, data)
        with counter.database.writing() as session:
            batch = importing.take(
                session,
                counter.consultation,
                file,
                counter.officer.officer,
                settings=counter.settings,
                now=counter.now,
            )
            goal = f"{counter.path}/imports/{batch.id}"
    except PageError as error:
        return _lists_page(counter, error=error)
    return redirect(goal)


@router.get(IMPORTS + "/{batch_id}")
def show_import(counter: Transcribing, batch_id: int) -> Response:
    with counter.database.reading() as session:
        batch = import_queries.find(session, counter.consultation_id, batch_id)
        if batch.confirmed_at is None:
            return _mapping_page(counter, session, batch)
        return _progress_page(counter, session, batch)


@router.get(IMPORTS + "/{batch_id}/progress")
def show_progress(counter: Transcribing, batch_id: int) -> Response:
    """The fragment that asks for itself while rows wait."""
    with counter.database.reading() as session:
        batch = import_queries.find(session, counter.consultation_id, batch_id)
        context = _progress(counter, session, batch)
    return render(counter.request, "registry/_import_progress.html", context)


@router.post(IMPORTS + "/{batch_id}/columns")
def set_columns(counter: Transcribing, batch_id: int, typed: TypedForm) -> Response:
    """Keep what the columns mean; with `action=import`, let the job begin."""
    try:
        with counter.database.writing() as session:
            batch = import_queries.find(session, counter.consultation_id, batch_id)
            said = _mapping_of(typed.fields, batch)
            importing.remap(session, batch, said)
            if typed.action == "import":
                heads = import_queries.headings(session, batch)
                importing.confirm(session, batch, counter.officer.officer, heads, now=counter.now)
    except Refused as error:
        with counter.database.reading() as session:
            batch = import_queries.find(session, counter.consultation_id, batch_id)
            return _mapping_page(counter, session, batch, error=error)
    answer = redirect(f"{counter.path}/imports/{batch_id}")
    if typed.action == "import":
        answer.background = BackgroundTask(nudge, "import-lists")
    return answer


@router.post(IMPORTS + "/{batch_id}/undo")
def undo_import(counter: Transcribing, batch_id: int) -> Response:
    """Take the whole batch back, as far as nobody has decided on it."""
    with counter.database.writing() as session:
        batch = import_queries.find(session, counter.consultation_id, batch_id)
        importing.ask_undo(session, batch, counter.officer.officer, now=counter.now)
    answer = redirect(f"{counter.path}/imports/{batch_id}")
    answer.background = BackgroundTask(nudge, "import-lists")
    return answer


@router.get(IMPORTS + "/{batch_id}/refused.xlsx")
def refused_rows(counter: Transcribing, batch_id: int) -> Response:
    """The rows that were not registered, with the reason, to correct and import again."""
    with counter.database.reading() as session:
        batch = import_queries.find(session, counter.consultation_id, batch_id)
        data = import_queries.refused_workbook(session, batch)
    name = f"refused-{batch_id}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=XLSX, headers=headers)


# --- Within --------------------------------------------------------------------------------------


def _kept(counter: Counter, name: str, data: bytes) -> StoredFile:
    most = counter.settings.max_upload_mb
    if not data:
        raise Refused("这个文件是空的，请重新选择。")
    if len(data) > most * 1_000_000:
        raise Refused(f"这个文件超过{most}MB，请拆成几个文件再导入。")
    file = uploads.described(name, data, media_type="application/octet-stream")
    uploads.keep(counter.settings, file, data)
    return file


def _mapping_of(fields: dict[str, str], batch: ImportBatch) -> importing.Layout:
    mapping = {
        int(found[1]): value
        for name, value in fields.items()
        if (found := re.fullmatch(r"column-(\d{1,2})", name)) and value in columns.FIELDS
    }
    header = fields.get("header_row", "")
    channel = fields.get("channel", "")
    known = {one.value for one in importing.CHANNELS}
    return importing.Layout(
        int(header) if re.fullmatch(r"\d{1,7}", header) else batch.header_row,
        Channel(channel) if channel in known else batch.channel,
        mapping,
    )


def _lists_page(counter: Counter, *, error: PageError | None = None) -> Response:
    with counter.database.reading() as session:
        context = {
            "counter": counter,
            "consultation": counter.consultation,
            "lists": import_queries.lists(session, counter.consultation_id),
            "error": error,
        }
    status = 422 if error else 200
    return render(counter.request, "registry/imports.html", context, status=status)


def _mapping_page(
    counter: Counter, session: Session, batch: ImportBatch, *, error: PageError | None = None
) -> Response:
    reads = importing.reader(session, batch, settings=counter.settings, now=counter.now)
    context = {
        "counter": counter,
        "consultation": counter.consultation,
        "batch": batch,
        "preview": import_queries.preview(session, batch, reads),
        "lines": import_queries.lines_above(session, batch),
        "fields": [("", "不用这一列")] + [(key, name) for key, (name, _) in columns.FIELDS.items()],
        "channels": [(one.value, label("channel", one)) for one in importing.CHANNELS],
        "places": reads.places,
        "error": error,
    }
    status = 422 if error else 200
    return render(counter.request, "registry/import_columns.html", context, status=status)


def _progress_page(counter: Counter, session: Session, batch: ImportBatch) -> Response:
    context = _progress(counter, session, batch) | {
        "consultation": counter.consultation,
        "outcomes": import_queries.outcomes(session, batch),
    }
    return render(counter.request, "registry/import_batch.html", context)


def _progress(counter: Counter, session: Session, batch: ImportBatch) -> dict[str, object]:
    tally = import_queries.tally(session, batch)
    is_undoing = batch.undone_at is not None and tally[RowResult.IMPORTED] > 0
    is_importing = batch.undone_at is None and batch.finished_at is None
    return {
        "counter": counter,
        "batch": batch,
        "tally": {result.value: number for result, number in tally.items()},
        "done_count": batch.row_count - tally[RowResult.WAITING],
        "is_working": is_undoing or is_importing,
    }
