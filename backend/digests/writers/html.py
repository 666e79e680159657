"""One HTML file that needs nothing else: no script, no reference to any other file or host."""

from collections.abc import Callable
from html import escape
from typing import Any

from backend.digests.paper import (
    Block,
    Chart,
    Note,
    PageBreak,
    Paper,
    Quote,
    Signature,
    Table,
    Text,
    Title,
)
from backend.digests.writers.safe import visible

STYLE = """
:root{color-scheme:light}
body{margin:0;background:#faf8f4;color:#1d1d1f;font:18px/1.8 "Songti SC","Source Han Serif SC",
"Noto Serif CJK SC",SimSun,serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.5rem 4rem;background:#fff}
h1,.issuer{text-align:center;line-height:1.5}h1{font-size:1.75rem}
h2,caption,.finding{font-family:"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
h2{margin:2.5rem 0 .8rem;font-size:1.25rem}h3{font-size:1.1rem}
.issuer{color:#c23a2b;font-size:2rem;font-weight:700;border-bottom:3px solid #c23a2b}
.subtitle{text-align:center}p{margin:.6rem 0}p.text{text-indent:2em}
small{color:#55565a;font-size:.8rem}.note{color:#55565a;font-size:.9rem}
blockquote{margin:.8rem 0 .8rem 2em;padding-left:1em;border-left:3px solid #dfb6ad;
font-family:"Kaiti SC",KaiTi,serif}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.85rem;line-height:1.5}
th,td{border:1px solid #8b8880;padding:.35rem .5rem;vertical-align:top;text-align:left;
white-space:pre-line;overflow-wrap:anywhere}th{background:#f4f1ea}
td.right{text-align:right}td.center{text-align:center}caption{font-weight:700;padding:.6rem}
figure{margin:1.5rem 0}svg{width:100%;height:auto}.signature{text-align:right;padding-right:4em}
.draft{color:#c23a2b;text-align:right}nav ol{columns:2;font-size:.95rem}a{color:#1f5fae}
@media print{body{background:#fff;font-size:12pt}main{padding:0;max-width:none}thead{display:
table-header-group}tr{break-inside:avoid}nav{display:none}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_html(paper: Paper) -> bytes:
    """The document as one UTF-8 HTML file."""
    title = paper.title.replace("\n", "")
    contents, body, number = [], [], 0
    for block in paper.blocks:
        if isinstance(block, Title) and block.level == 1:
            number += 1
            contents.append(f'<li><a href="#part-{number}">{_words(block.text)}</a></li>')
            body.append(f'<h2 id="part-{number}">{_words(block.text)}</h2>')
        else:
            body.append(_WRITERS[type(block)](block))
    head = paper.letterhead
    parts = [
        '<p class="draft">草稿</p>' if paper.is_draft else "",
        f'<p class="issuer">{_words(head.issuer)}</p>' if head.issuer else "",
        f'<p class="subtitle">{_words(head.number)}</p>' if head.number else "",
        f"<h1>{_words(paper.title)}</h1>",
        f'<p class="subtitle">{_words(paper.subtitle)}</p>' if paper.subtitle else "",
        f'<nav aria-label="目录"><ol>{"".join(contents)}</ol></nav>' if contents else "",
        *body,
    ]
    page = (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="author" content="{_attribute(paper.author)}">'
        f"<title>{_words(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(part for part in parts if part)}</main></body></html>\n"
    )
    return page.encode()


def _words(text: str) -> str:
    return escape(visible(text)).replace("\n", "<br>")


def _attribute(text: str) -> str:
    return escape(visible(text).replace("\n", " "))


def _title(block: Title) -> str:
    level = min(block.level + 1, 6)
    return f"<h{level}>{_words(block.text)}</h{level}>"


def _text(block: Text) -> str:
    sources = f" <small>（{_words(block.sources)}）</small>" if block.sources else ""
    return f'<p class="text">{_words(block.text)}{sources}</p>'


def _quote(block: Quote) -> str:
    return (
        f"<blockquote>“{_words(block.text)}” <small>——{_words(block.source)}</small></blockquote>"
    )


def _table(block: Table) -> str:
    heads = "".join(f'<th scope="col">{_words(c.title)}</th>' for c in block.columns)
    sides = [c.align for c in block.columns]
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="{side}">{escape(visible(cell))}</td>'
            for cell, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in block.rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_attribute(block.caption)}">'
        f"<table><caption>{_words(block.caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _chart(block: Chart) -> str:
    label = _attribute(f"{block.title}。{block.summary}")
    svg = visible(block.svg).replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return f'<figure><figcaption class="finding">{_words(block.title)}</figcaption>{svg}</figure>'


def _note(block: Note) -> str:
    return f'<p class="note">{_words(block.text)}</p>'


def _signature(block: Signature) -> str:
    day = f"{block.day.year}年{block.day.month}月{block.day.day}日"
    return f'<p class="signature">{_words(block.office)}<br>{day}</p>'


def _page_break(_block: PageBreak) -> str:
    return "<hr>"


_WRITERS: dict[type[Block], Callable[[Any], str]] = {
    Title: _title,
    Text: _text,
    Quote: _quote,
    Table: _table,
    Chart: _chart,
    Note: _note,
    Signature: _signature,
    PageBreak: _page_break,
}
