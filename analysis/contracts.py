"""The dataclasses that cross the border of the analysis library.

Everything the library takes in or gives back is one of these frozen records. They mirror the
black-box contract of the commands (docs/cli.md) field by field: `to_json` writes a record as that
contract prints it, with every key present. Offsets are Unicode code points, end-exclusive, into
the raw text named by `field`. `None` means "not determined"; an empty tuple "looked, found none".
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")

# --- The plan ------------------------------------------------------------------------------------


class IndicatorKind(StrEnum):
    """约束性 or 预期性."""

    BINDING = "binding"
    ANTICIPATORY = "anticipatory"


class Bound(StrEnum):
    """How a target value is meant: 不少于, 控制在…以内, or exactly."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"


class TargetSource(StrEnum):
    """Where an indicator was found: in a table or in running text."""

    TABLE = "table"
    PROSE = "prose"


class TaskKind(StrEnum):
    """A measure in the text, an item of a 专栏 box, or a row of a project table."""

    TASK = "task"
    BOX_ITEM = "box_item"
    MAJOR_PROJECT = "major_project"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the 公告 before a draft says; `postcode` has six digits."""

    published_on: date | None = None
    deadline: date | None = None
    email: str | None = None
    postal_address: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of a section, hard wraps rejoined."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One heading and the passages directly below it; sections are listed in reading order.

    `number` is what is printed (第一部分, （一）, 1), None when lost or absent; `title` is without
    it; `inferred` is true when there was no number to rely on. Level 1 is the top division.
    """

    id: str
    level: int
    number: str | None
    title: str
    parent: str | None
    inferred: bool
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One 指标, from a table or as a forward-looking target in running text; values verbatim."""

    id: str
    no: str | None
    name: str
    unit: str | None = None
    kind: IndicatorKind | None = None
    target: str | None = None
    bound: Bound | None = None
    baseline: str | None = None
    current: str | None = None
    assessment: str | None = None
    period: str | None = None
    source: TargetSource = TargetSource.TABLE
    redacted: bool = False
    section: str | None = None
    quote: str | None = None
    cells: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One 任务 of the plan; `quote` is an exact substring of one passage."""

    id: str
    title: str
    kind: TaskKind = TaskKind.TASK
    section: str | None = None
    box: str | None = None
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A 专栏 with the ids of its items."""

    id: str
    title: str
    section: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A term explained in an appendix (名词解释)."""

    term: str
    definition: str


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote, attached to the passage that carries its mark."""

    mark: str
    text: str
    passage: str | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption of a table or figure."""

    text: str
    section: str | None = None


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """Something an editor should look at; codes are listed in docs/cli.md."""

    code: str
    message: str
    quote: str | None = None
    passage: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedPlan:
    """A plan document as `zhengxun plan parse` prints it."""

    title: str
    issuer: str | None = None
    is_draft: bool | None = None
    notice: Notice | None = None
    sections: tuple[Section, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    tasks: tuple[Task, ...] = ()
    boxes: tuple[Box, ...] = ()
    glossary: tuple[GlossaryEntry, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    captions: tuple[Caption, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()


# --- The comments --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommentText:
    """One comment as it came; `anchor` is the id of the plan item or section the sender chose."""

    id: str
    text: str
    title: str | None = None
    posted_at: datetime | None = None
    channel: str | None = None
    author: str | None = None
    likes: int | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a raw field (`title` or `text`): code points, end-exclusive."""

    field: str
    start: int
    end: int


class ReadStatus(StrEnum):
    """Whether a comment could be read at all."""

    READ = "read"
    UNREADABLE = "unreadable"


class Sentiment(StrEnum):
    """The calibrated three-class reading."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Intent(StrEnum):
    """What the sender wants; `OTHER` was read and is none of the five."""

    COMPLAINS = "complains"
    PROPOSES = "proposes"
    ASKS = "asks"
    SUPPORTS = "supports"
    OPPOSES = "opposes"
    OTHER = "other"


class Stance(StrEnum):
    """Toward a plan item."""

    SUPPORTS = "supports"
    OPPOSES = "opposes"
    MIXED = "mixed"
    NONE = "none"


class LinkStatus(StrEnum):
    """`NO_ITEM`: about nothing in the plan. `UNDECIDED`: the machine cannot tell."""

    LINKED = "linked"
    NO_ITEM = "no_item"
    UNDECIDED = "undecided"


class ItemType(StrEnum):
    """What kind of plan item a comment can point to."""

    INDICATOR = "indicator"
    TASK = "task"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """A link to a plan item, `score` in 0..1, with the words of the comment that speak for it."""

    id: str
    type: ItemType
    score: float
    stance: Stance | None = None
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A road, community, school, 街镇 … named in the comment."""

    text: str
    kind: str
    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PersonalData:
    """kind: phone, id_card, email, plate, bank_card, name or address."""

    kind: str
    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the machine read in one comment. `intent` None means it abstained."""

    id: str
    status: ReadStatus
    reason: str | None = None
    sentiment: Sentiment | None = None
    sentiment_score: float | None = None
    intent: Intent | None = None
    link_status: LinkStatus = LinkStatus.UNDECIDED
    items: tuple[LinkedItem, ...] = ()
    topic: str | None = None
    issue: str | None = None
    cluster: str | None = None
    places: tuple[PlaceMention, ...] = ()
    personal_data: tuple[PersonalData, ...] = ()
    masked_text: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim stretch of one comment: `text` equals raw[field][start:end]."""

    id: str
    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class TopicReading:
    """A topic with raw and de-duplicated counts; `share` is a 95 % interval, low and high."""

    id: str
    label: str
    description: str
    count: int
    unique_count: int
    share: tuple[float, float]
    sides: Mapping[str, int]
    comment_ids: tuple[str, ...]
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueReading:
    """One concrete matter that several comments share in different words."""

    id: str
    title: str
    count: int
    unique_count: int
    comment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterReading:
    """Near-copies of one text; `additions` holds what each sender added of their own."""

    id: str
    template: str
    count: int
    unique_count: int
    comment_ids: tuple[str, ...]
    additions: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """One sentence of a summary and the comments it rests on."""

    text: str
    comment_ids: tuple[str, ...]
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class CorpusSummary:
    """Counts, shares (95 % intervals) and sentences over a whole consultation."""

    counts: Mapping[str, int]
    shares: Mapping[str, tuple[float, float]]
    sentences: tuple[SummarySentence, ...] = ()


@dataclass(frozen=True, slots=True)
class CorpusReading:
    """The reading of a whole consultation, comments in input order."""

    comments: tuple[Reading, ...]
    topics: tuple[TopicReading, ...]
    issues: tuple[IssueReading, ...]
    clusters: tuple[ClusterReading, ...]
    summary: CorpusSummary


# --- JSON ----------------------------------------------------------------------------------------


def to_json(value: Any) -> Any:
    """Turn a record (or a tuple of them) into plain JSON values, every key present, in order."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(v) for v in value]
    return value


def from_json(cls: type[T], data: Mapping[str, Any]) -> T:
    """Read a record back from `to_json` output; raises `ValueError` naming the field at fault."""
    hints = typing.get_type_hints(cls)
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    values = {}
    for name, raw in data.items():
        if name not in known:
            continue
        try:
            values[name] = _read(hints[name], raw)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ValueError(f"{cls.__name__}.{name}: {error}") from error
    try:
        return cls(**values)
    except TypeError as error:
        raise ValueError(f"{cls.__name__}: {error}") from error


def _read(hint: Any, raw: Any) -> Any:
    origin = typing.get_origin(hint)
    args = typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if raw is None else _read(next(a for a in args if a is not type(None)), raw)
    if origin is tuple:
        if args[-1] is Ellipsis:
            return tuple(_read(args[0], item) for item in raw)
        return tuple(_read(a, item) for a, item in zip(args, raw, strict=True))
    if isinstance(hint, type) and is_dataclass(hint):
        return from_json(hint, raw)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(raw)
    if hint is datetime:
        return datetime.fromisoformat(raw)
    if hint is date:
        return date.fromisoformat(raw)
    return raw
