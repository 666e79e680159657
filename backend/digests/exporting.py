"""A stored digest in the format somebody asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from backend.digests.adoption import AdoptionContent
from backend.digests.adoption_paper import adoption_paper, adoption_sheets
from backend.digests.content import DigestContent
from backend.digests.digest_paper import digest_paper
from backend.digests.frozen import thaw
from backend.digests.paper import Paper
from backend.digests.sheets import Sheet, digest_sheets
from backend.digests.template_values import NAMES, digest_values, report_values
from backend.digests.word_templates import fill
from backend.digests.writers.docx import write_docx
from backend.digests.writers.html import write_html
from backend.digests.writers.pdf import render_png, write_pdf
from backend.digests.writers.plain import write_csv, write_json
from backend.digests.writers.xlsx import write_xlsx
from backend.models import Digest, DigestKind

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class _Forms:
    paper: Paper
    sheets: tuple[Sheet, ...]


class UnknownFormat(ValueError):
    """A format nobody writes; the message lists those there are."""


def write(digest: Digest, format_: str, *, template: bytes | None = None) -> bytes:
    """The bytes of one format; the same snapshot always gives the same bytes.

    `template` is the office's own .docx the snapshot names, for Word.
    """
    if format_ not in MEDIA_TYPES:
        raise UnknownFormat(f"没有“{format_}”这种格式。可以使用：{'、'.join(MEDIA_TYPES)}。")
    if format_ == "json":
        return write_json(digest.content, digest.content_sha256)
    if format_ == "docx" and template is not None:
        return fill(template, values_of(digest))
    forms = _forms(digest)
    if format_ == "csv":
        sheet = forms.sheets[-1]
        return write_csv([column.title for column in sheet.columns], sheet.rows)
    if format_ == "xlsx":
        paper = forms.paper
        title = paper.title.replace("\n", "")
        return write_xlsx(forms.sheets, title=title, author=paper.author, made_at=paper.made_at)
    writers: dict[str, Callable[[Paper], bytes]] = {
        "docx": write_docx,
        "pdf": write_pdf,
        "html": write_html,
    }
    return writers[format_](forms.paper)


def write_once(
    digest: Digest, format_: str, folder: Path, *, template: bytes | None = None
) -> bytes:
    """As `write`, kept in a folder: anybody may ask for a published report, any number of times."""
    if format_ not in MEDIA_TYPES:
        return write(digest, format_, template=template)
    kept = folder / f"{digest.content_sha256}.{format_}"
    if kept.is_file():
        return kept.read_bytes()
    data = write(digest, format_, template=template)
    folder.mkdir(parents=True, exist_ok=True)
    waiting = folder / f".{kept.name}.{uuid4().hex}"
    waiting.write_bytes(data)
    waiting.replace(kept)
    return data


def values_of(digest: Digest) -> dict[str, Any]:
    """What a Word template is filled with."""
    if digest.kind == DigestKind.DIGEST:
        return digest_values(thaw(DigestContent, digest.content), render_png)
    return report_values(thaw(AdoptionContent, digest.content))


def sample_values(kind: DigestKind) -> dict[str, Any]:
    """Values of every documented name, for trying a template out: each list has two entries."""
    found: dict[str, Any] = {}
    for name, meaning in NAMES[kind].items():
        if isinstance(meaning, str):
            found[name] = meaning
        else:
            found[name] = [{field: f"{words}{n}" for field, words in meaning.items()} for n in "12"]
    return found


def _forms(digest: Digest) -> _Forms:
    if digest.kind == DigestKind.DIGEST:
        content = thaw(DigestContent, digest.content)
        return _Forms(digest_paper(content), digest_sheets(content))
    report = thaw(AdoptionContent, digest.content)
    return _Forms(adoption_paper(report), adoption_sheets(report))
