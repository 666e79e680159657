"""Sensitive words bring an opinion to a person's attention. Nothing is refused or rewritten.

New opinions are looked at when they arrive (`flag`), older ones by a job when a word is added:
which words are still to be looked for is read from `SensitiveWord.checked_at`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from backend.accounts import audit
from backend.kit.text import clean_line
from backend.models import Comment, CommentFlag, Consultation, Officer, SensitiveWord
from backend.organisations import rules
from backend.web.errors import NotFound, Refused

BATCH = 2_000
LONGEST = 50


def rows(session: Session, organisation_id: int) -> list[tuple[SensitiveWord, int]]:
    """Every word with the number of opinions it stands in."""
    counts = (
        select(CommentFlag.word, func.count().label("count"))
        .join(Comment, col(Comment.id) == CommentFlag.comment_id)
        .join(Consultation, col(Consultation.id) == Comment.consultation_id)
        .where(Consultation.organisation_id == organisation_id)
        .group_by(col(CommentFlag.word))
        .subquery()
    )
    statement = (
        select(SensitiveWord, func.coalesce(counts.c.count, 0))
        .join(counts, counts.c.word == SensitiveWord.word, isouter=True)
        .where(SensitiveWord.organisation_id == organisation_id)
        .order_by(col(SensitiveWord.category), col(SensitiveWord.word))
    )
    return list(session.exec(statement).all())


def add(session: Session, text: str, category: str, *, by: Officer, now: datetime) -> int:
    """One word a line (or between commas); known ones are passed over. Gives how many are new."""
    if category not in rules.CATEGORIES:
        raise Refused("请选择类别。")
    typed = [clean_line(word) for line in text.splitlines() for word in _split(line)]
    wanted = [word for word in dict.fromkeys(typed) if rules.comparable(word)]
    too_long = [word for word in wanted if len(word) > LONGEST]
    if not wanted or too_long:
        said = f"“{too_long[0][:12]}…”超过 {LONGEST} 个字。" if too_long else "请填写词语。"
        raise Refused(said)
    known = set(_words(session, by.organisation_id))
    new = [word for word in wanted if word not in known]
    for word in new:
        session.add(
            SensitiveWord(
                organisation_id=by.organisation_id, word=word, category=category, created_at=now
            )
        )
    session.flush()
    details = {"count": len(new)}
    audit.record(session, by, "word.add", "organisation", by.organisation_id, details, now=now)
    return len(new)


def remove(session: Session, word: SensitiveWord, *, by: Officer, now: datetime) -> None:
    """The word and the marks it left go; the opinions stay as they are."""
    ours = (
        select(Comment.id)
        .join(Consultation, col(Consultation.id) == Comment.consultation_id)
        .where(Consultation.organisation_id == word.organisation_id)
    )
    session.exec(
        delete(CommentFlag).where(
            col(CommentFlag.word) == word.word, col(CommentFlag.comment_id).in_(ours)
        )
    )
    session.delete(word)
    details = {"name": word.word}
    audit.record(session, by, "word.remove", "organisation", by.organisation_id, details, now=now)


def of(session: Session, word_id: int, organisation_id: int) -> SensitiveWord:
    found = session.get(SensitiveWord, word_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("没有这个词，或者它不属于您的单位。")
    return found


def flag(
    session: Session, comments: Iterable[Comment], organisation_id: int, *, now: datetime
) -> None:
    """Mark opinions that have just arrived and in which a listed word stands."""
    words = _words(session, organisation_id)
    for comment in comments if words else ():
        _mark(session, comment.id or 0, _words_of(comment, words), now)


@dataclass(frozen=True, slots=True)
class LookedThrough:
    """Words that were new, and the opinions (by number) each was found in."""

    word_ids: list[int]
    found: dict[int, dict[str, str]]


def look_through(session: Session) -> LookedThrough | None:
    """Read older opinions for one organisation's new words; None when there is no new word."""
    first = session.exec(
        select(SensitiveWord.organisation_id).where(col(SensitiveWord.checked_at).is_(None))
    ).first()
    if first is None:
        return None
    new = session.exec(
        select(SensitiveWord).where(
            SensitiveWord.organisation_id == first, col(SensitiveWord.checked_at).is_(None)
        )
    ).all()
    words = {word.word: word.category for word in new}
    result = LookedThrough([word.id or 0 for word in new], {})
    after = 0
    while batch := _comments(session, first, after):
        after = batch[-1].id or 0
        for comment in batch:
            if hits := _words_of(comment, words):
                result.found[comment.id or 0] = hits
        session.expunge_all()
    return result


def keep(session: Session, looked: LookedThrough, *, now: datetime) -> None:
    """Store what looking through found, and that it was done."""
    for comment_id, hits in looked.found.items():
        _mark(session, comment_id, hits, now)
    for word_id in looked.word_ids:
        word = session.get(SensitiveWord, word_id)
        if word is not None:
            word.checked_at = now
            session.add(word)


def _words_of(comment: Comment, words: Mapping[str, str]) -> dict[str, str]:
    return rules.words_in(f"{comment.text}\n{comment.proposed_wording or ''}", words)


def _mark(session: Session, comment_id: int, hits: Mapping[str, str], now: datetime) -> None:
    for word, category in hits.items():
        if session.get(CommentFlag, (comment_id, word)) is None:
            session.add(
                CommentFlag(comment_id=comment_id, word=word, category=category, created_at=now)
            )
    session.flush()


def _comments(session: Session, organisation_id: int, after: int) -> list[Comment]:
    statement = (
        select(Comment)
        .join(Consultation, col(Consultation.id) == Comment.consultation_id)
        .where(Consultation.organisation_id == organisation_id, col(Comment.id) > after)
        .order_by(col(Comment.id))
        .limit(BATCH)
    )
    return list(session.exec(statement))


def _words(session: Session, organisation_id: int) -> dict[str, str]:
    statement = select(SensitiveWord.word, SensitiveWord.category).where(
        SensitiveWord.organisation_id == organisation_id
    )
    return dict(session.exec(statement).all())


def _split(line: str) -> list[str]:
    return line.replace("，", ",").replace("、", ",").split(",")
