"""批量导入: lists become sendings, once each; what cannot be read is said row by row."""

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from sqlmodel import Session, col, select

from backend import jobs
from backend.kit.db import Database
from backend.models import (
    AuditEntry,
    Channel,
    Comment,
    Contact,
    Handling,
    ImportBatch,
    ImportRow,
    PlanVersion,
    Role,
    RowResult,
    Submission,
)
from backend.plans import service as plans
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.page import Browser, Page

HEADS = ["工单编号", "受理时间", "来电人", "联系电话", "诉求内容", "涉及章节", "办理单位"]
ROWS: list[list[Any]] = [
    ["SH001", datetime(2026, 11, 16, 9, 30), "王先生", 13800000001, "巴士太少，常等。", "公交", ""],
    ["SH002", "2026年11月17日", "李女士", "021-60000001", "停车位不够。", "停车", ""],
    ["SH003", 46345, "", "", "支持更新规划。", "", ""],
    ["SH004", "上个月", "", "", "日期写错的一行。", "", ""],
    ["SH005", "2026-11-18", "", "", "", "公交", ""],
    [None] * 7,
    ["SH006", "2026-11-18", "", "", '=HYPERLINK("http://evil.example","点我")', "", ""],
    ["SH007", "2026-11-18", "<b>某</b>", "", "<script>alert(1)</script>{{7*7}}", "飞机场", ""],
    ["SH008", "2026-11-18", "", "", "长" * 6000, "", ""],
    ["SH001", datetime(2026, 11, 16, 9, 30), "王先生", 13800000001, "巴士太少，常等。", "公交", ""],
]  # fmt: skip


@pytest.fixture
def desk(office: Office, sign_in: SignIn) -> Browser:
    office.hire("hanxm", Role.CLERK)
    version = office.session.get_one(PlanVersion, office.plan_version_id)
    plans.confirm(office.session, version, None, now=version.created_at)
    office.session.commit()
    return sign_in("hanxm")


def workbook(rows: list[list[Any]], *, title: str = "12345市民服务热线工单清单") -> bytes:
    """A list as an office sends it: a merged title line, headings, rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(rows[0]))
    for row in rows:
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def upload(
    browser: Browser, office: Office, data: bytes, name: str = "清单.xlsx", *, status: int = 200
) -> Page:
    form = browser.open(f"{office.path}/registry/imports").form("/imports")
    form.values.pop("files", None)
    return browser.press(
        form, files=[("files", (name, data, "application/octet-stream"))], status=status
    )


def register(browser: Browser, page: Page, **values: str) -> Page:
    form = page.form("/columns").fill(**values)
    form.values["action"] = "import"
    return browser.press(form)


def work(database: Database, office: Office) -> None:
    jobs.run_now("import-lists", database, office.settings)


def imported(
    browser: Browser, office: Office, database: Database, data: bytes, name: str = "清单.xlsx"
) -> Page:
    page = register(browser, upload(browser, office, data, name))
    work(database, office)
    return browser.open(page.path)


def results(session: Session) -> dict[int, tuple[str, str]]:
    session.rollback()
    batch = session.exec(select(ImportBatch).order_by(col(ImportBatch.id).desc())).first()
    assert batch is not None
    rows = session.exec(
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.number > batch.header_row)
        .order_by(col(ImportRow.number))
    ).all()
    return {row.number: (row.result.value, row.reason) for row in rows}


def test_a_list_of_the_hotline_becomes_sendings_with_its_errors_said(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    page = upload(desk, office, workbook([HEADS, *ROWS]))
    values = page.form("/columns").values
    assert values["header_row"] == "2" and values["channel"] == "list_12345"
    guessed = [values[f"column-{n}"] for n in range(7)]
    assert guessed == ["number", "received_on", "name", "phone", "text", "about", ""]
    assert "6行可以登记" in page.text.replace(" ", "") and "看不懂，请写成" in page.text
    assert session.exec(select(Submission)).all() == [], "nothing before it was looked at"

    page = register(desk, page)
    assert "正在登记" in page.text
    work(database, office)
    page = desk.open(page.path)
    assert results(session) == {
        3: ("imported", ""),
        4: ("imported", ""),
        5: ("imported", ""),
        6: ("refused", "收到日期“上个月”看不懂，请写成 2026-11-22"),
        7: ("refused", "没有意见内容"),
        9: ("imported", ""),
        10: ("imported", "没有找到“飞机场”是哪一处，按整个规划登记"),
        11: ("refused", "意见最多5000字，现在是6000字，请删减1000字"),
        12: ("duplicate", results(session)[12][1]),
    }
    assert "已登记过，受理编号" in results(session)[12][1]
    said = dict(
        session.exec(
            select(Comment.text, Submission).join(
                Submission, col(Submission.id) == Comment.submission_id
            )
        ).all()
    )
    assert len(said) == 5
    assert '=HYPERLINK("http://evil.example","点我")' in said, "a formula is its own words"
    first = said["巴士太少，常等。"]
    assert (first.channel, first.import_batch) == (Channel.LIST_12345, "1")
    assert first.transcribed_by_id == office.officers["hanxm"].id
    assert said["支持更新规划。"].received_at.date() == date(2026, 11, 19), "an Excel number"
    keys = dict(session.exec(select(Comment.text, Comment.anchor_key)).all())
    assert (keys["巴士太少，常等。"], keys["停车位不够。"]) == ("s3", "s4")
    assert len(session.exec(select(Contact)).all()) == 3
    assert "import.confirm" in session.exec(select(AuditEntry.action)).all()
    assert "<script>" not in page.html.replace("<script src", "")


def test_the_refused_rows_are_corrected_and_imported_again(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    page = imported(desk, office, database, workbook([HEADS, *ROWS]))
    link = next(a.get("href") for a in page.all("main a") if a.get("href").endswith(".xlsx"))
    answer = desk.get(link)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    assert sheet is not None
    rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [*HEADS, "没有登记的原因"] and len(rows) == 4
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    sheet["B2"], sheet["E3"], sheet["E4"] = "2026-11-15", "补上的内容。", "改短了。"
    data = io.BytesIO()
    book.save(data)
    imported(desk, office, database, data.getvalue(), "改好的.xlsx")
    assert [result for result, _ in results(session).values()] == ["imported"] * 3
    assert len(session.exec(select(Submission)).all()) == 8


def test_the_same_list_again_changes_nothing(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    anonymous = [["意见", "日期"], ["多种树。", "2026-11-18"], ["多种树。", "2026-11-18"]]
    data = workbook(anonymous, title="座谈会记录")
    imported(desk, office, database, data)
    assert [r for r, _ in results(session).values()] == ["imported", "imported"], "two people"
    imported(desk, office, database, data, "同一份.xlsx")
    assert [r for r, _ in results(session).values()] == ["duplicate", "duplicate"]
    assert len(session.exec(select(Submission)).all()) == 2


def test_a_batch_is_taken_back_except_what_was_decided(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    rows = [["意见内容", "电话"], *[[f"第{n}点意见，请研究。", f"1380000000{n}"] for n in range(4)]]
    page = imported(desk, office, database, workbook(rows))
    session.rollback()
    decided = session.exec(select(Comment).order_by(col(Comment.id))).first()
    assert decided is not None
    decided.handling = Handling.DECIDED
    session.add(decided)
    session.commit()
    desk.press(page.form("/undo"))
    work(database, office)
    assert [r for r, _ in results(session).values()] == ["kept", "undone", "undone", "undone"]
    sent = session.exec(select(Submission).order_by(col(Submission.id))).all()
    assert [row.withdrawn_at is not None for row in sent] == [False, True, True, True]
    receipt = desk.open(f"/receipts/{sent[1].receipt_code}/{sent[1].receipt_token}")
    assert "已撤回" in receipt.text
    imported(desk, office, database, workbook(rows), "再来.xlsx")
    again = [r for r, _ in results(session).values()]
    assert again == ["duplicate", "imported", "imported", "imported"]


def test_what_the_columns_meant_is_remembered_by_the_organisation(
    office: Office, desk: Browser, database: Database
) -> None:
    rows = [["题一", "题二", "谁"], ["多设座椅。", "路灯要亮。", "赵"], ["步道要宽。", "", "钱"]]
    page = upload(desk, office, workbook(rows, title="问卷"))
    form = page.form("/columns")
    form.values["action"] = "import"
    page = desk.press(form, status=422)
    assert "至少指定一列" in page.text
    register(desk, page, **{"column-0": "text", "column-1": "text", "column-2": "name"})
    work(database, office)
    more = [["谁", "题二", "题一"], ["孙", "加一盏灯。", "加两张椅子。"]]
    values = upload(desk, office, workbook(more), "第二份.xlsx").form("/columns").values
    assert [values[f"column-{n}"] for n in range(3)] == ["name", "text", "text"]


def test_several_columns_of_opinions_are_several_points(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    rows = [["题一", "题二"], ["多设座椅。", "路灯要亮。"], ["步道要宽。", ""]]
    page = upload(desk, office, workbook(rows, title="问卷"))
    register(desk, page, **{"column-0": "text", "column-1": "text"})
    work(database, office)
    session.rollback()
    ordinals = session.exec(select(Comment.ordinal).order_by(col(Comment.id))).all()
    assert list(ordinals) == [1, 2, 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_of_any_usual_kind_is_read(
    office: Office, desk: Browser, database: Database, session: Session,
    encoding: str, delimiter: str,
) -> None:  # fmt: skip
    text = delimiter.join(["反映内容", "来电时间", "手机号"]) + "\r\n"
    text += delimiter.join(['"路灯暗，\r\n晚上看不清"', "2026/11/3", "13900000000"]) + "\r\n\r\n"
    imported(desk, office, database, text.encode(encoding), "来电.csv")
    assert results(session) == {2: ("imported", "")} or results(session) == {3: ("imported", "")}
    assert session.exec(select(Comment.text)).one() == "路灯暗，\n晚上看不清"


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "空.csv", "空的"),
        (b"\xd0\xcf\x11\xe0old", "旧.xls", "另存为 .xlsx"),
        (b"PK\x03\x04broken", "坏.xlsx", "读不出来"),
        (b"MZ", "程序.exe", "只能导入"),
        (b"\n\n , \n", "空行.csv", "空的"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(
    office: Office, desk: Browser, data: bytes, name: str, sentence: str
) -> None:
    page = upload(desk, office, data, name, status=422)
    assert sentence in page.text and page.title.startswith("错误：")


def test_cells_of_a_megabyte_and_stray_lines_far_below_do_no_harm(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    rows = f"意见内容,姓名\n{'大' * 400_000},甲\n正常的一条意见。,{'名' * 300_000}\n"
    imported(desk, office, database, rows.encode(), "大.csv")
    assert [r for r, _ in results(session).values()] == ["refused", "imported"]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A2"], sheet["A1048576"] = "意见内容", "第一行。", "最后一行。"
    data = io.BytesIO()
    book.save(data)
    imported(desk, office, database, data.getvalue(), "很长.xlsx")
    assert [r for r, _ in results(session).values()] == ["imported", "imported"]


def test_a_merged_cell_speaks_for_all_its_rows(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["发言人", "发言内容"], ["周代表", "第一点：加装电梯。"], [None, "第二点：修路。"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    data = io.BytesIO()
    book.save(data)
    imported(desk, office, database, data.getvalue(), "座谈会.xlsx")
    assert results(session) == {2: ("imported", ""), 3: ("imported", "")}
    assert len(session.exec(select(Contact)).all()) == 2
    assert session.exec(select(Submission.channel)).all()[0] is Channel.MEETING


def test_a_list_of_another_consultation_does_not_exist_here(
    office: Office, desk: Browser, session: Session
) -> None:
    batch = ImportBatch(
        consultation_id=_other(office, session),
        officer_id=office.officers["hanxm"].id or 0,
        file_name="别人的.xlsx",
        sha256="0" * 64,
        created_at=datetime.fromisoformat("2026-11-22T00:00:00+00:00"),
    )
    session.add(batch)
    session.commit()
    for end in ("", "/progress", "/refused.xlsx"):
        desk.open(f"{office.path}/registry/imports/{batch.id}{end}", status=404)


def _other(office: Office, session: Session) -> int:
    from tests.features.office import found

    other = found(session, office.settings, slug="elsewhere")
    return other.consultation.id or 0


def test_a_job_that_stopped_half_way_goes_on(
    office: Office, desk: Browser, database: Database, session: Session
) -> None:
    rows = [["意见内容"], *[[f"第{n}条不同的意见。"] for n in range(5)]]
    register(desk, upload(desk, office, workbook(rows)))
    work(database, office)
    batch = session.exec(select(ImportBatch)).one()
    last = session.exec(select(ImportRow).order_by(col(ImportRow.id).desc())).first()
    assert last is not None
    batch.finished_at, last.result = None, RowResult.WAITING
    session.add(batch)
    session.add(last)
    session.commit()
    work(database, office)
    assert len(session.exec(select(Submission)).all()) == 5, "no row twice"
