"""内部备注: said among colleagues, never shown to the public; `@姓名` tells the colleague."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from backend.models import Comment, InternalNote, Officer
from backend.triage import rules, saving, telling
from backend.web.errors import Refused

_AT = re.compile("[@＠]")


def note(
    session: Session, comment: Comment, officer: Officer, text: str, *, now: datetime
) -> InternalNote:
    """Add a note and tell whom it mentions."""
    if not text:
        raise Refused("请先写备注内容。")
    rules.check_length("备注", text)
    row = InternalNote(
        comment_id=comment.id or 0, officer_id=officer.id or 0, text=text, created_at=now
    )
    session.add(row)
    session.flush()
    saving.record(session, officer, "comment.note", comment, now=now, note=row.id)
    people = session.exec(
        select(Officer).where(
            Officer.organisation_id == officer.organisation_id,
            col(Officer.deactivated_at).is_(None),
        )
    ).all()
    telling.tell(
        session, mentioned(text, people), "mentioned", comment, by=officer, change=row.id,
        words=text, now=now,
    )  # fmt: skip
    return row


def mentioned(text: str, people: Sequence[Officer]) -> list[int]:
    """The officers a text names after an @, by name or user name; of two that fit, the longer.

    Nobody has to type a space after a Chinese name: `@沈文请看` names 沈文.
    """
    names = sorted(
        ((name, person.id or 0) for person in people for name in _names(person)),
        key=lambda pair: -len(pair[0]),
    )
    found: dict[int, None] = {}
    for at in _AT.finditer(text):
        rest = text[at.end() :].casefold()
        longest = next((name for name, _ in names if rest.startswith(name)), None)
        found |= {key: None for name, key in names if name == longest}
    return list(found)


def _names(person: Officer) -> set[str]:
    return {person.display_name.casefold(), person.username.casefold()} - {""}
