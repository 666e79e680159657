"""Files to blocks of text and tables: txt, md, html, docx and pdf, without network or database.

`read` and `read_bytes` are all a caller needs. What the bytes are decides how they are read, never
the name of the file; whatever cannot be read raises `UnreadableDocument` with one Chinese sentence.
"""

from pathlib import Path

from analysis.documents.model import Block, Document, Paragraph, Table, UnreadableDocument
from analysis.documents.plain import read_plain

__all__ = [
    "MAX_BYTES",
    "Block",
    "Document",
    "Paragraph",
    "Table",
    "UnreadableDocument",
    "read",
    "read_bytes",
]

MAX_BYTES = 50 * 1024 * 1024


def read(path: Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a file; raises `UnreadableDocument`."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise UnreadableDocument(_too_large(max_bytes))
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument("找不到或打不开这个文件，请检查路径后重试。") from error
    return read_bytes(data, path.name, max_bytes=max_bytes)


def read_bytes(data: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a file already in memory; `name` is kept for the record only."""
    if len(data) > max_bytes:
        raise UnreadableDocument(_too_large(max_bytes))
    if not data.strip(b"\x00 \t\r\n"):
        raise UnreadableDocument("文件是空的，请确认后重新上传。")
    return Document(name=name, format="txt", blocks=read_plain(data))


def _too_large(max_bytes: int) -> str:
    return f"文件超过 {max_bytes // (1024 * 1024)} MB 的上限，请压缩图片或拆分后再上传。"
