"""A consultation somebody reads: the version of its plan, the outline, the opinions counted.

Every page about one plan begins here. `?version=` opens an earlier confirmed text under the same
addresses, so that what was printed, quoted or linked before a revision still answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request
from sqlmodel import Session

from backend.consultations import queries as consultation_queries
from backend.consultations import rules as consultation_rules
from backend.models import Consultation, PlanVersion, Section
from backend.plans import queries as plans
from backend.portal import queries
from backend.web.deps import Now, ReadSession
from backend.web.errors import NotFound
from backend.web.remembered import keep

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Opened:
    """A consultation with the version that is read; `newest` is the one the public reads now."""

    consultation: Consultation
    version: PlanVersion | None
    sections: list[Section]
    voices: queries.Voices
    newest: PlanVersion | None

    @property
    def version_id(self) -> int:
        if self.version is None or self.version.id is None:
            raise NotFound("规划文本还没有公布。")
        return self.version.id

    @property
    def is_earlier(self) -> bool:
        """Whether an earlier text than the present one is read."""
        return self.version is not None and self.version is not self.newest


def open_consultation(
    session: ReadSession, slug: str, version: Annotated[int | None, Query(ge=1)] = None
) -> Opened:
    """The consultation at an address; with `version`, on that confirmed text of its plan."""
    consultation = consultation_queries.public_by_slug(session, slug)
    if consultation is None or consultation.id is None:
        raise NotFound("没有这个征询，或者它还没有发布。请从首页查找。")
    newest = plans.current_version(session, consultation.id)
    chosen = newest
    if version is not None and (newest is None or newest.number != version):
        chosen = plans.confirmed_version(session, consultation.id, version)
        if chosen is None:
            raise NotFound("规划没有这一版文本。请从征询页面的目录查找。")
    sections = [] if chosen is None or chosen.id is None else plans.sections(session, chosen.id)
    voices = queries.voices(session, consultation.id, sections)
    return Opened(consultation, chosen, list(sections), voices, newest)


OpenedConsultation = Annotated[Opened, Depends(open_consultation, scope="function")]


def find(
    session: Session, opened: Opened, key: str, finder: Callable[[Session, int, str], Item | None]
) -> tuple[Opened, Item]:
    """The item with `key`, and the plan it stands in: the last text that had it when it is gone."""
    found = None
    if opened.version is not None:
        found = finder(session, opened.version_id, key)
    if found is not None:
        return opened, found
    assert opened.consultation.id is not None
    for version in plans.all_versions(session, opened.consultation.id):
        if version.confirmed_at is None or version.id is None or version is opened.version:
            continue
        found = finder(session, version.id, key)
        if found is not None:
            sections = list(plans.sections(session, version.id))
            return replace(opened, version=version, sections=sections), found
    raise NotFound("规划里没有这一处。请从征询页面的目录查找。")


def keep_page(request: Request, opened: Opened, now: datetime) -> None:
    """The page says the same to everybody until the consultation opens or closes."""
    keep(request, now, [opened.consultation.opens_at, opened.consultation.closes_at])


def frame(opened: Opened, now: Now, *, is_gone: bool = False) -> dict[str, object]:
    """What every page about a plan tells its template.

    `at` goes behind the addresses of the plan, so that a reader of an earlier text stays in it;
    `is_gone` says that the present text no longer has what the address names.
    """
    consultation = opened.consultation
    is_open = consultation_rules.is_open(consultation, now)
    earlier = opened.version if opened.is_earlier else None
    return {
        "consultation": consultation,
        "version": opened.version,
        "newest": opened.newest,
        "earlier": earlier,
        "is_gone": is_gone,
        "at": "" if earlier is None else f"?version={earlier.number}",
        "voices": opened.voices,
        "base": f"/consultations/{consultation.slug}",
        "stage": consultation_rules.stage(consultation, now),
        "is_open": is_open,
        "may_comment": is_open and earlier is None,
        "days_left": consultation_rules.days_left(consultation, now),
    }
