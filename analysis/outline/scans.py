"""Pages of a scan: what a machine read must be compared, what nobody read must be supplied."""

from collections.abc import Sequence

from analysis.contracts import PlanWarning
from analysis.documents import Document
from analysis.outline.sections import Outline

_MOST = 20


def scan_warnings(document: Document, outline: Outline) -> list[PlanWarning]:
    """One warning per page read by machine (one for all of a long scan), one for the pictures."""
    found: list[PlanWarning] = []
    pages = document.recognised
    places: dict[int, str] = {}
    for paragraph in outline.paragraphs:
        if paragraph.line.page:
            places.setdefault(paragraph.line.page, paragraph.passage.id)
    if len(pages) > _MOST:
        message = f"{_said(pages)}（共 {len(pages)} 页）由机器识别，请与原件逐页核对"
        found.append(PlanWarning("machine_read", message, passage=places.get(pages[0])))
    else:
        found.extend(
            PlanWarning("machine_read", f"第 {n} 页由机器识别，请与原件核对", passage=places.get(n))
            for n in pages
        )
    if document.images:
        message = f"{_said(document.images)}只有图片，没有读取其中的文字"
        found.append(PlanWarning("image_page", message))
    return found


def _said(pages: Sequence[int]) -> str:
    """第 3、5–7 页."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    spans = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"第 {'、'.join(spans[:12])}{' 等' if len(spans) > 12 else ''} 页"
