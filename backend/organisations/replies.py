"""Answer templates: what an office often writes, by outcome, with variables the desk fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.text import clean_line, clean_text
from backend.models import Officer, Organisation, Outcome, ReplyTemplate
from backend.organisations import rules
from backend.web.errors import NotFound, Refused

_OWN = ("单位", "联系电话")


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A template as the desk offers it for one opinion."""

    name: str
    outcome: str | None
    text: str


def templates(session: Session, organisation_id: int) -> list[ReplyTemplate]:
    statement = select(ReplyTemplate).where(ReplyTemplate.organisation_id == organisation_id)
    outcome = col(ReplyTemplate.outcome)
    order = statement.order_by(outcome.is_(None), outcome, col(ReplyTemplate.name))
    return list(session.exec(order))


def filled(
    session: Session, organisation_id: int, values: Mapping[str, str]
) -> list[FilledTemplate]:
    """Every template with its variables replaced by what is known of one opinion."""
    rows = templates(session, organisation_id)
    if any(f"{{{name}}}" in row.text for row in rows for name in _OWN):
        owner = session.get_one(Organisation, organisation_id)
        values = {**values, "单位": owner.name, "联系电话": owner.phone}
    return [FilledTemplate(t.name, t.outcome, rules.filled(t.text, values)) for t in rows]


def save(
    session: Session,
    template: ReplyTemplate | None,
    *,
    name: str,
    outcome: str,
    text: str,
    by: Officer,
    now: datetime,
) -> None:
    """Make a template, or change one."""
    name, text = clean_line(name)[:100], clean_text(text)
    unknown = rules.unknown_variables(text)
    if not name or not text:
        raise Refused("请填写名称和内容。")
    if unknown:
        known = "、".join(f"{{{variable}}}" for variable in rules.VARIABLES)
        raise Refused(f"没有{{{unknown[0]}}}这个变量，可以用的有：{known}。")
    row = template or ReplyTemplate(organisation_id=by.organisation_id, name="", text="")
    row.name, row.text = name, text
    row.outcome = outcome if outcome in set(Outcome) else None
    session.add(row)
    session.flush()
    details = {"name": name}
    audit.record(session, by, "template.save", "reply_template", row.id, details, now=now)


def remove(session: Session, template: ReplyTemplate, *, by: Officer, now: datetime) -> None:
    """Answers already given keep their text."""
    details = {"name": template.name}
    audit.record(session, by, "template.remove", "reply_template", template.id, details, now=now)
    session.delete(template)


def of(session: Session, template_id: int, organisation_id: int) -> ReplyTemplate:
    found = session.get(ReplyTemplate, template_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("没有这个模板，或者它不属于您的单位。")
    return found
