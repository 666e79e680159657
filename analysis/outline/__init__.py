"""Plan documents to sections, indicators, tasks, boxes, glossary and warnings.

`parse` follows a plan document through one straight pipeline; each step is a module named for the
thing it finds: lines, contents, tables, wraps, headings, levels, sections, and then what stands in
the sections. The same input bytes give the same ids.
"""

from dataclasses import replace
from pathlib import Path

from analysis.contracts import Indicator, Notice, ParsedPlan
from analysis.documents import Document, read
from analysis.outline.boxes import find_boxes
from analysis.outline.captions import find_captions
from analysis.outline.contents import take_contents
from analysis.outline.cover import Cover, read_cover
from analysis.outline.flattened import restore_tables
from analysis.outline.furniture import drop_furniture
from analysis.outline.glossary import attach_footnotes, read_glossary
from analysis.outline.headings import Heading, find_headings
from analysis.outline.indicators import table_indicators
from analysis.outline.levels import place
from analysis.outline.lines import Line, lines_of
from analysis.outline.notice import notice_length, read_notice
from analysis.outline.period import plan_period
from analysis.outline.roles import roles
from analysis.outline.scans import scan_warnings
from analysis.outline.sections import Outline, build
from analysis.outline.targets import prose_targets
from analysis.outline.tasks import find_tasks
from analysis.outline.warnings import find_warnings
from analysis.outline.wraps import join_wraps

__all__ = ["parse", "parse_file"]


def parse_file(path: Path, *, recognise: bool = False) -> ParsedPlan:
    """Read and parse a file, a scan by machine if so wished; raises `UnreadableDocument`."""
    return parse(read(path, recognise=recognise))


def parse(document: Document) -> ParsedPlan:
    """Everything a plan document says about itself, as the contract has it."""
    lines, furniture = drop_furniture(lines_of(document.blocks))
    notes = [line for line in lines if line.note]
    contents, lines = take_contents([line for line in lines if not line.note])
    lines = join_wraps(restore_tables(lines))
    items = find_headings(lines, contents, notice_length([line.text for line in lines]))

    first = next((i for i, item in enumerate(items) if isinstance(item, Heading)), len(items))
    head = [item for item in items[:first] if isinstance(item, Line)]
    body = "\n".join(line.text for line in lines)
    cover, kept = read_cover(head, furniture, body, document.name)
    notice = read_notice([line.text for line in [*head, *furniture]])
    # Without a single heading nothing tells cover and text apart: all of it is text.
    outline = build(place([*(kept if first < len(items) else head), *items[first:]]))

    plan = _read_sections(outline, cover, body, notes, notice)
    scans = scan_warnings(document, outline)
    return replace(plan, warnings=(*scans, *plan.warnings)) if scans else plan


def _read_sections(
    outline: Outline, cover: Cover, body: str, notes: list[Line], notice: Notice | None
) -> ParsedPlan:
    """What stands in the sections, once they are known."""
    period = plan_period(cover.title, body)
    purposes = roles(outline, period)
    boxes = find_boxes(outline)
    indicators = _numbered(
        [*table_indicators(outline, period), *prose_targets(outline, purposes, period)]
    )
    tasks, found_boxes = find_tasks(outline, purposes, boxes)
    return ParsedPlan(
        title=cover.title,
        issuer=cover.issuer,
        is_draft=cover.is_draft,
        notice=notice,
        sections=outline.sections(),
        indicators=indicators,
        tasks=tuple(tasks),
        boxes=tuple(found_boxes),
        glossary=tuple(read_glossary(outline)),
        footnotes=tuple(attach_footnotes(outline, notes)),
        captions=tuple(find_captions(outline)),
        warnings=tuple(find_warnings(outline, indicators, boxes, cover.secrecy)),
    )


def _numbered(indicators: list[Indicator]) -> tuple[Indicator, ...]:
    return tuple(replace(item, id=f"i{n}") for n, item in enumerate(indicators, start=1))
