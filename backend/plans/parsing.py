"""Reading a plan document somebody uploaded: in a child process, with limits on time and memory.

The parent never opens the file. `python -m backend.plans.parsing FILE NAME [recognise]` is the
child: it prints a line `{"done": 12, "total": 300}` for the pages it has read, then the parsed plan
as one line of JSON, or one Chinese sentence on stderr and exit status 2 (3 where the file is a scan
that could be read by machine).
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from analysis.contracts import ParsedPlan, from_json, to_json
from analysis.documents import ScannedDocument, UnreadableDocument, can_recognise, read_bytes
from analysis.outline import parse

OnProgress = Callable[[int, int], None]
_SCAN = 3
_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: seconds, and bytes of memory of its own."""

    seconds: int
    memory: int


READING = Limits(seconds=60, memory=900_000_000)
# Recognition loads models and takes seconds for each page.
RECOGNISING = Limits(seconds=900, memory=2_500_000_000)


class UnreadablePlan(ValueError):
    """The file is no plan we can read; the message says why and what to do."""


class ScannedPlan(UnreadablePlan):
    """The file is a scan; `can_recognise` says whether it can be read again by machine (OCR)."""

    can_recognise = True


def command(path: Path, name: str, *, recognise: bool = False) -> list[str]:
    """What starts the child."""
    words = [sys.executable, "-m", "backend.plans.parsing", str(path), name]
    return [*words, "recognise"] if recognise else words


def parse_untrusted(
    path: Path, name: str, *, recognise: bool = False, on_progress: OnProgress | None = None
) -> ParsedPlan:
    """Parse the upload kept at `path`, called `name` by its sender; raises `UnreadablePlan`.

    `recognise` reads a scan by machine. `on_progress` hears how many of how many pages are done.
    """
    limits = RECOGNISING if recognise else READING
    with tempfile.TemporaryFile() as told:
        child = subprocess.Popen(  # noqa: S603
            command(path, name, recognise=recognise),
            stdout=subprocess.PIPE,
            stderr=told,
            cwd=Path(__file__).resolve().parents[2],
        )
        late = Timer(limits.seconds, child.kill)
        late.start()
        try:
            plan = _listen(child, on_progress)
        finally:
            in_time = late.is_alive()
            late.cancel()
            child.kill()
            status = child.wait()
        told.seek(0)
        sentence = told.read().decode(errors="replace").strip().splitlines()
    if plan is not None:
        return from_json(ParsedPlan, plan)
    if status in (2, _SCAN):
        raise (ScannedPlan if status == _SCAN else UnreadablePlan)(sentence[-1])
    if not in_time:
        raise UnreadablePlan(
            f"这个文件 {limits.seconds} 秒内没有读完。请另存为 .docx 或 .txt 后重新上传。"
        )
    raise UnreadablePlan("这个文件读不出来，可能已损坏或太大。请另存为 .docx 或 .txt 后重试。")


def _listen(child: "subprocess.Popen[bytes]", on_progress: OnProgress | None) -> Any:
    """Pass the progress on; the last line is the plan."""
    assert child.stdout is not None
    plan = None
    for line in child.stdout:
        try:
            said = json.loads(line)
        except ValueError:  # A child that was killed stops in the middle of its line.
            break
        if "done" not in said:
            plan = said
        elif on_progress:
            on_progress(said["done"], said["total"])
    child.wait()
    return plan


def read_here(path: str, name: str, *, recognise: bool = False) -> int:
    """The child's work; returns its exit status."""
    limits = RECOGNISING if recognise else READING
    resource.setrlimit(resource.RLIMIT_CPU, (2 * limits.seconds, 2 * limits.seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    try:
        data = Path(path).read_bytes()
        plan = parse(read_bytes(data, name, recognise=recognise, on_page=_teller()))
    except ScannedDocument as error:
        print(error, file=sys.stderr)
        return _SCAN if can_recognise() else 2
    except (UnreadableDocument, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    except MemoryError:
        print("文件太大，读取时超出了内存上限。请拆分后重新上传。", file=sys.stderr)
        return 2
    json.dump(to_json(plan), sys.stdout, ensure_ascii=False)
    print(flush=True)
    return 0


def _teller() -> OnProgress:
    """Tells the parent of pages, a few times a second and at the end."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last > _EVERY:
            last = now
            print(json.dumps({"done": done, "total": total}), flush=True)

    return tell


if __name__ == "__main__":
    sys.exit(read_here(*sys.argv[1:3], recognise=sys.argv[3:] == ["recognise"]))
