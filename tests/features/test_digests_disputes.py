"""分歧情况 reaches whoever decides on the plan, and nobody else (Order 713, Art. 13)."""

from sqlmodel import Session

from backend.digests import reporting
from backend.digests.adoption import Letter
from backend.digests.adoption_paper import adoption_paper, adoption_sheets
from backend.digests.paper import Text
from backend.digests.template_values import report_values
from backend.models import Role
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office

OBJECTION, POINTS, VIEW, BASIS = "没有停车场地。", "有无场地", "先用路内泊位", "规划第三章"


def disagree(office: Office, sign_in: SignIn, session: Session) -> int:
    """A comment on which a department objects, noted and decided all the same; its number."""
    office.hire("jiao", Role.DEPARTMENT, department="交通局")
    comment = office.receive("社区巴士三条不够。")
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    officer, department = sign_in("shen"), sign_in("jiao")
    form = officer.open(path).form("/support").fill(question="能否再加一条线？")
    form.values["departments"] = [str(office.departments["交通局"].id)]
    officer.press(form)
    form = department.open(path).form("/opinion")
    department.press(form.fill(standpoint="objects", opinion=OBJECTION))
    form = officer.open(path).form("/disagreement")
    officer.press(form.fill(points="旧的要点", drafter_view="旧的", basis="旧的"))
    form = officer.open(path).form("/disagreement")
    officer.press(form.fill(points=POINTS, drafter_view=VIEW, basis=BASIS))
    form = officer.open(path).form("/decide")
    officer.press(form.fill(outcome="noted", reason="明年结合客流评估再研究。"))
    session.rollback()
    session.expire_all()
    return comment.id or 0


def test_the_standing_note_and_the_objection_are_in_the_report(
    office: Office, sign_in: SignIn, session: Session, clock: Clock
) -> None:
    number = disagree(office, sign_in, session)
    content = reporting.compile_adoption(session, office.consultation, now=clock.now)
    [dispute] = content.disputes
    assert (dispute.comment_id, dispute.points) == (number, POINTS), "what it replaced is history"
    assert dispute.objections == (f"交通局：{OBJECTION}",)
    told = "\n".join(b.text for b in adoption_paper(content).blocks if isinstance(b, Text))
    for words in (OBJECTION, POINTS, VIEW, BASIS):
        assert words in told
    assert "分歧情况" in [sheet.name for sheet in adoption_sheets(content)]
    assert report_values(content)["分歧"][0]["起草单位意见"] == VIEW
    page = sign_in("shen").open(f"{office.path}/digests/report")
    assert POINTS in page.text


def test_the_public_reads_nothing_of_it(
    office: Office, sign_in: SignIn, session: Session, clock: Clock
) -> None:
    disagree(office, sign_in, session)
    officer, now = office.officers["shen"], clock.now
    final = reporting.finalise_report(
        session, office.consultation, letter=Letter(), secret=None, officer=officer, now=now
    )
    assert VIEW in str(final.content)
    content = reporting.compile_adoption(session, office.consultation, now=now)
    narrative = reporting.standard_narrative(content)
    reporting.publish_outcome(
        session, office.consultation, narrative=narrative, officer=officer,
        despite_doubts=True, now=now,
    )  # fmt: skip
    public = reporting.public_report(session, office.consultation)
    assert public is not None
    for words in (OBJECTION, POINTS, VIEW, BASIS, "不同意见"):
        assert words not in narrative
        assert words not in str(public.content)


def test_no_disagreement_no_section(office: Office, session: Session, clock: Clock) -> None:
    office.receive("社区巴士三条不够。")
    session.commit()
    content = reporting.compile_adoption(session, office.consultation, now=clock.now)
    assert content.disputes == ()
    titles = [getattr(block, "text", "") for block in adoption_paper(content).blocks]
    assert not any("不同意见" in text for text in titles)
    assert len(adoption_sheets(content)) == 2
