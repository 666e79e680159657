"""Documents officials send: kept under their hash before anything reads them, so none is lost."""

import re
from dataclasses import dataclass

from fastapi import UploadFile

from analysis.contracts import ParsedPlan
from backend.kit.settings import Settings
from backend.kit.text import clean_line
from backend.plans import service as plans
from backend.plans.parsing import OnProgress, ScannedPlan, UnreadablePlan, parse_untrusted


@dataclass(frozen=True, slots=True)
class Arrived:
    """An uploaded document, kept under its hash and read."""

    name: str
    sha256: str
    plan: ParsedPlan


class KeptScan(ScannedPlan):
    """A scan, kept as `sha256`, that can be read by machine if the official wishes."""

    def __init__(self, message: str, sha256: str) -> None:
        super().__init__(message)
        self.sha256 = sha256


def read_upload(
    settings: Settings, file: UploadFile | None, note: OnProgress | None = None
) -> Arrived:
    """Keep the file, then read it; raises `UnreadablePlan` with a sentence."""
    data = b"" if file is None else file.file.read()
    if not data:
        raise UnreadablePlan("请选择规划文件。如果已经选择，这个文件是空的，请换一份。")
    if len(data) > settings.max_plan_mb * 1_000_000:
        raise UnreadablePlan(f"文件超过 {settings.max_plan_mb} MB，请去掉图片后另存再上传。")
    name, sha256 = kept_name(file) or "", plans.keep_file(settings.uploads_dir, data)
    path = settings.uploads_dir / sha256
    try:
        return Arrived(name, sha256, parse_untrusted(path, name, on_progress=note))
    except ScannedPlan as error:
        raise KeptScan(str(error), sha256) from error


def recognise(settings: Settings, sha256: str, name: str, note: OnProgress | None) -> Arrived:
    """Read a scan kept before, now by machine; raises `UnreadablePlan` with a sentence."""
    path = settings.uploads_dir / sha256
    if not re.fullmatch("[0-9a-f]{64}", sha256) or not path.is_file():
        raise UnreadablePlan("没有找到刚才保存的扫描件，请重新上传。")
    name = clean_line(name)[:255]
    plan = parse_untrusted(path, name, recognise=True, on_progress=note)
    return Arrived(name, sha256, plan)


def kept_name(file: UploadFile | None) -> str | None:
    """The name an upload came with, fit to be shown."""
    return clean_line(file.filename or "")[:255] or None if file is not None else None
