"""Reading the office's mailbox every five minutes, and forgetting letters of erased senders."""

import structlog

from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mailbox import polling, queries, service
from backend.organisations import profile

log = structlog.get_logger()


@job("poll-mail", minute="*/5")
def poll_mailbox(database: Database, settings: Settings) -> None:
    """Take in what arrived since last time, each message in a transaction of its own.

    The position is written with the message it belongs to, so that a kill between two messages
    repeats none and skips none.
    """
    if not settings.imap_host:
        return
    name = f"{settings.imap_user}@{settings.imap_host}/{settings.imap_folder}"[:300]
    with database.reading() as session:
        organisation = profile.find(session, settings.imap_organisation or None)
        known = queries.position(session, name)
    if organisation is None or organisation.id is None:
        log.error("mail_without_organisation", slug=settings.imap_organisation)
        return
    intake = service.Intake(settings, organisation.id, settings.imap_folder, acknowledges=True)
    try:
        with polling.opened(settings) as mailbox:
            is_same = known is not None and known.uid_validity == mailbox.uid_validity
            last_uid = known.last_uid if known is not None and is_same else 0
            for arrived in mailbox.since(last_uid):
                with database.writing() as session:
                    taken = service.take_in(session, intake, arrived.raw, now=utc_now())
                    service.remember_position(session, name, mailbox.uid_validity, arrived.uid)
                log.info("mail_taken_in", state=taken.mail.state, is_new=taken.is_new)
    except polling.MailboxClosed as error:
        log.warning("mailbox_closed", reason=str(error))


@job("forget-mail", minute="23")
def forget_mail(database: Database, settings: Settings) -> None:
    """Delete raw messages of senders whose personal data was erased."""
    with database.writing() as session:
        count = service.forget_erased(session, settings, now=utc_now())
    if count:
        log.info("mail_forgotten", count=count)
