"""Reading a mailbox on a real IMAP server (Dovecot): what is new, once, leaving all as it was."""

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlmodel import Session, select

from backend import jobs
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mailbox import jobs as _registered  # noqa: F401
from backend.models import IncomingMail, MailboxPosition, OutgoingMail
from tests.conftest import missing
from tests.features.office import Office
from tests.mail_corpus import compose

DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
ADDRESS = "zhengxun@qingshi.example"
PASSWORD = "letters-2026"
AT = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
ssl = no
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{root}/mail/%u
disable_plaintext_auth = no
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Server:
    """A running server with one account."""

    port: int

    def deliver(self, *raws: bytes, folder: str = "INBOX") -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as box:
            box.login("office", PASSWORD)
            for raw in raws:
                state, _ = box.append(folder, "", "", raw)
                assert state == "OK"

    def unseen(self) -> int:
        with imaplib.IMAP4("127.0.0.1", self.port) as box:
            box.login("office", PASSWORD)
            box.select("INBOX", readonly=True)
            return len(box.search(None, "UNSEEN")[1][0].split())

    def start_afresh(self, folder: str) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as box:
            box.login("office", PASSWORD)
            box.delete(folder)
            box.create(folder)


@pytest.fixture
def server() -> Iterator[Server]:
    if not os.access(DOVECOT, os.X_OK):
        missing("no IMAP server (Debian's dovecot-imapd) on this machine")
    if os.geteuid() != 0:
        pytest.skip("Dovecot starts its login process only for root")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Not below pytest's own folder: the server reads mail as another user, who may not enter it.
    with TemporaryDirectory(prefix="zhengxun-imap-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        owner = pwd.getpwnam("mail")
        for name in ("mail", "home"):
            (root / name).mkdir()
            os.chown(root / name, owner.pw_uid, owner.pw_gid)
        config = root / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                root=root, port=port, password=PASSWORD, uid=owner.pw_uid, gid=owner.pw_gid
            )
        )
        process = subprocess.Popen([DOVECOT, "-F", "-c", str(config)])
        try:
            _wait_for(port, root / "dovecot.log")
            yield Server(port)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, log: Path) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(log.read_text() if log.exists() else "the IMAP server did not start")


@pytest.fixture
def polling(office: Office, session: Session, settings: Settings, server: Server) -> Settings:
    office.consultation.email = ADDRESS
    session.add(office.consultation)
    session.commit()
    return settings.model_copy(
        update={
            "imap_host": "127.0.0.1",
            "imap_port": server.port,
            "imap_security": "none",
            "imap_user": "office",
            "imap_password": Settings(imap_password=PASSWORD).imap_password,
        }
    )


def _letter(number: int) -> bytes:
    return compose(
        f"第{number}条：末班车太早。", "gb2312", "gb18030", subject="意见",
        sender=("王芳", f"wang{number}@b.example"), at=AT, number=number, to=ADDRESS,
    )  # fmt: skip


def _poll(database: Database, settings: Settings) -> None:
    jobs.run_now("poll-mail", database, settings)


def _count(session: Session) -> int:
    session.rollback()
    return len(session.exec(select(IncomingMail.id)).all())


def test_only_new_letters_are_read_and_all_are_answered(
    session: Session, database: Database, polling: Settings, server: Server
) -> None:
    server.deliver(*(_letter(number) for number in range(3)))
    _poll(database, polling)
    assert _count(session) == 3
    _poll(database, polling)
    server.deliver(_letter(3))
    _poll(database, polling)
    assert _count(session) == 4
    assert len(session.exec(select(OutgoingMail.id)).all()) == 4
    assert server.unseen() == 4, "the office's own mail program still shows them as new"


def test_a_folder_made_anew_is_read_from_the_start_and_repeats_nothing(
    session: Session, database: Database, polling: Settings, server: Server
) -> None:
    folder = "公开征询&意见"
    mine = polling.model_copy(update={"imap_folder": folder})
    # The name as the server writes it (modified UTF-7), made by another implementation.
    written = _modified_utf7(folder)
    with imaplib.IMAP4("127.0.0.1", server.port) as box:
        box.login("office", PASSWORD)
        box.create(f'"{written}"')
    server.deliver(_letter(1), _letter(2), folder=f'"{written}"')
    _poll(database, mine)
    assert _count(session) == 2
    first = session.exec(select(MailboxPosition)).one()
    before = first.uid_validity
    time.sleep(1.1)  # UIDVALIDITY is a time in seconds.
    server.start_afresh(f'"{written}"')
    server.deliver(_letter(1), _letter(3), folder=f'"{written}"')
    _poll(database, mine)
    assert _count(session) == 3
    session.expire_all()
    assert session.exec(select(MailboxPosition)).one().uid_validity != before


def test_a_server_that_is_away_or_refuses_loses_nothing(
    session: Session, database: Database, polling: Settings, server: Server
) -> None:
    server.deliver(_letter(1))
    wrong = Settings(imap_password="wrong").imap_password
    _poll(database, polling.model_copy(update={"imap_port": 1}))
    _poll(database, polling.model_copy(update={"imap_password": wrong}))
    _poll(database, polling.model_copy(update={"imap_folder": "没有这个文件夹"}))
    assert _count(session) == 0
    _poll(database, polling)
    assert _count(session) == 1


def _modified_utf7(name: str) -> str:
    """Python's UTF-7 with the three changes of RFC 3501, 5.1.3."""
    pieces = []
    for char in name:
        if char == "&":
            pieces.append("&-")
        elif " " <= char <= "~":
            pieces.append(char)
        else:
            pieces.append("\0" + char)
    out, run = "", ""
    for piece in [*pieces, ""]:
        if piece.startswith("\0"):
            run += piece[1:]
            continue
        if run:
            out += "&" + run.encode("utf-7").decode().strip("+-").replace("/", ",") + "-"
            run = ""
        out += piece
    return out
