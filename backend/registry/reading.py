"""A posted form of the counter: fields by name, the chosen scans, and files as (name, bytes)."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from backend.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent; a file that is too big is cut off one byte after the limit."""

    fields: dict[str, str]
    scan_ids: tuple[str, ...] = ()
    files: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def action(self) -> str:
        return self.fields.get("action", "check")


async def _read(request: Request) -> Typed:
    settings: Settings = request.app.state.settings
    most = settings.max_upload_mb * 1_000_000 + 1
    form = await request.form()
    fields: dict[str, str] = {}
    scan_ids: list[str] = []
    files: list[tuple[str, bytes]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append((value.filename, await value.read(most)))
        elif name == "scan":
            scan_ids.append(value)
        else:
            fields[name] = value
    return Typed(fields, tuple(scan_ids), files)


TypedForm = Annotated[Typed, Depends(_read)]
