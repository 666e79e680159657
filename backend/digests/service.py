"""Verbs of the drafting office: compile a digest, check it, write it out."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session

from analysis.contracts import to_json
from backend.digests import exporting, filters, queries
from backend.digests.compiling import compile_content
from backend.digests.content import Changes, DigestContent, Heading
from backend.digests.frozen import thaw
from backend.digests.stationery import template_in_use, template_of
from backend.digests.validation import validate
from backend.kit.clock import last_day_before, local
from backend.models import Consultation, Digest, DigestKind, Organisation


def compile(  # noqa: A001 - the verb the office uses
    session: Session, consultation: Consultation, query: str = "", *, now: datetime
) -> DigestContent:
    """Read everything the filter matches; raises FilterError with a Chinese sentence."""
    chosen = filters.parse(query)
    frame = queries.load_frame(session, consultation, chosen)
    heading = read_heading(session, consultation, frame.plan.title, frame.plan.version)
    own = template_in_use(session, consultation.organisation_id, DigestKind.DIGEST)
    template = own.sha256 if own else ""
    content = compile_content(frame, heading, chosen, now=now, template=template)
    previous = queries.latest(session, consultation, DigestKind.DIGEST, query=content.query)
    if previous is None:
        return content
    changes = changes_since(previous, content)
    return replace(content, since_last=changes)


def read_heading(
    session: Session, consultation: Consultation, plan_title: str, version: str
) -> Heading:
    """Which consultation this is, as it stands in print."""
    organisation = session.get_one(Organisation, consultation.organisation_id)
    opens, closes = consultation.opens_at, consultation.closes_at
    return Heading(
        consultation=consultation.title,
        slug=consultation.slug,
        organisation=organisation.name,
        drafting_office=consultation.drafting_office or organisation.name,
        plan_title=plan_title,
        version=version,
        opens_on=local(opens).date() if opens else None,
        closes_on=last_day_before(closes) if closes else None,
    )


def changes_since(previous: Digest, content: DigestContent) -> Changes:
    """What is new since an earlier snapshot with the same filter."""
    before = stored_content(previous)
    old, new = set(before.overview.scope_ids), set(content.overview.scope_ids)
    counts = {t.total.label: t.total.count for t in before.topics}
    risen = [
        f"{t.total.label}（{counts.get(t.total.label, 0)}条→{t.total.count}条）"
        for t in content.topics
        if t.total.count > counts.get(t.total.label, 0)
    ]
    return Changes(
        previous_id=cast(int, previous.id),
        previous_at=previous.created_at,
        arrived=tuple(sorted(new - old)),
        gone=tuple(sorted(old - new)),
        decided_count=_decided(content) - _decided(before),
        risen=tuple(risen[:5]),
    )


def _decided(content: DigestContent) -> int:
    return sum(d.count for d in content.decisions if d.key != "pending")


def stored_content(digest: Digest) -> DigestContent:
    """The content of a snapshot, read back."""
    return thaw(DigestContent, digest.content)


def canonical(content: Any) -> tuple[dict[str, Any], str]:
    """Plain JSON and the SHA-256 of its canonical bytes."""
    plain = to_json(content)
    return plain, fingerprint(plain)


def fingerprint(plain: dict[str, Any]) -> str:
    """SHA-256 over sorted, unspaced UTF-8 JSON: the same on both databases."""
    data = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()


class DigestRefused(ValueError):
    """A digest that is not true, or a report that is not ready; the message says why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("".join(problems[:3]))
        self.problems = problems


Tell = Callable[[str, int], None]


def prepare(
    session: Session,
    consultation: Consultation,
    query: str = "",
    *,
    officer_id: int | None,
    now: datetime,
    tell: Tell = lambda _step, _percent: None,
) -> Digest:
    """A digest that holds against the tables, not yet stored; `tell` hears steps and percent.

    Raises FilterError or DigestRefused.
    """
    tell("读取意见", 5)
    content = compile(session, consultation, query, now=now)
    tell("核对数字和引文", 30)
    problems = validate(session, consultation, content)
    if problems:
        raise DigestRefused(problems)
    tell("保存", 45)
    plain, sha256 = canonical(content)
    return Digest(
        consultation_id=cast(int, consultation.id),
        kind=DigestKind.DIGEST,
        query=content.query,
        content=plain,
        content_sha256=sha256,
        comment_count=content.overview.comment_count,
        created_by_id=officer_id,
        created_at=now,
    )


def export(
    session: Session,
    consultation: Consultation,
    format_: str,
    query: str = "",
    *,
    now: datetime,
) -> bytes:
    """A fresh, validated digest in one format, without keeping a snapshot (for the command).

    Raises FilterError, DigestRefused or fonts.NoFonts, each with a Chinese sentence.
    """
    digest = prepare(session, consultation, query, officer_id=None, now=now)
    return exporting.write(digest, format_, template=template_of(session, digest))
