"""Sending what is due, every minute; without a mail server messages wait, and grow old."""

import structlog

from backend.jobs import job
from backend.kit import sealing
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mail import queries, service
from backend.mail.sending import Connection, NotSent, compose
from backend.models import OutgoingMail

log = structlog.get_logger()


@job("send-mail", minute="*")
def send_due(database: Database, settings: Settings) -> None:
    """Send every message whose time has come; a server that is down ends the round."""
    with database.writing() as session:
        service.give_up_old(session, now=utc_now())
    if not settings.mail_host:
        return
    connection = Connection(settings)
    try:
        while _send_next(database, settings, connection):
            pass
    finally:
        connection.close()


def _send_next(database: Database, settings: Settings, connection: Connection) -> bool:
    """Send one; False when the round is over. The network is never used inside a transaction."""
    with database.writing() as session:
        mail = service.claim(session, now=utc_now())
        if mail is None or mail.id is None:
            return False
        files = queries.attachments(session, mail.id)
    try:
        to, text = _opened(settings, mail)
        connection.send(compose(settings, mail, to=to, text=text, files=files))
    except NotSent as error:
        log.warning("mail_not_sent", mail=mail.id, tries=mail.tries, is_final=error.is_final)
        with database.writing() as session:
            service.record_failure(
                session, mail.id, str(error), is_final=error.is_final, now=utc_now()
            )
        return not error.is_server_down
    with database.writing() as session:
        service.record_sent(session, mail.id, now=utc_now())
    log.info("mail_sent", mail=mail.id)
    return True


def _opened(settings: Settings, mail: OutgoingMail) -> tuple[str, str]:
    secret = settings.secret()
    to = sealing.unseal(secret, mail.sealed_to or "")
    text = sealing.unseal(secret, mail.sealed_text or "")
    if to is None or text is None:
        raise NotSent("密钥已更换，无法解开这封邮件", is_final=True)
    return to, text
