"""Files to blocks of text and tables: txt, md, html, docx and pdf, without network or database.

`read` and `read_bytes` are all a caller needs. What the bytes are decides how they are read, never
the name of the file; whatever cannot be read raises `UnreadableDocument` with one Chinese sentence.
"""

from pathlib import Path

from analysis.documents.html import read_html
from analysis.documents.markdown import read_markdown
from analysis.documents.model import (
    Block,
    Document,
    Paragraph,
    ScannedDocument,
    Table,
    UnreadableDocument,
)
from analysis.documents.pdf import OnPage, PdfText, read_pdf
from analysis.documents.plain import decode, read_plain
from analysis.documents.recognition import can_recognise
from analysis.documents.sniff import kind_of_bytes, kind_of_text
from analysis.documents.word import read_word

__all__ = [
    "MAX_BYTES",
    "Block",
    "Document",
    "OnPage",
    "Paragraph",
    "ScannedDocument",
    "Table",
    "UnreadableDocument",
    "can_recognise",
    "read",
    "read_bytes",
]

MAX_BYTES = 50 * 1024 * 1024
MAX_CHARACTERS = 3_000_000
_READERS = {"html": read_html, "md": read_markdown, "txt": read_plain}


def read(path: Path, *, max_bytes: int = MAX_BYTES, recognise: bool = False) -> Document:
    """Read a file; raises `UnreadableDocument`."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise UnreadableDocument(_too_large(max_bytes))
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument("找不到或打不开这个文件，请检查路径后重试。") from error
    return read_bytes(data, path.name, max_bytes=max_bytes, recognise=recognise)


def read_bytes(
    data: bytes,
    name: str,
    *,
    max_bytes: int = MAX_BYTES,
    recognise: bool = False,
    on_page: OnPage | None = None,
) -> Document:
    """Read a file already in memory; `name` is kept for the record only.

    `recognise`: read the pictures of a scanned PDF by machine. `on_page` hears of each page done,
    with the number of all pages, where the format has pages.
    """
    if len(data) > max_bytes:
        raise UnreadableDocument(_too_large(max_bytes))
    if not data.strip(b"\x00 \t\r\n"):
        raise UnreadableDocument("文件是空的，请确认后重新上传。")
    kind = kind_of_bytes(data)
    pdf = PdfText(())
    if kind == "pdf":
        pdf = read_pdf(data, recognise=recognise, on_page=on_page)
        blocks = pdf.blocks
    elif kind == "docx":
        blocks = read_word(data)
    else:
        text = decode(data)
        kind = kind_of_text(text)
        blocks = _READERS[kind](text)
    if sum(map(_length, blocks)) > MAX_CHARACTERS:
        raise UnreadableDocument("文件文字过多（超过 300 万字），请拆分后再上传。")
    if not blocks:
        raise UnreadableDocument("文件里没有文字，请确认后重新上传。")
    return Document(
        name=name,
        format=kind,
        blocks=blocks,
        recognised=pdf.recognised,
        images=pdf.images,
    )


def _length(block: Block) -> int:
    if isinstance(block, Paragraph):
        return len(block.text)
    return sum(len(cell) for row in block.rows for cell in row)


def _too_large(max_bytes: int) -> str:
    return f"文件超过 {max_bytes // (1024 * 1024)} MB 的上限，请压缩图片或拆分后再上传。"
