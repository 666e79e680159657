"""Reading a mailbox over IMAP: what arrived since last time, leaving everything there as it is.

UIDs of a folder only grow while its UIDVALIDITY stays the same (RFC 3501); when that changes the
folder is read from the start, and what was taken in before is known by its bytes.
"""

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from backend.kit.settings import Settings

TIMEOUT = 60  # seconds


class MailboxClosed(Exception):
    """The server cannot be read now; the reason is for the operator."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message on the server."""

    uid: int
    raw: bytes


class Mailbox:
    """One folder on a server, opened read-only."""

    def __init__(self, server: imaplib.IMAP4, folder: str) -> None:
        self._server = server
        _answer(server.select(_quoted(folder), readonly=True), f"打不开文件夹 {folder}")
        validity = server.response("UIDVALIDITY")[1]
        first = validity[0] if validity else None
        self.uid_validity = int(first) if isinstance(first, bytes) else 0

    def since(self, uid: int) -> Iterator[Arrived]:
        """Messages with a greater UID, oldest first."""
        found = _answer(self._server.uid("SEARCH", f"UID {uid + 1}:*"), "查找新邮件失败")
        listed = b" ".join(part for part in found if isinstance(part, bytes))
        # "n:*" always names the last message, even one that was read before.
        for number in sorted(int(word) for word in listed.split() if int(word) > uid):
            parts = _answer(self._server.uid("FETCH", str(number), "(BODY.PEEK[])"), "取邮件失败")
            raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if raw is not None:
                yield Arrived(number, raw)


@contextmanager
def opened(settings: Settings) -> Iterator[Mailbox]:
    """The configured folder; raises MailboxClosed with the reason."""
    try:
        server = _connect(settings)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxClosed(f"连不上收信服务器（{type(error).__name__}：{error}）") from error
    try:
        yield Mailbox(server, settings.imap_folder)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxClosed(f"收信中断（{type(error).__name__}：{error}）") from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _connect(settings: Settings) -> imaplib.IMAP4:
    host, port, context = settings.imap_host, settings.imap_port, ssl.create_default_context()
    server: imaplib.IMAP4
    if settings.imap_security == "tls":
        server = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT)
    else:
        server = imaplib.IMAP4(host, port, timeout=TIMEOUT)
    try:
        if settings.imap_security == "starttls":
            server.starttls(context)
        password = settings.imap_password
        server.login(settings.imap_user, password.get_secret_value() if password else "")
    except BaseException:
        server.shutdown()
        raise
    return server


def _answer(reply: tuple[str, list[Any]], failure: str) -> list[Any]:
    state, data = reply
    if state != "OK":
        raise MailboxClosed(failure)
    return data


def _quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7 (RFC 3501, 5.1.3), in quotes."""

    def shifted(match: re.Match[str]) -> str:
        encoded = match[0].encode("utf-16-be")
        return "&" + b64encode(encoded).decode().rstrip("=").replace("/", ",") + "-"

    name = re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-"))
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
