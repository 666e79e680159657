"""Terms explained in an appendix, and footnotes attached to the passage that carries their mark."""

import re

from analysis.contracts import Footnote, GlossaryEntry
from analysis.outline.lines import Line
from analysis.outline.sections import Outline
from analysis.outline.text import squeeze

_GLOSSARY = re.compile(r"名词解释|术语|指标解释|名词(?:说明|注释)|概念解释")
_ENTRY = re.compile(
    r"(?:(?<=\n)|(?<=^)|(?<=[。;；]))[ ]?(?:[①-⑳]|[（(]?\d{1,3}[)）]?[.、．]?|"
    r"[一二三四五六七八九十]+、)? ?"
    r"([“\"《]?[^:：。\n]{1,40}?) ?(?:[:：]|是指)(?=\S)"
)
_NUMBERED = re.compile(
    r"(?:(?<=\n)|(?<=^)|(?<=[。;；]))[ ]?(?:[①-⑳]|\d{1,3}[.、．]?|[（(]\d{1,3}[)）])"
)


def read_glossary(outline: Outline) -> list[GlossaryEntry]:
    """Every term of the sections that explain terms."""
    entries: list[GlossaryEntry] = []
    for index, title in enumerate(outline.titles):
        if not _GLOSSARY.search(title) or outline.children(index):
            continue
        text = "\n".join(p.passage.text for p in outline.of(index))
        entries.extend(_entries(text))
    return entries


def _entries(text: str) -> list[GlossaryEntry]:
    numbered = len(_NUMBERED.findall(text)) >= 2
    heads = [
        m for m in _ENTRY.finditer(text) if not numbered or _NUMBERED.match(m[0]) or m.start() == 0
    ]
    entries: list[GlossaryEntry] = []
    stops = [head.start() for head in heads[1:]] + [len(text)] * bool(heads)
    for head, stop in zip(heads, stops, strict=True):
        definition = text[head.end() : stop].replace("\n", "").strip()
        term = head[1].strip()
        term = term[1:-1] if re.fullmatch(r"[“\"][^“”\"]+[”\"]", term) else term
        if term and definition:
            entries.append(GlossaryEntry(term=term, definition=definition))
    return entries


def attach_footnotes(outline: Outline, notes: list[Line]) -> list[Footnote]:
    """Footnotes with the first passage that holds the words before their mark."""
    squeezed = [(p.passage.id, squeeze(p.passage.text)) for p in outline.paragraphs]
    found: list[Footnote] = []
    for note in notes:
        anchor = squeeze(note.anchor or "")
        passage = next((id_ for id_, text in squeezed if anchor and anchor in text), None)
        found.append(Footnote(mark=note.note or "", text=note.text, passage=passage))
    return found
