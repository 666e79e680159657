"""One raw message read into plain values: who, when, what, which files, and why it may be no
person's letter. Nothing here refuses: what cannot be read is told in `problems`. Pure.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email._policybase import Compat32
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from backend.kit.text import clean_line, clean_text
from backend.mailbox.charsets import decode
from backend.mailbox.hypertext import plain

if TYPE_CHECKING:
    Part = Message[Any, Any]
else:
    Part = Message  # Generic for the type checker only.

MAX_PARTS = 200
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_IDS = re.compile(r"<[^<>\s]{1,900}>")
_ROBOT_SENDER = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|bounce[s+-]?.*)@", re.IGNORECASE
)
_ROBOT_SUBJECT = re.compile(
    r"^(?:自动(?:回复|答复)|自動回覆|系统退信|退信|邮件投递失败|投递失败|auto(?:matic)?[ -]?reply|"
    r"out of (?:the )?office|undeliver(?:ed|able)|delivery (?:status|failure)|mail delivery failed|"
    r"returned mail|failure notice|已读：|read receipt)",
    re.IGNORECASE,
)
_ROBOT_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as read. Times are aware; `text` is the whole body, quoted parts included."""

    message_id: str | None
    answers: tuple[str, ...]
    sender_name: str
    sender_address: str
    recipients: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    arrived_at: datetime | None
    text: str
    files: tuple[tuple[str, bytes], ...]
    robot: str | None
    problems: tuple[str, ...]


def read(raw: bytes) -> Letter:
    """Read whatever bytes arrived; never raises."""
    message = email.message_from_bytes(raw, policy=_AsWritten())
    reader = _Reader(message)
    names = [(name, address) for name, address in reader.addresses("From") if address]
    sender_name, sender_address = names[0] if names else ("", "")
    if not names:
        reader.problems.append("没有发件人地址")
    body, files = reader.body()
    recipients = (
        address.lower()
        for field in ("To", "Cc", "Delivered-To", "X-Original-To")
        for _, address in reader.addresses(field)
    )
    received = reader.all("Received")
    subject = reader.line("Subject")
    return Letter(
        message_id=next(iter(_IDS.findall(reader.line("Message-ID"))), None),
        answers=tuple(
            dict.fromkeys(_IDS.findall(reader.line("References") + reader.line("In-Reply-To")))
        ),
        sender_name=sender_name,
        sender_address=sender_address.lower(),
        recipients=tuple(dict.fromkeys(recipients)),
        subject=subject,
        sent_at=_moment(reader.line("Date")),
        # The topmost stamp is that of our own mail server: no sender can write it.
        arrived_at=_moment(received[0].rpartition(";")[2]) if received else None,
        text=body,
        files=tuple(files),
        robot=_robot(reader, sender_address, subject),
        problems=tuple(dict.fromkeys(reader.problems)),
    )


class _AsWritten(Compat32):
    """Hands headers over as they stand on the wire, raw bytes as surrogates."""

    def header_fetch_parse(self, _name: str, value: str) -> str:
        return value


class _Reader:
    """Headers and parts of one message, decoded with every known excuse."""

    def __init__(self, message: Part) -> None:
        self.message = message
        self.problems: list[str] = []

    def all(self, name: str) -> list[str]:
        return [self._header(value) for value in self.message.get_all(name) or ()]

    def line(self, name: str) -> str:
        values = self.all(name)
        return values[0] if values else ""

    def addresses(self, name: str) -> list[tuple[str, str]]:
        """(display name, address) of every mailbox in the header. Names are decoded after the
        header is taken apart: a decoded comma would break an address in two."""
        raw = [str(value) for value in self.message.get_all(name) or ()]
        found = getaddresses([_one_line(value) for value in raw])
        if not any("@" in where for _, where in found):  # Too broken for the strict reading.
            found = [("", where) for value in raw for where in _ADDRESS.findall(value)]
        return [
            (self._header(who).strip("\"' "), where.strip()) for who, where in found if "@" in where
        ]

    def body(self) -> tuple[str, list[tuple[str, bytes]]]:
        """The words of the message, and its files in order."""
        texts: list[str] = []
        files: list[tuple[str, bytes]] = []
        for part in self._parts(self.message):
            kind, name = part.get_content_type(), self._file_name(part)
            is_inline_text = kind in ("text/plain", "text/html") and not (
                part.get_content_disposition() == "attachment" or name
            )
            data = self._payload(part)
            if not is_inline_text:
                if data:
                    files.append((name or _unnamed(kind), data))
                continue
            text, is_whole = decode(data, part.get_content_charset())
            if not is_whole:
                self.problems.append("有文字无法识别编码")
            texts.append(clean_text(plain(text) if kind == "text/html" else _flowed(part, text)))
        return "\n\n".join(text for text in texts if text), files

    def _parts(self, message: Part) -> Iterator[Part]:
        """Leaves in reading order, one of each set of alternatives; forwarded mail whole."""
        stack, seen = [message], 0
        while stack and seen < MAX_PARTS:
            part, seen = stack.pop(), seen + 1
            if part.get_content_maintype() == "message" or not part.is_multipart():
                yield part
                continue
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            if part.get_content_subtype() == "alternative":
                children = self._chosen(children)
            stack.extend(reversed(children))
        if stack:
            self.problems.append(f"邮件的组成部分超过{MAX_PARTS}个，只读了前面的")

    def _chosen(self, children: list[Part]) -> list[Part]:
        """Of alternatives the plain text, unless it is empty: then the last, the richest."""
        for child in children:
            if child.get_content_type() == "text/plain":
                text, _ = decode(self._payload(child), child.get_content_charset())
                if clean_text(text):
                    return [child]
        return children[-1:]

    def _payload(self, part: Part) -> bytes:
        if part.get_content_maintype() == "message" and part.is_multipart():
            inner = [child for child in part.get_payload() if isinstance(child, Message)]
            return b"\n".join(child.as_bytes() for child in inner)
        try:
            data = part.get_payload(decode=True)
        except (ValueError, AssertionError, LookupError):
            self.problems.append("有一部分内容的传输编码无法识别")
            return b""
        return data if isinstance(data, bytes) else b""

    def _file_name(self, part: Part) -> str:
        for header, key in (("content-disposition", "filename"), ("content-type", "name")):
            value: Any = part.get_param(key, None, header)
            if isinstance(value, tuple):  # RFC 2231: charset, language, bytes as Latin-1
                charset, _, written = value
                name = decode(written.encode("latin-1", "replace"), charset)[0]
            elif value:
                name = self._header(value)
            else:
                continue
            if name:
                return clean_line(name)
        return ""

    def _header(self, value: Any) -> str:
        """A header as text: encoded words, raw 8-bit bytes, or both in one line."""
        line = _one_line(str(value))
        try:
            chunks = decode_header(line)
        except (HeaderParseError, ValueError):
            chunks = [(line, None)]
        read = []
        for chunk, charset in chunks:
            data = chunk if isinstance(chunk, bytes) else _bytes(chunk)
            text, is_whole = decode(data, charset)
            if not is_whole:
                self.problems.append("有邮件头无法识别编码")
            read.append(text)
        return clean_line("".join(read))


def _bytes(text: str) -> bytes:
    """What stood on the wire: the parser keeps raw 8-bit bytes as surrogates."""
    try:
        return text.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


def _one_line(value: str) -> str:
    return re.sub(r"[\r\n]+[ \t]*", " ", value)


def _flowed(part: Part, text: str) -> str:
    """Undo soft line breaks (RFC 3676): a line that ends in a space goes on in the next."""
    if part.get_param("format") != "flowed":
        return text
    glue = "" if part.get_param("delsp") == "yes" else " "
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if lines and lines[-1].endswith(" ") and lines[-1] != "-- " and line[:1] != ">":
            lines[-1] = lines[-1][:-1] + glue + line
        else:
            lines.append(line)
    return "\n".join(lines)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)


def _unnamed(kind: str) -> str:
    return {"message/rfc822": "转发的邮件.eml"}.get(kind, "附件." + kind.rpartition("/")[2][:10])


def _robot(reader: _Reader, sender: str, subject: str) -> str | None:
    """Why a machine wrote it (RFC 3834), or None. Such mail is kept, and never answered."""
    declared = reader.line("Auto-Submitted").lower()
    if declared and not declared.startswith("no"):
        return "邮件声明为自动发送"
    if reader.line("X-Autoreply") or reader.line("X-Autorespond"):
        return "邮件声明为自动回复"
    if reader.line("Precedence").lower() in _ROBOT_PRECEDENCE:
        return "群发或自动邮件"
    if "Return-Path" in reader.message and reader.line("Return-Path") == "<>":
        return "退信"
    if reader.message.get_content_type() == "multipart/report":
        return "投递报告"
    if _ROBOT_SENDER.match(sender):
        return "系统地址发出"
    return "主题是自动回复" if _ROBOT_SUBJECT.match(subject) else None
