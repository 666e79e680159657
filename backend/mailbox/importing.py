"""Many messages at once: an mbox file, one .eml file, a Maildir, or a folder of .eml files.

Messages are taken in by small transactions in a fixed order. A run that was stopped is started
again: what was taken in is known by its bytes, and goes by quickly.
"""

import mailbox
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.kit.db import Database
from backend.mailbox.service import Intake, take_in
from backend.models import IncomingState
from backend.web.errors import Refused

BATCH = 50
_LOOKS_LIKE_MAIL = re.compile(rb"\s*(?:From |[A-Za-z][A-Za-z0-9-]{0,75}:)[^\n]{0,2000}\n")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the messages of one run."""

    message_count: int
    known_count: int
    counts: dict[IncomingState, int]


def import_all(
    database: Database,
    intake: Intake,
    path: Path,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], None] = lambda _count: None,
) -> Imported:
    """Take in everything at `path`; raises ValueError when nothing there is mail."""
    counts: Counter[IncomingState] = Counter()
    seen = known = 0
    messages = raw_messages(path)
    while batch := list(islice(messages, BATCH)):
        with database.writing() as session:
            taken = [take_in(session, intake, raw, now=clock()) for raw in batch]
        counts.update(one.mail.state for one in taken if one.is_new)
        known += sum(not one.is_new for one in taken)
        seen += len(batch)
        progress(seen)
    if seen == 0:
        raise ValueError(f"{path} 里没有邮件。请给出 mbox 或 eml 文件，或者存放它们的文件夹。")
    return Imported(seen, known, dict(counts))


def raw_messages(path: Path) -> Iterator[bytes]:
    """The bytes of every message at `path`."""
    if not path.exists():
        raise ValueError(f"找不到 {path}。")
    if path.is_dir():
        for file in _files(path):
            yield from _of_file(file)
    else:
        yield from _of_file(path)


def _files(folder: Path) -> list[Path]:
    """Mail files below a folder in a fixed order; in a Maildir, what lies in `cur` and `new`."""
    if (folder / "cur").is_dir():
        return sorted(file for name in ("cur", "new") for file in (folder / name).glob("*"))
    return sorted(
        file for file in folder.rglob("*") if file.suffix.lower() in (".eml", ".mbox", ".mbx")
    )


def _of_file(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        is_mbox = stream.read(5) == b"From "
    if not is_mbox:
        if file.stat().st_size:
            yield file.read_bytes()
        return
    with closing(mailbox.mbox(file, create=False)) as box:
        for key in box.iterkeys():
            yield box.get_bytes(key)


def import_upload(database: Database, intake: Intake, data: bytes, *, now: datetime) -> Imported:
    """Take in a file an officer sent; raises Refused when there is no mail in it."""
    if not _LOOKS_LIKE_MAIL.match(data):
        raise Refused("这个文件不是邮件。请从邮箱把邮件另存为 eml 文件，或者导出为 mbox 文件。")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "upload.mbox"
        file.write_bytes(data)
        return import_all(database, intake, file, clock=lambda: now)
