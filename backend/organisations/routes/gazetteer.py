"""街镇 and 居委: looked at, corrected, imported with a preview."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.organisations import gazetteer, rules
from backend.web.deps import Now, ReadSession, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
ListKeeper = Annotated[SignedIn, requires(Permission.MANAGE_LISTS)]
DONE = {"imported": "已导入。", "renamed": "已修改。", "removed": "已删除。"}
HERE = "/desk/manage/places"
MOST_BYTES = 2_000_000


@router.get(HERE)
def show_places(request: Request, officer: ListKeeper, session: ReadSession) -> Response:
    context = {
        "streets": gazetteer.streets(session, officer.organisation_id),
        "done": DONE.get(request.query_params.get("done", "")),
    }
    return render(request, "organisations/places.html", context)


@router.post(HERE + "/preview")
def preview_places(
    request: Request,
    officer: ListKeeper,
    session: ReadSession,
    text: Annotated[str, Form(max_length=MOST_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    data = b"" if file is None else file.file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("文件超过 2 MB，请分几次导入。")
    read = rules.decode(data) if data else text
    if not read.strip():
        raise Refused("请选择 CSV 文件，或者把两列粘贴到文本框里。")
    found = gazetteer.preview(session, officer.organisation_id, read)
    context = {"preview": found, "text": read}
    return render(request, "organisations/places_preview.html", context)


@router.post(HERE + "/import")
def import_places(
    officer: ListKeeper,
    session: WriteSession,
    now: Now,
    text: Annotated[str, Form(max_length=MOST_BYTES)] = "",
) -> Response:
    found = gazetteer.preview(session, officer.organisation_id, text)
    if not found.new:
        raise Refused("没有新的街镇或居委可以导入。")
    gazetteer.add_all(session, found.new, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=imported")


@router.post(HERE + "/{place_id}")
def rename_place(
    place_id: int,
    officer: ListKeeper,
    session: WriteSession,
    now: Now,
    street: Annotated[str, Form(max_length=1000)] = "",
    name: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    place = gazetteer.of(session, place_id, officer.organisation_id)
    gazetteer.rename(session, place, street, name, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=renamed")


@router.post(HERE + "/{place_id}/remove")
def remove_place(place_id: int, officer: ListKeeper, session: WriteSession, now: Now) -> Response:
    place = gazetteer.of(session, place_id, officer.organisation_id)
    gazetteer.remove(session, place, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=removed")
