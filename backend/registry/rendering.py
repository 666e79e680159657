"""Pages of a scanned PDF as pictures, made in a child process with limits on time and memory.

The parent never opens the file, and no browser runs what a PDF may carry. `python -m
backend.registry.rendering FILE` prints the number of pages; with a page number it writes PNG.
"""

import io
import resource
import subprocess
import sys
from pathlib import Path

SECONDS = 20
MEMORY = 1_500_000_000
WIDTH = 1200
MAX_PAGES = 200


class Unreadable(ValueError):
    """The scan cannot be shown; the message says why and what to do."""


def page_count(path: Path) -> int:
    """How many pages a PDF has; raises `Unreadable`."""
    return int(_run(path))


def page_picture(path: Path, number: int) -> bytes:
    """Page `number` (from 1) as PNG; raises `Unreadable`."""
    return _run(path, str(number))


def _run(path: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "backend.registry.rendering", str(path), *arguments],
            capture_output=True,
            timeout=SECONDS * 2,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(
            "这个扫描件太复杂，没有在限定时间内打开。请改为 JPG 后重新上传。"
        ) from error
    if done.returncode != 0:
        raise Unreadable("这个 PDF 打不开，可能已损坏或加了密码。请重新扫描，或改为 JPG 后上传。")
    return done.stdout


def _child(path: str, number: int | None) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        if not 1 <= len(document) <= MAX_PAGES:
            return 2
        if number is None:
            print(len(document))
            return 0
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(WIDTH / max(1.0, width), 3 * WIDTH / max(1.0, height))
        picture = io.BytesIO()
        page.render(scale=scale).to_pil().save(picture, "PNG")
    except (pypdfium2.PdfiumError, IndexError, ValueError, MemoryError):
        return 2
    sys.stdout.buffer.write(picture.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))
