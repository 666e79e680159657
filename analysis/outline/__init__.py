"""Plan documents to sections, indicators, tasks, boxes, glossary and warnings.

`parse` follows a plan document through one straight pipeline; each step is a module named for the
thing it finds. The same input bytes give the same ids.
"""

from pathlib import Path

from analysis.contracts import ParsedPlan
from analysis.documents import Document, read
from analysis.outline.contents import take_contents
from analysis.outline.cover import read_cover
from analysis.outline.furniture import drop_furniture
from analysis.outline.headings import Heading, find_headings
from analysis.outline.levels import place
from analysis.outline.lines import lines_of
from analysis.outline.sections import build
from analysis.outline.wraps import join_wraps

__all__ = ["parse", "parse_file"]


def parse_file(path: Path) -> ParsedPlan:
    """Read and parse a file; raises `UnreadableDocument`."""
    return parse(read(path))


def parse(document: Document) -> ParsedPlan:
    """Everything a plan document says about itself, as the contract has it."""
    lines, furniture = drop_furniture(lines_of(document.blocks))
    contents, lines = take_contents(lines)
    lines = join_wraps(lines)
    items = find_headings(lines, contents)
    first = next((i for i, item in enumerate(items) if isinstance(item, Heading)), len(items))
    head = [item for item in items[:first] if not isinstance(item, Heading)]
    body = " ".join(line.text for line in lines)
    cover, kept = read_cover(head, furniture, body, document.name)
    outline = build(place([*kept, *items[first:]]))
    return ParsedPlan(
        title=cover.title,
        issuer=cover.issuer,
        is_draft=cover.is_draft,
        sections=outline.sections(),
    )
