"""PDF by Typst, tagged for accessibility (PDF/UA-1), set by GB/T 9704-2012.

Data reaches the template as JSON in `sys_inputs` only; no source text is ever built, so nothing a
resident wrote can be read as markup or open a file.
"""

import json
import re
import subprocess
import sys
from collections.abc import Set
from dataclasses import asdict
from datetime import datetime
from html import escape, unescape
from pathlib import Path
from typing import Any

import structlog

from analysis.contracts import to_json
from backend.digests import fonts
from backend.digests.paper import Chart, Paper, Signature
from backend.kit import memory

log = structlog.get_logger()
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
SCRIPT = Path(__file__).with_name("typesetting.py")
TIME_LIMIT = 300  # seconds
_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FAMILY = re.compile(r'font-family="[^"]*"')
_ANGLES = re.compile(r">([^<]*)<")


class NotTypeset(RuntimeError):
    """Typst refused the document."""


def write_pdf(paper: Paper) -> bytes:
    """The document as PDF; raises NoFonts with a sentence when no Chinese font is there."""
    text = json.dumps(_plain(paper), ensure_ascii=False)
    look = fonts.needed(_usable_look(), {char for char in set(text) if char >= " "})
    inputs = {"paper": text, "look": json.dumps(asdict(look), ensure_ascii=False)}
    try:
        return _typeset("paper.typ", inputs, standards=["ua-1"], moment=paper.made_at)
    except NotTypeset as error:
        # A cluster of characters no font can set together must not cost the office its report:
        # the same pages without the conformance mark of PDF/UA are better than none.
        log.warning("pdf_without_ua", reason=str(error)[:80])
        return _typeset("paper.typ", inputs, moment=paper.made_at)


def render_png(svg: str, *, ppi: float = 200) -> bytes:
    """A chart as a picture, for Word."""
    return _typeset("chart.typ", {"svg": _drawable(svg)}, format_="png", ppi=ppi)


def _typeset(
    template: str,
    inputs: dict[str, str],
    *,
    format_: str = "pdf",
    ppi: float | None = None,
    standards: list[str] | None = None,
    moment: datetime | None = None,
) -> bytes:
    job = {
        "template": str(TEMPLATES / template),
        "root": str(TEMPLATES),
        "folders": list(_usable_look().folders),
        "inputs": inputs,
        "format": format_,
        "ppi": ppi,
        "standards": standards or [],
        "timestamp": int(moment.timestamp()) if moment else None,
    }
    memory.give_back()  # While the typesetter holds most, we hold little.
    done = subprocess.run(  # noqa: S603 - our own script, data on standard input
        [sys.executable, "-I", str(SCRIPT)],
        input=json.dumps(job, ensure_ascii=True).encode(),
        capture_output=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    if done.returncode != 0:
        raise NotTypeset(f"typst: {done.stderr.decode(errors='replace').strip()[:500]}")
    return done.stdout


def _usable_look() -> fonts.FontLook:
    look = fonts.look()
    if look.name == "none":
        raise fonts.NoFonts(look.sentence)
    return look


def _plain(paper: Paper) -> dict[str, Any]:
    glyphs = fonts.glyphs()
    blocks = []
    for block in paper.blocks:
        plain = to_json(block) | {"type": _SNAKE.sub("_", type(block).__name__).lower()}
        if isinstance(block, Chart):
            plain["svg"] = _drawable(block.svg)
        elif isinstance(block, Signature):
            plain["day"] = f"{block.day.year}年{block.day.month}月{block.day.day}日"
        blocks.append(plain)
    shown: dict[str, Any] = _printable(
        {
            "title": paper.title,
            "subtitle": paper.subtitle,
            "author": paper.author,
            "letterhead": asdict(paper.letterhead),
            "is_draft": paper.is_draft,
            "blocks": blocks,
        },
        glyphs,
    )
    return shown


def _printable(value: Any, glyphs: Set[int]) -> Any:
    if isinstance(value, str):
        return value if value.startswith("<svg ") else fonts.printable(value, glyphs)
    if isinstance(value, dict):
        return {key: _printable(part, glyphs) for key, part in value.items()}
    if isinstance(value, list):
        return [_printable(part, glyphs) for part in value]
    return value


def _drawable(svg: str) -> str:
    """The drawing with our own fonts, and only characters they have."""
    glyphs = fonts.glyphs()
    svg = _FAMILY.sub(f'font-family="{", ".join(_usable_look().hei)}"', svg, count=1)
    return _ANGLES.sub(
        lambda m: f">{escape(fonts.printable(unescape(m[1]), glyphs))}<" if m[1] else "><", svg
    )
