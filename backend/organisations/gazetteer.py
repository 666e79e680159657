"""街镇 and 居委: the places residents choose from and the readings find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.text import clean_line
from backend.models import Neighbourhood, Officer
from backend.organisations import rules
from backend.organisations.rules import PlaceLine
from backend.web.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, before it does it."""

    new: list[PlaceLine]
    known: list[PlaceLine]
    unreadable: list[PlaceLine]


def streets(session: Session, organisation_id: int) -> dict[str, list[Neighbourhood]]:
    """Street → its 居委, both in name order."""
    statement = (
        select(Neighbourhood)
        .where(Neighbourhood.organisation_id == organisation_id)
        .order_by(col(Neighbourhood.street), col(Neighbourhood.name))
    )
    found: dict[str, list[Neighbourhood]] = {}
    for row in session.exec(statement):
        found.setdefault(row.street, []).append(row)
    return found


def preview(session: Session, organisation_id: int, text: str) -> Preview:
    """Lines that are new, that are there already (or stand twice), and that cannot be read."""
    seen = _known(session, organisation_id)
    result = Preview([], [], [])
    for line in rules.read_places(text)[: rules.MOST_PLACES]:
        place = (line.street, line.name)
        if line.problem is not None:
            result.unreadable.append(line)
        elif place in seen:
            result.known.append(line)
        else:
            seen.add(place)
            result.new.append(line)
    return result


def add_all(session: Session, lines: Sequence[PlaceLine], *, by: Officer, now: datetime) -> None:
    """Take over the new lines of a preview."""
    for line in lines:
        session.add(
            Neighbourhood(organisation_id=by.organisation_id, street=line.street, name=line.name)
        )
    session.flush()
    details = {"count": len(lines)}
    audit.record(session, by, "place.import", "organisation", by.organisation_id, details, now=now)


def rename(
    session: Session, place: Neighbourhood, street: str, name: str, *, by: Officer, now: datetime
) -> None:
    """Correct a place; what residents sent keeps the words they chose."""
    street, name = clean_line(street), clean_line(name)
    taken = _known(session, by.organisation_id) - {(place.street, place.name)}
    problem = rules.name_problem(street, (), longest=rules.LONGEST_PLACE) or rules.name_problem(
        name, (n for s, n in taken if s == street), longest=rules.LONGEST_PLACE
    )
    if problem is not None:
        raise Refused(problem)
    details = {"before": f"{place.street} {place.name}", "after": f"{street} {name}"}
    place.street, place.name = street, name
    session.add(place)
    audit.record(session, by, "place.rename", "organisation", by.organisation_id, details, now=now)


def remove(session: Session, place: Neighbourhood, *, by: Officer, now: datetime) -> None:
    """No longer offered; submissions hold the name itself, so nothing of theirs is lost."""
    details = {"name": f"{place.street} {place.name}"}
    session.delete(place)
    audit.record(session, by, "place.remove", "organisation", by.organisation_id, details, now=now)


def of(session: Session, place_id: int, organisation_id: int) -> Neighbourhood:
    found = session.get(Neighbourhood, place_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("没有这个居委，或者它不属于您的单位。")
    return found


def _known(session: Session, organisation_id: int) -> set[tuple[str, str]]:
    statement = select(Neighbourhood.street, Neighbourhood.name).where(
        Neighbourhood.organisation_id == organisation_id
    )
    return set(session.exec(statement).all())
