"""Reading a plan document somebody uploaded: in a child process, with limits on time and memory.

The parent never opens the file. `python -m backend.plans.parsing FILE NAME` is the child: it
prints the parsed plan as JSON, or one Chinese sentence and exit status 2.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path

from analysis.contracts import ParsedPlan, from_json, to_json
from analysis.documents import UnreadableDocument, read_bytes
from analysis.outline import parse

SECONDS = 60
MEMORY = 2_000_000_000


class UnreadablePlan(ValueError):
    """The file is no plan we can read; the message says why and what to do."""


def parse_untrusted(path: Path, name: str) -> ParsedPlan:
    """Parse the upload kept at `path`, called `name` by its sender; raises `UnreadablePlan`."""
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "backend.plans.parsing", str(path), name],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadablePlan(
            f"这个文件 {SECONDS} 秒内没有读完。请另存为 .docx 或 .txt 后重新上传。"
        ) from error
    if done.returncode == 2:
        raise UnreadablePlan(done.stderr.decode().strip().splitlines()[-1])
    if done.returncode != 0:
        raise UnreadablePlan("这个文件读不出来，可能已损坏或太大。请另存为 .docx 或 .txt 后重试。")
    return from_json(ParsedPlan, json.loads(done.stdout))


def _child(path: str, name: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    try:
        plan = parse(read_bytes(Path(path).read_bytes(), name))
    except (UnreadableDocument, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    json.dump(to_json(plan), sys.stdout, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    sys.exit(_child(*sys.argv[1:3]))
