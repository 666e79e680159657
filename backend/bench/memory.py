"""The memory of a process and everything it started, watched while it works.

Pages that several processes share count once for each of them, so the figure is never too small.
"""

import os
import threading
from collections import defaultdict
from pathlib import Path

_EVERY = 0.25  # seconds


class PeakMemory:
    """`with PeakMemory(pid) as peak: …`, then `peak.bytes`; 0 where there is no /proc."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, tree_memory(self._pid))
            if self._over.wait(_EVERY):
                return


def tree_memory(pid: int) -> int:
    """Resident bytes of a process and its descendants, added up."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for one in tree_of(pid):
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * page
        except (OSError, IndexError, ValueError):  # it ended while we looked
            continue
    return total


def tree_of(pid: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The command in brackets may hold anything, so the fields are counted from its end.
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children[parent].append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children[one]
    return found
