"""Web pages of governments: the article without what the site puts around it.

Such pages are built of nested tables and old editors' markup. Scripts, menus and hidden parts go
first, then the smallest element that holds nearly all of the remaining text is read block by
block. A table that only lays out the page is read as text; one with rows and columns of short
cells becomes a grid, with merged cells repeated in every place they cover.
"""

import re
from collections.abc import Iterator
from typing import Any

import lxml.etree
import lxml.html

from analysis.documents.model import Block, Paragraph, Table, UnreadableDocument

_DROPPED = frozenset(
    (
        "script", "style", "noscript", "nav", "header", "footer", "aside", "form", "button",
        "iframe", "svg", "select", "input", "textarea", "object", "embed", "template", "head",
        "audio", "video",
    )
)  # fmt: skip
_BLOCKS = frozenset(
    (
        "p", "div", "section", "article", "main", "li", "ul", "ol", "dl", "dt", "dd", "pre",
        "blockquote", "center", "figure", "figcaption", "address", "fieldset", "body", "h1", "h2",
        "h3", "h4", "h5", "h6", "tr", "td", "th", "tbody", "table", "thead", "tfoot",
    )
)  # fmt: skip
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|crumb|position|footer|"
    r"foot|topbar|sidebar|share|bdshare|"
    r"toolbar|copyright|related|pagination|print|fontsize|qrcode|search|login|banner)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_MAX_SPAN = 200
_MAX_CELLS = 400_000
_LONG_CELL = 300
_DEEPEST = 80


def read_html(text: str) -> tuple[Block, ...]:
    """The blocks of the article; raises `UnreadableDocument` where the page holds no text."""
    try:
        root = lxml.html.document_fromstring(_without_declaration(text))
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableDocument(
            "网页内容无法解析，请另存为网页或复制为文本后重新上传。"
        ) from error
    _strip(root)
    reader = _Reader()
    reader.walk(_article(root))
    reader.flush()
    return tuple(reader.blocks)


def _without_declaration(text: str) -> str:
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))


def _strip(root: Any) -> None:
    """Take out what is not shown and what is not the article."""
    for element in list(root.iter()):
        if element.getparent() is None:
            continue
        if not isinstance(element.tag, str):
            element.drop_tree()
            continue
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        if (
            element.tag in _DROPPED
            or _HIDDEN.search(element.get("style") or "")
            or (_FURNITURE.search(named) and len(element.text_content()) < 2000)
        ):
            element.drop_tree()


def _article(root: Any) -> Any:
    """The smallest element that holds nearly all of the text."""
    body = root.find("body")
    at = body if body is not None else root
    whole = _weight(at)
    for _ in range(_DEEPEST):
        if at.tag in ("table", "p", "ul", "ol"):
            break
        inner = next((child for child in at if _holds(child, whole)), None)
        if inner is None:
            break
        at = inner
    return at


def _holds(child: Any, whole: int) -> bool:
    """Whether an element holds nearly all of the text."""
    block = isinstance(child.tag, str) and child.tag in _BLOCKS and child.tag not in ("tr", "td")
    return block and _weight(child) >= 0.93 * whole > 0


def _weight(element: Any) -> int:
    return len(re.sub(r"\s", "", element.text_content()))


class _Reader:
    """Walks the article and gathers lines and tables."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.line = ""
        self.lead = ""
        self.open_lead = True
        self.level: int | None = None

    def flush(self) -> None:
        """End the line that is being gathered."""
        text = re.sub(r"[ \t\r\n]+", " ", self.line)
        if text.strip(" \u3000\xa0"):
            lead = re.sub(r"\s+", "", self.lead)
            whole = re.sub(r"\s+", "", text)
            kept = self.lead.strip() if lead and len(lead) < len(whole) else None
            self.blocks.append(Paragraph(text, len(self.blocks) + 1, level=self.level, lead=kept))
        self.line, self.lead, self.open_lead = "", "", True

    def add(self, text: str | None, *, bold: bool) -> None:
        """Text of a line; bold text at its start is its lead."""
        if not text:
            return
        self.line += text
        if bold and self.open_lead:
            self.lead += text
        elif text.strip():
            self.open_lead = False

    def walk(self, element: Any, *, bold: bool = False) -> None:
        """Read an element: iterative in depth of the document only."""
        stack: list[tuple[Any, Iterator[Any], bool]] = []
        self._open(element, bold, stack)
        while stack:
            at, children, is_bold = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                self._close(at)
                if stack:
                    self.add(at.tail, bold=stack[-1][2])
                continue
            if not isinstance(child.tag, str) or child.tag == "br":
                if isinstance(child.tag, str):
                    self.flush()
                self.add(child.tail, bold=is_bold)
            elif child.tag == "table" and (grid := _grid(child)) is not None:
                self.flush()
                self.blocks.append(Table(grid, len(self.blocks) + 1))
                self.add(child.tail, bold=is_bold)
            else:
                self._open(child, is_bold, stack)

    def _open(self, element: Any, bold: bool, stack: list[tuple[Any, Iterator[Any], bool]]) -> None:
        if element.tag in _BLOCKS:
            self.flush()
            if re.fullmatch("h[1-6]", element.tag):
                self.level = int(element.tag[1])
            if element.tag == "li" and (number := _list_number(element)):
                self.add(number, bold=bold)
        bold = (
            bold or element.tag in ("b", "strong") or bool(_BOLD.search(element.get("style") or ""))
        )
        self.add(element.text, bold=bold)
        stack.append((element, iter(element), bold))

    def _close(self, element: Any) -> None:
        if element.tag in _BLOCKS:
            self.flush()
            self.level = None


def _list_number(item: Any) -> str:
    """The number a browser shows before an item of an ordered list."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return ""
    return f"{[child for child in parent if child.tag == 'li'].index(item) + 1}. "


def _grid(table: Any) -> tuple[tuple[str, ...], ...] | None:
    """A data table as a grid, or None for a table that only lays out the page."""
    if table.find(".//table") is not None:
        return None
    rows = list(table.iter("tr"))
    filled: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while (y, x) in filled:
                x += 1
            text = re.sub(r"[ \t\r\n\xa0\u3000]+", " ", " ".join(cell.itertext())).strip()
            if len(text) > _LONG_CELL:
                return None
            width, height = _span(cell, "colspan"), min(_span(cell, "rowspan"), len(rows) - y)
            if len(filled) + width * height > _MAX_CELLS:
                return None
            for dy in range(height):
                for dx in range(width):
                    filled[y + dy, x + dx] = text
            x += width
    if not filled:
        return None
    columns = 1 + max(x for _, x in filled)
    if columns < 2 or len(rows) < 2:
        return None
    return tuple(tuple(filled.get((y, x), "") for x in range(columns)) for y in range(len(rows)))


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return max(1, min(int(value), _MAX_SPAN)) if value.isdigit() else 1
