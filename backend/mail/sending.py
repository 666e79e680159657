"""Speaking SMTP: one message at a time over one connection, with clear reasons when it fails."""

import hashlib
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime

from backend.kit.settings import Settings
from backend.models import OutgoingAttachment, OutgoingMail

TIMEOUT = 30  # seconds


class NotSent(Exception):
    """The message could not be sent; `is_final` when trying again cannot help this message,
    `is_server_down` when no other message can be sent now either."""

    def __init__(
        self, reason: str, *, is_final: bool = False, is_server_down: bool = False
    ) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_server_down = is_server_down


def compose(
    settings: Settings,
    mail: OutgoingMail,
    *,
    to: str,
    text: str,
    files: Sequence[OutgoingAttachment],
) -> EmailMessage:
    """The message as it goes out. Its Message-ID follows from its key: a second try is the same."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = message_id(settings, mail.key)
    message["Auto-Submitted"] = "auto-replied" if mail.in_reply_to else "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if mail.in_reply_to:
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = mail.in_reply_to
    message.set_content(text, cte="base64")
    for file in files:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(
            file.content, maintype=main, subtype=sub or "octet-stream", filename=file.file_name
        )
    return message


def message_id(settings: Settings, key: str) -> str:
    """`<hash@sender's domain>`; the key itself may name a receipt and stays inside."""
    digest = hashlib.sha256(settings.secret() + key.encode()).hexdigest()[:32]
    return f"<{digest}@{settings.mail_from.rsplit('@', 1)[-1].rstrip('>')}>"


class Connection:
    """A session with the mail server, opened at the first message and kept for the next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; raises NotSent."""
        try:
            server = self._server or self._open()
            self._server = server
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise NotSent(
                f"收件地址被拒绝（{code} {_said(said)}）", is_final=code >= 500
            ) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            code = error.smtp_code
            refused = isinstance(error, smtplib.SMTPDataError) and code >= 500
            raise NotSent(
                f"邮件服务器拒绝（{code} {_said(error.smtp_error)}）", is_final=refused
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            reason = f"连不上邮件服务器（{type(error).__name__}）"
            raise NotSent(reason, is_server_down=True) from error

    def close(self) -> None:
        """End the session; safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _open(self) -> smtplib.SMTP:
        host, port = self._settings.mail_host, self._settings.mail_port
        context = ssl.create_default_context()
        if self._settings.mail_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        try:
            if self._settings.mail_security == "starttls":
                server.starttls(context=context)
            password = self._settings.mail_password
            if self._settings.mail_user and password is not None:
                server.login(self._settings.mail_user, password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


def _said(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
