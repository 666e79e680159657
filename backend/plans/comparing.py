"""What changed between two versions of a plan, section by section, in whole words. Pure.

Passages are paired by key (a later version keeps the keys of what it continues, see matching).
A changed passage is compared word by word, so that a reader sees 新增1500个 → 新增1800个 and not
scattered characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from analysis.contracts import ParsedPlan, Section
from analysis.segment import words

NOTICE_TITLE = "公告"


class Change(StrEnum):
    """What happened to a passage or a run of words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words that stayed, came or went."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class PassageChange:
    """One passage of the old or new text; `runs` read in order give both wordings."""

    key: str
    change: Change
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section with what changed in it; `title_runs` when its heading changed."""

    key: str
    title: str
    change: Change
    title_runs: tuple[Run, ...]
    passages: tuple[PassageChange, ...]


def compare(old: ParsedPlan, new: ParsedPlan) -> list[SectionChange]:
    """The sections in which anything changed, in the order of the new text; removed ones last."""
    before = {section.id: section for section in old.sections}
    after = {section.id for section in new.sections}
    moved_to = {p.id: s.id for s in new.sections for p in s.passages}
    old_texts = {p.id: p.text for s in old.sections for p in s.passages}
    changes = [_section(before.get(s.id), s, old_texts, moved_to) for s in new.sections]
    changes += [
        _section(section, None, old_texts, moved_to)
        for section in old.sections
        if section.id not in after and not _is_notice(section)
    ]
    return [change for change in changes if change is not None]


def _section(
    old: Section | None,
    new: Section | None,
    old_texts: dict[str, str],
    moved_to: dict[str, str],
) -> SectionChange | None:
    shown = new or old
    assert shown is not None
    passages = tuple(_passages(old, new, old_texts, moved_to))
    title_runs = compare_words(_heading(old), _heading(new)) if old and new else ()
    is_same_title = all(run.change is Change.SAME for run in title_runs)
    if old and new and not passages and is_same_title:
        return None
    if not (old and new):
        kind = Change.ADDED if new else Change.REMOVED
        if kind is Change.REMOVED and not passages:
            return None  # Its text stands under another heading now.
    else:
        kind = Change.CHANGED
    return SectionChange(
        shown.id, _heading(shown), kind, () if is_same_title else title_runs, passages
    )


def _passages(
    old: Section | None,
    new: Section | None,
    old_texts: dict[str, str],
    moved_to: dict[str, str],
) -> Iterator[PassageChange]:
    """Changed passages: those of the new text, each removed one after its old neighbour."""
    gone: dict[str | None, list[PassageChange]] = {}
    last_kept: str | None = None
    for passage in old.passages if old else ():
        if passage.id in moved_to:
            last_kept = passage.id
        else:
            run = Run(Change.REMOVED, passage.text)
            gone.setdefault(last_kept, []).append(PassageChange(passage.id, Change.REMOVED, (run,)))
    yield from gone.pop(None, [])
    for passage in new.passages if new else ():
        if passage.id not in old_texts:
            run = Run(Change.ADDED, passage.text)
            yield PassageChange(passage.id, Change.ADDED, (run,))
        elif old_texts[passage.id] != passage.text:
            runs = compare_words(old_texts[passage.id], passage.text)
            yield PassageChange(passage.id, Change.CHANGED, runs)
        yield from gone.pop(passage.id, [])
    for rest in gone.values():
        yield from rest


def compare_words(old: str, new: str) -> tuple[Run, ...]:
    """The difference of two wordings in runs of whole words.

    The runs that stayed or came give `new`, those that stayed or went give `old`.
    """
    before = [word.text for word in words(old)]
    after = [word.text for word in words(new)]
    runs: list[Run] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(Run(Change.SAME, "".join(before[a:b])))
            continue
        if b > a:
            runs.append(Run(Change.REMOVED, "".join(before[a:b])))
        if d > c:
            runs.append(Run(Change.ADDED, "".join(after[c:d])))
    return tuple(runs)


def _is_notice(section: Section) -> bool:
    """The 公告 printed before a draft is no part of the plan: it is not missed in a later text."""
    return section.inferred and section.title == NOTICE_TITLE


def _heading(section: Section | None) -> str:
    if section is None:
        return ""
    return f"{section.number} {section.title}" if section.number else section.title
