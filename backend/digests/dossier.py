"""归档包: everything a consultation leaves behind, in one file that can be checked years later.

Order 713, Art. 33 has the process archived. Each file's SHA-256 stands in a manifest; the manifest
is sealed with the installation's secret, so that nobody else can write another. Each comment has a
file of its own (masked text, never contact data): erasing one on request replaces that file and
adds a sealed note, and `verify` tells such an erasure from tampering.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from backend.digests.dossier_files import comment_file, dossier_files, to_bytes
from backend.digests.writers.safe import timeless
from backend.kit.sealing import keyed_hash
from backend.models import Consultation

MANIFEST = "manifest.json"
FORMAT = "zhengxun-dossier-1"
ERASED = "（按申请删除）"
# Far more than a consultation needs; a bomb is refused from its directory, before unpacking.
SIZE_LIMIT = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found; `is_intact` allows erasures that were noted and sealed."""

    is_intact: bool
    is_sealed: bool | None
    altered: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]
    erased: tuple[str, ...]
    sentences: tuple[str, ...]


class NotADossier(ValueError):
    """A file that cannot be read as a dossier; the message is a Chinese sentence."""


def make_dossier(
    session: Session, consultation: Consultation, *, secret: bytes, now: datetime
) -> bytes:
    """The dossier as things stand; the same tables and moment give the same bytes."""
    files = dict(dossier_files(session, consultation))
    manifest = {
        "format": FORMAT,
        "consultation": consultation.title,
        "slug": consultation.slug,
        "made_at": now.isoformat(),
        "files": {name: _sha256(data) for name, data in sorted(files.items())},
        "erasures": [],
    }
    return _pack(files, manifest, secret)


def verify_dossier(data: bytes, *, secret: bytes | None = None) -> Verdict:
    """Check every file; with `secret` also that the manifest is this installation's own."""
    files, manifest = _unpack(data)
    erased = {note["file"]: note["after"] for note in manifest["erasures"]}
    listed: Mapping[str, str] = manifest["files"]
    altered, missing, gone = [], [], []
    for name, sha256 in listed.items():
        if name not in files:
            missing.append(name)
        elif _sha256(files[name]) == sha256:
            continue
        elif erased.get(name) == _sha256(files[name]):
            gone.append(name)
        else:
            altered.append(name)
    added = sorted(files.keys() - listed.keys())
    is_sealed = None if secret is None else manifest["seal"] == _seal(manifest, secret)
    is_intact = not (altered or missing or added) and is_sealed is not False
    return Verdict(
        is_intact=is_intact,
        is_sealed=is_sealed,
        altered=tuple(altered),
        missing=tuple(missing),
        added=tuple(added),
        erased=tuple(gone),
        sentences=tuple(_sentences(len(listed), altered, missing, added, gone, is_sealed)),
    )


def erase_from_dossier(
    data: bytes, comment_ids: Iterable[int], *, reason: str, secret: bytes, now: datetime
) -> bytes:
    """The dossier without the words of some comments, each erasure noted and sealed."""
    files, manifest = _unpack(data)
    if manifest["seal"] != _seal(manifest, secret):
        raise NotADossier("归档包的印记与本系统不符，不能在上面删除内容。")
    for comment_id in comment_ids:
        name = comment_file(comment_id)
        if name not in files:
            raise NotADossier(f"归档包里没有{comment_id}号意见。")
        files[name] = to_bytes({"id": comment_id, "text": ERASED})
        note = {
            "file": name,
            "before": manifest["files"][name],
            "after": _sha256(files[name]),
            "at": now.isoformat(),
            "reason": reason,
        }
        manifest["erasures"].append(note)
    return _pack(files, manifest, secret)


def _sentences(
    count: int,
    altered: list[str],
    missing: list[str],
    added: list[str],
    gone: list[str],
    is_sealed: bool | None,
) -> Iterator[str]:
    kept = count - len(altered) - len(missing) - len(gone)
    yield f"共{count}个文件，{kept}个与归档时一致。"
    if gone:
        yield f"{len(gone)}个文件的内容已按申请删除，删除有记录。"
    if altered:
        yield f"{len(altered)}个文件归档后被改动：{'、'.join(altered[:5])}。"
    if missing:
        yield f"{len(missing)}个文件缺失：{'、'.join(missing[:5])}。"
    if added:
        yield f"{len(added)}个文件不在清单中：{'、'.join(added[:5])}。"
    if is_sealed is None:
        yield "没有核对清单的印记，因为没有提供本系统的密钥。"
    elif not is_sealed:
        yield "清单的印记与本系统不符，清单可能被重新制作过。"


# --- The file ------------------------------------------------------------------------------------


def _pack(files: Mapping[str, bytes], manifest: dict[str, Any], secret: bytes) -> bytes:
    manifest["seal"] = _seal(manifest, secret)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(name, data)
        archive.writestr(MANIFEST, to_bytes(manifest))
    return timeless(out.getvalue())


def _unpack(data: bytes) -> tuple[dict[str, bytes], dict[str, Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > SIZE_LIMIT:
                raise NotADossier("归档包解开后太大，没有打开。")
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files.pop(MANIFEST))
        if manifest["format"] != FORMAT:
            raise KeyError("format")
        manifest["files"], manifest["erasures"], manifest["seal"]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, OSError) as error:
        if isinstance(error, NotADossier):
            raise
        raise NotADossier("这个文件不是归档包，或者已经损坏。") from error
    return files, manifest


def _seal(manifest: Mapping[str, Any], secret: bytes) -> str:
    bare = {key: value for key, value in manifest.items() if key != "seal"}
    text = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return keyed_hash(secret, "dossier", text)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
