"""What the bytes of a file are, whatever its name says, and why some kinds are refused."""

import io
import re
import zipfile

from analysis.documents.model import UnreadableDocument

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_MAX_PARTS = 5000
_MAX_UNPACKED = 300 * 1024 * 1024
_MAX_RATIO = 150
_HTML = re.compile(
    r"<!doctype html|<html[\s>]|<body[\s>]|<(?:div|p|table|span|h\d)[\s>]", re.IGNORECASE
)
_MARKDOWN = re.compile(r"^#{1,6} +\S", re.MULTILINE)


def kind_of_bytes(data: bytes) -> str:
    """`pdf`, `docx` or `text`; raises `UnreadableDocument` for anything else known by its magic."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableDocument("文件设有打开密码，请先在 Word 中取消密码再上传。")
        raise UnreadableDocument("这是旧版 Word（.doc）等格式，请另存为 .docx 后重新上传。")
    if data.startswith(b"{\\rtf"):
        raise UnreadableDocument("这是 RTF 格式，请用 Word 另存为 .docx 后重新上传。")
    if data.startswith(_IMAGES):
        raise UnreadableDocument("这是一张图片，请上传可选中文字的文件，或先做文字识别（OCR）。")
    if data.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise UnreadableDocument("这是压缩包，请解压后上传其中的文件。")
    return "text"


def _kind_of_archive(data: bytes) -> str:
    """A Word document, judged from the archive's directory before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableDocument("文件已损坏，无法打开，请重新导出后上传。") from error
    unpacked = sum(part.file_size for part in parts)
    if (
        len(parts) > _MAX_PARTS
        or unpacked > _MAX_UNPACKED
        or unpacked > _MAX_RATIO * len(data) + 10**7
    ):
        raise UnreadableDocument("文件解压后过大，疑似异常压缩文件，请重新导出后上传。")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableDocument("文件设有密码，请取消密码后重新上传。")
    names = {part.filename for part in parts}
    if "word/document.xml" in names:
        return "docx"
    if any(name.startswith(("xl/", "ppt/")) for name in names):
        raise UnreadableDocument("这是表格或演示文稿，请上传规划的 Word、PDF 或文本文件。")
    if "content.xml" in names:
        raise UnreadableDocument("这是 ODT 格式，请另存为 .docx 后重新上传。")
    raise UnreadableDocument("这是压缩包，请解压后上传其中的规划文件。")


def kind_of_text(text: str) -> str:
    """`html`, `md` or `txt`, by what the text holds."""
    if _HTML.search(text[:20000]) and len(re.findall(r"</?[a-zA-Z][^<>]*>", text)) >= 4:
        return "html"
    return "md" if len(_MARKDOWN.findall(text)) >= 2 else "txt"
