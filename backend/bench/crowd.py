"""A published consultation with many opinions on one section, the same for the same seed.

Every opinion stands on a paragraph of one section, is masked and screened, and so is counted and
may be shown: the heaviest page a resident can ask for.
"""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session

from backend.bench import corpus
from backend.bench.imports import as_text, plan_of
from backend.consultations import service as consultations
from backend.kit import migrations
from backend.kit.db import Database, make_engine
from backend.kit.ids import new_look_up_code, new_token
from backend.kit.settings import Settings
from backend.models import (
    AnchorKind,
    Channel,
    Comment,
    Organisation,
    Passage,
    Screening,
    Section,
    Stage,
    Submission,
)
from backend.plans import queries as plan_queries
from backend.plans import service as plans

SLUG = "bench"
_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Said:
    """One opinion."""

    passage: str
    text: str
    support_count: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """What was stored; `section` is the one everybody speaks about."""

    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    section: str
    said: tuple[Said, ...]

    def for_yardstick(self) -> dict[str, list[dict[str, Any]]]:
        """The same plan and opinions as the Django application reads them."""
        names = ("key", "title", "level", "position")
        return {
            "sections": [
                {name: getattr(row, name) for name in names} | {"parent_key": row.parent_key or ""}
                for row in self.sections
            ],
            "passages": [
                {"key": p.key, "section": p.section_key, "text": p.text, "position": p.position}
                for p in self.passages
            ],
            "comments": [
                {"passage": s.passage, "text": s.text, "support_count": s.support_count}
                for s in self.said
            ],
        }


def gather(folder: Path, count: int, *, seed: int) -> Crowd:
    """Make the database in `folder`: a plan, open for a month, and `count` published opinions."""
    database = Database(make_engine(Settings(data_dir=folder, database_url=None, secret_key=None)))
    migrations.upgrade(database.engine)
    now = datetime.now(UTC)
    with database.writing() as session:
        crowd = _gather(session, count, seed, now)
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    database.engine.dispose()
    return crowd


def _gather(session: Session, count: int, seed: int, now: datetime) -> Crowd:
    organisation = Organisation(slug="bench", name="测速区政府", created_at=now)
    session.add(organisation)
    session.flush()
    with TemporaryDirectory() as made:
        path = Path(made) / "plan.txt"
        path.write_bytes(as_text(plan_of(_CHARACTERS, seed=seed)))
        parsed = plans.parse_file(path)
    consultation, version = consultations.draft_from(
        session, organisation, parsed, slug=SLUG, now=now
    )
    plans.confirm(session, version, None, now=now)
    consultation.stage, consultation.publishes_comments = Stage.ANNOUNCED, True
    consultation.opens_at, consultation.closes_at = now - timedelta(1), now + timedelta(30)
    session.add(consultation)
    session.flush()
    assert consultation.id is not None
    assert version.id is not None
    sections = tuple(plan_queries.sections(session, version.id))
    passages = tuple(plan_queries.passages(session, version.id))
    section = _fullest(sections, passages)
    said = _opinions([p.key for p in passages if p.section_key == section], count, seed)
    envelopes, rows = _rows(said, section, consultation.id, version.id, now)
    session.execute(insert(Submission), envelopes)
    session.execute(insert(Comment), rows)
    session.expunge_all()
    return Crowd(sections, passages, section, said)


def _fullest(sections: tuple[Section, ...], passages: tuple[Passage, ...]) -> str:
    """The section without subsections that has the most paragraphs."""
    above = {section.parent_key for section in sections}
    counts = Counter(p.section_key for p in passages if p.section_key not in above)
    return counts.most_common(1)[0][0]


def _opinions(passages: list[str], count: int, seed: int) -> tuple[Said, ...]:
    chance = random.Random(seed)
    words = corpus.COLUMNS.index("text")
    return tuple(
        Said(chance.choice(passages), row[words], min(500, int(chance.paretovariate(1.2)) - 1))
        for row in corpus.rows(count, seed)
    )


def _rows(
    said: tuple[Said, ...], section: str, consultation_id: int, version_id: int, now: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    envelopes, rows = [], []
    for key, one in enumerate(said, start=1):
        moment = now - timedelta(minutes=len(said) - key)
        envelope = Submission(
            consultation_id=consultation_id,
            receipt_code=f"{key:09d}",
            receipt_token=new_token(),
            look_up_code=new_look_up_code(),
            idempotency_key=str(key),
            channel=Channel.WEB,
            received_at=moment,
        )
        row = Comment(
            submission_id=key,
            consultation_id=consultation_id,
            text=one.text,
            masked_text=one.text,
            received_at=moment,
            anchor_kind=AnchorKind.PASSAGE,
            anchor_key=one.passage,
            anchor_section_key=section,
            anchor_version_id=version_id,
            screening=Screening.PUBLISHED,
            support_count=one.support_count,
        )
        envelopes.append(envelope.model_dump() | {"id": key})
        rows.append(row.model_dump() | {"id": key})
    return envelopes, rows
