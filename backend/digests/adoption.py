"""意见采纳情况报告: what was done with every comment (Order 713, Art. 29(2) and 32).

Pure: from a frame to the content of the report and the faults that keep it from being final.
Near-copies with one decision stand in one row; every comment stands in exactly one row or is
named among those not put to a decision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from backend.digests import replies
from backend.digests.compiling import NO_CHAPTER
from backend.digests.content import Heading, Tally
from backend.digests.frame import Frame, Voice
from backend.digests.rules import tallies, tally
from backend.web.labels import LABELS, label

ADOPTING = frozenset({"adopted", "partly_adopted"})
PENDING = "pending"
# 采纳 and 已体现 name a place in the text; every other outcome gives its reason.
NO_REASON_NEEDED = frozenset({None, "adopted", "already_covered"})


@dataclass(frozen=True, slots=True)
class Procedure:
    """How the public was asked, as the notice says it."""

    published_on: date | None
    days: int | None
    shortened_reason: str
    legal_basis: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """One line of the 汇总表: one comment, or near-copies decided alike."""

    number: int
    source: str
    chapter: str
    text: str
    outcome: str
    reason: str
    change: str
    count: int
    comment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the checker found; a blocking one keeps the report from being final."""

    code: str
    message: str
    comment_ids: tuple[int, ...]
    is_blocking: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """What departments could not agree on about a comment; `objections` read 单位：意见."""

    comment_id: int
    objections: tuple[str, ...]
    points: str
    drafter_view: str
    basis: str


@dataclass(frozen=True, slots=True)
class AdoptionContent:
    """The whole report."""

    heading: Heading
    procedure: Procedure
    issuer: str
    document_number: str
    is_red: bool
    is_draft: bool
    made_at: datetime
    submission_count: int
    comment_count: int
    unique_count: int
    channels: tuple[Tally, ...]
    chapters: tuple[Tally, ...]
    outcomes: tuple[Tally, ...]
    handed_over: tuple[Tally, ...]
    left_out: tuple[Tally, ...]
    changed_places: tuple[str, ...]
    rows: tuple[AdoptionRow, ...]
    faults: tuple[Fault, ...]
    signatures: tuple[str, ...] = ()
    template: str = ""
    person_count: int = 0
    disputes: tuple[Dispute, ...] = ()

    @property
    def counted(self) -> str:
        """3人5件8条."""
        people = f"{self.person_count}人" if self.person_count else ""
        return f"{people}{self.submission_count}件{self.comment_count}条"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the office chooses for head and foot; `template` is the SHA-256 of its own .docx."""

    issuer: str = ""
    document_number: str = ""
    is_red: bool = False
    signatures: tuple[str, ...] = ()
    template: str = ""


def compile_report(
    frame: Frame,
    heading: Heading,
    procedure: Procedure,
    *,
    letter: Letter,
    names: Mapping[int, str],
    linked: frozenset[int],
    noted: frozenset[int],
    is_draft: bool,
    now: datetime,
) -> AdoptionContent:
    """The report on a whole consultation.

    `names` are masked names by submission id; `linked` the comments some published change names;
    `noted` the comments with an internal note, which may explain an unequal decision.
    """
    followed = follow_merges(frame.voices)
    decided = [v for v in frame.voices if v.left_out is None and v.handling != "handed_over"]
    outcomes = tallies(
        decided,
        lambda v: followed[v.id].outcome or PENDING,
        lambda k: "尚在研究" if k == PENDING else label("outcome", k),
        order=(*LABELS["outcome"], PENDING),
    )
    rows = _rows(frame, decided, followed, names)
    whole = tally("all", "全部", frame.voices)
    content = AdoptionContent(
        heading=heading,
        procedure=procedure,
        issuer=letter.issuer,
        document_number=letter.document_number,
        is_red=letter.is_red,
        is_draft=is_draft,
        made_at=now,
        submission_count=len({v.submission_id for v in frame.voices}),
        comment_count=whole.count,
        unique_count=whole.unique_count,
        channels=tallies(frame.voices, lambda v: v.channel, lambda k: label("channel", k)),
        chapters=tallies(decided, lambda v: _chapter(frame, v)),
        outcomes=outcomes,
        handed_over=tallies(
            (v for v in frame.voices if v.left_out is None and v.handling == "handed_over"),
            lambda v: label("recipient", v.handed_over_to, "有关部门"),
        ),
        left_out=tallies(frame.voices, lambda v: v.left_out),
        changed_places=_changed_places(decided, followed),
        rows=rows,
        faults=(),
        signatures=letter.signatures,
        template=letter.template,
        person_count=frame.person_count,
    )
    return replace(content, faults=find_faults(content, frame, followed, linked, noted))


def follow_merges(voices: Sequence[Voice]) -> dict[int, Voice]:
    """Whose decision counts for each comment: its own, or that of the one it was merged into."""
    by_id = {v.id: v for v in voices}
    followed = {}
    for voice in voices:
        target, steps = voice, 0
        while target.outcome is None and target.merged_into in by_id and steps < 20:
            target, steps = by_id[target.merged_into], steps + 1
        followed[voice.id] = target
    return followed


def _chapter(frame: Frame, voice: Voice) -> str:
    node = frame.plan.chapter(voice.section_key)
    return node.name if node else NO_CHAPTER


def _section(frame: Frame, voice: Voice) -> str:
    node = frame.plan.sections.get(voice.section_key or "")
    if node is None:
        return NO_CHAPTER
    number = frame.plan.number(node.key)
    return f"{number} {node.title}".strip()


def _rows(
    frame: Frame,
    voices: Sequence[Voice],
    followed: Mapping[int, Voice],
    names: Mapping[int, str],
) -> tuple[AdoptionRow, ...]:
    groups: dict[tuple[object, ...], list[Voice]] = {}
    for voice in voices:
        decision = followed[voice.id]
        key = (voice.voice_key, decision.outcome, decision.reason, decision.change_place)
        groups.setdefault(key, []).append(voice)
    in_order = sorted(groups.values(), key=lambda g: (_position(frame, g[0]), g[0].id))
    return tuple(
        _row_of(frame, number, members, followed[members[0].id], names)
        for number, members in enumerate(in_order, start=1)
    )


def _position(frame: Frame, voice: Voice) -> int:
    node = frame.plan.sections.get(voice.section_key or "")
    return node.position if node else 1_000_000_000


def _row_of(
    frame: Frame,
    number: int,
    members: list[Voice],
    decision: Voice,
    names: Mapping[int, str],
) -> AdoptionRow:
    first = members[0]
    return AdoptionRow(
        number=number,
        source=_source(members, names),
        chapter=_section(frame, first),
        text=first.text,
        outcome=label("outcome", decision.outcome, "尚在研究"),
        reason=decision.reason,
        change=decision.change_place or _section_title(frame, decision.change_section_key),
        count=len(members),
        comment_ids=tuple(v.id for v in members),
    )


def _section_title(frame: Frame, key: str | None) -> str:
    node = frame.plan.sections.get(key or "")
    return f"{frame.plan.number(node.key)} {node.title}".strip() if node else ""


def _source(members: Sequence[Voice], names: Mapping[int, str]) -> str:
    first = members[0]
    who = names.get(first.submission_id) or label("submitter_kind", first.sender, "公众")
    parts = [who, first.street, label("channel", first.channel)]
    text = "，".join(part for part in parts if part)
    return text if len(members) == 1 else f"{text}等{len(members)}条"


def _changed_places(voices: Iterable[Voice], followed: Mapping[int, Voice]) -> tuple[str, ...]:
    places = [followed[v.id].change_place for v in voices if followed[v.id].outcome in ADOPTING]
    return tuple(dict.fromkeys(place for place in places if place))


# --- The checker -------------------------------------------------------------------------------


def find_faults(
    content: AdoptionContent,
    frame: Frame,
    followed: Mapping[int, Voice],
    linked: frozenset[int],
    noted: frozenset[int],
) -> tuple[Fault, ...]:
    """Everything wrong with the report, the blocking faults first."""
    outcomes = {o.key: o for o in content.outcomes}
    decided = [v for v in frame.voices if v.left_out is None and v.handling != "handed_over"]
    faults = [
        *check_totals(content),
        *_undecided(outcomes.get(PENDING)),
        *_without_reason(decided, followed),
        *_without_change(decided, followed, linked),
        *_unequal(decided, followed, noted),
        *_doubtful_replies(decided, frame.plan.names),
    ]
    return tuple(sorted(faults, key=lambda f: not f.is_blocking))


def check_totals(content: AdoptionContent) -> Iterable[Fault]:
    """Received = every outcome + handed over + not put to a decision; and so are the rows."""
    groups = (*content.outcomes, *content.handed_over, *content.left_out)
    ids = [i for part in groups for i in part.comment_ids]
    total = sum(part.count for part in groups)
    if total != content.comment_count or len(set(ids)) != len(ids) or total != len(ids):
        yield Fault(
            "totals",
            f"收到{content.comment_count}条，各项合计{total}条，数字对不上。",
            (),
            is_blocking=True,
        )
    listed = sorted(i for row in content.rows for i in row.comment_ids)
    expected = sorted(i for part in content.outcomes for i in part.comment_ids)
    if listed != expected or any(row.count != len(row.comment_ids) for row in content.rows):
        message = f"汇总表列出{len(listed)}条，应当是{len(expected)}条。"
        yield Fault("table", message, (), is_blocking=True)


def _undecided(pending: Tally | None) -> Iterable[Fault]:
    if pending:
        message = f"还有{pending.count}条意见没有办理结论。"
        yield Fault("undecided", message, pending.comment_ids, is_blocking=True)


def _without_reason(voices: Sequence[Voice], followed: Mapping[int, Voice]) -> Iterable[Fault]:
    missing = tuple(
        v.id
        for v in voices
        if followed[v.id].outcome not in NO_REASON_NEEDED and not followed[v.id].reason.strip()
    )
    if missing:
        message = f"{len(missing)}条未全部采纳的意见没有写明理由。"
        yield Fault("reason_missing", message, missing, is_blocking=True)


def _without_change(
    voices: Sequence[Voice], followed: Mapping[int, Voice], linked: frozenset[int]
) -> Iterable[Fault]:
    def points_nowhere(voice: Voice) -> bool:
        decision = followed[voice.id]
        place = decision.change_place.strip() or decision.change_section_key
        return decision.outcome in ADOPTING and not place and not {voice.id, decision.id} & linked

    missing = tuple(v.id for v in voices if points_nowhere(v))
    if missing:
        message = f"{len(missing)}条采纳的意见没有注明改在哪里。"
        yield Fault("change_missing", message, missing, is_blocking=True)


def _unequal(
    voices: Sequence[Voice], followed: Mapping[int, Voice], noted: frozenset[int]
) -> Iterable[Fault]:
    clusters: dict[str, list[Voice]] = {}
    for voice in voices:
        if voice.cluster and followed[voice.id].outcome:
            clusters.setdefault(voice.cluster, []).append(voice)
    for members in clusters.values():
        ids = tuple(v.id for v in members)
        found = {followed[i].outcome for i in ids}
        if len(found) > 1 and noted.isdisjoint(ids):
            names = "、".join(sorted(label("outcome", o) for o in found))
            message = f"{len(ids)}条内容基本相同的意见结论不同（{names}），请统一，或写备注说明。"
            yield Fault("unequal", message, ids, is_blocking=True)


def _doubtful_replies(voices: Sequence[Voice], names: Mapping[str, str]) -> Iterable[Fault]:
    decided = [v for v in voices if v.outcome and v.reason.strip()]
    checks = (
        ("repeated_reason", replies.repeated(decided), "条不同的意见用了同一段理由"),
        ("bare_refusal", replies.bare_refusals(decided), "条未采纳的理由没有给出事实或者依据"),
        ("hollow", replies.hollow(decided), "条答复只有客气话，没有说明怎么处理"),
        ("nowhere", replies.nowhere_to_go(decided), "条超出范围的答复没有说明该找谁"),
        ("jargon", replies.jargon(decided), "条理由套话较多，请换成具体的说法"),
        ("misses_point", replies.beside_the_point(decided, names), "条理由没有提到意见所说的事"),
    )
    for code, ids, text in checks:
        if ids:
            yield Fault(code, f"{len(ids)}{text}。", ids, is_blocking=False)
