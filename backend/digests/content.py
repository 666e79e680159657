"""What a digest (摘要) says, frozen: every number and quote with the comments behind it.

A digest is computed once and stored as plain JSON; all files are written from these records and
from nothing else, so the same snapshot gives the same bytes. Comment ids double as the public
numbers of comments (意见编号): they say nothing about receipts.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many comments share something: `count` 条, `unique_count` after near-copies fold."""

    key: str
    label: str
    count: int
    unique_count: int
    comment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of one comment, verbatim from its masked text."""

    comment_id: int
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the summary on page one, and the comments it rests on."""

    text: str
    comment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """Which consultation, which text, which window."""

    consultation: str
    slug: str
    organisation: str
    drafting_office: str
    plan_title: str
    version: str
    opens_on: date | None
    closes_on: date | None


@dataclass(frozen=True, slots=True)
class DayCount:
    """Comments received on one local day."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """件 and 条, raw and de-duplicated; `scope_ids` is every comment the filter matched."""

    submission_count: int
    comment_count: int
    unique_count: int
    read_count: int
    late_count: int
    scope_ids: tuple[int, ...]
    channels: tuple[Tally, ...]
    senders: tuple[Tally, ...]
    places: tuple[Tally, ...]
    days: tuple[DayCount, ...]
    person_count: int = 0
    """0 in snapshots older than the count."""

    @property
    def counted(self) -> str:
        """3人5件8条; who is the same person is told by telephone or e-mail alone."""
        people = f"{self.person_count}人" if self.person_count else ""
        return f"{people}{self.submission_count}件{self.comment_count}条"


@dataclass(frozen=True, slots=True)
class ChapterReading:
    """Sentiment and intent of the comments on one top division of the plan."""

    total: Tally
    sentiments: tuple[Tally, ...]
    intents: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class ItemReading:
    """The voices on one indicator or task; `line` is the sentence officials quote."""

    kind: str
    total: Tally
    target: str
    section: str
    line: str
    stances: tuple[Tally, ...]
    demands: tuple[Tally, ...]
    quotes: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A topic with its sides and words to hear from each."""

    total: Tally
    description: str
    sides: tuple[Tally, ...]
    quotes: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Near-copies of one text sent by several people: one view, `count` senders."""

    total: Tally
    submission_count: int
    first_on: date
    last_on: date
    quote: Quotation


@dataclass(frozen=True, slots=True)
class Wording:
    """A proposed wording beside the original words."""

    comment_id: int
    section: str
    original: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Opposite demands on the same item of the plan."""

    subject: str
    sides: tuple[Tally, ...]
    quotes: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How this was made, and how far to trust it."""

    engines: tuple[str, ...]
    reviewed: Tally
    agreements: tuple["Agreement", ...]
    abstentions: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `judged` readings a person looked at, `agreed` were left as the machine read them."""

    label: str
    agreed: int
    judged: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since the last digest with the same filter."""

    previous_id: int
    previous_at: datetime
    arrived: tuple[int, ...]
    gone: tuple[int, ...]
    decided_count: int
    risen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommentRow:
    """One comment, standing alone: section number, heading, quoted words and version included."""

    comment_id: int
    submission_ordinal: str
    received_on: date
    channel: str
    sender: str
    place: str
    version: str
    section_number: str
    section_title: str
    anchor: str
    quoted: str
    text: str
    proposed_wording: str
    sentiment: str
    intent: str
    items: str
    topic: str
    cluster: str
    read_by: str
    handling: str
    outcome: str
    reason: str
    change_place: str
    left_out: str


@dataclass(frozen=True, slots=True)
class DigestContent:
    """The whole digest."""

    heading: Heading
    query: str
    scope: str
    compiled_at: datetime
    findings: tuple[Finding, ...]
    overview: Overview
    chapters: tuple[ChapterReading, ...]
    indicators: tuple[ItemReading, ...]
    tasks: tuple[ItemReading, ...]
    topics: tuple[TopicSummary, ...]
    campaigns: tuple[Campaign, ...]
    wordings: tuple[Wording, ...]
    conflicts: tuple[Conflict, ...]
    handed_over: tuple[Tally, ...]
    left_out: tuple[Tally, ...]
    decisions: tuple[Tally, ...]
    method: Method
    since_last: Changes | None
    rows: tuple[CommentRow, ...]
    ratings: tuple[Tally, ...] = ()
    template: str = ""
