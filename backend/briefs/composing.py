"""Making a brief: everything is counted from the tables, every line keeps its comments."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from backend.assessments.rising import hot_issues
from backend.briefs import queries, rules
from backend.briefs.content import BriefContent, Line, Part
from backend.digests.filters import Filter
from backend.digests.frame import Frame, Voice
from backend.digests.queries import QUARANTINED, WITHDRAWN, load_frame
from backend.digests.rules import excerpt
from backend.kit.clock import local
from backend.models import Consultation
from backend.organisations.rules import CATEGORIES, words_in
from backend.web.labels import label

QUOTE = 36
MOST_LINES = 8
NO_CHAPTER = "没有指明章节"


def compose(
    session: Session, consultation: Consultation, *, since: datetime, until: datetime
) -> BriefContent:
    """The brief of [`since`, `until`)."""
    frame = load_frame(session, consultation, Filter())
    heard = [v for v in frame.voices if v.left_out not in (WITHDRAWN, QUARANTINED)]
    new = [v for v in heard if since <= v.received_at < until]
    assert consultation.id is not None
    issues = _issues(session, consultation.id, heard)
    return BriefContent(
        submission_count=len({v.submission_id for v in new}),
        comment_count=len(new),
        total_count=len(heard),
        parts=(
            Part(
                "risks",
                "需要留意",
                _risks(session, consultation.id, heard, new, since, until),
                "没有发现需要特别留意的情况。",
            ),
            Part("new", "新收到的意见", _by_chapter(frame, new), "这段时间没有收到新意见。"),
            Part(
                "rising",
                "正在多起来的事",
                _rising(session, consultation.id, issues, until),
                "没有哪件事忽然多起来。",
            ),
            Part(
                "first",
                "第一次出现的说法",
                _first_seen(session, consultation.id, issues, heard, since),
                "没有新的说法。",
            ),
        ),
    )


def _by_chapter(frame: Frame, new: Sequence[Voice]) -> tuple[Line, ...]:
    chapters: dict[str | None, list[Voice]] = defaultdict(list)
    for voice in new:
        node = frame.plan.chapter(voice.section_key)
        chapters[node.key if node else None].append(voice)
    order = {key: node.position for key, node in frame.plan.sections.items()}
    lines = []
    for key, voices in sorted(chapters.items(), key=lambda c: order.get(c[0] or "", 10**6)):
        name = frame.plan.sections[key].name if key else NO_CHAPTER
        people = len({v.submission_id for v in voices})
        lines.append(Line(f"{name}：{people}件{len(voices)}条{_intents(voices)}", _ids(voices)))
    return tuple(lines)


def _intents(voices: Sequence[Voice]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for voice in voices:
        counts[label("intent", voice.intent, "意图未判定")] += 1
    said = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    return "，其中" + "、".join(f"{name}{count}条" for name, count in said[:3])


def _issues(
    session: Session, consultation_id: int, heard: Sequence[Voice]
) -> dict[str, list[Voice]]:
    by_id = {v.id: v for v in heard}
    issues: dict[str, list[Voice]] = defaultdict(list)
    for issue, comment_id in queries.issue_tags(session, consultation_id):
        if comment_id in by_id:
            issues[issue].append(by_id[comment_id])
    return issues


def _rising(
    session: Session, consultation_id: int, issues: dict[str, list[Voice]], until: datetime
) -> tuple[Line, ...]:
    lines = []
    for hot in hot_issues(session, consultation_id, local(until).date()):
        voices = issues.get(hot.issue, [])
        if voices and rules.rises(hot.recent_count, hot.usual_count):
            where = f"，多在{'、'.join(hot.streets)}" if hot.streets else ""
            lines.append(
                Line(
                    f"{_said(voices)}：最近七天{hot.recent_count}条，平常一周"
                    f"{hot.usual_count:.1f}条{where}",
                    _ids(voices),
                    "amber",
                )
            )
    return tuple(lines[:MOST_LINES])


def _first_seen(
    session: Session,
    consultation_id: int,
    issues: dict[str, list[Voice]],
    heard: Sequence[Voice],
    since: datetime,
) -> tuple[Line, ...]:
    """Issues and topics nobody raised before `since`."""
    lines = [
        Line(f"{_said(voices)}：{len(voices)}条", _ids(voices))
        for voices in issues.values()
        if min(v.received_at for v in voices) >= since
    ]
    topics: dict[str, list[Voice]] = defaultdict(list)
    for voice in heard:
        if voice.topic:
            topics[voice.topic].append(voice)
    labels = queries.topic_labels(session, consultation_id)
    lines += [
        Line(f"主题“{labels.get(topic, topic)}”：{len(voices)}条", _ids(voices))
        for topic, voices in topics.items()
        if min(v.received_at for v in voices) >= since
    ]
    # On the first day everything is new: then this says nothing that the chapters do not.
    is_first_day = all(v.received_at >= since for v in heard)
    lines.sort(key=lambda line: (-len(line.comment_ids), line.text))
    return () if is_first_day else tuple(lines[:MOST_LINES])


def _risks(
    session: Session,
    consultation_id: int,
    heard: Sequence[Voice],
    new: Sequence[Voice],
    since: datetime,
    until: datetime,
) -> tuple[Line, ...]:
    lines = [*_alarming(session, consultation_id, new, since, until)]
    overdue = queries.overdue_ids(session, consultation_id, local(until).date())
    if overdue:
        lines.append(Line(f"已经超过办理时限：{len(overdue)}条", tuple(overdue), "vermilion"))
    lines += _floods(session, consultation_id, heard, new, since, until)
    leaks = queries.doubtful_published(session, consultation_id, since)
    if leaks:
        text = f"已公开的意见里有姓名或住址（已遮盖），请核对有没有遗漏：{len(leaks)}条"
        lines.append(Line(text, tuple(leaks), "amber"))
    return tuple(lines)


def _alarming(
    session: Session,
    consultation_id: int,
    new: Sequence[Voice],
    since: datetime,
    until: datetime,
) -> Iterable[Line]:
    """Words of danger in what came in: the office's own list and what is always one."""
    found: dict[str, dict[int, None]] = defaultdict(dict)
    words: dict[str, set[str]] = defaultdict(set)
    marks = list(queries.flags(session, consultation_id, since, until))
    for voice in new:
        said = words_in(f"{voice.text}\n{voice.wording}", rules.RISK_WORDS)
        marks += [(voice.id, word, category) for word, category in said.items()]
    for comment_id, word, category in marks:
        found[category][comment_id] = None
        words[category].add(word)
    for category, name in CATEGORIES.items():
        if category in found:
            said_words = "、".join(sorted(words[category])[:5])
            text = f"提到{name}（{said_words}）：{len(found[category])}条，请今天就看"
            yield Line(text, tuple(sorted(found[category])), "vermilion")


def _floods(
    session: Session,
    consultation_id: int,
    heard: Sequence[Voice],
    new: Sequence[Voice],
    since: datetime,
    until: datetime,
) -> Iterable[Line]:
    before = since - (until - since)
    earlier = sum(before <= v.received_at < since for v in heard)
    if rules.is_flood(len(new), earlier):
        text = f"来件突然增多：这段时间{len(new)}条，前一段同样长的时间{earlier}条"
        yield Line(text, _ids(new), "amber")
    clusters: dict[str, list[Voice]] = defaultdict(list)
    for voice in new:
        if voice.cluster:
            clusters[voice.cluster].append(voice)
    for copies in sorted(clusters.values(), key=len, reverse=True):
        if len(copies) >= rules.MANY_COPIES:
            yield Line(f"同一内容来了{len(copies)}条：{_said(copies)}", _ids(copies), "amber")
    held = queries.held_ids(session, consultation_id, since, until)
    if len(held) >= rules.MANY_HELD:
        yield Line(f"疑似机器灌水，待人工核实：{len(held)}条", tuple(held), "amber")


def _said(voices: Sequence[Voice]) -> str:
    """Masked words of the first of them that may be shown."""
    first = next((v for v in voices if v.text), None)
    return f"“{excerpt(first.text, QUOTE)}”" if first else "还没有研判的意见"


def _ids(voices: Iterable[Voice]) -> tuple[int, ...]:
    return tuple(sorted(v.id for v in voices))
