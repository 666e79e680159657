"""Topics and issues as officials want them: their choices, applied after every corpus reading.

A corpus run keeps what the machine found (`found_topics`, `found_issues`) beside what is shown
(`topics`, `issues`): a choice can be undone, and the next reading starts from the machine again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from analysis.contracts import CommentText, to_json
from analysis.intervals import wilson
from analysis.quoting import whole_quote
from analysis.regrouping import Choice, Group, regroup
from backend.accounts import audit
from backend.assessments.queries import latest_run
from backend.models import Assessment, Comment, CorpusRun, CorpusTag, GroupChoice, Officer, Review
from backend.web.errors import Conflict, Refused
from backend.web.labels import label as word_for

KINDS = {"topic": ("topics", "label"), "issue": ("issues", "title")}
LONGEST_LABEL = 40
MOST_QUOTES = 6
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of each comment: its form letter, if any, and what its sender wants."""

    cluster: Mapping[str, str]
    intent: Mapping[str, str | None]
    total: int


def apply_choices(session: Session, run: CorpusRun) -> None:
    """Show topics and issues as officials want them, and tag every comment with its own."""
    for kind, (listed, name) in KINDS.items():
        result = dict(run.result)
        found = result.get(f"found_{listed}", result.get(listed, []))
        choices = in_force(session, run.consultation_id, kind)
        if not choices and f"found_{listed}" not in result:
            continue
        tags = _tags(session, run, kind)
        groups = [Group(one["id"], one[name], tuple(one["comment_ids"])) for one in found]
        shown = regroup(groups, [_as_choice(choice) for choice in choices], set(tags))
        known = {one["id"]: one for one in found}
        facts = _facts(session, run, shown, known)
        result[f"found_{listed}"] = found
        result[listed] = [_written(session, kind, group, known, found, facts) for group in shown]
        run.result = result
        _tag(session, kind, shown, tags)
    session.add(run)


def in_force(session: Session, consultation_id: int, kind: str) -> Sequence[GroupChoice]:
    """The choices about topics or issues that were not undone, in their order."""
    return session.exec(
        select(GroupChoice)
        .where(
            GroupChoice.consultation_id == consultation_id,
            GroupChoice.kind == kind,
            col(GroupChoice.undone_at).is_(None),
        )
        .order_by(col(GroupChoice.id))
    ).all()


# --- The verbs -----------------------------------------------------------------------------------


def rename(
    session: Session, run: CorpusRun, kind: str, group_id: str, label: str,
    officer: Officer, *, now: datetime,
) -> GroupChoice:  # fmt: skip
    """Give a topic another name."""
    group = _group(run, kind, group_id)
    return _choose(session, run, kind, "rename", _label(label), [group], officer, now=now)


def pin(
    session: Session, run: CorpusRun, kind: str, group_id: str, officer: Officer, *, now: datetime
) -> GroupChoice:
    """Keep a topic at the top, and keep it even when the machine finds it no more."""
    group = _group(run, kind, group_id)
    return _choose(session, run, kind, "pin", group.label, [group], officer, now=now)


def merge(
    session: Session, run: CorpusRun, kind: str, group_ids: Sequence[str], label: str,
    officer: Officer, *, now: datetime,
) -> GroupChoice:  # fmt: skip
    """Make several topics one."""
    groups = [_group(run, kind, one) for one in dict.fromkeys(group_ids)]
    if len(groups) < 2:
        raise Refused("请至少勾选两个，再合并。")
    name = _label(label) if label.strip() else groups[0].label
    return _choose(session, run, kind, "merge", name, groups, officer, now=now)


def split(
    session: Session, run: CorpusRun, kind: str, group_id: str, comment_ids: Sequence[int],
    label: str, officer: Officer, *, now: datetime,
) -> GroupChoice:  # fmt: skip
    """Let some comments of a topic stand as one of their own."""
    group = _group(run, kind, group_id)
    leaving = {str(one) for one in comment_ids} & set(group.members)
    if not leaving:
        raise Refused("请勾选要拆出来的意见。")
    if len(leaving) == len(group.members):
        raise Refused("不能全部拆出来；想换个名字，请用改名。")
    part = Group(group_id, group.label, tuple(m for m in group.members if m in leaving))
    return _choose(session, run, kind, "split", _label(label), [part], officer, now=now)


def undo(
    session: Session, run: CorpusRun, choice: GroupChoice, officer: Officer, *, now: datetime
) -> None:
    """Take one choice back; the others stand."""
    if choice.undone_at is not None:
        raise Conflict("这次改动已经撤销了。")
    choice.undone_at, choice.undone_by_id = now, officer.id
    session.add(choice)
    session.flush()
    apply_choices(session, run)
    details = {"label": choice.label, "kind": choice.kind}
    audit.record(session, officer, "group.undo", "group_choice", choice.id, details, now=now)


def run_of(session: Session, consultation_id: int) -> CorpusRun:
    """The latest corpus reading; a choice needs one."""
    run = latest_run(session, consultation_id)
    if run is None:
        raise Conflict("机器还没有归纳过主题，有了意见以后几分钟内会有。")
    return run


# --- Within --------------------------------------------------------------------------------------


def _choose(
    session: Session, run: CorpusRun, kind: str, action: str, label: str,
    groups: Sequence[Group], officer: Officer, *, now: datetime,
) -> GroupChoice:  # fmt: skip
    choice = GroupChoice(
        consultation_id=run.consultation_id,
        kind=kind,
        action=action,
        label=label[:64],
        groups=[group.id for group in groups],
        members=[[int(member) for member in group.members] for group in groups],
        officer_id=officer.id or 0,
        created_at=now,
    )
    session.add(choice)
    session.flush()
    apply_choices(session, run)
    details = {"label": label, "kind": kind, "groups": [group.label for group in groups]}
    audit.record(session, officer, f"group.{action}", "group_choice", choice.id, details, now=now)
    return choice


def _group(run: CorpusRun, kind: str, group_id: str) -> Group:
    listed, name = KINDS[kind]
    for one in run.result.get(listed, []):
        if one["id"] == group_id:
            return Group(group_id, one[name], tuple(one["comment_ids"]))
    raise Conflict("机器刚刚重新归纳过，没有这一项了。请刷新页面再改。")


def _label(typed: str) -> str:
    label = " ".join(typed.split())
    if not 2 <= len(label) <= LONGEST_LABEL:
        raise Refused(f"名称请写 2 到 {LONGEST_LABEL} 个字，说清是哪件事。")
    return label


def _as_choice(row: GroupChoice) -> Choice:
    members = tuple(frozenset(map(str, ids)) for ids in row.members)
    return Choice(row.id or 0, row.action, row.label, tuple(row.groups), members)


def _tags(session: Session, run: CorpusRun, kind: str) -> dict[str, str | None]:
    column = CorpusTag.topic if kind == "topic" else CorpusTag.issue
    rows = session.exec(
        select(CorpusTag.comment_id, column).where(CorpusTag.corpus_run_id == run.id)
    )
    return {str(comment_id): group for comment_id, group in rows}


def _tag(
    session: Session, kind: str, shown: Sequence[Group], tags: Mapping[str, str | None]
) -> None:
    """Write the tags that changed, many at once."""
    wanted = {member: group.id for group in shown for member in group.members}
    changed: dict[str | None, list[int]] = {}
    for member, old in tags.items():
        if wanted.get(member) != old:
            changed.setdefault(wanted.get(member), []).append(int(member))
    for group_id, members in changed.items():
        for start in range(0, len(members), _CHUNK):
            part = col(CorpusTag.comment_id).in_(members[start : start + _CHUNK])
            session.exec(update(CorpusTag).where(part).values({kind: group_id}))


def _facts(
    session: Session, run: CorpusRun, shown: Sequence[Group], known: Mapping[str, dict[str, Any]]
) -> Facts:
    """Read only for groups that are not as the machine found them."""
    edited = [int(m) for group in shown if not _as_found(group, known) for m in group.members]
    clusters: dict[str, str] = {}
    intents: dict[str, str | None] = {}
    for start in range(0, len(edited), _CHUNK):
        part = edited[start : start + _CHUNK]
        rows = session.exec(
            select(Comment.id, CorpusTag.cluster, func.coalesce(Review.intent, Assessment.intent))
            .outerjoin(CorpusTag, col(CorpusTag.comment_id) == col(Comment.id))
            .outerjoin(Review, col(Review.comment_id) == col(Comment.id))
            .outerjoin(
                Assessment,
                (col(Assessment.comment_id) == col(Comment.id))
                & col(Assessment.is_current).is_(True),
            )
            .where(col(Comment.id).in_(part))
        ).all()
        for comment_id, cluster, intent in rows:
            clusters[str(comment_id)] = cluster or str(comment_id)
            intents[str(comment_id)] = intent
    return Facts(clusters, intents, run.comment_count)


def _as_found(group: Group, known: Mapping[str, dict[str, Any]]) -> bool:
    one = known.get(group.id)
    return one is not None and tuple(one["comment_ids"]) == group.members


def _written(
    session: Session,
    kind: str,
    group: Group,
    known: Mapping[str, dict[str, Any]],
    found: Sequence[Mapping[str, Any]],
    facts: Facts,
) -> dict[str, Any]:
    """A group as a corpus run lists it."""
    name = KINDS[kind][1]
    marks = {name: group.label, "pinned": group.pinned}
    if _as_found(group, known):
        one = known[group.id]
        if kind == "topic" and one[name] != group.label:
            old, new = f"“{one[name]}”", f"“{group.label}”"
            marks["description"] = one.get("description", "").replace(old, new)
        return one | marks
    count = len(group.members)
    unique = len({facts.cluster.get(member, member) for member in group.members})
    written = {"id": group.id, "count": count, "unique_count": unique,
               "comment_ids": list(group.members)} | marks  # fmt: skip
    if kind == "topic":
        sides = Counter(facts.intent.get(member) or "undetermined" for member in group.members)
        written |= {
            "description": _description(group.label, count, unique, sides),
            "share": list(wilson(count, facts.total)),
            "sides": dict(sides),
            "quotes": _quotes(session, group, found),
        }
    return written


def _description(label: str, count: int, unique: int, sides: Counter[str]) -> str:
    words = {"undetermined": "倾向不明"}
    parts = "、".join(
        f"{words.get(side) or word_for('intent', side)}{number}条"
        for side, number in sides.most_common()
    )
    return f"{count}条意见谈到“{label}”，去除雷同后{unique}条；其中{parts}。由工作人员归并。"


def _quotes(
    session: Session, group: Group, found: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The machine's quotes of these comments; where there are none, new ones of the first."""
    inside = set(group.members)
    kept = [q for one in found for q in one.get("quotes", []) if q["id"] in inside]
    if kept:
        return kept[:MOST_QUOTES]
    first = [int(member) for member in group.members[:MOST_QUOTES]]
    rows = session.exec(select(Comment.id, Comment.text).where(col(Comment.id).in_(first)))
    quotes = (whole_quote(CommentText(str(key), text)) for key, text in rows)
    return [to_json(quote) for quote in quotes if quote is not None]
