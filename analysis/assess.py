"""The pipeline for one comment: everything the machine reads in it, with what it rests on.

`assess` never raises on what residents write: a comment that cannot be read says why, and every
other one gets each reading or an explicit abstention. The same text gives the same reading; when
any reading may change, `ENGINE_VERSION` does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from analysis.contracts import (
    CommentText,
    LinkedItem,
    PersonalData,
    PlaceMention,
    Reading,
    ReadStatus,
    Span,
)
from analysis.features import features, see, weights
from analysis.intent import read_intent, read_stance
from analysis.linking import Linker, LinkReading
from analysis.places import find_places
from analysis.privacy import find_personal_data, mask
from analysis.readable import reason_unreadable
from analysis.sentiment import read_sentiment, snownlp_scores

_NOT_READINGS = ("evaluation", "documents", "outline", "__pycache__")
"""Rooms whose files can change without any comment being read differently."""


def _engine_version() -> str:
    """A digest of the code, the lexicons and the model packages that readings depend on."""
    digest = blake2b(digest_size=6)
    for package in ("snownlp", "rjieba", "opencc-python-reimplemented"):
        digest.update(f"{package} {version(package)}".encode())
    for name, data in sorted(_sources(files("analysis"), "")):
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _sources(folder: Traversable, path: str) -> Iterable[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.name in _NOT_READINGS:
            continue
        if entry.is_dir():
            yield from _sources(entry, f"{path}{entry.name}/")
        else:
            yield path + entry.name, entry.read_bytes()


ENGINE_VERSION = _engine_version()


@dataclass(frozen=True, slots=True)
class Assessed:
    """A reading with the machine's confidence (0..1) and the words that speak for it."""

    reading: Reading
    intent_confidence: float
    sentiment_confidence: float
    link_confidence: float
    reasons: tuple[str, ...]
    """Why the comment was linked as it was, as an official reads it."""
    sentiment_evidence: tuple[Span, ...]
    intent_evidence: tuple[Span, ...]


def assess(comment: CommentText, linker: Linker, *, gazetteer: Sequence[str] = ()) -> Assessed:
    """Read one comment. `gazetteer` holds known names of places of the district."""
    return assess_many([comment], linker, gazetteer=gazetteer)[0]


def assess_many(
    comments: Sequence[CommentText], linker: Linker, *, gazetteer: Sequence[str] = ()
) -> list[Assessed]:
    """Read many comments; the same readings as one by one, only quicker."""
    reasons = [reason_unreadable(comment) for comment in comments]
    readable = [comment for comment, reason in zip(comments, reasons, strict=True) if not reason]
    see(text for comment in readable for text in (comment.text, comment.title or ""))
    links = linker.link_many(readable)
    scores = snownlp_scores([comment.text for comment in readable]).tolist()
    seen = [
        features(comment.text, comment.title, score)
        for comment, score in zip(readable, scores, strict=True)
    ]
    feelings = weights("sentiment").probabilities_of_many(seen)
    purposes = weights("intent").probabilities_of_many(seen)
    read = (
        _read(*one, gazetteer)
        for one in zip(readable, links, scores, feelings, purposes, strict=True)
    )
    return [
        _unreadable(comment, reason) if reason else next(read)
        for comment, reason in zip(comments, reasons, strict=True)
    ]


def _unreadable(comment: CommentText, reason: str) -> Assessed:
    found = find_personal_data(comment.text, "text")
    reading = Reading(
        comment.id,
        ReadStatus.UNREADABLE,
        reason,
        personal_data=tuple(found),
        masked_text=mask(comment.text, found),
    )
    return Assessed(reading, 0.0, 0.0, 0.0, (), (), ())


def _read(
    comment: CommentText,
    link: LinkReading,
    score: float,
    feeling: Sequence[float],
    purpose: Sequence[float],
    gazetteer: Sequence[str],
) -> Assessed:
    text, title = comment.text, comment.title
    sentiment = read_sentiment(text, title, score, probabilities=feeling)
    intent = read_intent(text, title, score, by_clause=False, probabilities=purpose)
    personal = _personal_data(comment)
    reading = Reading(
        comment.id,
        ReadStatus.READ,
        None,
        sentiment.label,
        sentiment.score,
        intent.intent,
        link.status,
        tuple(_with_stance(item, comment) for item in link.items),
        places=_places(comment, gazetteer),
        personal_data=personal,
        masked_text=mask(comment.text, [data for data in personal if data.field == "text"]),
    )
    return Assessed(
        reading,
        intent.confidence,
        sentiment.confidence,
        link.confidence,
        tuple(link.reasons),
        tuple(sentiment.evidence),
        tuple(intent.evidence),
    )


def _with_stance(item: LinkedItem, comment: CommentText) -> LinkedItem:
    return replace(item, stance=read_stance(comment.text, item.evidence, comment.title))


def _places(comment: CommentText, gazetteer: Sequence[str]) -> tuple[PlaceMention, ...]:
    found = list(find_places(comment.title, "title", gazetteer)) if comment.title else []
    return (*found, *find_places(comment.text, "text", gazetteer))


def _personal_data(comment: CommentText) -> tuple[PersonalData, ...]:
    found = list(find_personal_data(comment.title, "title")) if comment.title else []
    return (*found, *find_personal_data(comment.text, "text"))
