"""What a digest is computed from: comments with their effective tags, and the plan they are about.

An officer's reading (Review, ReviewLink) stands above the machine's; what the resident chose in
the form counts as a link of its own unless an officer said otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from backend.kit.clock import local
from backend.submissions.people import person_count


@dataclass(frozen=True, slots=True)
class Link:
    """An item of the plan a comment is about; `origin` is resident, machine or officer."""

    kind: str
    key: str
    stance: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class Voice:
    """One comment (条) as the digest sees it. `text` is masked, empty while not yet readable."""

    id: int
    submission_id: int
    ordinal: int
    received_at: datetime
    channel: str
    sender: str | None
    street: str
    neighbourhood: str
    is_late: bool
    text: str
    wording: str
    anchor_kind: str
    anchor_key: str | None
    section_key: str | None
    quoted: str
    version_id: int | None
    sentiment: str | None
    intent: str | None
    links: tuple[Link, ...]
    topic: str | None
    cluster: str | None
    handling: str
    merged_into: int | None
    handed_over_to: str | None
    outcome: str | None
    reason: str
    change_place: str
    change_section_key: str | None
    is_reviewed: bool
    machine_sentiment: str | None
    machine_intent: str | None
    engine: str | None
    left_out: str | None
    rating: str | None = None

    @property
    def day(self) -> date:
        return local(self.received_at).date()

    @property
    def voice_key(self) -> str:
        """Equal for comments that say one thing once: near-copies, and merged doubles."""
        if self.cluster:
            return f"c{self.cluster}"
        return f"m{self.merged_into or self.id}"


@dataclass(frozen=True, slots=True)
class SectionNode:
    """A heading of the plan."""

    key: str
    parent: str | None
    level: int
    number: str
    title: str
    position: int

    @property
    def name(self) -> str:
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Item:
    """An indicator or a task of the plan."""

    kind: str
    key: str
    number: str
    title: str
    section: str | None
    target: str
    bound: str | None
    position: int

    @property
    def name(self) -> str:
        if self.kind == "indicator":
            return f"指标{self.number} {self.title}" if self.number else f"指标 {self.title}"
        return f"任务 {self.title}"


@dataclass(frozen=True, slots=True)
class PlanFrame:
    """The current text of the plan, as far as a digest names it."""

    title: str
    version: str
    versions: Mapping[int, str]
    sections: Mapping[str, SectionNode]
    items: Mapping[str, Item]
    passages: Mapping[str, str]

    def chapter(self, section_key: str | None) -> SectionNode | None:
        """The top division a section belongs to."""
        node = self.sections.get(section_key or "")
        seen: set[str] = set()
        while node and node.parent and node.parent in self.sections and node.key not in seen:
            seen.add(node.key)
            node = self.sections[node.parent]
        return node

    def number(self, section_key: str | None) -> str:
        """第三章 二 （一）: the printed numbers from the top division down."""
        numbers: list[str] = []
        node = self.sections.get(section_key or "")
        while node is not None and len(numbers) < 12:
            numbers.append(node.number)
            node = self.sections.get(node.parent or "")
        return " ".join(number for number in reversed(numbers) if number)

    def is_within(self, section_key: str | None, ancestor: str) -> bool:
        """True when a section is `ancestor` or stands below it."""
        seen: set[str] = set()
        while section_key and section_key not in seen:
            if section_key == ancestor:
                return True
            seen.add(section_key)
            node = self.sections.get(section_key)
            section_key = node.parent if node else None
        return False

    @property
    def names(self) -> dict[str, str]:
        """Titles of sections and items by key."""
        return {k: s.name for k, s in self.sections.items()} | {
            k: i.name for k, i in self.items.items()
        }


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything read from the database for one digest."""

    voices: tuple[Voice, ...]
    plan: PlanFrame
    topics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    same_person: Mapping[int, int] = field(default_factory=dict)

    @property
    def person_count(self) -> int:
        """How many people (人) stand behind the sendings (件)."""
        return person_count((v.submission_id for v in self.voices), self.same_person)

    def select(self, ids: Iterable[int]) -> tuple[Voice, ...]:
        wanted = set(ids)
        return tuple(v for v in self.voices if v.id in wanted)
