"""Corrections an official makes to a machine-read outline before publishing it. Pure.

Each verb takes a parsed plan and gives a new one; parents follow from levels, and every id stays,
so that a correction never moves a comment. Text is never lost: what is not a heading becomes a
passage of the section before it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from analysis.contracts import ParsedPlan, Passage, Section
from backend.plans.rules import SECRECY

LONGEST_HEADING = 100


class CannotEdit(ValueError):
    """The message says why, in Chinese."""


def rename(plan: ParsedPlan, key: str, number: str | None, title: str) -> ParsedPlan:
    """Correct a heading's number and words."""
    if not title:
        raise CannotEdit("标题不能为空。如果这一行不是标题，请用“不是标题”。")
    at = _index(plan, key)
    renamed = replace(plan.sections[at], number=number or None, title=title)
    return replace(plan, sections=(*plan.sections[:at], renamed, *plan.sections[at + 1 :]))


def promote(plan: ParsedPlan, key: str) -> ParsedPlan:
    """One level up, with everything below it."""
    return _shift(plan, key, -1)


def demote(plan: ParsedPlan, key: str) -> ParsedPlan:
    """One level down, with everything below it."""
    return _shift(plan, key, +1)


def not_a_heading(plan: ParsedPlan, key: str) -> ParsedPlan:
    """The heading's words become a passage of the section before, followed by its passages."""
    at = _index(plan, key)
    if at == 0:
        raise CannotEdit("第一个标题前面没有章节可以并入。")
    gone, before = plan.sections[at], plan.sections[at - 1]
    words = f"{gone.number} {gone.title}" if gone.number else gone.title
    heading = Passage(free_key(plan, "p"), words)
    merged = replace(before, passages=(*before.passages, heading, *gone.passages))
    sections = (*plan.sections[: at - 1], merged, *plan.sections[at + 1 :])
    return _rehung(_moved(replace(plan, sections=sections), gone.id, before.id))


def merge_up(plan: ParsedPlan, key: str) -> ParsedPlan:
    """A heading that was broken in two: its words go to the end of the heading above it."""
    at = _index(plan, key)
    if at == 0:
        raise CannotEdit("第一个标题前面没有标题可以合并。")
    gone, before = plan.sections[at], plan.sections[at - 1]
    if before.passages:
        raise CannotEdit(
            "上一个标题下面已经有正文，两个标题不能合并。如果这一行不是标题，请用“不是标题”。"
        )
    title = f"{before.title}{gone.number or ''}{gone.title}"
    merged = replace(before, title=title, passages=gone.passages)
    sections = (*plan.sections[: at - 1], merged, *plan.sections[at + 1 :])
    return _rehung(_moved(replace(plan, sections=sections), gone.id, before.id))


def make_heading(plan: ParsedPlan, passage_key: str) -> ParsedPlan:
    """A passage that really is a heading: it opens a section one level below its own."""
    at, number = _place(plan, passage_key)
    section = plan.sections[at]
    passage = section.passages[number]
    if len(passage.text) > LONGEST_HEADING:
        raise CannotEdit(
            f"这一段有 {len(passage.text)} 个字，整段作标题太长。请先在标题结束的地方把它分开。"
        )
    opened = Section(
        id=free_key(plan, "s"),
        level=section.level + 1,
        number=None,
        title=passage.text,
        parent=section.id,
        inferred=True,
        passages=section.passages[number + 1 :],
    )
    return _opened(plan, at, number, opened)


def open_section(plan: ParsedPlan, passage_key: str, number: str | None, title: str) -> ParsedPlan:
    """A section cut in two: from this passage on it stands under a heading of its own."""
    if not title:
        raise CannotEdit("请填写新一节的标题。")
    at, place = _place(plan, passage_key)
    section = plan.sections[at]
    opened = Section(
        id=free_key(plan, "s"),
        level=section.level,
        number=number or None,
        title=title,
        parent=section.parent,
        inferred=not number,
        passages=section.passages[place:],
    )
    return _opened(plan, at, place, opened)


def split_passage(
    plan: ParsedPlan, passage_key: str, typed: str, *, first_is_heading: bool = False
) -> ParsedPlan:
    """Cut a passage where `typed`, which is its text, has line breaks; the first keeps the key."""
    at, number = _place(plan, passage_key)
    section = plan.sections[at]
    texts = list(_cut(section.passages[number].text, typed))
    if len(texts) < 2:
        raise CannotEdit("请在要分开的地方按回车换行，再保存。")
    first, *others = texts
    pieces = [replace(section.passages[number], text=first)]
    for text in others:
        pieces.append(Passage(free_key(plan, "p", len(pieces) - 1), text))
    passages = (*section.passages[:number], *pieces, *section.passages[number + 1 :])
    sections = (
        *plan.sections[:at], replace(section, passages=passages), *plan.sections[at + 1 :]
    )  # fmt: skip
    cut = replace(plan, sections=sections)
    return make_heading(cut, passage_key) if first_is_heading else cut


def join_passage(plan: ParsedPlan, passage_key: str) -> ParsedPlan:
    """A sentence that was broken in two: the passage goes to the end of the one above it."""
    at, number = _place(plan, passage_key)
    section = plan.sections[at]
    if number == 0:
        raise CannotEdit("这是标题下的第一段，前面没有段落可以合并。")
    before, gone = section.passages[number - 1], section.passages[number]
    gap = " " if before.text[-1:].isascii() and gone.text[:1].isascii() else ""
    joined = replace(before, text=f"{before.text}{gap}{gone.text}")
    passages = (*section.passages[: number - 1], joined, *section.passages[number + 1 :])

    def now(key: str | None) -> str | None:
        return before.id if key == gone.id else key

    return replace(
        plan,
        sections=(
            *plan.sections[:at], replace(section, passages=passages), *plan.sections[at + 1 :]
        ),
        footnotes=tuple(replace(f, passage=now(f.passage)) for f in plan.footnotes),
        warnings=tuple(replace(w, passage=now(w.passage)) for w in plan.warnings),
    )  # fmt: skip


def settle_warning(plan: ParsedPlan, index: int, message: str) -> ParsedPlan:
    """A warning somebody has looked into; `message` tells it from one that took its place."""
    if not 0 <= index < len(plan.warnings) or plan.warnings[index].message != message:
        raise CannotEdit("没有找到这条提醒，请刷新页面。")
    if plan.warnings[index].code == SECRECY:
        raise CannotEdit("密级标记不能直接去掉，要由发布人填写公开依据。")
    return replace(plan, warnings=(*plan.warnings[:index], *plan.warnings[index + 1 :]))


def standing(before: ParsedPlan, after: ParsedPlan, key: str) -> str | None:
    """`key` if it is still there after a correction, else what stood before it; to go back to."""
    left = set(_order(after))
    found = None
    for each in _order(before):
        if each in left:
            found = each
        if each == key:
            return found
    return None


def free_key(plan: ParsedPlan, prefix: str, skip: int = 0) -> str:
    """A key of that kind which the plan does not use; `skip` gives the ones after it."""
    keys: dict[str, Iterable[str]] = {
        "s": (s.id for s in plan.sections),
        "p": (p.id for s in plan.sections for p in s.passages),
        "i": (i.id for i in plan.indicators),
        "t": (t.id for t in plan.tasks),
    }
    used = [int(key[1:]) for key in keys[prefix] if key[1:].isdigit()]
    return f"{prefix}{max(used, default=0) + 1 + skip}"


def _order(plan: ParsedPlan) -> Iterator[str]:
    for section in plan.sections:
        yield section.id
        yield from (passage.id for passage in section.passages)


def _cut(text: str, typed: str) -> Iterator[str]:
    """`text` in the pieces `typed` shows; refuses anything but added white space."""
    if "".join(typed.split()) != "".join(text.split()):
        raise CannotEdit("这里只能加换行，不能改字：公开的文字要和原文件一致。改动没有保存。")
    at = 0
    for line in typed.splitlines():
        left = len("".join(line.split()))
        begin = at
        while left:
            left -= not text[at].isspace()
            at += 1
        if piece := text[begin:at].strip():
            yield piece


def _place(plan: ParsedPlan, passage_key: str) -> tuple[int, int]:
    for at, section in enumerate(plan.sections):
        for number, passage in enumerate(section.passages):
            if passage.id == passage_key:
                return at, number
    raise CannotEdit("没有找到这个段落，请刷新页面。")


def _opened(plan: ParsedPlan, at: int, number: int, opened: Section) -> ParsedPlan:
    """The section at `at` ends before its passage `number`; `opened` follows it."""
    section = plan.sections[at]
    first = replace(section, passages=section.passages[:number])
    sections = (*plan.sections[:at], first, opened, *plan.sections[at + 1 :])
    moved = {passage.id for passage in opened.passages}
    texts = [passage.text for passage in section.passages if passage.id in moved]
    return _rehung(_carried(replace(plan, sections=sections), section.id, opened.id, texts))


def _carried(plan: ParsedPlan, old: str, new: str, texts: list[str]) -> ParsedPlan:
    """Indicators and tasks quoted in passages that moved to a new section move along."""

    def section(key: str | None, quote: str | None) -> str | None:
        return new if key == old and quote and any(quote in text for text in texts) else key

    return replace(
        plan,
        indicators=tuple(replace(i, section=section(i.section, i.quote)) for i in plan.indicators),
        tasks=tuple(replace(t, section=section(t.section, t.quote)) for t in plan.tasks),
    )


def _index(plan: ParsedPlan, key: str) -> int:
    for at, section in enumerate(plan.sections):
        if section.id == key:
            return at
    raise CannotEdit("没有找到这个标题，请刷新页面。")


def _shift(plan: ParsedPlan, key: str, step: int) -> ParsedPlan:
    at = _index(plan, key)
    level = plan.sections[at].level
    if level + step < 1:
        raise CannotEdit("已经是最高一级。")
    if step > 0 and (at == 0 or level > plan.sections[at - 1].level):
        raise CannotEdit("前面没有同级的标题，不能再降。")
    end = at + 1
    while end < len(plan.sections) and plan.sections[end].level > level:
        end += 1
    moved = tuple(replace(s, level=s.level + step) for s in plan.sections[at:end])
    return _rehung(replace(plan, sections=(*plan.sections[:at], *moved, *plan.sections[end:])))


def _rehung(plan: ParsedPlan) -> ParsedPlan:
    """Parents as the levels say."""
    above: list[Section] = []
    sections = []
    for section in plan.sections:
        while above and above[-1].level >= section.level:
            above.pop()
        hung = replace(section, parent=above[-1].id if above else None)
        sections.append(hung)
        above.append(hung)
    return replace(plan, sections=tuple(sections))


def _moved(plan: ParsedPlan, gone: str, into: str) -> ParsedPlan:
    def section(key: str | None) -> str | None:
        return into if key == gone else key

    return replace(
        plan,
        indicators=tuple(replace(i, section=section(i.section)) for i in plan.indicators),
        tasks=tuple(replace(t, section=section(t.section)) for t in plan.tasks),
        boxes=tuple(replace(b, section=section(b.section)) for b in plan.boxes),
        captions=tuple(replace(c, section=section(c.section)) for c in plan.captions),
    )
