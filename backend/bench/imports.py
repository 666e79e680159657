"""How long plan documents take to read: `zhengxun bench import`.

The documents are made here, in the shapes real plans have (chapters, sections, measures, tables of
indicators), and read as an upload is read: by a child process with limits. Seconds are those of the
whole child, its start-up included; memory is the child's own peak.
"""

import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import docx
import typst

from backend.plans.parsing import READING

PAGES = 300
CHARACTERS = 40_000
_PER_PAGE = 1010
# The child of an upload, which in the end tells its own peak: what `wait4` tells of a child holds
# the memory of the process that started it too.
_CHILD = """
import resource, sys
from backend.plans.parsing import read_here
status = read_here(*sys.argv[1:3])
if status == 0:
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, peak.split()[1], file=sys.stderr)
sys.exit(status)
"""
_VERBS = ("完善", "推进", "建设", "优化", "健全", "提升", "加强", "拓展")
_THINGS = (
    "社区养老服务",
    "公共交通网络",
    "口袋公园",
    "基层医疗",
    "托育服务",
    "老旧小区",
    "滨水空间",
    "智慧停车",
    "职业技能培训",
    "垃圾分类",
    "办事窗口",
)
_ENDS = (
    "布局，方便居民就近使用",
    "建设，补齐薄弱环节",
    "管理，形成长效机制",
    "质量，让群众得到实惠",
)
_UNITS = ("个", "处", "家", "座", "公里", "张")


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading with its depth, a paragraph, or the rows of a table."""

    text: str = ""
    depth: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """One document and what reading it took; `kept` tells whether the promise was kept."""

    document: str
    pages: int
    characters: int
    kilobytes: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    sections: int
    indicators: int
    promise_seconds: float
    promise_mb: float

    @property
    def kept(self) -> bool:
        return self.seconds <= self.promise_seconds and self.peak_mb <= self.promise_mb


@dataclass(frozen=True, slots=True)
class Report:
    """All documents, and how busy the machine was."""

    load: float
    rows: tuple[Measured, ...]


def measure(*, scale: float = 1.0, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Make and read the documents; `scale` shortens them."""
    load = os.getloadavg()[0]
    pages = max(3, round(PAGES * scale))
    long, short = plan_of(pages * _PER_PAGE), plan_of(max(2_000, round(CHARACTERS * scale)))
    made: list[tuple[str, int, Sequence[Piece], bytes, float, float]] = [
        ("text", 0, short, as_text(short), 1.0, 500.0),
        ("PDF", pages, long, as_pdf(long), 30.0, 500.0),
        ("Word", pages, long, as_word(long), 30.0, 500.0),
    ]
    rows: list[Measured] = []
    for name, count, pieces, data, seconds, megabytes in made:
        tell(f"{name}：{len(data) // 1024} KB")
        took, cpu, peak, plan = read_in_child(data, name)
        rows.append(
            Measured(
                document=name,
                pages=count,
                characters=sum(map(_length, pieces)),
                kilobytes=len(data) // 1024,
                seconds=round(took, 2),
                cpu_seconds=round(cpu, 2),
                peak_mb=round(peak, 1),
                sections=len(plan["sections"]),
                indicators=len(plan["indicators"]),
                promise_seconds=seconds,
                promise_mb=megabytes,
            )
        )
    return Report(load=round(load, 2), rows=tuple(rows))


def _length(piece: Piece) -> int:
    return len(piece.text) + sum(len(cell) for row in piece.rows for cell in row)


def read_in_child(data: bytes, name: str) -> tuple[float, float, float, dict[str, list[object]]]:
    """Seconds, seconds of the processor, peak megabytes, and the plan the child gives."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "plan", Path(folder) / "out"
        path.write_bytes(data)
        started = time.perf_counter()
        with out.open("wb") as written:
            child = subprocess.run(  # noqa: S603
                [sys.executable, "-c", _CHILD, str(path), name],
                stdout=written,
                stderr=subprocess.PIPE,
                timeout=2 * READING.seconds,
                check=False,
            )
        took = time.perf_counter() - started
        if child.returncode != 0:
            raise ValueError(child.stderr.decode().strip().splitlines()[-1])
        plan = json.loads(out.read_bytes().splitlines()[-1])
    cpu, peak = child.stderr.split()[-2:]
    return took, float(cpu), int(peak) / 1024, plan


def plan_of(characters: int, seed: int = 1) -> list[Piece]:
    """A plan of about so many characters; the same seed gives the same plan."""
    chance = random.Random(seed)
    pieces: list[Piece] = []
    length = chapter = 0
    while length < characters:
        chapter += 1
        pieces.append(Piece(f"第{_chinese(chapter)}章 {_phrase(chance)}", 0))
        if chapter % 4 == 2:
            pieces += [Piece(f"表{chapter} 主要指标"), Piece(rows=_rows(chance))]
        for section in range(1, chance.randint(3, 6)):
            pieces.append(Piece(f"第{_chinese(section)}节 {_phrase(chance)}", 1))
            pieces.extend(_paragraph(chance) for _ in range(chance.randint(2, 5)))
        length = sum(map(_length, pieces))
    return pieces


def _phrase(chance: random.Random) -> str:
    return chance.choice(_VERBS) + chance.choice(_THINGS)


def _paragraph(chance: random.Random) -> Piece:
    """A lead, what explains it, and a target."""
    lead = f"{_phrase(chance)}。"
    explained = "".join(
        f"{_phrase(chance)}{chance.choice(_ENDS)}。" for _ in range(chance.randint(3, 8))
    )
    target = (
        f"到2030年，新增{chance.choice(_THINGS)}{chance.randint(3, 900)}{chance.choice(_UNITS)}。"
    )
    return Piece(lead + explained + target)


def _rows(chance: random.Random) -> tuple[tuple[str, ...], ...]:
    heads = ("序号", "指标名称", "单位", "属性", "2025年", "2030年")
    return (
        heads,
        *(
            (str(n), f"{chance.choice(_THINGS)}第{n}项", chance.choice(_UNITS),
             chance.choice(("约束性", "预期性")), str(n * 10), str(n * 12))
            for n in range(1, 16)
        ),
    )  # fmt: skip


def _chinese(number: int) -> str:
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")


def as_text(pieces: Sequence[Piece]) -> bytes:
    lines = [TITLE]
    for piece in pieces:
        lines += [" | ".join(row) + " |" for row in piece.rows] if piece.rows else [piece.text]
    return "\n".join(lines).encode()


TITLE = "青浦河区公共服务“十五五”规划"
_PAGE = """
#let data = json(bytes(sys.inputs.plan))
#set page(paper: "a4", margin: 2.6cm, numbering: "1", header: align(center, text(9pt, data.title)))
#set text(size: 12pt)
#set par(first-line-indent: (amount: 2em, all: true), justify: true, leading: 0.9em)
#align(center, text(18pt, data.title))
#for piece in data.pieces {
  if piece.rows.len() > 0 { table(columns: piece.rows.at(0).len(), ..piece.rows.flatten()) }
  else if piece.depth != none { par(strong(piece.text)) }
  else { par(piece.text) }
}
"""


def as_pdf(pieces: Sequence[Piece]) -> bytes:
    data = {"title": TITLE, "pieces": [asdict(piece) for piece in pieces]}
    made = typst.compile(_PAGE.encode(), sys_inputs={"plan": json.dumps(data, ensure_ascii=False)})
    assert isinstance(made, bytes)
    return made


def as_word(pieces: Sequence[Piece]) -> bytes:
    document = docx.Document()
    document.add_paragraph(TITLE, style="Title")
    for piece in pieces:
        if piece.rows:
            table = document.add_table(rows=0, cols=len(piece.rows[0]))
            for row in piece.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif piece.depth is not None:
            document.add_heading(piece.text, level=piece.depth + 1)
        else:
            document.add_paragraph(piece.text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_markdown(report: Report) -> str:
    """The report as a table."""
    heads = ("document", "pages", "characters", "KB", "CPU s", "seconds", "MB", "kept")
    lines = [f"机器负载 {report.load}", "", _row(heads), _row(["---"] * len(heads))]
    lines += [_row(_cells(row)) for row in report.rows]
    return "\n".join(lines)


def _cells(row: Measured) -> tuple[object, ...]:
    return (
        row.document,
        row.pages or "–",
        row.characters,
        row.kilobytes,
        row.cpu_seconds,
        f"{row.seconds} ≤ {row.promise_seconds:g}",
        f"{row.peak_mb} ≤ {row.promise_mb:g}",
        "yes" if row.kept else "no",
    )


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
