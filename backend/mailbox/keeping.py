"""The raw messages, sealed, each under the hash of its bytes."""

import hashlib
import os
from pathlib import Path

from backend.kit.sealing import seal_bytes, unseal_bytes
from backend.kit.settings import Settings


def hash_of(raw: bytes) -> str:
    """SHA-256 of the message as it came, hex."""
    return hashlib.sha256(raw).hexdigest()


def keep(settings: Settings, raw: bytes) -> str:
    """Write a message durably; returns its hash. The same bytes are kept once."""
    sha256 = hash_of(raw)
    target = _path(settings, sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as stream:
            stream.write(seal_bytes(settings.secret(), raw))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    return sha256


def opened(settings: Settings, sha256: str) -> bytes | None:
    """The message as it came; None when it was erased, or can no longer be opened."""
    try:
        sealed = _path(settings, sha256).read_bytes()
    except FileNotFoundError:
        return None
    raw = unseal_bytes(settings.secret(), sealed)
    return raw if raw is not None and hash_of(raw) == sha256 else None


def forget(settings: Settings, sha256: str) -> None:
    """Delete a message; the register keeps that it came."""
    _path(settings, sha256).unlink(missing_ok=True)


def _path(settings: Settings, sha256: str) -> Path:
    return settings.data_dir / "mail" / sha256[:2] / sha256
