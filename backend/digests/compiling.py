"""From a frame to the content of a digest: pure, so that the validator can do it again."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from backend.digests import filters
from backend.digests.content import (
    Agreement,
    Campaign,
    Changes,
    ChapterReading,
    CommentRow,
    Conflict,
    DayCount,
    DigestContent,
    Heading,
    ItemReading,
    Method,
    Overview,
    Quotation,
    Tally,
    TopicSummary,
    Wording,
)
from backend.digests.findings import find
from backend.digests.frame import Frame, Item, Link, PlanFrame, Voice
from backend.digests.rules import demand, excerpt, group, representatives, tallies, tally
from backend.kit.clock import local
from backend.web.labels import LABELS, label

NO_CHAPTER = "未涉及具体章节"
UNKNOWN_PLACE = "未填写所在街镇"
CAMPAIGN_SIZE = 3
CONFLICT_SIZE = 2
SENTIMENTS = ("positive", "neutral", "negative")
INTENTS = tuple(LABELS["intent"])
DEMANDS = {"raise": "希望提高目标值", "lower": "希望降低目标值"}
ORIGINS = {"resident": "提交人选择", "machine": "机器研判", "officer": "人工确认"}


def compile_content(
    frame: Frame,
    heading: Heading,
    chosen: filters.Filter,
    *,
    now: datetime,
    since_last: Changes | None = None,
    template: str = "",
) -> DigestContent:
    """Everything a digest says about the comments of one frame."""
    heard = tuple(v for v in frame.voices if v.left_out is None)
    opinions = tuple(v for v in heard if v.handling != "handed_over")
    chapters = _chapters(frame, opinions)
    items = _items(frame, opinions)
    topics = _topics(frame, opinions)
    conflicts = _conflicts(frame, opinions)
    overview = _overview(frame, heard)
    campaigns = _campaigns(heard)
    return DigestContent(
        heading=heading,
        query=filters.render(chosen),
        scope=filters.describe(chosen, frame.plan.names),
        compiled_at=now,
        findings=find(overview, chapters, items, topics, conflicts, campaigns),
        overview=overview,
        chapters=chapters,
        indicators=tuple(i for i in items if i.kind == "indicator"),
        tasks=tuple(i for i in items if i.kind == "task"),
        topics=topics,
        campaigns=campaigns,
        wordings=_wordings(frame, opinions),
        conflicts=conflicts,
        handed_over=tallies(
            (v for v in heard if v.handling == "handed_over"),
            lambda v: label("recipient", v.handed_over_to, "有关部门"),
        ),
        left_out=tallies(frame.voices, lambda v: v.left_out),
        decisions=_decisions(opinions),
        method=_method(heard),
        since_last=since_last,
        rows=tuple(row_of(v, frame) for v in frame.voices),
        ratings=_ratings(opinions),
        template=template,
    )


def source(voice: Voice) -> str:
    """Who speaks, without who it is: 12号，居民个人，石埠街道."""
    parts = [f"{voice.id}号"]
    if voice.sender:
        parts.append(label("submitter_kind", voice.sender))
    if voice.street:
        parts.append(voice.street)
    return "，".join(parts)


def quote(voice: Voice) -> Quotation:
    return Quotation(voice.id, excerpt(voice.text), source(voice))


def _overview(frame: Frame, heard: Sequence[Voice]) -> Overview:
    voices = frame.voices
    whole = tally("all", "全部", voices)
    return Overview(
        submission_count=len({v.submission_id for v in voices}),
        comment_count=whole.count,
        unique_count=whole.unique_count,
        read_count=len(heard),
        late_count=sum(v.is_late for v in voices),
        scope_ids=whole.comment_ids,
        channels=tallies(voices, lambda v: v.channel, lambda k: label("channel", k)),
        senders=tallies(
            voices,
            lambda v: v.sender or "unknown",
            lambda k: "未填写" if k == "unknown" else label("submitter_kind", k),
        ),
        places=tallies(voices, lambda v: v.street or UNKNOWN_PLACE),
        days=_days(voices),
        person_count=frame.person_count,
    )


def _days(voices: Sequence[Voice]) -> tuple[DayCount, ...]:
    if not voices:
        return ()
    counts = group(voices, lambda v: v.day.isoformat())
    first, last = min(v.day for v in voices), max(v.day for v in voices)
    span = (last - first).days + 1
    days = [first + timedelta(days=i) for i in range(span)]
    return tuple(DayCount(day, len(counts.get(day.isoformat(), ()))) for day in days)


def _chapters(frame: Frame, voices: Sequence[Voice]) -> tuple[ChapterReading, ...]:
    def chapter_key(voice: Voice) -> str:
        node = frame.plan.chapter(voice.section_key)
        return node.key if node else ""

    groups = group(voices, chapter_key)
    order = sorted(groups, key=lambda k: frame.plan.sections[k].position if k else 1_000_000_000)
    return tuple(
        ChapterReading(
            total=tally(key or "", _chapter_name(frame.plan, key or ""), groups[key]),
            sentiments=_by_sentiment(groups[key]),
            intents=_by_intent(groups[key]),
        )
        for key in order
    )


def _chapter_name(plan: PlanFrame, key: str) -> str:
    return plan.sections[key].name if key else NO_CHAPTER


def _by_sentiment(voices: Iterable[Voice]) -> tuple[Tally, ...]:
    return tallies(
        voices,
        lambda v: v.sentiment or "unknown",
        lambda k: "未判定" if k == "unknown" else label("sentiment", k),
        order=SENTIMENTS,
    )


def _by_intent(voices: Iterable[Voice]) -> tuple[Tally, ...]:
    return tallies(
        voices,
        lambda v: v.intent or "unknown",
        lambda k: "未判定" if k == "unknown" else label("intent", k),
        order=INTENTS,
    )


def _items(frame: Frame, voices: Sequence[Voice]) -> tuple[ItemReading, ...]:
    by_item: dict[str, list[Voice]] = {}
    for voice in voices:
        for link in voice.links:
            if link.key in frame.plan.items:
                by_item.setdefault(link.key, []).append(voice)
    readings = [_item(frame, frame.plan.items[key], group_) for key, group_ in by_item.items()]
    items = frame.plan.items
    return tuple(sorted(readings, key=lambda r: (-r.total.count, items[r.total.key].position)))


def _item(frame: Frame, item: Item, voices: list[Voice]) -> ItemReading:
    total = tally(item.key, item.name, voices)
    stances = tallies(
        voices,
        lambda v: _stance(v, item.key),
        lambda k: label("stance", k),
        order=("supports", "opposes", "mixed"),
    )
    demands: tuple[Tally, ...] = ()
    if item.kind == "indicator":
        demands = tallies(
            voices, lambda v: demand(v.text), DEMANDS.__getitem__, order=("raise", "lower")
        )
    section = frame.plan.sections.get(item.section or "")
    return ItemReading(
        kind=item.kind,
        total=total,
        target=item.target,
        section=section.name if section else "",
        line=_item_line(item, total, stances, demands),
        stances=stances,
        demands=demands,
        quotes=tuple(quote(v) for v in representatives(voices, 2)),
    )


def _stance(voice: Voice, key: str) -> str | None:
    stance = next((link.stance for link in voice.links if link.key == key), None)
    if stance in (None, "none"):
        # What a comment as a whole supports or opposes is about the one item it names.
        same = {"supports": "supports", "opposes": "opposes"}.get(voice.intent or "")
        return same if same and len({link.key for link in voice.links}) == 1 else None
    return stance


def _item_line(
    item: Item, total: Tally, stances: tuple[Tally, ...], demands: tuple[Tally, ...]
) -> str:
    subject = f"指标{item.number}" if item.kind == "indicator" and item.number else item.name
    parts = [f"{total.count}条"]
    parts += [f"{d.count}条{d.label}" for d in demands]
    parts += [f"{s.count}条{s.label}" for s in stances if s.key in ("supports", "opposes")]
    if total.unique_count < total.count:
        parts.append(f"合并相同内容后{total.unique_count}条")
    return f"{subject}：{'，'.join(parts)}"


def _topics(frame: Frame, voices: Sequence[Voice]) -> tuple[TopicSummary, ...]:
    groups = group((v for v in voices if v.topic), lambda v: v.topic)
    summaries = []
    for key, members in groups.items():
        name, description = frame.topics.get(key or "", ("", ""))
        if not name:
            continue
        sides = _by_intent(members)
        summaries.append(
            TopicSummary(
                total=tally(key or "", name, members),
                # Figures in it are of the whole consultation, not of this filter.
                description="" if re.search(r"\d", description) else description,
                sides=sides,
                quotes=_quotes_from_sides(members, sides),
            )
        )
    return tuple(sorted(summaries, key=lambda t: (-t.total.count, t.total.label)))


def _quotes_from_sides(voices: Sequence[Voice], sides: Sequence[Tally]) -> tuple[Quotation, ...]:
    """One voice of each of the three largest sides, so that no side speaks alone."""
    chosen: list[Voice] = []
    for side in sorted(sides, key=lambda s: -s.count)[:3]:
        heard = {v.voice_key for v in chosen}
        ids = set(side.comment_ids)
        fresh = [v for v in voices if v.id in ids and v.voice_key not in heard]
        chosen += representatives(fresh, 1)
    return tuple(quote(v) for v in chosen)


def _campaigns(voices: Sequence[Voice]) -> tuple[Campaign, ...]:
    groups = group((v for v in voices if v.cluster), lambda v: v.cluster)
    found = []
    for key, members in groups.items():
        if len(members) < CAMPAIGN_SIZE:
            continue
        first = members[0]
        found.append(
            Campaign(
                total=tally(key or "", excerpt(first.text, 40), members),
                submission_count=len({v.submission_id for v in members}),
                first_on=min(v.day for v in members),
                last_on=max(v.day for v in members),
                quote=quote(first),
            )
        )
    return tuple(sorted(found, key=lambda c: (-c.total.count, c.total.key)))


def _wordings(frame: Frame, voices: Sequence[Voice]) -> tuple[Wording, ...]:
    return tuple(
        Wording(v.id, _section_name(frame.plan, v), _original(frame.plan, v), v.wording)
        for v in voices
        if v.wording
    )


def _original(plan: PlanFrame, voice: Voice) -> str:
    return voice.quoted or plan.passages.get(voice.anchor_key or "", "")


def _section_name(plan: PlanFrame, voice: Voice) -> str:
    node = plan.sections.get(voice.section_key or "")
    return node.name if node else NO_CHAPTER


def _conflicts(frame: Frame, voices: Sequence[Voice]) -> tuple[Conflict, ...]:
    """Opposite demands on one item or passage, each side heard from at least twice."""
    subjects: dict[tuple[str, str], dict[str, list[Voice]]] = {}
    for voice in voices:
        for kind, key, side in _positions(frame.plan, voice):
            subjects.setdefault((kind, key), {}).setdefault(side, []).append(voice)
    conflicts = []
    for (kind, key), sides in subjects.items():
        if (
            len(sides) < 2
            or min(len({v.voice_key for v in s}) for s in sides.values()) < CONFLICT_SIZE
        ):
            continue
        counted = tuple(
            sorted(
                (tally(side, _SIDE_LABELS[side], members) for side, members in sides.items()),
                key=lambda t: (-t.count, t.key),
            )
        )
        quotes = tuple(quote(v) for side in counted for v in representatives(sides[side.key], 1))
        conflicts.append((kind, Conflict(_subject(frame.plan, key), counted, quotes)))
    conflicts.sort(key=lambda c: (-sum(s.count for s in c[1].sides), c[1].subject))
    return tuple(conflict for _, conflict in conflicts)


_SIDE_LABELS = DEMANDS | {"supports": "支持", "opposes": "反对"}


def _positions(plan: PlanFrame, voice: Voice) -> Iterable[tuple[str, str, str]]:
    for link in voice.links:
        stance = _stance(voice, link.key)
        if stance in ("supports", "opposes"):
            yield "stance", link.key, stance
        item = plan.items.get(link.key)
        wanted = demand(voice.text) if item and item.kind == "indicator" else None
        if wanted:
            yield "demand", link.key, wanted
    if (
        voice.anchor_kind == "passage"
        and voice.anchor_key
        and voice.intent in ("supports", "opposes")
    ):
        yield "stance", voice.anchor_key, voice.intent


def _subject(plan: PlanFrame, key: str) -> str:
    if key in plan.passages:
        return "“" + excerpt(plan.passages[key], 40) + "”一段"
    return plan.names.get(key, key)


def _decisions(voices: Sequence[Voice]) -> tuple[Tally, ...]:
    return tallies(
        voices,
        lambda v: v.outcome or "pending",
        lambda k: "尚在研究" if k == "pending" else label("outcome", k),
        order=(*LABELS["outcome"], "pending"),
    )


def _ratings(voices: Iterable[Voice]) -> tuple[Tally, ...]:
    """What senders said of the answers they got."""
    return tallies(
        (v for v in voices if v.rating),
        lambda v: v.rating,
        lambda k: label("verdict", k),
        order=tuple(LABELS["verdict"]),
    )


def _method(heard: Sequence[Voice]) -> Method:
    reviewed = [v for v in heard if v.is_reviewed]

    def agreement(name: str, machine: str, effective: str) -> Agreement:
        judged = [v for v in reviewed if getattr(v, machine) is not None]
        agreed = sum(getattr(v, machine) == getattr(v, effective) for v in judged)
        return Agreement(name, agreed, len(judged))

    return Method(
        engines=tuple(sorted({v.engine for v in heard if v.engine})),
        reviewed=tally("reviewed", "人工复核", reviewed),
        agreements=(
            agreement("情感倾向", "machine_sentiment", "sentiment"),
            agreement("意图", "machine_intent", "intent"),
        ),
        abstentions=(
            tally("sentiment", "未判定情感", [v for v in heard if v.sentiment is None]),
            tally("intent", "未判定意图", [v for v in heard if v.intent is None]),
            tally(
                "links",
                "未对应到章节、指标或任务",
                [v for v in heard if not v.links and not v.section_key],
            ),
        ),
    )


def row_of(voice: Voice, frame: Frame) -> CommentRow:
    plan = frame.plan
    node = plan.sections.get(voice.section_key or "")
    return CommentRow(
        comment_id=voice.id,
        submission_ordinal=str(voice.ordinal),
        received_on=local(voice.received_at).date(),
        channel=label("channel", voice.channel),
        sender=label("submitter_kind", voice.sender, "未填写"),
        place=" ".join(p for p in (voice.street, voice.neighbourhood) if p),
        version=plan.versions.get(voice.version_id or 0, plan.version),
        section_number=plan.number(voice.section_key),
        section_title=node.title if node else NO_CHAPTER,
        anchor=_anchor(plan, voice),
        quoted=_original(plan, voice),
        text=voice.text,
        proposed_wording=voice.wording,
        sentiment=label("sentiment", voice.sentiment, "未判定"),
        intent=label("intent", voice.intent, "未判定"),
        items="；".join(_linked(plan, link) for link in voice.links),
        topic=frame.topics.get(voice.topic or "", ("", ""))[0],
        cluster=voice.cluster or "",
        read_by="人工复核" if voice.is_reviewed else "机器研判" if voice.engine else "",
        handling=label("handling", voice.handling),
        outcome=label("outcome", voice.outcome, ""),
        reason=voice.reason,
        change_place=voice.change_place,
        left_out=voice.left_out or "",
    )


def _anchor(plan: PlanFrame, voice: Voice) -> str:
    if voice.anchor_kind in ("indicator", "task"):
        return plan.names.get(voice.anchor_key or "", "")
    return label("anchor_kind", voice.anchor_kind)


def _linked(plan: PlanFrame, link: Link) -> str:
    stance = f"，{label('stance', link.stance)}" if link.stance not in (None, "none") else ""
    return f"{plan.names.get(link.key, link.key)}（{ORIGINS[link.origin]}{stance}）"
