"""登记来件: a clerk types in letters, calls and meetings; the sender gets a slip."""

import io
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from backend.kit.clock import end_of
from backend.models import (
    Attachment,
    AuditEntry,
    Channel,
    Comment,
    Contact,
    Neighbourhood,
    ProxyConsent,
    Role,
    Scan,
    Submission,
)
from backend.plans import service as plans
from backend.submissions.paper import form_code
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.page import Browser, Page

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d4944415478da63fcffff3f0300050001ff5ca3c3d50000000049454e44ae426082"
)


@pytest.fixture
def desk(office: Office, sign_in: SignIn) -> Browser:
    """The clerk's browser; the plan is confirmed."""
    office.hire("hanxm", Role.CLERK)
    _confirm(office)
    office.session.commit()
    return sign_in("hanxm")


def _confirm(office: Office) -> None:
    from backend.models import PlanVersion

    version = office.session.get_one(PlanVersion, office.plan_version_id)
    plans.confirm(office.session, version, None, now=version.created_at)


def entry(browser: Browser, office: Office, query: str = "") -> Page:
    return browser.open(f"{office.path}/registry/entry{query}")


def submit(browser: Browser, page: Page, action: str = "save", **values: str) -> Page:
    form = page.form("/entry").fill(**values)
    form.values["action"] = action
    return browser.press(form)


def test_a_letter_with_three_points_becomes_one_sending(
    office: Office, desk: Browser, session: Session
) -> None:
    page = entry(desk, office)
    page = submit(
        desk, page, "add",
        **{"text-0": "巴士太少。", "about-0": "社区巴士", "posted_on": "2026-11-20"},
    )  # fmt: skip
    assert page.one("#text-1").get("autofocus") is not None
    page = submit(
        desk, page, "add", **{"text-1": "停车位再多一些。", "about-1": "指标：新增公共停车泊位"}
    )
    page = submit(
        desk, page,
        **{"text-2": "总的来说支持。", "name": "王阿婆", "phone": "138 0000 0000"},
    )  # fmt: skip
    sent = session.exec(select(Submission)).one()
    assert page.path.endswith(f"/registry/entries/{sent.id}")
    assert sent.receipt_code[:4] in page.text and sent.look_up_code[:3] in page.text
    assert "1件，3条" in page.text
    comments = session.exec(select(Comment).order_by(col(Comment.ordinal))).all()
    assert [(c.ordinal, c.anchor_key, c.anchor_section_key) for c in comments] == [
        (1, "t1", "s3"),
        (2, "i2", "s4"),
        (3, None, None),
    ]
    clerk = office.officers["hanxm"]
    assert (sent.channel, sent.transcribed_by_id) == (Channel.LETTER, clerk.id)
    assert f"{sent.posted_on}" == "2026-11-20" and sent.entered_at is not None
    contact = session.exec(select(Contact)).one()
    assert contact.sealed_name and "王阿婆" not in contact.sealed_name and contact.phone_hash
    acts = session.exec(select(AuditEntry.action)).all()
    assert "submission.enter" in acts


def test_the_same_form_twice_is_one_sending(
    office: Office, desk: Browser, session: Session
) -> None:
    form = entry(desk, office).form("/entry").fill(**{"text-0": "路灯太暗。"})
    form.values["action"] = "save"
    first = desk.press(form).path
    assert desk.press(form).path == first
    assert len(session.exec(select(Submission)).all()) == 1


def test_the_next_letter_opens_with_channel_and_date_kept(office: Office, desk: Browser) -> None:
    page = submit(
        desk, entry(desk, office), "next",
        **{"text-0": "来电反映站点太远。", "channel": "hotline", "received_on": "2026-11-18"},
    )  # fmt: skip
    assert "已登记，受理编号" in page.text
    values = page.form("/entry").values
    assert (values["channel"], values["received_on"]) == ("hotline", "2026-11-18")
    assert values["text-0"] == ""


def test_the_postmark_decides_whether_a_letter_is_late(
    office: Office, desk: Browser, session: Session, clock: Clock
) -> None:
    last_day = clock.now.date() - timedelta(days=3)
    office.consultation.closes_at = end_of(last_day)
    session.add(office.consultation)
    session.commit()
    arrived = f"{clock.now.date()}"
    for text, values in (
        ("邮戳在截止日以前", {"posted_on": f"{last_day}"}),
        ("邮戳在截止日以后", {"posted_on": f"{last_day + timedelta(days=1)}"}),
        ("没有邮戳", {}),
        ("电话不看邮戳", {"posted_on": f"{last_day}", "channel": "hotline"}),
    ):
        submit(desk, entry(desk, office), **({"text-0": text, "received_on": arrived} | values))
    late = dict(
        session.exec(
            select(Comment.text, Submission.is_late).join(
                Submission, col(Submission.id) == Comment.submission_id
            )
        ).all()
    )
    assert late == {
        "邮戳在截止日以前": False,
        "邮戳在截止日以后": True,
        "没有邮戳": True,
        "电话不看邮戳": True,
    }


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text-0": ""}, "请录入意见内容"),
        ({"received_on": "2026-11-30"}, "收到日期不能晚于今天"),
        ({"received_on": "昨天"}, "请填写收到日期"),
        ({"posted_on": "2026-11-22", "received_on": "2026-11-20"}, "邮戳日期不能晚于收到日期"),
        ({"posted_on": "2026-02-30"}, "请填写完整的邮戳日期"),
        ({"about-0": "飞机场"}, "规划里没有找到“飞机场”"),
        ({"about-0": "站"}, "符合不止一处"),
        ({"channel": "web"}, "请选择这件意见是怎样来的"),
        ({"phone": "不知道"}, "电话号码请只填数字"),
        ({"text-0": "很" * 5001}, "意见最多5000字"),
    ],
)
def test_what_is_wrong_comes_back_with_everything_typed(
    office: Office, desk: Browser, session: Session, values: dict[str, str], sentence: str
) -> None:
    form = entry(desk, office).form("/entry")
    form.fill(**({"text-0": "路灯太暗。", "name": "李伯伯"} | values))
    form.values["action"] = "save"
    page = desk.press(form, status=422)
    assert sentence in page.text and page.title.startswith("错误：")
    kept = page.form("/entry").values
    assert kept["name"] == "李伯伯"
    assert all(kept[name] == value for name, value in values.items() if name != "channel")
    assert session.exec(select(Submission)).all() == []
    assert [a.get("href") for a in page.all(".govuk-error-summary a")] != []
    for link in page.all(".govuk-error-summary a"):
        assert page.all(link.get("href")), link.get("href")


def test_one_of_several_places_is_chosen(office: Office, desk: Browser, session: Session) -> None:
    form = entry(desk, office).form("/entry").fill(**{"text-0": "候车亭加凳子。", "about-0": "站"})
    form.values["action"] = "check"
    page = desk.press(form, status=422)
    names = [box.get("value") for box in page.all('input[name="choice-0"]')]
    assert "任务：站亭适老化改造" in names
    submit(desk, page, **{"choice-0": "任务：站亭适老化改造"})
    assert session.exec(select(Comment.anchor_key)).one() == "t2"


def test_the_code_of_a_paper_form_opens_its_section(office: Office, desk: Browser) -> None:
    number = office.consultation.id or 0
    paper = desk.open(f"/consultations/{office.consultation.slug}/paper?about=s4")
    code = form_code(number, "s4")
    assert code in paper.text and "停车" in paper.text_of(".zx-paper")
    page = entry(desk, office, f"?code={code.lower()}")
    assert page.form("/entry").values["about-0"].endswith("停车")
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    page = desk.open(f"{office.path}/registry/entry?code={wrong}", status=422)
    assert "不是本征询意见表上的代码" in page.text
    desk.open(f"{office.path}/registry/entry?code={form_code(number + 1, 's4')}", status=422)


def test_a_typed_form_code_stands_for_its_section(
    office: Office, desk: Browser, session: Session
) -> None:
    code = form_code(office.consultation.id or 0, "s4")
    submit(desk, entry(desk, office), **{"text-0": "多建停车场。", "about-0": f" {code} "})
    assert session.exec(select(Comment.anchor_key)).one() == "s4"


def test_near_copies_are_shown_while_typing_and_hinder_nothing(
    office: Office, desk: Browser, session: Session
) -> None:
    words = "社区巴士三条太少了，梧桐弄的老人走到站台要二十分钟，请再加一条线。"
    known = office.receive(words)
    session.commit()
    form = entry(desk, office).form("/entry").fill(**{"text-0": words.replace("请再", "希望再")})
    form.values["action"] = "check"
    page = desk.press(form)
    assert f"/comments/{known.id}" in page.html and "几乎相同" in page.text
    submit(desk, page)
    assert len(session.exec(select(Submission)).all()) == 2


def test_somebody_who_wrote_before_is_noticed_by_number_not_by_name(
    office: Office, desk: Browser
) -> None:
    submit(
        desk, entry(desk, office), **{"text-0": "第一件。", "name": "张三", "phone": "13800000001"}
    )
    form = entry(desk, office).form("/entry").fill(**{"text-0": "再一件。", "name": "张三"})
    form.values["action"] = "check"
    assert "同一电话或邮箱" not in desk.press(form).text
    form.fill(phone="+86 138-0000-0001")
    assert "已登记1件" in desk.press(form).text


# --- Scans ---------------------------------------------------------------------------------------


def _pdf() -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(300, 400)
    document.new_page(300, 400)
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def upload(browser: Browser, office: Office, *files: tuple[str, bytes], status: int = 200) -> Page:
    form = browser.open(f"{office.path}/registry").form("/scans")
    form.values.pop("files", None)
    sent = [("files", (name, data, "application/octet-stream")) for name, data in files]
    return browser.press(form, files=sent, status=status)


def test_a_scan_waits_in_the_tray_and_stands_beside_the_form(
    office: Office, desk: Browser, session: Session
) -> None:
    page = upload(desk, office, ("来信一.pdf", _pdf()), ("来信二.png", PNG), ("木马.exe", b"MZ"))
    assert "待录入 2 件" in page.text and "类型不能接收" in page.text
    first, second = session.exec(select(Scan).order_by(col(Scan.id))).all()
    assert first.page_count == 2
    page = entry(desk, office, f"?scan={first.id}")
    pictures = [image.get("src") for image in page.all(".registry-scan img")]
    assert len(pictures) == 2
    answer = desk.get(pictures[1])
    assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")
    page = submit(desk, page, "next", **{"text-0": "信里说路灯太暗。"})
    assert page.form("/entry").values["scan"] == str(second.id), "the next scan of the tray"
    session.rollback()
    file = session.exec(select(Attachment)).one()
    assert (file.file_name, file.sha256) == ("来信一.pdf", first.sha256)
    assert first.submission_id == file.submission_id
    assert "待录入 1 件" in desk.open(f"{office.path}/registry").text


def test_a_scan_twice_is_kept_once_and_one_set_aside_says_why(
    office: Office, desk: Browser, session: Session
) -> None:
    upload(desk, office, ("信.png", PNG))
    assert "已经上传过" in upload(desk, office, ("信.png", PNG), status=422).text
    page = desk.open(f"{office.path}/registry")
    desk.press(page.form("/set-aside"), status=422)
    page = desk.open(f"{office.path}/registry")
    page = desk.press(page.form("/set-aside").fill(reason="寄错了"))
    assert "待录入 0 件" in page.text
    assert session.exec(select(Scan)).one().set_aside_reason == "寄错了"


def test_a_broken_pdf_is_refused_in_a_sentence(office: Office, desk: Browser) -> None:
    page = upload(desk, office, ("坏.pdf", b"%PDF-1.7 broken"), status=422)
    assert "打不开" in page.text


# --- 居委 -----------------------------------------------------------------------------------------


@pytest.fixture
def helper(office: Office, sign_in: SignIn) -> Browser:
    """Staff of one 居委, who may write for its residents."""
    home = Neighbourhood(
        organisation_id=office.organisation.id or 0, street="石埠街道", name="灯笼弄居委"
    )
    office.session.add(home)
    office.session.flush()
    office.hire("juwei", Role.NEIGHBOURHOOD).neighbourhood_id = home.id
    _confirm(office)
    office.session.commit()
    return sign_in("juwei")


CONSENT = {"given_by": "女儿", "way": "in_person", "given_on": "2026-11-22", "consents": "yes"}


def test_staff_of_a_neighbourhood_write_for_a_resident_with_consent(
    office: Office, helper: Browser, session: Session
) -> None:
    page = helper.open(f"{office.path}/proxy/entry")
    form = page.form("/entry").fill(**{"text-0": "楼梯太陡，想装扶手。", "name": "陈奶奶"})
    form.values["action"] = "save"
    page = helper.press(form, status=422)
    assert "请写明是谁同意" in page.text and "对方同意后勾选" in page.text
    form = page.form("/entry").fill(**CONSENT)
    form.values |= {"action": "save", "street": "别的街道", "neighbourhood": "别的居委"}
    page = helper.press(form)
    sent = session.exec(select(Submission)).one()
    assert (sent.street, sent.neighbourhood) == ("石埠街道", "灯笼弄居委"), "only their own 居委"
    consent = session.exec(select(ProxyConsent)).one()
    assert consent.wording == office.settings.proxy_consent
    assert consent.sealed_given_by and "女儿" not in consent.sealed_given_by
    assert consent.recorded_by_id == office.officers["juwei"].id
    assert "当面口头" in page.text


def test_they_see_their_own_entries_and_nothing_else(
    office: Office, helper: Browser, desk: Browser, session: Session
) -> None:
    submit(desk, entry(desk, office), **{"text-0": "别人的一封信。"})
    other = session.exec(select(Submission)).one()
    helper.open(f"{office.path}/proxy/entries/{other.id}", status=404)
    assert other.receipt_code not in helper.open(f"{office.path}/proxy").text
    for path in ("", "/registry", "/registry/entry", "/digests"):
        helper.open(f"{office.path}{path}", status=403)
    page = helper.open("/desk")
    assert "代居民录入" in page.text and "未办结" not in page.text


def test_without_a_neighbourhood_nothing_can_be_entered(office: Office, sign_in: SignIn) -> None:
    office.hire("xin", Role.NEIGHBOURHOOD)
    office.session.commit()
    page = sign_in("xin").open(f"{office.path}/proxy/entry", status=422)
    assert "还没有指定居委" in page.text


def test_a_consultation_not_yet_published_takes_no_letters(
    office: Office, desk: Browser, session: Session
) -> None:
    from backend.models import Stage

    office.consultation.stage = Stage.DRAFT
    session.add(office.consultation)
    session.commit()
    form = entry(desk, office).form("/entry").fill(**{"text-0": "早到的信。"})
    form.values["action"] = "save"
    assert "还没有发布" in desk.press(form, status=422).text


def test_staff_of_a_neighbourhood_are_not_told_of_comments(
    office: Office, session: Session
) -> None:
    from backend.triage.telling import members

    office.hire("juwei", Role.NEIGHBOURHOOD, department="交通局")
    reader = office.hire("jiaotong", Role.DEPARTMENT, department="交通局")
    session.commit()
    assert members(session, office.departments["交通局"].id) == [reader.id]
