"""Reading a posted form whatever it holds, so that nothing typed is lost to a parser's refusal."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from backend.kit.settings import Settings
from backend.submissions import uploads
from backend.submissions.forms import Errors, StoredFile

FIELD_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Posted:
    """Text fields by name, and files as (name, bytes); a file that is too big is cut off."""

    fields: dict[str, str]
    files: list[tuple[str, bytes]] = field(default_factory=list)


async def _read(request: Request) -> Posted:
    settings: Settings = request.app.state.settings
    form = await request.form(max_files=20, max_fields=60, max_part_size=FIELD_BYTES)
    fields: dict[str, str] = {}
    files: list[tuple[str, bytes]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append(
                    (value.filename, await value.read(settings.max_upload_mb * 1_000_000 + 1))
                )
        else:
            fields[name] = value
    return Posted(fields, files)


PostedForm = Annotated[Posted, Depends(_read)]


def take_files(
    posted: Posted, settings: Settings, already: list[StoredFile]
) -> tuple[list[StoredFile], Errors]:
    """Keep the good files beside those `already` kept; a sentence about the others."""
    removed = posted.fields.get("remove_file", "")
    kept = [file for file in already if file.sha256 != removed]
    problems = []
    for name, data in posted.files:
        try:
            file = uploads.examine(name, data, max_megabytes=settings.max_upload_mb)
        except uploads.UploadRefused as error:
            problems.append(str(error))
            continue
        if any(file.sha256 == other.sha256 for other in kept):
            continue
        if len(kept) == uploads.MAX_FILES:
            problems.append(f"附件最多{uploads.MAX_FILES}个，没有收下“{file.file_name}”")
            continue
        uploads.keep(settings, file, data)
        kept.append(file)
    return kept, {"files": "；".join(problems)} if problems else {}
