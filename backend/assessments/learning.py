"""Learning from what officials decided: gather, learn outside any transaction, keep, promote.

A confirmation teaches as a correction does: whoever lets the machine's word stand has decided too.
Learned from corrections alone, a reader would know the machine's errors and nothing of what it
reads right.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select

from analysis.assess import ENGINE_VERSION
from analysis.contracts import CommentText
from analysis.learning import (
    FEWEST_CORRECTED,
    FEWEST_DECISIONS,
    AliasExample,
    ClassExample,
    ClassReader,
    LinkExample,
    LinkReader,
    TooFew,
    find_aliases,
    learn_classes,
    learn_links,
)
from analysis.learning.applying import base_scores
from backend.accounts import audit
from backend.assessments import learned
from backend.assessments.service import Reader, read, reader_for
from backend.kit.db import Database
from backend.models import (
    AliasProposal,
    Assessment,
    Comment,
    Consultation,
    LearnedModel,
    Officer,
    Review,
    ReviewLink,
)
from backend.plans.queries import current_version

__all__ = ["FEWEST_CORRECTED", "FEWEST_DECISIONS", "Attempt", "Decided", "decisions", "learn"]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Decided:
    """One comment an official has read: the masked text, and what they and the machine said."""

    id: int
    consultation_id: int
    text: str
    anchor: str | None
    intent: str | None
    sentiment: str | None
    said: dict[str, str | None]
    items: frozenset[str]
    reading_id: int | None

    def as_example(self, task: str) -> ClassExample | None:
        """None where neither an official nor the machine gave a label."""
        own = self.intent if task == "intent" else self.sentiment
        label = own or self.said[task]
        if label is None:
            return None
        corrected = own is not None and own != self.said[task]
        return ClassExample(str(self.id), self.text, label, corrected)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt: a model that was kept, or the reason there is none."""

    task: str
    scope: str
    model_id: int | None
    promoted: bool
    message: str


def decisions(
    session: Session, organisation_id: int, consultation_id: int | None = None
) -> list[Decided]:
    """What officials decided, in order of time, beside what the machine had said to them."""
    query = (
        select(Review, Comment)
        .join(Comment, col(Comment.id) == col(Review.comment_id))
        .join(Consultation, col(Consultation.id) == col(Comment.consultation_id))
        .where(
            Consultation.organisation_id == organisation_id, col(Comment.masked_text).is_not(None)
        )
        .order_by(col(Review.reviewed_at), col(Review.id))
    )
    if consultation_id is not None:
        query = query.where(Comment.consultation_id == consultation_id)
    rows = session.exec(query).all()
    said = _said(session, organisation_id)
    items = _chosen(session, organisation_id)
    found = []
    for review, comment in rows:
        assert comment.id is not None
        readings = said.get(comment.id, [])
        # The newest reading the official could have seen; of those made later only the first.
        seen = [r for r in readings if r.created_at <= review.reviewed_at] or readings[:1]
        shown = seen[-1] if seen else None
        found.append(
            Decided(
                comment.id,
                comment.consultation_id,
                comment.masked_text or "",
                comment.anchor_key,
                review.intent,
                review.sentiment,
                {
                    "intent": shown.intent if shown else None,
                    "sentiment": shown.sentiment if shown else None,
                },
                items.get(comment.id, frozenset()),
                shown.id if shown else None,
            )
        )
    return found


def learn(database: Database, consultation: Consultation, *, now: datetime) -> list[Attempt]:
    """Learn all three readers for a consultation; nothing is learned twice from the same decisions.

    Texts are read and models fitted with no transaction open.
    """
    with database.reading() as session:
        whole = decisions(session, consultation.organisation_id)
        version = current_version(session, consultation.id or 0)
        reader = (
            reader_for(session, version, consultation.organisation_id)
            if version is not None
            else None
        )
    own = [one for one in whole if one.consultation_id == consultation.id]
    attempts = [
        _attempt(database, consultation, task, whole, _class_lesson(task, whole), now=now)
        for task in ("intent", "sentiment")
    ]
    if reader is not None:
        lesson = _link_lesson(own, reader)
        attempts.append(_attempt(database, consultation, "linking", own, lesson, now=now))
        propose_aliases(database, consultation, own, reader, now=now)
    return attempts


def roll_back(
    session: Session, model: LearnedModel, officer: Officer | None, *, now: datetime
) -> int:
    """Take a learned reader back, on record; earlier readings count again."""
    restored = learned.roll_back(session, model, now=now)
    details = {"task": model.task, "restored": restored}
    audit.record(
        session, officer, "model.roll_back", "model", model.id, details, now=now,
        organisation_id=model.organisation_id,
    )  # fmt: skip
    return restored


def propose_aliases(
    database: Database,
    consultation: Consultation,
    own: Sequence[Decided],
    reader: Reader,
    *,
    now: datetime,
) -> int:
    """Put new other names before an official; one that was proposed before is left as it is."""
    found = _machine_items(own, reader)
    examples = [
        AliasExample(str(one.id), one.text, one.items, frozenset(scores))
        for one, scores in zip(own, found, strict=True)
    ]
    titles = {item.id: item.title for item in reader.linker.index.items}
    proposals = [p for p in find_aliases(examples, titles) if p.item in titles]
    if not proposals:
        return 0
    with database.writing() as session:
        known = set(
            session.exec(
                select(AliasProposal.alias, AliasProposal.target_key).where(
                    AliasProposal.consultation_id == consultation.id
                )
            )
        )
        fresh = [p for p in proposals if (p.alias, p.item) not in known]
        session.add_all(
            AliasProposal(
                organisation_id=consultation.organisation_id,
                consultation_id=consultation.id,
                alias=p.alias,
                target_kind=reader.kinds[p.item].value,
                target_key=p.item,
                target_name=titles[p.item][:300],
                count=len(p.comment_ids),
                comment_ids=[int(one) for one in p.comment_ids[:20]],
                created_at=now,
            )
            for p in fresh
        )
    return len(fresh)


# --- Within --------------------------------------------------------------------------------------

Lesson = Callable[[LearnedModel | None], tuple[dict[str, Any], dict[str, Any], bool]]


def _class_lesson(task: str, whole: Sequence[Decided]) -> Lesson:
    def teach(before: LearnedModel | None) -> tuple[dict[str, Any], dict[str, Any], bool]:
        examples = [one for decided in whole if (one := decided.as_example(task))]
        previous = ClassReader.from_json(task, before.reader) if before else None
        lesson = learn_classes(task, examples, previous=previous)
        return lesson.report(), lesson.reader.as_json(), bool(lesson.reader.taken)

    return teach


def _link_lesson(own: Sequence[Decided], reader: Reader) -> Lesson:
    def teach(before: LearnedModel | None) -> tuple[dict[str, Any], dict[str, Any], bool]:
        examples = [
            LinkExample(str(one.id), one.text, base, one.items)
            for one, base in zip(own, _machine_items(own, reader), strict=True)
        ]
        previous = LinkReader.from_json(before.reader) if before else None
        lesson = learn_links(examples, previous=previous)
        return lesson.report(), lesson.reader.as_json(), lesson.wins

    return teach


def _machine_items(own: Sequence[Decided], reader: Reader) -> list[dict[str, float]]:
    """What the shipped linker says of each comment, without anything learned."""
    texts = [CommentText(str(one.id), one.text, anchor=one.anchor) for one in own]
    plain = Reader(
        reader.plan_version_id, reader.plan, reader.linker, reader.gazetteer, ENGINE_VERSION
    )
    return [base_scores(assessed) for assessed in read(texts, plain)] if texts else []


def _attempt(
    database: Database,
    consultation: Consultation,
    task: str,
    decided: Sequence[Decided],
    lesson: Lesson,
    *,
    now: datetime,
) -> Attempt:
    consultation_id = consultation.id if task == "linking" else None
    scope = consultation.slug if task == "linking" else "本单位"
    mark = _mark(task, decided)
    organisation_id = consultation.organisation_id
    with database.reading() as session:
        known = session.exec(
            select(LearnedModel.id).where(
                LearnedModel.organisation_id == organisation_id,
                LearnedModel.task == task,
                LearnedModel.decisions_hash == mark,
                LearnedModel.engine_version == ENGINE_VERSION,
            )
        ).first()
        before = learned.previous(session, organisation_id, consultation_id, task, ENGINE_VERSION)
    if known is not None:
        return Attempt(task, scope, known, False, "上次学习以后没有新的核定。")
    try:
        report, reader, won = lesson(before)
    except TooFew as error:
        return Attempt(task, scope, None, False, str(error))
    model = LearnedModel(
        organisation_id=organisation_id,
        consultation_id=consultation_id,
        task=task,
        engine_version=ENGINE_VERSION,
        decisions_hash=mark,
        report=report,
        reader=reader if won else {},
        created_at=now,
        promoted_at=now if won else None,
    )
    with database.writing() as session:
        if won and before is not None:
            replaced = session.get_one(LearnedModel, before.id)
            replaced.replaced_at = now
            session.add(replaced)
        session.add(model)
        session.flush()
        audit.record(
            session, None, "model.promote" if won else "model.learn", "model", model.id,
            {"task": task, "taken": report["taken"]}, now=now, organisation_id=organisation_id,
        )  # fmt: skip
    log.info("learned", task=task, scope=scope, promoted=won, taught=report["taught"])
    verdict = "接手" if won else "没有胜过原来的读法，不接手"
    figures = f"{report['base_accuracy']:.1%} → {report['accuracy']:.1%}"
    return Attempt(
        task, scope, model.id, won, f"{verdict}（留出的{report['examined']}条：{figures}）。"
    )


def _mark(task: str, decided: Sequence[Decided]) -> str:
    digest = hashlib.sha256(task.encode())
    for one in decided:
        label = sorted(one.items) if task == "linking" else one.as_example(task)
        digest.update(f"\n{one.id} {label}".encode())
    return digest.hexdigest()


def _said(session: Session, organisation_id: int) -> dict[int, list[Assessment]]:
    """The readings of reviewed comments, oldest first."""
    rows = session.exec(
        select(Assessment)
        .join(Review, col(Review.comment_id) == col(Assessment.comment_id))
        .join(Comment, col(Comment.id) == col(Assessment.comment_id))
        .join(Consultation, col(Consultation.id) == col(Comment.consultation_id))
        .where(Consultation.organisation_id == organisation_id)
        .order_by(col(Assessment.id))
    )
    found: dict[int, list[Assessment]] = defaultdict(list)
    for row in rows:
        found[row.comment_id].append(row)
    return found


def _chosen(session: Session, organisation_id: int) -> dict[int, frozenset[str]]:
    rows = session.exec(
        select(ReviewLink.comment_id, ReviewLink.item_key)
        .join(Comment, col(Comment.id) == col(ReviewLink.comment_id))
        .join(Consultation, col(Consultation.id) == col(Comment.consultation_id))
        .where(Consultation.organisation_id == organisation_id)
    ).all()
    found: dict[int, set[str]] = defaultdict(set)
    for comment_id, key in rows:
        found[comment_id].add(key)
    return {comment_id: frozenset(keys) for comment_id, keys in found.items()}
