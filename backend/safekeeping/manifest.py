"""What a backup says of itself, and whether what lies there is still what was written.

A backup is a folder named by its moment. It holds the database, the secret key, the list of
files, and `manifest.json` with the size and SHA-256 of each of these and a checksum of its own.
The files themselves lie beside all backups in `objects/`, each under the hash of its bytes: what
did not change since the backup before is not copied again.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

FORMAT = 1
NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
# What is kept besides the database and the key. Finished papers can be made again from the rows.
FOLDERS = ("uploads", "mail")
FILES = "files.json"
KEY = "secret.key"
MANIFEST = "manifest.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BackupRefused(ValueError):
    """A backup cannot be taken, or not be used; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the backup's own folder."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the installation; `path` is relative to the data directory."""

    path: str
    size: int
    sha256: str
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """`counts` are the rows of each table; `key_hash` tells secret keys apart."""

    made_at: datetime
    version: str
    revision: str
    engine: str
    key_hash: str
    counts: dict[str, int]
    parts: dict[str, Part]

    @property
    def database(self) -> str:
        return "zhengxun.db" if self.engine == "sqlite" else "zhengxun.dump"


def name_of(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def moment_of(folder: Path) -> datetime:
    return datetime.strptime(folder.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def backups_in(home: Path) -> list[Path]:
    """The finished backups of a folder, oldest first."""
    if not home.is_dir():
        return []
    found = [path for path in home.iterdir() if NAME.fullmatch(path.name) and path.is_dir()]
    return sorted(found, key=lambda path: (path.name[:16], len(path.name), path.name))


def object_path(home: Path, sha256: str) -> Path:
    return home / "objects" / sha256[:2] / sha256


def hash_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(folder: Path, manifest: Manifest) -> None:
    content = asdict(manifest) | {"format": FORMAT, "made_at": manifest.made_at.isoformat()}
    text = json.dumps(content | {"checksum": _checksum(content)}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read(folder: Path) -> Manifest:
    """The manifest; raises BackupRefused when it is missing, cut or altered."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupRefused(f"{folder} 不是备份：里面没有 {MANIFEST}。") from None
    except (OSError, ValueError):
        raise BackupRefused(f"{folder} 的清单读不出来，可能没有复制完整。请换一份备份。") from None
    if not isinstance(content, dict) or content.pop("checksum", None) != _checksum(content):
        raise BackupRefused(f"{folder} 的清单被改动过，不能使用。请换一份备份。")
    if content.pop("format", None) != FORMAT:
        raise BackupRefused(f"{folder} 由更新的版本生成，请先升级本系统再恢复。")
    try:
        parts = {name: Part(**part) for name, part in content.pop("parts").items()}
        made_at = datetime.fromisoformat(content.pop("made_at"))
        manifest = Manifest(made_at=made_at, parts=parts, **content)
    except (AttributeError, KeyError, TypeError, ValueError):
        manifest = None
    # Whoever can write a checksum can write a path: nothing outside the folder is ever named.
    if manifest is None or not {manifest.database, FILES} <= parts.keys() <= {
        manifest.database, FILES, KEY,
    }:  # fmt: skip
        raise BackupRefused(f"{folder} 的清单不是本系统写的，不能使用。请换一份备份。")
    return manifest


def write_files(path: Path, files: Sequence[KeptFile]) -> None:
    rows = [asdict(file) for file in files]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def read_files(folder: Path) -> list[KeptFile]:
    """The list of files; a path that leads elsewhere is refused, whoever wrote it."""
    files = [KeptFile(**row) for row in json.loads((folder / FILES).read_text(encoding="utf-8"))]
    for file in files:
        path = PurePosixPath(file.path)
        is_ours = path.parts[:1] and path.parts[0] in FOLDERS and ".." not in path.parts
        if not is_ours or not _SHA256.fullmatch(file.sha256):
            raise BackupRefused(f"{folder} 的文件清单里有不该有的路径，不能使用。")
    return files


def is_whole_at_a_glance(folder: Path, manifest: Manifest) -> bool:
    """Sizes only: cheap enough for a page."""
    return all(_size(folder / name) == part.size for name, part in manifest.parts.items())


def faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Every part and file whose bytes are not what the manifest says."""
    for name, part in manifest.parts.items():
        if found := _fault(folder / name, name, part.size, part.sha256):
            yield found
            return  # The list of files may be the part that cannot be believed.
    for file in read_files(folder):
        path = object_path(folder.parent, file.sha256)
        if found := _fault(path, file.path, file.size, file.sha256):
            yield found


def _fault(path: Path, name: str, size: int, sha256: str) -> str | None:
    found = _size(path)
    if found is None:
        return f"缺少 {name}"
    if found != size:
        return f"{name} 的大小不对（应为 {size:,} 字节，实为 {found:,} 字节）"
    return None if hash_of(path) == sha256 else f"{name} 的内容被改动过或已经损坏"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _checksum(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
