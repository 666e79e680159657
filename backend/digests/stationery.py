"""公文格式: the letterhead of an organisation, and the Word templates it made."""

import hashlib
from datetime import datetime
from pathlib import PurePath
from typing import cast

from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.digests import exporting
from backend.digests.adoption import Letter
from backend.digests.word_templates import BadTemplate, check
from backend.kit.text import clean_line
from backend.models import Consultation, Digest, DigestKind, Officer, Stationery, WordTemplate


def stationery_of(session: Session, organisation_id: int) -> Stationery | None:
    """What the organisation set; None while everything is as shipped."""
    query = select(Stationery).where(Stationery.organisation_id == organisation_id)
    return session.exec(query).first()


def usual_letter(session: Session, organisation_id: int) -> Letter:
    """The head and signature a report has unless somebody says otherwise."""
    kept = stationery_of(session, organisation_id)
    template = template_in_use(session, organisation_id, DigestKind.ADOPTION_REPORT)
    sha256 = template.sha256 if template else ""
    if kept is None:
        return Letter(template=sha256)
    lines = tuple(line for line in kept.signatures.split("\n") if line)
    return Letter(kept.issuer, kept.document_number, kept.is_red, lines, sha256)


def keep_stationery(
    session: Session, letter: Letter, *, officer: Officer, now: datetime
) -> Stationery:
    """Keep head, number and signature for all papers to come."""
    kept = stationery_of(session, officer.organisation_id) or Stationery(
        organisation_id=officer.organisation_id, changed_at=now
    )
    kept.issuer, kept.document_number = letter.issuer, letter.document_number
    kept.is_red, kept.signatures = letter.is_red, "\n".join(letter.signatures)
    kept.changed_by_id, kept.changed_at = officer.id, now
    session.add(kept)
    session.flush()
    details = {"issuer": kept.issuer, "red": kept.is_red}
    audit.record(session, officer, "stationery.change", "stationery", kept.id, details, now=now)
    return kept


def template_in_use(
    session: Session, organisation_id: int, kind: DigestKind
) -> WordTemplate | None:
    """The office's own template for a kind of paper."""
    query = select(WordTemplate).where(
        WordTemplate.organisation_id == organisation_id,
        WordTemplate.kind == kind,
        col(WordTemplate.retired_at).is_(None),
    )
    return session.exec(query.order_by(col(WordTemplate.id).desc())).first()


def template_of(session: Session, digest: Digest) -> bytes | None:
    """The template a stored paper was made with, retired or not; None for our own look."""
    sha256 = digest.content.get("template") or ""
    if not sha256:
        return None
    owner = session.get_one(Consultation, digest.consultation_id).organisation_id
    query = select(WordTemplate.content).where(
        WordTemplate.organisation_id == owner, WordTemplate.sha256 == sha256
    )
    return session.exec(query).first()


def use_template(
    session: Session,
    kind: DigestKind,
    file_name: str,
    data: bytes,
    *,
    officer: Officer,
    now: datetime,
) -> WordTemplate:
    """Check a template and use it from now on; raises BadTemplate with a sentence."""
    if not data:
        raise BadTemplate("请选择一个 Word 文件（docx）。")
    check(data, kind, exporting.sample_values(kind))
    retire_template(session, kind, officer=officer, now=now)
    template = WordTemplate(
        organisation_id=officer.organisation_id,
        kind=kind,
        file_name=clean_line(PurePath(file_name.replace("\\", "/")).name)[-200:] or "模板.docx",
        sha256=hashlib.sha256(data).hexdigest(),
        content=data,
        uploaded_by_id=officer.id,
        uploaded_at=now,
    )
    session.add(template)
    session.flush()
    details = {"kind": kind.value, "sha256": template.sha256}
    audit.record(session, officer, "template.use", "word_template", template.id, details, now=now)
    return template


def retire_template(session: Session, kind: DigestKind, *, officer: Officer, now: datetime) -> None:
    """Go back to the shipped look; papers made before keep theirs."""
    old = template_in_use(session, officer.organisation_id, kind)
    if old is None:
        return
    old.retired_at = now
    session.add(old)
    session.flush()
    details = {"kind": kind.value, "sha256": old.sha256}
    audit.record(
        session, officer, "template.retire", "word_template", cast(int, old.id), details, now=now
    )
