"""What was learned from officials and is in force, and taking it back."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from analysis.learning import NOTHING_LEARNED, ClassReader, Learned, LinkReader
from analysis.linking.lexicon import Alias
from backend.models import AliasProposal, AliasState, Assessment, Consultation, LearnedModel

TASKS = ("intent", "sentiment", "linking")


@dataclass(frozen=True, slots=True)
class InForce:
    """The engine version a consultation is read by, what was learned included."""

    version: str
    learned: Learned
    aliases: tuple[Alias, ...] = ()


def in_force(session: Session, consultation: Consultation, engine_version: str) -> InForce:
    """The learned readers of a consultation beside this engine."""
    rows = session.exec(
        _of(consultation)
        .where(
            LearnedModel.engine_version == engine_version,
            col(LearnedModel.promoted_at).is_not(None),
            col(LearnedModel.replaced_at).is_(None),
            col(LearnedModel.rolled_back_at).is_(None),
        )
        .order_by(col(LearnedModel.id))
    ).all()
    aliases = approved_aliases(session, consultation)
    with_aliases = _aliased(engine_version, aliases)
    if not rows:
        return InForce(with_aliases, NOTHING_LEARNED, aliases)
    ids = tuple(row.id or 0 for row in rows)
    intent, sentiment, linking = (_reader(rows, task) for task in TASKS)
    assert not isinstance(intent, LinkReader)
    assert not isinstance(sentiment, LinkReader)
    assert not isinstance(linking, ClassReader)
    learned = Learned(intent=intent, sentiment=sentiment, linking=linking)
    return InForce(_version(with_aliases, ids), learned, aliases)


def approved_aliases(session: Session, consultation: Consultation) -> tuple[Alias, ...]:
    """Other names an officer approved: for this consultation, or for all of the organisation's."""
    rows = session.exec(
        select(AliasProposal.alias, AliasProposal.target_name)
        .where(
            AliasProposal.organisation_id == consultation.organisation_id,
            AliasProposal.state == AliasState.APPROVED,
            or_(
                AliasProposal.consultation_id == consultation.id,
                col(AliasProposal.consultation_id).is_(None),
            ),
        )
        .order_by(col(AliasProposal.id))
    )
    terms: dict[str, list[str]] = {}
    for alias, target in rows:
        terms.setdefault(alias, []).append(target)
    return tuple(Alias(alias, tuple(targets), "approved") for alias, targets in terms.items())


def rolled_back_versions(
    session: Session, consultation: Consultation, engine_version: str
) -> list[str]:
    """The versions, among those that comments were read by, with a reader that was taken back."""
    gone = session.exec(
        select(LearnedModel.id).where(
            col(LearnedModel.rolled_back_at).is_not(None),
            LearnedModel.engine_version == engine_version,
            LearnedModel.organisation_id == consultation.organisation_id,
        )
    ).all()
    return _naming(session, engine_version, {one or 0 for one in gone}) if gone else []


def roll_back(session: Session, model: LearnedModel, *, now: datetime) -> int:
    """Take a learned reader back: earlier readings count again. Returns how many were restored.

    What only this reader has read is read again by the job. The reader it had replaced comes back
    into force. No reading is deleted.
    """
    model.rolled_back_at = now
    session.add(model)
    before = session.exec(
        _like(model)
        .where(LearnedModel.replaced_at == model.promoted_at, col(LearnedModel.id) < model.id)
        .order_by(col(LearnedModel.id).desc())
    ).first()
    if before is not None:
        before.replaced_at = None
        session.add(before)
    session.flush()
    gone = _naming(session, model.engine_version, {model.id or 0})
    return _restore(session, gone)


def _restore(session: Session, gone: Sequence[str]) -> int:
    """Make the newest other reading on the same plan the current one, where there is one."""
    if not gone:
        return 0
    withdrawn = session.exec(
        select(Assessment).where(
            col(Assessment.engine_version).in_(gone), col(Assessment.is_current).is_(True)
        )
    ).all()
    restored = 0
    for row in withdrawn:
        earlier = session.exec(
            select(Assessment)
            .where(
                Assessment.comment_id == row.comment_id,
                Assessment.plan_version_id == row.plan_version_id,
                col(Assessment.engine_version).not_in(gone),
            )
            .order_by(col(Assessment.id).desc())
        ).first()
        if earlier is None:
            continue
        row.is_current, earlier.is_current = False, True
        session.add_all((row, earlier))
        restored += 1
    return restored


def previous(
    session: Session, organisation_id: int, consultation_id: int | None, task: str, engine: str
) -> LearnedModel | None:
    """The reader of the same kind that is in force."""
    return session.exec(
        select(LearnedModel)
        .where(
            LearnedModel.organisation_id == organisation_id,
            LearnedModel.task == task,
            _same_consultation(consultation_id),
            LearnedModel.engine_version == engine,
            col(LearnedModel.promoted_at).is_not(None),
            col(LearnedModel.replaced_at).is_(None),
            col(LearnedModel.rolled_back_at).is_(None),
        )
        .order_by(col(LearnedModel.id).desc())
    ).first()


def attempts(session: Session, consultation: Consultation, limit: int = 40) -> list[LearnedModel]:
    """What was learned for a consultation, the newest first."""
    return list(session.exec(_of(consultation).order_by(col(LearnedModel.id).desc()).limit(limit)))


# --- Within --------------------------------------------------------------------------------------


def _of(consultation: Consultation) -> SelectOfScalar[LearnedModel]:
    return select(LearnedModel).where(
        LearnedModel.organisation_id == consultation.organisation_id,
        or_(
            col(LearnedModel.consultation_id).is_(None),
            LearnedModel.consultation_id == consultation.id,
        ),
    )


def _like(model: LearnedModel) -> SelectOfScalar[LearnedModel]:
    return select(LearnedModel).where(
        LearnedModel.organisation_id == model.organisation_id,
        LearnedModel.task == model.task,
        LearnedModel.engine_version == model.engine_version,
        _same_consultation(model.consultation_id),
    )


def _same_consultation(consultation_id: int | None) -> ColumnElement[bool]:
    if consultation_id is None:
        return col(LearnedModel.consultation_id).is_(None)
    return col(LearnedModel.consultation_id) == consultation_id


def _aliased(engine_version: str, aliases: Iterable[Alias]) -> str:
    """A reading says by which approved names it was made: new ones read the undecided again."""
    said = "\n".join(f"{one.alias} {' '.join(one.terms)}" for one in aliases)
    return f"{engine_version}+a{sha256(said.encode()).hexdigest()[:8]}" if said else engine_version


def _version(engine_version: str, ids: Iterable[int]) -> str:
    return f"{engine_version}+m{'-'.join(map(str, sorted(ids)))}"


def _naming(session: Session, engine_version: str, gone: set[int]) -> list[str]:
    """The versions in use that name one of the readers."""
    used = session.exec(
        select(Assessment.engine_version)
        .where(
            col(Assessment.engine_version).startswith(engine_version + "+"),
            col(Assessment.engine_version).contains("+m"),
        )
        .distinct()
    ).all()
    return [one for one in used if gone & {int(n) for n in one.rsplit("+m", 1)[1].split("-")}]


@lru_cache(maxsize=16)
def _kept(_model_id: int, task: str, packed: str) -> ClassReader | LinkReader:
    # Unpacking takes longer than reading a comment.
    data = json.loads(packed)
    return LinkReader.from_json(data) if task == "linking" else ClassReader.from_json(task, data)


def _reader(rows: Iterable[LearnedModel], task: str) -> ClassReader | LinkReader | None:
    row = next((row for row in rows if row.task == task), None)
    return None if row is None else _kept(row.id or 0, task, json.dumps(row.reader))
