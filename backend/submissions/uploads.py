"""Attachments: few, small, of known kinds, and what they say they are.

A file's first bytes must agree with its extension. A Word file is looked at through its zip
directory only, so that a bomb is refused without being unpacked. Files lie under their own hash.
"""

import hashlib
import io
import os
import re
import zipfile
from pathlib import Path, PurePath

from backend.kit.settings import Settings
from backend.kit.text import clean_line
from backend.submissions.forms import StoredFile

MAX_FILES = 3
MAX_UNPACKED = 200_000_000
MAX_MEMBERS = 2_000
KINDS = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".txt": "text/plain",
    ".eml": "message/rfc822",
}
_MAGIC = {
    ".pdf": b"%PDF-",
    ".docx": b"PK\x03\x04",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
}
_MAIL_HEADER = re.compile(rb"(?:From |[A-Za-z][A-Za-z0-9-]{0,75}:)[^\n]{0,2000}\r?\n")


class UploadRefused(Exception):
    """Why a file cannot be taken, in one sentence."""


def examine(file_name: str, data: bytes, *, max_megabytes: int) -> StoredFile:
    """The file described, or UploadRefused; nothing is written."""
    name = plain_name(file_name)
    suffix = PurePath(name).suffix.lower()
    if suffix not in KINDS:
        raise UploadRefused(
            f"“{name}”的类型不能接收，请改用 PDF、Word（docx）、JPG、PNG、TXT 或 EML 文件"
        )
    if not data:
        raise UploadRefused(f"“{name}”是空文件，请重新选择")
    if len(data) > max_megabytes * 1_000_000:
        raise UploadRefused(f"“{name}”超过{max_megabytes}MB，请压缩后再上传")
    if not _is_what_it_says(suffix, data):
        raise UploadRefused(f"“{name}”的内容和扩展名不一致，或者文件已经损坏，请重新导出后再上传")
    return described(name, data, media_type=KINDS[suffix])


def described(file_name: str, data: bytes, *, media_type: str) -> StoredFile:
    """The file with its size and hash; whoever calls has examined it, or will."""
    digest = hashlib.sha256(data).hexdigest()
    return StoredFile(
        file_name=plain_name(file_name), media_type=media_type, size=len(data), sha256=digest
    )


def plain_name(file_name: str) -> str:
    """A file's name without its folders."""
    return clean_line(PurePath(file_name.replace("\\", "/")).name)[-200:] or "附件"


def keep(settings: Settings, file: StoredFile, data: bytes) -> None:
    """Write the bytes durably under their hash; the same bytes are kept once."""
    target = path_of(settings, file.sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(target)


def path_of(settings: Settings, sha256: str) -> Path:
    return settings.uploads_dir / sha256[:2] / sha256


def _is_what_it_says(suffix: str, data: bytes) -> bool:
    if suffix == ".txt":
        return b"\x00" not in data[:4096] or data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if suffix == ".eml":
        return _MAIL_HEADER.match(data) is not None
    if not data.startswith(_MAGIC[suffix]):
        return False
    return _is_word(data) if suffix == ".docx" else True


def _is_word(data: bytes) -> bool:
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    names = {member.filename for member in members}
    is_modest = (
        len(members) <= MAX_MEMBERS and sum(member.file_size for member in members) <= MAX_UNPACKED
    )
    return is_modest and "[Content_Types].xml" in names and "word/document.xml" in names
