"""The servers a bench asks: ours and the Django yardstick, each one process on this machine."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.bench.load import HOST, Visitor
from backend.bench.memory import tree_of

YARDSTICK = Path(__file__).parents[2] / "tests" / "bench" / "django_yardstick"
_START_WITHIN = 60.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work."""

    port: int
    pid: int

    def worked(self) -> float:
        """Seconds of processor time it and its children have used; 0 where there is no /proc."""
        return sum(map(_worked, tree_of(self.pid)))


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """`zhengxun serve --no-jobs` on the data in `folder`."""
    port = _free_port()
    command = [sys.executable, "-c", "from backend.cli import app; app()"]
    command += ["serve", "--no-jobs", "--port", str(port)]
    settings = {
        "ZHENGXUN_DATA_DIR": str(folder),
        "ZHENGXUN_BASE_URL": f"http://{HOST}:{port}",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with _running(command, _without("ZHENGXUN_") | settings, port, "/healthz") as server:
        yield server


@contextmanager
def yardstick(python: Path, folder: Path, given: Path, path: str) -> Iterator[Server]:
    """The Django application on its own database in `folder`, filled with the file `given`."""
    port = _free_port()
    environment = _without("YARDSTICK_") | {
        "YARDSTICK_DATABASE": str(folder / "yardstick.db"),
        "YARDSTICK_SECRET": secrets.token_hex(),
        "DJANGO_SETTINGS_MODULE": "yardstick.settings",
        "PYTHONPATH": str(YARDSTICK),
    }
    subprocess.run(  # noqa: S603
        [str(python), "-m", "yardstick.load", str(given)], env=environment, check=True
    )
    command = [str(python), "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--workers", "1"]
    command += ["--worker-class", "gthread", "--threads", "8", "--log-level", "warning"]
    with _running([*command, "yardstick.wsgi"], environment, port, path) as server:
        yield server


def python_of_yardstick(folder: Path) -> Path:
    """The interpreter of the virtual environment in `folder`, made on first use."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        wanted = ["--require-hashes", "-r", str(YARDSTICK / "requirements.txt")]
        try:
            subprocess.run(  # noqa: S603
                [str(python), "-m", "pip", "install", "--quiet", *wanted], check=True
            )
        except BaseException:
            shutil.rmtree(folder)  # Half an environment would be taken for a whole one.
            raise
    return python


@contextmanager
def count_syncs(server: Server, into: Path) -> Iterator[list[int]]:
    """Fills the list with how often the server made the disk keep what it wrote; empty if unknown.

    Counted by strace, which not every machine has or allows.
    """
    found: list[int] = []
    strace = shutil.which("strace")
    if strace is None:
        yield found
        return
    command = [strace, "-f", "-e", "trace=fsync,fdatasync", "-o", str(into)]
    for pid in tree_of(server.pid):
        command += ["-p", str(pid)]
    watcher = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert watcher.stderr is not None
    is_watching = "attached" in watcher.stderr.readline()
    time.sleep(0.5)  # The other threads are attached after the first.
    try:
        yield found
    finally:
        watcher.send_signal(signal.SIGINT)
        watcher.communicate(timeout=20)
    if is_watching:
        lines = into.read_text().splitlines()
        found.append(sum("sync(" in line for line in lines))


@contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str], port: int, path: str
) -> Iterator[Server]:
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(process, port, path)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _wait_for(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        visitor = Visitor(port)
        try:
            visitor.get(path)
            return
        except OSError:
            time.sleep(0.1)
        finally:
            visitor.close()
    raise TimeoutError(f"{command_of(process)} did not start")


def command_of(process: subprocess.Popen[bytes]) -> str:
    arguments = process.args
    return arguments if isinstance(arguments, str) else " ".join(map(str, arguments))  # type: ignore[arg-type]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _without(prefix: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(prefix)}


def _worked(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK
