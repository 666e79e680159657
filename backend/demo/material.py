"""The written material of the demo: three plans, what residents said on them, and who answered.

The texts live as plain files in `content/`, written by hand for this project about a district that
does not exist. This module reads them into frozen rows and checks every name against the
vocabulary of `backend.models`; turning rows into records is the loader's work. Days are counted
from the day a plan was published, so that the loader can move a whole story to the present.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from backend.models import AnchorKind, Channel, Outcome, Role, SubmitterKind

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True)
class Window:
    """The two dates of a notice; the closing day counts whole."""

    published_on: date
    deadline: date


@dataclass(frozen=True)
class Paper:
    """One plan put to the public: its folder, its office, the dates it says."""

    slug: str
    folder: str
    drafting_office: str
    written: Window

    @property
    def path(self) -> Path:
        return CONTENT / self.folder / "plan.txt"

    def text(self, shown: Window | None = None) -> str:
        """The notice and the draft; with `shown`, the notice carries those dates instead."""
        text = self.path.read_text(encoding="utf-8")
        return text if shown is None else redated(text, self.written, shown)


OUTLINE = Paper(
    "outline-2026-2030", "", "区发展和改革委员会", Window(date(2026, 11, 2), date(2026, 12, 4))
)
PARKS = Paper(
    "parks-2026-2030", "closed", "区绿化和市容管理局", Window(date(2026, 8, 3), date(2026, 9, 4))
)
WALKING = Paper(
    "walking-2027-2030", "upcoming", "区交通委员会", Window(date(2026, 12, 1), date(2027, 1, 5))
)
PAPERS = (OUTLINE, PARKS, WALKING)


@dataclass(frozen=True)
class Anchor:
    """What a comment is about: a heading, indicator, task lead or passage start."""

    kind: AnchorKind
    ref: str


@dataclass(frozen=True)
class Decision:
    """The office's answer; `change` says which place of the text was changed."""

    outcome: Outcome
    reason: str
    change: str | None


@dataclass(frozen=True)
class DemoComment:
    """One opinion (条). Those that share a `submission` came in one letter (一函多议)."""

    text: str
    submission: str | None
    anchor: Anchor | None
    channel: Channel
    day: int
    hour: int
    street: str | None
    neighbourhood: str | None
    submitter_kind: SubmitterKind | None
    name: str | None
    contact: str | None
    wording: str | None
    campaign: str | None
    note: str | None
    decision: Decision | None


@dataclass(frozen=True)
class Change:
    """One passage changed because of opinions; `because` counts lines of the comments from 0."""

    section: str
    before: str
    after: str
    because: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Street:
    """A 街镇 and its 居委."""

    name: str
    neighbourhoods: tuple[str, ...]


@dataclass(frozen=True)
class Department:
    """An office of the district; one of them drafts the outline."""

    name: str
    short: str
    drafting: bool


@dataclass(frozen=True)
class Gazetteer:
    """The names the demo's district is made of."""

    district: str
    streets: tuple[Street, ...]
    departments: tuple[Department, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class DemoOfficer:
    """A member of staff; the loader makes the password."""

    username: str
    display_name: str
    roles: tuple[Role, ...]
    title: str
    department: str
    duty: str
    neighbourhood: str | None = None


@dataclass(frozen=True)
class ReplyTemplate:
    """A ready answer with `{blanks}`; `outcome` says which decision it goes with, if one."""

    key: str
    title: str
    outcome: Outcome | None
    text: str


def redated(text: str, written: Window, shown: Window) -> str:
    """Put the dates of `shown` where the paper says those of `written`, cover month included."""
    cover = f"\n{written.published_on.year}年{written.published_on.month}月\n"
    moved = f"\n{shown.published_on.year}年{shown.published_on.month}月\n"
    # Placeholders first: one window's new opening day may be the other's old closing day.
    return (
        text.replace(_day(written.published_on), "\0")
        .replace(_day(written.deadline), "\1")
        .replace(cover, moved)
        .replace("\0", _day(shown.published_on))
        .replace("\1", _day(shown.deadline))
    )


def demo_comments() -> list[DemoComment]:
    """What was said on the outline plan, by every channel."""
    return _comments("comments.jsonl")


def closed_comments() -> list[DemoComment]:
    """What was said on the parks plan; every one of them is decided."""
    return _comments("closed/comments.jsonl")


def closed_changes() -> list[Change]:
    """Where the parks plan was changed, and because of which of `closed_comments`."""
    return [
        Change(row["section"], row["before"], row["after"], tuple(row["because"]), row["why"])
        for row in _json("closed/changes.json")
    ]


def closed_final() -> str:
    """The parks plan as it was issued after the consultation."""
    return _text("closed/final.txt")


def closed_outcome(facts: Mapping[str, int | str]) -> str:
    """The bureau's account in Markdown, its blanks filled; a blank without a fact is an error."""
    return _text("closed/outcome.md").format_map(facts)


def gazetteer() -> Gazetteer:
    """Streets, offices and subjects of the district."""
    content = _json("gazetteer.json")
    return Gazetteer(
        content["district"],
        tuple(Street(row["name"], tuple(row["neighbourhoods"])) for row in content["streets"]),
        tuple(Department(**row) for row in content["departments"]),
        tuple(content["subjects"]),
    )


def officers() -> list[DemoOfficer]:
    """The demo's staff, from the clerk at the counter to the auditor."""
    return [
        DemoOfficer(**{**row, "roles": tuple(Role(role) for role in row["roles"])})
        for row in _json("officers.json")
    ]


def reply_templates() -> list[ReplyTemplate]:
    """Ready answers an officer may start from."""
    return [
        ReplyTemplate(**{**row, "outcome": row["outcome"] and Outcome(row["outcome"])})
        for row in _json("reply_templates.json")
    ]


def about() -> str:
    """How opinions are handled, in Markdown, for the public."""
    return _text("about.md")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _text(name: str) -> str:
    return (CONTENT / name).read_text(encoding="utf-8")


def _json(name: str) -> Any:
    return json.loads(_text(name))


def _comments(name: str) -> list[DemoComment]:
    return [_comment(json.loads(line)) for line in _text(name).splitlines() if line]


def _comment(row: dict[str, Any]) -> DemoComment:
    anchor, decision, kind = row["anchor"], row["decision"], row["submitter_kind"]
    return DemoComment(
        **{
            **row,
            "channel": Channel(row["channel"]),
            "submitter_kind": kind and SubmitterKind(kind),
            "anchor": anchor and Anchor(AnchorKind(anchor["type"]), anchor["ref"]),
            "decision": decision
            and Decision(Outcome(decision["outcome"]), decision["reason"], decision["change"]),
        }
    )
