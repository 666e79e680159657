"""Taking backups: one at a time, never half a one, never filling the disk comments arrive on."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import structlog

from backend.kit import migrations
from backend.kit.db import Database
from backend.kit.sealing import keyed_hash
from backend.kit.settings import Settings
from backend.safekeeping import engines, manifest, rules
from backend.safekeeping.manifest import BackupRefused, KeptFile, Manifest, Part

log = structlog.get_logger()
LEFT_FREE = 500_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """A new backup; `copied` files were new since the backup before."""

    folder: Path
    manifest: Manifest
    files: int
    copied: int
    removed: int


def home_of(settings: Settings) -> Path:
    """Where scheduled backups lie."""
    return settings.backup_dir or settings.data_dir / "backups"


def take_when_due(database: Database, settings: Settings, *, now: datetime) -> Taken | None:
    """The scheduled backup. Of several workers one takes it: the others find it taken."""
    home = home_of(settings)
    if not _due(home, settings, now):
        return None
    with _alone(home, wait=False) as is_alone:
        if not is_alone or not _due(home, settings, now):
            return None
        return _take(database, settings, home, now)


def take(
    database: Database, settings: Settings, *, now: datetime, home: Path | None = None
) -> Taken:
    """A backup now; waits for one that is being taken."""
    chosen = home or home_of(settings)
    with _alone(chosen, wait=True):
        return _take(database, settings, chosen, now)


def _due(home: Path, settings: Settings, now: datetime) -> bool:
    made = manifest.backups_in(home)
    last = manifest.moment_of(made[-1]) if made else None
    return rules.is_due(last, settings.backup_minutes, now)


def _take(database: Database, settings: Settings, home: Path, now: datetime) -> Taken:
    for stale in home.glob(".taking-*"):
        shutil.rmtree(stale)
    revision = migrations.current_revision(database.engine)
    if revision is None:
        raise BackupRefused("数据库还没有建立，没有可以备份的内容。请先运行 zhengxun migrate。")
    _refuse_full_disk(database, settings, home)
    made = manifest.backups_in(home)
    folder = home / f".taking-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        content, kept, copied = _fill(database, settings, home, folder, now, revision)
        target = home / _free_name(home, now)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sync(home)
    removed = _thin_out(home, [*made, target], settings, now)
    log.info("backup_taken", name=target.name, files=len(kept), copied=copied, removed=removed)
    return Taken(target, content, len(kept), copied, removed)


def _fill(
    database: Database, settings: Settings, home: Path, folder: Path, now: datetime, revision: str
) -> tuple[Manifest, list[KeptFile], int]:
    # The database first: a file is on the disk before a row speaks of it, so whatever the copy
    # speaks of is found afterwards, unless it was erased meanwhile.
    engine = "sqlite" if settings.is_sqlite else "postgresql"
    name = "zhengxun.db" if settings.is_sqlite else "zhengxun.dump"
    counts = engines.copy_out(database, settings, folder / name)
    secret = settings.secret()
    if settings.secret_key is None:
        (folder / manifest.KEY).write_bytes((settings.data_dir / manifest.KEY).read_bytes())
    kept, copied = _keep_files(settings, home)
    manifest.write_files(folder / manifest.FILES, kept)
    parts = {}
    for path in sorted(folder.iterdir()):
        path.chmod(0o600)
        _sync(path)
        parts[path.name] = Part(path.stat().st_size, manifest.hash_of(path))
    content = Manifest(
        made_at=now,
        version=version("zhengxun"),
        revision=revision,
        engine=engine,
        key_hash=key_hash(secret),
        counts=counts,
        parts=parts,
    )
    manifest.write(folder, content)
    _sync(folder / manifest.MANIFEST)
    return content, kept, copied


def key_hash(secret: bytes) -> str:
    """Tells whether two installations have the same secret, and nothing else about it."""
    return keyed_hash(secret, "backup", "zhengxun")


def _keep_files(settings: Settings, home: Path) -> tuple[list[KeptFile], int]:
    """Every file of the installation, those not yet among the objects copied there."""
    known = _last_files(home)
    kept, copied = [], 0
    for path in _files(settings.data_dir):
        try:
            name, now = path.relative_to(settings.data_dir).as_posix(), path.stat()
            before = known.get(name)
            if before and _is_unchanged(before, now, home):
                kept.append(before)
                continue
            sha256, size, is_new = _keep_object(path, home)
        except FileNotFoundError:
            continue  # Erased while we looked.
        kept.append(KeptFile(name, size, sha256, now.st_mtime_ns))
        copied += is_new
    return kept, copied


def _is_unchanged(before: KeptFile, now: os.stat_result, home: Path) -> bool:
    """Then it is not read again, if its copy is still there."""
    if (before.size, before.changed_ns) != (now.st_size, now.st_mtime_ns):
        return False
    return _has_size(manifest.object_path(home, before.sha256), before.size)


def _files(data_dir: Path) -> Iterator[Path]:
    for folder in manifest.FOLDERS:
        for path in sorted((data_dir / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != ".part":
                yield path


def _keep_object(path: Path, home: Path) -> tuple[str, int, bool]:
    """Copy, then hash the copy. No hard links: damage to the original must not reach the copy."""
    arriving = home / "objects" / f".arriving-{os.getpid()}"
    arriving.parent.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(path, arriving)
    sha256, size = manifest.hash_of(arriving), arriving.stat().st_size
    target = manifest.object_path(home, sha256)
    if _has_size(target, size) and manifest.hash_of(target) == sha256:
        arriving.unlink()
        return sha256, size, False
    arriving.chmod(0o600)
    _sync(arriving)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    arriving.replace(target)
    return sha256, size, True


def _last_files(home: Path) -> dict[str, KeptFile]:
    for folder in reversed(manifest.backups_in(home)):
        try:
            manifest.read(folder)
            return {file.path: file for file in manifest.read_files(folder)}
        except (OSError, ValueError):
            continue
    return {}


def _thin_out(home: Path, made: list[Path], settings: Settings, now: datetime) -> int:
    """Remove the backups past their time, then the objects that none of the others needs."""
    dated = [(manifest.moment_of(folder), folder) for folder in made]
    going = rules.superfluous(
        dated, keep=settings.backup_keep, days=settings.backup_keep_days, now=now
    )
    for folder in going:
        shutil.rmtree(folder)
    if not going:
        return 0
    try:
        needed = {
            file.sha256
            for folder in manifest.backups_in(home)
            for file in manifest.read_files(folder)
        }
    except (OSError, ValueError, TypeError):
        # A list that cannot be read may need anything: nothing is removed.
        log.warning("backup_objects_not_cleared")
        return len(going)
    for path in (home / "objects").glob("??/*"):
        if path.name not in needed:
            path.unlink()
    return len(going)


def _refuse_full_disk(database: Database, settings: Settings, home: Path) -> None:
    needed = engines.database_size(database, settings) + LEFT_FREE
    free = shutil.disk_usage(home).free
    if free < needed:
        raise BackupRefused(
            f"{home} 所在磁盘只剩 {free / 1e9:.1f} GB，备份后会不足 0.5 GB，没有备份。"
            "请清理磁盘，或者用 ZHENGXUN_BACKUP_DIR 换一个位置。"
        )


def _free_name(home: Path, now: datetime) -> str:
    name, number = manifest.name_of(now), 1
    while (home / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return name if number == 1 else f"{name}-{number}"


@contextmanager
def _alone(home: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the folder's lock; released by the system when the process dies."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
