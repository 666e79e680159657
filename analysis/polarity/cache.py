"""Where compiled code and laid-out tables are kept between processes.

Laying out snownlp's files takes seconds and half a gigabyte for a moment; the finished arrays are
fifty megabytes and read in a tenth of a second. They are kept in the user's cache folder, or in a
private one under the temporary folder when there is no home to write to, under a name made from
the model files themselves. A cache that cannot be read or written is no error: the tables are then
laid out in every process.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LAYOUT = 1  # raise when tables.py lays things out differently


def folder() -> Path | None:
    """A folder that belongs to this user alone and can be written, or None."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    user = os.getuid() if hasattr(os, "getuid") else 0
    for path in (Path(home) / "zhengxun", Path(tempfile.gettempdir()) / f"zhengxun-{user}"):
        with suppress(OSError):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            owner = path.stat().st_uid == user or not hasattr(os, "getuid")
            if owner and os.access(path, os.W_OK):
                return path
    return None


def read(sources: tuple[Path, ...]) -> dict[str, NDArray[Any]] | None:
    """The arrays kept for these source files, or None."""
    path = _path(sources)
    if path is None or not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def write(sources: tuple[Path, ...], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Keep the arrays; whole or not at all, whichever process is first."""
    path = _path(sources)
    if path is None:
        return
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            os.replace(name, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)


def _path(sources: tuple[Path, ...]) -> Path | None:
    digest = hashlib.sha256(f"{_LAYOUT} {np.dtype('int64').byteorder}".encode())
    for source in sources:
        digest.update(source.read_bytes())
    kept = folder()
    return kept / f"polarity-{digest.hexdigest()[:20]}.npz" if kept else None
