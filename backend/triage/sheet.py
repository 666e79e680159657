"""结论表: decisions out to a workbook and back in.

The workbook holds masked words only, each comment with its number and version. What comes back is
compared row by row with how things stand: rows nobody touched are left alone, rows that somebody
decided meanwhile are shown with both versions, and the rest becomes a bulk act with its preview,
a result for each and one undo.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import xlsxwriter
from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.clock import local
from backend.models import BulkRun, Comment, Disposition, Officer, Submission
from backend.triage import bulk, disposing, filters, rules, saving
from backend.triage.filters import Scope
from backend.triage.forms import DecisionForm
from backend.triage.plan import PlanIndex
from backend.web.errors import Refused
from backend.web.labels import LABELS, label

NUMBER, VERSION = "编号", "版本"
OUTCOME, REASON, SECTION, PLACE, REPLY = "结论", "理由", "改在哪一节", "文本中的位置", "答复"
# Title and width in characters; the last five are for the official to fill in.
COLUMNS = {
    NUMBER: 8, VERSION: 6, "收到日期": 12, "渠道": 10, "针对": 24, "意见内容": 60, "状态": 9,
    OUTCOME: 11, REASON: 40, SECTION: 24, PLACE: 24, REPLY: 40,
}  # fmt: skip
NOT_MASKED = "（还没有完成个人信息遮盖，请在网页上查看）"
CELL_LIMIT = 32_000
_WORDS = {word: value for value, word in LABELS["outcome"].items()}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one row of an uploaded table comes to: `change`, `same`, `conflict` or `error`."""

    line: int
    comment_id: int | None
    kind: str
    message: str = ""
    given: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)


# --- Out -----------------------------------------------------------------------------------------


def export(
    session: Session, officer: Officer, scope: Scope, ids: Sequence[int], query: str, *,
    now: datetime,
) -> bytes:  # fmt: skip
    """A workbook of these comments; making it is recorded."""
    if len(ids) > bulk.LIMIT:
        raise Refused(f"一次最多导出 {bulk.LIMIT} 条，现在是 {len(ids)} 条，请先缩小范围。")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("结论表")
    head = book.add_format({"bold": True, "bg_color": "#F4F1EA", "border": 1, "text_wrap": True})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    for number, (title, width) in enumerate(COLUMNS.items()):
        page.set_column(number, number, width, text)
        page.write_string(0, number, title, head)
    line = 0
    for line, cells in enumerate(_rows(session, scope, ids), start=1):
        for number, cell in enumerate(cells):
            if isinstance(cell, int):
                page.write_number(line, number, cell, text)
            else:
                page.write_string(line, number, cell[:CELL_LIMIT], text)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(line, 1), len(COLUMNS) - 1)
    at = list(COLUMNS).index(OUTCOME)
    page.data_validation(1, at, max(line, 1), at, {"validate": "list", "source": list(_WORDS)})
    book.close()
    audit.record(
        session, officer, "desk.export", "consultation", scope.consultation_id,
        {"count": line, "query": query}, now=now,
    )  # fmt: skip
    return out.getvalue()


def _rows(session: Session, scope: Scope, ids: Sequence[int]) -> Iterable[tuple[str | int, ...]]:
    for comment, submission, decision in _standing(session, scope, ids):
        place = comment.anchor_section_key
        yield (
            comment.id or 0,
            comment.version,
            f"{local(comment.received_at):%Y-%m-%d}",
            label("channel", submission.channel),
            scope.plan.path_of(place) or "整个规划",
            comment.masked_text or NOT_MASKED,
            label("handling", comment.handling),
            *_cells(decision, scope.plan).values(),
        )


def _cells(decision: Disposition | None, plan: PlanIndex) -> dict[str, str]:
    """The five columns an official fills in, as they stand."""
    if decision is None:
        return dict.fromkeys((OUTCOME, REASON, SECTION, PLACE, REPLY), "")
    key = decision.change_section_key
    return {
        OUTCOME: label("outcome", decision.outcome),
        REASON: decision.reason,
        SECTION: plan.sections[key].name if key and key in plan.sections else "",
        PLACE: decision.change_place,
        REPLY: decision.reply,
    }


def _standing(
    session: Session, scope: Scope, ids: Sequence[int]
) -> Iterable[tuple[Comment, Submission, Disposition | None]]:
    for start in range(0, len(ids), 500):
        statement = (
            select(Comment, Submission, Disposition)
            .join(Submission, col(Submission.id) == Comment.submission_id)
            .join(
                Disposition,
                (col(Disposition.comment_id) == col(Comment.id))
                & col(Disposition.superseded_at).is_(None),
                isouter=True,
            )
            .where(filters.visible(scope), col(Comment.id).in_(ids[start : start + 500]))
            .order_by(col(Comment.id))
        )
        yield from session.exec(statement)


# --- In ------------------------------------------------------------------------------------------


def take(
    session: Session,
    officer: Officer,
    scope: Scope,
    rows: Sequence[tuple[int, Sequence[str]]],
    name: str,
    *,
    now: datetime,
) -> BulkRun:
    """Compare a table with how things stand and write down what it would change; change nothing."""
    findings = compare(session, scope, rows)
    changes = [one for one in findings if one.kind == "change"]
    kept = [asdict(one) for one in findings if one.kind in ("conflict", "error")]
    tally = {kind: sum(one.kind == kind for one in findings) for kind in ("same", "change")}
    run = BulkRun(
        consultation_id=scope.consultation_id,
        officer_id=officer.id or 0,
        action="sheet",
        query=name[:200],
        form={"action": "sheet", "findings": kept, "same": tally["same"], "file": name[:200]},
        created_at=now,
    )
    versions = dict(
        session.exec(
            select(Comment.id, Comment.version).where(
                Comment.consultation_id == scope.consultation_id
            )
        ).all()
    )
    items = [
        (one.comment_id, versions[one.comment_id], one.given)
        for one in changes
        if one.comment_id is not None
    ]
    run = bulk.write_down(session, run, items)
    audit.record(
        session, officer, "bulk_run.sheet", "bulk_run", run.id,
        {"count": len(items), "file": name[:200]}, now=now,
    )  # fmt: skip
    return run


def compare(
    session: Session, scope: Scope, rows: Sequence[tuple[int, Sequence[str]]]
) -> list[Finding]:
    """A finding for every row below the headings; raises `Refused` when there are no headings."""
    if not rows:
        raise Refused("表格是空的。请上传从这里导出、填好结论的表格。")
    heads = [cell.strip() for cell in rows[0][1]]
    missing = [title for title in (NUMBER, VERSION, OUTCOME, REASON) if title not in heads]
    if missing:
        raise Refused(f"表格第一行缺少“{'”“'.join(missing)}”列。请用从这里导出的表格填写。")
    if len(rows) - 1 > bulk.LIMIT:
        raise Refused(f"一次最多导入 {bulk.LIMIT} 行，现在是 {len(rows) - 1} 行，请分几次导入。")
    typed = [
        (line, dict(zip(heads, [cell.strip() for cell in cells], strict=False)))
        for line, cells in rows[1:]
    ]
    ids = sorted({int(row[NUMBER]) for _, row in typed if _is_number(row.get(NUMBER, ""))})
    known = {
        comment.id: (comment, decision) for comment, _, decision in _standing(session, scope, ids)
    }
    seen: set[int] = set()
    return [_finding(line, row, known, scope.plan, seen) for line, row in typed]


def _finding(
    line: int,
    row: Mapping[str, str],
    known: Mapping[int | None, tuple[Comment, Disposition | None]],
    plan: PlanIndex,
    seen: set[int],
) -> Finding:
    """What one row comes to; `seen` collects the numbers that stood in rows above."""
    if not _is_number(row.get(NUMBER, "")):
        return Finding(line, None, "error", "“编号”不是数字，认不出是哪条意见。")
    number = int(row[NUMBER])
    if number in seen:
        return Finding(line, number, "error", "这个编号在前面的行里已经出现过，没有重复采用。")
    seen.add(number)
    if number not in known:
        return Finding(line, number, "error", "没有这条意见，或者它不归您办理。")
    comment, decision = known[number]
    now = _cells(decision, plan)
    given = {title: row.get(title, now[title]) for title in now}
    if given == now:
        return Finding(line, number, "same")
    if not given[OUTCOME]:
        sentence = (
            "结论是空的。撤销结论请在网页上办理。" if decision else "填了内容，但没有选结论。"
        )
        return Finding(line, number, "error", sentence, given, now)
    if not _is_number(row.get(VERSION, "")):
        return Finding(line, number, "error", "“版本”被改动过，请重新导出后再填。", given, now)
    if int(row[VERSION]) != comment.version:
        message = "导出以后有同事改过这条意见，没有采用表格里的结论。"
        return Finding(line, number, "conflict", message, given, now)
    try:
        return Finding(line, number, "change", given=_decision(given, comment, plan))
    except saving.Incomplete as error:
        return Finding(line, number, "error", error.message, given, now)
    except Refused as error:
        return Finding(line, number, "error", error.message, given, now)


def _decision(given: Mapping[str, str], comment: Comment, plan: PlanIndex) -> dict[str, str]:
    """The fields of a decision form, checked as the form on the page is."""
    if given[OUTCOME] not in _WORDS:
        raise Refused(f"没有“{given[OUTCOME]}”这个结论，可以填：{'、'.join(_WORDS)}。")
    key = ""
    if given[SECTION]:
        found = [one.key for one in plan.sections.values() if given[SECTION] == one.name]
        found = found or plan.find_sections(given[SECTION])
        if len(found) != 1:
            raise Refused(f"认不出“{given[SECTION]}”是哪一节，请写章节的编号或全称。")
        key = found[0]
    problem = rules.reason_not_to_decide(comment)
    if problem is not None:
        raise Refused(problem)
    fields = {
        "outcome": _WORDS[given[OUTCOME]],
        "reason": given[REASON],
        "change_section_key": key,
        "change_place": given[PLACE],
        "reply": given[REPLY],
    }
    disposing.checked(DecisionForm(version=comment.version, **fields), plan)
    return fields


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.isdecimal() and len(cell) < 12
