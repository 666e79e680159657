"""The words of an HTML body, line by line; quoted blocks keep the `>` that marks them. Pure."""

import re
from typing import Any

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

_DROPPED = ("script", "style", "head", "title", "template", "noscript", "object", "svg")
_LINES = frozenset(
    ("p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6",
     "pre", "section", "article", "header", "footer", "center", "address", "dl", "dt", "dd", "hr")
)  # fmt: skip
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px)?\s*(?:;|$)", re.IGNORECASE
)
_DEEPEST = 200


def plain(html: str) -> str:
    """Text of the body; an empty or broken document gives an empty string."""
    try:
        # A declared encoding is refused in text that is already decoded.
        root: Any = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", html))
    except (lxml.etree.LxmlError, ValueError):
        return ""
    for element in list(root.iter()):
        is_hidden = _HIDDEN.search(str(element.get("style") or "")) is not None
        if (element.tag in _DROPPED or is_hidden) and element.getparent() is not None:
            element.drop_tree()
    lines: list[str] = [""]
    _write(root, lines, quote=0, depth=0)
    return "\n".join(line.strip() for line in lines)


def _write(element: HtmlElement, lines: list[str], *, quote: int, depth: int) -> None:
    """Append an element's words to the last line, with a new line around every block."""
    if not isinstance(element.tag, str):
        return
    if depth > _DEEPEST:
        _say(lines, str(element.text_content()))
        return
    inner = quote + (element.tag == "blockquote")
    if element.tag in _LINES:
        _break(lines, inner)
    _say(lines, element.text)
    for child in element:
        if child.tag == "br":
            _break(lines, inner, is_forced=True)
        else:
            _write(child, lines, quote=inner, depth=depth + 1)
        _say(lines, child.tail)
    if element.tag in _LINES:
        _break(lines, quote)
    elif element.tag in ("td", "th"):
        _say(lines, " ")


def _say(lines: list[str], text: str | None) -> None:
    if text:
        folded = re.sub(r"[ \t\r\n\f]+", " ", text.replace("\xa0", " "))
        if folded.strip() or (lines[-1].strip("> ") and not lines[-1].endswith(" ")):
            lines[-1] += folded


def _break(lines: list[str], quote: int, *, is_forced: bool = False) -> None:
    marks = "> " * quote
    if is_forced or lines[-1].strip("> "):
        lines.append(marks)
    else:
        lines[-1] = marks
