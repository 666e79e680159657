"""Parsing the XML parts of a Word file without entities, network or unbounded trees."""

from typing import Any

from lxml import etree

from analysis.documents.model import UnreadableDocument

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


_TOO_LARGE = frozenset((etree.ErrorTypes.ERR_NO_MEMORY, etree.ErrorTypes.ERR_RESOURCE_LIMIT))


def parse_part(part: bytes) -> Any:
    """The root of a part; a part that declares entities is refused."""
    if b"<!DOCTYPE" in part[:4096] or b"<!ENTITY" in part:
        raise UnreadableDocument("文件含有不安全的内容，已拒绝读取，请用 Word 另存一份再上传。")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) in _TOO_LARGE or "huge" in str(error).lower():
            raise UnreadableDocument("文件过大，无法读取，请拆分后重新上传。") from error
        raise


def value(element: Any) -> str | None:
    """The `w:val` of an element, if there are both."""
    if element is None:
        return None
    found: str | None = element.get(f"{W}val")
    return found
