"""New words are looked for in the opinions that were there before them."""

from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.organisations import words


@job("check-words", minute="*")
def check_words(database: Database, _settings: Settings) -> None:
    """Safe to run twice: a mark that is there is not made again."""
    while True:
        with database.reading() as session:
            looked = words.look_through(session)
        if looked is None:
            return
        with database.writing() as session:
            words.keep(session, looked, now=utc_now())
