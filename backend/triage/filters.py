"""From a search to conditions of a query. Values travel as parameters, sort keys by name only.

A reading "counts" as the officer's where there is one (Review), else as the machine's current
one (Assessment): `sentiment` and `intent` below are that coalesced value, links likewise.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    true,
)
from sqlalchemy import select as sa_select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col, select

from backend.kit.clock import end_of, local, start_of
from backend.models import (
    Assessment,
    AssessmentLink,
    Comment,
    CorpusTag,
    Department,
    Disposition,
    Handling,
    HandOver,
    Officer,
    Outcome,
    Proposal,
    ProposalState,
    ReadMark,
    Review,
    ReviewLink,
    Standpoint,
    Submission,
    SupportingOpinion,
)
from backend.triage import rules
from backend.triage.leave import StandIn
from backend.triage.plan import PlanIndex
from backend.triage.search import Search, Term

Condition = ColumnElement[bool]
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, ":": operator.eq,
}  # fmt: skip
LOW_CONFIDENCE = 0.5

sentiment = func.coalesce(Review.sentiment, Assessment.sentiment)
intent = func.coalesce(Review.intent, Assessment.intent)
shown_text = func.coalesce(Comment.masked_text, Comment.text)
# How unsure the machine was, low is unsure; what it has not read yet is not doubt.
confidence = func.coalesce(
    Assessment.link_confidence, Assessment.intent_confidence, Assessment.sentiment_confidence
)


class _Position(FunctionElement[int]):
    """Where words begin in a text, from 1; 0 when they do not stand in it."""

    inherit_cache = True
    type = Integer()


@compiles(_Position)
def _instr(element: Any, compiler: Any, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(_Position, "postgresql")
def _strpos(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose desk this is: the consultation, the officer, and whether all of it is theirs to see.

    `topics` are the (id, label) pairs of the latest corpus reading; `absent` says who is away
    today and who stands in.
    """

    consultation_id: int
    officer_id: int
    department_id: int | None
    whole_queue: bool
    plan: PlanIndex
    topics: tuple[tuple[str, str], ...]
    now: datetime
    absent: Mapping[int, StandIn] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local(self.now).date()

    @property
    def works_for(self) -> list[int]:
        """The officer, and the absent colleagues they stand in for."""
        absent = (key for key, one in self.absent.items() if one.delegate_id == self.officer_id)
        return [self.officer_id, *absent]


def visible(scope: Scope) -> Condition:
    """The comments an officer may see at all; withdrawn and quarantined sendings are not here."""
    own = true() if scope.whole_queue else _own_department(scope)
    return and_(
        col(Comment.consultation_id) == scope.consultation_id,
        # The few that are hidden are looked up once; joining every sending would cost far more.
        col(Comment.submission_id).not_in(_hidden(scope)),
        col(Comment.is_current),
        own,
    )


def _hidden(scope: Scope) -> Select[Any]:
    return sa_select(col(Submission.id)).where(
        col(Submission.consultation_id) == scope.consultation_id,
        or_(col(Submission.is_quarantined), col(Submission.withdrawn_at).is_not(None)),
    )


def joined(statement: Select[Any], *used: Any) -> Select[Any]:
    """Join the tables `used` speaks of (all of them without `used`): one row per comment each.

    A queue of fifty thousand is searched without the tables its search does not mention.
    """
    named = {name for expression in used for name in _tables_in(expression)}
    if not used or _name_of(Submission) in named:
        statement = statement.join(Submission, col(Submission.id) == col(Comment.submission_id))
    for table, condition in _BESIDE.items():
        if not used or _name_of(table) in named:
            statement = statement.outerjoin(table, condition)
    return statement


def _tables_in(expression: Any) -> Iterator[str]:
    """The names of the tables an expression needs beside it: those of its subqueries it has."""
    if isinstance(expression, Column):
        yield expression.table.name
    elif not isinstance(expression, Select):
        for child in expression.get_children():
            yield from _tables_in(child)


def _name_of(table: Any) -> str:
    return str(table.__table__.name)


_BESIDE: dict[Any, Condition] = {
    Assessment: and_(
        col(Assessment.comment_id) == col(Comment.id), col(Assessment.is_current).is_(True)
    ),
    Review: col(Review.comment_id) == col(Comment.id),
    CorpusTag: col(CorpusTag.comment_id) == col(Comment.id),
    Disposition: and_(
        col(Disposition.comment_id) == col(Comment.id), col(Disposition.superseded_at).is_(None)
    ),
}


def conditions(search: Search, scope: Scope) -> list[Condition]:
    """All terms must hold; without a word about the state, only what is still to be done."""
    found = [visible(scope)]
    if not any(term.field in _ANY_STATE for term in search.terms):
        found.append(col(Comment.handling).in_(rules.UNDECIDED))
    for term in search.terms:
        condition = _condition(term, scope)
        found.append(not_(func.coalesce(condition, false())) if term.negated else condition)
    return found


def about(keys: Iterable[str]) -> Condition:
    """Comments anchored at, or linked (by a person, else by the machine) to one of the keys."""
    keys = sorted(keys)
    confirmed = sa_select(col(Review.comment_id)).where(col(Review.links_confirmed))
    by_person = sa_select(col(ReviewLink.comment_id)).where(
        col(ReviewLink.item_key).in_(keys), col(ReviewLink.comment_id).in_(confirmed)
    )
    by_machine = (
        sa_select(col(AssessmentLink.comment_id))
        .join(
            Assessment,
            and_(
                col(Assessment.comment_id) == col(AssessmentLink.comment_id),
                col(Assessment.is_current),
                col(Assessment.id) == col(AssessmentLink.assessment_id),
            ),
        )
        .where(
            col(AssessmentLink.item_key).in_(keys),
            col(AssessmentLink.comment_id).not_in(confirmed),
        )
    )
    return or_(
        col(Comment.anchor_section_key).in_(keys),
        col(Comment.anchor_key).in_(keys),
        col(Comment.id).in_(by_person),
        col(Comment.id).in_(by_machine),
    )


def _own_department(scope: Scope) -> Condition:
    mine = col(Comment.assigned_officer_id).in_(scope.works_for)
    if scope.department_id is None:
        return mine
    return or_(
        col(Comment.assigned_department_id) == scope.department_id,
        mine,
        _asked(SupportingOpinion.department_id == scope.department_id),
    )


def _asked(*conditions: Any) -> Condition:
    """Comments on which a department was asked to support (会办), with more to be said of it."""
    return exists().where(
        col(SupportingOpinion.comment_id) == col(Comment.id),
        col(SupportingOpinion.closed_at).is_(None),
        *conditions,
    )


def _condition(term: Term, scope: Scope) -> Condition:
    if term.field in _PLAIN:
        if term.value == _NOT_SAID.get(term.field):
            unsaid: Condition = _PLAIN[term.field].is_(None)
            return unsaid
        equal: Condition = _PLAIN[term.field] == term.value
        return equal
    if term.field in _ABOUT_OFFICE:
        return _ABOUT_OFFICE[term.field](term, scope)
    return _ABOUT_TEXT[term.field](term, scope)


def _text(term: Term, _scope: Scope) -> Condition:
    # Chinese has no capitals: without letters to fold, the words are looked for as they stand.
    if term.value.lower() == term.value.upper():
        return _Position(shown_text, term.value) > 0
    return shown_text.icontains(term.value, autoescape=True)


def _handling(term: Term, _scope: Scope) -> Condition:
    if term.value == "all":
        return true()
    if term.value == "undecided":
        return col(Comment.handling).in_(rules.UNDECIDED)
    return col(Comment.handling) == Handling(term.value)


def _section(term: Term, scope: Scope) -> Condition:
    keys: set[str] = set()
    for key in scope.plan.find_sections(term.value):
        keys |= scope.plan.below(key)
    return about(keys)


def _item(term: Term, scope: Scope) -> Condition:
    return about(scope.plan.find_items(term.value))


def _topic(term: Term, scope: Scope) -> Condition:
    ids = [key for key, label in scope.topics if term.value == key or term.value in label]
    return col(CorpusTag.topic).in_(ids)


def _tag(term: Term, scope: Scope) -> Condition:
    """A tag is whatever a comment was filed under: a topic or a plan item."""
    return or_(_topic(term, scope), _item(term, scope))


def _cluster(term: Term, _scope: Scope) -> Condition:
    return col(CorpusTag.cluster) == term.value


def _issue(term: Term, _scope: Scope) -> Condition:
    return col(CorpusTag.issue) == term.value


def _outcome(term: Term, _scope: Scope) -> Condition:
    if term.value == "none":
        return col(Disposition.id).is_(None)
    return col(Disposition.outcome) == Outcome(term.value)


def _received(term: Term, _scope: Scope) -> Condition:
    day = date.fromisoformat(term.value)
    received = col(Comment.received_at)
    return {
        ":": and_(received >= start_of(day), received < end_of(day)),
        ">": received >= end_of(day),
        ">=": received >= start_of(day),
        "<": received < start_of(day),
        "<=": received < end_of(day),
    }[term.sign]


def _due(term: Term, _scope: Scope) -> Condition:
    compare = _COMPARE[term.sign]
    return and_(
        col(Comment.handling).in_(rules.UNDECIDED),
        compare(col(Comment.due_on), date.fromisoformat(term.value)),
    )


def _supporters(term: Term, _scope: Scope) -> Condition:
    condition: Condition = _COMPARE[term.sign](col(Comment.support_count), int(term.value))
    return condition


def _officer(term: Term, scope: Scope) -> Condition:
    if term.value in ("我", "me"):
        return col(Comment.assigned_officer_id).in_(scope.works_for)
    if term.value == "无":
        return col(Comment.assigned_officer_id).is_(None)
    named = select(Officer.id).where(Officer.display_name == term.value)
    return col(Comment.assigned_officer_id).in_(named)


def _department(term: Term, scope: Scope) -> Condition:
    if term.value in ("我的", "本部门"):
        return col(Comment.assigned_department_id) == scope.department_id
    if term.value == "无":
        return col(Comment.assigned_department_id).is_(None)
    named = select(Department.id).where(Department.name == term.value)
    return col(Comment.assigned_department_id).in_(named)


def _decided_by(term: Term, scope: Scope) -> Condition:
    if term.value in ("我", "me"):
        return col(Disposition.decided_by_id) == scope.officer_id
    named = select(Officer.id).where(Officer.display_name == term.value)
    return col(Disposition.decided_by_id).in_(named)


def _supporting(term: Term, scope: Scope) -> Condition:
    if term.value in ("我的", "本部门"):
        return _asked(SupportingOpinion.department_id == scope.department_id)
    if term.value == "待回复":
        return _asked(col(SupportingOpinion.given_at).is_(None))
    if term.value == "不同意":
        return _asked(SupportingOpinion.standpoint == Standpoint.OBJECTS)
    named = select(Department.id).where(Department.name == term.value)
    return _asked(col(SupportingOpinion.department_id).in_(named))


def _proposal(term: Term, _scope: Scope) -> Condition:
    """The state of the last proposal."""
    last = (
        select(func.max(Proposal.id))
        .where(Proposal.comment_id == Comment.id)
        .correlate(Comment)
        .scalar_subquery()
    )
    return exists().where(
        col(Proposal.comment_id) == col(Comment.id),
        col(Proposal.state) == ProposalState(term.value),
        col(Proposal.id) == last,
    )


def _hand_over(term: Term, scope: Scope) -> Condition:
    answered = col(HandOver.result).is_not(None)
    kinds = {
        "answered": answered,
        "awaited": not_(answered),
        "late": and_(not_(answered), col(HandOver.due_on) < scope.today),
    }
    return exists().where(
        col(HandOver.comment_id) == col(Comment.id),
        col(HandOver.taken_back_at).is_(None),
        kinds[term.value],
    )


def _read(term: Term, scope: Scope) -> Condition:
    seen = exists().where(
        col(ReadMark.comment_id) == col(Comment.id), col(ReadMark.officer_id) == scope.officer_id
    )
    return seen if term.value == "yes" else not_(seen)


def _reviewed(term: Term, _scope: Scope) -> Condition:
    reviewed = col(Review.id).is_not(None)
    return reviewed if term.value == "yes" else not_(reviewed)


def _flag(term: Term, scope: Scope) -> Condition:
    if term.value == "duplicate":
        return _is_later_copy()
    if term.value == "unread":
        return _read(Term("read", "no"), scope)
    if term.value == "doubtful":
        return confidence < LOW_CONFIDENCE
    return overdue(scope)


def overdue(scope: Scope) -> Condition:
    """Past its due day, or new and past the day it should have been given to somebody."""
    cutoff = start_of(rules.overdue_before(scope.today))
    return and_(
        col(Comment.handling).in_(rules.UNDECIDED),
        or_(
            col(Comment.due_on) < scope.today,
            and_(col(Comment.due_on).is_(None), col(Comment.received_at) < cutoff),
        ),
    )


def _is_later_copy() -> Condition:
    """A near-copy of an earlier comment: the first of each cluster is not one."""
    firsts = (
        select(func.min(CorpusTag.comment_id))
        .where(col(CorpusTag.cluster).is_not(None))
        .group_by(col(CorpusTag.corpus_run_id), col(CorpusTag.cluster))
    )
    return and_(col(CorpusTag.cluster).is_not(None), not_(col(Comment.id).in_(firsts)))


_PLAIN: dict[str, Any] = {
    "sentiment": sentiment,
    "intent": intent,
    "channel": Submission.channel,
    "street": Submission.street,
    "submitter_kind": Submission.submitter_kind,
    "neighbourhood": Submission.neighbourhood,
    "screening": Comment.screening,
    "receipt": Submission.receipt_code,
    "link_status": Assessment.link_status,
}
# The word that asks for comments of which a field is not known.
_NOT_SAID = {"sentiment": "none", "intent": "none", "submitter_kind": "none", "street": "无"}
# Who asks for one of these means comments in any state.
_ANY_STATE = frozenset({"handling", "receipt", "outcome", "decided_by", "hand_over"})
_ABOUT_OFFICE: dict[str, Callable[[Term, Scope], Condition]] = {
    "handling": _handling,
    "outcome": _outcome,
    "received": _received,
    "due": _due,
    "officer": _officer,
    "department": _department,
    "decided_by": _decided_by,
    "supporting": _supporting,
    "proposal_state": _proposal,
    "hand_over": _hand_over,
    "read": _read,
    "reviewed": _reviewed,
    "flag": _flag,
}
_ABOUT_TEXT: dict[str, Callable[[Term, Scope], Condition]] = {
    "text": _text,
    "section": _section,
    "item": _item,
    "topic": _topic,
    "tag": _tag,
    "cluster": _cluster,
    "issue": _issue,
    "supporters": _supporters,
}
