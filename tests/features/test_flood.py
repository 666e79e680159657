"""Machines send by the thousand: every sending has a receipt, and the desk sees the real ones."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from altcha.altcha import Challenge, Payload, solve_challenge
from sqlmodel import Session, col, func, select

from backend.kit.ids import new_token
from backend.kit.sealing import seal
from backend.kit.settings import Settings
from backend.models import Comment, Consultation, Draft, Submission
from backend.submissions import copying, proving, service
from backend.submissions.forms import DraftForm, Point
from tests.factories import NOW
from tests.features.publishing import publish
from tests.page import Browser, Page

REAL = (
    "小区门口的斑马线太短，老人一个绿灯走不完，请延长时间。",
    "菜场二楼没有电梯，买菜要爬楼，能不能装一部自动扶梯。",
    "河边步道晚上没有灯，跑步的人很多，请补几盏路灯。",
    "社区卫生站周末不开门，上班的人配药要请假。",
    "公交末班车八点半就没有了，夜班护士回不了家。",
    "幼儿园放学时门口停满电动车，请划出等候的地方。",
    "图书馆座位不够，建议开放会议室给学生自习。",
    "老楼外墙掉瓷砖，维修资金用不出来，请帮忙想办法。",
)
SPAM = "特大喜讯本店优惠酬宾，代办各种证件，欢迎来电咨询，第{}号客服为您服务，生活愉快。"


def _receive(
    session: Session, consultation: Consultation, settings: Settings,
    text: str, *, address: str, number: int,
) -> Submission:  # fmt: skip
    """One sending through the service, written slowly enough to be a person's."""
    now = NOW + timedelta(seconds=number / 10)
    form = DraftForm(opened_at=now - timedelta(minutes=2), points=[Point(text=text)])
    draft = Draft(
        token=new_token(),
        consultation_id=consultation.id or 0,
        sealed_form=seal(settings.secret(), form.model_dump_json()),
        expires_at=now + timedelta(days=1),
    )
    session.add(draft)
    session.flush()
    return service.receive(
        session, consultation, draft, form, settings=settings, address=address, now=now
    )


def _addresses() -> Iterator[str]:
    """A net of hijacked machines: never the same address twice."""
    chance = random.Random(20261122)
    while True:
        yield f"2001:db8:{chance.randrange(65536):x}::{chance.randrange(2**32):x}"


@pytest.mark.parametrize("posts", [2_000, pytest.param(10_000, marks=pytest.mark.drill)])
def test_a_flood_leaves_the_queue_usable_and_the_real_posts_in_it(
    session: Session, settings: Settings, posts: int
) -> None:
    consultation = publish(session)
    addresses = _addresses()
    every = posts // len(REAL)
    real: list[int | None] = []
    for number in range(posts):
        _receive(
            session, consultation, settings, SPAM.format(number), address=next(addresses),
            number=number,
        )  # fmt: skip
        if number % every == every - 1 and len(real) < len(REAL):
            sent = _receive(
                session, consultation, settings, REAL[len(real)], address=next(addresses),
                number=number,
            )  # fmt: skip
            real.append(sent.id)
        if number % 200 == 0:
            session.commit()
    session.commit()
    shown = session.exec(
        select(Submission.id).where(col(Submission.is_quarantined).is_(False))
    ).all()
    assert set(real) <= set(shown), "no real voice is held"
    lasted = posts / 10
    allowed = 2 * (copying.COPIES_AT_ONCE + lasted / copying.COPY_REFILL_SECONDS)
    assert len(shown) - len(real) <= allowed, "the desk reads the first few copies, not the flood"
    held = session.exec(
        select(func.count()).where(col(Submission.receipt_code) != "", Submission.is_quarantined)
    ).one()
    assert held + len(shown) == posts + len(real), "every sending has its receipt"
    assert session.exec(select(func.count(col(Comment.id)))).one() == posts + len(real)


# --- The last step -------------------------------------------------------------------------------


@pytest.fixture
def held(client: Browser, session: Session) -> Page:
    """The receipt of a form letter that too many have sent already."""
    publish(session)
    session.commit()
    for _ in range(copying.COPIES_AT_ONCE + 1):
        page = client.open("/consultations/qinglan/comment")
        page = client.press(
            page.form("/comment").fill(text="请把十字路口的红绿灯改长一些，老人走不完。")
        )
        page = client.press(page.form("/send"))
    assert "最后一步" in page.text
    return page


def _last(session: Session) -> Submission:
    session.rollback()
    session.expire_all()
    return session.exec(select(Submission).order_by(col(Submission.id).desc())).first() or (
        pytest.fail("nothing was registered")
    )


def test_the_sum_releases_a_held_letter_without_javascript(
    client: Browser, session: Session, settings: Settings, held: Page
) -> None:
    last = _last(session)
    assert (last.is_quarantined, last.awaits_proof) == (True, True)
    page = client.press(held.form("/proof").fill(answer="一百"), status=422)
    assert "答案不对" in page.text
    total = sum(proving._sum(settings.secret(), last))
    page = client.press(page.form("/proof").fill(answer=f" {total} "))
    assert "最后一步" not in page.text
    last = _last(session)
    assert (last.is_quarantined, last.awaits_proof) == (False, False)


def test_the_work_of_a_browser_releases_its_own_receipt_only(
    client: Browser, session: Session, settings: Settings, held: Page
) -> None:
    work = json.loads(held.one("form[data-proof]").get("data-proof") or "")
    made = Challenge(
        work["algorithm"], work["challenge"], work["maxNumber"], work["salt"], work["signature"]
    )
    solution = solve_challenge(made)
    assert solution is not None
    payload = Payload(
        made.algorithm, made.challenge, solution.number, made.salt, made.signature
    ).to_base64()
    secret, last = settings.secret(), _last(session)
    other = last.model_copy(update={"receipt_code": "AAAAAAAAA"})
    assert proving.is_solved(secret, last, payload)
    assert not proving.is_solved(secret, other, payload)
    for broken in ("", "e30=", "W10=", "bnVsbA==", "%%%", payload[:-8]):
        assert not proving.is_solved(secret, last, broken)
    client.post(f"{held.path}/proof", data={"altcha": payload})
    assert not _last(session).is_quarantined


def test_nobody_guesses_for_ever(client: Browser, session: Session, held: Page) -> None:
    page = held
    for _ in range(int(proving.TRIES[0])):
        page = client.press(page.form("/proof").fill(answer="0"), status=422)
    page = client.press(page.form("/proof").fill(answer="0"), status=422)
    assert "次数太多" in page.text
    assert _last(session).is_quarantined


def test_a_full_trap_is_offered_no_step(client: Browser, session: Session) -> None:
    publish(session)
    form = client.open("/consultations/qinglan/comment").form("/comment").fill(text="请多装电梯")
    form.values["website"] = "http://spam.example"
    page = client.press(client.press(form).form("/send"))
    assert "最后一步" not in page.text
    assert _last(session).is_quarantined
