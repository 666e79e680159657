"""Tasks: what the plan says will be done, from measures, boxes and tables of projects."""

import re

from analysis.contracts import Box, Task, TaskKind
from analysis.outline.addresses import is_address
from analysis.outline.boxes import FoundBox, item_name
from analysis.outline.indicators import kind_of
from analysis.outline.leads import leads_in, opening_lead
from analysis.outline.lines import Grid
from analysis.outline.numbering import read_mark
from analysis.outline.roles import Role
from analysis.outline.sections import Outline, Paragraph, row_text
from analysis.outline.text import bare

_PROJECT_TABLE = re.compile(r"项目|工程")
_PROJECT_NAME = re.compile(r"项目名称|工程名称|项目|工程|园区|地块|名称|任务")
_ENUMERATED = re.compile(r"^[一二三四五六七八九十]是")


def find_tasks(
    outline: Outline, roles: list[Role], boxes: list[FoundBox]
) -> tuple[list[Task], list[Box]]:
    """Tasks in reading order with their boxes; ids given."""
    boxed = {id(p) for box in boxes for p in (box.head, *box.items)}
    several = _leads_run_together(outline, roles, boxed)
    found: list[tuple[int, Task, int | None]] = []
    positions = {id(p): i for i, p in enumerate(outline.paragraphs)}
    for index, role in enumerate(roles):
        if role is Role.MEASURES and not outline.children(index):
            texts = _measures(outline.of(index), boxed)
            start = positions[id(texts[0])] if texts else 0
            tasks = _of_section(outline, index, texts, several)
            found.extend((start, task, None) for task in tasks)
    for number, box in enumerate(boxes):
        for item in box.items:
            section = outline.section_id(item.section)
            name = item_name(item.passage.text)
            quote = name if name in item.passage.text else item.passage.text
            task = Task("", name, TaskKind.BOX_ITEM, section, f"b{number + 1}", quote)
            found.append((positions[id(item)], task, number))
    found.extend(_of_tables(outline))
    found.sort(key=lambda entry: entry[0])
    numbered: list[Task] = []
    items: list[list[str]] = [[] for _ in boxes]
    for _, task, inside in found:
        id_ = f"t{len(numbered) + 1}"
        numbered.append(Task(id_, task.title, task.kind, task.section, task.box, task.quote))
        if inside is not None:
            items[inside].append(id_)
    return numbered, [
        Box(f"b{n + 1}", box.title, outline.section_id(box.head.section), tuple(items[n]))
        for n, box in enumerate(boxes)
    ]


def _measures(paragraphs: list[Paragraph], boxed: set[int]) -> list[Paragraph]:
    """The paragraphs that may take measures: no boxes, no tables, no words to the audience."""
    return [
        p
        for p in paragraphs
        if id(p) not in boxed and p.line.grid is None and not is_address(p.passage.text)
    ]


def _leads_run_together(outline: Outline, roles: list[Role], boxed: set[int]) -> bool:
    """Whether this document writes several leads into the one paragraph of a section."""
    single = several = 0
    for index, texts in enumerate(outline.groups):
        plain = _measures(texts, boxed)
        if roles[index] is not Role.MEASURES or outline.children(index) or len(plain) != 1:
            continue
        if len(_measures_between_semicolons(plain[0].passage.text)) >= 2:
            continue
        single += 1
        several += len(leads_in(plain[0].passage.text)) >= 2
    return single > 0 and several * 2 >= single


def _of_section(
    outline: Outline, index: int, paragraphs: list[Paragraph], several: bool
) -> list[Task]:
    section = outline.section_id(index)
    bodies = [_without_mark(p.passage.text) for p in paragraphs]
    leads = [
        leads_in(body) if several else [lead] if (lead := _lead(paragraph, body)) else []
        for paragraph, body in zip(paragraphs, bodies, strict=True)
    ]
    led = sum(map(bool, leads))
    tasks: list[Task] = []
    listed = _listed_measures(paragraphs)
    for number, (body, found) in enumerate(zip(bodies, leads, strict=True)):
        named = [(bare(lead), lead) for lead in found]
        if number in listed:
            named = [(bare(re.split("[,，。：:；;]", body)[0]), bare(body))]
        elif not named and led * 2 < len(bodies):
            named = _measures_between_semicolons(body)
        tasks.extend(Task("", name, TaskKind.TASK, section, None, quote) for name, quote in named)
    alone = not several and led == len(tasks) == 1 and len(paragraphs) == 1
    if tasks and not (alone and not paragraphs[0].line.lead and _siblings_without(outline, index)):
        return tasks
    return (
        [Task("", outline.titles[index], TaskKind.TASK, section, None, None)] if paragraphs else []
    )


def _listed_measures(paragraphs: list[Paragraph]) -> set[int]:
    """Numbered paragraphs one under another that end in semicolons: each is a measure."""
    marks = [read_mark(p.passage.text) for p in paragraphs]
    found: set[int] = set()
    for index in range(1, len(paragraphs)):
        before, mark = marks[index - 1], marks[index]
        follows = before and mark and (before.kind, before.value + 1) == (mark.kind, mark.value)
        if follows and paragraphs[index - 1].passage.text.endswith(("；", ";")):
            found |= {index - 1, index}
    return found


def _without_mark(text: str) -> str:
    mark = read_mark(text)
    return text[mark.length :] if mark else text


def _lead(paragraph: Paragraph, body: str) -> str | None:
    """The lead that opens a paragraph; bold type proves a longer one."""
    bold = paragraph.line.lead
    if bold and 4 <= len(bold) <= 60 and body.startswith(bold) and len(body) > len(bold) + 10:
        return bold
    return opening_lead(body)


def _siblings_without(outline: Outline, index: int) -> bool:
    """Whether most sections beside this one have a single paragraph without any lead."""
    parent = outline.parents[index]
    if parent is None:
        return False
    others = [i for i in outline.children(parent) if i != index]
    without = 0
    for other in others:
        texts = [p for p in outline.of(other) if p.line.grid is None]
        without += bool(texts) and opening_lead(texts[0].passage.text) is None
    return without * 2 > len(others)


def _measures_between_semicolons(text: str) -> list[tuple[str, str]]:
    """Each measure of a paragraph of semicolons, named by its first clause."""
    pieces = [piece.strip() for piece in re.split("[；;]", text)]
    pieces = [piece for piece in pieces if len(piece) >= 6]
    if len(pieces) < 2 or not re.search("[；;]", text):
        return []
    if len(re.findall("。", text.rstrip("。"))) > len(pieces):
        return []
    named: list[tuple[str, str]] = []
    for piece in pieces:
        clause = bare(re.split("[,，。：:]", _ENUMERATED.sub("", piece))[0])
        if len(clause) >= 3:
            named.append((clause, bare(piece)))
    return named


def _of_tables(outline: Outline) -> list[tuple[int, Task, int | None]]:
    """A task for each row of a table of projects."""
    found: list[tuple[int, Task, int | None]] = []
    seen: set[int] = set()
    for index, paragraph in enumerate(outline.paragraphs):
        grid = paragraph.line.grid
        if grid is None or id(paragraph.line) in seen:
            continue
        seen.add(id(paragraph.line))
        caption = outline.paragraphs[index - 1].passage.text if index else ""
        for name, quote in _projects(grid, caption):
            section = outline.section_id(paragraph.section)
            task = Task("", name, TaskKind.MAJOR_PROJECT, section, None, quote)
            found.append((index, task, None))
    return found


def _projects(grid: Grid, caption: str) -> list[tuple[str, str]]:
    """The name of each row of a table of projects, with the row as it stands in its passage."""
    heads, rows = grid[0], grid[1:]
    if not _PROJECT_TABLE.search(caption + "".join(heads)) or "指标" in "".join(heads):
        return []
    if any(kind_of(cell) and len(cell) <= 4 for row in rows for cell in row):
        return []
    column = next(
        (i for i, h in enumerate(heads) if re.search(r"项目名称|工程名称|任务名称", h)), None
    )
    if column is None:
        column = next((i for i, h in enumerate(heads) if _PROJECT_NAME.search(h)), None)
    if column is None:
        return []
    named = [(row[column].strip(), row_text(row)) for row in rows if column < len(row)]
    return [(n, q) for n, q in named if len(n) >= 2 and not re.fullmatch(r"合计|小计|总计|注.*", n)]
