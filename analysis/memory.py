"""How much memory this process may still take."""

from contextlib import suppress
from pathlib import Path

_MACHINE = Path("/proc/meminfo")
_LIMIT, _USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


def available_memory() -> int | None:
    """Bytes, by the machine and by the container around us; None where neither tells."""
    told: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        lines = _MACHINE.read_text().splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        told.append(int(line.split()[1]) * 1024)
    with suppress(OSError, ValueError):  # "max" is no number: there is no limit
        told.append(int(_LIMIT.read_text()) - int(_USED.read_text()))
    return min(told) if told else None
