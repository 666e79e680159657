"""Decisions by workbook: out masked, back in with preview, conflicts, errors and one undo."""

import io

import openpyxl
from sqlmodel import Session, col, select

from backend.models import Comment, Disposition, Handling, Outcome
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.page import ORIGIN, Browser, Page

PHONE = "13800138000"


def exported(browser: Browser, office: Office, q: str = "") -> openpyxl.Workbook:
    form = browser.open(f"{office.path}/sheet?q={q}").form("/sheet/export")
    answer = browser.post(form.action, data=form.values, headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert PHONE.encode() not in answer.content
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def uploaded(browser: Browser, office: Office, book: openpyxl.Workbook, status: int = 200) -> Page:
    out = io.BytesIO()
    book.save(out)
    form = browser.open(f"{office.path}/sheet").form("/sheet")
    return browser.press(form, files={"file": ("结论.xlsx", out.getvalue())}, status=status)


def column(book: openpyxl.Workbook, title: str) -> int:
    heads = [cell.value for cell in book.active[1]]
    return heads.index(title) + 1


def fill(book: openpyxl.Workbook, line: int, **cells: str) -> None:
    for title, value in cells.items():
        book.active.cell(line, column(book, title), value)


def test_decisions_go_out_and_come_back_with_conflicts_and_errors_row_by_row(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    comments = [
        office.receive(f"第{n}条意见，请打{PHONE}", masked=f"第{n}条意见，请打138****8000")
        for n in range(7)
    ]
    earlier, unread = comments[4], office.receive(f"还没有读，{PHONE}")
    session.commit()
    browser = sign_in("shen")
    page = browser.open(f"{office.path}/comments/{earlier.id}")
    browser.press(page.form("/decide").fill(outcome="noted", reason="早先的理由。"))
    book = exported(browser, office, "状态:全部")
    sheet = book.active
    assert sheet.max_row == 9
    assert sheet.cell(9, column(book, "编号")).value == unread.id
    assert sheet.cell(6, column(book, "理由")).value == "早先的理由。"
    assert not [c for row in sheet for c in row if c.data_type == "f" or c.hyperlink]
    fill(book, 2, 结论="未采纳", 理由="=1+1 不是公式。")
    fill(book, 3, 结论="采纳", 改在哪一节="第二节 停车")
    fill(book, 4, 结论="未采纳")
    fill(book, 5, 结论="以后再说", 理由="不认识的结论")
    fill(book, 6, 结论="部分采纳", 理由="改主意了。")
    fill(book, 7, 结论="留作参考", 理由="表格里的理由。")
    fill(book, 8, 理由="忘了选结论")
    meanwhile = browser.open(f"{office.path}/comments/{comments[5].id}")
    browser.press(meanwhile.form("/decide").fill(outcome="not_adopted", reason="同事的理由。"))
    page = uploaded(browser, office, book)
    for words in (
        "将要保存：3 行", "没有动过：1 行", "冲突，不采用：1 行", "有错，不采用：3 行",
        "同事的理由。", "表格里的理由。", "请写明理由", "没有“以后再说”这个结论", "没有选结论",
    ):  # fmt: skip
        assert words in page.text, words
    session.rollback()
    assert len(session.exec(select(Disposition)).all()) == 2, "nothing before it is confirmed"
    page = browser.press(page.form("/start"))
    assert "已办理：3 条" in page.text
    session.rollback()
    session.expire_all()
    standing = select(Disposition).where(col(Disposition.superseded_at).is_(None))
    rows = {row.comment_id: row for row in session.exec(standing)}
    assert rows[comments[0].id or 0].reason == "=1+1 不是公式。"
    assert rows[comments[1].id or 0].change_section_key == "s4"
    assert rows[earlier.id or 0].outcome is Outcome.PARTLY_ADOPTED
    assert rows[comments[5].id or 0].reason == "同事的理由。"
    assert session.get_one(Comment, comments[2].id).handling is Handling.NEW
    browser.press(page.form("/undo"))
    session.rollback()
    session.expire_all()
    rows = {row.comment_id: row for row in session.exec(standing)}
    assert rows.keys() == {earlier.id, comments[5].id}
    assert rows[earlier.id or 0].reason == "早先的理由。"


def test_what_is_no_table_is_refused_with_a_sentence(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.receive("一条意见")
    session.commit()
    browser = sign_in("shen")
    form = browser.open(f"{office.path}/sheet").form("/sheet")
    assert "请先选择" in browser.press(form, status=422).text
    page = browser.press(form, files={"file": ("a.xlsx", b"PK\x03\x04broken")}, status=422)
    assert "读不出来" in page.text
    page = browser.press(form, files={"file": ("a.csv", "甲,乙\n1,2\n".encode())}, status=422)
    assert "缺少“编号”" in page.text
    book = exported(browser, office)
    fill(book, 2, 结论="留作参考", 理由="好。", 版本="x")
    book.active.append([999_999, 1])
    book.active.append(["三", 1])
    page = uploaded(browser, office, book)
    for words in ("“版本”被改动过", "不归您办理", "“编号”不是数字", "没有可以保存的行"):
        assert words in page.text
