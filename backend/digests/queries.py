"""Reads for digests: one pass over the tables gives a frame of plain records."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from sqlalchemy import Row, Select
from sqlmodel import Session, col, select

from backend.digests.filters import Filter
from backend.digests.frame import Frame, Item, Link, PlanFrame, SectionNode, Voice
from backend.models import (
    AnswerRating,
    Assessment,
    AssessmentLink,
    Comment,
    Consultation,
    CorpusRun,
    CorpusTag,
    Department,
    Digest,
    DigestKind,
    Disposition,
    Indicator,
    Passage,
    PlanVersion,
    Review,
    ReviewLink,
    Section,
    Submission,
    Task,
)
from backend.submissions.people import same_person
from backend.web.labels import label

# Named in print, in this order of precedence; see `_left_out`.
WITHDRAWN = "提交人已撤回"
QUARANTINED = "疑似灌水，待人工核实"
UNREAD = "尚未研判，暂不能显示"
UNREADABLE = "内容无法辨认"


def load_frame(session: Session, consultation: Consultation, chosen: Filter) -> Frame:
    """Every comment the filter matches, in order of arrival, with its effective tags."""
    plan = load_plan(session, consultation)
    voices = _voices(session, consultation, plan)
    departments = _assigned_departments(session, consultation) if chosen.department else {}
    matches = _matcher(chosen, plan, departments)
    return Frame(
        voices=tuple(v for v in voices if matches(v)),
        plan=plan,
        topics=_topics(session, consultation),
        same_person=same_person(session, consultation.id or 0, counted_only=False),
    )


def stream_frames(
    session: Session, consultation: Consultation, chosen: Filter, *, size: int = 1_000
) -> Iterator[Frame]:
    """The same in pieces of `size` comments, for lists too long to hold at once."""
    plan = load_plan(session, consultation)
    topics = _topics(session, consultation)
    departments = _assigned_departments(session, consultation) if chosen.department else {}
    matches = _matcher(chosen, plan, departments)
    after = 0
    while voices := _voices(session, consultation, plan, after=after, limit=size):
        after = voices[-1].id
        yield Frame(tuple(v for v in voices if matches(v)), plan, topics)
        session.expunge_all()


def load_plan(session: Session, consultation: Consultation) -> PlanFrame:
    """The newest version of the consultation's plan."""
    versions = session.exec(
        select(PlanVersion)
        .where(PlanVersion.consultation_id == consultation.id)
        .order_by(col(PlanVersion.number))
    ).all()
    names = {
        cast(int, v.id): f"{label('version_kind', v.kind)}（第{v.number}版）" for v in versions
    }
    if not versions:
        return PlanFrame(consultation.title, "", {}, {}, {}, {})
    newest = versions[-1]
    return PlanFrame(
        title=newest.title,
        version=names[cast(int, newest.id)],
        versions=names,
        sections=_sections(session, newest),
        items=_items(session, newest),
        passages=dict(
            session.exec(
                select(Passage.key, Passage.text).where(Passage.plan_version_id == newest.id)
            ).all()
        ),
    )


def digest_or_none(session: Session, consultation: Consultation, digest_id: int) -> Digest | None:
    """A stored digest of this consultation."""
    digest = session.get(Digest, digest_id)
    return digest if digest and digest.consultation_id == consultation.id else None


def latest(
    session: Session, consultation: Consultation, kind: DigestKind, *, query: str | None = None
) -> Digest | None:
    """The newest snapshot of a kind, of one filter when `query` is given."""
    statement = select(Digest).where(Digest.consultation_id == consultation.id, Digest.kind == kind)
    if query is not None:
        statement = statement.where(Digest.query == query)
    return session.exec(statement.order_by(col(Digest.id).desc()).limit(1)).first()


def snapshots(session: Session, consultation: Consultation) -> list[Row[Any]]:
    """The list page: everything but the content, newest first."""
    return list(
        session.execute(
            select(  # type: ignore[call-overload]
                Digest.id,
                Digest.kind,
                Digest.query,
                Digest.comment_count,
                Digest.content_sha256,
                Digest.created_at,
            )
            .where(Digest.consultation_id == consultation.id)
            .order_by(col(Digest.id).desc())
        ).all()
    )


def _sections(session: Session, version: PlanVersion) -> dict[str, SectionNode]:
    rows = session.exec(
        select(Section).where(Section.plan_version_id == version.id).order_by(col(Section.position))
    )
    return {
        s.key: SectionNode(s.key, s.parent_key, s.level, s.label or "", s.title, s.position)
        for s in rows
    }


def _items(session: Session, version: PlanVersion) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for i in session.exec(select(Indicator).where(Indicator.plan_version_id == version.id)):
        target = " ".join(part for part in (i.target, i.unit) if part)
        items[i.key] = Item(
            "indicator", i.key, i.no or "", i.name, i.section_key, target, i.bound, i.position
        )
    for t in session.exec(select(Task).where(Task.plan_version_id == version.id)):
        items[t.key] = Item("task", t.key, "", t.title, t.section_key, "", None, t.position)
    return items


def _topics(session: Session, consultation: Consultation) -> dict[str, tuple[str, str]]:
    run = session.exec(
        select(CorpusRun)
        .where(CorpusRun.consultation_id == consultation.id)
        .order_by(col(CorpusRun.id).desc())
        .limit(1)
    ).first()
    topics = run.result.get("topics", []) if run else []
    return {t["id"]: (t["label"], t.get("description") or "") for t in topics}


def _voices(
    session: Session,
    consultation: Consultation,
    plan: PlanFrame,
    *,
    after: int = 0,
    limit: int | None = None,
) -> list[Voice]:
    """Comments in order of id; those behind `after`, at most `limit` of them."""
    statement = _comments(consultation).where(col(Comment.id) > after)
    rows = session.execute(statement if limit is None else statement.limit(limit)).all()
    if not rows:
        return []
    first, last = rows[0].id, rows[-1].id
    machine = _links(
        session,
        select(AssessmentLink)
        .join(Assessment, col(Assessment.id) == AssessmentLink.assessment_id)
        .join(Comment, col(Comment.id) == AssessmentLink.comment_id)
        .where(
            Comment.consultation_id == consultation.id,
            col(Comment.id).between(first, last),
            col(Assessment.is_current),
            Assessment.link_status == "linked",
        )
        .order_by(col(AssessmentLink.comment_id), col(AssessmentLink.rank)),
        "machine",
    )
    officers = _links(
        session,
        select(ReviewLink)
        .join(Comment, col(Comment.id) == ReviewLink.comment_id)
        .where(Comment.consultation_id == consultation.id, col(Comment.id).between(first, last))
        .order_by(col(ReviewLink.id)),
        "officer",
    )
    return [_voice(row, machine[row.id], officers[row.id], plan) for row in rows]


def _comments(consultation: Consultation) -> Select[Any]:
    c, s, a, r, d, t = Comment, Submission, Assessment, Review, Disposition, CorpusTag
    w = AnswerRating
    columns: tuple[Any, ...] = (
        c.id,
        c.submission_id,
        c.ordinal,
        c.received_at,
        c.masked_text,
        c.proposed_wording,
        c.masked_wording,
        c.anchor_kind,
        c.anchor_key,
        c.anchor_section_key,
        c.anchor_quote,
        c.anchor_version_id,
        c.handling,
        c.merged_into_id,
        c.handed_over_to,
        s.channel,
        s.submitter_kind,
        s.street,
        s.neighbourhood,
        s.is_late,
        s.is_quarantined,
        s.withdrawn_at,
        col(a.status).label("read_status"),
        col(a.sentiment).label("machine_sentiment"),
        col(a.intent).label("machine_intent"),
        col(a.engine_version).label("engine"),
        col(r.id).label("review_id"),
        col(r.sentiment).label("officer_sentiment"),
        col(r.intent).label("officer_intent"),
        col(r.links_confirmed).label("links_confirmed"),
        d.outcome,
        d.reason,
        d.change_place,
        d.change_section_key,
        t.topic,
        t.cluster,
        w.verdict,
    )
    statement: Select[Any] = (
        select(*columns)
        .select_from(c)
        .join(s, col(s.id) == c.submission_id)
        .outerjoin(a, (col(a.comment_id) == c.id) & col(a.is_current))
        .outerjoin(r, col(r.comment_id) == c.id)
        .outerjoin(d, (col(d.comment_id) == c.id) & col(d.superseded_at).is_(None))
        .outerjoin(t, col(t.comment_id) == c.id)
        .outerjoin(w, col(w.comment_id) == c.id)
        .where(c.consultation_id == consultation.id, col(c.is_current))
        .order_by(col(c.id))
    )
    return statement


def _links(session: Session, statement: Any, origin: str) -> defaultdict[int, list[Link]]:
    links: defaultdict[int, list[Link]] = defaultdict(list)
    for row in session.exec(statement):
        links[row.comment_id].append(Link(row.item_kind, row.item_key, row.stance, origin))
    return links


def _voice(row: Row[Any], machine: list[Link], officer: list[Link], plan: PlanFrame) -> Voice:
    links = _effective_links(row, machine, officer)
    return Voice(
        id=row.id,
        submission_id=row.submission_id,
        ordinal=row.ordinal,
        received_at=row.received_at,
        channel=row.channel.value,
        sender=row.submitter_kind.value if row.submitter_kind else None,
        street=row.street or "",
        neighbourhood=row.neighbourhood or "",
        is_late=row.is_late,
        text=row.masked_text or "",
        # A wording nobody has masked yet is not shown, as a text is not.
        wording=(row.masked_wording or "") if row.proposed_wording else "",
        anchor_kind=row.anchor_kind.value,
        anchor_key=row.anchor_key,
        section_key=_section_of(row, links, plan),
        quoted=row.anchor_quote or "",
        version_id=row.anchor_version_id,
        sentiment=row.officer_sentiment or row.machine_sentiment,
        intent=row.officer_intent or row.machine_intent,
        links=links,
        topic=row.topic,
        cluster=row.cluster,
        handling=row.handling.value,
        merged_into=row.merged_into_id,
        handed_over_to=row.handed_over_to,
        outcome=row.outcome.value if row.outcome else None,
        reason=row.reason or "",
        change_place=row.change_place or "",
        change_section_key=row.change_section_key,
        is_reviewed=row.review_id is not None,
        machine_sentiment=row.machine_sentiment,
        machine_intent=row.machine_intent,
        engine=row.engine,
        left_out=_left_out(row),
        rating=row.verdict.value if row.verdict else None,
    )


def _effective_links(row: Row[Any], machine: list[Link], officer: list[Link]) -> tuple[Link, ...]:
    if officer:
        return tuple(officer)
    if row.links_confirmed:
        return tuple(Link(link.kind, link.key, link.stance, "officer") for link in machine)
    kind, key = row.anchor_kind.value, row.anchor_key
    if kind in ("indicator", "task") and key and all(link.key != key for link in machine):
        return (Link(kind, key, None, "resident"), *machine)
    return tuple(machine)


def _section_of(row: Row[Any], links: Iterable[Link], plan: PlanFrame) -> str | None:
    if row.anchor_section_key:
        return cast(str, row.anchor_section_key)
    for link in links:
        if link.kind == "section":
            return link.key
        item = plan.items.get(link.key)
        if item and item.section:
            return item.section
    return None


def _left_out(row: Row[Any]) -> str | None:
    if row.withdrawn_at is not None:
        return WITHDRAWN
    if row.is_quarantined:
        return QUARANTINED
    if row.read_status == "unreadable":
        return UNREADABLE
    if not row.masked_text:
        return UNREAD
    return None


def _assigned_departments(session: Session, consultation: Consultation) -> dict[int, str]:
    rows = session.exec(
        select(Comment.id, Department.name)
        .join(Department, col(Department.id) == Comment.assigned_department_id)
        .where(Comment.consultation_id == consultation.id)
    )
    return {cast(int, comment_id): name for comment_id, name in rows}


def _matcher(
    chosen: Filter, plan: PlanFrame, departments: dict[int, str]
) -> Callable[[Voice], bool]:
    tests: list[Callable[[Voice], bool]] = []
    if chosen.section:
        section = _section_key(chosen.section, plan)
        tests.append(lambda v: plan.is_within(v.section_key, section))
    for wanted in (chosen.indicator, chosen.task):
        if wanted:
            key = _item_key(wanted, plan)
            tests.append(lambda v, key=key: any(link.key == key for link in v.links))  # type: ignore[misc]
    if chosen.street:
        tests.append(lambda v: v.street == chosen.street)
    if chosen.neighbourhood:
        tests.append(lambda v: v.neighbourhood == chosen.neighbourhood)
    if chosen.department:
        tests.append(lambda v: departments.get(v.id) == chosen.department)
    if chosen.channel:
        tests.append(lambda v: v.channel == chosen.channel)
    if chosen.since:
        tests.append(lambda v: chosen.since is not None and v.day >= chosen.since)
    if chosen.until:
        tests.append(lambda v: chosen.until is not None and v.day <= chosen.until)
    return lambda voice: all(test(voice) for test in tests)


def _section_key(wanted: str, plan: PlanFrame) -> str:
    """A section by key, printed number or title."""
    for node in plan.sections.values():
        if wanted in (node.key, node.number, node.title):
            return node.key
    return wanted


def _item_key(wanted: str, plan: PlanFrame) -> str:
    """An indicator or task by key, printed number or title."""
    for item in plan.items.values():
        if wanted in (item.key, item.number, item.title):
            return item.key
    return wanted
