"""What a clerk types about one letter, call or meeting; read whatever it holds, then checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from backend.kit.text import clean_line, clean_text
from backend.models import Channel, ConsentWay
from backend.registry import rules
from backend.registry.places import Places
from backend.submissions.forms import (
    MAX_POINTS,
    Errors,
    Point,
    Sender,
    check_point,
    check_sender,
    read_sender,
)
from backend.submissions.verifying import MAX_HOW

MAX_GIVEN_BY = 100


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One opinion of a letter, with the words typed into the picker of plan items."""

    about: str = ""
    text: str = ""
    proposed_wording: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.about or self.text or self.proposed_wording)


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """Who agreed that staff write for them, how and when."""

    given_by: str = ""
    way: str = ""
    given_on: str = ""
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class EntryForm:
    """The screen 登记来件 as it stands."""

    channel: str = Channel.LETTER.value
    received_on: str = ""
    posted_on: str = ""
    sender: Sender = field(default_factory=Sender)
    points: tuple[EntryPoint, ...] = (EntryPoint(),)
    scan_ids: tuple[int, ...] = ()
    consent: ConsentForm = ConsentForm()
    verified_how: str = ""

    def with_point(self) -> "EntryForm":
        more = (*self.points, EntryPoint())
        return replace(self, points=more[:MAX_POINTS])

    def without_point(self, index: int) -> "EntryForm":
        rest = tuple(point for at, point in enumerate(self.points) if at != index)
        return replace(self, points=rest or (EntryPoint(),))


def read_entry(fields: Mapping[str, str], scan_ids: Sequence[str]) -> EntryForm:
    """The form as typed; empty points at the end are dropped."""
    numbers = sorted(
        {
            int(found[1])
            for name in fields
            if (found := re.fullmatch(r"(?:text|about|wording|choice)-(\d{1,2})", name))
        }
    )
    points = [_point(fields, number) for number in numbers[:MAX_POINTS]]
    while len(points) > 1 and points[-1].is_empty:
        points.pop()
    return EntryForm(
        channel=fields.get("channel", ""),
        received_on=clean_line(fields.get("received_on", "")),
        posted_on=clean_line(fields.get("posted_on", "")),
        sender=read_sender(fields),
        points=tuple(points) or (EntryPoint(),),
        scan_ids=tuple(int(key) for key in scan_ids if key.isascii() and key.isdigit())[:20],
        verified_how=clean_line(fields.get("verified_how", ""))[: MAX_HOW + 1],
        consent=ConsentForm(
            given_by=clean_line(fields.get("given_by", ""))[: MAX_GIVEN_BY + 1],
            way=fields.get("way", ""),
            given_on=clean_line(fields.get("given_on", "")),
            is_confirmed=fields.get("consents", "") == "yes",
        ),
    )


def _point(fields: Mapping[str, str], number: int) -> EntryPoint:
    chosen = fields.get(f"choice-{number}", "")
    return EntryPoint(
        about=clean_line(chosen or fields.get(f"about-{number}", ""))[:300],
        text=clean_text(fields.get(f"text-{number}", "")),
        proposed_wording=clean_text(fields.get(f"wording-{number}", "")),
    )


def read_day(typed: str) -> date | None:
    """A day as people write it: 2026-11-22, 2026/11/22, 2026.11.22, 20261122, 2026年11月22日."""
    found = re.fullmatch(
        r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+\d{1,2}[:时].*)?", typed
    ) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", typed)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def check_entry(
    form: EntryForm,
    places: Places,
    *,
    streets: Mapping[str, Sequence[str]],
    today: date,
    max_length: int,
    is_proxy: bool,
) -> Errors:
    """One sentence for each field that cannot be accepted."""
    allowed = rules.FOR_RESIDENTS if is_proxy else rules.BY_HAND
    errors: Errors = {}
    if form.channel not in {channel.value for channel in allowed}:
        errors["channel"] = "请选择这件意见是怎样来的"
    if form.posted_on and read_day(form.posted_on) is None:
        errors["posted_on"] = "请填写完整的邮戳日期，例如 2026-11-20；看不清可以不填"
    errors |= {
        name: message
        for name, message in rules.date_problems(
            received_on=read_day(form.received_on), posted_on=read_day(form.posted_on), today=today
        ).items()
        if name not in errors
    }
    for number, point in enumerate(form.points):
        errors |= _check_point(point, number, places, max_length=max_length)
    errors |= check_sender(form.sender, streets=streets)
    if form.verified_how and not form.sender.has_contact:
        errors["verified_how"] = "没有填写联系方式，这里请留空"
    elif len(form.verified_how) > MAX_HOW:
        errors["verified_how"] = f"怎样核实的最多{MAX_HOW}字"
    if is_proxy:
        errors |= _check_consent(form.consent, today)
    return errors


def _check_point(point: EntryPoint, number: int, places: Places, *, max_length: int) -> Errors:
    typed = Point(text=point.text, proposed_wording=point.proposed_wording)
    names = {"text": f"text-{number}", "proposed_wording": f"wording-{number}"}
    errors = {
        names[name]: sentence.replace("请写下您的意见", "请录入意见内容")
        for name, sentence in check_point(typed, max_length=max_length).items()
    }
    found = places.find(point.about)
    if found.is_unknown:
        errors[f"about-{number}"] = (
            f"规划里没有找到“{point.about[:40]}”，请换几个字，或者留空表示整个规划"
        )
    elif found.choices:
        errors[f"about-{number}"] = f"“{point.about[:40]}”符合不止一处，请在下面选一处"
    return errors


def _check_consent(consent: ConsentForm, today: date) -> Errors:
    errors: Errors = {}
    if not consent.given_by:
        errors["given_by"] = "请写明是谁同意由您代填，例如“本人”或“女儿”"
    elif len(consent.given_by) > MAX_GIVEN_BY:
        errors["given_by"] = f"同意人最多{MAX_GIVEN_BY}字"
    if consent.way not in set(ConsentWay):
        errors["way"] = "请选择同意的方式"
    day = read_day(consent.given_on)
    if day is None:
        errors["given_on"] = "请填写同意的日期，例如 2026-11-22"
    elif day > today:
        errors["given_on"] = "同意的日期不能晚于今天"
    if not consent.is_confirmed:
        errors["consents"] = "请把同意书读给对方听，对方同意后勾选"
    return errors
